//! Requests on their way, and those that wait for a place among them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use bus::Waker;

use crate::batch::{Item, Work};
use crate::mutant::Mutant;
use crate::{Fetch, Fetched, Performer};

struct Arrived {
    partition: u32,
    ticket: u64,
    key: String,
    fetched: Fetched,
}

/// Requests that would be sent at once, of those that the process may have on their way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub(crate) free: usize,
    pub(crate) most: usize,
}

impl Places {
    /// What is left when so many have been taken.
    pub(crate) fn without(self, taken: usize) -> Self {
        Self { free: self.free.saturating_sub(taken), ..self }
    }
}

pub(crate) struct Requests {
    performer: Arc<dyn Performer>,
    waker: Waker,
    /// Most requests on their way at once.
    limit: usize,
    /// Ticket of each request by partition and key. An answer whose ticket is not here any more
    /// was asked for before the partition went away.
    asked: BTreeMap<(u32, String), u64>,
    waiting: VecDeque<(u32, u64, Fetch)>,
    tickets: u64,
    running: usize,
    sender: Sender<Arrived>,
    receiver: Receiver<Arrived>,
}

impl Requests {
    pub(crate) fn new(performer: Arc<dyn Performer>, waker: Waker, limit: usize) -> Self {
        let (sender, receiver) = channel();
        Self {
            performer,
            waker,
            limit,
            asked: BTreeMap::new(),
            waiting: VecDeque::new(),
            tickets: 0,
            running: 0,
            sender,
            receiver,
        }
    }

    /// Asks for requests, once each by key while one of that key is on its way.
    pub(crate) fn ask(&mut self, partition: u32, fetches: impl IntoIterator<Item = Fetch>) {
        for fetch in fetches {
            let name = (partition, fetch.key.clone());
            if !self.asked.contains_key(&name) {
                self.tickets += 1;
                self.asked.insert(name, self.tickets);
                self.waiting.push_back((partition, self.tickets, fetch));
            }
        }
        self.issue();
    }

    fn issue(&mut self) {
        while self.running < self.limit || Mutant::RequestsUnbounded.is_planted() {
            let Some((partition, ticket, fetch)) = self.waiting.pop_front() else { break };
            self.running += 1;
            let sender = self.sender.clone();
            let waker = self.waker.clone();
            let key = fetch.key.clone();
            let reply = move |fetched| {
                // Fails only when the harness has ended; then nobody waits for it.
                let _ = sender.send(Arrived { partition, ticket, key, fetched });
                waker.wake();
            };
            self.performer.perform(fetch, Box::new(reply));
        }
    }

    /// Takes answers that have come, at most `count`, and no further one once their bodies reach
    /// `bytes`.
    pub(crate) fn take(&mut self, count: usize, bytes: usize, items: &mut Vec<Item>) {
        let limit = items.len() + count;
        let mut taken = 0;
        while items.len() < limit && taken < bytes {
            let Ok(arrived) = self.receiver.try_recv() else { break };
            self.running -= 1;
            let name = (arrived.partition, arrived.key);
            // An answer for a partition that has gone is its next owner's to ask for again.
            if self.asked.get(&name) != Some(&arrived.ticket) {
                continue;
            }
            self.asked.remove(&name);
            if let Ok(answer) = &arrived.fetched.result {
                taken += answer.body.len();
            }
            let (partition, key) = name;
            items.push(Item { partition, work: Work::Fetched(key, arrived.fetched) });
        }
        self.issue();
    }

    /// Forgets what was asked for by partitions that have gone.
    pub(crate) fn let_go(&mut self, partitions: &BTreeSet<u32>) {
        self.waiting.retain(|(partition, _, _)| !partitions.contains(partition));
        self.asked.retain(|(partition, _), _| !partitions.contains(partition));
    }

    /// Performs nothing more.
    pub(crate) fn stop(&mut self) {
        self.waiting.clear();
        self.limit = 0;
    }

    /// Keys of a partition's requests, on their way or waiting for a place.
    pub(crate) fn keys(&self, partition: u32) -> BTreeSet<String> {
        let of_it = self.asked.keys().filter(|(of, _)| *of == partition);
        of_it.map(|(_, key)| key.clone()).collect()
    }

    /// Requests on their way.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Further requests that would be sent at once.
    pub(crate) fn places(&self) -> Places {
        if Mutant::RequestsUnbounded.is_planted() {
            return Places { free: usize::MAX, most: usize::MAX };
        }
        Places { free: self.limit, most: self.limit }.without(self.running + self.waiting.len())
    }

    /// Requests on their way or waiting for a place.
    pub(crate) fn len(&self) -> usize {
        self.asked.len()
    }
}
