//! What the harness and the stages count with. Whoever renders the figures is not known here.

/// Counts, sets and observes named figures. Labels are few and bounded: never a feed or a host.
pub trait Meter: Send + Sync {
    /// Adds to a counter.
    fn count(&self, name: &'static str, labels: &[(&'static str, &str)], by: u64);

    /// Sets a gauge.
    fn set(&self, name: &'static str, labels: &[(&'static str, &str)], value: f64);

    /// Adds an observation to a histogram.
    fn observe(&self, name: &'static str, labels: &[(&'static str, &str)], value: f64);
}

/// Counts nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMeter;

impl Meter for NoMeter {
    fn count(&self, _: &'static str, _: &[(&'static str, &str)], _: u64) {}
    fn set(&self, _: &'static str, _: &[(&'static str, &str)], _: f64) {}
    fn observe(&self, _: &'static str, _: &[(&'static str, &str)], _: f64) {}
}
