//! The fetcher as the harness sees it: one partition holds the polls and the downloads of its
//! sites, so that both share each site's budget.

mod downloads;
mod due;
mod expiry;
mod feeds;
mod lines;
mod moves;
mod pages;
mod polls;
mod pump;
mod pushes;
mod restore;
mod robots;
mod search;
#[cfg(test)]
mod tests;
mod visits;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bus::{Record, Topic};
use events::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use stage::{Context, Definition, Done, Fetch, Gauge, Poison, RestoreContext, Stage};

use crate::poll::VERSION;
use crate::settings::Settings;
use crate::sites::Queues;
use crate::websub::Stand;
use due::Due;
use feeds::Fares;
use lines::Lines;
use pump::PLACES;

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

    fn stage(&self, partition: u32) -> Box<dyn Stage> {
        Box::new(Partition::new(Arc::clone(&self.settings), partition))
    }

    fn compute_threads(&self) -> usize {
        self.settings.compute_threads
    }
}

/// One partition at work. Everything here is derived from state, or may be forgotten.
struct Partition {
    settings: Arc<Settings>,
    number: u32,
    sites: BTreeMap<String, Queues>,
    /// When each feed is polled next, while it waits for that.
    due: Due,
    /// Requests on their way, and the site whose budget each costs.
    on_their_way: BTreeMap<String, String>,
    /// Sites that wait for a place among the requests of the process.
    lines: Lines,
    /// Where each page waits, by the name of its entry.
    pages: BTreeMap<String, (String, u64)>,
    /// Where each revisit waits, by what its page is remembered by.
    visits: BTreeMap<String, visits::Place>,
    /// Searches for feeds that are gone, by feed.
    searches: BTreeMap<String, (String, u64)>,
    /// Remembered pages, the oldest first.
    remembered: BTreeSet<(u32, Box<str>)>,
    /// Bytes of entries that wait in state.
    waiting_bytes: usize,
    /// Bytes of pages to revisit.
    visit_bytes: usize,
    /// When the next new feed may be polled for the first time.
    first_poll_at: Timestamp,
    recent: RecentPolls,
    /// Feeds by how they fare, and subscriptions at hubs by where they stand.
    fares: BTreeMap<Fares, i64>,
    stands: BTreeMap<Stand, i64>,
}

impl Partition {
    fn new(settings: Arc<Settings>, number: u32) -> Self {
        Self {
            settings,
            number,
            sites: BTreeMap::new(),
            due: Due::default(),
            on_their_way: BTreeMap::new(),
            lines: Lines::default(),
            pages: BTreeMap::new(),
            visits: BTreeMap::new(),
            searches: BTreeMap::new(),
            remembered: BTreeSet::new(),
            waiting_bytes: 0,
            visit_bytes: 0,
            first_poll_at: Timestamp::from_millis(0),
            recent: RecentPolls::default(),
            fares: BTreeMap::new(),
            stands: BTreeMap::new(),
        }
    }

    /// Asks for a request that costs a site's budget.
    fn ask(&mut self, site: &str, fetch: Fetch, context: &mut Context<'_>) {
        let before = self.on_their_way.insert(fetch.key.clone(), site.to_owned());
        if before.is_none() {
            self.sites.entry(site.to_owned()).or_default().begin();
        }
        context.fetch(fetch);
    }

    /// A request ended. Returns the site whose budget it cost; `None` where it was asked for before
    /// the partition was made anew.
    fn end_request(&mut self, key: &str) -> Option<String> {
        let site = self.on_their_way.remove(key)?;
        if let Some(queues) = self.sites.get_mut(&site) {
            queues.end();
        }
        Some(site)
    }

    /// What there is to do with the answer to a request, or the result of a computation.
    fn take_done(
        &mut self,
        key: &str,
        done: Done,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        match (key.split_once('/'), done) {
            (Some(("poll", feed)), Done::Fetched(fetched)) => {
                self.poll_answered(feed, fetched, context)
            }
            (Some(("parse", feed)), Done::Computed(parsed)) => {
                self.poll_parsed(feed, parsed, context)
            }
            (Some(("push", feed)), Done::Computed(parsed)) => {
                self.push_parsed(feed, parsed, context)
            }
            (Some(("hub", feed)), Done::Fetched(fetched)) => {
                self.hub_answered(feed, &fetched, context)
            }
            (Some(("page", name)), Done::Fetched(fetched)) => {
                self.page_answered(name, &fetched, context)
            }
            (Some(("visit", memory)), Done::Fetched(fetched)) => {
                self.visit_answered(memory, &fetched, context)
            }
            (Some(("search", feed)), Done::Fetched(fetched)) => {
                self.search_answered(feed, &fetched, context)
            }
            (Some(("robots", origin)), Done::Fetched(fetched)) => {
                self.robots_answered(origin, &fetched, context)
            }
            (_, Done::Panicked(message)) => Err(Poison::new("panic", message)),
            _ => Err(Poison::new("bad_request", format!("an answer to {key}"))),
        }
    }
}

impl Stage for Partition {
    fn restore(&mut self, context: &mut RestoreContext<'_>) -> Result<(), String> {
        self.restore_state(context)
    }

    fn on_record(&mut self, record: &Record, context: &mut Context<'_>) -> Result<(), Poison> {
        let key = record.key.as_deref().unwrap_or_default();
        let key =
            std::str::from_utf8(key).map_err(|_| Poison::new("bad_key", "the key is not UTF-8"))?;
        match record.place.topic {
            Topic::Feeds => self.on_subscription(key, record.value.as_deref(), context),
            Topic::Entries => self.on_entry(key, record.value.as_deref(), context),
            Topic::Pushes => self.on_push(key, record.value.as_deref(), context),
            other => Err(Poison::new("bad_topic", format!("the fetcher does not read {other}"))),
        }
    }

    fn on_timer(&mut self, key: &str, context: &mut Context<'_>) -> Result<(), Poison> {
        match key.split_once('/') {
            None if key == "polls" => {
                self.polls_are_due(context);
                Ok(())
            }
            None if key == PLACES => self.give_places(context),
            Some(("poll", feed)) => self.poll_is_due(feed, context),
            Some(("site", site)) => self.pump(site, context),
            Some(("hub", feed)) => self.hub_is_due(feed, context),
            _ => {
                self.expire(context);
                Ok(())
            }
        }
    }

    fn on_done(&mut self, key: &str, done: Done, context: &mut Context<'_>) -> Result<(), Poison> {
        let site = self.end_request(key);
        if let (Some(site), Done::Fetched(fetched)) = (&site, &done)
            && !key.starts_with("robots/")
        {
            self.pay_for_redirects(site, fetched, context)?;
        }
        self.take_done(key, done, context)?;
        // Others waited for the place before this site did.
        self.give_places(context)?;
        match site {
            Some(site) => self.pump(&site, context),
            None => Ok(()),
        }
    }

    fn on_fault(&mut self, key: &str, poison: &Poison, context: &mut Context<'_>) {
        if let Some(site) = self.end_request(key) {
            context.set_timer(format!("site/{site}"), context.now());
        }
        match key.split_once('/') {
            Some(("poll", feed)) => self.park_poll(feed, poison, context),
            Some(("page", name)) => self.park_page(name, poison, context),
            Some(("visit", memory)) => self.park_visit(memory, context),
            // Fails only where the record of that cannot be written as JSON.
            Some(("robots", origin)) => drop(self.park_robots(origin, poison, context)),
            Some(("search", _)) => {}
            _ => context.set_timer(key, context.now().plus_millis(HOUR_MS)),
        }
    }

    fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    fn gauges(&self) -> Vec<Gauge> {
        let feeds = Fares::ALL.map(|fares| Gauge {
            name: "newswire_feeds",
            labels: vec![("state", fares.as_str())],
            value: self.fares.get(&fares).copied().unwrap_or(0) as f64,
        });
        let leases = Stand::ALL.map(|stand| Gauge {
            name: "newswire_websub_leases",
            labels: vec![("state", stand.as_str())],
            value: self.stands.get(&stand).copied().unwrap_or(0) as f64,
        });
        feeds.into_iter().chain(leases).collect()
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

/// A state record, if there is one.
fn load<T: DeserializeOwned>(
    context: &Context<'_>,
    topic: Topic,
    key: &str,
) -> Result<Option<T>, Poison> {
    let Some(value) = context.get(topic, key) else { return Ok(None) };
    let decoded = serde_json::from_slice(value);
    decoded.map(Some).map_err(|error| bad_state(topic, key, error))
}

fn bad_state(topic: Topic, key: &str, error: impl std::fmt::Display) -> Poison {
    Poison::new("bad_state", format!("{topic}, {key}: {error}"))
}

/// Writes a state record.
fn store<T: Serialize>(
    context: &mut Context<'_>,
    topic: Topic,
    key: &str,
    record: &T,
) -> Result<usize, Poison> {
    let value = serde_json::to_vec(record).map_err(|error| bad_state(topic, key, error))?;
    let bytes = value.len();
    context.put(topic, key, value);
    Ok(bytes)
}

/// Every record begins with its version; a newer one is not guessed at.
fn check_version(topic: Topic, key: &str, value: &[u8]) -> Result<(), String> {
    let expected = format!("{{\"v\":{VERSION},");
    if value.starts_with(expected.as_bytes()) && value.ends_with(b"}") {
        return Ok(());
    }
    let begin = value[..value.len().min(24)].escape_ascii();
    Err(format!("{topic}, key {key}: not a record of version {VERSION}, it begins with `{begin}`"))
}
