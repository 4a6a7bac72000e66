//! What is remembered of a page's address: that it was asked for, what came of it, by which
//! validators it can be asked for again. Small and bounded: see `Settings::remembered_pages`.

use events::{Entry, FullText, SkipReason, Timestamp, canonical_url, hash_id};
use sha2::{Digest as _, Sha256};

use crate::codec::{Reader, Writer};

/// Letters that name an address: 90 bits.
const NAME_LETTERS: usize = 18;
/// Longer validators are not kept; a page without is asked for whole.
const LONGEST_VALIDATOR: usize = 128;
/// Entries whose outcome is remembered by address: the last ones.
const MOST_NAMES: usize = 12;

/// What came of the last request for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// A page.
    Html,
    /// The feed's text did instead.
    FeedText,
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
        Self { at, came, etag: None, last_modified: None, done: Vec::new() }
    }

    /// Keeps validators that are not too long, both from one answer.
    pub(crate) fn keep_validators(&mut self, etag: Option<&str>, last_modified: Option<&str>) {
        let short = |value: Option<&str>| {
            let value = value.filter(|value| !value.is_empty() && value.len() <= LONGEST_VALIDATOR);
            value.map(str::to_owned)
        };
        self.etag = short(etag);
        self.last_modified = short(last_modified);
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

    /// Takes over what an older memory of the address knew.
    pub(crate) fn inherit(&mut self, older: Self) {
        self.done = older.done;
        if self.came != Came::Html && self.etag.is_none() && self.last_modified.is_none() {
            self.etag = older.etag;
            self.last_modified = older.last_modified;
        }
    }

    /// Headers that ask for the page only where it has changed.
    pub(crate) fn conditions(&self) -> Vec<(String, String)> {
        let pairs = [("if-none-match", &self.etag), ("if-modified-since", &self.last_modified)];
        pairs.into_iter().filter_map(|(n, v)| Some((n.to_owned(), v.clone()?))).collect()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.raw(&self.at.to_le_bytes());
        let (kind, text) = match &self.came {
            Came::Html => (0, ""),
            Came::FeedText => (1, ""),
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
        let came = match kind {
            0 => Came::Html,
            1 => Came::FeedText,
            2 => Came::Failed(serde_json::from_value(text.into()).ok()?),
            3 => Came::Moved(text),
            _ => return None,
        };
        let (etag, last_modified) = (reader.optional()?, reader.optional()?);
        let mut done = Vec::new();
        while !reader.is_at_end() {
            done.push(reader.array()?);
        }
        Some(Self { at, came, etag, last_modified, done })
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

    #[test]
    fn a_memory_survives_its_bytes_and_is_small() {
        let now = Timestamp::from_secs(1_764_000_000);
        for came in [
            Came::Html,
            Came::FeedText,
            Came::Failed(SkipReason::NotFound),
            Came::Moved("https://example.org/".to_owned()),
        ] {
            let mut memory = PageMemory::new(came, now);
            memory.keep_validators(Some("W/\"abc\""), Some("Mon, 24 Nov 2025 16:00:00 GMT"));
            memory.note("a/1/0");
            let bytes = memory.encode();
            assert!(bytes.len() < 90, "{}", bytes.len());
            assert_eq!(PageMemory::decode(&bytes), Some(memory.clone()));
            assert!(memory.has("a/1/0") && !memory.has("a/2/0"));
            assert_eq!((memory.at(), memory.conditions().len()), (now, 2));
        }
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
