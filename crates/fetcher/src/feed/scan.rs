//! A tolerant scanner: any text becomes a stream of tags and text, never an error.
//!
//! It knows nothing of feeds. What XML would refuse is read as the writer most likely meant it: a
//! `<` that begins no tag is text, an unclosed comment or CDATA section ends where it must, quotes
//! may be missing. Nothing is expanded, so that cost is linear in the text.

use std::borrow::Cow;

use super::entities::unescape;

/// Quotes in a tag are believed only so far: one that was never closed must not swallow the feed.
const LONGEST_QUOTED_TAG: usize = 64 * 1024;
/// More attributes than this on one tag are not read.
const MOST_ATTRIBUTES: usize = 64;

/// A piece of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `<name …>` or `<name …/>`.
    Start(Tag<'a>),
    /// `</name>`.
    End(&'a str),
    /// Text between tags, references not resolved.
    Text(&'a str),
    /// The inside of a CDATA section.
    CData(&'a str),
    /// A comment, declaration or processing instruction.
    Other,
}

/// A start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// Name with its prefix.
    pub(super) name: &'a str,
    /// What stands between the name and the end of the tag.
    pub(super) attributes: &'a str,
    /// `<name/>`.
    pub(super) empty: bool,
}

/// The scanner: a text and a place in it.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Ends that the rest of the text does not have: looked for once, so that a text full of
    /// beginnings costs no more than its length.
    missing: Missing,
}

/// Which ends are known to be absent from here on.
#[derive(Clone, Copy, Debug, Default)]
struct Missing {
    comment: bool,
    cdata: bool,
    instruction: bool,
    doctype: bool,
    /// Elements whose inside is no markup: there are two of them.
    raw: [Option<&'static str>; 2],
    /// No double quote before this place.
    double_quote: usize,
    /// No single quote before this place.
    single_quote: usize,
}

impl<'a> Scanner<'a> {
    /// At the beginning of a text.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, missing: Missing::default() }
    }

    /// Where the next token begins.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Whether the text ended within the tag that was read last: what it says may be half.
    pub(super) fn is_cut_off(&self) -> bool {
        self.at == self.text.len() && !self.text.trim_end().ends_with('>')
    }

    /// Takes up at another place, which a former `position` named.
    pub(super) fn seek(&mut self, position: usize) {
        self.at = position;
    }

    /// Goes behind the end tag of an element whose inside is no markup; nowhere if there is none.
    pub(super) fn skip_raw(&mut self, name: &'static str) {
        // Looked for once: a document full of beginnings costs no more than its length.
        if self.missing.raw.contains(&Some(name)) {
            return;
        }
        let rest = &self.text.as_bytes()[self.at..];
        let end = memchr::memmem::find_iter(rest, b"</").find(|at| {
            rest.get(at + 2..at + 2 + name.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        });
        match end {
            Some(end) => {
                self.at += memchr::memchr(b'>', &rest[end..]).map_or(rest.len(), |at| end + at + 1);
            }
            None => self.missing.raw = [Some(name), self.missing.raw[0]],
        }
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let rest = &self.text[self.at..];
        let bytes = rest.as_bytes();
        if bytes.is_empty() {
            return None;
        }
        if bytes[0] != b'<' {
            let end = memchr::memchr(b'<', bytes).unwrap_or(bytes.len());
            self.at += end;
            return Some(Token::Text(&rest[..end]));
        }
        match bytes.get(1) {
            Some(b'/') => Some(self.end_tag(rest)),
            Some(b'!') => Some(self.declaration(rest)),
            Some(b'?') => {
                self.at += find_once(rest, "?>", &mut self.missing.instruction)
                    .map(|end| end + 2)
                    .or_else(|| rest.find('>').map(|end| end + 1))
                    .unwrap_or(rest.len());
                Some(Token::Other)
            }
            Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' || !byte.is_ascii() => {
                Some(self.start_tag(rest))
            }
            // `a < b`: text up to the next tag.
            _ => {
                let end = memchr::memchr(b'<', &bytes[1..]).map_or(bytes.len(), |end| end + 1);
                self.at += end;
                Some(Token::Text(&rest[..end]))
            }
        }
    }

    fn end_tag(&mut self, rest: &'a str) -> Token<'a> {
        let inner = &rest[2..];
        // `</title<link>`: the next tag ends it too.
        let end = memchr::memchr2(b'>', b'<', inner.as_bytes()).unwrap_or(inner.len());
        let closed = inner.as_bytes().get(end) == Some(&b'>');
        self.at += 2 + end + usize::from(closed);
        let name = inner[..end].split_ascii_whitespace().next().unwrap_or("");
        Token::End(name)
    }

    fn declaration(&mut self, rest: &'a str) -> Token<'a> {
        if let Some(inner) = rest.strip_prefix("<!--") {
            self.at += match find_once(inner, "-->", &mut self.missing.comment) {
                Some(end) => 4 + end + 3,
                // An unclosed comment ends with its tag.
                None => inner.find('>').map_or(rest.len(), |end| 4 + end + 1),
            };
            return Token::Other;
        }
        if rest.len() >= 9 && rest.as_bytes()[..9].eq_ignore_ascii_case(b"<![CDATA[") {
            let inner = &rest[9..];
            if let Some(end) = find_once(inner, "]]>", &mut self.missing.cdata) {
                self.at += 9 + end + 3;
                return Token::CData(&inner[..end]);
            }
            // Never closed: everything up to the next end tag.
            let end = inner.find("</").unwrap_or(inner.len());
            self.at += 9 + end;
            return Token::CData(&inner[..end]);
        }
        // A document type with its internal subset: skipped whole, never expanded.
        let bytes: &[u8] = if self.missing.doctype { &[] } else { rest.as_bytes() };
        let mut depth = 0_usize;
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'[' => depth += 1,
                b']' => depth = depth.saturating_sub(1),
                b'>' if depth == 0 => {
                    self.at += at + 1;
                    return Token::Other;
                }
                _ => {}
            }
        }
        self.missing.doctype = true;
        self.at += rest.find('>').map_or(rest.len(), |end| end + 1);
        Token::Other
    }

    fn start_tag(&mut self, rest: &'a str) -> Token<'a> {
        let bytes = rest.as_bytes();
        let name_end = bytes[1..]
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<'))
            .map_or(bytes.len(), |end| end + 1);
        let end = self.tag_end(name_end);
        let (mut inside, next) = match bytes.get(end) {
            Some(b'>') => (&rest[name_end..end], end + 1),
            _ => (&rest[name_end..end], end),
        };
        let empty = inside.ends_with('/');
        if empty {
            inside = &inside[..inside.len() - 1];
        }
        self.at += next;
        Token::Start(Tag { name: &rest[1..name_end], attributes: inside, empty })
    }

    /// Where the tag that begins here ends: at its `>`, or before the next `<` where it has none.
    fn tag_end(&mut self, name_end: usize) -> usize {
        let bytes = self.text.as_bytes();
        let from = self.at + name_end;
        let limit = bytes.len().min(from + LONGEST_QUOTED_TAG);
        let mut at = from;
        let mut after_equals = false;
        while at < limit {
            match bytes[at] {
                b'>' | b'<' => return at - self.at,
                // Only a quote that follows `=` opens a value; others are dirt.
                quote @ (b'"' | b'\'') if after_equals => {
                    let absent_before = if quote == b'"' {
                        &mut self.missing.double_quote
                    } else {
                        &mut self.missing.single_quote
                    };
                    let start = (at + 1).max((*absent_before).min(limit));
                    if let Some(length) = memchr::memchr(quote, &bytes[start..limit]) {
                        at = start + length + 1;
                    } else {
                        *absent_before = limit;
                        at += 1;
                    }
                    after_equals = false;
                }
                byte => {
                    after_equals = byte == b'=' || (after_equals && byte.is_ascii_whitespace());
                    at += 1;
                }
            }
        }
        memchr::memchr2(b'>', b'<', &bytes[from..]).unwrap_or(bytes.len() - from) + name_end
    }
}

/// Finds an end, unless it is known to be nowhere ahead.
fn find_once(text: &str, end: &str, missing: &mut bool) -> Option<usize> {
    if *missing {
        return None;
    }
    let found = memchr::memmem::find(text.as_bytes(), end.as_bytes());
    *missing = found.is_none();
    found
}

impl<'a> Tag<'a> {
    /// Name and value of each attribute, references resolved.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            loop {
                rest = rest.trim_start_matches(|c: char| {
                    c.is_ascii_whitespace() || matches!(c, '/' | '"' | '\'')
                });
                if rest.is_empty() {
                    return None;
                }
                let name_end =
                    rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
                let name = &rest[..name_end];
                let after = rest[name_end..].trim_start();
                let Some(value) = after.strip_prefix('=') else {
                    rest = after;
                    return Some((name, Cow::Borrowed("")));
                };
                let value = value.trim_start();
                let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
                let (raw, next) = if let Some(quote) = quote {
                    let inner = &value[1..];
                    let end = inner.find(quote).unwrap_or(inner.len());
                    (&inner[..end], inner.get(end + 1..).unwrap_or(""))
                } else {
                    let end = value.find(|c: char| c.is_ascii_whitespace());
                    value.split_at(end.unwrap_or(value.len()))
                };
                rest = next;
                if name.is_empty() {
                    continue;
                }
                return Some((name, unescape(raw)));
            }
        })
        .take(MOST_ATTRIBUTES)
    }

    /// The value of an attribute by its local name, in any case; blank values count as absent.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .filter(|value| !value.trim().is_empty())
    }
}

/// Prefix and local part of a name.
pub(super) fn split_name(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut scanner = Scanner::new(text);
        let mut out = Vec::new();
        while let Some(token) = scanner.next() {
            out.push(match token {
                Token::Start(tag) => {
                    let attributes: Vec<String> =
                        tag.attributes().map(|(name, value)| format!("{name}={value}")).collect();
                    format!(
                        "<{}{}>{}",
                        tag.name,
                        if tag.empty { "/" } else { "" },
                        attributes.join(",")
                    )
                }
                Token::End(name) => format!("</{name}>"),
                Token::Text(text) => format!("'{text}'"),
                Token::CData(text) => format!("[{text}]"),
                Token::Other => "?".to_owned(),
            });
        }
        out
    }

    #[test]
    fn broken_markup_is_read_as_it_was_meant() {
        for (text, wanted) in [
            ("<a b='c>d' e=f>x</a>", "<a>b=c>d,e=f 'x' </a>"),
            ("a < b<c/>", "'a ' '< b' <c/>"),
            ("<!-- > --><a>", "? <a>"),
            ("<!-- never closed><a>", "? <a>"),
            ("<![CDATA[x]]>", "[x]"),
            ("<t><![CDATA[x</t>", "<t> [x] </t>"),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><d>", "? <d>"),
            ("<a href=\"x?a=1&b=2&amp;c=3\">", "<a>href=x?a=1&b=2&c=3"),
            ("</title<link>", "</title> <link>"),
            ("<a b=\"c><d>e</d>", "<a>b=c <d> 'e' </d>"),
            ("<a", "<a>"),
            ("<", "'<'"),
            ("<a b c = 'd'/>", "<a/>b=,c=d"),
        ] {
            assert_eq!(tokens(text).join(" "), wanted, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_scanned_to_its_end(text in "[<>!/?=\"'a-c \\[\\]\\-é&;]*") {
            let mut scanner = Scanner::new(&text);
            let mut before = 0;
            while let Some(token) = scanner.next() {
                if let Token::Start(tag) = token {
                    let _ = tag.attributes().count();
                }
                proptest::prop_assert!(scanner.position() > before);
                before = scanner.position();
            }
            proptest::prop_assert_eq!(before, text.len());
        }
    }
}
