//! What is remembered of a page's address: that it was asked for, what came of it, by which
//! validators it can be asked for again. Small and bounded: see `Settings::remembered_pages`.

use events::{Entry, FullText, HttpAnswer, SkipReason, Timestamp, canonical_url, hash_id};
use sha2::{Digest as _, Sha256};

use crate::codec::{Reader, Writer};

/// Letters that name an address: 90 bits.
const NAME_LETTERS: usize = 18;
/// Longer validators are not kept; a page without is asked for whole.
const LONGEST_VALIDATOR: usize = 128;
/// The same of the URL that gave them, where it is not the page's link.
const LONGEST_URL: usize = 512;
/// Entries whose outcome is remembered by address: the last ones.
const MOST_NAMES: usize = 12;

/// What came of the last request for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// A page.
    Html,
    /// A feed's text did instead. The id of the feed, where the page is not of its site: what it
    /// says of another's page answers for nobody else. Else empty.
    FeedText(String),
    /// No page.
    Failed(SkipReason),
    /// It redirects to another site.
    Moved(String),
}

/// What is remembered of an address, under `page/<name>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageMemory {
    /// When the outcome was had, in Unix seconds.
    pub(crate) at: u32,
    pub(crate) came: Came,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// URL whose answer they came with, where it is not the link that was asked for.
    url: Option<String>,
    /// The entries, revisions and hops that have their page record, hashed.
    done: Vec<[u8; 8]>,
}

/// Whether the article is in the entry: its link leads to what is not its page, or not only its.
/// Not where the operator wants the page all the same.
pub(crate) fn is_its_own_page(entry: &Entry) -> bool {
    entry.shares_link && entry.feed.full_text != FullText::Page
}

/// What an entry's page is remembered by: its canonical address, else the entry itself.
pub(crate) fn memory_of(entry: &Entry) -> String {
    let link = entry.link.as_deref().filter(|_| !is_its_own_page(entry));
    let url = link.map(|link| canonical_url(link).unwrap_or_else(|| link.into()));
    let mut name = hash_id(&url.unwrap_or_else(|| format!("entry {}", entry.id)));
    name.truncate(NAME_LETTERS);
    name
}

impl PageMemory {
    /// The key of its state record.
    pub(crate) fn key(memory: &str) -> String {
        format!("page/{memory}")
    }

    /// A memory of an outcome.
    pub(crate) fn new(came: Came, now: Timestamp) -> Self {
        let at = u32::try_from(now.as_secs()).unwrap_or_default();
        Self { at, came, etag: None, last_modified: None, url: None, done: Vec::new() }
    }

    /// Keeps the validators of an answer, where they are not too long.
    pub(crate) fn keep_validators(&mut self, answer: &HttpAnswer, link: Option<&str>) {
        let short = |value: &Option<String>| {
            value.clone().filter(|value| !value.is_empty() && value.len() <= LONGEST_VALIDATOR)
        };
        let url = Some(&answer.final_url).filter(|url| Some(url.as_str()) != link);
        if url.is_some_and(|url| url.len() > LONGEST_URL) {
            return;
        }
        self.etag = short(&answer.etag);
        self.last_modified = short(&answer.last_modified);
        self.url = url.cloned();
    }

    /// Whether an (entry, revision, hop) has its page record.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.done.contains(&short(name))
    }

    /// Remembers that an (entry, revision, hop) has its page record.
    pub(crate) fn note(&mut self, name: &str) {
        self.done.push(short(name));
        let more = self.done.len().saturating_sub(MOST_NAMES);
        self.done.drain(..more);
    }

    /// Takes over what an older memory of the address knew; its validators where the page is as it
    /// was, or was not had. Of a page that is gone the story is withdrawn and its words are forgotten:
    /// should it return, it must come whole.
    pub(crate) fn inherit(&mut self, older: Self, is_same: bool) {
        self.done = older.done;
        if self.came == Came::Failed(SkipReason::Gone) {
            return;
        }
        // Only a page's record has room for the URL of its validators.
        if is_same || self.came != Came::Html && older.url.is_none() {
            self.etag = older.etag;
            self.last_modified = older.last_modified;
            self.url = older.url;
        }
    }

    /// Headers that ask for the page only where it has changed.
    pub(crate) fn conditions(&self) -> Vec<(String, String)> {
        let pairs = [("if-none-match", &self.etag), ("if-modified-since", &self.last_modified)];
        pairs.into_iter().filter_map(|(n, v)| Some((n.to_owned(), v.clone()?))).collect()
    }

    /// The URL that they are for.
    pub(crate) fn validators_of(&self, link: &str) -> String {
        self.url.clone().unwrap_or_else(|| link.to_owned())
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(&self.at.to_le_bytes());
        let (kind, text) = match &self.came {
            Came::Html => (0, self.url.as_deref().unwrap_or_default()),
            Came::FeedText(feed) => (1, feed.as_str()),
            Came::Failed(reason) => (2, reason.as_str()),
            Came::Moved(to) => (3, to.as_str()),
        };
        writer.number(kind);
        writer.text(text);
        writer.optional(self.etag.as_deref());
        writer.optional(self.last_modified.as_deref());
        for done in &self.done {
            writer.raw(done);
        }
        writer.into_bytes()
    }

    /// Reads a state record; `None` where it is none of this version.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes)?;
        let at = u32::from_le_bytes(reader.array()?);
        let (kind, text) = (reader.number()?, reader.text()?);
        let url = Some(&text).filter(|text| kind == 0 && !text.is_empty()).cloned();
        let came = match kind {
            0 => Came::Html,
            1 => Came::FeedText(text),
            2 => Came::Failed(serde_json::from_value(text.into()).ok()?),
            3 => Came::Moved(text),
            _ => return None,
        };
        let (etag, last_modified) = (reader.optional()?, reader.optional()?);
        let mut done = Vec::new();
        while !reader.is_at_end() {
            done.push(reader.array()?);
        }
        Some(Self { at, came, etag, last_modified, url, done })
    }

    /// When the outcome was had.
    pub(crate) fn at(&self) -> Timestamp {
        Timestamp::from_secs(i64::from(self.at))
    }
}

fn short(name: &str) -> [u8; 8] {
    let digest = Sha256::digest(name.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://example.org/x";

    fn answer(url: &str) -> HttpAnswer {
        HttpAnswer {
            final_url: url.to_owned(),
            etag: Some("W/\"abc\"".to_owned()),
            last_modified: Some("Mon, 24 Nov 2025 16:00:00 GMT".to_owned()),
            ..HttpAnswer::default()
        }
    }

    #[test]
    fn a_memory_survives_its_bytes_and_is_small() {
        let now = Timestamp::from_secs(1_764_000_000);
        for came in [
            Came::Html,
            Came::FeedText(String::new()),
            Came::FeedText("a".repeat(10)),
            Came::Failed(SkipReason::NotFound),
            Came::Moved("https://example.org/".to_owned()),
        ] {
            let mut memory = PageMemory::new(came, now);
            memory.keep_validators(&answer(LINK), Some(LINK));
            memory.note("a/1/0");
            let bytes = memory.encode();
            assert!(bytes.len() < 90, "{}", bytes.len());
            assert_eq!(PageMemory::decode(&bytes), Some(memory.clone()));
            assert!(memory.has("a/1/0") && !memory.has("a/2/0"));
            assert_eq!((memory.at(), memory.conditions().len()), (now, 2));
            assert_eq!(memory.validators_of(LINK), LINK);
        }
    }

    #[test]
    fn validators_stay_with_the_url_that_gave_them() {
        let now = Timestamp::from_secs(1_764_000_000);
        let (there, long) = ("https://example.org/there", format!("{LINK}?{:0600}", 0));
        let mut memory = PageMemory::new(Came::Html, now);
        memory.keep_validators(&answer(&long), Some(LINK));
        assert!(memory.conditions().is_empty());
        memory.keep_validators(&answer(there), Some(LINK));
        let read = PageMemory::decode(&memory.encode()).unwrap();
        assert_eq!((read.validators_of(LINK).as_str(), &read), (there, &memory));
        let mut same = PageMemory::new(Came::Html, now);
        same.inherit(memory.clone(), true);
        assert_eq!(same, memory);
        let mut failed = PageMemory::new(Came::Failed(SkipReason::Network), now);
        failed.inherit(memory, false);
        assert!(failed.conditions().is_empty());
    }

    #[test]
    fn a_page_that_was_gone_is_asked_for_whole() {
        let now = Timestamp::from_secs(1_764_000_000);
        let mut known = PageMemory::new(Came::Html, now);
        known.keep_validators(&answer(LINK), Some(LINK));
        known.note("a/1/0");
        for (reason, conditions) in [(SkipReason::Network, 2), (SkipReason::Gone, 0)] {
            let mut failed = PageMemory::new(Came::Failed(reason), now);
            failed.inherit(known.clone(), false);
            assert_eq!(failed.conditions().len(), conditions, "{reason}");
            assert!(failed.has("a/1/0"));
        }
    }

    #[test]
    fn a_record_of_validators_without_their_url_is_read() {
        let mut bytes = vec![1];
        bytes.extend(1_764_000_000_u32.to_le_bytes());
        bytes.extend([0, 0, 3]);
        bytes.extend(b"\"e\"");
        bytes.push(0);
        bytes.extend([7; 8]);
        let memory = PageMemory::decode(&bytes).unwrap();
        assert_eq!((memory.conditions().len(), memory.validators_of(LINK).as_str()), (1, LINK));
        assert_eq!(memory.encode(), bytes);
    }

    #[test]
    fn one_article_has_one_memory_whatever_its_link_carries() {
        let entry = |id: &str, link: Option<&str>| Entry {
            id: id.to_owned(),
            link: link.map(str::to_owned),
            ..Entry::default()
        };
        let one = memory_of(&entry("a", Some("https://example.org/x?utm_source=rss")));
        assert_eq!(one, memory_of(&entry("b", Some("http://example.org/x#top"))));
        assert_ne!(one, memory_of(&entry("b", Some("https://example.org/y"))));
        assert_ne!(memory_of(&entry("a", None)), memory_of(&entry("b", None)));
        // A link that is not one entry's alone names none of them.
        let shared = |id: &str| Entry { shares_link: true, ..entry(id, Some("https://a.org/")) };
        assert_ne!(memory_of(&shared("a")), memory_of(&shared("b")));
    }
}
