//! The loop that runs a stage on a transport: one thread, one consumer, one producer.
//!
//! There is one recovery path. After any doubt about a commit the producer is thrown away, state
//! is dropped, and everything is restored from the log; nothing is mended in place.

mod assignment;
mod commit;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bus::{BusError, PollLimit, Polled, Record, Topic, TopicPartition, TopicSettings, Transport};
use events::Timestamp;

use crate::batch::{Item, Work};
use crate::meter::Gauges;
use crate::mutant::Mutant;
use crate::requests::Requests;
use crate::task::Task;
use crate::{Definition, Inspection, Meter, Performer, Phase, StatusHandle};

/// The time, from wherever the process takes it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Bounds of a harness.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Most records in a batch.
    pub batch_records: usize,
    /// No further record in a batch once it has so many bytes.
    pub batch_bytes: usize,
    /// How long a batch may go on collecting records while they keep arriving.
    pub batch_wait: Duration,
    /// Most due timers in a batch.
    pub batch_timers: usize,
    /// Requests on their way at once.
    pub requests: usize,
    /// Bytes of input waiting in state above which a partition's inputs pause.
    pub waiting_bytes: usize,
    /// How long a shutdown waits for requests that are on their way.
    pub drain: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            batch_records: 500,
            batch_bytes: 16 * 1024 * 1024,
            batch_wait: Duration::from_millis(50),
            batch_timers: 500,
            requests: 256,
            waiting_bytes: 64 * 1024 * 1024,
            drain: Duration::from_secs(5),
        }
    }
}

/// Why a harness ended other than by being asked to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Another process has the same instance name.
    #[error("{0}")]
    Fenced(String),
    /// Something that a person must mend.
    #[error("{0}")]
    Setup(String),
}

/// What a failed call ends.
enum Broken {
    /// Nothing: the log was away, nothing was in hand, and the wait is over.
    Turn,
    /// Recover and restore.
    Recover(String),
    /// End the process.
    End(RunError),
}

const IDLE_WAIT: Duration = Duration::from_millis(500);
const BUSY_WAIT: Duration = Duration::from_millis(20);
const AWAY_WAIT: Duration = Duration::from_millis(250);
/// How often lag and sizes are measured.
const GAUGES_EVERY_MS: i64 = 15_000;

/// Runs one stage definition on one transport, on the calling thread.
pub struct Harness<'a> {
    definition: &'a dyn Definition,
    transport: Box<dyn Transport + 'a>,
    topics: TopicSettings,
    settings: Settings,
    clock: Clock,
    meter: Arc<dyn Meter>,
    status: StatusHandle,
    shutdown: Arc<AtomicBool>,
    tasks: BTreeMap<u32, Task>,
    requests: Requests,
    gauges_at: Timestamp,
    gauges: Gauges,
}

impl<'a> Harness<'a> {
    /// A harness over a transport. `shutdown` ends [`Harness::run`] when set; wake the
    /// transport's waker after setting it.
    #[expect(clippy::too_many_arguments, reason = "each is another thing that a test replaces")]
    pub fn new(
        definition: &'a dyn Definition,
        transport: Box<dyn Transport + 'a>,
        performer: Arc<dyn Performer>,
        topics: TopicSettings,
        settings: Settings,
        clock: Clock,
        meter: Arc<dyn Meter>,
        status: StatusHandle,
        shutdown: Arc<AtomicBool>,
    ) -> Self {
        let requests = Requests::new(performer, transport.waker(), settings.requests);
        Self {
            definition,
            transport,
            topics,
            settings,
            clock,
            meter,
            status,
            shutdown,
            tasks: BTreeMap::new(),
            requests,
            gauges_at: Timestamp::from_millis(0),
            gauges: Gauges::default(),
        }
    }

    /// Works until asked to stop.
    ///
    /// # Errors
    /// [`RunError`] where going on would break the promise or cannot help.
    pub fn run(mut self) -> Result<(), RunError> {
        let result = self.work();
        self.status.update(|status| {
            status.phase = Phase::Ended;
            status.partitions.clear();
        });
        self.transport.leave();
        result
    }

    fn work(&mut self) -> Result<(), RunError> {
        while !self.stopping() {
            self.step()?;
        }
        self.drain()
    }

    /// One turn of the loop: waits for something to do, does it, and mends what went wrong. What
    /// [`Harness::run`] repeats; a simulation calls it in turns with others.
    ///
    /// # Errors
    /// As [`Harness::run`].
    pub fn step(&mut self) -> Result<(), RunError> {
        self.status.update(|status| {
            if status.phase == Phase::Starting {
                status.phase = Phase::Running;
            }
        });
        let outcome = self.turn();
        self.settle(outcome)
    }

    /// What each owned partition holds.
    pub fn inspect(&self) -> BTreeMap<u32, Inspection> {
        let inspect = |task: &Task| {
            let pending = self.requests.keys(task.partition);
            (task.partition, Inspection::of(task, pending))
        };
        self.tasks.values().map(inspect).collect()
    }

    /// When it next has something to do of itself; `None` where it only waits for others.
    pub fn next_timer(&self) -> Option<Timestamp> {
        self.tasks.values().filter_map(|task| task.timers.next()).min()
    }

    fn stopping(&self) -> bool {
        self.shutdown.load(Ordering::Relaxed)
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// One turn of the loop: wait, gather, process, commit.
    fn turn(&mut self) -> Result<(), Broken> {
        let Some(records) = self.gather()? else {
            return Ok(());
        };
        let mut items: Vec<Item> = records
            .into_iter()
            .map(|record| Item { partition: record.place.partition, work: Work::Record(record) })
            .collect();
        let (count, bytes) = (self.settings.batch_records, self.settings.batch_bytes);
        self.requests.take(count, bytes, &mut items);
        self.take_timers(&mut items);
        self.note_gauges(&items);
        if items.is_empty() {
            return Ok(());
        }
        self.process(&items)?;
        self.apply_back_pressure()
    }

    /// Waits for records; `None` where a change of assignment came instead.
    fn gather(&mut self) -> Result<Option<Vec<Record>>, Broken> {
        let limit =
            PollLimit { records: self.settings.batch_records, bytes: self.settings.batch_bytes };
        let wait = self.wait();
        let Some(mut records) = self.poll(wait, limit)? else {
            return Ok(None);
        };
        // Whatever has arrived meanwhile shares the transaction; what is idle commits at once.
        let until = self.now().plus_millis(self.settings.batch_wait.as_millis() as i64);
        while !records.is_empty()
            && records.len() < limit.records
            && records.iter().map(Record::size).sum::<usize>() < limit.bytes
            && self.now() < until
        {
            let rest = PollLimit { records: limit.records - records.len(), bytes: limit.bytes };
            match self.poll(Duration::from_millis(5), rest) {
                Ok(Some(more)) if !more.is_empty() => records.extend(more),
                // Idle; or the assignment changed; or the log went away, and will be found away on
                // the next turn. What is in hand comes first.
                Ok(_) | Err(Broken::Turn) => break,
                Err(broken) => return Err(broken),
            }
        }
        // A change of assignment may have taken some of their partitions away; and no transport is
        // trusted never to deliver a record again, be it within one batch.
        let mut next: BTreeMap<TopicPartition, i64> = BTreeMap::new();
        records.retain(|record| {
            let Some(task) = self.tasks.get(&record.place.partition) else { return false };
            let Some(position) = task.positions.get(&record.place.topic) else { return false };
            let next = next.entry(record.place).or_insert(*position);
            let is_new = record.offset >= *next || Mutant::PositionIgnored.is_planted();
            *next = (*next).max(record.offset + 1);
            is_new
        });
        Ok(Some(records))
    }

    fn wait(&self) -> Duration {
        let longest = if self.requests.running() > 0 { BUSY_WAIT } else { IDLE_WAIT };
        let Some(next) = self.tasks.values().filter_map(|task| task.timers.next()).min() else {
            return longest;
        };
        let until = next.millis_since(self.now()).max(0).cast_unsigned();
        longest.min(Duration::from_millis(until))
    }

    fn poll(&mut self, wait: Duration, limit: PollLimit) -> Result<Option<Vec<Record>>, Broken> {
        match self.transport.poll(wait, limit) {
            Ok(Polled::Records(records)) => {
                self.status.update(|status| {
                    if matches!(status.phase, Phase::Away(_)) {
                        status.phase = Phase::Running;
                    }
                });
                Ok(Some(records))
            }
            Ok(Polled::Assigned(places)) => {
                self.assigned(&places)?;
                Ok(None)
            }
            Ok(Polled::Revoked(places)) => {
                let partitions: BTreeSet<u32> =
                    places.iter().map(|place| place.partition).collect();
                self.let_go(&partitions);
                Ok(None)
            }
            Err(BusError::OutOfRange { place, wanted, oldest }) => {
                self.input_lost(place, wanted, oldest);
                self.transport.start(&[(place, oldest)]).map_err(|error| self.broken(error))?;
                if let Some(task) = self.tasks.get_mut(&place.partition) {
                    task.positions.insert(place.topic, oldest);
                }
                Ok(None)
            }
            Err(error) => Err(self.broken(error)),
        }
    }

    /// Turns an error of the log into what is to be done; the log being away is waited out here.
    fn broken(&mut self, error: BusError) -> Broken {
        match error {
            BusError::Away(reason) => {
                self.away(&reason);
                self.transport.rest(AWAY_WAIT);
                Broken::Turn
            }
            BusError::Broken(reason) => Broken::Recover(reason),
            error @ BusError::OutOfRange { .. } => Broken::Recover(error.to_string()),
            BusError::Fenced(reason) => Broken::End(RunError::Fenced(reason)),
            BusError::Setup(reason) => Broken::End(RunError::Setup(reason)),
        }
    }

    fn away(&self, reason: &str) {
        let stage = self.definition.name();
        self.status.update(|status| {
            if !matches!(status.phase, Phase::Away(_)) {
                tracing::warn!(stage, reason, "the log is away; waiting for it");
            }
            status.phase = Phase::Away(reason.to_owned());
        });
    }

    /// Does what a failed turn asks for.
    fn settle(&mut self, outcome: Result<(), Broken>) -> Result<(), RunError> {
        match outcome {
            Ok(()) | Err(Broken::Turn) => Ok(()),
            Err(Broken::End(error)) => Err(error),
            Err(Broken::Recover(reason)) => self.recover(&reason),
        }
    }

    fn take_timers(&mut self, items: &mut Vec<Item>) {
        let now = self.now();
        for task in self.tasks.values() {
            for key in task.timers.due(now, self.settings.batch_timers) {
                items.push(Item { partition: task.partition, work: Work::Timer(key) });
            }
        }
    }

    fn apply_back_pressure(&mut self) -> Result<(), Broken> {
        let bound = self.settings.waiting_bytes;
        let mut pause = Vec::new();
        let mut resume = Vec::new();
        for task in self.tasks.values_mut() {
            let waiting = task.stage.waiting_bytes();
            let inputs =
                task.positions.keys().map(|topic| TopicPartition::new(*topic, task.partition));
            if !task.paused && waiting > bound && !Mutant::PressureIgnored.is_planted() {
                pause.extend(inputs);
                task.paused = true;
            } else if task.paused && waiting <= bound / 2 {
                resume.extend(inputs);
                task.paused = false;
            }
        }
        if !pause.is_empty() {
            tracing::info!(stage = self.definition.name(), ?pause, "inputs pause: too much waits");
            self.transport.pause(&pause).map_err(|error| self.broken(error))?;
        }
        if !resume.is_empty() {
            self.transport.resume(&resume).map_err(|error| self.broken(error))?;
        }
        Ok(())
    }

    fn note_gauges(&mut self, items: &[Item]) {
        let stage = self.definition.name();
        let now = self.now();
        let oldest = items
            .iter()
            .filter_map(|item| match &item.work {
                Work::Record(record) => Some(record.timestamp),
                _ => None,
            })
            .min();
        let behind = oldest.map_or(0, |oldest| now.millis_since(oldest).max(0));
        let labels = [("stage", stage)];
        if oldest.is_some() {
            let seconds = now.as_millis() as f64 / 1000.0;
            let name = "newswire_last_record_processed_timestamp_seconds";
            self.meter.set(name, &labels, seconds);
        }
        if now.millis_since(self.gauges_at) < GAUGES_EVERY_MS {
            return;
        }
        self.gauges_at = now;
        self.meter.set("newswire_stage_behind_seconds", &labels, behind as f64 / 1000.0);
        self.meter.set("newswire_stage_pending", &labels, self.requests.len() as f64);
        let timers: usize = self.tasks.values().map(|task| task.timers.len()).sum();
        self.meter.set("newswire_stage_timers", &labels, timers as f64);
        let keys: usize = self.tasks.values().map(|task| task.state.len()).sum();
        self.meter.set("newswire_stage_state_keys", &labels, keys as f64);
        let parts = self.tasks.values().flat_map(|task| task.stage.gauges());
        self.gauges.set(parts, &*self.meter);
        let mut lag: BTreeMap<Topic, i64> = BTreeMap::new();
        for (place, records) in self.transport.lag() {
            *lag.entry(place.topic).or_default() += records;
        }
        for (topic, records) in lag {
            let labels = [("stage", stage), ("topic", topic.name())];
            self.meter.set("newswire_consumer_lag_records", &labels, records as f64);
        }
    }

    /// After a shutdown was asked for: takes no input, but lets requests on their way end.
    fn drain(&mut self) -> Result<(), RunError> {
        self.status.update(|status| status.phase = Phase::Draining);
        self.requests.stop();
        let inputs: Vec<TopicPartition> = self
            .tasks
            .values()
            .flat_map(|task| {
                task.positions.keys().map(|topic| TopicPartition::new(*topic, task.partition))
            })
            .collect();
        if self.requests.running() == 0 || self.transport.pause(&inputs).is_err() {
            return Ok(());
        }
        let until = self.now().plus_millis(self.settings.drain.as_millis() as i64);
        let limit = PollLimit { records: 1, bytes: 1 };
        while self.requests.running() > 0 && self.now() < until {
            // A partition that goes away now takes its unfinished work along, in its state.
            match self.transport.poll(BUSY_WAIT, limit) {
                Ok(Polled::Records(_)) => {}
                _ => break,
            }
            let mut items = Vec::new();
            let (count, bytes) = (self.settings.batch_records, self.settings.batch_bytes);
            self.requests.take(count, bytes, &mut items);
            if items.is_empty() {
                continue;
            }
            match self.process(&items) {
                Ok(()) => {}
                Err(Broken::End(error)) => return Err(error),
                Err(Broken::Recover(_) | Broken::Turn) => break,
            }
        }
        Ok(())
    }
}
