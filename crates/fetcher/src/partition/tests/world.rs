//! A small world for the stage: the real harness, a log in memory, a clock that moves when there
//! is nothing to do, and a web made of one function.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::{
    BusError, CommitError, PollLimit, Polled, Position, Record, Topic, TopicPartition,
    TopicSettings, Transaction, Transport, Waker,
};
use events::{Entry, Page, Subscription, Timestamp, feed_id};
use stage::{Answer, Fetch, FetchError, Fetched, Harness, Performer, Reply, StatusHandle};

use crate::{FeedStatus, Fetcher, Settings, read_feed_state};

/// 2025-11-24T16:00:00Z, a Monday.
pub(super) const START: Timestamp = Timestamp::from_secs(1_764_000_000);

pub(super) type Web = Box<dyn Fn(&Fetch, Timestamp) -> Result<Answer, FetchError> + Send + Sync>;

#[derive(Default)]
struct Log {
    records: BTreeMap<Topic, Vec<Record>>,
    committed: BTreeMap<Topic, i64>,
}

impl Log {
    fn append(&mut self, topic: Topic, at: Timestamp, key: &str, value: Option<Vec<u8>>) {
        let records = self.records.entry(topic).or_default();
        records.push(Record {
            place: TopicPartition::new(topic, 0),
            offset: records.len() as i64,
            timestamp: at,
            key: Some(key.as_bytes().to_vec()),
            value,
            headers: Vec::new(),
        });
    }
}

pub(super) struct World {
    log: Arc<Mutex<Log>>,
    clock: Arc<AtomicI64>,
    web: Arc<Web>,
    asked: Arc<Mutex<Vec<(Timestamp, Fetch)>>>,
    late: Arc<Mutex<Vec<(Timestamp, Reply, Fetched)>>>,
    pub(super) settings: Settings,
    /// How long answers are on their way.
    pub(super) latency_ms: i64,
    /// The same for visits, where they take longer.
    pub(super) visit_latency_ms: i64,
    /// How far an idle turn moves the clock at least; timers are late by up to that.
    pub(super) step_ms: i64,
    most_records: usize,
    gauges: Arc<Gauges>,
}

/// Remembers gauges; counts nothing.
#[derive(Default)]
struct Gauges(Mutex<BTreeMap<String, f64>>);

impl stage::Meter for Gauges {
    fn count(&self, _: &'static str, _: &[(&'static str, &str)], _: u64) {}

    fn set(&self, name: &'static str, labels: &[(&'static str, &str)], value: f64) {
        self.0.lock().unwrap().insert(format!("{name} {labels:?}"), value);
    }

    fn observe(&self, _: &'static str, _: &[(&'static str, &str)], _: f64) {}
}

impl World {
    pub(super) fn new(
        web: impl Fn(&Fetch, Timestamp) -> Result<Answer, FetchError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            log: Arc::default(),
            clock: Arc::new(AtomicI64::new(START.as_millis())),
            web: Arc::new(Box::new(web)),
            asked: Arc::default(),
            late: Arc::default(),
            settings: Settings { compute_threads: 0, ..Settings::default() },
            latency_ms: 0,
            visit_latency_ms: 0,
            step_ms: 1,
            most_records: usize::MAX,
            gauges: Arc::default(),
        }
    }

    /// Time passes while no daemon runs.
    pub(super) fn pass(&self, span: Duration) {
        self.clock.fetch_add(span.as_millis() as i64, Ordering::SeqCst);
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.load(Ordering::SeqCst))
    }

    pub(super) fn append<T: serde::Serialize>(&self, topic: Topic, key: &str, value: Option<&T>) {
        let value = value.map(|value| serde_json::to_vec(value).unwrap());
        self.log.lock().unwrap().append(topic, self.now(), key, value);
    }

    pub(super) fn subscribe(&self, url: &str) -> String {
        let id = feed_id(url);
        let subscription =
            Subscription { id: id.clone(), url: url.to_owned(), ..Subscription::default() };
        self.append(Topic::Feeds, &id, Some(&subscription));
        id
    }

    pub(super) fn put_entry(&self, entry: &Entry) {
        self.append(Topic::Entries, &entry.id, Some(entry));
    }

    /// An entry that comes while a run goes on, so long after now.
    pub(super) fn put_entry_after(&self, span: Duration, entry: &Entry) {
        let at = self.now().plus_millis(span.as_millis() as i64);
        let value = serde_json::to_vec(entry).unwrap();
        self.log.lock().unwrap().append(Topic::Entries, at, &entry.id, Some(value));
    }

    /// Appends a record that is not JSON alone.
    pub(super) fn append_bytes(&self, topic: Topic, key: &str, value: Vec<u8>) {
        self.log.lock().unwrap().append(topic, self.now(), key, Some(value));
    }

    /// The next run reads so many records of its inputs and no more.
    pub(super) fn stop_after_records(&mut self, count: usize) {
        self.most_records = count;
    }

    /// Gauges as they were last set.
    pub(super) fn gauges(&self) -> BTreeMap<String, f64> {
        self.gauges.0.lock().unwrap().clone()
    }

    /// A daemon starts, works for so long, and stops.
    pub(super) fn run(&self, span: Duration) {
        let shutdown = Arc::new(AtomicBool::new(false));
        let mut topics = TopicSettings::default();
        for topic in Topic::ALL {
            topics.spec_mut(topic).partitions = 1;
        }
        let transport = Memory {
            log: Arc::clone(&self.log),
            clock: Arc::clone(&self.clock),
            until: self.clock.load(Ordering::SeqCst) + span.as_millis() as i64,
            shutdown: Arc::clone(&shutdown),
            assigned: false,
            next: BTreeMap::new(),
            late: Arc::clone(&self.late),
            step_ms: self.step_ms,
            left: self.most_records,
        };
        let web = Arc::new(Wire {
            web: Arc::clone(&self.web),
            asked: Arc::clone(&self.asked),
            clock: Arc::clone(&self.clock),
            late: Arc::clone(&self.late),
            latency_ms: self.latency_ms,
            visit_latency_ms: self.visit_latency_ms,
        });
        let definition = Fetcher::new(self.settings.clone());
        let clock = Arc::clone(&self.clock);
        let harness = Harness::new(
            &definition,
            Box::new(transport),
            web,
            topics,
            stage::Settings::default(),
            Arc::new(move || Timestamp::from_millis(clock.load(Ordering::SeqCst))),
            Arc::clone(&self.gauges) as Arc<dyn stage::Meter>,
            StatusHandle::default(),
            shutdown,
        );
        harness.run().unwrap();
        assert!(self.values(Topic::DeadLetters).is_empty(), "nothing went to the dead letters");
    }

    pub(super) fn values(&self, topic: Topic) -> Vec<Vec<u8>> {
        let log = self.log.lock().unwrap();
        let records = log.records.get(&topic).into_iter().flatten();
        records.filter_map(|record| record.value.clone()).collect()
    }

    /// The same, with the ends of keys.
    pub(super) fn all_values(&self, topic: Topic) -> Vec<Option<Vec<u8>>> {
        let log = self.log.lock().unwrap();
        let records = log.records.get(&topic).into_iter().flatten();
        records.map(|record| record.value.clone()).collect()
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        let values = self.values(Topic::Entries);
        values.iter().map(|value| serde_json::from_slice(value).unwrap()).collect()
    }

    pub(super) fn pages(&self) -> Vec<Page> {
        self.values(Topic::Pages).iter().map(|value| Page::decode(value).unwrap().0).collect()
    }

    /// Newest value of each key of a changelog.
    pub(super) fn state(&self, topic: Topic) -> BTreeMap<String, Vec<u8>> {
        let log = self.log.lock().unwrap();
        let mut state = BTreeMap::new();
        for record in log.records.get(&topic).into_iter().flatten() {
            let key = String::from_utf8(record.key.clone().unwrap()).unwrap();
            match &record.value {
                Some(value) => state.insert(key, value.clone()),
                None => state.remove(&key),
            };
        }
        state
    }

    pub(super) fn status(&self, id: &str) -> Option<FeedStatus> {
        let key = format!("feed/{id}");
        self.state(Topic::FeedState).get(&key).and_then(|value| read_feed_state(&key, value))
    }

    /// Requests so far: seconds since the start, and what was asked for.
    pub(super) fn requests(&self) -> Vec<(i64, Fetch)> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|(at, fetch)| (at.millis_since(START) / 1000, fetch.clone())).collect()
    }

    /// Seconds at which requests with that beginning of their key were made.
    pub(super) fn times(&self, prefix: &str) -> Vec<i64> {
        let requests = self.requests();
        let wanted = requests.into_iter().filter(|(_, fetch)| fetch.key.starts_with(prefix));
        wanted.map(|(at, _)| at).collect()
    }
}

struct Wire {
    web: Arc<Web>,
    asked: Arc<Mutex<Vec<(Timestamp, Fetch)>>>,
    clock: Arc<AtomicI64>,
    late: Arc<Mutex<Vec<(Timestamp, Reply, Fetched)>>>,
    latency_ms: i64,
    visit_latency_ms: i64,
}

impl Performer for Wire {
    fn perform(&self, fetch: Fetch, reply: Reply) {
        let at = Timestamp::from_millis(self.clock.load(Ordering::SeqCst));
        let mut result = (self.web)(&fetch, at);
        if let Ok(answer) = &mut result
            && answer.url.is_empty()
        {
            answer.url.clone_from(&fetch.url);
        }
        let is_visit = fetch.key.starts_with("visit/");
        let latency = if is_visit { self.visit_latency_ms } else { 0 }.max(self.latency_ms);
        self.asked.lock().unwrap().push((at, fetch));
        if latency == 0 {
            reply(Fetched { result, at });
            return;
        }
        let at = at.plus_millis(latency);
        self.late.lock().unwrap().push((at, reply, Fetched { result, at }));
    }
}

struct Memory {
    log: Arc<Mutex<Log>>,
    clock: Arc<AtomicI64>,
    until: i64,
    shutdown: Arc<AtomicBool>,
    assigned: bool,
    next: BTreeMap<Topic, i64>,
    late: Arc<Mutex<Vec<(Timestamp, Reply, Fetched)>>>,
    step_ms: i64,
    /// Records that are still to be read.
    left: usize,
}

impl Memory {
    /// Answers whose time has come arrive. Returns whether any did.
    fn arrive(&self) -> bool {
        let now = Timestamp::from_millis(self.clock.load(Ordering::SeqCst));
        let mut late = self.late.lock().unwrap();
        let (come, rest): (Vec<_>, Vec<_>) = late.drain(..).partition(|(at, ..)| *at <= now);
        *late = rest;
        let any = !come.is_empty();
        for (_, reply, fetched) in come {
            reply(fetched);
        }
        any
    }
}

const INPUTS: [Topic; 3] = [Topic::Feeds, Topic::Pushes, Topic::Entries];

impl Transport for Memory {
    fn poll(&mut self, wait: Duration, limit: PollLimit) -> Result<Polled, BusError> {
        if !self.assigned {
            self.assigned = true;
            let places = INPUTS.iter().map(|topic| TopicPartition::new(*topic, 0)).collect();
            return Ok(Polled::Assigned(places));
        }
        let log = self.log.lock().unwrap();
        let now = Timestamp::from_millis(self.clock.load(Ordering::SeqCst));
        let mut records = Vec::new();
        for (topic, next) in &mut self.next {
            let all = log.records.get(topic).map(Vec::as_slice).unwrap_or_default();
            let new = &all[(*next as usize).min(all.len())..];
            let come = new.iter().take_while(|record| record.timestamp <= now).count();
            let new = &new[..come.min(limit.records).min(self.left)];
            self.left -= new.len();
            *next += new.len() as i64;
            records.extend_from_slice(new);
        }
        if records.is_empty() && !self.arrive() {
            let mut step = (wait.as_millis() as i64).max(self.step_ms);
            if let Some(first) = self.late.lock().unwrap().iter().map(|(at, ..)| *at).min() {
                let until = first.as_millis() - self.clock.load(Ordering::SeqCst);
                step = step.min(until.max(1));
            }
            let now = self.clock.load(Ordering::SeqCst) + step;
            self.clock.store(now, Ordering::SeqCst);
            if now >= self.until {
                self.shutdown.store(true, Ordering::SeqCst);
            }
        }
        Ok(Polled::Records(records))
    }

    fn restore(
        &mut self,
        changelogs: &[TopicPartition],
        each: &mut dyn FnMut(Record),
        _: &dyn Fn() -> bool,
    ) -> Result<(), BusError> {
        let log = self.log.lock().unwrap();
        for place in changelogs {
            log.records.get(&place.topic).into_iter().flatten().cloned().for_each(&mut *each);
        }
        Ok(())
    }

    fn position(&mut self, input: TopicPartition) -> Result<Position, BusError> {
        let committed = self.log.lock().unwrap().committed.get(&input.topic).copied();
        Ok(Position { committed, oldest: 0 })
    }

    fn start(&mut self, inputs: &[(TopicPartition, i64)]) -> Result<(), BusError> {
        self.next.extend(inputs.iter().map(|(place, offset)| (place.topic, *offset)));
        Ok(())
    }

    fn pause(&mut self, _: &[TopicPartition]) -> Result<(), BusError> {
        Ok(())
    }

    fn resume(&mut self, _: &[TopicPartition]) -> Result<(), BusError> {
        Ok(())
    }

    fn begin(&mut self) -> Result<(), BusError> {
        Ok(())
    }

    fn commit(&mut self, transaction: Transaction) -> Result<(), CommitError> {
        let mut log = self.log.lock().unwrap();
        for record in transaction.records {
            let key = String::from_utf8(record.key.unwrap()).unwrap();
            log.append(record.place.topic, record.timestamp, &key, record.value);
        }
        let offsets = transaction.offsets.into_iter();
        log.committed.extend(offsets.map(|(place, offset)| (place.topic, offset)));
        Ok(())
    }

    fn recover(&mut self) -> Result<(), BusError> {
        self.assigned = false;
        Ok(())
    }

    fn waker(&self) -> Waker {
        Waker::new(|| {})
    }

    fn lag(&mut self) -> Vec<(TopicPartition, i64)> {
        Vec::new()
    }

    fn leave(&mut self) {}
}

/// An answer without a body.
pub(super) fn status(status: u16, headers: &[(&str, &str)]) -> Answer {
    let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    Answer { status, headers: headers.collect(), ..Answer::default() }
}

/// A page, or anything else with a body.
pub(super) fn body(content_type: &str, body: &str) -> Answer {
    Answer { body: body.into(), ..status(200, &[("content-type", content_type)]) }
}

/// A feed with these items: name and title.
pub(super) fn rss(items: &[(&str, &str)]) -> Answer {
    use std::fmt::Write as _;
    let mut text = "<rss version=\"2.0\"><channel><title>News</title>".to_owned();
    for (name, title) in items {
        let _ = write!(
            text,
            "<item><guid>{name}</guid><title>{title}</title>\
             <link>https://www.example.org/{name}</link></item>"
        );
    }
    text.push_str("</channel></rss>");
    body("application/rss+xml", &text)
}
