//! Reads feeds of every dialect, however broken: RSS, RDF, Atom, JSON Feed, news sitemaps.
//!
//! A library of its own: no tokio, no clock, no network. A repairing front ([`front`]) turns any
//! XML dialect into clean Atom, feed-rs reads that, a salvaging back ([`back`]) turns its model
//! into entries, entry by entry where the whole is refused. Everything is bounded: bytes, depth,
//! entries, attributes; panics are contained. What was repaired or dropped stands in `problems`.

mod back;
mod charset;
mod date_words;
mod dates;
mod describe;
mod discover;
mod elements;
mod entities;
mod front;
mod identity;
mod json;
mod json_repair;
mod names;
mod namespaces;
mod newest;
mod opml;
mod problems;
mod scan;
mod schedule;
mod scope;
mod shared;
mod sitemap;
mod sniff;
mod text;
mod values;

use std::borrow::Cow;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use events::Timestamp;

pub use dates::parse_date;
pub use describe::describe;
pub use discover::{FeedLink, feed_links, sitemaps_of_robots, well_known_feeds};
pub use opml::{OpmlError, OpmlFeed, one_spelling, parse_opml, write_opml};
pub use schedule::ScheduleHints;

use problems::Problems;
use sniff::Kind;

/// Entries of one document that are kept, the newest; the rest is told in `problems`.
pub const MAX_ENTRIES: usize = 10_000;
/// Entries of one document that are read, so that the newest can be told; a sitemap has no more.
const MOST_READ: usize = 50_000;
/// Elements nested deeper than this are not read.
pub const MAX_DEPTH: usize = 128;
/// Authors, tags and hubs of one entry or feed that are kept.
pub const MAX_NAMES: usize = 100;
/// The largest document, decompressed. The sitemap protocol allows 50 MB; callers have lower caps.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A document that should be a feed.
#[derive(Clone, Copy, Debug)]
pub struct FeedInput<'a> {
    /// The bytes as they came, transfer encodings removed.
    pub body: &'a [u8],
    /// Where they came from (after redirects): relative links are resolved against it.
    pub url: Option<&'a str>,
    /// The HTTP header; only its charset is believed.
    pub content_type: Option<&'a str>,
}

/// Why a document gave no feed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// Something else than a feed: a page, a bot wall, plain text.
    #[error("not a feed: {0}")]
    NotAFeed(String),
    /// More than [`MAX_BYTES`] after decompression.
    #[error("the document is larger than {MAX_BYTES} bytes")]
    TooBig,
    /// No bytes, or white space only.
    #[error("the document is empty")]
    Empty,
    /// It begins like a feed but nothing in it can be read.
    #[error("broken: {0}")]
    Broken(String),
}

/// The dialect a feed is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FeedFormat {
    /// RSS 0.91 to 2.0.
    #[default]
    Rss,
    /// Atom 0.3 and 1.0.
    Atom,
    /// RSS 0.90 and 1.0, written in RDF.
    Rdf,
    /// JSON Feed 1.0 and 1.1.
    Json,
    /// A sitemap, with or without Google News.
    Sitemap,
    /// A list of sitemaps.
    SitemapIndex,
}

impl FeedFormat {
    /// The format's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Rdf => "rdf",
            Self::Json => "json",
            Self::Sitemap => "sitemap",
            Self::SitemapIndex => "sitemap_index",
        }
    }
}

/// A feed as it was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedFeed {
    /// The dialect.
    pub format: FeedFormat,
    /// Plain text title.
    pub title: Option<String>,
    /// Language tag that the feed declares.
    pub language: Option<String>,
    /// The page the feed belongs to.
    pub link: Option<String>,
    /// WebSub hubs.
    pub hubs: Vec<String>,
    /// The address the feed gives itself; the WebSub topic.
    pub self_url: Option<String>,
    /// Where RSS 2.0 says that notifications are to be had; told to people only, for hubs have
    /// taken its place.
    pub cloud: Option<Cloud>,
    /// Copyright statement, plain text.
    pub copyright: Option<String>,
    /// How often the feed asks to be read.
    pub schedule: ScheduleHints,
    /// The entries in the feed's order.
    pub entries: Vec<ParsedEntry>,
    /// The sitemaps that a sitemap index lists.
    pub sitemaps: Vec<String>,
    /// What was repaired or dropped.
    pub problems: Vec<String>,
}

/// RSS 2.0 `cloud`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cloud {
    /// Where to ask.
    pub url: String,
    /// `http-post`, `xml-rpc` or `soap`, as the feed says it.
    pub protocol: String,
}

/// An entry as the feed states it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedEntry {
    /// `guid`, `atom:id`, JSON Feed `id`, `rdf:about`.
    pub guid: Option<String>,
    /// Plain text, entities decoded, one line.
    pub title: Option<String>,
    /// Absolute URL of the page (a bare path only in a document read without its URL).
    pub link: Option<String>,
    /// Short description (HTML).
    pub summary: Option<String>,
    /// Full content (HTML).
    pub content: Option<String>,
    /// Authors' names.
    pub authors: Vec<String>,
    /// Categories.
    pub tags: Vec<String>,
    /// Absolute URL of an image.
    pub image: Option<String>,
    /// Language tag, where the entry has its own.
    pub language: Option<String>,
    /// Copyright statement or licence.
    pub copyright: Option<String>,
    /// When the feed says it was published.
    pub published_at: Option<Timestamp>,
    /// When the feed says it was last changed.
    pub updated_at: Option<Timestamp>,
    /// Another entry of the same document has the same guid: it identifies neither.
    pub guid_is_shared: bool,
    /// Another entry of the same document has the same canonical link (all link to parts of one
    /// page), or it is the page that the feed belongs to.
    pub link_is_shared: bool,
    /// Nor does its page say what this entry says: the link is shared, and the entry has a text
    /// that the others with this link do not have.
    pub has_own_text: bool,
}

/// Reads a feed.
pub fn parse_feed(input: &FeedInput<'_>) -> Result<ParsedFeed, FeedError> {
    // The parsers below are meant never to panic; should one, it costs this document only.
    catch_unwind(AssertUnwindSafe(|| parse(input)))
        .unwrap_or_else(|_| Err(FeedError::Broken("the parser panicked".to_owned())))
}

fn parse(input: &FeedInput<'_>) -> Result<ParsedFeed, FeedError> {
    let mut problems = Problems::default();
    let body = inflate(input.body, &mut problems)?;
    let text = charset::decode(&body, input.content_type, &mut problems);
    let text = without_controls(text, &mut problems);
    if text.chars().all(|c| c.is_whitespace() || c == '\u{feff}') {
        return Err(FeedError::Empty);
    }
    let mut feed = match sniff::kind(&text)? {
        Kind::Json(at) => json::read(&text[at..], input.url, &mut problems)?,
        Kind::AddressList => sitemap::read_list(&text, &mut problems),
        Kind::Sitemap(at) => sitemap::read(&text, at, input.url, &mut problems),
        Kind::Xml { format, at } => {
            if !text[..at].trim_start().is_empty() && !sniff::is_prologue(&text[..at]) {
                problems.add("junk before the root element");
            }
            let cleaned = front::clean(&text, at, input.url, format, &mut problems);
            drop(text);
            back::read(cleaned, format, &mut problems)?
        }
    };
    let left_out = feed.keep_newest(MAX_ENTRIES);
    if left_out > 0 {
        problems.add(format!("the {left_out} oldest entries beyond {MAX_ENTRIES} were left out"));
    }
    shared::mark(&mut feed, input.url);
    let relative = feed.entries.iter().filter_map(|entry| entry.link.as_deref());
    for link in relative.filter(|link| link.starts_with('/')) {
        problems.add(format!("a link stays relative, its site is not known: {link:.80}"));
    }
    feed.problems = problems.into_list();
    Ok(feed)
}

/// Decompresses gzip (sitemaps are stored so), never to more than [`MAX_BYTES`].
fn inflate<'a>(body: &'a [u8], problems: &mut Problems) -> Result<Cow<'a, [u8]>, FeedError> {
    if body.len() > MAX_BYTES {
        return Err(FeedError::TooBig);
    }
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(body));
    }
    let mut out = Vec::new();
    let limit = MAX_BYTES as u64 + 1;
    let end = flate2::read::MultiGzDecoder::new(body).take(limit).read_to_end(&mut out);
    if out.len() > MAX_BYTES {
        return Err(FeedError::TooBig);
    }
    match end {
        Ok(_) => {}
        // A cut-off transfer: what came through is still a feed with its last entries missing.
        Err(_) if !out.is_empty() => problems.add("the compressed data is damaged"),
        Err(error) => return Err(FeedError::Broken(format!("gzip: {error}"))),
    }
    Ok(Cow::Owned(out))
}

/// The text without the characters that XML forbids and nobody means.
fn without_controls<'a>(text: Cow<'a, str>, problems: &mut Problems) -> Cow<'a, str> {
    let is_control = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    if !text.bytes().any(is_control) {
        return text;
    }
    problems.add("control characters were removed");
    let kept = text.chars().filter(|c| !u8::try_from(*c).is_ok_and(is_control)).collect();
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests;
