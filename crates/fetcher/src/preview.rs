//! What a poll would make of an answer, without a feed being subscribed: for `feeds check`.

use events::{Entry, Subscription, Timestamp};
use stage::{Answer, Fetch, FetchError};

use crate::feed::ParsedFeed;
use crate::poll::seen::SeenEntries;
use crate::poll::{Bounds, FeedRecord, FeedStatus, Verdict, judge, read, read_feed_state};
use crate::settings::Settings;

/// What the first poll of a feed comes to.
#[derive(Debug)]
pub struct Preview {
    /// The feed as its status would be after the poll: outcome, interval and why.
    pub status: Option<FeedStatus>,
    /// The document, where it is a feed.
    pub feed: Option<ParsedFeed>,
    /// The entries that would be emitted.
    pub entries: Vec<Entry>,
}

/// The request that the first poll of a subscription makes.
pub fn first_request(subscription: &Subscription, settings: &Settings) -> Fetch {
    record_of(subscription, settings, Timestamp::from_millis(0)).request(settings)
}

/// Judges the answer to [`first_request`] as the poll stage would.
pub fn preview(
    subscription: &Subscription,
    result: &Result<Answer, FetchError>,
    settings: &Settings,
    now: Timestamp,
) -> Preview {
    let mut record = record_of(subscription, settings, now);
    let verdict = judge(false, None, result, now);
    let status = result.as_ref().ok().map(|answer| answer.status);
    let mut preview = None;
    match (verdict, result) {
        (Verdict::Read, Ok(answer)) => match read(answer) {
            Ok(feed) => {
                let mut seen = SeenEntries::default();
                let news = record.news(answer, feed.clone(), &mut seen, settings, now);
                preview = Some((feed, news.entries));
            }
            Err(failure) => record.failed(&failure, status, false, settings, now),
        },
        (Verdict::Failed(failure), _) => record.failed(&failure, status, false, settings, now),
        (Verdict::Gone, _) => record.is_gone(now),
        // An answer to a request without validators is neither.
        (Verdict::NotModified | Verdict::Unchanged | Verdict::Read, _) => {}
    }
    let (feed, entries) = preview.unzip();
    // By the record that the stage would write, as `status` would read it.
    let written = serde_json::to_vec(&record).unwrap_or_default();
    Preview {
        status: read_feed_state(&FeedRecord::key(&subscription.id), &written),
        feed,
        entries: entries.unwrap_or_default(),
    }
}

fn record_of(subscription: &Subscription, settings: &Settings, now: Timestamp) -> FeedRecord {
    let bounds = Bounds::new(settings.min_interval, settings.max_interval);
    FeedRecord::new(subscription.clone(), now, bounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_764_680_700);

    fn previewed(answer: Answer) -> Preview {
        let subscription =
            Subscription { url: "https://example.org/f".to_owned(), ..Subscription::default() };
        preview(&subscription, &Ok(answer), &Settings::default(), NOW)
    }

    #[test]
    fn a_feed_is_shown_with_its_entries_and_its_schedule() {
        let body = b"<rss><channel><title>T</title><ttl>90</ttl>\
            <item><title>A</title><guid>1</guid></item></channel></rss>";
        let answer = Answer { status: 200, body: body.to_vec(), ..Answer::default() };
        let shown = previewed(answer);
        assert_eq!(shown.entries.len(), 1);
        assert_eq!(shown.feed.unwrap().title.as_deref(), Some("T"));
        let status = shown.status.unwrap();
        assert!(status.interval.as_secs() >= 90 * 60, "{status:?}");
        assert_eq!(status.failures, 0);
    }

    #[test]
    fn the_next_poll_is_explained_by_what_the_feed_and_its_server_said() {
        let item = |number: i64| {
            let at = NOW.plus_millis(-number * 3_600_000);
            format!("<item><guid>{number}</guid><pubDate>{at}</pubDate></item>")
        };
        let items: String = (0..3).map(item).collect();
        let answer = Answer {
            status: 200,
            headers: vec![("cache-control".to_owned(), "max-age=1800".to_owned())],
            body: format!("<rss><channel>{items}</channel></rss>").into_bytes(),
            ..Answer::default()
        };
        let status = previewed(answer).status.unwrap();
        // 2025-12-02T13:05:00Z, half an hour on and a little more.
        let (when, why) = status.next.split_once(": ").unwrap();
        assert!(("next poll 13:35"..="next poll 13:38").contains(&when), "{when}");
        assert!(why.starts_with("3 of 3 new, about one item in 60 min"), "{why}");
        assert!(why.ends_with("floor 30 min by max-age"), "{why}");
    }

    #[test]
    fn what_is_no_feed_is_shown_with_its_class() {
        let page = Answer { status: 200, body: b"<html><p>x".to_vec(), ..Answer::default() };
        assert_eq!(previewed(page).status.unwrap().outcome, "not_a_feed");
        let down = Answer { status: 503, ..Answer::default() };
        let status = previewed(down).status.unwrap();
        assert!(!status.why.contains("in a row"), "asked once: {}", status.why);
        let gone = Answer { status: 410, ..Answer::default() };
        assert!(previewed(gone).status.unwrap().gone);
    }
}
