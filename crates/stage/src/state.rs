//! A partition's state: what is committed, and over it what the open batch has changed.

use std::collections::BTreeMap;
use std::ops::Bound;

use bus::Topic;

/// Committed state by changelog and key, under an overlay that is folded in only after the
/// commit is confirmed, or dropped.
#[derive(Debug, Default)]
pub struct State {
    committed: BTreeMap<Topic, BTreeMap<Box<str>, Box<[u8]>>>,
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
        self.committed.get(&changelog)?.get(key).map(AsRef::as_ref)
    }

    /// Keys and values whose key begins with `prefix`, in order of key.
    pub fn scan<'a>(
        &'a self,
        changelog: Topic,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a [u8])> + 'a {
        let committed = self.committed.get(&changelog).into_iter().flat_map(move |keys| {
            keys.range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
                .take_while(move |(key, _)| key.starts_with(prefix))
                .map(|(key, value)| (key.as_ref(), value.as_ref()))
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
            keys.iter().map(|(key, value)| (*topic, key.as_ref(), value.as_ref()))
        })
    }

    /// Number of committed keys.
    pub fn len(&self) -> usize {
        self.committed.values().map(BTreeMap::len).sum()
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
                keys.insert(key.into(), value.into_boxed_slice());
            }
            None => {
                keys.remove(key);
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
