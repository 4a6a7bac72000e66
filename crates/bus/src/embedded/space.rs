//! Keeping the file small: retention, tombstones, the size cap, giving pages back.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension, Result, params};

use super::Shared;
use super::sql::broken;
use super::store::{self, AnyPartition};
use crate::{BusError, Cleanup, NewRecord, Topic};

/// Rows deleted in one go: the WAL grows with the size of a transaction (10,000 rows of 1 KB
/// took 69 ms, 465,000 took 2.5 s and 508 MB of WAL).
const ROWS_AT_ONCE: usize = 500;
/// Pages given back in one go (2,000 took 74 ms).
const PAGES_AT_ONCE: u64 = 1000;
const PAUSE: Duration = Duration::from_secs(10);
/// The pause where the last round left work undone.
const SHORT_PAUSE: Duration = Duration::from_millis(200);
/// How often it is told that records make room for others.
const TOLD_AGAIN: Duration = Duration::from_mins(10);
/// What a record needs besides its own bytes, roughly: row, indexes, half-filled pages.
const ROW_OVERHEAD: u64 = 256;

/// How the pages of the file are used.
struct Pages {
    size: u64,
    all: u64,
    free: u64,
}

impl Pages {
    fn of(connection: &Connection) -> Result<Self> {
        let pragma = |name: &str| -> Result<u64> {
            let value: i64 =
                connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))?;
            Ok(value.unsigned_abs())
        };
        Ok(Self {
            size: pragma("page_size")?,
            all: pragma("page_count")?,
            free: pragma("freelist_count")?,
        })
    }

    fn used_bytes(&self) -> u64 {
        (self.all - self.free) * self.size
    }
}

/// What was deleted because the size cap was reached.
#[derive(Debug, Default)]
pub(super) struct Evicted {
    by_topic: BTreeMap<Topic, u64>,
    told_at: Option<Instant>,
}

impl Evicted {
    pub(super) fn by_topic(&self) -> &BTreeMap<Topic, u64> {
        &self.by_topic
    }

    /// Notes so many records, and tells of them now and then.
    fn note(&mut self, topic: Topic, count: u64, now: Instant) {
        *self.by_topic.entry(topic).or_default() += count;
        if self.told_at.is_none_or(|at| now.saturating_duration_since(at) >= TOLD_AGAIN) {
            self.told_at = Some(now);
            tracing::warn!(
                records = ?self.by_topic,
                "the log has reached max_size: its oldest records that every stage has consumed are \
                 deleted before their time; raise [embedded] max_size or shorten retentions"
            );
        }
    }
}

/// What a transaction needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    bytes: u64,
    cap: u64,
}

impl Shared {
    /// The room that `records` need.
    ///
    /// Those at the end of the road may use the last bytes of the cap, since their work is what
    /// frees space: were all to stop at the same mark, nothing would ever be freed.
    pub(super) fn room_for(&self, records: &[NewRecord]) -> Room {
        let bytes = records.iter().map(|record| record.size() as u64 + ROW_OVERHEAD).sum();
        let max = self.settings.max_size;
        let cap = records
            .iter()
            .map(|record| match record.place.topic {
                Topic::Feeds | Topic::Pushes | Topic::Entries | Topic::Pages => max - max / 8,
                Topic::Articles => max - max / 16,
                _ => max,
            })
            .min()
            .unwrap_or(max);
        Room { bytes, cap }
    }

    /// Sees to it that there is room under the size cap, by deleting what nobody needs any more.
    ///
    /// # Errors
    /// [`BusError::Away`] where there is none.
    pub(super) fn make_room(&self, transaction: &Connection, room: Room) -> Result<(), BusError> {
        loop {
            let used = Pages::of(transaction).map_err(broken)?.used_bytes();
            if used + room.bytes <= room.cap {
                return Ok(());
            }
            let Some((topic, gone)) = self.evict_some(transaction).map_err(broken)? else {
                return Err(BusError::Away(format!(
                    "full: the log has reached max_size ({} bytes) and nothing is left in it that \
                     every stage has consumed; raise [embedded] max_size or shorten retentions",
                    self.settings.max_size
                )));
            };
            self.evicted().note(topic, gone, Instant::now());
        }
    }

    pub(super) fn evicted(&self) -> MutexGuard<'_, Evicted> {
        self.evicted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Deletes some of the oldest records that every stage has consumed; where there are none,
    /// of those that no stage ever consumes. Returns of which topic and how many.
    fn evict_some(&self, transaction: &Connection) -> Result<Option<(Topic, u64)>> {
        let partitions = store::partitions_in_use(transaction)?;
        for for_stages in [true, false] {
            let mut oldest: Option<(i64, i64, i64, Topic)> = None;
            for partition in &partitions {
                let id = partition.id;
                if self.settings.topics.spec(partition.topic).cleanup != Cleanup::Delete
                    || is_stage_input(partition.topic) != for_stages
                {
                    continue;
                }
                let Some(below) = consumed_below(transaction, partition)? else {
                    continue;
                };
                let head = head_timestamp(transaction, id, below)?;
                if let Some(timestamp) = head
                    && oldest.is_none_or(|(least, ..)| timestamp < least)
                {
                    oldest = Some((timestamp, id, below, partition.topic));
                }
            }
            if let Some((_, id, below, topic)) = oldest {
                let gone = delete_head(transaction, id, below, i64::MAX, 64)? as u64;
                return Ok(Some((topic, gone)).filter(|(_, gone)| *gone > 0));
            }
        }
        Ok(None)
    }

    /// Retention, tombstones, free pages: a bounded amount of work, when it is due.
    #[expect(clippy::disallowed_methods, reason = "retention is by the time of day, as in Kafka")]
    pub(super) fn housekeep(&self) -> Result<(), BusError> {
        let Ok(mut due) = self.housekeeping.try_lock() else {
            return Ok(());
        };
        if Instant::now() < *due {
            return Ok(());
        }
        let more = self.clean_up(SystemTime::now())?;
        *due = Instant::now() + if more { SHORT_PAUSE } else { PAUSE };
        Ok(())
    }

    /// One round of cleaning up as if it were `now`; tells whether there is more to do.
    pub(super) fn clean_up(&self, now: SystemTime) -> Result<bool, BusError> {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis_ago =
            |age: Duration| i64::try_from(now.saturating_sub(age).as_millis()).unwrap_or(i64::MAX);
        let mut deleted = 0;
        let partitions = store::partitions_in_use(&self.writer()).map_err(broken)?;
        for AnyPartition { id, topic, .. } in partitions {
            let spec = self.settings.topics.spec(topic);
            if let Some(retention) = spec.retention {
                let cutoff = millis_ago(retention);
                // Looking first keeps the writer free: mostly there is nothing to do.
                if self.head_is_older(id, cutoff)? {
                    deleted += self.write(|transaction| {
                        delete_head(transaction, id, i64::MAX, cutoff, ROWS_AT_ONCE).map_err(broken)
                    })?;
                }
            }
            if spec.is_compacted() {
                let cutoff = millis_ago(spec.tombstone_retention);
                deleted += self.delete_tombstones(id, cutoff)?;
            }
            if deleted >= ROWS_AT_ONCE {
                return Ok(true);
            }
        }
        self.give_pages_back()
    }

    fn head_is_older(&self, id: i64, cutoff: i64) -> Result<bool, BusError> {
        let head = head_timestamp(&self.writer(), id, i64::MAX).map_err(broken)?;
        Ok(head.is_some_and(|timestamp| timestamp < cutoff))
    }

    fn delete_tombstones(&self, id: i64, cutoff: i64) -> Result<usize, BusError> {
        self.writer()
            .execute(
                "DELETE FROM record WHERE id IN (
                     SELECT id FROM record
                     WHERE compacted = 1 AND value IS NULL AND partition = ?1 AND timestamp < ?2
                     LIMIT ?3)",
                params![id, cutoff, ROWS_AT_ONCE as i64],
            )
            .map_err(broken)
    }

    /// Gives free pages back to the file system, once they are a quarter of the file: before
    /// that they will be needed again soon.
    fn give_pages_back(&self) -> Result<bool, BusError> {
        let writer = self.writer();
        let pages = Pages::of(&writer).map_err(broken)?;
        if pages.free <= PAGES_AT_ONCE || pages.free < pages.all / 4 {
            return Ok(false);
        }
        vacuum(&writer, PAGES_AT_ONCE).map_err(broken)?;
        Ok(pages.free > 2 * PAGES_AT_ONCE)
    }
}

/// Frees up to `pages` pages. The pragma frees one page a step, so that `execute_batch`, which
/// steps once, would free one.
fn vacuum(connection: &Connection, pages: u64) -> Result<()> {
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// The offset below which every consumer has consumed; `None` where that is not known. Asked of the
/// log, whatever the prefix: a replay, too, makes room, and must not take what the stages still need.
fn consumed_below(transaction: &Connection, partition: &AnyPartition) -> Result<Option<i64>> {
    if !is_stage_input(partition.topic) {
        return Ok(Some(i64::MAX));
    }
    // A consumer that has committed nothing yet makes the minimum NULL through coalesce.
    transaction.query_row(
        "SELECT nullif(min(coalesce(c.offset, -1)), -1)
         FROM consumer r
         LEFT JOIN committed c ON c.member_group = r.member_group AND c.partition = ?2
         WHERE r.topic = ?1",
        params![partition.name, partition.id],
        |row| row.get(0),
    )
}

/// Timestamp of the oldest record below an offset.
fn head_timestamp(connection: &Connection, id: i64, below: i64) -> Result<Option<i64>> {
    connection
        .query_row(
            "SELECT timestamp FROM record WHERE partition = ?1 AND offset < ?2
             ORDER BY offset LIMIT 1",
            params![id, below],
            |row| row.get(0),
        )
        .optional()
}

/// Deletes at most `rows` records from the head of a partition, as long as they are below an
/// offset and older than a time, and notes how young they were.
fn delete_head(
    transaction: &Connection,
    id: i64,
    below: i64,
    older_than: i64,
    rows: usize,
) -> Result<usize> {
    let mut oldest = None;
    let mut newest = i64::MIN;
    {
        let mut statement = transaction.prepare(
            "SELECT offset, timestamp FROM record WHERE partition = ?1 AND offset < ?2
             ORDER BY offset LIMIT ?3",
        )?;
        let mut heads = statement.query(params![id, below, rows as i64])?;
        while let Some(row) = heads.next()? {
            let (offset, timestamp): (i64, i64) = (row.get(0)?, row.get(1)?);
            if timestamp >= older_than {
                break;
            }
            oldest = Some(offset + 1);
            newest = newest.max(timestamp);
        }
    }
    let Some(oldest) = oldest else {
        return Ok(0);
    };
    transaction.execute(
        "UPDATE partition SET oldest = ?2, deleted = max(coalesce(deleted, ?3), ?3) WHERE id = ?1",
        params![id, oldest, newest],
    )?;
    transaction
        .execute("DELETE FROM record WHERE partition = ?1 AND offset < ?2", params![id, oldest])
}

/// Whether a stage consumes the topic (design: "The road").
fn is_stage_input(topic: Topic) -> bool {
    matches!(topic, Topic::Feeds | Topic::Pushes | Topic::Entries | Topic::Pages | Topic::Articles)
}

#[cfg(test)]
mod tests {
    use events::Timestamp;

    use super::*;
    use crate::embedded::{Embedded, EmbeddedSettings};
    use crate::{Log, PollLimit, TopicPartition, TopicSettings};

    const DAY: u64 = 24 * 60 * 60;

    fn record(topic: Topic, key: &str, value: Option<&[u8]>, days: u64) -> NewRecord {
        NewRecord {
            place: TopicPartition::new(topic, 0),
            timestamp: Timestamp::from_secs((days * DAY) as i64),
            key: Some(key.as_bytes().to_vec()),
            value: value.map(<[u8]>::to_vec),
            headers: Vec::new(),
        }
    }

    fn keys(log: &mut impl Log, topic: Topic) -> Vec<String> {
        let limit = PollLimit { records: 100, bytes: usize::MAX };
        log.read(TopicPartition::new(topic, 0), 0, limit, Duration::ZERO)
            .unwrap()
            .into_iter()
            .map(|record| String::from_utf8(record.key.unwrap()).unwrap())
            .collect()
    }

    #[test]
    fn records_go_by_age_and_tombstones_after_their_time() {
        let folder = tempfile::tempdir().unwrap();
        let embedded =
            Embedded::open(&folder.path().join("a.db"), EmbeddedSettings::default()).unwrap();
        let mut log = embedded.log().unwrap();
        log.append(vec![
            record(Topic::Stories, "day 1", Some(b"x"), 1),
            record(Topic::Stories, "day 20", Some(b"x"), 20),
            record(Topic::Feeds, "kept for ever", Some(b"x"), 1),
            record(Topic::Feeds, "removed", Some(b"x"), 1),
            record(Topic::Feeds, "removed", None, 2),
            record(Topic::Groups, "old group", Some(b"x"), 1),
        ])
        .unwrap();
        let on = |day: u64| UNIX_EPOCH + Duration::from_secs(day * DAY);
        embedded.shared.clean_up(on(30)).unwrap();
        assert_eq!(keys(&mut log, Topic::Stories), ["day 1", "day 20"]);
        assert_eq!(keys(&mut log, Topic::Feeds), ["kept for ever", "removed"]);
        embedded.shared.clean_up(on(40)).unwrap();
        assert_eq!(keys(&mut log, Topic::Stories), ["day 20"]);
        assert_eq!(keys(&mut log, Topic::Feeds), ["kept for ever"]);
        assert_eq!(keys(&mut log, Topic::Groups), ["old group"]);
        embedded.shared.clean_up(on(100)).unwrap();
        assert_eq!(keys(&mut log, Topic::Groups), Vec::<String>::new());
        let stories = TopicPartition::new(Topic::Stories, 0);
        assert_eq!(log.bounds(stories).unwrap(), (2, 2));
    }

    #[test]
    fn free_pages_are_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let embedded =
            Embedded::open(&folder.path().join("a.db"), EmbeddedSettings::default()).unwrap();
        let mut log = embedded.log().unwrap();
        let big = vec![b'x'; 1_000_000];
        for _ in 0..20 {
            log.append(vec![record(Topic::Pages, "k", Some(&big), 1)]).unwrap();
        }
        let pages = || Pages::of(&embedded.shared.writer()).unwrap();
        assert!(pages().all > 2000);
        let now = UNIX_EPOCH + Duration::from_secs(100 * DAY);
        // More than one page a round, or it would take thousands of rounds.
        for _ in 0..4 {
            embedded.shared.clean_up(now).unwrap();
        }
        assert!(pages().free <= PAGES_AT_ONCE, "{} are free", pages().free);
        assert!(pages().all < 1500, "{} are left", pages().all);
    }
    fn open(folder: &tempfile::TempDir, prefix: &str, max_size: u64) -> Embedded {
        let settings = EmbeddedSettings { max_size, topics: TopicSettings::new(prefix) };
        Embedded::open(&folder.path().join("a.db"), settings).unwrap()
    }

    /// Appends big records until the log is full; how many there was room for.
    fn fill(log: &mut impl Log, topic: Topic, day: u64) -> usize {
        let big = vec![b'x'; 100_000];
        for count in 0..100 {
            match log.append(vec![record(topic, "k", Some(&big), day)]) {
                Ok(()) => {}
                Err(BusError::Away(_)) => return count,
                Err(error) => panic!("{error}"),
            }
        }
        100
    }

    #[test]
    fn what_a_replay_wrote_goes_by_age_too() {
        let folder = tempfile::tempdir().unwrap();
        let live = open(&folder, "newswire.", 1 << 30);
        // Made after the log was opened by those who keep house.
        let mut replay = open(&folder, "r1.", 1 << 30).log().unwrap();
        replay
            .append(vec![
                record(Topic::Stories, "story", Some(b"x"), 1),
                record(Topic::StoriesLatest, "latest", Some(b"x"), 1),
                record(Topic::StoriesLatest, "withdrawn", None, 1),
                record(Topic::Groups, "group", Some(b"x"), 1),
            ])
            .unwrap();
        let on = |day: u64| UNIX_EPOCH + Duration::from_secs(day * DAY);
        live.shared.clean_up(on(32)).unwrap();
        assert_eq!(keys(&mut replay, Topic::Stories), Vec::<String>::new());
        assert_eq!(keys(&mut replay, Topic::StoriesLatest), ["latest"]);
        live.shared.clean_up(on(100)).unwrap();
        assert_eq!(keys(&mut replay, Topic::StoriesLatest), Vec::<String>::new());
        assert_eq!(keys(&mut replay, Topic::Groups), Vec::<String>::new());
    }

    #[test]
    fn what_a_replay_wrote_makes_room_and_takes_none_from_the_stages() {
        const MAX: u64 = 4 * 1024 * 1024;
        let folder = tempfile::tempdir().unwrap();
        let live = open(&folder, "newswire.", MAX);
        let mut replay = open(&folder, "r1.", MAX).log().unwrap();
        // Goes on for ever: its own oldest records make room.
        assert_eq!(fill(&mut replay, Topic::Stories, 1), 100);
        let mut log = live.log().unwrap();
        let pages = fill(&mut log, Topic::Pages, 2);
        assert!((25..45).contains(&pages), "{pages} pages fitted");
        assert!(live.evicted().contains_key(&Topic::Stories), "{:?}", live.evicted());
        assert_eq!(keys(&mut replay, Topic::Stories), Vec::<String>::new());
        // No stage has consumed the pages: the replay can only drive out its own.
        assert_eq!(fill(&mut replay, Topic::Stories, 3), 100);
        assert_eq!(keys(&mut log, Topic::Pages).len(), pages);
    }

    #[test]
    fn a_partition_is_whole_from_behind_the_youngest_that_was_deleted() {
        let day = |day: u64| Timestamp::from_secs((day * DAY) as i64);
        let after = |days: u64| Some(day(days).plus_millis(1));
        let folder = tempfile::tempdir().unwrap();
        let embedded = open(&folder, "newswire.", 4 * 1024 * 1024);
        let whole = |topic| embedded.whole_from(TopicPartition::new(topic, 0), day(1000)).unwrap();
        let mut log = embedded.log().unwrap();
        assert_eq!(whole(Topic::Stories), None);
        log.append(vec![
            record(Topic::Stories, "k", Some(b"x"), 20),
            record(Topic::Stories, "k", Some(b"x"), 1),
            record(Topic::Stories, "k", Some(b"x"), 60),
        ])
        .unwrap();
        let on = |day: u64| UNIX_EPOCH + Duration::from_secs(day * DAY);
        embedded.shared.clean_up(on(40)).unwrap();
        assert_eq!(whole(Topic::Stories), None, "nothing was old enough");
        embedded.shared.clean_up(on(70)).unwrap();
        assert_eq!(keys(&mut log, Topic::Stories), ["k"]);
        assert_eq!(whole(Topic::Stories), after(20));
        // At the cap nothing else can go.
        assert_eq!(fill(&mut log, Topic::Stories, 65), 100);
        assert_eq!(whole(Topic::Stories), after(65));
        embedded.reset().unwrap();
        assert_eq!(whole(Topic::Stories), None);
        log.append(vec![record(Topic::Stories, "k", Some(b"x"), 70)]).unwrap();
        assert_eq!(whole(Topic::Stories), None);
        embedded.shared.clean_up(on(200)).unwrap();
        assert_eq!(whole(Topic::Stories), after(70));
    }
}
