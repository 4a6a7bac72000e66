//! The promise under real faults: three brokers, several instances of each daemon, and a script
//! that kills, stops, ends, adds and removes instances and brokers while two thousand articles
//! appear. Read afterwards by kcat, and all the while by a consumer in Python.
//!
//! Needs NEWSWIRE_KAFKA_DIR, the folder of brokers started by `KAFKA_NODES=3 tests/kafka/run.sh
//! start DIR`, kcat, and Python with confluent-kafka (NEWSWIRE_PYTHON names the interpreter).
//! NEWSWIRE_CHAOS_FAULTS (default 15) is the number of faults, NEWSWIRE_CHAOS_SEED decides them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use newsroom::Settings;
use serde_json::Value;

use support::brokers::Brokers;
use support::daemons::DAEMONS;
use support::kcat::Kcat;
use support::process::{Daemon, newswire, run};
use support::promise::{all_settled, fate_counts, nothing_twice};
use support::records::{Topics, read_all};
use support::stories::{compare_texts, events_of, nothing_invented, waiting_links};
use support::web::Web;

/// Outlets beside the ten with written stories, and what each publishes: 2,000 articles.
const OUTLETS: usize = 34;
const ARTICLES: usize = 60;
/// How long the road may take to end its work once nothing disturbs it any more.
const SETTLE: Duration = Duration::from_mins(15);

/// xorshift64*: faults are drawn from a printed seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    fn seconds(&mut self, from: u64, to: u64) -> Duration {
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
struct Scene {
    folder: PathBuf,
    config: PathBuf,
    daemons: BTreeMap<String, Daemon>,
    brokers: Brokers,
    undo: Vec<(Instant, Undo)>,
    /// Instances and brokers that a fault already has.
    busy: BTreeSet<String>,
    added: u32,
    counts: BTreeMap<&'static str, u32>,
}

impl Scene {
    fn start(&mut self, instance: &str) {
        let stage = instance.split('-').next().unwrap();
        let mut command = newswire([stage, "-c", self.config.to_str().unwrap()]);
        command.env("NEWSWIRE_RUN__INSTANCE", instance);
        let daemon = Daemon::start(instance, &self.folder, &mut command);
        self.daemons.insert(instance.to_owned(), daemon);
    }

    /// Ends a daemon in order. Under faults it may take its whole grace period, and it may fail to
    /// say goodbye to a broker that is away; what it may not do is hang.
    fn end(&mut self, instance: &str) {
        let mut daemon = self.daemons.remove(instance).unwrap();
        daemon.signal("TERM");
        let status = daemon.end(Duration::from_secs(40));
        assert_eq!(status.code(), Some(0), "{instance}\n{}", daemon.log());
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
    fn fault(&mut self, dice: &mut Dice) -> bool {
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

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn tend(&mut self, all: bool) {
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

/// The consumer in Python; ended with the test.
struct Collector {
    child: Child,
    output: PathBuf,
}

impl Collector {
    fn start(folder: &Path, brokers: &str, topics: &[String]) -> Self {
        let python = std::env::var("NEWSWIRE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/kafka/collect.py");
        let output = folder.join("collected");
        let child = Command::new(python)
            .arg(script)
            .arg(brokers)
            .arg(&output)
            .args(topics)
            .stdin(Stdio::null())
            .spawn()
            .expect("Python starts");
        Self { child, output }
    }

    /// (topic, partition, offset) → (key, version).
    fn rows(&mut self) -> BTreeMap<(String, u64, i64), (String, Value)> {
        assert!(self.child.try_wait().unwrap().is_none(), "the Python client has ended");
        let text = std::fs::read_to_string(&self.output).unwrap_or_default();
        let mut rows = BTreeMap::new();
        for line in text.lines() {
            // The last line may be under way.
            let Ok(Value::Array(row)) = serde_json::from_str(line) else { continue };
            let place = (
                row[0].as_str().unwrap().to_owned(),
                row[1].as_u64().unwrap(),
                row[2].as_i64().unwrap(),
            );
            let what = (row[3].as_str().unwrap().to_owned(), row[4].clone());
            rows.insert(place, what);
        }
        rows
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(kcat: &Kcat) -> Topics {
    read_all(|topic| kcat.read(topic))
}

/// What only a poison has.
fn poison_keys(topics: &Topics) -> Vec<&str> {
    let mut keys: Vec<&str> = topics["dead-letters"].iter().map(|row| row.key()).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn two_thousand_articles_arrive_once_each_whatever_is_killed() {
    let Some(brokers) = Brokers::from_environment("chaos on Kafka") else { return };
    assert!(brokers.nodes >= 3, "chaos wants three brokers, there are {}", brokers.nodes);
    let number = |name: &str, default: u64| -> u64 {
        std::env::var(name).map_or(default, |text| text.parse().expect(name))
    };
    let faults = number("NEWSWIRE_CHAOS_FAULTS", 15) as u32;
    let now = runtime::clock::now().as_millis();
    let seed = number("NEWSWIRE_CHAOS_SEED", now as u64);
    eprintln!("chaos: {faults} faults, NEWSWIRE_CHAOS_SEED={seed}");
    let mut dice = Dice(seed.max(1));

    let folder = tempfile::tempdir().unwrap();
    let addresses = brokers.addresses();
    let prefix = format!("chaos-{}-{now}.", std::process::id());
    let kcat = Kcat { brokers: addresses.clone(), prefix: prefix.clone() };
    let web = Web::still(Settings {
        extra_outlets: OUTLETS,
        articles_per_outlet: ARTICLES,
        extra_interval: Duration::from_secs(1),
        endless_interval: Duration::ZERO,
        // However long the fetchers are away, nothing may have left a feed.
        feed_length: ARTICLES,
        ..Settings::default()
    });
    let log = format!("[kafka]\nbrokers = \"{addresses}\"\ntopic_prefix = \"{prefix}\"");
    let config = web.config(folder.path(), &log);
    run(&mut newswire(["topics", "--create", "-c", config.to_str().unwrap()])).good();

    let watched: Vec<String> = ["entries", "pages", "articles", "stories"]
        .iter()
        .map(|topic| format!("{prefix}{topic}"))
        .collect();
    let mut collector = Collector::start(folder.path(), &addresses, &watched);
    let mut scene = Scene {
        folder: folder.path().to_owned(),
        config,
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

    let began = Instant::now();
    let (mut done, mut next) = (0, began + dice.seconds(3, 6));
    let mut poisoned = Vec::new();
    while done < faults || !scene.undo.is_empty() {
        scene.tend(false);
        if done < faults && Instant::now() >= next {
            if scene.fault(&mut dice) {
                done += 1;
                // The day goes on with the faults, and ends with them.
                web.go_to(i64::from(done) * 100 / i64::from(faults));
                if done % 5 == 0 && !scene.busy.contains("broker") {
                    let topic = ["entries", "pages", "articles"][done as usize / 5 % 3];
                    let key = format!("poison-{done:04}");
                    kcat.write(topic, 0, key.as_bytes(), b"{\"record\":7}");
                    poisoned.push(key);
                }
            }
            next = Instant::now() + dice.seconds(1, 6);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    scene.tend(true);
    web.go_to(100);
    let disturbed = began.elapsed();

    let expected = web.expected();
    let deadline = Instant::now() + SETTLE;
    let topics = loop {
        scene.tend(true);
        let topics = read(&kcat);
        nothing_twice(&topics);
        let settled = events_of(&topics, &expected)
            .map(drop)
            .and_then(|()| all_settled(&topics, &waiting_links(&expected)))
            .and_then(|()| match poison_keys(&topics).len() {
                there if there < poisoned.len() => Err(format!("{there} dead letters")),
                _ => Ok(()),
            });
        match settled {
            Ok(()) => break topics,
            Err(why) if Instant::now() > deadline => panic!("not settled: {why}"),
            Err(_) => std::thread::sleep(Duration::from_secs(2)),
        }
    };
    nothing_invented(&topics, &expected);
    assert_eq!(poison_keys(&topics), poisoned, "each poison is one dead letter");
    let texts = compare_texts(&events_of(&topics, &expected).unwrap());
    assert_eq!(texts.furniture, Vec::<String>::new());

    // The other client, which read while it happened, has seen the same.
    let of_kcat: BTreeMap<(String, u64, i64), (String, Value)> = ["entries", "pages", "articles"]
        .iter()
        .chain(&["stories"])
        .flat_map(|topic| topics[topic].iter())
        .map(|row| {
            let is_story = row.topic.ends_with("stories");
            let version = if is_story { row.value["version"].clone() } else { Value::Null };
            ((row.topic.clone(), row.partition, row.offset), (row.key().to_owned(), version))
        })
        .collect();
    let deadline = Instant::now() + support::PATIENCE;
    loop {
        let collected = collector.rows();
        if collected == of_kcat {
            break;
        }
        assert!(
            Instant::now() < deadline,
            "the Python client read {} records, kcat {}",
            collected.len(),
            of_kcat.len()
        );
        std::thread::sleep(Duration::from_millis(500));
    }

    let logged = |needle: &str| -> usize {
        std::fs::read_dir(folder.path())
            .unwrap()
            .filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok())
            .map(|text| text.lines().filter(|line| line.contains(needle)).count())
            .sum()
    };
    eprintln!(
        "chaos: {} stories of {} articles, {} entries, {} dead letters; {faults} faults in {:.0} s: \
         {:?}\nchaos: settled {:.0} s after the last; restores {}, recoveries {}, panics {}\n\
         chaos: {texts}; fates {:?}",
        topics["stories"].len(),
        expected.len(),
        topics["entries"].len(),
        poisoned.len(),
        disturbed.as_secs_f64(),
        scene.counts,
        began.elapsed().saturating_sub(disturbed).as_secs_f64(),
        logged("\"message\":\"restored\""),
        logged("recover"),
        logged("panicked"),
        fate_counts(&topics),
    );
    assert_eq!(logged("panicked"), 0);
    let names: Vec<String> = scene.daemons.keys().cloned().collect();
    for name in names {
        scene.end(&name);
    }
}
