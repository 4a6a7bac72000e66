//! A modest number of seeds with every `cargo test`; `just simulate` runs as many as you like.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must say where")]

use std::collections::BTreeSet;

use simulation::{Fault, Mutation, Plan, Report, simulate};

/// Seeds that each of the two tests of the road runs.
const SEEDS: u64 = 24;

/// On a thread of its own, since daemons that wait inside each other's waits need a deep stack.
fn run(seed: u64, mutation: Mutation) -> Result<Report, simulation::Failure> {
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    thread.spawn(move || simulate(seed, mutation, false)).unwrap().join().unwrap()
}

/// What holds of each seed; what happened at least once, and how many stories were told.
fn hold(seeds: impl Iterator<Item = u64>) -> (BTreeSet<&'static str>, usize) {
    let (mut happened, mut stories) = (BTreeSet::new(), 0);
    for seed in seeds {
        match run(seed, Mutation::None) {
            Ok(report) => {
                happened.extend(report.sometimes);
                stories += report.stories;
            }
            Err(failure) => panic!("{failure}"),
        }
    }
    (happened, stories)
}

/// The same of seeds that are enough to see every way in which a daemon ends.
fn hold_all(seeds: impl Iterator<Item = u64>) {
    let (happened, stories) = hold(seeds);
    let ends = [
        "crashed within a step",
        "ended in good order",
        "ended since another has its name",
        "killed between steps",
    ];
    assert_eq!(happened, ends.into_iter().collect());
    assert!(stories > 500, "{stories} stories");
}

#[test]
fn nothing_is_lost_and_nothing_comes_twice_even_seeds() {
    hold_all((0..2 * SEEDS).step_by(2));
}

#[test]
fn nothing_is_lost_and_nothing_comes_twice_odd_seeds() {
    hold_all((1..2 * SEEDS).step_by(2));
}

#[test]
fn the_same_seed_is_the_same_world() {
    for seed in [3, 1_000_003] {
        let (first, second) = (run(seed, Mutation::None), run(seed, Mutation::None));
        assert_eq!(first, second, "seed {seed}");
    }
}

/// A daemon that is called inside the waits of four others asks a cluster that is away: before time
/// passed for the cluster there too, it asked for ever.
#[test]
fn a_cluster_that_is_away_comes_back_for_those_who_wait_deep_inside() {
    hold([210_031].into_iter());
}

/// The heir went on during each of three restores of a member that had lost the partition, whose
/// state therefore never fitted the group's position; the partition was stopped for a person to act.
#[test]
fn a_partition_that_was_taken_away_during_its_restores_is_not_stopped() {
    hold([7_586].into_iter());
}

#[test]
fn every_fault_is_in_the_plans() {
    let planned: BTreeSet<Fault> = (0..50).flat_map(|seed| Plan::of(seed).faults).collect();
    assert_eq!(planned, Fault::ALL.into_iter().collect());
}

/// The quick ones; CI plants nearly all of them by the example `mutants`.
#[test]
fn what_is_built_wrongly_is_found() {
    use bus::simulated::Mistake;
    use stage::Mutant;
    for mutation in [
        Mutation::Harness(Mutant::OffsetOfLast),
        Mutation::Harness(Mutant::OutputsReversed),
        Mutation::Transport(Mistake::ChangelogOutside),
        Mutation::Transport(Mistake::OffsetsBeforeOutputs),
    ] {
        let found = (0..40).find_map(|seed| run(seed, mutation).err());
        assert!(found.is_some(), "{mutation:?} was not found");
    }
}
