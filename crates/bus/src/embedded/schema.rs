//! The SQLite file of the embedded log: settings of the connection, tables, views.
//!
//! Sources of the settings: reliability research, part C (measured), and sqlite.org/pragma.html.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::sql::away_or;
use crate::{BusError, Topic, TopicSettings};

/// SQLite 3.7.0 to 3.51.2 can corrupt a WAL file when one connection checkpoints while another
/// one writes (sqlite.org/wal.html, "The WAL reset bug").
const OLDEST_SOUND_SQLITE: i32 = 3_051_003;

/// Version of the tables below, in `PRAGMA user_version`.
const SCHEMA_VERSION: i64 = 1;

/// `record` is a rowid table: large rows split badly in the tree of a table without rowids.
/// `compacted` repeats what the topic says so that the indexes that only compacted topics need
/// stay empty for all others.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS partition (
    id INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    number INTEGER NOT NULL,
    oldest INTEGER NOT NULL DEFAULT 0,
    next INTEGER NOT NULL DEFAULT 0,
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

/// Opens a connection to an existing or new file, with all settings of a connection.
pub(super) fn connect(path: &Path) -> Result<Connection, BusError> {
    let cannot = |error: rusqlite::Error| {
        away_or(error, |error| BusError::Setup(format!("cannot open {}: {error}", path.display())))
    };
    if rusqlite::version_number() < OLDEST_SOUND_SQLITE {
        return Err(BusError::Setup(format!(
            "SQLite {} is linked, 3.51.3 or later is needed: older ones can corrupt the file",
            rusqlite::version()
        )));
    }
    let connection = Connection::open(path).map_err(cannot)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(cannot)?;
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

/// Creates what is missing and checks what is there against the settings.
pub(super) fn prepare(connection: &mut Connection, topics: &TopicSettings) -> Result<(), BusError> {
    let broken = |error| away_or(error, |error| BusError::Setup(format!("the log: {error}")));
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(broken)?;
    let version: i64 =
        transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(broken)?;
    if version != 0 && version != SCHEMA_VERSION {
        return Err(BusError::Setup(format!(
            "the log has format {version}, this newswire knows {SCHEMA_VERSION}: use the newswire \
             that wrote it, or begin with a new file"
        )));
    }
    transaction.execute_batch(TABLES).map_err(broken)?;
    transaction.execute_batch(&story_view(topics)).map_err(broken)?;
    transaction
        .execute_batch(&format!("PRAGMA user_version = {SCHEMA_VERSION}"))
        .map_err(broken)?;
    for topic in Topic::ALL {
        let name = topics.full_name(topic);
        let wanted = topics.spec(topic).partitions;
        let found: u32 = transaction
            .query_row("SELECT count(*) FROM partition WHERE topic = ?1", [&name], |row| row.get(0))
            .map_err(broken)?;
        if found != 0 && found != wanted {
            return Err(BusError::Setup(format!(
                "topic {name} has {found} partitions in the log, the settings say {wanted}: \
                 partitions cannot change once there are records; `newswire topics` shows them"
            )));
        }
        for number in found..wanted {
            transaction
                .execute(
                    "INSERT INTO partition (topic, number) VALUES (?1, ?2)",
                    rusqlite::params![name, number],
                )
                .map_err(broken)?;
        }
    }
    transaction.commit().map_err(broken)
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
