//! An accepted article becomes a story, its next version, or nothing new.

use events::{
    ArticleContent, Entry, EventKind, ExtractionSource, Fate, SkipReason, StoryEvent, site_of,
};

use crate::address;
use crate::changes;
use crate::engine::{Engine, Output};
use crate::event;
use crate::expiring::text_key;
use crate::finding::{Found, FoundBy};
use crate::id::{EntryId, Id};
use crate::identity::{self, Identity};
use crate::names::{Accepted, Names};
use crate::originals::Copied;
use crate::place;
use crate::placing::Placement;
use crate::reading::Reading;
use crate::settings::Copies;
use crate::state::{Records, StateError};
use crate::story::{self, Feed, Head, Sighting, Story};

enum Outcome {
    Version(u32),
    CopyDropped(Id),
}

/// A version of a story that is about to be kept.
pub(crate) struct Version<'a> {
    pub(crate) id: Id,
    pub(crate) event: &'a StoryEvent,
    pub(crate) before: Option<&'a Story>,
    pub(crate) number: u32,
    pub(crate) group: u32,
    pub(crate) original: Option<Id>,
    pub(crate) entry: EntryId,
    pub(crate) feeds: Vec<Sighting>,
}

impl Engine {
    pub(crate) fn article(
        &mut self,
        article: &Accepted<'_>,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<Fate, StateError> {
        let names = Names::of(article);
        if let Some(story) = self.find_story(&names, article, state)? {
            if matches!(story.by, FoundBy::Url | FoundBy::Entry) {
                names.remember_aliases(story.id, self.today(), state)?;
            }
            return self.known_article(story, article, state, output);
        }
        let own = names.own;
        if self.is_too_old(article.content) {
            return Ok(Fate::Skipped { reason: SkipReason::TooOld });
        }
        let reading = self.read(article.content);
        let Some(version) = self.publish(own, None, article, &reading, state, output)? else {
            return Ok(Fate::Skipped { reason: SkipReason::TooBig });
        };
        match version {
            Outcome::Version(version) => {
                names.remember_aliases(own, self.today(), state)?;
                self.note_entry(article.entry, own, state)?;
                Ok(Fate::Story { story: own.to_string(), version, source: article.source })
            }
            Outcome::CopyDropped(original) => Ok(Fate::CopyDropped { story: original.to_string() }),
        }
    }

    pub(crate) fn read(&mut self, content: &ArticleContent) -> Reading {
        let (title, language) = (content.title.as_deref(), content.language.as_deref());
        Reading::of(&mut self.lexicon, title, &content.text, language)
    }

    fn is_too_old(&self, content: &ArticleContent) -> bool {
        let published_at = story::believed(content.published_at, self.meta.now);
        match (self.settings.max_age_ms, published_at) {
            (Some(age), Some(published)) => published.as_millis() < self.meta.now - age,
            _ => false,
        }
    }

    fn known_article(
        &mut self,
        Found { id, identity, by }: Found,
        article: &Accepted<'_>,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<Fate, StateError> {
        if identity.flags & identity::WITHDRAWN != 0 {
            return Ok(Fate::Skipped { reason: SkipReason::Withdrawn });
        }
        self.follow(id, by, article, state)?;
        let identity = self.sighting(id, identity, article.entry, state)?;
        let mut before = story::find(state, id)?;
        if let Some(before) = &mut before
            && Self::readdress(id, before, by, article, state)?
        {
            state.put(&story::key(id), Some(before.write()));
        }
        let reading = self.read(article.content);
        let is_news = reading.fingerprint != (identity.title, identity.text);
        let is_back = identity.flags & identity::GONE != 0;
        if !is_back && (!is_news || !replaces(&identity, before.as_ref(), article, state)?) {
            return Ok(Fate::Known { story: Some(id.to_string()) });
        }
        match self.publish(id, Some((identity, before)), article, &reading, state, output)? {
            Some(Outcome::Version(version)) => {
                Ok(Fate::Story { story: id.to_string(), version, source: article.source })
            }
            Some(Outcome::CopyDropped(original)) => {
                Ok(Fate::CopyDropped { story: original.to_string() })
            }
            None => Ok(Fate::Skipped { reason: SkipReason::TooBig }),
        }
    }

    /// Publishes the first or next version. `None` where the event would be too large; no story
    /// has changed then.
    fn publish(
        &mut self,
        id: Id,
        known: Option<(Identity, Option<Story>)>,
        article: &Accepted<'_>,
        reading: &Reading,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<Option<Outcome>, StateError> {
        self.put_away(state, output)?;
        let (identity, before) =
            known.map_or((None, None), |(identity, before)| (Some(identity), before));
        let group = self.group_placed(before.as_ref(), None, state)?;
        if let (Some(identity), None) = (&identity, &group) {
            return self.publish_late(
                id,
                (identity, before.as_ref()),
                article,
                reading,
                state,
                output,
            );
        }
        let number = before.as_ref().map_or(self.meta.next, |story| story.head.number);
        let copied = self.find_original(number, id, &reading.sketch, state)?;
        if let (Copies::Drop, None, Some(copied)) = (self.settings.copies, &identity, &copied) {
            return Ok(Some(Outcome::CopyDropped(copied.original)));
        }
        let known = (identity.as_ref(), before.as_ref());
        let (mut event, sightings) = self.event_of(id, known, article, reading, state)?;
        event.duplicate_of = copied.as_ref().map(Copied::as_event).unwrap_or_default();
        if !self.fits(&event) {
            return Ok(None);
        }
        let before = before.as_ref();
        let is_back = before.is_some_and(|before| before.head.is_taken_down());
        let group = match group.filter(|_| is_back) {
            Some((group, record)) => self.rejoin(group, record, &event, reading, state, output),
            None => {
                let copied = copied.as_ref();
                self.group_of(number, before, copied, &event, reading, state, output)?
            }
        };
        event.story_group = group.as_event();
        let version = event.version;
        let version_of = Version {
            id,
            event: &event,
            before,
            number,
            group: group.number,
            original: copied.map(|copied| copied.original),
            entry: article.entry.id.as_str().into(),
            feeds: sightings,
        };
        self.keep(version_of, reading, self.today(), state)?;
        output.push(event);
        Ok(Some(Outcome::Version(version)))
    }

    /// The next version of a story that has left the window, or whose group is closed. It is in no
    /// comparison and in no group's record again: its id may be that of a group that is closed, and
    /// what copied it would now be its original. The event repeats its place as far as that is
    /// known: of the group the id, the size only while it is open; of the original the id.
    fn publish_late(
        &mut self,
        id: Id,
        (identity, before): (&Identity, Option<&Story>),
        article: &Accepted<'_>,
        reading: &Reading,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<Option<Outcome>, StateError> {
        let (mut event, _) =
            self.event_of(id, (Some(identity), before), article, reading, state)?;
        let place = place::place(id, identity.flags, state)?;
        event.duplicate_of.id = place.original.map(|original| original.to_string());
        event.story_group.id = place.group.map(|group| group.to_string());
        if let Some((number, record)) = self.group_placed(None, place.group, state)? {
            event.story_group = Placement::of(number, &record).as_event();
        }
        if !self.fits(&event) {
            return Ok(None);
        }
        let (day, version) = (self.today(), event.version);
        let place = place::keep_place(id, identity.flags, day, state)?;
        identity::remember(state, id, identity_of(&event, reading, day, place))?;
        output.push(event);
        Ok(Some(Outcome::Version(version)))
    }

    /// The group adds a few bytes of bounded length, so the size can be measured before.
    fn fits(&self, event: &StoryEvent) -> bool {
        event::value(event).len() + 128 <= self.settings.max_value
    }

    /// The event of a version but for its group and original, and where the story was seen.
    fn event_of(
        &self,
        id: Id,
        (identity, before): (Option<&Identity>, Option<&Story>),
        article: &Accepted<'_>,
        reading: &Reading,
        state: &mut dyn Records,
    ) -> Result<(StoryEvent, Vec<Sighting>), StateError> {
        let mut event = event::of_article(id, article, self.settings.include_html);
        if let Some(identity) = identity {
            event.version = identity.version + 1;
            event.event = EventKind::Updated;
            let changes = changes::of((identity.title, identity.text), reading.fingerprint);
            event.changes = Self::changes(id, changes, article.content, state)?;
        }
        if let Some(before) = before {
            event.first_seen_at = before.first_seen_at;
            event.url.clone_from(&before.url);
            event.backfill = before.backfill;
        }
        let mut sightings = before.map(|story| story.feeds.clone()).unwrap_or_default();
        add_sighting(&mut sightings, article.entry);
        Feed::remember(state, &article.entry.feed);
        event.feeds = story::feeds(state, &sightings)?;
        Ok((event, sightings))
    }

    /// Keeps of a version what the next one, copies and reports of the same event are compared
    /// with.
    pub(crate) fn keep(
        &mut self,
        version: Version<'_>,
        reading: &Reading,
        day: u16,
        state: &mut dyn Records,
    ) -> Result<(), StateError> {
        let Version { id, event, before, number, group, original, entry, feeds } = version;
        let story = Story {
            head: Head {
                number,
                arrived: before.map_or(self.meta.now, |story| story.head.arrived),
                published_at: event.published_at,
                group,
                original,
                sketch: reading.sketch.clone(),
            },
            url: event.url.clone(),
            title: event.title.clone(),
            publisher: event.publisher.name.clone(),
            domain: event.publisher.domain.clone(),
            language: event.language.clone(),
            published_at_source: event.published_at_source,
            first_seen_at: event.first_seen_at,
            fetched_at: event.fetched_at,
            backfill: event.backfill,
            entry,
            feeds,
        };
        match before {
            Some(before) => self.copies.remove(number, &before.head.sketch),
            None => self.meta.next += 1,
        }
        self.copies.insert(number, &story.head.sketch);
        self.window.insert(number, id);
        state.put(&story::key(id), Some(story.write()));
        self.keep_text(number, id, event.text.as_deref().unwrap_or_default(), state);
        let place = place::note_place(id, event, day, state)?;
        identity::remember(state, id, identity_of(event, reading, day, place))
    }

    fn changes(
        id: Id,
        changes: events::Changes,
        content: &ArticleContent,
        state: &dyn Records,
    ) -> Result<events::Changes, StateError> {
        let key = text_key(id);
        Ok(match state.get(&key) {
            Some(value) => changes::between(&changes::unpack(&key, value)?, &content.text, changes),
            // The text before is not remembered any more: only that it changed is known.
            None => changes,
        })
    }

    /// Notes that the story was seen again: its identity lives on, its feeds grow.
    pub(crate) fn sighting(
        &mut self,
        id: Id,
        identity: Identity,
        entry: &Entry,
        state: &mut dyn Records,
    ) -> Result<Identity, StateError> {
        self.note_entry(entry, id, state)?;
        let identity = Identity { day: self.today(), ..identity };
        if identity::find(state, id)?.is_some_and(|(_, before)| before != identity) {
            identity::remember(state, id, identity)?;
            place::keep_place(id, identity.flags, identity.day, state)?;
            address::keep(id, identity.day, state)?;
        }
        if let Some(mut story) = story::find(state, id)?
            && add_sighting(&mut story.feeds, entry)
        {
            Feed::remember(state, &entry.feed);
            state.put(&story::key(id), Some(story.write()));
        }
        Ok(identity)
    }
}

/// What is remembered of a version; `flags` say the story's place.
pub(crate) fn identity_of(event: &StoryEvent, reading: &Reading, day: u16, flags: u8) -> Identity {
    let (title, text) = reading.fingerprint;
    let mut flags = flags;
    if event.extraction.source == ExtractionSource::Feed {
        flags |= identity::FROM_FEED;
    }
    if !event.extraction.complete {
        flags |= identity::PARTIAL;
    }
    Identity { version: event.version, title, text, day, flags }
}

/// Adds a sighting; whether it is a new one.
fn add_sighting(feeds: &mut Vec<Sighting>, entry: &Entry) -> bool {
    let sighting =
        Sighting { feed: entry.feed.id.as_str().into(), entry: entry.id.as_str().into() };
    let is_new = feeds.len() < story::FEEDS && !feeds.contains(&sighting);
    if is_new {
        feeds.push(sighting);
    }
    is_new
}

/// Whether an article that says something else is the next version of a story. What a feed says
/// never replaces what the page said, what a feed of another site says never what one of the story's
/// own says, and two feeds' cuts of one article do not take turns.
fn replaces(
    identity: &Identity,
    before: Option<&Story>,
    article: &Accepted<'_>,
    state: &dyn Records,
) -> Result<bool, StateError> {
    if before.is_some_and(|before| article.fetched_at < before.fetched_at) {
        return Ok(false);
    }
    if article.source == ExtractionSource::Page {
        return Ok(article.content.complete
            || identity.flags & (identity::PARTIAL | identity::FROM_FEED) != 0);
    }
    if identity.flags & identity::FROM_FEED == 0 {
        return Ok(false);
    }
    let Some(before) = before else { return Ok(true) };
    let (was_own, is_own) = (is_own_text(before, state)?, article.entry.is_of_its_feeds_site());
    if was_own != is_own {
        return Ok(is_own);
    }
    let is_same_entry = before.entry == EntryId::from(article.entry.id.as_str());
    Ok(is_same_entry || article.content.complete && identity.flags & identity::PARTIAL != 0)
}

/// Whether the text that a story has from a feed is from one of its own site.
fn is_own_text(story: &Story, state: &dyn Records) -> Result<bool, StateError> {
    let Some(url) = &story.url else { return Ok(true) };
    let said = story.feeds.iter().find(|sighting| sighting.entry == story.entry);
    let Some(said) = said else { return Ok(true) };
    let feed = Feed::find(state, said)?;
    Ok(feed.is_none_or(|feed| site_of(&feed.url) == site_of(url)))
}
