//! WebSub against a hub over real HTTP: subscription, verification, deliveries, and all that must
//! not be believed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::path::Path;

use support::hub::{Hub, item};
use support::process::{Daemon, newswire, run};
use support::records::tail;
use support::wait_until;

fn titles(config: &Path) -> Vec<String> {
    let entries = tail(config, "entries");
    entries.iter().filter_map(|row| row.value["title"].as_str().map(str::to_owned)).collect()
}

#[test]
fn deliveries_of_a_hub_arrive_and_nobody_elses() {
    let hub = Hub::start("127.67.0.1", &[item(1)]);
    let folder = tempfile::tempdir().unwrap();
    let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = folder.path().join("newswire.toml");
    // Polled once: what comes later can only have been pushed.
    let text = format!(
        "[embedded]\npath = \"{}\"\n[fetch]\nallow_networks = [\"127.67.0.0/16\"]\n\
         min_interval = \"12h\"\nsite_spacing = \"10ms\"\nrobots = false\nrevisit = []\n\
         [server]\nlisten = \"{listen}\"\npublic_url = \"http://{listen}\"\n\
         [[feeds]]\nurl = \"{}\"\nfull_text = \"feed\"\n",
        folder.path().join("log.db").display(),
        hub.feed
    );
    std::fs::write(&config, text).unwrap();
    let path = config.to_str().unwrap();
    let mut daemon = Daemon::start("up", folder.path(), &mut newswire(["up", "-c", path]));
    daemon.address();

    let subscription = wait_until("the hub was asked for a subscription", || {
        daemon.must_run();
        hub.subscription().ok_or("not yet")
    });
    assert_eq!(subscription.mode, "subscribe");
    assert_eq!(subscription.topic, hub.feed);
    assert!(subscription.call_back.starts_with(&format!("http://{listen}/websub/")));
    // WebSub 5.1: at most 200 bytes; ours carry far more than the 128 bits that cannot be guessed.
    assert!((26..=200).contains(&subscription.secret.len()), "{subscription:?}");

    // Before the hub has confirmed there is no subscription, and nothing to be believed.
    assert_eq!(hub.deliver(&subscription, &[item(90)]), 202);
    assert_eq!(hub.verify(&subscription, &hub.feed, "subscribe"), (200, "ch<a>llenge".to_owned()));
    assert_eq!(hub.verify(&subscription, "http://127.67.0.1/other", "subscribe").0, 404);
    assert_eq!(hub.verify(&subscription, &hub.feed, "unsubscribe").0, 404);

    assert_eq!(hub.deliver(&subscription, &[item(1), item(2)]), 202);
    // A signature that is none, of other bytes, by another secret, by a method that nobody has.
    let forged = [item(91)];
    assert_eq!(hub.deliver_signed(&subscription, &forged, None), 202);
    let right = hub.sign(&subscription.secret, &[item(2)]);
    assert_eq!(hub.deliver_signed(&subscription, &forged, Some(&right)), 202);
    let wrong = hub.sign("another secret", &forged);
    assert_eq!(hub.deliver_signed(&subscription, &forged, Some(&wrong)), 202);
    assert_eq!(hub.deliver_signed(&subscription, &forged, Some("md5=00")), 202);
    // Nobody's call-back.
    let mut elsewhere = subscription.clone();
    elsewhere.call_back.push('x');
    assert_eq!(hub.deliver(&elsewhere, &forged), 404);
    // What was delivered is delivered again.
    assert_eq!(hub.deliver(&subscription, &[item(1), item(2)]), 202);
    assert_eq!(hub.deliver(&subscription, &[item(3)]), 202);
    wait_until("the last delivery has arrived", || {
        daemon.must_run();
        let titles = titles(&config);
        if titles.contains(&"Entry 3".to_owned()) { Ok(()) } else { Err(format!("{titles:?}")) }
    });
    // In the order of the partition: what came before it has been judged.
    let mut seen = titles(&config);
    seen.sort();
    assert_eq!(seen, ["Entry 1", "Entry 2", "Entry 3"]);
    assert_eq!(hub.polls(), 1, "a poll, where a delivery carries all");

    // The hub ends the subscription: what comes later comes too late.
    assert_eq!(hub.verify(&subscription, &hub.feed, "denied").0, 200);
    assert_eq!(hub.deliver(&subscription, &[item(92)]), 202);
    let rows = run(&mut newswire(["feeds", "list", "--json", "-c", path])).rows();
    assert_eq!(rows[0]["state"]["failures"], 0, "{}", rows[0]);
    wait_until("all that was pushed has been judged", || {
        daemon.must_run();
        let report = run(&mut newswire(["status", "--json", "-c", path])).rows().remove(0);
        match report["lag"]["fetcher"]["pushes"].as_i64() {
            Some(0) => Ok(()),
            lag => Err(format!("{lag:?}")),
        }
    });
    let mut seen = titles(&config);
    seen.sort();
    assert_eq!(seen, ["Entry 1", "Entry 2", "Entry 3"]);
    daemon.terminate();
    assert_eq!(daemon.complaints(), Vec::<String>::new());
}
