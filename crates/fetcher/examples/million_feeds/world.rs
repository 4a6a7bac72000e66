//! A web of any number of feeds that needs no memory: what a feed holds at a moment is computed
//! from its number. Counts what it is asked, and whether any site is asked too much.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use events::Timestamp;
use stage::{Answer, Fetch, Fetched, Performer, Purpose, Reply};

/// Monday, 2025-11-24T00:00:00Z.
pub const START_MS: i64 = 1_763_942_400_000;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// What the fetcher is told to keep between requests to a site, and how many may follow at once.
pub const SPACING_MS: i64 = 5_000;
pub const BURST: i64 = 2;

/// Feeds by how often an item comes; what share of all they are, in thousandths.
pub const CLASSES: [(&str, u64, i64, i64); 5] = [
    ("20 to 60 min", 10, 20 * MINUTE_MS, HOUR_MS),
    ("1 to 6 h", 50, HOUR_MS, 6 * HOUR_MS),
    ("6 to 24 h", 190, 6 * HOUR_MS, DAY_MS),
    ("1 to 7 d", 400, DAY_MS, 7 * DAY_MS),
    ("30 to 300 d", 350, 30 * DAY_MS, 300 * DAY_MS),
];

/// A feed, computed from its number.
#[derive(Clone, Copy, Debug)]
pub struct Feed {
    pub class: usize,
    gap_ms: i64,
    offset_ms: i64,
    shown: i64,
    conditional: bool,
}

/// Mixes a number: the finaliser of splitmix64.
fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Feed {
    pub fn new(number: u64) -> Self {
        let mut share = mix(number) % 1000;
        let mut class = 0;
        while share >= CLASSES[class].1 {
            share -= CLASSES[class].1;
            class += 1;
        }
        let (_, _, least, most) = CLASSES[class];
        let gap_ms = least + (mix(number ^ 1 << 40) % (most - least) as u64) as i64;
        // Median 15, as of real feeds; some many times that.
        let shown = match mix(number ^ 1 << 41) % 100 {
            0..=49 => 10 + (mix(number ^ 1 << 42) % 6) as i64,
            50..=89 => 15 + (mix(number ^ 1 << 42) % 15) as i64,
            90..=98 => 30 + (mix(number ^ 1 << 42) % 70) as i64,
            _ => 200,
        };
        Self {
            class,
            gap_ms,
            offset_ms: (mix(number ^ 1 << 43) % gap_ms as u64) as i64,
            shown,
            conditional: mix(number ^ 1 << 44) % 10 < 8,
        }
    }

    /// The number of the newest item.
    fn newest(&self, now_ms: i64) -> i64 {
        (now_ms - self.offset_ms).div_euclid(self.gap_ms)
    }

    /// When an item appeared: anywhere in its gap.
    fn appeared(&self, feed: u64, item: i64) -> i64 {
        let within = mix(feed ^ item.cast_unsigned().rotate_left(20)) % self.gap_ms as u64;
        self.offset_ms + (item - 1) * self.gap_ms + within as i64
    }

    fn last_visible(&self, feed: u64, now_ms: i64) -> i64 {
        let newest = self.newest(now_ms) + 1;
        if self.appeared(feed, newest) <= now_ms { newest } else { newest - 1 }
    }
}

/// The site of a feed: a quarter of the feeds live on large sites of 64 feeds, the others by
/// threes.
pub fn site_of_feed(number: u64) -> u64 {
    if number.is_multiple_of(4) { (1 << 32) | (number / 256) } else { number / 3 }
}

/// The address of a feed.
pub fn url_of(number: u64) -> String {
    format!("https://www.site{}.example/{number}/feed.xml", site_of_feed(number))
}

fn number_of(url: &str) -> Option<u64> {
    url.split('/').nth(3)?.parse().ok()
}

/// What was seen of the fetcher.
#[derive(Debug)]
pub struct Web {
    pub clock: Arc<AtomicI64>,
    /// Polls of each feed after the first day's beginning.
    pub polls: Vec<AtomicU32>,
    pub not_modified: AtomicU64,
    pub pages: AtomicU64,
    pub robots: AtomicU64,
    /// Requests that a site's token bucket did not have.
    pub over_budget: AtomicU64,
    /// Requests without a condition where one was to be had.
    pub unconditional: AtomicU64,
    /// Delay until an item was seen, by class, in seconds.
    pub delays: Mutex<Vec<Vec<u32>>>,
    /// When each site's bucket is full again, and what each feed last showed.
    buckets: Mutex<std::collections::HashMap<u64, i64>>,
    shown: Vec<AtomicI64>,
}

impl Web {
    pub fn new(feeds: u64, clock: Arc<AtomicI64>) -> Self {
        let mut polls = Vec::new();
        polls.resize_with(feeds as usize, AtomicU32::default);
        let mut shown = Vec::new();
        shown.resize_with(feeds as usize, || AtomicI64::new(i64::MIN));
        Self {
            clock,
            polls,
            not_modified: AtomicU64::default(),
            pages: AtomicU64::default(),
            robots: AtomicU64::default(),
            over_budget: AtomicU64::default(),
            unconditional: AtomicU64::default(),
            delays: Mutex::new(vec![Vec::new(); CLASSES.len()]),
            buckets: Mutex::default(),
            shown,
        }
    }

    fn spend(&self, site: u64, now: i64) {
        let mut buckets = self.buckets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let full_at = buckets.entry(site).or_insert(now);
        if *full_at - (BURST - 1) * SPACING_MS > now {
            self.over_budget.fetch_add(1, Ordering::Relaxed);
        }
        *full_at = (*full_at).max(now) + SPACING_MS;
    }

    fn answer(&self, fetch: &Fetch, now: i64) -> Answer {
        let Some(number) = number_of(&fetch.url) else {
            self.robots.fetch_add(1, Ordering::Relaxed);
            return Answer { status: 404, ..Answer::default() };
        };
        self.spend(site_of_feed(number), now);
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        if fetch.purpose == Purpose::Page {
            self.pages.fetch_add(1, Ordering::Relaxed);
            if fetch.headers.iter().any(|(name, _)| name == "if-none-match") {
                return Answer { status: 304, ..Answer::default() };
            }
            let headers = vec![header("content-type", "text/html"), header("etag", "\"1\"")];
            let body = b"<html><p>text".to_vec();
            return Answer { status: 200, headers, body, ..Answer::default() };
        }
        let index = number as usize;
        self.polls[index].fetch_add(1, Ordering::Relaxed);
        let feed = Feed::new(number);
        let last = feed.last_visible(number, now);
        let before = self.shown[index].swap(last, Ordering::Relaxed);
        if before != i64::MIN {
            let mut delays = self.delays.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            for item in before + 1..=last {
                let delay = (now - feed.appeared(number, item)) / 1000;
                delays[feed.class].push(u32::try_from(delay).unwrap_or(u32::MAX));
            }
        }
        let etag = format!("\"{last}\"");
        let mut headers = vec![header("content-type", "application/rss+xml")];
        if feed.conditional {
            headers.push(header("etag", &etag));
            let sent = fetch.headers.iter().find(|(name, _)| name == "if-none-match");
            if sent.is_none() && before != i64::MIN {
                self.unconditional.fetch_add(1, Ordering::Relaxed);
            }
            if sent.is_some_and(|(_, sent)| *sent == etag) {
                self.not_modified.fetch_add(1, Ordering::Relaxed);
                return Answer { status: 304, headers, ..Answer::default() };
            }
        }
        let mut body = "<rss version=\"2.0\"><channel><title>News</title>".to_owned();
        for item in (last - feed.shown + 1..=last).rev() {
            let at = Timestamp::from_millis(feed.appeared(number, item));
            let site = site_of_feed(number);
            let _ = write!(
                body,
                "<item><guid>https://www.site{site}.example/{number}/{item}</guid>\
                 <title>Item {item} of {number}</title>\
                 <link>https://www.site{site}.example/{number}/{item}</link>\
                 <pubDate>{at}</pubDate></item>"
            );
        }
        body.push_str("</channel></rss>");
        Answer { status: 200, headers, body: body.into_bytes(), ..Answer::default() }
    }
}

impl Performer for Web {
    fn perform(&self, fetch: Fetch, reply: Reply) {
        let now = self.clock.load(Ordering::Relaxed);
        let mut answer = self.answer(&fetch, now);
        answer.url = fetch.url;
        reply(Fetched { result: Ok(answer), at: Timestamp::from_millis(now) });
    }
}
