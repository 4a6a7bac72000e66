//! Kafka goes away, as a whole: every broker is stopped (connections stand, nothing answers), every
//! broker is killed, and the way to running brokers is cut or swallows all that is sent. The daemons
//! wait, without growing and without spinning, and go on.
//!
//! Needs NEWSWIRE_KAFKA_DIR (see `chaos.rs`) and kcat. NEWSWIRE_AWAY_SECONDS (default 5) says how
//! long each absence lasts; several, divided by commas, follow each other. NEWSWIRE_AWAY_WAYS
//! (default `stopped,killed,cut,hole`) says in which ways.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use newsroom::Settings;

use support::brokers::Brokers;
use support::daemons::{DAEMONS, settled};
use support::kcat::Kcat;
use support::process::{Daemon, newswire, run};
use support::proxy::{Proxy, Way};
use support::stories::nothing_invented;
use support::wait_until;
use support::web::Web;

/// A daemon that waits may use this share of a core, and grow by this much: retries, log lines.
const CPU_SHARE: f64 = 0.10;
const GROWTH: u64 = 24 * 1024 * 1024;

#[test]
fn while_kafka_is_away_nothing_ends_grows_or_spins_and_then_all_arrives() {
    let Some(brokers) = Brokers::from_environment("Kafka away") else { return };
    let seconds = std::env::var("NEWSWIRE_AWAY_SECONDS").unwrap_or_else(|_| "5".to_owned());
    let absences: Vec<u64> = seconds.split(',').map(|text| text.trim().parse().unwrap()).collect();
    let folder = tempfile::tempdir().unwrap();
    let now = runtime::clock::now().as_millis();
    let prefix = format!("away-{}-{now}.", std::process::id());
    let kcat = Kcat { brokers: brokers.addresses(), prefix: prefix.clone() };
    let ways = std::env::var("NEWSWIRE_AWAY_WAYS");
    let ways = ways.unwrap_or_else(|_| "stopped,killed,cut,hole".to_owned());
    let ways: Vec<&str> = ways.split(',').map(str::trim).collect();
    let steps = (ways.len() * absences.len()) as i64;
    let ports = brokers.proxied();
    let proxy = Proxy::start(&ports);
    let proxies = ports.iter().fold(String::new(), |mut all, (port, _)| {
        let _ = write!(all, "127.0.0.1:{port},");
        all
    });
    let proxies = proxies.trim_end_matches(',');
    let web = Web::still(Settings {
        extra_outlets: 6,
        articles_per_outlet: 30,
        extra_interval: Duration::from_secs(3),
        endless_interval: Duration::ZERO,
        feed_length: 30,
        ..Settings::default()
    });
    let log = format!("[kafka]\nbrokers = \"{proxies}\"\ntopic_prefix = \"{prefix}\"");
    let config = web.config(folder.path(), &log);
    let config = config.to_str().unwrap();
    run(&mut newswire(["topics", "--create", "-c", config])).good();
    let mut daemons: BTreeMap<&str, Daemon> = DAEMONS
        .into_iter()
        .map(|name| (name, Daemon::start(name, folder.path(), &mut newswire([name, "-c", config]))))
        .collect();
    wait_until("they are in the middle of their work", || {
        daemons.values_mut().for_each(Daemon::must_run);
        let there = kcat.read("stories").len();
        if there < 10 { Err(format!("{there} stories")) } else { Ok(()) }
    });

    for (index, absence) in absences.iter().enumerate() {
        for (turn, way) in ways.iter().copied().enumerate() {
            let nodes = 1..=brokers.nodes;
            match way {
                "stopped" => nodes.for_each(|node| brokers.signal(node, "STOP")),
                "killed" => nodes.for_each(|node| brokers.kill(node)),
                "cut" => proxy.set(Way::Cut),
                "hole" => proxy.set(Way::Hole),
                _ => panic!("NEWSWIRE_AWAY_WAYS: {way}"),
            }
            // News goes on meanwhile.
            web.go_to((ways.len() * index + turn + 1) as i64 * 100 / steps);
            // What they are in the middle of ends first, in error.
            std::thread::sleep(Duration::from_secs(2));
            let before: Vec<(f64, u64)> = daemons.values().map(Daemon::usage).collect();
            let began = Instant::now();
            std::thread::sleep(Duration::from_secs(*absence));
            let lasted = began.elapsed().as_secs_f64();
            for ((name, daemon), before) in daemons.iter_mut().zip(before) {
                daemon.must_run();
                let (cpu, memory) = daemon.usage();
                let share = (cpu - before.0) / lasted;
                let growth = memory.saturating_sub(before.1);
                eprintln!(
                    "away for {absence} s ({way}): {name} used {:.1} % of a core, grew by {} KiB",
                    share * 100.0,
                    growth / 1024
                );
                // A short absence is all beginning.
                if *absence >= 20 {
                    assert!(share <= CPU_SHARE, "{name} spins: {share}");
                }
                assert!(growth <= GROWTH, "{name} grows");
            }
            match way {
                "stopped" => (1..=brokers.nodes).for_each(|node| brokers.signal(node, "CONT")),
                "killed" => brokers.all_again(),
                _ => proxy.set(Way::Open),
            }
            let settled = std::panic::catch_unwind(AssertUnwindSafe(|| {
                settled(&mut daemons, &kcat, &web.expected())
            }));
            if let Err(panic) = settled {
                let status = run(&mut newswire(["status", "--json", "-c", config]));
                eprintln!("status: {}", status.text());
                std::panic::resume_unwind(panic);
            }
        }
    }
    web.go_to(100);
    let topics = settled(&mut daemons, &kcat, &web.expected());
    nothing_invented(&topics, &web.expected());
    assert!(topics["dead-letters"].is_empty());
    daemons.values_mut().for_each(Daemon::terminate);
}
