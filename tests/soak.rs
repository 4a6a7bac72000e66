//! Half an hour of a busy day on three brokers: fifty stories a second, faults all the time,
//! extractors that work at a tenth of their speed for a while, every instance restarted in turn.
//! Nothing is lost, nothing is twice, and neither memory nor open files grow.
//!
//! Runs where NEWSWIRE_SOAK_MINUTES says for how long, and needs what `chaos.rs` needs. Samples go
//! to the file that NEWSWIRE_SOAK_SAMPLES names (`tests/kafka/soak_plot.py` draws them).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use newsroom::Settings;

use support::brokers::Brokers;
use support::collector::Collector;
use support::daemons::DAEMONS;
use support::process::{newswire, run};
use support::scene::{Dice, Scene};
use support::stories::id_of;
use support::web::Web;

/// Outlets, each with an article in this time: more than fifty a second, so that with the time until
/// the last fault has ended it is still fifty.
const OUTLETS: usize = 53;
const INTERVAL: Duration = Duration::from_secs(1);
/// Stories that are compared with new ones: with more of them the publisher's memory grows for
/// hours as it should.
const WINDOW: usize = 5_000;
/// Seconds from one fault to the next, at least and at most. A broker that dies or stands still
/// keeps everything waiting for ten seconds, and there must be time to catch up: `chaos.rs` is for
/// faults that never give any.
const FAULT_AFTER: (u64, u64) = (8, 20);
/// What a fetcher remembers of a page for eight days, with what the allocator loses by it: to be
/// told from a leak.
const REMEMBERED: u64 = 1024;
const SAMPLE_EVERY: Duration = Duration::from_secs(5);
/// Share of the time at which the extractors become slow, how long they stay so, and the share at
/// which all instances are restarted one by one.
const SLOW_AT: f64 = 0.4;
const SLOW_FOR: Duration = Duration::from_mins(2);
const ROLL_AT: f64 = 0.7;
const SETTLE: Duration = Duration::from_mins(10);

/// What a daemon has at a moment.
struct Sample {
    second: u64,
    instance: String,
    process: u32,
    resident: u64,
    files: usize,
}

/// Records as the Python client told of them, by topic.
type Told = BTreeMap<String, BTreeMap<(String, String), usize>>;

fn told(collector: &mut Collector, prefix: &str) -> Told {
    let mut told = Told::new();
    for ((topic, ..), (key, which)) in collector.rows() {
        let topic = topic.trim_start_matches(prefix).to_owned();
        let place = told.entry(topic).or_default().entry((key, which.to_string())).or_default();
        *place += 1;
    }
    told
}

/// Fails where a record is there twice, or one is of nothing; says what is still to come.
fn settled(told: &Told, expected: &BTreeSet<String>) -> Result<(), String> {
    for (topic, records) in told {
        let twice = records.iter().find(|(_, count)| **count > 1);
        assert!(twice.is_none(), "{topic}: {twice:?} is there more than once");
    }
    let of = |topic: &str| told.get(topic).into_iter().flat_map(BTreeMap::keys);
    for (from, to) in [("entries", "pages"), ("pages", "articles")] {
        let (from_names, to_names): (BTreeSet<_>, BTreeSet<_>) =
            (of(from).collect(), of(to).collect());
        assert!(to_names.is_subset(&from_names), "{to} of no {from}");
        if from_names.len() > to_names.len() {
            return Err(format!(
                "{} of {} {from} have no {to}",
                from_names.len() - to_names.len(),
                from_names.len()
            ));
        }
    }
    let mut versions: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for (id, version) in of("stories") {
        versions.entry(id).or_default().insert(version.parse().unwrap());
    }
    for (id, versions) in &versions {
        assert!(expected.contains(*id), "nobody wrote {id}");
        assert!(versions.iter().copied().eq(1..=versions.len() as u64), "{id}: {versions:?}");
    }
    match expected.len() - versions.len() {
        0 => Ok(()),
        missing => Err(format!("{missing} of {} stories are missing", expected.len())),
    }
}

/// Faster than any publisher would like, and a publisher's window that is soon full. Three brokers
/// on a small machine are kept from work by many small transactions, so that these are larger.
fn hurried(config: &Path) {
    let text = std::fs::read_to_string(config).unwrap();
    let text = text
        .replace("site_spacing = \"100ms\"", "site_spacing = \"5ms\"")
        .replace("site_burst = 3", "site_burst = 100")
        .replace("min_interval = \"1s\"", "min_interval = \"10s\"")
        .replace("max_interval = \"1s\"", "max_interval = \"10s\"")
        .replace("batch_wait = \"10ms\"", "batch_wait = \"250ms\"")
        .replace("[run]", &format!("[publish]\nmax_stories = {WINDOW}\n[run]"));
    let is_complete = ["5ms", "10s", "250ms"].iter().all(|time| text.contains(time));
    assert!(is_complete && text.contains("max_stories"), "{text}");
    std::fs::write(config, text).unwrap();
}

fn sample(scene: &Scene, second: u64, samples: &mut Vec<Sample>) {
    for (instance, daemon) in &scene.daemons {
        let files = std::fs::read_dir(format!("/proc/{}/fd", daemon.id()));
        let Ok(files) = files else { continue };
        samples.push(Sample {
            second,
            instance: instance.clone(),
            process: daemon.id(),
            resident: daemon.usage().1,
            files: files.count(),
        });
    }
}

/// The most of a figure among samples of a stage in a part of the time. Processes of less than a
/// minute are not asked: they are still restoring.
fn most(
    samples: &[Sample],
    stage: &str,
    part: std::ops::Range<u64>,
    of: fn(&Sample) -> u64,
) -> u64 {
    let mut first: BTreeMap<u32, u64> = BTreeMap::new();
    for sample in samples {
        first.entry(sample.process).or_insert(sample.second);
    }
    let mine = samples.iter().filter(|sample| {
        sample.instance.starts_with(stage)
            && part.contains(&sample.second)
            && sample.second >= first[&sample.process] + 60
    });
    mine.map(of).max().unwrap_or_default()
}

fn write_samples(samples: &[Sample], stories: &[(u64, usize)]) {
    let Ok(path) = std::env::var("NEWSWIRE_SOAK_SAMPLES") else { return };
    let mut text = "second,instance,process,resident_bytes,open_files\n".to_owned();
    for Sample { second, instance, process, resident, files } in samples {
        let _ = writeln!(text, "{second},{instance},{process},{resident},{files}");
    }
    for (second, count) in stories {
        let _ = writeln!(text, "{second},stories,,{count},");
    }
    std::fs::write(path, text).unwrap();
}

#[test]
fn a_busy_day_with_faults_loses_nothing_and_grows_nothing() {
    let Ok(minutes) = std::env::var("NEWSWIRE_SOAK_MINUTES") else {
        eprintln!("SKIPPED: soak on Kafka: NEWSWIRE_SOAK_MINUTES does not say for how long");
        return;
    };
    let minutes: u64 = minutes.parse().expect("NEWSWIRE_SOAK_MINUTES is a number");
    let Some(brokers) = Brokers::from_environment("soak on Kafka") else { return };
    assert!(brokers.nodes >= 3, "the soak wants three brokers, there are {}", brokers.nodes);
    let now = runtime::clock::now().as_millis();
    let seed =
        std::env::var("NEWSWIRE_CHAOS_SEED").map_or(now as u64, |text| text.parse().unwrap());
    eprintln!("soak: {minutes} minutes, NEWSWIRE_CHAOS_SEED={seed}");
    let mut dice = Dice(seed.max(1));

    let folder = tempfile::tempdir().unwrap();
    let addresses = brokers.addresses();
    let prefix = format!("soak-{}-{now}.", std::process::id());
    let length = Duration::from_secs(minutes * 60);
    let web = Web::live(Settings {
        story: false,
        extra_outlets: OUTLETS,
        articles_per_outlet: (length.as_millis() / INTERVAL.as_millis()) as usize,
        extra_interval: INTERVAL,
        // More than the longest time without a fetcher.
        feed_length: 200,
        request_log: 0,
        ..Settings::default()
    });
    let log = format!("[kafka]\nbrokers = \"{addresses}\"\ntopic_prefix = \"{prefix}\"");
    let config = web.config(folder.path(), &log);
    hurried(&config);
    run(&mut newswire(["topics", "--create", "-c", config.to_str().unwrap()])).good();
    let mut collector = Collector::start(folder.path(), &addresses, &prefix);
    let mut scene = Scene::new(folder.path(), config, brokers, None);

    let began = Instant::now();
    let at = |share: f64| began + length.mul_f64(share);
    let (mut next_fault, mut next_sample) = (began + dice.seconds(10, 20), began);
    let (mut samples, mut stories) = (Vec::new(), Vec::new());
    let (mut slow_until, mut turn) = (None, 0_u32);
    let mut to_restart: Option<Vec<String>> = None;
    let mut faults = 0;
    while Instant::now() < began + length || scene.is_disturbed() || slow_until.is_some() {
        let now = Instant::now();
        scene.tend(false);
        // A tenth of the time they may work.
        if slow_until.is_none() && now >= at(SLOW_AT) && to_restart.is_none() && turn == 0 {
            slow_until = Some(now + SLOW_FOR);
        }
        if let Some(until) = slow_until {
            turn += 1;
            let over = now >= until;
            let signal = if over || turn.is_multiple_of(10) { "CONT" } else { "STOP" };
            for (name, daemon) in &scene.daemons {
                let is_slowed = name.starts_with("extractor") && !scene.busy.contains(name);
                // Those that no fault has stopped; a signal that repeats itself changes nothing.
                if is_slowed {
                    daemon.signal(signal);
                }
            }
            if over {
                slow_until = None;
            }
        } else if to_restart.is_none() && now >= at(ROLL_AT) && !scene.is_disturbed() {
            to_restart = Some(scene.daemons.keys().cloned().collect());
        } else if let Some(name) = to_restart.as_mut().and_then(Vec::pop) {
            scene.end(&name);
            scene.start(&name);
            scene.count("restarted in turn");
        } else if now >= next_fault
            && now < began + length
            && !(to_restart.is_none() && now >= at(ROLL_AT))
        {
            faults += u32::from(scene.fault(&mut dice));
            next_fault = now + dice.seconds(FAULT_AFTER.0, FAULT_AFTER.1);
        }
        if now >= next_sample {
            let second = began.elapsed().as_secs();
            sample(&scene, second, &mut samples);
            stories.push((second, collector.count("stories")));
            next_sample += SAMPLE_EVERY;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    scene.tend(true);
    let disturbed = began.elapsed();
    write_samples(&samples, &stories);

    let expected = web.expected();
    let written = expected.len();
    let ids: BTreeSet<String> =
        expected.iter().filter_map(|article| article.final_url.as_deref()).map(id_of).collect();
    assert_eq!(ids.len(), written);
    let deadline = Instant::now() + SETTLE;
    loop {
        scene.tend(true);
        match settled(&told(&mut collector, &prefix), &ids) {
            Ok(()) => break,
            Err(why) if Instant::now() > deadline => panic!("not settled: {why}"),
            Err(_) => std::thread::sleep(Duration::from_secs(2)),
        }
    }
    let rate = written as f64 / disturbed.as_secs_f64();
    eprintln!(
        "soak: {written} stories, {rate:.1} a second; {faults} faults in {:.0} s: {:?}\n\
         soak: settled {:.0} s after; restores {}, recoveries {}, panics {}",
        disturbed.as_secs_f64(),
        scene.counts,
        began.elapsed().saturating_sub(disturbed).as_secs_f64(),
        scene.logged("\"message\":\"restored\""),
        scene.logged("recover"),
        scene.logged("panicked"),
    );
    assert_eq!(scene.logged("panicked"), 0);
    scene.end_all();

    let quarter = disturbed.as_secs() / 4;
    let remembered = written as u64 / 2 * REMEMBERED;
    for stage in DAEMONS {
        for (what, of, room) in [
            ("bytes", (|s| s.resident) as fn(&Sample) -> u64, 24 * 1024 * 1024),
            ("open files", |s| s.files as u64, 24),
        ] {
            let before = most(&samples, stage, quarter..2 * quarter, of);
            let after = most(&samples, stage, 3 * quarter..u64::MAX, of);
            let is_memory_of_pages = stage == "fetcher" && what == "bytes";
            let room = if is_memory_of_pages { room + remembered } else { room };
            eprintln!(
                "soak: {stage}: most {what} in the second quarter {before}, in the last {after}"
            );
            assert!(after <= before + before / 4 + room, "{stage}: {what} grow");
        }
    }
}
