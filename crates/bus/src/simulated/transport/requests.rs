//! Requests of a member's producer, and what becomes of them.

use std::collections::BTreeMap;

use super::super::cluster::{Answer, Cluster};
use super::super::{Delivery, Mistake, Request, Step};
use super::{REQUEST_TIMEOUT_MS, SLOW_MS, SimulatedTransport, Trouble};
use crate::{NewRecord, TopicPartition, Transaction};

impl SimulatedTransport {
    /// Asks until there is an answer that is no "ask again".
    pub(super) fn ask<R>(
        &self,
        deadline: i64,
        ask: &mut dyn FnMut(&mut Cluster, i64) -> Result<R, Answer>,
    ) -> Result<R, Trouble> {
        loop {
            if self.reaches() {
                let now = self.now();
                match ask(&mut self.simulated.cluster(), now) {
                    Err(Answer::Busy) => {}
                    Err(answer) => return Err(Trouble::Refused(answer)),
                    Ok(done) => return Ok(done),
                }
            }
            if self.now() >= deadline {
                return Err(Trouble::TimedOut);
            }
            self.wait(50);
        }
    }

    pub(super) fn request<R>(
        &self,
        request: Request,
        ask: &mut dyn FnMut(&mut Cluster, i64) -> Result<R, Answer>,
    ) -> Result<R, Trouble> {
        let deadline = match request {
            // As `Timeout::Never` for the end of a transaction: the cluster decides in the end.
            Request::EndTransaction => i64::MAX,
            _ => self.now() + REQUEST_TIMEOUT_MS,
        };
        match self.simulated.script.deliver(&self.name, request) {
            Delivery::Done(milliseconds) => {
                self.wait(milliseconds as i64);
                let done = self.ask(deadline, ask)?;
                self.wait(milliseconds as i64);
                Ok(done)
            }
            Delivery::Repeated => {
                // A repeated produce request is known by its sequence numbers.
                if request != Request::Produce {
                    let _ = self.ask(deadline, ask)?;
                }
                self.wait(1_500);
                self.ask(deadline, ask)
            }
            Delivery::DoneButFailed => {
                let _ = self.ask(deadline, ask)?;
                self.wait(REQUEST_TIMEOUT_MS / 2);
                Err(Trouble::TimedOut)
            }
            Delivery::Failed => {
                self.wait(REQUEST_TIMEOUT_MS / 2);
                Err(Trouble::TimedOut)
            }
            Delivery::Late(milliseconds) => {
                self.send_late(request, milliseconds as i64);
                self.wait(1_000);
                Err(Trouble::TimedOut)
            }
            Delivery::Doubled(milliseconds) => {
                self.wait(SLOW_MS + 500);
                self.send_late(request, milliseconds as i64);
                self.ask(deadline, ask)
            }
        }
    }

    /// Only the end of a transaction does harm when it comes late: the cluster checks of all other
    /// requests whether their transaction still goes on.
    pub(super) fn send_late(&self, request: Request, milliseconds: i64) {
        if request == Request::EndTransaction
            && let Some(epoch) = self.epoch
        {
            let at = self.now() + milliseconds;
            self.simulated.cluster().end_later(at, &self.id(), epoch, true);
        }
    }

    /// Writes records in the open transaction, or opens one.
    pub(super) fn produce(&self, epoch: u32, records: &[NewRecord]) -> Result<(), Trouble> {
        let id = self.id();
        let mut by_place: BTreeMap<TopicPartition, Vec<NewRecord>> = BTreeMap::new();
        for record in records {
            by_place.entry(record.place).or_default().push(record.clone());
        }
        let mut parts: Vec<(TopicPartition, Vec<NewRecord>)> = by_place.into_iter().collect();
        while !parts.is_empty() {
            let chosen = self.simulated.script.below(parts.len() as u64) as usize;
            let (place, records) = parts.swap_remove(chosen);
            self.step(Step::Produce);
            self.request(Request::Produce, &mut |cluster, now| {
                cluster.produce(&id, epoch, place, &records, now)
            })?;
        }
        Ok(())
    }

    pub(super) fn send_offsets(
        &self,
        epoch: u32,
        membership: (Option<u64>, i32),
        offsets: &[(TopicPartition, i64)],
    ) -> Result<(), Trouble> {
        let (id, group) = (self.id(), self.spec.group);
        let (member, generation) = membership;
        self.request(Request::SendOffsets, &mut |cluster, now| {
            cluster.send_offsets(&id, epoch, group, member, generation, offsets, now)
        })
    }

    pub(super) fn end(&self, epoch: u32, commit: bool) -> Result<(), Trouble> {
        let id = self.id();
        let script = self.simulated.script.clone();
        self.request(Request::EndTransaction, &mut |cluster, now| {
            cluster.end(&id, epoch, commit, now, &*script)
        })
    }

    pub(super) fn transact(
        &self,
        epoch: u32,
        transaction: &Transaction,
        membership: (Option<u64>, i32),
    ) -> Result<(), Trouble> {
        let group = self.spec.group;
        let mut records = transaction.records.clone();
        let mut offsets = transaction.offsets.clone();
        self.step(Step::Commit);
        if self.errs(Mistake::ChangelogOutside) {
            let changelogs = &self.spec.changelogs;
            let (outside, inside) =
                records.into_iter().partition(|r: &NewRecord| changelogs.contains(&r.place.topic));
            records = inside;
            self.simulated.cluster().append(outside);
        }
        if self.errs(Mistake::OffsetsBeforeOutputs) {
            self.simulated.cluster().commit_offsets_alone(group, &offsets);
            offsets.clear();
        }
        if self.errs(Mistake::NoOffsets) {
            let cluster = self.simulated.cluster();
            let known = |(place, offset): &(TopicPartition, i64)| {
                cluster.committed(group, *place, false) == Ok(Some(*offset))
            };
            if offsets.iter().all(known) {
                drop(cluster);
                offsets.clear();
            }
        }
        let early = self.errs(Mistake::OffsetsBeforeFlush);
        if early && !offsets.is_empty() {
            self.send_offsets(epoch, membership, &offsets)?;
        }
        self.produce(epoch, &records)?;
        self.step(Step::Flushed);
        if !early && !offsets.is_empty() {
            let membership = match self.client {
                Some(client) if self.errs(Mistake::MembershipAtCommit) => {
                    let now = self.now();
                    let mut cluster = self.simulated.cluster();
                    cluster.background(client, now);
                    cluster.membership(client)
                }
                _ => membership,
            };
            self.send_offsets(epoch, membership, &offsets)?;
        }
        self.step(Step::OffsetsSent);
        self.end(epoch, true)?;
        self.step(Step::Committed);
        Ok(())
    }
}
