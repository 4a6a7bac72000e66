//! The simulated cluster keeps what every transport promises; else a simulation on it would prove
//! nothing. Time is nearly real here, and nothing goes wrong by itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails where it must, and says what it measured"
)]

mod conformance;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bus::simulated::{
    Delivery, Mistake, Request, Script, Simulated, SimulatedLog, SimulatedSettings,
    SimulatedTransport, Step,
};
use bus::{GroupSpec, NewRecord, Topic, TopicPartition, TopicSettings, Transport};
use events::Timestamp;

use conformance::Bench;

/// When it all begins: 2025-11-24T16:00:00Z.
const START: i64 = 1_764_000_000_000;

/// Of the time between two looks at the clock at most so much counts: a test that computes for long,
/// or is not given the processor, does not lose its membership meanwhile.
const LONGEST_LOOK_AWAY: Duration = Duration::from_millis(50);

struct CalmTime {
    /// When the clock was last looked at, and what it said.
    clock: Mutex<(Instant, Duration)>,
    woken: Mutex<BTreeSet<String>>,
}

impl Default for CalmTime {
    fn default() -> Self {
        Self { clock: Mutex::new((Instant::now(), Duration::ZERO)), woken: Mutex::default() }
    }
}

impl Script for CalmTime {
    fn now(&self) -> Timestamp {
        let mut clock = self.clock.lock().unwrap();
        let (looked, said) = *clock;
        let now = said + looked.elapsed().min(LONGEST_LOOK_AWAY);
        *clock = (Instant::now(), now);
        Timestamp::from_millis(START + i64::try_from(now.as_millis()).unwrap())
    }

    fn wait(&self, _: &str, wait: Duration) {
        std::thread::sleep(wait.min(Duration::from_millis(20)));
    }

    fn idle(&self, member: &str, wait: Duration) -> bool {
        if self.woken.lock().unwrap().remove(member) {
            return false;
        }
        std::thread::sleep(wait.min(Duration::from_millis(3)));
        true
    }

    fn step(&self, _: &str, _: Step) {}

    fn deliver(&self, _: &str, _: Request) -> Delivery {
        Delivery::Done(0)
    }

    fn below(&self, limit: u64) -> u64 {
        limit / 2
    }

    fn wake(&self, member: &str) {
        self.woken.lock().unwrap().insert(member.to_owned());
    }
}

struct SimulatedBench {
    topics: TopicSettings,
    simulated: Simulated,
    names: Mutex<u32>,
}

#[expect(clippy::unnecessary_wraps, reason = "other transports may not be there")]
fn bench(case: &str) -> Option<SimulatedBench> {
    Some(built(case, Duration::from_millis(10), None))
}

fn built(case: &str, marker_delay: Duration, mistake: Option<Mistake>) -> SimulatedBench {
    let topics = conformance::small_topics(&format!("{case}."));
    let settings = SimulatedSettings {
        session_timeout: Duration::from_secs(2),
        max_poll_interval: Duration::from_secs(2),
        transaction_timeout: Duration::from_secs(2),
        marker_delay,
        mistake,
        ..SimulatedSettings::new(topics.clone())
    };
    let simulated = Simulated::new(settings, Arc::new(CalmTime::default()));
    SimulatedBench { topics, simulated, names: Mutex::new(0) }
}

impl Bench for SimulatedBench {
    type Transport = SimulatedTransport;
    type Log = SimulatedLog;

    fn topics(&self) -> &TopicSettings {
        &self.topics
    }

    fn member(&self, spec: GroupSpec) -> SimulatedTransport {
        let mut names = self.names.lock().unwrap();
        *names += 1;
        self.simulated.transport(&format!("{} {names}", spec.instance), spec)
    }

    fn log(&self) -> SimulatedLog {
        self.simulated.log()
    }

    fn die_in_a_transaction(&self, spec: &GroupSpec, records: Vec<NewRecord>) {
        self.simulated.die_in_a_transaction(spec, records);
    }

    fn lose_before(&self, place: TopicPartition, oldest: i64) {
        self.simulated.lose_before(place, oldest);
    }

    fn forget_group(&self, group: &str) {
        self.simulated.forget_group(group);
    }

    fn shares_partitions(&self) -> bool {
        true
    }
}

all_cases!(crate::bench);

/// What needs more at once than a seed in thousands has.
#[test]
#[should_panic(expected = "called `Result::unwrap_err()` on an `Ok` value")]
fn a_transport_that_overlooks_a_loss_during_a_restore_is_found() {
    let bench = built("overlooked", Duration::from_millis(10), Some(Mistake::LossUnseen));
    conformance::members::what_was_taken_away_during_a_restore_cannot_be_committed(&bench);
}

#[test]
#[should_panic(expected = "called `Result::unwrap_err()` on an `Ok` value")]
fn a_transport_that_commits_no_offset_for_a_timer_is_found() {
    let bench = built("unfenced", Duration::from_millis(10), Some(Mistake::NoOffsets));
    conformance::members::a_stalled_owner_cannot_commit_what_a_timer_did(&bench);
}

#[test]
fn a_position_waits_for_offsets_that_are_not_decided_and_one_that_does_not_is_found() {
    let input = conformance::at(Topic::Pages, 0);
    let position = |mistake| {
        // Markers take a second.
        let bench = built("pending", Duration::from_secs(2), mistake);
        let spec = conformance::extractor("first");
        let mut first = bench.member(spec.clone());
        conformance::join(&mut first, &spec);
        first.begin().unwrap();
        first.commit(conformance::transaction(vec![], &[(input, 1)])).unwrap();
        first.leave();
        let mut heir = bench.member(conformance::extractor("heir"));
        conformance::assigned(&mut heir);
        heir.position(input).unwrap().committed
    };
    assert_eq!(position(None), Some(1));
    assert_eq!(position(Some(Mistake::PositionWithoutPending)), None);
}

/// An heir that takes over while its predecessor is about to write records: what it restored.
type Heir = (SimulatedTransport, Vec<bus::Record>);

/// Lets an heir take over when the first member is about to write its records.
#[derive(Default)]
struct TakenOver {
    time: CalmTime,
    simulated: Mutex<Option<Simulated>>,
    heir: Mutex<Option<Heir>>,
}

impl Script for TakenOver {
    fn now(&self) -> Timestamp {
        self.time.now()
    }

    fn wait(&self, member: &str, wait: Duration) {
        self.time.wait(member, wait);
    }

    fn idle(&self, member: &str, wait: Duration) -> bool {
        self.time.idle(member, wait)
    }

    fn step(&self, member: &str, step: Step) {
        if member != "first" || step != Step::Produce {
            return;
        }
        let Some(simulated) = self.simulated.lock().unwrap().take() else {
            return;
        };
        let spec = conformance::extractor("heir");
        let mut heir = simulated.transport("heir", spec.clone());
        let places = conformance::assigned(&mut heir);
        let restored = conformance::restore(&mut heir, &spec, &places);
        *self.heir.lock().unwrap() = Some((heir, restored));
    }

    fn deliver(&self, member: &str, request: Request) -> Delivery {
        self.time.deliver(member, request)
    }

    fn below(&self, limit: u64) -> u64 {
        self.time.below(limit)
    }

    fn wake(&self, member: &str) {
        self.time.wake(member);
    }
}

/// Whether the first member's commit is accepted, how many records its heir restored, and what the
/// group's position is then.
fn taken_over(mistake: Option<Mistake>) -> (bool, usize, Option<i64>) {
    let input = conformance::at(Topic::Pages, 0);
    let script = Arc::new(TakenOver::default());
    let settings = SimulatedSettings {
        max_poll_interval: Duration::from_millis(500),
        transaction_timeout: Duration::from_secs(60),
        mistake,
        ..SimulatedSettings::new(conformance::small_topics("taken-over."))
    };
    let simulated = Simulated::new(settings, script.clone());
    let spec = conformance::extractor("first");
    let mut first = simulated.transport("first", spec.clone());
    conformance::join(&mut first, &spec);
    first.begin().unwrap();
    *script.simulated.lock().unwrap() = Some(simulated.clone());
    let state = conformance::record(conformance::at(Topic::SiteState, 0), "site", "one page");
    let committed = first.commit(conformance::transaction(vec![state], &[(input, 1)]));
    let (mut heir, restored) = script.heir.lock().unwrap().take().unwrap();
    let position = heir.position(input).unwrap().committed;
    (committed.is_ok(), restored.len(), position)
}

#[test]
fn records_are_flushed_before_offsets_are_sent_and_a_transport_that_does_not_is_found() {
    // A member that has lost its partition is refused by its offsets, so its records do not count.
    assert_eq!(taken_over(None), (false, 0, None));
    // Sent before, they are accepted; the state that belongs to them comes after the restore.
    assert_eq!(taken_over(Some(Mistake::OffsetsBeforeFlush)), (true, 0, Some(1)));
}
