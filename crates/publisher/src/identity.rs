//! Identities: which story an URL names, for 90 days after it was last seen.
//!
//! Millions of them are kept, so they are packed: all whose id begins with the same three
//! characters share one state record of some 34 bytes a story.

use crate::id::Id;
use crate::state::{Reader, Records, StateError, Writer};

const VERSION: u8 = 1;
/// Days an identity is remembered after it was last seen.
const DAYS: u16 = 90;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Number of records.
pub(crate) const BUCKETS: u32 = 32 * 32 * 32;

/// Gone at its publisher; returns with the page.
pub(crate) const GONE: u8 = 1;
/// Withdrawn by command; never returns, never forgotten.
pub(crate) const WITHDRAWN: u8 = 2;
/// The current version's text is the feed's.
pub(crate) const FROM_FEED: u8 = 4;
/// The current version is not the whole article.
pub(crate) const PARTIAL: u8 = 8;

/// What is remembered of a story however old it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Last version published; 0 where the story was withdrawn before it was ever seen.
    pub(crate) version: u32,
    /// Hash of what counts of the title.
    pub(crate) title: u32,
    /// Hash of what counts of the text, 48 bits.
    pub(crate) text: u64,
    /// Day it was last seen, since the epoch.
    pub(crate) day: u16,
    pub(crate) flags: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Story(Identity),
    Alias { story: Id, day: u16 },
}

impl Entry {
    fn is_over(&self, today: u16) -> bool {
        let (day, flags) = match self {
            Self::Story(identity) => (identity.day, identity.flags),
            Self::Alias { day, .. } => (*day, 0),
        };
        flags & WITHDRAWN == 0 && day.saturating_add(DAYS) < today
    }
}

fn key_of(id: Id) -> String {
    let text = id.to_string();
    format!("ids/{}", &text[..3])
}

/// The key of a record by its place in the round of expiry.
fn key_at(index: u32) -> String {
    let character = |shift: u32| char::from(ALPHABET[(index >> shift & 31) as usize]);
    format!("ids/{}{}{}", character(10), character(5), character(0))
}

fn read(key: &str, value: &[u8]) -> Result<Vec<(Id, Entry)>, StateError> {
    let mut reader = Reader::new(key, value, VERSION)?;
    let mut entries = Vec::new();
    while !reader.is_empty() {
        let id = Id::read(key, reader.raw(17)?)?;
        let kind = reader.number()?;
        let day = |day: u32| {
            u16::try_from(day).map_err(|_| StateError::corrupt(key, "a day is too large"))
        };
        let entry = match kind {
            0 => Entry::Story(Identity {
                version: reader.small()?,
                title: u32::from_le_bytes(four(reader.raw(4)?)),
                text: {
                    let bytes = reader.raw(6)?;
                    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
                },
                day: day(reader.small()?)?,
                flags: reader.raw(1)?[0],
            }),
            1 => {
                Entry::Alias { story: Id::read(key, reader.raw(17)?)?, day: day(reader.small()?)? }
            }
            _ => return Err(StateError::corrupt(key, "it holds an entry of an unknown kind")),
        };
        entries.push((id, entry));
    }
    if !entries.is_sorted_by(|(one, _), (two, _)| one < two) {
        return Err(StateError::corrupt(key, "its entries are not in order"));
    }
    Ok(entries)
}

fn four(bytes: &[u8]) -> [u8; 4] {
    let mut four = [0; 4];
    four.copy_from_slice(&bytes[..4]);
    four
}

fn write(entries: &[(Id, Entry)]) -> Option<Vec<u8>> {
    if entries.is_empty() {
        return None;
    }
    let mut writer = Writer::new(VERSION);
    for (id, entry) in entries {
        writer.raw(id.bytes());
        match entry {
            Entry::Story(identity) => {
                writer.number(0);
                writer.number(u64::from(identity.version));
                writer.raw(&identity.title.to_le_bytes());
                writer.raw(&identity.text.to_le_bytes()[..6]);
                writer.number(u64::from(identity.day));
                writer.raw(&[identity.flags]);
            }
            Entry::Alias { story, day } => {
                writer.number(1);
                writer.raw(story.bytes());
                writer.number(u64::from(*day));
            }
        }
    }
    Some(writer.finish())
}

fn load(state: &dyn Records, key: &str) -> Result<Vec<(Id, Entry)>, StateError> {
    state.get(key).map_or_else(|| Ok(Vec::new()), |value| read(key, value))
}

/// Whether a record can be read.
pub(crate) fn check(key: &str, value: &[u8]) -> Result<(), StateError> {
    read(key, value).map(drop)
}

/// The story that an id names, itself or as an alias.
pub(crate) fn find(state: &dyn Records, id: Id) -> Result<Option<(Id, Identity)>, StateError> {
    let mut wanted = id;
    // An alias names a story; one that names an alias would be a fault, not a chain to follow.
    for _ in 0..2 {
        let entries = load(state, &key_of(wanted))?;
        let Ok(at) = entries.binary_search_by_key(&wanted, |(id, _)| *id) else {
            return Ok(None);
        };
        match entries[at].1 {
            Entry::Story(identity) => return Ok(Some((wanted, identity))),
            Entry::Alias { story, .. } => wanted = story,
        }
    }
    Ok(None)
}

fn set(state: &mut dyn Records, id: Id, entry: Entry) -> Result<(), StateError> {
    let key = key_of(id);
    let mut entries = load(state, &key)?;
    match entries.binary_search_by_key(&id, |(id, _)| *id) {
        Ok(at) => entries[at].1 = entry,
        Err(at) => entries.insert(at, (id, entry)),
    }
    state.put(&key, write(&entries));
    Ok(())
}

/// Remembers a story.
pub(crate) fn remember(
    state: &mut dyn Records,
    id: Id,
    identity: Identity,
) -> Result<(), StateError> {
    set(state, id, Entry::Story(identity))
}

/// Remembers that `alias` names `story`. A story keeps its own name; a name that stands for
/// another story is moved, for the page behind it changed.
pub(crate) fn remember_alias(
    state: &mut dyn Records,
    alias: Id,
    story: Id,
    day: u16,
) -> Result<(), StateError> {
    if alias == story {
        return Ok(());
    }
    let entries = load(state, &key_of(alias))?;
    let known = entries.binary_search_by_key(&alias, |(id, _)| *id).ok().map(|at| entries[at].1);
    match known {
        Some(Entry::Story(_)) => Ok(()),
        Some(Entry::Alias { story: same, day: seen }) if same == story && seen == day => Ok(()),
        _ => set(state, alias, Entry::Alias { story, day }),
    }
}

/// Forgets what is over in one record of the round.
pub(crate) fn sweep(state: &mut dyn Records, index: u32, today: u16) -> Result<(), StateError> {
    let key = key_at(index % BUCKETS);
    let mut entries = load(state, &key)?;
    let before = entries.len();
    entries.retain(|(_, entry)| !entry.is_over(today));
    if entries.len() < before {
        state.put(&key, write(&entries));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::MemoryState;

    #[test]
    fn a_story_is_found_by_its_names_until_it_is_forgotten() {
        let mut state = MemoryState::default();
        let (story, alias, other) = (Id::of("a"), Id::of("b"), Id::of("c"));
        let identity =
            Identity { version: 3, title: 7, text: 0xffff_ffff_ffff, day: 20_000, flags: GONE };
        remember(&mut state, story, identity).unwrap();
        remember_alias(&mut state, alias, story, 20_000).unwrap();
        remember_alias(&mut state, story, other, 20_000).unwrap();
        assert_eq!(find(&state, story).unwrap(), Some((story, identity)));
        assert_eq!(find(&state, alias).unwrap(), Some((story, identity)));
        assert_eq!(find(&state, other).unwrap(), None);
        for (today, is_there) in [(20_090, true), (20_091, false)] {
            (0..BUCKETS).for_each(|index| sweep(&mut state, index, today).unwrap());
            assert_eq!(find(&state, alias).unwrap().is_some(), is_there);
        }
        assert_eq!(state, MemoryState::default());
    }

    #[test]
    fn what_was_withdrawn_by_command_is_never_forgotten() {
        let mut state = MemoryState::default();
        let story = Id::of("a");
        remember(&mut state, story, Identity { flags: WITHDRAWN, ..Identity::default() }).unwrap();
        (0..BUCKETS).for_each(|index| sweep(&mut state, index, 60_000).unwrap());
        assert!(find(&state, story).unwrap().is_some());
    }

    #[test]
    fn a_damaged_record_is_an_error() {
        let mut state = MemoryState::default();
        remember(&mut state, Id::of("a"), Identity::default()).unwrap();
        let (key, value) = state.iter().next().unwrap();
        for cut in 2..value.len() {
            assert!(check(key, &value[..cut]).is_err(), "cut at {cut}");
        }
        assert!(check(key, value).is_ok());
    }
}
