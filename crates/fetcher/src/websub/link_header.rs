//! `Link` headers (RFC 8288): where a feed names its hubs and its own address.

use stage::Answer;

/// The targets of `Link` headers with that relation (RFC 8288): hubs and the topic's own address.
pub(crate) fn links(answer: &Answer, relation: &str) -> Vec<String> {
    let mut found = Vec::new();
    for header in answer.header_all("link") {
        let mut rest = header.as_str();
        while let Some((_, after)) = rest.split_once('<') {
            let Some((target, after)) = after.split_once('>') else { break };
            // Parameters go on until the next target; a comma in a quoted one is no harm.
            let parameters = after.split_once('<').map_or(after, |(parameters, _)| parameters);
            rest = &after[parameters.len()..];
            let has =
                parameters.split(';').filter_map(|part| part.split_once('=')).any(|(n, v)| {
                    let words = v.trim().trim_end_matches(',').trim().trim_matches('"');
                    n.trim().eq_ignore_ascii_case("rel")
                        && words.split_ascii_whitespace().any(|w| w.eq_ignore_ascii_case(relation))
                });
            let absolute = url::Url::parse(&answer.url).and_then(|base| base.join(target.trim()));
            if let (true, Ok(url)) = (has, absolute) {
                found.push(String::from(url));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hubs_are_found_in_link_headers() {
        let mut answer = Answer { url: "https://a.org/f".into(), ..Answer::default() };
        for value in [
            "<https://hub.net/?a,b>; rel=\"hub\", </self>; rel=self",
            "<https://two.net/>; title=x; rel=\"x HUB\"",
            "<https://no.net/>; rel=next",
            "<broken",
        ] {
            answer.headers.push(("link".to_owned(), value.to_owned()));
        }
        assert_eq!(links(&answer, "hub"), ["https://hub.net/?a,b", "https://two.net/"]);
        assert_eq!(links(&answer, "self"), ["https://a.org/self"]);
    }
}
