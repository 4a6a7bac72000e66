//! Topics in a cluster: making them, and telling what is wrong with them.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::Thread;
use std::time::Duration;

use rdkafka::admin::{
    AdminClient, AdminOptions, ConfigResource, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::{Client, ClientContext};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::metadata::{Metadata, MetadataBroker};

use super::config::REQUEST_TIMEOUT;
use super::context::ReaderContext;
use super::{KafkaSettings, convert};
use crate::{BusError, Cleanup, Topic, TopicSettings, TopicState};

/// How long a broker may take to learn of a topic.
pub(super) const PROPAGATION: Duration = Duration::from_secs(3);

/// What a record needs on the wire besides key, value and headers: batch header, lengths, and
/// what each header costs. Brokers compare whole batches with max.message.bytes.
pub(super) const FRAME: usize = 64 * 1024;

/// Refuses to work with topics that are missing or have other numbers of partitions: keys would
/// hash elsewhere, and state would not be where its owner looks.
pub(super) fn check_partitions<C: ClientContext>(
    settings: &KafkaSettings,
    client: &Client<C>,
) -> Result<(), BusError> {
    refuse_faults(settled_states(settings, client, PROPAGATION)?)
}

/// The same as the cluster's metadata tells it now, for a topic that was asked for long enough.
pub(super) fn check_now<C: ClientContext>(
    settings: &KafkaSettings,
    client: &Client<C>,
) -> Result<(), BusError> {
    refuse_faults(states(settings, client)?)
}

fn refuse_faults(states: Vec<TopicState>) -> Result<(), BusError> {
    let wrong: Vec<String> = states.into_iter().flat_map(|state| state.faults).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(BusError::Setup(format!(
        "{}; `newswire topics` shows all, `newswire topics --create` makes those that are missing",
        wrong.join("; ")
    )))
}

/// All topics as the cluster's metadata tells them. Each broker learns of a new topic by itself, and
/// each question may reach another broker: what is missing is asked for again for that long.
pub(super) fn settled_states<C: ClientContext>(
    settings: &KafkaSettings,
    client: &Client<C>,
    patience: Duration,
) -> Result<Vec<TopicState>, BusError> {
    const PAUSE: Duration = Duration::from_millis(250);
    let times = patience.as_millis() / PAUSE.as_millis();
    until_there(|| states(settings, client), times, PAUSE)
}

/// Asks until no topic is missing, or so often.
fn until_there(
    mut ask: impl FnMut() -> Result<Vec<TopicState>, BusError>,
    times: u128,
    pause: Duration,
) -> Result<Vec<TopicState>, BusError> {
    let mut states = ask()?;
    for _ in 1..times {
        if states.iter().all(|state| state.partitions > 0) {
            break;
        }
        std::thread::sleep(pause);
        states = ask()?;
    }
    Ok(states)
}

/// All topics as one broker's metadata tells them.
pub(super) fn states<C: ClientContext>(
    settings: &KafkaSettings,
    client: &Client<C>,
) -> Result<Vec<TopicState>, BusError> {
    let metadata = client
        .fetch_metadata(None, REQUEST_TIMEOUT)
        .map_err(|error| convert::bus_error("asking for the topics", &error))?;
    Ok(Topic::ALL
        .into_iter()
        .map(|topic| {
            let partitions = count(&metadata, &settings.topics.full_name(topic));
            let wanted = settings.topics.spec(topic).partitions;
            let name = settings.topics.full_name(topic);
            let fault = match partitions {
                0 => Some(format!("topic {name} is missing")),
                found if found != wanted => {
                    Some(format!("topic {name} has {found} partitions, the settings say {wanted}"))
                }
                _ => None,
            };
            TopicState { topic, partitions, faults: fault.into_iter().collect() }
        })
        .collect())
}

fn count(metadata: &Metadata, name: &str) -> u32 {
    metadata
        .topics()
        .iter()
        .find(|topic| topic.name() == name && topic.error().is_none())
        .map_or(0, |topic| topic.partitions().len() as u32)
}

/// What a topic is made with.
fn wanted(settings: &KafkaSettings, topic: Topic, replicas: i32) -> Vec<(&'static str, String)> {
    let spec = settings.topics.spec(topic);
    let cleanup = match spec.cleanup {
        Cleanup::Delete => "delete",
        Cleanup::Compact => "compact",
        Cleanup::CompactDelete => "compact,delete",
    };
    let mut config = vec![
        ("cleanup.policy", cleanup.to_owned()),
        ("max.message.bytes", (spec.max_record_bytes + FRAME).to_string()),
        ("message.timestamp.type", "CreateTime".to_owned()),
        ("unclean.leader.election.enable", "false".to_owned()),
    ];
    let retention = spec.retention.map_or("-1".to_owned(), |age| age.as_millis().to_string());
    config.push(("retention.ms", retention));
    if topic == Topic::Pages {
        config.push(("compression.type", "zstd".to_owned()));
    }
    if spec.is_compacted() {
        config.extend([
            ("delete.retention.ms", spec.tombstone_retention.as_millis().to_string()),
            ("min.cleanable.dirty.ratio", "0.2".to_owned()),
            ("min.compaction.lag.ms", "0".to_owned()),
            ("max.compaction.lag.ms", "86400000".to_owned()),
        ]);
    }
    if spec.small_segments {
        // The segment being written is never compacted.
        config.extend([
            ("segment.bytes", (64 * 1024 * 1024).to_string()),
            ("segment.ms", "3600000".to_owned()),
        ]);
    }
    if replicas >= 3 {
        config.push(("min.insync.replicas", "2".to_owned()));
    }
    config
}

/// Makes what is missing.
pub(super) fn create(
    settings: &KafkaSettings,
    admin: &AdminClient<ReaderContext>,
) -> Result<Vec<Topic>, BusError> {
    let missing: Vec<Topic> = states(settings, admin.inner())?
        .into_iter()
        .filter(|state| state.partitions == 0)
        .map(|state| state.topic)
        .collect();
    if missing.is_empty() {
        return Ok(missing);
    }
    let default_replicas = default_replicas(admin)?;
    let options = AdminOptions::new()
        .request_timeout(Some(REQUEST_TIMEOUT))
        .operation_timeout(Some(REQUEST_TIMEOUT));
    let plans: Vec<_> = missing
        .into_iter()
        .map(|topic| {
            let replicas = settings.topics.spec(topic).replication;
            let config = wanted(settings, topic, replicas.unwrap_or(default_replicas));
            (topic, settings.topics.full_name(topic), config)
        })
        .collect();
    let new: Vec<NewTopic<'_>> = plans
        .iter()
        .map(|(topic, name, config)| {
            let spec = settings.topics.spec(*topic);
            // -1: the cluster's default.
            let replication = TopicReplication::Fixed(spec.replication.unwrap_or(-1));
            config.iter().fold(
                NewTopic::new(name, spec.partitions as i32, replication),
                |new, (key, value)| new.set(key, value),
            )
        })
        .collect();
    let results = block_on(admin.create_topics(&new, &options))
        .map_err(|error| convert::bus_error("creating topics", &error))?;
    let mut created = Vec::new();
    let mut refused = Vec::new();
    for result in results {
        match result {
            Ok(name) => created.extend(settings.topics.topic_of(&name)),
            // Somebody else was quicker.
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((name, code)) => refused.push(refusal(&settings.topics, &name, code)),
        }
    }
    if !refused.is_empty() {
        return Err(BusError::Setup(format!(
            "{} topic(s) were made, and these were refused: {}",
            created.len(),
            refused.join("; ")
        )));
    }
    let after = settled_states(settings, admin.inner(), REQUEST_TIMEOUT)?;
    match after.iter().find(|state| state.partitions == 0) {
        Some(missing) => {
            Err(BusError::Away(format!("topic {} was made but is not there", missing.topic)))
        }
        None => Ok(created),
    }
}

/// Why a topic was refused, and what to do where that is known.
fn refusal(settings: &TopicSettings, name: &str, code: RDKafkaErrorCode) -> String {
    let topic = settings.topic_of(name);
    let replication = topic.and_then(|topic| settings.spec(topic).replication);
    match (code, topic, replication) {
        (RDKafkaErrorCode::InvalidReplicationFactor, Some(topic), Some(replication)) => format!(
            "{name}: the cluster has fewer than {replication} brokers; set replication in \
             [topics.{topic}]"
        ),
        (code, ..) => format!("{name}: {code}"),
    }
}

fn default_replicas(admin: &AdminClient<ReaderContext>) -> Result<i32, BusError> {
    let metadata = admin
        .inner()
        .fetch_metadata(None, REQUEST_TIMEOUT)
        .map_err(|error| convert::bus_error("asking for the brokers", &error))?;
    let Some(broker) = metadata.brokers().first().map(MetadataBroker::id) else {
        return Err(BusError::Away("no broker answers".to_owned()));
    };
    let configs = describe(admin, &[ResourceSpecifier::Broker(broker)])?;
    Ok(configs
        .first()
        .and_then(|config| config.get("default.replication.factor"))
        .and_then(|entry| entry.value.as_deref()?.parse().ok())
        .unwrap_or(1))
}

fn describe(
    admin: &AdminClient<ReaderContext>,
    what: &[ResourceSpecifier<'_>],
) -> Result<Vec<ConfigResource>, BusError> {
    let options = AdminOptions::new().request_timeout(Some(REQUEST_TIMEOUT));
    let results = block_on(admin.describe_configs(what, &options))
        .map_err(|error| convert::bus_error("asking for settings of topics", &error))?;
    // Somebody without the right to see settings can still work with topics.
    Ok(results.into_iter().flatten().collect())
}

/// Adds to `states` what settings of the topics would break a promise.
pub(super) fn add_faults(
    settings: &KafkaSettings,
    admin: &AdminClient<ReaderContext>,
    states: &mut [TopicState],
) -> Result<(), BusError> {
    let names: Vec<String> =
        states.iter().map(|state| settings.topics.full_name(state.topic)).collect();
    for (state, name) in states.iter_mut().zip(&names) {
        if state.partitions == 0 {
            continue;
        }
        let configs = describe(admin, &[ResourceSpecifier::Topic(name)])?;
        let Some(config) = configs.first() else {
            continue;
        };
        let value = |key: &str| config.get(key).and_then(|entry| entry.value.as_deref());
        let spec = settings.topics.spec(state.topic);
        let policy = value("cleanup.policy").unwrap_or_default();
        if spec.cleanup == Cleanup::Compact && policy.contains("delete") {
            state.faults.push(format!(
                "{name}: cleanup.policy is `{policy}`, records of state would be deleted by age; \
                 set `compact`"
            ));
        }
        if spec.cleanup == Cleanup::Delete && policy.contains("compact") {
            state.faults.push(format!(
                "{name}: cleanup.policy is `{policy}`, later records of a key would replace \
                 earlier ones; set `delete`"
            ));
        }
        let largest = value("max.message.bytes").and_then(|text| text.parse::<usize>().ok());
        if let Some(largest) = largest
            && largest < spec.max_record_bytes
        {
            state.faults.push(format!(
                "{name}: max.message.bytes is {largest}, records can have {}",
                spec.max_record_bytes + FRAME
            ));
        }
    }
    Ok(())
}

/// The admin client has only futures; nothing else here does, and a thread may wait.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_to_set() {
        let mut settings = TopicSettings::default();
        settings.spec_mut(Topic::Pages).replication = Some(3);
        let said = |code| refusal(&settings, "newswire.pages", code);
        let too_many = said(RDKafkaErrorCode::InvalidReplicationFactor);
        assert!(too_many.contains("fewer than 3") && too_many.contains("[topics.pages]"));
        let other = said(RDKafkaErrorCode::TopicAuthorizationFailed);
        assert!(other.contains("newswire.pages") && other.contains("authorization"), "{other}");
    }

    #[test]
    fn a_topic_that_some_brokers_do_not_know_yet_is_asked_for_again() {
        let ask_until = |times| {
            let mut answers = [0, 0, 12].into_iter();
            let mut ask = || {
                let partitions = answers.next().unwrap();
                vec![TopicState { topic: Topic::Feeds, partitions, faults: Vec::new() }]
            };
            until_there(|| Ok(ask()), times, Duration::ZERO).unwrap()[0].partitions
        };
        assert_eq!(ask_until(9), 12);
        assert_eq!(ask_until(2), 0);
    }
}
