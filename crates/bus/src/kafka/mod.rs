//! Apache Kafka, and whatever speaks its protocol, by librdkafka.
//!
//! All calls block and come from the caller's thread. The rules behind the code, with their
//! sources, are in docs/decisions and in the comments where they are applied; the first one:
//! after an outcome that is not known a producer is never used again (librdkafka has no
//! KIP-890, so that a late end of one transaction can hit the next).

mod bell;
mod config;
mod context;
mod convert;
mod fetching;
mod log;
mod producer;
mod restore;
mod topics;
mod transport;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{BusError, GroupSpec, TopicSettings};

pub use self::log::KafkaLog;
pub use self::transport::KafkaTransport;

/// Settings of the Kafka transport.
#[derive(Clone, Default)]
pub struct KafkaSettings {
    /// `host:port`, several divided by commas.
    pub brokers: String,
    /// Further settings of librdkafka, such as `security.protocol`; those that would break the
    /// promise are refused.
    pub properties: BTreeMap<String, String>,
    /// The topics.
    pub topics: TopicSettings,
}

// By hand: the properties hold passwords.
impl std::fmt::Debug for KafkaSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaSettings")
            .field("brokers", &self.brokers)
            .field("properties", &self.properties.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// A handle on a Kafka cluster; clones share the settings. Connections are made when needed.
#[derive(Clone, Debug)]
pub struct Kafka {
    settings: Arc<KafkaSettings>,
}

impl Kafka {
    /// Checks the settings; connects to nothing yet.
    ///
    /// # Errors
    /// [`BusError::Setup`] for properties that are refused, that librdkafka does not know, or with
    /// which it can make no client; [`BusError::Away`] where the machine has no thread left for one.
    pub fn new(settings: KafkaSettings) -> Result<Self, BusError> {
        config::check(&settings)?;
        Ok(Self { settings: Arc::new(settings) })
    }

    /// A daemon's place. It connects and joins at its first poll.
    ///
    /// # Errors
    /// None today; alike with the embedded log.
    pub fn transport(&self, spec: GroupSpec) -> Result<KafkaTransport, BusError> {
        Ok(KafkaTransport::new(Arc::clone(&self.settings), spec))
    }

    /// What commands read and append.
    ///
    /// # Errors
    /// [`BusError`] where no client can be made.
    pub fn log(&self) -> Result<KafkaLog, BusError> {
        KafkaLog::new(Arc::clone(&self.settings))
    }
}
