//! A story in the comparison window: what is kept of it beside its identity.

use events::{PublishedAtSource, StoryFeed, Timestamp};
use serde::{Deserialize, Serialize};

use crate::copies::Sketch;
use crate::id::Id;
use crate::state::{Reader, Records, StateError, Writer, read_json, write_json};

const VERSION: u8 = 1;
/// Feeds named in an event. A story in more of them is in all of them.
pub(crate) const FEEDS: usize = 16;

/// A feed in which a story was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sighting {
    /// Feed id.
    pub(crate) f: String,
    /// Entry id.
    pub(crate) e: String,
}

/// What is kept of a story while others are compared with it. Short names: the record exists
/// hundreds of thousands of times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Story {
    /// Number in order of arrival.
    #[serde(rename = "n")]
    pub(crate) number: u32,
    /// Publisher's time at arrival.
    #[serde(rename = "at")]
    pub(crate) arrived: i64,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// Name of the publisher.
    #[serde(rename = "pn", default, skip_serializing_if = "Option::is_none")]
    pub(crate) publisher: Option<String>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<String>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub(crate) published_at: Option<Timestamp>,
    #[serde(rename = "ps", default)]
    pub(crate) published_at_source: PublishedAtSource,
    #[serde(rename = "s")]
    pub(crate) first_seen_at: Timestamp,
    #[serde(rename = "fa")]
    pub(crate) fetched_at: Timestamp,
    #[serde(rename = "b", default, skip_serializing_if = "is_false")]
    pub(crate) backfill: bool,
    /// Entry whose text the current version has.
    #[serde(rename = "e")]
    pub(crate) entry: String,
    #[serde(rename = "f", default)]
    pub(crate) feeds: Vec<Sighting>,
    /// Group as first said.
    #[serde(rename = "g")]
    pub(crate) group: u32,
    /// The original, where this is a copy.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub(crate) original: Option<Id>,
    #[serde(skip)]
    pub(crate) sketch: Sketch,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(value: &bool) -> bool {
    !*value
}

pub(crate) fn key(id: Id) -> String {
    format!("story/{id}")
}

impl Story {
    pub(crate) fn read(key: &str, value: &[u8]) -> Result<Self, StateError> {
        let mut reader = Reader::new(key, value, VERSION)?;
        let head = reader.bytes()?;
        let mut story: Self =
            serde_json::from_slice(head).map_err(|error| StateError::corrupt(key, error))?;
        story.sketch = Sketch {
            exact: reader.number()?,
            title: reader.number()?,
            words: reader.small()?,
            level: u8::try_from(reader.small()?)
                .ok()
                .filter(|level| *level < 32)
                .ok_or_else(|| StateError::corrupt(key, "its sketch has no such level"))?,
            hashes: reader.ascending()?,
        };
        reader.end()?;
        Ok(story)
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut writer = Writer::new(VERSION);
        writer.bytes(&write_json(self));
        writer.number(self.sketch.exact);
        writer.number(self.sketch.title);
        writer.number(u64::from(self.sketch.words));
        writer.number(u64::from(self.sketch.level));
        writer.ascending(self.sketch.hashes.iter().copied());
        writer.finish()
    }

    /// The moment it counts as published, for the question which of two copies is the original.
    pub(crate) fn precedence(&self) -> (i64, u32) {
        (self.published_at.map_or(self.arrived, Timestamp::as_millis), self.number)
    }
}

/// The story of an id, if it is in the window.
pub(crate) fn find(state: &dyn Records, id: Id) -> Result<Option<Story>, StateError> {
    let key = key(id);
    state.get(&key).map(|value| Story::read(&key, value)).transpose()
}

/// A feed as stories name it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Feed {
    v: u32,
    pub(crate) url: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

impl Feed {
    pub(crate) fn of(feed: &events::FeedRef) -> Self {
        Self { v: 1, url: feed.url.clone(), title: feed.title.clone(), tags: feed.tags.clone() }
    }

    pub(crate) fn key(id: &str) -> String {
        format!("feed/{id}")
    }

    pub(crate) fn read(key: &str, value: &[u8]) -> Result<Self, StateError> {
        read_json(key, value, 1)
    }

    /// Remembers the feed as last seen.
    pub(crate) fn remember(state: &mut dyn Records, feed: &events::FeedRef) {
        let (key, value) = (Self::key(&feed.id), write_json(&Self::of(feed)));
        if state.get(&key) != Some(value.as_slice()) {
            state.put(&key, Some(value));
        }
    }
}

/// The feeds of an event.
pub(crate) fn feeds(
    state: &dyn Records,
    sightings: &[Sighting],
) -> Result<Vec<StoryFeed>, StateError> {
    let mut feeds = Vec::with_capacity(sightings.len());
    for sighting in sightings {
        let key = Feed::key(&sighting.f);
        let feed = match state.get(&key) {
            Some(value) => Feed::read(&key, value)?,
            None => Feed::default(),
        };
        feeds.push(StoryFeed {
            url: feed.url,
            title: feed.title,
            entry_id: sighting.e.clone(),
            tags: feed.tags,
        });
    }
    Ok(feeds)
}
