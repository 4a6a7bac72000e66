//! A partition's state: what is committed, and over it what the open batch has changed.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use bus::Topic;

/// Committed state by changelog and key, under an overlay that is folded in only after the
/// commit is confirmed, or dropped.
#[derive(Debug, Default)]
pub struct State {
    committed: BTreeMap<Topic, BTreeSet<Slot>>,
    overlay: BTreeMap<(Topic, String), Option<Vec<u8>>>,
}

impl State {
    /// The value of a key, with the open batch's changes.
    pub fn get(&self, changelog: Topic, key: &str) -> Option<&[u8]> {
        // A borrowed look-up in a map of (Topic, String) needs an owned key; the overlay is small
        // and mostly empty, so the allocation is skipped where it is.
        if !self.overlay.is_empty()
            && let Some(value) = self.overlay.get(&(changelog, key.to_owned()))
        {
            return value.as_deref();
        }
        self.committed.get(&changelog)?.get(key.as_bytes()).map(Slot::value)
    }

    /// Keys and values whose key begins with `prefix`, in order of key.
    pub fn scan<'a>(
        &'a self,
        changelog: Topic,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a [u8])> + 'a {
        let committed = self.committed.get(&changelog).into_iter().flat_map(move |keys| {
            keys.range::<[u8], _>((Bound::Included(prefix.as_bytes()), Bound::Unbounded))
                .take_while(move |slot| slot.key().starts_with(prefix.as_bytes()))
                .map(Slot::as_pair)
        });
        let overlay = self
            .overlay
            .range((changelog, prefix.to_owned())..)
            .take_while(move |((topic, key), _)| *topic == changelog && key.starts_with(prefix))
            .map(|((_, key), value)| (key.as_str(), value.as_deref()));
        Merge { committed: committed.peekable(), overlay: overlay.peekable() }
    }

    /// All that is committed, in order of changelog and key.
    pub(crate) fn committed(&self) -> impl Iterator<Item = (Topic, &str, &[u8])> {
        self.committed.iter().flat_map(|(topic, keys)| {
            keys.iter().map(Slot::as_pair).map(|(key, value)| (*topic, key, value))
        })
    }

    /// Number of committed keys.
    pub fn len(&self) -> usize {
        self.committed.values().map(BTreeSet::len).sum()
    }

    /// Whether nothing is committed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn put(&mut self, changelog: Topic, key: String, value: Option<Vec<u8>>) {
        self.overlay.insert((changelog, key), value);
    }

    /// Takes in a record of the changelog during a restore.
    pub(crate) fn load(&mut self, changelog: Topic, key: &str, value: Option<Vec<u8>>) {
        let keys = self.committed.entry(changelog).or_default();
        match value {
            Some(value) => {
                keys.replace(Slot::new(key, &value));
            }
            None => {
                keys.remove(key.as_bytes());
            }
        }
    }

    /// The open batch's changes, in order of changelog and key.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (Topic, &str, Option<&[u8]>)> {
        self.overlay.iter().map(|((topic, key), value)| (*topic, key.as_str(), value.as_deref()))
    }

    pub(crate) fn fold(&mut self) {
        for ((topic, key), value) in std::mem::take(&mut self.overlay) {
            self.load(topic, &key, value);
        }
    }

    pub(crate) fn drop_changes(&mut self) {
        self.overlay.clear();
    }
}

/// A key and its value in one piece of memory, ordered by key: there are millions of them, and a
/// piece of its own for each key would cost more than most keys.
#[derive(Debug)]
struct Slot(Box<[u8]>);

/// Bytes before the key: its length.
const LENGTH: usize = size_of::<u32>();

impl Slot {
    fn new(key: &str, value: &[u8]) -> Self {
        // No transport takes a key of 4 GiB.
        let length = u32::try_from(key.len()).unwrap_or(u32::MAX).to_le_bytes();
        Self([&length, key.as_bytes(), value].concat().into_boxed_slice())
    }

    fn parts(&self) -> (&[u8], &[u8]) {
        let (length, rest) = self.0.split_first_chunk::<LENGTH>().unwrap_or((&[0; LENGTH], &[]));
        rest.split_at(u32::from_le_bytes(*length) as usize)
    }

    fn key(&self) -> &[u8] {
        self.parts().0
    }

    fn value(&self) -> &[u8] {
        self.parts().1
    }

    fn as_pair(&self) -> (&str, &[u8]) {
        let (key, value) = self.parts();
        (std::str::from_utf8(key).unwrap_or_default(), value)
    }
}

impl PartialEq for Slot {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Slot {}

impl PartialOrd for Slot {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Slot {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(other.key())
    }
}

impl Borrow<[u8]> for Slot {
    fn borrow(&self) -> &[u8] {
        self.key()
    }
}

/// Two ordered sequences as one; where both have a key, the overlay's wins.
struct Merge<C: Iterator, O: Iterator> {
    committed: std::iter::Peekable<C>,
    overlay: std::iter::Peekable<O>,
}

impl<'a, C, O> Iterator for Merge<C, O>
where
    C: Iterator<Item = (&'a str, &'a [u8])>,
    O: Iterator<Item = (&'a str, Option<&'a [u8]>)>,
{
    type Item = (&'a str, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((overlay_key, _)) = self.overlay.peek() else {
                return self.committed.next();
            };
            match self.committed.peek() {
                Some((key, _)) if key < overlay_key => return self.committed.next(),
                Some((key, _)) if key == overlay_key => {
                    self.committed.next();
                }
                _ => {}
            }
            if let Some((key, Some(value))) = self.overlay.next() {
                return Some((key, value));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: Topic = Topic::FeedState;

    fn keys(state: &State, prefix: &str) -> Vec<String> {
        state
            .scan(LOG, prefix)
            .map(|(key, value)| format!("{key}={}", String::from_utf8_lossy(value)))
            .collect()
    }

    #[test]
    fn a_batch_sees_its_own_changes_and_they_vanish_when_dropped() {
        let mut state = State::default();
        for key in ["a/1", "a/2", "a/4", "b/1"] {
            state.load(LOG, key, Some(b"old".to_vec()));
        }
        state.put(LOG, "a/2".into(), None);
        state.put(LOG, "a/3".into(), Some(b"new".to_vec()));
        state.put(LOG, "a/4".into(), Some(b"new".to_vec()));
        assert_eq!(keys(&state, "a/"), ["a/1=old", "a/3=new", "a/4=new"]);
        assert_eq!(state.get(LOG, "a/2"), None);
        assert_eq!(state.get(LOG, "a/3"), Some(b"new".as_slice()));

        state.drop_changes();
        assert_eq!(keys(&state, "a/"), ["a/1=old", "a/2=old", "a/4=old"]);
    }

    #[test]
    fn a_key_has_one_value_and_keys_are_in_order_whatever_their_length() {
        let mut state = State::default();
        for (key, value) in [("b", "1"), ("", "2"), ("a", "3"), ("a/long/key", ""), ("a", "4")] {
            state.load(LOG, key, Some(value.into()));
        }
        assert_eq!(keys(&state, ""), ["=2", "a=4", "a/long/key=", "b=1"]);
        assert_eq!(state.get(LOG, "a"), Some(b"4".as_slice()));
        assert_eq!((state.get(LOG, "a/"), state.len()), (None, 4));
    }

    #[test]
    fn folding_makes_changes_the_committed_state() {
        let mut state = State::default();
        state.load(LOG, "a/1", Some(b"old".to_vec()));
        state.put(LOG, "a/1".into(), None);
        state.put(LOG, "a/2".into(), Some(b"new".to_vec()));
        state.fold();
        assert_eq!(state.changes().count(), 0);
        assert_eq!(keys(&state, ""), ["a/2=new"]);
        assert_eq!(state.len(), 1);
    }
}
