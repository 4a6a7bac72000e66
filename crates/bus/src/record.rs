//! Records as they are read and written.

use std::fmt;

use events::{Header, Timestamp};

use crate::Topic;

/// A partition of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// Topic.
    pub topic: Topic,
    /// Partition, from 0.
    pub partition: u32,
}

impl TopicPartition {
    /// Partition `partition` of `topic`.
    pub fn new(topic: Topic, partition: u32) -> Self {
        Self { topic, partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)
    }
}

/// A record that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it stands.
    pub place: TopicPartition,
    /// Its offset there.
    pub offset: i64,
    /// Its timestamp.
    pub timestamp: Timestamp,
    /// Key; any bytes.
    pub key: Option<Vec<u8>>,
    /// Value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Headers, in order.
    pub headers: Vec<Header>,
}

impl Record {
    /// The value of the first header of that name, where it is UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(header, _)| header == name)?;
        std::str::from_utf8(value).ok()
    }

    /// Bytes of key, value and headers.
    pub fn size(&self) -> usize {
        size_of(self.key.as_deref(), self.value.as_deref(), &self.headers)
    }
}

/// A record to write. The partition is always chosen by us, never by the transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// Where it goes.
    pub place: TopicPartition,
    /// Its timestamp.
    pub timestamp: Timestamp,
    /// Key.
    pub key: Option<Vec<u8>>,
    /// Value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Headers, in order.
    pub headers: Vec<Header>,
}

impl NewRecord {
    /// Bytes of key, value and headers.
    pub fn size(&self) -> usize {
        size_of(self.key.as_deref(), self.value.as_deref(), &self.headers)
    }
}

fn size_of(key: Option<&[u8]>, value: Option<&[u8]>, headers: &[Header]) -> usize {
    let headers: usize = headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    key.map_or(0, <[u8]>::len) + value.map_or(0, <[u8]>::len) + headers
}
