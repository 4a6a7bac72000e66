//! What a client library knows of its membership, and does behind its caller's back.

use std::collections::{BTreeSet, VecDeque};

use super::cluster::{Cluster, Member};
use crate::GroupSpec;

/// A change of the assignment that was served, to be told by the next poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Assigned(BTreeSet<u32>),
    Revoked(BTreeSet<u32>),
}

/// A call-back that waits to be served by a poll.
#[derive(Debug)]
enum Callback {
    Assign(BTreeSet<u32>),
    /// What goes, and whether to join again at once.
    Revoke(BTreeSet<u32>, bool),
}

/// One consumer.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) name: String,
    spec: GroupSpec,
    /// The process lives.
    pub(super) alive: bool,
    /// The process is stopped.
    pub(super) stopped: bool,
    /// It cannot reach the cluster.
    pub(super) cut: bool,
    pub(super) member: Option<u64>,
    pub(super) generation: i32,
    /// What it fetches: changes when a call-back is served.
    assigned: BTreeSet<u32>,
    callbacks: VecDeque<Callback>,
    changes: VecDeque<Change>,
    /// The membership was lost, and the caller does not know yet.
    pub(super) lost: bool,
    last_poll: i64,
}

impl Client {
    pub(super) fn new(name: &str, spec: GroupSpec, now: i64) -> Self {
        Self {
            name: name.to_owned(),
            spec,
            alive: true,
            stopped: false,
            cut: false,
            member: None,
            generation: -1,
            assigned: BTreeSet::new(),
            callbacks: VecDeque::new(),
            changes: VecDeque::new(),
            lost: false,
            last_poll: now,
        }
    }

    /// Whether its heartbeats arrive, as far as it is its own doing.
    pub(super) fn beats(&self) -> bool {
        self.alive && !self.stopped && !self.cut
    }

    pub(super) fn next_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// Partitions whose loss waits to be told.
    pub(super) fn taken_away(&self) -> BTreeSet<u32> {
        let gone = |change: &Change| match change {
            Change::Revoked(partitions) => partitions.clone(),
            Change::Assigned(_) => BTreeSet::new(),
        };
        self.changes.iter().flat_map(gone).collect()
    }

    /// The membership is gone; whatever it had is taken back at the next poll.
    fn lose(&mut self) {
        self.member = None;
        self.generation = -1;
        self.lost = true;
        self.callbacks.clear();
        self.callbacks.push_back(Callback::Revoke(self.assigned.clone(), false));
    }
}

impl Cluster {
    /// What the library's own thread does: heartbeats, joining again, learning an assignment.
    pub(super) fn background(&mut self, number: u64, now: i64) {
        if !self.reaches(number) {
            return;
        }
        let limit = self.max_poll_interval;
        let Some(client) = self.clients.get_mut(&number).filter(|client| client.beats()) else {
            return;
        };
        let Some(member) = client.member else { return };
        let Some(group) = self.groups.get_mut(client.spec.group) else { return };
        if now - client.last_poll >= limit {
            group.remove(member, now);
            client.lose();
            return;
        }
        let Some(state) = group.members.get_mut(&member) else {
            client.lose();
            return;
        };
        if !client.callbacks.is_empty() {
            return;
        }
        if group.preparing.is_some() {
            if state.joined {
                return;
            }
            if group.cooperative || client.assigned.is_empty() {
                state.joined = true;
                state.owned.clone_from(&client.assigned);
            } else {
                client.callbacks.push_back(Callback::Revoke(client.assigned.clone(), true));
            }
        } else if client.generation != group.generation {
            client.generation = group.generation;
            let gone: BTreeSet<u32> =
                client.assigned.difference(&state.assignment).copied().collect();
            let new: BTreeSet<u32> =
                state.assignment.difference(&client.assigned).copied().collect();
            if !gone.is_empty() {
                client.callbacks.push_back(Callback::Revoke(gone, true));
            }
            if !new.is_empty() {
                client.callbacks.push_back(Callback::Assign(new));
            }
        }
    }

    /// What happens when the caller polls: call-backs are served, a lost member joins anew.
    pub(super) fn serve(&mut self, number: u64, now: i64) {
        // Late or not, this is a poll: but one that comes too late finds the membership gone.
        self.background(number, now);
        if let Some(client) = self.clients.get_mut(&number) {
            client.last_poll = now;
        }
        while let Some(client) = self.clients.get_mut(&number)
            && let Some(callback) = client.callbacks.pop_front()
        {
            match callback {
                Callback::Assign(partitions) => {
                    client.assigned.extend(&partitions);
                    client.changes.push_back(Change::Assigned(partitions));
                }
                Callback::Revoke(partitions, again) => {
                    client.assigned.retain(|partition| !partitions.contains(partition));
                    client.lost = false;
                    let (member, group) = (client.member, client.spec.group);
                    if !partitions.is_empty() {
                        client.changes.push_back(Change::Revoked(partitions));
                    }
                    if again
                        && let Some(group) = self.groups.get_mut(group)
                        && member.is_some_and(|member| group.members.contains_key(&member))
                    {
                        group.prepare(now);
                    }
                }
            }
        }
        self.join(number, now);
        self.background(number, now);
    }

    fn join(&mut self, number: u64, now: i64) {
        if !self.reaches(number) {
            return;
        }
        let Some(client) = self.clients.get(&number).filter(|client| client.member.is_none())
        else {
            return;
        };
        let spec = client.spec.clone();
        let member = self.number();
        let group = self.group(&spec);
        group.prepare(now);
        let state = Member {
            client: number,
            heartbeat: now,
            joined: true,
            owned: BTreeSet::new(),
            assignment: BTreeSet::new(),
        };
        group.members.insert(member, state);
        if let Some(client) = self.clients.get_mut(&number) {
            client.member = Some(member);
            client.generation = -1;
        }
    }

    /// Leaves the group, if the cluster can be told.
    pub(super) fn leave(&mut self, number: u64, now: i64) {
        let tells = self.reaches(number);
        let Some(client) = self.clients.remove(&number) else { return };
        let alive = client.alive;
        if let Some(member) = client.member
            && let Some(group) = self.groups.get_mut(client.spec.group)
            && tells
            && alive
        {
            group.remove(member, now);
        }
    }
}
