//! What a stage is: three calls in, effects out.

use std::any::Any;

use bus::{Record, Topic};

use crate::{Context, Fetched, Gauge, RestoreContext};

/// A record that cannot be processed, ever: it goes to the dead letters and the stream goes on.
///
/// A stage that returns this before it has used the context for anything but reading has changed
/// nothing; otherwise what it did in the batch is dropped and done again without the record.
#[derive(Debug, thiserror::Error)]
#[error("{class}: {message}")]
pub struct Poison {
    /// What kind of fault, from a closed list of the stage: a metric label and a reason to filter
    /// dead letters by, such as `not_json`.
    pub class: &'static str,
    /// What exactly, for people.
    pub message: String,
}

impl Poison {
    /// A poison of that class.
    pub fn new(class: &'static str, message: impl std::fmt::Display) -> Self {
        Self { class, message: message.to_string() }
    }
}

/// The result of a request.
#[derive(Debug)]
pub enum Done {
    /// A [`crate::Fetch`] was performed.
    Fetched(Fetched),
    /// A computation ended; the box holds what its closure returned.
    Computed(Box<dyn Any + Send>),
    /// A computation panicked; usually [`Poison`].
    Panicked(String),
}

/// One partition of a stage at work. All that must survive a restart is written to state through
/// the [`Context`]; anything else it holds is derived, and rebuilt by [`Stage::restore`].
pub trait Stage: Send {
    /// Derives what it holds from state, and asks again for the timers and requests that were
    /// pending. Called once, before anything else, and on a fresh instance after a batch was
    /// dropped.
    ///
    /// # Errors
    /// A message for the operator where state is corrupt or of a newer version: the partition
    /// stops, for forgetting an identity would publish it twice.
    fn restore(&mut self, context: &mut RestoreContext<'_>) -> Result<(), String>;

    /// A record of one of the inputs.
    ///
    /// # Errors
    /// [`Poison`] where it can never be processed.
    fn on_record(&mut self, record: &Record, context: &mut Context<'_>) -> Result<(), Poison>;

    /// A timer is due.
    ///
    /// # Errors
    /// [`Poison`] where it cannot be handled: see [`Stage::on_fault`].
    fn on_timer(&mut self, key: &str, context: &mut Context<'_>) -> Result<(), Poison> {
        let _ = (key, context);
        Ok(())
    }

    /// A request is done.
    ///
    /// # Errors
    /// [`Poison`]; for a computation it is the record being processed that is poisoned.
    fn on_done(&mut self, key: &str, done: Done, context: &mut Context<'_>) -> Result<(), Poison> {
        let _ = (key, done, context);
        Ok(())
    }

    /// A timer or fetched result could not be handled (it panicked or was [`Poison`]): park what
    /// belongs to it so that it does not come again at once. `key` is the timer's or request's.
    fn on_fault(&mut self, key: &str, poison: &Poison, context: &mut Context<'_>) {
        let _ = (key, poison, context);
    }

    /// Bytes of input that wait in state; above the bound the partition's inputs pause.
    fn waiting_bytes(&self) -> usize {
        0
    }

    /// What the partition holds, as figures that can be added up over partitions. Asked for every
    /// 15 s, so it must be cheap: counters that are kept, never a walk through the state.
    fn gauges(&self) -> Vec<Gauge> {
        Vec::new()
    }
}

/// What kind of stage this is, and how to make one for a partition.
pub trait Definition: Send + Sync {
    /// Name in metrics, logs and dead letters: `fetcher`, `extractor`, `publisher`.
    fn name(&self) -> &'static str;

    /// Topics consumed, with equal partition counts.
    fn inputs(&self) -> &[Topic];

    /// Changelogs; the first also holds the input positions.
    fn changelogs(&self) -> &[Topic];

    /// A fresh instance for a partition.
    fn stage(&self, partition: u32) -> Box<dyn Stage>;

    /// Threads for computations; 0 runs them on the harness's own.
    fn compute_threads(&self) -> usize {
        0
    }
}
