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

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use newsroom::Settings;
use serde_json::Value;

use support::brokers::Brokers;
use support::collector::Collector;
use support::kcat::Kcat;
use support::process::{newswire, run};
use support::promise::{all_settled, fate_counts, nothing_twice, triples};
use support::records::{Row, Topics, read_all};
use support::scene::{Dice, Scene};
use support::stories::{compare_texts, events_of, nothing_invented, waiting_links};
use support::web::Web;

/// Outlets beside the ten with written stories, and what each publishes: 2,000 articles.
const OUTLETS: usize = 34;
const ARTICLES: usize = 60;
/// How long the road may take to end its work once nothing disturbs it any more.
const SETTLE: Duration = Duration::from_mins(15);

fn read(kcat: &Kcat) -> Topics {
    read_all(|topic| kcat.read(topic))
}

/// What tells a record from others of its key, as the Python client writes it.
fn which(topic: &str, row: &Row) -> Value {
    match triples(topic, row) {
        _ if topic == "stories" => row.value["version"].clone(),
        Some((_, revision, hop)) => serde_json::json!([revision, hop]),
        None => Value::Null,
    }
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

    let mut collector = Collector::start(folder.path(), &addresses, &prefix);
    let mut scene = Scene::new(folder.path(), config, brokers, None);

    let began = Instant::now();
    let (mut done, mut next) = (0, began + dice.seconds(3, 6));
    let mut poisoned = Vec::new();
    while done < faults || scene.is_disturbed() {
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
        .flat_map(|topic| topics[topic].iter().map(move |row| (*topic, row)))
        .map(|(topic, row)| {
            let which = which(topic, row);
            ((row.topic.clone(), row.partition, row.offset), (row.key().to_owned(), which))
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
        scene.logged("\"message\":\"restored\""),
        scene.logged("recover"),
        scene.logged("panicked"),
        fate_counts(&topics),
    );
    assert_eq!(scene.logged("panicked"), 0);
    scene.end_all();
}
