//! Places a story in a group: the part of the engine that decides with `ranking` and writes the
//! groups' records.

use events::{CopyKind, GroupState, StoryEvent, StoryGroup};

use crate::engine::{Engine, Output};
use crate::evidence;
use crate::group_index::Indexed;
use crate::groups::{self, Member, Record};
use crate::id::Id;
use crate::originals::Copied;
use crate::profile::Weights;
use crate::ranking::{self, Candidate, EventTime, Vectors};
use crate::reading::Reading;
use crate::state::{Records, StateError};
use crate::story::{self, Story};
use crate::terms::Terms;

/// A day that a text names counts where it is not longer ago than this.
const TEXT_EVIDENCE: i64 = 60 * 24 * 3_600_000;
/// What a day named by the text leaves of a score at least.
const TEXT_FLOOR: f32 = 0.7;
/// A day has begun elsewhere before it has here.
const TIME_ZONES: i64 = 24 * 3_600_000;
/// A text that says what its title says has one in so many of the title's words, at least.
const TITLE_IN_TEXT: usize = 3;
/// A full report follows its flash within so long.
const SOON: i64 = 3 * 24 * 3_600_000;
/// Groups put away in one call at most.
const CLOSED_AT_ONCE: usize = 64;

/// The group of a story.
pub(crate) struct Placement {
    pub(crate) number: u32,
    id: Id,
    size: u32,
    opened: bool,
}

impl Placement {
    /// Of a story that did not open it.
    pub(crate) fn of(number: u32, record: &Record) -> Self {
        Self { number, id: record.id, size: record.profile.size, opened: false }
    }

    pub(crate) fn as_event(&self) -> StoryGroup {
        StoryGroup { id: Some(self.id.to_string()), size: self.size, opened: self.opened }
    }
}

impl Engine {
    /// When what a story reports took place, as far as can be known: a date that cannot be is no
    /// date; without one the URL tells, then the text, then the time of arrival.
    pub(crate) fn event_time(&self, event: &StoryEvent) -> EventTime {
        let sure = |at| EventTime { at: Some(at), floor: 0.0 };
        // A publisher that saw no time at all (texts without dates, offline) knows none.
        let now = Some(self.now().as_millis()).filter(|now| *now > 0);
        let latest = now.unwrap_or(i64::MAX - 2 * TIME_ZONES);
        if let Some(time) = story::believed(event.published_at, self.now().as_millis()) {
            return sure(time.as_millis());
        }
        let of_url = event.url.as_deref().and_then(evidence::day_of_url);
        if let Some(day) = of_url.filter(|day| *day <= latest + TIME_ZONES) {
            return sure(day.min(latest));
        }
        let text = event.text.as_deref().unwrap_or_default();
        let of_text = evidence::day_of_text(text, latest)
            .filter(|day| now.is_none_or(|now| *day >= now - TEXT_EVIDENCE));
        match of_text {
            Some(day) => EventTime { at: Some(day), floor: TEXT_FLOOR },
            None => EventTime { at: now, floor: 0.0 },
        }
    }

    /// The group of a story's new version. A story stays in the group it is in; a copy goes where
    /// its original is, unless what it says of time, place and people is against it.
    #[expect(clippy::too_many_arguments, reason = "what is known of the story, and where to write")]
    pub(crate) fn group_of(
        &mut self,
        number: u32,
        before: Option<&Story>,
        copied: Option<&Copied>,
        event: &StoryEvent,
        reading: &Reading,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<Placement, StateError> {
        if let Some(before) = before
            && let Some((group, record)) = groups::resolve(state, before.head.group)?
        {
            return Ok(Placement::of(group, &record));
        }
        let id = Id::of_event(event);
        let event_time = self.event_time(event);
        let terms = &reading.terms;
        let instance = reading.sketch.instance;
        let of_title = self.told_by_title(number, copied, event, reading);
        let telling = of_title.as_ref().unwrap_or(terms);
        let vectors = Vectors::of(telling, &self.frequencies, event_time, instance);
        self.count_terms(number, terms, state);
        let member = Member::of(id, event, event_time.at, instance, self.now());
        let rules = self.settings.groups.clone();
        let ranked = ranking::candidates(state, &self.groups, &mut self.tally, &vectors, &rules)?;
        let of_original = self.group_of_original(copied, &ranked, &vectors, state)?;
        let is_repeated = of_original.is_some();
        let title = event.title.as_deref();
        let mut ranked = ranked;
        while of_original.is_none()
            && let Some(best) = ranked.first()
            && ranking::is_accepted(best, &vectors, &rules)
            && self.is_of_another(best.number, title, reading, state)?
        {
            ranked.remove(0);
        }
        let mut chosen = of_original.or_else(|| {
            ranked.first().filter(|best| ranking::is_accepted(best, &vectors, &rules)).cloned()
        });
        if chosen.is_none() {
            chosen = self.group_of_part(number, reading, &ranked, &vectors, state)?;
        }
        let (group, mut record, opened) = match &chosen {
            Some(chosen) => match groups::load(state, chosen.number)? {
                Some(record) => (chosen.number, record, false),
                None => (number, Record::open(&member), true),
            },
            None => (number, Record::open(&member), true),
        };
        let before = if opened { Indexed::default() } else { Indexed::of(&record) };
        let joined = chosen
            .filter(|_| !opened)
            .map(|chosen| chosen.joined(&id.to_string()))
            .unwrap_or_default();
        // What is said again says nothing new of the event, and would make the group look of one mind.
        let (words, names) = if is_repeated && !opened {
            (Weights::new(), Weights::new())
        } else {
            vectors.weights()
        };
        record.take_in(&member, &words, &names, vectors.terms as u32, joined);
        self.store(group, &before, &record, state);
        let (group, record) = self.join(group, record, &ranked, (title, reading), state, output)?;
        output.groups.push(record.public(None));
        Ok(Placement { number: group, id: record.id, size: record.profile.size, opened })
    }

    /// The terms of the title alone where the text stands under other titles, too, and says nothing
    /// of what this one says: a line that stands for any text tells nothing of the event.
    fn told_by_title(
        &mut self,
        number: u32,
        copied: Option<&Copied>,
        event: &StoryEvent,
        reading: &Reading,
    ) -> Option<Terms> {
        if copied.is_some() || !self.copies.repeats(number, &reading.sketch) {
            return None;
        }
        let (title, language) = (event.title.as_deref()?, event.language.as_deref());
        let alone = Reading::of(&mut self.lexicon, Some(title), "", language).terms;
        // A word that the text has, too, is counted more often with it.
        let in_text = alone.words.iter().filter(|word| !reading.terms.words.contains(word)).count();
        (in_text * TITLE_IN_TEXT < alone.words.len()).then_some(alone)
    }

    /// The group of a copy's original, if the copy belongs there. Words taken over word for word
    /// report the same event; a text that is only like another may be of another day or place.
    fn group_of_original(
        &self,
        copied: Option<&Copied>,
        ranked: &[Candidate],
        vectors: &Vectors,
        state: &dyn Records,
    ) -> Result<Option<Candidate>, StateError> {
        let Some(copied) = copied else {
            return Ok(None);
        };
        let Some((number, record)) = groups::resolve(state, copied.group)? else {
            return Ok(None);
        };
        if record.state != GroupState::Open {
            return Ok(None);
        }
        let ranked = ranked.iter().find(|candidate| candidate.number == number).cloned();
        let is_exact = copied.as_event().kind == Some(CopyKind::Exact);
        let is_another = match &ranked {
            Some(candidate) => !ranking::is_accepted(candidate, vectors, &self.settings.groups),
            // Not among the groups that were compared in full: of the vetoes this one is left.
            None => record.profile.is_another_instance(&[vectors.instance]),
        };
        if is_another && !is_exact {
            return Ok(None);
        }
        Ok(Some(ranked.unwrap_or(Candidate::of_original(number))))
    }

    /// The group of a story that this one has the whole of and much beside, as a full report has
    /// its flash: no copy, but the same event, however few of all its words that are.
    fn group_of_part(
        &self,
        number: u32,
        reading: &Reading,
        ranked: &[Candidate],
        vectors: &Vectors,
        state: &dyn Records,
    ) -> Result<Option<Candidate>, StateError> {
        for other in self.copies.candidates(&reading.sketch) {
            let Some(id) = self.window.get(&other).filter(|_| other < number) else {
                continue;
            };
            let Some(head) = story::find_head(state, *id)? else {
                continue;
            };
            if !reading.sketch.has_whole(&head.sketch) {
                continue;
            }
            let Some((group, record)) = groups::resolve(state, head.group)? else {
                continue;
            };
            let is_another = record.profile.is_another_instance(&[vectors.instance]);
            let is_soon = match (vectors.event_time.at, record.profile.span) {
                (Some(at), Some((oldest, newest))) => (oldest - SOON..=newest + SOON).contains(&at),
                _ => true,
            };
            if record.state == GroupState::Open && !is_another && is_soon {
                let ranked = ranked.iter().find(|candidate| candidate.number == group).cloned();
                return Ok(Some(ranked.unwrap_or(Candidate::of_original(group))));
            }
        }
        Ok(None)
    }

    /// Joins the group with those of the ranked that now prove to be the same, unless the story that
    /// brought them together is of another report of theirs. The older group lives on, so that a
    /// group only ever points to an older one.
    fn join(
        &mut self,
        group: u32,
        record: Record,
        ranked: &[Candidate],
        (title, reading): (Option<&str>, &Reading),
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<(u32, Record), StateError> {
        let (mut group, mut record) = (group, record);
        for candidate in ranked.iter().take(ranking::JOIN_CANDIDATES) {
            if candidate.number == group {
                continue;
            }
            let Some(profile) = groups::profile(state, candidate.number)? else {
                continue;
            };
            let is_one = profile.is_open
                && ranking::are_one(&record.profile, &profile, &self.settings.groups);
            if !is_one || self.is_of_another(candidate.number, title, reading, state)? {
                continue;
            }
            let Some(other) = groups::load(state, candidate.number)? else {
                continue;
            };
            let (own, others) = (Indexed::of(&record), Indexed::of(&other));
            let (kept, mut keeper, gone, mut goner) = if candidate.number < group {
                (candidate.number, other, group, record)
            } else {
                (group, record, candidate.number, other)
            };
            if keeper.joined.story.is_none() || goner.arrived > keeper.arrived {
                keeper.joined = goner.joined.clone();
            }
            keeper.merge(kept, &mut goner);
            let (of_kept, of_gone) = if kept == group { (own, others) } else { (others, own) };
            self.store(gone, &of_gone, &goner, state);
            self.store(kept, &of_kept, &keeper, state);
            output.groups.push(goner.public(Some(keeper.id)));
            (group, record) = (kept, keeper);
        }
        Ok((group, record))
    }

    pub(crate) fn store(
        &mut self,
        number: u32,
        before: &Indexed,
        record: &Record,
        state: &mut dyn Records,
    ) {
        self.groups.update(number, before, &Indexed::of(record));
        self.note_opener(number, record.id);
        state.put(&groups::key(number), Some(record.write()));
    }

    /// Closes groups that took no story for a window, and forgets those closed or merged for
    /// another.
    pub(crate) fn put_away(
        &mut self,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<(), StateError> {
        let limit = self.now().as_millis() - self.settings.window_ms;
        for _ in 0..CLOSED_AT_ONCE {
            let Some(number) = self.groups.stale(limit) else {
                break;
            };
            let Some(mut record) = groups::load(state, number)? else {
                break;
            };
            self.groups.update(number, &Indexed::of(&record), &Indexed::default());
            self.forget_opener(number, record.id);
            if record.state == GroupState::Open {
                record.end(GroupState::Closed);
                output.groups.push(record.public(None));
            }
            state.put(&groups::key(number), None);
        }
        Ok(())
    }
}
