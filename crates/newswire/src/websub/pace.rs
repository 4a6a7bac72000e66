//! How much a call-back may write: a hub is named by the feed, and may be anybody.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// What one call-back may write at once, in units of a second each of which is worth
/// [`BYTES_A_SECOND`]: 200 small deliveries, or six of the largest.
const BURST: Duration = Duration::from_secs(200);
/// Bytes of a delivery that cost as much as the delivery itself.
const BYTES_A_SECOND: usize = 64 * 1024;
/// Feeds above which those that have their whole budget are forgotten.
const MANY: usize = 10_000;

/// The budget of each feed's call-back, as the moment when it is whole again (the "generic cell rate
/// algorithm").
#[derive(Debug, Default)]
pub(super) struct Pace {
    whole_at: Mutex<BTreeMap<String, Instant>>,
}

impl Pace {
    /// Takes what a record of so many bytes costs; false where there is not so much left.
    pub(super) fn take(&self, feed: &str, bytes: usize, now: Instant) -> bool {
        let cost = Duration::from_secs(1 + (bytes / BYTES_A_SECOND) as u64);
        let mut all = self.whole_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if all.len() > MANY {
            all.retain(|_, whole_at| *whole_at > now);
        }
        let whole_at = all.get(feed).copied().unwrap_or(now).max(now) + cost;
        let fits = whole_at <= now + BURST;
        if fits {
            all.insert(feed.to_owned(), whole_at);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_followed_by_one_delivery_a_second() {
        let (pace, start) = (Pace::default(), Instant::now());
        let taken = (0..300).filter(|_| pace.take("a", 100, start)).count();
        assert_eq!(taken, 200);
        assert!(pace.take("b", 100, start), "another feed's is its own");
        let later = start + Duration::from_secs(10);
        assert_eq!((0..300).filter(|_| pace.take("a", 100, later)).count(), 10);
        let large = (0..300).filter(|_| pace.take("c", 2 << 20, start)).count();
        assert_eq!(large, 6);
    }

    #[test]
    fn whoever_has_the_whole_budget_is_forgotten() {
        let (pace, start) = (Pace::default(), Instant::now());
        for number in 0..=MANY {
            pace.take(&number.to_string(), 0, start);
        }
        pace.take("last", 0, start + Duration::from_secs(5));
        assert_eq!(pace.whole_at.lock().unwrap().len(), 1);
    }
}
