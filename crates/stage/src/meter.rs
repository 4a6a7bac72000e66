//! What the harness and the stages count with. Whoever renders the figures is not known here.

use std::collections::BTreeMap;

/// Counts, sets and observes named figures. Labels are few and bounded: never a feed or a host.
pub trait Meter: Send + Sync {
    /// Adds to a counter.
    fn count(&self, name: &'static str, labels: &[(&'static str, &str)], by: u64);

    /// Sets a gauge.
    fn set(&self, name: &'static str, labels: &[(&'static str, &str)], value: f64);

    /// Adds an observation to a histogram.
    fn observe(&self, name: &'static str, labels: &[(&'static str, &str)], value: f64);
}

/// A figure that one partition of a stage reports; the harness sets the sum over its partitions.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    /// Name of the metric.
    pub name: &'static str,
    /// Labels, as the metric has them; values from a closed list.
    pub labels: Vec<(&'static str, &'static str)>,
    /// This partition's part.
    pub value: f64,
}

/// Adds up gauges over partitions, and remembers what was ever set: what no partition reports any
/// more is set to 0, not left at its last value.
#[derive(Debug, Default)]
pub(crate) struct Gauges {
    sums: BTreeMap<(&'static str, Vec<(&'static str, &'static str)>), f64>,
}

impl Gauges {
    pub(crate) fn set(&mut self, parts: impl Iterator<Item = Gauge>, meter: &dyn Meter) {
        for sum in self.sums.values_mut() {
            *sum = 0.0;
        }
        for part in parts {
            *self.sums.entry((part.name, part.labels)).or_default() += part.value;
        }
        for ((name, labels), sum) in &self.sums {
            meter.set(name, labels, *sum);
        }
    }
}

/// Counts nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMeter;

impl Meter for NoMeter {
    fn count(&self, _: &'static str, _: &[(&'static str, &str)], _: u64) {}
    fn set(&self, _: &'static str, _: &[(&'static str, &str)], _: f64) {}
    fn observe(&self, _: &'static str, _: &[(&'static str, &str)], _: f64) {}
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Last(Mutex<BTreeMap<String, f64>>);

    impl Meter for Last {
        fn count(&self, _: &'static str, _: &[(&'static str, &str)], _: u64) {}

        fn set(&self, name: &'static str, labels: &[(&'static str, &str)], value: f64) {
            self.0.lock().unwrap().insert(format!("{name}{labels:?}"), value);
        }

        fn observe(&self, _: &'static str, _: &[(&'static str, &str)], _: f64) {}
    }

    #[test]
    fn gauges_add_up_and_fall_to_nothing_with_their_last_partition() {
        let part = |state, value| Gauge { name: "feeds", labels: vec![("state", state)], value };
        let last = Last::default();
        let mut gauges = Gauges::default();
        gauges.set([part("ok", 2.0), part("failing", 1.0), part("ok", 3.0)].into_iter(), &last);
        gauges.set([part("ok", 4.0)].into_iter(), &last);
        let seen: Vec<f64> = last.0.lock().unwrap().values().copied().collect();
        assert_eq!(seen, [0.0, 4.0]);
    }
}
