//! State that cannot be read stops its partition and nothing else; `state repair` drops it on
//! demand, and what was told stays told.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::path::Path;
use std::time::Duration;

use bus::embedded::{Embedded, EmbeddedSettings};
use bus::{Log as _, NewRecord, PollLimit, Record, Topic, TopicPartition};
use newsroom::Settings;
use serde_json::Value;

use support::process::{Daemon, Finished, newswire, run};
use support::records::tail;
use support::up::settled;
use support::wait_until;
use support::web::Web;

fn command(config: &Path, arguments: &[&str]) -> Finished {
    let mut all = vec!["-c", config.to_str().unwrap()];
    all.extend(arguments);
    run(&mut newswire(all))
}

fn ready(daemon: &mut Daemon) -> (u16, String) {
    runtime::server::probe(daemon.address(), "/readyz", Duration::from_secs(10)).unwrap()
}

#[test]
fn unreadable_state_stops_its_partition_until_it_is_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let web = Web::still(Settings { endless_interval: Duration::ZERO, ..Settings::default() });
    let config = web.config(folder.path(), &format!("[embedded]\npath = \"{}\"", path.display()));
    let up = || {
        Daemon::start("up", folder.path(), &mut newswire(["up", "-c", config.to_str().unwrap()]))
    };

    let mut daemon = up();
    daemon.address();
    settled(&mut daemon, &config, &web.expected());
    daemon.terminate();
    let told = tail(&config, "stories").len();
    assert!(told > 0);

    let log = Embedded::open(&path, EmbeddedSettings::default()).unwrap();
    let (place, feed) = a_feed(&log);
    // A record of a release to come, and some that a bad disk left: one of a feed that is polled.
    let bad = [
        (
            TopicPartition::new(Topic::PublisherState, 0),
            "story/from-the-future",
            &b"\xfa\x01\x02"[..],
        ),
        (TopicPartition::new(Topic::FeedState, 0), "feed/from-a-bad-disk", b"\xff\xfe\x00"),
        (place, feed.as_str(), b"\xff\xfe\x01"),
    ];
    for (place, key, value) in bad {
        let record = NewRecord {
            place,
            timestamp: runtime::clock::now(),
            key: Some(key.as_bytes().to_vec()),
            value: Some(value.to_vec()),
            headers: Vec::new(),
        };
        log.log().unwrap().append(vec![record]).unwrap();
    }
    drop(log);

    let mut daemon = up();
    let said = wait_until("the partitions are stopped", || {
        daemon.must_run();
        let log = daemon.log();
        let (status, body) = ready(&mut daemon);
        let names_all = bad.iter().all(|(_, key, _)| log.contains(key));
        if status == 503 && names_all { Ok(body) } else { Err(format!("{status}: {body}")) }
    });
    assert!(said.contains("is stopped") && said.contains("newswire state repair"), "{said}");
    daemon.must_run();
    daemon.terminate();

    let dry = command(&config, &["state", "repair", "--dry-run"]);
    let listed = dry.text();
    for (place, key, _) in bad {
        assert!(listed.contains(&format!("{place} \"{key}\" would be dropped")), "{listed}");
    }
    assert!(dry.failed(1).contains("dry run"));
    assert!(listed.contains(r"\xff\xfe\x00"), "nothing unprintable is printed: {listed:?}");
    let repaired = command(&config, &["state", "repair"]).good();
    assert!(repaired.contains("3 state record(s)"), "{repaired}");
    assert_eq!(repaired.matches("is read as a new feed").count(), 1, "{repaired}");
    assert!(command(&config, &["state", "repair"]).good().starts_with("0 state record(s)"));
    let letters = command(&config, &["dead-letters", "list", "--json"]).rows();
    let kept: Vec<&Value> =
        letters.iter().filter(|row| row["reason"] == "unreadable_state").collect();
    assert_eq!(kept.len(), 3, "{letters:#?}");
    // Put back with everything else it would stop its partition again.
    let replayed = command(&config, &["dead-letters", "replay"]).good();
    assert!(replayed.contains("3 record(s) of state were left"), "{replayed}");
    assert!(command(&config, &["state", "repair"]).good().starts_with("0 state record(s)"));
    let status = command(&config, &["status", "--json"]).rows();
    assert_eq!(status[0]["dead_letters"], 3, "{status:#?}");

    let mut daemon = up();
    wait_until("it is ready again", || {
        daemon.must_run();
        match ready(&mut daemon) {
            (200, _) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
    settled(&mut daemon, &config, &web.expected());
    daemon.terminate();
    assert_eq!(tail(&config, "stories").len(), told, "what was told is not told again");
    let log = Embedded::open(&path, EmbeddedSettings::default()).unwrap();
    assert!(newest(&log, place, &feed).is_some(), "the feed is polled again");
}

/// The key of a feed's state, and where it is: not in the first partition, which another record stops.
fn a_feed(log: &Embedded) -> (TopicPartition, String) {
    let records = (1..12).flat_map(|at| read(log, TopicPartition::new(Topic::FeedState, at)));
    let key = |record: &Record| String::from_utf8(record.key.clone().unwrap()).unwrap();
    records
        .map(|record| (record.place, key(&record)))
        .find(|(_, key)| key.starts_with("feed/"))
        .unwrap()
}

/// The newest value of a key.
fn newest(log: &Embedded, place: TopicPartition, key: &str) -> Option<Vec<u8>> {
    let is_its = |record: &Record| record.key.as_deref() == Some(key.as_bytes());
    read(log, place).into_iter().rfind(is_its).and_then(|record| record.value)
}

fn read(log: &Embedded, place: TopicPartition) -> Vec<Record> {
    let limit = PollLimit { records: 100_000, bytes: 1 << 30 };
    let mut log = log.log().unwrap();
    let (from, _) = log.bounds(place).unwrap();
    log.read(place, from, limit, Duration::ZERO).unwrap()
}
