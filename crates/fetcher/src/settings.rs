//! What an operator can set about fetching; plain values, so that configuration stays elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use events::Entry;

use crate::websub::Key;

/// Bounds and manners of the fetcher.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Sent with every request; its first word is the product token that robots.txt is read for.
    pub user_agent: String,
    /// Shortest time between two polls of a feed.
    pub min_interval: Duration,
    /// Longest time between two polls of a working feed.
    pub max_interval: Duration,
    /// New feeds of one partition are first polled this far apart, so that an import is no burst.
    pub first_poll_spacing: Duration,
    /// Time between two requests to a site, polls and pages together.
    pub site_spacing: Duration,
    /// Requests to a site that may follow each other at once after a pause.
    pub site_burst: u32,
    /// Largest page in bytes, decoded.
    pub max_body: usize,
    /// Largest feed document in bytes, decoded.
    pub max_feed: usize,
    /// Whether robots.txt is asked before pages are.
    pub robots: bool,
    /// Entries of a new feed that are older than this are marked as back-fill.
    pub backfill: Duration,
    /// Ages at which a page is asked for again, to see whether it changed or is gone; empty: never.
    pub revisit: Vec<Duration>,
    /// Requests of one site on their way at once, polls and pages together.
    pub site_connections: usize,
    /// Pages of one site that may wait; beyond that back-fill goes first, then the newest.
    pub site_waiting: usize,
    /// Addresses of pages that are remembered, in one partition.
    pub remembered_pages: usize,
    /// Bytes of pages that are to be revisited, in one partition.
    pub revisit_bytes: usize,
    /// Where hubs reach us, and by which key call-backs are made; `None`: no WebSub.
    pub websub: Option<WebSub>,
    /// Partitions of the fetcher's inputs; 0 where that is not known: feeds are then not checked to
    /// be in the partition of their site.
    pub partitions: u32,
    /// Waits before a failed page is asked for again; after the last one it is given up.
    pub retries: Vec<Duration>,
    /// Exceptions by site (registrable domain).
    pub sites: BTreeMap<String, SiteSettings>,
    /// Whether an entry carries its whole text, so that the page need not be asked for.
    pub full_text: fn(&Entry) -> bool,
    /// Threads that parse feeds.
    pub compute_threads: usize,
}

/// How WebSub hubs reach this installation.
#[derive(Clone, Debug)]
pub struct WebSub {
    /// Absolute URL below which the call-backs are, without a slash at its end.
    pub public_url: String,
    /// What call-backs and secrets are derived from.
    pub key: Key,
}

/// What is different for one site.
#[derive(Clone, Debug, Default)]
pub struct SiteSettings {
    /// Time between two requests.
    pub spacing: Option<Duration>,
    /// Whether robots.txt is asked.
    pub robots: Option<bool>,
}

impl Default for Settings {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            user_agent: "newswire/0.1".to_owned(),
            min_interval: Duration::from_secs(5 * 60),
            max_interval: Duration::from_secs(24 * 3600),
            first_poll_spacing: Duration::from_millis(100),
            site_spacing: Duration::from_secs(5),
            site_burst: 2,
            max_body: 5 * MIB,
            max_feed: 15 * MIB,
            robots: true,
            backfill: Duration::from_secs(24 * 3600),
            revisit: [3600, 24 * 3600, 7 * 24 * 3600].map(Duration::from_secs).to_vec(),
            site_connections: 2,
            site_waiting: 10_000,
            remembered_pages: 50_000,
            revisit_bytes: 16 * MIB,
            websub: None,
            partitions: 0,
            retries: [60, 600, 3600].map(Duration::from_secs).to_vec(),
            sites: BTreeMap::new(),
            full_text: |_| false,
            compute_threads: 1,
        }
    }
}

impl Settings {
    /// Time between two requests to a site.
    pub(crate) fn spacing(&self, site: &str) -> Duration {
        let own = self.sites.get(site).and_then(|site| site.spacing);
        own.unwrap_or(self.site_spacing)
    }

    /// Whether the robots.txt of a site is asked.
    pub(crate) fn asks_robots(&self, site: &str) -> bool {
        let own = self.sites.get(site).and_then(|site| site.robots);
        own.unwrap_or(self.robots)
    }

    /// The product token: the user agent up to the first character that RFC 9309 2.2.1 does not
    /// allow in one.
    pub(crate) fn product(&self) -> &str {
        let is_token = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_');
        self.user_agent.split(|c| !is_token(c)).next().unwrap_or_default()
    }
}

/// A duration as milliseconds.
pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
