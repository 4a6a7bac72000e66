//! One transactional producer, and the order of steps in a transaction.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use rdkafka::TopicPartitionList;
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::util::Timeout;

use super::config::{REQUEST_TIMEOUT, TRANSACTION_TIMEOUT};
use super::context::DeliveryContext;
use super::{KafkaSettings, config, convert};
use crate::NewRecord;

/// A commit slower than this was right, but something is wrong on its way: an earlier copy of
/// the request may still be under way, and would end the next transaction.
const SLOW: Duration = Duration::from_secs(2);

/// Calls into librdkafka that may hang are waited for this much longer than they were told to take.
/// `send_offsets_to_transaction` of 2.12.1 was seen to wait for minutes on a group's coordinator
/// that had gone away and come back, whatever its own time limit.
const GRACE: Duration = Duration::from_secs(2);
/// A commit takes no time limit: librdkafka advises against one, for a producer that goes on
/// afterwards. Ours does not.
const COMMIT_LIMIT: Duration = Duration::from_secs(30);

/// A producer whose past is known.
pub(super) struct TransactionalProducer {
    producer: Arc<BaseProducer<DeliveryContext>>,
    context: DeliveryContext,
    suspect: bool,
    fenced: bool,
}

/// Which step failed, and how.
pub(super) type Failed = (&'static str, KafkaError);

impl TransactionalProducer {
    /// Fences whoever had this id before and ends its transaction.
    pub(super) fn new(settings: &KafkaSettings, transactional_id: &str) -> Result<Self, Failed> {
        let context = DeliveryContext::default();
        let producer: BaseProducer<DeliveryContext> = config::producer(settings, transactional_id)
            .create_with_context(context.clone())
            .map_err(|error| ("making the producer", error))?;
        let created = Self { producer: Arc::new(producer), context, suspect: false, fenced: false };
        created
            .call(REQUEST_TIMEOUT + GRACE, |producer| producer.init_transactions(REQUEST_TIMEOUT))
            .map_err(|error| ("taking the transactional id", error))?;
        Ok(created)
    }

    /// Whether it may be used for another transaction.
    pub(super) fn is_suspect(&self) -> bool {
        self.suspect
    }

    /// Whether it failed since another producer has its name, and surely not since a transaction
    /// took so long that the coordinator ended it, which it tells by the same codes.
    pub(super) fn was_fenced(&self) -> bool {
        self.fenced
    }

    /// Makes a call that may hang, in a thread of its own. One that is not back in time is left to
    /// itself with its producer: a new producer of the same name makes void whatever it still does.
    fn call(
        &self,
        limit: Duration,
        call: impl FnOnce(&BaseProducer<DeliveryContext>) -> Result<(), KafkaError> + Send + 'static,
    ) -> Result<(), KafkaError> {
        let producer = Arc::clone(&self.producer);
        within(limit, move || call(&producer))
            .unwrap_or(Err(KafkaError::Global(RDKafkaErrorCode::OperationTimedOut)))
    }

    /// Commits records, and offsets where there are any. After an error the producer must go.
    pub(super) fn commit(
        &mut self,
        settings: &KafkaSettings,
        records: &[NewRecord],
        offsets: Option<(TopicPartitionList, ConsumerGroupMetadata)>,
    ) -> Result<(), Failed> {
        let began = Instant::now();
        let result = self.transact(settings, records, offsets);
        if let Err((_, error)) = &result {
            // What the failed call says is often a consequence: records are purged from a producer
            // that has been fenced.
            let fatal = self.producer.client().fatal_error();
            let is_fenced = convert::producer_was_fenced(error)
                || fatal.is_some_and(|(code, _)| convert::is_fence(code));
            self.fenced = is_fenced && began.elapsed() < TRANSACTION_TIMEOUT;
        }
        result
    }

    fn transact(
        &mut self,
        settings: &KafkaSettings,
        records: &[NewRecord],
        offsets: Option<(TopicPartitionList, ConsumerGroupMetadata)>,
    ) -> Result<(), Failed> {
        self.suspect = true;
        let began = Instant::now();
        let deadline = began + TRANSACTION_TIMEOUT;
        self.producer.begin_transaction().map_err(|error| ("beginning the transaction", error))?;
        for record in records {
            self.produce(settings, record, deadline).map_err(|error| ("producing", error))?;
        }
        // Every record stands in the log before the group's coordinator looks at our generation:
        // were some still queued, a new owner could restore before they arrive, and our commit
        // would succeed all the same.
        self.flush(deadline).map_err(|error| ("flushing", error))?;
        if let Some((offsets, metadata)) = offsets {
            self.call(REQUEST_TIMEOUT + GRACE, move |producer| {
                producer.send_offsets_to_transaction(&offsets, &metadata, REQUEST_TIMEOUT)
            })
            .map_err(|error| ("sending the offsets", error))?;
        }
        self.call(COMMIT_LIMIT, |producer| producer.commit_transaction(Timeout::Never))
            .map_err(|error| ("committing", error))?;
        self.suspect = began.elapsed() > SLOW;
        Ok(())
    }

    fn produce(
        &self,
        settings: &KafkaSettings,
        record: &NewRecord,
        deadline: Instant,
    ) -> Result<(), KafkaError> {
        let topic = settings.topics.full_name(record.place.topic);
        let mut headers = OwnedHeaders::new_with_capacity(record.headers.len());
        for (name, value) in &record.headers {
            headers = headers.insert(Header { key: name, value: Some(value) });
        }
        let mut to_send: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(&topic)
            .partition(record.place.partition as i32)
            .timestamp(record.timestamp.as_millis())
            .headers(headers);
        to_send.key = record.key.as_deref();
        to_send.payload = record.value.as_deref();
        loop {
            match self.producer.send(to_send) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), not_sent))
                    if Instant::now() < deadline =>
                {
                    to_send = not_sent;
                    self.producer.poll(Duration::ZERO);
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err((error, _)) => return Err(error),
            }
        }
    }

    /// Waits for all deliveries. Not rdkafka's own `flush`, which sleeps in steps of 100 ms, and
    /// so would make every commit take as long. Nor its `poll` with a time to wait: that cuts what is
    /// left to whole milliseconds, and asks without a pause while less than one is left.
    fn flush(&self, deadline: Instant) -> Result<(), KafkaError> {
        let mut pause = SHORTEST_PAUSE;
        let mut left = self.producer.in_flight_count();
        loop {
            // Serves one report of a delivery, if there is one.
            self.producer.poll(Duration::ZERO);
            if let Some(error) = self.context.take_failure() {
                return Err(error);
            }
            let now_left = self.producer.in_flight_count();
            if now_left == 0 {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(KafkaError::Flush(RDKafkaErrorCode::OperationTimedOut));
            }
            if now_left < left {
                pause = SHORTEST_PAUSE;
            } else {
                std::thread::sleep(pause);
                // A broker answers within milliseconds; one that is away is asked for seldom.
                pause = (pause * 5 / 4).min(LONGEST_PAUSE);
            }
            left = now_left;
        }
    }
}

/// Between two looks at whether all is delivered: at first, at most.
const SHORTEST_PAUSE: Duration = Duration::from_micros(200);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// Runs something in a thread of its own and waits for it so long; `None` where that was too short.
fn within<T: Send + 'static>(
    limit: Duration,
    run: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = channel();
    let spawned = std::thread::Builder::new().name("kafka-call".to_owned()).spawn(move || {
        // Nobody may be waiting any more.
        let _ = sender.send(run());
    });
    spawned.ok()?;
    receiver.recv_timeout(limit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_hangs_is_given_up() {
        let (sender, receiver) = channel::<()>();
        assert_eq!(within(Duration::from_millis(10), move || receiver.recv()), None);
        drop(sender);
        assert_eq!(within(Duration::from_mins(1), || 7), Some(7));
    }
}
