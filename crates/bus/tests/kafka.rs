//! Kafka keeps what every transport promises, and what only it does. Needs a broker:
//! `tests/kafka/run.sh start` prints the variable that names it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails where it must, says what it measured, and may ask the time"
)]

mod conformance;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bus::kafka::{Kafka, KafkaLog, KafkaSettings, KafkaTransport};
use bus::{
    BusError, GroupSpec, Log, NewRecord, Polled, Topic, TopicPartition, TopicSettings, Transport,
};
use rdkafka::ClientConfig;
use rdkafka::TopicPartitionList;
use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use conformance::Bench;

struct KafkaBench {
    brokers: String,
    topics: TopicSettings,
    kafka: Kafka,
}

/// A cluster, if there is one; each test has topics of its own on it.
fn bench(case: &str) -> Option<KafkaBench> {
    let Ok(brokers) = std::env::var("NEWSWIRE_KAFKA") else {
        println!(
            "SKIPPED on Kafka: {case}. NEWSWIRE_KAFKA=host:port is not set; \
             `tests/kafka/run.sh start` starts a broker and prints it"
        );
        return None;
    };
    let unique =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let topics = conformance::small_topics(&format!("t{unique}."));
    // A stalled member is to be noticed within seconds.
    let properties = BTreeMap::from(
        [
            ("session.timeout.ms", "6000"),
            ("max.poll.interval.ms", "6000"),
            ("heartbeat.interval.ms", "500"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let kafka =
        Kafka::new(KafkaSettings { brokers: brokers.clone(), properties, topics: topics.clone() })
            .unwrap();
    let created = kafka.log().unwrap().create_topics().unwrap();
    assert_eq!(created.len(), Topic::ALL.len());
    Some(KafkaBench { brokers, topics, kafka })
}

impl KafkaBench {
    fn admin(&self) -> AdminClient<DefaultClientContext> {
        ClientConfig::new().set("bootstrap.servers", &self.brokers).create().unwrap()
    }
}

impl Bench for KafkaBench {
    type Transport = KafkaTransport;
    type Log = KafkaLog;

    fn topics(&self) -> &TopicSettings {
        &self.topics
    }

    fn member(&self, spec: GroupSpec) -> KafkaTransport {
        self.kafka.transport(spec).unwrap()
    }

    fn log(&self) -> KafkaLog {
        self.kafka.log().unwrap()
    }

    fn die_in_a_transaction(&self, spec: &GroupSpec, records: Vec<NewRecord>) {
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", &self.brokers)
            .set(
                "transactional.id",
                format!("{}{}.{}", self.topics.prefix, spec.group, spec.instance),
            )
            .set("transaction.timeout.ms", "10000")
            .create()
            .unwrap();
        producer.init_transactions(conformance::PATIENCE).unwrap();
        producer.begin_transaction().unwrap();
        for record in &records {
            let topic = self.topics.full_name(record.place.topic);
            let mut to_send: BaseRecord<'_, [u8], [u8]> =
                BaseRecord::to(&topic).partition(i32::try_from(record.place.partition).unwrap());
            to_send.key = record.key.as_deref();
            to_send.payload = record.value.as_deref();
            assert!(producer.send(to_send).is_ok());
        }
        producer.flush(conformance::PATIENCE).unwrap();
        // Dropped, and so neither committed nor aborted: as after a kill.
    }

    fn lose_before(&self, place: TopicPartition, oldest: i64) {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(
            &self.topics.full_name(place.topic),
            i32::try_from(place.partition).unwrap(),
            rdkafka::Offset::Offset(oldest),
        )
        .unwrap();
        // The request goes out when the future is made; the log shows when it is done.
        let admin = self.admin();
        let deleting = admin.delete_records(&list, &AdminOptions::new());
        let mut log = self.log();
        let deadline = std::time::Instant::now() + conformance::PATIENCE;
        while log.bounds(place).unwrap().0 != oldest {
            assert!(std::time::Instant::now() < deadline);
            std::thread::sleep(Duration::from_millis(50));
        }
        drop(deleting);
    }

    fn forget_group(&self, group: &str) {
        let name = format!("{}{group}", self.topics.prefix);
        let admin = self.admin();
        let mut log = self.log();
        let inputs = [conformance::at(Topic::Pages, 0), conformance::at(Topic::Pages, 1)];
        let deadline = std::time::Instant::now() + conformance::PATIENCE;
        // Refused while the coordinator still counts the member that has just left.
        while log.committed(group, &inputs).unwrap().iter().any(Option::is_some) {
            assert!(std::time::Instant::now() < deadline);
            let deleting = admin.delete_groups(&[&name], &AdminOptions::new());
            std::thread::sleep(Duration::from_millis(300));
            drop(deleting);
        }
    }

    fn shares_partitions(&self) -> bool {
        true
    }
}

all_cases!(crate::bench);

#[test]
fn wrong_partition_counts_are_refused_and_name_the_command_that_helps() {
    let Some(bench) = bench("wrong partition counts") else {
        return;
    };
    let mut topics = bench.topics.clone();
    topics.spec_mut(Topic::Entries).partitions = 3;
    let kafka = Kafka::new(KafkaSettings {
        brokers: bench.brokers.clone(),
        properties: BTreeMap::new(),
        topics,
    })
    .unwrap();
    let mut member = kafka.transport(conformance::fetcher("a")).unwrap();
    let error = member.poll(Duration::from_secs(1), conformance::LIMIT).unwrap_err();
    assert!(
        matches!(&error, BusError::Setup(why)
            if why.contains("newswire topics") && why.contains("entries")),
        "{error}"
    );
}

#[test]
fn a_cluster_that_is_away_is_told_and_costs_no_spin() {
    let kafka = Kafka::new(KafkaSettings {
        brokers: "127.0.0.1:1".to_owned(),
        properties: BTreeMap::new(),
        topics: TopicSettings::default(),
    })
    .unwrap();
    let mut member = kafka.transport(conformance::extractor("a")).unwrap();
    let error = member.poll(Duration::from_millis(100), conformance::LIMIT).unwrap_err();
    assert!(matches!(error, BusError::Away(_)), "{error}");
}

#[test]
fn a_client_that_is_not_ours_reads_what_was_committed() {
    let Some(bench) = bench("foreign client") else {
        return;
    };
    let place = conformance::at(Topic::Stories, 0);
    let mut log = bench.log();
    log.append(vec![conformance::record(place, "id", "{\"a\":1}")]).unwrap();
    bench.die_in_a_transaction(
        &conformance::extractor("dead"),
        vec![conformance::record(place, "id", "never")],
    );
    let plain: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &bench.brokers)
        .set("group.id", format!("{}plain", bench.topics.prefix))
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    plain.subscribe(&[&bench.topics.full_name(Topic::Stories)]).unwrap();
    let deadline = std::time::Instant::now() + conformance::PATIENCE;
    let mut values = Vec::new();
    let mut quiet = 0;
    while values.is_empty() || quiet < 5 {
        assert!(std::time::Instant::now() < deadline);
        match plain.poll(Duration::from_millis(300)) {
            Some(Ok(message)) => {
                use rdkafka::Message;
                values.push(message.payload().unwrap().to_vec());
            }
            _ => quiet += 1,
        }
    }
    assert_eq!(values, [b"{\"a\":1}".to_vec()]);
}

/// What compaction leaves of a state that was taken back: a log whose oldest offsets hold nothing.
#[test]
fn a_changelog_whose_first_segments_are_empty_is_restored() {
    let Some(bench) = bench("emptied changelog") else {
        return;
    };
    let place = conformance::at(Topic::SiteState, 0);
    let name = bench.topics.full_name(Topic::SiteState);
    // Alters all settings of the topic: these, and the defaults of the broker.
    let eager = AlterConfig::new(ResourceSpecifier::Topic(&name))
        .set("cleanup.policy", "compact")
        .set("segment.ms", "100")
        .set("min.cleanable.dirty.ratio", "0")
        .set("delete.retention.ms", "0");
    let admin = bench.admin();
    let altering = admin.alter_configs([&eager], &AdminOptions::new());
    let spec = conformance::extractor("writer");
    let write = |changes: Vec<NewRecord>| {
        let mut member = bench.member(spec.clone());
        conformance::join(&mut member, &spec);
        member.begin().unwrap();
        let input = conformance::at(Topic::Pages, 0);
        member.commit(conformance::transaction(changes, &[(input, 0)])).unwrap();
        member.leave();
    };
    write((0..200).map(|n| conformance::record(place, &format!("{n}"), "1")).collect());
    write((0..200).map(|n| conformance::tombstone(place, &format!("{n}"))).collect());
    write(vec![conformance::record(place, "kept", "1")]);
    write(vec![conformance::record(place, "kept", "2")]);
    let mut log = bench.log();
    let deadline = std::time::Instant::now() + 2 * conformance::PATIENCE;
    let oldest = |log: &mut KafkaLog| conformance::all(log, place)[0].offset;
    while oldest(&mut log) < 400 {
        assert!(std::time::Instant::now() < deadline, "nothing was compacted");
        // A segment ends when something is written after its time.
        std::thread::sleep(Duration::from_millis(500));
        write(vec![conformance::record(place, "kept", "2")]);
    }
    drop(altering);
    let (start, _) = log.bounds(place).unwrap();
    println!("the log begins at {start}, its oldest record is {}", oldest(&mut log));
    let spec = conformance::extractor("reader");
    let mut member = bench.member(spec.clone());
    let (_, restored) = conformance::join(&mut member, &spec);
    assert_eq!(conformance::pairs(&restored).last(), Some(&conformance::pair("kept", "2")));
    assert!(restored.iter().all(|record| conformance::key(record) == "kept"), "{restored:?}");
}

/// Both have work, so that each finds out in a commit, by whatever error comes first.
#[test]
fn two_of_one_name_do_not_fence_each_other_for_ever() {
    let Some(bench) = bench("two of one name") else {
        return;
    };
    let input = conformance::at(Topic::Pages, 0);
    bench.log().append(vec![conformance::record(input, "k", "in")]).unwrap();
    let ended = AtomicBool::new(false);
    let ends = std::thread::scope(|scope| {
        let run = || {
            let member = bench.member(conformance::extractor("same"));
            let end = work_until_fenced(member, input, &ended);
            ended.store(true, Ordering::Relaxed);
            end
        };
        let (one, other) = (scope.spawn(run), scope.spawn(run));
        [one.join().unwrap(), other.join().unwrap()]
    });
    let reasons: Vec<&String> = ends.iter().flatten().collect();
    assert!(!reasons.is_empty(), "they fence each other for ever");
    assert!(reasons.iter().all(|why| why.contains("instance `same`")), "{reasons:?}");
}

/// Commits and recovers as a daemon does, until the transport says that another one has the name,
/// which is returned, or until somebody else was told so.
fn work_until_fenced(
    mut member: KafkaTransport,
    input: TopicPartition,
    ended: &AtomicBool,
) -> Option<String> {
    let deadline = std::time::Instant::now() + 2 * conformance::PATIENCE;
    let mut is_ready = false;
    while std::time::Instant::now() < deadline && !ended.load(Ordering::Relaxed) {
        let step = if is_ready {
            let output =
                |n: u32| conformance::record(conformance::at(Topic::Articles, n % 2), "k", "o");
            let transaction =
                conformance::transaction((0..50).map(output).collect(), &[(input, 0)]);
            member.begin().is_ok() && member.commit(transaction).is_ok()
        } else {
            match member.poll(Duration::from_millis(100), conformance::LIMIT) {
                Ok(Polled::Assigned(places)) => {
                    is_ready = places.contains(&input);
                    let state: Vec<_> = places
                        .iter()
                        .map(|place| TopicPartition::new(Topic::SiteState, place.partition))
                        .collect();
                    member.restore(&state, &mut |_| {}, &|| false).is_ok()
                }
                polled => polled.is_ok(),
            }
        };
        if step {
            continue;
        }
        is_ready = false;
        if let Err(BusError::Fenced(why)) = member.recover() {
            return Some(why);
        }
    }
    None
}

#[test]
fn topics_that_are_missing_are_named_with_what_makes_them() {
    let Some(bench) = bench("missing topics") else {
        return;
    };
    let mut elsewhere = bench.topics.clone();
    elsewhere.prefix = format!("none.{}", elsewhere.prefix);
    let settings = KafkaSettings {
        brokers: bench.brokers.clone(),
        properties: BTreeMap::new(),
        topics: elsewhere,
    };
    let mut log = Kafka::new(settings).unwrap().log().unwrap();
    let place = conformance::at(Topic::Articles, 0);
    let errors = [
        log.bounds(place).unwrap_err(),
        log.append(vec![conformance::record(place, "k", "v")]).unwrap_err(),
    ];
    for error in errors {
        let says = error.to_string();
        assert!(matches!(error, BusError::Setup(_)), "{says}");
        let missing = format!("topic none.{} is missing", bench.topics.full_name(Topic::Articles));
        assert!(says.contains(&missing) && says.contains("newswire topics --create"), "{says}");
    }
}
