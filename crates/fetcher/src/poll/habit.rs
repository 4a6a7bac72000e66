//! The hours of the week in which a feed's items come, and what that means for the next poll.

use events::Timestamp;

const HOUR_MS: i64 = 3600 * 1000;
const HOURS: usize = 7 * 24;
/// Items before a habit is believed.
const ENOUGH: u32 = 48;
/// 1970-01-01 was a Thursday; weeks are counted from Mondays.
const MONDAY_MS: i64 = 3 * 24 * HOUR_MS;

/// Counts of items by hour of the week, one hexadecimal digit an hour; empty where nothing is
/// counted yet. Kept as text in the feed's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Habit {
    counts: [u8; HOURS],
}

impl Habit {
    /// Reads the digits; anything else is no habit.
    pub(crate) fn parse(text: &str) -> Self {
        let mut counts = [0; HOURS];
        if text.len() == HOURS {
            for (count, digit) in counts.iter_mut().zip(text.chars()) {
                *count = digit.to_digit(16).and_then(|digit| digit.try_into().ok()).unwrap_or(0);
            }
        }
        Self { counts }
    }

    /// The digits.
    pub(crate) fn text(&self) -> String {
        self.counts.iter().filter_map(|count| char::from_digit(u32::from(*count), 16)).collect()
    }

    /// Takes in an item that came at that time. Where an hour is full all are halved, so that
    /// habits change.
    pub(crate) fn note(&mut self, at: Timestamp) {
        let hour = hour_of(at);
        if self.counts[hour] == 15 {
            for count in &mut self.counts {
                *count /= 2;
            }
        }
        self.counts[hour] += 1;
    }

    fn total(&self) -> u32 {
        self.counts.iter().map(|count| u32::from(*count)).sum()
    }

    /// How busy an hour is against the mean of 16: smoothed over its neighbours, and drawn half
    /// way to the mean, so that no hour is ever thought empty.
    fn weight(&self, hour: usize, total: u32) -> i64 {
        let count = |offset: usize| i64::from(self.counts[(hour + offset) % HOURS]);
        let here = count(HOURS - 1) + 2 * count(0) + count(1);
        // here / 4 against total / HOURS, in sixteenths, and half of that beside half the mean.
        let share = here * 16 * HOURS as i64 / (4 * i64::from(total.max(1)));
        i64::midpoint(share, 16).clamp(8, 64)
    }

    /// The wait in which as much is to be expected as in `wait_ms` of an average hour. `None`
    /// where nothing is known.
    pub(crate) fn adjust(&self, now: Timestamp, wait_ms: i64) -> Option<i64> {
        let total = self.total();
        if total < ENOUGH {
            return None;
        }
        let mut rest = wait_ms.saturating_mul(16);
        let mut at = now;
        let longest = wait_ms.saturating_mul(2);
        while rest > 0 && at.millis_since(now) < longest {
            let weight = self.weight(hour_of(at), total);
            let left = HOUR_MS - at.as_millis().rem_euclid(HOUR_MS);
            let needed = rest / weight + 1;
            let step = left.min(needed);
            rest -= step.saturating_mul(weight);
            at = at.plus_millis(step);
        }
        Some(at.millis_since(now).min(longest))
    }
}

fn hour_of(at: Timestamp) -> usize {
    let hours = (at.as_millis() + MONDAY_MS).div_euclid(HOUR_MS);
    usize::try_from(hours.rem_euclid(HOURS as i64)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-11-24T00:00:00Z, a Monday.
    const MONDAY: Timestamp = Timestamp::from_secs(1_763_942_400);

    fn office_hours() -> Habit {
        let mut habit = Habit::parse("");
        for day in 0..14 {
            for hour in 8..18 {
                if day % 7 < 5 {
                    habit.note(MONDAY.plus_millis((day * 24 + hour) * HOUR_MS));
                }
            }
        }
        habit
    }

    #[test]
    fn a_habit_survives_its_text() {
        let habit = office_hours();
        assert_eq!(habit.text().len(), 168);
        assert_eq!(Habit::parse(&habit.text()), habit);
        assert_eq!(Habit::parse("junk").total(), 0);
    }

    #[test]
    fn busy_hours_shorten_the_wait_and_quiet_ones_lengthen_it() {
        let habit = office_hours();
        let at = |hours: i64| MONDAY.plus_millis(hours * HOUR_MS);
        let busy = habit.adjust(at(10), HOUR_MS).unwrap();
        let night = habit.adjust(at(22), HOUR_MS).unwrap();
        let sunday = habit.adjust(at(6 * 24 + 12), HOUR_MS).unwrap();
        assert!(busy < HOUR_MS * 2 / 3, "{busy}");
        assert!(night > HOUR_MS * 3 / 2 && sunday > HOUR_MS * 3 / 2, "{night} {sunday}");
        // Over night into the busy morning the wait ends with the morning.
        let morning = habit.adjust(at(7), 2 * HOUR_MS).unwrap();
        assert!(morning < 2 * HOUR_MS, "{morning}");
    }

    #[test]
    fn nothing_is_made_of_few_items() {
        let mut habit = Habit::parse("");
        for _ in 0..10 {
            habit.note(MONDAY);
        }
        assert_eq!(habit.adjust(MONDAY, HOUR_MS), None);
    }

    #[test]
    fn an_hour_that_is_full_halves_the_others() {
        let mut habit = Habit::parse("");
        habit.note(MONDAY.plus_millis(HOUR_MS));
        habit.note(MONDAY.plus_millis(HOUR_MS));
        for _ in 0..16 {
            habit.note(MONDAY);
        }
        assert_eq!((habit.counts[0], habit.counts[1]), (8, 1));
    }
}
