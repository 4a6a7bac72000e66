//! What a newsroom can be told: seed, speed, how many outlets, how much they write.

use std::time::Duration;

/// How a newsroom behaves. [`Settings::default`] is what `newswire demo` shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Decides every generated article. The written stories do not depend on it.
    pub seed: u64,
    /// Speed of the newsroom's day: 2.0 publishes everything in half the time.
    pub pace: f64,
    /// Whether the twelve outlets with their written stories are there.
    pub story: bool,
    /// After the written stories: one generated article in this time, for ever, over the twelve
    /// outlets together. Zero: no generated articles at these outlets at all.
    pub endless_interval: Duration,
    /// Further outlets with generated articles only, for load and chaos tests.
    pub extra_outlets: usize,
    /// How many articles each further outlet publishes in all.
    pub articles_per_outlet: usize,
    /// Time between two articles of one further outlet. Zero: all are there from the start.
    pub extra_interval: Duration,
    /// Entries a feed holds; older ones leave it. A test that polls rarely wants more.
    pub feed_length: usize,
    /// Port for all outlets; 0 takes a free one.
    pub port: u16,
    /// Time that each answer is held back (by the runtime's clock, not by the injected one), so
    /// that requests can overlap and the log can show it.
    pub latency: Duration,
    /// Requests that the log keeps for each outlet; counters go on after that.
    pub request_log: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            pace: 1.0,
            story: true,
            endless_interval: Duration::from_secs(6),
            extra_outlets: 0,
            articles_per_outlet: 50,
            extra_interval: Duration::from_secs(5),
            feed_length: 30,
            port: 0,
            latency: Duration::ZERO,
            request_log: 10_000,
        }
    }
}
