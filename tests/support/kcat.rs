//! A Kafka client that is not ours: kcat.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use events::Timestamp;
use serde_json::{Value, json};

use super::process::run;
use super::records::Row;

/// kcat on a broker.
pub(crate) struct Kcat {
    pub(crate) brokers: String,
    pub(crate) prefix: String,
}

impl Kcat {
    /// All committed records of a topic (short name), partition by partition.
    pub(crate) fn read(&self, topic: &str) -> Vec<Row> {
        let full = format!("{}{topic}", self.prefix);
        // Lengths come first, so that a body may hold any byte.
        let format = "%p %o %T %K %S %h\n%k%s\n";
        let mut command = Command::new("kcat");
        command.args(["-C", "-q", "-e", "-b", &self.brokers, "-t", &full, "-o", "beginning"]);
        command.args(["-X", "isolation.level=read_committed", "-X", "fetch.wait.max.ms=50"]);
        command.args(["-X", "fetch.message.max.bytes=16777216", "-f", format]);
        let finished = run(&mut command);
        assert_eq!(finished.code, Some(0), "kcat {full}: {}", finished.stderr);
        parse(&full, &finished.stdout)
    }

    /// Writes one record.
    pub(crate) fn write(&self, topic: &str, partition: u32, key: &[u8], value: &[u8]) {
        let full = format!("{}{topic}", self.prefix);
        let mut command = Command::new("kcat");
        // The bytes given here divide key and value, and records; they are in none of them.
        command.args(["-P", "-b", &self.brokers, "-t", &full, "-p", &partition.to_string()]);
        command.args(["-K", "\t:\t", "-D", "\n:\n", "-X", "message.max.bytes=12582912"]);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("kcat");
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(&[key, b"\t:\t", value].concat()).expect("kcat reads");
        drop(stdin);
        assert!(child.wait().expect("kcat").success());
    }
}

fn parse(topic: &str, mut bytes: &[u8]) -> Vec<Row> {
    let mut rows = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.iter().position(|byte| *byte == b'\n').expect("a line");
        let line = String::from_utf8(bytes[..end].to_vec()).expect("numbers and headers");
        let fields: Vec<&str> = line.splitn(6, ' ').collect();
        let number = |field: usize| fields[field].parse::<i64>().expect("a number");
        bytes = &bytes[end + 1..];
        // A length of -1 is a null.
        let mut take = |length: i64| {
            let length = usize::try_from(length).ok()?;
            let (taken, rest) = bytes.split_at(length);
            bytes = rest;
            Some(taken.to_vec())
        };
        let (key, value) = (take(number(3)), take(number(4)));
        assert_eq!(bytes[0], b'\n');
        bytes = &bytes[1..];
        let key = key.map_or(Value::Null, |key| match String::from_utf8(key) {
            Ok(key) => json!(key),
            Err(error) => json!({"base64": STANDARD.encode(error.as_bytes())}),
        });
        let parsed = value.as_deref().map(serde_json::from_slice::<Value>);
        rows.push(Row {
            topic: topic.to_owned(),
            partition: number(0).unsigned_abs(),
            offset: number(1),
            key,
            timestamp: Timestamp::from_millis(number(2)).to_string(),
            headers: headers(fields.get(5).copied().unwrap_or_default()),
            bytes: matches!(parsed, Some(Err(_))).then(|| value.clone().unwrap_or_default()),
            value: parsed.and_then(Result::ok).unwrap_or_default(),
            raw: value.and_then(|value| String::from_utf8(value).ok()),
        });
    }
    rows
}

/// `name=value,name=value`.
fn headers(text: &str) -> std::collections::BTreeMap<String, String> {
    text.split(',')
        .filter_map(|header| header.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
