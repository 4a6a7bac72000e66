//! A site's budget and its queues: which request is next, and when. Pure; requests cost one token
//! each, polls and pages alike, and robots.txt none.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use events::Timestamp;
use serde::{Deserialize, Serialize};

use crate::settings::millis;

/// What is remembered of a site: its token bucket (as the moment when it is full again, the
/// "generic cell rate algorithm") and how long it asked us to stay away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Budget {
    pub(crate) v: u32,
    pub(crate) full_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) blocked_until: Option<Timestamp>,
    /// 429 answers in a row, for the wait where the site names none.
    #[serde(default)]
    pub(crate) refusals: u32,
}

impl Budget {
    /// When a token is free.
    pub(crate) fn free_at(&self, spacing: Duration, burst: u32) -> Timestamp {
        let ahead = millis(spacing).saturating_mul(i64::from(burst.max(1)) - 1);
        let free_at = self.full_at.plus_millis(-ahead);
        self.blocked_until.map_or(free_at, |blocked| blocked.max(free_at))
    }

    /// Takes a token, free or not: a redirect into the site costs one afterwards.
    pub(crate) fn take(&mut self, spacing: Duration, now: Timestamp) {
        self.full_at = self.full_at.max(now).plus_millis(millis(spacing));
    }

    /// Takes in a 429: nothing is asked until `wait_ms` has passed, or, where the site names no
    /// time, ever longer from a minute to an hour.
    pub(crate) fn refuse(&mut self, wait_ms: Option<i64>, now: Timestamp) {
        let own = (60_000_i64 << self.refusals.min(6)).min(3_600_000);
        let until = now.plus_millis(wait_ms.unwrap_or(own));
        self.refusals = self.refusals.saturating_add(1);
        self.blocked_until = Some(self.blocked_until.map_or(until, |blocked| blocked.max(until)));
    }

    /// Nothing is to be remembered any more.
    pub(crate) fn is_idle(&self, now: Timestamp) -> bool {
        self.full_at <= now && self.blocked_until.is_none_or(|until| until <= now)
    }
}

/// A page that waits for its turn, as far as its site must know it; the entry is in state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WaitingPage {
    /// Name of its request.
    pub(crate) key: String,
    /// Origin whose robots.txt speaks for it.
    pub(crate) origin: String,
    pub(crate) link: String,
    pub(crate) backfill: bool,
    pub(crate) ready_at: Timestamp,
    /// Bytes of its state record.
    pub(crate) bytes: usize,
}

/// What a site's next request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Poll(String),
    Page(u64),
}

/// The queues of one site. Derived from state; nothing here needs to survive.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    polls: BTreeSet<(Timestamp, String)>,
    pages: BTreeMap<u64, WaitingPage>,
    live: BTreeSet<(Timestamp, u64)>,
    backfill: BTreeSet<(Timestamp, u64)>,
    /// Pages that wait for the robots.txt of their origin.
    held: BTreeMap<String, BTreeSet<u64>>,
    next_sequence: u64,
    poll_was_last: bool,
}

impl Queues {
    pub(crate) fn is_empty(&self) -> bool {
        self.polls.is_empty() && self.pages.is_empty()
    }

    /// A number for a page that is about to wait.
    pub(crate) fn number(&mut self) -> u64 {
        let number = self.next_sequence;
        self.next_sequence += 1;
        number
    }

    pub(crate) fn add_poll(&mut self, due_at: Timestamp, feed: String) {
        self.polls.insert((due_at, feed));
    }

    pub(crate) fn remove_poll(&mut self, feed: &str) {
        self.polls.retain(|(_, waiting)| waiting != feed);
    }

    /// Puts a page among the waiting ones.
    pub(crate) fn add_page(&mut self, number: u64, page: WaitingPage) {
        self.next_sequence = self.next_sequence.max(number + 1);
        let queue = if page.backfill { &mut self.backfill } else { &mut self.live };
        queue.insert((page.ready_at, number));
        self.pages.insert(number, page);
    }

    pub(crate) fn page(&self, number: u64) -> Option<&WaitingPage> {
        self.pages.get(&number)
    }

    /// Takes a page out: it has its outcome.
    pub(crate) fn remove_page(&mut self, number: u64) -> Option<WaitingPage> {
        self.unqueue(number);
        self.pages.remove(&number)
    }

    /// Takes a page out of the queue while its request is on its way.
    pub(crate) fn unqueue(&mut self, number: u64) {
        if let Some(page) = self.pages.get(&number) {
            let place = (page.ready_at, number);
            self.live.remove(&place);
            self.backfill.remove(&place);
            if let Some(held) = self.held.get_mut(&page.origin) {
                held.remove(&number);
                if held.is_empty() {
                    self.held.remove(&page.origin);
                }
            }
        }
    }

    /// Lets a page wait for the robots.txt of its origin. Returns whether that must be asked for.
    pub(crate) fn hold(&mut self, number: u64) -> bool {
        self.unqueue(number);
        let Some(page) = self.pages.get(&number) else { return false };
        let held = self.held.entry(page.origin.clone()).or_default();
        held.insert(number);
        held.len() == 1
    }

    /// Lets the pages of an origin back into the queue.
    pub(crate) fn release(&mut self, origin: &str) {
        for number in self.held.remove(origin).unwrap_or_default() {
            if let Some(page) = self.pages.get(&number) {
                let queue = if page.backfill { &mut self.backfill } else { &mut self.live };
                queue.insert((page.ready_at, number));
            }
        }
    }

    /// What is next among what is ready: polls and live pages take turns, back-fill comes last.
    pub(crate) fn next(&self, now: Timestamp) -> Option<Next> {
        let poll = self.polls.first().filter(|(at, _)| *at <= now);
        let poll = poll.map(|(_, feed)| Next::Poll(feed.clone()));
        let ready = |queue: &BTreeSet<(Timestamp, u64)>| {
            queue.first().filter(|(at, _)| *at <= now).map(|(_, number)| Next::Page(*number))
        };
        let live = ready(&self.live);
        let first = if self.poll_was_last { live.or(poll) } else { poll.or(live) };
        first.or_else(|| ready(&self.backfill))
    }

    /// Notes that `next` was asked for.
    pub(crate) fn took(&mut self, next: &Next) {
        match next {
            Next::Poll(feed) => self.remove_poll(feed),
            Next::Page(number) => self.unqueue(*number),
        }
        self.poll_was_last = matches!(next, Next::Poll(_));
    }

    /// When something is ready next; `None` where nothing waits in the queues.
    pub(crate) fn ready_at(&self) -> Option<Timestamp> {
        let poll = self.polls.first().map(|(at, _)| *at);
        let pages = [&self.live, &self.backfill];
        let page = pages.into_iter().filter_map(|queue| queue.first()).map(|(at, _)| *at).min();
        [poll, page].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(1_764_000_000 + seconds)
    }

    fn page(backfill: bool, ready_at: Timestamp) -> WaitingPage {
        WaitingPage {
            key: String::new(),
            origin: "https://example.org".to_owned(),
            link: String::new(),
            backfill,
            ready_at,
            bytes: 0,
        }
    }

    #[test]
    fn a_burst_is_followed_by_one_request_a_spacing() {
        let spacing = Duration::from_secs(5);
        let mut budget = Budget::default();
        let mut times = Vec::new();
        let mut now = at(0);
        while times.len() < 5 {
            now = now.max(budget.free_at(spacing, 2));
            budget.take(spacing, now);
            times.push(now.millis_since(at(0)) / 1000);
        }
        assert_eq!(times, [0, 0, 5, 10, 15]);
        budget.blocked_until = Some(at(100));
        assert_eq!(budget.free_at(spacing, 2), at(100));
        assert!(!budget.is_idle(at(99)) && budget.is_idle(at(100)));
    }

    #[test]
    fn polls_and_live_pages_take_turns_and_backfill_comes_last() {
        let mut queues = Queues::default();
        for feed in ["a", "b"] {
            queues.add_poll(at(0), feed.to_owned());
        }
        for backfill in [true, false, false] {
            let number = queues.number();
            queues.add_page(number, page(backfill, at(1)));
        }
        assert_eq!(queues.next(at(0)), Some(Next::Poll("a".to_owned())));
        let mut order = Vec::new();
        while let Some(next) = queues.next(at(1)) {
            queues.took(&next);
            order.push(next);
        }
        let poll = |feed: &str| Next::Poll(feed.to_owned());
        let wanted = [poll("a"), Next::Page(1), poll("b"), Next::Page(2), Next::Page(0)];
        assert_eq!(order, wanted);
        assert_eq!(queues.ready_at(), None);
        assert!(!queues.is_empty());
    }

    #[test]
    fn pages_of_an_origin_wait_for_its_robots_txt_together() {
        let mut queues = Queues::default();
        for _ in 0..2 {
            let number = queues.number();
            queues.add_page(number, page(false, at(0)));
        }
        assert!(queues.hold(0));
        assert!(!queues.hold(1));
        assert_eq!(queues.next(at(9)), None);
        queues.release("https://example.org");
        assert_eq!(queues.next(at(9)), Some(Next::Page(0)));
    }
}
