//! Restoring changelogs behind a barrier.
//!
//! The end that a `read_committed` client sees is the last stable offset: an open transaction of
//! a dead owner holds it below state that was committed later, and a restore up to it would miss
//! that state and not know. So we write a record of our own and read until it appears: all
//! transactions before it are decided then (reliability research, A6; KAFKA-10167).

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use events::Timestamp;
use rdkafka::Offset;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::context::ReaderContext;
use super::producer::TransactionalProducer;
use super::{KafkaSettings, config, convert};
use crate::{BusError, NewRecord, Record, TopicPartition};

/// Key of the barrier record. A changelog keeps one of them, as of every key.
const BARRIER_KEY: &[u8] = b"\0barrier";
/// A restore that reads nothing for so long has failed; longer than the 10 s transaction timeout
/// and the broker's scan for such transactions.
const NO_PROGRESS: Duration = Duration::from_mins(2);

/// Reads `changelogs` up to a barrier written now. `keep_alive` is called many times a second.
pub(super) fn run(
    settings: &KafkaSettings,
    group: &str,
    producer: &mut TransactionalProducer,
    changelogs: &[TopicPartition],
    each: &mut dyn FnMut(Record),
    keep_alive: &mut dyn FnMut() -> Result<(), BusError>,
) -> Result<(), BusError> {
    if changelogs.is_empty() {
        return Ok(());
    }
    let barrier = barrier_value();
    write_barrier(settings, producer, changelogs, &barrier)?;

    let reader: BaseConsumer<ReaderContext> = config::reader(settings, group)
        .create_with_context(ReaderContext::default())
        .map_err(|error| convert::bus_error("making the reader", &error))?;
    let from_beginning =
        convert::list(settings, changelogs.iter().map(|place| (*place, Offset::Beginning)))?;
    reader
        .assign(&from_beginning)
        .map_err(|error| convert::bus_error("reading the changelog", &error))?;

    let mut missing: BTreeSet<TopicPartition> = changelogs.iter().copied().collect();
    let mut progress = Instant::now();
    while !missing.is_empty() {
        keep_alive()?;
        if progress.elapsed() > NO_PROGRESS {
            return Err(BusError::Broken(format!(
                "the restore of {missing:?} made no progress for {} s: an open transaction may \
                 block the changelog",
                NO_PROGRESS.as_secs()
            )));
        }
        let message = match reader.poll(Duration::from_millis(100)) {
            None => continue,
            Some(Err(error)) => {
                tracing::debug!(%error, "while reading the changelog");
                continue;
            }
            Some(Ok(message)) => message,
        };
        progress = Instant::now();
        let Some(record) = convert::record(settings, &message) else {
            continue;
        };
        if record.key.as_deref() == Some(BARRIER_KEY) {
            if record.value.as_deref() == Some(barrier.as_bytes()) {
                missing.remove(&record.place);
            }
        } else if missing.contains(&record.place) {
            each(record);
        }
    }
    Ok(())
}

/// In a transaction of its own: the only kind without offsets, since nothing of the group's
/// position is touched.
fn write_barrier(
    settings: &KafkaSettings,
    producer: &mut TransactionalProducer,
    changelogs: &[TopicPartition],
    barrier: &str,
) -> Result<(), BusError> {
    #[expect(clippy::disallowed_methods, reason = "the barrier's timestamp decides nothing")]
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let records: Vec<NewRecord> = changelogs
        .iter()
        .map(|place| NewRecord {
            place: *place,
            timestamp: Timestamp::from_millis(now.as_millis() as i64),
            key: Some(BARRIER_KEY.to_vec()),
            value: Some(barrier.as_bytes().to_vec()),
            headers: Vec::new(),
        })
        .collect();
    producer
        .commit(settings, &records, None)
        .map_err(|(doing, error)| BusError::Broken(format!("the barrier: {doing}: {error}")))
}

/// A value that no other restore has: 128 random bits, from the seed that the standard library
/// takes from the operating system for each new hasher.
pub(super) fn barrier_value() -> String {
    use std::hash::{BuildHasher, RandomState};
    let half = || RandomState::new().hash_one(Instant::now());
    format!("{:016x}{:016x}", half(), half())
}
