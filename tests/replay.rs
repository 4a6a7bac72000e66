//! `newswire replay` and `newswire withdraw` on the log that a demo leaves behind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use bus::embedded::{Embedded, EmbeddedSettings};
use bus::{GroupSpec, Log, NewRecord, PollLimit, Topic, TopicPartition, Transport};
use events::Timestamp;
use rusqlite::Connection;
use serde_json::Value;

use support::process::{Finished, newswire, run};

const BEGINNING: &str = "2000-01-01T00:00:00Z";

fn demo(folder: &Path, arguments: &[&str]) -> Finished {
    let mut all = arguments.to_vec();
    all.push("--demo");
    run(newswire(all).current_dir(folder))
}

/// Demos that begin at the same moment would both want the usual port.
static ONE_DEMO: Mutex<()> = Mutex::new(());

/// Runs a demo to its end.
fn make(folder: &Path, arguments: &[&str]) {
    let _one = ONE_DEMO.lock().unwrap();
    run(newswire(arguments).current_dir(folder)).good();
}

/// Keys, values, times and headers of a topic, by partition.
fn records(folder: &Path, prefix: &str, topic: &str) -> BTreeMap<i64, Vec<Value>> {
    let rows = demo(
        folder,
        &["tail", "--json", "--from-beginning", "-e", "--topic", topic, "--prefix", prefix],
    )
    .rows();
    let mut partitions: BTreeMap<i64, Vec<Value>> = BTreeMap::new();
    for mut row in rows {
        let partition = row["partition"].as_i64().unwrap();
        let row = row.as_object_mut().unwrap();
        row.remove("topic");
        row.remove("offset");
        partitions.entry(partition).or_default().push(Value::Object(row.clone()));
    }
    partitions
}

#[test]
fn a_replay_is_the_original_and_every_replay_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, &["demo", "--max", "25", "--pace", "4"]);

    for prefix in ["one.", "two."] {
        let done = demo(folder, &["replay", "--from", BEGINNING, "--prefix", prefix]);
        done.good();
    }
    for topic in ["stories", "stories-latest", "groups"] {
        let (one, two) = (records(folder, "one.", topic), records(folder, "two.", topic));
        assert_eq!(one, two, "{topic}: two replays");
        let original = records(folder, "newswire.", topic);
        assert!(!original.is_empty(), "{topic}");
        for (partition, records) in original {
            // The demo ends with articles that it has not published yet; compaction may have
            // taken older records of a key away.
            let replayed = &one[&partition];
            if topic == "stories" {
                assert_eq!(records, replayed[..records.len()], "{topic}/{partition}");
            }
            for record in &records {
                assert!(replayed.contains(record), "{topic}/{partition}: {record}");
            }
        }
    }

    let pages =
        demo(folder, &["replay", "--from", BEGINNING, "--prefix", "pages.", "--from-pages"]);
    pages.good();
    let ids = |prefix| {
        let stories = records(folder, prefix, "stories").into_values().flatten();
        let mut ids: Vec<String> = stories.map(|row| row["key"].to_string()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let (of_pages, of_articles) = (ids("pages."), ids("one."));
    assert!(of_articles.iter().all(|id| of_pages.contains(id)), "the pages tell no less");

    let again = demo(folder, &["replay", "--from", BEGINNING, "--prefix", "one."]);
    again.failed(1);
    let live = demo(folder, &["replay", "--from", BEGINNING, "--prefix", "newswire."]);
    live.failed(2);
    let later = demo(folder, &["replay", "--from", "2100-01-01T00:00:00Z", "--prefix", "later."]);
    assert!(later.failed(1).contains("articles"), "{}", later.stderr);
}

#[test]
fn a_story_withdrawn_by_command_goes_for_good() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, &["demo", "--max", "3", "--pace", "4"]);
    let stories = records(folder, "newswire.", "stories");
    let story = stories.into_values().flatten().next().unwrap();
    let (id, url) = (story["key"].as_str().unwrap(), story["value"]["url"].as_str());
    let unknown = "https://example.org/never-published";
    for (name, code) in [(id, 0), (url.unwrap_or(id), 0), (unknown, 0), ("no such name", 2)] {
        let done = demo(folder, &["withdraw", name, "--reason", "court order 12"]);
        assert_eq!(done.code, Some(code), "{name}: {}", done.stderr);
        let is_told = done.stderr.contains("no story of this id was published so far");
        assert_eq!(is_told, name == unknown, "{name}: {}", done.stderr);
    }
    demo(folder, &["withdraw", id, "--reason", " "]).failed(2);
    let done = demo(folder, &["replay", "--from", BEGINNING, "--prefix", "after."]);
    done.good();
    let rows = records(folder, "after.", "stories").into_values().flatten();
    let events: Vec<Value> = rows.filter(|row| row["key"] == id).collect();
    let last = events.last().unwrap();
    assert_eq!(last["value"]["event"], "withdrawn");
    assert_eq!(last["value"]["text"], Value::Null);
    let withdrawn = events.iter().filter(|row| row["value"]["event"] == "withdrawn").count();
    assert_eq!(withdrawn, 1, "two commands, one event");
    let latest = records(folder, "after.", "stories-latest").into_values().flatten();
    let newest = latest.rev().find(|row| row["key"] == id).unwrap();
    assert_eq!(newest["value"], Value::Null, "a tombstone");
}

/// The topics in a log that have another prefix than the live ones.
fn other_topics(log: &Path) -> Vec<String> {
    let sqlite = Connection::open(log).unwrap();
    let mut statement = sqlite
        .prepare("SELECT DISTINCT topic FROM partition WHERE topic NOT LIKE 'newswire.%'")
        .unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_prefix_that_is_wrong_is_refused_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, &["demo", "--max", "3", "--pace", "4"]);
    let too_long = "x".repeat(201);
    for prefix in ["", "a b/", "r1/", &too_long] {
        let replay = demo(folder, &["replay", "--from", BEGINNING, "--prefix", prefix]);
        assert!(replay.failed(2).contains("--prefix"), "{}", replay.stderr);
        let tail = demo(folder, &["tail", "-e", "--prefix", prefix]);
        assert!(tail.failed(2).contains("--prefix"), "{}", tail.stderr);
    }
    let typo = demo(folder, &["tail", "-e", "--prefix", "zzz."]);
    assert!(typo.failed(2).contains("zzz.stories"), "{}", typo.stderr);
    let nothing = demo(folder, &["replay", "--from", "2100-01-01T00:00:00Z", "--prefix", "later."]);
    nothing.failed(1);
    let log = folder.join("newswire-demo.db");
    assert_eq!(other_topics(&log), Vec::<String>::new());

    // What is live is followed whether or not there is anything in it.
    Embedded::open(&log, EmbeddedSettings::default()).unwrap().reset().unwrap();
    for prefix in [&[][..], &["--prefix", "newswire."]] {
        let tail = demo(folder, &[&["tail", "-e", "--from-beginning"], prefix].concat());
        assert_eq!(tail.good(), "");
    }
}

#[test]
fn a_demo_that_was_started_anew_misses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    make(folder, &["demo", "--max", "3", "--pace", "4"]);
    let start = runtime::clock::now().to_string();
    make(folder, &["demo", "--max", "3", "--pace", "4"]);
    for (from, prefix) in [(start.as_str(), "start."), (BEGINNING, "beginning.")] {
        for more in [&[][..], &["--from-pages"]] {
            let prefix = format!("{}{prefix}", more.len());
            let replay = ["replay", "--from", from, "--prefix", &prefix];
            demo(folder, &[&replay, more].concat()).good();
        }
    }
}

#[test]
fn a_range_is_whole_unless_something_of_it_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("newswire-demo.db");
    let embedded = Embedded::open_for_stages(&log, EmbeddedSettings::default()).unwrap();
    let now = runtime::clock::now();
    let days_ago = |days: i64| now.plus_millis(-days * 86_400_000);
    let article = |at: Timestamp| NewRecord {
        place: TopicPartition::new(Topic::Articles, 0),
        timestamp: at,
        key: Some(b"key".to_vec()),
        value: Some(b"{}".to_vec()),
        headers: Vec::new(),
    };
    embedded.log().unwrap().append(vec![article(days_ago(9)), article(days_ago(5))]).unwrap();
    // A member that polls keeps house: articles stay for 7 days.
    let mut member = embedded
        .transport(GroupSpec {
            group: "publisher",
            inputs: vec![Topic::Articles],
            changelogs: vec![Topic::PublisherState],
            instance: "one".to_owned(),
        })
        .unwrap();
    let limit = PollLimit { records: 1, bytes: 1 };
    for _ in 0..2 {
        member.poll(Duration::ZERO, limit).unwrap();
    }
    let bounds = embedded.log().unwrap().bounds(TopicPartition::new(Topic::Articles, 0)).unwrap();
    assert_eq!(bounds, (1, 2));

    let replay = |days: i64| {
        let (from, prefix) = (days_ago(days).to_string(), format!("from{days}."));
        demo(folder.path(), &["replay", "--from", &from, "--prefix", &prefix])
    };
    for days in [6, 8] {
        let done = replay(days).good();
        assert!(done.contains("replayed 1 article(s)"), "{days}: {done}");
    }
    for days in [9, 10] {
        assert!(replay(days).failed(1).contains("retention"));
    }
    assert!(!other_topics(&log).iter().any(|topic| topic.starts_with("from9.")));
}
