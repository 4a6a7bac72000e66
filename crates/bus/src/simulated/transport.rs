//! A member's place in a simulated cluster: the same steps in the same order as on Kafka.

mod requests;
mod restore;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::client::{Change, Client};
use super::cluster::Answer;
use super::{Delivery, Mistake, Request, Simulated, Step};
use crate::{
    BusError, CommitError, GroupSpec, PollLimit, Polled, Position, Record, TopicPartition,
    Transaction, Transport, Waker,
};

const BARRIER_KEY: &[u8] = b"\0barrier";
const REQUEST_TIMEOUT_MS: i64 = 10_000;
/// A commit that took longer leaves a producer that is not used again.
const SLOW_MS: i64 = 2_000;
/// Records that a fetch brings once more where the script repeats it.
const REDELIVERED: i64 = 3;
/// Recoveries without a commit between them for which one client is kept.
const CLIENT_KEPT: u32 = 2;
const NO_PROGRESS_MS: i64 = 120_000;
const FENCED_AGAIN_MS: i64 = 60_000;
/// Records that one read of a changelog brings.
const RESTORE_CHUNK: usize = 50;

/// Why a request has no good answer.
enum Trouble {
    Refused(Answer),
    /// Whether it was done is not known.
    TimedOut,
}

/// [`Transport`] on a simulated cluster.
pub struct SimulatedTransport {
    simulated: Simulated,
    name: String,
    spec: GroupSpec,
    client: Option<u64>,
    /// Epoch of the producer.
    epoch: Option<u32>,
    suspect: bool,
    /// Recoveries since the last commit that was confirmed.
    recoveries: u32,
    left: bool,
    owned: BTreeSet<TopicPartition>,
    /// Assigned before a recovery and still: to be told as assigned anew.
    again: BTreeSet<TopicPartition>,
    positions: BTreeMap<TopicPartition, i64>,
    paused: BTreeSet<TopicPartition>,
    batch: Option<(Option<u64>, i32, BTreeSet<TopicPartition>)>,
    fenced_at: Option<i64>,
    fenced_again: bool,
    /// Positions as they were before the barrier (a mistake).
    early: BTreeMap<TopicPartition, Option<i64>>,
}

impl SimulatedTransport {
    pub(super) fn new(simulated: Simulated, name: String, spec: GroupSpec) -> Self {
        Self {
            simulated,
            name,
            spec,
            client: None,
            epoch: None,
            suspect: false,
            recoveries: 0,
            left: false,
            owned: BTreeSet::new(),
            again: BTreeSet::new(),
            positions: BTreeMap::new(),
            paused: BTreeSet::new(),
            batch: None,
            fenced_at: None,
            fenced_again: false,
            early: BTreeMap::new(),
        }
    }

    fn now(&self) -> i64 {
        self.simulated.script.now().as_millis()
    }

    fn step(&self, step: Step) {
        self.simulated.script.step(&self.name, step);
    }

    fn wait(&self, milliseconds: i64) {
        if milliseconds > 0 {
            let wait = Duration::from_millis(milliseconds.cast_unsigned());
            self.simulated.script.wait(&self.name, wait);
        }
    }

    fn errs(&self, mistake: Mistake) -> bool {
        self.simulated.settings.mistake == Some(mistake)
    }

    fn id(&self) -> String {
        format!("{}.{}", self.spec.group, self.spec.instance)
    }

    /// The client, and with it the right to ask the cluster.
    fn client(&self) -> Result<u64, BusError> {
        self.client.ok_or_else(|| BusError::Broken("not connected".to_owned()))
    }

    fn reaches(&self) -> bool {
        let cluster = self.simulated.cluster();
        match self.client {
            Some(client) => cluster.reaches(client),
            None => cluster.reaches_by_name(&self.name),
        }
    }

    fn connect(&mut self) -> Result<(), BusError> {
        self.take_producer()?;
        if self.client.is_none() {
            let now = self.now();
            let client = Client::new(&self.name, self.spec.clone(), now);
            self.client = Some(self.simulated.cluster().connect(client));
        }
        Ok(())
    }

    /// A producer that may be used, as on Kafka.
    pub(super) fn take_producer(&mut self) -> Result<(), BusError> {
        if self.suspect && !self.errs(Mistake::ProducerReused) {
            self.epoch = None;
        }
        if self.epoch.is_none() {
            let id = self.id();
            let script = self.simulated.script.clone();
            let taken = self.request(Request::InitProducer, &mut |cluster, now| {
                cluster.init_producer(&id, now, &*script)
            });
            let away = || BusError::Away("taking the transactional id: no answer".to_owned());
            self.epoch = Some(taken.map_err(|_| away())?);
        }
        self.suspect = false;
        Ok(())
    }

    fn disconnect(&mut self) {
        self.batch = None;
        self.forget(&self.owned.clone());
        self.again.clear();
        if let Some(client) = self.client.take() {
            let now = self.now();
            self.simulated.cluster().leave(client, now);
        }
    }

    fn forget(&mut self, places: &BTreeSet<TopicPartition>) {
        self.owned.retain(|place| !places.contains(place));
        self.again.retain(|place| !places.contains(place));
        self.positions.retain(|place, _| !places.contains(place));
        self.paused.retain(|place| !places.contains(place));
        if let Some((_, _, held)) = &mut self.batch {
            held.retain(|place| !places.contains(place));
        }
    }

    fn places(&self, partitions: &BTreeSet<u32>) -> BTreeSet<TopicPartition> {
        let inputs = self.spec.inputs.iter();
        inputs
            .flat_map(|topic| partitions.iter().map(|number| TopicPartition::new(*topic, *number)))
            .collect()
    }

    fn next_change(&mut self) -> Result<Option<Polled>, BusError> {
        let client = self.client()?;
        let change = self.simulated.cluster().change_of(client);
        Ok(match change {
            None => None,
            Some(Change::Assigned(partitions)) => {
                let mut places = self.places(&partitions);
                self.forget(&places);
                places.append(&mut self.again);
                self.owned.extend(&places);
                Some(Polled::Assigned(places.into_iter().collect()))
            }
            Some(Change::Revoked(_)) if self.errs(Mistake::RevokedKept) => None,
            Some(Change::Revoked(partitions)) => {
                let places = self.places(&partitions);
                self.forget(&places);
                Some(Polled::Revoked(places.into_iter().collect()))
            }
        })
    }

    fn fetch(&mut self, limit: PollLimit) -> Result<Vec<Record>, BusError> {
        let uncommitted = self.errs(Mistake::ReadUncommitted);
        let script = self.simulated.script.clone();
        let again = match script.deliver(&self.name, Request::Fetch) {
            Delivery::Repeated => REDELIVERED,
            _ => 0,
        };
        let cluster = self.simulated.cluster();
        let mut places: Vec<TopicPartition> =
            self.positions.keys().copied().filter(|place| !self.paused.contains(place)).collect();
        if !places.is_empty() {
            let first = script.below(places.len() as u64) as usize;
            places.rotate_left(first);
        }
        let mut records: Vec<Record> = Vec::new();
        let mut bytes = 0;
        for place in places {
            let Some(position) = self.positions.get_mut(&place) else { continue };
            let partition = cluster.partition(place);
            let oldest = partition.oldest();
            if *position < oldest {
                if records.is_empty() {
                    return Err(BusError::OutOfRange { place, wanted: *position, oldest });
                }
                continue;
            }
            let from = (*position - again).max(oldest);
            for record in partition.read(from, uncommitted) {
                if records.len() >= limit.records || bytes >= limit.bytes {
                    break;
                }
                *position = record.offset + 1;
                bytes += record.size();
                records.push(record.clone());
            }
        }
        Ok(records)
    }

    fn check_owned(&self, places: impl Iterator<Item = TopicPartition>) -> Result<(), BusError> {
        for place in places {
            if !self.owned.contains(&place) {
                return Err(BusError::Broken(format!("{place} is not ours")));
            }
        }
        Ok(())
    }

    fn check_held(
        &self,
        transaction: &Transaction,
        held: &BTreeSet<TopicPartition>,
    ) -> Result<(), CommitError> {
        let numbers: BTreeSet<u32> = held.iter().map(|place| place.partition).collect();
        let offsets = transaction.offsets.iter().map(|(place, _)| (*place, held.contains(place)));
        let changes = transaction
            .records
            .iter()
            .filter(|record| self.spec.changelogs.contains(&record.place.topic))
            .map(|record| (record.place, numbers.contains(&record.place.partition)));
        match offsets.chain(changes).find(|(_, held)| !held) {
            Some((place, _)) => Err(CommitError::Fenced(format!("{place} is no longer ours"))),
            None => Ok(()),
        }
    }

    fn note_fenced(&mut self) {
        let now = self.now();
        self.fenced_again |= self.fenced_at.is_some_and(|before| now - before < FENCED_AGAIN_MS);
        self.fenced_at = Some(now);
    }
}

impl Transport for SimulatedTransport {
    fn poll(&mut self, wait: Duration, limit: PollLimit) -> Result<Polled, BusError> {
        self.step(Step::Poll);
        let deadline = self.now() + wait.as_millis() as i64;
        loop {
            if !self.left {
                self.connect()?;
                let client = self.client()?;
                let now = self.now();
                self.simulated.cluster().serve(client, now);
                if let Some(change) = self.next_change()? {
                    return Ok(change);
                }
                if !self.again.is_empty() {
                    let again = std::mem::take(&mut self.again);
                    self.owned.extend(&again);
                    return Ok(Polled::Assigned(again.into_iter().collect()));
                }
                if !self.reaches() {
                    return Err(BusError::Away("no broker answers".to_owned()));
                }
                if self.errs(Mistake::RetentionTooShort) {
                    self.simulated.cluster().shorten(&self.simulated.settings.topics, 4);
                }
                let records = self.fetch(limit)?;
                if !records.is_empty() {
                    return Ok(Polled::Records(records));
                }
            }
            let left = deadline - self.now();
            if left <= 0 {
                return Ok(Polled::Records(Vec::new()));
            }
            let left = Duration::from_millis(left.cast_unsigned());
            if !self.simulated.script.idle(&self.name, left) {
                return Ok(Polled::Records(Vec::new()));
            }
        }
    }

    fn restore(
        &mut self,
        changelogs: &[TopicPartition],
        each: &mut dyn FnMut(Record),
        stop: &dyn Fn() -> bool,
    ) -> Result<(), BusError> {
        if changelogs.is_empty() {
            return Ok(());
        }
        self.early.clear();
        if self.errs(Mistake::PositionBeforeBarrier) {
            let cluster = self.simulated.cluster();
            for place in &self.owned {
                let committed = cluster.committed(self.spec.group, *place, false);
                self.early.insert(*place, committed.unwrap_or_default());
            }
        }
        let barrier = if self.errs(Mistake::RestoreToStableOffset) {
            None
        } else {
            Some(self.write_barrier(changelogs)?)
        };
        for place in changelogs {
            self.read_changelog(*place, barrier.as_deref(), each, stop)?;
        }
        Ok(())
    }

    fn position(&mut self, input: TopicPartition) -> Result<Position, BusError> {
        self.check_owned([input].into_iter())?;
        self.step(Step::Position);
        let group = self.spec.group;
        let wait_for_pending = !self.errs(Mistake::PositionWithoutPending);
        let committed = match self.early.get(&input) {
            Some(early) => *early,
            None => self
                .ask(self.now() + REQUEST_TIMEOUT_MS, &mut |cluster, _| {
                    cluster.committed(group, input, wait_for_pending)
                })
                .map_err(|_| BusError::Away("asking for the committed offset".to_owned()))?,
        };
        let cluster = self.simulated.cluster();
        let partition = cluster.partition(input);
        let latest = self.errs(Mistake::ResetToLatest).then(|| partition.end());
        Ok(Position { committed: committed.or(latest), oldest: partition.oldest() })
    }

    fn start(&mut self, inputs: &[(TopicPartition, i64)]) -> Result<(), BusError> {
        self.check_owned(inputs.iter().map(|(place, _)| *place))?;
        self.step(Step::Start);
        self.positions.extend(inputs.iter().copied());
        Ok(())
    }

    fn pause(&mut self, inputs: &[TopicPartition]) -> Result<(), BusError> {
        self.check_owned(inputs.iter().copied())?;
        self.paused.extend(inputs);
        Ok(())
    }

    fn resume(&mut self, inputs: &[TopicPartition]) -> Result<(), BusError> {
        self.check_owned(inputs.iter().copied())?;
        self.paused.retain(|place| !inputs.contains(place));
        Ok(())
    }

    fn holds(&mut self, input: TopicPartition) -> Result<bool, BusError> {
        let client = self.client()?;
        let now = self.now();
        let mut cluster = self.simulated.cluster();
        cluster.background(client, now);
        let is_member = !cluster.is_lost(client);
        let gone = cluster.taken_away(client);
        Ok(is_member && self.owned.contains(&input) && !gone.contains(&input.partition))
    }

    fn begin(&mut self) -> Result<(), BusError> {
        self.step(Step::Begin);
        self.take_producer()?;
        let client = self.client()?;
        let now = self.now();
        let mut cluster = self.simulated.cluster();
        cluster.background(client, now);
        let lost = cluster.is_lost(client);
        let (member, generation) = cluster.membership(client);
        let gone = cluster.taken_away(client);
        drop(cluster);
        if (self.owned.is_empty() || lost) && !self.errs(Mistake::BeginWithoutMembership) {
            return Err(BusError::Broken("no member of the group".to_owned()));
        }
        let mut held = self.owned.clone();
        if !self.errs(Mistake::LossUnseen) {
            held.retain(|place| !gone.contains(&place.partition));
        }
        self.batch = Some((member, generation, held));
        Ok(())
    }

    fn commit(&mut self, transaction: Transaction) -> Result<(), CommitError> {
        let doubtful = |why: &str| Err(CommitError::Doubtful(why.to_owned()));
        let Some((member, generation, held)) = self.batch.take() else {
            return doubtful("no batch was begun");
        };
        if transaction.offsets.is_empty() {
            return doubtful("a transaction without an offset would not be fenced");
        }
        let topics = &self.simulated.settings.topics;
        if let Some(why) = transaction.records.iter().find_map(|record| topics.refuse(record)) {
            return Err(CommitError::Doubtful(why));
        }
        self.check_held(&transaction, &held)?;
        let Some(epoch) = self.epoch else { return doubtful("no producer") };
        self.suspect = true;
        let began = self.now();
        match self.transact(epoch, &transaction, (member, generation)) {
            Ok(()) => {
                self.suspect = self.now() - began > SLOW_MS;
                self.recoveries = 0;
                Ok(())
            }
            Err(Trouble::Refused(Answer::Epoch)) => {
                self.note_fenced();
                Err(CommitError::Fenced("another producer has this id".to_owned()))
            }
            Err(Trouble::Refused(Answer::Generation)) => {
                Err(CommitError::Fenced("no member of this generation".to_owned()))
            }
            Err(Trouble::Refused(answer)) => Err(CommitError::Doubtful(format!("{answer:?}"))),
            Err(Trouble::TimedOut) => doubtful("no answer in time"),
        }
    }

    fn recover(&mut self) -> Result<(), BusError> {
        self.step(Step::Recover);
        self.left = false;
        if self.fenced_again {
            self.disconnect();
            let why = format!("another process runs as instance `{}`", self.spec.instance);
            return Err(BusError::Fenced(why));
        }
        if self.recoveries < CLIENT_KEPT {
            self.batch = None;
            self.positions.clear();
            self.paused.clear();
            self.again.append(&mut self.owned);
        } else {
            self.disconnect();
        }
        if self.errs(Mistake::ProducerReused) {
            let script = self.simulated.script.clone();
            let (id, now) = (self.id(), self.now());
            if let Some(epoch) = self.epoch {
                let ended = self.simulated.cluster().end(&id, epoch, false, now, &*script);
                if ended == Err(Answer::Epoch) {
                    self.epoch = None;
                }
            }
        } else {
            self.epoch = None;
        }
        self.connect()?;
        self.recoveries += 1;
        Ok(())
    }

    fn rest(&mut self, wait: Duration) {
        self.simulated.script.wait(&self.name, wait);
    }

    fn waker(&self) -> Waker {
        let (script, name) = (self.simulated.script.clone(), self.name.clone());
        Waker::new(move || script.wake(&name))
    }

    fn lag(&mut self) -> Vec<(TopicPartition, i64)> {
        let cluster = self.simulated.cluster();
        let lag = |(place, position): (&TopicPartition, &i64)| {
            (*place, (cluster.partition(*place).stable() - position).max(0))
        };
        self.positions.iter().map(lag).collect()
    }

    fn leave(&mut self) {
        self.disconnect();
        self.left = true;
    }
}

impl Drop for SimulatedTransport {
    /// A process that ends in good order leaves its group; one that dies tells nobody.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.disconnect();
        }
    }
}
