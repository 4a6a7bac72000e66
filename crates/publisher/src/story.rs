//! A story in the comparison window: what is kept of it beside its identity.

use events::{PublishedAtSource, StoryFeed, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::{EntryId, Id};
use crate::sketch::Sketch;
use crate::state::{Reader, Records, StateError, Writer, read_json, write_json};

const VERSION: u8 = 1;
/// Feeds named in an event. A story in more of them is in all of them.
pub(crate) const FEEDS: usize = 16;
/// 1990-01-01: earlier dates are a content system's zero, not a time of publication.
const EARLIEST: i64 = 631_152_000_000;
/// A published time later than this beyond the publisher's time is a mistake.
const FUTURE: i64 = 10 * 60_000;

/// A stated time of publication, if it can be one; what cannot be is not known. `now` is the
/// publisher's time; one that has seen no time at all (texts without dates) has 0.
pub(crate) fn believed(stated: Option<Timestamp>, now: i64) -> Option<Timestamp> {
    let latest = if now > 0 { now.saturating_add(FUTURE) } else { i64::MAX };
    stated.filter(|at| (EARLIEST..=latest).contains(&at.as_millis()))
}

/// A feed in which a story was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    pub(crate) feed: EntryId,
    pub(crate) entry: EntryId,
}

/// What is needed to compare a story with another: the first part of its record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Head {
    /// Number in order of arrival.
    pub(crate) number: u32,
    /// Publisher's time at arrival.
    pub(crate) arrived: i64,
    pub(crate) published_at: Option<Timestamp>,
    /// Group as first said.
    pub(crate) group: u32,
    /// The original, where this is a copy.
    pub(crate) original: Option<Id>,
    pub(crate) sketch: Sketch,
}

impl Head {
    /// When it was published, if that can be believed.
    pub(crate) fn published_at(&self) -> Option<Timestamp> {
        believed(self.published_at, self.arrived)
    }

    /// Whether it was taken down, for now: its words are forgotten, its place is not. No text has
    /// such a hash, not even none.
    pub(crate) fn is_taken_down(&self) -> bool {
        self.sketch.exact == 0
    }
}

/// What is kept of a story while others are compared with it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Story {
    pub(crate) head: Head,
    pub(crate) url: Option<String>,
    pub(crate) title: Option<String>,
    /// Name of the publisher.
    pub(crate) publisher: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) published_at_source: PublishedAtSource,
    pub(crate) first_seen_at: Timestamp,
    pub(crate) fetched_at: Timestamp,
    pub(crate) backfill: bool,
    /// Entry whose text the current version has.
    pub(crate) entry: EntryId,
    pub(crate) feeds: Vec<Sighting>,
}

pub(crate) fn key(id: Id) -> String {
    format!("story/{id}")
}

fn read_head<'a>(key: &'a str, value: &'a [u8]) -> Result<(Head, Reader<'a>), StateError> {
    let mut reader = Reader::new(key, value, VERSION)?;
    let number = reader.small()?;
    let arrived = reader.time()?;
    let published_at = match reader.byte()? {
        0 => None,
        _ => Some(Timestamp::from_millis(reader.time()?)),
    };
    let group = reader.small()?;
    let original = match reader.byte()? {
        0 => None,
        _ => Some(Id::read(key, reader.raw(17)?)?),
    };
    let sketch = Sketch::read(key, &mut reader)?;
    Ok((Head { number, arrived, published_at, group, original, sketch }, reader))
}

fn source_of(number: u8) -> Option<PublishedAtSource> {
    Some(match number {
        0 => PublishedAtSource::None,
        1 => PublishedAtSource::Page,
        2 => PublishedAtSource::Feed,
        3 => PublishedAtSource::Url,
        _ => return None,
    })
}

fn number_of(source: PublishedAtSource) -> u8 {
    match source {
        PublishedAtSource::None => 0,
        PublishedAtSource::Page => 1,
        PublishedAtSource::Feed => 2,
        PublishedAtSource::Url => 3,
    }
}

impl Story {
    /// The moment it counts as published, for the question which of two copies is the original.
    /// What a feed brings as new was not published longer ago than stories are compared: such a
    /// date is wrong. Of old articles of a new feed it may well be right.
    pub(crate) fn precedence(&self, window_ms: i64) -> (i64, u32) {
        let arrived = self.head.arrived;
        let published = self.head.published_at().map(Timestamp::as_millis);
        let published = published.filter(|at| self.backfill || *at >= arrived - window_ms);
        (published.unwrap_or(arrived), self.head.number)
    }

    /// The outlet, as groups name it.
    pub(crate) fn outlet(&self) -> Option<&str> {
        self.domain.as_deref().or(self.publisher.as_deref())
    }

    /// It without what it said.
    pub(crate) fn taken_down(mut self) -> Self {
        self.head.sketch = Sketch::default();
        self.head.original = None;
        self.title = None;
        self
    }

    pub(crate) fn read(key: &str, value: &[u8]) -> Result<Self, StateError> {
        let (head, mut reader) = read_head(key, value)?;
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let story = Self {
            head,
            url: owned(reader.text()?),
            title: owned(reader.text()?),
            publisher: owned(reader.text()?),
            domain: owned(reader.text()?),
            language: owned(reader.text()?),
            published_at_source: source_of(reader.byte()?)
                .ok_or_else(|| StateError::corrupt(key, "its date has no such source"))?,
            first_seen_at: Timestamp::from_millis(reader.time()?),
            fetched_at: Timestamp::from_millis(reader.time()?),
            backfill: reader.byte()? != 0,
            entry: EntryId::read(key, &mut reader)?,
            feeds: {
                let count = reader.count()?;
                let mut feeds = Vec::with_capacity(count);
                for _ in 0..count {
                    let feed = EntryId::read(key, &mut reader)?;
                    feeds.push(Sighting { feed, entry: EntryId::read(key, &mut reader)? });
                }
                feeds
            },
        };
        reader.end()?;
        Ok(story)
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut writer = Writer::new(VERSION);
        let head = &self.head;
        writer.number(u64::from(head.number));
        writer.time(head.arrived);
        writer.raw(&[u8::from(head.published_at.is_some())]);
        if let Some(published_at) = head.published_at {
            writer.time(published_at.as_millis());
        }
        writer.number(u64::from(head.group));
        writer.raw(&[u8::from(head.original.is_some())]);
        if let Some(original) = head.original {
            writer.raw(original.bytes());
        }
        head.sketch.write(&mut writer);
        for text in [&self.url, &self.title, &self.publisher, &self.domain, &self.language] {
            writer.text(text.as_deref());
        }
        writer.raw(&[number_of(self.published_at_source)]);
        writer.time(self.first_seen_at.as_millis());
        writer.time(self.fetched_at.as_millis());
        writer.raw(&[u8::from(self.backfill)]);
        self.entry.write(&mut writer);
        writer.number(self.feeds.len() as u64);
        for sighting in &self.feeds {
            sighting.feed.write(&mut writer);
            sighting.entry.write(&mut writer);
        }
        writer.finish()
    }
}

/// The story of an id, if it is in the window.
pub(crate) fn find(state: &dyn Records, id: Id) -> Result<Option<Story>, StateError> {
    let key = key(id);
    state.get(&key).map(|value| Story::read(&key, value)).transpose()
}

/// What is needed to compare it, if it is in the window.
pub(crate) fn find_head(state: &dyn Records, id: Id) -> Result<Option<Head>, StateError> {
    let key = key(id);
    let Some(value) = state.get(&key) else {
        return Ok(None);
    };
    read_head(&key, value).map(|(head, _)| Some(head))
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

    /// The feed of a sighting, as last seen.
    pub(crate) fn find(
        state: &dyn Records,
        sighting: &Sighting,
    ) -> Result<Option<Self>, StateError> {
        let key = Self::key(&sighting.feed.to_string());
        state.get(&key).map(|value| Self::read(&key, value)).transpose()
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
        let feed = Feed::find(state, sighting)?.unwrap_or_default();
        feeds.push(StoryFeed {
            url: feed.url,
            title: feed.title,
            entry_id: sighting.entry.to_string(),
            tags: feed.tags,
        });
    }
    Ok(feeds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_survives_its_record_and_no_part_of_it_does() {
        let mut sketch = Sketch::default();
        (sketch.exact, sketch.title, sketch.words) = (1, 2, 400);
        sketch.hashes.extend([3, 900]);
        let story = Story {
            head: Head {
                number: 7,
                arrived: 1_764_680_700_000,
                published_at: Some(Timestamp::from_millis(-5)),
                group: 300,
                original: Some(Id::of("b")),
                sketch,
            },
            url: Some("https://example.org/a".to_owned()),
            title: Some(String::new()),
            publisher: None,
            domain: Some("example.org".to_owned()),
            language: None,
            published_at_source: PublishedAtSource::Url,
            first_seen_at: Timestamp::from_millis(1),
            fetched_at: Timestamp::from_millis(2),
            backfill: true,
            entry: EntryId::from("entry 1"),
            feeds: vec![Sighting {
                feed: EntryId::from(events::hash_id("f").as_str()),
                entry: EntryId::from("é"),
            }],
        };
        let value = story.write();
        assert_eq!(Story::read("k", &value).unwrap(), story);
        for cut in 0..value.len() {
            assert!(Story::read("k", &value[..cut]).is_err(), "cut at {cut}");
        }
    }
}
