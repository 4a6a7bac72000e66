//! A daemon's place in a Kafka cluster.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::Offset;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};
use rdkafka::error::KafkaError;

use super::bell::Bell;
use super::config::REQUEST_TIMEOUT;
use super::context::{Change, MemberContext};
use super::producer::TransactionalProducer;
use super::{KafkaSettings, config, convert, restore, topics};
use crate::{
    BusError, CommitError, GroupSpec, PollLimit, Polled, Position, Record, TopicPartition,
    Transaction, Transport, Waker,
};

/// librdkafka has to be polled now and then even where nothing wakes us.
const LONGEST_SLEEP: Duration = Duration::from_millis(100);
/// Twice fenced by a producer of our name within this time: somebody else runs as us.
const FENCED_AGAIN: Duration = Duration::from_mins(1);

/// Recoveries without a commit between them for which one consumer is kept.
const CONSUMER_KEPT: u32 = 2;

/// [`Transport`] on Kafka.
pub struct KafkaTransport {
    pub(super) settings: Arc<KafkaSettings>,
    spec: GroupSpec,
    bell: Arc<Bell>,
    // Dropped in this order: without its producer a member cannot do harm.
    producer: Option<TransactionalProducer>,
    consumer: Option<BaseConsumer<MemberContext>>,
    /// The consumer is not to be trusted: the next recovery makes a new one.
    pub(super) consumer_failed: bool,
    /// Recoveries since the last commit that was confirmed.
    recoveries: u32,
    /// Called [`Transport::leave`]: only [`Transport::recover`] brings us back.
    left: bool,
    pub(super) owned: BTreeSet<TopicPartition>,
    /// Assigned before a recovery and still: to be told as assigned anew.
    again: BTreeSet<TopicPartition>,
    /// The next offset to hand out, of partitions that were started.
    pub(super) positions: BTreeMap<TopicPartition, i64>,
    pub(super) paused: BTreeSet<TopicPartition>,
    pub(super) buffered: VecDeque<Record>,
    /// Membership at [`Transport::begin`], and what was owned since.
    batch: Option<(ConsumerGroupMetadata, BTreeSet<TopicPartition>)>,
    fenced_at: Option<Instant>,
    fenced_again: bool,
}

impl KafkaTransport {
    pub(super) fn new(settings: Arc<KafkaSettings>, spec: GroupSpec) -> Self {
        Self {
            settings,
            spec,
            bell: Arc::default(),
            producer: None,
            consumer: None,
            consumer_failed: false,
            recoveries: 0,
            left: false,
            owned: BTreeSet::new(),
            again: BTreeSet::new(),
            positions: BTreeMap::new(),
            paused: BTreeSet::new(),
            buffered: VecDeque::new(),
            batch: None,
            fenced_at: None,
            fenced_again: false,
        }
    }

    fn transactional_id(&self) -> String {
        format!("{}.{}", config::group_id(&self.settings, self.spec.group), self.spec.instance)
    }

    pub(super) fn consumer(&self) -> Result<&BaseConsumer<MemberContext>, BusError> {
        self.consumer.as_ref().ok_or_else(|| BusError::Broken("not connected".to_owned()))
    }

    /// The producer first: whoever ran under our name is fenced before we can own anything.
    fn connect(&mut self) -> Result<(), BusError> {
        self.take_producer()?;
        if self.consumer.is_some() {
            return Ok(());
        }
        let mut consumer: BaseConsumer<MemberContext> = config::member(&self.settings, &self.spec)
            .create_with_context(MemberContext::default())
            .map_err(|error| convert::bus_error("making the consumer", &error))?;
        let bell = Arc::clone(&self.bell);
        consumer.set_nonempty_callback(move || bell.ring(false));
        // A missing topic or another number of partitions would hash keys elsewhere.
        topics::check_partitions(&self.settings, consumer.client())?;
        let names: Vec<String> =
            self.spec.inputs.iter().map(|topic| self.settings.topics.full_name(*topic)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        consumer.subscribe(&names).map_err(|error| convert::bus_error("subscribing", &error))?;
        self.consumer = Some(consumer);
        self.consumer_failed = false;
        Ok(())
    }

    /// A producer that may be used. One whose last commit was confirmed, but late, gives way to a
    /// new one, whose epoch makes every late copy of its requests void; what was committed stands.
    fn take_producer(&mut self) -> Result<(), BusError> {
        if self.producer.as_ref().is_some_and(|producer| !producer.is_suspect()) {
            return Ok(());
        }
        self.producer = None;
        let taken = TransactionalProducer::new(&self.settings, &self.transactional_id());
        self.producer = Some(taken.map_err(|(doing, error)| convert::bus_error(doing, &error))?);
        Ok(())
    }

    fn disconnect(&mut self) {
        self.batch = None;
        self.forget(&self.owned.clone());
        self.again.clear();
        self.buffered.clear();
        self.producer = None;
        self.consumer = None;
    }

    /// Lets everything stand still that the consumer has, to be assigned anew.
    fn hold_still(&mut self) -> Result<(), BusError> {
        let list = self.list(self.owned.iter().copied())?;
        self.consumer()?.pause(&list).map_err(|error| convert::bus_error("pausing", &error))?;
        self.batch = None;
        self.positions.clear();
        self.paused.clear();
        self.buffered.clear();
        self.again.append(&mut self.owned);
        Ok(())
    }

    fn forget(&mut self, places: &BTreeSet<TopicPartition>) {
        self.owned.retain(|place| !places.contains(place));
        self.again.retain(|place| !places.contains(place));
        self.positions.retain(|place, _| !places.contains(place));
        self.paused.retain(|place| !places.contains(place));
        self.buffered.retain(|record| !places.contains(&record.place));
        if let Some((_, held)) = &mut self.batch {
            held.retain(|place| !places.contains(place));
        }
    }

    /// Applies the next change of the assignment, if there is one.
    fn next_change(&mut self) -> Result<Option<Polled>, BusError> {
        let Some(change) = self.consumer()?.context().next_change() else {
            return Ok(None);
        };
        let ours = |names: Vec<(String, i32)>| -> BTreeSet<TopicPartition> {
            names
                .iter()
                .filter_map(|(topic, number)| convert::place(&self.settings, topic, *number))
                .collect()
        };
        match change {
            Change::Assigned(names) => {
                let mut places = ours(names);
                // Given anew: whatever we knew of them was from an earlier life.
                self.forget(&places);
                places.append(&mut self.again);
                self.owned.extend(&places);
                Ok(Some(Polled::Assigned(places.into_iter().collect())))
            }
            Change::Revoked(names) => {
                let places = ours(names);
                self.forget(&places);
                Ok(Some(Polled::Revoked(places.into_iter().collect())))
            }
            Change::Failed(why) => {
                self.consumer_failed = true;
                Err(BusError::Broken(format!("the assignment: {why}")))
            }
        }
    }

    fn check_owned(&self, places: impl Iterator<Item = TopicPartition>) -> Result<(), BusError> {
        for place in places {
            if !self.owned.contains(&place) {
                return Err(BusError::Broken(format!("{place} is not ours")));
            }
        }
        Ok(())
    }

    /// Whether everything that a transaction touches was ours from its beginning until now.
    fn check_held(
        &self,
        transaction: &Transaction,
        held: &BTreeSet<TopicPartition>,
    ) -> Result<(), CommitError> {
        let numbers: BTreeSet<u32> = held.iter().map(|place| place.partition).collect();
        for (place, _) in &transaction.offsets {
            if !held.contains(place) {
                return Err(CommitError::Fenced(format!("{place} is no longer ours")));
            }
        }
        for record in &transaction.records {
            let place = record.place;
            if self.spec.changelogs.contains(&place.topic) && !numbers.contains(&place.partition) {
                return Err(CommitError::Fenced(format!("{place} is no longer ours")));
            }
        }
        Ok(())
    }

    fn note_fenced(&mut self) {
        let now = Instant::now();
        self.fenced_again |=
            self.fenced_at.is_some_and(|before| now.duration_since(before) < FENCED_AGAIN);
        self.fenced_at = Some(now);
    }
}

impl Transport for KafkaTransport {
    fn poll(&mut self, wait: Duration, limit: PollLimit) -> Result<Polled, BusError> {
        let deadline = Instant::now() + wait;
        if self.left {
            while Instant::now() < deadline && !self.bell.take_end() {
                self.bell.wait(deadline.saturating_duration_since(Instant::now()));
            }
            return Ok(Polled::Records(Vec::new()));
        }
        self.connect()?;
        loop {
            self.fetch(limit)?;
            if let Some(change) = self.next_change()? {
                return Ok(change);
            }
            if !self.again.is_empty() {
                let again = std::mem::take(&mut self.again);
                self.owned.extend(&again);
                return Ok(Polled::Assigned(again.into_iter().collect()));
            }
            let records = self.hand_out(limit);
            let left = deadline.saturating_duration_since(Instant::now());
            if !records.is_empty() || self.bell.take_end() || left.is_zero() {
                return Ok(Polled::Records(records));
            }
            self.bell.wait(left.min(LONGEST_SLEEP));
        }
    }

    fn restore(
        &mut self,
        changelogs: &[TopicPartition],
        each: &mut dyn FnMut(Record),
        stop: &dyn Fn() -> bool,
    ) -> Result<(), BusError> {
        // Everything stands still meanwhile, so that polling for the membership brings nothing.
        let started: Vec<TopicPartition> = self.positions.keys().copied().collect();
        let list = self.list(started.iter().copied())?;
        self.consumer()?.pause(&list).map_err(|error| convert::bus_error("pausing", &error))?;
        self.take_producer()?;
        let (Some(producer), Some(consumer)) = (&mut self.producer, &self.consumer) else {
            return Err(BusError::Broken("not connected".to_owned()));
        };
        let buffered = &mut self.buffered;
        let settings = &self.settings;
        let mut stay_member = || -> Result<(), BusError> {
            if stop() {
                return Err(BusError::Broken("the restore was given up".to_owned()));
            }
            match consumer.poll(Duration::ZERO) {
                Some(Err(KafkaError::MessageConsumptionFatal(code))) => {
                    Err(BusError::Broken(code.to_string()))
                }
                Some(Ok(message)) => {
                    buffered.extend(convert::record(settings, &message));
                    Ok(())
                }
                Some(Err(_)) | None => Ok(()),
            }
        };
        let result =
            restore::run(settings, self.spec.group, producer, changelogs, each, &mut stay_member);
        if result.is_err() && producer.was_fenced() {
            // Two of one name may meet in restores only, each taking the name from the other.
            self.note_fenced();
        }
        result?;
        let running = started.into_iter().filter(|place| !self.paused.contains(place));
        let list = self.list(running)?;
        self.consumer()?.resume(&list).map_err(|error| convert::bus_error("resuming", &error))
    }

    fn position(&mut self, input: TopicPartition) -> Result<Position, BusError> {
        self.check_owned([input].into_iter())?;
        let list = self.list([input])?;
        // Under read_committed the broker answers only once no offset of an open transaction
        // is pending.
        let committed = self
            .consumer()?
            .committed_offsets(list, REQUEST_TIMEOUT)
            .map_err(|error| convert::bus_error("asking for the committed offset", &error))?;
        let committed = committed.elements().first().and_then(|element| match element.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        });
        Ok(Position { committed, oldest: self.oldest(input)? })
    }

    fn start(&mut self, inputs: &[(TopicPartition, i64)]) -> Result<(), BusError> {
        let places: BTreeSet<TopicPartition> = inputs.iter().map(|(place, _)| *place).collect();
        self.check_owned(places.iter().copied())?;
        self.buffered.retain(|record| !places.contains(&record.place));
        self.fetch_from(inputs)?;
        self.positions.extend(inputs.iter().copied());
        let running = places.into_iter().filter(|place| !self.paused.contains(place));
        let list = self.list(running)?;
        self.consumer()?.resume(&list).map_err(|error| convert::bus_error("starting", &error))
    }

    fn pause(&mut self, inputs: &[TopicPartition]) -> Result<(), BusError> {
        self.check_owned(inputs.iter().copied())?;
        let list = self.list(inputs.iter().copied())?;
        self.consumer()?.pause(&list).map_err(|error| convert::bus_error("pausing", &error))?;
        self.paused.extend(inputs);
        Ok(())
    }

    fn resume(&mut self, inputs: &[TopicPartition]) -> Result<(), BusError> {
        self.check_owned(inputs.iter().copied())?;
        let mut again = Vec::new();
        for input in inputs {
            if self.paused.remove(input)
                && let Some(position) = self.positions.get(input).copied()
            {
                // librdkafka would go on after what it last gave us, and part of that may still
                // have been in our buffer when the partition was paused.
                self.buffered.retain(|record| record.place != *input);
                again.push((*input, position));
            }
        }
        if !again.is_empty() {
            self.fetch_from(&again)?;
        }
        let started = inputs.iter().copied().filter(|place| self.positions.contains_key(place));
        let list = self.list(started)?;
        self.consumer()?.resume(&list).map_err(|error| convert::bus_error("resuming", &error))
    }

    fn holds(&mut self, input: TopicPartition) -> Result<bool, BusError> {
        let is_member = !self.consumer()?.assignment_lost();
        Ok(is_member && self.owned.contains(&input) && !self.taken_away()?.contains(&input))
    }

    fn begin(&mut self) -> Result<(), BusError> {
        self.take_producer()?;
        let consumer = self.consumer()?;
        // Before the group was joined the generation is -1, which no coordinator checks.
        if self.owned.is_empty() || consumer.assignment_lost() {
            return Err(BusError::Broken("no member of the group".to_owned()));
        }
        let Some(metadata) = consumer.group_metadata() else {
            return Err(BusError::Broken("no member of the group".to_owned()));
        };
        let gone = self.taken_away()?;
        self.batch = Some((metadata, self.owned.difference(&gone).copied().collect()));
        Ok(())
    }

    fn commit(&mut self, transaction: Transaction) -> Result<(), CommitError> {
        let doubtful = |why: String| CommitError::Doubtful(why);
        let Some((metadata, held)) = self.batch.take() else {
            return Err(doubtful("no batch was begun".to_owned()));
        };
        if transaction.offsets.is_empty() {
            return Err(doubtful("a transaction without an offset would not be fenced".to_owned()));
        }
        let topics = &self.settings.topics;
        if let Some(why) = transaction.records.iter().find_map(|record| topics.refuse(record)) {
            return Err(doubtful(why));
        }
        self.check_held(&transaction, &held)?;
        let offsets =
            transaction.offsets.iter().map(|(place, offset)| (*place, Offset::Offset(*offset)));
        let offsets =
            convert::list(&self.settings, offsets).map_err(|error| doubtful(error.to_string()))?;
        let Some(producer) = &mut self.producer else {
            return Err(doubtful("not connected".to_owned()));
        };
        let result =
            producer.commit(&self.settings, &transaction.records, Some((offsets, metadata)));
        match result {
            Ok(()) => {
                self.recoveries = 0;
                Ok(())
            }
            Err((doing, error)) => {
                if producer.was_fenced() {
                    self.note_fenced();
                }
                Err(convert::commit_error(doing, &error))
            }
        }
    }

    // A member that left for every commit that failed would take partitions from the others, and
    // fail their commits in turn; so the consumer stays in its group as long as it may be sound.
    fn recover(&mut self) -> Result<(), BusError> {
        let sound = !self.consumer_failed && self.recoveries < CONSUMER_KEPT;
        if self.fenced_again || !sound || self.hold_still().is_err() {
            self.disconnect();
        }
        self.producer = None;
        self.left = false;
        if self.fenced_again {
            return Err(BusError::Fenced(format!(
                "another process runs as instance `{}` of {}; give each its own [run] instance",
                self.spec.instance,
                config::group_id(&self.settings, self.spec.group)
            )));
        }
        self.connect()?;
        self.recoveries += 1;
        Ok(())
    }

    fn waker(&self) -> Waker {
        let bell = Arc::clone(&self.bell);
        Waker::new(move || bell.ring(true))
    }

    fn lag(&mut self) -> Vec<(TopicPartition, i64)> {
        let Some(consumer) = &self.consumer else {
            return Vec::new();
        };
        // No request: behind a fetch that waits for records, 36 of them took 18 seconds.
        self.positions
            .iter()
            .filter_map(|(place, position)| {
                let topic = self.settings.topics.full_name(place.topic);
                let fetched = consumer.context().fetched(&topic, place.partition as i32)?;
                Some((*place, fetched.behind(*position)?))
            })
            .collect()
    }

    fn leave(&mut self) {
        // Closing the consumer, which its drop does, tells the group.
        self.disconnect();
        self.left = true;
    }
}
