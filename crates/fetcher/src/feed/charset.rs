//! Bytes to text: which charset a feed is really in, whatever it or its server says.
//!
//! Order of belief: byte order mark, wide characters seen in the first bytes, valid UTF-8, the
//! HTTP charset, the XML declaration, a detector. A document that says UTF-8 and nearly is keeps
//! its good characters and has the bad bytes replaced: one bad byte must not cost a title.

use std::borrow::Cow;

use super::problems::Problems;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Only so much of a document is read to find its declared encoding.
const DECLARATION_WINDOW: usize = 1024;
/// The share of non-ASCII bytes that may be wrong in a document that is still called UTF-8: with
/// more it is some other charset with a wrong label.
const BAD_UTF8_SHARE: f64 = 0.1;

/// The text of a document and what had to be done to get it.
pub(super) fn decode<'a>(
    body: &'a [u8],
    content_type: Option<&str>,
    problems: &mut Problems,
) -> Cow<'a, str> {
    if let Some(text) = decode_wide(body, problems) {
        return Cow::Owned(text);
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match joined_surrogates(body) {
        Some(joined) => {
            problems.add("characters written as two halves were joined");
            Cow::Owned(decode_bytes(&joined, content_type, problems).into_owned())
        }
        None => decode_bytes(body, content_type, problems),
    }
}

/// A text whose characters are not wide.
fn decode_bytes<'a>(
    body: &'a [u8],
    content_type: Option<&str>,
    problems: &mut Problems,
) -> Cow<'a, str> {
    let declared = declared_encoding(body);
    let header = content_type.and_then(charset_of_content_type);
    if let Ok(text) = std::str::from_utf8(body) {
        // The one seven-bit encoding still met: its text is valid UTF-8 full of escapes.
        let seven_bit = [header, declared].into_iter().flatten().find(|encoding| {
            !encoding.is_ascii_compatible() && *encoding == encoding_rs::ISO_2022_JP
        });
        return match seven_bit {
            Some(encoding) if body.contains(&0x1b) => {
                Cow::Owned(encoding.decode(body).0.into_owned())
            }
            _ => Cow::Borrowed(text),
        };
    }
    let (encoding, why) = choose(body, header, declared);
    let (text, had_errors) = encoding.decode_without_bom_handling(body);
    if had_errors {
        problems.add(format!("bytes that are no {} were replaced", encoding.name()));
    }
    if let Some(why) = why {
        problems.add(format!("read as {} ({why})", encoding.name()));
    }
    text
}

/// The encoding of a document that is not valid UTF-8, and why where nobody declared it.
fn choose(
    body: &[u8],
    header: Option<&'static Encoding>,
    declared: Option<&'static Encoding>,
) -> (&'static Encoding, Option<&'static str>) {
    let utf8_is_near = share_of_bad_utf8(body) <= BAD_UTF8_SHARE;
    for encoding in [header, declared].into_iter().flatten() {
        // A label of a wide encoding on bytes without a single zero is a lie.
        if encoding == UTF_8 || !encoding.is_ascii_compatible() {
            continue;
        }
        if utf8_is_near {
            return (UTF_8, Some("nearly all of it is, though it says otherwise"));
        }
        if encoding.decode_without_bom_handling(body).1 {
            continue;
        }
        // Servers that label all they have alike are overruled by a document that says otherwise
        // and looks so.
        return match declared.filter(|declared| *declared != encoding) {
            Some(declared) if header == Some(encoding) && looks_like(body, declared) => {
                (declared, Some("as the document says; the server says otherwise"))
            }
            _ => (encoding, None),
        };
    }
    if utf8_is_near {
        return (UTF_8, None);
    }
    (detected(body), Some("detected"))
}

fn detected(body: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(body, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// Whether the detector would read the same text.
fn looks_like(body: &[u8], encoding: &'static Encoding) -> bool {
    if encoding == UTF_8 || !encoding.is_ascii_compatible() {
        return false;
    }
    let (text, had_errors) = encoding.decode_without_bom_handling(body);
    !had_errors && detected(body).decode_without_bom_handling(body).0 == text
}

/// UTF-8 in which characters beyond the basic plane were written as two surrogates of three bytes
/// each ("CESU-8": old databases and Java do so), mended; `None` where there are none.
fn joined_surrogates(body: &[u8]) -> Option<Vec<u8>> {
    let pair = |at: usize| match body.get(at..at + 6)? {
        [0xed, a @ 0xa0..=0xaf, b @ 0x80..=0xbf, 0xed, c @ 0xb0..=0xbf, d @ 0x80..=0xbf] => {
            let bits = |byte: u8| u32::from(byte & 0x3f);
            let high = (bits(*a) & 0xf) << 6 | bits(*b);
            let low = (bits(*c) & 0xf) << 6 | bits(*d);
            char::from_u32(0x1_0000 + (high << 10 | low))
        }
        _ => None,
    };
    let first = memchr::memchr_iter(0xed, body).find(|at| pair(*at).is_some())?;
    let mut out = body[..first].to_vec();
    let mut at = first;
    while at < body.len() {
        if let Some(c) = pair(at) {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            at += 6;
        } else {
            out.push(body[at]);
            at += 1;
        }
    }
    // The same bytes mean something else in Chinese and Korean encodings.
    (share_of_bad_utf8(&out) <= BAD_UTF8_SHARE).then_some(out)
}

/// Bad bytes by non-ASCII bytes.
fn share_of_bad_utf8(body: &[u8]) -> f64 {
    let mut bad = 0_usize;
    let mut good = 0_usize;
    let mut chunks = body.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        // A character that the end of the document cut through proves nothing.
        if chunks.peek().is_some() {
            bad += chunk.invalid().len();
        }
        good += chunk.valid().bytes().filter(|byte| !byte.is_ascii()).count();
    }
    bad as f64 / (bad + good).max(1) as f64
}

/// UTF-16 and UTF-32, with a byte order mark or by the zeros round the first `<`.
fn decode_wide(body: &[u8], problems: &mut Problems) -> Option<String> {
    let first: [u8; 4] = body.get(..4)?.try_into().ok()?;
    let (text, had_errors) = match first {
        [0, 0, 0xfe, 0xff] => utf32(&body[4..], u32::from_be_bytes),
        [0xff, 0xfe, 0, 0] => utf32(&body[4..], u32::from_le_bytes),
        [0, 0, 0, b'<' | b'{'] => utf32(body, u32::from_be_bytes),
        [b'<' | b'{', 0, 0, 0] => utf32(body, u32::from_le_bytes),
        [0xfe, 0xff, _, _] => utf16(&body[2..], UTF_16BE),
        [0xff, 0xfe, _, _] => utf16(&body[2..], UTF_16LE),
        [0, b'<' | b'{' | b' ' | b'\n' | b'\r', 0, _] => utf16(body, UTF_16BE),
        [b'<' | b'{' | b' ' | b'\n' | b'\r', 0, _, 0] => utf16(body, UTF_16LE),
        _ => return None,
    };
    if had_errors {
        problems.add("characters that are no Unicode were replaced".to_owned());
    }
    Some(text)
}

fn utf16(body: &[u8], encoding: &'static Encoding) -> (String, bool) {
    let (text, had_errors) = encoding.decode_without_bom_handling(body);
    (text.into_owned(), had_errors)
}

fn utf32(body: &[u8], read: fn([u8; 4]) -> u32) -> (String, bool) {
    let mut had_errors = !body.len().is_multiple_of(4);
    let text = body
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| {
            char::from_u32(read(*bytes)).unwrap_or_else(|| {
                had_errors = true;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    (text, had_errors)
}

/// The `charset` parameter of a Content-Type, quoted in any way.
fn charset_of_content_type(value: &str) -> Option<&'static Encoding> {
    value.split(';').skip(1).find_map(|parameter| {
        let (name, label) = parameter.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("charset") {
            return None;
        }
        let label = label.trim().trim_matches(['"', '\'']).trim();
        Encoding::for_label(label.as_bytes())
    })
}

/// The encoding that an XML declaration names.
fn declared_encoding(body: &[u8]) -> Option<&'static Encoding> {
    let window = &body[..body.len().min(DECLARATION_WINDOW)];
    let window = String::from_utf8_lossy(window);
    let start = window.find("<?xml")?;
    let declaration = &window[start..];
    let declaration = &declaration[..declaration.find('>')?];
    let value = declaration[declaration.find("encoding")? + "encoding".len()..]
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value[1..].split(quote).next()?;
    Encoding::for_label(label.trim().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(body: &[u8], content_type: Option<&str>) -> (String, Vec<String>) {
        let mut problems = Problems::default();
        let text = decode(body, content_type, &mut problems).into_owned();
        (text, problems.into_list())
    }

    #[test]
    fn the_charset_is_found_whatever_the_labels_say() {
        let utf16: Vec<u8> = "<a>é</a>".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let utf32: Vec<u8> = "<a>é</a>".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
        for (body, content_type) in [
            ("<a>é</a>".as_bytes(), None),
            ("<a>é</a>".as_bytes(), Some("text/xml; charset=iso-8859-1")),
            (b"\xef\xbb\xbf<a>\xc3\xa9</a>", None),
            (b"<a>\xe9</a>", Some("text/xml; charset='ISO-8859-1'")),
            (&utf16, None),
            (&utf32, None),
        ] {
            let (text, problems) = decoded(body, content_type);
            assert_eq!(text, "<a>é</a>");
            assert_eq!(problems, Vec::<String>::new());
        }
        let body = b"<?xml version=\"1.0\" encoding = 'windows-1252' ?><a>\xe9</a>";
        assert!(decoded(body, None).0.ends_with("<a>é</a>"));
    }

    #[test]
    fn one_bad_byte_costs_one_character() {
        let mut body =
            "<?xml version='1.0' encoding='utf-8'?><a>Ä Ö Ü ä ö ü ß é è ê".as_bytes().to_vec();
        body.push(0xff);
        body.extend_from_slice(b"</a>");
        let (text, problems) = decoded(&body, None);
        assert!(text.ends_with("ê\u{fffd}</a>"), "{text}");
        assert_eq!(problems, ["bytes that are no UTF-8 were replaced"]);
    }

    #[test]
    fn a_document_overrules_its_server_where_it_looks_like_what_it_says() {
        let text = "<t>Новости дня: в Москве прошёл сильный дождь, метро стоит</t>";
        let body = |label: &str, encoding: &'static Encoding| {
            let mut body = format!("<?xml version='1.0' encoding='{label}'?>").into_bytes();
            body.extend_from_slice(&encoding.encode(text).0);
            body
        };
        let cyrillic = body("windows-1251", encoding_rs::WINDOWS_1251);
        let (read, problems) = decoded(&cyrillic, Some("text/xml; charset=ISO-8859-1"));
        assert!(read.ends_with(text), "{read}");
        let wanted = "read as windows-1251 (as the document says; the server says otherwise)";
        assert_eq!(problems, [wanted]);
        // It is the document that lies here.
        let lying = body("iso-8859-1", encoding_rs::KOI8_R);
        let (read, _) = decoded(&lying, Some("text/xml; charset=koi8-r"));
        assert!(read.ends_with(text), "{read}");
    }

    #[test]
    fn halves_of_characters_are_joined_and_a_cut_character_is_no_other_charset() {
        let (text, problems) = decoded(b"<a>\xed\xa0\xbd\xed\xb8\x80</a>", None);
        assert_eq!(text, "<a>😀</a>");
        assert_eq!(problems, ["characters written as two halves were joined"]);
        let cut = "<?xml version='1.0' encoding='utf-8'?><a>ét".as_bytes();
        let (text, _) = decoded(&[cut, b"\xc3"].concat(), None);
        assert!(text.ends_with("ét\u{fffd}"), "{text}");
    }

    #[test]
    fn bytes_without_any_label_are_detected() {
        let (bytes, _, _) =
            encoding_rs::KOI8_R.encode("<t>Новости дня: в Москве прошёл сильный дождь</t>");
        let (text, problems) = decoded(&bytes, None);
        assert!(text.contains("Москве"), "{text}");
        // KOI8-U has the same letters.
        assert!(problems[0].starts_with("read as KOI8"), "{problems:?}");
    }
}
