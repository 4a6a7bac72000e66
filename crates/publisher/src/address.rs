//! Where a story is now. Its id is that of its first address, and publishers edit addresses: then the
//! end of an old one is not the story's end. The address that an entry named last is noted, of the
//! few stories that ever moved: 36 bytes, spelled as an alias, in the identity's own record.

use events::{Entry, ExtractionSource, REVISIT_HOPS, StoryEvent, canonical_url};

use crate::engine::Engine;
use crate::entry_names;
use crate::finding::FoundBy;
use crate::id::Id;
use crate::identity;
use crate::names::{Accepted, is_at, is_at_own_address};
use crate::place::Note;
use crate::state::{Records, StateError};
use crate::story::Story;

/// The address that a story is at now, if it ever moved.
fn current(story: Id, state: &dyn Records) -> Result<Option<Id>, StateError> {
    identity::alias(state, Note::Address.name(story)?)
}

/// The note lives on as the identity does.
pub(crate) fn keep(story: Id, day: u16, state: &mut dyn Records) -> Result<(), StateError> {
    match current(story, state)? {
        Some(address) => identity::remember_alias(state, Note::Address.name(story)?, address, day),
        None => Ok(()),
    }
}

/// Takes from a later event that the story moved. A first event does not tell: the link of a story that
/// is known by its entry names others as well.
pub(crate) fn learn(
    story: Id,
    before: &Story,
    event: &StoryEvent,
    day: u16,
    state: &mut dyn Records,
) -> Result<(), StateError> {
    let (Some(before), Some(url)) = (&before.url, &event.url) else {
        return Ok(());
    };
    if before == url || !is_at(before, story) && current(story, state)?.is_none() {
        return Ok(());
    }
    let address = if is_at(url, story) { story } else { Id::of(url) };
    identity::remember_alias(state, address, story, day)?;
    identity::remember_alias(state, Note::Address.name(story)?, address, day)
}

/// Whether an outcome is that of an address which the story has left since: one that another entry,
/// or the same one later, said it is not at any more.
pub(crate) fn is_outdated(
    entry: &Entry,
    story: Id,
    state: &dyn Records,
) -> Result<bool, StateError> {
    let Some(link) = &entry.link else {
        return Ok(false);
    };
    if let Some(address) = current(story, state)? {
        return Ok(!is_at(link, address));
    }
    // Moved under the release before, which kept that of each entry alone.
    let name = entry_names::find(state, &entry.id)?;
    let has_left = name.is_some_and(|name| name.story == story && name.is_elsewhere);
    Ok(has_left && is_at_own_address(entry, story))
}

impl Engine {
    /// Notes where an article says that its story is, before the entry is noted. A feed's word
    /// counts: what an old address leads to on a later visit, that visit finds again.
    pub(crate) fn follow(
        &self,
        story: Id,
        by: FoundBy,
        article: &Accepted<'_>,
        state: &mut dyn Records,
    ) -> Result<(), StateError> {
        if article.is_by_entry() || by == FoundBy::OwnEntry {
            return Ok(());
        }
        // Where a link leads that was known before only its page tells.
        if article.source == ExtractionSource::Feed && by == FoundBy::Url {
            return self.follow_known(story, article.entry, state);
        }
        // A link may name nothing itself and lead to the story's first address all the same.
        let canonical = article.canonical();
        let is_at_first = canonical.as_deref().is_some_and(|url| is_at(url, story));
        self.follow_entry(story, article.entry, is_at_first, state)
    }

    /// The same for an entry whose page is as it was. A link that never was the address of its page
    /// cannot be told from one, so that only stories that moved before are followed.
    pub(crate) fn follow_known(
        &self,
        story: Id,
        entry: &Entry,
        state: &mut dyn Records,
    ) -> Result<(), StateError> {
        if current(story, state)?.is_none() {
            return Ok(());
        }
        self.follow_entry(story, entry, is_at_own_address(entry, story), state)
    }

    fn follow_entry(
        &self,
        story: Id,
        entry: &Entry,
        is_at_first: bool,
        state: &mut dyn Records,
    ) -> Result<(), StateError> {
        let Some(link) = entry.link.as_deref().filter(|_| entry.hop < REVISIT_HOPS) else {
            return Ok(());
        };
        let before = current(story, state)?;
        let now = if is_at_own_address(entry, story) {
            // Back where it was: said by an entry that was elsewhere. Of others the address is old.
            let name = entry_names::find(state, &entry.id)?;
            let is_back = name.is_some_and(|name| name.story == story && name.is_elsewhere);
            before.filter(|_| is_back).map(|_| story)
        } else if is_at_first || before.is_some_and(|address| is_at(link, address)) {
            None
        } else {
            canonical_url(link).map(|url| Id::of(&url))
        };
        match now {
            Some(now) if before != Some(now) => {
                identity::remember_alias(state, Note::Address.name(story)?, now, self.today())
            }
            _ => Ok(()),
        }
    }

    /// The URL of later versions: the address of the page as read last, unless the feeds say that
    /// the story is elsewhere by now. Whether it changed.
    pub(crate) fn readdress(
        story: Id,
        before: &mut Story,
        by: FoundBy,
        article: &Accepted<'_>,
        state: &dyn Records,
    ) -> Result<bool, StateError> {
        let Some(url) = article.canonical().filter(|_| !article.is_by_entry()) else {
            return Ok(false);
        };
        let is_followed = match by {
            FoundBy::Entry => true,
            FoundBy::Url if article.source == ExtractionSource::Page => {
                let link = article.entry.link.as_deref().unwrap_or(&url);
                let is_here = |address| is_at(&url, address) || is_at(link, address);
                let is_there =
                    before.url.as_deref().is_some_and(|before| is_at(before, Id::of(&url)));
                !is_there && current(story, state)?.is_none_or(is_here)
            }
            _ => false,
        };
        if is_followed {
            before.url = Some(url);
        }
        Ok(is_followed)
    }
}
