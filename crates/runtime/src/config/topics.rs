//! `[topics.NAME]`: partitions, retention and replication of a topic.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::error::nearest;
use super::reader::{Reader, Source, env_name};
use super::units::TimeSpan;

/// `[topics.NAME]`: what differs from the design's topic; `None` is the design's value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicConfig {
    /// Number of partitions.
    pub partitions: Option<u32>,
    /// Age after which records go; only where the topic is deleted by age.
    pub retention: Option<TimeSpan>,
    /// Replication factor; default: the cluster's own.
    pub replication: Option<u32>,
}

/// What can be configured of a topic.
struct Known {
    name: &'static str,
    /// Partitions in the design.
    partitions: u32,
    /// Whether records go by age.
    by_age: bool,
    /// The topic that its partitions follow: a changelog has its input's.
    follows: Option<&'static str>,
}

const fn known(name: &'static str, partitions: u32, by_age: bool) -> Known {
    Known { name, partitions, by_age, follows: None }
}

const fn changelog(name: &'static str, partitions: u32, input: &'static str) -> Known {
    Known { name, partitions, by_age: false, follows: Some(input) }
}

/// The topics of the design (section 3).
const TOPICS: [Known; 13] = [
    known("feeds", 12, false),
    known("pushes", 12, true),
    known("entries", 12, true),
    known("pages", 12, true),
    known("articles", 1, true),
    known("stories", 6, true),
    known("stories-latest", 6, true),
    known("groups", 6, true),
    changelog("feed-state", 12, "feeds"),
    changelog("download-state", 12, "entries"),
    changelog("site-state", 12, "pages"),
    changelog("publisher-state", 1, "articles"),
    known("dead-letters", 1, true),
];

/// Name, partitions and whether records go by age, of each topic as this section knows it. The
/// topics themselves are elsewhere; the binary, which knows both, compares them.
pub fn known_topics() -> impl Iterator<Item = (&'static str, u32, bool)> {
    TOPICS.iter().map(|topic| (topic.name, topic.partitions, topic.by_age))
}

/// Reads `[topics.*]`. Only topics of which something was said are in the result, and the
/// changelogs of those whose partitions were changed.
pub(super) fn read(
    reader: &mut Reader<'_>,
    root: Option<(&DeTable<'_>, Source<'_>)>,
) -> BTreeMap<String, TopicConfig> {
    let all = reader.section("topics", root, "topics");
    let mut topics = BTreeMap::new();
    for topic in &TOPICS {
        all.know(reader, topic.name);
        let path = format!("topics.{}", topic.name);
        let section = reader.section(&path, all.table, topic.name);
        let before = reader.effective.len();
        let config = TopicConfig {
            partitions: section.get_optional(reader, "partitions"),
            retention: section.get_optional(reader, "retention"),
            replication: section.get_optional(reader, "replication"),
        };
        section.finish(reader);
        if config == TopicConfig::default() {
            // 39 lines of "(not set)" help nobody.
            reader.effective.truncate(before);
        } else {
            check_one(reader, topic, &config);
            topics.insert(topic.name.to_owned(), config);
        }
    }
    if let Some((table, source)) = all.table {
        for (name, value) in table {
            let key = name.get_ref().as_ref();
            if TOPICS.iter().any(|topic| topic.name == key) {
                continue;
            }
            let names = TOPICS.iter().map(|topic| topic.name);
            let hint = match (nearest(key, names), value.get_ref()) {
                (Some(meant), _) => format!("did you mean [topics.{meant}]?"),
                (None, DeValue::Table(_)) => {
                    let names: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
                    format!("there are {}", names.join(", "))
                }
                (None, _) => {
                    "keys of a topic stand below its name, as in [topics.pages]".to_owned()
                }
            };
            reader.problem(source.place(&name.span()), format!("unknown topic {key}; {hint}"));
        }
    }
    check_partitions(reader, &topics);
    for topic in &TOPICS {
        let Some(input) = topic.follows else { continue };
        let Some(partitions) = topics.get(input).and_then(|input| input.partitions) else {
            continue;
        };
        topics.entry(topic.name.to_owned()).or_default().partitions.get_or_insert(partitions);
    }
    topics
}

/// The place of a key that was set.
fn place(reader: &Reader<'_>, topic: &str, key: &str) -> String {
    reader.place_of(&format!("topics.{topic}.{key}"))
}

fn check_one(reader: &mut Reader<'_>, topic: &Known, config: &TopicConfig) {
    let name = topic.name;
    if config.partitions.is_some_and(|count| !(1..=1000).contains(&count)) {
        reader.problem(
            place(reader, name, "partitions"),
            format!("topics.{name}.partitions wants a number from 1 to 1000"),
        );
    }
    if config.replication.is_some_and(|count| !(1..=100).contains(&count)) {
        reader.problem(
            place(reader, name, "replication"),
            format!("topics.{name}.replication wants a number from 1 to 100"),
        );
    }
    if matches!(name, "articles" | "dead-letters")
        && config.partitions.is_some_and(|count| count != 1)
    {
        reader.problem(
            place(reader, name, "partitions"),
            format!("topics.{name}.partitions must be 1: one reader must see all of it in order"),
        );
    }
    let Some(retention) = config.retention else {
        return;
    };
    if !topic.by_age {
        reader.problem(
            place(reader, name, "retention"),
            format!("topics.{name} keeps the newest record of each key for ever: no retention"),
        );
    } else if retention < TimeSpan::from_hours(1) {
        reader.problem(
            place(reader, name, "retention"),
            format!(
                "topics.{name}.retention wants at least \"1h\": a daemon that restarts must still \
                 find its input"
            ),
        );
    }
}

/// Partition counts that must agree (design, section 3).
fn check_partitions(reader: &mut Reader<'_>, topics: &BTreeMap<String, TopicConfig>) {
    let count = |name: &str| {
        let default =
            TOPICS.iter().find(|topic| topic.name == name).map_or(0, |topic| topic.partitions);
        topics.get(name).and_then(|topic| topic.partitions).unwrap_or(default)
    };
    let entries = count("entries");
    if count("feeds") != entries || count("pushes") != entries {
        let at = ["feeds", "pushes", "entries"]
            .into_iter()
            .find(|name| topics.get(*name).is_some_and(|topic| topic.partitions.is_some()))
            .unwrap_or("entries");
        reader.problem(
            place(reader, at, "partitions"),
            format!(
                "feeds, pushes and entries need the same number of partitions (now {}, {}, {}): \
                 one process owns partition i of all three",
                count("feeds"),
                count("pushes"),
                entries
            ),
        );
    }
    for topic in &TOPICS {
        let Some(input) = topic.follows else { continue };
        let Some(partitions) = topics.get(topic.name).and_then(|topic| topic.partitions) else {
            continue;
        };
        if partitions != count(input) {
            reader.problem(
                place(reader, topic.name, "partitions"),
                format!(
                    "topics.{}.partitions must be that of {input}, {}: leave it out ({})",
                    topic.name,
                    count(input),
                    env_name(&format!("topics.{}", topic.name), "partitions"),
                ),
            );
        }
    }
}
