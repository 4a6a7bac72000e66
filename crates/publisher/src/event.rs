//! The public event of a story.

use events::{
    Changes, DuplicateOf, Entry, EventKind, ExtractionInfo, StoryEvent, StoryGroup, Timestamp,
    canonical_url, sha256_hex, site_of,
};

use crate::id::Id;
use crate::names::Accepted;
use crate::story::Story;

/// The event of an accepted article, without what only the engine knows: version, feeds, group,
/// original, changes.
pub(crate) fn of_article(id: Id, article: &Accepted<'_>, include_html: bool) -> StoryEvent {
    let content = article.content;
    let url = article.canonical();
    let mut publisher = content.publisher.clone();
    if publisher.domain.is_none() {
        publisher.domain = url.as_deref().and_then(site_of);
    }
    StoryEvent {
        event: EventKind::Published,
        id: id.to_string(),
        version: 1,
        url,
        title: content.title.clone(),
        summary: content.summary.clone(),
        text: Some(content.text.clone()),
        html: content.html.clone().filter(|_| include_html),
        authors: content.authors.clone(),
        publisher,
        language: content.language.clone(),
        section: content.section.clone(),
        tags: content.tags.clone(),
        image: content.image.clone(),
        access: content.access,
        rights: content.rights.clone(),
        published_at: content.published_at,
        published_at_source: content.published_at_source,
        modified_at: content.modified_at,
        first_seen_at: article.entry.first_seen_at,
        fetched_at: article.fetched_at,
        backfill: article.entry.backfill,
        feeds: Vec::new(),
        story_group: StoryGroup::default(),
        duplicate_of: DuplicateOf::default(),
        changes: Changes::default(),
        extraction: ExtractionInfo {
            source: article.source,
            complete: content.complete,
            confidence: content.confidence,
            words: content.words,
            version: article.extractor.to_owned(),
        },
        content_hash: content_hash(content.title.as_deref(), &content.text),
    }
}

/// The event of a story that was taken down: what is still known of it, without its text.
pub(crate) fn withdrawn(
    id: Id,
    version: u32,
    story: Option<&Story>,
    entry: Option<&Entry>,
    at: Timestamp,
) -> StoryEvent {
    let url = match story {
        Some(story) => story.url.clone(),
        None => entry.and_then(|entry| entry.link.as_deref()).and_then(canonical_url),
    };
    let domain =
        story.and_then(|story| story.domain.clone()).or_else(|| url.as_deref().and_then(site_of));
    StoryEvent {
        event: EventKind::Withdrawn,
        id: id.to_string(),
        version,
        url,
        title: story.and_then(|story| story.title.clone()),
        summary: None,
        text: None,
        html: None,
        authors: Vec::new(),
        publisher: events::Publisher {
            name: story.and_then(|story| story.publisher.clone()),
            domain,
        },
        language: story.and_then(|story| story.language.clone()),
        section: None,
        tags: Vec::new(),
        image: events::Image::default(),
        access: events::Access::Unknown,
        rights: events::Rights::default(),
        published_at: story.and_then(|story| story.head.published_at),
        published_at_source: story.map(|story| story.published_at_source).unwrap_or_default(),
        modified_at: None,
        first_seen_at: story
            .map(|story| story.first_seen_at)
            .or(entry.map(|entry| entry.first_seen_at))
            .unwrap_or(at),
        fetched_at: at,
        backfill: story.is_some_and(|story| story.backfill),
        feeds: Vec::new(),
        story_group: StoryGroup::default(),
        duplicate_of: DuplicateOf::default(),
        changes: Changes::default(),
        extraction: ExtractionInfo::default(),
        content_hash: content_hash(None, ""),
    }
}

fn content_hash(title: Option<&str>, text: &str) -> String {
    sha256_hex(format!("{}\n\n{text}", title.unwrap_or_default()).as_bytes())
}

/// The record's value.
pub(crate) fn value(event: &StoryEvent) -> Vec<u8> {
    crate::state::write_json(event)
}
