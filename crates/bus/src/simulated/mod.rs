//! A Kafka cluster in memory, for tests: what it does and when is decided by a [`Script`].
//!
//! It models what our promise rests on, and what has broken the promises of others: commit markers
//! that reach each partition in their own time, the last stable offset, producers fenced by epoch,
//! members fenced by generation, offsets that are pending until their transaction is decided, open
//! transactions of dead owners, late copies of requests, eager and cooperative rebalances, a client
//! library whose background thread changes the membership behind the caller's back. It does not
//! model replication: an acknowledged record stays (min.insync.replicas sees to that on Kafka).
//!
//! There are no threads in here. Wherever a real client would block, the script is asked to let
//! time pass, and a simulation lets other members act meanwhile.

mod client;
mod cluster;
mod log;
mod partition;
mod transport;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use events::Timestamp;

use crate::{GroupSpec, NewRecord, TopicPartition, TopicSettings};

use cluster::{Answer, Cluster};
pub use log::SimulatedLog;
pub use transport::SimulatedTransport;

/// A place between two steps of a member, where it can be stopped or die.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Before it polls.
    Poll,
    /// Before the batch is marked as begun.
    Begin,
    /// Before the transaction's first request.
    Commit,
    /// Before the records of one partition are sent.
    Produce,
    /// All records stand in the log; the offsets are not sent.
    Flushed,
    /// The offsets are sent; the end of the transaction is not asked for.
    OffsetsSent,
    /// The transaction is decided; the caller does not know.
    Committed,
    /// Before the barrier of a restore is written.
    Barrier,
    /// Before a part of a changelog is read.
    Restore,
    /// Before the group's position is asked for.
    Position,
    /// Before partitions are started.
    Start,
    /// Before a new producer takes its name.
    Recover,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Poll,
        Self::Begin,
        Self::Commit,
        Self::Produce,
        Self::Flushed,
        Self::OffsetsSent,
        Self::Committed,
        Self::Barrier,
        Self::Restore,
        Self::Position,
        Self::Start,
        Self::Recover,
    ];
}

/// A request of a member to the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Request {
    /// A producer takes its transactional id.
    InitProducer,
    /// Records of one partition, its part in the transaction included.
    Produce,
    /// The offsets of a transaction.
    SendOffsets,
    /// The end of a transaction.
    EndTransaction,
    /// New records of the inputs. Only [`Delivery::Repeated`] means anything: some come once more.
    Fetch,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It arrives, and so does its answer, after so many milliseconds each.
    Done(u64),
    /// Its answer is lost; the client library asks again and is answered.
    Repeated,
    /// It is done, but the caller is told of an error.
    DoneButFailed,
    /// It is not done, and the caller is told of an error.
    Failed,
    /// The caller is told of an error; the request arrives so many milliseconds later.
    Late(u64),
    /// A first copy is lost on its way and arrives so many milliseconds after the second one, which
    /// the caller is told of.
    Doubled(u64),
}

/// Decides all that is not decided by what the members do.
pub trait Script: Send + Sync {
    /// The time, of the cluster and of every member's client library.
    fn now(&self) -> Timestamp;

    /// A member waits, in the middle of a call. Others may act meanwhile.
    fn wait(&self, member: &str, wait: Duration);

    /// A member has nothing to do until so long from now. True: it is to look again after a while;
    /// false: the poll ends, and the caller polls again when it is time.
    fn idle(&self, member: &str, wait: Duration) -> bool;

    /// A member reaches a step. It may be held up here, or not return at all (unwinding).
    fn step(&self, member: &str, step: Step);

    /// What becomes of a request.
    fn deliver(&self, member: &str, request: Request) -> Delivery;

    /// Any other choice: a number below `limit`, which is not 0.
    fn below(&self, limit: u64) -> u64;

    /// A poll of that member ends, or is to end at once.
    fn wake(&self, member: &str);
}

/// A way to build a transport wrongly. A simulation that does not find each of them proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mistake {
    /// Offsets are sent before the records are flushed: a changelog record may arrive after the
    /// barrier of the next owner. A harness that compares the group's position with the one in the
    /// state finds out. Too rare for seeds: a test of this transport finds it.
    OffsetsBeforeFlush,
    /// Offsets are committed in a transaction of their own, before the outputs.
    OffsetsBeforeOutputs,
    /// A restore ends at the last stable offset.
    RestoreToStableOffset,
    /// A restore reads what is not committed.
    RestoreUncommitted,
    /// The group's position is asked for before the barrier. A harness that compares it with the
    /// position in the state finds out.
    PositionBeforeBarrier,
    /// The group's position is taken without waiting for pending offsets. As before, and too rare for
    /// seeds: a test of this transport finds it.
    PositionWithoutPending,
    /// The producer is used again after a doubtful outcome.
    ProducerReused,
    /// The membership is looked up when the transaction is committed, not when its batch begins.
    MembershipAtCommit,
    /// A batch begins without a membership.
    BeginWithoutMembership,
    /// The buffer of a partition that was taken away is kept, and the loss is not told.
    RevokedKept,
    /// State changes are written outside the transaction.
    ChangelogOutside,
    /// A group without an offset begins at the end of its input.
    ResetToLatest,
    /// The members read what is not committed.
    ReadUncommitted,
    /// A transaction that touches no new input commits no offset, and so is not fenced.
    NoOffsets,
    /// Retention removes what is not consumed.
    RetentionTooShort,
    /// A batch begins with partitions whose loss was served during a restore and is not told yet.
    /// Too rare for seeds: a case of the conformance suite finds it.
    LossUnseen,
}

impl Mistake {
    /// All that a right harness does not make good and that is planted for seeds to find.
    pub const ALL: [Self; 12] = [
        Self::OffsetsBeforeOutputs,
        Self::RestoreToStableOffset,
        Self::RestoreUncommitted,
        Self::ProducerReused,
        Self::MembershipAtCommit,
        Self::BeginWithoutMembership,
        Self::RevokedKept,
        Self::ChangelogOutside,
        Self::ResetToLatest,
        Self::ReadUncommitted,
        Self::NoOffsets,
        Self::RetentionTooShort,
    ];
}

/// What a cluster is like.
#[derive(Clone, Debug)]
pub struct SimulatedSettings {
    /// Topics.
    pub topics: TopicSettings,
    /// After so long without a heartbeat a member is put out of its group.
    pub session_timeout: Duration,
    /// After so long without a poll a member leaves its group.
    pub max_poll_interval: Duration,
    /// An open transaction of so long is aborted.
    pub transaction_timeout: Duration,
    /// Whether a group with one input hands over partitions one by one (else all at once).
    pub cooperative: bool,
    /// Longest time that a commit marker takes to one of its partitions.
    pub marker_delay: Duration,
    /// What is wrong with the transport; `None` outside the tests of the tests.
    pub mistake: Option<Mistake>,
}

impl SimulatedSettings {
    /// As newswire runs on Kafka.
    pub fn new(topics: TopicSettings) -> Self {
        Self {
            topics,
            session_timeout: Duration::from_secs(45),
            max_poll_interval: Duration::from_secs(300),
            transaction_timeout: Duration::from_secs(10),
            cooperative: true,
            marker_delay: Duration::ZERO,
            mistake: None,
        }
    }
}

/// A cluster, and the door to it. Clones are of the same cluster.
#[derive(Clone)]
pub struct Simulated {
    pub(in crate::simulated) script: Arc<dyn Script>,
    pub(in crate::simulated) settings: Arc<SimulatedSettings>,
    cluster: Arc<Mutex<Cluster>>,
}

impl Simulated {
    /// An empty cluster.
    pub fn new(settings: SimulatedSettings, script: Arc<dyn Script>) -> Self {
        let cluster = Cluster::new(&settings);
        Self { script, settings: Arc::new(settings), cluster: Arc::new(Mutex::new(cluster)) }
    }

    /// The cluster as it is now.
    pub(in crate::simulated) fn cluster(&self) -> MutexGuard<'_, Cluster> {
        let now = self.script.now().as_millis();
        let mut cluster = self.cluster.lock().unwrap_or_else(PoisonError::into_inner);
        cluster.tick(now, &*self.script);
        cluster
    }

    /// A new member; `name` tells the script who it is, also where two have the same instance.
    pub fn transport(&self, name: &str, spec: GroupSpec) -> SimulatedTransport {
        SimulatedTransport::new(self.clone(), name.to_owned(), spec)
    }

    /// A door for commands.
    pub fn log(&self) -> SimulatedLog {
        SimulatedLog::new(self.clone())
    }

    /// No member reaches the cluster until this is called with false. The time-outs of sessions
    /// begin anew then, as after the fail-over of a coordinator.
    pub fn set_away(&self, away: bool) {
        self.cluster().set_away(away);
    }

    /// Cuts one member off, or reconnects it; others go on, and may put it out.
    pub fn set_cut(&self, name: &str, cut: bool) {
        self.cluster().set_cut(name, cut);
    }

    /// The process of that member is stopped (as by SIGSTOP), or goes on.
    pub fn set_stopped(&self, name: &str, stopped: bool) {
        self.cluster().set_stopped(name, stopped);
    }

    /// The process of that member has died: whatever is dropped from now on tells nobody.
    pub fn kill(&self, name: &str) {
        self.cluster().kill(name);
    }

    /// Removes what compaction may remove of compacted topics: older records of a key below the
    /// last stable offset, markers of what is gone, tombstones where `tombstones` is set.
    pub fn compact(&self, tombstones: bool) {
        self.cluster().compact(&self.settings.topics, tombstones);
    }

    /// Loses all records before `oldest`, as retention does.
    pub fn lose_before(&self, place: TopicPartition, oldest: i64) {
        self.cluster().lose_before(place, oldest);
    }

    /// Forgets the offsets of a group (name without prefix), as a cluster does after their
    /// retention or when the group is deleted.
    pub fn forget_group(&self, group: &str) {
        self.cluster().forget_group(group);
    }

    /// Writes records as the producer of that member would, and dies before it commits.
    pub fn die_in_a_transaction(&self, spec: &GroupSpec, records: Vec<NewRecord>) {
        let id = format!("{}.{}", spec.group, spec.instance);
        let mut cluster = self.cluster();
        let now = self.script.now().as_millis();
        let mut producer = cluster.init_producer(&id, now, &*self.script);
        while producer == Err(Answer::Busy) {
            drop(cluster);
            self.script.wait(&id, Duration::from_millis(20));
            cluster = self.cluster();
            producer = cluster.init_producer(&id, now, &*self.script);
        }
        let Ok(epoch) = producer else { return };
        let mut by_place: BTreeMap<TopicPartition, Vec<NewRecord>> = BTreeMap::new();
        for record in records {
            by_place.entry(record.place).or_default().push(record);
        }
        for (place, records) in by_place {
            let _ = cluster.produce(&id, epoch, place, &records, now);
        }
    }

    /// Members that now own something in a group, by name, with their partitions: as the cluster
    /// has it, whatever they believe.
    pub fn owners(&self, group: &str) -> BTreeMap<String, Vec<u32>> {
        self.cluster().owners(group)
    }
}
