//! Measures feed reading against the corpora: `cargo run --release -p fetcher --example feed_corpus`.
//!
//! Arguments: a set (`real`, `feedparser`; default both) and `--list` to print each difference.
#![expect(clippy::print_stdout, reason = "a measuring tool prints")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use fetcher::feed::{FeedInput, ParsedFeed, parse_feed};
use serde_json::Value;

/// A document of a corpus with what feedparser saw in it.
struct Document {
    file: String,
    body: Vec<u8>,
    content_type: Option<String>,
    url: Option<String>,
    entries: Vec<Value>,
}

#[derive(Default)]
struct Agreement {
    same: usize,
    of: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let list = arguments.iter().any(|argument| argument == "--list");
    for set in ["real", "feedparser"] {
        if arguments.iter().all(|argument| argument.starts_with("--"))
            || arguments.iter().any(|argument| argument == set)
        {
            measure(set, list)?;
        }
    }
    Ok(())
}

fn measure(set: &str, list: bool) -> anyhow::Result<()> {
    let documents = load(set)?;
    let bytes: usize = documents.iter().map(|document| document.body.len()).sum();
    println!("{set}: {} documents, {bytes} bytes", documents.len());

    let mut complete = 0;
    let mut with_entries = 0;
    let mut complete_with_entries = 0;
    let mut agreements: BTreeMap<&str, Agreement> = BTreeMap::new();
    let mut slowest = (Duration::ZERO, "");
    for document in &documents {
        let start = Instant::now();
        let parsed = parse_feed(&input(document));
        let took = start.elapsed();
        if took > slowest.0 {
            slowest = (took, &document.file);
        }
        let found = parsed.as_ref().map_or(0, |feed| feed.entries.len());
        let all = found >= document.entries.len();
        complete += usize::from(all);
        if !document.entries.is_empty() {
            with_entries += 1;
            complete_with_entries += usize::from(all);
        }
        if !all && list {
            println!(
                "  ENTRIES {}: {found} of {} ({})",
                document.file,
                document.entries.len(),
                parsed.as_ref().err().map(ToString::to_string).unwrap_or_default()
            );
        }
        if let Ok(feed) = &parsed
            && all
        {
            compare(document, feed, &mut agreements, list);
        }
    }
    println!(
        "  all of feedparser's entries: {complete} of {} documents; {complete_with_entries} of the {with_entries} that have any",
        documents.len()
    );
    for (name, agreement) in &agreements {
        println!(
            "  {name}: {} of {} agree ({:.2} %)",
            agreement.same,
            agreement.of,
            100.0 * agreement.same as f64 / agreement.of.max(1) as f64
        );
    }
    println!("  slowest: {:?} ({})", slowest.0, slowest.1);

    // The best of several rounds, ours and bare feed-rs in turn: others use the machine too.
    let mut ours = Duration::MAX;
    let mut bare = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        for document in &documents {
            let _ = std::hint::black_box(parse_feed(&input(document)));
        }
        ours = ours.min(start.elapsed());
        let start = Instant::now();
        for document in &documents {
            let _ = std::hint::black_box(feed_rs::parser::parse(document.body.as_slice()));
        }
        bare = bare.min(start.elapsed());
    }
    println!(
        "  time: {ours:?}, bare feed-rs {bare:?}, {:.2} times",
        ours.as_secs_f64() / bare.as_secs_f64()
    );
    Ok(())
}

fn input(document: &Document) -> FeedInput<'_> {
    FeedInput {
        body: &document.body,
        url: document.url.as_deref(),
        content_type: document.content_type.as_deref(),
    }
}

fn compare(
    document: &Document,
    feed: &ParsedFeed,
    agreements: &mut BTreeMap<&str, Agreement>,
    list: bool,
) {
    for (number, wanted) in document.entries.iter().enumerate() {
        let entry = &feed.entries[number];
        let text = |key: &str| wanted[key].as_str().map(ToOwned::to_owned);
        let mut check = |name: &'static str, wanted: Option<String>, got: Option<String>| {
            let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else {
                return;
            };
            let agreement = agreements.entry(name).or_default();
            agreement.of += 1;
            if got.as_deref() == Some(wanted.as_str()) {
                agreement.same += 1;
            } else if list {
                println!("  {name} {}#{number}: {wanted:?} <> {got:?}", document.file);
            }
        };
        check(
            "titles",
            text("title").map(|title| folded(&title)),
            entry.title.as_deref().map(folded),
        );
        check("links", text("link"), entry.link.clone());
        check("ids", text("id"), entry.guid.clone());
        check(
            "dates",
            wanted["published"].as_i64().map(|seconds| seconds.to_string()),
            entry.published_at.or(entry.updated_at).map(|date| date.as_secs().to_string()),
        );
    }
}

/// A title's letters and digits: feedparser leaves markup and references in some, we in none.
fn folded(title: &str) -> String {
    let mut out = String::new();
    let mut rest = title;
    while let Some(first) = rest.chars().next() {
        if first == '<'
            && let Some(end) = rest.find('>')
        {
            rest = &rest[end + 1..];
        } else if first == '&'
            && let Some(end) = rest.find(';').filter(|end| *end < 12)
        {
            rest = &rest[end + 1..];
        } else {
            if first.is_alphanumeric() {
                out.extend(first.to_lowercase());
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

fn load(set: &str) -> anyhow::Result<Vec<Document>> {
    let folder = corpora().join("feeds").join(set);
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

fn corpora() -> PathBuf {
    std::env::var_os("NEWSWIRE_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
        PathBuf::from,
    )
}
