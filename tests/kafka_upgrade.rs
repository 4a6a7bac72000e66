//! Every instance of every stage is replaced, one after the other, while news goes on: to the
//! release under test, one release back, and forward again. Nothing is lost and nothing is twice.
//!
//! Needs NEWSWIRE_KAFKA_DIR (see `chaos.rs`) and kcat. NEWSWIRE_PREVIOUS names the program of the
//! release before; without it the release under test takes its place, and what is shown is a
//! rolling restart.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::path::PathBuf;
use std::time::Duration;

use newsroom::Settings;

use support::brokers::Brokers;
use support::kcat::Kcat;
use support::process::{newswire, run};
use support::promise::{all_settled, nothing_twice};
use support::records::read_all;
use support::scene::Scene;
use support::stories::{compare_texts, events_of, nothing_invented, waiting_links};
use support::wait_until;
use support::web::Web;

#[test]
fn stages_are_replaced_one_release_back_and_forward_while_news_goes_on() {
    let Some(brokers) = Brokers::from_environment("upgrade on Kafka") else { return };
    let previous = std::env::var_os("NEWSWIRE_PREVIOUS").map(PathBuf::from);
    eprintln!("upgrade: the release before is {previous:?}");
    let folder = tempfile::tempdir().unwrap();
    let now = runtime::clock::now().as_millis();
    let prefix = format!("upgrade-{}-{now}.", std::process::id());
    let kcat = Kcat { brokers: brokers.addresses(), prefix: prefix.clone() };
    let web = Web::still(Settings {
        extra_outlets: 10,
        articles_per_outlet: 40,
        extra_interval: Duration::from_secs(2),
        endless_interval: Duration::ZERO,
        feed_length: 40,
        ..Settings::default()
    });
    let log = format!("[kafka]\nbrokers = \"{}\"\ntopic_prefix = \"{prefix}\"", kcat.brokers);
    let config = web.config(folder.path(), &log);
    run(&mut newswire(["topics", "--create", "-c", config.to_str().unwrap()])).good();

    let mut scene = Scene::new(folder.path(), config, brokers, previous.clone());
    let names: Vec<String> = scene.daemons.keys().cloned().collect();
    let releases = [None, previous, None];
    let steps = (releases.len() * names.len()) as i64;
    let mut step = 0;
    for release in releases {
        scene.program = release;
        for name in &names {
            step += 1;
            web.go_to(step * 100 / steps);
            // The ones before are at work again: some news has come through since.
            let before = kcat.read("stories").len();
            wait_until("news goes on", || {
                scene.tend(false);
                let there = kcat.read("stories").len();
                if there > before { Ok(()) } else { Err(format!("{there} stories")) }
            });
            scene.end(name);
            scene.start(name);
        }
    }
    let expected = web.expected();
    let topics = wait_until("all articles are published, all entries have their fate", || {
        scene.tend(true);
        let topics = read_all(|topic| kcat.read(topic));
        nothing_twice(&topics);
        events_of(&topics, &expected)?;
        all_settled(&topics, &waiting_links(&expected))?;
        Ok::<_, String>(topics)
    });
    nothing_invented(&topics, &expected);
    assert!(topics["dead-letters"].is_empty());
    let texts = compare_texts(&events_of(&topics, &expected).unwrap());
    assert_eq!(texts.furniture, Vec::<String>::new());
    eprintln!(
        "upgrade: {} restarts, {} stories of {} articles; {texts}",
        steps,
        topics["stories"].len(),
        expected.len()
    );
    assert_eq!(scene.logged("panicked"), 0);
    scene.end_all();
}
