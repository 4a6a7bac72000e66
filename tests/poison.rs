//! Records that nobody can process, in every topic that a stage reads: each becomes a dead letter
//! with its reason, the stream goes on, and a replay is made once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bus::embedded::{Embedded, EmbeddedSettings};
use bus::{Log as _, NewRecord, Topic, TopicPartition};
use newsroom::Settings;
use serde_json::Value;

use support::process::{Daemon, Finished, newswire, run};
use support::records::tail;
use support::stories::nothing_invented;
use support::up::settled;
use support::wait_until;
use support::web::Web;

/// A record that should not be there.
struct Poison {
    place: TopicPartition,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    /// Whether the topic gives it a meaning after all.
    is_allowed: bool,
}

/// Every kind of poison for a topic.
fn poisons(topic: Topic, log: &EmbeddedSettings) -> Vec<Poison> {
    let largest = log.topics.spec(topic).max_record_bytes;
    let mut page = br#"{"entry":{"id":"x"}}"#.to_vec();
    // The rest is its key and its header.
    page.resize(largest - "largest".len() - "left-by".len() - "a stranger".len(), 0xff);
    let values: [(&str, Option<Vec<u8>>); 8] = [
        ("nojson", Some(b"no JSON at all \xff\xfe".to_vec())),
        ("number", Some(b"17".to_vec())),
        ("list", Some(br#"[{"id":"list"}]"#.to_vec())),
        ("types", Some(br#"{"id":7,"url":[],"entry":"no","record":"entry"}"#.to_vec())),
        ("deep", Some([b"[".repeat(100_000), b"]".repeat(100_000)].concat())),
        ("largest", Some(page)),
        ("empty", Some(Vec::new())),
        ("null", None),
    ];
    let mut poisons: Vec<Poison> = values
        .into_iter()
        .enumerate()
        .map(|(index, (name, value))| Poison {
            place: TopicPartition::new(topic, index as u32 % log.topics.spec(topic).partitions),
            key: Some(name.as_bytes().to_vec()),
            // The removal of a feed that is not there.
            is_allowed: topic == Topic::Feeds && value.is_none(),
            value,
        })
        .collect();
    let binary = Some(vec![0xc3, 0x28, 0x00, 0xff]);
    let place = TopicPartition::new(topic, 0);
    let value = Some(br#"{"id":"binary"}"#.to_vec());
    poisons.push(Poison { place, key: binary, value: value.clone(), is_allowed: false });
    if !log.topics.spec(topic).is_compacted() {
        poisons.push(Poison { place, key: None, value, is_allowed: false });
    }
    poisons
}

fn command(config: &Path, arguments: &[&str]) -> Finished {
    let mut all = vec!["-c", config.to_str().unwrap()];
    all.extend(arguments);
    run(&mut newswire(all))
}

fn letters(config: &Path) -> Vec<Value> {
    command(config, &["dead-letters", "list", "--json"]).rows()
}

fn append(path: &Path, records: Vec<NewRecord>) {
    let log = Embedded::open(path, EmbeddedSettings::default()).unwrap();
    log.log().unwrap().append(records).unwrap();
}

#[test]
fn poison_becomes_dead_letters_and_the_stream_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let web = Web::still(Settings { endless_interval: Duration::ZERO, ..Settings::default() });
    let config = web.config(folder.path(), &format!("[embedded]\npath = \"{}\"", path.display()));
    let mut up = newswire(["up", "-c", config.to_str().unwrap()]);
    let mut daemon = Daemon::start("up", folder.path(), &mut up);
    // It has made its log by then.
    daemon.address();
    settled(&mut daemon, &config, &web.expected());

    let settings = EmbeddedSettings::default();
    let now = runtime::clock::now();
    let mut bad = BTreeMap::new();
    for topic in [Topic::Feeds, Topic::Pushes, Topic::Entries, Topic::Pages, Topic::Articles] {
        for poison in poisons(topic, &settings) {
            append(
                &path,
                vec![NewRecord {
                    place: poison.place,
                    timestamp: now,
                    key: poison.key.clone(),
                    value: poison.value.clone(),
                    headers: vec![("left-by".to_owned(), b"a stranger".to_vec())],
                }],
            );
            if !poison.is_allowed {
                let name = (topic.name().to_owned(), poison.key);
                assert!(bad.insert(name, poison.value).is_none());
            }
        }
    }
    let there = wait_until("each has its dead letter", || {
        daemon.must_run();
        let letters = letters(&config);
        if letters.len() < bad.len() {
            let known: Vec<String> =
                letters.iter().map(|row| format!("{} {}", row["topic"], row["key"])).collect();
            return Err(format!("{} of {}: {known:#?}", letters.len(), bad.len()));
        }
        Ok(letters)
    });
    // Whole, and with its reason.
    assert_eq!(there.len(), bad.len(), "{there:#?}");
    for letter in &there {
        for key in ["reason", "message", "stage", "timestamp"] {
            assert!(!letter[key].as_str().unwrap().is_empty(), "{key}: {letter}");
        }
        let key = match &letter["key"] {
            Value::Null => None,
            Value::String(text) => Some(text.clone().into_bytes()),
            bytes => Some(STANDARD.decode(bytes["base64"].as_str().unwrap()).unwrap()),
        };
        let name = (letter["topic"].as_str().unwrap().to_owned(), key);
        let value = bad.remove(&name).unwrap_or_else(|| panic!("{name:?} is no poison of ours"));
        let shown =
            command(&config, &["dead-letters", "show", &letter["offset"].to_string()]).good();
        let shown: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["headers"]["left-by"], "a stranger");
        match value {
            None => assert!(shown["value"].is_null()),
            Some(value) => match shown["value"]["base64"].as_str() {
                Some(text) => assert!(STANDARD.decode(text).unwrap() == value, "{name:?}"),
                None => {
                    assert_eq!(shown["value"], serde_json::from_slice::<Value>(&value).unwrap());
                }
            },
        }
    }
    let by_reason =
        command(&config, &["dead-letters", "list", "--json", "--topic", "entries"]).rows();
    assert_eq!(by_reason.len(), there.iter().filter(|row| row["topic"] == "entries").count());
    assert!(
        command(&config, &["dead-letters", "list", "--topic", "nothing"])
            .failed(2)
            .contains("entries")
    );

    // Everything behind the poison arrives.
    web.go_to(38);
    let topics = settled(&mut daemon, &config, &web.expected());
    nothing_invented(&topics, &web.expected());
    daemon.must_run();
    let ready =
        runtime::server::probe(daemon.address(), "/readyz", Duration::from_secs(10)).unwrap();
    assert_eq!(ready.0, 200, "poison makes nobody unready: {}", ready.1);

    replays_once(&config, &mut daemon, &there);
    a_mended_letter_goes_its_way_once(&config, &path, &mut daemon, &web);
    daemon.terminate();
}

/// What is still poison comes back as a new letter; what was replayed is not replayed again.
fn replays_once(config: &Path, daemon: &mut Daemon, there: &[Value]) {
    let of_entries = there.iter().filter(|row| row["topic"] == "entries");
    let old: BTreeSet<i64> = of_entries.map(|row| row["offset"].as_i64().unwrap()).collect();
    let said = command(config, &["dead-letters", "replay", "--topic", "entries"]).good();
    assert_eq!(said, format!("replayed {} dead letter(s)\n", old.len()));
    let new = wait_until("what is still poison is a dead letter again", || {
        daemon.must_run();
        let letters =
            command(config, &["dead-letters", "list", "--json", "--topic", "entries"]).rows();
        if letters.len() == old.len() { Ok(letters) } else { Err(format!("{letters:#?}")) }
    });
    for letter in &new {
        assert!(!old.contains(&letter["offset"].as_i64().unwrap()), "{letter}");
    }
    assert_eq!(letters(config).len(), there.len());
    let first = old.first().unwrap().to_string();
    let again = command(config, &["dead-letters", "replay", &first]);
    assert!(again.failed(1).contains("nothing was replayed"), "{again:?}");
    assert!(command(config, &["dead-letters", "show", &first]).failed(1).contains("replayed"));
    assert_eq!(letters(config).len(), there.len(), "no double");
    let status = command(config, &["status", "--json"]).rows();
    assert_eq!(status[0]["dead_letters"], there.len(), "neither replayed ones nor marks count");
}

/// A record that was a dead letter by a fault of newswire, mended since.
fn a_mended_letter_goes_its_way_once(config: &Path, path: &Path, daemon: &mut Daemon, web: &Web) {
    let stories = tail(config, "stories").len();
    let entries = tail(config, "entries");
    let row = entries.iter().find(|row| row.value["link"].is_string()).unwrap();
    let mut entry = row.value.clone();
    entry["revision"] = 100.into();
    let place = TopicPartition::new(Topic::Entries, row.partition as u32);
    let poison = stage::Poison::new("panic", "a fault of an earlier release");
    append(
        path,
        vec![NewRecord {
            place: TopicPartition::new(Topic::DeadLetters, 0),
            timestamp: runtime::clock::now(),
            key: Some(row.key().as_bytes().to_vec()),
            value: Some(entry.to_string().into_bytes()),
            headers: stage::dead_letter_headers("fetcher", place, row.offset, &poison),
        }],
    );
    let replay = || command(config, &["dead-letters", "replay", "--reason", "panic"]).good();
    assert_eq!(replay(), "replayed 1 dead letter(s)\n");
    assert_eq!(replay(), "replayed 0 dead letter(s)\n");
    let topics = settled(daemon, config, &web.expected());
    let of_it = |topic: &str| -> usize {
        let is_it = |row: &&support::records::Row| match topic {
            "pages" => row.page().is_some_and(|(page, _)| page.entry.revision == 100),
            "entries" => row.value["revision"] == 100,
            _ => row.value["entry"]["revision"] == 100,
        };
        topics[topic].iter().filter(is_it).count()
    };
    assert_eq!((of_it("entries"), of_it("pages"), of_it("articles")), (1, 1, 1));
    assert_eq!(topics["stories"].len(), stories, "it says nothing new");

    // The very record once more, past the guard of `dead-letters`: its page is there already.
    append(
        path,
        vec![NewRecord {
            place,
            timestamp: runtime::clock::now(),
            key: Some(row.key().as_bytes().to_vec()),
            value: Some(entry.to_string().into_bytes()),
            headers: Vec::new(),
        }],
    );
    wait_until("it is consumed", || {
        daemon.must_run();
        let status = command(config, &["status", "--json"]).rows();
        let lag = &status[0]["lag"]["fetcher"]["entries"];
        if *lag == 0 { Ok(()) } else { Err(lag.to_string()) }
    });
    let pages = tail(config, "pages");
    let pages = pages.iter().filter_map(support::records::Row::page);
    assert_eq!(pages.filter(|(page, _)| page.entry.revision == 100).count(), 1);
}
