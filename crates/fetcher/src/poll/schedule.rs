//! When a feed is polled next, and why, in words. Pure: no clock, no randomness.

use std::time::Duration;

use events::{Timestamp, hash_id};

use super::habit::Habit;
use crate::settings::millis;

/// A feed with an item an hour is polled twelve times in that hour, one with an item in three hours
/// or more six times in its mean gap: it shows an item, at the median, after a twelfth of it.
const MOST_POLLS_IN_A_GAP: i64 = 12;
const POLLS_IN_A_GAP: i64 = 6;
/// A quiet feed without validators costs its publisher the whole document each time: it is asked
/// only so often in its gap (research, rule 6).
const WHOLE_POLLS_IN_A_GAP: i64 = 2;
const QUIET_MS: i64 = 6 * HOUR_MS;
const HOUR_MS: i64 = 3600 * 1000;
/// More new items than this share: the feed is being polled too rarely.
const BUSY_SHARE: f64 = 0.67;
/// Jitter: at most a tenth of the interval is added.
const JITTER_PARTS: i64 = 10;
/// A failing feed is asked at least this often; it is never given up.
const LONGEST_BACK_OFF_MS: i64 = 7 * 24 * 3600 * 1000;
/// A feed that said it is gone is asked again after this.
pub(crate) const GONE_PROBE_MS: i64 = 30 * 24 * 3600 * 1000;

/// What is known after a poll that worked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Entries in the document, where it was read; 0 for a document that did not change.
    pub(crate) entries: usize,
    /// Those not seen before.
    pub(crate) new: usize,
    /// Whether it is the first poll, where all are new.
    pub(crate) is_first: bool,
    /// Not one entry was known: some were missed.
    pub(crate) overflow: bool,
    /// Interval before this poll.
    pub(crate) interval_ms: i64,
    /// Mean gap between items.
    pub(crate) gap_ms: Option<i64>,
    /// Time since the last new item.
    pub(crate) quiet_ms: Option<i64>,
    /// The hours in which its items come.
    pub(crate) habit: Option<Habit>,
    /// The next request can be answered "not modified".
    pub(crate) is_conditional: bool,
    /// How much rarer polls are because a hub delivers; 0 and 1: no hub.
    pub(crate) push_factor: i64,
}

/// A lower bound that the publisher asks for, in seconds, and where it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Floor {
    pub(crate) seconds: u64,
    pub(crate) source: String,
}

/// Bounds of the interval.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) min_ms: i64,
    pub(crate) max_ms: i64,
}

impl Bounds {
    pub(crate) fn new(min: Duration, max: Duration) -> Self {
        let min_ms = millis(min).max(1);
        Self { min_ms, max_ms: millis(max).max(min_ms) }
    }
}

/// How often a feed is polled in its mean gap between items.
fn polls_in_a_gap(pace_ms: i64) -> i64 {
    let beyond_an_hour = (pace_ms - HOUR_MS).clamp(0, 2 * HOUR_MS);
    let span = MOST_POLLS_IN_A_GAP - POLLS_IN_A_GAP;
    MOST_POLLS_IN_A_GAP - span * beyond_an_hour / (2 * HOUR_MS)
}

/// The interval after a poll that worked, and why.
pub(crate) fn interval(
    seen: &Seen,
    floor: Option<&Floor>,
    bounds: Bounds,
    now: Timestamp,
) -> (i64, String) {
    let pace = match (seen.gap_ms, seen.quiet_ms) {
        (Some(gap), Some(quiet)) => Some(gap.max(quiet)),
        (gap, quiet) => gap.or(quiet),
    };
    let mut interval = pace.map_or(seen.interval_ms, |pace| pace / polls_in_a_gap(pace));
    let mut why = match seen.entries {
        0 => "nothing new".to_owned(),
        entries => format!("{} of {entries} new", seen.new),
    };
    if let Some(pace) = pace {
        why.push_str(", about one item in ");
        why.push_str(&words(pace));
        let whole = pace / WHOLE_POLLS_IN_A_GAP;
        if !seen.is_conditional && pace > QUIET_MS && interval < whole {
            interval = whole;
            why.push_str(", more rarely for want of validators");
        }
    }
    if let Some(adjusted) = seen.habit.as_ref().and_then(|habit| habit.adjust(now, interval)) {
        if adjusted * 10 < interval * 9 {
            why.push_str(", sooner by habit");
        } else if adjusted * 10 > interval * 11 {
            why.push_str(", later by habit");
        }
        interval = adjusted;
    }
    if seen.push_factor > 1 {
        interval = interval.saturating_mul(seen.push_factor);
        why.push_str(", its hub delivers");
    }
    let share = seen.new as f64 / seen.entries.max(1) as f64;
    if seen.overflow {
        interval = interval.min(seen.interval_ms) / 2;
        why.push_str(", none of them known: items were missed, so twice as often");
    } else if !seen.is_first && seen.entries > 2 && share > BUSY_SHARE {
        interval = interval.min(seen.interval_ms / 10 * 7);
        why.push_str(", most are new: more often");
    }
    if interval < bounds.min_ms {
        why.push_str(", not below ");
        why.push_str(&words(bounds.min_ms));
    } else if interval > bounds.max_ms {
        why.push_str(", not above ");
        why.push_str(&words(bounds.max_ms));
    }
    interval = interval.clamp(bounds.min_ms, bounds.max_ms);
    if let Some(floor) = floor {
        let asked = i64::try_from(floor.seconds).unwrap_or(i64::MAX).saturating_mul(1000);
        // A feed that asks for a year is polled every max_interval all the same.
        let asked = asked.min(bounds.max_ms);
        if asked > interval {
            interval = asked;
            for piece in [", floor ", &words(asked), " by ", &floor.source] {
                why.push_str(piece);
            }
        }
    }
    (interval, why)
}

/// The wait after a failure. `weight` is counted in halves: a soft fault is 1, a hard one 2.
pub(crate) fn back_off(weight: u32, interval_ms: i64, bounds: Bounds) -> i64 {
    let base = interval_ms.clamp(bounds.min_ms, bounds.max_ms);
    let doubled = base.saturating_mul(1_i64 << (weight / 2).min(20));
    // Half a doubling is a factor of the square root of two.
    let wait = if weight % 2 == 1 { doubled.saturating_mul(1414) / 1000 } else { doubled };
    wait.clamp(bounds.min_ms, LONGEST_BACK_OFF_MS)
}

/// `wait` from now and a little more, the same for the same feed and poll on every machine, and
/// never in an hour or on a day that the feed skips.
pub(crate) fn next_at(
    now: Timestamp,
    wait_ms: i64,
    feed: &str,
    polls: u64,
    skip_hours: &[u8],
    skip_days: &[u8],
) -> Timestamp {
    let spread = wait_ms / JITTER_PARTS;
    let seed = hash_id(&format!("{feed} {polls}"));
    let seed = seed.bytes().take(8).fold(0_i64, |seed, byte| seed * 31 + i64::from(byte));
    let jitter = if spread > 0 { seed.rem_euclid(spread) } else { 0 };
    let mut at = now.plus_millis(wait_ms.saturating_add(jitter));
    let is_skipped = |at: Timestamp| {
        use chrono::{Datelike as _, Timelike as _};
        let time = at.to_chrono();
        skip_hours.iter().any(|hour| u32::from(*hour) == time.hour())
            || skip_days.iter().any(|day| u32::from(*day) == time.weekday().num_days_from_monday())
    };
    // At most a day and a week ahead: a feed that skips all hours skips none.
    for _ in 0..(8 * 24) {
        if !is_skipped(at) {
            return at;
        }
        let into_hour = at.as_millis().rem_euclid(HOUR_MS);
        at = at.plus_millis(HOUR_MS - into_hour + jitter.rem_euclid(HOUR_MS));
    }
    now.plus_millis(wait_ms.saturating_add(jitter))
}

/// Items that a feed keeps in its list for years are at most this part of it, and older than the
/// rest by this many times what the rest spans.
const PINNED_PART: usize = 4;
const PINNED_SPANS: i64 = 10;

/// The mean gap between items by their own dates, newest twenty only: what a feed is like before
/// it was watched. Few old items that stay in the list say nothing of its pace.
pub(crate) fn gap_of(mut dates: Vec<Timestamp>, now: Timestamp) -> Option<i64> {
    dates.retain(|date| *date <= now);
    dates.sort_unstable();
    dates.dedup();
    let newest = &dates[dates.len().saturating_sub(20)..];
    let is_pinned = |count: &usize| {
        let [before, first, .., last] = &newest[count - 1..] else { return false };
        first.millis_since(*before) > last.millis_since(*first).saturating_mul(PINNED_SPANS)
    };
    let pinned = (1..=newest.len() / PINNED_PART).rev().find(is_pinned).unwrap_or(0);
    let newest = &newest[pinned..];
    let (first, last) = (newest.first()?, newest.last()?);
    let gaps = i64::try_from(newest.len()).ok()? - 1;
    (gaps > 0).then(|| last.millis_since(*first) / gaps)
}

/// A span for people: `45 s`, `5 min`, `3 h`, `2 d`.
pub(crate) fn words(millis: i64) -> String {
    let seconds = millis / 1000;
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    const NOW: Timestamp = Timestamp::from_secs(1_764_000_000);
    const BOUNDS: Bounds = Bounds { min_ms: 5 * MINUTE, max_ms: 24 * HOUR };

    fn seen(entries: usize, new: usize, interval_ms: i64, gap_ms: i64, quiet_ms: i64) -> Seen {
        Seen {
            entries,
            new,
            interval_ms,
            gap_ms: Some(gap_ms),
            quiet_ms: Some(quiet_ms),
            is_conditional: true,
            ..Seen::default()
        }
    }

    #[test]
    fn the_interval_follows_the_pace_of_the_feed() {
        for (seen, wanted) in [
            (seen(10, 1, HOUR, HOUR, HOUR), 5 * MINUTE),
            (seen(10, 1, HOUR, 2 * HOUR, HOUR), 2 * HOUR / 9),
            (seen(0, 0, HOUR, 10 * MINUTE, 10 * MINUTE), 5 * MINUTE),
            (seen(0, 0, HOUR, HOUR, 12 * HOUR), 2 * HOUR),
            (seen(0, 0, HOUR, HOUR, 100 * 24 * HOUR), 24 * HOUR),
            (seen(10, 9, 40 * MINUTE, 12 * HOUR, HOUR), 28 * MINUTE),
        ] {
            assert_eq!(interval(&seen, None, BOUNDS, NOW).0, wanted, "{seen:?}");
        }
        let whole = Seen { is_conditional: false, ..seen(0, 0, HOUR, HOUR, 12 * HOUR) };
        assert_eq!(interval(&whole, None, BOUNDS, NOW).0, 6 * HOUR);
        let pushed = Seen { push_factor: 12, ..seen(0, 0, HOUR, HOUR, HOUR) };
        assert_eq!(interval(&pushed, None, BOUNDS, NOW).0, HOUR);
        let missed = Seen { overflow: true, ..seen(10, 10, HOUR, 12 * HOUR, HOUR) };
        assert_eq!(interval(&missed, None, BOUNDS, NOW).0, 30 * MINUTE);
    }

    #[test]
    fn what_the_publisher_asks_for_is_a_floor_within_reason_and_is_explained() {
        let seen = seen(10, 3, HOUR, HOUR, HOUR);
        let floor = |seconds| Floor { seconds, source: "max-age".to_owned() };
        let (wait, why) = interval(&seen, Some(&floor(1800)), BOUNDS, NOW);
        assert_eq!(wait, 30 * MINUTE);
        assert_eq!(why, "3 of 10 new, about one item in 60 min, floor 30 min by max-age");
        assert_eq!(interval(&seen, Some(&floor(60)), BOUNDS, NOW).0, 5 * MINUTE);
        assert_eq!(interval(&seen, Some(&floor(31_536_000)), BOUNDS, NOW).0, 24 * HOUR);
    }

    #[test]
    fn a_failing_feed_is_asked_ever_more_rarely_and_never_given_up() {
        let waits: Vec<i64> =
            [1, 2, 4, 8, 40, 4_000].map(|weight| back_off(weight, HOUR, BOUNDS) / MINUTE).to_vec();
        assert_eq!(waits, [84, 120, 240, 960, 7 * 24 * 60, 7 * 24 * 60]);
    }

    #[test]
    fn polls_keep_out_of_skipped_hours_and_days() {
        // 2025-11-24T16:00:00Z, a Monday.
        let now = Timestamp::from_secs(1_764_000_000);
        let at = next_at(now, HOUR, "feed", 1, &[17, 18], &[]);
        assert_eq!(&at.to_string()[..13], "2025-11-24T19");
        let at = next_at(now, HOUR, "feed", 1, &[], &[0, 1]);
        assert_eq!(&at.to_string()[..10], "2025-11-26");
        let all: Vec<u8> = (0..24).collect();
        assert!(next_at(now, HOUR, "feed", 1, &all, &[]).millis_since(now) < 2 * HOUR);
    }

    #[test]
    fn jitter_is_small_and_differs_between_feeds() {
        let now = Timestamp::from_secs(1_764_000_000);
        let waits: std::collections::BTreeSet<i64> = (0..50)
            .map(|feed| next_at(now, HOUR, &format!("feed {feed}"), 1, &[], &[]).millis_since(now))
            .collect();
        assert!(waits.len() > 40);
        assert!(waits.iter().all(|wait| (HOUR..HOUR + HOUR / 10).contains(wait)));
    }

    #[test]
    fn the_pace_before_the_first_poll_comes_from_the_dates() {
        let now = Timestamp::from_secs(1_764_000_000);
        let dates = (1..=5).map(|hours| now.plus_millis(-hours * HOUR)).collect();
        assert_eq!(gap_of(dates, now), Some(HOUR));
        assert_eq!(gap_of(vec![now.plus_millis(HOUR)], now), None);
        // One or two that are kept in the list for years; a series with a pause; three items.
        let ago = |hours: i64| now.plus_millis(-hours * HOUR);
        let recent: Vec<Timestamp> = (0..10).map(ago).collect();
        for pinned in [vec![ago(50_000)], vec![ago(50_000), ago(90_000)]] {
            assert_eq!(gap_of([pinned, recent.clone()].concat(), now), Some(HOUR));
        }
        assert_eq!(gap_of(vec![ago(0), ago(1), ago(2), ago(22)], now), Some(22 * HOUR / 3));
        assert_eq!(gap_of(vec![ago(0), ago(1), ago(500)], now), Some(250 * HOUR));
    }

    proptest::proptest! {
        #[test]
        fn no_feed_is_polled_faster_than_its_bounds_or_forgotten(
            entries in 0_usize..100,
            new in 0_usize..100,
            gap in proptest::option::of(0_i64..i64::MAX / 4),
            quiet in proptest::option::of(0_i64..i64::MAX / 4),
            interval_ms in 0_i64..i64::MAX / 4,
            floor in proptest::option::of(0_u64..u64::MAX),
            overflow: bool,
            is_conditional: bool,
            push_factor in 0_i64..20,
        ) {
            let seen = Seen {
                entries,
                new,
                overflow,
                interval_ms,
                gap_ms: gap,
                quiet_ms: quiet,
                is_conditional,
                push_factor,
                ..Seen::default()
            };
            let floor = floor.map(|seconds| Floor { seconds, source: "max-age".to_owned() });
            let (wait, why) = interval(&seen, floor.as_ref(), BOUNDS, NOW);
            proptest::prop_assert!((BOUNDS.min_ms..=BOUNDS.max_ms).contains(&wait));
            proptest::prop_assert!(!why.is_empty());
            let at = next_at(NOW, wait, "feed", 1, &[1, 2], &[3]);
            proptest::prop_assert!(at.millis_since(NOW) >= wait);
            proptest::prop_assert!(at.millis_since(NOW) <= BOUNDS.max_ms * 4);
        }
    }
}
