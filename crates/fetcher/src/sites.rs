//! A site's budget and its queues: which request is next, and when. Pure; requests cost one token
//! each, polls and pages alike, and the first few robots.txt none.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use events::Timestamp;
use serde::{Deserialize, Serialize};

use crate::settings::millis;

/// Refusals this long after the last one ended count from the beginning.
const FORGIVEN_MS: i64 = 6 * 3600 * 1000;

/// Robots.txt that cost no token. A site has one or a few hosts; a feed that names a thousand of one
/// site must not make a thousand requests at once of it.
const FREE_ROBOTS: usize = 4;
/// Those that lie further apart are not of one row.
const ROBOTS_APART_MS: i64 = 60_000;

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
        // A refusal long ago is forgiven.
        if self.blocked_until.is_some_and(|until| now.millis_since(until) > FORGIVEN_MS) {
            self.refusals = 0;
        }
        let own = (60_000_i64 << self.refusals.min(6)).min(3_600_000);
        let until = now.plus_millis(wait_ms.unwrap_or(own));
        self.refusals = self.refusals.saturating_add(1);
        self.blocked_until = Some(self.blocked_until.map_or(until, |blocked| blocked.max(until)));
    }

    /// Nothing is to be remembered any more: the bucket is full, and a refusal forgiven.
    pub(crate) fn is_forgotten(&self, now: Timestamp) -> bool {
        let forgiven = |until: Timestamp| now.millis_since(until) > FORGIVEN_MS;
        self.full_at <= now && self.blocked_until.is_none_or(forgiven)
    }
}

/// What names a feed among those whose pages wait: the beginning of its id.
pub(crate) type FeedName = [u8; 8];

/// The name of a feed.
pub(crate) fn feed_name(id: &str) -> FeedName {
    let mut name = FeedName::default();
    for (letter, byte) in name.iter_mut().zip(id.bytes()) {
        *letter = byte;
    }
    name
}

/// Why a page waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// News.
    Live,
    /// Older than its feed's subscription.
    Backfill,
    /// It was downloaded before; has it changed?
    Visit,
    /// A page of a site whose feed is gone: where is it now?
    Search,
}

/// A page that waits for its turn, as far as its site must know it; the entry is in state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WaitingPage {
    /// Name of its request.
    pub(crate) key: String,
    /// Origin whose robots.txt speaks for it.
    pub(crate) origin: String,
    pub(crate) link: String,
    /// What its URL is remembered by; of the pages of one URL only the first is asked for.
    pub(crate) memory: String,
    /// The feed that names it.
    pub(crate) feed: FeedName,
    pub(crate) kind: Kind,
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
    /// Pages that may be asked for, by kind, then by when they are ready.
    ready: BTreeMap<Kind, BTreeSet<(Timestamp, u64)>>,
    /// Pages that wait for the robots.txt of their origin.
    held: BTreeMap<String, BTreeSet<u64>>,
    /// Pages by URL, where news and back-fill wait for the same one.
    same: BTreeMap<String, BTreeSet<u64>>,
    next_sequence: u64,
    poll_was_last: bool,
    /// Robots.txt asked for, one soon after the other, and when the last of them was.
    robots: (usize, Timestamp),
    /// Requests on their way.
    running: usize,
    /// Whether it stands in a line of each kind for a place among the requests of the process.
    pub(crate) in_line: [bool; 2],
}

impl Queues {
    pub(crate) fn is_empty(&self) -> bool {
        self.polls.is_empty() && self.pages.is_empty() && self.running == 0
    }

    /// A request begins.
    pub(crate) fn begin(&mut self) {
        self.running += 1;
    }

    /// A request ended.
    pub(crate) fn end(&mut self) {
        self.running = self.running.saturating_sub(1);
    }

    /// Requests on their way.
    pub(crate) fn running(&self) -> usize {
        self.running
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

    /// Puts a page among the waiting ones. One whose URL another page already waits for follows
    /// that one.
    pub(crate) fn add_page(&mut self, number: u64, page: WaitingPage) {
        self.next_sequence = self.next_sequence.max(number + 1);
        let place = (page.ready_at, number);
        let kind = page.kind;
        let first = if matches!(kind, Kind::Live | Kind::Backfill) {
            let same = self.same.entry(page.memory.clone()).or_default();
            same.insert(number);
            same.first().copied()
        } else {
            Some(number)
        };
        self.pages.insert(number, page);
        if first == Some(number) {
            self.ready.entry(kind).or_default().insert(place);
        }
    }

    /// Pages of that kind that wait, those on their way included.
    pub(crate) fn waiting(&self) -> usize {
        self.pages.len()
    }

    /// The page that would be missed least, of those that are not on their way: the oldest visit or
    /// back-fill, else none.
    pub(crate) fn least(&self) -> Option<u64> {
        let held = || self.held.values().flatten().copied();
        [Kind::Search, Kind::Visit, Kind::Backfill].into_iter().find_map(|kind| {
            let ready = self.ready.get(&kind).and_then(|queue| queue.first()).map(|(_, n)| *n);
            let is_kind = |number: &u64| self.pages.get(number).is_some_and(|p| p.kind == kind);
            ready.or_else(|| held().filter(is_kind).min())
        })
    }

    pub(crate) fn page(&self, number: u64) -> Option<&WaitingPage> {
        self.pages.get(&number)
    }

    /// The page that waits for a URL, if any.
    pub(crate) fn first_of(&self, memory: &str) -> Option<u64> {
        self.same.get(memory).and_then(|same| same.first()).copied()
    }

    /// Takes a page out: it has its outcome.
    pub(crate) fn remove_page(&mut self, number: u64) -> Option<WaitingPage> {
        self.unqueue(number);
        let page = self.pages.remove(&number)?;
        if let Some(same) = self.same.get_mut(&page.memory) {
            same.remove(&number);
            if same.is_empty() {
                self.same.remove(&page.memory);
            }
        }
        Some(page)
    }

    /// Takes a page out of the queue while its request is on its way.
    pub(crate) fn unqueue(&mut self, number: u64) {
        if let Some(page) = self.pages.get(&number) {
            if let Some(queue) = self.ready.get_mut(&page.kind) {
                queue.remove(&(page.ready_at, number));
                if queue.is_empty() {
                    self.ready.remove(&page.kind);
                }
            }
            if let Some(held) = self.held.get_mut(&page.origin) {
                held.remove(&number);
                if held.is_empty() {
                    self.held.remove(&page.origin);
                }
            }
        }
    }

    /// Lets the page that follows on a URL have its turn.
    pub(crate) fn let_follow(&mut self, memory: &str) {
        if let Some(number) = self.first_of(memory)
            && let Some(page) = self.pages.get(&number)
        {
            self.ready.entry(page.kind).or_default().insert((page.ready_at, number));
        }
    }

    /// Lets a page wait for the robots.txt of its origin. Returns whether that must be asked for.
    pub(crate) fn hold(&mut self, number: u64, now: Timestamp) -> bool {
        self.unqueue(number);
        let Some(page) = self.pages.get(&number) else { return false };
        let held = self.held.entry(page.origin.clone()).or_default();
        held.insert(number);
        let is_first = held.len() == 1;
        if is_first {
            self.robots = (self.robots_lately(now) + 1, now);
        }
        is_first
    }

    fn robots_lately(&self, now: Timestamp) -> usize {
        let (count, last) = self.robots;
        if now.millis_since(last) > ROBOTS_APART_MS { 0 } else { count }
    }

    /// Whether the robots.txt of a page's origin costs a token, as that of one host too many.
    pub(crate) fn robots_costs(&self, number: u64, now: Timestamp) -> bool {
        let asked =
            self.pages.get(&number).is_some_and(|page| self.held.contains_key(&page.origin));
        !asked && self.robots_lately(now) >= FREE_ROBOTS
    }

    /// Lets the pages of an origin back into the queue.
    pub(crate) fn release(&mut self, origin: &str) {
        for number in self.held.remove(origin).unwrap_or_default() {
            if let Some(page) = self.pages.get(&number) {
                self.ready.entry(page.kind).or_default().insert((page.ready_at, number));
            }
        }
    }

    /// What is next among what is ready: polls and live pages take turns; back-fill, visits and
    /// searches come last, and only while `is_idle`, so that what is live finds a free token.
    pub(crate) fn next(&self, now: Timestamp, is_idle: bool) -> Option<Next> {
        let poll = self.next_poll(now);
        let ready = |kind: Kind| {
            let first = self.ready.get(&kind)?.first()?;
            (first.0 <= now).then_some(Next::Page(first.1))
        };
        let live = ready(Kind::Live);
        let first = if self.poll_was_last { live.or(poll) } else { poll.or(live) };
        let last = [Kind::Backfill, Kind::Search, Kind::Visit];
        first.or_else(|| last.into_iter().filter(|_| is_idle).find_map(ready))
    }

    /// The poll that is due first.
    pub(crate) fn next_poll(&self, now: Timestamp) -> Option<Next> {
        let (_, feed) = self.polls.first().filter(|(at, _)| *at <= now)?;
        Some(Next::Poll(feed.clone()))
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
        let page = self.ready.values().filter_map(|queue| queue.first()).map(|(at, _)| *at).min();
        [poll, page].into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(1_764_000_000 + seconds)
    }

    fn page(kind: Kind, memory: u64, ready_at: Timestamp) -> WaitingPage {
        WaitingPage {
            key: String::new(),
            origin: "https://example.org".to_owned(),
            link: String::new(),
            memory: memory.to_string(),
            feed: FeedName::default(),
            kind,
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
        let forgiven = at(100).plus_millis(FORGIVEN_MS + 1);
        assert!(!budget.is_forgotten(at(100)) && budget.is_forgotten(forgiven));
    }

    #[test]
    fn polls_and_live_pages_take_turns_and_backfill_comes_last() {
        let mut queues = Queues::default();
        for feed in ["a", "b"] {
            queues.add_poll(at(0), feed.to_owned());
        }
        for kind in [Kind::Visit, Kind::Backfill, Kind::Live, Kind::Live] {
            let number = queues.number();
            queues.add_page(number, page(kind, number, at(1)));
        }
        assert_eq!(queues.next(at(0), true), Some(Next::Poll("a".to_owned())));
        let mut order = Vec::new();
        while let Some(next) = queues.next(at(1), true) {
            queues.took(&next);
            order.push(next);
        }
        let poll = |feed: &str| Next::Poll(feed.to_owned());
        let live = [poll("a"), Next::Page(2), poll("b"), Next::Page(3)];
        let wanted = [&live[..], &[Next::Page(1), Next::Page(0)]].concat();
        assert_eq!(order, wanted);
        assert_eq!(queues.ready_at(), None);
        assert!(!queues.is_empty());
    }

    #[test]
    fn pages_of_an_origin_wait_for_its_robots_txt_together() {
        let mut queues = Queues::default();
        for _ in 0..2 {
            let number = queues.number();
            queues.add_page(number, page(Kind::Live, number, at(0)));
        }
        assert!(queues.hold(0, at(0)));
        assert!(!queues.hold(1, at(0)));
        assert_eq!(queues.next(at(9), false), None);
        queues.release("https://example.org");
        assert_eq!(queues.next(at(9), false), Some(Next::Page(0)));
    }

    #[test]
    fn the_robots_txt_of_few_hosts_costs_nothing_however_often() {
        let mut queues = Queues::default();
        let mut costs = |number: u64, host: &str, when: Timestamp| {
            let origin = format!("https://{host}.example.org");
            queues.add_page(
                number,
                WaitingPage { origin: origin.clone(), ..page(Kind::Live, number, at(0)) },
            );
            let costs = queues.robots_costs(number, when);
            queues.hold(number, when);
            queues.release(&origin);
            costs
        };
        // Asked for again every six hours, while pages always wait.
        assert!((0..20).all(|n| !costs(n, "www", at(n as i64 * 21_600))));
        let paid = (20..30).filter(|n| costs(*n, &n.to_string(), at(500_000 + *n as i64 * 5)));
        assert_eq!(paid.collect::<Vec<_>>(), [24, 25, 26, 27, 28, 29]);
    }

    #[test]
    fn back_fill_waits_until_a_token_is_left_for_what_is_live() {
        let mut queues = Queues::default();
        queues.add_page(0, page(Kind::Backfill, 0, at(0)));
        assert_eq!(queues.next(at(9), false), None);
        assert_eq!(queues.next(at(9), true), Some(Next::Page(0)));
        assert_eq!(queues.least(), Some(0));
    }

    #[test]
    fn of_the_pages_of_one_url_only_the_first_is_asked_for() {
        let mut queues = Queues::default();
        for number in 0..3 {
            queues.add_page(number, page(Kind::Live, 7, at(0)));
        }
        let next = queues.next(at(1), true).unwrap();
        queues.took(&next);
        assert_eq!((next, queues.next(at(1), true)), (Next::Page(0), None));
        queues.remove_page(0);
        assert_eq!(queues.first_of("7"), Some(1));
        queues.let_follow("7");
        assert_eq!(queues.next(at(1), true), Some(Next::Page(1)));
    }
}
