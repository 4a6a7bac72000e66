//! Puts the fetcher's stage, the simulated web and the log together, and says what came of it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use bus::TopicSettings;
use events::Timestamp;
use fetcher::{Fetcher, Settings};
use stage::{Harness, NoMeter, RunError, StatusHandle};

use super::log::Log;
use super::world::{CLASSES, Feed, START_MS, Web};

/// What to simulate.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub feeds: u64,
    pub days: i64,
    /// Whether entries are downloaded and revisited too.
    pub pages: bool,
    /// Requests on their way at once.
    pub requests: usize,
    /// How far an idle turn moves the clock, in milliseconds.
    pub step_ms: i64,
}

/// What a class of feeds saw.
#[derive(Clone, Debug)]
pub struct Class {
    pub name: &'static str,
    pub feeds: u64,
    pub items: usize,
    pub polls_a_day: f64,
    /// Median seconds until an item was seen.
    pub median_delay_s: u32,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub classes: Vec<Class>,
    pub polls: u64,
    pub not_modified: u64,
    pub pages: u64,
    pub over_budget: u64,
    pub unconditional: u64,
}

/// Simulates. `progress` is told the simulated time, and shown the web.
pub fn run(
    plan: Plan,
    mut progress: Box<dyn FnMut(i64, &Web) + Send>,
) -> Result<Outcome, RunError> {
    let clock = Arc::new(AtomicI64::new(START_MS));
    let shutdown = Arc::new(AtomicBool::new(false));
    let web = Arc::new(Web::new(plan.feeds, Arc::clone(&clock)));
    let topics = TopicSettings::default();
    let partitions = topics.spec(bus::Topic::Feeds).partitions;
    let settings = Settings { compute_threads: 0, partitions, ..Settings::default() };
    let definition = Fetcher::new(settings);
    let watched = Arc::clone(&web);
    let log = Log {
        clock: Arc::clone(&clock),
        until: START_MS + plan.days * 24 * 3600 * 1000,
        step_ms: plan.step_ms,
        shutdown: Arc::clone(&shutdown),
        topics: topics.clone(),
        feeds: plan.feeds,
        pages: plan.pages,
        progress: Box::new(move |now| progress(now, &watched)),
        next_feed: 0,
        assigned: false,
        waiting: VecDeque::new(),
        offsets: BTreeMap::new(),
    };
    let now = Arc::clone(&clock);
    let harness = Harness::new(
        &definition,
        Box::new(log),
        Arc::clone(&web) as Arc<dyn stage::Performer>,
        topics,
        stage::Settings {
            batch_wait: Duration::ZERO,
            requests: plan.requests,
            ..stage::Settings::default()
        },
        Arc::new(move || Timestamp::from_millis(now.load(Ordering::Relaxed))),
        Arc::new(NoMeter),
        StatusHandle::default(),
        shutdown,
    );
    harness.run()?;
    Ok(outcome(plan.days, &web))
}

/// What the web saw in so many days.
pub fn outcome(days: i64, web: &Web) -> Outcome {
    let mut feeds = vec![0_u64; CLASSES.len()];
    let mut polls = vec![0_u64; CLASSES.len()];
    for (number, count) in web.polls.iter().enumerate() {
        let class = Feed::new(number as u64).class;
        feeds[class] += 1;
        polls[class] += u64::from(count.load(Ordering::Relaxed));
    }
    let mut delays = web.delays.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let classes = CLASSES.iter().enumerate().map(|(class, (name, ..))| {
        delays[class].sort_unstable();
        Class {
            name,
            feeds: feeds[class],
            items: delays[class].len(),
            polls_a_day: polls[class] as f64 / feeds[class].max(1) as f64 / days as f64,
            median_delay_s: delays[class].get(delays[class].len() / 2).copied().unwrap_or(0),
        }
    });
    Outcome {
        classes: classes.collect(),
        polls: polls.iter().sum(),
        not_modified: web.not_modified.load(Ordering::Relaxed),
        pages: web.pages.load(Ordering::Relaxed),
        over_budget: web.over_budget.load(Ordering::Relaxed),
        unconditional: web.unconditional.load(Ordering::Relaxed),
    }
}
