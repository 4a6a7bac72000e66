//! Time, and who acts when: the scheduler, and the script of the cluster.
//!
//! One world runs on one thread. Daemons are kept in a place of that thread, since they may be
//! asked to act while another one waits in the middle of a call.

mod daemons;
mod script;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bus::simulated::{Simulated, SimulatedSettings, Step};
use events::Timestamp;
use stage::{Fetch, Fetched, Harness, Reply, RunError, StatusHandle};

use crate::plan::{Fault, Plan, Role};
use crate::random::Random;
use crate::road;
use crate::web::Web;
pub(crate) use script::Decides;

/// When it all begins: 2025-11-24T16:00:00Z.
pub(crate) const START: i64 = 1_764_000_000_000;
/// Waits inside waits, at most: beyond, time passes and nobody acts.
const DEEPEST: usize = 4;

/// What a daemon dies with.
struct Crash;

/// One life of a daemon.
pub(crate) struct Daemon {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) instance: String,
    harness: Option<Box<Harness<'static>>>,
    pub(crate) status: StatusHandle,
    shutdown: Arc<AtomicBool>,
}

thread_local! {
    /// Daemons that are not acting just now.
    static IDLE: RefCell<BTreeMap<u64, Daemon>> = const { RefCell::new(BTreeMap::new()) };
}

/// What is known of a daemon, whether it acts or not.
#[derive(Clone, Debug)]
struct Life {
    name: String,
    role: Role,
    instance: String,
    /// When it wants to act again.
    wake_at: i64,
    /// Nothing of it happens before: its process is stopped between two steps.
    stopped_until: i64,
    skew: Arc<AtomicI64>,
    doomed: bool,
    term: bool,
    /// Polls wait within the call: it is about to end.
    ending: bool,
    /// Requests on their way.
    requests: usize,
}

/// What comes back by itself at a time.
enum Due {
    Answer { life: u64, fetch: Fetch, reply: Reply },
    Restart { role: Role, instance: String },
    EndOfStop { name: String },
    EndOfCut { name: String },
    EndOfAway,
}

#[derive(Default)]
struct Inner {
    lives: BTreeMap<u64, Life>,
    due: BTreeMap<(i64, u64), Due>,
    numbers: u64,
    depth: usize,
    /// What happened, as one number.
    trace: u64,
    steps: BTreeMap<Step, u64>,
    pub(crate) sometimes: BTreeSet<&'static str>,
    failures: Vec<String>,
    healed: bool,
    most_requests: usize,
    turns: u64,
}

/// The world of one seed.
pub(crate) struct World {
    pub(crate) plan: Plan,
    now: AtomicI64,
    random: Mutex<Random>,
    inner: Mutex<Inner>,
    pub(crate) web: Mutex<Web>,
    /// Until the world is cleared: the cluster knows its script, and so the world.
    simulated: Mutex<Option<Simulated>>,
    log: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(crate) fn new(plan: Plan, seed: u64, log: bool) -> Arc<Self> {
        let mut random = Random::new(seed);
        let web =
            Web::new(plan.sites, plan.has(Fault::Slow), &mut random, Timestamp::from_millis(START));
        Arc::new(Self {
            plan,
            now: AtomicI64::new(START),
            random: Mutex::new(random),
            inner: Mutex::default(),
            web: Mutex::new(web),
            simulated: Mutex::default(),
            log,
        })
    }

    /// A world in which nothing goes wrong, and its cluster.
    pub(crate) fn quiet(sites: u32, seed: u64) -> (Arc<Self>, Simulated) {
        let world = Self::new(Plan { sites, ..Plan::quiet() }, seed, false);
        let script = Arc::new(Decides(Arc::clone(&world)));
        let cluster = Simulated::new(SimulatedSettings::new(road::topics()), script);
        world.set_cluster(cluster.clone());
        (world, cluster)
    }

    pub(crate) fn set_cluster(&self, simulated: Simulated) {
        *lock(&self.simulated) = Some(simulated);
    }

    /// # Panics
    /// Before the cluster was set, and after the world was cleared.
    #[expect(clippy::expect_used, reason = "set right after the world is made")]
    pub(crate) fn cluster(&self) -> Simulated {
        lock(&self.simulated).clone().expect("a world has a cluster")
    }

    pub(crate) fn time(&self) -> i64 {
        self.now.load(Ordering::Relaxed)
    }

    pub(crate) fn random<R>(&self, draw: impl FnOnce(&mut Random) -> R) -> R {
        draw(&mut lock(&self.random))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }

    /// Something that must not happen, happened.
    pub(crate) fn fail(&self, what: String) {
        self.note(&what);
        self.inner().failures.push(what);
    }

    pub(crate) fn failures(&self) -> Vec<String> {
        self.inner().failures.clone()
    }

    /// A trace of all that happened: the same for the same seed.
    pub(crate) fn trace(&self) -> u64 {
        self.inner().trace
    }

    pub(crate) fn steps(&self) -> BTreeMap<Step, u64> {
        self.inner().steps.clone()
    }

    pub(crate) fn turns(&self) -> u64 {
        self.inner().turns
    }

    pub(crate) fn most_requests(&self) -> usize {
        self.inner().most_requests
    }

    pub(crate) fn sometimes(&self) -> BTreeSet<&'static str> {
        self.inner().sometimes.clone()
    }

    fn saw(&self, what: &'static str) {
        self.inner().sometimes.insert(what);
    }

    #[expect(clippy::print_stderr, reason = "a failing seed is followed by reading what it did")]
    pub(crate) fn note(&self, what: &str) {
        let mut inner = self.inner();
        for byte in what.bytes() {
            inner.trace = (inner.trace ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let trace = (inner.trace ^ self.time().cast_unsigned()).wrapping_mul(0x0100_0000_01b3);
        inner.trace = trace;
        if self.log {
            eprintln!("{:>9.3} s  {what}", (self.time() - START) as f64 / 1000.0);
        }
    }

    fn number(&self) -> u64 {
        let mut inner = self.inner();
        inner.numbers += 1;
        inner.numbers
    }

    fn later(&self, at: i64, due: Due) {
        let number = self.number();
        self.inner().due.insert((at, number), due);
    }

    fn is_healed(&self) -> bool {
        self.inner().healed
    }

    /// Lets all happen that happens until then.
    pub(crate) fn advance(self: &Arc<Self>, until: i64) {
        self.advance_with(until, Self::next_ready);
    }

    /// The same with those daemons that `next_ready` names.
    fn advance_with(
        self: &Arc<Self>,
        until: i64,
        next_ready: impl Fn(&Self) -> Option<(i64, u64)>,
    ) {
        loop {
            let now = self.time();
            let due = self.inner().due.first_key_value().map(|(key, _)| *key);
            let ready = next_ready(self);
            let due_at = due.map_or(i64::MAX, |(at, _)| at);
            let ready_at = ready.map_or(i64::MAX, |(at, _)| at);
            if due_at.min(ready_at) > until {
                self.now.fetch_max(until, Ordering::Relaxed);
                return;
            }
            if !self.inner().failures.is_empty() {
                self.now.fetch_max(until, Ordering::Relaxed);
                return;
            }
            self.now.fetch_max(due_at.min(ready_at).max(now), Ordering::Relaxed);
            if due_at <= ready_at {
                let happened = due.and_then(|key| self.inner().due.remove(&key));
                if let Some(due) = happened {
                    self.happen(due);
                }
            } else if let Some((_, life)) = ready {
                self.act(life);
            }
        }
    }

    /// The daemon that acts next, and when; one by chance where several are ready.
    fn next_ready(&self) -> Option<(i64, u64)> {
        let now = self.time();
        IDLE.with_borrow(|idle| {
            let inner = self.inner();
            let times = || {
                idle.keys().filter_map(|number| {
                    let life = inner.lives.get(number)?;
                    Some((life.wake_at.max(life.stopped_until), *number))
                })
            };
            let ready = times().filter(|(at, _)| *at <= now).count();
            if ready < 2 {
                return times().min();
            }
            let one = self.random(|random| random.below(ready as u64)) as usize;
            times().filter(|(at, _)| *at <= now).nth(one)
        })
    }

    fn happen(self: &Arc<Self>, due: Due) {
        match due {
            Due::Answer { life, fetch, reply } => {
                if let Some(life) = self.inner().lives.get_mut(&life) {
                    life.requests -= 1;
                }
                let at = Timestamp::from_millis(self.time());
                let result = lock(&self.web).answer(&fetch, at);
                // The answer's time is taken by the process's own clock.
                let skew = self.inner().lives.get(&life).map(|life| life.skew.clone());
                let skew = skew.map_or(0, |skew| skew.load(Ordering::Relaxed));
                reply(Fetched { result, at: at.plus_millis(skew) });
            }
            Due::Restart { role, instance } => self.start(role, &instance),
            Due::EndOfStop { name } => self.cluster().set_stopped(&name, false),
            Due::EndOfCut { name } => self.cluster().set_cut(&name, false),
            Due::EndOfAway => self.cluster().set_away(false),
        }
    }

    /// One turn of a daemon.
    fn act(self: &Arc<Self>, number: u64) {
        let Some(mut daemon) = IDLE.with_borrow_mut(|idle| idle.remove(&number)) else { return };
        let Some(mut harness) = daemon.harness.take() else { return };
        let pause = self.random(|random| random.between(1, 15)) as i64;
        let term = {
            let mut inner = self.inner();
            inner.turns += 1;
            let Some(life) = inner.lives.get_mut(&number) else { return };
            life.wake_at = self.now.load(Ordering::Relaxed) + pause;
            life.ending = life.term;
            life.term
        };
        if term {
            daemon.shutdown.store(true, Ordering::Relaxed);
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            if term {
                return (*harness).run().map(|()| None);
            }
            harness.step().map(|()| Some(harness))
        }));
        match outcome {
            Ok(Ok(Some(harness))) => {
                daemon.harness = Some(harness);
                IDLE.with_borrow_mut(|idle| idle.insert(number, daemon));
                // Whoever was doomed while it acted without reaching a step dies now.
                if self.inner().lives.get(&number).is_some_and(|life| life.doomed) {
                    let after = self.restart_after();
                    self.kill(number, after);
                }
            }
            Ok(Ok(None)) => {
                self.saw("ended in good order");
                self.bury(number, -1);
            }
            Ok(Err(RunError::Fenced(_))) => {
                self.saw("ended since another has its name");
                let has_twin = self.inner().lives.iter().any(|(other, life)| {
                    *other != number && life.instance == daemon.instance && life.role == daemon.role
                });
                let after = if has_twin { -1 } else { self.restart_after() };
                self.bury(number, after);
            }
            Ok(Err(RunError::Setup(why))) => self.fail(format!("{} ended: {why}", daemon.name)),
            Err(panic) if panic.is::<Crash>() => {
                self.saw("crashed within a step");
                let after = self.restart_after();
                self.bury(number, after);
            }
            Err(panic) => resume_unwind(panic),
        }
    }

    fn restart_after(&self) -> i64 {
        self.random(|random| random.between(50, 20_000)) as i64
    }

    fn life_of(&self, name: &str) -> Option<u64> {
        let number = name.rsplit('#').next()?.parse().ok()?;
        self.inner().lives.contains_key(&number).then_some(number)
    }

    /// Time passes within a call of a daemon.
    fn pass(self: &Arc<Self>, milliseconds: i64) {
        let until = self.time() + milliseconds;
        let deep = {
            let mut inner = self.inner();
            inner.depth += 1;
            inner.depth > DEEPEST
        };
        // On unwinding, too, the depth must be right again.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            if deep {
                // No daemon acts, but what ends by itself does: else one that asks a cluster which
                // is away would ask for ever.
                self.advance_with(until, |_| None);
            } else {
                self.advance(until);
            }
        }));
        self.now.fetch_max(until, Ordering::Relaxed);
        self.inner().depth -= 1;
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
    }

    fn crash(&self, name: &str) -> ! {
        self.cluster().kill(name);
        resume_unwind(Box::new(Crash))
    }
}
