//! The brokers: partitions, members, and what happens by itself.

mod group;
mod transactions;

use std::collections::{BTreeMap, BTreeSet};

use events::Timestamp;

use super::client::{Change, Client};
use super::partition::Partition;
use super::{Script, SimulatedSettings};
use crate::{GroupSpec, NewRecord, Topic, TopicPartition, TopicSettings};
use group::Group;
pub(super) use group::Member;
use transactions::Producer;

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Another producer has this id, or the cluster ended our transaction.
    Epoch,
    /// No member of the current generation.
    Generation,
    /// The last transaction is not wholly ended yet: ask again.
    Busy,
    /// The transaction is not in a state for that.
    State,
}

/// What happens in the cluster by itself, later.
#[derive(Debug)]
enum Due {
    Marker { place: TopicPartition, id: String, producer: u64, commit: bool },
    Offsets { group: &'static str, id: String, producer: u64, commit: bool },
    End { id: String, epoch: u32, commit: bool },
}

pub(super) struct Cluster {
    partitions: BTreeMap<TopicPartition, Partition>,
    counts: BTreeMap<Topic, u32>,
    producers: BTreeMap<String, Producer>,
    pub(super) groups: BTreeMap<&'static str, Group>,
    pub(super) clients: BTreeMap<u64, Client>,
    due: BTreeMap<(i64, u64), Due>,
    numbers: u64,
    away: bool,
    /// Names of members that are cut off.
    cut: BTreeSet<String>,
    /// Names of members whose process is stopped.
    stopped: BTreeSet<String>,
    session_timeout: i64,
    pub(super) max_poll_interval: i64,
    transaction_timeout: i64,
    marker_delay: i64,
    cooperative: bool,
}

impl Cluster {
    pub(super) fn new(settings: &SimulatedSettings) -> Self {
        let places = Topic::ALL.into_iter().flat_map(|topic| settings.topics.partitions(topic));
        let counts = Topic::ALL
            .into_iter()
            .map(|topic| (topic, settings.topics.spec(topic).partitions))
            .collect();
        Self {
            partitions: places.map(|place| (place, Partition::default())).collect(),
            counts,
            producers: BTreeMap::new(),
            groups: BTreeMap::new(),
            clients: BTreeMap::new(),
            due: BTreeMap::new(),
            numbers: 0,
            away: false,
            cut: BTreeSet::new(),
            stopped: BTreeSet::new(),
            session_timeout: settings.session_timeout.as_millis() as i64,
            max_poll_interval: settings.max_poll_interval.as_millis() as i64,
            transaction_timeout: settings.transaction_timeout.as_millis() as i64,
            marker_delay: settings.marker_delay.as_millis() as i64,
            cooperative: settings.cooperative,
        }
    }

    pub(super) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub(super) fn partition(&self, place: TopicPartition) -> &Partition {
        static EMPTY: std::sync::LazyLock<Partition> = std::sync::LazyLock::new(Partition::default);
        self.partitions.get(&place).unwrap_or(&EMPTY)
    }

    pub(super) fn partition_mut(&mut self, place: TopicPartition) -> &mut Partition {
        self.partitions.entry(place).or_default()
    }

    pub(super) fn group(&mut self, spec: &GroupSpec) -> &mut Group {
        let partitions = self.counts[&spec.inputs[0]];
        let cooperative = self.cooperative && spec.inputs.len() == 1;
        self.groups.entry(spec.group).or_insert_with(|| Group {
            partitions,
            cooperative,
            generation: 0,
            preparing: None,
            members: BTreeMap::new(),
            offsets: BTreeMap::new(),
            pending: BTreeMap::new(),
        })
    }

    /// Lets happen what happens by itself until now.
    pub(super) fn tick(&mut self, now: i64, script: &dyn Script) {
        while let Some(entry) = self.due.first_entry().filter(|entry| entry.key().0 <= now) {
            match entry.remove() {
                Due::Marker { place, id, producer, commit } => {
                    self.partition_mut(place).mark(marker(place, now), producer, commit);
                    self.marked(&id, producer, commit);
                }
                Due::Offsets { group, id, producer, commit } => {
                    if let Some(group) = self.groups.get_mut(group)
                        && let Some(offsets) = group.pending.remove(&producer)
                        && commit
                    {
                        group.offsets.extend(offsets);
                    }
                    self.marked(&id, producer, commit);
                }
                Due::End { id, epoch, commit } => {
                    let _ = self.end(&id, epoch, commit, now, script);
                }
            }
        }
        self.time_out_transactions(now, script);
        self.time_out_members(now);
    }

    fn time_out_members(&mut self, now: i64) {
        if self.away {
            return;
        }
        for group in self.groups.values_mut() {
            let mut lost = Vec::new();
            for (number, member) in &mut group.members {
                let client = self.clients.get(&member.client);
                if client.is_some_and(Client::beats) {
                    member.heartbeat = now;
                } else if now - member.heartbeat >= self.session_timeout {
                    lost.push(*number);
                }
            }
            for member in lost {
                group.remove(member, now);
            }
            if let Some(since) = group.preparing {
                if now - since >= self.max_poll_interval {
                    group.members.retain(|_, member| member.joined);
                }
                if group.members.values().all(|member| member.joined) {
                    group.complete();
                }
            }
        }
    }

    /// The committed offset; `Err` while one is pending.
    pub(super) fn committed(
        &self,
        group: &str,
        place: TopicPartition,
        pending_too: bool,
    ) -> Result<Option<i64>, Answer> {
        let Some(group) = self.groups.get(group) else { return Ok(None) };
        if pending_too && group.pending.values().any(|offsets| offsets.contains_key(&place)) {
            return Err(Answer::Busy);
        }
        Ok(group.offsets.get(&place).copied())
    }

    pub(super) fn commit_offsets_alone(
        &mut self,
        group: &'static str,
        offsets: &[(TopicPartition, i64)],
    ) {
        if let Some(group) = self.groups.get_mut(group) {
            group.offsets.extend(offsets.iter().copied());
        }
    }

    /// Appends records of no transaction; all can be read at once.
    pub(super) fn append(&mut self, records: Vec<NewRecord>) {
        for record in records {
            self.partition_mut(record.place).append(&record, None);
        }
    }

    pub(super) fn connect(&mut self, mut client: Client) -> u64 {
        client.cut = self.cut.contains(&client.name);
        client.stopped = self.stopped.contains(&client.name);
        let number = self.number();
        self.clients.insert(number, client);
        number
    }

    pub(super) fn change_of(&mut self, client: u64) -> Option<Change> {
        self.clients.get_mut(&client)?.next_change()
    }

    /// Partitions whose loss the next poll of that client will tell.
    pub(super) fn taken_away(&self, client: u64) -> BTreeSet<u32> {
        self.clients.get(&client).map(Client::taken_away).unwrap_or_default()
    }

    pub(super) fn is_lost(&self, client: u64) -> bool {
        self.clients.get(&client).is_none_or(|client| client.lost)
    }

    /// Member and generation as the library knows them now.
    pub(super) fn membership(&self, client: u64) -> (Option<u64>, i32) {
        self.clients.get(&client).map_or((None, -1), |client| (client.member, client.generation))
    }

    pub(super) fn reaches(&self, client: u64) -> bool {
        !self.away && self.clients.get(&client).is_some_and(|client| !client.cut)
    }

    pub(super) fn reaches_by_name(&self, name: &str) -> bool {
        !self.away && !self.cut.contains(name)
    }

    pub(super) fn set_away(&mut self, away: bool) {
        self.away = away;
    }

    fn each_client(&mut self, name: &str, mut change: impl FnMut(&mut Client)) {
        self.clients.values_mut().filter(|client| client.name == name).for_each(&mut change);
    }

    pub(super) fn set_cut(&mut self, name: &str, cut: bool) {
        if cut {
            self.cut.insert(name.to_owned());
        } else {
            self.cut.remove(name);
        }
        self.each_client(name, |client| client.cut = cut);
    }

    pub(super) fn set_stopped(&mut self, name: &str, stopped: bool) {
        if stopped {
            self.stopped.insert(name.to_owned());
        } else {
            self.stopped.remove(name);
        }
        self.each_client(name, |client| client.stopped = stopped);
    }

    pub(super) fn kill(&mut self, name: &str) {
        self.each_client(name, |client| client.alive = false);
    }

    pub(super) fn compact(&mut self, topics: &TopicSettings, tombstones: bool) {
        for (place, partition) in &mut self.partitions {
            if topics.spec(place.topic).is_compacted() {
                partition.compact(tombstones);
            }
        }
    }

    pub(super) fn lose_before(&mut self, place: TopicPartition, oldest: i64) {
        self.partition_mut(place).lose_before(oldest);
    }

    pub(super) fn forget_group(&mut self, group: &str) {
        if let Some(group) = self.groups.get_mut(group) {
            group.offsets.clear();
        }
    }

    /// Loses whatever is older than the newest `keep` records of each input that is deleted by age.
    pub(super) fn shorten(&mut self, topics: &TopicSettings, keep: i64) {
        for (place, partition) in &mut self.partitions {
            if !topics.spec(place.topic).is_compacted() {
                let oldest = partition.end() - keep;
                partition.lose_before(oldest.max(0));
            }
        }
    }

    pub(super) fn owners(&self, group: &str) -> BTreeMap<String, Vec<u32>> {
        let members = self.groups.get(group).into_iter().flat_map(|group| group.members.values());
        members
            .filter_map(|member| {
                let client = self.clients.get(&member.client)?;
                Some((client.name.clone(), member.assignment.iter().copied().collect()))
            })
            .collect()
    }
}

fn marker(place: TopicPartition, now: i64) -> NewRecord {
    let timestamp = Timestamp::from_millis(now);
    NewRecord { place, timestamp, key: None, value: None, headers: Vec::new() }
}
