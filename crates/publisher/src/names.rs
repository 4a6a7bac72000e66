//! The names of a story: which URLs lead to it, and what stands for the URL of one without, or of
//! one whose link is not its own.

use events::{
    ArticleContent, Entry, ExtractionSource, Timestamp, canonical_url, former_canonical_url,
    story_url, twin_urls,
};

use crate::entry_names;
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

    /// Whether it is known by its entry, for the link names others as well.
    pub(crate) fn is_by_entry(&self) -> bool {
        self.entry.shares_link && self.source == ExtractionSource::Feed
    }
}

/// All names of an article's story, the one that would name a new story first.
pub(crate) struct Names {
    pub(crate) own: Id,
    /// What the entry is called where it has no URL of its own.
    entry: Id,
    /// Names that only this article can have: its final URL, its canonical one, their twins, and
    /// what the release before would have called it.
    certain: Vec<Id>,
    /// The final URL, where it is not the canonical one.
    final_url: Option<Id>,
    /// The links that led here, for outcomes without a page.
    links: Vec<Id>,
}

impl Names {
    pub(crate) fn of(article: &Accepted<'_>) -> Self {
        let entry = Id::of(&nameless(article.entry));
        let Some(canonical) = article.canonical().filter(|_| !article.is_by_entry()) else {
            let (certain, links) = (Vec::new(), Vec::new());
            return Self { own: entry, entry, certain, final_url: None, links };
        };
        let own = Id::of(&canonical);
        let of_page = article.url.and_then(|url| Some((url, canonical_url(url)?)));
        let of_page = of_page.as_ref().map(|(url, form)| (*url, form.as_str()));
        let final_url = of_page.map(|(_, form)| form).filter(|form| *form != canonical);
        let final_url = final_url.map(Id::of);
        let mut certain: Vec<Id> = final_url.into_iter().chain([own]).collect();
        certain.extend(twin_urls(&canonical).iter().map(|twin| Id::of(twin)));
        let stated = article.content.canonical.as_deref();
        let stated = stated.filter(|url| canonical_url(url).as_ref() == Some(&canonical));
        let stated = stated.map(|url| (url, canonical.as_str()));
        certain.extend(of_page.into_iter().chain(stated).filter_map(former_name));
        let links = article.entry.link.iter().chain(&article.entry.via);
        let links = links.filter_map(|link| canonical_url(link)).map(|url| Id::of(&url)).collect();
        Self { own, entry, certain, final_url, links }
    }

    /// The story, if an URL of it is known.
    pub(crate) fn find(&self, state: &dyn Records) -> Result<Option<(Id, Identity)>, StateError> {
        for name in &self.certain {
            if let Some(found) = identity::find(state, *name)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The story that the entry itself is, where it had no URL of its own at first.
    pub(crate) fn find_own_of_entry(
        &self,
        state: &dyn Records,
    ) -> Result<Option<(Id, Identity)>, StateError> {
        identity::find(state, self.entry)
    }

    pub(crate) fn remember_aliases(
        &self,
        story: Id,
        day: u16,
        state: &mut dyn Records,
    ) -> Result<(), StateError> {
        if self.certain.is_empty() {
            return Ok(());
        }
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
    if let Some(found) = identity::find(state, Id::of(&nameless(entry)))? {
        return Ok(Some(found));
    }
    // A link that several entries have names none of their stories, unless their pages were read all
    // the same (`full_text = "page"`): then the entry is known to have become what the link names.
    let of_entry = entry_names::find(state, &entry.id)?.map(|name| name.story);
    for link in entry.link.iter().chain(entry.via.iter().rev()) {
        for name in names_of(link) {
            if let Some(found) = identity::find(state, name)?
                && (!entry.shares_link || of_entry == Some(found.0))
            {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// Whether the entry's link is the address that gave a story its id.
pub(crate) fn is_at_own_address(entry: &Entry, story: Id) -> bool {
    entry.link.as_deref().is_none_or(|link| is_at(link, story))
}

/// Whether a URL has a name, in any spelling.
pub(crate) fn is_at(url: &str, name: Id) -> bool {
    names_of(url).any(|other| other == name)
}

/// The names a link gives: its own, its twins' and that of the release before.
pub(crate) fn names_of(link: &str) -> impl Iterator<Item = Id> {
    let url = canonical_url(link);
    let twins = url.iter().flat_map(|url| twin_urls(url)).collect::<Vec<_>>();
    let former = url.as_deref().and_then(|url| former_name((link, url)));
    url.into_iter().chain(twins).map(|name| Id::of(&name)).chain(former)
}

/// What the release before called a URL, where this one, which gives it a canonical form, calls it
/// otherwise: what is remembered under that name is found, and found by both from then on.
fn former_name((url, canonical): (&str, &str)) -> Option<Id> {
    former_canonical_url(url, canonical).map(|former| Id::of(&former))
}

/// What stands for the URL of an entry without one.
fn nameless(entry: &Entry) -> String {
    format!("{}\n{}", entry.feed.id, entry.id)
}
