//! The names of a story: which URLs lead to it, and what stands for the URL of one without.

use events::{
    ArticleContent, Entry, ExtractionSource, Timestamp, canonical_url, story_url, twin_urls,
};

use crate::id::Id;
use crate::identity::{self, Identity};
use crate::state::{Records, StateError};

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

/// All names of an article's story, the one that would name a new story first.
pub(crate) struct Names {
    pub(crate) own: Id,
    /// Names that only this article can have: its final URL, its canonical one, their twins.
    certain: Vec<Id>,
    /// The final URL, where it is not the canonical one.
    final_url: Option<Id>,
    /// The links that led here, for outcomes without a page.
    links: Vec<Id>,
}

impl Names {
    pub(crate) fn of(article: &Accepted<'_>) -> Self {
        let Some(canonical) = article.canonical() else {
            return Self {
                own: Id::of(&nameless(article.entry)),
                certain: Vec::new(),
                final_url: None,
                links: Vec::new(),
            };
        };
        let own = Id::of(&canonical);
        let final_url = article.url.and_then(canonical_url).filter(|url| *url != canonical);
        let final_url = final_url.map(|url| Id::of(&url));
        let mut certain: Vec<Id> = final_url.into_iter().chain([own]).collect();
        certain.extend(twin_urls(&canonical).iter().map(|twin| Id::of(twin)));
        let links = article.entry.link.iter().chain(&article.entry.via);
        let links = links.filter_map(|link| canonical_url(link)).map(|url| Id::of(&url)).collect();
        Self { own, certain, final_url, links }
    }

    /// The id of the story, and the story if it is known.
    pub(crate) fn find(
        &self,
        state: &dyn Records,
    ) -> Result<(Id, Option<(Id, Identity)>), StateError> {
        for name in self.certain.iter().chain(self.certain.is_empty().then_some(&self.own)) {
            if let Some(found) = identity::find(state, *name)? {
                return Ok((found.0, Some(found)));
            }
        }
        Ok((self.own, None))
    }

    pub(crate) fn remember_aliases(
        &self,
        story: Id,
        day: u16,
        state: &mut dyn Records,
    ) -> Result<(), StateError> {
        // The canonical one is the story's own, unless it was found by another name and states it
        // only now. Twins are looked up without being remembered.
        for name in self.final_url.iter().chain([&self.own]).chain(&self.links) {
            identity::remember_alias(state, *name, story, day)?;
        }
        Ok(())
    }
}

/// The story of an entry that came without an article: by its links, or by itself.
pub(crate) fn find_by_entry(
    entry: &Entry,
    state: &dyn Records,
) -> Result<Option<(Id, Identity)>, StateError> {
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
