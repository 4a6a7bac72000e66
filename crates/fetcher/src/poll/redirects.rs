//! Permanent redirects: when a feed is believed to have moved.

use events::Timestamp;
use stage::Answer;

use super::record::{FeedRecord, Redirect};

/// A permanent redirect is believed after so many polls over so long a time (rule 23: publishers
/// also send 301 by mistake, for an afternoon).
const STABLE_POLLS: u32 = 3;
const STABLE_MS: i64 = 48 * 3600 * 1000;

impl FeedRecord {
    /// Takes in where the redirects of a poll that worked led. Returns the new address once
    /// permanent ones have led there for long enough.
    pub(super) fn follow(&mut self, answer: &Answer, now: Timestamp) -> Option<String> {
        let is_permanent = |status| matches!(status, 301 | 308);
        let permanent = !answer.hops.is_empty()
            && answer.hops.iter().all(|hop| is_permanent(hop.status))
            // Never from https to http: what is persisted would stay insecure.
            && (answer.url.starts_with("https:") || !self.url().starts_with("https:"));
        if !permanent {
            self.redirect = None;
            return None;
        }
        match &mut self.redirect {
            Some(redirect) if redirect.to == answer.url => redirect.polls += 1,
            other => *other = Some(Redirect { to: answer.url.clone(), since: now, polls: 1 }),
        }
        let redirect = self.redirect.as_ref()?;
        let stable =
            redirect.polls >= STABLE_POLLS && now.millis_since(redirect.since) >= STABLE_MS;
        stable.then(|| redirect.to.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stage::Hop;

    fn polled(record: &mut FeedRecord, status: u16, to: &str, hours: i64) -> Option<String> {
        let now = Timestamp::from_secs(1_764_000_000 + hours * 3600);
        let hops = vec![Hop { url: record.url().to_owned(), status }];
        record.follow(&Answer { status: 200, url: to.to_owned(), hops, ..Answer::default() }, now)
    }

    #[test]
    fn only_a_stable_permanent_redirect_moves_a_feed() {
        let mut record = FeedRecord::default();
        "https://a.org/f".clone_into(&mut record.subscription.url);
        assert_eq!(polled(&mut record, 301, "https://b.org/f", 0), None);
        assert_eq!(polled(&mut record, 308, "https://b.org/f", 1), None);
        assert_eq!(polled(&mut record, 301, "https://b.org/f", 2), None, "too soon");
        assert_eq!(
            polled(&mut record, 301, "https://b.org/f", 49).as_deref(),
            Some("https://b.org/f")
        );
        assert_eq!(polled(&mut record, 302, "https://b.org/f", 50), None, "not permanent");
        assert_eq!(polled(&mut record, 301, "https://b.org/f", 200), None, "begins again");
        for hours in [0, 40, 80] {
            assert_eq!(polled(&mut record, 301, "http://b.org/f", hours), None, "insecure");
        }
    }
}
