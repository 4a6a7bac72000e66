//! What one seed means: which faults there are, how many, when. Each seed has a random part of them
//! (swarm testing: Groce et al., 2012), so that no fault hides another.

use bus::simulated::Step;

use crate::random::Random;

/// How long a moment is at which much happens: feeds are polled every 20 to 60 seconds.
const MOMENT_MS: u64 = 30_000;

/// A daemon of the road.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Polls and downloads.
    Fetcher,
    /// Extracts.
    Extractor,
    /// Publishes.
    Publisher,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Fetcher, Self::Extractor, Self::Publisher];

    /// Group and stage name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fetcher => "fetcher",
            Self::Extractor => "extractor",
            Self::Publisher => "publisher",
        }
    }
}

/// A kind of fault. A seed has some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A process dies, at a step.
    Crash,
    /// A process is stopped at a step, and goes on later.
    Stop,
    /// Requests of producers are lost, doubled, late, or their answers are.
    Requests,
    /// No member reaches the cluster.
    Away,
    /// One member does not reach the cluster.
    Cut,
    /// Instances come and go in good order.
    Scale,
    /// An instance is started a second time under its name, while the first is stopped.
    Twin,
    /// Clocks of processes jump.
    Clock,
    /// Markers are slow.
    Markers,
    /// Changelogs are compacted.
    Compaction,
    /// The group's offsets are forgotten, while all its members are down.
    Forgotten,
    /// Records that nobody can process, or that make a stage panic.
    Poison,
    /// Records that were there before come again.
    Again,
    /// A stage answers its group eagerly, all at once.
    Eager,
    /// The web is slow, and pages wait.
    Slow,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Crash,
        Self::Stop,
        Self::Requests,
        Self::Away,
        Self::Cut,
        Self::Scale,
        Self::Twin,
        Self::Clock,
        Self::Markers,
        Self::Compaction,
        Self::Forgotten,
        Self::Poison,
        Self::Again,
        Self::Eager,
        Self::Slow,
    ];
}

/// Something that happens at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The web changes.
    Web,
    /// One more instance.
    Start(Role),
    /// An instance is asked to end, by its number among those that run.
    Term(u64),
    /// An instance is killed.
    Kill(u64),
    /// An instance is stopped for so many milliseconds.
    Stop(u64, i64),
    /// An instance is stopped for so long, and another of its name is started.
    Twin(u64, i64),
    /// An instance is cut off for so many milliseconds.
    Cut(u64, i64),
    /// The cluster is away for so many milliseconds.
    Away(i64),
    /// The clock of an instance jumps.
    Clock(u64, i64),
    /// Compaction runs, with or without removing tombstones.
    Compact(bool),
    /// All instances of a role are killed, and their group's offsets are forgotten.
    Forget(Role),
    /// A record that cannot be processed: where, and whether by panic.
    Poison(Role, bool),
    /// A record of that role's input comes a second time.
    Again(Role, u64),
}

/// What one seed means.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Faults that there are.
    pub faults: Vec<Fault>,
    /// Happenings by millisecond since the start.
    pub happenings: Vec<(i64, Happening)>,
    /// Instances of each role at the start.
    pub instances: Vec<(Role, u64)>,
    /// Sites of the web.
    pub sites: u32,
    /// When faults end, in milliseconds since the start.
    pub until: i64,
    /// A crash about once in so many steps; 0: none.
    pub crash_one_in: u64,
    /// The step at which crashes and stops happen; `None`: any.
    pub at: Option<Step>,
    /// A stop about once in so many steps; 0: none.
    pub stop_one_in: u64,
    /// A fault about once in so many requests; 0: none.
    pub request_one_in: u64,
}

impl Plan {
    /// The plan of a seed.
    pub fn of(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x6e65_7773_7769_7265);
        let mut faults = Vec::new();
        for fault in Fault::ALL {
            if random.one_in(3) {
                faults.push(fault);
            }
        }
        let has = |fault| faults.contains(&fault);
        let until = random.between(120, 600) as i64 * 1000;
        let at = random.one_in(2).then(|| *random.of(&Step::ALL));
        let rare = if at.is_some() { 8 } else { 60 };
        let crash_one_in = if has(Fault::Crash) { random.between(rare, rare * 8) } else { 0 };
        let stop_one_in = if has(Fault::Stop) { random.between(rare, rare * 8) } else { 0 };
        let request_one_in = if has(Fault::Requests) { random.between(4, 40) } else { 0 };
        let mut instances = Vec::new();
        for role in Role::ALL {
            let most = if role == Role::Publisher { 2 } else { 3 };
            instances.push((role, random.between(1, most)));
        }
        let sites = random.between(1, 4) as u32;
        let mut plan = Self {
            happenings: Vec::new(),
            instances,
            sites,
            until,
            crash_one_in,
            at,
            stop_one_in,
            request_one_in,
            faults,
        };
        plan.fill(&mut random);
        plan
    }

    /// A plan in which nothing happens.
    pub(crate) fn quiet() -> Self {
        Self {
            faults: Vec::new(),
            happenings: Vec::new(),
            instances: Vec::new(),
            sites: 0,
            until: 0,
            crash_one_in: 0,
            at: None,
            stop_one_in: 0,
            request_one_in: 0,
        }
    }

    /// Whether there is that fault.
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    fn fill(&mut self, random: &mut Random) {
        let mut happenings = Vec::new();
        let until = self.until as u64;
        // In half of the seeds most things happen at a few moments, news and faults alike: a fault
        // while nothing goes on shows little, and what needs two of them within a second or two
        // would come once in ten thousand seeds.
        let moments: Vec<u64> = if random.one_in(2) {
            (0..random.between(1, 5)).map(|_| random.below(until)).collect()
        } else {
            Vec::new()
        };
        let mut add = |random: &mut Random, count: u64, make: &dyn Fn(&mut Random) -> Happening| {
            for _ in 0..count {
                let at = if moments.is_empty() || random.one_in(4) {
                    random.below(until)
                } else {
                    random.of(&moments) + random.below(MOMENT_MS)
                };
                happenings.push((at as i64, make(random)));
            }
        };
        let seconds = |random: &mut Random, most: u64| {
            let milliseconds = random.between(1, most * 1000);
            // As often short as long.
            (if random.one_in(2) { milliseconds / 20 } else { milliseconds }) as i64
        };
        let role = |random: &mut Random| *random.of(&Role::ALL);
        let web = random.between(4, 24);
        add(random, web, &|_| Happening::Web);
        for fault in self.faults.clone() {
            let count = random.between(1, 5);
            match fault {
                Fault::Crash => add(random, count, &|r| Happening::Kill(r.draw())),
                Fault::Stop => add(random, count, &|r| Happening::Stop(r.draw(), seconds(r, 90))),
                Fault::Away => add(random, count / 2 + 1, &|r| Happening::Away(seconds(r, 60))),
                Fault::Cut => add(random, count, &|r| Happening::Cut(r.draw(), seconds(r, 90))),
                Fault::Scale => {
                    add(random, count, &|r| Happening::Start(role(r)));
                    add(random, count, &|r| Happening::Term(r.draw()));
                }
                Fault::Twin => {
                    add(random, count, &|r| Happening::Twin(r.draw(), seconds(r, 60)));
                }
                Fault::Clock => add(random, count, &|r| {
                    let jump = seconds(r, 600);
                    Happening::Clock(r.draw(), if r.one_in(2) { jump } else { -jump })
                }),
                Fault::Compaction => {
                    add(random, count * 3, &|r| Happening::Compact(r.one_in(3)));
                }
                Fault::Forgotten => add(random, 1, &|r| Happening::Forget(role(r))),
                Fault::Poison => {
                    add(random, count, &|r| Happening::Poison(role(r), r.one_in(2)));
                }
                Fault::Again => add(random, count, &|r| Happening::Again(role(r), r.draw())),
                Fault::Requests | Fault::Markers | Fault::Eager | Fault::Slow => {}
            }
        }
        happenings.sort_by_key(|(at, _)| *at);
        self.happenings = happenings;
    }
}
