//! Dead letters: records that newswire could not process, whole, with the reason in headers that
//! Kafka Connect's tools know (`org.apache.kafka.connect.runtime.errors.DeadLetterQueueReporter`).

use bus::{NewRecord, Record, Topic, TopicPartition};
use events::{Header, Timestamp};

use crate::Poison;

/// Why a record is a dead letter, read back from its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetterReason {
    /// Short name of the topic it came from.
    pub topic: String,
    /// Partition it came from.
    pub partition: u32,
    /// Offset it had there.
    pub offset: i64,
    /// Stage that could not process it.
    pub stage: String,
    /// Class of the fault.
    pub class: String,
    /// The fault, for people.
    pub message: String,
}

const TOPIC: &str = "__connect.errors.topic";
const PARTITION: &str = "__connect.errors.partition";
const OFFSET: &str = "__connect.errors.offset";
const STAGE: &str = "__connect.errors.connector.name";
const CLASS: &str = "__connect.errors.exception.class.name";
const MESSAGE: &str = "__connect.errors.exception.message";
/// Largest message kept, so that the dead letter stays below its topic's limit.
const MAX_MESSAGE: usize = 4096;

/// The headers that say why.
pub fn dead_letter_headers(
    stage: &str,
    place: TopicPartition,
    offset: i64,
    poison: &Poison,
) -> Vec<Header> {
    let mut message = poison.message.clone();
    if message.len() > MAX_MESSAGE {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE));
    }
    [
        (TOPIC, place.topic.name().to_owned()),
        (PARTITION, place.partition.to_string()),
        (OFFSET, offset.to_string()),
        (STAGE, stage.to_owned()),
        (CLASS, poison.class.to_owned()),
        (MESSAGE, message),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.into_bytes()))
    .collect()
}

impl DeadLetterReason {
    /// Reads the reason from a dead letter's headers; `None` where it has none.
    pub fn of(record: &Record) -> Option<Self> {
        // The last one counts: a replayed record that failed again carries both.
        let last = |wanted: &str| {
            let (_, value) = record.headers.iter().rev().find(|(name, _)| name == wanted)?;
            std::str::from_utf8(value).ok().map(str::to_owned)
        };
        Some(Self {
            topic: last(TOPIC)?,
            partition: last(PARTITION)?.parse().ok()?,
            offset: last(OFFSET)?.parse().ok()?,
            stage: last(STAGE).unwrap_or_default(),
            class: last(CLASS).unwrap_or_default(),
            message: last(MESSAGE).unwrap_or_default(),
        })
    }

    /// Whether a header says why a record is a dead letter, and so is not the record's own.
    pub fn is_reason_header(name: &str) -> bool {
        name.starts_with("__connect.errors.")
    }
}

pub(crate) fn dead_letter(
    stage: &str,
    record: &Record,
    poison: &Poison,
    now: Timestamp,
) -> NewRecord {
    let mut headers: Vec<Header> = record
        .headers
        .iter()
        .filter(|(name, _)| !DeadLetterReason::is_reason_header(name))
        .cloned()
        .collect();
    headers.extend(dead_letter_headers(stage, record.place, record.offset, poison));
    NewRecord {
        place: TopicPartition::new(Topic::DeadLetters, 0),
        timestamp: now,
        key: record.key.clone(),
        value: record.value.clone(),
        headers,
    }
}
