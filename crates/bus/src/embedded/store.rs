//! The statements: appending, reading, positions. All work on a connection or transaction that
//! the caller has opened.

use std::collections::BTreeMap;

use events::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::sql::{headers_from_column, headers_to_column};
use crate::{NewRecord, PollLimit, Record, Topic, TopicPartition, TopicSettings};

/// Row ids of all partitions of the prefix.
pub(super) fn partition_ids(
    connection: &Connection,
    topics: &TopicSettings,
) -> Result<BTreeMap<TopicPartition, i64>> {
    let mut statement = connection.prepare("SELECT id, topic, number FROM partition")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, u32>(2)?))
    })?;
    let mut ids = BTreeMap::new();
    for row in rows {
        let (id, name, number) = row?;
        if let Some(topic) = topics.topic_of(&name) {
            ids.insert(TopicPartition::new(topic, number), id);
        }
    }
    Ok(ids)
}

/// A partition of whatever prefix.
pub(super) struct AnyPartition {
    pub(super) id: i64,
    /// Full name of its topic.
    pub(super) name: String,
    pub(super) topic: Topic,
}

/// The partitions of all prefixes that may hold records, in the order in which they were made:
/// what a replay wrote is kept small by the same rules.
pub(super) fn partitions_in_use(connection: &Connection) -> Result<Vec<AnyPartition>> {
    let mut statement =
        connection.prepare("SELECT id, topic FROM partition WHERE oldest < next ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut partitions = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        // No topic's name is the end of another's.
        if let Some(topic) = Topic::ALL.into_iter().find(|topic| name.ends_with(topic.name())) {
            partitions.push(AnyPartition { id: row.get(0)?, name, topic });
        }
    }
    Ok(partitions)
}

/// Oldest offset and the one after the last of every partition, by row id.
pub(super) fn all_bounds(connection: &Connection) -> Result<BTreeMap<i64, (i64, i64)>> {
    let mut statement = connection.prepare("SELECT id, oldest, next FROM partition")?;
    statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?.collect()
}

/// Oldest offset and the one after the last of one partition.
pub(super) fn bounds(connection: &Connection, id: i64) -> Result<(i64, i64)> {
    connection.query_row("SELECT oldest, next FROM partition WHERE id = ?1", [id], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Whether anything was deleted from a partition since it was made or last reset, and the newest
/// timestamp of that where it was noted.
pub(super) fn deletions(connection: &Connection, id: i64) -> Result<(bool, Option<Timestamp>)> {
    connection.query_row(
        "SELECT oldest > origin, deleted FROM partition WHERE id = ?1",
        [id],
        |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.map(Timestamp::from_millis))),
    )
}

/// Appends records; offsets have no gaps. In a compacted topic the older record of the key goes.
pub(super) fn append(
    connection: &Connection,
    ids: &BTreeMap<TopicPartition, i64>,
    topics: &TopicSettings,
    records: &[NewRecord],
) -> Result<()> {
    let mut next_offsets: BTreeMap<i64, i64> = BTreeMap::new();
    let mut forget = connection
        .prepare("DELETE FROM record WHERE compacted = 1 AND partition = ?1 AND key = ?2")?;
    let mut insert = connection.prepare(
        "INSERT INTO record (partition, offset, timestamp, compacted, key, headers, value)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for record in records {
        // The caller has checked the partitions.
        let id = ids.get(&record.place).copied().ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let next = match next_offsets.get(&id) {
            Some(next) => *next,
            None => bounds(connection, id)?.1,
        };
        let compacted = topics.spec(record.place.topic).is_compacted();
        if compacted && let Some(key) = &record.key {
            forget.execute(params![id, key])?;
        }
        insert.execute(params![
            id,
            next,
            record.timestamp.as_millis(),
            compacted,
            record.key,
            headers_to_column(&record.headers),
            record.value,
        ])?;
        next_offsets.insert(id, next + 1);
    }
    let mut advance = connection.prepare("UPDATE partition SET next = ?2 WHERE id = ?1")?;
    for (id, next) in next_offsets {
        advance.execute(params![id, next])?;
    }
    Ok(())
}

/// Reads records of a partition from an offset on, and adds them to `records`, as long as
/// `limit` allows for all of `records` together.
pub(super) fn read(
    connection: &Connection,
    id: i64,
    place: TopicPartition,
    from: i64,
    limit: PollLimit,
    records: &mut Vec<Record>,
    bytes: &mut usize,
) -> Result<()> {
    if records.len() >= limit.records || *bytes >= limit.bytes {
        return Ok(());
    }
    let mut statement = connection.prepare(
        "SELECT offset, timestamp, key, headers, value FROM record
         WHERE partition = ?1 AND offset >= ?2 ORDER BY offset LIMIT ?3",
    )?;
    let most = i64::try_from(limit.records - records.len()).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![id, from, most])?;
    while *bytes < limit.bytes
        && let Some(row) = rows.next()?
    {
        let headers: Option<String> = row.get(3)?;
        let headers = headers_from_column(headers.as_deref()).ok_or_else(|| {
            rusqlite::Error::InvalidColumnType(3, "headers".to_owned(), rusqlite::types::Type::Text)
        })?;
        let record = Record {
            place,
            offset: row.get(0)?,
            timestamp: Timestamp::from_millis(row.get(1)?),
            key: row.get(2)?,
            headers,
            value: row.get(4)?,
        };
        *bytes += record.size();
        records.push(record);
    }
    Ok(())
}

/// The first offset whose record is not older than `at`.
pub(super) fn offset_at(connection: &Connection, id: i64, at: Timestamp) -> Result<Option<i64>> {
    connection
        .query_row(
            "SELECT offset FROM record WHERE partition = ?1 AND timestamp >= ?2
             ORDER BY offset LIMIT 1",
            params![id, at.as_millis()],
            |row| row.get(0),
        )
        .optional()
}

/// The committed offset of a group.
pub(super) fn committed(connection: &Connection, group: &str, id: i64) -> Result<Option<i64>> {
    connection
        .query_row(
            "SELECT offset FROM committed WHERE member_group = ?1 AND partition = ?2",
            params![group, id],
            |row| row.get(0),
        )
        .optional()
}

/// Commits an offset of a group.
pub(super) fn commit_offset(
    connection: &Connection,
    group: &str,
    id: i64,
    offset: i64,
) -> Result<()> {
    connection.execute(
        "INSERT INTO committed (member_group, partition, offset) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET offset = excluded.offset",
        params![group, id, offset],
    )?;
    Ok(())
}

/// Makes `instance` the one member of its group, and returns the epoch that no other has had.
pub(super) fn join(
    connection: &Connection,
    group: &str,
    instance: &str,
    inputs: &[String],
) -> Result<i64> {
    for topic in inputs {
        connection.execute(
            "INSERT INTO consumer (member_group, topic) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![group, topic],
        )?;
    }
    connection.query_row(
        "INSERT INTO member (member_group, epoch, instance) VALUES (?1, 1, ?2)
         ON CONFLICT DO UPDATE SET epoch = epoch + 1, instance = excluded.instance
         RETURNING epoch",
        params![group, instance],
        |row| row.get(0),
    )
}

/// Epoch and instance of the member that a group has now.
pub(super) fn member(connection: &Connection, group: &str) -> Result<Option<(i64, String)>> {
    connection
        .query_row("SELECT epoch, instance FROM member WHERE member_group = ?1", [group], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
}
