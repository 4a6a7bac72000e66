//! What commands read from and append to Kafka.

use std::sync::Arc;
use std::time::{Duration, Instant};

use events::Timestamp;
use rdkafka::Offset;
use rdkafka::admin::AdminClient;
use rdkafka::consumer::{BaseConsumer, Consumer};

use super::config::REQUEST_TIMEOUT;
use super::context::ReaderContext;
use super::producer::TransactionalProducer;
use super::{KafkaSettings, config, convert, restore, topics};
use crate::{BusError, Log, NewRecord, PollLimit, Record, Topic, TopicPartition, TopicState};

/// Readers are named after this group; they never join it.
const READER_GROUP: &str = "log";

/// [`Log`] on Kafka.
pub struct KafkaLog {
    settings: Arc<KafkaSettings>,
    reader: BaseConsumer<ReaderContext>,
    /// Where the reader goes on, if it is asked for what comes next.
    reading: Option<(TopicPartition, i64)>,
    producer: Option<TransactionalProducer>,
}

impl KafkaLog {
    pub(super) fn new(settings: Arc<KafkaSettings>) -> Result<Self, BusError> {
        let reader = config::reader(&settings, READER_GROUP)
            .create_with_context(ReaderContext::default())
            .map_err(|error| convert::bus_error("making the reader", &error))?;
        Ok(Self { settings, reader, reading: None, producer: None })
    }

    fn admin(&self) -> Result<AdminClient<ReaderContext>, BusError> {
        config::reader(&self.settings, READER_GROUP)
            .create_with_context(ReaderContext::default())
            .map_err(|error| convert::bus_error("making the admin client", &error))
    }

    /// Goes to an offset; one that is gone or not there yet becomes the nearest that is.
    fn go_to(&mut self, place: TopicPartition, from: i64) -> Result<i64, BusError> {
        if self.reading == Some((place, from)) {
            return Ok(from);
        }
        let (oldest, end) = self.bounds(place)?;
        let from = from.clamp(oldest, end.max(oldest));
        let list = convert::list(&self.settings, [(place, Offset::Offset(from))])?;
        self.reader.assign(&list).map_err(|error| convert::bus_error("reading", &error))?;
        self.reading = Some((place, from));
        Ok(from)
    }
}

impl Log for KafkaLog {
    fn topics(&mut self) -> Result<Vec<TopicState>, BusError> {
        let admin = self.admin()?;
        let mut states = topics::states(&self.settings, admin.inner())?;
        topics::add_faults(&self.settings, &admin, &mut states)?;
        Ok(states)
    }

    fn create_topics(&mut self) -> Result<Vec<Topic>, BusError> {
        topics::create(&self.settings, &self.admin()?)
    }

    fn bounds(&mut self, place: TopicPartition) -> Result<(i64, i64), BusError> {
        let topic = self.settings.topics.full_name(place.topic);
        self.reader
            .fetch_watermarks(&topic, place.partition as i32, REQUEST_TIMEOUT)
            .map_err(|error| convert::bus_error("asking for the bounds", &error))
    }

    fn read(
        &mut self,
        place: TopicPartition,
        from: i64,
        limit: PollLimit,
        wait: Duration,
    ) -> Result<Vec<Record>, BusError> {
        let deadline = Instant::now() + wait;
        let from = self.go_to(place, from)?;
        let mut records: Vec<Record> = Vec::new();
        let mut bytes = 0;
        while records.len() < limit.records && bytes < limit.bytes {
            let left = if records.is_empty() {
                deadline.saturating_duration_since(Instant::now())
            } else {
                Duration::ZERO
            };
            match self.reader.poll(left) {
                // Events that are no records end a poll early, too.
                None if records.is_empty() && Instant::now() < deadline => {}
                None => break,
                Some(Ok(message)) => {
                    if let Some(record) = convert::record(&self.settings, &message)
                        && record.place == place
                        && record.offset >= from
                    {
                        bytes += record.size();
                        self.reading = Some((place, record.offset + 1));
                        records.push(record);
                    }
                }
                Some(Err(error)) => {
                    if matches!(
                        error.rdkafka_error_code(),
                        Some(rdkafka::error::RDKafkaErrorCode::AllBrokersDown)
                    ) {
                        self.reading = None;
                        return Err(convert::bus_error("reading", &error));
                    }
                    tracing::debug!(%error, "reader");
                }
            }
        }
        Ok(records)
    }

    fn offset_at(&mut self, place: TopicPartition, at: Timestamp) -> Result<i64, BusError> {
        let list = convert::list(&self.settings, [(place, Offset::Offset(at.as_millis()))])?;
        let found = self
            .reader
            .offsets_for_times(list, REQUEST_TIMEOUT)
            .map_err(|error| convert::bus_error("asking for a time", &error))?;
        match found.elements().first().map(|element| element.offset()) {
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
            Err((doing, error)) => Err(match convert::bus_error(doing, &error) {
                BusError::Setup(why) => BusError::Setup(why),
                _ => BusError::Broken(format!(
                    "{doing}: {error}; whether the records were written is not known"
                )),
            }),
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
