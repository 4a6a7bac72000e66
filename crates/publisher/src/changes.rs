//! What changed between two versions of a story, and whether that is news at all.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};

use events::Changes;

use crate::hash::{combine, hash};
use crate::state::{Reader, StateError, Writer};
use crate::words::{essence, paragraphs};

const VERSION: u8 = 1;
/// Unpacked text larger than any article is damage.
const LARGEST_TEXT: u64 = 4 << 20;

/// Hashes of what counts of title and text: equal hashes are no news.
pub(crate) fn fingerprint(title: Option<&str>, text: &str) -> (u32, u64) {
    let title = (hash(essence(title.unwrap_or_default()).as_bytes()) >> 32) as u32;
    let text = paragraphs(text)
        .map(essence)
        .filter(|essence| !essence.is_empty())
        .fold(hash(b""), |state, essence| combine(state, hash(essence.as_bytes())));
    (title, text & 0xffff_ffff_ffff)
}

/// Paragraphs that are new and that are gone. A paragraph that only moved is neither.
pub(crate) fn between(before: &str, after: &str, title: bool) -> Changes {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for paragraph in paragraphs(before) {
        *counts.entry(essence(paragraph)).or_default() += 1;
    }
    let mut added = Vec::new();
    for paragraph in paragraphs(after) {
        let essence = essence(paragraph);
        if essence.is_empty() {
            continue;
        }
        let count = counts.entry(essence).or_default();
        *count -= 1;
        if *count < 0 {
            added.push(paragraph.to_owned());
        }
    }
    let mut removed = Vec::new();
    for paragraph in paragraphs(before) {
        let essence = essence(paragraph);
        if essence.is_empty() {
            continue;
        }
        if let Some(count) = counts.get_mut(&essence)
            && *count > 0
        {
            *count -= 1;
            removed.push(paragraph.to_owned());
        }
    }
    Changes { title, added, removed }
}

/// A text as it is kept, packed, with the number of its story.
pub(crate) fn pack(number: u32, text: &str) -> Vec<u8> {
    let mut writer = Writer::new(VERSION);
    writer.number(u64::from(number));
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
    let packed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    // Writing into memory does not fail; an empty text would only mean that `removed` is empty.
    writer.raw(&packed.unwrap_or_default());
    writer.finish()
}

/// The story's number and packed text of a record.
pub(crate) fn open<'a>(key: &'a str, value: &'a [u8]) -> Result<(u32, &'a [u8]), StateError> {
    let mut reader = Reader::new(key, value, VERSION)?;
    let number = reader.small()?;
    Ok((number, reader.rest()))
}

/// The text that [`pack`] packed.
pub(crate) fn unpack(key: &str, value: &[u8]) -> Result<String, StateError> {
    let (_, packed) = open(key, value)?;
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(packed)
        .take(LARGEST_TEXT)
        .read_to_string(&mut text)
        .map_err(|error| StateError::corrupt(key, error))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_are_news() {
        let before =
            fingerprint(Some("Ferry sinks"), "The ferry sank.\n\n12 comments\n\nNobody was hurt.");
        for (title, text, is_same) in [
            ("Ferry sinks", "The ferry  sank.\nNobody was hurt.", true),
            (
                "“Ferry sinks”",
                "The ferry sank.\n\n14 comments\n\nNobody was hurt.\n\nLast updated: 14:05",
                true,
            ),
            ("Ferry sinks", "The ferry sank.\n\nOne person was hurt.", false),
            ("Ferry sunk", "The ferry sank.\n\nNobody was hurt.", false),
        ] {
            assert_eq!(fingerprint(Some(title), text) == before, is_same, "{title}: {text}");
        }
    }

    #[test]
    fn changes_name_whole_paragraphs() {
        let before = "One.\n\nTwo.\n\nTwo.\n\nThree.\n\n3 comments";
        let after = "Three.\n\nTwo.\n\nFour.\n\nOne.\n\n4 comments";
        let changes = between(before, after, false);
        assert_eq!(changes.added, ["Four."]);
        assert_eq!(changes.removed, ["Two."]);
        assert_eq!(between(before, before, true), Changes { title: true, ..Changes::default() });
    }

    #[test]
    fn a_text_survives_packing() {
        let text = "Ünï\n\n".repeat(500);
        let value = pack(300, &text);
        assert!(value.len() < 100);
        assert_eq!(open("k", &value).unwrap().0, 300);
        assert_eq!(unpack("k", &value).unwrap(), text);
        assert!(unpack("k", &value[..value.len() / 2]).is_err());
    }
}
