//! What a stage acts through: reads of its state, and effects that happen when the batch commits.

use std::any::Any;

use bus::{Record, Topic};
use events::{Header, Timestamp, TraceContext};

use crate::mutant::Mutant;
use crate::requests::Places;
use crate::{Fetch, State};

/// A record to emit.
#[derive(Debug)]
pub struct Output {
    /// Where.
    pub topic: Topic,
    /// The value that the partition is computed from: a site, or the key.
    pub routing: Vec<u8>,
    /// Key.
    pub key: String,
    /// Value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Timestamp.
    pub timestamp: Timestamp,
    /// Headers; `traceparent` is added where it is not among them.
    pub headers: Vec<Header>,
    /// The trace that the record continues.
    pub trace: TraceContext,
}

/// A line of the log about what a stage met, for the people who run it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Somebody should look (`WARN`); otherwise it is only good to know (`INFO`).
    pub is_warning: bool,
    /// What happened: the same words each time, to be searched for.
    pub what: &'static str,
    /// What it happened to: the address of a feed.
    pub subject: String,
    /// What is known of it.
    pub detail: String,
}

pub(crate) type Closure = Box<dyn FnOnce() -> Box<dyn Any + Send> + Send>;

type Labels = Vec<(&'static str, String)>;

pub(crate) struct Compute {
    pub(crate) key: String,
    pub(crate) run: Closure,
}

#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) outputs: Vec<Output>,
    pub(crate) timers: Vec<(String, Option<Timestamp>)>,
    pub(crate) fetches: Vec<Fetch>,
    pub(crate) computes: Vec<Compute>,
    pub(crate) counts: Vec<(&'static str, Labels, u64)>,
    pub(crate) observations: Vec<(&'static str, Labels, f64)>,
    pub(crate) notices: Vec<Notice>,
    /// Whether anything at all was asked for since it was last cleared.
    pub(crate) used: bool,
}

/// Handed to a stage with each call. Nothing that is asked for here happens before the batch is
/// committed, except computations, whose results come back within the batch, in the order in
/// which they were asked for.
pub struct Context<'a> {
    now: Timestamp,
    places: Places,
    trace: TraceContext,
    state: &'a mut State,
    effects: &'a mut Effects,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        now: Timestamp,
        places: Places,
        trace: TraceContext,
        state: &'a mut State,
        effects: &'a mut Effects,
    ) -> Self {
        Self { now, places, trace, state, effects }
    }

    /// The harness's clock.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The trace of the record being handled; of the timer or request otherwise.
    pub fn trace(&self) -> &TraceContext {
        &self.trace
    }

    /// A value of the state, with the batch's changes.
    pub fn get(&self, changelog: Topic, key: &str) -> Option<&[u8]> {
        self.state.get(changelog, key)
    }

    /// The state, for scans.
    pub fn state(&self) -> &State {
        self.state
    }

    /// Writes a value of the state.
    pub fn put(&mut self, changelog: Topic, key: impl Into<String>, value: Vec<u8>) {
        self.effects.used = true;
        let key = key.into();
        if Mutant::DownloadsForgotten.is_planted() && key.starts_with("page/")
            || Mutant::StoriesForgotten.is_planted()
                && (key.starts_with("fate/") || key.starts_with("ids/"))
        {
            return;
        }
        self.state.put(changelog, key, Some(value));
    }

    /// Removes a value of the state.
    pub fn delete(&mut self, changelog: Topic, key: impl Into<String>) {
        self.effects.used = true;
        self.state.put(changelog, key.into(), None);
    }

    /// Emits a record. It must not be larger than its topic's limit: measure it before.
    pub fn emit(&mut self, output: Output) {
        self.effects.used = true;
        self.effects.outputs.push(output);
    }

    /// Sets the timer of a key; the one it had is replaced.
    pub fn set_timer(&mut self, key: impl Into<String>, at: Timestamp) {
        self.effects.used = true;
        self.effects.timers.push((key.into(), Some(at)));
    }

    /// Clears the timer of a key.
    pub fn clear_timer(&mut self, key: impl Into<String>) {
        self.effects.used = true;
        self.effects.timers.push((key.into(), None));
    }

    /// Requests that may still be asked for and are sent as soon as this batch is committed; any
    /// further one waits until another has ended. What must not be sent later than it was decided
    /// on is asked for only where there is a place.
    pub fn places(&self) -> usize {
        self.places.without(self.effects.fetches.len()).free
    }

    /// Requests that the process has on their way at most.
    pub fn most_places(&self) -> usize {
        self.places.most
    }

    /// Asks for a request, performed once this batch is committed and there is a place for it (see
    /// [`Context::places`]); the answer comes by [`crate::Stage::on_done`] in a later batch.
    pub fn fetch(&mut self, fetch: Fetch) {
        self.effects.used = true;
        self.effects.fetches.push(fetch);
    }

    /// Asks for a computation on another thread; its result comes by [`crate::Stage::on_done`]
    /// within this batch, results in the order in which they were asked for.
    pub fn compute<T: Any + Send>(
        &mut self,
        key: impl Into<String>,
        run: impl FnOnce() -> T + Send + 'static,
    ) {
        self.effects.used = true;
        let run: Closure = Box::new(move || Box::new(run()));
        self.effects.computes.push(Compute { key: key.into(), run });
    }

    /// Adds to a counter once the batch is committed.
    pub fn count(&mut self, name: &'static str, labels: &[(&'static str, &str)], by: u64) {
        self.effects.counts.push((name, owned(labels), by));
    }

    /// Adds an observation to a histogram once the batch is committed.
    pub fn observe(&mut self, name: &'static str, labels: &[(&'static str, &str)], value: f64) {
        self.effects.observations.push((name, owned(labels), value));
    }

    /// Writes a line into the log once the batch is committed.
    pub fn tell(&mut self, notice: Notice) {
        self.effects.notices.push(notice);
    }
}

fn owned(labels: &[(&'static str, &str)]) -> Labels {
    labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// The trace a record continues: its own header, or a new one of its key.
pub fn trace_of(record: &Record) -> TraceContext {
    record.header("traceparent").and_then(TraceContext::parse).unwrap_or_else(|| {
        TraceContext::root(&String::from_utf8_lossy(record.key.as_deref().unwrap_or_default()))
    })
}

/// Handed to [`crate::Stage::restore`]: reads of the state; timers and requests asked for again.
pub struct RestoreContext<'a> {
    now: Timestamp,
    partition: u32,
    state: &'a State,
    timers: &'a mut Vec<(String, Option<Timestamp>)>,
    fetches: &'a mut Vec<Fetch>,
}

impl<'a> RestoreContext<'a> {
    pub(crate) fn new(
        now: Timestamp,
        partition: u32,
        state: &'a State,
        timers: &'a mut Vec<(String, Option<Timestamp>)>,
        fetches: &'a mut Vec<Fetch>,
    ) -> Self {
        Self { now, partition, state, timers, fetches }
    }

    /// The harness's clock.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The partition being restored.
    pub fn partition(&self) -> u32 {
        self.partition
    }

    /// The state. Its lifetime is the restore's, so that scans and timers can be mixed.
    pub fn state(&self) -> &'a State {
        self.state
    }

    /// Sets the timer of a key.
    pub fn set_timer(&mut self, key: impl Into<String>, at: Timestamp) {
        self.timers.push((key.into(), Some(at)));
    }

    /// Asks again for a request that was pending.
    pub fn fetch(&mut self, fetch: Fetch) {
        self.fetches.push(fetch);
    }
}
