//! Daemons and brokers in the hand of a script that draws faults.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::brokers::Brokers;
use super::daemons::DAEMONS;
use super::process::{Daemon, newswire, program_with};

/// The signal that asks a process to end.
const SIGTERM: i32 = 15;

/// xorshift64*: faults are drawn from a printed seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    pub(crate) fn seconds(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from * 1000 + self.below((to - from) * 1000))
    }
}

/// What ends a fault.
enum Undo {
    /// Start an instance again.
    Start(String),
    /// Let a stopped instance go on.
    Go(String),
    /// End an instance that was added.
    Remove(String),
    /// Start a broker again.
    Broker(u32),
    /// Let a stopped broker go on.
    BrokerGo(u32),
}

/// All that runs, and what has been done to it.
pub(crate) struct Scene {
    folder: PathBuf,
    config: PathBuf,
    /// Another release's program, where instances are to be started with that.
    pub(crate) program: Option<PathBuf>,
    pub(crate) daemons: BTreeMap<String, Daemon>,
    brokers: Brokers,
    undo: Vec<(Instant, Undo)>,
    /// Instances and brokers that a fault already has.
    pub(crate) busy: BTreeSet<String>,
    added: u32,
    pub(crate) counts: BTreeMap<&'static str, u32>,
}

impl Scene {
    /// Two instances of each daemon, of this program or another.
    pub(crate) fn new(
        folder: &Path,
        config: PathBuf,
        brokers: Brokers,
        program: Option<PathBuf>,
    ) -> Self {
        let mut scene = Self {
            folder: folder.to_owned(),
            config,
            program,
            daemons: BTreeMap::new(),
            brokers,
            undo: Vec::new(),
            busy: BTreeSet::new(),
            added: 0,
            counts: BTreeMap::new(),
        };
        for stage in DAEMONS {
            for letter in ["a", "b"] {
                scene.start(&format!("{stage}-{letter}"));
            }
        }
        scene
    }

    /// Whether a fault still lasts.
    pub(crate) fn is_disturbed(&self) -> bool {
        !self.undo.is_empty()
    }

    /// How many lines of the daemons' logs hold this.
    pub(crate) fn logged(&self, needle: &str) -> usize {
        std::fs::read_dir(&self.folder)
            .unwrap()
            .filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok())
            .map(|text| text.lines().filter(|line| line.contains(needle)).count())
            .sum()
    }

    /// Ends all daemons in order.
    pub(crate) fn end_all(&mut self) {
        let names: Vec<String> = self.daemons.keys().cloned().collect();
        for name in names {
            self.end(&name);
        }
    }

    pub(crate) fn start(&mut self, instance: &str) {
        let stage = instance.split('-').next().unwrap();
        let arguments = [stage, "-c", self.config.to_str().unwrap()];
        let mut command = match &self.program {
            Some(program) => program_with(program, arguments),
            None => newswire(arguments),
        };
        command.env("NEWSWIRE_RUN__INSTANCE", instance);
        // As the units and the image of deploy/ have it.
        command.env("MALLOC_ARENA_MAX", "2");
        let daemon = Daemon::start(instance, &self.folder, &mut command);
        self.daemons.insert(instance.to_owned(), daemon);
    }

    /// Ends a daemon in order. Under faults it may take its whole grace period, and it may fail to
    /// say goodbye to a broker that is away; what it may not do is hang.
    pub(crate) fn end(&mut self, instance: &str) {
        let mut daemon = self.daemons.remove(instance).unwrap();
        daemon.signal("TERM");
        let status = daemon.end(Duration::from_secs(40));
        let log = daemon.log();
        // One that has not said a word yet may not have heard that there are signals to be caught.
        let had_begun = !log.is_empty() || status.signal() != Some(SIGTERM);
        assert!(!had_begun || status.success(), "{instance}: {status}\n{log}");
    }

    fn undo(&mut self, undo: Undo) {
        match undo {
            Undo::Start(instance) => {
                self.start(&instance);
                self.busy.remove(&instance);
            }
            Undo::Go(instance) => {
                self.daemons[&instance].signal("CONT");
                self.busy.remove(&instance);
            }
            Undo::Remove(instance) => {
                self.end(&instance);
                self.busy.remove(&instance);
            }
            Undo::Broker(node) => {
                self.brokers.again(node);
                self.busy.remove("broker");
            }
            Undo::BrokerGo(node) => {
                self.brokers.signal(node, "CONT");
                self.busy.remove("broker");
            }
        }
    }

    /// One fault, if what was drawn can be done now.
    pub(crate) fn fault(&mut self, dice: &mut Dice) -> bool {
        let now = Instant::now();
        let free: Vec<String> =
            self.daemons.keys().filter(|name| !self.busy.contains(*name)).cloned().collect();
        let kind = dice.below(10);
        if kind >= 8 {
            // One broker at a time: two of three must stand for anything to be committed.
            if !self.busy.insert("broker".to_owned()) {
                return false;
            }
            let node = 1 + dice.below(u64::from(self.brokers.nodes)) as u32;
            if kind == 8 {
                self.brokers.kill(node);
                self.undo.push((now + dice.seconds(2, 10), Undo::Broker(node)));
                self.count("broker killed");
            } else {
                self.brokers.signal(node, "STOP");
                self.undo.push((now + dice.seconds(1, 15), Undo::BrokerGo(node)));
                self.count("broker stopped");
            }
            return true;
        }
        if kind == 7 {
            let stage = DAEMONS[dice.below(3) as usize];
            self.added += 1;
            let instance = format!("{stage}-x{}", self.added);
            self.start(&instance);
            self.busy.insert(instance.clone());
            self.undo.push((now + dice.seconds(5, 30), Undo::Remove(instance)));
            self.count("instance added and removed");
            return true;
        }
        if free.is_empty() {
            return false;
        }
        let instance = free[dice.below(free.len() as u64) as usize].clone();
        self.busy.insert(instance.clone());
        match kind {
            0..=3 => {
                self.daemons.remove(&instance).unwrap().kill();
                self.undo.push((now + dice.seconds(0, 6), Undo::Start(instance)));
                self.count("kill -9");
            }
            4 => {
                self.end(&instance);
                self.undo.push((now + dice.seconds(0, 4), Undo::Start(instance)));
                self.count("SIGTERM");
            }
            _ => {
                // Longer than the session at times: the owner wakes as one who has lost.
                self.daemons[&instance].signal("STOP");
                self.undo.push((now + dice.seconds(1, 30), Undo::Go(instance)));
                self.count("SIGSTOP");
            }
        }
        true
    }

    pub(crate) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// Ends the faults whose time is over, or all of them; every other daemon must run.
    pub(crate) fn tend(&mut self, all: bool) {
        let now = Instant::now();
        let mut later = Vec::new();
        for (at, undo) in std::mem::take(&mut self.undo) {
            if all || at <= now {
                self.undo(undo);
            } else {
                later.push((at, undo));
            }
        }
        self.undo.extend(later);
        for (name, daemon) in &mut self.daemons {
            if !self.busy.contains(name) {
                daemon.must_run();
            }
        }
    }
}
