//! What every transport promises. Each case is a function over a [`Bench`]; the macro
//! [`conformance!`] makes a test of each for one transport.

#![allow(dead_code, reason = "each transport's test crate uses a part of it")]

pub(crate) mod commits;
pub(crate) mod logs;
pub(crate) mod members;
pub(crate) mod order;
pub(crate) mod restores;

use std::time::{Duration, Instant};

use bus::{
    BusError, GroupSpec, Log, NewRecord, PollLimit, Polled, Record, Topic, TopicPartition,
    TopicSettings, Transaction, Transport,
};
use events::Timestamp;

/// A log of its own for one test, and ways into it.
pub(crate) trait Bench {
    type Transport: Transport + Send + 'static;
    type Log: Log + 'static;

    fn topics(&self) -> &TopicSettings;
    /// One more member, with a name of its own unless it is to be taken for another one.
    fn member(&self, spec: GroupSpec) -> Self::Transport;
    fn log(&self) -> Self::Log;
    /// Writes records as the producer of that member would, and dies before it commits.
    fn die_in_a_transaction(&self, spec: &GroupSpec, records: Vec<NewRecord>);
    /// Loses records as retention does.
    fn lose_before(&self, place: TopicPartition, oldest: i64);
    /// Forgets a group that has no member, with its offsets, as an operator may or as a cluster does
    /// after their retention.
    fn forget_group(&self, group: &str);
    /// Whether members share the partitions of a group; else the last one has all.
    fn shares_partitions(&self) -> bool;
}

/// Long enough for the slowest machine; reached only where a promise is broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const LIMIT: PollLimit = PollLimit { records: 500, bytes: 64 * 1024 * 1024 };

/// Few partitions: a broker makes each of them a folder of files.
pub(crate) fn small_topics(prefix: &str) -> TopicSettings {
    let mut topics = TopicSettings::new(prefix);
    for topic in Topic::ALL {
        let spec = topics.spec_mut(topic);
        spec.partitions = spec.partitions.min(2);
    }
    topics
}

/// The extractor's shape: one input, one changelog.
pub(crate) fn extractor(instance: &str) -> GroupSpec {
    GroupSpec {
        group: "extractor",
        inputs: vec![Topic::Pages],
        changelogs: vec![Topic::SiteState],
        instance: instance.to_owned(),
    }
}

/// The fetcher's shape: three inputs that go together, two changelogs.
pub(crate) fn fetcher(instance: &str) -> GroupSpec {
    GroupSpec {
        group: "fetcher",
        inputs: vec![Topic::Feeds, Topic::Pushes, Topic::Entries],
        changelogs: vec![Topic::FeedState, Topic::DownloadState],
        instance: instance.to_owned(),
    }
}

pub(crate) fn at(topic: Topic, partition: u32) -> TopicPartition {
    TopicPartition::new(topic, partition)
}

pub(crate) fn record(place: TopicPartition, key: &str, value: &str) -> NewRecord {
    NewRecord {
        place,
        timestamp: now(),
        key: Some(key.as_bytes().to_vec()),
        value: Some(value.as_bytes().to_vec()),
        headers: Vec::new(),
    }
}

pub(crate) fn tombstone(place: TopicPartition, key: &str) -> NewRecord {
    NewRecord { value: None, ..record(place, key, "") }
}

/// Retention works on timestamps, so that those of records that shall stay must be new.
#[expect(clippy::disallowed_methods, reason = "retention is by the time of day, as in Kafka")]
pub(crate) fn now() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap())
}

pub(crate) fn key(record: &Record) -> &str {
    std::str::from_utf8(record.key.as_deref().unwrap_or_default()).unwrap()
}

pub(crate) fn value(record: &Record) -> &str {
    std::str::from_utf8(record.value.as_deref().unwrap_or(b"(tombstone)")).unwrap()
}

pub(crate) fn values(records: &[Record]) -> Vec<&str> {
    records.iter().map(value).collect()
}

/// Keys and values, for changelogs.
pub(crate) fn pairs(records: &[Record]) -> Vec<(String, String)> {
    records.iter().map(|record| (key(record).to_owned(), value(record).to_owned())).collect()
}

pub(crate) fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

/// Polls until partitions are assigned.
pub(crate) fn assigned(transport: &mut impl Transport) -> Vec<TopicPartition> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        match transport.poll(Duration::from_millis(200), LIMIT).unwrap() {
            Polled::Assigned(mut places) => {
                places.sort();
                return places;
            }
            Polled::Records(records) => {
                assert!(records.is_empty(), "records before any assignment");
            }
            Polled::Revoked(_) => {}
        }
    }
    panic!("nothing was assigned");
}

/// Restores the changelogs of a group for the partitions of its inputs.
pub(crate) fn restore(
    transport: &mut impl Transport,
    spec: &GroupSpec,
    inputs: &[TopicPartition],
) -> Vec<Record> {
    let mut partitions: Vec<u32> = inputs.iter().map(|place| place.partition).collect();
    partitions.sort_unstable();
    partitions.dedup();
    let changelogs: Vec<TopicPartition> = spec
        .changelogs
        .iter()
        .flat_map(|topic| partitions.iter().map(|partition| at(*topic, *partition)))
        .collect();
    let mut records = Vec::new();
    transport.restore(&changelogs, &mut |record| records.push(record), &|| false).unwrap();
    records
}

/// Starts each input where the group stands, or at its oldest record.
pub(crate) fn start(transport: &mut impl Transport, inputs: &[TopicPartition]) {
    let starts: Vec<(TopicPartition, i64)> = inputs
        .iter()
        .map(|place| {
            let position = transport.position(*place).unwrap();
            (*place, position.committed.unwrap_or(position.oldest))
        })
        .collect();
    transport.start(&starts).unwrap();
}

/// Joins, restores and starts; returns what was assigned and what was restored.
pub(crate) fn join(
    transport: &mut impl Transport,
    spec: &GroupSpec,
) -> (Vec<TopicPartition>, Vec<Record>) {
    let places = assigned(transport);
    let restored = restore(transport, spec, &places);
    start(transport, &places);
    (places, restored)
}

/// Polls until so many records have come.
pub(crate) fn take(transport: &mut impl Transport, count: usize) -> Vec<Record> {
    let deadline = Instant::now() + PATIENCE;
    let mut records = Vec::new();
    while records.len() < count {
        assert!(Instant::now() < deadline, "{} of {count} records came", records.len());
        if let Polled::Records(more) = transport.poll(Duration::from_millis(200), LIMIT).unwrap() {
            records.extend(more);
        }
    }
    records
}

/// Polls for a while, and expects nothing.
pub(crate) fn nothing_comes(transport: &mut impl Transport) {
    match transport.poll(Duration::from_millis(700), LIMIT).unwrap() {
        Polled::Records(records) => assert_eq!(values(&records), Vec::<&str>::new()),
        other => panic!("{other:?}"),
    }
}

/// Everything in a partition, from its oldest record on.
pub(crate) fn all(log: &mut impl Log, place: TopicPartition) -> Vec<Record> {
    let (mut from, end) = log.bounds(place).unwrap();
    let mut records: Vec<Record> = Vec::new();
    loop {
        if from >= end {
            return records;
        }
        let more = log.read(place, from, LIMIT, Duration::from_millis(500)).unwrap();
        match more.last() {
            None => return records,
            Some(last) => from = last.offset + 1,
        }
        records.extend(more);
    }
}

/// Waits until a partition has so many records.
pub(crate) fn wait_for(log: &mut impl Log, place: TopicPartition, count: usize) -> Vec<Record> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let records = all(log, place);
        if records.len() >= count {
            return records;
        }
        assert!(Instant::now() < deadline, "{place} has {} records of {count}", records.len());
    }
}

pub(crate) fn transaction(
    records: Vec<NewRecord>,
    offsets: &[(TopicPartition, i64)],
) -> Transaction {
    Transaction { records, offsets: offsets.to_vec() }
}

/// Recovers, patiently where the log is away.
pub(crate) fn recover(transport: &mut impl Transport) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match transport.recover() {
            Ok(()) => return,
            Err(BusError::Away(_)) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(200));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// One test for each case.
#[macro_export]
macro_rules! conformance {
    ($bench:expr; $($area:ident: $($case:ident),+ $(,)?;)+) => {
        $(mod $area {
            $(#[test]
            fn $case() {
                let Some(bench) = $bench(stringify!($case)) else {
                    return;
                };
                $crate::conformance::$area::$case(&bench);
            })+
        })+
    };
}

/// All cases.
#[macro_export]
macro_rules! all_cases {
    ($bench:expr) => {
        $crate::conformance! { $bench;
            order: records_of_a_partition_come_in_order_from_the_position_asked_for,
                nothing_is_delivered_before_start_nor_while_paused,
                a_poll_stops_at_its_limits,
                a_restart_at_another_position_reads_again_from_there,
                records_of_ten_mebibytes_pass,
                all_that_a_record_has_survives,
                a_position_before_the_oldest_record_is_reported,
                a_forgotten_group_has_no_position_and_goes_on_where_it_is_told,
                a_waker_ends_a_poll_early;
            commits: outputs_state_and_offsets_appear_together,
                a_batch_that_was_never_committed_leaves_nothing,
                a_commit_without_a_beginning_is_refused,
                nothing_begins_before_an_assignment,
                offsets_are_where_they_were_after_a_restart,
                a_transaction_without_records_still_moves_the_offsets,
                many_commits_one_after_the_other,
                a_refused_record_takes_the_whole_transaction_along,
                recovery_gives_the_partitions_back_and_loses_nothing;
            restores: a_changelog_is_restored_whole_and_in_order,
                a_restore_that_is_to_stop_is_given_up,
                a_tombstone_is_restored_or_its_key_is_gone,
                a_long_changelog_is_restored_whole,
                an_empty_changelog_is_restored_at_once,
                restoring_again_gives_the_same,
                what_a_dead_owner_left_open_does_not_appear;
            members: a_second_process_of_the_same_name_fences_the_first,
                a_stalled_owner_cannot_commit,
                a_stalled_owner_cannot_commit_what_a_timer_did,
                what_was_taken_away_after_the_beginning_cannot_be_committed,
                what_was_taken_away_during_a_restore_cannot_be_committed,
                two_members_hand_over_without_loss_or_double,
                inputs_that_go_together_have_one_owner,
                a_member_that_leaves_gives_way_at_once;
            logs: what_is_appended_is_read_by_another,
                bounds_and_times_are_found,
                appending_is_all_or_nothing,
                a_slow_reader_sees_all_beside_writers,
                reading_waits_for_what_comes,
                the_committed_positions_of_a_group_are_seen,
                topics_are_as_they_should_be;
        }
    };
}
