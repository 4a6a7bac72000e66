//! What is remembered of a feed. There are a million of them: what is at its default is not
//! written, times are numbers, names are short.

use std::collections::BTreeMap;

use events::{Auth, FeedRef, FullText, Origin, Subscription, Timestamp};
use serde::{Deserialize, Serialize};
use stage::{Fetch, Follow, Purpose};

use super::children::Child;
use super::schedule::{Bounds, Floor};
use super::validators::{Check, Validators};
use crate::settings::{Settings, millis};

/// Version of the state records written by this release.
pub(crate) const VERSION: u32 = 1;
/// Interval before anything is known of a feed.
const FIRST_INTERVAL_MS: i64 = 30 * 60 * 1000;
/// While a hub delivers what polls would have found, polls are only a back-up: so much rarer
/// (research, rule 37).
const PUSHED_FACTOR: i64 = 12;

/// A moment as the number of milliseconds since 1970.
pub(crate) mod at {
    use events::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
    pub(crate) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(at.as_millis())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(from).map(Timestamp::from_millis)
    }
}

/// The same for a moment that need not be known.
pub(crate) mod maybe_at {
    use events::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => to.serialize_some(&at.as_millis()),
            None => to.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(from)?.map(Timestamp::from_millis))
    }
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Where permanent redirects, or the site of a feed that is gone, have been leading, and for how
/// long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Redirect {
    pub(crate) to: String,
    #[serde(with = "at")]
    pub(crate) since: Timestamp,
    pub(crate) polls: u32,
}

/// How a subscription is written: without its id, which is in the key, and with short names.
#[derive(Serialize, Deserialize)]
#[serde(default = "Subscription::default", remote = "Subscription")]
struct Subscribed {
    #[serde(skip)]
    id: String,
    #[serde(rename = "u")]
    url: String,
    #[serde(rename = "t", skip_serializing_if = "is_default")]
    title: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    origin: Origin,
    #[serde(rename = "min", skip_serializing_if = "is_default")]
    min_interval_s: Option<u64>,
    #[serde(rename = "text", skip_serializing_if = "is_default")]
    full_text: FullText,
    #[serde(skip_serializing_if = "is_default")]
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "is_default")]
    auth: Auth,
    #[serde(skip_serializing_if = "is_default")]
    paused: bool,
    #[serde(rename = "stays", skip_serializing_if = "is_default")]
    no_revisits: bool,
    #[serde(rename = "at", with = "at")]
    added_at: Timestamp,
    #[serde(skip)]
    moved_to: Option<String>,
    #[serde(rename = "from", skip_serializing_if = "is_default")]
    moved_from: Option<String>,
    #[serde(skip)]
    cursor: Option<serde_json::Value>,
}

/// What a hub's deliveries are worth, by experience.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pushed {
    /// Until when the lease runs.
    #[serde(with = "at")]
    pub(crate) until: Timestamp,
    /// New entries that a delivery brought.
    pub(crate) brought: u32,
    /// New entries that a poll found while the lease ran.
    pub(crate) missed: u32,
}

impl Pushed {
    /// Whether polls may be a back-up only.
    pub(crate) fn is_reliable(self, now: Timestamp) -> bool {
        self.until > now && self.brought >= 3 && self.missed * 4 <= self.brought
    }

    /// Old experience counts half.
    pub(crate) fn note(&mut self, brought: usize, missed: usize) {
        let add = |to: &mut u32, count: usize| {
            *to = to.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        };
        add(&mut self.brought, brought);
        add(&mut self.missed, missed);
        if self.brought > 64 || self.missed > 64 {
            (self.brought, self.missed) = (self.brought / 2, self.missed / 2);
        }
    }
}

/// The state of a feed, under `feed/<id>`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct FeedRecord {
    pub(crate) v: u32,
    #[serde(rename = "s", with = "Subscribed")]
    pub(crate) subscription: Subscription,
    /// It moved for good: it is another feed's now. Nothing else of this record counts then.
    #[serde(rename = "to", skip_serializing_if = "is_default")]
    pub(crate) moved_to: Option<String>,
    #[serde(rename = "rd", skip_serializing_if = "is_default")]
    pub(crate) redirect: Option<Redirect>,
    #[serde(rename = "t", skip_serializing_if = "is_default")]
    pub(crate) title: Option<String>,
    #[serde(rename = "l", skip_serializing_if = "is_default")]
    pub(crate) language: Option<String>,
    #[serde(rename = "val", skip_serializing_if = "is_default")]
    pub(crate) validators: Validators,
    #[serde(rename = "chk", skip_serializing_if = "is_default")]
    pub(crate) check: Check,
    /// Site that the redirects of the last poll led to, where it is another one.
    #[serde(rename = "os", skip_serializing_if = "is_default")]
    pub(crate) redirects_to_site: Option<String>,
    #[serde(rename = "n", with = "at")]
    pub(crate) next_at: Timestamp,
    #[serde(rename = "i")]
    pub(crate) interval_ms: i64,
    #[serde(rename = "p", with = "maybe_at", skip_serializing_if = "is_default")]
    pub(crate) polled_at: Option<Timestamp>,
    /// When a document was last read, or known not to have changed.
    #[serde(rename = "g", with = "maybe_at", skip_serializing_if = "is_default")]
    pub(crate) good_at: Option<Timestamp>,
    #[serde(rename = "st", skip_serializing_if = "is_default")]
    pub(crate) last_status: Option<u16>,
    /// Of the last poll: `new`, `not_modified`, `unchanged`, or the class of the fault.
    #[serde(rename = "o")]
    pub(crate) outcome: String,
    /// Why it is polled next when it is.
    #[serde(rename = "w")]
    pub(crate) why: String,
    /// Failures in a row.
    #[serde(rename = "f", skip_serializing_if = "is_default")]
    pub(crate) failures: u32,
    /// The same weighted, in halves.
    #[serde(rename = "fw", skip_serializing_if = "is_default")]
    pub(crate) failure_weight: u32,
    /// It answered 410.
    #[serde(skip_serializing_if = "is_default")]
    pub(crate) gone: bool,
    #[serde(rename = "c")]
    pub(crate) polls: u64,
    /// Entries and revisions emitted.
    #[serde(rename = "e", skip_serializing_if = "is_default")]
    pub(crate) emitted: u64,
    /// Times that no entry was known: some were missed.
    #[serde(rename = "ov", skip_serializing_if = "is_default")]
    pub(crate) overflows: u32,
    #[serde(rename = "na", with = "maybe_at", skip_serializing_if = "is_default")]
    pub(crate) new_at: Option<Timestamp>,
    #[serde(rename = "gap", skip_serializing_if = "is_default")]
    pub(crate) gap_ms: Option<i64>,
    /// Hours of the week in which items come; see `habit`.
    #[serde(rename = "hb", skip_serializing_if = "is_default")]
    pub(crate) habit: String,
    /// What the document asks for by `ttl` or `sy:`.
    #[serde(rename = "fl", skip_serializing_if = "is_default")]
    pub(crate) floor: Option<FloorRecord>,
    /// What the headers of the last answer that had any asked for.
    #[serde(rename = "fr", skip_serializing_if = "is_default")]
    pub(crate) fresh: Option<FloorRecord>,
    #[serde(rename = "sh", skip_serializing_if = "is_default")]
    pub(crate) skip_hours: Vec<u8>,
    #[serde(rename = "sd", skip_serializing_if = "is_default")]
    pub(crate) skip_days: Vec<u8>,
    #[serde(rename = "pr", skip_serializing_if = "is_default")]
    pub(crate) problems: Vec<String>,
    /// When its document last held less than half of what it had held before.
    #[serde(rename = "cut", with = "maybe_at", skip_serializing_if = "is_default")]
    pub(crate) cut_at: Option<Timestamp>,
    /// New entries that were judged, and those of them that carry their whole text.
    #[serde(rename = "ft", skip_serializing_if = "is_default")]
    pub(crate) full_texts: (u32, u32),
    #[serde(rename = "ps", skip_serializing_if = "is_default")]
    pub(crate) pushed: Option<Pushed>,
    /// The sitemaps of a sitemap index that are read with it.
    #[serde(rename = "ch", skip_serializing_if = "is_default")]
    pub(crate) children: Vec<Child>,
    /// The child whose turn it is; `None`: the document itself.
    #[serde(rename = "ct", skip_serializing_if = "is_default")]
    pub(crate) child: Option<usize>,
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

    /// What is left of a feed that moved, so that an upsert of its old address changes nothing.
    pub(crate) fn moved(subscription: Subscription, to: String, now: Timestamp) -> Self {
        Self {
            v: VERSION,
            why: format!("moved for good to {to}"),
            moved_to: Some(to),
            subscription,
            next_at: now,
            outcome: "moved".to_owned(),
            ..Self::default()
        }
    }

    /// The key of its state record.
    pub(crate) fn key(id: &str) -> String {
        format!("feed/{id}")
    }

    /// Reads its state record.
    pub(crate) fn decode(id: &str, value: &[u8]) -> Result<Self, serde_json::Error> {
        let mut record: Self = serde_json::from_slice(value)?;
        id.clone_into(&mut record.subscription.id);
        Ok(record)
    }

    /// Where the next request goes: to the document itself or to one of its children.
    pub(crate) fn url(&self) -> &str {
        let child = self.child.and_then(|child| self.children.get(child));
        child.map_or(&self.subscription.url, |child| &child.url)
    }

    /// Whether it is to be polled at all.
    pub(crate) fn is_polled(&self) -> bool {
        !self.subscription.paused && self.moved_to.is_none()
    }

    /// The bounds of its interval.
    pub(crate) fn bounds(&self, settings: &Settings) -> Bounds {
        let own = self.subscription.min_interval_s.map(std::time::Duration::from_secs);
        let min = own.unwrap_or(settings.min_interval);
        Bounds::new(min, settings.max_interval.max(min))
    }

    /// How much rarer polls are while a hub delivers.
    pub(crate) fn push_factor(&self, now: Timestamp) -> i64 {
        let reliable = self.pushed.is_some_and(|pushed| pushed.is_reliable(now));
        if reliable { PUSHED_FACTOR } else { 1 }
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
        let child = self.child.and_then(|child| self.children.get(child));
        let (validators, check) = match child {
            Some(child) => (&child.validators, Check::default()),
            None => (&self.validators, self.check),
        };
        headers.extend(validators.conditions(check));
        let validators_of = validators.url.clone().unwrap_or_else(|| self.url().to_owned());
        Fetch {
            key: format!("poll/{}", self.subscription.id),
            url: self.url().to_owned(),
            purpose: Purpose::Feed,
            headers,
            validators_of: Some(validators_of),
            auth: self.subscription.auth.clone(),
            follow: Follow::All,
            max_body: settings.max_feed,
            form: Vec::new(),
        }
    }

    /// The other site that a poll is likely to end at.
    pub(crate) fn other_site(&self, site: &str) -> Option<String> {
        self.redirects_to_site.clone().filter(|other| other != site)
    }

    /// Forgets what belongs to another URL or another way of asking.
    pub(crate) fn forget_validators(&mut self) {
        self.validators = Validators::default();
        self.check = Check::default();
        self.redirects_to_site = None;
        self.child = None;
        self.children.clear();
    }

    /// The feed as its entries know it.
    pub(crate) fn feed_ref(&self) -> FeedRef {
        FeedRef {
            id: self.subscription.id.clone(),
            url: self.subscription.url.clone(),
            title: self.subscription.title.clone().or_else(|| self.title.clone()),
            tags: self.subscription.tags.clone(),
            language: self.language.clone(),
            full_text: self.full_text(),
            no_revisits: self.subscription.no_revisits,
        }
    }

    /// What is known, by evidence, of whether its entries carry their whole text: where most did
    /// not, one that looks as if it did is a long teaser.
    fn full_text(&self) -> FullText {
        const ENOUGH: u32 = 5;
        let (judged, full) = self.full_texts;
        match self.subscription.full_text {
            FullText::Auto if judged >= ENOUGH && full * 5 < judged * 4 => FullText::Page,
            decided => decided,
        }
    }

    /// Takes in whether new entries carry their whole text; old evidence counts half.
    pub(crate) fn note_full_texts(&mut self, judged: usize, full: usize) {
        let (old_judged, old_full) = self.full_texts;
        let add = |old: u32, new: usize| old.saturating_add(u32::try_from(new).unwrap_or(0));
        self.full_texts = (add(old_judged, judged), add(old_full, full));
        if self.full_texts.0 > 60 {
            self.full_texts = (self.full_texts.0 / 2, self.full_texts.1 / 2);
        }
    }
}

/// The back-fill window in milliseconds.
pub(crate) fn backfill_ms(settings: &Settings) -> i64 {
    millis(settings.backfill)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_small_and_says_what_it_said() {
        let subscription = Subscription {
            id: "abcdefghijklmnopqrstuvwxyz".to_owned(),
            url: "https://www.example.org/news/feed.xml".to_owned(),
            added_at: Timestamp::from_secs(1_764_000_000),
            ..Subscription::default()
        };
        let now = Timestamp::from_secs(1_764_000_000);
        let bounds = Bounds { min_ms: 1, max_ms: i64::MAX };
        let record = FeedRecord::new(subscription, now, bounds);
        let value = serde_json::to_vec(&record).unwrap();
        assert!(value.starts_with(b"{\"v\":1,"));
        assert!(value.len() < 250, "{}", String::from_utf8_lossy(&value));
        let read = FeedRecord::decode("abcdefghijklmnopqrstuvwxyz", &value).unwrap();
        assert_eq!(read, record);
    }

    #[test]
    fn records_that_were_written_before_documents_were_found_cut_are_read() {
        let value = br#"{"v":1,"s":{"u":"https://a.org/i.xml","at":1764000000000},"n":1764000100000,"i":1800000,"g":1764000000000,"o":"new","w":"1 of 2 new","c":3,"e":2,"ch":[{"u":"https://a.org/news.xml","r":true}]}"#;
        let record = FeedRecord::decode("a", value).unwrap();
        assert_eq!((record.cut_at, record.children.len(), record.polls), (None, 1, 3));
        assert_eq!(serde_json::to_vec(&record).unwrap(), value);
    }

    #[test]
    fn one_long_teaser_does_not_make_a_feed_of_full_texts() {
        let mut record = FeedRecord::default();
        assert_eq!(record.feed_ref().full_text, FullText::Auto);
        record.note_full_texts(4, 1);
        assert_eq!(record.feed_ref().full_text, FullText::Auto);
        record.note_full_texts(4, 1);
        assert_eq!(record.feed_ref().full_text, FullText::Page);
        record.note_full_texts(40, 40);
        assert_eq!(record.feed_ref().full_text, FullText::Auto);
        record.subscription.full_text = FullText::Feed;
        assert_eq!(record.feed_ref().full_text, FullText::Feed);
    }

    #[test]
    fn polls_are_a_back_up_only_while_deliveries_bring_what_is_new() {
        let now = Timestamp::from_secs(1_764_000_000);
        let mut pushed = Pushed { until: now.plus_millis(1), brought: 2, missed: 0 };
        assert!(!pushed.is_reliable(now));
        pushed.note(2, 1);
        assert!(pushed.is_reliable(now) && !pushed.is_reliable(now.plus_millis(1)));
        pushed.note(0, 1);
        assert!(!pushed.is_reliable(now));
    }
}
