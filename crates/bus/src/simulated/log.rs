//! The door of commands to a simulated cluster.

use std::time::Duration;

use events::Timestamp;

use super::Simulated;
use crate::{BusError, Log, NewRecord, PollLimit, Record, Topic, TopicPartition, TopicState};

/// [`Log`] on a simulated cluster.
pub struct SimulatedLog {
    simulated: Simulated,
}

impl SimulatedLog {
    pub(super) fn new(simulated: Simulated) -> Self {
        Self { simulated }
    }
}

const NAME: &str = "a command";

impl Log for SimulatedLog {
    fn topics(&mut self) -> Result<Vec<TopicState>, BusError> {
        let topics = &self.simulated.settings.topics;
        let state = |topic| TopicState {
            topic,
            partitions: topics.spec(topic).partitions,
            faults: Vec::new(),
        };
        Ok(Topic::ALL.into_iter().map(state).collect())
    }

    fn create_topics(&mut self) -> Result<Vec<Topic>, BusError> {
        Ok(Vec::new())
    }

    fn bounds(&mut self, place: TopicPartition) -> Result<(i64, i64), BusError> {
        let cluster = self.simulated.cluster();
        let partition = cluster.partition(place);
        Ok((partition.oldest(), partition.stable()))
    }

    fn read(
        &mut self,
        place: TopicPartition,
        from: i64,
        limit: PollLimit,
        wait: Duration,
    ) -> Result<Vec<Record>, BusError> {
        let deadline = self.simulated.script.now().plus_millis(wait.as_millis() as i64);
        loop {
            let mut records = Vec::new();
            let mut bytes = 0;
            for record in self.simulated.cluster().partition(place).read(from, false) {
                if records.len() >= limit.records || bytes >= limit.bytes {
                    break;
                }
                bytes += record.size();
                records.push(record.clone());
            }
            let left = deadline.millis_since(self.simulated.script.now());
            if !records.is_empty() || left <= 0 {
                return Ok(records);
            }
            let left = Duration::from_millis(left.cast_unsigned());
            if !self.simulated.script.idle(NAME, left) {
                return Ok(records);
            }
        }
    }

    fn offset_at(&mut self, place: TopicPartition, at: Timestamp) -> Result<i64, BusError> {
        let cluster = self.simulated.cluster();
        let partition = cluster.partition(place);
        let found = partition.read(0, false).find(|record| record.timestamp >= at);
        Ok(found.map_or(partition.stable(), |record| record.offset))
    }

    fn append(&mut self, records: Vec<NewRecord>) -> Result<(), BusError> {
        let topics = &self.simulated.settings.topics;
        if let Some(why) = records.iter().find_map(|record| topics.refuse(record)) {
            return Err(BusError::Setup(why));
        }
        self.simulated.cluster().append(records);
        Ok(())
    }

    fn committed(
        &mut self,
        group: &str,
        inputs: &[TopicPartition],
    ) -> Result<Vec<Option<i64>>, BusError> {
        // As under `require_stable`: what is pending is waited for.
        let committed = |place: &TopicPartition| {
            loop {
                if let Ok(offset) = self.simulated.cluster().committed(group, *place, true) {
                    return offset;
                }
                self.simulated.script.wait(NAME, Duration::from_millis(20));
            }
        };
        Ok(inputs.iter().map(committed).collect())
    }
}
