//! What changed between two versions of a story, and the packed text that this is told from.

use std::collections::BTreeMap;
use std::io::Read as _;

use events::Changes;
use flate2::{Compress, Compression, FlushCompress, Status};

use crate::state::{Reader, StateError, Writer};
use crate::words::{essence, paragraphs};

const VERSION: u8 = 1;
/// Unpacked text larger than any article is damage.
const LARGEST_TEXT: u64 = 4 << 20;

/// What changed, as the fingerprints of two versions say, which are kept as long as the story is.
pub(crate) fn of(before: (u32, u64), after: (u32, u64)) -> Changes {
    Changes { title: before.0 != after.0, text: before.1 != after.1, ..Changes::default() }
}

/// The same with the paragraphs that are new and that are gone. One that only moved is neither.
pub(crate) fn between(before: &str, after: &str, changes: Changes) -> Changes {
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
    Changes { added, removed, ..changes }
}

/// Packs texts. Kept from text to text, for making it costs more than packing one.
pub(crate) struct Packer(Compress);

impl Default for Packer {
    fn default() -> Self {
        Self(Compress::new(Compression::fast(), false))
    }
}

impl Packer {
    /// A text as it is kept, packed (RFC 1951), with the number of its story.
    pub(crate) fn pack(&mut self, number: u32, text: &str) -> Vec<u8> {
        let mut writer = Writer::new(VERSION);
        writer.number(u64::from(number));
        self.0.reset();
        let mut packed = Vec::with_capacity(text.len() / 2 + 64);
        loop {
            let read = usize::try_from(self.0.total_in()).unwrap_or(text.len()).min(text.len());
            let rest = &text.as_bytes()[read..];
            match self.0.compress_vec(rest, &mut packed, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => break,
                Ok(_) => packed.reserve(packed.capacity().max(64)),
                // Packing into memory does not fail; without the text `removed` is empty later.
                Err(_) => {
                    packed.clear();
                    break;
                }
            }
        }
        writer.raw(&packed);
        writer.finish()
    }
}

/// The story's number and packed text of a record.
pub(crate) fn open<'a>(key: &'a str, value: &'a [u8]) -> Result<(u32, &'a [u8]), StateError> {
    let mut reader = Reader::new(key, value, VERSION)?;
    let number = reader.small()?;
    Ok((number, reader.rest()))
}

/// The text that [`Packer::pack`] packed.
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
    fn changes_name_whole_paragraphs() {
        let before = "One.\n\nTwo.\n\nTwo.\n\nThree.\n\n3 comments";
        let after = "Three.\n\nTwo.\n\nFour.\n\nOne.\n\n4 comments";
        let changes = between(before, after, Changes::default());
        assert_eq!(changes.added, ["Four."]);
        assert_eq!(changes.removed, ["Two."]);
        let titled = of((1, 2), (3, 2));
        assert!(titled.title && !titled.text);
        assert_eq!(between(before, before, titled.clone()), titled);
    }

    #[test]
    fn a_text_survives_packing() {
        let text = "Ünï\n\n".repeat(500);
        let mut packer = Packer::default();
        packer.pack(1, "another text");
        let value = packer.pack(300, &text);
        assert_eq!(value, Packer::default().pack(300, &text));
        assert!(value.len() < 100);
        assert_eq!(open("k", &value).unwrap().0, 300);
        assert_eq!(unpack("k", &value).unwrap(), text);
        assert!(unpack("k", &value[..value.len() / 2]).is_err());
    }
}
