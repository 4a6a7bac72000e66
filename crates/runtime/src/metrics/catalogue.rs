//! The list of all metrics: names, kinds, labels, meanings. docs/telemetry.md shows it; a test
//! compares the two.

/// How a figure behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Only rises.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Counts observations up to each of these bounds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// The kind as Prometheus names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// A metric of newswire.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metric {
    /// Full name, `newswire_…`.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// Names of its labels; their values are few and bounded: never a feed or a host.
    pub labels: &'static [&'static str],
    /// What it says, without a full stop.
    pub help: &'static str,
}

/// OpenTelemetry's bounds for `http.client.request.duration` (semantic conventions 1.44), and 30 s,
/// our time-out.
const SHORT_SECONDS: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0];
/// Dense where the promises lie: half a second, one second, three seconds.
const LATENCY_SECONDS: &[f64] =
    &[0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0];
/// From the publisher's own time: minutes to days.
const FRESHNESS_SECONDS: &[f64] =
    &[3.0, 15.0, 60.0, 300.0, 600.0, 1800.0, 3600.0, 10_800.0, 21_600.0, 86_400.0, 604_800.0];
/// Waits that a person notices.
const WAIT_SECONDS: &[f64] = &[0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, labels, help }
}

const fn histogram(
    name: &'static str,
    bounds: &'static [f64],
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Histogram(bounds), labels, help }
}

/// All metrics, along the road.
pub const CATALOGUE: &[Metric] = &[
    gauge("newswire_build_info", &["version"], "Always 1; the label says which build runs"),
    // Fetcher
    gauge("newswire_feeds", &["state"], "Subscribed feeds by state"),
    counter(
        "newswire_polls_total",
        &["outcome", "class"],
        "Polls of feeds by outcome (new, not_modified, unchanged, error) and class of the answer \
         or fault",
    ),
    histogram(
        "newswire_poll_schedule_delay_seconds",
        WAIT_SECONDS,
        &[],
        "From the moment a poll was due until it was started",
    ),
    counter(
        "newswire_entries_total",
        &["kind"],
        "Entries read in feeds by kind (new, changed, seen; cut: larger than a record may be; gap: \
         documents with no known entry, so that some were missed)",
    ),
    counter("newswire_downloads_total", &["outcome"], "Pages asked for, by outcome"),
    histogram(
        "newswire_http_request_duration_seconds",
        SHORT_SECONDS,
        &["kind", "status_class"],
        "Outgoing requests from start to last byte, by kind (poll, page, robots) and class of the \
         status",
    ),
    gauge("newswire_websub_leases", &["state"], "WebSub subscriptions by state"),
    counter(
        "newswire_websub_pushes_total",
        &["outcome"],
        "Calls of hubs by outcome (delivered, verified, denied, cut, or why they were refused)",
    ),
    // Extractor and publisher
    counter("newswire_extractions_total", &["outcome"], "Pages extracted, by outcome"),
    counter(
        "newswire_feed_contradictions_total",
        &["field"],
        "Statements of a feed that the page contradicts",
    ),
    counter(
        "newswire_stories_total",
        &["type", "language"],
        "Story events by type (published, updated, withdrawn) and language (the commonest, else \
         other)",
    ),
    counter(
        "newswire_duplicates_total",
        &["kind"],
        "Stories that are copies, by kind (exact, near, syndicated)",
    ),
    counter(
        "newswire_log_evicted_records_total",
        &["topic"],
        "Records of the embedded log deleted before their time because it has reached max_size",
    ),
    counter(
        "newswire_stories_evicted_total",
        &[],
        "Stories that left the comparison window before their time because it was full",
    ),
    gauge("newswire_groups_open", &[], "Groups that still take stories"),
    histogram(
        "newswire_story_latency_seconds",
        LATENCY_SECONDS,
        &[],
        "From the feed answer that first held the entry until the story was committed",
    ),
    histogram(
        "newswire_story_freshness_seconds",
        FRESHNESS_SECONDS,
        &[],
        "From the publisher's own time until the story was committed, where that time is known \
         and past",
    ),
    // Every stage
    counter(
        "newswire_records_consumed_total",
        &["stage", "topic"],
        "Records consumed in committed transactions",
    ),
    counter(
        "newswire_records_produced_total",
        &["stage", "topic"],
        "Records produced in committed transactions",
    ),
    counter("newswire_transactions_total", &["stage", "outcome"], "Transactions by outcome"),
    histogram(
        "newswire_stage_batch_duration_seconds",
        SHORT_SECONDS,
        &["stage"],
        "One batch, from its first record to its commit",
    ),
    gauge("newswire_stage_pending", &["stage"], "Requests of a stage that are on their way"),
    gauge("newswire_stage_timers", &["stage"], "Timers that a stage has set"),
    gauge("newswire_stage_state_keys", &["stage"], "Keys in the state of a stage"),
    gauge(
        "newswire_stage_behind_seconds",
        &["stage"],
        "Age of the oldest record not yet committed; 0 when there is none",
    ),
    gauge(
        "newswire_last_record_processed_timestamp_seconds",
        &["stage"],
        "When a stage last processed a record, in Unix time",
    ),
    gauge(
        "newswire_consumer_lag_records",
        &["stage", "topic"],
        "Records not yet consumed, against the last stable offset (commit markers do not count)",
    ),
    histogram(
        "newswire_restore_duration_seconds",
        WAIT_SECONDS,
        &["stage"],
        "Restores of a stage's state",
    ),
    counter(
        "newswire_recoveries_total",
        &["stage"],
        "Times that a stage dropped its producer and state and began again from the log",
    ),
    counter(
        "newswire_input_lost_records_total",
        &["stage", "topic"],
        "Records that retention removed before the stage had read them",
    ),
    counter(
        "newswire_dead_letters_total",
        &["stage", "reason"],
        "Records that could not be processed and went to dead letters",
    ),
    counter(
        "newswire_faults_total",
        &["stage", "reason"],
        "Faults in a stage that concern no input record",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules_of_prometheus() {
        for metric in CATALOGUE {
            let name = metric.name;
            assert!(name.starts_with("newswire_"), "{name}");
            assert_eq!(name.ends_with("_total"), metric.kind == Kind::Counter, "{name}");
            let valid =
                |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            assert!(valid(name), "{name}");
            assert!(metric.labels.iter().all(|label| valid(label)), "{name}");
            assert!(!metric.help.ends_with('.'), "{name}");
            if let Kind::Histogram(bounds) = metric.kind {
                assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]), "{name}");
            }
        }
        for (index, metric) in CATALOGUE.iter().enumerate() {
            let others = &CATALOGUE[index + 1..];
            assert!(others.iter().all(|other| other.name != metric.name), "{}", metric.name);
        }
    }

    #[test]
    fn the_documentation_has_the_same_table() {
        let document = include_str!("../../../../docs/telemetry.md");
        let rows: Vec<&str> =
            document.lines().filter(|line| line.starts_with("| `newswire_")).collect();
        let expected: Vec<String> = CATALOGUE
            .iter()
            .map(|metric| {
                let labels: Vec<String> =
                    metric.labels.iter().map(|label| format!("`{label}`")).collect();
                format!(
                    "| `{}` | {} | {} | {} |",
                    metric.name,
                    metric.kind.name(),
                    labels.join(", "),
                    metric.help
                )
            })
            .collect();
        let wanted = expected.join("\n");
        assert_eq!(rows, expected, "docs/telemetry.md should have these rows:\n{wanted}");
    }
}
