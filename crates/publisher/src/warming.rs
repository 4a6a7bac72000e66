//! A past from published events alone: for a replay that begins in the middle of things, where
//! the state of that moment is not kept any more.
//!
//! Events say the id, the version, the words, the group as first said and the original, so
//! identities, copies and groups come back. What they do not say is lost: aliases other than the
//! canonical URL, joining of groups, and whether a withdrawal was a command. The last is taken as
//! one: to bring back what was taken down for legal reasons would be the worse mistake.

use events::{EventKind, StoryEvent};

use crate::address;
use crate::engine::{Engine, Output};
use crate::entry_names;
use crate::group_index::Indexed;
use crate::groups::{self, Member, Record};
use crate::id::{EntryId, Id};
use crate::identity::{self, Identity};
use crate::place;
use crate::publishing::{Version, identity_of};
use crate::ranking::Vectors;
use crate::reading::Reading;
use crate::state::{Records, StateError, write_json};
use crate::story::{self, Sighting};

impl Engine {
    /// Takes in an event that was published earlier. Events come in order of publication.
    pub(crate) fn warm(
        &mut self,
        event: &StoryEvent,
        state: &mut dyn Records,
    ) -> Result<(), StateError> {
        let Ok(id) = event.id.parse::<Id>() else {
            // Not an id of ours: nothing that comes can be a version of it.
            return Ok(());
        };
        self.meta.now = self.meta.now.max(event.fetched_at.as_millis());
        self.expire(state)?;
        let found = identity::find(state, id)?.map(|(_, identity)| identity);
        let known = found.unwrap_or_default();
        let day = self.today();
        if event.event == EventKind::Withdrawn {
            // What it says of itself goes; the records of that moment are there already.
            let story = story::find(state, id)?;
            self.leave(id, &known, story.as_ref(), state, &mut Output::default())?;
            if let Some(story) = story {
                self.take_down(story, id, true, state);
            }
            let flags = known.flags | identity::WITHDRAWN;
            let identity = Identity { version: event.version, day, flags, ..known };
            identity::remember(state, id, identity)?;
            state.put("meta", Some(write_json(&self.meta)));
            return Ok(());
        }
        let text = event.text.as_deref().unwrap_or_default();
        let (title, language) = (event.title.as_deref(), event.language.as_deref());
        let reading = Reading::of(&mut self.lexicon, title, text, language);
        let before = story::find(state, id)?;
        if before.is_none() && found.is_some() && event.event == EventKind::Updated {
            // A correction of a story that had left the window: in no group and no comparison.
            let place = place::note_place(id, event, day, state)?;
            identity::remember(state, id, identity_of(event, &reading, day, place))?;
            state.put("meta", Some(write_json(&self.meta)));
            return Ok(());
        }
        if let Some(before) = &before {
            address::learn(id, before, event, day, state)?;
        }
        let number = before.as_ref().map_or(self.meta.next, |story| story.head.number);
        let group = match &before {
            Some(before) => before.head.group,
            None => self.warm_group(id, number, event, &reading, state)?,
        };
        let version = Version {
            id,
            event,
            before: before.as_ref(),
            number,
            group,
            original: event.duplicate_of.id.as_deref().and_then(|id| id.parse().ok()),
            entry: event.feeds.last().map_or("", |feed| feed.entry_id.as_str()).into(),
            feeds: event
                .feeds
                .iter()
                .map(|feed| Sighting {
                    feed: EntryId::from(events::feed_id(&feed.url).as_str()),
                    entry: EntryId::from(feed.entry_id.as_str()),
                })
                .collect(),
        };
        for feed in &event.feeds {
            let reference = events::FeedRef {
                id: events::feed_id(&feed.url),
                url: feed.url.clone(),
                title: feed.title.clone(),
                tags: feed.tags.clone(),
                ..events::FeedRef::default()
            };
            story::Feed::remember(state, &reference);
            entry_names::remember(state, &feed.entry_id, id, false, day)?;
        }
        self.keep(version, &reading, day, state)?;
        state.put("meta", Some(write_json(&self.meta)));
        Ok(())
    }

    /// Puts a story into the group its event names, which it may have opened.
    fn warm_group(
        &mut self,
        id: Id,
        number: u32,
        event: &StoryEvent,
        reading: &Reading,
        state: &mut dyn Records,
    ) -> Result<u32, StateError> {
        let named = event.story_group.id.as_deref().and_then(|id| id.parse::<Id>().ok());
        // A group has the number of the story that opened it.
        let opener = match named.filter(|named| *named != id) {
            Some(named) => story::find_head(state, named)?.map(|head| head.group),
            None => None,
        };
        let existing = match opener {
            Some(group) => groups::load(state, group)?.map(|record| (group, record)),
            None => None,
        };
        let instance = reading.sketch.instance;
        let event_time = self.event_time(event);
        let vectors = Vectors::of(&reading.terms, &self.frequencies, event_time, instance);
        self.count_terms(number, &reading.terms, state);
        let member = Member::of(id, event, event_time.at, instance, self.now());
        let (group, mut record, before) = match existing {
            Some((group, record)) => {
                let before = Indexed::of(&record);
                (group, record, before)
            }
            None => {
                let mut record = Record::open(&member);
                record.id = named.unwrap_or(id);
                (number, record, Indexed::default())
            }
        };
        let (words, names) = vectors.weights();
        record.take_in(&member, &words, &names, vectors.terms as u32, events::Joined::default());
        self.store(group, &before, &record, state);
        Ok(group)
    }
}
