//! Identities: which story an URL names, for 90 days after it was last seen.
//!
//! Millions of them are kept, so they are packed: all whose id begins with the same three
//! characters share one state record, 34 bytes a story and 36 an alias, each in order of id and of
//! equal length, so that one is found without reading the others.

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

impl Identity {
    /// Whether it is neither gone nor withdrawn.
    pub(crate) fn stands(&self) -> bool {
        self.flags & (WITHDRAWN | GONE) == 0
    }

    fn is_over(&self, today: u16) -> bool {
        self.flags & WITHDRAWN == 0 && self.day.saturating_add(DAYS) < today
    }

    fn bytes(&self, id: Id) -> [u8; STORY] {
        let mut bytes = [0; STORY];
        bytes[..ID].copy_from_slice(id.bytes());
        bytes[17..21].copy_from_slice(&self.version.to_le_bytes());
        bytes[21..25].copy_from_slice(&self.title.to_le_bytes());
        bytes[25..31].copy_from_slice(&self.text.to_le_bytes()[..6]);
        bytes[31..33].copy_from_slice(&self.day.to_le_bytes());
        bytes[33] = self.flags;
        bytes
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().rev().fold(0u64, |number, byte| number << 8 | u64::from(*byte))
        };
        Self {
            version: number(17, 21) as u32,
            title: number(21, 25) as u32,
            text: number(25, 31),
            day: number(31, 33) as u16,
            flags: bytes[33],
        }
    }
}

/// Bytes of an id, of a story's entry and of an alias's.
pub(crate) const ID: usize = 17;
const STORY: usize = 34;
pub(crate) const ALIAS: usize = 36;

/// One record: stories, then aliases, each in order of id.
#[derive(Clone, Copy)]
struct Bucket<'a> {
    stories: &'a [u8],
    aliases: &'a [u8],
}

impl<'a> Bucket<'a> {
    const EMPTY: Self = Self { stories: &[], aliases: &[] };

    /// Divides a record. Its entries are in order: [`check`] has looked when it was restored.
    fn open(key: &'a str, value: &'a [u8]) -> Result<Self, StateError> {
        let mut reader = Reader::new(key, value, VERSION)?;
        let count = reader.count()?;
        let stories = reader.raw(count * STORY)?;
        let aliases = reader.rest();
        if !aliases.len().is_multiple_of(ALIAS) {
            return Err(StateError::corrupt(key, "its length fits no number of aliases"));
        }
        Ok(Self { stories, aliases })
    }

    fn load(state: &'a dyn Records, key: &'a str) -> Result<Self, StateError> {
        state.get(key).map_or(Ok(Self::EMPTY), |value| Self::open(key, value))
    }

    fn story(&self, id: Id) -> Option<Identity> {
        let at = position(self.stories, STORY, id).ok()?;
        Some(Identity::of_bytes(&self.stories[at..at + STORY]))
    }

    /// The story an alias stands for, and the day the alias was last seen.
    fn alias(&self, key: &str, id: Id) -> Result<Option<(Id, u16)>, StateError> {
        let Ok(at) = position(self.aliases, ALIAS, id) else {
            return Ok(None);
        };
        let entry = &self.aliases[at..at + ALIAS];
        let story = Id::read(key, &entry[ID..2 * ID])?;
        Ok(Some((story, u16::from_le_bytes([entry[34], entry[35]]))))
    }

    fn write(stories: &[u8], aliases: &[u8]) -> Option<Vec<u8>> {
        if stories.is_empty() && aliases.is_empty() {
            return None;
        }
        let mut writer = Writer::new(VERSION);
        writer.number((stories.len() / STORY) as u64);
        writer.raw(stories);
        writer.raw(aliases);
        Some(writer.finish())
    }
}

/// Where the entry of an id begins, or where it belongs.
fn position(entries: &[u8], length: usize, id: Id) -> Result<usize, usize> {
    let (mut low, mut high) = (0, entries.len() / length);
    while low < high {
        let middle = low.midpoint(high);
        match entries[middle * length..middle * length + ID].cmp(id.bytes()) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Ok(middle * length),
        }
    }
    Err(low * length)
}

/// The entries with one more, or with another in its place.
fn with(entries: &[u8], entry: &[u8], id: Id) -> Vec<u8> {
    let (from, to) = match position(entries, entry.len(), id) {
        Ok(at) => (at, at + entry.len()),
        Err(at) => (at, at),
    };
    [&entries[..from], entry, &entries[to..]].concat()
}

fn key_of(id: Id) -> String {
    let mut key = String::with_capacity(7);
    key.push_str("ids/");
    let bytes = id.bytes();
    let index = u32::from(bytes[0]) << 7 | u32::from(bytes[1]) >> 1;
    push_place(&mut key, index);
    key
}

/// The key of the state record that knows a story, by its id or an alias.
pub fn identity_key(id: Id) -> String {
    key_of(id)
}

/// Whether such a record knows a story of that id: one that was published, or withdrawn by command.
///
/// # Errors
/// The record cannot be read.
pub fn is_story_known(key: &str, value: &[u8], id: Id) -> Result<bool, StateError> {
    let bucket = Bucket::open(key, value)?;
    Ok(bucket.story(id).is_some() || bucket.alias(key, id)?.is_some())
}

/// The key of a record by its place in the round of expiry.
fn key_at(index: u32) -> String {
    let mut key = "ids/".to_owned();
    push_place(&mut key, index);
    key
}

fn push_place(key: &mut String, index: u32) {
    for shift in [10, 5, 0] {
        key.push(char::from(ALPHABET[(index >> shift & 31) as usize]));
    }
}

/// Whether a record can be read and is in order.
pub(crate) fn check(key: &str, value: &[u8]) -> Result<(), StateError> {
    let bucket = Bucket::open(key, value)?;
    for (entries, length) in [(bucket.stories, STORY), (bucket.aliases, ALIAS)] {
        if !entries.chunks_exact(length).is_sorted_by(|one, two| one[..ID] < two[..ID]) {
            return Err(StateError::corrupt(key, "its entries are not in order"));
        }
        let belongs = |entry: &[u8]| Id::read(key, &entry[..ID]).is_ok_and(|id| key_of(id) == key);
        if !entries.chunks_exact(length).all(belongs) {
            return Err(StateError::corrupt(key, "an entry of it belongs to another record"));
        }
    }
    Ok(())
}

/// The story that an id names, itself or as an alias.
pub(crate) fn find(state: &dyn Records, id: Id) -> Result<Option<(Id, Identity)>, StateError> {
    let key = key_of(id);
    let bucket = Bucket::load(state, &key)?;
    if let Some(identity) = bucket.story(id) {
        return Ok(Some((id, identity)));
    }
    let Some((story, _)) = bucket.alias(&key, id)? else {
        return Ok(None);
    };
    // An alias names a story; one that names an alias would be a fault, not a chain to follow.
    let key = key_of(story);
    let bucket = Bucket::load(state, &key)?;
    Ok(bucket.story(story).map(|identity| (story, identity)))
}

/// What an alias stands for, be it a story or a mere name.
pub(crate) fn alias(state: &dyn Records, name: Id) -> Result<Option<Id>, StateError> {
    let key = key_of(name);
    Ok(Bucket::load(state, &key)?.alias(&key, name)?.map(|(named, _)| named))
}

/// The story whose id begins so. Six bytes tell it from all others.
pub(crate) fn find_by_beginning(
    state: &dyn Records,
    beginning: [u8; 6],
) -> Result<Option<(Id, Identity)>, StateError> {
    let mut first = [0; ID];
    first[..beginning.len()].copy_from_slice(&beginning);
    let first = Id::read("ids", &first)?;
    let key = key_of(first);
    let bucket = Bucket::load(state, &key)?;
    let at = position(bucket.stories, STORY, first).unwrap_or_else(|at| at);
    let Some(entry) = bucket.stories[at..].get(..STORY) else {
        return Ok(None);
    };
    let found = Some((Id::read(&key, &entry[..ID])?, Identity::of_bytes(entry)));
    Ok(found.filter(|_| entry.starts_with(&beginning)))
}

/// What the aliases of an id's record say, as they are spelled.
pub(crate) fn with_aliases<T>(
    state: &dyn Records,
    id: Id,
    read: impl FnOnce(&[u8]) -> T,
) -> Result<T, StateError> {
    let key = key_of(id);
    Ok(read(Bucket::load(state, &key)?.aliases))
}

/// Puts an alias, as it is spelled, in the place of another or beside the others of its record.
pub(crate) fn replace_alias(
    state: &mut dyn Records,
    id: Id,
    before: Option<&[u8; ALIAS]>,
    after: &[u8; ALIAS],
) -> Result<(), StateError> {
    let key = key_of(id);
    let bucket = Bucket::load(state, &key)?;
    let mut aliases = bucket.aliases.to_vec();
    if let Some(before) = before
        && let Ok(at) = position(&aliases, ALIAS, Id::read(&key, &before[..ID])?)
    {
        aliases.drain(at..at + ALIAS);
    }
    let aliases = with(&aliases, after, Id::read(&key, &after[..ID])?);
    let value = Bucket::write(bucket.stories, &aliases);
    state.put(&key, value);
    Ok(())
}

/// Remembers a story.
pub(crate) fn remember(
    state: &mut dyn Records,
    id: Id,
    identity: Identity,
) -> Result<(), StateError> {
    let key = key_of(id);
    let bucket = Bucket::load(state, &key)?;
    let stories = with(bucket.stories, &identity.bytes(id), id);
    // A name that stood for another story names itself from now on.
    let mut aliases = bucket.aliases.to_vec();
    if let Ok(at) = position(&aliases, ALIAS, id) {
        aliases.drain(at..at + ALIAS);
    }
    let value = Bucket::write(&stories, &aliases);
    state.put(&key, value);
    Ok(())
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
    let key = key_of(alias);
    let bucket = Bucket::load(state, &key)?;
    if bucket.story(alias).is_some() || bucket.alias(&key, alias)? == Some((story, day)) {
        return Ok(());
    }
    let mut entry = [0; ALIAS];
    entry[..ID].copy_from_slice(alias.bytes());
    entry[ID..2 * ID].copy_from_slice(story.bytes());
    entry[34..].copy_from_slice(&day.to_le_bytes());
    let value = Bucket::write(bucket.stories, &with(bucket.aliases, &entry, alias));
    state.put(&key, value);
    Ok(())
}

/// Forgets what is over in one record of the round.
pub(crate) fn sweep(state: &mut dyn Records, index: u32, today: u16) -> Result<(), StateError> {
    let key = key_at(index % BUCKETS);
    let bucket = Bucket::load(state, &key)?;
    let is_story_over = |entry: &[u8]| Identity::of_bytes(entry).is_over(today);
    let is_alias_over =
        |entry: &[u8]| u16::from_le_bytes([entry[34], entry[35]]).saturating_add(DAYS) < today;
    if !bucket.stories.chunks_exact(STORY).any(is_story_over)
        && !bucket.aliases.chunks_exact(ALIAS).any(is_alias_over)
    {
        return Ok(());
    }
    let stories: Vec<u8> = bucket
        .stories
        .chunks_exact(STORY)
        .filter(|entry| !is_story_over(entry))
        .flatten()
        .copied()
        .collect();
    let aliases: Vec<u8> = bucket
        .aliases
        .chunks_exact(ALIAS)
        .filter(|entry| !is_alias_over(entry))
        .flatten()
        .copied()
        .collect();
    let value = Bucket::write(&stories, &aliases);
    state.put(&key, value);
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
    fn many_stories_in_one_record_are_found_each() {
        let mut state = MemoryState::default();
        let ids: Vec<Id> = (0..3000).map(|number| Id::of(&number.to_string())).collect();
        for (version, id) in (1..).zip(&ids) {
            remember(&mut state, *id, Identity { version, ..Identity::default() }).unwrap();
            let alias = Id::of(&format!("alias {version}"));
            remember_alias(&mut state, alias, *id, 1).unwrap();
        }
        state.iter().for_each(|(key, value)| check(key, value).unwrap());
        for (version, id) in (1..).zip(&ids) {
            let found = find(&state, Id::of(&format!("alias {version}"))).unwrap();
            assert_eq!(found.map(|(id, identity)| (id, identity.version)), Some((*id, version)));
        }
    }

    #[test]
    fn a_damaged_record_is_an_error() {
        let mut state = MemoryState::default();
        remember(&mut state, Id::of("a"), Identity::default()).unwrap();
        let (key, value) = state.iter().next().unwrap();
        for cut in 1..value.len() {
            assert!(check(key, &value[..cut]).is_err(), "cut at {cut}");
        }
        assert!(check(key, value).is_ok());
    }
}
