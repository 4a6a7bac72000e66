//! Which story an article is a version of. Its URL says so, as a rule; where its publisher has
//! edited that, the entry of the feed does, if the words are still those of the same article.

use std::collections::BTreeSet;

use events::{Entry, ExtractionSource, REVISIT_HOPS};

use crate::engine::Engine;
use crate::entry_names;
use crate::evidence::day_of_url;
use crate::id::Id;
use crate::identity::{self, Identity};
use crate::names::{Accepted, Names, is_at_own_address};
use crate::state::{Records, StateError};
use crate::story;
use crate::words::{compatible, fold, words};

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
            if self.is_same_article(own, article, state)? {
                return Ok(found(own, FoundBy::Entry));
            }
        }
        if let Some(story) = names.find(state)? {
            return Ok(found(story, FoundBy::Url));
        }
        if let Some(name) = entry_names::find(state, &article.entry.id)?
            && self.is_same_article((name.story, name.identity), article, state)?
        {
            return Ok(found((name.story, name.identity), FoundBy::Entry));
        }
        Ok(None)
    }

    /// Whether an article of the same entry is the same article under another URL. Some feeds use
    /// the ids of their entries again.
    fn is_same_article(
        &mut self,
        (id, identity): (Id, Identity),
        article: &Accepted<'_>,
        state: &dyn Records,
    ) -> Result<bool, StateError> {
        if identity.flags & identity::WITHDRAWN != 0 {
            // Not to bring back what a person took down is worth more than an entry's next article.
            return Ok(true);
        }
        let reading = self.read(article.content);
        let is_worded_so = reading.fingerprint.1 == identity.text;
        let Some(before) = story::find(state, id)? else {
            return Ok(is_worded_so);
        };
        let (sketch, sketch_before) = (&reading.sketch, &before.head.sketch);
        if before.head.is_taken_down() {
            // Gone at its old address; its words are forgotten, of its title a hash is left.
            return Ok(is_worded_so || reading.fingerprint.0 == identity.title);
        }
        // Also where they say the same: one line of a template, or what a wall says.
        if sketch.instance.is_another_of(sketch_before.instance) {
            return Ok(false);
        }
        if is_worded_so {
            return Ok(true);
        }
        let is_titled_so = share_words(before.title.as_deref(), article.content.title.as_deref());
        let Some(shared) = sketch.shared_with(sketch_before) else {
            // Too short to say anything but by its title.
            return Ok(is_titled_so);
        };
        let day = |url: Option<&str>| url.and_then(day_of_url);
        let days = (day(before.url.as_deref()), day(article.canonical().as_deref()));
        let wanted = match days {
            (Some(one), Some(other)) if one != other => SAME_OTHER_DAY,
            _ if is_titled_so => SAME_TITLED,
            _ => SAME,
        };
        Ok(shared >= wanted)
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

/// Whether an outcome is that of an address which the entry's story has left since.
pub(crate) fn is_outdated(
    entry: &Entry,
    story: Id,
    state: &dyn Records,
) -> Result<bool, StateError> {
    let name = entry_names::find(state, &entry.id)?;
    let has_left = name.is_some_and(|name| name.story == story && name.is_elsewhere);
    Ok(has_left && is_at_own_address(entry, story))
}

/// Whether two titles have half of the words of the shorter in common, and two at least.
fn share_words(one: Option<&str>, other: Option<&str>) -> bool {
    let words_of = |title: Option<&str>| -> BTreeSet<String> {
        let title = compatible(title.unwrap_or_default());
        words(&title).map(|word| fold(word.text)).collect()
    };
    let (one, other) = (words_of(one), words_of(other));
    let shared = one.intersection(&other).count();
    shared >= 2 && shared * 2 >= one.len().min(other.len())
}
