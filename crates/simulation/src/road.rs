//! The daemons of the road as they run here: their settings, their topics.

use std::sync::LazyLock;
use std::time::Duration;

use bus::{GroupSpec, Topic, TopicSettings};
use extractor::Extractor;
use fetcher::Fetcher;
use publisher::Publish;
use stage::Definition;

use crate::plan::Role;
use crate::poison::Touchy;

/// Requests on their way at once.
pub(crate) const REQUESTS: usize = 4;
/// Bytes of input that may wait in a partition's state before it pauses.
pub(crate) const WAITING_BYTES: usize = 6 * 1024;
/// Records of a batch.
pub(crate) const BATCH: usize = 8;

static FETCHER: LazyLock<Touchy<Fetcher>> = LazyLock::new(|| {
    Touchy(Fetcher::new(fetcher::Settings {
        min_interval: Duration::from_secs(20),
        max_interval: Duration::from_secs(60),
        site_spacing: Duration::from_millis(300),
        retries: vec![Duration::from_secs(5), Duration::from_secs(30)],
        compute_threads: 0,
        ..fetcher::Settings::default()
    }))
});
static EXTRACTOR: LazyLock<Touchy<Extractor>> = LazyLock::new(|| Touchy(Extractor::default()));
static PUBLISHER: LazyLock<Touchy<Publish>> = LazyLock::new(|| Touchy(Publish::default()));

/// The definition of a daemon's stage.
pub(crate) fn definition(role: Role) -> &'static dyn Definition {
    match role {
        Role::Fetcher => &*FETCHER,
        Role::Extractor => &*EXTRACTOR,
        Role::Publisher => &*PUBLISHER,
    }
}

/// The group of a daemon.
pub(crate) fn spec(role: Role, instance: &str) -> GroupSpec {
    let definition = definition(role);
    GroupSpec {
        group: role.name(),
        inputs: definition.inputs().to_vec(),
        changelogs: definition.changelogs().to_vec(),
        instance: instance.to_owned(),
    }
}

/// The topics, with few partitions.
pub(crate) fn topics() -> TopicSettings {
    let mut topics = TopicSettings::new("simulation.");
    for topic in Topic::ALL {
        let spec = topics.spec_mut(topic);
        spec.partitions = spec.partitions.min(3);
    }
    topics
}

/// The harness's bounds.
pub(crate) fn settings() -> stage::Settings {
    stage::Settings {
        batch_records: BATCH,
        requests: REQUESTS,
        waiting_bytes: WAITING_BYTES,
        ..stage::Settings::default()
    }
}
