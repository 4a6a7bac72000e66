//! What the harness promises whatever the transport: all of a batch or nothing, once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must say where")]

#[expect(unreachable_pub, reason = "a module of a test is a crate of its own")]
mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bus::{Topic, TopicPartition};
use stage::{DeadLetterReason, Settings, unreadable};
use support::{CHANGELOG, Fate, INPUT, Log, OUTPUT, Sums, Web, run, run_with, settings};

fn log_of(commands: &[&str]) -> (Log, Arc<Web>) {
    let log = Log::default();
    for command in commands {
        log.write(INPUT, "command", Some(command));
    }
    let web = Arc::new(Web { log: log.clone(), ..Web::default() });
    (log, web)
}

/// Class and original value of each dead letter.
fn dead_letters(log: &Log) -> Vec<(String, String)> {
    let world = log.lock();
    let letters = world.log.get(&TopicPartition::new(Topic::DeadLetters, 0));
    letters
        .into_iter()
        .flatten()
        .map(|record| {
            let value = record.value.clone().unwrap_or_default();
            let class = DeadLetterReason::of(record).unwrap().class;
            (class, String::from_utf8(value).unwrap())
        })
        .collect()
}

fn pair(class: &str, value: &str) -> (String, String) {
    (class.to_owned(), value.to_owned())
}

#[test]
fn outputs_follow_inputs_and_the_offset_is_committed() {
    let (log, web) = log_of(&["add 1", "add 2", "compute 3", "add 4"]);
    let (result, status) = run(&log, &web, 60);
    result.unwrap();
    status.get().ready().unwrap();
    assert_eq!(log.values(OUTPUT).len(), 4);
    assert_eq!(log.values(OUTPUT).last().unwrap(), "10");
    assert_eq!(log.lock().committed[&INPUT], 4);
}

#[test]
fn a_restart_goes_on_where_the_last_run_ended() {
    let (log, web) = log_of(&["add 1", "add 2"]);
    run(&log, &web, 60).0.unwrap();
    log.write(INPUT, "command", Some("add 3"));
    run(&log, &web, 60).0.unwrap();
    assert_eq!(log.values(OUTPUT), ["1", "3", "6"]);
}

#[test]
fn a_doubtful_commit_is_never_applied_or_dropped_on_a_guess() {
    for fate in [Fate::Lost, Fate::Torn] {
        let (log, web) = log_of(&["add 1", "add 2", "later 3", "fetch 4"]);
        log.lock().fates = [fate, fate, fate].into();
        run(&log, &web, 200).0.unwrap();
        assert!(log.lock().recoveries >= 2, "{fate:?}");
        let sums = log.values(OUTPUT);
        assert_eq!(sums.len(), 4, "{fate:?}: {sums:?}");
        assert_eq!(sums.last().unwrap(), "10", "{fate:?}: {sums:?}");
    }
}

#[test]
fn a_poison_goes_to_the_dead_letters_and_the_stream_goes_on() {
    let (log, web) = log_of(&[
        "add 1",
        "poison",
        "add 2",
        "panic",
        "panic after write",
        "compute panic",
        "large",
        "add 3",
    ]);
    run(&log, &web, 200).0.unwrap();
    assert_eq!(log.values(OUTPUT), ["1", "3", "6"]);
    assert_eq!(
        dead_letters(&log),
        [
            pair("refused", "poison"),
            pair("panic", "panic"),
            pair("panic", "panic after write"),
            pair("panic", "compute panic"),
            pair("too_big", "large"),
        ]
    );
    assert_eq!(log.lock().committed[&INPUT], 8);
}

#[test]
fn a_timer_that_cannot_be_handled_is_parked_and_comes_no_more() {
    let (log, web) = log_of(&["later 13", "add 1"]);
    run(&log, &web, 200).0.unwrap();
    assert_eq!(log.values(OUTPUT), ["1"]);
    let faults = log.lock().log[&TopicPartition::new(CHANGELOG, 0)]
        .iter()
        .filter(|record| record.key.as_deref() == Some(b"fault/later/13"))
        .count();
    assert_eq!(faults, 1);
}

#[test]
fn a_request_is_performed_only_after_the_commit_that_remembers_it() {
    let (log, web) = log_of(&["fetch 7"]);
    run(&log, &web, 100).0.unwrap();
    assert_eq!(*web.asked.lock().unwrap(), [("fetch/7".to_owned(), 1)]);
    assert_eq!(log.values(OUTPUT), ["7"]);
}

#[test]
fn a_request_without_an_answer_is_asked_for_again_after_a_restart() {
    let (log, web) = log_of(&["fetch 7"]);
    web.silent.store(true, Ordering::Relaxed);
    run(&log, &web, 50).0.unwrap();
    assert_eq!(log.values(OUTPUT), Vec::<String>::new());
    web.silent.store(false, Ordering::Relaxed);
    run(&log, &web, 100).0.unwrap();
    assert_eq!(web.asked.lock().unwrap().len(), 2);
    assert_eq!(log.values(OUTPUT), ["7"]);
}

#[test]
fn requests_on_their_way_are_bounded() {
    let (log, web) = log_of(&["fetch 1", "fetch 2", "fetch 3"]);
    web.silent.store(true, Ordering::Relaxed);
    let settings = Settings { requests: 2, ..settings() };
    run_with(&log, &web, 100, settings).0.unwrap();
    assert_eq!(web.asked.lock().unwrap().len(), 2);
}

#[test]
fn a_stage_knows_how_many_requests_would_be_sent_at_once() {
    let (log, web) = log_of(&["fetch at once 1", "fetch 2", "fetch 3", "fetch at once 4"]);
    web.silent.store(true, Ordering::Relaxed);
    let settings = Settings { requests: 2, ..settings() };
    run_with(&log, &web, 60, settings.clone()).0.unwrap();
    assert_eq!(log.values(OUTPUT), ["-4"]);
    // Where a request ended there is a place again.
    web.silent.store(false, Ordering::Relaxed);
    run_with(&log, &web, 60, settings.clone()).0.unwrap();
    log.write(INPUT, "k", Some("fetch at once 5"));
    run_with(&log, &web, 60, settings).0.unwrap();
    assert_eq!(log.values(OUTPUT), ["-4", "-3", "-1", "2", "7"]);
}

#[test]
fn corrupt_state_stops_the_partition_and_says_so() {
    let (log, web) = log_of(&["add 1"]);
    log.write(TopicPartition::new(CHANGELOG, 0), "sum", Some("many"));
    let (result, status) = run(&log, &web, 60);
    result.unwrap();
    let reason = status.get().ready().unwrap_err();
    assert!(reason.contains("repair the state"), "{reason}");
    assert_eq!(log.values(OUTPUT), Vec::<String>::new());
    assert!(!log.lock().committed.contains_key(&INPUT));
}

#[test]
fn an_offset_that_differs_from_the_state_stops_the_partition() {
    let (log, web) = log_of(&["add 1", "add 2"]);
    run(&log, &web, 60).0.unwrap();
    log.lock().committed.insert(INPUT, 1);
    let (_, status) = run(&log, &web, 60);
    let reason = status.get().ready().unwrap_err();
    assert!(reason.contains("offset is 1") && reason.contains("written at 2"), "{reason}");
    assert_eq!(log.values(OUTPUT), ["1", "3"]);
}

#[test]
fn where_the_group_forgot_its_offset_the_state_knows_it() {
    let (log, web) = log_of(&["add 1", "add 2"]);
    run(&log, &web, 60).0.unwrap();
    log.lock().committed.clear();
    log.write(INPUT, "command", Some("add 3"));
    run(&log, &web, 60).0.unwrap();
    assert_eq!(log.values(OUTPUT), ["1", "3", "6"]);
}

#[test]
fn state_that_another_owner_changed_while_it_was_read_is_read_again_and_stops_nothing() {
    let (log, web) = log_of(&["add 1", "add 2"]);
    run(&log, &web, 60).0.unwrap();
    for command in ["add 3", "add 4"] {
        log.write(INPUT, "command", Some(command));
    }
    // The other one has added 3 already.
    log.lock().meanwhile = Some((6, 3));
    let (result, status) = run(&log, &web, 60);
    result.unwrap();
    status.get().ready().unwrap();
    assert_eq!(log.values(OUTPUT).last().unwrap(), "10");
}

#[test]
fn records_that_no_restore_can_read_are_found_among_those_that_can_be() {
    let log = Log::default();
    let place = TopicPartition::new(CHANGELOG, 0);
    for number in 0..20 {
        log.write(place, &format!("later/{number}"), Some("{}"));
    }
    log.write(place, "@position", Some("nowhere"));
    log.write(place, "sum", Some("many"));
    let read = |log: &Log| log.lock().log[&place].clone();
    let now = events::Timestamp::from_millis(0);
    let found = unreadable(&Sums, 0, read(&log), now);
    let keys: Vec<&[u8]> = found.iter().map(|(record, _)| record.key.as_deref().unwrap()).collect();
    assert_eq!(keys, [b"@position".as_slice(), b"sum"]);
    assert!(found[1].1.contains("repair the state"), "{found:?}");
    // What was overwritten or removed since is no fault.
    log.write(place, "sum", None);
    log.write(place, "@position", Some("{}"));
    assert!(unreadable(&Sums, 0, read(&log), now).is_empty());
}
