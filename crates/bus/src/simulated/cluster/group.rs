//! A group of members: its generations and assignments.

use std::collections::{BTreeMap, BTreeSet};

use crate::TopicPartition;

/// One member as the group's coordinator knows it.
#[derive(Debug)]
pub(in crate::simulated) struct Member {
    pub(in crate::simulated) client: u64,
    pub(in crate::simulated) heartbeat: i64,
    pub(in crate::simulated) joined: bool,
    /// What it said that it owned when it joined.
    pub(in crate::simulated) owned: BTreeSet<u32>,
    pub(in crate::simulated) assignment: BTreeSet<u32>,
}

#[derive(Debug)]
pub(in crate::simulated) struct Group {
    pub(super) partitions: u32,
    pub(in crate::simulated) cooperative: bool,
    pub(in crate::simulated) generation: i32,
    /// Since when members are asked to join again.
    pub(in crate::simulated) preparing: Option<i64>,
    pub(in crate::simulated) members: BTreeMap<u64, Member>,
    pub(super) offsets: BTreeMap<TopicPartition, i64>,
    /// Offsets of transactions that are not decided, by producer.
    pub(super) pending: BTreeMap<u64, BTreeMap<TopicPartition, i64>>,
}

impl Group {
    pub(in crate::simulated) fn prepare(&mut self, now: i64) {
        if self.preparing.is_none() {
            self.preparing = Some(now);
            for member in self.members.values_mut() {
                member.joined = false;
            }
        }
    }

    pub(in crate::simulated) fn remove(&mut self, member: u64, now: i64) {
        if self.members.remove(&member).is_some() {
            self.prepare(now);
        }
    }

    pub(super) fn complete(&mut self) {
        self.preparing = None;
        self.generation += 1;
        let all: BTreeSet<u32> = (0..self.partitions).collect();
        let count = self.members.len();
        if count == 0 {
            return;
        }
        if !self.cooperative {
            // Range: contiguous parts, the first members get one more.
            let mut next = 0;
            for (index, member) in self.members.values_mut().enumerate() {
                let more = usize::from(index < self.partitions as usize % count);
                let part = (self.partitions as usize / count + more) as u32;
                member.assignment = (next..next + part).collect();
                next += part;
            }
            return;
        }
        // Sticky: who has something keeps it up to a fair share; what is to move is given to nobody
        // before its owner has let go of it, which a second rebalance waits for.
        let share = (self.partitions as usize).div_ceil(count);
        let mut given: BTreeSet<u32> = BTreeSet::new();
        let mut held: BTreeSet<u32> = BTreeSet::new();
        for member in self.members.values_mut() {
            held.extend(&member.owned);
            member.assignment = member
                .owned
                .iter()
                .copied()
                .filter(|partition| !given.contains(partition))
                .take(share)
                .collect();
            given.extend(&member.assignment);
        }
        for partition in all.difference(&held) {
            let least = self.members.values_mut().min_by_key(|member| member.assignment.len());
            if let Some(member) = least {
                member.assignment.insert(*partition);
            }
        }
    }
}
