//! Logs of earlier releases: their events are read, and their states know what was told. A file here
//! is never changed; a new format gets a new one (`cargo run -p simulation --example golden`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must say where")]

use simulation::golden::{Resumed, resume, stories};

const LOGS: [(&str, &str); 1] = [("v1", include_str!("golden/v1.tsv"))];

fn resumed(text: &'static str, with_states: bool) -> Resumed {
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    thread.spawn(move || resume(text, with_states)).unwrap().join().unwrap().unwrap()
}

#[test]
fn the_states_of_earlier_releases_are_restored_and_nothing_is_told_again() {
    for (name, text) in LOGS {
        assert_eq!(resumed(text, true), Resumed::default(), "{name}");
    }
}

#[test]
fn the_events_of_earlier_releases_make_the_same_stories() {
    for (name, text) in LOGS {
        let told = stories(text).unwrap();
        assert!(told.len() > 5, "{name}: {told:?}");
        let resumed = resumed(text, false);
        assert_eq!(resumed.stories, told, "{name}");
        assert!(resumed.again > 0, "{name}: without states the feeds are news");
        assert!(resumed.stopped.is_empty() && resumed.dead.is_empty(), "{name}: {resumed:?}");
    }
}
