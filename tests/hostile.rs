//! Hostile servers as feeds: each costs bounded time and memory, its status says what is wrong
//! with it, and the good feed among them goes on as if they were not there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use support::hostile::{Hostile, cases};
use support::process::{Daemon, newswire, run};
use support::wait_until;

/// The most that the process may ever have had in memory. Twenty hostile feeds at once, of which
/// several send without end: each is cut off at 15 MiB, as bytes and once more as text.
const MOST_MEMORY_KIB: u64 = 512 * 1024;

#[test]
fn hostile_feeds_are_told_apart_and_harm_nobody() {
    let cases = cases();
    let web = Hostile::start(&cases);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("newswire.toml");
    let mut text = format!(
        "[embedded]\npath = \"{}\"\n[fetch]\nallow_networks = [\"127.66.0.0/16\"]\n\
         min_interval = \"1s\"\nmax_interval = \"1s\"\nsite_spacing = \"100ms\"\ntimeout = \"2s\"\n\
         robots = false\n[server]\nlisten = \"127.0.0.1:0\"\n",
        folder.path().join("log.db").display()
    );
    for url in web.urls.iter().chain([&web.good]) {
        writeln!(text, "[[feeds]]\nurl = \"{url}\"").unwrap();
    }
    std::fs::write(&config, text).unwrap();
    let config = config.to_str().unwrap();
    let mut daemon = Daemon::start("up", folder.path(), &mut newswire(["up", "-c", config]));
    let address = daemon.address();

    let states = || -> BTreeMap<String, Value> {
        let rows = run(&mut newswire(["feeds", "list", "--json", "-c", config])).rows();
        rows.into_iter()
            .map(|row| (row["url"].as_str().unwrap().to_owned(), row["state"].clone()))
            .collect()
    };
    wait_until("every hostile feed has failed in its class, the good one works", || {
        daemon.must_run();
        let states = states();
        for (case, url) in cases.iter().zip(&web.urls) {
            let outcome = states.get(url).and_then(|state| state["outcome"].as_str());
            if outcome != Some(case.class) {
                return Err(format!("{}: {outcome:?}, not {}", case.name, case.class));
            }
        }
        // While the slow ones were waited for again and again.
        if web.good_polls() < 5 { Err("the good feed".to_owned()) } else { Ok(()) }
    });
    let states = states();
    let good = &states[&web.good];
    assert_eq!((&good["failures"], &good["outcome"]), (&0.into(), &"new".into()), "{good}");
    assert_eq!(good["overflows"], 0, "{good}");
    for (case, url) in cases.iter().zip(&web.urls) {
        let why = states[url]["why"].as_str().unwrap();
        let failures = states[url]["failures"].as_u64().unwrap();
        assert!(failures > 0 && !why.is_empty(), "{}", case.name);
        assert_eq!(why.contains("in a row"), failures > 1, "{}: {why}", case.name);
    }

    // The metrics know the same classes.
    let get = |path| runtime::server::probe(address, path, support::PATIENCE).unwrap();
    let (_, metrics) = get("/metrics");
    let classes: std::collections::BTreeSet<&str> = cases.iter().map(|case| case.class).collect();
    for class in classes {
        let counted = metrics.lines().any(|line| {
            line.starts_with("newswire_polls_total{") && line.contains(&format!("\"{class}\""))
        });
        assert!(counted, "{class}\n{metrics}");
    }
    assert_eq!(get("/readyz").0, 200);
    let peak = daemon.peak_memory_kib();
    assert!(peak < MOST_MEMORY_KIB, "{peak} KiB");
    daemon.terminate();
    assert_eq!(daemon.complaints(), Vec::<String>::new());
}
