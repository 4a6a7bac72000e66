//! Fates in state: what became of an (entry id, revision, hop), for `feeds check` and `status`.

use events::{Fate, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::EntryId;
use crate::state::{StateError, read_json, write_json};

/// Prefix of the keys of fates.
pub const PREFIX: &str = "fate/";
/// How long a fate is kept, in milliseconds of the publisher's time.
pub(crate) const KEPT: i64 = 7 * 24 * 3_600_000;
const VERSION: u32 = 1;

/// What a fate is the fate of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FateKey {
    /// Entry id.
    pub entry: EntryId,
    /// Revision of the entry.
    pub revision: u32,
    /// Hop of the entry.
    pub hop: u32,
}

impl FateKey {
    pub(crate) fn of(entry: &events::Entry) -> Self {
        Self { entry: entry.id.as_str().into(), revision: entry.revision, hop: entry.hop }
    }

    /// The state record's key.
    pub fn key(&self) -> String {
        format!("{PREFIX}{}/{}/{}", self.entry, self.revision, self.hop)
    }

    /// Reads a state record's key; `None` where it is none of a fate.
    pub fn parse(key: &str) -> Option<Self> {
        let mut parts = key.strip_prefix(PREFIX)?.rsplitn(3, '/');
        let hop = parts.next()?.parse().ok()?;
        let revision = parts.next()?.parse().ok()?;
        Some(Self { entry: parts.next()?.into(), revision, hop })
    }
}

/// A fate with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FateRecord {
    /// What it is the fate of.
    pub of: FateKey,
    /// The publisher's time when it was decided.
    pub at: Timestamp,
    /// The fate.
    pub fate: Fate,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    v: u32,
    at: Timestamp,
    #[serde(flatten)]
    fate: Fate,
}

pub(crate) fn write(at: Timestamp, fate: &Fate) -> Vec<u8> {
    write_json(&Stored { v: VERSION, at, fate: fate.clone() })
}

/// Reads a state record of the publisher: `None` where the key is none of a fate.
///
/// # Errors
/// [`StateError`] where the value is corrupt or of a newer release.
pub fn read_fate(key: &str, value: &[u8]) -> Result<Option<FateRecord>, StateError> {
    if !key.starts_with(PREFIX) {
        return Ok(None);
    }
    let of = FateKey::parse(key)
        .ok_or_else(|| StateError::corrupt(key, "its key names no entry, revision and hop"))?;
    let stored: Stored = read_json(key, value, VERSION)?;
    Ok(Some(FateRecord { of, at: stored.at, fate: stored.fate }))
}

#[cfg(test)]
mod tests {
    use events::SkipReason;

    use super::*;

    #[test]
    fn a_fate_survives_its_record() {
        for entry in [events::hash_id("x"), "some/entry".to_owned()] {
            let of = FateKey { entry: entry.as_str().into(), revision: 2, hop: 1 };
            let fate = Fate::Skipped { reason: SkipReason::TooOld };
            let at = Timestamp::from_secs(1_764_680_700);
            let read = read_fate(&of.key(), &write(at, &fate)).unwrap();
            assert_eq!(read, Some(FateRecord { of, at, fate }));
        }
        assert_eq!(read_fate("meta", b"{}"), Ok(None));
        assert!(read_fate("fate/x/1/0", b"{}").is_err());
        assert!(read_fate("fate/x", br#"{"v":1}"#).is_err());
    }
}
