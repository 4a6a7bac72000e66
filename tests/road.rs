//! The whole road on the embedded log: the real binary against a newsroom on loopback, read as
//! anybody would read it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use bus::embedded::{Embedded, EmbeddedSettings};
use bus::{Log as _, PollLimit, Topic};
use newsroom::{Expected, OutletRequests, Reach, Settings};
use serde_json::Value;

use support::process::{Daemon, newswire, run};
use support::promise::fate_counts;
use support::records::{Topics, tail};
use support::stories::{
    Groups, becomes_story, check_headers, check_shape, compare_groups, compare_texts, events_of,
    id_of, nothing_invented,
};
use support::up::{embedded, settled, start_up};
use support::wait_until;
use support::web::{AGENT, BURST, SPACING_MS, Web};

#[test]
fn a_day_of_news_arrives_whole_once_and_politely() {
    let folder = tempfile::tempdir().unwrap();
    let web = Web::still(Settings {
        endless_interval: Duration::ZERO,
        extra_outlets: 2,
        articles_per_outlet: 8,
        extra_interval: Duration::ZERO,
        ..Settings::default()
    });
    let config = web.config(folder.path(), &embedded(folder.path()));
    let mut daemon = start_up(folder.path(), &config);

    // What was there before anybody looked; then a wire story and an article with a mistake in it.
    settled(&mut daemon, &config, &web.expected());
    web.go_to(9);
    settled(&mut daemon, &config, &web.expected());
    // Copies of the wire story.
    web.go_to(38);
    settled(&mut daemon, &config, &web.expected());
    // The correction, while another outlet's feed breaks off in the middle.
    web.go_to(43);
    let corrected = wait_until("the corrected article is published again", || {
        daemon.must_run();
        let stories = tail(&config, "stories");
        stories.into_iter().find(|row| row.value["version"] == 2).ok_or("not yet")
    });
    // All that the day brings.
    web.go_to(100);
    let expected = web.expected();
    let topics = settled(&mut daemon, &config, &expected);

    nothing_invented(&topics, &expected);
    let pairs = events_of(&topics, &expected).unwrap();
    check_correction(&corrected.value, &expected, &topics);
    check_copies(&pairs);
    check_groups(&compare_groups(&topics, &pairs));
    check_fates(&config, &topics, &expected);
    for row in &topics["stories"] {
        check_headers(row);
    }
    for event in raw_stories(&folder.path().join("log.db")) {
        check_shape(&event);
    }
    assert!(topics["dead-letters"].is_empty(), "{:?}", topics["dead-letters"]);
    check_manners(&web.requests(), &web.feed_paths());

    let texts = compare_texts(&pairs);
    eprintln!("{texts}");
    let lost = texts.written - texts.shared;
    let gained = texts.published - texts.shared;
    assert_eq!(texts.furniture, Vec::<String>::new());
    assert!(lost * 50 <= texts.written && gained * 50 <= texts.written, "{:#?}", texts.faults);

    let address = daemon.address();
    let get = |path| runtime::server::probe(address, path, Duration::from_secs(10)).unwrap();
    assert_eq!(get("/healthz").0, 200);
    assert_eq!(get("/readyz").0, 200);
    let (status, metrics) = get("/metrics");
    assert_eq!(status, 200);
    assert!(metrics.contains("\nnewswire_downloads_total{"), "{metrics}");
    daemon.terminate();
    assert_eq!(daemon.complaints(), Vec::<String>::new());

    // A restart asks only whether anything is new, and nothing is.
    let before = asked(&web.requests());
    let mut daemon = start_up(folder.path(), &config);
    wait_until("every feed was asked for again", || {
        daemon.must_run();
        let again = asked(&web.requests());
        let quiet = again.iter().zip(&before).any(|(again, before)| again.0 < before.0 + 2);
        if quiet { Err(format!("{again:?} after {before:?}")) } else { Ok(()) }
    });
    let topics_after = settled(&mut daemon, &config, &expected);
    assert_eq!(topics_after["stories"].len(), topics["stories"].len());
    assert_eq!(topics_after["entries"].len(), topics["entries"].len());
    for (again, before) in asked(&web.requests()).iter().zip(&before) {
        assert_eq!(again.0 - before.0, again.1 - before.1, "a poll without a validator");
    }
    daemon.terminate();
}

/// Feed requests of each outlet, and how many of them were conditional. Outlets without a feed
/// document that can be revalidated do not count.
fn asked(requests: &[OutletRequests]) -> Vec<(usize, usize)> {
    let is_conditional = |record: &&newsroom::RequestRecord| {
        record.if_none_match.is_some() || record.if_modified_since.is_some()
    };
    requests
        .iter()
        .map(|outlet| {
            // A feed is what is asked for most.
            let feed = feed_path(outlet);
            let polls = outlet.records.iter().filter(|record| record.path == feed);
            (polls.clone().count(), polls.filter(is_conditional).count())
        })
        .collect()
}

fn feed_path(outlet: &OutletRequests) -> String {
    let paths: BTreeSet<&str> = outlet.records.iter().map(|record| record.path.as_str()).collect();
    let count = |path: &&str| outlet.records.iter().filter(|record| record.path == **path).count();
    paths.into_iter().max_by_key(count).unwrap_or_default().to_owned()
}

fn check_correction(event: &Value, expected: &[Expected], topics: &Topics) {
    let article = expected.iter().find(|article| article.versions.len() == 2).unwrap();
    assert_eq!(event["id"], id_of(article.final_url.as_deref().unwrap()).as_str());
    assert_eq!(event["event"], "updated");
    assert_eq!(event["title"], article.versions[1].title.as_str());
    assert_eq!(event["changes"]["title"], true);
    let (old, new) = (&article.versions[0].paragraphs, &article.versions[1].paragraphs);
    let changed = |from: &[String], to: &[String]| -> Vec<Value> {
        from.iter().filter(|one| !to.contains(one)).map(|one| one.as_str().into()).collect()
    };
    assert_eq!(event["changes"]["added"], Value::from(changed(new, old)));
    assert_eq!(event["changes"]["removed"], Value::from(changed(old, new)));
    let versions: Vec<&Value> = topics["stories"]
        .iter()
        .filter(|row| row.value["id"] == event["id"])
        .map(|row| &row.value["event"])
        .collect();
    assert_eq!(versions, ["published", "updated"]);
}

fn check_copies(pairs: &[(&Expected, &Value)]) {
    let mut copies = 0;
    for (article, event) in pairs {
        let original = event["duplicate_of"]["id"].as_str();
        match (&article.copy_of, &article.reach) {
            (Some((url, _)), _) => {
                copies += 1;
                assert_eq!(original, Some(id_of(url).as_str()), "{}", article.title);
                assert!(event["duplicate_of"]["kind"].is_string());
                assert!(event["duplicate_of"]["similarity"].as_f64().unwrap() > 0.5);
            }
            (None, _) => assert_eq!(original, None, "{} is no copy", article.title),
        }
    }
    assert!(copies >= 2);
}

fn check_groups(groups: &Groups) {
    eprintln!(
        "groups: {} pairs right, {} wrong {:?}, {} missed",
        groups.right,
        groups.wrong.len(),
        groups.wrong,
        groups.missed.len()
    );
    assert!(groups.wrong.len() * 10 <= groups.right, "{:#?}", groups.wrong);
    assert!(groups.missed.len() <= groups.right, "{:#?}", groups.missed);
}

fn check_fates(config: &Path, topics: &Topics, expected: &[Expected]) {
    let counts = fate_counts(topics);
    eprintln!("fates: {counts:?}");
    let reached = |reach: fn(&Reach) -> bool| {
        expected.iter().filter(|article| reach(&article.reach)).count() as u64
    };
    let of = |fate: &str| counts.get(fate).copied().unwrap_or(0);
    assert_eq!(of("skipped: gone"), reached(|reach| *reach == Reach::Gone));
    assert_eq!(of("moved"), reached(|reach| matches!(reach, Reach::Elsewhere { .. })));
    let denied = |article: &&Expected| article.reach == Reach::Denied;
    let without_story = expected.iter().filter(denied).filter(|article| !becomes_story(article));
    assert_eq!(of("skipped: robots"), without_story.count() as u64);
    for article in expected.iter().filter(denied).filter(|article| becomes_story(article)) {
        let id = id_of(article.final_url.as_deref().unwrap());
        let row = topics["stories"].iter().find(|row| row.key() == id).unwrap();
        assert_eq!(row.value["extraction"]["source"], "feed");
        assert_eq!(row.value["extraction"]["complete"], false);
    }
    let skipped = counts.keys().filter(|fate| fate.starts_with("skipped"));
    assert!(skipped.clone().all(|fate| *fate == "skipped: gone" || *fate == "skipped: robots"));

    // `status` counts the same, in its own words.
    let status = run(&mut newswire(["status", "--json", "-c", config.to_str().unwrap()]));
    let status = &status.rows()[0];
    for (fate, count) in &counts {
        assert_eq!(status["fates"][fate], *count, "{fate}: {status}");
    }
    let told: u64 = status["fates"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(told, counts.values().sum::<u64>());
    assert_eq!(status["topics"]["stories"]["written"], topics["stories"].len());
    assert_eq!(status["dead_letters"], 0);
}

/// What an outlet may expect of its guest.
fn check_manners(requests: &[OutletRequests], feeds: &[String]) {
    for (outlet, feed) in requests.iter().zip(feeds) {
        let name = &outlet.outlet;
        assert_eq!(outlet.disallowed, 0, "{name}: a page was fetched that robots.txt denies");
        assert_eq!(outlet.user_agents, BTreeSet::from([AGENT.to_owned()]), "{name}");
        assert_eq!(feed_path(outlet), *feed, "{name}: what is asked for most is the feed");
        assert!(outlet.conditional > 0, "{name}: no conditional request");
        let mut validators = BTreeSet::new();
        for record in &outlet.records {
            assert_eq!(record.cookie, None, "{name}: {record:?}");
            assert_eq!(record.referer, None, "{name}: {record:?}");
            validators.extend(record.if_none_match.clone());
        }
        let asked = |is: &dyn Fn(&str) -> bool| {
            outlet.records.iter().filter(|record| is(&record.path)).count()
        };
        let robots = asked(&|path| path == "/robots.txt");
        // Where the feed carries the whole text there is no page to ask for.
        let has_pages = asked(&|path| path != "/robots.txt" && path != feed) > 0;
        assert_eq!(robots, usize::from(has_pages), "{name}: robots.txt is good for a day");
    }
}

/// Values of `stories` byte for byte: `tail` shows JSON, not how it was written.
fn raw_stories(path: &Path) -> Vec<String> {
    let settings = EmbeddedSettings::default();
    let places = settings.topics.partitions(Topic::Stories);
    let mut log = Embedded::open(path, settings).unwrap().log().unwrap();
    let limit = PollLimit { records: 10_000, bytes: 64 << 20 };
    let mut stories = Vec::new();
    for place in places {
        let records = log.read(place, 0, limit, Duration::ZERO).unwrap();
        stories
            .extend(records.into_iter().map(|row| String::from_utf8(row.value.unwrap()).unwrap()));
    }
    assert!(!stories.is_empty());
    stories
}

#[test]
fn a_site_with_much_to_tell_is_read_at_the_pace_it_was_promised() {
    let folder = tempfile::tempdir().unwrap();
    let web = Web::live(Settings {
        story: false,
        extra_outlets: 2,
        articles_per_outlet: 25,
        extra_interval: Duration::ZERO,
        latency: Duration::from_millis(20),
        ..Settings::default()
    });
    let config = web.config(folder.path(), &embedded(folder.path()));
    let mut daemon = start_up(folder.path(), &config);
    settled(&mut daemon, &config, &web.expected());
    daemon.terminate();
    for outlet in web.requests() {
        let costly = outlet.records.iter().filter(|record| record.path != "/robots.txt");
        let times: Vec<i64> = costly.map(|record| record.at).collect();
        assert!(times.len() > 25);
        // The bucket bounds every stretch; what the machine held back on the way may arrive
        // closer together, so that only stretches longer than that are telling.
        let held_back = 1500;
        for (first, from) in times.iter().enumerate() {
            for (last, to) in times.iter().enumerate().skip(first + BURST) {
                let tokens = (last - first + 1 - BURST) as i64;
                let took = to - from;
                assert!(
                    took + held_back >= tokens * SPACING_MS,
                    "{}: {} requests within {took} ms",
                    outlet.outlet,
                    last - first + 1
                );
            }
        }
        assert!(outlet.max_parallel_requests <= BURST, "{}", outlet.max_parallel_requests);
    }
}

#[test]
fn killed_again_and_again_it_loses_nothing_and_says_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let web = Web::still(Settings {
        endless_interval: Duration::ZERO,
        extra_outlets: 4,
        articles_per_outlet: 20,
        extra_interval: Duration::ZERO,
        ..Settings::default()
    });
    let config = web.config(folder.path(), &embedded(folder.path()));
    let mut daemon = start_up(folder.path(), &config);
    let mut kills = 0;
    // Moved on in between, so that it dies while it reads new entries, corrections and copies.
    for (stories, second) in [(5, 9), (25, 38), (50, 43), (80, 100)] {
        wait_until("it is in the middle of its work", || {
            daemon.must_run();
            let there = tail(&config, "stories").len();
            if there < stories { Err(format!("{there} stories")) } else { Ok(()) }
        });
        web.go_to(second);
        daemon.kill();
        kills += 1;
        daemon = start_up(folder.path(), &config);
    }
    let expected = web.expected();
    let topics = settled(&mut daemon, &config, &expected);
    nothing_invented(&topics, &expected);
    assert!(topics["dead-letters"].is_empty(), "{:?}", topics["dead-letters"]);
    // A request may be asked again after a kill, if its answer was lost with the process.
    for (outlet, feed) in web.requests().iter().zip(web.feed_paths()) {
        assert_eq!(outlet.disallowed, 0);
        let pages = outlet.records.iter().map(|record| &record.path);
        let pages: Vec<&String> = pages.filter(|path| **path != feed).collect();
        for path in &pages {
            let times = pages.iter().filter(|other| other == &path).count();
            // Once for each revision of its entry, and once more for each kill.
            assert!(times <= 3 + kills, "{path} was asked for {times} times");
        }
    }
    daemon.terminate();
}

#[test]
fn the_demo_shows_stories_and_ends_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = newswire(["demo", "--max", "5"]);
    let finished = run(command.current_dir(folder.path()));
    let shown = finished.good();
    let lines: Vec<&str> = shown.lines().collect();
    // The last look may bring more than was asked for.
    let stories = lines.iter().filter(|line| !line.contains('✗')).count();
    assert!((5..60).contains(&stories), "{shown}");
    assert!(shown.contains("Rail") || shown.contains("Train drivers"), "{shown}");
    assert!(finished.stderr.contains("story events: "), "{}", finished.stderr);
    assert!(finished.stderr.contains("first story after "), "{}", finished.stderr);

    // The log stays, and other commands read it.
    let mut command =
        newswire(["tail", "--demo", "--json", "--from-beginning", "-e", "--max", "5"]);
    assert_eq!(run(command.current_dir(folder.path())).rows().len(), 5);
}

#[test]
fn demos_that_start_at_the_same_moment_do_not_take_each_others_port() {
    let folders: Vec<_> = (0..4).map(|_| tempfile::tempdir().unwrap()).collect();
    std::thread::scope(|scope| {
        for folder in &folders {
            scope.spawn(|| {
                let mut command = newswire(["demo", "--max", "1", "--pace", "4"]);
                run(command.current_dir(folder.path())).good();
            });
        }
    });
}

#[test]
fn a_demo_accounts_for_every_page_and_a_second_one_is_told_off() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = newswire(["demo", "--pace", "8"]);
    let mut demo = Daemon::start("demo", folder.path(), command.current_dir(folder.path()));
    wait_until("the missing and the withdrawn page have their fate", || {
        demo.must_run();
        let mut command = newswire(["status", "--demo", "--json"]);
        let status = run(command.current_dir(folder.path()));
        if status.code != Some(0) {
            return Err(status.stderr);
        }
        let fates = &status.rows()[0]["fates"];
        let there = |fate: &str| fates[fate].as_u64().unwrap_or(0) > 0;
        if there("skipped: not_found") && there("skipped: gone") && there("story (page)") {
            return Ok(());
        }
        Err(fates.to_string())
    });
    wait_until("the story whose page was taken down is withdrawn", || {
        demo.must_run();
        let mut command = newswire(["tail", "--demo", "--json", "--from-beginning", "-e"]);
        let rows = run(command.current_dir(folder.path())).rows();
        let taken_down = rows.iter().map(|row| &row["value"]).find(|s| s["event"] == "withdrawn");
        let Some(event) = taken_down else { return Err(format!("{} events", rows.len())) };
        assert!(event["title"].as_str().unwrap().starts_with("Harbour Bank"), "{event}");
        Ok(())
    });
    let mut command = newswire(["demo"]);
    let second = run(command.current_dir(folder.path()));
    let complaint = second.failed(2);
    assert!(complaint.contains("demo"), "{complaint}");
    demo.must_run();
    demo.signal("INT");
    assert_eq!(demo.end(Duration::from_secs(25)).code(), Some(0), "{}", demo.log());
    assert!(demo.log().contains("story events: "), "{}", demo.log());
    assert!(demo.output().contains("COPY"), "{}", demo.output());
}
