//! An article: the page cleaned; the record of the topic `articles`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Entry, ExtractionSource, SkipReason, Timestamp};

/// Who published the article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Publisher {
    /// Name as the page states it; null where it states none.
    pub name: Option<String>,
    /// Site of the article (registrable domain).
    pub domain: Option<String>,
}

/// Main image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Image {
    /// Absolute URL.
    pub url: Option<String>,
    /// Caption as printed.
    pub caption: Option<String>,
}

/// Who may read the article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Everybody.
    Free,
    /// Everybody, a number of times.
    Metered,
    /// Subscribers.
    Subscription,
    /// The page does not say.
    #[default]
    Unknown,
}

/// What the publisher says about use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rights {
    /// Copyright statement.
    pub copyright: Option<String>,
    /// Licence, as URL or name.
    pub license: Option<String>,
    /// Whether text and data mining is reserved; null where nothing is said.
    pub tdm_reserved: Option<bool>,
}

/// Where `published_at` comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublishedAtSource {
    /// The page states it.
    Page,
    /// The feed states it.
    Feed,
    /// The URL contains the day.
    Url,
    /// Not known.
    #[default]
    None,
}

/// What the extractor found: the article keys of the story event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArticleContent {
    /// Headline as printed, without the site's name.
    pub title: Option<String>,
    /// Summary: the feed's or the page's description, plain text.
    pub summary: Option<String>,
    /// Paragraphs divided by blank lines.
    pub text: String,
    /// A small safe subset of HTML.
    pub html: Option<String>,
    /// People, without "By", roles, e-mail addresses.
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
    /// When it was last changed.
    pub modified_at: Option<Timestamp>,
    /// rel=canonical (or the like), absolute, as the page states it; not yet judged.
    pub canonical: Option<String>,
    /// Whether the whole article is there.
    pub complete: bool,
    /// How sure the extractor is, 0 to 1.
    pub confidence: f64,
    /// Number of words of `text`.
    pub words: u32,
}

/// What came of an entry, as the publisher sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ArticleOutcome {
    /// An article.
    Article {
        /// URL the text is from: the page's final URL, or the entry's link; null for an entry
        /// without one.
        url: Option<String>,
        /// From the page or from the feed.
        source: ExtractionSource,
        /// Version of the extractor's rules.
        extractor: String,
        /// The article.
        content: Box<ArticleContent>,
    },
    /// No article.
    Skipped {
        /// Why.
        reason: SkipReason,
        /// What exactly happened, for people.
        detail: String,
    },
    /// The entry went on under another site.
    Moved {
        /// Where to.
        to: String,
    },
    /// The page did not change since the story was published.
    Unchanged,
}

/// An operator's command to withdraw a story for good. Travels on `articles` so that its place in
/// the order of things is fixed. Key of the record: the story id, or the id of the URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdraw {
    /// Story id.
    #[serde(default)]
    pub id: Option<String>,
    /// URL of the story, where the command was given one.
    #[serde(default)]
    pub url: Option<String>,
    /// Why, for the record.
    pub reason: String,
    /// When the command was given.
    pub at: Timestamp,
}

/// The record of the topic `articles`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Article {
    /// What came of an entry. Key: the entry id.
    Entry {
        /// The entry; `summary` and `content` are dropped, the article has what counts.
        entry: Box<Entry>,
        /// When the page was fetched; the record's timestamp.
        fetched_at: Timestamp,
        /// What came of it.
        #[serde(flatten)]
        outcome: ArticleOutcome,
    },
    /// An operator's command.
    Withdraw(Withdraw),
}
