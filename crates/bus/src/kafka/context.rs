//! What librdkafka tells by call-backs: its log, deliveries, changes of the assignment.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::ProducerContext;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, TopicPartitionList};
use serde::Deserialize;

/// Lines of librdkafka a minute that are passed on at their own level; the rest are `debug`. A
/// cluster that is away makes it repeat itself several times a second.
const LINES_A_MINUTE: u64 = 30;

/// The log of a client.
#[derive(Debug, Default)]
pub(super) struct Lines {
    minute: AtomicU64,
    count: AtomicU64,
}

impl Lines {
    #[expect(clippy::disallowed_methods, reason = "limits log lines; decides nothing")]
    fn within_rate(&self) -> bool {
        let minute =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 60);
        if self.minute.swap(minute, Ordering::Relaxed) != minute {
            self.count.store(0, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed) < LINES_A_MINUTE
    }

    /// Nothing of this is an ERROR of ours: what matters comes back as an error of a call.
    fn write(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        let loud = self.within_rate();
        match level {
            RDKafkaLogLevel::Emerg
            | RDKafkaLogLevel::Alert
            | RDKafkaLogLevel::Critical
            | RDKafkaLogLevel::Error
            | RDKafkaLogLevel::Warning
                if loud =>
            {
                tracing::warn!(target: "librdkafka", facility, "{line}");
            }
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info if loud => {
                tracing::info!(target: "librdkafka", facility, "{line}");
            }
            _ => tracing::debug!(target: "librdkafka", facility, "{line}"),
        }
    }

    fn error(&self, error: &KafkaError, reason: &str) {
        // The end of a partition is told as an error, and is none.
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::PartitionEOF) {
            return;
        }
        if self.within_rate() {
            tracing::warn!(target: "librdkafka", %error, "{reason}");
        } else {
            tracing::debug!(target: "librdkafka", %error, "{reason}");
        }
    }
}

/// A change of the assignment, as partitions of full topic names.
#[derive(Debug)]
pub(super) enum Change {
    Assigned(Vec<(String, i32)>),
    Revoked(Vec<(String, i32)>),
    /// What librdkafka holds is not what we think.
    Failed(String),
}

/// The part of librdkafka's statistics (STATISTICS.md) that is of use here.
#[derive(Debug, Deserialize)]
struct Statistics {
    topics: BTreeMap<String, TopicStatistics>,
}

#[derive(Debug, Deserialize)]
struct TopicStatistics {
    partitions: BTreeMap<String, Fetched>,
}

/// How far the fetching of a partition has come.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Fetched {
    /// Messages in librdkafka's queue.
    fetchq_cnt: i64,
    /// The offset it fetches next: behind commit markers, which no message shows.
    next_offset: i64,
    /// The last stable offset, or -1001.
    ls_offset: i64,
}

impl Fetched {
    /// Records from `position` on that are there and not yet read; `None` while nothing is known.
    pub(super) fn behind(self, position: i64) -> Option<i64> {
        if self.ls_offset < 0 {
            return None;
        }
        let read_all = self.fetchq_cnt == 0 && self.next_offset >= self.ls_offset;
        Some(if read_all { 0 } else { (self.ls_offset - position).max(0) })
    }
}

/// Context of a consumer.
#[derive(Debug, Default)]
pub(super) struct MemberContext {
    lines: Lines,
    changes: Mutex<VecDeque<Change>>,
    fetched: Mutex<BTreeMap<(String, i32), Fetched>>,
}

impl MemberContext {
    fn changes(&self) -> MutexGuard<'_, VecDeque<Change>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next change that happened.
    pub(super) fn next_change(&self) -> Option<Change> {
        self.changes().pop_front()
    }

    /// Whether a change waits to be told.
    pub(super) fn has_changes(&self) -> bool {
        !self.changes().is_empty()
    }

    /// Partitions whose loss waits to be told.
    pub(super) fn taken_away(&self) -> Vec<(String, i32)> {
        let gone = |change: &Change| match change {
            Change::Revoked(names) => names.clone(),
            Change::Assigned(_) | Change::Failed(_) => Vec::new(),
        };
        self.changes().iter().flat_map(gone).collect()
    }

    /// What the latest statistics say of a partition.
    pub(super) fn fetched(&self, topic: &str, partition: i32) -> Option<Fetched> {
        let fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        fetched.get(&(topic.to_owned(), partition)).copied()
    }
}

impl ClientContext for MemberContext {
    fn stats_raw(&self, statistics: &[u8]) {
        let statistics: Statistics = match serde_json::from_slice(statistics) {
            Ok(statistics) => statistics,
            Err(error) => return tracing::debug!(%error, "librdkafka's statistics"),
        };
        let mut fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        fetched.clear();
        for (topic, of_topic) in statistics.topics {
            for (number, of_partition) in of_topic.partitions {
                // Number -1 stands for records without a partition.
                if let Ok(number @ 0..) = number.parse() {
                    fetched.insert((topic.clone(), number), of_partition);
                }
            }
        }
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.lines.write(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.lines.error(&error, reason);
    }
}

impl ConsumerContext for MemberContext {
    // The default implementation ignores errors of the (un)assignment, and begins to fetch at
    // the committed offset at once; ours does neither.
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        error: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        let cooperative = matches!(consumer.rebalance_protocol(), RebalanceProtocol::Cooperative);
        let names = names(partitions);
        let assign = error == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        let result = match (assign, cooperative) {
            (true, true) => parked(&names)
                .and_then(|parked| consumer.incremental_assign(&parked))
                .and_then(|()| consumer.pause(partitions)),
            (true, false) => parked(&names)
                .and_then(|parked| consumer.assign(&parked))
                .and_then(|()| consumer.pause(partitions)),
            (false, true) => consumer.incremental_unassign(partitions),
            (false, false) => consumer.unassign(),
        };
        let lost = !assign && consumer.assignment_lost();
        tracing::debug!(assign, lost, ?names, "the assignment changes");
        let mut changes = self.changes();
        if let Err(error) = result {
            changes.push_back(Change::Failed(error.to_string()));
        } else if names.is_empty() {
            // A member without a partition is told so by silence.
        } else if assign {
            changes.push_back(Change::Assigned(names));
        } else {
            changes.push_back(Change::Revoked(names));
        }
    }
}

/// Partitions assigned from their end: nothing that was there is fetched before the caller says
/// where to begin, and no missing committed offset is an error.
fn parked(names: &[(String, i32)]) -> KafkaResult<TopicPartitionList> {
    let mut list = TopicPartitionList::new();
    for (topic, partition) in names {
        list.add_partition_offset(topic, *partition, Offset::End)?;
    }
    Ok(list)
}

fn names(partitions: &TopicPartitionList) -> Vec<(String, i32)> {
    if partitions.count() == 0 {
        // `elements` of an empty list makes a slice of a null pointer.
        return Vec::new();
    }
    partitions
        .elements()
        .iter()
        .map(|element| (element.topic().to_owned(), element.partition()))
        .collect()
}

/// Context of a reader of assigned partitions.
#[derive(Debug, Default)]
pub(super) struct ReaderContext {
    lines: Lines,
}

impl ClientContext for ReaderContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.lines.write(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.lines.error(&error, reason);
    }
}

impl ConsumerContext for ReaderContext {}

/// Context of a producer: remembers the first failed delivery.
#[derive(Clone, Debug, Default)]
pub(super) struct DeliveryContext {
    lines: Arc<Lines>,
    failed: Arc<Mutex<Option<KafkaError>>>,
}

impl DeliveryContext {
    /// The first failure since the last call.
    pub(super) fn take_failure(&self) -> Option<KafkaError> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl ClientContext for DeliveryContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.lines.write(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.lines.error(&error, reason);
    }
}

impl ProducerContext for DeliveryContext {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            self.failed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert_with(|| error.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_is_taken_from_the_statistics_and_counts_no_commit_markers() {
        let context = MemberContext::default();
        assert!(context.fetched("pages", 3).is_none());
        // Cut from what librdkafka 2.12 printed.
        context.stats_raw(
            br#"{"name":"x","topics":{"pages":{"topic":"pages","partitions":{
                "3":{"partition":3,"fetchq_cnt":0,"next_offset":12,"hi_offset":12,"ls_offset":12},
                "4":{"partition":4,"fetchq_cnt":2,"next_offset":12,"hi_offset":15,"ls_offset":14},
                "5":{"partition":5,"fetchq_cnt":0,"next_offset":0,"hi_offset":-1001,"ls_offset":-1001},
                "-1":{"partition":-1,"fetchq_cnt":0,"next_offset":0,"hi_offset":-1001,"ls_offset":-1001}
            }}}}"#,
        );
        let behind = |partition, position| {
            context.fetched("pages", partition).and_then(|fetched| fetched.behind(position))
        };
        assert_eq!(behind(3, 11), Some(0));
        assert_eq!(behind(4, 10), Some(4));
        assert_eq!(behind(5, 0), None);
        assert!(context.fetched("pages", -1).is_none());
    }
}
