//! Several members: fencing, sharing, handing over.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bus::{BusError, CommitError, Log, Polled, Record, Topic, TopicPartition, Transport};

use super::{
    Bench, LIMIT, PATIENCE, all, assigned, at, extractor, fetcher, join, record, recover, restore,
    start, take, transaction, values, wait_for,
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
    let (mut stalled, mut heir, read) = stalled_and_heir(bench);
    let mut log = bench.log();
    let output = |text| vec![record(at(Topic::Articles, 0), "k", text)];
    let offsets = [(read.place, read.offset + 1)];
    let error = stalled.commit(transaction(output("stalled"), &offsets)).unwrap_err();
    assert!(matches!(error, CommitError::Fenced(_)), "{error}");

    let read = take(&mut heir, 1);
    assert_eq!(values(&read), ["in"]);
    heir.begin().unwrap();
    heir.commit(transaction(output("heir"), &offsets)).unwrap();
    assert_eq!(values(&wait_for(&mut log, at(Topic::Articles, 0), 1)), ["heir"]);
    assert_eq!(all(&mut log, at(Topic::Articles, 0)).len(), 1);
}

/// The offset that a timer's transaction commits is the one that is committed already, so that no
/// later reader of the input would show the harm: the state would.
pub(crate) fn a_stalled_owner_cannot_commit_what_a_timer_did(bench: &impl Bench) {
    let (mut stalled, mut heir, read) = stalled_and_heir(bench);
    let state = |text| vec![record(at(Topic::SiteState, 0), "timer", text)];
    let unchanged = [(read.place, read.offset)];
    let error = stalled.commit(transaction(state("stalled"), &unchanged)).unwrap_err();
    assert!(matches!(error, CommitError::Fenced(_)), "{error}");
    heir.begin().unwrap();
    heir.commit(transaction(state("heir"), &unchanged)).unwrap();

    recover(&mut stalled);
    recover(&mut heir);
    let spec = extractor("heir");
    let deadline = Instant::now() + PATIENCE;
    let mut restored = Vec::new();
    // The two share the partitions now; the one that has this partition restores it.
    while restored.is_empty() {
        assert!(Instant::now() < deadline, "nobody restored the state");
        for member in [&mut stalled, &mut heir] {
            match member.poll(Duration::from_millis(50), LIMIT) {
                Ok(Polled::Assigned(places)) => {
                    restored.extend(restore(member, &spec, &places));
                    start(member, &places);
                }
                Ok(_) => {}
                Err(BusError::Broken(_)) => recover(member),
                Err(error) => panic!("{error}"),
            }
        }
    }
    let restored: Vec<&Record> =
        restored.iter().filter(|r| r.key.as_deref() == Some(b"timer")).collect();
    assert!(restored.iter().all(|r| r.value.as_deref() == Some(b"heir")), "{restored:?}");
    assert!(!restored.is_empty());
}

/// It stays a member, so that the group's coordinator would let it through.
pub(crate) fn what_was_taken_away_after_the_beginning_cannot_be_committed(bench: &impl Bench) {
    if !bench.shares_partitions() {
        // Whoever comes there has everything, and the whole batch is refused.
        return;
    }
    let spec = extractor("first");
    let mut first = bench.member(spec.clone());
    let (places, _) = join(&mut first, &spec);
    assert!(places.len() > 1, "{places:?}");
    let mut second = bench.member(extractor("second"));
    first.begin().unwrap();
    let deadline = Instant::now() + PATIENCE;
    let gone = loop {
        assert!(Instant::now() < deadline, "nothing was taken away");
        let _ = second.poll(Duration::from_millis(50), LIMIT);
        if let Ok(Polled::Revoked(gone)) = first.poll(Duration::from_millis(50), LIMIT) {
            break gone[0];
        }
    };
    let output = vec![record(at(Topic::Articles, 0), "k", "late")];
    let error = first.commit(transaction(output, &[(gone, 0)])).unwrap_err();
    assert!(matches!(error, CommitError::Fenced(_)), "{error}");
    assert_eq!(all(&mut bench.log(), at(Topic::Articles, 0)).len(), 0);
}

/// A restore serves the changes of the membership, and tells nobody: the member belongs to the
/// generation in which another one has the partition, so that the coordinator would let it through.
pub(crate) fn what_was_taken_away_during_a_restore_cannot_be_committed(bench: &impl Bench) {
    if !bench.shares_partitions() {
        return;
    }
    let spec = extractor("first");
    let mut first = bench.member(spec.clone());
    let (places, _) = join(&mut first, &spec);
    let mut second = bench.member(extractor("second"));
    let deadline = Instant::now() + PATIENCE;
    let given = loop {
        assert!(Instant::now() < deadline, "nothing was given to the second");
        if let Ok(Polled::Assigned(given)) = second.poll(Duration::from_millis(50), LIMIT) {
            break given;
        }
        restore(&mut first, &spec, &places);
    };
    let taken = given[0];
    assert!(places.contains(&taken), "{taken} was the first one's");
    assert!(!first.holds(taken).unwrap_or_default(), "{taken} has gone");
    assert!(second.holds(taken).unwrap(), "{taken} is the second one's");
    if first.begin().is_ok() {
        let output = vec![record(at(Topic::Articles, 0), "k", "late")];
        let error = first.commit(transaction(output, &[(taken, 0)])).unwrap_err();
        assert!(matches!(error, CommitError::Fenced(_)), "{error}");
    }
    assert_eq!(all(&mut bench.log(), at(Topic::Articles, 0)).len(), 0);
}

/// A member that began a batch and does not poll any more, another one that has its partitions
/// meanwhile, and the one record of the input, which both have read or may read.
fn stalled_and_heir<B: Bench>(bench: &B) -> (B::Transport, B::Transport, Record) {
    let input = at(Topic::Pages, 0);
    bench.log().append(vec![record(input, "k", "in")]).unwrap();
    let spec = extractor("stalled");
    let mut stalled = bench.member(spec.clone());
    join(&mut stalled, &spec);
    let read = take(&mut stalled, 1).remove(0);
    // The group stands somewhere: what a timer does afterwards leaves it where it is.
    stalled.begin().unwrap();
    stalled.commit(transaction(Vec::new(), &[(input, read.offset)])).unwrap();
    stalled.begin().unwrap();

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
    (stalled, heir, read)
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
                recover(&mut self.transport);
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
