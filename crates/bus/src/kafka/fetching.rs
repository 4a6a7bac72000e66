//! Records of a member's inputs: where librdkafka fetches, what has come, what may be handed out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use rdkafka::Offset;
use rdkafka::consumer::{Consumer, RebalanceProtocol};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::topic_partition_list::TopicPartitionList;

use super::config::REQUEST_TIMEOUT;
use super::convert;
use super::transport::KafkaTransport;
use crate::{BusError, PollLimit, Record, TopicPartition};

impl KafkaTransport {
    /// Moves what has come into our own buffer, without waiting. Tells whether anything came.
    pub(super) fn fetch(&mut self, limit: PollLimit) -> Result<(), BusError> {
        let mut bytes: usize = self.buffered.iter().map(Record::size).sum();
        while self.buffered.len() < limit.records && bytes < limit.bytes {
            let consumer = self.consumer()?;
            let polled = consumer.poll(Duration::ZERO);
            if consumer.context().has_changes() {
                // What came with it is still ours to sort out: forget() does.
                if let Some(Ok(message)) = &polled
                    && let Some(record) = convert::record(&self.settings, message)
                {
                    self.buffered.push_back(record);
                }
                return Ok(());
            }
            match polled {
                None => return Ok(()),
                Some(Ok(message)) => {
                    if let Some(record) = convert::record(&self.settings, &message) {
                        bytes += record.size();
                        self.buffered.push_back(record);
                    }
                }
                Some(Err(error)) => {
                    self.consumer_failed |= matches!(error, KafkaError::MessageConsumptionFatal(_));
                    self.consumer_error(&error)?;
                }
            }
        }
        Ok(())
    }

    /// Most errors of a consumer heal by themselves; librdkafka tells them all the same.
    pub(super) fn consumer_error(&self, error: &KafkaError) -> Result<(), BusError> {
        match error {
            KafkaError::MessageConsumptionFatal(_) => {
                return Err(BusError::Broken(error.to_string()));
            }
            KafkaError::MessageConsumption(code) => match code {
                Code::AllBrokersDown => {
                    return Err(BusError::Away("no broker answers".to_owned()));
                }
                Code::AutoOffsetReset | Code::OffsetOutOfRange => return self.find_out_of_range(),
                Code::GroupAuthorizationFailed
                | Code::TopicAuthorizationFailed
                | Code::Authentication
                | Code::SaslAuthenticationFailed
                | Code::UnknownTopicOrPartition
                | Code::UnknownTopic
                | Code::InconsistentGroupProtocol => {
                    return Err(convert::bus_error("consuming", error));
                }
                _ => {}
            },
            _ => {}
        }
        tracing::debug!(%error, "consumer");
        Ok(())
    }

    /// The error names no partition: look which of ours it can be.
    pub(super) fn find_out_of_range(&self) -> Result<(), BusError> {
        for (place, wanted) in &self.positions {
            let oldest = self.oldest(*place)?;
            if *wanted < oldest {
                return Err(BusError::OutOfRange { place: *place, wanted: *wanted, oldest });
            }
        }
        Ok(())
    }

    pub(super) fn oldest(&self, place: TopicPartition) -> Result<i64, BusError> {
        let topic = self.settings.topics.full_name(place.topic);
        let (oldest, _) = self
            .consumer()?
            .fetch_watermarks(&topic, place.partition as i32, REQUEST_TIMEOUT)
            .map_err(|error| convert::bus_error("asking for the oldest offset", &error))?;
        Ok(oldest)
    }

    /// Takes from the buffer what may be handed out now.
    pub(super) fn hand_out(&mut self, limit: PollLimit) -> Vec<Record> {
        let mut records = Vec::new();
        let mut bytes = 0;
        let mut kept = VecDeque::new();
        for record in self.buffered.drain(..) {
            let place = record.place;
            let Some(position) = self.positions.get_mut(&place) else {
                continue;
            };
            if record.offset < *position {
                continue;
            }
            if self.paused.contains(&place) {
                // A paused partition is fetched again from its position.
                continue;
            }
            if records.len() >= limit.records || bytes >= limit.bytes {
                kept.push_back(record);
                continue;
            }
            *position = record.offset + 1;
            bytes += record.size();
            records.push(record);
        }
        self.buffered = kept;
        records
    }

    pub(super) fn list(
        &self,
        places: impl IntoIterator<Item = TopicPartition>,
    ) -> Result<TopicPartitionList, BusError> {
        convert::list(&self.settings, places.into_iter().map(|place| (place, Offset::Invalid)))
    }

    /// Partitions that were taken away while something else was done, and whose loss the next poll
    /// will tell. The group's coordinator would let us write to them: we are members of the
    /// generation that gave them to others.
    pub(super) fn taken_away(&self) -> Result<BTreeSet<TopicPartition>, BusError> {
        let names = self.consumer()?.context().taken_away();
        let ours = |(topic, number): &(String, i32)| convert::place(&self.settings, topic, *number);
        Ok(names.iter().filter_map(ours).collect())
    }

    /// Sets where librdkafka fetches, by assigning anew: it takes no seek while a partition is not
    /// being fetched yet, nor after an error of its offset, and says so only after a while.
    ///
    /// A partition that was taken away while its state was read is passed over: librdkafka refuses
    /// the whole list for it, and the next poll tells of it.
    pub(super) fn fetch_from(&mut self, inputs: &[(TopicPartition, i64)]) -> Result<(), BusError> {
        let gone = self.taken_away()?;
        let inputs: Vec<_> =
            inputs.iter().copied().filter(|(place, _)| !gone.contains(place)).collect();
        if inputs.is_empty() {
            return Ok(());
        }
        let result = self.assign_from(&inputs);
        self.consumer_failed |= result.is_err();
        result
    }

    fn assign_from(&self, inputs: &[(TopicPartition, i64)]) -> Result<(), BusError> {
        let broken = |error: KafkaError| BusError::Broken(format!("assigning anew: {error}"));
        let consumer = self.consumer()?;
        if matches!(consumer.rebalance_protocol(), RebalanceProtocol::Cooperative) {
            let offsets = inputs.iter().map(|(place, offset)| (*place, Offset::Offset(*offset)));
            let these = convert::list(&self.settings, offsets)?;
            consumer.incremental_unassign(&these).map_err(broken)?;
            return consumer.incremental_assign(&these).map_err(broken);
        }
        // An eager assignment can only be replaced whole.
        let wanted: BTreeMap<TopicPartition, i64> = inputs.iter().copied().collect();
        let all = self.owned.iter().map(|owned| {
            let offset = wanted.get(owned).or_else(|| self.positions.get(owned));
            (*owned, offset.map_or(Offset::End, |offset| Offset::Offset(*offset)))
        });
        let all = convert::list(&self.settings, all)?;
        consumer.assign(&all).map_err(broken)?;
        let still = self.owned.iter().copied().filter(|owned| {
            !wanted.contains_key(owned)
                && (self.paused.contains(owned) || !self.positions.contains_key(owned))
        });
        consumer.pause(&self.list(still)?).map_err(broken)
    }
}
