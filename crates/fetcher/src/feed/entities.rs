//! Character and entity references, and the plain text of a little HTML.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// `name hex hex…`, one line each: the named character references of the HTML standard that end in
/// a semicolon.
const TABLE: &str = include_str!("entities.txt");
/// The longest name of the table, `CounterClockwiseContourIntegral`, and some.
const LONGEST: usize = 40;

static NAMED: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    TABLE
        .lines()
        .filter_map(|line| {
            let (name, code_points) = line.split_once(' ')?;
            let text: Option<String> = code_points
                .split(' ')
                .map(|hex| u32::from_str_radix(hex, 16).ok().and_then(char::from_u32))
                .collect();
            Some((name, text?))
        })
        .collect()
});

/// What windows-1252 has at 0x80 to 0x9f: references such as `&#146;` mean these, never controls.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// What stands at the `&` that begins `text`: the number of bytes of the reference and its
/// characters. `None` for an ampersand that begins no reference.
pub(super) fn reference(text: &str) -> Option<(usize, Cow<'static, str>)> {
    let bytes = text.as_bytes();
    let end = bytes
        .iter()
        .take(LONGEST)
        .skip(1)
        .position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'#'))
        .map_or(bytes.len().min(LONGEST), |position| position + 1);
    let name = &text[1..end];
    let closed = bytes.get(end) == Some(&b';');
    let length = end + usize::from(closed);
    if let Some(number) = name.strip_prefix('#') {
        if let Some((more, c)) = surrogate_pair(number, &text[length..]) {
            return Some((length + more, Cow::Owned(c.to_string())));
        }
        return numeric(number).map(|c| (length, Cow::Owned(c.to_string())));
    }
    if !closed {
        return None;
    }
    NAMED.get(name).map(|text| (length, Cow::Borrowed(text.as_str())))
}

/// The character that two references to the halves of a UTF-16 pair mean together
/// (`&#55357;&#56832;`), and the length of the second one.
fn surrogate_pair(high: &str, rest: &str) -> Option<(usize, char)> {
    let high = code_point(high).filter(|value| (0xd800..0xdc00).contains(value))?;
    let end = rest.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let low = code_point(rest[..end].strip_prefix("&#")?);
    let low = low.filter(|value| (0xdc00..0xe000).contains(value))?;
    let c = char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))?;
    Some((end + 1, c))
}

/// The character of `123` or `x7b`; the replacement character where the number is no character.
fn numeric(number: &str) -> Option<char> {
    let value = code_point(number)?;
    Some(match value {
        0x80..=0x9f => WINDOWS_1252[(value - 0x80) as usize],
        _ => {
            char::from_u32(value).filter(|c| is_allowed(*c)).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
    })
}

fn code_point(number: &str) -> Option<u32> {
    match number.strip_prefix(['x', 'X']) {
        Some(hex) if !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Some(u32::from_str_radix(hex, 16).unwrap_or(u32::MAX))
        }
        None if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
            Some(number.parse().unwrap_or(u32::MAX))
        }
        _ => None,
    }
}

/// Whether a character may stand in XML 1.0 (section 2.2).
pub(super) fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// The text with every reference resolved once.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut next = Some(first);
    while let Some(at) = next {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((length, characters)) = reference(rest) {
            out.push_str(&characters);
            rest = &rest[length..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
        next = rest.find('&');
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Appends text so that an XML reader gives the same text back, in content or in quotes.
pub(super) fn push_escaped(out: &mut String, text: &str) {
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            // Kept from the normalisation of attribute values and line ends.
            b'\n' | b'\r' | b'\t' => {
                out.push_str(&text[start..at]);
                let _ = write!(out, "&#{byte};");
                start = at + 1;
                continue;
            }
            _ => continue,
        };
        out.push_str(&text[start..at]);
        out.push_str(escaped);
        start = at + 1;
    }
    out.push_str(&text[start..]);
}

/// Elements of HTML, which are markup wherever they stand in a title or name. Other `<words>` there
/// are text: "a <b" and "Vec<String>" keep what they say.
const HTML: &str = " a abbr acronym applet article audio b base basefont bdi bdo big blink blockquote \
    body br button canvas center cite code data dd del dfn div dl dt em embed figcaption figure font \
    footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label \
    li link main mark marquee menu meta nav nobr noembed noframes noscript object ol option p param \
    picture pre q s samp script section select small source span strike strong style sub sup svg \
    table tbody td textarea tfoot th thead time title tr tt u ul var video wbr ";

/// A tag in a title is no longer than this.
const LONGEST_TAG: usize = 4 * 1024;

/// One line of plain text from a title or name: tags taken out, references resolved, white space
/// folded. Entities are resolved also where they were escaped twice, as many feeds do.
pub(super) fn plain_line(text: &str) -> String {
    let stripped = strip_tags(text);
    let resolved = unescape(&stripped);
    // `&amp;lt;b&amp;gt;`: once more for feeds that escape twice; never tags again.
    let resolved = match &resolved {
        Cow::Owned(text) if text.contains('&') && stripped.contains("&amp;") => unescape(text),
        _ => Cow::Borrowed(resolved.as_ref()),
    };
    fold_white_space(&resolved)
}

/// White space folded to single blanks, control and zero-width marks at the ends removed.
pub(super) fn fold_white_space(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}')
        .filter(|word| !word.is_empty())
    {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

fn strip_tags(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        // Only the tags go, also those of scripts: "How a <script> works" must not lose its end.
        if let Some((length, divides)) = html_tag(rest) {
            rest = &rest[length..];
            // Lines and blocks divide words, bold letters do not.
            if divides {
                out.push(' ');
            }
        } else {
            out.push('<');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The length of the HTML tag, comment or document type that begins the text, and whether it divides
/// words.
fn html_tag(text: &str) -> Option<(usize, bool)> {
    let bytes = &text.as_bytes()[..text.len().min(LONGEST_TAG)];
    if bytes.starts_with(b"<!--") {
        return memchr::memmem::find(bytes, b"-->").map(|end| (end + 3, false));
    }
    // `a < b and c > d` is no tag, a second `<` before the `>` neither.
    let end = memchr::memchr2(b'>', b'<', &bytes[1..])? + 1;
    if bytes[end] != b'>' {
        return None;
    }
    if bytes.len() > 9 && bytes[..9].eq_ignore_ascii_case(b"<!doctype") {
        return Some((end + 1, false));
    }
    let inner = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    let length = inner.bytes().position(|byte| !byte.is_ascii_alphanumeric())?;
    if !(1..=16).contains(&length) {
        return None;
    }
    let name = inner[..length].to_ascii_lowercase();
    if !HTML.contains(&format!(" {name} ")) {
        return None;
    }
    let after = inner.as_bytes()[length];
    if !matches!(after, b'>' | b'/' | b' ' | b'\t' | b'\n' | b'\r') {
        return None;
    }
    let divides = matches!(name.as_str(), "br" | "p" | "div" | "li" | "blockquote" | "td" | "hr");
    Some((end + 1, divides))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_and_lone_ampersands_kept() {
        for (text, wanted) in [
            ("AT&T", "AT&T"),
            ("a &amp; b", "a & b"),
            ("a & b &", "a & b &"),
            ("&nbsp;x", "\u{a0}x"),
            ("caf&eacute;", "café"),
            ("&#8217;&#x2019;&#146;", "’’’"),
            ("&#xD83D;", "\u{fffd}"),
            ("&#55357;&#56832;&#xD83D;&#xDE00; &#55357;&#65;", "😀😀 \u{fffd}A"),
            ("&#0;&#1;", "\u{fffd}\u{fffd}"),
            ("&#99999999999;", "\u{fffd}"),
            ("&doesnotexist;", "&doesnotexist;"),
            ("?a=1&copy=2", "?a=1&copy=2"),
            ("&#;&#x;&;", "&#;&#x;&;"),
            ("&é;", "&é;"),
        ] {
            assert_eq!(unescape(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_title_becomes_one_plain_line() {
        for (text, wanted) in [
            ("<b>Rain</b> in <i>Rome</i>", "Rain in Rome"),
            ("a < b, Vec<String> and 3 > 2", "a < b, Vec<String> and 3 > 2"),
            ("AT&amp;amp;T", "AT&T"),
            ("one<br/>two\n three", "one two three"),
            ("<img src='x' alt=\"y\">after", "after"),
            ("&lt;b&gt; is a tag", "<b> is a tag"),
            ("How a <script> works", "How a works"),
            ("<", "<"),
            ("</", "</"),
            ("<b", "<b"),
        ] {
            assert_eq!(plain_line(text), wanted, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_survives_escaping(text in "\\PC*") {
            let mut out = String::new();
            push_escaped(&mut out, &text);
            proptest::prop_assert_eq!(unescape(&out), text);
        }

        #[test]
        fn no_text_makes_a_plain_line_panic(text in "[<>&#;a-zA-Z/! é\\-]*") {
            let _ = plain_line(&text);
        }
    }
}
