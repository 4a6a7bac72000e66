//! Restoring changelogs behind a barrier, as on Kafka.

use events::Timestamp;

use super::super::cluster::Answer;
use super::super::{Mistake, Step};
use super::{BARRIER_KEY, NO_PROGRESS_MS, RESTORE_CHUNK, SLOW_MS, SimulatedTransport, Trouble};
use crate::{BusError, NewRecord, Record, TopicPartition};

impl SimulatedTransport {
    pub(super) fn write_barrier(
        &mut self,
        changelogs: &[TopicPartition],
    ) -> Result<Vec<u8>, BusError> {
        self.step(Step::Barrier);
        self.take_producer()?;
        let epoch = self.epoch.ok_or_else(|| BusError::Broken("no producer".to_owned()))?;
        let value = self.simulated.cluster().number().to_string().into_bytes();
        let records: Vec<NewRecord> = changelogs
            .iter()
            .map(|place| NewRecord {
                place: *place,
                timestamp: Timestamp::from_millis(self.now()),
                key: Some(BARRIER_KEY.to_vec()),
                value: Some(value.clone()),
                headers: Vec::new(),
            })
            .collect();
        let began = self.now();
        self.suspect = true;
        if let Err(trouble) = self.produce(epoch, &records).and_then(|()| self.end(epoch, true)) {
            if matches!(trouble, Trouble::Refused(Answer::Epoch)) {
                self.note_fenced();
            }
            return Err(BusError::Broken("the barrier was not written".to_owned()));
        }
        self.suspect = self.now() - began > SLOW_MS && !self.errs(Mistake::ProducerReused);
        Ok(value)
    }

    /// Reads one changelog partition up to the barrier, or to its end as the mistake has it.
    pub(super) fn read_changelog(
        &self,
        place: TopicPartition,
        barrier: Option<&[u8]>,
        each: &mut dyn FnMut(Record),
        stop: &dyn Fn() -> bool,
    ) -> Result<(), BusError> {
        let uncommitted = self.errs(Mistake::RestoreUncommitted);
        let client = self.client()?;
        let mut from = 0;
        let mut progress = self.now();
        let end = match barrier {
            Some(_) => i64::MAX,
            None => self.simulated.cluster().partition(place).stable(),
        };
        loop {
            self.step(Step::Restore);
            if stop() {
                return Err(BusError::Broken("the restore was given up".to_owned()));
            }
            let now = self.now();
            let records: Vec<Record> = {
                let mut cluster = self.simulated.cluster();
                cluster.serve(client, now);
                let reaches = cluster.reaches(client);
                let some = cluster.partition(place).read(from, uncommitted);
                some.take(if reaches { RESTORE_CHUNK } else { 0 }).cloned().collect()
            };
            if records.is_empty() {
                if from >= end || barrier.is_none() {
                    return Ok(());
                }
                if now - progress > NO_PROGRESS_MS {
                    return Err(BusError::Broken(format!("{place}: the restore does not go on")));
                }
                self.wait(100);
                continue;
            }
            progress = now;
            for record in records {
                from = record.offset + 1;
                if record.offset >= end {
                    return Ok(());
                }
                if record.key.as_deref() == Some(BARRIER_KEY) {
                    if barrier.is_some() && record.value.as_deref() == barrier {
                        return Ok(());
                    }
                } else {
                    each(record);
                }
            }
        }
    }
}
