//! From the command line and the configuration to an open log.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bus::embedded::{Embedded, EmbeddedSettings};
use bus::kafka::{Kafka, KafkaSettings};
use bus::{
    BusError, GroupSpec, Log, PollLimit, Record, Topic, TopicPartition, TopicSettings, Transport,
};
use runtime::config::{Config, process_env};

use crate::cli::Place;
use crate::failure::Failure;

/// Name of the demo's log in the current folder.
pub(crate) const DEMO_FILE: &str = "newswire-demo.db";
/// Read as configuration where nothing else is named.
const DEFAULT_CONFIG: &str = "newswire.toml";

/// Where the demo's log is: in the current folder, or in a temporary one of this user where that
/// cannot be written.
pub(crate) fn demo_path() -> PathBuf {
    let here = PathBuf::from(DEMO_FILE);
    if is_writable(&here) { here } else { own_temporary_folder().join(DEMO_FILE) }
}

/// Whether a log can be kept here: its file, if there is one, and other files beside it.
fn is_writable(log: &Path) -> bool {
    if log.exists() && std::fs::OpenOptions::new().append(true).open(log).is_err() {
        return false;
    }
    let probe = log.with_file_name(format!(".{DEMO_FILE}-{}", std::process::id()));
    let made = std::fs::File::create(&probe).is_ok();
    // Left behind it would only be an empty file.
    let _ = std::fs::remove_file(&probe);
    made
}

/// A folder below the temporary one that this user can write: another user's demo may have left
/// one behind. The same each time, so that readers find what the demo wrote.
fn own_temporary_folder() -> PathBuf {
    let mut folders = (0..16).map(|number| std::env::temp_dir().join(format!("newswire-{number}")));
    let usable = |folder: &PathBuf| {
        std::fs::create_dir_all(folder).is_ok() && is_writable(&folder.join(DEMO_FILE))
    };
    folders.find(usable).unwrap_or_else(std::env::temp_dir)
}

/// The configuration that the command line asks for.
pub(crate) fn config(place: &Place) -> Result<Config, Failure> {
    if place.demo {
        let mut config = Config::default();
        config.embedded.path = demo_path();
        return Ok(config);
    }
    Ok(Config::load(config_path(place).as_deref(), &process_env())?)
}

/// The configuration file, if there is one.
pub(crate) fn config_path(place: &Place) -> Option<PathBuf> {
    place.config.clone().or_else(|| {
        let here = Path::new(DEFAULT_CONFIG);
        here.exists().then(|| here.to_owned())
    })
}

/// The topics as configured.
pub(crate) fn topics(config: &Config) -> Result<TopicSettings, Failure> {
    let mut topics = TopicSettings::new(config.topic_prefix());
    for (name, wanted) in &config.topics {
        let topic = Topic::from_name(name)
            .ok_or_else(|| Failure::Usage(format!("[topics.{name}]: there is no such topic")))?;
        let spec = topics.spec_mut(topic);
        if let Some(partitions) = wanted.partitions {
            spec.partitions = partitions;
        }
        if let Some(retention) = wanted.retention {
            spec.retention = Some(retention.into());
        }
        if let Some(replication) = wanted.replication {
            spec.replication = i32::try_from(replication).ok();
        }
    }
    Ok(topics)
}

/// Refuses a `--prefix` that `kafka.topic_prefix` would refuse too, or an empty one: whose topics
/// these are could not be seen.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), Failure> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=200).contains(&prefix.len()) && prefix.bytes().all(is_allowed) {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "--prefix {prefix:?}: it wants 1 to 200 letters, digits, '.', '_' or '-', such as `replay1.`"
    )))
}

/// An open log of either kind.
pub(crate) enum Bus {
    /// One SQLite file.
    Embedded(Embedded),
    /// A cluster.
    Kafka(Kafka),
}

impl Bus {
    /// Opens the log for reading and appending. With `must_exist` an embedded log that is not
    /// there is an error, so that a typing mistake does not make an empty one.
    pub(crate) fn open(config: &Config, must_exist: bool) -> Result<Self, Failure> {
        Self::open_topics(config, topics(config)?, must_exist)
    }

    /// The same for topics of another prefix than the configured one.
    pub(crate) fn open_topics(
        config: &Config,
        topics: TopicSettings,
        must_exist: bool,
    ) -> Result<Self, Failure> {
        Self::open_by(Embedded::open, config, topics, must_exist)
    }

    /// Opens the log to make the topics that are missing: none is made yet, and none refused.
    pub(crate) fn open_to_make(config: &Config, topics: TopicSettings) -> Result<Self, Failure> {
        Self::open_by(Embedded::open_as_it_is, config, topics, false)
    }

    /// Opens the log only to look at topics as they are.
    pub(crate) fn open_to_look(config: &Config, topics: TopicSettings) -> Result<Self, Failure> {
        Self::open_by(Embedded::open_to_look, config, topics, true)
    }

    /// Opens a log that is there, only to read it.
    pub(crate) fn open_to_read(config: &Config) -> Result<Self, Failure> {
        Self::open_by(Embedded::open_to_read, config, topics(config)?, true)
    }

    fn open_by(
        open: fn(&Path, EmbeddedSettings) -> Result<Embedded, BusError>,
        config: &Config,
        topics: TopicSettings,
        must_exist: bool,
    ) -> Result<Self, Failure> {
        if config.kafka.is_some() {
            return Self::kafka(config, topics);
        }
        let path = &config.embedded.path;
        if must_exist && !path.exists() {
            return Err(Failure::Failed(anyhow!(
                "there is no log at {}: start `newswire up` (or `newswire demo`, and add --demo \
                 here), or name the configuration with -c",
                path.display()
            )));
        }
        Ok(Self::Embedded(open(path, embedded_settings(config, topics))?))
    }

    /// Opens the log as the process that runs stages.
    pub(crate) fn open_for_stages(config: &Config) -> Result<Self, Failure> {
        let topics = topics(config)?;
        if config.kafka.is_some() {
            return Self::kafka(config, topics);
        }
        let settings = embedded_settings(config, topics);
        Ok(Self::Embedded(Embedded::open_for_stages(&config.embedded.path, settings)?))
    }

    fn kafka(config: &Config, topics: TopicSettings) -> Result<Self, Failure> {
        let kafka = config.kafka.as_ref().context("[kafka] is not configured")?;
        let properties =
            kafka.properties.iter().map(|(name, p)| (name.clone(), p.value.clone())).collect();
        let settings = KafkaSettings { brokers: kafka.brokers.clone(), properties, topics };
        Ok(Self::Kafka(Kafka::new(settings)?))
    }

    /// Records that made room for others before their time, by topic; Kafka does so by itself.
    pub(crate) fn evicted(&self) -> BTreeMap<Topic, u64> {
        match self {
            Self::Embedded(embedded) => embedded.evicted(),
            Self::Kafka(_) => BTreeMap::new(),
        }
    }

    /// What commands read and append.
    pub(crate) fn log(&self) -> Result<Box<dyn Log>, Failure> {
        Ok(match self {
            Self::Embedded(embedded) => Box::new(embedded.log()?),
            Self::Kafka(kafka) => Box::new(kafka.log()?),
        })
    }

    /// A daemon's place.
    pub(crate) fn transport(&self, spec: GroupSpec) -> Result<Box<dyn Transport>, Failure> {
        Ok(match self {
            Self::Embedded(embedded) => Box::new(embedded.transport(spec)?),
            Self::Kafka(kafka) => Box::new(kafka.transport(spec)?),
        })
    }
}

fn embedded_settings(config: &Config, topics: TopicSettings) -> EmbeddedSettings {
    EmbeddedSettings { max_size: config.embedded.max_size.bytes(), topics }
}

/// How much one read of a command takes at once.
pub(crate) const CHUNK: PollLimit = PollLimit { records: 500, bytes: 8 * 1024 * 1024 };

/// Hands over every record of a topic that is there now, partition by partition.
pub(crate) fn each_record(
    log: &mut dyn Log,
    topics: &TopicSettings,
    topic: Topic,
    mut each: impl FnMut(Record),
) -> Result<(), Failure> {
    for partition in 0..topics.spec(topic).partitions {
        let place = TopicPartition::new(topic, partition);
        let (mut from, end) = log.bounds(place)?;
        while from < end {
            let records = log.read(place, from, CHUNK, Duration::ZERO)?;
            let Some(last) = records.last() else { break };
            from = last.offset + 1;
            for record in records.into_iter().filter(|record| record.offset < end) {
                each(record);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_knows_the_topics_as_they_are() {
        let known: Vec<_> = runtime::config::known_topics().collect();
        let real: Vec<_> = Topic::ALL
            .into_iter()
            .map(|topic| {
                let spec = topic.default_spec();
                (topic.name(), spec.partitions, spec.retention.is_some())
            })
            .collect();
        assert_eq!(known, real);
    }

    #[test]
    fn a_log_is_kept_where_its_file_and_its_neighbours_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join(DEMO_FILE);
        assert!(is_writable(&log), "a new file");
        std::fs::write(&log, "").unwrap();
        assert!(is_writable(&log), "an old file");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
        assert!(!is_writable(&folder.path().join("none").join(DEMO_FILE)), "no such folder");
        std::fs::remove_file(&log).unwrap();
        std::fs::create_dir(&log).unwrap();
        assert!(!is_writable(&log), "what no log can be");
        assert!(is_writable(&own_temporary_folder().join(DEMO_FILE)));
    }

    #[test]
    fn a_prefix_is_refused_by_the_rule_of_the_configuration() {
        let (longest, too_long) = ("x".repeat(200), "x".repeat(201));
        for prefix in ["r1.", "A_b-3.", "a b/", "a/", "é.", "\t", &longest, &too_long] {
            let toml = format!("[kafka]\ntopic_prefix = '{prefix}'");
            let configured = Config::parse("test", &toml, &std::collections::BTreeMap::new());
            assert_eq!(check_prefix(prefix).is_ok(), configured.is_ok(), "{prefix:?}");
        }
        check_prefix("").unwrap_err();
    }
}
