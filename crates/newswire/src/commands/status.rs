//! `newswire status`: feeds, lag, fates and faults, read from the log and not from a daemon.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::anyhow;
use bus::{Log, PollLimit, Topic, TopicPartition, TopicSettings};
use events::{Fate, Subscription};
use fetcher::FeedStatus;
use publisher::read_fate;
use runtime::config::{Config, Role};
use runtime::server::probe;
use serde::Serialize;

use crate::cli::Place;
use crate::commands::dead_letters;
use crate::commands::feeds::{feed_states, gone_from_config, subscriptions};
use crate::failure::Failure;
use crate::open::{Bus, config, each_record, topics};
use crate::printing::{Paint, column};

/// Failing feeds shown to a person at most; `--json` has all.
const SHOWN: usize = 20;
/// Feeds that are polled next and are shown with why then.
const SOONEST: usize = 10;
/// How long a process may take to say whether it is ready.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

#[derive(Debug, Default, Serialize)]
struct Report {
    feeds: Feeds,
    /// Committed records by topic: those still there, and the end offset summed over partitions. On
    /// Kafka the marks of transactions have offsets, too, and compaction leaves gaps.
    topics: BTreeMap<&'static str, TopicRow>,
    /// Whether they do.
    #[serde(skip)]
    has_marks: bool,
    /// Records that a group has not read yet, by group and topic; where marks of transactions lie
    /// between them, with these.
    lag: BTreeMap<&'static str, BTreeMap<&'static str, i64>>,
    /// Fates of the last 7 days, by fate, and by reason where skipped.
    fates: BTreeMap<String, u64>,
    /// Dead letters that are still there and were not replayed.
    dead_letters: usize,
}

#[derive(Debug, Default, Serialize)]
struct Feeds {
    subscribed: usize,
    polled: usize,
    failing: Vec<FeedStatus>,
    /// The feeds that are polled next, soonest first.
    next: Vec<FeedStatus>,
    paused: usize,
    /// Feeds that came from the configuration file and are not in it any more.
    gone_from_config: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
struct TopicRow {
    records: i64,
    written: i64,
}

/// Shows the status.
pub(crate) fn run(place: &Place, as_json: bool) -> Result<(), Failure> {
    let config = config(place)?;
    let topics = topics(&config)?;
    let mut log = Bus::open_to_read(&config)?.log()?;
    let report = report(&mut *log, &topics, &config)?;
    let mut stdout = std::io::stdout().lock();
    if as_json {
        writeln!(stdout, "{}", serde_json::to_string(&report)?)?;
        return Ok(());
    }
    show(&mut stdout, &report)
}

/// Asks the process on this machine whether it is ready: for containers without a shell.
pub(crate) fn ready(place: &Place) -> Result<(), Failure> {
    let config = config(place)?;
    let mut addresses: Vec<SocketAddr> = [Role::Up, Role::Extractor, Role::Publisher]
        .into_iter()
        .map(|role| config.server.listen_address(role))
        .collect();
    addresses.dedup();
    let mut answers = Vec::new();
    for address in addresses {
        match probe(address, "/readyz", PROBE_TIMEOUT) {
            Ok((200, _)) => return Ok(()),
            Ok((_, reason)) => answers.push(format!("{address}: {}", reason.trim())),
            Err(error) => answers.push(format!("{address}: {error}")),
        }
    }
    Err(Failure::Failed(anyhow!("nothing here is ready\n  {}", answers.join("\n  "))))
}

fn report(log: &mut dyn Log, topics: &TopicSettings, config: &Config) -> Result<Report, Failure> {
    let mut report = Report { has_marks: config.kafka.is_some(), ..Report::default() };
    let mut bounds: BTreeMap<TopicPartition, (i64, i64)> = BTreeMap::new();
    for topic in Topic::ALL {
        let mut row = TopicRow::default();
        for partition in 0..topics.spec(topic).partitions {
            let place = TopicPartition::new(topic, partition);
            let (oldest, end) = log.bounds(place)?;
            row.records += end - oldest;
            row.written += end;
            bounds.insert(place, (oldest, end));
        }
        report.topics.insert(topic.name(), row);
    }
    let groups: [(&str, &[Topic]); 3] = [
        ("fetcher", &[Topic::Feeds, Topic::Pushes, Topic::Entries]),
        ("extractor", &[Topic::Pages]),
        ("publisher", &[Topic::Articles]),
    ];
    for (group, inputs) in groups {
        for topic in inputs {
            let places: Vec<TopicPartition> = (0..topics.spec(*topic).partitions)
                .map(|partition| TopicPartition::new(*topic, partition))
                .collect();
            let committed = log.committed(group, &places)?;
            let mut lag = 0;
            for (place, committed) in places.iter().zip(committed) {
                let (oldest, end) = bounds[place];
                let from = committed.unwrap_or(0);
                if from < end && (!report.has_marks || has_record(log, *place, from.max(oldest))?) {
                    lag += end - from;
                }
            }
            report.lag.entry(group).or_default().insert(topic.name(), lag);
        }
    }
    let subscriptions = subscriptions(log, topics)?;
    let states = feed_states(log, topics)?;
    report.feeds = feeds(&subscriptions, states, config);
    let mut fates: BTreeMap<String, Fate> = BTreeMap::new();
    let mut unreadable: u64 = 0;
    each_record(log, topics, Topic::PublisherState, |record| {
        let key = record.key.and_then(|key| String::from_utf8(key).ok());
        let Some(key) = key.filter(|key| key.starts_with("fate/")) else { return };
        match record.value {
            None => {
                fates.remove(&key);
            }
            Some(value) => match read_fate(&key, &value) {
                Ok(Some(record)) => {
                    fates.insert(key, record.fate);
                }
                Ok(None) => {}
                Err(_) => unreadable += 1,
            },
        }
    })?;
    for fate in fates.values() {
        *report.fates.entry(name_of(fate)).or_default() += 1;
    }
    if unreadable > 0 {
        report.fates.insert("unreadable".to_owned(), unreadable);
    }
    report.dead_letters = dead_letters::count(log, topics)?;
    Ok(report)
}

/// Whether there is anything to read from there on. On Kafka the end of a partition lies behind the mark
/// of its last transaction.
fn has_record(log: &mut dyn Log, place: TopicPartition, from: i64) -> Result<bool, Failure> {
    let limit = PollLimit { records: 1, bytes: 1 };
    Ok(!log.read(place, from, limit, Duration::ZERO)?.is_empty())
}

fn feeds(
    subscriptions: &BTreeMap<String, Subscription>,
    states: BTreeMap<String, FeedStatus>,
    config: &Config,
) -> Feeds {
    let mut feeds = Feeds { subscribed: subscriptions.len(), ..Feeds::default() };
    let wanted = config.feeds.iter().map(|feed| events::feed_id(&feed.url)).collect();
    for gone in gone_from_config(subscriptions, &wanted) {
        feeds.gone_from_config.push(gone.url.clone());
    }
    for subscription in subscriptions.values() {
        if subscription.paused {
            feeds.paused += 1;
        }
    }
    for state in states.into_values().filter(|state| subscriptions.contains_key(&state.id)) {
        feeds.polled += 1;
        if state.failures > 0 {
            feeds.failing.push(state);
        } else if state.next_at.is_some() {
            feeds.next.push(state);
        }
    }
    feeds.next.sort_by(|a, b| (a.next_at, &a.id).cmp(&(b.next_at, &b.id)));
    feeds.next.truncate(SOONEST);
    feeds
}

/// `story`, `known`, `moved`, `copy_dropped`, or `skipped: reason`.
pub(crate) fn name_of(fate: &Fate) -> String {
    match fate {
        Fate::Story { source: events::ExtractionSource::Page, .. } => "story (page)".to_owned(),
        Fate::Story { source: events::ExtractionSource::Feed, .. } => "story (feed)".to_owned(),
        Fate::Known { .. } => "known".to_owned(),
        Fate::Moved { .. } => "moved".to_owned(),
        Fate::CopyDropped { .. } => "copy_dropped".to_owned(),
        Fate::Skipped { reason } => format!("skipped: {reason}"),
    }
}

fn show(out: &mut impl std::io::Write, report: &Report) -> Result<(), Failure> {
    let paint = Paint::detect();
    let feeds = &report.feeds;
    writeln!(
        out,
        "{}  {} subscribed, {} polled, {} failing, {} paused",
        paint.bold("feeds"),
        feeds.subscribed,
        feeds.polled,
        feeds.failing.len(),
        feeds.paused
    )?;
    for feed in feeds.failing.iter().take(SHOWN) {
        writeln!(out, "  {} {}  {}", paint.bad("✗"), column(&feed.url, 56), feed.next)?;
    }
    if feeds.failing.len() > SHOWN {
        writeln!(out, "  … and {} more: newswire feeds list", feeds.failing.len() - SHOWN)?;
    }
    for feed in &feeds.next {
        writeln!(out, "  {} {}  {}", paint.good("✓"), column(&feed.url, 56), feed.next)?;
    }
    let later = feeds.polled.saturating_sub(feeds.failing.len() + feeds.next.len());
    if later > 0 {
        writeln!(out, "  … and {later} more: newswire feeds list")?;
    }
    for url in &feeds.gone_from_config {
        writeln!(
            out,
            "  {} {url}: not in the configuration file any more, still subscribed; \
             `newswire feeds sync` ends that",
            paint.warn("~")
        )?;
    }
    writeln!(out, "{}", paint.bold("road"))?;
    for (group, lags) in &report.lag {
        let waiting: Vec<String> =
            lags.iter().map(|(topic, lag)| format!("{lag} of {topic}")).collect();
        writeln!(out, "  {}  still to read: {}", column(group, 10), waiting.join(", "))?;
    }
    writeln!(out, "{}  (7 days)", paint.bold("fates of entries"))?;
    for (fate, count) in &report.fates {
        writeln!(out, "  {count:>8}  {fate}")?;
    }
    let what = if report.has_marks { "  (offsets, those of transactions among them)" } else { "" };
    writeln!(out, "{}{what}", paint.bold("topics"))?;
    for (topic, row) in &report.topics {
        writeln!(out, "  {:>8}  {topic}", row.records)?;
    }
    if report.dead_letters > 0 {
        writeln!(
            out,
            "{} {} dead letter(s): newswire dead-letters list",
            paint.bad("✗"),
            report.dead_letters
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_that_are_not_shown_are_counted() {
        let mut report =
            Report { feeds: Feeds { polled: 12, ..Feeds::default() }, ..Report::default() };
        let shown = |report: &Report| {
            let mut out = Vec::new();
            show(&mut out, report).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert!(shown(&report).contains("… and 12 more: newswire feeds list"));
        report.feeds.polled = 0;
        assert!(!shown(&report).contains("more"));
    }
}
