//! Records as an outsider reads them: the lines of `newswire tail --json`, or of `kcat -J`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use events::Page;
use serde_json::Value;

use super::process::{newswire, run};

/// A record.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) topic: String,
    pub(crate) partition: u64,
    pub(crate) offset: i64,
    /// Text, or what stands for bytes that are none.
    pub(crate) key: Value,
    pub(crate) timestamp: String,
    pub(crate) headers: BTreeMap<String, String>,
    /// JSON where it is JSON.
    pub(crate) value: Value,
    /// The bytes where it is not.
    pub(crate) bytes: Option<Vec<u8>>,
    /// The value as it was written, where the reader shows it.
    pub(crate) raw: Option<String>,
}

impl Row {
    /// From a line of `newswire tail --json`.
    fn from_tail(line: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let headers = line["headers"].as_object().expect("headers");
        let bytes = line["value"]["base64"].as_str();
        Self {
            topic: text(&line["topic"]).expect("topic"),
            partition: line["partition"].as_u64().expect("partition"),
            offset: line["offset"].as_i64().expect("offset"),
            key: line["key"].clone(),
            timestamp: text(&line["timestamp"]).expect("timestamp"),
            headers: headers
                .iter()
                .map(|(name, value)| (name.clone(), text(value).unwrap_or_default()))
                .collect(),
            value: line["value"].clone(),
            bytes: bytes.map(|text| STANDARD.decode(text).expect("base64")),
            raw: None,
        }
    }

    pub(crate) fn key(&self) -> &str {
        self.key.as_str().unwrap_or_default()
    }

    /// A record of `pages`: its JSON line, and the length of the body.
    pub(crate) fn page(&self) -> Option<(Page, usize)> {
        match &self.bytes {
            Some(bytes) => {
                let (page, body) = Page::decode(bytes).ok()?;
                Some((page, body.len()))
            }
            None => Some((serde_json::from_value(self.value.clone()).ok()?, 0)),
        }
    }
}

/// All topics at one time.
pub(crate) type Topics = BTreeMap<&'static str, Vec<Row>>;

/// In the order of reading, backwards: see [`read_all`].
const READ: [&str; 10] = [
    "groups",
    "stories-latest",
    "feeds",
    "entries",
    "pages",
    "articles",
    "publisher-state",
    "stories",
    "feed-state",
    "dead-letters",
];

/// Reads every topic that the promises speak of. What comes of a record is read before the record
/// (and groups, which stories name, after the stories), so that what is written meanwhile is never
/// without its cause.
pub(crate) fn read_all(mut read: impl FnMut(&str) -> Vec<Row>) -> Topics {
    READ.iter().rev().map(|topic| (*topic, read(topic))).collect()
}

/// One topic, through `newswire tail`.
pub(crate) fn tail(config: &Path, topic: &str) -> Vec<Row> {
    rows_of(&mut tail_command(config, topic))
}

/// The command that [`tail`] runs.
pub(crate) fn tail_command(config: &Path, topic: &str) -> Command {
    let config = config.to_str().expect("UTF-8");
    newswire(["tail", "-c", config, "--json", "--from-beginning", "-e", "--topic", topic])
}

/// What a command that prints records prints.
pub(crate) fn rows_of(command: &mut Command) -> Vec<Row> {
    run(command).rows().iter().map(Row::from_tail).collect()
}

/// The newest value of each key.
pub(crate) fn newest(rows: &[Row]) -> BTreeMap<String, &Row> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| (row.partition, row.offset));
    let mut newest = BTreeMap::new();
    for row in rows {
        newest.insert(row.key().to_owned(), row);
    }
    newest.retain(|_, row| !row.value.is_null());
    newest
}
