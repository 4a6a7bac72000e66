//! Transactions: all or nothing.

use bus::{BusError, CommitError, Log, NewRecord, Topic, Transport};

use super::{
    Bench, PATIENCE, all, assigned, at, extractor, join, nothing_comes, record, recover, restore,
    start, take, transaction, values, wait_for,
};

pub(crate) fn outputs_state_and_offsets_appear_together(bench: &impl Bench) {
    let input = at(Topic::Pages, 0);
    let mut log = bench.log();
    log.append(vec![record(input, "k", "in")]).unwrap();
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    let (_, restored) = join(&mut member, &spec);
    assert!(restored.is_empty());
    let read = take(&mut member, 1);

    member.begin().unwrap();
    let outputs = vec![
        record(at(Topic::Articles, 0), "k", "out"),
        record(at(Topic::SiteState, 0), "site", "state"),
    ];
    member.commit(transaction(outputs, &[(input, read[0].offset + 1)])).unwrap();

    assert_eq!(values(&wait_for(&mut log, at(Topic::Articles, 0), 1)), ["out"]);
    assert_eq!(log.committed("extractor", &[input]).unwrap(), [Some(read[0].offset + 1)]);
    drop(member);
    let mut member = bench.member(spec.clone());
    let (_, restored) = join(&mut member, &spec);
    assert_eq!(values(&restored), ["state"]);
    nothing_comes(&mut member);
}

pub(crate) fn a_batch_that_was_never_committed_leaves_nothing(bench: &impl Bench) {
    let input = at(Topic::Pages, 0);
    bench.log().append(vec![record(input, "k", "in")]).unwrap();
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    take(&mut member, 1);
    member.begin().unwrap();
    drop(member);

    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    assert_eq!(values(&take(&mut member, 1)), ["in"]);
    assert_eq!(all(&mut bench.log(), at(Topic::Articles, 0)), []);
}

pub(crate) fn a_commit_without_a_beginning_is_refused(bench: &impl Bench) {
    let input = at(Topic::Pages, 0);
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    let outputs = vec![record(at(Topic::Articles, 0), "k", "out")];
    let error = member.commit(transaction(outputs.clone(), &[(input, 0)])).unwrap_err();
    assert!(matches!(error, CommitError::Doubtful(_)), "{error}");
    recover(&mut member);
    join(&mut member, &spec);
    member.begin().unwrap();
    // No offset: the broker would not look who commits.
    let error = member.commit(transaction(outputs, &[])).unwrap_err();
    assert!(matches!(error, CommitError::Doubtful(_)), "{error}");
    assert_eq!(all(&mut bench.log(), at(Topic::Articles, 0)), []);
}

pub(crate) fn nothing_begins_before_an_assignment(bench: &impl Bench) {
    let mut member = bench.member(extractor("a"));
    assert!(matches!(member.begin(), Err(BusError::Broken(_))));
    assigned(&mut member);
    member.begin().unwrap();
}

pub(crate) fn offsets_are_where_they_were_after_a_restart(bench: &impl Bench) {
    let input = at(Topic::Pages, 1);
    bench.log().append((0..10).map(|n| record(input, "k", &format!("{n}"))).collect()).unwrap();
    let spec = extractor("a");
    for round in 0..3_usize {
        let mut member = bench.member(spec.clone());
        join(&mut member, &spec);
        let read = take(&mut member, 10 - 3 * round);
        assert_eq!(super::value(&read[0]), format!("{}", 3 * round));
        member.begin().unwrap();
        let outputs = vec![record(at(Topic::Articles, 0), "k", "out")];
        member.commit(transaction(outputs, &[(input, read[2].offset + 1)])).unwrap();
    }
}

pub(crate) fn a_transaction_without_records_still_moves_the_offsets(bench: &impl Bench) {
    let input = at(Topic::Pages, 0);
    let mut log = bench.log();
    log.append(vec![record(input, "k", "in")]).unwrap();
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    let read = take(&mut member, 1);
    member.begin().unwrap();
    member.commit(transaction(vec![], &[(input, read[0].offset + 1)])).unwrap();
    assert_eq!(log.committed("extractor", &[input]).unwrap(), [Some(read[0].offset + 1)]);
}

pub(crate) fn many_commits_one_after_the_other(bench: &impl Bench) {
    let input = at(Topic::Pages, 0);
    let mut log = bench.log();
    log.append((0..100).map(|n| record(input, "k", &format!("{n}"))).collect()).unwrap();
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    let read = take(&mut member, 100);
    let began = std::time::Instant::now();
    for record in &read {
        // A member that does not poll is taken for dead.
        member.poll(std::time::Duration::ZERO, super::LIMIT).unwrap();
        member.begin().unwrap();
        let outputs: Vec<NewRecord> = vec![
            super::record(at(Topic::Articles, 0), "k", super::value(record)),
            super::record(at(Topic::SiteState, 0), "counter", super::value(record)),
        ];
        member.commit(transaction(outputs, &[(input, record.offset + 1)])).unwrap();
    }
    println!("100 commits took {:?}", began.elapsed());
    let wanted: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    assert_eq!(values(&wait_for(&mut log, at(Topic::Articles, 0), 100)), wanted);
}

pub(crate) fn a_refused_record_takes_the_whole_transaction_along(bench: &impl Bench) {
    let input = at(Topic::Pages, 0);
    let mut log = bench.log();
    log.append(vec![record(input, "k", "in")]).unwrap();
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    let read = take(&mut member, 1);
    member.begin().unwrap();
    let outputs = vec![
        record(at(Topic::Articles, 0), "k", "fine"),
        record(at(Topic::Articles, 7), "k", "no such partition"),
    ];
    member.commit(transaction(outputs, &[(input, read[0].offset + 1)])).unwrap_err();
    recover(&mut member);
    join(&mut member, &spec);
    assert_eq!(values(&take(&mut member, 1)), ["in"]);
    assert_eq!(all(&mut log, at(Topic::Articles, 0)), []);
}

pub(crate) fn recovery_gives_the_partitions_back_and_loses_nothing(bench: &impl Bench) {
    let input = at(Topic::Pages, 0);
    let mut log = bench.log();
    log.append((0..4).map(|n| record(input, "k", &format!("{n}"))).collect()).unwrap();
    let spec = extractor("a");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    let mut next = 0;
    for round in 0..4 {
        let read = take(&mut member, 4 - round);
        assert_eq!(super::value(&read[0]), format!("{round}"));
        member.begin().unwrap();
        next = read[0].offset + 1;
        let outputs = vec![
            record(at(Topic::Articles, 0), "k", super::value(&read[0])),
            record(at(Topic::SiteState, 0), super::value(&read[0]), "seen"),
        ];
        member.commit(transaction(outputs, &[(input, next)])).unwrap();
        recover(&mut member);
        assert!(matches!(member.begin(), Err(BusError::Broken(_))));
        let places = assigned(&mut member);
        let restored = restore(&mut member, &spec, &places);
        assert_eq!(restored.len(), round + 1);
        start(&mut member, &places);
    }
    assert_eq!(member.position(input).unwrap().committed, Some(next));
    let records = log.read(at(Topic::Articles, 0), 0, super::LIMIT, PATIENCE).unwrap();
    assert_eq!(values(&records), ["0", "1", "2", "3"]);
}
