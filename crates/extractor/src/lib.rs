//! Keeps the article of a page and throws the page away.
//!
//! A page goes through in one direction: bytes are decoded ([`charset`]), parsed within bounds
//! ([`dom`]), measured in one walk ([`page`], [`marks`]), the container is chosen ([`body`]),
//! written as blocks ([`render`]), the blocks are judged by what they say ([`prune`]), and what
//! the page says of itself completes the article ([`title`], [`authors`], [`published`],
//! [`language`]). A [`SiteMemory`] then takes out what all pages of a site have. No clock, no
//! randomness: the same bytes in the same order give the same articles.

mod about;
mod addresses;
mod any_of;
mod article;
mod authors;
mod beside_dates;
mod body;
mod byline_lines;
mod bylines;
mod calendars;
mod captions;
mod charset;
mod client_state;
mod compound_names;
mod confidence;
mod date_names;
mod date_parts;
mod dates;
mod details;
mod dom;
mod draft;
mod endings;
mod farewells;
mod feed;
mod furniture;
mod furniture_lines;
mod headings;
mod hints;
mod houses;
mod introductions;
mod language;
mod lean;
mod lean_source;
mod left_out;
mod linked;
mod marks;
mod measure;
mod memory;
mod memory_state;
mod mended_json;
mod month_names;
mod months;
mod names;
mod page;
mod people;
mod people_parts;
mod phrases;
mod places;
mod printed;
mod prune;
mod published;
mod relative;
mod relative_names;
mod render;
mod scripts;
mod seen;
mod serialise;
mod sketch;
mod spoken;
#[path = "stage.rs"]
mod stage_impl;
mod stories;
mod structured;
mod tag;
mod title;
mod title_parts;
mod verdict;
mod zones;

use events::{ArticleContent, Entry, SkipReason, Timestamp};

pub use draft::Draft;
pub use feed::{carries_full_text, extract_feed};
pub use hints::Contradiction;
pub use memory::{Applied, SiteMemory};
pub use memory_state::MemoryError;
pub use stage_impl::{Extractor, article_of_page};

/// Version of the rules: changes whenever the same page may give another article.
pub const VERSION: &str = "11";

/// A page and all that is known around it.
#[derive(Clone, Copy, Debug, Default)]
pub struct PageInput<'a> {
    /// The body as it came from the server, decompressed.
    pub body: &'a [u8],
    /// Final URL of the page.
    pub url: Option<&'a str>,
    /// `Content-Type`, as sent.
    pub content_type: Option<&'a str>,
    /// `Content-Language`, as sent.
    pub content_language: Option<&'a str>,
    /// `X-Robots-Tag` values, as sent.
    pub x_robots_tag: &'a [String],
    /// `Link` header values, as sent.
    pub link: &'a [String],
    /// `TDM-Reservation`, as sent.
    pub tdm_reservation: Option<&'a str>,
    /// When the page was fetched: nothing is published later than that.
    pub fetched_at: Option<Timestamp>,
    /// What the feed said.
    pub hints: Hints<'a>,
}

/// What a feed said of the article; used to fill gaps and to check.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// Title.
    pub title: Option<&'a str>,
    /// Summary (HTML or plain).
    pub summary: Option<&'a str>,
    /// Content (HTML).
    pub content: Option<&'a str>,
    /// Authors' names.
    pub authors: &'a [String],
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// Language of the entry or the feed.
    pub language: Option<&'a str>,
    /// Categories.
    pub tags: &'a [String],
    /// URL of an image.
    pub image: Option<&'a str>,
}

impl<'a> From<&'a Entry> for Hints<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self {
            title: entry.title.as_deref(),
            summary: entry.summary.as_deref(),
            content: entry.content.as_deref(),
            authors: &entry.authors,
            published_at: entry.published_at,
            updated_at: entry.updated_at,
            language: entry.language.as_deref().or(entry.feed.language.as_deref()),
            tags: &entry.tags,
            image: entry.image.as_deref(),
        }
    }
}

/// What came of a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Extracted {
    /// An article.
    Article(Box<ArticleContent>),
    /// No article.
    Skipped {
        /// Why.
        reason: SkipReason,
        /// What exactly was seen, for people.
        detail: String,
    },
}

/// Extracts the article of an HTML page.
pub fn extract(page: &PageInput<'_>) -> Extracted {
    article::draft(page, article::For::ThisPageOnly).into_extracted()
}

/// Number of words: runs of letters and digits; each character of a script without spaces counts
/// as half a word.
pub(crate) fn count_words(text: &str) -> u32 {
    let mut words = 0;
    let mut wide = 0;
    let mut inside = false;
    for c in text.chars() {
        if c.is_ascii() {
            let is_word = c.is_ascii_alphanumeric();
            words += u32::from(is_word && !inside);
            inside = is_word || inside && matches!(c, '\'' | '-');
        } else if scripts::is_unspaced(c) {
            wide += 1;
            inside = false;
        } else if c.is_alphanumeric() {
            if !inside {
                words += 1;
            }
            inside = true;
        } else if c != '’' {
            inside = false;
        }
    }
    words + wide / 2
}
