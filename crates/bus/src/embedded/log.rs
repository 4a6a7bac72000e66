//! What commands read from and append to the embedded log.

use std::sync::Arc;
use std::time::{Duration, Instant};

use events::Timestamp;
use rusqlite::Connection;

use super::sql::broken;
use super::{Shared, Watch, schema, store};
use crate::{BusError, Log, NewRecord, PollLimit, Record, Topic, TopicPartition, TopicState};

/// [`Log`] on the embedded log.
pub struct EmbeddedLog {
    shared: Arc<Shared>,
    reader: Connection,
}

impl EmbeddedLog {
    pub(super) fn new(shared: Arc<Shared>) -> Result<Self, BusError> {
        let reader = shared.connect()?;
        Ok(Self { shared, reader })
    }
}

impl Log for EmbeddedLog {
    fn topics(&mut self) -> Result<Vec<TopicState>, BusError> {
        schema::states(&self.reader, &self.shared.settings.topics)
    }

    fn create_topics(&mut self) -> Result<Vec<Topic>, BusError> {
        self.shared.create_topics()
    }

    fn bounds(&mut self, place: TopicPartition) -> Result<(i64, i64), BusError> {
        store::bounds(&self.reader, self.shared.id(place)?).map_err(broken)
    }

    fn read(
        &mut self,
        place: TopicPartition,
        from: i64,
        limit: PollLimit,
        wait: Duration,
    ) -> Result<Vec<Record>, BusError> {
        let id = self.shared.id(place)?;
        let deadline = Instant::now() + wait;
        let mut watch = Watch::new(&self.shared, &self.reader)?;
        loop {
            let mut records = Vec::new();
            store::read(&self.reader, id, place, from, limit, &mut records, &mut 0)
                .map_err(broken)?;
            if !records.is_empty() || Instant::now() >= deadline {
                return Ok(records);
            }
            watch.wait(&self.shared, &self.reader, deadline, || false)?;
        }
    }

    fn offset_at(&mut self, place: TopicPartition, at: Timestamp) -> Result<i64, BusError> {
        let id = self.shared.id(place)?;
        match store::offset_at(&self.reader, id, at).map_err(broken)? {
            Some(offset) => Ok(offset),
            None => Ok(self.bounds(place)?.1),
        }
    }

    fn append(&mut self, records: Vec<NewRecord>) -> Result<(), BusError> {
        let topics = &self.shared.settings.topics;
        if let Some(why) = records.iter().find_map(|record| topics.refuse(record)) {
            return Err(BusError::Setup(why));
        }
        let room = self.shared.room_for(&records);
        self.shared.write(|transaction| {
            self.shared.make_room(transaction, room)?;
            store::append(transaction, &self.shared.partitions(), topics, &records).map_err(broken)
        })
    }

    fn committed(
        &mut self,
        group: &str,
        inputs: &[TopicPartition],
    ) -> Result<Vec<Option<i64>>, BusError> {
        let group = format!("{}{group}", self.shared.settings.topics.prefix);
        inputs
            .iter()
            .map(|input| {
                store::committed(&self.reader, &group, self.shared.id(*input)?).map_err(broken)
            })
            .collect()
    }
}
