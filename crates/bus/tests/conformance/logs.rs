//! The door of commands.

use std::time::Duration;

use bus::{BusError, Log, PollLimit, Topic, Transport};

use super::{
    Bench, LIMIT, PATIENCE, all, at, extractor, join, record, take, transaction, values, wait_for,
};

pub(crate) fn what_is_appended_is_read_by_another(bench: &impl Bench) {
    let place = at(Topic::Stories, 1);
    let records = (0..10).map(|n| record(place, "k", &format!("{n}"))).collect();
    bench.log().append(records).unwrap();
    let mut log = bench.log();
    let wanted: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    let read = all(&mut log, place);
    assert_eq!(values(&read), wanted);
    assert_eq!(all(&mut log, at(Topic::Stories, 0)), []);
    // Backwards, too: a reader may go where it likes.
    let again = log.read(place, read[7].offset, LIMIT, PATIENCE).unwrap();
    assert_eq!(values(&again), ["7", "8", "9"]);
    let few = PollLimit { records: 2, bytes: usize::MAX };
    let again = log.read(place, read[3].offset, few, PATIENCE).unwrap();
    assert_eq!(values(&again), ["3", "4"]);
}

pub(crate) fn bounds_and_times_are_found(bench: &impl Bench) {
    let place = at(Topic::Stories, 0);
    let mut log = bench.log();
    let (oldest, end) = log.bounds(place).unwrap();
    assert_eq!(oldest, end, "a new partition is empty");
    let base = super::now().plus_millis(-100_000);
    assert_eq!(log.offset_at(place, base).unwrap(), end);
    let records = (0..5)
        .map(|n| bus::NewRecord {
            timestamp: base.plus_millis(n * 1000),
            ..record(place, "k", &format!("{n}"))
        })
        .collect();
    log.append(records).unwrap();
    let read = wait_for(&mut log, place, 5);
    assert_eq!(read[2].timestamp, base.plus_millis(2000));
    let (oldest, end) = log.bounds(place).unwrap();
    assert_eq!(oldest, read[0].offset);
    assert!(end > read[4].offset);
    let found = |log: &mut dyn Log, millis| log.offset_at(place, base.plus_millis(millis)).unwrap();
    assert_eq!(found(&mut log, -5000), read[0].offset);
    assert_eq!(found(&mut log, 2000), read[2].offset);
    assert_eq!(found(&mut log, 2001), read[3].offset);
    let at_end = found(&mut log, 60_000);
    assert_eq!(log.read(place, at_end, LIMIT, Duration::ZERO).unwrap(), []);
    bench.lose_before(place, read[2].offset);
    assert_eq!(log.bounds(place).unwrap().0, read[2].offset);
    assert_eq!(values(&log.read(place, 0, LIMIT, PATIENCE).unwrap()), ["2", "3", "4"]);
}

pub(crate) fn appending_is_all_or_nothing(bench: &impl Bench) {
    let place = at(Topic::Stories, 0);
    let mut log = bench.log();
    let records = vec![record(place, "k", "fine"), record(at(Topic::Stories, 99), "k", "nowhere")];
    let error = log.append(records).unwrap_err();
    assert!(matches!(error, BusError::Setup(_)), "{error}");
    let keyless = bus::NewRecord { key: None, ..record(at(Topic::Groups, 0), "", "no key") };
    log.append(vec![record(place, "k", "fine"), keyless]).unwrap_err();
    assert_eq!(all(&mut log, place), []);
    log.append(vec![]).unwrap();
    log.append(vec![record(place, "k", "next")]).unwrap();
    // A broker may show it a little later than it acknowledges it.
    assert_eq!(values(&wait_for(&mut log, place, 1)), ["next"]);
}

pub(crate) fn a_slow_reader_sees_all_beside_writers(bench: &impl Bench) {
    const COUNT: usize = 600;
    let place = at(Topic::Stories, 0);
    let writers: Vec<_> = (0..2)
        .map(|writer| {
            let mut log = bench.log();
            std::thread::spawn(move || {
                for n in 0..COUNT / 2 / 10 {
                    let records = (0..10)
                        .map(|k| record(place, "k", &format!("{writer} {}", n * 10 + k)))
                        .collect();
                    log.append(records).unwrap();
                }
            })
        })
        .collect();
    let mut log = bench.log();
    let (mut from, _) = log.bounds(place).unwrap();
    let mut read: Vec<bus::Record> = Vec::new();
    while read.len() < COUNT {
        let few = PollLimit { records: 20, bytes: usize::MAX };
        let more = log.read(place, from, few, PATIENCE).unwrap();
        assert!(!more.is_empty(), "{} of {COUNT} came", read.len());
        from = more[more.len() - 1].offset + 1;
        read.extend(more);
        std::thread::sleep(Duration::from_millis(2));
    }
    for writer in writers {
        writer.join().unwrap();
    }
    assert!(read.is_sorted_by_key(|record| record.offset));
    for writer in 0..2 {
        let of_it: Vec<&str> = values(&read)
            .into_iter()
            .filter(|value| value.starts_with(&writer.to_string()))
            .collect();
        let wanted: Vec<String> = (0..COUNT / 2).map(|n| format!("{writer} {n}")).collect();
        assert_eq!(of_it, wanted);
    }
}

pub(crate) fn reading_waits_for_what_comes(bench: &impl Bench) {
    let place = at(Topic::Stories, 0);
    let mut log = bench.log();
    assert_eq!(log.read(place, 0, LIMIT, Duration::from_millis(100)).unwrap(), []);
    let writer = std::thread::spawn({
        let mut log = bench.log();
        move || {
            std::thread::sleep(Duration::from_millis(300));
            log.append(vec![record(place, "k", "late")]).unwrap();
        }
    });
    assert_eq!(values(&log.read(place, 0, LIMIT, PATIENCE).unwrap()), ["late"]);
    writer.join().unwrap();
}

pub(crate) fn the_committed_positions_of_a_group_are_seen(bench: &impl Bench) {
    let inputs = [at(Topic::Pages, 0), at(Topic::Pages, 1)];
    let mut log = bench.log();
    assert_eq!(log.committed("extractor", &inputs).unwrap(), [None, None]);
    log.append(vec![record(inputs[1], "k", "in")]).unwrap();
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    let read = take(&mut member, 1);
    assert_eq!(member.position(inputs[1]).unwrap().committed, None);
    member.begin().unwrap();
    let next = read[0].offset + 1;
    member.commit(transaction(vec![], &[(inputs[1], next)])).unwrap();
    assert_eq!(log.committed("extractor", &inputs).unwrap(), [None, Some(next)]);
    assert_eq!(member.position(inputs[1]).unwrap().committed, Some(next));
    for (place, lag) in member.lag() {
        assert!(lag <= 1, "{place} lags by {lag}");
    }
    wait_for(&mut log, inputs[1], 1);
}

pub(crate) fn topics_are_as_they_should_be(bench: &impl Bench) {
    let mut log = bench.log();
    assert_eq!(log.create_topics().unwrap(), []);
    let states = log.topics().unwrap();
    assert_eq!(states.len(), Topic::ALL.len());
    for state in states {
        assert_eq!(state.partitions, bench.topics().spec(state.topic).partitions);
        assert_eq!(state.faults, Vec::<String>::new(), "{}", state.topic);
    }
}
