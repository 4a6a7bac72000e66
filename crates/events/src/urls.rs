//! Canonical URLs: the same article has one URL, by pure rules. Knows no site by name.

use std::fmt::Write as _;

use url::Url;

use crate::site_of;
use crate::story_urls::names_an_article;
use crate::url_parameters::{Rules, says_nothing};

/// Whether the text is an absolute http or https URL.
pub fn is_http_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The canonical form of an http(s) URL: https, no default port, no fragment, no user info, no
/// tracking parameters or session ids, parameters in order, the desktop page instead of the AMP,
/// mobile or print one. `www.` is neither added nor taken away, except that a mobile host of a
/// bare domain becomes its `www.` host. `None` where it is no http(s) URL.
///
/// Pure and idempotent: `canonical_url(canonical_url(u)) == canonical_url(u)`. One rule can lay
/// bare what another takes away (`%%34%31` is `%41` is `A`), so they are applied until nothing
/// changes. `None` also where that takes more than [`PASSES`] rounds: such a text was made to
/// confuse, and no page has it as its address.
pub fn canonical_url(text: &str) -> Option<String> {
    canonical_by(Rules::Current, text)
}

/// What the release before made of a URL, where that is another than its canonical form of today. For
/// looking up what is remembered under it, never for naming.
pub fn former_canonical_url(text: &str, canonical: &str) -> Option<String> {
    canonical_by(Rules::Former, text).filter(|url| url != canonical)
}

fn canonical_by(rules: Rules, text: &str) -> Option<String> {
    let text = text.trim();
    let mut url = simplified(text, rules)?;
    if url == text {
        return Some(url);
    }
    for _ in 0..PASSES {
        let again = simplified(&url, rules)?;
        if again == url {
            return Some(url);
        }
        url = again;
    }
    None
}

/// Rounds of the rules a URL may need. An honest one needs one, a wrapped or twice encoded one two.
const PASSES: usize = 16;

/// One round of the rules of [`canonical_url`].
fn simplified(text: &str, rules: Rules) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    // A cache can wrap a cached address again; three layers are more than was ever seen.
    for _ in 0..3 {
        match unwrap_amp_cache(&url) {
            Some(inner) => url = inner,
            None => break,
        }
    }
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    // A port that is not a default one belongs to a server whose https is elsewhere.
    if url.scheme() == "http" && url.port().is_none() {
        url.set_scheme("https").ok()?;
    }
    if !is_routed(&url) {
        url.set_fragment(None);
    }
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    if let Some(host) = url.host_str() {
        let plain = desktop_host(host.trim_end_matches('.'), rules);
        if plain != host {
            url.set_host(Some(&plain)).ok()?;
        }
    }
    let path = plain_path(url.path());
    if path != url.path() {
        url.set_path(&path);
    }
    let of_article = names_an_article(url.path());
    let query = url.query().and_then(|query| plain_query(query, of_article, rules));
    url.set_query(query.as_deref());
    Some(url.into())
}

/// Whether a script reads the page to show from the fragment: `/#!/article/7`, `/#/article/7`.
/// Behind other paths `#/` opens a picture or a tab of the page.
fn is_routed(url: &Url) -> bool {
    url.fragment().is_some_and(|fragment| {
        fragment.strip_prefix(['!', '/']).is_some_and(|rest| rest.len() > 1)
            && (fragment.starts_with('!') || url.path() == "/")
    })
}

/// The page's own address inside an address of a public AMP cache or viewer:
/// `https://www-example-org.cdn.ampproject.org/c/s/www.example.org/x` and `https://www.google.com/amp/s/…`.
fn unwrap_amp_cache(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let segments: Vec<&str> = url.path_segments()?.collect();
    let rest = if host.ends_with(".cdn.ampproject.org") {
        // The first segment is the kind of document: c, v, wp/c…
        let start = segments.iter().position(|segment| matches!(*segment, "c" | "v"))?;
        &segments[start + 1..]
    } else if host.starts_with("www.google.") && segments.first() == Some(&"amp") {
        &segments[1..]
    } else {
        return None;
    };
    let (scheme, rest) = match rest.first() {
        Some(&"s") => ("https", &rest[1..]),
        _ => ("http", rest),
    };
    if !rest.first()?.contains('.') {
        return None;
    }
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    Url::parse(&format!("{scheme}://{}{query}", rest.join("/"))).ok()
}

/// Labels of a host that only say "mobile" or "AMP".
const MOBILE: &[&str] = &["m.", "mobile.", "amp."];
const MOBILE_SINCE: &[&str] = &["touch.", "mobil.", "wap."];

/// The host without such a label.
fn desktop_host(host: &str, rules: Rules) -> String {
    let host = host.to_ascii_lowercase();
    for label in rules.of(MOBILE, MOBILE_SINCE) {
        if let Some(rest) = host.strip_prefix(*label) {
            let site = site_of(&format!("https://{host}/"));
            if site.as_deref() == Some(rest) {
                return format!("www.{rest}");
            }
            if site.is_some_and(|site| rest.ends_with(&format!(".{site}"))) {
                return rest.to_owned();
            }
        }
    }
    // The label can also stand behind the language: en.m.example.org.
    if let Some((first, rest)) = host.split_once(".m.")
        && first.len() <= 3
        && rest.contains('.')
    {
        return format!("{first}.{rest}");
    }
    host
}

/// The path without AMP, print and session marks, percent-encoding in one spelling.
fn plain_path(path: &str) -> String {
    let mut plain = one_percent_encoding(path);
    if let Some(at) = plain.to_ascii_lowercase().find(";jsessionid=") {
        let end = plain[at + 1..].find(['/', ';']).map_or(plain.len(), |offset| at + 1 + offset);
        plain.replace_range(at..end, "");
    }
    while let Some(at) = session_segment(&plain) {
        plain.replace_range(at, "");
    }
    loop {
        let bare = plain.trim_end_matches('/');
        let lower = bare.to_ascii_lowercase();
        let shorter = ["/amp", "/print", ".amp"]
            .iter()
            .find(|mark| lower.ends_with(**mark) && lower.len() > mark.len())
            .map(|mark| {
                let kept = &bare[..bare.len() - mark.len()];
                // WordPress and the like: /slug/ and /slug/amp/.
                let slash = if plain.ends_with('/') { "/" } else { "" };
                format!("{kept}{slash}")
            })
            .or_else(|| {
                [".amp.html", ".print.html", ".amp.htm"]
                    .iter()
                    .find(|mark| lower.ends_with(**mark))
                    .map(|mark| {
                        format!(
                            "{}{}",
                            &bare[..bare.len() - mark.len()],
                            &mark[mark.rfind('.').unwrap_or(0)..]
                        )
                    })
            })
            .or_else(|| {
                ["/amp/", "/print/"]
                    .iter()
                    .find(|mark| lower.starts_with(**mark) && names_an_article(bare))
                    .map(|mark| plain[mark.len() - 1..].to_owned())
            });
        match shorter {
            Some(shorter) => plain = shorter,
            None => return plain,
        }
    }
}

/// Where a path has the session of a reader without cookies: `/(S(lit3py55t21z5v55vlm25s55))`.
fn session_segment(path: &str) -> Option<std::ops::Range<usize>> {
    let start = path.find("/(S(")?;
    let end = start + path[start..].find("))")? + 2;
    let value = &path[start + 4..end - 2];
    let is_session = value.len() == 24 && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_session && path[end..].starts_with('/')).then_some(start..end)
}

/// RFC 3986 6.2.2: upper-case hexadecimal digits, unreserved characters plain.
fn one_percent_encoding(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let bytes = path.as_bytes();
    let mut plain = String::with_capacity(path.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| path.get(at + 1..at + 3))
            .flatten()
            .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            // A dot stays encoded: decoded it could become a `..` segment.
            Some(code) if code.is_ascii_alphanumeric() || matches!(code, b'-' | b'_' | b'~') => {
                plain.push(char::from(code));
                at += 3;
            }
            Some(code) => {
                let _ = write!(plain, "%{code:02X}");
                at += 3;
            }
            None => {
                // The url crate leaves ASCII only in a path.
                plain.push(char::from(bytes[at]));
                at += 1;
            }
        }
    }
    plain
}

/// The query without tracking parameters, parts in order, each as it is spelled (`?4711` stays).
fn plain_query(query: &str, of_article: bool, rules: Rules) -> Option<String> {
    let mut parts: Vec<&str> = query
        .split('&')
        .filter(|part| !part.is_empty())
        .filter(|part| {
            let (name, value) =
                url::form_urlencoded::parse(part.as_bytes()).next().unwrap_or_default();
            let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
            !says_nothing(&name, &value, of_article, rules)
        })
        .collect();
    parts.sort_unstable();
    parts.dedup();
    (!parts.is_empty()).then(|| parts.join("&"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_article_has_one_canonical_url() {
        for (url, canonical) in [
            ("http://Example.ORG:80/a/b#top", "https://example.org/a/b"),
            ("http://example.org:8080/a", "http://example.org:8080/a"),
            ("https://user:pw@www.example.org./a", "https://www.example.org/a"),
            (
                "https://example.org/a?utm_source=x&b=2&a=1&fbclid=9",
                "https://example.org/a?a=1&b=2",
            ),
            ("https://example.org/?4711", "https://example.org/?4711"),
            ("https://example.org/article.php?sid=123", "https://example.org/article.php?sid=123"),
            ("https://example.org/a?sid=0123456789abcdef0123", "https://example.org/a"),
            ("https://example.org/a;jsessionid=AB12CD34?x=1", "https://example.org/a?x=1"),
            ("https://example.org/a?ref=rss&ref=chapter-2", "https://example.org/a?ref=chapter-2"),
            ("https://m.example.org/a", "https://www.example.org/a"),
            ("https://m.news.example.co.uk/a", "https://news.example.co.uk/a"),
            ("https://en.m.example.org/a", "https://en.example.org/a"),
            ("https://amp.example.org/a", "https://www.example.org/a"),
            ("https://example.org/a-long-slug/amp/", "https://example.org/a-long-slug/"),
            ("https://example.org/a-long-slug/amp", "https://example.org/a-long-slug"),
            ("https://example.org/story-12.amp.html", "https://example.org/story-12.html"),
            ("https://example.org/amp/a-long-slug-7", "https://example.org/a-long-slug-7"),
            ("https://example.org/a?amp=1", "https://example.org/a"),
            ("https://example.org/a?outputType=amp", "https://example.org/a"),
            ("https://example.org/a?print=1", "https://example.org/a"),
            ("https://example.org/a-b-c/print/", "https://example.org/a-b-c/"),
            (
                "https://www-example-org.cdn.ampproject.org/c/s/www.example.org/a-b-c/amp/",
                "https://www.example.org/a-b-c/",
            ),
            ("https://www.google.com/amp/s/www.example.org/x", "https://www.example.org/x"),
            ("https://example.org/%7euser/%c3%a4", "https://example.org/~user/%C3%A4"),
            ("https://example.org/ä", "https://example.org/%C3%A4"),
            // what arrived in reports of 2025
            ("https://example.org/a?srsltid=AfmBOo&li_fat_id=1&b=2", "https://example.org/a?b=2"),
            ("https://example.org/a?__hsfp=1&hsCtaTracking=2&wt.mc_id=3", "https://example.org/a"),
            (
                "https://example.org/a?gad_source=1&gad_campaignid=2&_bhlid=3",
                "https://example.org/a",
            ),
            ("https://example.org/a?CFID=12&CFTOKEN=34&id=5", "https://example.org/a?id=5"),
            ("https://example.org/a?PHPSESSID=0123-4567,89ab-cdef", "https://example.org/a"),
            (
                "https://example.org/(S(lit3py55t21z5v55vlm25s55))/a.aspx?id=7",
                "https://example.org/a.aspx?id=7",
            ),
            ("https://touch.example.org/a", "https://www.example.org/a"),
            ("https://mobil.example.org/a", "https://www.example.org/a"),
            // the first page of an article is the article; of a list it is a page of its own
            ("https://example.org/a-long-slug?page=1", "https://example.org/a-long-slug"),
            ("https://example.org/a-long-slug?page=2", "https://example.org/a-long-slug?page=2"),
            ("https://example.org/index.php?page=1", "https://example.org/index.php?page=1"),
            ("https://example.org/a-long-slug?page=print", "https://example.org/a-long-slug"),
            ("https://example.org/a?tmpl=component&print=1&id=3", "https://example.org/a?id=3"),
            ("https://example.org/a?format=amp", "https://example.org/a"),
            ("https://example.org/a?format=7", "https://example.org/a?format=7"),
            ("https://example.org/a?origin=rss&referrer=7", "https://example.org/a?referrer=7"),
            (
                "https://example.org/a?sc_lang=en&_gallery=7",
                "https://example.org/a?_gallery=7&sc_lang=en",
            ),
            (
                "https://example.org/a?sid=the-long-slug-of-2025",
                "https://example.org/a?sid=the-long-slug-of-2025",
            ),
            ("https://example.org/#!/article/7", "https://example.org/#!/article/7"),
            ("https://example.org/#/article/7", "https://example.org/#/article/7"),
            ("https://example.org/a#/media/7", "https://example.org/a"),
            ("https://example.org/#!", "https://example.org/"),
        ] {
            assert_eq!(canonical_url(url).as_deref(), Some(canonical), "{url}");
        }
        for url in ["mailto:a@example.org", "/a", "", "javascript:alert(1)"] {
            assert_eq!(canonical_url(url), None, "{url}");
        }
    }

    #[test]
    fn what_the_release_before_called_a_url_is_known_where_it_is_another_name() {
        for (url, former) in [
            ("http://touch.example.org/a", "https://touch.example.org/a"),
            ("https://wap.example.org/a?utm_source=x", "https://wap.example.org/a"),
            (
                "https://example.org/a?srsltid=1&utm_source=x&b=2",
                "https://example.org/a?b=2&srsltid=1",
            ),
            ("https://example.org/a-long-slug?page=1", "https://example.org/a-long-slug?page=1"),
            ("https://example.org/a?format=amp&rss=1", "https://example.org/a?format=amp"),
            ("https://example.org/a?origin=rss", "https://example.org/a?origin=rss"),
            ("https://example.org/a?ref=feedly", "https://example.org/a?ref=feedly"),
        ] {
            let canonical = canonical_url(url).unwrap();
            assert_eq!(former_canonical_url(url, &canonical).as_deref(), Some(former), "{url}");
        }
        for url in ["https://m.example.org/a?utm_source=x", "https://example.org/a"] {
            let canonical = canonical_url(url).unwrap();
            assert_eq!(former_canonical_url(url, &canonical), None, "{url}");
        }
        assert_eq!(former_canonical_url("no url", ""), None);
    }

    #[test]
    fn what_one_rule_lays_bare_another_takes_away() {
        for (url, canonical) in [
            ("https://example.org/%%34%31", "https://example.org/A"),
            ("https://example.org/a-b-1/amp/..amp", "https://example.org/a-b-1/"),
            ("https://amp.amp.example.org/a", "https://www.example.org/a"),
            ("https://example.org/a/;jsessionid=1;jsessionid=2/amp", "https://example.org/a/"),
        ] {
            let canonical = canonical.to_owned();
            assert_eq!(canonical_url(url).as_ref(), Some(&canonical), "{url}");
            assert_eq!(canonical_url(&canonical).as_ref(), Some(&canonical), "{url}");
        }
        // Layer upon layer of encoding ends, too.
        let mut layered = "A".to_owned();
        for _ in 0..40 {
            layered = format!(
                "%{}",
                layered.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>()
            );
            if layered.len() > 5000 {
                break;
            }
        }
        let _ = canonical_url(&format!("https://example.org/{layered}"));
    }

    proptest! {
        #[test]
        fn canonical_urls_are_their_own_canonical_urls(
            host in "(www\\.|m\\.|amp\\.|touch\\.|wap\\.|en\\.m\\.)?[a-z]{1,6}\\.(org|co\\.uk)",
            path in "(/[a-zA-Z0-9%.;=-]{0,12}){0,4}(/amp|/print|/amp/|\\.amp\\.html|/|/index\\.html)?",
            query in "(\\?[a-z_]{1,6}=[a-z0-9%+]{0,5}(&([a-z]{1,4}|page|format)(=[a-z1]{0,4})?){0,3})?",
        ) {
            if let Some(once) = canonical_url(&format!("http://{host}{path}{query}")) {
                prop_assert_eq!(canonical_url(&once), Some(once));
            }
        }

        #[test]
        fn numbers_that_name_an_article_stay(
            name in "(id|p|article|a|sid|aid|nid|story|newsid|item|cid|page)",
            one in 2..100_000u32,
            other in 2..100_000u32,
        ) {
            let url = |number| canonical_url(&format!("https://example.org/a?{name}={number}"));
            prop_assert_eq!(url(one) == url(other), one == other);
        }

        #[test]
        fn no_text_breaks_the_rules(text in "\\PC{0,60}") {
            let _ = canonical_url(&text);
        }
    }
}
