//! Several members: fencing, sharing, handing over.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bus::{BusError, CommitError, Log, Polled, Topic, TopicPartition, Transport};

use super::{
    Bench, LIMIT, PATIENCE, all, assigned, at, extractor, fetcher, join, record, restore, start,
    take, transaction, values, wait_for,
};

pub(crate) fn a_second_process_of_the_same_name_fences_the_first(bench: &impl Bench) {
    let input = at(Topic::Pages, 0);
    let mut log = bench.log();
    log.append(vec![record(input, "k", "in")]).unwrap();
    let spec = extractor("same");
    let mut first = bench.member(spec.clone());
    join(&mut first, &spec);
    let read = take(&mut first, 1);
    first.begin().unwrap();

    let second_spec = spec.clone();
    let mut second = bench.member(second_spec.clone());
    let work = std::thread::spawn(move || {
        let places = assigned(&mut second);
        restore(&mut second, &second_spec, &places);
        start(&mut second, &places);
        second
    });
    // It has taken our name by the time it has joined; on Kafka both are members then.
    let deadline = Instant::now() + PATIENCE;
    while !work.is_finished() && Instant::now() < deadline {
        let _ = first.poll(Duration::from_millis(100), LIMIT);
    }
    let mut second = work.join().unwrap();
    let output = |text| vec![record(at(Topic::Articles, 0), "k", text)];
    let offsets = [(input, read[0].offset + 1)];
    first.commit(transaction(output("first"), &offsets)).unwrap_err();
    assert_eq!(all(&mut log, at(Topic::Articles, 0)), []);
    // Nothing of what the first one tried stands in the way of the second.
    first.leave();
    let deadline = Instant::now() + PATIENCE;
    let mut owned = false;
    while !owned {
        assert!(Instant::now() < deadline);
        owned = second.position(input).is_ok() && second.start(&[(input, 0)]).is_ok();
        if !owned
            && let Ok(Polled::Assigned(places)) = second.poll(Duration::from_millis(200), LIMIT)
        {
            restore(&mut second, &spec, &places);
        }
    }
    // The first one's leaving may change the membership under the second: then it recovers, as a
    // daemon does.
    while second.begin().is_err() || second.commit(transaction(output("second"), &offsets)).is_err()
    {
        assert!(Instant::now() < deadline);
        second.recover().unwrap();
        join(&mut second, &spec);
    }
    assert_eq!(values(&wait_for(&mut log, at(Topic::Articles, 0), 1)), ["second"]);
}

pub(crate) fn a_stalled_owner_cannot_commit(bench: &impl Bench) {
    let input = at(Topic::Pages, 0);
    let mut log = bench.log();
    log.append(vec![record(input, "k", "in")]).unwrap();
    let spec = extractor("stalled");
    let mut stalled = bench.member(spec.clone());
    join(&mut stalled, &spec);
    let read = take(&mut stalled, 1);
    stalled.begin().unwrap();

    // It does not poll any more; at some time another one has all partitions.
    let spec = extractor("heir");
    let mut heir = bench.member(spec.clone());
    let mut owned = BTreeSet::new();
    let deadline = Instant::now() + PATIENCE;
    while owned.len() < 2 {
        assert!(Instant::now() < deadline, "only {owned:?} came");
        if let Polled::Assigned(places) = heir.poll(Duration::from_millis(200), LIMIT).unwrap() {
            restore(&mut heir, &spec, &places);
            start(&mut heir, &places);
            owned.extend(places);
        }
    }
    let output = |text| vec![record(at(Topic::Articles, 0), "k", text)];
    let offsets = [(input, read[0].offset + 1)];
    let error = stalled.commit(transaction(output("stalled"), &offsets)).unwrap_err();
    assert!(matches!(error, CommitError::Fenced(_)), "{error}");

    let read = take(&mut heir, 1);
    assert_eq!(values(&read), ["in"]);
    heir.begin().unwrap();
    heir.commit(transaction(output("heir"), &offsets)).unwrap();
    assert_eq!(values(&wait_for(&mut log, at(Topic::Articles, 0), 1)), ["heir"]);
    assert_eq!(all(&mut log, at(Topic::Articles, 0)).len(), 1);
}

/// A member that copies input to output, one transaction for each poll, until it is told to stop
/// or all input is copied by whomever.
struct Copier<T: Transport> {
    transport: T,
    spec: bus::GroupSpec,
    owned: BTreeSet<TopicPartition>,
}

impl<T: Transport> Copier<T> {
    fn step(&mut self) {
        match self.transport.poll(Duration::from_millis(50), LIMIT) {
            Ok(Polled::Assigned(places)) => {
                restore(&mut self.transport, &self.spec, &places);
                start(&mut self.transport, &places);
                self.owned.extend(places);
            }
            Ok(Polled::Revoked(places)) => {
                for place in places {
                    self.owned.remove(&place);
                }
            }
            Ok(Polled::Records(records)) => {
                if records.is_empty() {
                    return;
                }
                let outputs = records
                    .iter()
                    .map(|read| {
                        record(at(Topic::Articles, 0), super::key(read), super::value(read))
                    })
                    .collect();
                let offsets: std::collections::BTreeMap<TopicPartition, i64> =
                    records.iter().map(|read| (read.place, read.offset + 1)).collect();
                let offsets: Vec<_> = offsets.into_iter().collect();
                if self.transport.begin().is_err()
                    || self.transport.commit(transaction(outputs, &offsets)).is_err()
                {
                    self.owned.clear();
                    match self.transport.recover() {
                        Ok(()) | Err(BusError::Away(_) | BusError::Fenced(_)) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            }
            Err(BusError::Broken(_)) => {
                self.owned.clear();
                super::recover(&mut self.transport);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

pub(crate) fn two_members_hand_over_without_loss_or_double(bench: &impl Bench) {
    const COUNT: usize = 3000;
    let mut log = bench.log();
    let feed = std::thread::spawn({
        let mut log = bench.log();
        move || {
            for start in (0..COUNT).step_by(50) {
                let records = (start..start + 50)
                    .map(|n| record(at(Topic::Pages, (n % 2) as u32), "k", &format!("{n}")))
                    .collect();
                log.append(records).unwrap();
            }
        }
    });
    let copier = |name| Copier {
        transport: bench.member(extractor(name)),
        spec: extractor(name),
        owned: BTreeSet::new(),
    };
    let mut first = copier("first");
    let deadline = Instant::now() + PATIENCE;
    while first.owned.len() < 2 {
        assert!(Instant::now() < deadline);
        first.step();
    }
    first.step();
    let mut second = copier("second");
    if bench.shares_partitions() {
        while second.owned.is_empty() {
            assert!(Instant::now() < deadline, "the second one got nothing");
            // Both poll, as two processes do; each may block the other only for a moment.
            first.step();
            second.step();
        }
        assert!(first.owned.is_disjoint(&second.owned));
        for _ in 0..20 {
            first.step();
            second.step();
        }
    }
    first.transport.leave();
    drop(first);
    feed.join().unwrap();
    let output = at(Topic::Articles, 0);
    let deadline = Instant::now() + PATIENCE;
    let mut copied = 0;
    while copied < COUNT {
        assert!(Instant::now() < deadline, "{copied} of {COUNT} copied");
        second.step();
        copied = all(&mut log, output).len();
    }
    for _ in 0..5 {
        second.step();
    }
    let mut numbers: Vec<usize> =
        all(&mut log, output).iter().map(|record| super::value(record).parse().unwrap()).collect();
    for parity in 0..2 {
        let of_one: Vec<usize> = numbers.iter().copied().filter(|n| n % 2 == parity).collect();
        assert!(of_one.is_sorted(), "the order within a partition is kept");
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (0..COUNT).collect::<Vec<_>>());
}

pub(crate) fn inputs_that_go_together_have_one_owner(bench: &impl Bench) {
    let spec = fetcher("first");
    let mut first = bench.member(spec.clone());
    let (places, _) = join(&mut first, &spec);
    assert_eq!(places.len(), 6, "three topics of two partitions");
    if !bench.shares_partitions() {
        return;
    }
    let mut owned: BTreeSet<TopicPartition> = places.into_iter().collect();
    let mut second = bench.member(fetcher("second"));
    let mut of_second: BTreeSet<TopicPartition> = BTreeSet::new();
    let deadline = Instant::now() + PATIENCE;
    let note = |owned: &mut BTreeSet<TopicPartition>, polled| match polled {
        Polled::Assigned(places) => owned.extend(places),
        Polled::Revoked(places) => owned.retain(|place| !places.contains(place)),
        Polled::Records(_) => {}
    };
    while owned.len() != 3 || of_second.len() != 3 {
        assert!(Instant::now() < deadline, "{owned:?} {of_second:?}");
        note(&mut owned, first.poll(Duration::from_millis(50), LIMIT).unwrap());
        note(&mut of_second, second.poll(Duration::from_millis(50), LIMIT).unwrap());
    }
    let numbers = |owned: &BTreeSet<TopicPartition>| {
        owned.iter().map(|place| place.partition).collect::<BTreeSet<_>>()
    };
    assert_eq!(numbers(&owned).len(), 1);
    assert_eq!(numbers(&of_second).len(), 1);
    assert!(numbers(&owned).is_disjoint(&numbers(&of_second)));
}

pub(crate) fn a_member_that_leaves_gives_way_at_once(bench: &impl Bench) {
    let spec = extractor("first");
    let mut first = bench.member(spec.clone());
    join(&mut first, &spec);
    first.leave();
    assert!(matches!(first.begin(), Err(BusError::Broken(_))));
    let began = Instant::now();
    let mut second = bench.member(extractor("second"));
    let places = assigned(&mut second);
    assert_eq!(places.len(), 2);
    println!("handing over took {:?}", began.elapsed());
    second.begin().unwrap();
}
