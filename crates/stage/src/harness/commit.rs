//! Items in, one transaction out: what they did becomes true only when it is committed.

use std::collections::{BTreeMap, BTreeSet};

use bus::{CommitError, NewRecord, Topic, TopicPartition, Transaction};

use super::{Broken, Harness};
use crate::batch::{Faulty, Item, Ran, Work, partitions_of, run, run_fault};
use crate::dead_letter::dead_letter;
use crate::mutant::Mutant;
use crate::task::{POSITION_KEY, Task};
use crate::{Notice, Poison};

impl Harness<'_> {
    /// Processes and commits items; if one of them is at fault, each by itself.
    pub(super) fn process(&mut self, items: &[Item]) -> Result<(), Broken> {
        match self.attempt(items)? {
            Ok(()) => return Ok(()),
            Err(Faulty { index, poison }) => {
                let stage = self.definition.name();
                let partition = items[index].partition;
                tracing::warn!(stage, partition, %poison, "processing the batch one by one");
                self.drop_batch(items, items);
                if Mutant::BatchDropped.is_planted() {
                    return self.give_up(&items[index], &poison);
                }
            }
        }
        for item in items {
            let alone = std::slice::from_ref(item);
            let Err(Faulty { poison, .. }) = self.attempt(alone)? else {
                continue;
            };
            self.drop_batch(alone, items);
            self.give_up(item, &poison)?;
        }
        Ok(())
    }

    /// Runs items and commits what they did, or finds the one at fault.
    pub(super) fn attempt(&mut self, items: &[Item]) -> Result<Result<(), Faulty>, Broken> {
        self.transport.begin().map_err(|error| self.broken_in_hand(error))?;
        let began = self.now();
        let threads = self.definition.compute_threads();
        let places = self.requests.places();
        let ran = match run(&mut self.tasks, items, began, places, threads) {
            Ok(ran) => ran,
            Err(faulty) => return Ok(Err(faulty)),
        };
        let transaction = match self.transaction(items, &ran) {
            Ok(transaction) => transaction,
            Err(faulty) => return Ok(Err(faulty)),
        };
        self.commit(items, ran, transaction)?;
        let stage = self.definition.name();
        let seconds = self.now().millis_since(began) as f64 / 1000.0;
        self.meter.observe("newswire_stage_batch_duration_seconds", &[("stage", stage)], seconds);
        Ok(Ok(()))
    }

    /// Gathers what the items did into one transaction, measuring every record.
    pub(super) fn transaction(&self, items: &[Item], ran: &Ran) -> Result<Transaction, Faulty> {
        let mut transaction = Transaction::default();
        let now = self.now();
        for (index, effects) in &ran.effects {
            let index = *index;
            for output in &effects.outputs {
                let partition = self.topics.partition_of(output.topic, &output.routing);
                let mut headers = output.headers.clone();
                if !headers.iter().any(|(name, _)| name == "traceparent") {
                    headers.push(("traceparent".to_owned(), output.trace.to_string().into()));
                }
                let record = NewRecord {
                    place: TopicPartition::new(output.topic, partition),
                    timestamp: output.timestamp,
                    key: Some(output.key.clone().into_bytes()),
                    value: output.value.clone(),
                    headers,
                };
                self.measure(&record).map_err(|poison| Faulty { index, poison })?;
                transaction.records.push(record);
            }
        }
        if Mutant::OutputsReversed.is_planted() {
            transaction.records.reverse();
        }
        for (index, poison) in &ran.refused {
            if let Work::Record(record) = &items[*index].work
                && !Mutant::PoisonDropped.is_planted()
            {
                transaction.records.push(dead_letter(self.definition.name(), record, poison, now));
            }
        }
        for partition in partitions_of(items) {
            let Some(task) = self.tasks.get(&partition) else {
                continue;
            };
            // A state record that is too large cannot be laid to one item; the last one of its
            // partition is as good as any, for one by one it is the only one.
            let index = items.iter().rposition(|item| item.partition == partition).unwrap_or(0);
            for (topic, key, value) in task.state.changes() {
                let mut place = TopicPartition::new(topic, partition);
                if Mutant::WrongPartition.is_planted() {
                    place.partition = (partition + 1) % self.topics.spec(topic).partitions;
                }
                let record = NewRecord {
                    place,
                    timestamp: now,
                    key: Some(key.as_bytes().to_vec()),
                    value: value.map(<[u8]>::to_vec),
                    headers: Vec::new(),
                };
                self.measure(&record).map_err(|poison| Faulty { index, poison })?;
                transaction.records.push(record);
            }
            let positions = next_positions(task, items);
            if !Mutant::PositionMissing.is_planted() {
                transaction.records.push(NewRecord {
                    place: TopicPartition::new(self.definition.changelogs()[0], partition),
                    timestamp: now,
                    key: Some(POSITION_KEY.as_bytes().to_vec()),
                    value: Some(Task::position_value(&positions)),
                    headers: Vec::new(),
                });
            }
            transaction.offsets.extend(
                positions
                    .iter()
                    .map(|(topic, offset)| (TopicPartition::new(*topic, partition), *offset)),
            );
        }
        Ok(transaction)
    }

    pub(super) fn measure(&self, record: &NewRecord) -> Result<(), Poison> {
        let limit = self.topics.spec(record.place.topic).max_record_bytes;
        let size = record.size();
        if size <= limit {
            return Ok(());
        }
        let message = format!("a record for {} of {size} bytes, limit {limit}", record.place);
        Err(Poison::new("too_big", message))
    }

    /// Commits, and only then makes what the items did true.
    pub(super) fn commit(
        &mut self,
        items: &[Item],
        ran: Ran,
        transaction: Transaction,
    ) -> Result<(), Broken> {
        let stage = self.definition.name();
        if transaction.offsets.is_empty() {
            return Ok(());
        }
        if Mutant::FoldedBeforeCommit.is_planted() {
            for task in self.tasks.values_mut() {
                task.state.fold();
            }
        }
        let committed = self.transport.commit(transaction);
        let outcome = if committed.is_ok() { "committed" } else { "failed" };
        let labels = [("stage", stage), ("outcome", outcome)];
        self.meter.count("newswire_transactions_total", &labels, 1);
        match committed {
            Ok(()) => {}
            Err(error @ (CommitError::Doubtful(_) | CommitError::Fenced(_))) => {
                return Err(Broken::Recover(error.to_string()));
            }
        }
        for partition in partitions_of(items) {
            let Some(task) = self.tasks.get_mut(&partition) else {
                continue;
            };
            task.positions = next_positions(task, items);
            task.state.fold();
        }
        for item in items {
            match &item.work {
                Work::Timer(key) => {
                    if let Some(task) = self.tasks.get_mut(&item.partition) {
                        task.timers.set(key, None);
                    }
                }
                Work::Record(record) => {
                    let labels = [("stage", stage), ("topic", record.place.topic.name())];
                    self.meter.count("newswire_records_consumed_total", &labels, 1);
                }
                Work::Fetched(..) => {}
            }
        }
        for (index, poison) in &ran.refused {
            self.note_dead_letter(&items[*index], poison);
        }
        for (index, effects) in ran.effects {
            let item = &items[index];
            for output in &effects.outputs {
                let labels = [("stage", stage), ("topic", output.topic.name())];
                self.meter.count("newswire_records_produced_total", &labels, 1);
            }
            for (name, labels, by) in &effects.counts {
                self.meter.count(name, &borrowed(labels), *by);
            }
            for (name, labels, value) in &effects.observations {
                self.meter.observe(name, &borrowed(labels), *value);
            }
            for Notice { is_warning, what, subject, detail } in &effects.notices {
                if *is_warning {
                    tracing::warn!(stage, subject, detail, "{what}");
                } else {
                    tracing::info!(stage, subject, detail, "{what}");
                }
            }
            if let Some(task) = self.tasks.get_mut(&item.partition) {
                for (key, at) in &effects.timers {
                    task.timers.set(key, *at);
                }
            }
            self.requests.ask(item.partition, effects.fetches);
        }
        Ok(())
    }

    /// Drops what `failed` did, and all that was derived from it. What the `batch` has answers for
    /// is not asked for again.
    pub(super) fn drop_batch(&mut self, failed: &[Item], batch: &[Item]) {
        let now = self.now();
        for partition in partitions_of(failed) {
            let Some(task) = self.tasks.get_mut(&partition) else {
                continue;
            };
            match task.rebuild(self.definition, now) {
                Ok(fetches) => {
                    let answered: BTreeSet<&str> = batch
                        .iter()
                        .filter(|item| item.partition == partition)
                        .filter_map(|item| item.work.key())
                        .collect();
                    let unanswered =
                        fetches.into_iter().filter(|f| !answered.contains(f.key.as_str()));
                    self.requests.ask(partition, unanswered);
                }
                Err(reason) => self.stop_partition(partition, reason),
            }
        }
    }

    /// An item that cannot be processed even alone.
    pub(super) fn give_up(&mut self, item: &Item, poison: &Poison) -> Result<(), Broken> {
        if !self.tasks.contains_key(&item.partition) {
            return Ok(());
        }
        self.note_dead_letter(item, poison);
        let now = self.now();
        self.transport.begin().map_err(|error| self.broken_in_hand(error))?;
        let alone = std::slice::from_ref(item);
        if let Work::Record(record) = &item.work {
            let letter = dead_letter(self.definition.name(), record, poison, now);
            let ran = Ran { effects: Vec::new(), refused: Vec::new() };
            let mut transaction = match self.transaction(alone, &ran) {
                Ok(transaction) => transaction,
                Err(Faulty { poison, .. }) => {
                    self.stop_partition(item.partition, poison.to_string());
                    return Ok(());
                }
            };
            if Mutant::PoisonWithoutOffset.is_planted() {
                transaction.offsets = vec![(record.place, record.offset)];
                transaction.records.retain(|r| r.key.as_deref() != Some(POSITION_KEY.as_bytes()));
            }
            transaction.records.push(letter);
            return self.commit(alone, ran, transaction);
        }
        let places = self.requests.places();
        let parked =
            run_fault(&mut self.tasks, item, poison, now, places).and_then(|ran| {
                match self.transaction(alone, &ran) {
                    Ok(transaction) => Ok((ran, transaction)),
                    Err(Faulty { poison, .. }) => Err(poison),
                }
            });
        match parked {
            Ok((ran, transaction)) => self.commit(alone, ran, transaction),
            Err(again) => {
                self.stop_partition(item.partition, format!("{poison}; then {again}"));
                Ok(())
            }
        }
    }

    pub(super) fn note_dead_letter(&self, item: &Item, poison: &Poison) {
        let stage = self.definition.name();
        let labels = [("stage", stage), ("reason", poison.class)];
        if let Work::Record(record) = &item.work {
            let (place, offset) = (record.place, record.offset);
            tracing::error!(stage, %place, offset, %poison, "a record goes to the dead letters");
            self.meter.count("newswire_dead_letters_total", &labels, 1);
        } else {
            let key = item.work.key().unwrap_or_default();
            tracing::error!(stage, key, %poison, "a timer or answer could not be handled");
            self.meter.count("newswire_faults_total", &labels, 1);
        }
    }
}

fn borrowed<'l>(labels: &'l [(&'static str, String)]) -> Vec<(&'static str, &'l str)> {
    labels.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// The positions of a task once the items are committed.
fn next_positions(task: &Task, items: &[Item]) -> BTreeMap<Topic, i64> {
    let mut positions = task.positions.clone();
    for item in items {
        if let Work::Record(record) = &item.work
            && item.partition == task.partition
        {
            let next = i64::from(!Mutant::OffsetOfLast.is_planted());
            positions.insert(record.place.topic, record.offset + next);
        }
    }
    positions
}
