//! What commands read from and append to Kafka.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use events::Timestamp;
use rdkafka::Offset;
use rdkafka::admin::AdminClient;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::TopicPartitionListElem;

use super::config::REQUEST_TIMEOUT;
use super::context::ReaderContext;
use super::producer::TransactionalProducer;
use super::{KafkaSettings, config, convert, restore, topics};
use crate::{BusError, Log, NewRecord, PollLimit, Record, Topic, TopicPartition, TopicState};

/// Readers are named after this group; they never join it.
const READER_GROUP: &str = "log";
/// How long a topic that does not answer may be one that was just made.
const NO_LEADER_YET: Duration = Duration::from_secs(3);

fn is_young(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::UnknownPartition
                | RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::LeaderNotAvailable
                | RDKafkaErrorCode::NotLeaderForPartition
        )
    )
}

/// What the reader is assigned: partitions of one topic, since an end-of-partition event names
/// the partition alone.
struct Reading {
    topic: Topic,
    partitions: BTreeMap<u32, Cursor>,
}

struct Cursor {
    /// The offset asked for next.
    next: i64,
    /// Read ahead while another partition was asked for.
    ahead: VecDeque<Record>,
    /// The reader has come to the end, and nothing has come since.
    at_end: bool,
}

impl Cursor {
    fn at(offset: i64) -> Self {
        Self { next: offset, ahead: VecDeque::new(), at_end: false }
    }

    /// Where the reader would have to go on.
    fn fetch_from(&self) -> i64 {
        self.ahead.back().map_or(self.next, |record| record.offset + 1)
    }
}

/// [`Log`] on Kafka.
pub struct KafkaLog {
    settings: Arc<KafkaSettings>,
    reader: BaseConsumer<ReaderContext>,
    reading: Option<Reading>,
    producer: Option<TransactionalProducer>,
}

impl KafkaLog {
    pub(super) fn new(settings: Arc<KafkaSettings>) -> Result<Self, BusError> {
        let mut config = config::reader(&settings, READER_GROUP);
        // How a read knows that there is nothing more, without waiting for what never comes.
        config.set("enable.partition.eof", "true");
        // An empty fetch is answered only after this time, and the end is known only then.
        config.set("fetch.wait.max.ms", "10");
        let reader = config
            .create_with_context(ReaderContext::default())
            .map_err(|error| convert::bus_error("making the reader", &error))?;
        Ok(Self { settings, reader, reading: None, producer: None })
    }

    fn admin(&self) -> Result<AdminClient<ReaderContext>, BusError> {
        config::reader(&self.settings, READER_GROUP)
            .create_with_context(ReaderContext::default())
            .map_err(|error| convert::bus_error("making the admin client", &error))
    }

    /// Goes to an offset; one that is gone or not there yet becomes the nearest that is. Other
    /// partitions of the topic stay assigned, so that following all of them costs no seeks.
    fn go_to(&mut self, place: TopicPartition, from: i64) -> Result<(), BusError> {
        let known = self.reading.as_ref().filter(|reading| reading.topic == place.topic);
        let cursor = known.and_then(|reading| reading.partitions.get(&place.partition));
        if cursor.is_some_and(|cursor| cursor.next == from) {
            return Ok(());
        }
        let (oldest, end) = self.bounds(place)?;
        let from = from.clamp(oldest, end.max(oldest));
        let mut partitions = match self.reading.take() {
            Some(reading) if reading.topic == place.topic => reading.partitions,
            _ => BTreeMap::new(),
        };
        partitions.insert(place.partition, Cursor::at(from));
        let offsets = partitions.iter().map(|(partition, cursor)| {
            let place = TopicPartition::new(place.topic, *partition);
            (place, Offset::Offset(cursor.fetch_from()))
        });
        let list = convert::list(&self.settings, offsets)?;
        let assigned = self.reader.unassign().and_then(|()| self.reader.assign(&list));
        assigned.map_err(|error| convert::bus_error("reading", &error))?;
        self.reading = Some(Reading { topic: place.topic, partitions });
        Ok(())
    }

    fn cursor(&mut self, place: TopicPartition) -> Option<&mut Cursor> {
        let reading = self.reading.as_mut().filter(|reading| reading.topic == place.topic)?;
        reading.partitions.get_mut(&place.partition)
    }

    /// Takes one event of the reader.
    fn advance(&mut self, topic: Topic, wait: Duration) -> Result<(), BusError> {
        match self.reader.poll(wait) {
            None => Ok(()),
            Some(Ok(message)) => {
                let record = convert::record(&self.settings, &message);
                drop(message);
                if let Some(record) = record
                    && let Some(cursor) = self.cursor(record.place)
                    && record.offset >= cursor.fetch_from()
                {
                    cursor.at_end = false;
                    cursor.ahead.push_back(record);
                }
                Ok(())
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                let place = TopicPartition::new(topic, partition.unsigned_abs());
                if let Some(cursor) = self.cursor(place) {
                    cursor.at_end = true;
                }
                Ok(())
            }
            Some(Err(error)) => {
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown) {
                    self.reading = None;
                    return Err(convert::bus_error("reading", &error));
                }
                tracing::debug!(%error, "reader");
                Ok(())
            }
        }
    }
}

impl Log for KafkaLog {
    fn topics(&mut self) -> Result<Vec<TopicState>, BusError> {
        let admin = self.admin()?;
        let mut states =
            topics::settled_states(&self.settings, admin.inner(), topics::PROPAGATION)?;
        topics::add_faults(&self.settings, &admin, &mut states)?;
        Ok(states)
    }

    fn create_topics(&mut self) -> Result<Vec<Topic>, BusError> {
        topics::create(&self.settings, &self.admin()?)
    }

    fn bounds(&mut self, place: TopicPartition) -> Result<(i64, i64), BusError> {
        let topic = self.settings.topics.full_name(place.topic);
        let began = Instant::now();
        loop {
            let found =
                self.reader.fetch_watermarks(&topic, place.partition as i32, REQUEST_TIMEOUT);
            match found {
                // A topic just made has no leader for a moment.
                Err(error) if is_young(&error) && began.elapsed() < NO_LEADER_YET => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(error) if is_young(&error) => {
                    topics::check_now(&self.settings, self.reader.client())?;
                    return Err(convert::bus_error("asking for the bounds", &error));
                }
                found => {
                    return found
                        .map_err(|error| convert::bus_error("asking for the bounds", &error));
                }
            }
        }
    }

    fn read(
        &mut self,
        place: TopicPartition,
        from: i64,
        limit: PollLimit,
        wait: Duration,
    ) -> Result<Vec<Record>, BusError> {
        self.go_to(place, from)?;
        let began = Instant::now();
        loop {
            let Some(cursor) = self.cursor(place) else {
                return Err(BusError::Broken(format!("{place} is not being read")));
            };
            // All that is there, up to the limit: a caller that got less would have to guess why.
            let ahead: usize = cursor.ahead.iter().map(Record::size).sum();
            let is_full = cursor.ahead.len() >= limit.records || ahead >= limit.bytes;
            if is_full || (cursor.at_end && !cursor.ahead.is_empty()) {
                let mut records = Vec::new();
                let mut bytes = 0;
                while records.len() < limit.records && bytes < limit.bytes {
                    let Some(record) = cursor.ahead.pop_front() else { break };
                    cursor.next = record.offset + 1;
                    bytes += record.size();
                    records.push(record);
                }
                return Ok(records);
            }
            let is_known_end = cursor.at_end;
            let waited = began.elapsed();
            if is_known_end && waited >= wait {
                return Ok(Vec::new());
            }
            if waited >= REQUEST_TIMEOUT.max(wait) {
                return Err(BusError::Away(format!("no broker answers for {place}")));
            }
            let left = if is_known_end { wait.saturating_sub(waited) } else { REQUEST_TIMEOUT };
            self.advance(place.topic, left.min(Duration::from_millis(100)))?;
        }
    }

    fn offset_at(&mut self, place: TopicPartition, at: Timestamp) -> Result<i64, BusError> {
        let list = convert::list(&self.settings, [(place, Offset::Offset(at.as_millis()))])?;
        let found = self
            .reader
            .offsets_for_times(list, REQUEST_TIMEOUT)
            .map_err(|error| convert::bus_error("asking for a time", &error))?;
        match found.elements().first().map(TopicPartitionListElem::offset) {
            Some(Offset::Offset(offset)) => Ok(offset),
            _ => Ok(self.bounds(place)?.1),
        }
    }

    fn append(&mut self, records: Vec<NewRecord>) -> Result<(), BusError> {
        let refused = records.iter().find_map(|record| self.settings.topics.refuse(record));
        if let Some(why) = refused {
            return Err(BusError::Setup(why));
        }
        if records.is_empty() {
            return Ok(());
        }
        let mut producer = match self.producer.take() {
            Some(producer) if !producer.is_suspect() => producer,
            _ => {
                // A name of its own: commands run beside each other and must not fence.
                let id = format!(
                    "{}.{}",
                    config::group_id(&self.settings, READER_GROUP),
                    restore::barrier_value()
                );
                TransactionalProducer::new(&self.settings, &id)
                    .map_err(|(doing, error)| convert::bus_error(doing, &error))?
            }
        };
        match producer.commit(&self.settings, &records, None) {
            Ok(()) => {
                self.producer = Some(producer);
                Ok(())
            }
            Err((doing, error)) => {
                // What is sent to a topic that is missing only waits for it.
                if let Err(missing @ BusError::Setup(_)) =
                    topics::check_now(&self.settings, self.reader.client())
                {
                    return Err(missing);
                }
                Err(match convert::bus_error(doing, &error) {
                    BusError::Setup(why) => BusError::Setup(why),
                    _ => BusError::Broken(format!(
                        "{doing}: {error}; whether the records were written is not known"
                    )),
                })
            }
        }
    }

    fn committed(
        &mut self,
        group: &str,
        inputs: &[TopicPartition],
    ) -> Result<Vec<Option<i64>>, BusError> {
        // The group is a property of the client.
        let asker: BaseConsumer<ReaderContext> = config::reader(&self.settings, group)
            .create_with_context(ReaderContext::default())
            .map_err(|error| convert::bus_error("making a client", &error))?;
        let list =
            convert::list(&self.settings, inputs.iter().map(|input| (*input, Offset::Invalid)))?;
        let found = asker
            .committed_offsets(list, REQUEST_TIMEOUT)
            .map_err(|error| convert::bus_error("asking for committed offsets", &error))?;
        Ok(inputs
            .iter()
            .map(|input| {
                let topic = self.settings.topics.full_name(input.topic);
                match found.find_partition(&topic, input.partition as i32)?.offset() {
                    Offset::Offset(offset) => Some(offset),
                    _ => None,
                }
            })
            .collect())
    }
}
