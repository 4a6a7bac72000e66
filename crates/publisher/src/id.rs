//! Ids in memory: 17 bytes instead of 26 characters, for millions of them are kept.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::state::{Reader, StateError, Writer};

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const LENGTH: usize = 26;

/// An id as `events::hash_id` makes it: 26 characters of base32, 130 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 17]);

/// The text is no id.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no id: 26 characters of a-z and 2-7 were expected")]
pub struct NoId(String);

impl Id {
    /// The id of a text.
    pub fn of(text: &str) -> Self {
        // A hash_id always has the form that from_str reads.
        events::hash_id(text).parse().unwrap_or(Self([0; 17]))
    }

    /// The id of an event's story.
    pub(crate) fn of_event(event: &events::StoryEvent) -> Self {
        // The engine wrote it from an Id.
        event.id.parse().unwrap_or(Self([0; 17]))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn read(key: &str, bytes: &[u8]) -> Result<Self, StateError> {
        let bytes = bytes.try_into().map_err(|_| StateError::corrupt(key, "an id is too short"))?;
        Ok(Self(bytes))
    }
}

impl FromStr for Id {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        if text.len() != LENGTH {
            return Err(NoId(text.to_owned()));
        }
        let mut bytes = [0; 17];
        for (index, character) in text.bytes().enumerate() {
            let value = match character {
                b'a'..=b'z' => character - b'a',
                b'2'..=b'7' => character - b'2' + 26,
                _ => return Err(NoId(text.to_owned())),
            };
            for bit in 0..5 {
                if value >> (4 - bit) & 1 == 1 {
                    let at = index * 5 + bit;
                    bytes[at / 8] |= 0x80 >> (at % 8);
                }
            }
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; LENGTH];
        for (index, character) in text.iter_mut().enumerate() {
            let mut value = 0;
            for bit in 0..5 {
                let at = index * 5 + bit;
                value = value << 1 | usize::from(self.0[at / 8] >> (7 - at % 8) & 1);
            }
            *character = ALPHABET[value];
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What identifies an entry. Nearly always an [`Id`]; a text where another program wrote it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryId {
    /// An id of newswire's own making.
    Packed(Id),
    /// Anything else.
    Text(Box<str>),
}

impl EntryId {
    /// 18 bytes, or the text.
    pub(crate) fn write(&self, writer: &mut Writer) {
        match self {
            Self::Packed(id) => {
                writer.number(0);
                writer.raw(id.bytes());
            }
            Self::Text(text) => writer.text(Some(text)),
        }
    }

    pub(crate) fn read(key: &str, reader: &mut Reader<'_>) -> Result<Self, StateError> {
        Ok(match reader.text()? {
            Some(text) => Self::Text(text.into()),
            None => Self::Packed(Id::read(key, reader.raw(17)?)?),
        })
    }
}

impl From<&str> for EntryId {
    fn from(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Text(text.into()), Self::Packed)
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Packed(id) => id.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_text_again() {
        for text in ["", "https://example.org/news/1", "x"] {
            let id = events::hash_id(text);
            assert_eq!(Id::of(text).to_string(), id);
            assert_eq!(EntryId::from(id.as_str()).to_string(), id);
        }
        assert_eq!(EntryId::from("entry 1").to_string(), "entry 1");
        assert!("ABCDEFGHIJKLMNOPQRSTUVWXYZ".parse::<Id>().is_err());
    }
}
