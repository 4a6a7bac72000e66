//! The SQLite file of the embedded log: settings of the connection, tables, views.
//!
//! Sources of the settings: reliability research, part C (measured), and sqlite.org/pragma.html.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Error, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};

use super::sql::away_or;
use crate::{BusError, Topic, TopicSettings, TopicState};

/// SQLite 3.7.0 to 3.51.2 can corrupt a WAL file when one connection checkpoints while another
/// one writes (sqlite.org/wal.html, "The WAL reset bug").
const OLDEST_SOUND_SQLITE: i32 = 3_051_003;

/// How long a connection waits for another one.
const PATIENCE: Duration = Duration::from_secs(5);

/// Version of the tables below, in `PRAGMA user_version`.
const SCHEMA_VERSION: i64 = 1;

/// `record` is a rowid table: large rows split badly in the tree of a table without rowids.
/// `compacted` repeats what the topic says so that the indexes that only compacted topics need
/// stay empty for all others. What a partition holds begins at `origin`, 0 before the first reset;
/// `deleted` is the newest timestamp of what was deleted since, by age or at the size cap.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS partition (
    id INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    number INTEGER NOT NULL,
    oldest INTEGER NOT NULL DEFAULT 0,
    next INTEGER NOT NULL DEFAULT 0,
    origin INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER,
    UNIQUE (topic, number)
) STRICT;
CREATE TABLE IF NOT EXISTS record (
    id INTEGER PRIMARY KEY,
    partition INTEGER NOT NULL REFERENCES partition (id),
    offset INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    compacted INTEGER NOT NULL,
    key BLOB,
    headers TEXT,
    value BLOB,
    UNIQUE (partition, offset)
) STRICT;
CREATE INDEX IF NOT EXISTS record_by_key ON record (partition, key) WHERE compacted = 1;
CREATE INDEX IF NOT EXISTS tombstone ON record (partition, offset)
    WHERE compacted = 1 AND value IS NULL;
CREATE TABLE IF NOT EXISTS committed (
    member_group TEXT NOT NULL,
    partition INTEGER NOT NULL REFERENCES partition (id),
    offset INTEGER NOT NULL,
    PRIMARY KEY (member_group, partition)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS member (
    member_group TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    instance TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS consumer (
    member_group TEXT NOT NULL,
    topic TEXT NOT NULL,
    PRIMARY KEY (member_group, topic)
) STRICT, WITHOUT ROWID;
CREATE VIEW IF NOT EXISTS log AS
    SELECT p.topic AS topic, p.number AS partition, r.offset AS offset,
        strftime('%Y-%m-%dT%H:%M:%fZ', r.timestamp / 1000.0, 'unixepoch') AS time,
        CAST(r.key AS TEXT) AS key, r.headers AS headers, CAST(r.value AS TEXT) AS value
    FROM record r JOIN partition p ON p.id = r.partition;
";

/// What a file lacks that was made before deletions were noted. No new version: a newswire of that
/// time can still open it. What it deleted may be as young as the first record that it left.
const DELETIONS: &str = "
ALTER TABLE partition ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
ALTER TABLE partition ADD COLUMN deleted INTEGER;
UPDATE partition SET deleted =
    (SELECT r.timestamp - 1 FROM record r WHERE r.partition = partition.id
     ORDER BY r.offset LIMIT 1)
    WHERE oldest > 0;
";

/// Why a file cannot be opened.
fn cannot_open(path: &Path, error: Error) -> BusError {
    away_or(error, |error| {
        let what_to_do = match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => {
                "; it is not newswire's: name another file in [embedded] path"
            }
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                "; the folder must be there, and this user able to write the log and its folder"
            }
            _ => "",
        };
        BusError::Setup(format!("cannot open {}: {error}{what_to_do}", path.display()))
    })
}

/// Opens a connection to an existing file that only reads, where nothing may be written as well: on a
/// medium that is mounted so, for a user who may not, on a full disk.
pub(super) fn connect_to_read(path: &Path) -> Result<Connection, BusError> {
    let cannot = |error| cannot_open(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let settings =
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;";
    let connection = Connection::open_with_flags(path, flags).map_err(cannot)?;
    connection.busy_timeout(PATIENCE).map_err(cannot)?;
    let is_read = connection.execute_batch(settings).and_then(|()| version(&connection));
    let Err(error) = is_read else { return Ok(connection) };
    // Where the files that readers and writers share cannot be made, and nobody writes: there would be
    // a WAL (sqlite.org/wal.html#readonly).
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    let cannot_share = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure)
    );
    if !cannot_share {
        return Err(cannot(error));
    }
    // An empty one was made by the attempt.
    if std::fs::metadata(&wal).is_ok_and(|wal| wal.len() > 0) {
        return Err(BusError::Setup(format!(
            "cannot read {} where nothing can be written: its newest records are in {} still; copy \
             both files into a folder that can be written, and read them there",
            path.display(),
            Path::new(&wal).display()
        )));
    }
    let escaped =
        path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let name = format!("file:{escaped}?immutable=1");
    let flags = flags | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(name, flags).map_err(cannot)?;
    connection.execute_batch(settings).map_err(cannot)?;
    Ok(connection)
}

/// Opens a connection to an existing or new file, with all settings of a connection.
pub(super) fn connect(path: &Path) -> Result<Connection, BusError> {
    let cannot = |error| cannot_open(path, error);
    if rusqlite::version_number() < OLDEST_SOUND_SQLITE {
        return Err(BusError::Setup(format!(
            "SQLite {} is linked, 3.51.3 or later is needed: older ones can corrupt the file",
            rusqlite::version()
        )));
    }
    let connection = Connection::open(path).map_err(cannot)?;
    connection.busy_timeout(PATIENCE).map_err(cannot)?;
    // The order matters: page size and vacuum mode only before the first table, WAL after them.
    connection
        .execute_batch(
            "PRAGMA page_size = 8192;
             PRAGMA auto_vacuum = INCREMENTAL;
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA fullfsync = ON;
             PRAGMA wal_autocheckpoint = 2000;
             PRAGMA journal_size_limit = 67108864;
             PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON;
             PRAGMA mmap_size = 0;",
        )
        .map_err(cannot)?;
    Ok(connection)
}

/// Makes the tables and the topics that are missing; refuses partition counts that do not match.
pub(super) fn prepare(connection: &mut Connection, topics: &TopicSettings) -> Result<(), BusError> {
    writing(connection, |transaction| {
        refuse_mismatches(transaction, topics)?;
        make(transaction, topics).map(drop)
    })
}

/// Makes the tables and the topics that are missing; those that are there are left as they are.
pub(super) fn make_missing(
    connection: &mut Connection,
    topics: &TopicSettings,
) -> Result<Vec<Topic>, BusError> {
    writing(connection, |transaction| make(transaction, topics))
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Whether tables are those of another program, which may count its own versions.
fn is_foreign(connection: &Connection, version: i64) -> rusqlite::Result<bool> {
    let (any, ours): (bool, i64) = connection.query_row(
        "SELECT count(*) > 0, sum(name IN ('partition', 'record', 'committed')) FROM sqlite_schema
         WHERE type = 'table'",
        [],
        |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.unwrap_or(0))),
    )?;
    Ok(if version == 0 { any } else { ours < 3 })
}

/// Whether all is there that is read: the tables as they are now, and all topics. Refuses partition
/// counts that do not match.
pub(super) fn is_complete(
    connection: &Connection,
    topics: &TopicSettings,
) -> Result<bool, BusError> {
    if !is_made(connection)? {
        return Ok(false);
    }
    refuse_mismatches(connection, topics)?;
    let is_whole = states(connection, topics)?.iter().all(|state| state.partitions > 0);
    Ok(is_whole && notes_deletions(connection).map_err(unusable)?)
}

/// Whether the tables are there; an error where they are those of another newswire or program.
pub(super) fn is_made(connection: &Connection) -> Result<bool, BusError> {
    let version = version(connection).map_err(unusable)?;
    if is_foreign(connection, version).map_err(unusable)? {
        return Err(BusError::Setup(
            "the file is another program's database: name another one in [embedded] path"
                .to_owned(),
        ));
    }
    if version != 0 && version != SCHEMA_VERSION {
        return Err(BusError::Setup(format!(
            "the log has format {version}, this newswire knows {SCHEMA_VERSION}: use the newswire \
             that wrote it, or begin with a new file"
        )));
    }
    Ok(version != 0)
}

/// All topics as they are in the log, with what is wrong.
pub(super) fn states(
    connection: &Connection,
    topics: &TopicSettings,
) -> Result<Vec<TopicState>, BusError> {
    let counts = if is_made(connection)? {
        partition_counts(connection).map_err(unusable)?
    } else {
        BTreeMap::new()
    };
    Ok(Topic::ALL
        .into_iter()
        .map(|topic| {
            let partitions = counts.get(&topics.full_name(topic)).copied().unwrap_or(0);
            let fault = fault(topics, topic, partitions);
            TopicState { topic, partitions, faults: fault.into_iter().collect() }
        })
        .collect())
}

fn partition_counts(connection: &Connection) -> rusqlite::Result<BTreeMap<String, u32>> {
    let mut statement =
        connection.prepare("SELECT topic, count(*) FROM partition GROUP BY topic")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// What is wrong with a topic that has so many partitions, and what mends it.
fn fault(topics: &TopicSettings, topic: Topic, found: u32) -> Option<String> {
    let name = topics.full_name(topic);
    let wanted = topics.spec(topic).partitions;
    if found == wanted {
        return None;
    }
    if found == 0 {
        return Some(format!("topic {name} is missing"));
    }
    let remedy = match input_of(topic) {
        Some(input) => format!("it follows [topics.{input}]"),
        None if found == topic.default_spec().partitions => {
            format!("set [topics.{topic}] partitions = {found} or take it out")
        }
        None => format!("set [topics.{topic}] partitions = {found}"),
    };
    Some(format!(
        "topic {name} has {found} partitions in the log, the settings say {wanted}: {remedy}"
    ))
}

/// The topic whose settings a changelog follows.
fn input_of(changelog: Topic) -> Option<Topic> {
    match changelog {
        Topic::FeedState => Some(Topic::Feeds),
        Topic::DownloadState => Some(Topic::Entries),
        Topic::SiteState => Some(Topic::Pages),
        Topic::PublisherState => Some(Topic::Articles),
        _ => None,
    }
}

/// Keys would hash elsewhere, and state would not be where its owner looks.
fn refuse_mismatches(connection: &Connection, topics: &TopicSettings) -> Result<(), BusError> {
    let faults: Vec<String> = states(connection, topics)?
        .into_iter()
        .filter(|state| state.partitions > 0)
        .flat_map(|state| state.faults)
        .collect();
    if faults.is_empty() {
        return Ok(());
    }
    Err(BusError::Setup(format!(
        "partition counts cannot change once there are records: set them to what is in the log, or \
         start a new file\n  {}",
        faults.join("\n  ")
    )))
}

fn make(transaction: &Transaction<'_>, topics: &TopicSettings) -> Result<Vec<Topic>, BusError> {
    let missing: Vec<Topic> = states(transaction, topics)?
        .into_iter()
        .filter(|state| state.partitions == 0)
        .map(|state| state.topic)
        .collect();
    make_tables(transaction, topics).map_err(unusable)?;
    for topic in &missing {
        for place in topics.partitions(*topic) {
            transaction
                .execute(
                    "INSERT INTO partition (topic, number) VALUES (?1, ?2)",
                    params![topics.full_name(*topic), place.partition],
                )
                .map_err(unusable)?;
        }
    }
    Ok(missing)
}

fn make_tables(transaction: &Transaction<'_>, topics: &TopicSettings) -> rusqlite::Result<()> {
    transaction.execute_batch(TABLES)?;
    if !notes_deletions(transaction)? {
        transaction.execute_batch(DELETIONS)?;
    }
    transaction.execute_batch(&story_view(topics))?;
    transaction.execute_batch(&format!("PRAGMA user_version = {SCHEMA_VERSION}"))
}

fn notes_deletions(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT count(*) > 0 FROM pragma_table_info('partition') WHERE name = 'deleted'",
        [],
        |row| row.get(0),
    )
}

/// Runs `work` in a write transaction.
fn writing<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, BusError>,
) -> Result<T, BusError> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unusable)?;
    let result = work(&transaction)?;
    transaction.commit().map_err(unusable)?;
    Ok(result)
}

fn unusable(error: Error) -> BusError {
    away_or(error, |error| BusError::Setup(format!("the log: {error}")))
}

/// The stories for people with any SQLite tool. Made for the prefix that comes first; others are
/// found in the view `log`.
fn story_view(topics: &TopicSettings) -> String {
    let name = topics.full_name(Topic::Stories).replace('\'', "''");
    format!(
        "CREATE VIEW IF NOT EXISTS stories AS
         SELECT time, value ->> '$.event' AS event, key AS id, value ->> '$.version' AS version,
             value ->> '$.publisher.domain' AS publisher, value ->> '$.language' AS language,
             value ->> '$.title' AS title, value ->> '$.published_at' AS published_at,
             value ->> '$.url' AS url, value ->> '$.text' AS text, value
         FROM (SELECT l.time AS time, l.key AS key,
                   CASE WHEN json_valid(l.value) THEN l.value END AS value
               FROM log l WHERE l.topic = '{name}');"
    )
}

#[cfg(test)]
mod tests {
    use events::Timestamp;

    use super::*;
    use crate::embedded::{Embedded, EmbeddedSettings};
    use crate::{Log, NewRecord, TopicPartition};

    fn settings(prefix: &str) -> EmbeddedSettings {
        EmbeddedSettings { topics: TopicSettings::new(prefix), ..EmbeddedSettings::default() }
    }

    fn partitions(path: &Path) -> i64 {
        let sqlite = Connection::open(path).unwrap();
        sqlite.query_row("SELECT count(*) FROM partition", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn partition_counts_that_do_not_match_are_all_told_with_what_mends_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let mut made = settings("newswire.");
        made.topics.spec_mut(Topic::Groups).partitions = 2;
        drop(Embedded::open(&path, made).unwrap());
        let before = partitions(&path);
        let mut wrong = settings("newswire.");
        for (topic, partitions) in [(Topic::Pages, 6), (Topic::SiteState, 6), (Topic::Stories, 3)] {
            wrong.topics.spec_mut(topic).partitions = partitions;
        }
        let told = [
            "topic newswire.pages has 12 partitions in the log, the settings say 6: set \
             [topics.pages] partitions = 12 or take it out",
            "topic newswire.stories has 6 partitions in the log, the settings say 3: set \
             [topics.stories] partitions = 6 or take it out",
            "topic newswire.groups has 2 partitions in the log, the settings say 6: set \
             [topics.groups] partitions = 2",
            "topic newswire.site-state has 12 partitions in the log, the settings say 6: it \
             follows [topics.pages]",
        ];
        for open in [Embedded::open, Embedded::open_for_stages] {
            let error = open(&path, wrong.clone()).unwrap_err();
            let BusError::Setup(error) = error else { panic!("{error}") };
            let (what, faults) = error.split_once("\n  ").unwrap();
            assert!(what.contains("start a new file"), "{what}");
            assert_eq!(faults.split("\n  ").collect::<Vec<_>>(), told);
        }
        let mut log = Embedded::open_as_it_is(&path, wrong).unwrap().log().unwrap();
        assert_eq!(log.create_topics().unwrap(), []);
        let states = log.topics().unwrap();
        assert_eq!(states[3].partitions, 12);
        assert_eq!(states.into_iter().flat_map(|state| state.faults).collect::<Vec<_>>(), told);
        assert_eq!(partitions(&path), before);
    }

    #[test]
    fn a_log_looked_at_as_it_is_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let looks = |prefix| {
            let mut log = Embedded::open_as_it_is(&path, settings(prefix)).unwrap().log().unwrap();
            (log.topics().unwrap(), log)
        };
        let place = TopicPartition::new(Topic::Stories, 5);
        let (states, mut log) = looks("newswire.");
        assert!(states.iter().all(|state| state.partitions == 0 && state.faults.len() == 1));
        assert!(matches!(log.bounds(place), Err(BusError::Setup(_))));
        // Made through the handle that looked.
        assert_eq!(log.create_topics().unwrap(), Topic::ALL);
        assert_eq!(log.bounds(place).unwrap(), (0, 0));
        let before = partitions(&path);
        let (states, _) = looks("zzz.");
        assert_eq!(states[5].faults, ["topic zzz.stories is missing"]);
        assert_eq!(partitions(&path), before);
        let (states, _) = looks("newswire.");
        assert!(states.iter().all(|state| state.faults.is_empty()));
    }

    #[test]
    fn a_file_from_before_deletions_were_noted_is_taken_at_its_worst() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let at = |partition| TopicPartition::new(Topic::Stories, partition);
        let record = |partition, seconds| NewRecord {
            place: at(partition),
            timestamp: Timestamp::from_secs(seconds),
            key: None,
            value: None,
            headers: Vec::new(),
        };
        let mut log = Embedded::open(&path, settings("newswire.")).unwrap().log().unwrap();
        let records = vec![record(0, 10), record(1, 20), record(1, 30), record(2, 40)];
        log.append(records).unwrap();
        drop(log);
        let sqlite = Connection::open(&path).unwrap();
        sqlite
            .execute_batch(
                "ALTER TABLE partition DROP COLUMN origin;
                 ALTER TABLE partition DROP COLUMN deleted;
                 DELETE FROM record WHERE timestamp IN (20000, 40000);
                 UPDATE partition SET oldest = 1
                 WHERE topic = 'newswire.stories' AND number IN (1, 2);",
            )
            .unwrap();
        drop(sqlite);
        // A second time, too.
        for _ in 0..2 {
            let embedded = Embedded::open(&path, settings("newswire.")).unwrap();
            let whole = |partition| {
                let now = Timestamp::from_secs(100 * 86_400);
                let whole = embedded.whole_from(at(partition), now).unwrap();
                whole.map(Timestamp::as_secs)
            };
            assert_eq!([whole(0), whole(1), whole(2)], [None, Some(30), Some(70 * 86_400)]);
        }
    }
}
