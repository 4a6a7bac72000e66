//! Settings of the clients, and those that an operator may not set.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::client::{Client, DefaultClientContext};
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaType;

use super::{KafkaSettings, convert};
use crate::{BusError, GroupSpec};

/// Kafka ends a transaction that takes longer.
pub(super) const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one request to the cluster may take before it counts as away.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// After so long without a heartbeat a member counts as lost and another takes over, unless the
/// operator says otherwise. Above the transaction timeout: what the lost one left open has ended
/// by then, and the restore of its heir need not wait for it.
const SESSION_TIMEOUT: Duration = Duration::from_secs(15);

/// Properties that newswire sets and an operator may not, for they would break the promise, each
/// with the reason. Of librdkafka's aliases both names are here. What newswire sets and is not here
/// is a default, and the operator's value holds.
const REFUSED: &[(&str, &str)] = &[
    ("bootstrap.servers", "set `brokers` in [kafka]"),
    ("metadata.broker.list", "set `brokers` in [kafka]"),
    ("group.id", "it is made of topic_prefix and the daemon"),
    ("group.instance.id", "a duplicate would fence the wrong process; set `instance` in [run]"),
    ("group.protocol", "the promise is proved for `classic` only"),
    ("group.remote.assignor", "the promise is proved for group.protocol `classic` only"),
    ("partition.assignment.strategy", "inputs that go together need the one that newswire sets"),
    ("transactional.id", "it is made of topic_prefix, daemon and `instance` in [run]"),
    ("transaction.timeout.ms", "restores and takeovers are built on 10 s"),
    ("enable.idempotence", "transactions need it"),
    ("enable.gapless.guarantee", "it changes what a failed delivery means"),
    ("acks", "transactions need `all`"),
    ("request.required.acks", "transactions need `all`"),
    ("message.timeout.ms", "it may not outlast the transaction"),
    ("delivery.timeout.ms", "it may not outlast the transaction"),
    ("message.send.max.retries", "a transaction is retried as a whole"),
    ("retries", "a transaction is retried as a whole"),
    ("isolation.level", "uncommitted records must never be read"),
    ("auto.offset.reset", "a silent reset is loss or duplication"),
    ("enable.auto.commit", "offsets are committed in transactions only"),
    ("auto.commit.enable", "offsets are committed in transactions only"),
    ("auto.commit.interval.ms", "offsets are committed in transactions only"),
    ("enable.auto.offset.store", "offsets are committed in transactions only"),
    ("offset.store.method", "offsets are committed in transactions only"),
    ("enable.partition.eof", "nothing here ends at the end of a partition"),
    ("allow.auto.create.topics", "topics have settings: `newswire topics --create`"),
    ("partitioner", "newswire chooses partitions itself"),
    ("message.max.bytes", "it follows from the topics' largest records"),
    ("receive.message.max.bytes", "it follows from the topics' largest records"),
    ("statistics.interval.ms", "newswire reads its lag from the statistics"),
    ("fetch.max.bytes", "it follows from the topics' largest records"),
    ("batch.size", "larger batches than the topics take would be refused"),
    ("linger.ms", "a transaction flushes at its end"),
    ("queue.buffering.max.ms", "a transaction flushes at its end"),
    ("plugin.library.paths", "it loads foreign code"),
    ("log.queue", "logs go to newswire's own"),
    ("log_level", "set RUST_LOG"),
];

/// Names that librdkafka takes for one of those that newswire sets by default.
const ALIASES: &[(&str, &str)] = &[
    ("max.partition.fetch.bytes", "fetch.message.max.bytes"),
    ("compression.codec", "compression.type"),
];

/// Checks the operator's properties: each of them, then how they go together. Connects to nothing.
pub(super) fn check(settings: &KafkaSettings) -> Result<(), BusError> {
    if settings.brokers.trim().is_empty() {
        return Err(BusError::Setup("[kafka] brokers is empty".to_owned()));
    }
    let faults: Vec<String> = settings
        .properties
        .iter()
        .filter_map(|(name, value)| fault(name, value))
        .map(|fault| format!("[kafka.properties] {fault}"))
        .collect();
    if faults.is_empty() {
        check_tokens(settings)?;
        return make_each_client(settings);
    }
    Err(BusError::Setup(format!(
        "{}\n`newswire check-config` shows where each property is set",
        faults.join("\n")
    )))
}

/// What is wrong with a property by itself.
fn fault(name: &str, value: &str) -> Option<String> {
    if let Some((_, why)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
        return Some(format!("{name} cannot be set: {why}"));
    }
    if name.starts_with("topic.") {
        return Some(format!("{name} cannot be set: set it without `topic.`"));
    }
    let mut alone = ClientConfig::new();
    alone.set(name, value);
    match alone.create_native_config() {
        Ok(_) => None,
        Err(KafkaError::Nul(_)) => Some(format!("{name} holds a NUL character")),
        Err(error) => Some(convert::words(&error)),
    }
}

/// Without a source of tokens librdkafka waits for one for ever, and says nothing.
fn check_tokens(settings: &KafkaSettings) -> Result<(), BusError> {
    let is = |name: &str, value: &str| {
        settings.properties.get(name).is_some_and(|set| set.trim().eq_ignore_ascii_case(value))
    };
    let wants_tokens =
        ["sasl.mechanism", "sasl.mechanisms"].iter().any(|name| is(name, "OAUTHBEARER"));
    if wants_tokens && !is("enable.sasl.oauthbearer.unsecure.jwt", "true") {
        return Err(BusError::Setup(
            "[kafka.properties] sasl.mechanism OAUTHBEARER cannot be used: this build has no source \
             of tokens (of librdkafka's, only enable.sasl.oauthbearer.unsecure.jwt is in it); use \
             PLAIN, SCRAM or certificates"
                .to_owned(),
        ));
    }
    Ok(())
}

/// Makes a client of each kind and drops it. Only then does librdkafka look at how properties go
/// together, and read certificates. Clients without brokers have nothing to connect to.
fn make_each_client(settings: &KafkaSettings) -> Result<(), BusError> {
    let nobody = GroupSpec {
        group: "check",
        inputs: Vec::new(),
        changelogs: Vec::new(),
        instance: String::new(),
    };
    let clients = [
        (RDKafkaType::RD_KAFKA_CONSUMER, member(settings, &nobody)),
        (RDKafkaType::RD_KAFKA_CONSUMER, reader(settings, nobody.group)),
        (RDKafkaType::RD_KAFKA_PRODUCER, producer(settings, nobody.group)),
    ];
    for (kind, mut config) in clients {
        config.remove("bootstrap.servers");
        config
            .create_native_config()
            .and_then(|native| Client::new(&config, native, kind, DefaultClientContext))
            .map_err(|error| convert::first_client_error(settings, &error))?;
    }
    Ok(())
}

/// What newswire sets, and over it what the operator does; `check` has refused what may not be.
fn with_properties(settings: &KafkaSettings, mut config: ClientConfig) -> ClientConfig {
    for (name, value) in &settings.properties {
        if let Some((_, ours)) = ALIASES.iter().find(|(alias, _)| alias == name) {
            config.remove(ours);
        }
        config.set(name, value);
    }
    config
}

fn base(settings: &KafkaSettings) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("client.id", "newswire")
        .set("bootstrap.servers", &settings.brokers)
        .set("message.max.bytes", largest_message(settings).to_string())
        .set("socket.keepalive.enable", "true")
        .set("allow.auto.create.topics", "false")
        .set_log_level(RDKafkaLogLevel::Info);
    config
}

/// The largest record of all topics, and room for its frame.
fn largest_message(settings: &KafkaSettings) -> usize {
    let largest = crate::Topic::ALL
        .into_iter()
        .map(|topic| settings.topics.spec(topic).max_record_bytes)
        .max()
        .unwrap_or_default();
    largest + super::topics::FRAME
}

/// Full name of a group.
pub(super) fn group_id(settings: &KafkaSettings, group: &str) -> String {
    format!("{}{group}", settings.topics.prefix)
}

fn reading(settings: &KafkaSettings, group: &str) -> ClientConfig {
    let message = largest_message(settings);
    // A broker sends a batch whole even where it is larger than what was asked for (KIP-74), so
    // that 1 MiB a partition is enough to ask for; the answer as a whole must hold the largest.
    let answer = message.max(16 * 1024 * 1024);
    let mut config = base(settings);
    config
        .set("group.id", group_id(settings, group))
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("isolation.level", "read_committed")
        .set("check.crcs", "true")
        .set("fetch.message.max.bytes", "1048576")
        .set("fetch.max.bytes", answer.to_string())
        .set("receive.message.max.bytes", (answer + message + 512).to_string())
        .set("queued.max.messages.kbytes", "16384")
        .set("fetch.error.backoff.ms", "100")
        // A fetch that waits for records keeps all other requests to its broker waiting.
        .set("fetch.wait.max.ms", "100")
        // A reader has no session, but librdkafka compares it with max.poll.interval.ms all the same.
        .set("session.timeout.ms", SESSION_TIMEOUT.as_millis().to_string());
    config
}

/// The consumer of a daemon.
pub(super) fn member(settings: &KafkaSettings, spec: &GroupSpec) -> ClientConfig {
    let mut config = reading(settings, spec.group);
    let assignor = if spec.inputs.len() > 1 { "range" } else { "cooperative-sticky" };
    config
        .set("auto.offset.reset", "error")
        .set("group.protocol", "classic")
        .set("partition.assignment.strategy", assignor)
        // Where the lag is read from.
        .set("statistics.interval.ms", "5000");
    with_properties(settings, config)
}

/// A reader of assigned partitions: restores and commands. It never joins the group, whose name
/// it bears so that no further rights are needed.
pub(super) fn reader(settings: &KafkaSettings, group: &str) -> ClientConfig {
    let mut config = reading(settings, group);
    config
        .set("auto.offset.reset", "earliest")
        // What is fetched ahead lies in the memory of the client's threads, which end with it; the
        // C library keeps that memory for other threads, up to eight times the number of cores.
        .set("fetch.message.max.bytes", "262144")
        .set("queued.max.messages.kbytes", "4096")
        // A full queue is looked at again so soon; the default is a second.
        .set("fetch.queue.backoff.ms", "2");
    with_properties(settings, config)
}

/// A transactional producer.
pub(super) fn producer(settings: &KafkaSettings, transactional_id: &str) -> ClientConfig {
    let mut config = base(settings);
    config
        .set("compression.type", "zstd")
        .set("transactional.id", transactional_id)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("transaction.timeout.ms", TRANSACTION_TIMEOUT.as_millis().to_string())
        // Long enough for the records of a batch to be packed together.
        .set("linger.ms", "2")
        // Below the smallest max.message.bytes of the topics (1 MiB): a batch counts whole.
        .set("batch.size", "1000000")
        .set("queue.buffering.max.kbytes", "65536");
    with_properties(settings, config)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Topic, TopicSettings};

    fn settings(properties: &[(&str, &str)]) -> KafkaSettings {
        KafkaSettings {
            brokers: "localhost:1".to_owned(),
            properties: properties
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>(),
            topics: TopicSettings::default(),
        }
    }

    #[test]
    fn properties_that_break_the_promise_are_refused_with_the_reason() {
        for (name, why) in REFUSED {
            let error = check(&settings(&[(name, "1")])).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(why), "{error}");
        }
        let error = check(&settings(&[("no.such.thing", "1")])).unwrap_err();
        assert!(error.to_string().contains("no.such.thing"), "{error}");
        let two = settings(&[("acks", "1"), ("no.such.thing", "1")]);
        let error = check(&two).unwrap_err().to_string();
        assert!(error.contains("acks") && error.contains("no.such.thing"), "all at once: {error}");
    }

    #[test]
    fn what_librdkafka_refuses_is_told_without_the_value() {
        for (name, value, why) in [
            ("sasl.pasword", "hunter2", "no such property"),
            ("sasl.oauthbearer.client.secret", "hunter2", "not supported in this build"),
            ("sasl.jaas.config", "password=\"hunter2\";", "JAAS configuration is not supported"),
            ("sasl.mechanisms", "PLAIN,hunter2", "does not take this value"),
            ("compression.type", "hunter2", "does not take this value"),
            ("debug", "broker,hunter2", "does not take this value"),
            ("socket.timeout.ms", "hunter2", "does not take this value"),
            ("socket.timeout.ms", "7777777", "outside of 10..300000"),
            ("check.crcs", "hunter2", "true or false"),
            ("sasl.password", "hunter2\0", "NUL"),
        ] {
            let error = check(&settings(&[(name, value)])).unwrap_err();
            let BusError::Setup(text) = &error else { panic!("{error:?}") };
            assert!(text.contains(name) && text.contains(why), "{text}");
            assert!(!text.contains("hunter2") && !text.contains("7777777"), "{text}");
        }
    }

    #[test]
    fn what_does_not_go_together_is_found_without_a_broker() {
        let scram = ("sasl.mechanism", "SCRAM-SHA-512");
        for (properties, why) in [
            (&[("security.protocol", "SASL_SSL"), scram][..], "sasl.username"),
            (
                &[("security.protocol", "SSL"), ("ssl.ca.location", "/no/such.pem")],
                "ssl.ca.location: No such file",
            ),
            (&[("socket.timeout.ms", "30000")], "transaction.timeout.ms"),
            (
                &[("session.timeout.ms", "60000"), ("max.poll.interval.ms", "30000")],
                "session.timeout.ms",
            ),
        ] {
            let error = check(&settings(properties)).unwrap_err();
            let BusError::Setup(text) = &error else { panic!("{error:?}") };
            assert!(text.contains("[kafka.properties]") && text.contains(why), "{text}");
        }
        // Below librdkafka's default of session.timeout.ms, and above ours.
        check(&settings(&[("max.poll.interval.ms", "30000")])).unwrap();
    }

    #[test]
    fn security_and_timeouts_pass_through() {
        let certificates = tempfile::tempdir().unwrap();
        let allowed = [
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanisms", "SCRAM-SHA-512"),
            ("sasl.username", "newswire"),
            ("sasl.password", "secret"),
            ("ssl.ca.location", certificates.path().to_str().unwrap()),
            ("session.timeout.ms", "30000"),
            ("max.poll.interval.ms", "60000"),
            ("compression.type", "lz4"),
        ];
        let settings = settings(&allowed);
        check(&settings).unwrap();
        assert!(!format!("{settings:?}").contains("secret"));
        let config = producer(&settings, "a");
        assert_eq!(config.get("sasl.password"), Some("secret"));
        assert_eq!(config.get("compression.type"), Some("lz4"));
    }

    fn extractor() -> GroupSpec {
        GroupSpec {
            group: "extractor",
            inputs: vec![Topic::Pages],
            changelogs: vec![],
            instance: "a".to_owned(),
        }
    }

    #[test]
    fn what_may_be_set_holds_under_every_name() {
        let defaults = settings(&[]);
        let clients = |settings: &KafkaSettings| {
            [member(settings, &extractor()), reader(settings, "extractor"), producer(settings, "a")]
        };
        let mut allowed = 0;
        for config in clients(&defaults) {
            for (name, value) in config.config_map() {
                if REFUSED.iter().any(|(refused, _)| *refused == name) {
                    continue;
                }
                allowed += 1;
                let other = match value.parse::<u64>() {
                    Ok(number) => (number + 1).to_string(),
                    Err(_) if value == "true" => "false".to_owned(),
                    Err(_) => "lz4".to_owned(),
                };
                for config in clients(&settings(&[(name, &other)])) {
                    assert_eq!(config.get(name), Some(other.as_str()), "{name}");
                }
            }
        }
        assert!(allowed > 10, "{allowed}");
        for (alias, ours) in ALIASES {
            for config in clients(&settings(&[(alias, "7")])) {
                assert_eq!((config.get(alias), config.get(ours)), (Some("7"), None));
            }
        }
    }

    #[test]
    fn a_mechanism_without_its_token_is_an_error() {
        for name in ["sasl.mechanism", "sasl.mechanisms"] {
            let properties = [("security.protocol", "SASL_PLAINTEXT"), (name, "OAUTHBEARER")];
            let error = check(&settings(&properties)).unwrap_err().to_string();
            assert!(error.contains("no source of tokens"), "{error}");
            let mut unsecured = properties.to_vec();
            unsecured.push(("enable.sasl.oauthbearer.unsecure.jwt", "true"));
            check(&settings(&unsecured)).unwrap();
        }
    }

    #[test]
    fn every_client_takes_the_largest_record() {
        let settings = settings(&[]);
        for config in [
            member(&settings, &extractor()),
            reader(&settings, "extractor"),
            producer(&settings, "a"),
        ] {
            let number = |name| config.get(name).map(|text| text.parse::<usize>().unwrap());
            let message = number("message.max.bytes").unwrap();
            assert!(message > 12 * 1024 * 1024);
            if let Some(answer) = number("fetch.max.bytes") {
                assert!(answer >= message);
                assert!(number("receive.message.max.bytes").unwrap() >= answer + 512);
            }
        }
        let batch: usize = producer(&settings, "a").get("batch.size").unwrap().parse().unwrap();
        for topic in Topic::ALL {
            assert!(batch < settings.topics.spec(topic).max_record_bytes);
        }
    }
}
