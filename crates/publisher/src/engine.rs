//! The publisher itself: articles in, story events, groups, fates and state out. Knows neither
//! Kafka nor a clock: its time is the greatest `fetched_at` it has seen.
//!
//! Everything that outlives a call is in the [`Records`]; what the engine holds itself is derived
//! from them, so that an engine restored at any point goes on with the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use events::{
    Article, ArticleContent, ArticleOutcome, Entry, EventKind, ExtractionSource, Fate, Group,
    SkipReason, StoryEvent, Timestamp, Withdraw, canonical_url, story_url, twin_urls,
};
use serde::{Deserialize, Serialize};

use crate::changes;
use crate::copies::{CopyIndex, Sketch};
use crate::event;
use crate::fates::{self, FateKey};
use crate::frequencies::{self, Counted, Frequencies};
use crate::groups::{self, GroupIndex};
use crate::id::Id;
use crate::identity::{self, Identity};
use crate::settings::{Copies, Settings};
use crate::state::{Records, StateError, read_json, write_json};
use crate::story::{self, Feed, Sighting, Story};
use crate::terms::Terms;

pub(crate) const DAY: i64 = 24 * 3_600_000;
/// How long the text of a story is kept to say what an update removed.
const TEXT_KEPT: i64 = 2 * DAY;
/// Texts kept at most, as a share of the window: they are its largest part.
const TEXT_SHARE: usize = 5;
/// Records that expire in one call at most, so that no call takes long.
const EXPIRED_AT_ONCE: usize = 64;

/// What came of an article.
#[derive(Debug, Default)]
pub struct Output {
    /// Story events to publish, in order.
    pub stories: Vec<Published>,
    /// Groups that changed, as they are now, in order.
    pub groups: Vec<Group>,
    /// The fate of the entry; `None` for a command and for a record seen before.
    pub fate: Option<(FateKey, Fate)>,
}

/// A story event and its value.
#[derive(Debug)]
pub struct Published {
    /// The event.
    pub event: StoryEvent,
    /// Its JSON.
    pub value: Vec<u8>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Meta {
    v: u32,
    now: i64,
    /// Number of the next story.
    next: u32,
    /// Place in the round that forgets identities.
    sweep: u32,
}

/// The publisher.
pub struct Engine {
    pub(crate) settings: Settings,
    meta: Meta,
    /// Stories in the window: id and arrival by number.
    window: BTreeMap<u32, (Id, i64)>,
    /// Stories whose text is kept.
    texts: BTreeMap<u32, Id>,
    copies: CopyIndex,
    pub(crate) groups: GroupIndex,
    pub(crate) frequencies: Frequencies,
    /// Days of the records `terms/<number>`.
    counted: BTreeSet<(u16, u32)>,
    fates: BTreeSet<(i64, FateKey)>,
}

impl Engine {
    /// An engine without a past.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            meta: Meta { v: 1, ..Meta::default() },
            window: BTreeMap::new(),
            texts: BTreeMap::new(),
            copies: CopyIndex::default(),
            groups: GroupIndex::default(),
            frequencies: Frequencies::default(),
            counted: BTreeSet::new(),
            fates: BTreeSet::new(),
        }
    }

    /// The engine that wrote these records.
    ///
    /// # Errors
    /// [`StateError`] for the first record that is corrupt or of a newer release.
    pub fn restore<'a>(
        settings: Settings,
        records: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, StateError> {
        let mut engine = Self::new(settings);
        for (key, value) in records {
            engine.restore_record(key, value)?;
        }
        Ok(engine)
    }

    fn restore_record(&mut self, key: &str, value: &[u8]) -> Result<(), StateError> {
        let (kind, rest) = key.split_once('/').unwrap_or((key, ""));
        let id = || rest.parse::<Id>().map_err(|error| StateError::corrupt(key, error));
        let number = || rest.parse::<u32>().map_err(|error| StateError::corrupt(key, error));
        match kind {
            "meta" => self.meta = read_json(key, value, 1)?,
            "ids" => identity::check(key, value)?,
            "story" => {
                let story = Story::read(key, value)?;
                self.copies.insert(story.number, &story.sketch);
                self.window.insert(story.number, (id()?, story.arrived));
            }
            "text" => {
                let (number, _) = changes::open(key, value)?;
                changes::unpack(key, value)?;
                self.texts.insert(number, id()?);
            }
            "feed" => drop(Feed::read(key, value)?),
            "group" => {
                let record = groups::Record::read(key, value)?;
                self.groups.insert(number()?, &record);
            }
            "terms" => {
                let counted = Counted::read(key, value)?;
                self.counted.insert((counted.day, number()?));
                self.frequencies.add(&counted);
            }
            "fate" => {
                if let Some(fate) = fates::read_fate(key, value)? {
                    self.fates.insert((fate.at.as_millis(), fate.of));
                }
            }
            _ => return Err(StateError::corrupt(key, "no release writes such a record")),
        }
        Ok(())
    }

    /// Stories in the comparison window.
    pub fn stories_in_window(&self) -> usize {
        self.window.len()
    }

    /// The publisher's time.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.meta.now)
    }

    fn today(&self) -> u16 {
        (self.meta.now / DAY).clamp(0, i64::from(u16::MAX)) as u16
    }

    /// Takes an article or a command.
    ///
    /// # Errors
    /// [`StateError`] where a record of the state cannot be read, which [`Engine::restore`] would
    /// have found.
    pub fn take(
        &mut self,
        article: &Article,
        state: &mut dyn Records,
    ) -> Result<Output, StateError> {
        let output = match article {
            Article::Entry { entry, fetched_at, outcome } => {
                let key = FateKey::of(entry);
                if state.get(&key.key()).is_some() {
                    // The same record again: at-least-once producers and replays do that.
                    return Ok(Output::default());
                }
                self.meta.now = self.meta.now.max(fetched_at.as_millis());
                self.expire(state)?;
                let mut output = Output::default();
                let fate = self.outcome(entry, *fetched_at, outcome, state, &mut output)?;
                let at = self.now();
                state.put(&key.key(), Some(fates::write(at, &fate)));
                self.fates.insert((at.as_millis(), key.clone()));
                output.fate = Some((key, fate));
                output
            }
            Article::Withdraw(command) => self.withdraw_by_command(command, state)?,
        };
        state.put("meta", Some(write_json(&self.meta)));
        Ok(output)
    }

    fn outcome(
        &mut self,
        entry: &Entry,
        fetched_at: Timestamp,
        outcome: &ArticleOutcome,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<Fate, StateError> {
        match outcome {
            ArticleOutcome::Moved { to } => Ok(Fate::Moved { to: to.clone() }),
            ArticleOutcome::Article { url, source, extractor, content } => {
                let article = Accepted {
                    entry,
                    fetched_at,
                    url: url.as_deref(),
                    source: *source,
                    extractor,
                    content,
                };
                self.article(&article, state, output)
            }
            ArticleOutcome::Unchanged => {
                let known = find_by_entry(entry, state)?;
                if let Some((id, identity)) = known {
                    self.sighting(id, identity, entry, state)?;
                }
                Ok(Fate::Known { story: known.map(|(id, _)| id.to_string()) })
            }
            ArticleOutcome::Skipped { reason, .. } => {
                let Some((id, identity)) = find_by_entry(entry, state)? else {
                    return Ok(Fate::Skipped { reason: *reason });
                };
                if identity.flags & identity::WITHDRAWN != 0 {
                    return Ok(Fate::Skipped { reason: SkipReason::Withdrawn });
                }
                self.sighting(id, identity, entry, state)?;
                if *reason != SkipReason::Gone || identity.flags & identity::GONE != 0 {
                    return Ok(Fate::Known { story: Some(id.to_string()) });
                }
                let version = self.withdraw(
                    id,
                    identity,
                    identity::GONE,
                    Some(entry),
                    fetched_at,
                    state,
                    output,
                )?;
                let source = source_of(&identity);
                Ok(Fate::Story { story: id.to_string(), version, source })
            }
        }
    }

    fn article(
        &mut self,
        article: &Accepted<'_>,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<Fate, StateError> {
        let names = Names::of(article);
        let (own, known) = names.find(state)?;
        if let Some((id, identity)) = known {
            names.remember_aliases(id, self.today(), state)?;
            return self.known_article(id, identity, article, state, output);
        }
        if self.is_too_old(article.content) {
            return Ok(Fate::Skipped { reason: SkipReason::TooOld });
        }
        let Some(version) = self.publish(own, None, article, state, output)? else {
            return Ok(Fate::Skipped { reason: SkipReason::TooBig });
        };
        match version {
            Outcome::Version(version) => {
                names.remember_aliases(own, self.today(), state)?;
                Ok(Fate::Story { story: own.to_string(), version, source: article.source })
            }
            Outcome::CopyDropped(original) => Ok(Fate::CopyDropped { story: original.to_string() }),
        }
    }

    fn is_too_old(&self, content: &ArticleContent) -> bool {
        match (self.settings.max_age_ms, content.published_at) {
            (Some(age), Some(published)) => published.as_millis() < self.meta.now - age,
            _ => false,
        }
    }

    fn known_article(
        &mut self,
        id: Id,
        identity: Identity,
        article: &Accepted<'_>,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<Fate, StateError> {
        if identity.flags & identity::WITHDRAWN != 0 {
            return Ok(Fate::Skipped { reason: SkipReason::Withdrawn });
        }
        let identity = self.sighting(id, identity, article.entry, state)?;
        let before = story::find(state, id)?;
        let (title, text) =
            changes::fingerprint(article.content.title.as_deref(), &article.content.text);
        let is_news = (title, text) != (identity.title, identity.text);
        let is_back = identity.flags & identity::GONE != 0;
        if !is_back && (!is_news || !replaces(&identity, before.as_ref(), article)) {
            return Ok(Fate::Known { story: Some(id.to_string()) });
        }
        match self.publish(id, Some((identity, before)), article, state, output)? {
            Some(Outcome::Version(version)) => {
                Ok(Fate::Story { story: id.to_string(), version, source: article.source })
            }
            Some(Outcome::CopyDropped(original)) => {
                Ok(Fate::CopyDropped { story: original.to_string() })
            }
            None => Ok(Fate::Skipped { reason: SkipReason::TooBig }),
        }
    }

    /// Publishes the first or next version. `None` where the event would be too large; nothing
    /// has changed then.
    fn publish(
        &mut self,
        id: Id,
        known: Option<(Identity, Option<Story>)>,
        article: &Accepted<'_>,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<Option<Outcome>, StateError> {
        let content = article.content;
        let (identity, before) =
            known.map_or((None, None), |(identity, before)| (Some(identity), before));
        let number = before.as_ref().map_or(self.meta.next, |story| story.number);
        let sketch = Sketch::of(content.title.as_deref(), &content.text);
        let copied = self.find_original(number, id, &sketch, state)?;
        if let (Copies::Drop, None, Some(copied)) = (self.settings.copies, &identity, &copied) {
            return Ok(Some(Outcome::CopyDropped(copied.original)));
        }
        let mut event = event::of_article(id, article, self.settings.include_html);
        event.duplicate_of = copied.as_ref().map(Copied::as_event).unwrap_or_default();
        let (title, text) = changes::fingerprint(content.title.as_deref(), &content.text);
        let mut version = 1;
        if let Some(identity) = &identity {
            version = identity.version + 1;
            event.event = EventKind::Updated;
            event.changes = Self::changes(id, title != identity.title, content, state)?;
        }
        event.version = version;
        if let Some(before) = &before {
            event.first_seen_at = before.first_seen_at;
            event.url.clone_from(&before.url);
            event.backfill = before.backfill;
        }
        let mut sightings = before.as_ref().map(|story| story.feeds.clone()).unwrap_or_default();
        add_sighting(&mut sightings, article.entry);
        Feed::remember(state, &article.entry.feed);
        event.feeds = story::feeds(state, &sightings)?;
        // The group adds a few bytes of bounded length, so the size can be measured before.
        if event::value(&event).len() + 128 > self.settings.max_value {
            return Ok(None);
        }

        let group =
            self.group_of(number, before.as_ref(), copied.as_ref(), &event, state, output)?;
        event.story_group = group.as_event();
        let story = Story {
            number,
            arrived: before.as_ref().map_or(self.meta.now, |story| story.arrived),
            url: event.url.clone(),
            title: event.title.clone(),
            publisher: event.publisher.name.clone(),
            domain: event.publisher.domain.clone(),
            language: event.language.clone(),
            published_at: event.published_at,
            published_at_source: event.published_at_source,
            first_seen_at: event.first_seen_at,
            fetched_at: event.fetched_at,
            backfill: event.backfill,
            entry: article.entry.id.clone(),
            feeds: sightings,
            group: group.number,
            original: copied.map(|copied| copied.original),
            sketch,
        };
        if let Some(before) = &before {
            self.copies.remove(number, &before.sketch);
        } else {
            self.meta.next += 1;
        }
        self.copies.insert(number, &story.sketch);
        self.window.insert(number, (id, story.arrived));
        state.put(&story::key(id), Some(story.write()));
        self.keep_text(number, id, &content.text, state);
        let mut flags = 0;
        if article.source == ExtractionSource::Feed {
            flags |= identity::FROM_FEED;
        }
        if !content.complete {
            flags |= identity::PARTIAL;
        }
        identity::remember(state, id, Identity { version, title, text, day: self.today(), flags })?;
        let value = event::value(&event);
        output.stories.push(Published { event, value });
        Ok(Some(Outcome::Version(version)))
    }

    fn changes(
        id: Id,
        title: bool,
        content: &ArticleContent,
        state: &dyn Records,
    ) -> Result<events::Changes, StateError> {
        let key = text_key(id);
        Ok(match state.get(&key) {
            Some(value) => changes::between(&changes::unpack(&key, value)?, &content.text, title),
            // The text before is not remembered any more: what changed in it is not known.
            None => events::Changes { title, ..events::Changes::default() },
        })
    }

    /// The story that a text copies.
    fn find_original(
        &self,
        number: u32,
        id: Id,
        sketch: &Sketch,
        state: &dyn Records,
    ) -> Result<Option<Copied>, StateError> {
        let mut best: Option<Copied> = None;
        for other in self.copies.candidates(sketch) {
            // A later story may be a copy of this one, whose newer version is looked at.
            let Some((other_id, _)) = self.window.get(&other).filter(|_| other < number) else {
                continue;
            };
            let Some(story) = story::find(state, *other_id)? else {
                continue;
            };
            let Some((kind, similarity)) = sketch.copy_of(&story.sketch) else {
                continue;
            };
            // The best match decides how it is a copy, the earliest published of the family of what.
            let mut original = (story.precedence(), *other_id);
            if let Some(root) = story.original
                && let Some(root_story) = story::find(state, root)?
            {
                original = original.min((root_story.precedence(), root));
            }
            let found = Copied {
                original: original.1,
                precedence: original.0,
                kind,
                similarity,
                group: story.group,
            };
            best = Some(match best {
                None => found,
                Some(best) => best.or(found),
            });
        }
        Ok(best.filter(|best| best.original != id))
    }

    /// Notes that the story was seen again: its identity lives on, its feeds grow.
    fn sighting(
        &mut self,
        id: Id,
        identity: Identity,
        entry: &Entry,
        state: &mut dyn Records,
    ) -> Result<Identity, StateError> {
        let identity = Identity { day: self.today(), ..identity };
        if identity::find(state, id)?.is_some_and(|(_, before)| before != identity) {
            identity::remember(state, id, identity)?;
        }
        if let Some(mut story) = story::find(state, id)?
            && add_sighting(&mut story.feeds, entry)
        {
            Feed::remember(state, &entry.feed);
            state.put(&story::key(id), Some(story.write()));
        }
        Ok(identity)
    }

    fn withdraw_by_command(
        &mut self,
        command: &Withdraw,
        state: &mut dyn Records,
    ) -> Result<Output, StateError> {
        let mut output = Output::default();
        let named = command.id.as_deref().and_then(|id| id.parse::<Id>().ok());
        let by_url = command
            .url
            .as_deref()
            .and_then(canonical_url)
            .map(|url| (Id::of(&url), twin_urls(&url)));
        let mut wanted: Vec<Id> = named.into_iter().collect();
        if let Some((id, twins)) = by_url {
            wanted.push(id);
            wanted.extend(twins.iter().map(|twin| Id::of(twin)));
        }
        let mut known = None;
        for id in &wanted {
            known = identity::find(state, *id)?;
            if known.is_some() {
                break;
            }
        }
        match (known, wanted.first()) {
            (Some((_, identity)), _) if identity.flags & identity::WITHDRAWN != 0 => {}
            (Some((id, identity)), _) if identity.flags & identity::GONE != 0 => {
                // Consumers have its withdrawal already; from now on it does not return.
                identity::remember(
                    state,
                    id,
                    Identity { flags: identity.flags | identity::WITHDRAWN, ..identity },
                )?;
            }
            (Some((id, identity)), _) => {
                self.withdraw(
                    id,
                    identity,
                    identity::WITHDRAWN,
                    None,
                    command.at,
                    state,
                    &mut output,
                )?;
            }
            // Never seen, or longer ago than identities are remembered: it is kept from coming.
            (None, Some(id)) => {
                let identity = Identity {
                    day: self.today(),
                    flags: identity::WITHDRAWN,
                    ..Identity::default()
                };
                identity::remember(state, *id, identity)?;
            }
            (None, None) => {}
        }
        Ok(output)
    }

    #[expect(clippy::too_many_arguments, reason = "what, why, when and where to")]
    fn withdraw(
        &mut self,
        id: Id,
        identity: Identity,
        flag: u8,
        entry: Option<&Entry>,
        at: Timestamp,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<u32, StateError> {
        let version = identity.version + 1;
        let story = story::find(state, id)?;
        let mut event = event::withdrawn(id, version, story.as_ref(), entry, at);
        event.extraction.source = source_of(&identity);
        if let Some(story) = &story {
            event.feeds = story::feeds(state, &story.feeds)?;
            if let Some((_, record)) = groups::resolve(state, story.group)? {
                event.story_group = events::StoryGroup {
                    id: Some(record.id.to_string()),
                    size: record.size,
                    opened: false,
                };
            }
        }
        identity::remember(
            state,
            id,
            Identity { version, day: self.today(), flags: identity.flags | flag, ..identity },
        )?;
        let value = event::value(&event);
        output.stories.push(Published { event, value });
        Ok(version)
    }

    fn keep_text(&mut self, number: u32, id: Id, text: &str, state: &mut dyn Records) {
        state.put(&text_key(id), Some(changes::pack(number, text)));
        self.texts.insert(number, id);
        let most = self.settings.max_stories / TEXT_SHARE + 1;
        while self.texts.len() > most
            && let Some((_, oldest)) = self.texts.pop_first()
        {
            state.put(&text_key(oldest), None);
        }
    }

    fn expire(&mut self, state: &mut dyn Records) -> Result<(), StateError> {
        let now = self.meta.now;
        for _ in 0..EXPIRED_AT_ONCE {
            let Some((number, (id, arrived))) =
                self.window.first_key_value().map(|(number, story)| (*number, *story))
            else {
                break;
            };
            if arrived >= now - self.settings.window_ms
                && self.window.len() < self.settings.max_stories.max(1)
            {
                break;
            }
            if let Some(story) = story::find(state, id)? {
                self.copies.remove(number, &story.sketch);
            }
            self.window.remove(&number);
            state.put(&story::key(id), None);
            if self.texts.remove(&number).is_some() {
                state.put(&text_key(id), None);
            }
        }
        for _ in 0..EXPIRED_AT_ONCE {
            let Some((number, id)) =
                self.texts.first_key_value().map(|(number, id)| (*number, *id))
            else {
                break;
            };
            let arrived = self.window.get(&number).map_or(i64::MIN, |(_, arrived)| *arrived);
            if arrived >= now - TEXT_KEPT {
                break;
            }
            self.texts.remove(&number);
            state.put(&text_key(id), None);
        }
        let first_day = self.today().saturating_sub((self.settings.window_ms / DAY) as u16);
        self.frequencies.forget_before(first_day);
        for _ in 0..EXPIRED_AT_ONCE {
            let Some((day, number)) =
                self.counted.first().copied().filter(|(day, _)| *day < first_day)
            else {
                break;
            };
            self.counted.remove(&(day, number));
            state.put(&frequencies::key(number), None);
        }
        for _ in 0..EXPIRED_AT_ONCE {
            if self.fates.first().is_none_or(|(at, _)| *at >= now - fates::KEPT) {
                break;
            }
            if let Some((_, key)) = self.fates.pop_first() {
                state.put(&key.key(), None);
            }
        }
        self.meta.sweep = (self.meta.sweep + 1) % identity::BUCKETS;
        identity::sweep(state, self.meta.sweep, self.today())
    }

    pub(crate) fn count_terms(&mut self, number: u32, terms: &Terms, state: &mut dyn Records) {
        if self.frequencies.wants(number, &terms.language) {
            let counted = Counted::of(self.today(), terms);
            state.put(&frequencies::key(number), Some(counted.write()));
            self.counted.insert((counted.day, number));
            self.frequencies.add(&counted);
        }
    }
}

fn text_key(id: Id) -> String {
    format!("text/{id}")
}

fn source_of(identity: &Identity) -> ExtractionSource {
    if identity.flags & identity::FROM_FEED != 0 {
        ExtractionSource::Feed
    } else {
        ExtractionSource::Page
    }
}

/// Adds a sighting; whether it is a new one.
fn add_sighting(feeds: &mut Vec<Sighting>, entry: &Entry) -> bool {
    let is_new = feeds.len() < story::FEEDS
        && !feeds.iter().any(|known| known.f == entry.feed.id && known.e == entry.id);
    if is_new {
        feeds.push(Sighting { f: entry.feed.id.clone(), e: entry.id.clone() });
    }
    is_new
}

/// Whether an article that says something else is the next version of a story. What a feed says
/// never replaces what the page said, and two feeds' cuts of one article do not take turns.
fn replaces(identity: &Identity, before: Option<&Story>, article: &Accepted<'_>) -> bool {
    if before.is_some_and(|before| article.fetched_at < before.fetched_at) {
        return false;
    }
    if article.source == ExtractionSource::Page {
        return article.content.complete
            || identity.flags & (identity::PARTIAL | identity::FROM_FEED) != 0;
    }
    if identity.flags & identity::FROM_FEED == 0 {
        return false;
    }
    let is_same_entry = before.is_none_or(|before| before.entry == article.entry.id);
    is_same_entry || article.content.complete && identity.flags & identity::PARTIAL != 0
}

/// The story of an entry that came without an article: by its links, or by itself.
fn find_by_entry(entry: &Entry, state: &dyn Records) -> Result<Option<(Id, Identity)>, StateError> {
    for link in entry.link.iter().chain(entry.via.iter().rev()) {
        let Some(url) = canonical_url(link) else {
            continue;
        };
        for name in std::iter::once(url.clone()).chain(twin_urls(&url)) {
            if let Some(found) = identity::find(state, Id::of(&name))? {
                return Ok(Some(found));
            }
        }
    }
    identity::find(state, Id::of(&nameless(entry)))
}

/// What stands for the URL of an entry without one.
fn nameless(entry: &Entry) -> String {
    format!("{}\n{}", entry.feed.id, entry.id)
}

/// An accepted article with what it came with.
pub(crate) struct Accepted<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) fetched_at: Timestamp,
    pub(crate) url: Option<&'a str>,
    pub(crate) source: ExtractionSource,
    pub(crate) extractor: &'a str,
    pub(crate) content: &'a ArticleContent,
}

impl Accepted<'_> {
    /// The URL that names the story, if there is one.
    pub(crate) fn canonical(&self) -> Option<String> {
        story_url(self.url?, self.content.canonical.as_deref())
    }
}

enum Outcome {
    Version(u32),
    CopyDropped(Id),
}

/// What a story copies.
pub(crate) struct Copied {
    pub(crate) original: Id,
    precedence: (i64, u32),
    kind: events::CopyKind,
    similarity: f64,
    pub(crate) group: u32,
}

impl Copied {
    fn or(self, other: Self) -> Self {
        let (original, precedence) =
            (self.original, self.precedence).min_by_precedence((other.original, other.precedence));
        let is_other_closer = other.similarity > self.similarity;
        let closer = if is_other_closer { other } else { self };
        Self { original, precedence, ..closer }
    }

    fn as_event(&self) -> events::DuplicateOf {
        events::DuplicateOf {
            id: Some(self.original.to_string()),
            kind: Some(self.kind),
            similarity: Some((self.similarity * 1000.0).round() / 1000.0),
        }
    }
}

trait MinByPrecedence {
    fn min_by_precedence(self, other: Self) -> Self;
}

impl MinByPrecedence for (Id, (i64, u32)) {
    fn min_by_precedence(self, other: Self) -> Self {
        if (other.1, other.0) < (self.1, self.0) { other } else { self }
    }
}

/// All names of an article's story, the one that would name a new story first.
struct Names {
    own: Id,
    /// Names that only this article can have: its final URL, its canonical one, their twins.
    certain: Vec<Id>,
    /// The links that led here, for outcomes without a page.
    links: Vec<Id>,
}

impl Names {
    fn of(article: &Accepted<'_>) -> Self {
        let Some(canonical) = article.canonical() else {
            return Self {
                own: Id::of(&nameless(article.entry)),
                certain: Vec::new(),
                links: Vec::new(),
            };
        };
        let own = Id::of(&canonical);
        let mut certain = Vec::new();
        if let Some(url) = article.url.and_then(canonical_url)
            && url != canonical
        {
            certain.push(Id::of(&url));
        }
        certain.push(own);
        certain.extend(twin_urls(&canonical).iter().map(|twin| Id::of(twin)));
        let links = article.entry.link.iter().chain(&article.entry.via);
        let links = links.filter_map(|link| canonical_url(link)).map(|url| Id::of(&url)).collect();
        Self { own, certain, links }
    }

    /// The id of the story, and the story if it is known.
    fn find(&self, state: &dyn Records) -> Result<(Id, Option<(Id, Identity)>), StateError> {
        for name in self.certain.iter().chain(self.certain.is_empty().then_some(&self.own)) {
            if let Some(found) = identity::find(state, *name)? {
                return Ok((found.0, Some(found)));
            }
        }
        Ok((self.own, None))
    }

    fn remember_aliases(
        &self,
        story: Id,
        day: u16,
        state: &mut dyn Records,
    ) -> Result<(), StateError> {
        // The final URL and the canonical one; twins are looked up without being remembered.
        for name in self.certain.iter().take(2).chain(&self.links) {
            identity::remember_alias(state, *name, story, day)?;
        }
        Ok(())
    }
}
