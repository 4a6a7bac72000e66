//! Topics, and the transports that carry them.
//!
//! Two doors: a [`Transport`] is what a daemon consumes from and commits to, exactly once; a
//! [`Log`] is what commands read from and append to. Both exist for Kafka ([`kafka`]) and for
//! the embedded log, one SQLite file ([`embedded`]), and behave alike: one conformance suite
//! runs on all, and on a third one for tests only, a simulated cluster (`simulated`).
//!
//! This crate knows nothing of stages and their state; to it a changelog is a topic.

#[cfg(feature = "embedded")]
pub mod embedded;
#[cfg(feature = "kafka")]
pub mod kafka;
mod record;
#[cfg(feature = "simulated")]
pub mod simulated;
mod topic;
mod transport;

pub use record::{NewRecord, Record, TopicPartition};
pub use topic::{Cleanup, Topic, TopicSettings, TopicSpec};
pub use transport::{
    BusError, CommitError, GroupSpec, Log, PollLimit, Polled, Position, TopicState, Transaction,
    Transport, Waker,
};
