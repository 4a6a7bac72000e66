//! What a document is, by its content: servers' content types are wrong too often.

use super::entities::fold_white_space;
use super::scan::{Scanner, Token, split_name};
use super::{FeedError, FeedFormat};

/// What was found, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// RSS, RDF or Atom, from its root element on.
    Xml { format: FeedFormat, at: usize },
    /// A JSON object.
    Json(usize),
    /// A sitemap or an index of them.
    Sitemap(usize),
    /// A sitemap that is a plain list of addresses.
    AddressList,
}

/// Phrases of pages that keep robots out.
const BOT_WALLS: &[(&str, &str)] = &[
    ("just a moment", "Cloudflare"),
    ("cf-challenge", "Cloudflare"),
    ("cf_chl_", "Cloudflare"),
    ("attention required! | cloudflare", "Cloudflare"),
    ("captcha-delivery.com", "DataDome"),
    ("_incapsula_resource", "Imperva"),
    ("px-captcha", "PerimeterX"),
    ("awswafintegration", "AWS"),
    ("ak_bmsc", "Akamai"),
    ("enable javascript and cookies to continue", "unknown"),
    ("are you a robot", "unknown"),
    ("verify you are human", "unknown"),
];

/// Finds the root of a feed in a text, behind whatever stands before it.
pub(super) fn kind(text: &str) -> Result<Kind, FeedError> {
    let start = text.len() - text.trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r']).len();
    if text[start..].starts_with('{') {
        return Ok(Kind::Json(start));
    }
    let mut scanner = Scanner::new(text);
    scanner.seek(start);
    let mut html = false;
    // The first `<item>` without any root.
    let mut bare = None;
    loop {
        let at = scanner.position();
        let Some(token) = scanner.next() else { break };
        let Token::Start(tag) = token else { continue };
        let local = split_name(tag.name).1.to_ascii_lowercase();
        let format = match local.as_str() {
            "rss" => FeedFormat::Rss,
            "rdf" => FeedFormat::Rdf,
            "feed" => FeedFormat::Atom,
            "urlset" | "sitemapindex" => return Ok(Kind::Sitemap(at)),
            "html" => {
                html = true;
                continue;
            }
            "channel" | "item" if !html => {
                bare = bare.or(Some((FeedFormat::Rss, at)));
                continue;
            }
            "entry" if !html => {
                bare = bare.or(Some((FeedFormat::Atom, at)));
                continue;
            }
            "opml" if !html => return Err(FeedError::NotAFeed("an OPML list of feeds".to_owned())),
            _ => continue,
        };
        // `<feed>` twice, the first one empty: the second one has the entries.
        if tag.empty && has_root_ahead(&scanner) {
            continue;
        }
        return Ok(Kind::Xml { format, at });
    }
    if let Some((format, at)) = bare {
        return Ok(Kind::Xml { format, at });
    }
    if let Some(at) = json_behind_junk(&text[start..]) {
        return Ok(Kind::Json(start + at));
    }
    if is_address_list(text) {
        return Ok(Kind::AddressList);
    }
    Err(FeedError::NotAFeed(not_a_feed(text, html)))
}

/// Where a JSON Feed begins behind a comment, a call (`callback({…})`), a guard against scripts
/// (`)]}',`) or a warning of the server's program.
fn json_behind_junk(text: &str) -> Option<usize> {
    let at = text.find('{').filter(|_| text.contains("\"items\""))?;
    let says_so = text.contains("jsonfeed.org");
    let opens = text[at + 1..].trim_start().starts_with(['"', '/']);
    (says_so && opens).then_some(at)
}

/// Whether every line is the address of a page (sitemaps.org, "text file"). A single one is more
/// likely what a server says instead of its feed.
fn is_address_list(text: &str) -> bool {
    let is_address = |line: &str| {
        (line.starts_with("http://") || line.starts_with("https://"))
            && !line.contains(char::is_whitespace)
    };
    let mut lines = text
        .lines()
        .map(|line| line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'))
        .filter(|line| !line.is_empty());
    let first_two = [lines.next(), lines.next()];
    first_two.into_iter().all(|line| line.is_some_and(is_address)) && lines.all(is_address)
}

fn has_root_ahead(scanner: &Scanner<'_>) -> bool {
    let mut ahead = scanner.clone();
    while let Some(token) = ahead.next() {
        if let Token::Start(tag) = token
            && matches!(
                split_name(tag.name).1.to_ascii_lowercase().as_str(),
                "rss" | "rdf" | "feed"
            )
        {
            return true;
        }
    }
    false
}

/// Whether only declarations, comments and instructions stand before the root.
pub(super) fn is_prologue(before: &str) -> bool {
    let mut scanner = Scanner::new(before);
    while let Some(token) = scanner.next() {
        match token {
            Token::Other => {}
            Token::Text(text) if text.trim_matches('\u{feff}').trim().is_empty() => {}
            _ => return false,
        }
    }
    true
}

/// What it is instead, in words an operator can use.
fn not_a_feed(text: &str, html: bool) -> String {
    let head: String = text.chars().take(64 * 1024).collect();
    let lower = head.to_ascii_lowercase();
    if html || lower.contains("<!doctype html") || lower.contains("<body") {
        if let Some((_, vendor)) = BOT_WALLS.iter().find(|(phrase, _)| lower.contains(phrase)) {
            return format!("a bot wall ({vendor})");
        }
        let title = lower.find("<title").and_then(|start| {
            let inner = &head[start..];
            let from = inner.find('>')? + 1;
            let to = inner.find("</")?;
            inner.get(from..to)
        });
        return match title.map(super::entities::plain_line) {
            Some(title) if !title.is_empty() => format!("an HTML page, \"{title:.80}\""),
            _ => "an HTML page".to_owned(),
        };
    }
    let beginning = fold_white_space(&text.chars().take(80).collect::<String>());
    if text.contains('<') {
        format!("no feed element found; it begins: {beginning}")
    } else {
        format!("plain text; it begins: {beginning}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_found_behind_what_stands_before_it() {
        for (text, wanted) in [
            ("<rss version='2.0'>", FeedFormat::Rss),
            ("<?xml version='1.0'?><!-- <feed> --><RDF:rdf>", FeedFormat::Rdf),
            ("<br/><b>Warning</b>: foo\n<rss>", FeedFormat::Rss),
            ("<a:feed xmlns:a='http://www.w3.org/2005/Atom'>", FeedFormat::Atom),
            ("<item><title>x</title></item>", FeedFormat::Rss),
            ("<feed/>\n<feed><entry/></feed>", FeedFormat::Atom),
        ] {
            assert!(
                matches!(kind(text), Ok(Kind::Xml { format, .. }) if format == wanted),
                "{text}"
            );
        }
        assert_eq!(kind(" {\"version\":1}"), Ok(Kind::Json(1)));
        assert_eq!(kind("<urlset>"), Ok(Kind::Sitemap(0)));
        assert_eq!(kind("\u{feff}https://a.org/1\r\n\nhttps://a.org/2\n"), Ok(Kind::AddressList));
        assert!(kind("https://a.org/maintenance\n").is_err());
        for junk in ["callback(", ")]}',\n", "// by hand\n", "<b>Warning</b>: x<br />\n"] {
            let text =
                format!("{junk}{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[]}}");
            assert_eq!(kind(&text), Ok(Kind::Json(junk.len())), "{text}");
        }
    }

    #[test]
    fn what_is_no_feed_is_named() {
        for (text, wanted) in [
            ("<html><title>Hi &amp; bye</title>", "an HTML page, \"Hi & bye\""),
            ("<!DOCTYPE html><html><title>Just a moment...</title>", "a bot wall (Cloudflare)"),
            ("hello", "plain text; it begins: hello"),
            ("see https://a.org/", "plain text; it begins: see https://a.org/"),
            ("<opml><outline/></opml>", "an OPML list of feeds"),
            ("<x/>", "no feed element found; it begins: <x/>"),
        ] {
            assert_eq!(kind(text), Err(FeedError::NotAFeed(wanted.to_owned())), "{text}");
        }
    }
}
