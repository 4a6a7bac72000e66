//! The coordinator of transactions: producers and their epochs, what is open, how it ends.

use std::collections::BTreeSet;

use super::{Answer, Cluster, Due};
use crate::simulated::Script;
use crate::{NewRecord, TopicPartition};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transaction {
    None,
    Open {
        since: i64,
    },
    /// Decided; some of its partitions have no marker yet.
    Ending {
        commit: bool,
    },
    Ended {
        commit: bool,
    },
}

#[derive(Debug)]
pub(super) struct Producer {
    number: u64,
    epoch: u32,
    transaction: Transaction,
    places: BTreeSet<TopicPartition>,
    group: Option<&'static str>,
    /// Markers on their way.
    markers: usize,
}

impl Cluster {
    pub(super) fn marked(&mut self, id: &str, number: u64, commit: bool) {
        if let Some(producer) = self.producers.get_mut(id).filter(|p| p.number == number) {
            producer.markers -= 1;
            if producer.markers == 0 {
                producer.transaction = Transaction::Ended { commit };
            }
        }
    }

    pub(super) fn time_out_transactions(&mut self, now: i64, script: &dyn Script) {
        let limit = self.transaction_timeout;
        let late = |producer: &Producer| match producer.transaction {
            Transaction::Open { since } => now - since >= limit,
            _ => false,
        };
        let ids: Vec<String> = self
            .producers
            .iter()
            .filter(|(_, producer)| late(producer))
            .map(|(id, _)| id.clone())
            .collect();
        for id in ids {
            self.decide(&id, false, now, script);
            if let Some(producer) = self.producers.get_mut(&id) {
                producer.epoch += 1;
            }
        }
    }

    /// A producer takes its id; whoever had it is fenced.
    pub(in crate::simulated) fn init_producer(
        &mut self,
        id: &str,
        now: i64,
        script: &dyn Script,
    ) -> Result<u32, Answer> {
        let number = self.number();
        let producer = self.producers.entry(id.to_owned()).or_insert_with(|| Producer {
            number,
            epoch: 0,
            transaction: Transaction::None,
            places: BTreeSet::new(),
            group: None,
            markers: 0,
        });
        match producer.transaction {
            Transaction::Open { .. } => {
                producer.epoch += 1;
                self.decide(id, false, now, script);
                Err(Answer::Busy)
            }
            Transaction::Ending { .. } => Err(Answer::Busy),
            Transaction::None | Transaction::Ended { .. } => {
                producer.epoch += 1;
                producer.transaction = Transaction::None;
                Ok(producer.epoch)
            }
        }
    }

    /// The producer of that id and epoch, with a transaction open.
    fn take_part(&mut self, id: &str, epoch: u32, now: i64) -> Result<&mut Producer, Answer> {
        let Some(producer) = self.producers.get_mut(id).filter(|p| p.epoch == epoch) else {
            return Err(Answer::Epoch);
        };
        match producer.transaction {
            Transaction::Open { .. } => {}
            Transaction::Ending { .. } => return Err(Answer::Busy),
            Transaction::None | Transaction::Ended { .. } => {
                producer.transaction = Transaction::Open { since: now };
                producer.places.clear();
                producer.group = None;
            }
        }
        Ok(producer)
    }

    pub(in crate::simulated) fn produce(
        &mut self,
        id: &str,
        epoch: u32,
        place: TopicPartition,
        records: &[NewRecord],
        now: i64,
    ) -> Result<(), Answer> {
        let producer = self.take_part(id, epoch, now)?;
        producer.places.insert(place);
        let number = producer.number;
        let partition = self.partition_mut(place);
        for record in records {
            partition.append(record, Some(number));
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "as many as the request has")]
    pub(in crate::simulated) fn send_offsets(
        &mut self,
        id: &str,
        epoch: u32,
        group: &'static str,
        member: Option<u64>,
        generation: i32,
        offsets: &[(TopicPartition, i64)],
        now: i64,
    ) -> Result<(), Answer> {
        if let Some(group) = self.groups.get(group) {
            // As the coordinator has it: who names neither member nor generation is let through.
            let nameless = generation < 0 && member.is_none();
            let current = member.is_some_and(|member| group.members.contains_key(&member))
                && generation == group.generation;
            if !nameless && !current {
                return Err(Answer::Generation);
            }
        }
        let producer = self.take_part(id, epoch, now)?;
        producer.group = Some(group);
        let number = producer.number;
        if let Some(group) = self.groups.get_mut(group) {
            group.pending.entry(number).or_default().extend(offsets.iter().copied());
        }
        Ok(())
    }

    /// Ends a transaction; asked again, it answers the same.
    pub(in crate::simulated) fn end(
        &mut self,
        id: &str,
        epoch: u32,
        commit: bool,
        now: i64,
        script: &dyn Script,
    ) -> Result<(), Answer> {
        let Some(producer) = self.producers.get(id).filter(|p| p.epoch == epoch) else {
            return Err(Answer::Epoch);
        };
        match producer.transaction {
            Transaction::Open { .. } => {
                self.decide(id, commit, now, script);
                Ok(())
            }
            Transaction::Ending { commit: decided } | Transaction::Ended { commit: decided }
                if decided == commit =>
            {
                Ok(())
            }
            _ => Err(Answer::State),
        }
    }

    /// A copy of the request that is under way for long.
    pub(in crate::simulated) fn end_later(&mut self, at: i64, id: &str, epoch: u32, commit: bool) {
        let number = self.number();
        self.due.insert((at, number), Due::End { id: id.to_owned(), epoch, commit });
    }

    fn decide(&mut self, id: &str, commit: bool, now: i64, script: &dyn Script) {
        let Some(producer) = self.producers.get_mut(id) else { return };
        producer.transaction = Transaction::Ending { commit };
        let number = producer.number;
        let places = std::mem::take(&mut producer.places);
        let group = producer.group.take();
        producer.markers = places.len() + usize::from(group.is_some());
        if producer.markers == 0 {
            producer.transaction = Transaction::Ended { commit };
        }
        let mut due = Vec::new();
        for place in places {
            due.push(Due::Marker { place, id: id.to_owned(), producer: number, commit });
        }
        if let Some(group) = group {
            due.push(Due::Offsets { group, id: id.to_owned(), producer: number, commit });
        }
        for due in due {
            let delay = script.below(self.marker_delay as u64 + 1) as i64;
            let number = self.number();
            self.due.insert((now + delay, number), due);
        }
        // What needs no time has happened.
        if self.marker_delay == 0 {
            self.tick(now, script);
        }
    }
}
