//! Delivery: order, limits, pauses, sizes.

use std::time::{Duration, Instant};

use bus::{BusError, Log, NewRecord, PollLimit, Polled, Topic, Transport};

use super::{
    Bench, LIMIT, PATIENCE, assigned, at, extractor, join, nothing_comes, record, restore, start,
    take, tombstone, transaction, values,
};

pub(crate) fn records_of_a_partition_come_in_order_from_the_position_asked_for(bench: &impl Bench) {
    let mut log = bench.log();
    for round in 0..5 {
        let records = (0..20)
            .map(|n| record(at(Topic::Pages, n % 2), "k", &format!("{}", round * 20 + n)))
            .collect();
        log.append(records).unwrap();
    }
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    let places = assigned(&mut member);
    restore(&mut member, &spec, &places);
    let from = log.read(at(Topic::Pages, 1), 0, LIMIT, PATIENCE).unwrap()[10].offset;
    let oldest = member.position(at(Topic::Pages, 0)).unwrap().oldest;
    member.start(&[(at(Topic::Pages, 0), oldest), (at(Topic::Pages, 1), from)]).unwrap();

    let records = take(&mut member, 90);

    for (partition, first) in [(0, 0), (1, 21)] {
        let of_it: Vec<&str> = records
            .iter()
            .filter(|record| record.place.partition == partition)
            .map(super::value)
            .collect();
        let wanted: Vec<String> = (first..100).step_by(2).map(|n| n.to_string()).collect();
        assert_eq!(of_it, wanted);
    }
    nothing_comes(&mut member);
}

pub(crate) fn nothing_is_delivered_before_start_nor_while_paused(bench: &impl Bench) {
    let (zero, one) = (at(Topic::Pages, 0), at(Topic::Pages, 1));
    let mut log = bench.log();
    log.append(vec![record(zero, "k", "0"), record(one, "k", "1")]).unwrap();
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    let places = assigned(&mut member);
    nothing_comes(&mut member);
    restore(&mut member, &spec, &places);
    nothing_comes(&mut member);

    start(&mut member, &places);
    member.pause(&[one]).unwrap();
    assert_eq!(values(&take(&mut member, 1)), ["0"]);
    log.append(vec![record(one, "k", "2"), record(zero, "k", "3")]).unwrap();
    assert_eq!(values(&take(&mut member, 1)), ["3"]);
    nothing_comes(&mut member);

    member.resume(&[one]).unwrap();
    assert_eq!(values(&take(&mut member, 2)), ["1", "2"]);

    // Records that were on their way to us when we pause come after the resume, once.
    let many: Vec<NewRecord> = (0..300).map(|n| record(one, "k", &format!("{n}"))).collect();
    log.append(many).unwrap();
    let few = PollLimit { records: 7, bytes: usize::MAX };
    let mut got = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    while got.len() < 300 {
        assert!(Instant::now() < deadline);
        member.pause(&[one]).unwrap();
        member.resume(&[one]).unwrap();
        if let Polled::Records(more) = member.poll(Duration::from_millis(200), few).unwrap() {
            got.extend(more.iter().map(|record| super::value(record).to_owned()));
        }
    }
    let wanted: Vec<String> = (0..300).map(|n| n.to_string()).collect();
    assert_eq!(got, wanted);
}

pub(crate) fn a_poll_stops_at_its_limits(bench: &impl Bench) {
    let mut log = bench.log();
    let place = at(Topic::Pages, 0);
    let records = (0..50).map(|_| record(place, "k", &"x".repeat(1000))).collect();
    log.append(records).unwrap();
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    let mut count = 0;
    let deadline = Instant::now() + PATIENCE;
    while count < 50 {
        assert!(Instant::now() < deadline);
        let (limit, most) = if count < 25 {
            let records = 3;
            (PollLimit { records, bytes: usize::MAX }, 3)
        } else {
            let bytes = 1500;
            (PollLimit { records: 100, bytes }, 2)
        };
        if let Polled::Records(records) = member.poll(Duration::from_secs(1), limit).unwrap() {
            assert!(records.len() <= most, "{} records", records.len());
            count += records.len();
        }
    }
}

pub(crate) fn a_restart_at_another_position_reads_again_from_there(bench: &impl Bench) {
    let mut log = bench.log();
    let place = at(Topic::Pages, 0);
    log.append((0..5).map(|n| record(place, "k", &format!("{n}"))).collect()).unwrap();
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    let first = take(&mut member, 5);
    member.start(&[(place, first[2].offset)]).unwrap();
    assert_eq!(values(&take(&mut member, 3)), ["2", "3", "4"]);
    nothing_comes(&mut member);
}

pub(crate) fn records_of_ten_mebibytes_pass(bench: &impl Bench) {
    const SIZE: usize = 10 * 1024 * 1024;
    let place = at(Topic::Pages, 0);
    // Bytes that do not compress: the wire must carry them whole.
    let noise = |seed: u64| -> Vec<u8> {
        let mut state = seed;
        (0..SIZE - 200)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as u8
            })
            .collect()
    };
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    let mut log = bench.log();
    let big = |seed| NewRecord {
        value: Some(noise(seed)),
        headers: vec![("traceparent".to_owned(), vec![b'0'; 55])],
        ..record(place, "big", "")
    };
    // Through the door of commands, and within a transaction of a stage.
    log.append(vec![big(1), big(2)]).unwrap();
    let records = take(&mut member, 2);
    assert_eq!(records[0].value, Some(noise(1)));
    assert_eq!(records[1].value, Some(noise(2)));
    member.begin().unwrap();
    let offsets = [(place, records[1].offset + 1)];
    member.commit(super::transaction(vec![big(3), big(4), big(5)], &offsets)).unwrap();
    let records = take(&mut member, 3);
    assert_eq!(records[2].value, Some(noise(5)));

    let too_big = NewRecord { value: Some(vec![0; SIZE + 1]), ..record(place, "too big", "") };
    let error = log.append(vec![too_big]).unwrap_err();
    assert!(matches!(error, BusError::Setup(_)), "{error}");
}

pub(crate) fn all_that_a_record_has_survives(bench: &impl Bench) {
    let place = at(Topic::Pages, 1);
    let written = vec![
        NewRecord {
            place,
            timestamp: super::now().plus_millis(-123_457),
            key: Some(vec![0, 0xff, b'k']),
            value: Some(vec![0xfe, 0]),
            headers: vec![
                ("twice".to_owned(), b"1".to_vec()),
                ("twice".to_owned(), vec![0xff, 0]),
                ("empty".to_owned(), Vec::new()),
            ],
        },
        NewRecord { key: None, ..record(place, "", "no key") },
        NewRecord { key: Some(Vec::new()), value: Some(Vec::new()), ..record(place, "", "") },
        tombstone(place, "gone"),
    ];
    bench.log().append(written.clone()).unwrap();
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    let records = take(&mut member, 4);
    for (record, written) in records.into_iter().zip(written) {
        let read = NewRecord {
            place: record.place,
            timestamp: record.timestamp,
            key: record.key,
            value: record.value,
            headers: record.headers,
        };
        assert_eq!(read, written);
    }
}

pub(crate) fn a_position_before_the_oldest_record_is_reported(bench: &impl Bench) {
    let place = at(Topic::Pages, 0);
    bench.log().append((0..10).map(|n| record(place, "k", &format!("{n}"))).collect()).unwrap();
    bench.lose_before(place, 4);
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    let places = assigned(&mut member);
    restore(&mut member, &spec, &places);
    assert_eq!(member.position(place).unwrap().oldest, 4);
    member.start(&[(place, 1)]).unwrap();
    let deadline = Instant::now() + PATIENCE;
    let error = loop {
        assert!(Instant::now() < deadline);
        match member.poll(Duration::from_millis(200), LIMIT) {
            Ok(Polled::Records(records)) => assert_eq!(values(&records), Vec::<&str>::new()),
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    match error {
        BusError::OutOfRange { place: at_place, wanted, oldest } => {
            assert_eq!((at_place, wanted, oldest), (place, 1, 4));
        }
        other => panic!("{other}"),
    }
    // The loss is known now: it goes on where there is something.
    member.start(&[(place, 4)]).unwrap();
    assert_eq!(values(&take(&mut member, 6))[0], "4");
}

pub(crate) fn a_forgotten_group_has_no_position_and_goes_on_where_it_is_told(bench: &impl Bench) {
    let place = at(Topic::Pages, 0);
    bench.log().append((0..5).map(|n| record(place, "k", &format!("{n}"))).collect()).unwrap();
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    let read = take(&mut member, 5);
    member.begin().unwrap();
    member.commit(transaction(vec![], &[(place, read[3].offset)])).unwrap();
    assert_eq!(bench.log().committed(spec.group, &[place]).unwrap(), [Some(read[3].offset)]);
    member.leave();
    bench.forget_group(spec.group);
    let mut member = bench.member(spec.clone());
    let places = assigned(&mut member);
    restore(&mut member, &spec, &places);
    // Neither the offset nor a reset to one end: the state knows where to go on.
    let position = member.position(place).unwrap();
    assert_eq!((position.committed, position.oldest), (None, 0));
    member.start(&[(place, read[3].offset)]).unwrap();
    assert_eq!(values(&take(&mut member, 2)), ["3", "4"]);
    member.begin().unwrap();
    member.commit(transaction(vec![], &[(place, read[4].offset + 1)])).unwrap();
    assert_eq!(member.position(place).unwrap().committed, Some(read[4].offset + 1));
}

pub(crate) fn a_waker_ends_a_poll_early(bench: &impl Bench) {
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    let waker = member.waker();
    // Once before the poll, once while it goes on.
    waker.wake();
    let began = Instant::now();
    assert!(matches!(member.poll(PATIENCE, LIMIT), Ok(Polled::Records(_))));
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        waker.wake();
    });
    assert!(matches!(member.poll(PATIENCE, LIMIT), Ok(Polled::Records(_))));
    assert!(began.elapsed() < PATIENCE / 2, "{:?}", began.elapsed());
    thread.join().unwrap();
}
