//! A log that keeps nothing but what is still to be read: subscriptions are computed, state is the
//! harness's own, and the clock moves when there is nothing to do.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use bus::{
    BusError, CommitError, PollLimit, Polled, Position, Record, Topic, TopicPartition,
    TopicSettings, Transaction, Transport, Waker,
};
use events::{Subscription, Timestamp, feed_id, site_of};

use super::world::url_of;

/// The log of one simulated process that owns all partitions.
pub struct Log {
    pub clock: Arc<AtomicI64>,
    pub until: i64,
    /// A turn in which nothing came moves the clock so far at least: timers are late by that much.
    pub step_ms: i64,
    pub shutdown: Arc<AtomicBool>,
    pub topics: TopicSettings,
    pub feeds: u64,
    /// Whether entries come back to be downloaded.
    pub pages: bool,
    pub progress: Box<dyn FnMut(i64) + Send>,
    pub next_feed: u64,
    pub assigned: bool,
    pub waiting: VecDeque<Record>,
    pub offsets: BTreeMap<TopicPartition, i64>,
}

impl Log {
    fn push(&mut self, place: TopicPartition, key: Vec<u8>, value: Option<Vec<u8>>) {
        let offset = self.offsets.entry(place).or_default();
        let record = Record {
            place,
            offset: *offset,
            timestamp: Timestamp::from_millis(self.clock.load(Ordering::Relaxed)),
            key: Some(key),
            value,
            headers: Vec::new(),
        };
        *offset += 1;
        self.waiting.push_back(record);
    }

    fn subscribe(&mut self, count: u64) {
        for number in self.next_feed..(self.next_feed + count).min(self.feeds) {
            let url = url_of(number);
            let site = site_of(&url).unwrap_or_default();
            let id = feed_id(&url);
            let subscription = Subscription { id: id.clone(), url, ..Subscription::default() };
            let value = serde_json::to_vec(&subscription).unwrap_or_default();
            let partition = self.topics.partition_of(Topic::Feeds, site.as_bytes());
            self.push(TopicPartition::new(Topic::Feeds, partition), id.into_bytes(), Some(value));
            self.next_feed = number + 1;
        }
    }
}

impl Transport for Log {
    fn poll(&mut self, wait: Duration, limit: PollLimit) -> Result<Polled, BusError> {
        if !self.assigned {
            self.assigned = true;
            let inputs = [Topic::Feeds, Topic::Pushes, Topic::Entries];
            let places = inputs.iter().flat_map(|topic| self.topics.partitions(*topic)).collect();
            return Ok(Polled::Assigned(places));
        }
        if self.next_feed < self.feeds && self.waiting.is_empty() {
            self.subscribe(limit.records as u64);
        }
        let count = self.waiting.len().min(limit.records);
        let records: Vec<Record> = self.waiting.drain(..count).collect();
        if records.is_empty() {
            let step = (wait.as_millis() as i64).max(self.step_ms);
            let now = self.clock.fetch_add(step, Ordering::Relaxed) + step;
            (self.progress)(now);
            if now >= self.until {
                self.shutdown.store(true, Ordering::SeqCst);
            }
        }
        Ok(Polled::Records(records))
    }

    fn restore(
        &mut self,
        _: &[TopicPartition],
        _: &mut dyn FnMut(Record),
        _: &dyn Fn() -> bool,
    ) -> Result<(), BusError> {
        Ok(())
    }

    fn position(&mut self, _: TopicPartition) -> Result<Position, BusError> {
        Ok(Position { committed: None, oldest: 0 })
    }

    fn start(&mut self, _: &[(TopicPartition, i64)]) -> Result<(), BusError> {
        Ok(())
    }

    fn pause(&mut self, _: &[TopicPartition]) -> Result<(), BusError> {
        Ok(())
    }

    fn resume(&mut self, _: &[TopicPartition]) -> Result<(), BusError> {
        Ok(())
    }

    fn begin(&mut self) -> Result<(), BusError> {
        Ok(())
    }

    fn commit(&mut self, transaction: Transaction) -> Result<(), CommitError> {
        for record in transaction.records {
            if record.place.topic == Topic::Entries && self.pages {
                self.push(record.place, record.key.unwrap_or_default(), record.value);
            }
        }
        Ok(())
    }

    fn recover(&mut self) -> Result<(), BusError> {
        Err(BusError::Setup("nothing here can fail".to_owned()))
    }

    fn waker(&self) -> Waker {
        Waker::new(|| {})
    }

    fn lag(&mut self) -> Vec<(TopicPartition, i64)> {
        Vec::new()
    }

    fn leave(&mut self) {}
}
