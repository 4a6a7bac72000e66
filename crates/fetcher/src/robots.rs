//! robots.txt by RFC 9309: which pages of an origin may be asked for, and how fast. Knows no
//! network.

use std::time::Duration;

use events::Timestamp;
use serde::{Deserialize, Serialize};
use stage::Answer;
use url::Url;

use crate::poll::headers::retry_after;

/// Bytes of a robots.txt that are read (RFC 9309 2.5 asks for at least 500 KiB).
pub(crate) const MAX_BYTES: usize = 500 * 1024;
/// Slower than one request in two minutes is taken for a mistake.
const MAX_CRAWL_DELAY_S: f64 = 120.0;
/// Rules of one group that are kept; the state record stays small.
const MAX_RULES: usize = 5_000;
/// Bytes of a pattern, and of all of them, as they are kept: encoded they are up to nine times as
/// long as they came.
const MAX_PATTERN: usize = 3_000;
const MAX_PATTERNS: usize = 512 * 1024;
/// How long an answer holds (RFC 9309 2.4: not much longer than 24 hours).
const FRESH_MS: i64 = 6 * 3600 * 1000;
/// How long a failure holds.
const FAILURE_MS: i64 = 3600 * 1000;

/// One `Allow` or `Disallow` line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rule {
    #[serde(rename = "a")]
    pub(crate) allow: bool,
    #[serde(rename = "p")]
    pub(crate) pattern: String,
}

/// What is remembered of an origin's robots.txt: the group that is for us.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Robots {
    pub(crate) v: u32,
    pub(crate) expires_at: Timestamp,
    pub(crate) rules: Vec<Rule>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) crawl_delay_ms: Option<u64>,
    /// Where it says so much, in words, for people.
    pub(crate) says: String,
    /// It could not be had: nothing may be asked for until it can, which refuses no page for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unreachable: bool,
}

impl Robots {
    /// Reads the group for `product`, else the one for everybody.
    pub(crate) fn parse(body: &[u8], product: &str, now: Timestamp) -> Self {
        let body = &body[..body.len().min(MAX_BYTES)];
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let text = String::from_utf8_lossy(body);
        let mut ours = Group::default();
        let mut everybodys = Group::default();
        // Groups for the same product are one group (2.2.1); lines before any group are nobody's.
        let (mut for_us, mut for_all, mut in_rules) = (false, false, false);
        for line in text.split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((name, value)) = line.split_once(':') else { continue };
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            if name == "user-agent" {
                if in_rules {
                    (for_us, for_all, in_rules) = (false, false, false);
                }
                for_all |= value == "*";
                for_us |= is_product(value, product);
                ours.found |= for_us;
                everybodys.found |= for_all;
                continue;
            }
            if !matches!(name.as_str(), "allow" | "disallow" | "crawl-delay") {
                continue;
            }
            in_rules = true;
            for (applies, group) in [(for_us, &mut ours), (for_all, &mut everybodys)] {
                if applies {
                    group.add(&name, value);
                }
            }
        }
        let (group, says) = match (ours.found, everybodys.found) {
            (true, _) => (ours, format!("robots.txt has a group for {product}")),
            (false, true) => (everybodys, "robots.txt has a group for everybody".to_owned()),
            (false, false) => (Group::default(), "robots.txt has no group for us".to_owned()),
        };
        Self {
            v: 1,
            expires_at: now.plus_millis(FRESH_MS),
            rules: group.rules,
            crawl_delay_ms: group.crawl_delay_ms,
            says,
            unreachable: false,
        }
    }

    /// Everything may be asked for: there is no robots.txt (2.3.1.3).
    pub(crate) fn open(says: String, now: Timestamp) -> Self {
        Self { v: 1, expires_at: now.plus_millis(FRESH_MS), says, ..Self::default() }
    }

    /// Nothing may be asked for: it cannot be had (2.3.1.4), for an hour or as long as its server
    /// asks us to wait.
    pub(crate) fn closed(says: String, wait_ms: Option<i64>, now: Timestamp) -> Self {
        let rules = vec![Rule { allow: false, pattern: "/".to_owned() }];
        let expires_at = now.plus_millis(wait_ms.unwrap_or_default().max(FAILURE_MS));
        Self { v: 1, expires_at, rules, says, unreachable: true, ..Self::default() }
    }

    /// What an answer of that status means.
    pub(crate) fn from_answer(answer: &Answer, product: &str, now: Timestamp) -> Self {
        let status = answer.status;
        match status {
            200..=299 => Self::parse(&answer.body, product, now),
            429 | 500.. => {
                Self::closed(format!("robots.txt answers {status}"), retry_after(answer, now), now)
            }
            _ => Self::open(format!("robots.txt answers {status}: everything is allowed"), now),
        }
    }

    /// Whether a page may be asked for: the longest matching pattern decides, `Allow` wins ties
    /// (2.2.2). robots.txt itself always may.
    pub(crate) fn allows(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        let mut path = literal(url.path());
        if let Some(query) = url.query() {
            path.push('?');
            path.push_str(&literal(query));
        }
        if path == "/robots.txt" {
            return true;
        }
        let best = self
            .rules
            .iter()
            .filter(|rule| matches(rule.pattern.as_bytes(), path.as_bytes()))
            .max_by_key(|rule| (rule.pattern.len(), rule.allow));
        best.is_none_or(|rule| rule.allow)
    }

    /// The pause it asks for between requests.
    pub(crate) fn crawl_delay(&self) -> Option<Duration> {
        self.crawl_delay_ms.map(Duration::from_millis)
    }
}

/// Whether a robots.txt, its `body` as it came, lets a `product` ask for a URL (RFC 9309).
pub fn robots_allow(body: &[u8], product: &str, url: &str) -> bool {
    Robots::parse(body, product, Timestamp::default()).allows(url)
}

#[derive(Default)]
struct Group {
    found: bool,
    rules: Vec<Rule>,
    /// Bytes of the patterns.
    size: usize,
    crawl_delay_ms: Option<u64>,
}

impl Group {
    fn add(&mut self, name: &str, value: &str) {
        if name == "crawl-delay" {
            if let Ok(seconds) = value.parse::<f64>()
                && seconds.is_finite()
                && seconds > 0.0
            {
                self.crawl_delay_ms = Some((seconds.min(MAX_CRAWL_DELAY_S) * 1000.0) as u64);
            }
            return;
        }
        // An empty Disallow forbids nothing; a pattern must begin with a slash or a wildcard.
        let is_pattern = value.starts_with(['/', '*', '$']);
        if !is_pattern || value.len() > MAX_PATTERN || self.rules.len() >= MAX_RULES {
            return;
        }
        let pattern = pattern_of(value);
        if pattern.len() <= MAX_PATTERN && self.size + pattern.len() <= MAX_PATTERNS {
            self.size += pattern.len();
            self.rules.push(Rule { allow: name == "allow", pattern });
        }
    }
}

/// Whether a `User-agent` value names the product: case-insensitive, up to the first character
/// that cannot stand in a product token, so that `newswire/1.0` names it too.
fn is_product(value: &str, product: &str) -> bool {
    let end = value
        .find(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '-' | '_')))
        .unwrap_or(value.len());
    !product.is_empty() && value[..end].eq_ignore_ascii_case(product)
}

/// A path or query, in which what patterns have a meaning for is encoded (2.2.3).
fn literal(text: &str) -> String {
    normalised(text).replace('*', "%2A").replace('$', "%24")
}

/// A pattern: a `$` means the end only at its end.
fn pattern_of(text: &str) -> String {
    let text = normalised(text);
    match text.strip_suffix('$') {
        Some(rest) => rest.replace('$', "%24") + "$",
        None => text.replace('$', "%24"),
    }
}

/// Percent-encoding in one spelling (2.2.2): what may not stand in a path encoded, unreserved
/// characters plain, hexadecimal digits in upper case.
fn normalised(path: &str) -> String {
    use std::fmt::Write as _;
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(path.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let code = (byte == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(code) if code.is_ascii_alphanumeric() || b"-._~".contains(&code) => {
                out.push(char::from(code));
                at += 3;
            }
            Some(code) => {
                let _ = write!(out, "%{code:02X}");
                at += 3;
            }
            None if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) => {
                out.push(char::from(byte));
                at += 1;
            }
            None => {
                let _ = write!(out, "%{byte:02X}");
                at += 1;
            }
        }
    }
    out
}

/// `*` matches any run, `$` at the end anchors; otherwise a pattern is a prefix. Linear in
/// pattern times path at worst, without recursion.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, anchored) = match pattern.strip_suffix(b"$") {
        Some(rest) => (rest, true),
        None => (pattern, false),
    };
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if p == pattern.len() && (!anchored || t == path.len()) {
            return true;
        }
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && t < path.len() && pattern[p] == path[t] {
            p += 1;
            t += 1;
        } else {
            match star {
                Some((at, from)) if from < path.len() => {
                    star = Some((at, from + 1));
                    (p, t) = (at + 1, from + 1);
                }
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_764_000_000);

    #[test]
    fn what_is_kept_is_bounded_as_it_is_kept() {
        let line = [b"Disallow: /".as_slice(), &[0xff; 325], b"\n"].concat();
        let body = [b"User-agent: *\n".to_vec(), line.repeat(1_450)].concat();
        let robots = Robots::parse(&body, "newswire", NOW);
        assert!(!robots.rules.is_empty());
        assert!(serde_json::to_vec(&robots).unwrap().len() < 1024 * 1024);
    }

    fn allows(text: &str, path: &str) -> bool {
        let robots = Robots::parse(text.as_bytes(), "newswire", NOW);
        robots.allows(&format!("https://example.org{path}"))
    }

    #[test]
    fn the_longest_pattern_decides_and_allow_wins_ties() {
        for (text, path, allowed) in [
            ("", "/a", true),
            ("User-agent: *\nDisallow: /", "/a", false),
            ("User-agent: *\nDisallow: /", "/robots.txt", true),
            ("User-agent: *\nDisallow:", "/a", true),
            ("user-agent:*\ndisallow:/a\nallow:/a/b", "/a/b/c", true),
            ("User-agent: *\nDisallow: /a/b\nAllow: /a", "/a/b/c", false),
            ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", true),
            ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", false),
            ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", true),
            ("User-agent: *\nDisallow: /*?print=", "/x?print=1", false),
            ("User-agent: *\nDisallow: /x*y*z", "/x1y2y3z4", false),
            ("User-agent: *\nDisallow: /x*y*z", "/x1z2", true),
            ("User-agent: *\nDisallow: /%7euser", "/~user/1", false),
            ("User-agent: *\nDisallow: /ä", "/%c3%a4/1", false),
            ("User-agent: *\nDisallow: /a b|c", "/a%20b|c", false),
            ("User-agent: *\nDisallow: /a%2ab", "/a*b", false),
            ("User-agent: *\nDisallow: /a%2ab", "/axb", true),
            ("User-agent: *\nDisallow: /a$b", "/a$b", false),
            ("User-agent: *\nDisallow: /a%24", "/a$b", false),
            ("User-agent: *\nDisallow: /a$", "/a$", true),
            ("User-agent: *\nDisallow: /A", "/a", true),
            ("User-agent: *\nDisallow: a", "/a", true),
            ("Disallow: /", "/a", true),
            ("User-agent: *\rDisallow: /a # why\r", "/a", false),
            ("\u{feff}User-agent: *\nDisallow: /a", "/a", false),
            ("User-agent: *\nSitemap: https://example.org/s\nDisallow: /a", "/a", false),
        ] {
            assert_eq!(allows(text, path), allowed, "{text:?} {path}");
        }
    }

    #[test]
    fn the_group_for_our_product_replaces_that_for_everybody() {
        for (text, path, allowed) in [
            ("User-agent: *\nDisallow: /\n\nUser-agent: Newswire\nDisallow: /x", "/a", true),
            ("User-agent: *\nDisallow: /\n\nUser-agent: Newswire/1.0\nDisallow: /x", "/x", false),
            ("User-agent: newswirebot\nDisallow: /", "/a", true),
            ("User-agent: other\nUser-agent: newswire\nDisallow: /", "/a", false),
            ("User-agent: newswire\nDisallow: /a\nUser-agent: x\nDisallow: /", "/b", true),
            (
                "User-agent: newswire\nDisallow: /a\nUser-agent: *\nDisallow: /\n\
                 User-agent: newswire\nDisallow: /b",
                "/b",
                false,
            ),
        ] {
            assert_eq!(allows(text, path), allowed, "{text:?} {path}");
        }
    }

    #[test]
    fn a_crawl_delay_is_kept_within_reason() {
        for (value, millis) in [
            ("10", Some(10_000)),
            ("0.5", Some(500)),
            ("9999", Some(120_000)),
            ("-1", None),
            ("nan", None),
            ("soon", None),
        ] {
            let text = format!("User-agent: *\nCrawl-delay: {value}");
            let robots = Robots::parse(text.as_bytes(), "newswire", NOW);
            assert_eq!(robots.crawl_delay_ms, millis, "{value}");
        }
    }

    #[test]
    fn without_a_robots_txt_all_is_open_and_with_a_broken_server_nothing() {
        for (status, allowed) in
            [(404, true), (403, true), (401, true), (500, false), (503, false), (429, false)]
        {
            let answer = Answer { status, ..Answer::default() };
            let robots = Robots::from_answer(&answer, "newswire", NOW);
            assert_eq!(robots.allows("https://example.org/a"), allowed, "{status}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let mut text = b"User-agent: *\nDisallow: ".to_vec();
            text.extend(bytes);
            let _ = Robots::parse(&text, "newswire", NOW).allows("https://example.org/a?b");
        }
    }
}
