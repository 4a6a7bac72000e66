//! `newswire feeds`: subscriptions, at run time.

mod check;
mod lists;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::time::Duration;

use anyhow::anyhow;
use bus::{Log, NewRecord, Topic, TopicPartition, TopicSettings};
use events::{Auth, FullText, Origin, Subscription, Timestamp, feed_id, site_of};
use fetcher::feed::one_spelling;
use fetcher::{FeedStatus, read_feed_state};
use runtime::config::{Config, TimeSpan};
use serde_json::json;

use crate::cli::{self, FullTextChoice, Place};
use crate::failure::Failure;
use crate::open::{Bus, config, each_record, topics};
use crate::printing::{Paint, column};

pub(crate) use lists::gone_from_config;

/// Does what a `feeds` command asks for.
pub(crate) fn run(place: &Place, command: cli::Feeds) -> Result<(), Failure> {
    let config = config(place)?;
    let topics = topics(&config)?;
    match command {
        cli::Feeds::Add(add) => self::add(&config, &topics, add),
        cli::Feeds::Remove { feeds } => remove(&config, &topics, &feeds),
        cli::Feeds::List { json } => list(&config, &topics, json),
        cli::Feeds::Check(check) => check::check(&config, &topics, &check),
        cli::Feeds::Sync { dry_run } => lists::sync(&config, &topics, dry_run),
        cli::Feeds::Import { files, tags, with_auth } => {
            lists::import(&config, &topics, &files, &tags, with_auth)
        }
        cli::Feeds::Export { file } => lists::export(&config, &topics, file.as_deref()),
    }
}

fn add(config: &Config, topics: &TopicSettings, add: cli::AddFeeds) -> Result<(), Failure> {
    let min_interval_s = match &add.min_interval {
        None => None,
        Some(text) => {
            let span: TimeSpan = text
                .parse()
                .map_err(|error| Failure::Usage(format!("--min-interval {text:?}: {error}")))?;
            Some(std::time::Duration::from(span).as_secs())
        }
    };
    if add.title.is_some() && add.urls.len() > 1 {
        return Err(Failure::Usage("--title names one feed; add the others apart".to_owned()));
    }
    let headers = headers_of(&add.headers)?;
    let now = runtime::clock::now();
    let wanted = Subscription {
        title: add.title,
        tags: add.tags,
        origin: Origin::Command,
        min_interval_s,
        full_text: match add.full_text {
            FullTextChoice::Auto => FullText::Auto,
            FullTextChoice::Feed => FullText::Feed,
            FullTextChoice::Page => FullText::Page,
        },
        headers,
        auth: Auth { basic_env: add.basic_env, bearer_env: add.bearer_env },
        paused: add.paused,
        no_revisits: add.no_revisits,
        added_at: now,
        ..Subscription::default()
    };
    let mut all = Vec::new();
    for url in &add.urls {
        let url = url.trim().to_owned();
        let subscription = Subscription { id: feed_id(&url), url, ..wanted.clone() };
        check(config, &subscription).map_err(Failure::Usage)?;
        all.push(subscription);
    }
    // A subscription may be made before the first `newswire up`: the log is made then.
    let mut log = Bus::open(config, false)?.log()?;
    let known = subscriptions(&mut *log, topics)?;
    let mut records = Vec::new();
    let mut lines = Vec::new();
    let mut seen = BTreeSet::new();
    for mut subscription in all {
        // Subscribed as it stands, by a file or long ago, it stays what it is.
        if !known.contains_key(&subscription.id) {
            subscription.url = one_spelling(subscription.url);
            subscription.id = feed_id(&subscription.url);
        }
        if !seen.insert(subscription.id.clone()) {
            continue;
        }
        let before = known.get(&subscription.id);
        if let Some(to) = before.and_then(|known| known.moved_to.as_deref()) {
            lines.push(format!("unchanged  {}: it moved to {to}", subscription.url));
            continue;
        }
        subscription.added_at = before.map_or(now, |known| known.added_at);
        let what = match before {
            None => "added    ",
            Some(before) if *before == subscription => "unchanged",
            Some(_) => "changed  ",
        };
        lines.push(format!("{what}  {}", subscription.url));
        if before != Some(&subscription) {
            records.push(subscription_record(topics, &subscription, now)?);
        }
    }
    if !records.is_empty() {
        log.append(records)?;
    }
    tell(&lines)
}

/// Says what was done. After it was done: whoever listens may go away.
fn tell(lines: &[String]) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    for line in lines {
        writeln!(stdout, "{line}")?;
    }
    Ok(())
}

/// What is wrong with a subscription; its address is not repeated, for it may hold a password.
fn check(config: &Config, subscription: &Subscription) -> Result<(), String> {
    if let Some(fault) = subscription.faults().into_iter().next() {
        return Err(format!("{} {}", fault.field, fault.says));
    }
    let longest = config.fetch.max_interval;
    match subscription.min_interval_s {
        Some(seconds) if Duration::from_secs(seconds) > longest.into() => {
            Err(format!("min_interval is longer than fetch.max_interval, {longest}"))
        }
        _ => Ok(()),
    }
}

/// `Name: value` of each, by name.
fn headers_of(texts: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    texts
        .iter()
        .map(|text| {
            let (name, value) = text.split_once(':').ok_or_else(|| {
                Failure::Usage(format!("--header {text:?}: give it as 'Name: value'"))
            })?;
            let name = name.trim().to_ascii_lowercase();
            Ok((name, value.trim().to_owned()))
        })
        .collect()
}

fn remove(config: &Config, topics: &TopicSettings, feeds: &[String]) -> Result<(), Failure> {
    let mut log = Bus::open(config, true)?.log()?;
    let known = subscriptions(&mut *log, topics)?;
    let mut records = Vec::new();
    let mut lines = Vec::new();
    for feed in feeds {
        let named = |name: &str| known.values().find(|it| it.id == name || it.url == name);
        let found = named(feed).or_else(|| named(&one_spelling(feed.trim().to_owned())));
        let Some(subscription) = found else {
            return Err(Failure::Failed(anyhow!(
                "{feed} is not subscribed; `newswire feeds list` shows what is. Nothing was removed"
            )));
        };
        for subscription in moves_of(&known, subscription) {
            lines.push(format!("removed  {}", subscription.url));
            records.push(NewRecord {
                place: place_of(topics, subscription),
                timestamp: runtime::clock::now(),
                key: Some(subscription.id.clone().into_bytes()),
                value: None,
                headers: Vec::new(),
            });
        }
    }
    log.append(records)?;
    tell(&lines)
}

/// A subscription and those under which the same feed goes on or was known before it moved.
fn moves_of<'a>(
    known: &'a BTreeMap<String, Subscription>,
    start: &'a Subscription,
) -> Vec<&'a Subscription> {
    let mut all = vec![start];
    let mut at = 0;
    while let Some(here) = all.get(at).copied() {
        at += 1;
        let later = here.moved_to.as_deref().and_then(|url| known.get(&feed_id(url)));
        let earlier = here.moved_from.as_deref().and_then(|id| known.get(id));
        for other in [later, earlier].into_iter().flatten() {
            if !all.iter().any(|one| one.id == other.id) {
                all.push(other);
            }
        }
    }
    all
}

fn list(config: &Config, topics: &TopicSettings, as_json: bool) -> Result<(), Failure> {
    let mut log = Bus::open_to_read(config)?.log()?;
    let subscriptions = subscriptions(&mut *log, topics)?;
    let states = feed_states(&mut *log, topics)?;
    let mut stdout = std::io::stdout().lock();
    let paint = Paint::detect();
    let mut by_url: Vec<&Subscription> = subscriptions.values().collect();
    by_url.sort_by(|a, b| a.url.cmp(&b.url));
    for subscription in &by_url {
        let state = states.get(&subscription.id);
        if as_json {
            let row = json!({"id": subscription.id, "url": subscription.url,
                "title": subscription.title, "tags": subscription.tags,
                "origin": subscription.origin, "paused": subscription.paused,
                "revisit": !subscription.no_revisits,
                "moved_to": subscription.moved_to, "added_at": subscription.added_at,
                "state": state});
            writeln!(stdout, "{row}")?;
            continue;
        }
        let (mark, words) = explain(subscription, state, paint);
        writeln!(stdout, "{mark} {}  {words}", column(&subscription.url, 60))?;
    }
    if !as_json {
        writeln!(std::io::stderr().lock(), "{} feed(s)", by_url.len())?;
    }
    Ok(())
}

/// One mark and a few words on how a feed fares.
fn explain(feed: &Subscription, state: Option<&FeedStatus>, paint: Paint) -> (String, String) {
    if feed.paused {
        return (paint.dim("‖"), "paused".to_owned());
    }
    if let Some(to) = &feed.moved_to {
        return (paint.dim("→"), format!("moved to {to}"));
    }
    match state {
        None => (paint.dim("…"), "not polled yet".to_owned()),
        Some(state) if state.failures > 0 => (paint.bad("✗"), state.next.clone()),
        Some(state) => (paint.good("✓"), state.next.clone()),
    }
}

/// The newest record of each subscription.
pub(crate) fn subscriptions(
    log: &mut dyn Log,
    topics: &TopicSettings,
) -> Result<BTreeMap<String, Subscription>, Failure> {
    let mut found = BTreeMap::new();
    each_record(log, topics, Topic::Feeds, |record| {
        let Some(key) = record.key.and_then(|key| String::from_utf8(key).ok()) else { return };
        match record.value {
            None => {
                found.remove(&key);
            }
            // What is no subscription is a dead letter of the fetcher's; here it is nothing.
            Some(value) => {
                if let Ok(subscription) = serde_json::from_slice(&value) {
                    found.insert(key, subscription);
                }
            }
        }
    })?;
    Ok(found)
}

/// How each feed fares, by feed id.
pub(crate) fn feed_states(
    log: &mut dyn Log,
    topics: &TopicSettings,
) -> Result<BTreeMap<String, FeedStatus>, Failure> {
    let mut states = BTreeMap::new();
    each_record(log, topics, Topic::FeedState, |record| {
        let key = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
        let Some(key) = key else { return };
        match record.value.as_deref() {
            None => {
                states.remove(key.strip_prefix("feed/").unwrap_or(key));
            }
            Some(value) => {
                if let Some(status) = read_feed_state(key, value) {
                    states.insert(status.id.clone(), status);
                }
            }
        }
    })?;
    Ok(states)
}

fn place_of(topics: &TopicSettings, subscription: &Subscription) -> TopicPartition {
    let site = site_of(&subscription.url).unwrap_or_default();
    TopicPartition::new(Topic::Feeds, topics.partition_of(Topic::Feeds, site.as_bytes()))
}

/// A subscription as a record of `feeds`.
pub(crate) fn subscription_record(
    topics: &TopicSettings,
    subscription: &Subscription,
    now: Timestamp,
) -> Result<NewRecord, Failure> {
    Ok(NewRecord {
        place: place_of(topics, subscription),
        timestamp: now,
        key: Some(subscription.id.clone().into_bytes()),
        value: Some(serde_json::to_vec(subscription)?),
        headers: Vec::new(),
    })
}

/// Upserts the feeds of the configuration file, so that a start changes only what changed.
pub(crate) fn upsert_configured(
    log: &mut dyn Log,
    topics: &TopicSettings,
    config: &Config,
) -> Result<usize, Failure> {
    if config.feeds.is_empty() {
        return Ok(0);
    }
    let now = runtime::clock::now();
    let known = subscriptions(log, topics)?;
    let mut records = Vec::new();
    for feed in &config.feeds {
        let mut wanted = feed.subscription(now);
        if let Some(known) = known.get(&wanted.id) {
            wanted.added_at = known.added_at;
            // A feed that moved keeps its new URL; writing the old one changes nothing.
            if known.moved_to.is_some() || *known == wanted {
                continue;
            }
        }
        records.push(subscription_record(topics, &wanted, now)?);
    }
    let changed = records.len();
    if changed > 0 {
        log.append(records)?;
    }
    Ok(changed)
}
