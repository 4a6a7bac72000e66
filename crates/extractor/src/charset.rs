//! Bytes to text: which encoding a page is in. Knows nothing of HTML beyond `<meta>`.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How far into the page a `<meta charset>` counts. The standard says 1,024 bytes; pages that put
/// styles and comments first are common enough to look further.
const META_SEARCH: usize = 8 * 1024;
/// How much of the page the detector sees: enough for its statistics, bounded for speed.
const DETECTION_BYTES: usize = 256 * 1024;

/// How much of a page is looked at to tell text from other data.
const BINARY_SEARCH: usize = 64 * 1024;

/// Decodes a page. Order of belief: byte order mark, HTTP, `<meta>`, detection. Valid UTF-8 is UTF-8
/// whatever was declared: text of another encoding practically never is valid UTF-8 by chance, but for
/// the ASCII of UTF-16, which is full of zeros.
pub(crate) fn decode<'a>(body: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(body) {
        return encoding.decode_without_bom_handling(&body[mark..]).0;
    }
    let by_http = content_type.and_then(charset_of_content_type);
    if let Some(encoding) = by_http.filter(|encoding| is_wide(encoding))
        && body[..body.len().min(META_SEARCH)].contains(&0)
    {
        return encoding.decode_without_bom_handling(body).0;
    }
    if let Ok(text) = std::str::from_utf8(body) {
        // ISO-2022-JP is pure ASCII on the wire; only its escape sequences give it away.
        if !body.contains(&0x1b) {
            return Cow::Borrowed(text);
        }
    }
    let declared = by_http.or_else(|| charset_of_meta(body));
    let (letters, broken) = letters_and_broken(body);
    let encoding = match declared {
        // A broken byte or a cut letter does not make it something else, whatever was declared.
        _ if broken > 0 && letters >= broken * LETTERS_FOR_BROKEN => UTF_8,
        // Declared UTF-8 with a few broken bytes stays UTF-8; with many it is a lie.
        Some(encoding) if encoding == UTF_8 && broken > FEW_BROKEN => detect(body),
        Some(encoding) if encoding == X_USER_DEFINED => WINDOWS_1252,
        Some(encoding) => encoding,
        None => detect(body),
    };
    encoding.decode_without_bom_handling(body).0
}

/// Whether a text is none: more than a fiftieth of its beginning is control characters.
pub(crate) fn is_binary(text: &str) -> bool {
    let start = text.as_bytes();
    let start = &start[..start.len().min(BINARY_SEARCH)];
    let control = start
        .iter()
        .filter(|byte| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | b'\x0c' | 0x1b))
        .count();
    control * 50 > start.len()
}

/// Whether it takes two bytes for a letter of ASCII.
fn is_wide(encoding: &Encoding) -> bool {
    encoding == UTF_16BE || encoding == UTF_16LE
}

fn charset_of_content_type(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let (_, after) = lower.split_once("charset")?;
    let label = after
        .trim_start()
        .strip_prefix('=')?
        .trim_start_matches([' ', '"', '\''])
        .split([';', '"', '\'', ' ', ','])
        .next()?;
    Encoding::for_label(label.as_bytes())
}

fn charset_of_meta(body: &[u8]) -> Option<&'static Encoding> {
    let head = &body[..body.len().min(META_SEARCH)];
    let lower: Vec<u8> = head.iter().map(u8::to_ascii_lowercase).collect();
    let mut from = 0;
    while let Some(found) = find(&lower[from..], b"<meta") {
        let start = from + found;
        let end = lower[start..]
            .iter()
            .position(|byte| *byte == b'>')
            .map_or(lower.len(), |length| start + length);
        let tag = String::from_utf8_lossy(&lower[start..end]);
        if let Some(encoding) = charset_of_content_type(&tag) {
            // A page that could say so in ASCII is not in UTF-16 (HTML standard, 13.2.3.2).
            return Some(if is_wide(encoding) { UTF_8 } else { encoding });
        }
        from = end;
    }
    None
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Letters of several bytes for each broken sequence, at least, in what is UTF-8 beyond doubt: text of
/// another encoding hardly has any.
const LETTERS_FOR_BROKEN: usize = 10;
/// Broken sequences of a text with fewer such letters that is UTF-8 if it says so, at most.
const FEW_BROKEN: usize = 2;

/// Letters beyond ASCII, and broken sequences, of a text read as UTF-8.
fn letters_and_broken(body: &[u8]) -> (usize, usize) {
    body.utf8_chunks().fold((0, 0), |(letters, broken), chunk| {
        let more = chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        (letters + more, broken + usize::from(!chunk.invalid().is_empty()))
    })
}

fn detect(body: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&body[..body.len().min(DETECTION_BYTES)], true);
    detector.guess(None, Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_byte_does_not_make_utf8_something_else() {
        let text = "Президент встретился с мэром";
        let broken = [text.as_bytes(), &[0xff], b" and more"].concat();
        let cut = [text.as_bytes(), &"ы".as_bytes()[..1]].concat();
        for content_type in [None, Some("text/html; charset=iso-8859-1"), Some("text/html")] {
            assert!(decode(&broken, content_type).starts_with(text), "{content_type:?}");
            assert!(decode(&cut, content_type).starts_with(text), "{content_type:?}");
        }
        // Latin letters may look like one letter of UTF-8, hardly like ten.
        let latin = "Ã© Übergröße für Äpfel, und süße Öle".chars().map(|c| c as u8);
        let latin: Vec<u8> = latin.collect();
        assert!(decode(&latin, None).contains("Übergröße"));
    }

    #[test]
    fn the_encoding_is_found_by_mark_header_meta_or_detection() {
        let cyrillic = encoding_rs::WINDOWS_1251
            .encode("Президент встретился с министром в Москве во вторник вечером")
            .0;
        let meta = [
            b"<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>".as_slice(),
            &cyrillic,
        ]
        .concat();
        let cases: Vec<(Vec<u8>, Option<&str>, &str)> = vec![
            ("\u{feff}é".as_bytes().to_vec(), Some("text/html; charset=latin1"), "é"),
            ("é".as_bytes().to_vec(), Some("text/html; charset=iso-8859-1"), "é"),
            (b"caf\xe9".to_vec(), Some("text/html; charset=\"ISO-8859-1\""), "café"),
            (meta, None, "Президент"),
            (cyrillic.to_vec(), None, "Президент"),
            (vec![0xff, 0xfe, b'h', 0, b'i', 0], None, "hi"),
            (vec![b'h', 0, b'i', 0], Some("text/html; charset=utf-16le"), "hi"),
            ("hi é".as_bytes().to_vec(), Some("text/html; charset=utf-16le"), "hi é"),
            (b"\x1b$B$\"\x1b(B".to_vec(), Some("text/html; charset=iso-2022-jp"), "あ"),
        ];
        for (bytes, content_type, expected) in cases {
            let text = decode(&bytes, content_type);
            assert!(text.contains(expected), "{text} should contain {expected}");
        }
    }

    #[test]
    fn one_broken_byte_does_not_turn_utf_8_into_something_else() {
        let mut bytes = "Grüße aus Köln und Düsseldorf".as_bytes().to_vec();
        bytes.push(0xff);
        assert!(decode(&bytes, Some("text/html; charset=utf-8")).contains("Grüße aus Köln"));
    }
}
