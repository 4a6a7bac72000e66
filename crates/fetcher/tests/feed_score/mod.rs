//! The feed corpora and how well a reading agrees with feedparser's.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use fetcher::feed::{FeedInput, ParsedFeed, parse_feed};
use serde_json::Value;

/// A document of a corpus with what feedparser saw in it.
pub(crate) struct Document {
    /// Name in the corpus.
    pub(crate) file: String,
    /// The document.
    pub(crate) body: Vec<u8>,
    content_type: Option<String>,
    url: Option<String>,
    entries: Vec<Value>,
}

impl Document {
    /// As it is given to the reader.
    pub(crate) fn input(&self) -> FeedInput<'_> {
        FeedInput {
            body: &self.body,
            url: self.url.as_deref(),
            content_type: self.content_type.as_deref(),
        }
    }
}

/// How many of how many.
#[derive(Clone, Copy, Default)]
pub(crate) struct Share {
    /// Hits.
    pub(crate) hits: usize,
    /// Tries.
    pub(crate) of: usize,
}

impl Share {
    fn count(&mut self, hit: bool) {
        self.of += 1;
        self.hits += usize::from(hit);
    }

    /// In percent.
    pub(crate) fn percent(self) -> f64 {
        100.0 * self.hits as f64 / self.of.max(1) as f64
    }
}

/// The agreement over a set.
#[derive(Default)]
pub(crate) struct Score {
    /// Documents with at least feedparser's entries.
    pub(crate) complete: Share,
    /// The same of those documents in which feedparser finds any.
    pub(crate) complete_of_any: Share,
    /// Fields that feedparser has, by name.
    pub(crate) fields: BTreeMap<&'static str, Share>,
    /// Every difference in words.
    pub(crate) differences: Vec<String>,
}

/// Compares one document.
pub(crate) fn compare(document: &Document, score: &mut Score) {
    let parsed = parse_feed(&document.input());
    let found = parsed.as_ref().map_or(0, |feed| feed.entries.len());
    let complete = found >= document.entries.len();
    score.complete.count(complete);
    if !document.entries.is_empty() {
        score.complete_of_any.count(complete);
    }
    match parsed {
        Ok(feed) if complete => compare_entries(document, &feed, score),
        other => {
            if !complete {
                score.differences.push(format!(
                    "ENTRIES {}: {found} of {} ({:?})",
                    document.file,
                    document.entries.len(),
                    other.err()
                ));
            }
        }
    }
}

fn compare_entries(document: &Document, feed: &ParsedFeed, score: &mut Score) {
    for (number, wanted) in document.entries.iter().enumerate() {
        let entry = &feed.entries[number];
        let text = |key: &str| wanted[key].as_str().map(ToOwned::to_owned);
        let mut check = |name: &'static str, wanted: Option<String>, got: Option<String>| {
            let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else {
                return;
            };
            let same = got.as_deref() == Some(wanted.as_str());
            score.fields.entry(name).or_default().count(same);
            if !same {
                score
                    .differences
                    .push(format!("{name} {}#{number}: {wanted:?} <> {got:?}", document.file));
            }
        };
        // A title is HTML there and plain here; where both are the same it is only what it says.
        let title = text("title");
        let is_plain = title == entry.title;
        let of_html = if is_plain { letters } else { letters_of_html };
        check("titles", title.as_deref().map(of_html), entry.title.as_deref().map(letters));
        check("links", text("link"), entry.link.clone());
        check("ids", text("id"), entry.guid.clone());
        check(
            "dates",
            wanted["published"].as_i64().map(|seconds| seconds.to_string()),
            entry.published_at.or(entry.updated_at).map(|date| date.as_secs().to_string()),
        );
    }
}

/// A plain title's letters and digits.
fn letters(title: &str) -> String {
    title.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The same of feedparser's, which is HTML: without its tags, references resolved.
fn letters_of_html(title: &str) -> String {
    let mut text = String::new();
    let mut rest = title;
    while let Some(first) = rest.chars().next() {
        if first == '<'
            && let Some(end) = rest.find('>')
        {
            rest = &rest[end + 1..];
            continue;
        }
        text.push(first);
        rest = &rest[first.len_utf8()..];
    }
    // References to letters are by number in practice; of the others these few have names.
    let mut text = text.replace("&amp;", "&");
    for name in ["&lt;", "&gt;", "&quot;", "&nbsp;", "&apos;"] {
        text = text.replace(name, " ");
    }
    let mut resolved = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('&') {
        resolved.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end < 12).unwrap_or(0);
        let number = rest[..end].strip_prefix("&#").and_then(|number| {
            number
                .strip_prefix(['x', 'X'])
                .map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())
        });
        resolved.extend(number.and_then(char::from_u32));
        rest = &rest[end + 1..];
    }
    let text = resolved + rest;
    letters(&text)
}

/// The folder of a set; it need not exist.
pub(crate) fn folder(set: &str) -> PathBuf {
    let corpora = std::env::var_os("NEWSWIRE_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
        PathBuf::from,
    );
    corpora.join("feeds").join(set)
}

/// Every document of a set.
pub(crate) fn load(set: &str) -> anyhow::Result<Vec<Document>> {
    let folder = folder(set);
    let index = folder.join("index.jsonl");
    let rows = std::fs::read_to_string(&index)
        .with_context(|| format!("{} (set NEWSWIRE_CORPORA)", index.display()))?;
    rows.lines()
        .map(|row| {
            let row: Value = serde_json::from_str(row)?;
            let file = row["file"].as_str().unwrap_or_default().to_owned();
            let mut body = Vec::new();
            flate2::read::GzDecoder::new(std::fs::File::open(folder.join(&file))?)
                .read_to_end(&mut body)?;
            let header = |name: &str| row["headers"][name].as_str().map(ToOwned::to_owned);
            Ok(Document {
                body,
                content_type: header("content-type"),
                url: header("content-location"),
                entries: row["entries"].as_array().cloned().unwrap_or_default(),
                file,
            })
        })
        .collect()
}
