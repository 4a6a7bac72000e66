//! The whole road on Apache Kafka: three daemons, each of them killed, read by a client that is
//! not ours. Needs a broker (`just kafka`, then NEWSWIRE_KAFKA=host:port) and kcat.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use newsroom::Settings;

use support::daemons::{DAEMONS, settled};
use support::kcat::Kcat;
use support::process::{Daemon, newswire, run};
use support::promise::fate_counts;
use support::stories::{check_headers, check_shape, compare_texts, events_of, nothing_invented};
use support::wait_until;
use support::web::Web;

/// The broker to test on; says loudly where there is none.
fn brokers(test: &str) -> Option<String> {
    let brokers = std::env::var("NEWSWIRE_KAFKA").ok().filter(|brokers| !brokers.is_empty());
    if brokers.is_none() {
        eprintln!("SKIPPED: {test}: NEWSWIRE_KAFKA names no broker; `just kafka` starts one");
    }
    brokers
}

fn start(daemon: &str, folder: &Path, config: &Path) -> Daemon {
    let mut command = newswire([daemon, "-c", config.to_str().unwrap()]);
    Daemon::start(daemon, folder, &mut command)
}

/// `newswire replay` makes of the articles, crashes and all, what the publisher made of them.
fn replay_is_the_original(kcat: &Kcat, config: &str) {
    const PUBLIC: [&str; 3] = ["stories", "stories-latest", "groups"];
    let records = |kcat: &Kcat, topic| -> Vec<_> {
        let rows = kcat.read(topic).into_iter();
        rows.map(|row| (row.partition, row.key, row.timestamp, row.headers, row.raw)).collect()
    };
    let mut number = 0;
    wait_until("nothing was published while it was replayed", || {
        number += 1;
        let before = PUBLIC.map(|topic| records(kcat, topic));
        let prefix = format!("again-{number}-{}", kcat.prefix);
        let from = "2000-01-01T00:00:00Z";
        let arguments = ["replay", "-c", config, "--from", from, "--prefix", &prefix];
        run(&mut newswire(arguments)).good();
        if PUBLIC.map(|topic| records(kcat, topic)) != before {
            return Err("the stream went on");
        }
        let again = Kcat { brokers: kcat.brokers.clone(), prefix };
        for (topic, original) in PUBLIC.iter().zip(&before) {
            assert!(!original.is_empty(), "{topic}");
            assert_eq!(&records(&again, topic), original, "{topic}");
        }
        Ok(())
    });
}

#[test]
fn three_daemons_keep_the_promise_on_kafka_when_each_is_killed() {
    let Some(brokers) = brokers("the road on Kafka") else { return };
    let folder = tempfile::tempdir().unwrap();
    let now = runtime::clock::now().as_millis();
    let prefix = format!("road-{}-{now}.", std::process::id());
    let kcat = Kcat { brokers: brokers.clone(), prefix: prefix.clone() };
    let web = Web::still(Settings {
        endless_interval: Duration::ZERO,
        extra_outlets: 4,
        articles_per_outlet: 15,
        extra_interval: Duration::ZERO,
        ..Settings::default()
    });
    let log = format!("[kafka]\nbrokers = \"{brokers}\"\ntopic_prefix = \"{prefix}\"");
    let config = web.config(folder.path(), &log);
    let config_argument = config.to_str().unwrap();

    // Without its topics a daemon says what to do, and does nothing.
    let refused = run(&mut newswire(["fetcher", "-c", config_argument]));
    assert!(refused.failed(2).contains("newswire topics"), "{refused:?}");
    let created = run(&mut newswire(["topics", "--create", "-c", config_argument])).good();
    assert_eq!(
        created.lines().filter(|line| line.starts_with("created ")).count(),
        13,
        "{created}"
    );
    let there = run(&mut newswire(["topics", "-c", config_argument])).good();
    assert!(!there.contains('✗'), "{there}");

    let mut daemons: BTreeMap<&str, Daemon> =
        DAEMONS.iter().map(|name| (*name, start(name, folder.path(), &config))).collect();
    for (index, (name, second)) in DAEMONS.iter().zip([9, 38, 43]).enumerate() {
        let stories = 5 + 20 * index;
        wait_until("they are in the middle of their work", || {
            daemons.values_mut().for_each(Daemon::must_run);
            let there = kcat.read("stories").len();
            if there < stories { Err(format!("{there} stories")) } else { Ok(()) }
        });
        web.go_to(second);
        daemons.get_mut(name).unwrap().kill();
        daemons.insert(name, start(name, folder.path(), &config));
    }
    settled(&mut daemons, &kcat, &web.expected());

    // Poison, written by a stranger's client.
    let poisoned = ["entries", "pages", "articles"];
    for topic in poisoned {
        kcat.write(topic, 0, b"nojson", b"no JSON at all");
        kcat.write(topic, 0, b"\xc3\x28\xff", b"{\"id\":\"binary\"}");
        kcat.write(topic, 0, b"types", b"{\"id\":7,\"record\":\"entry\"}");
    }
    wait_until("each has its dead letter", || {
        daemons.values_mut().for_each(Daemon::must_run);
        let letters = kcat.read("dead-letters");
        for topic in poisoned {
            let of_topic = |row: &&support::records::Row| {
                row.headers.get("__connect.errors.topic").is_some_and(|name| name == topic)
            };
            let count = letters.iter().filter(of_topic).count();
            if count != 3 {
                return Err(format!("{count} dead letters of {topic}"));
            }
        }
        Ok(())
    });

    // The stream goes on behind it.
    web.go_to(100);
    let topics = settled(&mut daemons, &kcat, &web.expected());
    let expected = web.expected();
    nothing_invented(&topics, &expected);
    let texts = compare_texts(&events_of(&topics, &expected).unwrap());
    assert_eq!(texts.furniture, Vec::<String>::new());
    eprintln!("{texts}\nfates: {:?}", fate_counts(&topics));
    for row in &topics["stories"] {
        check_headers(row);
        check_shape(row.raw.as_deref().expect("UTF-8"));
    }
    assert_eq!(topics["dead-letters"].len(), 9);
    for outlet in web.requests() {
        assert_eq!(outlet.disallowed, 0, "{}", outlet.outlet);
    }
    // Our own reader sees what kcat sees.
    let arguments = ["tail", "-c", config_argument, "--json", "--from-beginning", "-e"];
    assert_eq!(run(&mut newswire(arguments)).rows().len(), topics["stories"].len());
    let status = run(&mut newswire(["status", "--json", "-c", config_argument])).rows();
    assert_eq!(status[0]["topics"]["dead-letters"]["records"].as_i64().map(|n| n >= 9), Some(true));
    wait_until("nothing is left to read, the marks of transactions notwithstanding", || {
        let status = run(&mut newswire(["status", "--json", "-c", config_argument])).rows();
        let lags = status[0]["lag"].as_object().expect("lags").values();
        let left: i64 = lags
            .flat_map(|topics| topics.as_object().expect("topics").values())
            .filter_map(serde_json::Value::as_i64)
            .sum();
        if left == 0 { Ok(()) } else { Err(format!("{}", status[0]["lag"])) }
    });

    replay_is_the_original(&kcat, config_argument);

    for (name, daemon) in &mut daemons {
        let ready = runtime::server::probe(daemon.address(), "/readyz", Duration::from_secs(10));
        assert_eq!(ready.unwrap().0, 200, "{name}");
        daemon.terminate();
    }
}
