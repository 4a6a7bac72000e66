//! What commands are told of a feed.

use events::{Subscription, Timestamp};
use serde::{Serialize, Serializer};

use super::record::FeedRecord;

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
    /// URL it moved to for good; it is another feed's then.
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
    /// Until when a WebSub hub has promised to deliver.
    pub pushed_until: Option<Timestamp>,
    /// The next poll and why it is then, in words: `next poll 14:05: 3 of 10 new, floor 30 min by
    /// max-age` (UTC; with its day where that is not the last poll's).
    pub next: String,
}

/// Reads a record of the topic `feed-state`; `None` where it is not a feed's.
pub fn read_feed_state(key: &str, value: &[u8]) -> Option<FeedStatus> {
    let id = key.strip_prefix("feed/")?;
    let record = FeedRecord::decode(id, value).ok()?;
    let is_polled = record.is_polled();
    let next = next_words(&record);
    Some(FeedStatus {
        id: id.to_owned(),
        url: record.subscription.url.clone(),
        moved_to: record.moved_to,
        title: record.subscription.title.clone().or(record.title),
        subscription: record.subscription,
        next_at: is_polled.then_some(record.next_at),
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
        pushed_until: record.pushed.map(|pushed| pushed.until),
        next,
    })
}

fn next_words(record: &FeedRecord) -> String {
    if record.subscription.paused {
        return "paused".to_owned();
    }
    if record.moved_to.is_some() {
        return record.why.clone();
    }
    let (day, time) = split(record.next_at);
    let same_day = record.polled_at.is_some_and(|at| split(at).0 == day);
    let when = if same_day { time } else { format!("{day} {time}") };
    format!("next poll {when}: {}", record.why)
}

/// Day and minute.
fn split(at: Timestamp) -> (String, String) {
    let text = at.to_string();
    (text[..10].to_owned(), text[11..16].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_poll_is_told_in_words() {
        let mut record = FeedRecord { v: 1, ..FeedRecord::default() };
        record.polled_at = Some(Timestamp::from_secs(1_764_000_000));
        record.next_at = Timestamp::from_secs(1_764_000_300);
        "3 of 10 new".clone_into(&mut record.why);
        let words = |record: &FeedRecord| {
            let value = serde_json::to_vec(record).unwrap();
            read_feed_state("feed/x", &value).unwrap().next
        };
        assert_eq!(words(&record), "next poll 16:05: 3 of 10 new");
        record.next_at = Timestamp::from_secs(1_764_090_000);
        assert_eq!(words(&record), "next poll 2025-11-25 17:00: 3 of 10 new");
        record.subscription.paused = true;
        assert_eq!(words(&record), "paused");
    }
}
