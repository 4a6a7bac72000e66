//! The only place that reads the system's clocks. All else is given the time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use events::Timestamp;

/// Where the time comes from: the system, or a test.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        now()
    }
}

/// The system's time of day.
#[expect(clippy::disallowed_methods, reason = "this is the place that the lint points to")]
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).map_or_else(
        |before| -(before.duration().as_millis() as i64),
        |after| after.as_millis() as i64,
    );
    Timestamp::from_millis(since_epoch)
}

/// Measures how long something takes, unaffected by changes of the time of day.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts to measure.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Time since the start in seconds, for histograms.
    pub fn seconds(&self) -> f64 {
        self.elapsed().as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_is_in_this_century() {
        let now = SystemClock.now().to_string();
        assert!(now.starts_with("20"), "{now}");
    }
}
