//! Commands that need no log: `parse-feed`, `extract`, `group`.

use std::fs::File;
use std::io::{BufRead as _, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use events::SkipReason;
use extractor::{Extracted, PageInput};
use fetcher::feed::{FeedInput, describe};
use flate2::read::MultiGzDecoder;
use publisher::{OfflineStory, Settings};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::cli::{self, Place};
use crate::failure::Failure;
use crate::open::config;
use crate::stages::publisher_settings;

/// Largest file read, decompressed: a gzip bomb is an error, not an outage.
const MAX_FILE: u64 = 64 * 1024 * 1024;
/// Pages of a batch in work at once.
const BATCH: usize = 64;

/// `newswire parse-feed`.
pub(crate) fn parse_feed(command: &cli::ParseFeed) -> Result<(), Failure> {
    let mut content_type = None;
    for header in &command.headers {
        let (name, value) = header.split_once(':').ok_or_else(|| {
            Failure::Usage(format!("--header {header:?}: give it as 'Name: value'"))
        })?;
        if name.trim().eq_ignore_ascii_case("content-type") {
            content_type = Some(value.trim());
        }
    }
    let mut stdout = std::io::stdout().lock();
    let mut unread = Vec::new();
    for file in &command.files {
        let name = file.display().to_string();
        let row = match read_file(file) {
            Ok(body) => {
                let input = FeedInput { body: &body, url: command.url.as_deref(), content_type };
                describe(&name, &input)
            }
            Err(error) => {
                unread.push(name.clone());
                let problem = format!("{error:#}");
                json!({"file": name, "format": null, "title": null, "entries": [],
                       "problems": [problem]})
            }
        };
        writeln!(stdout, "{row}")?;
    }
    match unread.as_slice() {
        [] => Ok(()),
        unread => Err(Failure::Failed(anyhow!("could not read {}", unread.join(", ")))),
    }
}

/// `newswire extract`.
pub(crate) fn extract(command: &cli::Extract) -> Result<(), Failure> {
    if command.batch {
        return extract_batch();
    }
    let file = command.file.as_deref().context("no file is named")?;
    let body = read_file(file)?;
    let article = article_of(&body, command.url.as_deref());
    writeln!(std::io::stdout().lock(), "{}", Value::Object(article))?;
    Ok(())
}

#[derive(Deserialize)]
struct BatchLine {
    id: Value,
    #[serde(default)]
    url: Option<String>,
    path: String,
}

/// Each page on its own, as many at once as there are cores, answers in the order of the lines.
fn extract_batch() -> Result<(), Failure> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut lines = json_lines("{\"id\",\"url\",\"path\"}");
    let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
    loop {
        let batch: Vec<BatchLine> = lines.by_ref().take(BATCH).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            stdout.flush()?;
            return Ok(());
        }
        let share = batch.len().div_ceil(threads);
        let rows: Vec<Value> = std::thread::scope(|scope| {
            let workers: Vec<_> = batch
                .chunks(share)
                .map(|lines| scope.spawn(|| lines.iter().map(batch_row).collect::<Vec<_>>()))
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
        });
        if rows.len() != batch.len() {
            return Err(Failure::Failed(anyhow!("a page made the extractor panic")));
        }
        for row in rows {
            writeln!(stdout, "{row}")?;
        }
    }
}

fn batch_row(line: &BatchLine) -> Value {
    let mut row = Map::new();
    row.insert("id".to_owned(), line.id.clone());
    match read_file(Path::new(&line.path)) {
        Ok(body) => row.extend(article_of(&body, line.url.as_deref())),
        Err(error) => row.extend(row_of(
            "unreadable",
            Some(format!("{error:#}")),
            line.url.as_deref(),
            events::ArticleContent::default(),
        )),
    }
    Value::Object(row)
}

/// The article keys of the story event, with `outcome` first. Where there is no article the keys
/// are there all the same, empty, and `outcome` and `detail` say why.
fn article_of(body: &[u8], url: Option<&str>) -> Map<String, Value> {
    let input = PageInput { body, url, ..PageInput::default() };
    let extracted = std::panic::catch_unwind(|| extractor::extract(&input)).unwrap_or_else(|_| {
        Extracted::Skipped {
            reason: SkipReason::TooComplex,
            detail: "the page made the extractor panic; this is a fault of newswire".to_owned(),
        }
    });
    let (outcome, detail, content) = match extracted {
        Extracted::Article(content) => ("article", None, *content),
        Extracted::Skipped { reason, detail } => {
            (reason.as_str(), Some(detail), events::ArticleContent::default())
        }
    };
    row_of(outcome, detail, url, content)
}

fn row_of(
    outcome: &str,
    detail: Option<String>,
    url: Option<&str>,
    content: events::ArticleContent,
) -> Map<String, Value> {
    let mut article = Map::new();
    article.insert("outcome".to_owned(), json!(outcome));
    article.insert("detail".to_owned(), json!(detail));
    article.insert("url".to_owned(), json!(url));
    // Serialising cannot fail: the type has string keys only.
    if let Ok(Value::Object(content)) = serde_json::to_value(content) {
        article.extend(content);
    }
    article
}

/// `newswire group`.
pub(crate) fn group(place: &Place, as_published: bool) -> Result<(), Failure> {
    // A file in the current folder is for daemons; one that is named is meant.
    let settings = match &place.config {
        Some(_) => publisher_settings(&config(place)?),
        None => Settings::default(),
    };
    let stories = json_lines::<OfflineStory>("{\"id\",\"title\",\"text\",…}");
    let stories = stories.collect::<Result<Vec<_>, _>>()?;
    let results =
        publisher::group(&settings, stories, as_published).map_err(|error| anyhow!(error))?;
    let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
    for result in results {
        writeln!(stdout, "{}", serde_json::to_string(&result)?)?;
    }
    stdout.flush()?;
    Ok(())
}

/// The lines of standard input, empty ones left out; `shape` says what each has to be.
fn json_lines<T: DeserializeOwned>(
    shape: &'static str,
) -> impl Iterator<Item = Result<T, anyhow::Error>> {
    std::io::stdin().lock().lines().enumerate().filter_map(move |(index, line)| {
        let place = || format!("standard input, line {}", index + 1);
        let line = match line.with_context(place) {
            Ok(line) => line,
            Err(error) => return Some(Err(error)),
        };
        // Some editors begin a file with a byte order mark.
        let line = line.strip_prefix('\u{feff}').unwrap_or(&line).trim();
        if line.is_empty() {
            return None;
        }
        if !line.starts_with('{') {
            return Some(Err(anyhow!("{}: not {shape}: no JSON object", place())));
        }
        let parsed: Result<T, _> = serde_json::from_str(line);
        Some(parsed.map_err(|error| {
            // To the parser each line is the first.
            let says = error.to_string().replace(" at line 1 column ", " at column ");
            let key = faulty_key::<T>(line).map(|key| format!("key {key:?}: ")).unwrap_or_default();
            anyhow!("{}: not {shape}: {key}{says}", place())
        }))
    })
}

/// The key whose value is at fault: without it the fault is another one, or none.
fn faulty_key<T: DeserializeOwned>(line: &str) -> Option<String> {
    let object: Map<String, Value> = serde_json::from_str(line).ok()?;
    let fault_of = |object: &Map<String, Value>| {
        let read: Result<T, _> = serde_json::from_value(Value::Object(object.clone()));
        read.err().map(|error| error.to_string())
    };
    let fault = fault_of(&object)?;
    let is_at_fault = |key: &&String| {
        let mut rest = object.clone();
        rest.remove(*key);
        fault_of(&rest).is_none_or(|other| other != fault)
    };
    object.keys().find(is_at_fault).cloned()
}

/// A file's bytes, decompressed where they are gzip, up to [`MAX_FILE`]; `-` is standard input.
fn read_file(path: &Path) -> Result<Vec<u8>, anyhow::Error> {
    let file: Box<dyn std::io::Read> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(path).with_context(|| path.display().to_string())?)
    };
    let mut reader = std::io::BufReader::new(file);
    let start = reader.fill_buf().with_context(|| path.display().to_string())?;
    let is_gzip = start.starts_with(&[0x1f, 0x8b]);
    let mut body = Vec::new();
    let read = if is_gzip {
        MultiGzDecoder::new(reader).take(MAX_FILE + 1).read_to_end(&mut body)
    } else {
        reader.take(MAX_FILE + 1).read_to_end(&mut body)
    };
    read.with_context(|| path.display().to_string())?;
    if body.len() as u64 > MAX_FILE {
        return Err(anyhow!("{}: larger than {MAX_FILE} bytes", path.display()));
    }
    Ok(body)
}
