//! How groups are found: by their strongest terms, and by when their last story arrived.

use std::collections::BTreeSet;

use crate::groups::Record;
use crate::profile::{Weights, keep_strongest};

/// Terms by which a group is found, the strongest.
const INDEXED_WORDS: usize = 20;
const INDEXED_NAMES: usize = 12;
/// The terms by which a group is found, ascending.
fn indexed(weights: &Weights, most: usize) -> Vec<u32> {
    let mut strongest = weights.clone();
    keep_strongest(&mut strongest, most);
    let mut terms: Vec<u32> = strongest.into_iter().map(|(term, _)| term).collect();
    terms.sort_unstable();
    terms
}

/// What the index holds of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Indexed {
    words: Vec<u32>,
    names: Vec<u32>,
    arrived: Option<i64>,
    is_open: bool,
}

impl Indexed {
    pub(crate) fn of(record: &Record) -> Self {
        Self {
            words: indexed(&record.profile.words, INDEXED_WORDS),
            names: indexed(&record.profile.names, INDEXED_NAMES),
            arrived: Some(record.arrived),
            is_open: record.profile.is_open,
        }
    }
}

/// Open groups by term and by last arrival.
#[derive(Default)]
pub(crate) struct GroupIndex {
    words: BTreeSet<(u32, u32)>,
    names: BTreeSet<(u32, u32)>,
    /// All records, open or not, by the arrival of their last story.
    arrivals: BTreeSet<(i64, u32)>,
    open: u32,
}

impl GroupIndex {
    /// Puts what is now known of a group in the place of what was. Most terms stay as they are.
    pub(crate) fn update(&mut self, number: u32, before: &Indexed, after: &Indexed) {
        if before.arrived != after.arrived {
            if let Some(arrived) = before.arrived {
                self.arrivals.remove(&(arrived, number));
            }
            self.arrivals.extend(after.arrived.map(|arrived| (arrived, number)));
        }
        self.open = self.open + u32::from(after.is_open) - u32::from(before.is_open);
        update(&mut self.words, number, &before.words, &after.words);
        update(&mut self.names, number, &before.names, &after.names);
    }

    /// How many groups still take stories.
    pub(crate) fn open(&self) -> u32 {
        self.open
    }

    /// Groups with that word, newest first.
    pub(crate) fn with_word(&self, word: u32) -> impl Iterator<Item = u32> {
        self.words.range((word, 0)..=(word, u32::MAX)).rev().map(|(_, number)| *number)
    }

    /// Groups with that name, newest first.
    pub(crate) fn with_name(&self, name: u32) -> impl Iterator<Item = u32> {
        self.names.range((name, 0)..=(name, u32::MAX)).rev().map(|(_, number)| *number)
    }

    /// A group whose last story arrived before `limit`.
    pub(crate) fn stale(&self, limit: i64) -> Option<u32> {
        self.arrivals.first().filter(|(arrived, _)| *arrived < limit).map(|(_, number)| *number)
    }
}

fn update(index: &mut BTreeSet<(u32, u32)>, number: u32, before: &[u32], after: &[u32]) {
    for term in before {
        if after.binary_search(term).is_err() {
            index.remove(&(*term, number));
        }
    }
    for term in after {
        if before.binary_search(term).is_err() {
            index.insert((*term, number));
        }
    }
}

#[cfg(test)]
mod tests {
    use events::Joined;

    use super::*;
    use crate::groups::tests::member;

    #[test]
    fn a_group_is_found_and_leaves_no_trace() {
        let mut record = Record::open(&member("a"));
        record.take_in(&member("a"), &vec![(1, 5), (9, 700)], &vec![(4, 4)], 4, Joined::default());
        let mut index = GroupIndex::default();
        index.update(3, &Indexed::default(), &Indexed::of(&record));
        assert_eq!(index.with_word(9).collect::<Vec<_>>(), [3]);
        assert_eq!(index.stale(6001), Some(3));
        assert_eq!(index.stale(6000), None);
        index.update(3, &Indexed::of(&record), &Indexed::default());
        assert!(index.words.is_empty() && index.names.is_empty() && index.arrivals.is_empty());
    }
}
