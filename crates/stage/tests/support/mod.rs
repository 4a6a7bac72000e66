//! A log in memory whose next failures a test chooses, and a stage small enough to see through.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bus::{
    BusError, CommitError, NewRecord, PollLimit, Polled, Position, Record, Topic, TopicPartition,
    TopicSettings, Transaction, Transport, Waker,
};
use events::{Timestamp, TraceContext};
use stage::{
    Answer, Context, Definition, Done, Fetch, Fetched, Follow, Harness, NoMeter, Output, Performer,
    Poison, Purpose, Reply, RestoreContext, RunError, Settings, Stage, StatusHandle,
};

pub const INPUT: TopicPartition = TopicPartition { topic: Topic::Entries, partition: 0 };
pub const OUTPUT: Topic = Topic::Pages;
pub const CHANGELOG: Topic = Topic::FeedState;

/// What happens to a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing is written and the answer says so only vaguely.
    Lost,
    /// Everything is written but the answer is lost.
    Torn,
}

#[derive(Default)]
pub struct World {
    pub log: BTreeMap<TopicPartition, Vec<Record>>,
    pub committed: BTreeMap<TopicPartition, i64>,
    /// Failures of the next commits.
    pub fates: VecDeque<Fate>,
    pub commits: usize,
    pub recoveries: usize,
    pub paused: bool,
    /// What another owner commits while a restore goes on: the sum, and the next offset.
    pub meanwhile: Option<(i64, i64)>,
}

#[derive(Clone, Default)]
pub struct Log(pub Arc<Mutex<World>>);

impl Log {
    pub fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    pub fn write(&self, place: TopicPartition, key: &str, value: Option<&str>) {
        let value = value.map(|value| value.as_bytes().to_vec());
        let record = NewRecord {
            place,
            timestamp: Timestamp::from_millis(1),
            key: Some(key.as_bytes().to_vec()),
            value,
            headers: Vec::new(),
        };
        self.lock().append(record);
    }

    /// Values on a topic, in order of offset.
    pub fn values(&self, topic: Topic) -> Vec<String> {
        let world = self.lock();
        let records = world.log.iter().filter(|(place, _)| place.topic == topic);
        records
            .flat_map(|(_, records)| records)
            .map(|record| {
                String::from_utf8_lossy(record.value.as_deref().unwrap_or_default()).into()
            })
            .collect()
    }
}

impl World {
    fn append(&mut self, record: NewRecord) {
        let records = self.log.entry(record.place).or_default();
        records.push(Record {
            place: record.place,
            offset: records.len() as i64,
            timestamp: record.timestamp,
            key: record.key,
            value: record.value,
            headers: record.headers,
        });
    }
}

/// One member of a group of one.
pub struct Memory {
    log: Log,
    assigned: bool,
    next: Option<i64>,
}

impl Transport for Memory {
    fn poll(&mut self, _: Duration, limit: PollLimit) -> Result<Polled, BusError> {
        if !std::mem::replace(&mut self.assigned, true) {
            self.log.lock().paused = false;
            return Ok(Polled::Assigned(vec![INPUT]));
        }
        let world = self.log.lock();
        let Some(next) = self.next.filter(|_| !world.paused) else {
            return Ok(Polled::Records(Vec::new()));
        };
        let records: Vec<Record> = world
            .log
            .get(&INPUT)
            .into_iter()
            .flatten()
            .filter(|record| record.offset >= next)
            .take(limit.records)
            .cloned()
            .collect();
        self.next = Some(next + records.len() as i64);
        Ok(Polled::Records(records))
    }

    fn restore(
        &mut self,
        changelogs: &[TopicPartition],
        each: &mut dyn FnMut(Record),
        _: &dyn Fn() -> bool,
    ) -> Result<(), BusError> {
        let mut world = self.log.lock();
        for place in changelogs {
            for record in world.log.get(place).into_iter().flatten() {
                each(record.clone());
            }
        }
        if let Some((sum, offset)) = world.meanwhile.take() {
            let place = changelogs[0];
            for (key, value) in
                [("sum", sum.to_string()), ("@position", format!("{{\"entries\":{offset}}}"))]
            {
                world.append(NewRecord {
                    place,
                    timestamp: Timestamp::from_millis(1),
                    key: Some(key.as_bytes().to_vec()),
                    value: Some(value.into_bytes()),
                    headers: Vec::new(),
                });
            }
            world.committed.insert(INPUT, offset);
        }
        Ok(())
    }

    fn position(&mut self, input: TopicPartition) -> Result<Position, BusError> {
        Ok(Position { committed: self.log.lock().committed.get(&input).copied(), oldest: 0 })
    }

    fn start(&mut self, inputs: &[(TopicPartition, i64)]) -> Result<(), BusError> {
        self.next = inputs.first().map(|(_, offset)| *offset);
        Ok(())
    }

    fn pause(&mut self, _: &[TopicPartition]) -> Result<(), BusError> {
        self.log.lock().paused = true;
        Ok(())
    }

    fn resume(&mut self, _: &[TopicPartition]) -> Result<(), BusError> {
        self.log.lock().paused = false;
        Ok(())
    }

    fn begin(&mut self) -> Result<(), BusError> {
        Ok(())
    }

    fn commit(&mut self, transaction: Transaction) -> Result<(), CommitError> {
        assert!(!transaction.offsets.is_empty(), "a transaction without offsets fences nobody");
        let mut world = self.log.lock();
        world.commits += 1;
        let fate = world.fates.pop_front();
        if fate != Some(Fate::Lost) {
            for record in transaction.records {
                world.append(record);
            }
            world.committed.extend(transaction.offsets);
        }
        match fate {
            None => Ok(()),
            Some(fate) => Err(CommitError::Doubtful(format!("{fate:?}"))),
        }
    }

    fn recover(&mut self) -> Result<(), BusError> {
        self.log.lock().recoveries += 1;
        self.assigned = false;
        self.next = None;
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

/// Counts words: each input record's value is a command.
/// - `add N`: adds to the sum in state and emits the sum;
/// - `later N`: sets a timer that adds N;
/// - `fetch N`: asks for a request whose answer adds N; `fetch at once N`: where there is a place;
/// - `compute N`: adds N in a computation;
/// - `panic`, `panic after write`, `compute panic`: panics; `poison`: refuses the record;
/// - `large`: emits a record beyond its topic's limit.
pub struct Sum {
    /// Derived: the sum as a number.
    sum: i64,
}

pub struct Sums;

impl Definition for Sums {
    fn name(&self) -> &'static str {
        "sums"
    }

    fn inputs(&self) -> &[Topic] {
        &[Topic::Entries]
    }

    fn changelogs(&self) -> &[Topic] {
        &[CHANGELOG]
    }

    fn stage(&self, _: u32) -> Box<dyn Stage> {
        Box::new(Sum { sum: 0 })
    }

    fn compute_threads(&self) -> usize {
        2
    }
}

impl Sum {
    fn add(&mut self, by: i64, context: &mut Context<'_>) {
        self.sum += by;
        let text = self.sum.to_string();
        context.put(CHANGELOG, "sum", text.clone().into_bytes());
        context.emit(Output {
            topic: OUTPUT,
            routing: b"one".to_vec(),
            key: "sum".to_owned(),
            value: Some(text.into_bytes()),
            timestamp: context.now(),
            headers: Vec::new(),
            trace: TraceContext::root("sum"),
        });
    }
}

fn number(text: &str) -> i64 {
    text.rsplit([' ', '/']).next().unwrap().parse().unwrap()
}

impl Stage for Sum {
    fn restore(&mut self, context: &mut RestoreContext<'_>) -> Result<(), String> {
        if let Some(value) = context.state().get(CHANGELOG, "sum") {
            let text = std::str::from_utf8(value).unwrap();
            self.sum =
                text.parse().map_err(|_| format!("the sum is {text:?}; repair the state"))?;
        }
        for (key, _) in context.state().scan(CHANGELOG, "later/") {
            context.set_timer(key, Timestamp::from_millis(0));
        }
        for (key, _) in context.state().scan(CHANGELOG, "fetch/") {
            context.fetch(fetch(key));
        }
        Ok(())
    }

    fn on_record(&mut self, record: &Record, context: &mut Context<'_>) -> Result<(), Poison> {
        let text = std::str::from_utf8(record.value.as_deref().unwrap_or_default()).unwrap();
        match text {
            "poison" => return Err(Poison::new("refused", "a poison by name")),
            "panic" => panic!("asked to"),
            "panic after write" => {
                self.add(1000, context);
                panic!("asked to");
            }
            "compute panic" => context.compute("boom", || panic!("in a computation")),
            "large" => context.emit(Output {
                topic: Topic::Entries,
                routing: Vec::new(),
                key: "large".to_owned(),
                value: Some(vec![b'x'; 2 << 20]),
                timestamp: context.now(),
                headers: Vec::new(),
                trace: TraceContext::root("large"),
            }),
            _ if text.starts_with("add ") => self.add(number(text), context),
            _ if text.starts_with("compute ") => {
                let by = number(text);
                context.compute("by", move || by);
            }
            _ if text.starts_with("later ") => {
                let key = format!("later/{}", number(text));
                context.put(CHANGELOG, key.clone(), b"{}".to_vec());
                context.set_timer(key, context.now());
            }
            _ if text.starts_with("fetch at once ") && context.places() == 0 => {
                self.add(-number(text), context);
            }
            _ => {
                let key = format!("fetch/{}", number(text));
                context.put(CHANGELOG, key.clone(), b"{}".to_vec());
                context.fetch(fetch(&key));
            }
        }
        Ok(())
    }

    fn on_timer(&mut self, key: &str, context: &mut Context<'_>) -> Result<(), Poison> {
        assert_ne!(number(key), 13, "an unlucky timer");
        context.delete(CHANGELOG, key);
        self.add(number(key), context);
        Ok(())
    }

    fn on_done(&mut self, key: &str, done: Done, context: &mut Context<'_>) -> Result<(), Poison> {
        match done {
            Done::Fetched(_) => {
                context.delete(CHANGELOG, key);
                self.add(number(key), context);
            }
            Done::Computed(by) => self.add(*by.downcast_ref::<i64>().unwrap(), context),
            Done::Panicked(message) => return Err(Poison::new("panic", message)),
        }
        Ok(())
    }

    fn on_fault(&mut self, key: &str, poison: &Poison, context: &mut Context<'_>) {
        context.put(CHANGELOG, format!("fault/{key}"), poison.message.clone().into_bytes());
        context.delete(CHANGELOG, key);
    }
}

fn fetch(key: &str) -> Fetch {
    Fetch {
        key: key.to_owned(),
        url: "https://example.org/".to_owned(),
        purpose: Purpose::Other,
        headers: Vec::new(),
        validators_of: None,
        auth: events::Auth::default(),
        follow: Follow::All,
        max_body: 10,
        form: Vec::new(),
    }
}

/// Answers at once, and remembers what it was asked for and how many commits there had been.
#[derive(Default)]
pub struct Web {
    pub asked: Mutex<Vec<(String, usize)>>,
    pub log: Log,
    pub silent: AtomicBool,
}

impl Performer for Web {
    fn perform(&self, fetch: Fetch, reply: Reply) {
        let commits = self.log.lock().commits;
        self.asked.lock().unwrap().push((fetch.key, commits));
        if !self.silent.load(Ordering::Relaxed) {
            let answer = Answer { status: 200, ..Answer::default() };
            reply(Fetched { result: Ok(answer), at: Timestamp::from_millis(0) });
        }
    }
}

/// Runs the stage on the log until `turns` readings of the clock have passed. The clock ticks at
/// every reading, so that a run always ends.
pub fn run(log: &Log, web: &Arc<Web>, turns: i64) -> (Result<(), RunError>, StatusHandle) {
    run_with(log, web, turns, settings())
}

/// Settings under which the clock's readings do not depend on how records arrive.
pub fn settings() -> Settings {
    Settings { batch_wait: Duration::ZERO, ..Settings::default() }
}

pub fn run_with(
    log: &Log,
    web: &Arc<Web>,
    turns: i64,
    settings: Settings,
) -> (Result<(), RunError>, StatusHandle) {
    let status = StatusHandle::default();
    let stop = Arc::new(AtomicBool::new(false));
    let ticks = AtomicI64::new(0);
    let flag = Arc::clone(&stop);
    let seen = status.clone();
    let last = Arc::new(Mutex::new(StatusHandle::default()));
    let keep = Arc::clone(&last);
    let clock = move || {
        let tick = ticks.fetch_add(1, Ordering::Relaxed);
        if tick == turns {
            // What a probe would have seen just before the end.
            *keep.lock().unwrap() = StatusHandle::of(seen.get());
            flag.store(true, Ordering::Relaxed);
        }
        Timestamp::from_millis(1_000 + tick)
    };
    let transport = Memory { log: log.clone(), assigned: false, next: None };
    let harness = Harness::new(
        &Sums,
        Box::new(transport),
        Arc::clone(web) as Arc<dyn Performer>,
        TopicSettings::default(),
        settings,
        Arc::new(clock),
        Arc::new(NoMeter),
        status,
        stop,
    );
    let result = harness.run();
    let last = last.lock().unwrap().clone();
    (result, last)
}
