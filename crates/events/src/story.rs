//! A story event: the public record of `stories` and `stories-latest`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Access, Image, PublishedAtSource, Publisher, Rights, Timestamp};

/// What happened to the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// First version.
    Published,
    /// Title or text changed.
    Updated,
    /// Taken down: gone at the publisher, or by command.
    Withdrawn,
}

impl EventKind {
    /// The kind as it is spelled in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Updated => "updated",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// CloudEvents `type`.
    pub fn ce_type(self) -> &'static str {
        match self {
            Self::Published => "newswire.story.published.v1",
            Self::Updated => "newswire.story.updated.v1",
            Self::Withdrawn => "newswire.story.withdrawn.v1",
        }
    }
}

/// A feed the story was seen in when the event was emitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoryFeed {
    /// URL of the feed.
    pub url: String,
    /// Title of the feed.
    pub title: Option<String>,
    /// Entry id in that feed.
    pub entry_id: String,
    /// Operator's tags of that feed.
    pub tags: Vec<String>,
}

/// The group of stories that report the same event, as first said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoryGroup {
    /// Group id; resolves through `merged_into` of the topic `groups`.
    pub id: Option<String>,
    /// Stories in the group, this one included.
    pub size: u32,
    /// Whether this story opened the group.
    pub opened: bool,
}

/// How a copy is a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopyKind {
    /// The same words.
    Exact,
    /// Nearly the same words.
    Near,
    /// The same words cut or framed, as with agency copy.
    Syndicated,
}

/// The story that this one is a copy of; nulls for an original.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DuplicateOf {
    /// Story id of the original.
    pub id: Option<String>,
    /// How.
    pub kind: Option<CopyKind>,
    /// How much of the words they share, 0 to 1.
    pub similarity: Option<f64>,
}

/// What changed since the version before; empty on a first version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = text_came_later)]
pub struct Changes {
    /// Whether the title changed.
    pub title: bool,
    /// Paragraphs that are new.
    pub added: Vec<String>,
    /// Paragraphs that are gone.
    pub removed: Vec<String>,
    /// Whether the text changed. Where it did and `added` and `removed` are both empty, the text
    /// before is not remembered any more, or the words of a paragraph changed their place.
    #[serde(default)]
    pub text: bool,
}

/// Events of the first release lack the key, and stay on the topics for weeks: whoever checks them
/// against the schema of today must not refuse them.
fn text_came_later(schema: &mut schemars::Schema) {
    if let Some(required) = schema.get_mut("required").and_then(serde_json::Value::as_array_mut) {
        required.retain(|key| key != "text");
    }
}

/// Where the text comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExtractionSource {
    /// The article's page.
    #[default]
    Page,
    /// The feed.
    Feed,
}

/// How the text was got.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExtractionInfo {
    /// From the page or from the feed.
    pub source: ExtractionSource,
    /// Whether the whole article is there.
    pub complete: bool,
    /// How sure the extractor is, 0 to 1.
    pub confidence: f64,
    /// Number of words.
    pub words: u32,
    /// Version of the extractor's rules.
    pub version: String,
}

/// One story event. Every key is always present, in this order; types never vary; objects and
/// lists are never null. New keys may come, old ones never change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "newswire story event, version 1")]
pub struct StoryEvent {
    /// What happened.
    pub event: EventKind,
    /// Story id: 26 characters of base32 of the SHA-256 of the canonical URL.
    pub id: String,
    /// 1, 2, 3, …
    pub version: u32,
    /// Canonical URL; null for an entry without a link.
    pub url: Option<String>,
    /// Headline.
    pub title: Option<String>,
    /// Summary, plain text.
    pub summary: Option<String>,
    /// Paragraphs divided by blank lines; null when withdrawn.
    pub text: Option<String>,
    /// A small safe subset of HTML, only where `[publish] include` asks for it.
    pub html: Option<String>,
    /// People.
    pub authors: Vec<String>,
    /// Who published it.
    pub publisher: Publisher,
    /// BCP 47 language.
    pub language: Option<String>,
    /// Section of the publication.
    pub section: Option<String>,
    /// Keywords.
    pub tags: Vec<String>,
    /// Main image.
    pub image: Image,
    /// Who may read it.
    pub access: Access,
    /// What the publisher says about use.
    pub rights: Rights,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// Where that comes from.
    pub published_at_source: PublishedAtSource,
    /// When it was last changed, as the page says.
    pub modified_at: Option<Timestamp>,
    /// When newswire first saw it.
    pub first_seen_at: Timestamp,
    /// When this version was fetched; the record's timestamp.
    pub fetched_at: Timestamp,
    /// Old already when first seen, in a new feed or in a document of which nothing was known.
    pub backfill: bool,
    /// Feeds it was seen in so far.
    pub feeds: Vec<StoryFeed>,
    /// The stories that report the same event.
    pub story_group: StoryGroup,
    /// The story it is a copy of.
    pub duplicate_of: DuplicateOf,
    /// What changed since the version before.
    pub changes: Changes,
    /// How the text was got.
    pub extraction: ExtractionInfo,
    /// SHA-256 of title and text, hexadecimal.
    pub content_hash: String,
}
