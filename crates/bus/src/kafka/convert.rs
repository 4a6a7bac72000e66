//! Between librdkafka's types and ours, errors included.

use events::Timestamp;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{Offset, TopicPartitionList};

use super::KafkaSettings;
use crate::{BusError, CommitError, Record, TopicPartition};

/// A record that was read; `None` where its topic is none of ours.
pub(super) fn record(settings: &KafkaSettings, message: &BorrowedMessage<'_>) -> Option<Record> {
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        headers
            .iter()
            .map(|header| {
                let value = header.value.unwrap_or_default().to_vec();
                (header.key.to_owned(), value)
            })
            .collect()
    });
    Some(Record {
        place: place(settings, message.topic(), message.partition())?,
        offset: message.offset(),
        timestamp: Timestamp::from_millis(message.timestamp().to_millis().unwrap_or_default()),
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers,
    })
}

/// Our name of a partition.
pub(super) fn place(
    settings: &KafkaSettings,
    topic: &str,
    partition: i32,
) -> Option<TopicPartition> {
    let topic = settings.topics.topic_of(topic)?;
    Some(TopicPartition::new(topic, u32::try_from(partition).ok()?))
}

/// Their list of partitions.
pub(super) fn list(
    settings: &KafkaSettings,
    places: impl IntoIterator<Item = (TopicPartition, Offset)>,
) -> Result<TopicPartitionList, BusError> {
    let mut list = TopicPartitionList::new();
    for (place, offset) in places {
        let topic = settings.topics.full_name(place.topic);
        list.add_partition_offset(&topic, place.partition as i32, offset)
            .map_err(|error| BusError::Broken(error.to_string()))?;
    }
    Ok(list)
}

/// What an error of a request means to a caller.
pub(super) fn bus_error(doing: &str, error: &KafkaError) -> BusError {
    let text = format!("{doing}: {error}");
    match code(error) {
        Some(
            Code::TopicAuthorizationFailed
            | Code::GroupAuthorizationFailed
            | Code::ClusterAuthorizationFailed
            | Code::TransactionalIdAuthorizationFailed
            | Code::Authentication
            | Code::SaslAuthenticationFailed
            | Code::UnsupportedSASLMechanism
            | Code::SSL
            | Code::InvalidTransactionTimeout
            | Code::UnsupportedVersion
            | Code::UnsupportedFeature,
        ) => BusError::Setup(text),
        Some(Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition) => {
            BusError::Setup(format!("{text}; `newswire topics --create` makes the topics"))
        }
        Some(Code::ProducerFenced | Code::InvalidProducerEpoch | Code::Fenced) => {
            BusError::Broken(text)
        }
        Some(Code::State | Code::Fatal | Code::Conflict) => BusError::Broken(text),
        _ => BusError::Away(text),
    }
}

/// What an error within a transaction means.
pub(super) fn commit_error(doing: &str, error: &KafkaError) -> CommitError {
    let text = format!("{doing}: {error}");
    match code(error) {
        Some(
            Code::ProducerFenced
            | Code::InvalidProducerEpoch
            | Code::Fenced
            | Code::IllegalGeneration
            | Code::UnknownMemberId
            | Code::FencedInstanceId
            | Code::RebalanceInProgress,
        ) => CommitError::Fenced(text),
        _ => CommitError::Doubtful(text),
    }
}

/// Whether a producer of the same name has taken over, as against a new generation of the group.
pub(super) fn producer_was_fenced(error: &KafkaError) -> bool {
    matches!(code(error), Some(Code::ProducerFenced | Code::InvalidProducerEpoch | Code::Fenced))
}

fn code(error: &KafkaError) -> Option<Code> {
    match error {
        KafkaError::Transaction(error) => Some(error.code()),
        other => other.rdkafka_error_code(),
    }
}
