//! What a feed says about how often to look.

/// Hints of a feed to its readers; rules that clamp them are the poll stage's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduleHints {
    /// RSS `ttl` in seconds.
    pub ttl_s: Option<u64>,
    /// `sy:updatePeriod` divided by `sy:updateFrequency`, in seconds.
    pub period_s: Option<u64>,
    /// RSS `skipHours`: hours of the day (UTC, 0 to 23) without news.
    pub skip_hours: Vec<u8>,
    /// RSS `skipDays`: days of the week (0 is Monday) without news.
    pub skip_days: Vec<u8>,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl ScheduleHints {
    /// Takes in one hour of `skipHours`; 24 is midnight in RSS 0.91.
    pub(super) fn add_skip_hour(&mut self, text: &str) {
        if let Ok(hour @ 0..=24) = text.trim().parse::<u8>()
            && !self.skip_hours.contains(&(hour % 24))
        {
            self.skip_hours.push(hour % 24);
        }
    }

    /// Takes in one day of `skipDays`.
    pub(super) fn add_skip_day(&mut self, text: &str) {
        let text = text.trim().to_ascii_lowercase();
        let day = DAYS.iter().position(|day| text.starts_with(day));
        if let Some(day) = day.and_then(|day| u8::try_from(day).ok())
            && !self.skip_days.contains(&day)
        {
            self.skip_days.push(day);
        }
    }

    /// Sets the period from the words of the syndication module, misspellings and all.
    pub(super) fn set_period(&mut self, period: Option<&str>, frequency: Option<f64>) {
        let Some(period) = period else { return };
        let seconds = match period.trim().to_ascii_lowercase().as_str() {
            "hourly" => 3600.0,
            "daily" | "dayly" => 86_400.0,
            "weekly" => 7.0 * 86_400.0,
            "monthly" => 30.0 * 86_400.0,
            "yearly" | "annually" => 365.0 * 86_400.0,
            // "always" and free text say nothing.
            _ => return,
        };
        let frequency = frequency.filter(|times| times.is_finite() && *times > 0.0);
        self.period_s = Some((seconds / frequency.unwrap_or(1.0)) as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_with_their_misspellings() {
        for (period, frequency, wanted) in [
            ("hourly", Some(2.0), Some(1800)),
            ("Dayly ", None, Some(86_400)),
            ("weekly", Some(0.0), Some(604_800)),
            ("daily", Some(0.1), Some(864_000)),
            ("daily", Some(f64::NAN), Some(86_400)),
            ("always", Some(1.0), None),
        ] {
            let mut hints = ScheduleHints::default();
            hints.set_period(Some(period), frequency);
            assert_eq!(hints.period_s, wanted, "{period}");
        }
    }

    #[test]
    fn hours_and_days_are_kept_once() {
        let mut hints = ScheduleHints::default();
        for hour in ["0", "24", " 7 ", "25", "x", "7"] {
            hints.add_skip_hour(hour);
        }
        for day in ["Saturday", "sunday", "Saturday", "Caturday"] {
            hints.add_skip_day(day);
        }
        assert_eq!(hints.skip_hours, [0, 7]);
        assert_eq!(hints.skip_days, [5, 6]);
    }
}
