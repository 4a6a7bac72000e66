//! Restoring changelogs.

use bus::{BusError, Log, NewRecord, Topic, Transport};

use super::{
    Bench, assigned, at, extractor, join, pair, pairs, record, recover, restore, tombstone,
    transaction,
};

/// Writes state as a member would.
fn write_state(bench: &impl Bench, batches: Vec<Vec<NewRecord>>) {
    let spec = extractor("writer");
    let mut member = bench.member(spec.clone());
    join(&mut member, &spec);
    for batch in batches {
        member.begin().unwrap();
        let input = at(Topic::Pages, batch[0].place.partition);
        member.commit(transaction(batch, &[(input, 0)])).unwrap();
    }
    member.leave();
}

fn restored(bench: &impl Bench) -> Vec<(String, String)> {
    let spec = extractor("reader");
    let mut member = bench.member(spec.clone());
    let places = assigned(&mut member);
    let records = restore(&mut member, &spec, &places);
    member.leave();
    pairs(&records)
}

/// What a stage would make of a changelog: the last value of each key.
fn folded(changes: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut state = std::collections::BTreeMap::new();
    for (key, value) in changes {
        if value == "(tombstone)" {
            state.remove(&key);
        } else {
            state.insert(key, value);
        }
    }
    state.into_iter().collect()
}

pub(crate) fn a_restore_that_is_to_stop_is_given_up(bench: &impl Bench) {
    let zero = at(Topic::SiteState, 0);
    write_state(bench, vec![vec![record(zero, "a", "1")]]);
    let spec = extractor("reader");
    let mut member = bench.member(spec.clone());
    let places = assigned(&mut member);
    let given_up = member.restore(&[zero], &mut |_| {}, &|| true);
    assert!(matches!(given_up, Err(BusError::Broken(_))), "{given_up:?}");
    recover(&mut member);
    assert_eq!(assigned(&mut member), places);
    assert_eq!(pairs(&restore(&mut member, &spec, &places)), [pair("a", "1")]);
    member.leave();
}

pub(crate) fn a_changelog_is_restored_whole_and_in_order(bench: &impl Bench) {
    let (zero, one) = (at(Topic::SiteState, 0), at(Topic::SiteState, 1));
    write_state(
        bench,
        vec![
            vec![record(zero, "a", "1"), record(zero, "b", "1")],
            vec![record(one, "c", "1")],
            vec![record(zero, "a", "2")],
        ],
    );
    let changes = restored(bench);
    // A compacted topic may or may not still have the older value; the order stays.
    let of_zero: Vec<&(String, String)> = changes.iter().filter(|(key, _)| key != "c").collect();
    assert_eq!(of_zero.last(), Some(&&pair("a", "2")));
    assert_eq!(folded(changes), [pair("a", "2"), pair("b", "1"), pair("c", "1")]);
}

pub(crate) fn a_tombstone_is_restored_or_its_key_is_gone(bench: &impl Bench) {
    let zero = at(Topic::SiteState, 0);
    write_state(
        bench,
        vec![
            vec![record(zero, "a", "1"), record(zero, "b", "1")],
            vec![tombstone(zero, "a")],
            vec![record(zero, "b", "2"), tombstone(zero, "c")],
            vec![record(zero, "c", "3")],
        ],
    );
    assert_eq!(folded(restored(bench)), [pair("b", "2"), pair("c", "3")]);
}

pub(crate) fn a_long_changelog_is_restored_whole(bench: &impl Bench) {
    let (zero, one) = (at(Topic::SiteState, 0), at(Topic::SiteState, 1));
    let batch = |round: usize| {
        (0..2000)
            .map(|n| {
                let place = if n % 2 == 0 { zero } else { one };
                record(place, &format!("{n:05}"), &format!("{round} {}", "x".repeat(500)))
            })
            .collect::<Vec<_>>()
    };
    let only = |batch: Vec<NewRecord>, partition: u32| {
        batch.into_iter().filter(|record| record.place.partition == partition).collect::<Vec<_>>()
    };
    write_state(
        bench,
        (0..3).flat_map(|round| [only(batch(round), 0), only(batch(round), 1)]).collect(),
    );
    let state = folded(restored(bench));
    assert_eq!(state.len(), 2000);
    assert!(state.iter().all(|(_, value)| value.starts_with("2 ")));
}

pub(crate) fn an_empty_changelog_is_restored_at_once(bench: &impl Bench) {
    assert_eq!(restored(bench), []);
    assert_eq!(restored(bench), [], "a restore leaves nothing that counts");
}

pub(crate) fn restoring_again_gives_the_same(bench: &impl Bench) {
    let zero = at(Topic::SiteState, 0);
    write_state(bench, vec![vec![record(zero, "a", "1")], vec![record(zero, "b", "2")]]);
    let spec = extractor("reader");
    let mut member = bench.member(spec.clone());
    for _ in 0..3 {
        let places = assigned(&mut member);
        let first = pairs(&restore(&mut member, &spec, &places));
        assert_eq!(first, [pair("a", "1"), pair("b", "2")]);
        assert_eq!(pairs(&restore(&mut member, &spec, &places)), first);
        recover(&mut member);
    }
}

pub(crate) fn what_a_dead_owner_left_open_does_not_appear(bench: &impl Bench) {
    let zero = at(Topic::SiteState, 0);
    write_state(bench, vec![vec![record(zero, "a", "1")]]);
    // Once as ourselves, whose transaction we end by our return, once as another process, whose
    // transaction stands open in front of everything that follows until the log gives up on it.
    for instance in ["reader", "somebody else"] {
        bench.die_in_a_transaction(
            &extractor(instance),
            vec![record(zero, "a", "never"), record(at(Topic::Articles, 0), "k", "never")],
        );
        let spec = extractor("reader");
        let mut member = bench.member(spec.clone());
        let (_, records) = join(&mut member, &spec);
        let wanted = if instance == "reader" { "1" } else { "2" };
        assert_eq!(folded(pairs(&records)), [pair("a", wanted)]);
        member.begin().unwrap();
        let state = vec![record(zero, "a", "2")];
        let input = at(Topic::Pages, 0);
        member.commit(transaction(state, &[(input, 0)])).unwrap();
        member.leave();
    }
    assert_eq!(folded(restored(bench)), [pair("a", "2")]);
    let articles = at(Topic::Articles, 0);
    assert_eq!(super::all(&mut bench.log(), articles), []);
    assert!(bench.log().bounds(articles).unwrap().0 >= 0);
}
