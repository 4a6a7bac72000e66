//! Small values of feeds: addresses, names, languages, and how text is written for feed-rs.

use std::borrow::Cow;

use url::Url;

use super::entities::push_escaped;

/// An element with text in it.
pub(super) fn element(out: &mut String, name: &str, text: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    push_escaped(out, text);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Text as CDATA: copied, not escaped, because feed-rs pays for each reference.
pub(super) fn push_cdata(out: &mut String, text: &str) {
    out.push_str("<![CDATA[");
    let mut rest = text;
    while let Some(at) = rest.find("]]>") {
        out.push_str(&rest[..at + 2]);
        out.push_str("]]><![CDATA[");
        rest = &rest[at + 2..];
    }
    out.push_str(rest);
    out.push_str("]]>");
}

/// The text in a base64 value.
pub(super) fn decode_base64(text: &str) -> Option<String> {
    use base64::Engine as _;
    let packed: String = text.split_ascii_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed).ok()?;
    String::from_utf8(bytes).ok().filter(|text| !text.trim().is_empty())
}

/// Whether the path of a URL ends like that of an image.
pub(super) fn looks_like_image(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let extension = path.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    matches!(extension.as_str(), "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif")
}

/// The name in `jo@example.org (Jo Doe)`, `Jo Doe <jo@example.org>` and `Jo Doe`; a bare address
/// is no name.
pub(super) fn person_name(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.contains('@') {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    if let Some((_, inner)) = text.split_once('(')
        && let Some((name, _)) = inner.rsplit_once(')')
        && !name.contains('@')
        && !name.trim().is_empty()
    {
        return Some(name.trim().to_owned());
    }
    let words: Vec<&str> = text.split_whitespace().filter(|word| !word.contains('@')).collect();
    let name = words.join(" ");
    let name = name.trim_matches(['"', '(', ')', '<', '>', ',', ' ']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// A language tag that can be one.
pub(super) fn language_tag(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (2..=35).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    fits.then(|| text.replace('_', "-"))
}

/// An absolute URL, as it was spelt where it is absolute already. A path stays a path where nothing
/// at all says where the document came from.
pub(super) fn resolve_url(
    text: &str,
    base: Option<&Url>,
    fallback: Option<&str>,
) -> Option<String> {
    let joined: String;
    let mut text = without_decoration(text);
    if text.contains(['\n', '\r', '\t']) {
        joined = text.split(['\n', '\r', '\t']).map(str::trim).collect();
        text = &joined;
    }
    let unescaped: String;
    if text.contains("&amp;") {
        // Escaped twice: no parameter is called `amp;page`.
        unescaped = text.replace("&amp;", "&");
        text = &unescaped;
    }
    if text.is_empty() || text.len() > 8 * 1024 {
        return None;
    }
    match Url::parse(text) {
        // `https:/example.org/1` is an address to browsers; others should not have to guess.
        Ok(url)
            if url.has_host() && (text.contains(char::is_whitespace) || !text.contains("://")) =>
        {
            Some(url.into())
        }
        Ok(url) if url.has_host() => Some(text.to_owned()),
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            let own = fallback.and_then(|fallback| Url::parse(fallback).ok());
            match base.or(own.as_ref()) {
                Some(base) => base.join(text).ok().filter(Url::has_host).map(String::from),
                None => text.starts_with('/').then(|| text.to_owned()),
            }
        }
        _ => None,
    }
}

/// An address without the quotes or brackets round it, and without a scheme that was put in front
/// of the whole address (`http://https://example.org/`).
fn without_decoration(text: &str) -> &str {
    let is_quote = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '\u{feff}');
    let text = text.trim_matches(is_quote);
    let doubled = ["http://http://", "http://https://", "https://http://", "https://https://"];
    match doubled.iter().find(|start| text.starts_with(**start)) {
        Some(start) => &text[start.find("//").map_or(0, |at| at + 2)..],
        None => text,
    }
}

/// In lower case, copied only where it is not.
pub(super) fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether an id names a place on a site's front page (`https://example.org/#1023`): it tells
/// entries apart, but the page behind it is not the entry's.
pub(super) fn is_on_front_page(id: &str) -> bool {
    Url::parse(id)
        .is_ok_and(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_some())
}
