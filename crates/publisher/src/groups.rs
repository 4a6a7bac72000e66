//! Groups: stories of any outlet that report the same event. The records, the index by term, and
//! the public state. How a group is chosen is in `ranking`.

use std::collections::BTreeSet;

use events::{Group, GroupState, Joined, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::state::{Reader, Records, StateError, Writer, write_json};

const VERSION: u8 = 1;
/// Story ids listed in the public state.
const LISTED: usize = 100;
/// Outlets listed in the public state.
const OUTLETS: usize = 100;
/// Terms kept of a group, the strongest.
const WORDS: usize = 64;
const NAMES: usize = 32;
/// Terms by which a group is found, the strongest.
const INDEXED_WORDS: usize = 20;
const INDEXED_NAMES: usize = 12;
/// Weights are kept as whole numbers of this fraction of a story's unit vector.
pub(crate) const UNIT: f32 = 1024.0;

/// A term with its weight, sorted by term.
pub(crate) type Weights = Vec<(u32, u32)>;

/// What is kept of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The story that opened it.
    pub(crate) id: Id,
    pub(crate) state: GroupState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) into: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) languages: BTreeSet<String>,
    #[serde(skip)]
    pub(crate) size: u32,
    #[serde(default)]
    pub(crate) outlets: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<Timestamp>,
    /// Newest first.
    #[serde(default)]
    pub(crate) stories: Vec<Id>,
    #[serde(default)]
    pub(crate) joined: Joined,
    /// Publisher's time when the last story arrived.
    pub(crate) arrived: i64,
    /// Event times of its stories.
    #[serde(skip)]
    pub(crate) oldest: i64,
    #[serde(skip)]
    pub(crate) newest: i64,
    /// Distinct words of its stories, added up.
    #[serde(skip)]
    pub(crate) terms: u32,
    #[serde(skip)]
    pub(crate) words: Weights,
    #[serde(skip)]
    pub(crate) names: Weights,
}

pub(crate) fn key(number: u32) -> String {
    format!("group/{number:010}")
}

/// What a story brings to a group.
pub(crate) struct Member<'a> {
    pub(crate) id: Id,
    pub(crate) title: Option<&'a str>,
    pub(crate) language: Option<&'a str>,
    pub(crate) outlet: Option<&'a str>,
    pub(crate) published_at: Option<Timestamp>,
    pub(crate) event_time: i64,
    pub(crate) arrived: i64,
}

impl Record {
    pub(crate) fn open(member: &Member<'_>) -> Self {
        Self {
            id: member.id,
            state: GroupState::Open,
            into: None,
            title: member.title.map(str::to_owned),
            languages: BTreeSet::new(),
            size: 0,
            outlets: Vec::new(),
            first: None,
            last: None,
            stories: Vec::new(),
            joined: Joined::default(),
            arrived: member.arrived,
            oldest: member.event_time,
            newest: member.event_time,
            terms: 0,
            words: Vec::new(),
            names: Vec::new(),
        }
    }

    pub(crate) fn take_in(
        &mut self,
        member: &Member<'_>,
        words: &Weights,
        names: &Weights,
        terms: u32,
        joined: Joined,
    ) {
        self.languages.extend(member.language.map(str::to_owned));
        self.size += 1;
        self.terms = self.terms.saturating_add(terms);
        if let Some(outlet) = member.outlet
            && self.outlets.len() < OUTLETS
            && !self.outlets.iter().any(|known| known == outlet)
        {
            self.outlets.push(outlet.to_owned());
        }
        self.first = earlier(self.first, member.published_at);
        self.last = self.last.max(member.published_at);
        self.stories.insert(0, member.id);
        self.stories.truncate(LISTED);
        self.joined = joined;
        self.arrived = self.arrived.max(member.arrived);
        self.oldest = self.oldest.min(member.event_time);
        self.newest = self.newest.max(member.event_time);
        add(&mut self.words, words, WORDS);
        add(&mut self.names, names, NAMES);
    }

    /// Takes in another group, whose record then only points here.
    pub(crate) fn merge(&mut self, own: u32, other: &mut Self) {
        self.languages.extend(std::mem::take(&mut other.languages));
        self.size += other.size;
        self.terms = self.terms.saturating_add(other.terms);
        for outlet in std::mem::take(&mut other.outlets) {
            if self.outlets.len() < OUTLETS && !self.outlets.contains(&outlet) {
                self.outlets.push(outlet);
            }
        }
        self.first = earlier(self.first, other.first);
        self.last = self.last.max(other.last);
        self.stories.append(&mut other.stories);
        self.stories.truncate(LISTED);
        self.arrived = self.arrived.max(other.arrived);
        self.oldest = self.oldest.min(other.oldest);
        self.newest = self.newest.max(other.newest);
        add(&mut self.words, &std::mem::take(&mut other.words), WORDS);
        add(&mut self.names, &std::mem::take(&mut other.names), NAMES);
        other.state = GroupState::Merged;
        other.into = Some(own);
    }

    pub(crate) fn profile(&self) -> Profile {
        Profile {
            words: self.words.clone(),
            names: self.names.clone(),
            oldest: self.oldest,
            newest: self.newest,
            size: self.size,
            terms: self.terms,
            is_open: self.state == GroupState::Open,
        }
    }

    pub(crate) fn close(&mut self) {
        self.state = GroupState::Closed;
        self.words = Vec::new();
        self.names = Vec::new();
    }

    pub(crate) fn public(&self, into: Option<Id>) -> Group {
        Group {
            id: self.id.to_string(),
            state: self.state,
            merged_into: into.map(|id| id.to_string()),
            title: self.title.clone(),
            languages: self.languages.iter().cloned().collect(),
            size: self.size,
            outlets: self.outlets.clone(),
            first_published_at: self.first,
            last_published_at: self.last,
            stories: self.stories.iter().map(ToString::to_string).collect(),
            joined: self.joined.clone(),
        }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        // What a comparison needs comes first, so that it can be read without the rest.
        let mut writer = Writer::new(VERSION);
        writer.number(u64::from(self.state == GroupState::Open));
        writer.number(u64::from(self.size));
        writer.number(u64::from(self.terms));
        writer.raw(&self.oldest.to_le_bytes());
        writer.raw(&self.newest.to_le_bytes());
        for weights in [&self.words, &self.names] {
            writer.ascending(weights.iter().map(|(term, _)| *term));
            for (_, weight) in weights {
                writer.number(u64::from(*weight));
            }
        }
        writer.bytes(&write_json(self));
        writer.finish()
    }

    pub(crate) fn read(key: &str, value: &[u8]) -> Result<Self, StateError> {
        let (profile, mut reader) = Profile::read(key, value)?;
        let mut record: Self = serde_json::from_slice(reader.bytes()?)
            .map_err(|error| StateError::corrupt(key, error))?;
        reader.end()?;
        (record.size, record.terms) = (profile.size, profile.terms);
        (record.oldest, record.newest) = (profile.oldest, profile.newest);
        (record.words, record.names) = (profile.words, profile.names);
        Ok(record)
    }
}

/// Only what a comparison needs.
pub(crate) struct Profile {
    pub(crate) words: Weights,
    pub(crate) names: Weights,
    pub(crate) oldest: i64,
    pub(crate) newest: i64,
    pub(crate) size: u32,
    terms: u32,
    pub(crate) is_open: bool,
}

impl Profile {
    /// Reads the head of a record; the reader goes on behind it.
    fn read<'a>(key: &'a str, value: &'a [u8]) -> Result<(Self, Reader<'a>), StateError> {
        let mut reader = Reader::new(key, value, VERSION)?;
        let is_open = reader.number()? == 1;
        let size = reader.small()?;
        let terms = reader.small()?;
        let oldest = reader.time()?;
        let newest = reader.time()?;
        let words = read_weights(&mut reader)?;
        let names = read_weights(&mut reader)?;
        Ok((Self { words, names, oldest, newest, size, terms, is_open }, reader))
    }

    /// Distinct words of a story of the group, on average.
    pub(crate) fn mean_terms(&self) -> f32 {
        self.terms as f32 / self.size.max(1) as f32
    }
}

fn read_weights(reader: &mut Reader<'_>) -> Result<Weights, StateError> {
    let terms = reader.ascending()?;
    terms.into_iter().map(|term| Ok((term, reader.small()?))).collect()
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Adds weights to weights and keeps the `most` strongest; of equals the smaller term.
fn add(weights: &mut Weights, more: &Weights, most: usize) {
    for (term, weight) in more {
        match weights.binary_search_by_key(term, |(term, _)| *term) {
            Ok(at) => weights[at].1 = weights[at].1.saturating_add(*weight),
            Err(at) => weights.insert(at, (*term, *weight)),
        }
    }
    if weights.len() > most {
        *weights = strongest(weights, most);
        weights.sort_unstable();
    }
    weights.shrink_to_fit();
}

/// The strongest terms, strongest first; of equals the smaller term.
fn strongest(weights: &Weights, most: usize) -> Weights {
    let mut ranked = weights.clone();
    ranked.sort_unstable_by_key(|(term, weight)| (std::cmp::Reverse(*weight), *term));
    ranked.truncate(most);
    ranked
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
    pub(crate) fn insert(&mut self, number: u32, record: &Record) {
        self.arrivals.insert((record.arrived, number));
        self.open += u32::from(record.state == GroupState::Open);
        let words = strongest(&record.words, INDEXED_WORDS);
        self.words.extend(words.into_iter().map(|(term, _)| (term, number)));
        let names = strongest(&record.names, INDEXED_NAMES);
        self.names.extend(names.into_iter().map(|(term, _)| (term, number)));
    }

    pub(crate) fn remove(&mut self, number: u32, record: &Record) {
        self.arrivals.remove(&(record.arrived, number));
        self.open -= u32::from(record.state == GroupState::Open);
        for (term, _) in strongest(&record.words, INDEXED_WORDS) {
            self.words.remove(&(term, number));
        }
        for (term, _) in strongest(&record.names, INDEXED_NAMES) {
            self.names.remove(&(term, number));
        }
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

/// The record of a group.
pub(crate) fn load(state: &dyn Records, number: u32) -> Result<Option<Record>, StateError> {
    let key = key(number);
    state.get(&key).map(|value| Record::read(&key, value)).transpose()
}

/// What a comparison needs of a group.
pub(crate) fn profile(state: &dyn Records, number: u32) -> Result<Option<Profile>, StateError> {
    let key = key(number);
    let Some(value) = state.get(&key) else {
        return Ok(None);
    };
    Profile::read(&key, value).map(|(profile, _)| Some(profile))
}

/// The open or closed group that a number stands for after all joining.
pub(crate) fn resolve(
    state: &dyn Records,
    number: u32,
) -> Result<Option<(u32, Record)>, StateError> {
    let mut number = number;
    loop {
        let Some(record) = load(state, number)? else {
            return Ok(None);
        };
        match record.into {
            // A group only ever joins an older one, so this ends.
            Some(into) if into < number => number = into,
            _ => return Ok(Some((number, record))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(text: &str) -> Member<'_> {
        Member {
            id: Id::of(text),
            title: Some(text),
            language: Some("en"),
            outlet: Some("example.org"),
            published_at: Some(Timestamp::from_secs(5)),
            event_time: 5000,
            arrived: 6000,
        }
    }

    #[test]
    fn a_record_survives_and_leaves_no_trace_in_the_index() {
        let mut record = Record::open(&member("a"));
        record.take_in(&member("a"), &vec![(1, 5), (9, 700)], &vec![(4, 4)], 4, Joined::default());
        assert_eq!(Record::read("k", &record.write()).unwrap(), record);
        let mut index = GroupIndex::default();
        index.insert(3, &record);
        assert_eq!(index.with_word(9).collect::<Vec<_>>(), [3]);
        assert_eq!(index.stale(6001), Some(3));
        assert_eq!(index.stale(6000), None);
        index.remove(3, &record);
        assert!(index.words.is_empty() && index.names.is_empty() && index.arrivals.is_empty());
    }

    #[test]
    fn only_the_strongest_terms_are_kept() {
        let mut weights: Weights = vec![(1, 5), (2, 5), (3, 9)];
        add(&mut weights, &vec![(2, 1), (7, 2)], 2);
        assert_eq!(weights, [(2, 6), (3, 9)]);
    }

    #[test]
    fn a_merged_group_points_to_the_one_it_joined() {
        let (mut one, mut two) = (Record::open(&member("a")), Record::open(&member("b")));
        one.take_in(&member("a"), &vec![(1, 5)], &Vec::new(), 4, Joined::default());
        two.take_in(&member("b"), &vec![(1, 6)], &Vec::new(), 4, Joined::default());
        one.merge(1, &mut two);
        assert_eq!((one.size, one.words.clone(), two.into), (2, vec![(1, 11)], Some(1)));
        let mut state = crate::state::MemoryState::default();
        state.put(&key(1), Some(one.write()));
        state.put(&key(2), Some(two.write()));
        assert_eq!(resolve(&state, 2).unwrap().map(|(number, _)| number), Some(1));
    }
}
