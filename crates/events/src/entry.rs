//! An entry: one item of a feed as the feed states it; the record of the topic `entries`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{FullText, Timestamp, site_of};

/// The feed an entry was seen in, as known at that moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FeedRef {
    /// Feed id.
    pub id: String,
    /// URL the feed is polled at.
    pub url: String,
    /// Title of the feed, from the operator or from the feed itself.
    pub title: Option<String>,
    /// Operator's tags.
    pub tags: Vec<String>,
    /// Language the feed declares.
    pub language: Option<String>,
    /// Whether pages are fetched.
    #[serde(default)]
    pub full_text: FullText,
    /// Pages are not asked for again after they were downloaded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_revisits: bool,
}

/// A revisit of a page is a page record of its own: the n-th has the entry's hop and n times this,
/// so that (id, revision, hop) still has exactly one fate.
pub const REVISIT_HOPS: u32 = 1_000;

/// A new or changed entry. Key of the record: [`Entry::id`]. The triple (id, revision, hop) has
/// exactly one fate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Entry id: hash of the feed id and the entry's identity in it.
    pub id: String,
    /// 1 when first seen, one more each time what a reader sees has changed.
    pub revision: u32,
    /// 0 when emitted by the poll, one more each time a redirect sent it to another site.
    pub hop: u32,
    /// The feed.
    pub feed: FeedRef,
    /// What the feed calls the entry (`guid`, `atom:id`, JSON Feed `id`).
    pub guid: Option<String>,
    /// Absolute URL of the page, where the feed gives one. After a hop: the redirect's target.
    pub link: Option<String>,
    /// The link is no address of this entry alone: other entries of the feed, whose texts say
    /// something else, have it as well, or it is the page the feed belongs to. Then the text that
    /// the feed gives is the article, and the entry itself is what it is known by.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shares_link: bool,
    /// Links that led here, first the feed's own, when `hop` is not 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<String>,
    /// Plain text title.
    pub title: Option<String>,
    /// Short description as the feed gives it (HTML or plain).
    pub summary: Option<String>,
    /// Full content as the feed gives it (HTML).
    pub content: Option<String>,
    /// Authors' names as the feed gives them.
    pub authors: Vec<String>,
    /// Categories as the feed gives them.
    pub tags: Vec<String>,
    /// Absolute URL of an image, where the feed gives one.
    pub image: Option<String>,
    /// Language of the entry, where it differs from the feed's.
    pub language: Option<String>,
    /// Copyright or licence statement that the feed gives.
    pub copyright: Option<String>,
    /// When the feed says it was published.
    pub published_at: Option<Timestamp>,
    /// When the feed says it was last changed.
    pub updated_at: Option<Timestamp>,
    /// When this entry (any revision) was first seen by newswire.
    pub first_seen_at: Timestamp,
    /// Time of the poll that emitted this revision; the record's timestamp.
    pub seen_at: Timestamp,
    /// Older than the back-fill window when its feed was new.
    pub backfill: bool,
}

impl Entry {
    /// Whether the feed is one of the site that the entry's link leads to. Of another site's page a
    /// feed may say what it likes. An entry without a link is its feed's own.
    pub fn is_of_its_feeds_site(&self) -> bool {
        self.link.as_deref().is_none_or(|link| site_of(link) == site_of(&self.feed.url))
    }
}
