//! The publisher itself: articles in, story events, groups, fates and state out. Knows neither
//! Kafka nor a clock: its time is the greatest `fetched_at` it has seen.
//!
//! Everything that outlives a call is in the [`Records`]; what the engine holds itself is derived
//! from them, so that an engine restored at any point goes on with the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use events::{Article, ArticleOutcome, Entry, Fate, Group, SkipReason, StoryEvent, Timestamp};
use serde::{Deserialize, Serialize};

use crate::address;
use crate::changes::{self, Packer};
use crate::copies::CopyIndex;
use crate::event;
use crate::fates::{self, FateKey};
use crate::frequencies::{Counted, Frequencies};
use crate::group_index::{GroupIndex, Indexed};
use crate::groups;
use crate::id::Id;
use crate::identity;
use crate::lexicon::Lexicon;
use crate::names::{Accepted, find_by_entry};
use crate::settings::Settings;
use crate::state::{Records, StateError, read_json, write_json};
use crate::story::{Feed, Story};
use crate::tally::Tally;
use crate::withdrawing::source_of;

pub(crate) const DAY: i64 = 24 * 3_600_000;

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

impl Output {
    pub(crate) fn push(&mut self, event: StoryEvent) {
        let value = event::value(&event);
        self.stories.push(Published { event, value });
    }
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
pub(crate) struct Meta {
    v: u32,
    pub(crate) now: i64,
    /// Number of the next story.
    pub(crate) next: u32,
    /// Place in the round that forgets identities.
    pub(crate) sweep: u32,
}

/// The publisher.
pub struct Engine {
    pub(crate) settings: Settings,
    pub(crate) meta: Meta,
    /// Stories in the window, by number.
    pub(crate) window: BTreeMap<u32, Id>,
    /// Stories whose text is kept.
    pub(crate) texts: BTreeMap<u32, Id>,
    pub(crate) copies: CopyIndex,
    pub(crate) groups: GroupIndex,
    /// Numbers of the groups that have a record, by id: the story that opened them.
    pub(crate) openers: BTreeMap<Id, u32>,
    pub(crate) frequencies: Frequencies,
    /// Numbers of the records `terms/<number>`.
    pub(crate) counted: BTreeSet<u32>,
    pub(crate) fates: BTreeSet<(i64, FateKey)>,
    /// Stories that left the window because it was full, since the start.
    pub(crate) pushed_out: u64,
    // Work space: nothing in it changes what comes out.
    pub(crate) lexicon: Lexicon,
    pub(crate) tally: Tally,
    pub(crate) packer: Packer,
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
            openers: BTreeMap::new(),
            frequencies: Frequencies::default(),
            counted: BTreeSet::new(),
            fates: BTreeSet::new(),
            pushed_out: 0,
            lexicon: Lexicon::default(),
            tally: Tally::default(),
            packer: Packer::default(),
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
                self.copies.insert(story.head.number, &story.head.sketch);
                self.window.insert(story.head.number, id()?);
            }
            "text" => {
                let (number, _) = changes::open(key, value)?;
                changes::unpack(key, value)?;
                self.texts.insert(number, id()?);
            }
            "feed" => drop(Feed::read(key, value)?),
            "group" => {
                let record = groups::Record::read(key, value)?;
                self.groups.update(number()?, &Indexed::default(), &Indexed::of(&record));
                self.note_opener(number()?, record.id);
            }
            "terms" => {
                let counted = Counted::read(key, value)?;
                self.counted.insert(number()?);
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

    /// Stories that left the comparison window because it was full, since the start.
    pub fn pushed_out(&self) -> u64 {
        self.pushed_out
    }

    pub(crate) fn today(&self) -> u16 {
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
                    self.follow_known(id, entry, state)?;
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
                let is_outdated = address::is_outdated(entry, id, state)?;
                self.sighting(id, identity, entry, state)?;
                let is_gone = identity.flags & identity::GONE != 0;
                if *reason != SkipReason::Gone || is_gone || is_outdated {
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
}
