//! The harness that runs every stage.
//!
//! A [`Stage`] is sans-I/O and synchronous: it is handed records, due timers and finished
//! requests together with the time, and answers with outputs, state writes, timers and new
//! requests through a [`Context`]. It knows no Kafka, no tokio and no clock, and is tested by
//! feeding it. The [`Harness`] owns what is the same for all: consuming, batching, state and its
//! restore, transactions, bounded requests, dead letters, back-pressure, metrics and shutdown.

mod batch;
mod compute;
mod context;
mod dead_letter;
mod fetch;
mod harness;
mod inspect;
mod meter;
mod mutant;
mod repair;
mod requests;
#[path = "stage.rs"]
mod stage_trait;
mod state;
mod status;
mod task;
mod timers;

pub use context::{Context, Notice, Output, RestoreContext, trace_of};
pub use dead_letter::{DeadLetterReason, dead_letter_headers};
pub use fetch::{Answer, Fetch, FetchError, Fetched, Follow, Hop, Performer, Purpose, Reply};
pub use harness::{Clock, Harness, RunError, Settings};
pub use inspect::Inspection;
pub use meter::{Gauge, Meter, NoMeter};
#[cfg(feature = "mutants")]
pub use mutant::Mutant;
pub use repair::unreadable;
pub use stage_trait::{Definition, Done, Poison, Stage};
pub use state::State;
pub use status::{Phase, Status, StatusHandle};
