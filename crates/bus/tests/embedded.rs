//! The embedded log keeps what every transport promises, and what only it does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails where it must, says what it measured, and may ask the time"
)]

mod conformance;

use std::path::PathBuf;

use bus::embedded::{Embedded, EmbeddedLog, EmbeddedSettings, EmbeddedTransport};
use bus::{BusError, GroupSpec, Log, NewRecord, TopicPartition, TopicSettings};

use conformance::Bench;

struct EmbeddedBench {
    folder: tempfile::TempDir,
    topics: TopicSettings,
    stages: Embedded,
}

impl EmbeddedBench {
    fn path(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    fn settings(&self) -> EmbeddedSettings {
        EmbeddedSettings { topics: self.topics.clone(), ..EmbeddedSettings::default() }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "other transports may not be there")]
fn bench(case: &str) -> Option<EmbeddedBench> {
    let folder = tempfile::tempdir().unwrap();
    let topics = conformance::small_topics(&format!("{case}."));
    let settings = EmbeddedSettings { topics: topics.clone(), ..EmbeddedSettings::default() };
    let stages = Embedded::open_for_stages(&folder.path().join("test.db"), settings).unwrap();
    Some(EmbeddedBench { folder, topics, stages })
}

impl Bench for EmbeddedBench {
    type Transport = EmbeddedTransport;
    type Log = EmbeddedLog;

    fn topics(&self) -> &TopicSettings {
        &self.topics
    }

    fn member(&self, spec: GroupSpec) -> EmbeddedTransport {
        self.stages.transport(spec).unwrap()
    }

    /// Each log as if it were another process: a handle of its own on the file.
    fn log(&self) -> EmbeddedLog {
        Embedded::open(&self.path(), self.settings()).unwrap().log().unwrap()
    }

    fn die_in_a_transaction(&self, _: &GroupSpec, records: Vec<NewRecord>) {
        let mut connection = rusqlite::Connection::open(self.path()).unwrap();
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
        for record in records {
            transaction
                .execute(
                    "INSERT INTO record (partition, offset, timestamp, compacted, key, value)
                     SELECT id, next, ?1, 1, ?2, ?3 FROM partition WHERE topic = ?4 AND number = ?5",
                    rusqlite::params![
                        record.timestamp.as_millis(),
                        record.key,
                        record.value,
                        self.topics.full_name(record.place.topic),
                        record.place.partition
                    ],
                )
                .unwrap();
        }
        drop(transaction);
    }

    fn lose_before(&self, place: TopicPartition, oldest: i64) {
        let connection = rusqlite::Connection::open(self.path()).unwrap();
        let name = self.topics.full_name(place.topic);
        let id: i64 = connection
            .query_row(
                "UPDATE partition SET oldest = ?1 WHERE topic = ?2 AND number = ?3 RETURNING id",
                rusqlite::params![oldest, name, place.partition],
                |row| row.get(0),
            )
            .unwrap();
        connection
            .execute("DELETE FROM record WHERE partition = ?1 AND offset < ?2", [id, oldest])
            .unwrap();
    }

    fn forget_group(&self, group: &str) {
        let connection = rusqlite::Connection::open(self.path()).unwrap();
        let name = format!("{}{group}", self.topics.prefix);
        let gone = connection.execute("DELETE FROM committed WHERE member_group = ?1", [name]);
        assert_ne!(gone.unwrap(), 0);
    }

    fn shares_partitions(&self) -> bool {
        false
    }
}

all_cases!(crate::bench);

#[test]
fn a_second_process_that_runs_stages_is_told_so() {
    let bench = bench("second").unwrap();
    let error = Embedded::open_for_stages(&bench.path(), bench.settings()).unwrap_err();
    assert!(matches!(&error, BusError::Setup(why) if why.contains("newswire up")), "{error}");
    // Commands get in all the same, but run no stages.
    let commands = Embedded::open(&bench.path(), bench.settings()).unwrap();
    let error = commands.transport(conformance::extractor("a")).err().unwrap();
    assert!(matches!(&error, BusError::Setup(why) if why.contains("newswire up")), "{error}");
    drop(bench.stages);
    Embedded::open_for_stages(
        &bench.folder.path().join("test.db"),
        EmbeddedSettings { topics: bench.topics.clone(), ..EmbeddedSettings::default() },
    )
    .unwrap();
}

#[test]
fn a_reset_empties_the_log_and_readers_go_on_with_what_comes_next() {
    let bench = bench("reset").unwrap();
    let place = conformance::at(bus::Topic::Stories, 0);
    let mut tail = bench.log();
    let write = |value: &str| {
        bench.log().append(vec![conformance::record(place, "k", value)]).unwrap();
    };
    write("old 1");
    write("old 2");
    let read = conformance::all(&mut tail, place);
    let next = read[1].offset + 1;
    bench.stages.reset().unwrap();
    assert_eq!(conformance::all(&mut bench.log(), place), []);
    write("new");
    let wait = conformance::PATIENCE;
    // The one that was there before, one that starts at the beginning, and one far behind.
    for from in [next, 0, 1] {
        let records = tail.read(place, from, conformance::LIMIT, wait).unwrap();
        assert_eq!(conformance::values(&records), ["new"]);
    }
}

#[test]
fn stories_can_be_read_with_any_sqlite_tool() {
    let bench = bench("view").unwrap();
    let place = conformance::at(bus::Topic::Stories, 0);
    let value = r#"{"event":"published","id":"x","version":1,"title":"Harbour reopens"}"#;
    let broken = conformance::record(place, "y", "no json");
    bench.log().append(vec![conformance::record(place, "x", value), broken]).unwrap();
    let plain = rusqlite::Connection::open(bench.path()).unwrap();
    let row: (String, String, i64, String) = plain
        .query_row(
            "SELECT id, title, version, value FROM stories WHERE event = 'published'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
    assert_eq!(row.1, "Harbour reopens");
    assert_eq!((row.0.as_str(), row.2, row.3.as_str()), ("x", 1, value));
    let count: i64 = plain.query_row("SELECT count(*) FROM stories", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 2);
}

#[test]
fn a_full_log_drops_what_was_consumed_and_then_pauses() {
    use bus::{CommitError, Topic, Transport};
    let folder = tempfile::tempdir().unwrap();
    let settings =
        EmbeddedSettings { max_size: 4 * 1024 * 1024, topics: conformance::small_topics("full.") };
    let stages = Embedded::open_for_stages(&folder.path().join("test.db"), settings).unwrap();
    let mut log = stages.log().unwrap();
    let place = conformance::at(Topic::Pages, 0);
    let page = || conformance::record(place, "k", &"x".repeat(100_000));
    // Nothing is consumed: at the cap it is full, and says so.
    let full = |log: &mut EmbeddedLog| {
        for count in 0..100 {
            match log.append(vec![page()]) {
                Ok(()) => {}
                Err(BusError::Away(why)) => {
                    assert!(why.contains("full"), "{why}");
                    return count;
                }
                Err(error) => panic!("{error}"),
            }
        }
        panic!("it was never full");
    };
    let fit = full(&mut log);
    assert!((25..45).contains(&fit), "{fit} pages fitted");
    assert!(stages.evicted().is_empty());

    // The stage at the end of the road can still work, and by that makes room.
    let spec = conformance::extractor("a");
    let mut member = stages.transport(spec.clone()).unwrap();
    conformance::join(&mut member, &spec);
    let read = conformance::take(&mut member, fit);
    member.begin().unwrap();
    let state = vec![conformance::record(conformance::at(Topic::SiteState, 0), "s", "1")];
    let next = read[read.len() - 1].offset + 1;
    member.commit(conformance::transaction(state, &[(place, next)])).unwrap();
    for _ in 0..10 {
        log.append(vec![page()]).unwrap();
    }
    assert!(stages.evicted().values().sum::<u64>() > 0);
    assert!(log.bounds(place).unwrap().0 > 0);

    // A stage whose own output finds no room waits in recover().
    full(&mut log);
    member.begin().unwrap();
    let outputs = (0..5).map(|_| page()).collect();
    let error = member.commit(conformance::transaction(outputs, &[(place, next)])).unwrap_err();
    assert!(matches!(error, CommitError::Doubtful(_)), "{error}");
    assert!(matches!(member.recover(), Err(BusError::Away(_))));
}

#[test]
fn who_only_reads_needs_to_write_nothing() {
    let bench = bench("reads").unwrap();
    let place = conformance::at(bus::Topic::Stories, 0);
    bench.log().append(vec![conformance::record(place, "k", "one")]).unwrap();
    let (path, settings) = (bench.path(), bench.settings());
    let reader = || Embedded::open_to_read(&path, settings.clone()).unwrap().log().unwrap();
    let mut beside = reader();
    assert_eq!(conformance::values(&conformance::all(&mut beside, place)), ["one"]);
    let refused = beside.append(vec![conformance::record(place, "k", "two")]).unwrap_err();
    assert!(refused.to_string().contains("readonly"), "{refused}");
    drop(beside);
    let EmbeddedBench { folder, stages, .. } = bench;
    drop(stages);
    // What readers and writers share cannot be made, as on a medium that is mounted to read.
    let shared = folder.path().join("test.db-shm");
    std::os::unix::fs::symlink("/nowhere/shared", shared).unwrap();
    assert_eq!(conformance::values(&conformance::all(&mut reader(), place)), ["one"]);
    // Left in the middle of work: without its WAL the file is not whole.
    std::fs::write(folder.path().join("test.db-wal"), "x").unwrap();
    let refused = Embedded::open_to_read(&path, settings.clone()).unwrap_err().to_string();
    assert!(refused.contains("test.db-wal") && refused.contains("copy both"), "{refused}");
    std::fs::remove_file(folder.path().join("test.db-wal")).unwrap();
    let refused = Embedded::open(&path, settings.clone()).unwrap_err().to_string();
    assert!(refused.contains("able to write"), "{refused}");
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let [text, other, versioned] = ["a.db", "b.db", "c.db"].map(|name| folder.path().join(name));
    std::fs::write(&text, "no database. ".repeat(100)).unwrap();
    let connection = rusqlite::Connection::open(&other).unwrap();
    connection.execute_batch("CREATE TABLE theirs (a)").unwrap();
    drop(connection);
    // Others count the versions of their tables, too.
    let connection = rusqlite::Connection::open(&versioned).unwrap();
    connection.execute_batch("CREATE TABLE theirs (a); PRAGMA user_version = 1").unwrap();
    drop(connection);
    for path in [text, other, versioned] {
        for open in [Embedded::open, Embedded::open_for_stages, Embedded::open_to_read] {
            let error = open(&path, EmbeddedSettings::default()).unwrap_err();
            assert!(error.to_string().contains("[embedded] path"), "{error}");
        }
    }
    let connection = rusqlite::Connection::open(folder.path().join("b.db")).unwrap();
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}
