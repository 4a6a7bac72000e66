//! The fetcher as the harness sees it: one partition holds the polls and the downloads of its
//! sites, so that both share each site's budget.

mod downloads;
mod polls;
mod pump;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bus::{Record, Topic};
use events::{Timestamp, site_of};
use serde::Serialize;
use serde::de::DeserializeOwned;
use stage::{Context, Definition, Done, Poison, RestoreContext, Stage};

use crate::download::{WaitRecord, name_of};
use crate::poll::{FeedRecord, VERSION};
use crate::settings::Settings;
use crate::sites::{Queues, WaitingPage};

const HOUR_MS: i64 = 3600 * 1000;

/// The stage that polls feeds and downloads pages.
#[derive(Clone, Debug)]
pub struct Fetcher {
    settings: Arc<Settings>,
}

impl Fetcher {
    /// A fetcher with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings: Arc::new(settings) }
    }
}

impl Definition for Fetcher {
    fn name(&self) -> &'static str {
        "fetcher"
    }

    fn inputs(&self) -> &[Topic] {
        &[Topic::Feeds, Topic::Pushes, Topic::Entries]
    }

    fn changelogs(&self) -> &[Topic] {
        &[Topic::FeedState, Topic::DownloadState]
    }

    fn stage(&self, _partition: u32) -> Box<dyn Stage> {
        Box::new(Partition::new(Arc::clone(&self.settings)))
    }

    fn compute_threads(&self) -> usize {
        self.settings.compute_threads
    }
}

/// One partition at work. Everything here is derived from state, or may be forgotten.
struct Partition {
    settings: Arc<Settings>,
    sites: BTreeMap<String, Queues>,
    /// Feeds whose poll is on its way.
    polling: BTreeSet<String>,
    /// Where each page waits, by the name of its entry.
    pages: BTreeMap<String, (String, u64)>,
    /// Bytes of entries that wait in state.
    waiting_bytes: usize,
    /// When the next new feed may be polled for the first time.
    first_poll_at: Timestamp,
    recent: RecentPolls,
}

impl Partition {
    fn new(settings: Arc<Settings>) -> Self {
        Self {
            settings,
            sites: BTreeMap::new(),
            polling: BTreeSet::new(),
            pages: BTreeMap::new(),
            waiting_bytes: 0,
            first_poll_at: Timestamp::from_millis(0),
            recent: RecentPolls::default(),
        }
    }

    /// Puts a page among those that wait at its site.
    fn enqueue(&mut self, site: &str, number: u64, record: &WaitRecord, bytes: usize) {
        let link = record.entry.link.clone().unwrap_or_default();
        let name = name_of(&record.entry);
        let page = WaitingPage {
            key: name.clone(),
            origin: origin_of(&link),
            link,
            backfill: record.entry.backfill,
            ready_at: record.ready_at,
            bytes,
        };
        self.waiting_bytes += bytes;
        self.pages.insert(name, (site.to_owned(), number));
        self.sites.entry(site.to_owned()).or_default().add_page(number, page);
    }
}

impl Stage for Partition {
    fn restore(&mut self, context: &mut RestoreContext<'_>) -> Result<(), String> {
        let now = context.now();
        let state = context.state();
        for (key, value) in state.scan(Topic::FeedState, "feed/") {
            let feed: FeedRecord = decode_checked(Topic::FeedState, key, value)?;
            if !feed.subscription.paused {
                context.set_timer(format!("poll/{}", feed.subscription.id), feed.next_at);
            }
        }
        for (topic, prefix) in [
            (Topic::FeedState, "seen/"),
            (Topic::DownloadState, "done/"),
            (Topic::DownloadState, "site/"),
            (Topic::DownloadState, "robots/"),
        ] {
            for (key, value) in state.scan(topic, prefix) {
                check_version(topic, key, value)?;
            }
        }
        for (key, value) in state.scan(Topic::DownloadState, "wait/") {
            let record: WaitRecord = decode_checked(Topic::DownloadState, key, value)?;
            let place = key["wait/".len()..].rsplit_once('/');
            let place = place.and_then(|(site, number)| Some((site, number.parse().ok()?)));
            let Some((site, number)) = place else {
                return Err(format!("download-state, key {key}: not a name of a waiting page"));
            };
            self.enqueue(site, number, &record, value.len());
        }
        for site in self.sites.keys() {
            context.set_timer(format!("site/{site}"), now);
        }
        context.set_timer("expire", next_hour(now));
        Ok(())
    }

    fn on_record(&mut self, record: &Record, context: &mut Context<'_>) -> Result<(), Poison> {
        let key = record.key.as_deref().unwrap_or_default();
        let key =
            std::str::from_utf8(key).map_err(|_| Poison::new("bad_key", "the key is not UTF-8"))?;
        match record.place.topic {
            Topic::Feeds => self.on_subscription(key, record.value.as_deref(), context),
            Topic::Entries => self.on_entry(key, record.value.as_deref(), context),
            // A delivery is a hint, as a ping would be: the feed is polled at once.
            Topic::Pushes => self.on_push(key, context),
            other => Err(Poison::new("bad_topic", format!("the fetcher does not read {other}"))),
        }
    }

    fn on_timer(&mut self, key: &str, context: &mut Context<'_>) -> Result<(), Poison> {
        match key.split_once('/') {
            Some(("poll", feed)) => self.poll_is_due(feed, context),
            Some(("site", site)) => self.pump(site, context),
            _ => {
                self.expire(context);
                Ok(())
            }
        }
    }

    fn on_done(&mut self, key: &str, done: Done, context: &mut Context<'_>) -> Result<(), Poison> {
        let done = match done {
            Done::Panicked(message) => return Err(Poison::new("panic", message)),
            done => done,
        };
        match (key.split_once('/'), done) {
            (Some(("poll", feed)), Done::Fetched(fetched)) => {
                self.poll_answered(feed, fetched, context)
            }
            (Some(("parse", feed)), Done::Computed(parsed)) => {
                self.poll_parsed(feed, parsed, context)
            }
            (Some(("page", name)), Done::Fetched(fetched)) => {
                self.page_answered(name, &fetched, context)
            }
            (Some(("robots", origin)), Done::Fetched(fetched)) => {
                self.robots_answered(origin, &fetched, context)
            }
            _ => Err(Poison::new("bad_request", format!("an answer to {key}"))),
        }
    }

    fn on_fault(&mut self, key: &str, poison: &Poison, context: &mut Context<'_>) {
        match key.split_once('/') {
            Some(("poll", feed)) => self.park_poll(feed, poison, context),
            Some(("page", name)) => self.park_page(name, poison, context),
            // Whatever it was waits an hour; the log names it.
            Some(("robots", origin)) => {
                let site = site_of(origin).unwrap_or_default();
                context.set_timer(format!("site/{site}"), context.now().plus_millis(HOUR_MS));
            }
            _ => context.set_timer(key, context.now().plus_millis(HOUR_MS)),
        }
    }

    fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }
}

/// Whether our own network is down: nearly all of the latest polls, of several sites, found no
/// connection. Then nobody is blamed (research, rule 19).
#[derive(Debug, Default)]
struct RecentPolls {
    last: VecDeque<(String, bool)>,
}

impl RecentPolls {
    const KEPT: usize = 20;
    const ENOUGH: usize = 8;

    fn note(&mut self, site: &str, no_network: bool) {
        self.last.push_back((site.to_owned(), no_network));
        if self.last.len() > Self::KEPT {
            self.last.pop_front();
        }
    }

    fn is_outage(&self) -> bool {
        let failed = self.last.iter().filter(|(_, no_network)| *no_network).count();
        let sites: BTreeSet<&str> = self.last.iter().map(|(site, _)| site.as_str()).collect();
        self.last.len() >= Self::ENOUGH && sites.len() >= 4 && failed * 10 > self.last.len() * 8
    }
}

/// Scheme, host and port of a URL that is known to have them.
fn origin_of(link: &str) -> String {
    url::Url::parse(link).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

fn next_hour(now: Timestamp) -> Timestamp {
    now.plus_millis(HOUR_MS - now.as_millis().rem_euclid(HOUR_MS))
}

/// A state record, if there is one.
fn load<T: DeserializeOwned>(
    context: &Context<'_>,
    topic: Topic,
    key: &str,
) -> Result<Option<T>, Poison> {
    let Some(value) = context.get(topic, key) else { return Ok(None) };
    let decoded = serde_json::from_slice(value);
    decoded.map(Some).map_err(|error| Poison::new("bad_state", format!("{topic}, {key}: {error}")))
}

/// Writes a state record.
fn store<T: Serialize>(
    context: &mut Context<'_>,
    topic: Topic,
    key: &str,
    record: &T,
) -> Result<usize, Poison> {
    let value = serde_json::to_vec(record)
        .map_err(|error| Poison::new("bad_state", format!("{topic}, {key}: {error}")))?;
    let bytes = value.len();
    context.put(topic, key, value);
    Ok(bytes)
}

fn decode_checked<T: DeserializeOwned>(topic: Topic, key: &str, value: &[u8]) -> Result<T, String> {
    check_version(topic, key, value)?;
    serde_json::from_slice(value).map_err(|error| format!("{topic}, key {key}: {error}"))
}

/// Every record begins with its version; a newer one is not guessed at.
fn check_version(topic: Topic, key: &str, value: &[u8]) -> Result<(), String> {
    let expected = format!("{{\"v\":{VERSION},");
    if value.starts_with(expected.as_bytes()) && value.ends_with(b"}") {
        return Ok(());
    }
    let begin = String::from_utf8_lossy(&value[..value.len().min(24)]).into_owned();
    Err(format!("{topic}, key {key}: not a record of version {VERSION}, it begins with `{begin}`"))
}
