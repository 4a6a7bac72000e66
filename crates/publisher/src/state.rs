//! State: how the publisher's records are spelled, and the one place where they are kept.
//!
//! | key | value | until |
//! |---|---|---|
//! | `meta` | time and counters | for ever |
//! | `ids/<3 characters>` | identities, their places and aliases, whose id begins so | 90 days unseen; withdrawn by command: for ever |
//! | `story/<id>` | a story in the comparison window | it leaves the window |
//! | `text/<id>` | its paragraphs, to say what an update removed | two days, or pushed out by newer ones |
//! | `feed/<feed id>` | a feed as stories name it | for ever (few) |
//! | `group/<number>` | a group | it leaves the window after closing |
//! | `terms/<number>` | terms a story added to the document frequencies | its day leaves the window |
//! | `fate/<entry>/<revision>/<hop>` | a fate | 7 days |

use std::collections::BTreeMap;
use std::ops::Bound;

/// State is corrupt, or newer than this program.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StateError {
    /// Written by a newer release.
    #[error(
        "state record `{key}` has version {found}, this release knows {known}: run the newer release"
    )]
    Newer {
        /// Key of the record.
        key: String,
        /// Its version.
        found: u32,
        /// The newest one this release reads.
        known: u32,
    },
    /// Not what this program writes.
    #[error("state record `{key}` is corrupt: {message}")]
    Corrupt {
        /// Key of the record.
        key: String,
        /// What is wrong with it.
        message: String,
    },
}

impl StateError {
    pub(crate) fn corrupt(key: &str, message: impl std::fmt::Display) -> Self {
        Self::Corrupt { key: key.to_owned(), message: message.to_string() }
    }
}

/// Where the records are: the harness's state in the daemon, [`MemoryState`] elsewhere.
pub trait Records {
    /// The value of a key.
    fn get(&self, key: &str) -> Option<&[u8]>;
    /// Writes a value, or removes it.
    fn put(&mut self, key: &str, value: Option<Vec<u8>>);
}

/// Records in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryState(BTreeMap<Box<str>, Box<[u8]>>);

impl MemoryState {
    /// Keys and values, in order of key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }

    /// Those whose key begins with `prefix`.
    pub fn scan<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.0
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .take_while(move |(key, _)| key.starts_with(prefix))
            .map(|(key, value)| (key.as_ref(), value.as_ref()))
    }
}

impl Records for MemoryState {
    fn get(&self, key: &str) -> Option<&[u8]> {
        self.0.get(key).map(AsRef::as_ref)
    }

    fn put(&mut self, key: &str, value: Option<Vec<u8>>) {
        match value {
            Some(value) => self.0.insert(key.into(), value.into_boxed_slice()),
            None => self.0.remove(key),
        };
    }
}

/// Writes a record of bytes: version first, numbers as LEB128.
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn new(version: u8) -> Self {
        Self(vec![version])
    }

    pub(crate) fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// Eight bytes: a time in milliseconds.
    pub(crate) fn time(&mut self, millis: i64) {
        self.0.extend_from_slice(&millis.to_le_bytes());
    }

    /// A text or none.
    pub(crate) fn text(&mut self, text: Option<&str>) {
        match text {
            None => self.number(0),
            Some(text) => {
                self.number(text.len() as u64 + 1);
                self.raw(text.as_bytes());
            }
        }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// Ascending numbers as differences.
    pub(crate) fn ascending(&mut self, values: impl ExactSizeIterator<Item = u32>) {
        self.number(values.len() as u64);
        let mut before = 0;
        for value in values {
            self.number(u64::from(value - before));
            before = value;
        }
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads what [`Writer`] wrote.
pub(crate) struct Reader<'a> {
    key: &'a str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Checks the version.
    pub(crate) fn new(key: &'a str, value: &'a [u8], known: u8) -> Result<Self, StateError> {
        let Some((version, rest)) = value.split_first() else {
            return Err(StateError::corrupt(key, "it is empty"));
        };
        if *version > known {
            let (found, known) = (u32::from(*version), u32::from(known));
            return Err(StateError::Newer { key: key.to_owned(), found, known });
        }
        if *version == 0 {
            return Err(StateError::corrupt(key, "it has version 0"));
        }
        Ok(Self { key, rest })
    }

    fn short(&self) -> StateError {
        StateError::corrupt(self.key, "it ends too early")
    }

    pub(crate) fn number(&mut self) -> Result<u64, StateError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first().ok_or_else(|| self.short())?;
            self.rest = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(StateError::corrupt(self.key, "a number is too long"))
    }

    pub(crate) fn small(&mut self) -> Result<u32, StateError> {
        u32::try_from(self.number()?)
            .map_err(|_| StateError::corrupt(self.key, "a number is too large"))
    }

    pub(crate) fn raw(&mut self, length: usize) -> Result<&'a [u8], StateError> {
        if length > self.rest.len() {
            return Err(self.short());
        }
        let (bytes, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(bytes)
    }

    /// Eight bytes.
    pub(crate) fn word(&mut self) -> Result<u64, StateError> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.raw(8)?);
        Ok(u64::from_le_bytes(bytes))
    }

    /// A time in milliseconds.
    pub(crate) fn time(&mut self) -> Result<i64, StateError> {
        self.word().map(u64::cast_signed)
    }

    /// One byte.
    pub(crate) fn byte(&mut self) -> Result<u8, StateError> {
        self.raw(1).map(|byte| byte[0])
    }

    /// A text or none.
    pub(crate) fn text(&mut self) -> Result<Option<&'a str>, StateError> {
        let Some(length) = self.small()?.checked_sub(1) else {
            return Ok(None);
        };
        let bytes = self.raw(length as usize)?;
        std::str::from_utf8(bytes).map(Some).map_err(|error| StateError::corrupt(self.key, error))
    }

    /// How many things follow, of which each takes a byte at least.
    pub(crate) fn count(&mut self) -> Result<usize, StateError> {
        let count = self.small()? as usize;
        if count > self.rest.len() {
            return Err(self.short());
        }
        Ok(count)
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], StateError> {
        let length = self.small()? as usize;
        self.raw(length)
    }

    pub(crate) fn ascending(&mut self) -> Result<Vec<u32>, StateError> {
        let count = self.count()?;
        let mut values = Vec::with_capacity(count);
        let mut value = 0u32;
        for _ in 0..count {
            value = value
                .checked_add(self.small()?)
                .ok_or_else(|| StateError::corrupt(self.key, "a list is not ascending"))?;
            values.push(value);
        }
        Ok(values)
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn end(&self) -> Result<(), StateError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(StateError::corrupt(self.key, "it is longer than it should be"))
    }
}

/// The JSON of a record with its version in `v`.
pub(crate) fn read_json<'a, T: serde::Deserialize<'a>>(
    key: &str,
    value: &'a [u8],
    known: u32,
) -> Result<T, StateError> {
    #[derive(serde::Deserialize)]
    struct Version {
        v: u32,
    }
    let version: Version =
        serde_json::from_slice(value).map_err(|error| StateError::corrupt(key, error))?;
    if version.v > known {
        return Err(StateError::Newer { key: key.to_owned(), found: version.v, known });
    }
    serde_json::from_slice(value).map_err(|error| StateError::corrupt(key, error))
}

/// The JSON of one of our own records.
pub(crate) fn write_json<T: serde::Serialize>(value: &T) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "the records have string keys and finite numbers only")]
    serde_json::to_vec(value).expect("a state record is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists_survive() {
        let mut writer = Writer::new(1);
        for value in [0, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            writer.number(value);
        }
        writer.ascending([3, 3, 500, u32::MAX].into_iter());
        writer.bytes(b"abc");
        let value = writer.finish();
        let mut reader = Reader::new("k", &value, 1).unwrap();
        for expected in [0, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            assert_eq!(reader.number().unwrap(), expected);
        }
        assert_eq!(reader.ascending().unwrap(), [3, 3, 500, u32::MAX]);
        assert_eq!(reader.bytes().unwrap(), b"abc");
        reader.end().unwrap();
        for cut in 1..value.len() {
            let mut reader = Reader::new("k", &value[..cut], 1).unwrap();
            let whole = (0..6)
                .try_for_each(|_| reader.number().map(drop))
                .and_then(|()| reader.ascending().map(drop))
                .and_then(|()| reader.bytes().map(drop));
            assert!(whole.is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_newer_record_is_named() {
        let error = Reader::new("story/x", &[9], 1).err().unwrap();
        assert!(error.to_string().contains("story/x"), "{error}");
        assert!(matches!(error, StateError::Newer { found: 9, .. }));
        assert!(matches!(
            read_json::<u8>("meta", br#"{"v":7}"#, 1),
            Err(StateError::Newer { found: 7, .. })
        ));
        assert!(matches!(read_json::<u8>("meta", b"{", 1), Err(StateError::Corrupt { .. })));
    }
}
