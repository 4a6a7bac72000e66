//! Permanent redirects, and what the site of a feed that is gone declares instead: when a feed is
//! believed to have moved.

use events::Timestamp;
use stage::Answer;

use super::record::{FeedRecord, Redirect};

/// A permanent redirect, or a 410, is believed after so many polls over so long a time (rule 23:
/// publishers also send 301 by mistake, for an afternoon).
const STABLE_POLLS: u32 = 3;
const STABLE_MS: i64 = 48 * 3600 * 1000;
/// Until then a feed that is gone is asked again after so long.
pub(super) const GONE_AGAIN_MS: i64 = 24 * 3600 * 1000;

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
        self.led_to(&answer.url, now)
    }

    /// Takes in that a poll led to another address, which is returned once it did for long enough.
    fn led_to(&mut self, to: &str, now: Timestamp) -> Option<String> {
        match &mut self.redirect {
            Some(redirect) if redirect.to == to => redirect.polls += 1,
            other => *other = Some(Redirect { to: to.to_owned(), since: now, polls: 1 }),
        }
        let redirect = self.redirect.as_ref()?;
        let stable =
            redirect.polls >= STABLE_POLLS && now.millis_since(redirect.since) >= STABLE_MS;
        stable.then(|| redirect.to.clone())
    }

    /// Takes in that the site of a feed that is gone declares another one. Returns it once that was
    /// so for long enough; until then the feed is asked again the next day, not the next month.
    pub(crate) fn replaced_by(&mut self, found: &str, now: Timestamp) -> Option<String> {
        let moves_to = self.led_to(found, now);
        if moves_to.is_none() {
            let why = format!("gone (410): its site declares {found}, believed if it stays so");
            self.wait(GONE_AGAIN_MS, why, now);
        }
        moves_to
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
