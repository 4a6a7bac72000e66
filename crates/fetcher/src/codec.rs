//! Small binary records: what there are millions of is not kept as JSON. Each begins with its
//! version. Knows nothing of what it carries.

use data_encoding::BASE32_NOPAD;

use crate::poll::VERSION;

/// An id of 26 letters of base32 (130 bits) as 17 bytes.
pub(crate) type PackedId = [u8; 17];

/// Packs an id. What is no such id becomes zeros: see [`is_packable`].
pub(crate) fn pack(id: &str) -> PackedId {
    // Padded to 28 letters (17 bytes and a half) with the letter that stands for zero.
    let padded = format!("{id:a<28.26}").to_ascii_uppercase();
    let bytes = BASE32_NOPAD.decode(padded.as_bytes()).unwrap_or_default();
    bytes.first_chunk::<17>().copied().unwrap_or_default()
}

/// The id that was packed.
pub(crate) fn unpack(packed: &PackedId) -> String {
    let mut id = BASE32_NOPAD.encode(packed).to_ascii_lowercase();
    id.truncate(26);
    id
}

/// Whether an id survives packing: all that newswire makes do.
pub(crate) fn is_packable(id: &str) -> bool {
    unpack(&pack(id)) == id
}

/// Writes a record.
#[derive(Debug)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new() -> Self {
        Self(vec![VERSION as u8])
    }

    pub(crate) fn number(&mut self, mut number: u64) {
        // LEB128: seven bits a byte, the lowest first.
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.raw(text.as_bytes());
    }

    /// An absent text is an empty one.
    pub(crate) fn optional(&mut self, text: Option<&str>) {
        self.text(text.unwrap_or_default());
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads a record; every step is `None` where the bytes end early or make no sense.
#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// `None` for a record of another version.
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        (u32::from(*version) == VERSION).then_some(Self(rest))
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.number()?).ok()?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(head.to_vec()).ok()
    }

    #[expect(
        clippy::option_option,
        reason = "the bytes end too soon; or they say that there is none"
    )]
    pub(crate) fn optional(&mut self) -> Option<Option<String>> {
        Some(Some(self.text()?).filter(|text| !text.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_packing_and_what_is_none_is_told() {
        for text in ["", "a", "https://example.org/"] {
            let id = events::hash_id(text);
            assert_eq!(unpack(&pack(&id)), id);
            assert!(is_packable(&id));
        }
        for text in ["", "my-feed", "01010101010101010101010101", "ä"] {
            assert!(!is_packable(text), "{text}");
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written_and_a_cut_one_is_none() {
        let mut writer = Writer::new();
        for number in [0, 127, 128, 300, u64::MAX] {
            writer.number(number);
        }
        writer.text("ä");
        writer.optional(None);
        writer.raw(&[1, 2, 3]);
        let bytes = writer.into_bytes();
        let read = |bytes: &[u8]| {
            let mut reader = Reader::new(bytes)?;
            for number in [0, 127, 128, 300, u64::MAX] {
                assert_eq!(reader.number()?, number);
            }
            assert_eq!(reader.text()?, "ä");
            assert_eq!(reader.optional()?, None);
            assert_eq!(reader.array::<3>()?, [1, 2, 3]);
            reader.is_at_end().then_some(())
        };
        assert_eq!(read(&bytes), Some(()));
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end]), None, "{end}");
        }
    }
}
