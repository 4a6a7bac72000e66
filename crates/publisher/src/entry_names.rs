//! Which story an entry of a feed became: a name that stays when the publisher edits the URL.
//!
//! Every story has one for each of its entries, so they are short: four bytes of the entry's hash
//! and six of the story's id, beside the two that name their records. Three share the place of an
//! alias (36 bytes), spelled so that the release before takes it for one that nobody looks for.
//! They live until 90 days after the last of the three was seen.

use crate::id::{EntryId, Id};
use crate::identity::{self, ALIAS, ID, Identity};
use crate::state::{Records, StateError};

/// The last byte of such a place's name. Six bits of it are free; 1, 2 and 4 are the notes
/// of [`crate::place`].
const MARK: u8 = 3;
/// Entries in one place.
const ROOM: usize = 3;
/// Bytes that tell an entry from others of its record.
const ENTRY: usize = 4;
/// Bytes of a story's id that tell it from all others.
const STORY: usize = 6;
const EACH: usize = ENTRY + STORY;
/// Bytes of an id that name its record.
const RECORD: usize = 2;
const DAY: usize = 2 * ID;

/// What is remembered of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryName {
    pub(crate) story: Id,
    pub(crate) identity: Identity,
    /// Whether it came last under another address than the story's own.
    pub(crate) is_elsewhere: bool,
}

/// The place of an alias, read: three entries with their stories, and two bits for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    entries: [[u8; EACH]; ROOM],
    /// Of each entry: whether there is one, and [`EntryName::is_elsewhere`].
    bits: u8,
    day: u16,
}

impl Place {
    const EMPTY: Self = Self { entries: [[0; EACH]; ROOM], bits: 0, day: 0 };

    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes[ID - 1] & 0x3f != MARK {
            return None;
        }
        let mut rest = bytes[RECORD..ID - 1].iter().chain(&bytes[ID..DAY]).copied();
        let mut place = Self::EMPTY;
        for (byte, read) in place.entries.as_flattened_mut().iter_mut().zip(&mut rest) {
            *byte = read;
        }
        place.bits = rest.next()?;
        place.day = u16::from_le_bytes([bytes[DAY], bytes[DAY + 1]]);
        Some(place)
    }

    fn write(&self, record: Id) -> [u8; ALIAS] {
        let mut bytes = [0; ALIAS];
        bytes[..RECORD].copy_from_slice(&record.bytes()[..RECORD]);
        // The last of these bits is not in the record's name.
        bytes[RECORD - 1] &= !1;
        bytes[ID - 1] = MARK;
        let (name, story) = bytes.split_at_mut(ID);
        let room = name[RECORD..ID - 1].iter_mut().chain(story);
        let written = self.entries.as_flattened().iter().chain([&self.bits]);
        for (byte, written) in room.zip(written) {
            *byte = *written;
        }
        bytes[DAY..].copy_from_slice(&self.day.to_le_bytes());
        bytes
    }

    fn has(&self, index: usize) -> bool {
        self.bits >> index & 1 == 1
    }

    fn is_elsewhere(&self, index: usize) -> bool {
        self.bits >> (index + ROOM) & 1 == 1
    }

    fn find(&self, entry: Id) -> Option<usize> {
        (0..ROOM).find(|index| self.has(*index) && self.entries[*index][..ENTRY] == *key_of(&entry))
    }

    fn set(&mut self, index: usize, entry: Id, story: Id, is_elsewhere: bool) {
        let (of_entry, of_story) = self.entries[index].split_at_mut(ENTRY);
        of_entry.copy_from_slice(key_of(&entry));
        of_story.copy_from_slice(&story.bytes()[..STORY]);
        self.bits &= !(1 << index | 1 << (index + ROOM));
        self.bits |= 1 << index | u8::from(is_elsewhere) << (index + ROOM);
    }
}

/// What tells an entry from others of its record.
fn key_of(entry: &Id) -> &[u8] {
    &entry.bytes()[RECORD..RECORD + ENTRY]
}

/// The hash of an entry: nearly always its id.
fn hash_of(entry: &str) -> Id {
    match EntryId::from(entry) {
        EntryId::Packed(id) => id,
        EntryId::Text(text) => Id::of(&text),
    }
}

/// The story an entry became, while that is remembered.
pub(crate) fn find(state: &dyn Records, entry: &str) -> Result<Option<EntryName>, StateError> {
    let entry = hash_of(entry);
    let found = identity::with_aliases(state, entry, |aliases| {
        aliases.chunks_exact(ALIAS).filter_map(Place::read).find_map(|place| {
            let index = place.find(entry)?;
            let mut beginning = [0; STORY];
            beginning.copy_from_slice(&place.entries[index][ENTRY..]);
            Some((beginning, place.is_elsewhere(index)))
        })
    })?;
    let Some((beginning, is_elsewhere)) = found else {
        return Ok(None);
    };
    let story = identity::find_by_beginning(state, beginning)?;
    Ok(story.map(|(story, identity)| EntryName { story, identity, is_elsewhere }))
}

/// Remembers which story an entry became, and whether under another address than its own.
pub(crate) fn remember(
    state: &mut dyn Records,
    entry: &str,
    story: Id,
    is_elsewhere: bool,
    day: u16,
) -> Result<(), StateError> {
    let entry = hash_of(entry);
    let (before, index) = identity::with_aliases(state, entry, |aliases| {
        let mut room = None;
        for place in aliases.chunks_exact(ALIAS).filter_map(Place::read) {
            if let Some(index) = place.find(entry) {
                return (Some(place), index);
            }
            let free = (0..ROOM).find(|index| !place.has(*index));
            room = room.or(free.map(|index| (Some(place), index)));
        }
        room.unwrap_or((None, 0))
    })?;
    let mut place = before.unwrap_or(Place::EMPTY);
    place.set(index, entry, story, is_elsewhere);
    place.day = place.day.max(day);
    if before != Some(place) {
        let before = before.map(|before| before.write(entry));
        identity::replace_alias(state, entry, before.as_ref(), &place.write(entry))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::MemoryState;

    fn story(state: &mut MemoryState, name: &str, day: u16) -> Id {
        let id = Id::of(name);
        identity::remember(state, id, Identity { day, version: 1, ..Identity::default() }).unwrap();
        id
    }

    fn found(state: &MemoryState, entry: &str) -> Option<(Id, bool)> {
        find(state, entry).unwrap().map(|name| (name.story, name.is_elsewhere))
    }

    #[test]
    fn an_entry_names_its_story_until_both_are_forgotten() {
        let mut state = MemoryState::default();
        let (one, two) = (story(&mut state, "one", 100), story(&mut state, "two", 100));
        for (entry, story, is_elsewhere) in
            [(events::hash_id("e"), one, false), ("some text".to_owned(), two, true)]
        {
            remember(&mut state, &entry, story, is_elsewhere, 100).unwrap();
            assert_eq!(found(&state, &entry), Some((story, is_elsewhere)));
            remember(&mut state, &entry, two, !is_elsewhere, 100).unwrap();
            assert_eq!(found(&state, &entry), Some((two, !is_elsewhere)));
        }
        assert_eq!(found(&state, "another"), None);
        state.iter().for_each(|(key, value)| identity::check(key, value).unwrap());
        (0..identity::BUCKETS).for_each(|at| identity::sweep(&mut state, at, 191).unwrap());
        assert_eq!(state, MemoryState::default());
    }

    #[test]
    fn many_entries_share_records_and_take_few_bytes() {
        let mut state = MemoryState::default();
        let bytes = |state: &MemoryState| state.iter().map(|(_, value)| value.len()).sum::<usize>();
        // In 32 of the records, which are as full then as those of a million entries.
        let count = 1000;
        let entries: Vec<(String, Id)> = (0..count)
            .map(|number| {
                let entry = events::hash_id(&format!("entry {number}"));
                (format!("aa{}", &entry[2..]), Id::of(&format!("story {number}")))
            })
            .collect();
        for (_, story) in &entries {
            identity::remember(&mut state, *story, Identity::default()).unwrap();
        }
        let before = bytes(&state);
        for (entry, story) in &entries {
            remember(&mut state, entry, *story, false, 1).unwrap();
        }
        let each = (bytes(&state) - before) as f64 / f64::from(count);
        assert!(each < 13.5, "{each} bytes an entry");
        state.iter().for_each(|(key, value)| identity::check(key, value).unwrap());
        for (entry, story) in &entries {
            assert_eq!(found(&state, entry), Some((*story, false)));
        }
    }
}
