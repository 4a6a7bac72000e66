//! The interface of all transports: what a daemon consumes from and commits to, and what
//! commands read and append.
//!
//! Small on purpose: a transaction is a value handed over whole, so that no caller can order its
//! steps wrongly, and so that a simulated transport can fail between any two of them.

use std::sync::Arc;
use std::time::Duration;

use crate::{NewRecord, Record, Topic, TopicPartition};

/// What went wrong in the log itself.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The log cannot be reached or is full; try again later, nothing is lost.
    #[error("the log is away: {0}")]
    Away(String),
    /// What the transport holds can no longer be trusted: call [`Transport::recover`].
    #[error("the connection must be made anew: {0}")]
    Broken(String),
    /// Another process runs with the same instance name.
    #[error("another process runs as this instance: {0}")]
    Fenced(String),
    /// The input starts later than the position asked for: records were lost to retention.
    #[error("{place}: position {wanted} is gone, the oldest record is {oldest}")]
    OutOfRange {
        /// Where.
        place: TopicPartition,
        /// The position asked for.
        wanted: i64,
        /// The oldest offset still there.
        oldest: i64,
    },
    /// Topics are missing or do not have the partitions that are needed, or the settings are
    /// refused; a person must act.
    #[error("{0}")]
    Setup(String),
}

/// A transaction did not happen, or may not have.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// It may or may not have happened, or the producer is unusable: recover and restore.
    #[error("the outcome of the transaction is not known: {0}")]
    Doubtful(String),
    /// It did not happen since another member owns the partitions: recover and restore.
    #[error("no longer a member in good standing: {0}")]
    Fenced(String),
}

/// How much one poll may return.
#[derive(Clone, Copy, Debug)]
pub struct PollLimit {
    /// At most so many records.
    pub records: usize,
    /// No further record once so many bytes are reached.
    pub bytes: usize,
}

/// What a poll brought.
#[derive(Debug)]
pub enum Polled {
    /// Records, in order within each partition; empty when nothing came in time.
    Records(Vec<Record>),
    /// Partitions that are now ours. None of them delivers before [`Transport::start`].
    Assigned(Vec<TopicPartition>),
    /// Partitions that are no longer ours; whoever held them has let go already.
    Revoked(Vec<TopicPartition>),
}

/// Where the group stands in an input partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The committed offset, if there is one.
    pub committed: Option<i64>,
    /// The oldest offset that can be read.
    pub oldest: i64,
}

/// What is to happen all at once, or not at all.
#[derive(Debug, Default)]
pub struct Transaction {
    /// Records to write: outputs and state changes.
    pub records: Vec<NewRecord>,
    /// The next offset to read of each input partition that is touched; never empty.
    pub offsets: Vec<(TopicPartition, i64)>,
}

/// A daemon's place in the cluster.
#[derive(Clone, Debug)]
pub struct GroupSpec {
    /// Consumer group, without the prefix: `fetcher`, `extractor`, `publisher`.
    pub group: &'static str,
    /// Topics consumed. Where there are several they have equal partition counts, and partition
    /// i of all of them always has one owner.
    pub inputs: Vec<Topic>,
    /// Changelogs; partition i belongs to whoever owns input partition i.
    pub changelogs: Vec<Topic>,
    /// Name of this process within the group.
    pub instance: String,
}

/// Ends a [`Transport::poll`] early, from another thread.
#[derive(Clone)]
pub struct Waker(Arc<dyn Fn() + Send + Sync>);

impl Waker {
    /// A waker that calls `wake`.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(wake))
    }

    /// Ends the poll that is going on, or the next one.
    pub fn wake(&self) {
        (self.0)();
    }
}

impl std::fmt::Debug for Waker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waker")
    }
}

/// What a daemon consumes from and commits to. All calls come from one thread, and may block.
pub trait Transport {
    /// Waits at most `wait` for records or for a change of assignment. A change of assignment is
    /// returned alone; records of partitions that are lost are dropped before.
    ///
    /// # Errors
    /// [`BusError::Away`] (call again later), [`BusError::Broken`], [`BusError::OutOfRange`].
    fn poll(&mut self, wait: Duration, limit: PollLimit) -> Result<Polled, BusError>;

    /// Reads changelog partitions just assigned, whole and in order, up to everything that any
    /// earlier owner has committed; later commits of an earlier owner are impossible. `stop` is
    /// asked again and again: once it says yes, the restore is given up.
    ///
    /// # Errors
    /// As for [`Transport::poll`], and [`BusError::Broken`] where it was given up; what was
    /// delivered so far must then be dropped.
    fn restore(
        &mut self,
        changelogs: &[TopicPartition],
        each: &mut dyn FnMut(Record),
        stop: &dyn Fn() -> bool,
    ) -> Result<(), BusError>;

    /// Where the group stands in an input partition. Called after [`Transport::restore`].
    ///
    /// # Errors
    /// As for [`Transport::poll`].
    fn position(&mut self, input: TopicPartition) -> Result<Position, BusError>;

    /// Begins delivering assigned input partitions, each from the given offset.
    ///
    /// # Errors
    /// As for [`Transport::poll`].
    fn start(&mut self, inputs: &[(TopicPartition, i64)]) -> Result<(), BusError>;

    /// Stops delivering input partitions, until [`Transport::resume`].
    ///
    /// # Errors
    /// As for [`Transport::poll`].
    fn pause(&mut self, inputs: &[TopicPartition]) -> Result<(), BusError>;

    /// Delivers again what was paused.
    ///
    /// # Errors
    /// As for [`Transport::poll`].
    fn resume(&mut self, inputs: &[TopicPartition]) -> Result<(), BusError>;

    /// Whether a partition is still ours as far as is known, although no poll has told otherwise: a
    /// restore takes long, and the group may have given it away meanwhile.
    ///
    /// # Errors
    /// [`BusError`] where that cannot be said.
    fn holds(&mut self, input: TopicPartition) -> Result<bool, BusError> {
        let _ = input;
        Ok(true)
    }

    /// Marks the beginning of a batch: the commit that follows is made as the member that we are
    /// now. A member that lost its place in between cannot commit.
    ///
    /// # Errors
    /// [`BusError::Broken`] where we are no member; [`BusError::Away`] and [`BusError::Setup`] where
    /// the producer must be made anew since its last commit was late, and cannot be. After any of
    /// them the only way on is [`Transport::recover`].
    fn begin(&mut self) -> Result<(), BusError>;

    /// Commits what belongs to the batch begun last. Only partitions owned since
    /// [`Transport::begin`] may be touched.
    ///
    /// # Errors
    /// [`CommitError`]; after any of them the only way on is [`Transport::recover`].
    fn commit(&mut self, transaction: Transaction) -> Result<(), CommitError>;

    /// Throws the producer away and takes a new one that fences the old; forgets all
    /// assignments. Those that are still ours come again by [`Polled::Assigned`]: membership is
    /// given up only where it may be at fault.
    ///
    /// # Errors
    /// [`BusError::Away`] (call again later), [`BusError::Fenced`], [`BusError::Setup`].
    fn recover(&mut self) -> Result<(), BusError>;

    /// Lets time pass while the log is away. Only a simulated transport has another idea of that
    /// than the thread's sleep.
    fn rest(&mut self, wait: Duration) {
        std::thread::sleep(wait);
    }

    /// Ends a poll early from another thread.
    fn waker(&self) -> Waker;

    /// Records not yet read of each input partition now owned, for metrics; empty when unknown.
    fn lag(&mut self) -> Vec<(TopicPartition, i64)>;

    /// Leaves the group at once, so that others take over without waiting for a timeout.
    fn leave(&mut self);
}

/// A topic as it is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicState {
    /// Topic.
    pub topic: Topic,
    /// Number of partitions; 0 where the topic is missing.
    pub partitions: u32,
    /// What is wrong with it, for people; empty when it is as it should be.
    pub faults: Vec<String>,
}

/// What commands read and append. Reads see committed records only.
pub trait Log: Send {
    /// All topics as they are, with what is wrong.
    ///
    /// # Errors
    /// [`BusError`].
    fn topics(&mut self) -> Result<Vec<TopicState>, BusError>;

    /// Creates the topics that are missing; those that are there are left as they are.
    ///
    /// # Errors
    /// [`BusError`].
    fn create_topics(&mut self) -> Result<Vec<Topic>, BusError>;

    /// Oldest offset, and the offset after the last committed record.
    ///
    /// # Errors
    /// [`BusError`].
    fn bounds(&mut self, place: TopicPartition) -> Result<(i64, i64), BusError>;

    /// Reads committed records from `from` on, at most `limit`. What is there comes without
    /// waiting; at the end it waits at most `wait` for the next. Offsets may have gaps. An offset before the oldest reads from the oldest.
    ///
    /// # Errors
    /// [`BusError`].
    fn read(
        &mut self,
        place: TopicPartition,
        from: i64,
        limit: PollLimit,
        wait: Duration,
    ) -> Result<Vec<Record>, BusError>;

    /// The first offset whose record is not older than `at`; the end where there is none.
    ///
    /// # Errors
    /// [`BusError`].
    fn offset_at(&mut self, place: TopicPartition, at: events::Timestamp) -> Result<i64, BusError>;

    /// Appends records, all or none.
    ///
    /// # Errors
    /// [`BusError`].
    fn append(&mut self, records: Vec<NewRecord>) -> Result<(), BusError>;

    /// The committed offsets of a group (name without prefix) on input topics.
    ///
    /// # Errors
    /// [`BusError`].
    fn committed(
        &mut self,
        group: &str,
        inputs: &[TopicPartition],
    ) -> Result<Vec<Option<i64>>, BusError>;
}
