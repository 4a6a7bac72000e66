//! The topics: names, partitions, clean-up, retention, sizes (design: "The road").

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::{NewRecord, TopicPartition};

/// A topic of newswire: a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Subscriptions.
    Feeds,
    /// WebSub deliveries.
    Pushes,
    /// New and changed entries.
    Entries,
    /// Pages and outcomes.
    Pages,
    /// Articles, outcomes, operator's commands.
    Articles,
    /// Public: story events.
    Stories,
    /// Public: newest version of each story.
    StoriesLatest,
    /// Public: latest state of each group.
    Groups,
    /// Changelog of the poll stage.
    FeedState,
    /// Changelog of the download stage and of the sites.
    DownloadState,
    /// Changelog of the extractor.
    SiteState,
    /// Changelog of the publisher.
    PublisherState,
    /// Records that could not be processed.
    DeadLetters,
}

/// What happens to old records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleanup {
    /// Deleted by age.
    Delete,
    /// The newest record of each key is kept for ever.
    Compact,
    /// The newest record of each key is kept, and deleted by age.
    CompactDelete,
}

/// What a topic is.
#[derive(Clone, Debug)]
pub struct TopicSpec {
    /// Number of partitions.
    pub partitions: u32,
    /// What happens to old records.
    pub cleanup: Cleanup,
    /// Age after which records go (`None`: compacted for ever).
    pub retention: Option<Duration>,
    /// How long a tombstone of a compacted topic can still be read, so that a slow reader does
    /// not miss it.
    pub tombstone_retention: Duration,
    /// Largest record in bytes (key, value and headers).
    pub max_record_bytes: usize,
    /// Small segments, so that the tail of a changelog is compacted soon.
    pub small_segments: bool,
    /// Replication factor; `None`: the cluster's default.
    pub replication: Option<i32>,
}

impl TopicSpec {
    /// Whether the newest record of each key is kept.
    pub fn is_compacted(&self) -> bool {
        matches!(self.cleanup, Cleanup::Compact | Cleanup::CompactDelete)
    }
}

const DAY: u64 = 24 * 60 * 60;
const MIB: usize = 1024 * 1024;

impl Topic {
    /// All topics, in the order of the road.
    pub const ALL: [Self; 13] = [
        Self::Feeds,
        Self::Pushes,
        Self::Entries,
        Self::Pages,
        Self::Articles,
        Self::Stories,
        Self::StoriesLatest,
        Self::Groups,
        Self::FeedState,
        Self::DownloadState,
        Self::SiteState,
        Self::PublisherState,
        Self::DeadLetters,
    ];

    /// Short name, without the prefix.
    pub fn name(self) -> &'static str {
        match self {
            Self::Feeds => "feeds",
            Self::Pushes => "pushes",
            Self::Entries => "entries",
            Self::Pages => "pages",
            Self::Articles => "articles",
            Self::Stories => "stories",
            Self::StoriesLatest => "stories-latest",
            Self::Groups => "groups",
            Self::FeedState => "feed-state",
            Self::DownloadState => "download-state",
            Self::SiteState => "site-state",
            Self::PublisherState => "publisher-state",
            Self::DeadLetters => "dead-letters",
        }
    }

    /// The topic of a short name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }

    /// The topic as the design has it, before any setting.
    pub fn default_spec(self) -> TopicSpec {
        let (partitions, cleanup, days, max_record_bytes) = match self {
            Self::Feeds => (12, Cleanup::Compact, 0, MIB),
            Self::Pushes => (12, Cleanup::Delete, 1, 2 * MIB),
            Self::Entries => (12, Cleanup::Delete, 7, MIB),
            Self::Pages => (12, Cleanup::Delete, 2, 10 * MIB),
            Self::Articles => (1, Cleanup::Delete, 7, 3 * MIB / 2),
            Self::Stories => (6, Cleanup::Delete, 30, 2 * MIB),
            Self::StoriesLatest => (6, Cleanup::CompactDelete, 90, 2 * MIB),
            Self::Groups => (6, Cleanup::CompactDelete, 90, MIB),
            Self::FeedState | Self::DownloadState | Self::SiteState => {
                (12, Cleanup::Compact, 0, 2 * MIB)
            }
            Self::PublisherState => (1, Cleanup::Compact, 0, 2 * MIB),
            Self::DeadLetters => (1, Cleanup::Delete, 30, 12 * MIB),
        };
        TopicSpec {
            partitions,
            cleanup,
            tombstone_retention: Duration::from_secs(match self {
                Self::Feeds => 30 * DAY,
                _ => DAY,
            }),
            retention: (days > 0).then(|| Duration::from_secs(days * DAY)),
            max_record_bytes,
            small_segments: self.is_changelog(),
            replication: None,
        }
    }

    /// Whether it is a stage's changelog.
    pub fn is_changelog(self) -> bool {
        matches!(
            self,
            Self::FeedState | Self::DownloadState | Self::SiteState | Self::PublisherState
        )
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The topics with the operator's settings applied.
#[derive(Clone, Debug)]
pub struct TopicSettings {
    /// Put before each short name.
    pub prefix: String,
    specs: BTreeMap<Topic, TopicSpec>,
}

impl Default for TopicSettings {
    fn default() -> Self {
        Self::new("newswire.")
    }
}

impl TopicSettings {
    /// The design's topics under a prefix.
    pub fn new(prefix: &str) -> Self {
        let specs = Topic::ALL.into_iter().map(|topic| (topic, topic.default_spec())).collect();
        Self { prefix: prefix.to_owned(), specs }
    }

    /// What a topic is.
    pub fn spec(&self, topic: Topic) -> &TopicSpec {
        &self.specs[&topic]
    }

    /// Changes what a topic is.
    pub fn spec_mut(&mut self, topic: Topic) -> &mut TopicSpec {
        self.specs.entry(topic).or_insert_with(|| topic.default_spec())
    }

    /// All partitions of a topic, in order.
    pub fn partitions(&self, topic: Topic) -> Vec<TopicPartition> {
        (0..self.spec(topic).partitions)
            .map(|partition| TopicPartition::new(topic, partition))
            .collect()
    }

    /// Why a record cannot be written, in words; `None` when it can.
    pub fn refuse(&self, record: &NewRecord) -> Option<String> {
        let NewRecord { place, .. } = record;
        let spec = self.spec(place.topic);
        let name = self.full_name(place.topic);
        if place.partition >= spec.partitions {
            return Some(format!(
                "{name} has {} partitions, a record was for partition {}",
                spec.partitions, place.partition
            ));
        }
        let size = record.size();
        if size > spec.max_record_bytes {
            return Some(format!(
                "a record of {size} bytes is larger than {name} takes ({})",
                spec.max_record_bytes
            ));
        }
        if record.key.is_none() && spec.is_compacted() {
            return Some(format!("{name} is compacted and takes no record without key"));
        }
        None
    }

    /// Full name of a topic.
    pub fn full_name(&self, topic: Topic) -> String {
        format!("{}{}", self.prefix, topic.name())
    }

    /// The topic of a full name.
    pub fn topic_of(&self, full_name: &str) -> Option<Topic> {
        Topic::from_name(full_name.strip_prefix(&self.prefix)?)
    }

    /// The partition of `topic` that a routing value belongs to.
    pub fn partition_of(&self, topic: Topic, routing: &[u8]) -> u32 {
        events::partition_of(routing, self.spec(topic).partitions)
    }
}
