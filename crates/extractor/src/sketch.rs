//! What a site memory needs of a page: its blocks with the places they stand at, and where title,
//! byline and date may be. Made while extracting, so that the memory itself never sees a page.

use events::Timestamp;

use crate::page::Page;
use crate::render::Block;

/// A place in a design: a hash of the element's kind and class names and those of what is around
/// it. The same on every machine.
pub(crate) type Place = u32;

/// How many elements make a place.
const LEVELS: usize = 3;

/// What may be learned at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Title,
    Byline,
    Date,
}

/// Something that may be the title, the byline or the date.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) role: Role,
    pub(crate) place: Place,
    pub(crate) text: String,
    pub(crate) at: Option<Timestamp>,
}

/// What the page or its feed said for certain; the rest was found by looking.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Certain {
    pub(crate) title: bool,
    pub(crate) authors: bool,
    pub(crate) published: bool,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sketch {
    pub(crate) blocks: Vec<Block>,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) certain: Certain,
    /// The words of an article that the page says itself that it is.
    pub(crate) least_words: u32,
}

/// The place of a node.
pub(crate) fn place_of(page: &Page<'_>, at: usize) -> Place {
    let mut hash = Fnv::new();
    let mut levels = 0;
    let mut node = at;
    while levels < LEVELS && node > page.body {
        if let Some(element) = page.nodes[node].element {
            hash.add(element.name().as_bytes());
            for name in element.attr("class").unwrap_or_default().split_ascii_whitespace() {
                // Numbers in names are ids of posts and of columns.
                hash.add(b".");
                for byte in name.bytes().filter(|byte| !byte.is_ascii_digit()) {
                    hash.add(&[byte]);
                }
            }
            hash.add(b">");
            levels += 1;
        }
        node = page.nodes[node].parent as usize;
    }
    hash.finish()
}

/// A hash of a text's words: case, punctuation and spaces do not count, and all numbers are one.
pub(crate) fn hash_of(text: &str) -> u32 {
    let mut hash = Fnv::new();
    let mut buffer = [0_u8; 4];
    let mut gap = false;
    let mut in_number = false;
    for c in text.chars() {
        if c.is_numeric() {
            if !in_number {
                hash.add(b"#");
            }
            in_number = true;
            gap = false;
        } else if c.is_alphabetic() {
            if gap {
                hash.add(b" ");
            }
            gap = false;
            in_number = false;
            for lower in c.to_lowercase() {
                hash.add(lower.encode_utf8(&mut buffer).as_bytes());
            }
        } else {
            gap = true;
        }
    }
    hash.finish()
}

/// A hash of an address, every byte of it.
pub(crate) fn hash_of_address(address: &str) -> u32 {
    let mut hash = Fnv::new();
    hash.add(address.as_bytes());
    hash.finish()
}

/// FNV-1a, 32 bits: small, fixed, the same everywhere.
struct Fnv(u32);

impl Fnv {
    fn new() -> Self {
        Self(0x811c_9dc5)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }

    fn finish(self) -> u32 {
        self.0
    }
}

/// Two hashes and a kind as one.
pub(crate) fn join(kind: u8, one: u32, two: u32) -> u32 {
    let mut hash = Fnv::new();
    hash.add(&[kind]);
    hash.add(&one.to_le_bytes());
    hash.add(&two.to_le_bytes());
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_case_and_marks_do_not_count() {
        assert_eq!(hash_of("2 minutes read"), hash_of("14 Minutes, read"));
        assert_eq!(hash_of("Updated 2.12.2025 14:00"), hash_of("updated 3 4 2026 9 15"));
        assert_ne!(hash_of("two minutes"), hash_of("three minutes"));
    }
}
