//! Between librdkafka's types and ours, errors included.

use std::borrow::Cow;

use events::Timestamp;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::types::RDKafkaConfRes;
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

/// An error in words that hold no value of a property: it may be a secret.
pub(super) fn words(error: &KafkaError) -> String {
    match error {
        KafkaError::ClientConfig(RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN, _, name, _) => {
            format!("{name}: librdkafka has no such property")
        }
        KafkaError::ClientConfig(_, reason, name, value) => {
            format!("{name}: {}", without_value(reason, value))
        }
        other => other.to_string(),
    }
}

/// Why librdkafka refuses a value; some of its reasons quote it (`rd_kafka_anyconf_set_prop`).
fn without_value<'a>(reason: &'a str, value: &str) -> Cow<'a, str> {
    if let Some((_, range)) = reason.split_once("is outside allowed range") {
        return format!("the value is outside of {}", range.trim()).into();
    }
    let value = value.trim();
    let quotes_all = !value.is_empty() && reason.contains(value);
    // Of a list the one item that is wrong; and such a reason says no more than that.
    let quotes_some =
        reason.starts_with("Invalid value") || reason.starts_with("Unsupported value");
    if quotes_all || quotes_some {
        return "librdkafka does not take this value; its CONFIGURATION.md says which it takes"
            .into();
    }
    reason.into()
}

/// What it means that no client can be made while the log is opened: the settings are wrong, unless
/// the machine is out of threads.
pub(super) fn first_client_error(settings: &KafkaSettings, error: &KafkaError) -> BusError {
    let text = words(error);
    match error {
        // The two errors of `rd_kafka_new` that are not about the settings.
        KafkaError::ClientCreation(reason)
            if reason.starts_with("Failed to create thread")
                || reason.starts_with("Timed out waiting for") =>
        {
            BusError::Away(text)
        }
        KafkaError::ClientCreation(reason) => BusError::Setup(format!(
            "[kafka.properties] librdkafka cannot work with these settings: {reason}{}",
            unreadable(settings, reason)
        )),
        _ => BusError::Setup(format!("[kafka.properties] {text}")),
    }
}

/// Why the file cannot be read that a reason names; OpenSSL says "BIO lib" of it and no more.
fn unreadable(settings: &KafkaSettings, reason: &str) -> String {
    settings
        .properties
        .iter()
        .filter(|(name, _)| name.ends_with(".location") && reason.contains(name.as_str()))
        .filter_map(|(name, path)| Some((name, std::fs::File::open(path).err()?)))
        .map(|(name, error)| format!("; {name}: {error}"))
        .collect()
}

/// What an error of a request means to a caller.
pub(super) fn bus_error(doing: &str, error: &KafkaError) -> BusError {
    let text = format!("{doing}: {}", words(error));
    if matches!(error, KafkaError::ClientConfig(..)) {
        return BusError::Setup(text);
    }
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
        // A client that cannot be made, too: the same settings made one when the log was opened, so
        // that it is the machine, or a certificate that is just being replaced.
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
    code(error).is_some_and(is_fence)
}

/// Whether a code says that a producer is of an epoch that has passed.
pub(super) fn is_fence(code: Code) -> bool {
    matches!(code, Code::ProducerFenced | Code::InvalidProducerEpoch | Code::Fenced)
}

fn code(error: &KafkaError) -> Option<Code> {
    match error {
        KafkaError::Transaction(error) => Some(error.code()),
        other => other.rdkafka_error_code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_for_a_person_and_a_lack_of_threads_passes() {
        let created = |reason: &str| KafkaError::ClientCreation(reason.to_owned());
        for (error, is_setup) in [
            (created("sasl.username and sasl.password must be set"), true),
            (created("ssl.ca.location failed: No such file or directory"), true),
            (created("Failed to create thread: Resource temporarily unavailable (11)"), false),
            (created("Timed out waiting for 1 background thread(s) to initialize"), false),
        ] {
            let meaning = first_client_error(&KafkaSettings::default(), &error);
            assert_eq!(matches!(meaning, BusError::Setup(_)), is_setup, "{meaning:?}");
            // Once the log is open the same settings have been good.
            let later = bus_error("making the reader", &error);
            assert!(matches!(later, BusError::Away(_)), "{later:?}");
        }
        let refused = KafkaError::ClientConfig(
            RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN,
            "No such configuration property: \"sasl.pasword\"".to_owned(),
            "sasl.pasword".to_owned(),
            "hunter2".to_owned(),
        );
        let meaning = bus_error("making the reader", &refused);
        assert!(
            matches!(&meaning, BusError::Setup(text)
                if text.contains("sasl.pasword") && !text.contains("hunter2")),
            "{meaning:?}"
        );
    }
}
