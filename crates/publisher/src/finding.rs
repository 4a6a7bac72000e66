//! Which story an article is a version of. Its URL says so, as a rule; where its publisher has
//! edited that, the entry of the feed does, if the words are still those of the same article.

use events::{Entry, ExtractionSource, REVISIT_HOPS};

use crate::copies::SHORT_WORDS;
use crate::engine::Engine;
use crate::entry_names;
use crate::evidence::day_of_url;
use crate::id::Id;
use crate::identity::{self, Identity};
use crate::names::{Accepted, Names, is_at_own_address};
use crate::reading::telling_words;
use crate::state::{Records, StateError};
use crate::story;

/// Share of the words of one version that stand in the other, so that they are versions of one
/// article. Reports of one event by two hands share a tenth, two days of a column by template more.
const SAME: f64 = 0.3;
/// The same under titles that share their words.
const SAME_TITLED: f64 = 0.1;
/// The same under URLs that name different days: most are two instances of a series.
const SAME_OTHER_DAY: f64 = 0.7;

/// A known story.
pub(crate) struct Found {
    pub(crate) id: Id,
    pub(crate) identity: Identity,
    pub(crate) by: FoundBy,
}

/// By what a story was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FoundBy {
    /// An URL of it.
    Url,
    /// It is the entry itself, which had no URL of its own at first. That it has one now may be for
    /// want of others with the same link.
    OwnEntry,
    /// An entry of it, under an URL that was not known to be the story's.
    Entry,
    /// An entry of what was withdrawn by command. It is not to come back under an edited address; whether
    /// it is the same article nothing says any more, so its URL is not taken from others.
    WithdrawnEntry,
}

impl Engine {
    /// The story of an article, if it is known.
    pub(crate) fn find_story(
        &mut self,
        names: &Names,
        article: &Accepted<'_>,
        state: &dyn Records,
    ) -> Result<Option<Found>, StateError> {
        let found = |(id, identity), by| Some(Found { id, identity, by });
        // An entry that had no URL of its own may have one later, and a page that says the same.
        if let Some(own) = names.find_own_of_entry(state)? {
            if article.source == ExtractionSource::Feed {
                return Ok(found(own, FoundBy::OwnEntry));
            }
            if let Some(by) = self.by_entry(own, article, state)? {
                return Ok(found(own, by));
            }
        }
        if let Some(story) = names.find(state)? {
            return Ok(found(story, FoundBy::Url));
        }
        let Some(name) = entry_names::find(state, &article.entry.id)? else {
            return Ok(None);
        };
        let story = (name.story, name.identity);
        Ok(self.by_entry(story, article, state)?.and_then(|by| found(story, by)))
    }

    /// Whether an article is taken for one that its entry brought before under another URL.
    fn by_entry(
        &mut self,
        story: (Id, Identity),
        article: &Accepted<'_>,
        state: &dyn Records,
    ) -> Result<Option<FoundBy>, StateError> {
        let is_same = self.is_same_article(story, article, state)?;
        // Not to bring back what a person took down is worth more than an entry's next article.
        let is_withdrawn = story.1.flags & identity::WITHDRAWN != 0;
        Ok(match (is_same, is_withdrawn) {
            (true, _) => Some(FoundBy::Entry),
            (false, true) => Some(FoundBy::WithdrawnEntry),
            (false, false) => None,
        })
    }

    /// Whether an article of the same entry is the same article under another URL. Some feeds use
    /// the ids of their entries again.
    fn is_same_article(
        &mut self,
        (id, identity): (Id, Identity),
        article: &Accepted<'_>,
        state: &dyn Records,
    ) -> Result<bool, StateError> {
        let reading = self.read(article.content);
        let (sketch, language) = (&reading.sketch, reading.terms.language.as_str());
        let is_worded_so = reading.fingerprint.1 == identity.text;
        let has_its_title = sketch.title != 0 && reading.fingerprint.0 == identity.title;
        // A line stands for any text ("Subscribe to read on"), and proves nothing by itself.
        let is_line = sketch.words < SHORT_WORDS;
        let Some(before) = story::find(state, id)? else {
            return Ok(is_worded_so && (has_its_title || !is_line));
        };
        let sketch_before = &before.head.sketch;
        if before.head.is_taken_down() {
            // Gone at its old address; its words are forgotten, of its title a hash is left.
            return Ok(has_its_title || is_worded_so && !is_line);
        }
        // Also where they say the same: one line of a template, or what a wall says.
        if sketch.instance.is_another_of(sketch_before.instance) {
            return Ok(false);
        }
        let day = |url: Option<&str>| url.and_then(day_of_url);
        let days = (day(before.url.as_deref()), day(article.canonical().as_deref()));
        let is_other_day = matches!(days, (Some(one), Some(other)) if one != other);
        let title = article.content.title.as_deref();
        let is_titled_so = sketch.title != 0 && sketch.title == sketch_before.title
            || self.share_words(before.title.as_deref(), title, language);
        if is_worded_so {
            return Ok(!is_line || is_titled_so && !is_other_day);
        }
        let Some(shared) = sketch.shared_with(sketch_before) else {
            // Too short to say anything but by its title.
            return Ok(is_titled_so);
        };
        let wanted = match is_other_day {
            true => SAME_OTHER_DAY,
            false if is_titled_so => SAME_TITLED,
            false => SAME,
        };
        Ok(shared >= wanted)
    }

    /// Whether two titles have half of the words of the shorter in common, and two at least. Words
    /// that stand in any title do not count.
    fn share_words(&mut self, one: Option<&str>, other: Option<&str>, language: &str) -> bool {
        let one = telling_words(&mut self.lexicon, one, language);
        let other = telling_words(&mut self.lexicon, other, language);
        let shared = one.intersection(&other).count();
        shared >= 2 && shared * 2 >= one.len().min(other.len())
    }

    /// Notes which story an entry has become. A later visit of a page knows its entry as it was.
    pub(crate) fn note_entry(
        &self,
        entry: &Entry,
        story: Id,
        state: &mut dyn Records,
    ) -> Result<(), StateError> {
        if entry.hop >= REVISIT_HOPS {
            return Ok(());
        }
        let is_elsewhere = !is_at_own_address(entry, story);
        entry_names::remember(state, &entry.id, story, is_elsewhere, self.today())
    }
}
