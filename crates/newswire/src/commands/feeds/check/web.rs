//! Asks a feed as its first poll would; where there is no feed, looks for some from there.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use events::{Auth, Entry, Subscription, Timestamp, feed_id, is_http_url};
use fetcher::feed::{
    FeedFormat, FeedInput, ParsedFeed, ScheduleHints, feed_links, parse_feed, sitemaps_of_robots,
    well_known_feeds,
};
use fetcher::http::Client;
use fetcher::{Settings, first_request, preview};
use runtime::config::Config;
use serde::Serialize;
use stage::{Answer, Fetch, FetchError, Follow, NoMeter, Purpose};

use crate::failure::Failure;
use crate::stages::{Tuning, fetcher_settings, http_client};

/// Declared feeds of a page that are asked, and other links that look like feeds.
const MOST_DECLARED: usize = 8;
const MOST_LINKED: usize = 4;
/// Sitemaps that are asked.
const MOST_SITEMAPS: usize = 4;
/// Enough, where feeds are looked for in the usual places.
const ENOUGH: usize = 2;
/// A person waits, and the site is asked about twenty times at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Headers of the answer that say something about polling.
const TELLING: [&str; 9] = [
    "content-type",
    "etag",
    "last-modified",
    "cache-control",
    "expires",
    "age",
    "retry-after",
    "link",
    "server",
];

/// What a feed answers now.
#[derive(Debug, Default, Serialize)]
pub(super) struct Asked {
    pub(super) is_feed: bool,
    /// HTTP status, where there was an answer.
    pub(super) status: Option<u16>,
    /// URL that gave it.
    pub(super) url: Option<String>,
    /// Redirects that led there: status and URL.
    pub(super) hops: Vec<(u16, String)>,
    /// `new` for a feed, else the class of the fault.
    pub(super) outcome: String,
    /// When a poll would follow, and why then.
    pub(super) why: String,
    pub(super) interval_s: u64,
    /// Headers that say something about polling.
    pub(super) headers: Vec<(String, String)>,
    pub(super) bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) feed: Option<Described>,
}

impl Asked {
    fn has_entries(&self) -> bool {
        self.feed.as_ref().is_some_and(|feed| feed.format != FeedFormat::SitemapIndex.as_str())
    }
}

/// The document.
#[derive(Debug, Serialize)]
pub(super) struct Described {
    pub(super) format: &'static str,
    pub(super) title: Option<String>,
    pub(super) language: Option<String>,
    pub(super) entries: usize,
    /// Of a sitemap index: the sitemaps that it lists. A poll reads those that are likely to have
    /// news.
    pub(super) sitemaps: usize,
    pub(super) newest_at: Option<Timestamp>,
    pub(super) oldest_at: Option<Timestamp>,
    pub(super) without_title: usize,
    pub(super) without_link: usize,
    pub(super) without_date: usize,
    /// Entries without an id of their own, or with one that others have too.
    pub(super) without_id: usize,
    /// Entries that carry their whole text: their pages need not be asked for.
    pub(super) with_full_text: usize,
    pub(super) hubs: Vec<String>,
    pub(super) self_url: Option<String>,
    /// RSS 2.0 `cloud`: URL and protocol.
    pub(super) cloud: Option<(String, String)>,
    pub(super) ttl_s: Option<u64>,
    pub(super) period_s: Option<u64>,
    pub(super) skip_hours: Vec<u8>,
    pub(super) skip_days: Vec<u8>,
    pub(super) problems: Vec<String>,
}

/// A feed found from somewhere else.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    pub(super) url: String,
    pub(super) title: Option<String>,
    /// `link tag`, `link`, `usual place`, `robots.txt`, `sitemap index`.
    pub(super) by: &'static str,
    pub(super) is_feed: bool,
    pub(super) outcome: String,
    pub(super) why: String,
    pub(super) format: Option<&'static str>,
    pub(super) entries: usize,
    pub(super) newest_at: Option<Timestamp>,
}

/// The web, asked politely.
pub(super) struct Web {
    runtime: tokio::runtime::Runtime,
    client: Client,
    settings: Settings,
    pause: Duration,
}

impl Web {
    pub(super) fn new(config: &Config) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .context("cannot start the tokio runtime")?;
        let client = http_client(config, runtime.handle().clone(), Arc::new(NoMeter))?;
        let settings = fetcher_settings(config, &Tuning::default());
        let pause = settings.site_spacing.min(LONGEST_PAUSE);
        Ok(Self { runtime, client, settings, pause })
    }

    /// Asks the feed, and looks for others where it is none.
    pub(super) fn check(&self, subscription: &Subscription) -> (Option<Asked>, Vec<Found>) {
        let result = self.get(&first_request(subscription, &self.settings));
        let asked = self.judged(subscription, &result);
        let found = match &result {
            Ok(answer) if !asked.has_entries() && (200..=299).contains(&answer.status) => {
                self.look_around(answer)
            }
            _ => Vec::new(),
        };
        (Some(asked), found)
    }

    fn get(&self, fetch: &Fetch) -> Result<Answer, FetchError> {
        self.runtime.block_on(self.client.get(fetch))
    }

    fn judged(&self, subscription: &Subscription, result: &Result<Answer, FetchError>) -> Asked {
        let now = runtime::clock::now();
        let shown = preview(subscription, result, &self.settings, now);
        let mut asked = Asked::default();
        if let Some(status) = shown.status {
            asked.outcome = status.outcome;
            asked.why = status.why;
            asked.interval_s = status.interval.as_secs();
        }
        if let Ok(answer) = result {
            asked.status = Some(answer.status);
            asked.url = Some(answer.url.clone());
            asked.hops = answer.hops.iter().map(|hop| (hop.status, hop.url.clone())).collect();
            asked.bytes = answer.body.len();
            asked.headers = answer
                .headers
                .iter()
                .filter(|(name, _)| TELLING.contains(&name.as_str()))
                .cloned()
                .collect();
        }
        asked.is_feed = shown.feed.is_some();
        asked.feed = shown.feed.map(|feed| self.described(&feed, &shown.entries));
        asked
    }

    fn described(&self, feed: &ParsedFeed, entries: &[Entry]) -> Described {
        let without = |lacks: &dyn Fn(&fetcher::feed::ParsedEntry) -> bool| {
            feed.entries.iter().filter(|entry| lacks(entry)).count()
        };
        let dates =
            || feed.entries.iter().filter_map(|entry| entry.published_at.or(entry.updated_at));
        let ScheduleHints { ttl_s, period_s, skip_hours, skip_days, .. } = feed.schedule.clone();
        Described {
            format: feed.format.as_str(),
            title: feed.title.clone(),
            language: feed.language.clone(),
            entries: feed.entries.len(),
            sitemaps: feed.sitemaps.len(),
            newest_at: dates().max(),
            oldest_at: dates().min(),
            without_title: without(&|entry| entry.title.is_none()),
            without_link: without(&|entry| entry.link.is_none()),
            without_date: without(&|entry| entry.published_at.or(entry.updated_at).is_none()),
            without_id: without(&|entry| entry.guid.is_none() || entry.guid_is_shared),
            with_full_text: entries.iter().filter(|entry| (self.settings.full_text)(entry)).count(),
            hubs: feed.hubs.clone(),
            self_url: feed.self_url.clone(),
            cloud: feed.cloud.clone().map(|cloud| (cloud.url, cloud.protocol)),
            ttl_s,
            period_s,
            skip_hours,
            skip_days,
            problems: feed.problems.clone(),
        }
    }

    /// Looks for feeds from an answer that is none: a sitemap index, a page.
    fn look_around(&self, answer: &Answer) -> Vec<Found> {
        let mut found: Vec<Found> = Vec::new();
        for url in sitemaps_of_index(answer) {
            self.try_one(&mut found, url, None, "sitemap index");
        }
        if !found.is_empty() {
            return found;
        }
        let links = feed_links(&answer.body, answer.header("content-type"), &answer.url);
        let (declared, linked): (Vec<_>, Vec<_>) =
            links.into_iter().partition(|link| link.declared);
        for link in declared.into_iter().take(MOST_DECLARED) {
            self.try_one(&mut found, link.url, link.title, "link tag");
        }
        if !found.iter().any(|found| found.is_feed) {
            for link in linked.into_iter().take(MOST_LINKED) {
                self.try_one(&mut found, link.url, link.title, "link");
            }
        }
        if !found.iter().any(|found| found.is_feed) {
            for url in well_known_feeds(&answer.url) {
                if found.iter().filter(|found| found.is_feed).count() >= ENOUGH {
                    break;
                }
                self.try_one(&mut found, url, None, "usual place");
            }
            // Where feeds might have been is of no interest once all have been looked at.
            found.retain(|found| found.is_feed || found.by != "usual place");
        }
        for url in self.sitemaps_of_site(&answer.url) {
            self.try_one(&mut found, url, None, "robots.txt");
        }
        found
    }

    fn try_one(
        &self,
        found: &mut Vec<Found>,
        url: String,
        title: Option<String>,
        by: &'static str,
    ) {
        if found.iter().any(|known| known.url == url) || !is_http_url(&url) {
            return;
        }
        std::thread::sleep(self.pause);
        let subscription =
            Subscription { id: feed_id(&url), url: url.clone(), ..Subscription::default() };
        let result = self.get(&first_request(&subscription, &self.settings));
        // Half of the usual places lead to the same feed.
        if let Ok(answer) = &result
            && answer.url != url
            && found.iter().any(|known| known.url == answer.url)
        {
            return;
        }
        let asked = self.judged(&subscription, &result);
        let inner = match &result {
            Ok(answer) if by == "robots.txt" => sitemaps_of_index(answer),
            _ => Vec::new(),
        };
        let (format, entries, newest_at, own_title) = asked
            .feed
            .map_or((None, 0, None, None), |f| (Some(f.format), f.entries, f.newest_at, f.title));
        found.push(Found {
            url,
            title: own_title.or(title),
            by,
            is_feed: asked.is_feed,
            outcome: asked.outcome,
            why: asked.why,
            format,
            entries,
            newest_at,
        });
        for url in inner {
            self.try_one(found, url, None, "sitemap index");
        }
    }

    fn sitemaps_of_site(&self, page: &str) -> Vec<String> {
        let Some(url) = well_known_robots(page) else { return Vec::new() };
        std::thread::sleep(self.pause);
        let fetch = Fetch {
            key: "robots".to_owned(),
            url: url.clone(),
            purpose: Purpose::Robots,
            headers: Vec::new(),
            validators_of: None,
            auth: Auth::default(),
            follow: Follow::All,
            max_body: 500 * 1024,
            form: Vec::new(),
        };
        let mut sitemaps = match self.get(&fetch) {
            Ok(answer) if answer.status == 200 => sitemaps_of_robots(&answer.body, &url),
            _ => Vec::new(),
        };
        // Only such as are made for news: the others list everything a site ever had.
        sitemaps.retain(|url| url.to_ascii_lowercase().contains("news"));
        sitemaps.truncate(MOST_SITEMAPS);
        sitemaps
    }
}

fn well_known_robots(page: &str) -> Option<String> {
    // Scheme, host and port: the first three pieces.
    let mut pieces = page.splitn(4, '/');
    let (scheme, _, host) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let host = host.split(['?', '#']).next()?;
    Some(format!("{scheme}//{host}/robots.txt"))
}

/// The sitemaps that look like news, of a sitemap index; else the first ones.
fn sitemaps_of_index(answer: &Answer) -> Vec<String> {
    let input = FeedInput {
        body: &answer.body,
        url: Some(&answer.url),
        content_type: answer.header("content-type"),
    };
    match parse_feed(&input) {
        Ok(feed) if feed.format == FeedFormat::SitemapIndex => {
            let mut sitemaps = feed.sitemaps;
            sitemaps.sort_by_key(|url| !url.to_ascii_lowercase().contains("news"));
            sitemaps.truncate(MOST_SITEMAPS);
            sitemaps
        }
        _ => Vec::new(),
    }
}
