//! One seed from beginning to end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bus::simulated::{Mistake, Simulated, SimulatedSettings, Step};
use bus::{Log, NewRecord, Topic, TopicPartition};
use events::{Timestamp, site_of};
use stage::Mutant;

use crate::oracle::{AGAIN, Carried, POISON, compare_live, read, read_topic};
use crate::plan::{Fault, Happening, Plan, Role};
use crate::poison::PANIC;
use crate::world::{Decides, START, World};
use crate::{replay, road};

/// What is planted wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutation {
    /// Nothing.
    None,
    /// In the harness.
    Harness(Mutant),
    /// In the transport.
    Transport(Mistake),
    /// In both: a mistake, and the lack of the check that would make it good.
    Both(Mutant, Mistake),
}

impl Mutation {
    fn mutant(self) -> Option<Mutant> {
        match self {
            Self::Harness(mutant) | Self::Both(mutant, _) => Some(mutant),
            Self::None | Self::Transport(_) => None,
        }
    }

    fn mistake(self) -> Option<Mistake> {
        match self {
            Self::Transport(mistake) | Self::Both(_, mistake) => Some(mistake),
            Self::None | Self::Harness(_) => None,
        }
    }
}

/// Everything that is planted for seeds to find. Three mistakes are too rare for them, and have
/// tests of their own on the simulated transport: `Mistake::LossUnseen`,
/// `Mistake::PositionWithoutPending` and `Mistake::OffsetsBeforeFlush`.
pub fn mutations() -> Vec<Mutation> {
    let harness = Mutant::ALL.into_iter().map(Mutation::Harness);
    let both = Mutation::Both(Mutant::PositionUnchecked, Mistake::PositionBeforeBarrier);
    harness.chain(Mistake::ALL.into_iter().map(Mutation::Transport)).chain([both]).collect()
}

/// A seed after which something does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// What does not hold.
    pub what: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed, what } = self;
        write!(f, "seed {seed}: {what} (again: NEWSWIRE_SEED={seed} just simulate)")
    }
}

/// What one seed did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Simulated milliseconds.
    pub simulated_ms: i64,
    /// Turns of daemons.
    pub turns: u64,
    /// Committed records of entries and of stories.
    pub entries: usize,
    /// Committed story events.
    pub stories: usize,
    /// The trace: the same for the same seed.
    pub trace: u64,
    /// How often each step of a transport was reached.
    pub steps: BTreeMap<Step, u64>,
    /// What happened at least once.
    pub sometimes: BTreeSet<&'static str>,
    /// The faults of its plan.
    pub faults: Vec<Fault>,
}

/// After so long without faults everything must have come to its end.
const PATIENCE_MS: i64 = 4 * 3600 * 1000;
/// Largest waiting input of a partition: the bound, one batch beyond it, and what was on its way.
const MOST_WAITING: usize = road::WAITING_BYTES + road::BATCH * 3072;

/// Runs one seed. `log` writes what happens to standard error.
///
/// # Errors
/// What does not hold.
pub fn simulate(seed: u64, mutation: Mutation, log: bool) -> Result<Report, Failure> {
    let mut run = Run::new(seed, mutation, log);
    let world = Arc::clone(&run.world);
    Mutant::plant(mutation.mutant());
    let outcome = run.whole();
    Mutant::plant(None);
    let outcome = outcome.and_then(|carried| {
        replay::publisher(&world, seed)?;
        if seed.is_multiple_of(4) {
            replay::extractor(&world, seed)?;
        }
        Ok(carried)
    });
    world.clear();
    let carried = outcome.map_err(|what| Failure { seed, what })?;
    Ok(Report {
        simulated_ms: world.time() - START,
        turns: world.turns(),
        entries: carried.entries.len(),
        stories: carried.stories.len(),
        trace: world.trace(),
        steps: world.steps(),
        sometimes: world.sometimes(),
        faults: world.plan.faults.clone(),
    })
}

struct Run {
    world: Arc<World>,
    poisons: Vec<String>,
    tail: Tail,
}

impl Run {
    fn new(seed: u64, mutation: Mutation, log: bool) -> Self {
        let plan = Plan::of(seed);
        let world = World::new(plan.clone(), seed, log);
        let settings = SimulatedSettings {
            marker_delay: Duration::from_millis(if plan.has(Fault::Markers) { 3_000 } else { 20 }),
            cooperative: !plan.has(Fault::Eager),
            mistake: mutation.mistake(),
            ..SimulatedSettings::new(road::topics())
        };
        let script = Arc::new(Decides(Arc::clone(&world)));
        world.set_cluster(Simulated::new(settings, script));
        Self { world, poisons: Vec::new(), tail: Tail::default() }
    }

    fn whole(&mut self) -> Result<Carried, String> {
        self.subscribe();
        for (role, count) in self.world.plan.instances.clone() {
            for number in 0..count {
                self.world.start(role, &format!("i{number}"));
            }
        }
        for (at, happening) in self.world.plan.happenings.clone() {
            self.advance(START + at)?;
            self.happen(&happening);
        }
        self.advance(START + self.world.plan.until)?;
        self.world.heal();
        // Processes that wait for their restart do restart; where all were ended, one is begun.
        self.advance(self.world.time() + 25_000)?;
        for role in Role::ALL {
            if self.world.count(role) == 0 {
                self.world.start(role, "last");
            }
        }
        let carried = self.drain()?;
        carried.check()?;
        self.tail.check(&self.world)?;
        self.quiet()?;
        Ok(carried)
    }

    fn advance(&mut self, until: i64) -> Result<(), String> {
        while self.world.time() < until {
            let next = until.min(self.world.time() + 5_000);
            self.world.advance(next);
            self.watch()?;
        }
        Ok(())
    }

    /// What must hold at any time.
    fn watch(&mut self) -> Result<(), String> {
        if let Some(failure) = self.world.failures().into_iter().next() {
            return Err(failure);
        }
        let held = self.world.look(|daemon, harness, status| {
            let waiting = harness.inspect().values().map(|held| held.waiting_bytes).max();
            (daemon.name.clone(), waiting.unwrap_or(0), status.stopped.clone())
        });
        for (name, waiting, stopped) in held {
            if waiting > MOST_WAITING {
                return Err(format!("{waiting} bytes wait in a partition of {name}"));
            }
            if let Some((partition, why)) = stopped.into_iter().next() {
                return Err(format!("{name} stopped partition {partition}: {why}"));
            }
        }
        if self.world.most_requests() > road::REQUESTS {
            return Err(format!("{} requests at once", self.world.most_requests()));
        }
        self.tail.read(&self.world);
        Ok(())
    }

    /// Waits until all that must come has come.
    fn drain(&mut self) -> Result<Carried, String> {
        let until = self.world.time() + PATIENCE_MS;
        let mut wait = 5_000;
        loop {
            self.advance(self.world.time() + wait)?;
            let carried = Carried::read(&self.world.cluster())?;
            let Some(missing) = carried.missing(&self.world, &self.poisons) else {
                // A transaction's markers reach its partitions one by one.
                self.advance(self.world.time() + 4_000)?;
                return Carried::read(&self.world.cluster());
            };
            if self.world.time() > until {
                return Err(format!("lost: {missing}"));
            }
            wait = (wait * 2).min(300_000);
        }
    }

    /// What the daemons hold is what their successors would restore. Work goes on, so that a moment
    /// must be found in which nothing is on its way between the two.
    fn quiet(&mut self) -> Result<(), String> {
        let mut last = Ok(());
        for _ in 0..60 {
            last = compare_live(&self.world);
            if last.is_ok() {
                return last;
            }
            self.advance(self.world.time() + 1_300)?;
        }
        last
    }

    fn append(&self, place: TopicPartition, key: &str, value: Vec<u8>, header: Option<&str>) {
        let headers = header.map(|name| (name.to_owned(), b"1".to_vec())).into_iter().collect();
        let timestamp = Timestamp::from_millis(self.world.time());
        let key = Some(key.as_bytes().to_vec());
        let record = NewRecord { place, timestamp, key, value: Some(value), headers };
        if let Err(error) = self.world.cluster().log().append(vec![record]) {
            self.world.fail(format!("appending to {place}: {error}"));
        }
    }

    fn subscribe(&self) {
        let now = Timestamp::from_millis(self.world.time());
        let feeds = self.world.web.lock().map(|web| web.subscriptions(now)).unwrap_or_default();
        for feed in feeds {
            let site = site_of(&feed.url).unwrap_or_default();
            let partition = road::topics().partition_of(Topic::Feeds, site.as_bytes());
            let value = serde_json::to_vec(&feed).unwrap_or_default();
            self.append(TopicPartition::new(Topic::Feeds, partition), &feed.id, value, None);
        }
    }

    fn happen(&mut self, happening: &Happening) {
        let world = Arc::clone(&self.world);
        world.note(&format!("{happening:?}"));
        let after = world.random(|random| random.between(50, 20_000)) as i64;
        match *happening {
            Happening::Web => {
                let now = Timestamp::from_millis(world.time());
                if let Ok(mut web) = world.web.lock() {
                    world.random(|random| web.change(random, now));
                }
            }
            Happening::Start(role) => {
                let name = world.random(|random| random.between(10, 99));
                if world.count(role) < 4 {
                    world.start(role, &format!("i{name}"));
                }
            }
            Happening::Term(number) => {
                if let Some(life) = world.choose(number)
                    && world.role_of(life).is_some_and(|role| world.count(role) > 1)
                {
                    world.term(life);
                }
            }
            Happening::Kill(number) => {
                if let Some(life) = world.choose(number) {
                    world.kill(life, after);
                }
            }
            Happening::Stop(number, milliseconds) => {
                if let Some(life) = world.choose(number) {
                    world.stop(life, milliseconds);
                }
            }
            Happening::Twin(number, milliseconds) => {
                if let Some(life) = world.choose(number)
                    && let Some((role, instance)) = world.stop(life, milliseconds)
                {
                    world.start(role, &instance);
                }
            }
            Happening::Cut(number, milliseconds) => {
                if let Some(life) = world.choose(number) {
                    world.cut(life, milliseconds);
                }
            }
            Happening::Away(milliseconds) => world.away(milliseconds),
            Happening::Clock(number, by) => {
                if let Some(life) = world.choose(number) {
                    world.skew(life, by);
                }
            }
            Happening::Compact(tombstones) => world.cluster().compact(tombstones),
            Happening::Forget(role) => {
                for life in world.of_role(role) {
                    world.kill(life, after);
                }
                if world.of_role(role).is_empty() {
                    world.cluster().forget_group(role.name());
                }
            }
            Happening::Poison(role, panic) => {
                let key = format!("{POISON}{}", self.poisons.len());
                let topic = input(role);
                let partitions = u64::from(road::topics().spec(topic).partitions);
                let partition = world.random(|random| random.below(partitions)) as u32;
                let place = TopicPartition::new(topic, partition);
                self.append(place, &key, b"no record".to_vec(), panic.then_some(PANIC));
                self.poisons.push(key);
            }
            Happening::Again(role, number) => self.again(input(role), number),
        }
    }

    /// Writes a record once more, as an operator's replay does.
    fn again(&self, topic: Topic, number: u64) {
        let records = read_topic(&self.world.cluster(), topic);
        let usable: Vec<_> = records
            .into_iter()
            .filter(|r| !r.key.as_deref().unwrap_or_default().starts_with(POISON.as_bytes()))
            .collect();
        if usable.is_empty() {
            return;
        }
        let record = &usable[(number % usable.len() as u64) as usize];
        let key = String::from_utf8_lossy(record.key.as_deref().unwrap_or_default()).into_owned();
        let value = record.value.clone().unwrap_or_default();
        self.append(record.place, &key, value, Some(AGAIN));
    }
}

/// The topic whose records come and go with the daemon's work.
fn input(role: Role) -> Topic {
    match role {
        Role::Fetcher => Topic::Entries,
        Role::Extractor => Topic::Pages,
        Role::Publisher => Topic::Articles,
    }
}

/// A reader that reads on while things go wrong: what it saw must be what is there in the end.
#[derive(Default)]
struct Tail {
    seen: BTreeMap<TopicPartition, Vec<(i64, Option<Vec<u8>>)>>,
}

const FOLLOWED: [Topic; 2] = [Topic::Entries, Topic::Stories];

impl Tail {
    fn read(&mut self, world: &World) {
        for topic in FOLLOWED {
            for place in road::topics().partitions(topic) {
                let seen = self.seen.entry(place).or_default();
                let from = seen.last().map_or(0, |(offset, _)| offset + 1);
                let limit = bus::PollLimit { records: usize::MAX, bytes: usize::MAX };
                let more = world.cluster().log().read(place, from, limit, Duration::ZERO);
                seen.extend(more.unwrap_or_default().into_iter().map(|r| (r.offset, r.key)));
            }
        }
    }

    fn check(&self, world: &World) -> Result<(), String> {
        for (place, seen) in &self.seen {
            let all = read(&world.cluster(), *place);
            let all = all.into_iter().map(|record| (record.offset, record.key));
            if !all.take(seen.len()).eq(seen.iter().cloned()) {
                return Err(format!("{place}: a reader saw other records than there are"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stories_that_are_missing_or_say_something_else_are_found() {
        let work = || {
            let mut run = Run::new(1, Mutation::None, false);
            let carried = run.whole().unwrap();
            let missing = |change: fn(&mut events::StoryEvent)| {
                let mut changed = Carried::read(&run.world.cluster()).unwrap();
                changed.latest.values_mut().flatten().for_each(change);
                changed.missing(&run.world, &run.poisons).unwrap_or_default()
            };
            assert_eq!(carried.missing(&run.world, &run.poisons), None);
            assert!(missing(|story| story.url = None).starts_with("no story of https://"));
            assert!(missing(|story| story.title = None).contains(" is (None, "));
            let shortened = missing(|story| story.text.as_mut().unwrap().truncate(80));
            assert!(shortened.contains(", not (Some("), "{shortened}");
            run.world.clear();
        };
        std::thread::Builder::new().stack_size(64 << 20).spawn(work).unwrap().join().unwrap();
    }
}
