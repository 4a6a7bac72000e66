//! Which partitions are ours: restoring them, letting go of them, and the one recovery path.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use bus::{BusError, Record, TopicPartition};

use super::{AWAY_WAIT, Broken, Harness, RunError};
use crate::Phase;
use crate::mutant::Mutant;
use crate::task::{Restored, Task};

/// How often state is read that does not fit the group's position.
const RESTORES: u32 = 3;

/// Why a partition cannot be taken up.
pub(super) enum Refusal {
    /// State and position do not fit. Either they never will, or the partition was taken away while
    /// its state was read and the next owner went on; the state read anew tells which.
    Moved(String),
    /// State that cannot be read.
    Unreadable(String),
}

impl Harness<'_> {
    pub(super) fn recover(&mut self, reason: &str) -> Result<(), RunError> {
        let stage = self.definition.name();
        tracing::warn!(stage, reason, "starting anew from the log");
        self.meter.count("newswire_recoveries_total", &[("stage", stage)], 1);
        let partitions: BTreeSet<u32> = self.tasks.keys().copied().collect();
        if Mutant::StateKept.is_planted() || Mutant::FoldedBeforeCommit.is_planted() {
            self.tasks.values_mut().for_each(|task| task.state.drop_changes());
        } else {
            self.let_go(&partitions);
        }
        self.status.update(|status| status.stopped.clear());
        while !self.stopping() {
            match self.transport.recover() {
                Ok(()) => {
                    self.status.update(|status| status.phase = Phase::Running);
                    return Ok(());
                }
                Err(BusError::Fenced(reason)) => return Err(RunError::Fenced(reason)),
                Err(BusError::Setup(reason)) => return Err(RunError::Setup(reason)),
                Err(error) => {
                    self.away(&error.to_string());
                    self.transport.rest(AWAY_WAIT);
                }
            }
        }
        Ok(())
    }

    pub(super) fn let_go(&mut self, partitions: &BTreeSet<u32>) {
        for partition in partitions {
            self.tasks.remove(partition);
        }
        self.requests.let_go(partitions);
        self.note_partitions();
        self.status.update(|status| {
            status.stopped.retain(|partition, _| !partitions.contains(partition));
        });
    }

    pub(super) fn note_partitions(&self) {
        let partitions = self.tasks.keys().copied().collect();
        self.status.update(|status| status.partitions = partitions);
    }

    /// Restores partitions that are now ours, and begins to consume them.
    pub(super) fn assigned(&mut self, places: &[TopicPartition]) -> Result<(), Broken> {
        let stage = self.definition.name();
        self.status.update(|status| status.phase = Phase::Restoring);
        let partitions: BTreeSet<u32> = places.iter().map(|place| place.partition).collect();
        let began = self.now();
        let mut starts = Vec::new();
        let mut records = 0;
        let mut left = partitions.clone();
        for attempt in 1..=RESTORES {
            let restored = self.read_changelogs(&left)?;
            left.clear();
            for (partition, restored) in restored {
                records += restored.records;
                let inputs: Vec<TopicPartition> =
                    places.iter().copied().filter(|place| place.partition == partition).collect();
                match self.take_up(partition, restored, &inputs)? {
                    Ok(more) => starts.extend(more),
                    Err(Refusal::Moved(_)) if !self.holds(&inputs)? => {
                        let why = "a partition was taken away while its state was read";
                        return Err(Broken::Recover(why.to_owned()));
                    }
                    Err(Refusal::Moved(_)) if attempt < RESTORES => {
                        left.insert(partition);
                    }
                    Err(Refusal::Moved(reason) | Refusal::Unreadable(reason)) => {
                        self.stop_partition(partition, reason);
                    }
                }
            }
            if left.is_empty() {
                break;
            }
        }
        // All at once: a transport may have to stop fetching for each such call.
        self.transport.start(&starts).map_err(|error| self.broken_in_hand(error))?;
        let milliseconds = self.now().millis_since(began);
        tracing::info!(stage, ?partitions, records, milliseconds, "restored");
        let seconds = milliseconds as f64 / 1000.0;
        self.meter.observe("newswire_restore_duration_seconds", &[("stage", stage)], seconds);
        self.note_partitions();
        self.status.update(|status| status.phase = Phase::Running);
        // What waited before the restore waits still: else each of many restores would take in one
        // batch more.
        self.apply_back_pressure().map_err(|broken| match broken {
            Broken::Turn => Broken::Recover("the log went away".to_owned()),
            other => other,
        })
    }

    /// Whether the group has left a partition's inputs with us.
    fn holds(&mut self, inputs: &[TopicPartition]) -> Result<bool, Broken> {
        for input in inputs {
            if !self.transport.holds(*input).map_err(|error| self.broken_in_hand(error))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn read_changelogs(
        &mut self,
        partitions: &BTreeSet<u32>,
    ) -> Result<BTreeMap<u32, Restored>, Broken> {
        let changelogs: Vec<TopicPartition> = partitions
            .iter()
            .flat_map(|partition| {
                let changelogs = self.definition.changelogs().iter();
                changelogs.map(|topic| TopicPartition::new(*topic, *partition))
            })
            .collect();
        let mut restored: BTreeMap<u32, Restored> =
            partitions.iter().map(|partition| (*partition, Restored::default())).collect();
        let mut load = |record: Record| {
            if let Some(restored) = restored.get_mut(&record.place.partition) {
                restored.load(record);
            }
        };
        let stop = || self.shutdown.load(Ordering::Relaxed);
        self.transport
            .restore(&changelogs, &mut load, &stop)
            .map_err(|error| self.broken_in_hand(error))?;
        Ok(restored)
    }

    /// As [`Self::broken`] where something is in hand, records or a half-read state: that is
    /// dropped and read again, so that even a log that is only away means starting anew.
    pub(super) fn broken_in_hand(&mut self, error: BusError) -> Broken {
        match self.broken(error) {
            Broken::Turn => Broken::Recover("the log went away".to_owned()),
            other => other,
        }
    }

    /// Makes a task of restored state; returns where its inputs start. The inner error stops the
    /// partition.
    pub(super) fn take_up(
        &mut self,
        partition: u32,
        restored: Restored,
        inputs: &[TopicPartition],
    ) -> Result<Result<Vec<(TopicPartition, i64)>, Refusal>, Broken> {
        let unreadable =
            |reason| Refusal::Unreadable(format!("{reason}; see `newswire state repair`"));
        if let Some(reason) = restored.corrupt {
            return Ok(Err(unreadable(reason)));
        }
        let known = match restored.positions(self.definition.changelogs()[0]) {
            Ok(known) => known,
            Err(reason) => return Ok(Err(unreadable(reason))),
        };
        let mut positions = BTreeMap::new();
        for input in inputs {
            let found =
                self.transport.position(*input).map_err(|error| self.broken_in_hand(error))?;
            let in_state = known.get(&input.topic).copied();
            let wanted = match (found.committed, in_state) {
                (Some(committed), Some(in_state))
                    if committed != in_state && !Mutant::PositionUnchecked.is_planted() =>
                {
                    return Ok(Err(Refusal::Moved(format!(
                        "{input}: the group's offset is {committed} but the state was written at \
                         {in_state}; reset the group's offset to {in_state}, or drop the state"
                    ))));
                }
                (Some(committed), _) => committed,
                (None, Some(in_state)) => in_state,
                (None, None) => found.oldest,
            };
            if wanted < found.oldest {
                self.input_lost(*input, wanted, found.oldest);
            }
            positions.insert(input.topic, wanted.max(found.oldest));
        }
        let starts: Vec<(TopicPartition, i64)> = positions
            .iter()
            .map(|(topic, offset)| (TopicPartition::new(*topic, partition), *offset))
            .collect();
        let (task, fetches) =
            match Task::new(self.definition, partition, restored.state, positions, self.now()) {
                Ok(made) => made,
                Err(reason) => return Ok(Err(unreadable(reason))),
            };
        let kept = Mutant::StateKept.is_planted() || Mutant::FoldedBeforeCommit.is_planted();
        if kept && let Some(known) = self.tasks.get_mut(&partition) {
            known.positions = task.positions;
            return Ok(Ok(starts));
        }
        self.tasks.insert(partition, task);
        self.requests.ask(partition, fetches);
        Ok(Ok(starts))
    }

    pub(super) fn input_lost(&self, place: TopicPartition, wanted: i64, oldest: i64) {
        let stage = self.definition.name();
        let lost = oldest.saturating_sub(wanted).max(0).cast_unsigned();
        tracing::error!(
            stage, %place, wanted, oldest, lost,
            "input was deleted by retention before it was read; raise [topics] retention"
        );
        let labels = [("stage", stage), ("topic", place.topic.name())];
        self.meter.count("newswire_input_lost_records_total", &labels, lost);
    }

    pub(super) fn stop_partition(&mut self, partition: u32, reason: String) {
        let stage = self.definition.name();
        tracing::error!(stage, partition, reason, "the partition is stopped; a person must act");
        if let Some(task) = self.tasks.get(&partition) {
            let inputs: Vec<TopicPartition> =
                task.positions.keys().map(|topic| TopicPartition::new(*topic, partition)).collect();
            if let Err(error) = self.transport.pause(&inputs) {
                tracing::warn!(stage, partition, %error, "its inputs could not be paused");
            }
        }
        self.let_go(&BTreeSet::from([partition]));
        self.status.update(|status| {
            status.stopped.insert(partition, reason);
        });
    }
}
