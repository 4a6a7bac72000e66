//! When generated articles appear: pure functions between newsroom time and numbers.

use std::time::Duration;

use crate::settings::Settings;

/// From here on generated articles fill the gaps between the written ones …
const FIRST: i64 = 13_000;
const BETWEEN_WRITTEN: i64 = 3_000;
/// … and when the written ones are out, they keep the pace up …
const WRITTEN_DONE: i64 = 97_000;
const AFTER_WRITTEN: i64 = 1_500;
/// … until the newsroom calms down.
const CALM: i64 = 240_000;

/// How many of the twelve outlets there are for the numbers to go round.
const OUTLETS: u64 = 12;

/// Newsroom time at which the twelve outlets' generated article `number` appears.
pub(crate) fn endless_time(settings: &Settings, number: u64) -> i64 {
    let number = number as i64;
    let gaps = (WRITTEN_DONE - FIRST) / BETWEEN_WRITTEN;
    let busy = (CALM - WRITTEN_DONE) / AFTER_WRITTEN;
    if number < gaps {
        FIRST + number * BETWEEN_WRITTEN
    } else if number < gaps + busy {
        WRITTEN_DONE + (number - gaps) * AFTER_WRITTEN
    } else {
        CALM + (number - gaps - busy) * millis(settings.endless_interval)
    }
}

/// How many of the twelve outlets' generated articles are out at a newsroom time.
pub(crate) fn endless_count(settings: &Settings, time: i64) -> u64 {
    if settings.endless_interval.is_zero() || time < FIRST {
        return 0;
    }
    let gaps = (WRITTEN_DONE - FIRST) / BETWEEN_WRITTEN;
    let busy = (CALM - WRITTEN_DONE) / AFTER_WRITTEN;
    let count = if time < WRITTEN_DONE {
        1 + (time - FIRST) / BETWEEN_WRITTEN
    } else if time < CALM {
        (gaps + 1 + (time - WRITTEN_DONE) / AFTER_WRITTEN).min(gaps + busy)
    } else {
        gaps + busy + 1 + (time - CALM) / millis(settings.endless_interval)
    };
    count as u64
}

/// The number, among all of the twelve outlets, of the generated article `serial` of `outlet`.
pub(crate) fn endless_number(outlet: usize, serial: u64) -> u64 {
    serial * OUTLETS + turn(outlet)
}

/// How many generated articles `outlet` has when all twelve together have `count`.
pub(crate) fn endless_share(outlet: usize, count: u64) -> u64 {
    (count + OUTLETS - 1).saturating_sub(turn(outlet)) / OUTLETS
}

/// Place of an outlet in a round: neighbours in the list do not publish one after another.
fn turn(outlet: usize) -> u64 {
    7 * outlet as u64 % OUTLETS
}

/// Newsroom time at which article `serial` of further outlet `index` appears. The outlets are
/// spread over one interval.
pub(crate) fn extra_time(settings: &Settings, index: usize, serial: u64) -> i64 {
    let interval = millis(settings.extra_interval);
    let shift = interval * index as i64 / settings.extra_outlets.max(1) as i64;
    shift + serial as i64 * interval
}

/// How many articles of further outlet `index` are out at a newsroom time.
pub(crate) fn extra_count(settings: &Settings, index: usize, time: i64) -> u64 {
    let since = time - extra_time(settings, index, 0);
    let interval = millis(settings.extra_interval);
    if since < 0 {
        return 0;
    }
    let all = settings.articles_per_outlet as u64;
    if interval == 0 {
        return all;
    }
    all.min(1 + (since / interval) as u64)
}

fn millis(interval: Duration) -> i64 {
    interval.as_millis() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_and_times_agree_at_every_number() {
        let settings = Settings::default();
        for number in 0..400 {
            let time = endless_time(&settings, number);
            assert_eq!(endless_count(&settings, time), number + 1, "at {time}");
            assert_eq!(endless_count(&settings, time - 1), number, "before {time}");
        }
    }

    #[test]
    fn the_outlets_share_all_numbers_without_a_gap() {
        for count in 0..57 {
            let all: u64 = (0..12).map(|outlet| endless_share(outlet, count)).sum();
            assert_eq!(all, count);
        }
        let mut numbers: Vec<u64> = (0..12)
            .flat_map(|outlet| (0..3).map(move |serial| endless_number(outlet, serial)))
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..36).collect::<Vec<_>>());
    }

    #[test]
    fn without_an_interval_further_outlets_have_everything_at_once() {
        let settings = Settings {
            extra_outlets: 3,
            articles_per_outlet: 9,
            extra_interval: Duration::ZERO,
            ..Settings::default()
        };
        assert_eq!(extra_count(&settings, 2, 0), 9);
        let slow = Settings { extra_interval: Duration::from_secs(3), ..settings };
        let counts: Vec<u64> =
            [0, 2_000, 5_000, 90_000].iter().map(|time| extra_count(&slow, 2, *time)).collect();
        assert_eq!(counts, [0, 1, 2, 9]);
    }
}
