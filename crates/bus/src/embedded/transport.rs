//! A daemon's place on the embedded log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::space::Room;
use super::sql::broken;
use super::{Shared, Watch, store};
use crate::{
    BusError, CommitError, GroupSpec, PollLimit, Polled, Position, Record, TopicPartition,
    Transaction, Transport, Waker,
};

/// A changelog is read in pieces, since a reader that holds a transaction for long stops the
/// checkpoints of the WAL.
const RESTORE_PIECE: PollLimit = PollLimit { records: 500, bytes: 8 * 1024 * 1024 };
/// Losing the membership twice within this time means that somebody takes it again and again.
const FENCED_AGAIN: Duration = Duration::from_mins(1);

/// Where this member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Membership {
    /// Joins at the next poll.
    Outside,
    /// Has all partitions, under this epoch.
    Member(i64),
    /// Another one has taken the place, or we have left: nothing more comes before
    /// [`Transport::recover`].
    Gone,
}

/// [`Transport`] on the embedded log.
pub struct EmbeddedTransport {
    shared: Arc<Shared>,
    spec: GroupSpec,
    group: String,
    inputs: Vec<TopicPartition>,
    reader: Connection,
    watch: Watch,
    membership: Membership,
    /// The epoch at [`Transport::begin`].
    batch: Option<i64>,
    /// The next offset of each partition that delivers.
    positions: BTreeMap<TopicPartition, i64>,
    paused: BTreeSet<TopicPartition>,
    /// Where the next poll begins, so that no partition waits behind the others for ever.
    turn: usize,
    woken: Arc<AtomicBool>,
    fenced_at: Option<Instant>,
    fenced_again: Option<String>,
    /// What the last transaction did not find.
    needs: Option<Room>,
}

impl EmbeddedTransport {
    pub(super) fn new(shared: Arc<Shared>, spec: GroupSpec) -> Result<Self, BusError> {
        let topics = &shared.settings.topics;
        let group = format!("{}{}", topics.prefix, spec.group);
        let inputs = spec.inputs.iter().flat_map(|topic| topics.partitions(*topic)).collect();
        let reader = shared.connect()?;
        let watch = Watch::new(&shared, &reader)?;
        Ok(Self {
            shared,
            spec,
            group,
            inputs,
            reader,
            watch,
            membership: Membership::Outside,
            batch: None,
            positions: BTreeMap::new(),
            paused: BTreeSet::new(),
            turn: 0,
            woken: Arc::new(AtomicBool::new(false)),
            fenced_at: None,
            fenced_again: None,
            needs: None,
        })
    }

    fn join(&mut self) -> Result<(), BusError> {
        let topics = &self.shared.settings.topics;
        let inputs: Vec<String> =
            self.spec.inputs.iter().map(|topic| topics.full_name(*topic)).collect();
        let epoch = self.shared.write(|transaction| {
            store::join(transaction, &self.group, &self.spec.instance, &inputs).map_err(broken)
        })?;
        self.membership = Membership::Member(epoch);
        Ok(())
    }

    fn forget_assignment(&mut self) {
        self.batch = None;
        self.positions.clear();
        self.paused.clear();
    }

    /// Records that are there, without waiting.
    fn read_new(&mut self, limit: PollLimit) -> Result<Vec<Record>, BusError> {
        let bounds = store::all_bounds(&self.reader).map_err(broken)?;
        let mut records = Vec::new();
        let mut bytes = 0;
        let places: Vec<TopicPartition> = self.positions.keys().copied().collect();
        if places.is_empty() {
            return Ok(records);
        }
        self.turn = (self.turn + 1) % places.len();
        for place in places.iter().cycle().skip(self.turn).take(places.len()) {
            let Some(position) = self.positions.get_mut(place) else {
                continue;
            };
            let id = self.shared.id(*place)?;
            let (oldest, next) = bounds.get(&id).copied().unwrap_or_default();
            if self.paused.contains(place) || *position >= next {
                continue;
            }
            if *position < oldest {
                return Err(BusError::OutOfRange { place: *place, wanted: *position, oldest });
            }
            let before = records.len();
            store::read(&self.reader, id, *place, *position, limit, &mut records, &mut bytes)
                .map_err(broken)?;
            if let Some(last) = records[before..].last() {
                *position = last.offset + 1;
            }
        }
        Ok(records)
    }

    fn poll_as_member(
        &mut self,
        epoch: i64,
        deadline: Instant,
        limit: PollLimit,
    ) -> Result<Polled, BusError> {
        loop {
            if self.woken.swap(false, Ordering::SeqCst) {
                return Ok(Polled::Records(Vec::new()));
            }
            self.shared.housekeep()?;
            let member = store::member(&self.reader, &self.group).map_err(broken)?;
            if member.is_none_or(|(now, _)| now != epoch) {
                self.membership = Membership::Gone;
                self.forget_assignment();
                return Ok(Polled::Revoked(self.inputs.clone()));
            }
            let records = self.read_new(limit)?;
            if !records.is_empty() || Instant::now() >= deadline {
                return Ok(Polled::Records(records));
            }
            self.wait(deadline)?;
        }
    }

    fn wait(&mut self, deadline: Instant) -> Result<(), BusError> {
        let woken = Arc::clone(&self.woken);
        self.watch.wait(&self.shared, &self.reader, deadline, move || woken.load(Ordering::SeqCst))
    }

    fn owned(&self, places: &[TopicPartition]) -> Result<(), BusError> {
        if !matches!(self.membership, Membership::Member(_)) {
            return Err(BusError::Broken("no member of the group".to_owned()));
        }
        match places.iter().find(|place| !self.inputs.contains(place)) {
            None => Ok(()),
            Some(place) => Err(BusError::Broken(format!("{place} is not ours"))),
        }
    }

    fn try_commit(&self, epoch: i64, room: Room, transaction: &Transaction) -> Result<(), Failure> {
        let topics = &self.shared.settings.topics;
        if let Some(why) = transaction.records.iter().find_map(|record| topics.refuse(record)) {
            return Err(Failure::Log(BusError::Setup(why)));
        }
        self.shared.write(|sql| {
            match store::member(sql, &self.group).map_err(broken)? {
                Some((now, _)) if now == epoch => {}
                Some((_, instance)) => return Err(Failure::Fenced(instance)),
                None => return Err(Failure::Fenced("nobody".to_owned())),
            }
            self.shared.make_room(sql, room)?;
            store::append(sql, &self.shared.partitions(), topics, &transaction.records)
                .map_err(broken)?;
            for (place, offset) in &transaction.offsets {
                let id = self.shared.id(*place)?;
                store::commit_offset(sql, &self.group, id, *offset).map_err(broken)?;
            }
            Ok(())
        })
    }

    /// Twice within a minute: somebody else keeps taking our place.
    fn note_fenced(&mut self, by: String) {
        let now = Instant::now();
        if self.fenced_at.is_some_and(|before| now.duration_since(before) < FENCED_AGAIN) {
            self.fenced_again = Some(by);
        }
        self.fenced_at = Some(now);
    }
}

/// Why a commit failed.
enum Failure {
    Log(BusError),
    /// Instance that has taken the place.
    Fenced(String),
}

impl From<BusError> for Failure {
    fn from(error: BusError) -> Self {
        Self::Log(error)
    }
}

impl Transport for EmbeddedTransport {
    fn poll(&mut self, wait: Duration, limit: PollLimit) -> Result<Polled, BusError> {
        let deadline = Instant::now() + wait;
        match self.membership {
            Membership::Outside => {
                self.join()?;
                Ok(Polled::Assigned(self.inputs.clone()))
            }
            Membership::Member(epoch) => self.poll_as_member(epoch, deadline, limit),
            Membership::Gone => {
                while Instant::now() < deadline && !self.woken.swap(false, Ordering::SeqCst) {
                    self.wait(deadline)?;
                }
                Ok(Polled::Records(Vec::new()))
            }
        }
    }

    fn restore(
        &mut self,
        changelogs: &[TopicPartition],
        each: &mut dyn FnMut(Record),
        stop: &dyn Fn() -> bool,
    ) -> Result<(), BusError> {
        // No barrier is needed: SQLite has one writer, what is committed is visible, and the
        // epoch that join() has raised keeps every earlier owner from committing more.
        for place in changelogs {
            let id = self.shared.id(*place)?;
            let (mut from, end) = store::bounds(&self.reader, id).map_err(broken)?;
            while from < end {
                if stop() {
                    return Err(BusError::Broken("the restore was given up".to_owned()));
                }
                let mut records = Vec::new();
                store::read(&self.reader, id, *place, from, RESTORE_PIECE, &mut records, &mut 0)
                    .map_err(broken)?;
                let Some(last) = records.last() else {
                    break;
                };
                from = last.offset + 1;
                records.into_iter().for_each(&mut *each);
            }
        }
        Ok(())
    }

    fn position(&mut self, input: TopicPartition) -> Result<Position, BusError> {
        let id = self.shared.id(input)?;
        let committed = store::committed(&self.reader, &self.group, id).map_err(broken)?;
        let (oldest, _) = store::bounds(&self.reader, id).map_err(broken)?;
        Ok(Position { committed, oldest })
    }

    fn start(&mut self, inputs: &[(TopicPartition, i64)]) -> Result<(), BusError> {
        let places: Vec<TopicPartition> = inputs.iter().map(|(place, _)| *place).collect();
        self.owned(&places)?;
        self.positions.extend(inputs.iter().copied());
        Ok(())
    }

    fn pause(&mut self, inputs: &[TopicPartition]) -> Result<(), BusError> {
        self.owned(inputs)?;
        self.paused.extend(inputs);
        Ok(())
    }

    fn resume(&mut self, inputs: &[TopicPartition]) -> Result<(), BusError> {
        self.owned(inputs)?;
        for input in inputs {
            self.paused.remove(input);
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), BusError> {
        match self.membership {
            Membership::Member(epoch) => {
                self.batch = Some(epoch);
                Ok(())
            }
            Membership::Outside | Membership::Gone => {
                Err(BusError::Broken("no member of the group".to_owned()))
            }
        }
    }

    fn commit(&mut self, transaction: Transaction) -> Result<(), CommitError> {
        let Some(epoch) = self.batch.take() else {
            return Err(CommitError::Doubtful("no batch was begun".to_owned()));
        };
        if transaction.offsets.is_empty() {
            return Err(CommitError::Doubtful(
                "a transaction without an offset would not be fenced".to_owned(),
            ));
        }
        let room = self.shared.room_for(&transaction.records);
        match self.try_commit(epoch, room, &transaction) {
            Ok(()) => Ok(()),
            Err(Failure::Log(error)) => {
                if matches!(error, BusError::Away(_)) {
                    self.needs = Some(room);
                }
                Err(CommitError::Doubtful(error.to_string()))
            }
            Err(Failure::Fenced(by)) => {
                self.note_fenced(by.clone());
                Err(CommitError::Fenced(format!("`{by}` has taken the place")))
            }
        }
    }

    fn recover(&mut self) -> Result<(), BusError> {
        self.forget_assignment();
        self.membership = Membership::Gone;
        if let Some(by) = &self.fenced_again {
            return Err(BusError::Fenced(format!(
                "another process runs as instance `{by}` of {}",
                self.group
            )));
        }
        if let Some(room) = self.needs {
            // Before there is room, a restore would only lead to the same failure again.
            self.shared.write(|transaction| self.shared.make_room(transaction, room))?;
            self.needs = None;
        }
        self.reader = self.shared.connect()?;
        self.watch = Watch::new(&self.shared, &self.reader)?;
        self.membership = Membership::Outside;
        Ok(())
    }

    fn waker(&self) -> Waker {
        let woken = Arc::clone(&self.woken);
        let shared = Arc::clone(&self.shared);
        Waker::new(move || {
            woken.store(true, Ordering::SeqCst);
            shared.wake();
        })
    }

    fn lag(&mut self) -> Vec<(TopicPartition, i64)> {
        let Ok(bounds) = store::all_bounds(&self.reader) else {
            return Vec::new();
        };
        let ids = self.shared.partitions();
        self.positions
            .iter()
            .filter_map(|(place, position)| {
                let (_, next) = bounds.get(ids.get(place)?)?;
                Some((*place, (next - position).max(0)))
            })
            .collect()
    }

    fn leave(&mut self) {
        self.forget_assignment();
        self.membership = Membership::Gone;
    }
}
