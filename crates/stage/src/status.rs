//! What a harness is doing, for readiness and status.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What a harness is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Not yet a member.
    #[default]
    Starting,
    /// Restoring state.
    Restoring,
    /// At work, with or without partitions.
    Running,
    /// The log cannot be reached: pausing.
    Away(String),
    /// Finishing what is on its way.
    Draining,
    /// Ended.
    Ended,
}

/// What a harness is doing, whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// What it is doing.
    pub phase: Phase,
    /// Partitions it owns and works on.
    pub partitions: Vec<u32>,
    /// Partitions that it owns and had to stop, with what is wrong and what to do.
    pub stopped: BTreeMap<u32, String>,
}

impl Status {
    /// Whether it is ready: at work on all that it owns.
    ///
    /// # Errors
    /// Why it is not.
    pub fn ready(&self) -> Result<(), String> {
        if let Some((partition, reason)) = self.stopped.first_key_value() {
            return Err(format!("partition {partition} is stopped: {reason}"));
        }
        match &self.phase {
            Phase::Running => Ok(()),
            Phase::Starting => Err("starting".to_owned()),
            Phase::Restoring => Err("restoring state".to_owned()),
            Phase::Away(reason) => Err(format!("the log is away: {reason}")),
            Phase::Draining => Err("draining".to_owned()),
            Phase::Ended => Err("ended".to_owned()),
        }
    }
}

/// A shared view of a harness's status.
#[derive(Clone, Debug, Default)]
pub struct StatusHandle(Arc<Mutex<Status>>);

impl StatusHandle {
    /// A view of a status that does not change any more.
    pub fn of(status: Status) -> Self {
        Self(Arc::new(Mutex::new(status)))
    }

    /// The status now.
    pub fn get(&self) -> Status {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
