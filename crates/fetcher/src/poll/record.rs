//! What is remembered of a feed, and what commands are told of it.

use events::{Subscription, Timestamp};
use serde::{Deserialize, Serialize, Serializer};
use stage::{Fetch, Follow, Purpose};

use super::schedule::{Bounds, Floor};
use crate::settings::{Settings, millis};

/// Version of the state records written by this release.
pub(crate) const VERSION: u32 = 1;
/// Interval before anything is known of a feed.
const FIRST_INTERVAL_MS: i64 = 30 * 60 * 1000;

/// Where permanent redirects have been leading, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Redirect {
    pub(crate) to: String,
    pub(crate) since: Timestamp,
    pub(crate) polls: u32,
}

/// The state of a feed, under `feed/<id>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct FeedRecord {
    pub(crate) v: u32,
    pub(crate) subscription: Subscription,
    /// Where it is polled since it moved for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) poll_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) redirect: Option<Redirect>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    /// Byte for byte as sent (RFC 9110 13; never parsed, never invented).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_modified: Option<String>,
    /// URL whose answer the validators came with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) validators_url: Option<String>,
    /// Site that the redirects of the last poll led to, where it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) redirects_to_site: Option<String>,
    /// Hash of the last body that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body_hash: Option<String>,
    pub(crate) next_at: Timestamp,
    pub(crate) interval_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) polled_at: Option<Timestamp>,
    /// When a document was last read, or known not to have changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) good_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_status: Option<u16>,
    /// Of the last poll: `new`, `not_modified`, `unchanged`, or the class of the fault.
    pub(crate) outcome: String,
    /// Why it is polled next when it is.
    pub(crate) why: String,
    /// Failures in a row.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) failures: u32,
    /// The same weighted, in halves.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) failure_weight: u32,
    /// It answered 410.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) gone: bool,
    pub(crate) polls: u64,
    /// Entries and revisions emitted.
    pub(crate) emitted: u64,
    /// Times that no entry was known: some were missed.
    pub(crate) overflows: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) new_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gap_ms: Option<i64>,
    /// What the document asks for by `ttl` or `sy:`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) floor: Option<FloorRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) skip_hours: Vec<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) skip_days: Vec<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) problems: Vec<String>,
}

/// A floor as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FloorRecord {
    pub(crate) s: u64,
    pub(crate) by: String,
}

impl From<&FloorRecord> for Floor {
    fn from(record: &FloorRecord) -> Self {
        Self { seconds: record.s, source: record.by.clone() }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl FeedRecord {
    /// A feed that was just subscribed, to be polled at `next_at`.
    pub(crate) fn new(subscription: Subscription, next_at: Timestamp, bounds: Bounds) -> Self {
        Self {
            v: VERSION,
            subscription,
            next_at,
            interval_ms: FIRST_INTERVAL_MS.clamp(bounds.min_ms, bounds.max_ms),
            outcome: "never polled".to_owned(),
            why: "a new feed is polled at once".to_owned(),
            ..Self::default()
        }
    }

    /// The key of its state record.
    pub(crate) fn key(id: &str) -> String {
        format!("feed/{id}")
    }

    /// Where it is polled.
    pub(crate) fn url(&self) -> &str {
        self.poll_url.as_deref().unwrap_or(&self.subscription.url)
    }

    /// The bounds of its interval.
    pub(crate) fn bounds(&self, settings: &Settings) -> Bounds {
        let own = self.subscription.min_interval_s.map(std::time::Duration::from_secs);
        let min = own.unwrap_or(settings.min_interval);
        Bounds::new(min, settings.max_interval.max(min))
    }

    /// The request of the next poll: conditional wherever the server gave something to ask by.
    pub(crate) fn request(&self, settings: &Settings) -> Fetch {
        let mut headers = vec![(
            "accept".to_owned(),
            "application/atom+xml, application/rss+xml, application/feed+json, \
             application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
                .to_owned(),
        )];
        for (name, value) in &self.subscription.headers {
            headers.push((name.to_ascii_lowercase(), value.clone()));
        }
        for (name, value) in
            [("if-none-match", &self.etag), ("if-modified-since", &self.last_modified)]
        {
            if let Some(value) = value {
                headers.push((name.to_owned(), value.clone()));
            }
        }
        Fetch {
            key: format!("poll/{}", self.subscription.id),
            url: self.url().to_owned(),
            purpose: Purpose::Feed,
            headers,
            auth: self.subscription.auth.clone(),
            follow: Follow::All,
            max_body: settings.max_feed,
            form: Vec::new(),
        }
    }

    /// Whether the next poll can be answered "not modified".
    pub(crate) fn is_conditional(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }

    /// The other site that a poll is likely to end at.
    pub(crate) fn other_site(&self, site: &str) -> Option<String> {
        self.redirects_to_site.clone().filter(|other| other != site)
    }

    /// Forgets what belongs to another URL or another way of asking.
    pub(crate) fn forget_validators(&mut self) {
        self.etag = None;
        self.last_modified = None;
        self.validators_url = None;
        self.body_hash = None;
        self.redirects_to_site = None;
    }
}

fn seconds<S: Serializer>(span: &std::time::Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(span.as_secs())
}

/// What commands are told of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeedStatus {
    /// Feed id.
    pub id: String,
    /// URL it was subscribed with.
    pub url: String,
    /// URL it is polled at, where it moved for good.
    pub moved_to: Option<String>,
    /// The subscription as it is known to the fetcher.
    pub subscription: Subscription,
    /// Title, from the operator or from the feed.
    pub title: Option<String>,
    /// Next poll; `None` for a paused feed.
    pub next_at: Option<Timestamp>,
    /// Time between polls; in JSON seconds, as `interval_s`.
    #[serde(rename = "interval_s", serialize_with = "seconds")]
    pub interval: std::time::Duration,
    /// Why it is polled next when it is.
    pub why: String,
    /// Last poll.
    pub polled_at: Option<Timestamp>,
    /// Last poll that worked.
    pub good_at: Option<Timestamp>,
    /// HTTP status of the last poll.
    pub last_status: Option<u16>,
    /// Outcome of the last poll: `new`, `not_modified`, `unchanged`, or the class of the fault.
    pub outcome: String,
    /// Failed polls in a row.
    pub failures: u32,
    /// It answered 410.
    pub gone: bool,
    /// Polls so far.
    pub polls: u64,
    /// Entries and revisions emitted so far.
    pub entries: u64,
    /// Times that entries were missed because too many were new.
    pub overflows: u32,
    /// Last new entry.
    pub new_at: Option<Timestamp>,
    /// What was repaired or dropped in the last document.
    pub problems: Vec<String>,
}

/// Reads a record of the topic `feed-state`; `None` where it is not a feed's.
pub fn read_feed_state(key: &str, value: &[u8]) -> Option<FeedStatus> {
    let id = key.strip_prefix("feed/")?;
    let record: FeedRecord = serde_json::from_slice(value).ok()?;
    let paused = record.subscription.paused;
    Some(FeedStatus {
        id: id.to_owned(),
        url: record.subscription.url.clone(),
        moved_to: record.poll_url,
        title: record.subscription.title.clone().or(record.title),
        subscription: record.subscription,
        next_at: (!paused).then_some(record.next_at),
        interval: std::time::Duration::from_millis(record.interval_ms.max(0).cast_unsigned()),
        why: record.why,
        polled_at: record.polled_at,
        good_at: record.good_at,
        last_status: record.last_status,
        outcome: record.outcome,
        failures: record.failures,
        gone: record.gone,
        polls: record.polls,
        entries: record.emitted,
        overflows: record.overflows,
        new_at: record.new_at,
        problems: record.problems,
    })
}

/// The back-fill window in milliseconds.
pub(crate) fn backfill_ms(settings: &Settings) -> i64 {
    millis(settings.backfill)
}
