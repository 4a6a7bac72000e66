//! Figures for Prometheus: a registry that holds what the [catalogue](CATALOGUE) names and
//! nothing else. Usable from synchronous code; knows no stage and no HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

mod catalogue;

pub use catalogue::{CATALOGUE, Kind, Metric};

/// `Content-Type` of [`Metrics::render`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// More series of one metric are a mistake (a feed or a host as a label): they are left out and
/// logged, so that a mistake costs a figure and not the memory.
const MOST_SERIES: usize = 2_000;

type Labels = Vec<(&'static str, String)>;

#[derive(Clone, Copy)]
struct Buckets(&'static [f64]);

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

enum Series {
    Counter(Family<Labels, Counter>),
    Gauge(Family<Labels, Gauge<f64, AtomicU64>>),
    Histogram(Family<Labels, Histogram, Buckets>),
}

struct Entry {
    metric: &'static Metric,
    series: Series,
    /// How many series there are.
    count: AtomicUsize,
}

struct Inner {
    registry: Registry,
    families: BTreeMap<&'static str, Entry>,
    /// Mistakes already logged, one line each.
    logged: Mutex<BTreeSet<String>>,
}

/// The figures of this process; clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// A registry with all metrics of the catalogue and no series yet, `newswire_build_info`
    /// apart.
    pub fn new() -> Self {
        let mut registry = Registry::default();
        let mut families = BTreeMap::new();
        for metric in CATALOGUE {
            // The encoder adds `_total` itself (OpenMetrics 1.0).
            let name = metric.name.strip_suffix("_total").unwrap_or(metric.name);
            // It also adds the full stop.
            let help = metric.help.trim_end_matches('.');
            let family = match metric.kind {
                Kind::Counter => {
                    let family = Family::<Labels, Counter>::default();
                    registry.register(name, help, family.clone());
                    Series::Counter(family)
                }
                Kind::Gauge => {
                    let family = Family::<Labels, Gauge<f64, AtomicU64>>::default();
                    registry.register(name, help, family.clone());
                    Series::Gauge(family)
                }
                Kind::Histogram(bounds) => {
                    let family =
                        Family::<Labels, Histogram, Buckets>::new_with_constructor(Buckets(bounds));
                    registry.register(name, help, family.clone());
                    Series::Histogram(family)
                }
            };
            let entry = Entry { metric, series: family, count: AtomicUsize::new(0) };
            families.insert(metric.name, entry);
        }
        let metrics =
            Self(Arc::new(Inner { registry, families, logged: Mutex::new(BTreeSet::new()) }));
        let version = env!("CARGO_PKG_VERSION");
        metrics.set("newswire_build_info", &[("version", version)], 1.0);
        metrics
    }

    /// Adds to a counter.
    pub fn count(&self, name: &'static str, labels: &[(&'static str, &str)], by: u64) {
        if let Some((Series::Counter(family), count)) = self.family(name, labels, "counter")
            && let Some(counter) = self.series(name, family, count, labels)
        {
            counter.inc_by(by);
        }
    }

    /// Sets a gauge.
    pub fn set(&self, name: &'static str, labels: &[(&'static str, &str)], value: f64) {
        if let Some((Series::Gauge(family), count)) = self.family(name, labels, "gauge")
            && let Some(gauge) = self.series(name, family, count, labels)
        {
            gauge.set(value);
        }
    }

    /// Adds an observation to a histogram.
    pub fn observe(&self, name: &'static str, labels: &[(&'static str, &str)], value: f64) {
        if let Some((Series::Histogram(family), count)) = self.family(name, labels, "histogram")
            && let Some(histogram) = self.series(name, family, count, labels)
        {
            histogram.observe(value);
        }
    }

    /// All figures as OpenMetrics text, which Prometheus reads; see [`CONTENT_TYPE`].
    pub fn render(&self) -> String {
        let mut text = String::new();
        if encode(&mut text, &self.0.registry).is_err() {
            // Writing to a String does not fail; a half page would be worse than an empty one.
            tracing::error!("the metrics could not be written");
            text.clear();
        }
        text
    }

    /// The family of a name, if the catalogue has it with this kind and these labels.
    fn family(
        &self,
        name: &'static str,
        labels: &[(&'static str, &str)],
        kind: &str,
    ) -> Option<(&Series, &AtomicUsize)> {
        let Some(entry) = self.0.families.get(name) else {
            self.mistake(name, "is not in the catalogue of metrics");
            return None;
        };
        let metric = entry.metric;
        if metric.kind.name() != kind {
            self.mistake(name, "is used as another kind of metric than the catalogue says");
            return None;
        }
        let same = labels.len() == metric.labels.len()
            && labels.iter().all(|(label, _)| metric.labels.contains(label));
        if !same {
            self.mistake(name, "is used with other labels than the catalogue says");
            return None;
        }
        Some((&entry.series, &entry.count))
    }

    /// The series of these labels; `None` if it would be one too many.
    fn series<M: Clone, C: MetricConstructor<M>>(
        &self,
        name: &'static str,
        family: &Family<Labels, M, C>,
        count: &AtomicUsize,
        labels: &[(&'static str, &str)],
    ) -> Option<M> {
        let labels = owned(labels);
        if let Some(found) = family.get(&labels) {
            return Some(found.clone());
        }
        if count.load(Ordering::Relaxed) >= MOST_SERIES {
            self.log_once(name, "has too many different labels; further ones are not counted");
            return None;
        }
        count.fetch_add(1, Ordering::Relaxed);
        Some(family.get_or_create_owned(&labels))
    }

    /// A mistake of ours: loud where we test, a line in the log where others run it.
    fn mistake(&self, name: &str, what: &str) {
        debug_assert!(false, "{name} {what}");
        self.log_once(name, what);
    }

    fn log_once(&self, name: &str, what: &str) {
        let line = format!("{name} {what}");
        let mut logged = self.0.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if !logged.contains(&line) {
            tracing::warn!("metric {line}");
            logged.insert(line);
        }
    }
}

/// The labels in the order of their names, so that the caller's order makes no second series.
fn owned(labels: &[(&'static str, &str)]) -> Labels {
    let mut owned: Labels =
        labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    owned.sort_unstable();
    owned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_rendered_with_their_labels() {
        let metrics = Metrics::new();
        let clone = metrics.clone();
        clone.count("newswire_dead_letters_total", &[("stage", "poll"), ("reason", "json")], 2);
        clone.count("newswire_dead_letters_total", &[("reason", "json"), ("stage", "poll")], 1);
        clone.set("newswire_stage_behind_seconds", &[("stage", "extract")], 1.5);
        clone.observe("newswire_story_latency_seconds", &[], 0.3);
        let text = metrics.render();
        for line in [
            "newswire_dead_letters_total{reason=\"json\",stage=\"poll\"} 3",
            "newswire_stage_behind_seconds{stage=\"extract\"} 1.5",
            "newswire_story_latency_seconds_bucket{le=\"0.25\"} 0",
            "newswire_story_latency_seconds_bucket{le=\"0.5\"} 1",
            "newswire_story_latency_seconds_count{} 1",
            "# TYPE newswire_dead_letters counter",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_label_that_never_ends_stops_costing_memory() {
        let metrics = Metrics::new();
        for number in 0..MOST_SERIES + 10 {
            let value = number.to_string();
            metrics.set("newswire_feeds", &[("state", &value)], 1.0);
        }
        metrics.set("newswire_feeds", &[("state", "7")], 42.0);
        let text = metrics.render();
        assert_eq!(text.matches("newswire_feeds{").count(), MOST_SERIES);
        assert!(text.contains("newswire_feeds{state=\"7\"} 42"));
    }

    #[test]
    #[should_panic(expected = "is not in the catalogue")]
    fn an_unknown_name_is_found_by_tests() {
        Metrics::new().count("newswire_nonsense_total", &[], 1);
    }

    #[test]
    #[should_panic(expected = "other labels")]
    fn a_missing_label_is_found_by_tests() {
        Metrics::new().count("newswire_dead_letters_total", &[("stage", "poll")], 1);
    }

    #[test]
    #[should_panic(expected = "another kind")]
    fn a_wrong_kind_is_found_by_tests() {
        Metrics::new().set("newswire_dead_letters_total", &[], 1.0);
    }
}
