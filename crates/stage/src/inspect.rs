//! What a partition holds, for whoever checks that nothing is forgotten: tests, simulations.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Record, Topic};
use events::Timestamp;

use crate::Definition;
use crate::task::{Restored, Task};

/// All that one partition of a stage holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Committed state by changelog and key, the harness's own records included.
    pub state: BTreeMap<(Topic, String), Vec<u8>>,
    /// Timers by key.
    pub timers: BTreeMap<String, Timestamp>,
    /// Keys of requests that have no answer yet.
    pub pending: BTreeSet<String>,
    /// Next offset to read of each input.
    pub positions: BTreeMap<Topic, i64>,
    /// Bytes of input that wait in state.
    pub waiting_bytes: usize,
    /// Whether its inputs pause for that.
    pub paused: bool,
}

impl Inspection {
    pub(crate) fn of(task: &Task, pending: BTreeSet<String>) -> Self {
        let state = task
            .state
            .committed()
            .map(|(topic, key, value)| ((topic, key.to_owned()), value.to_vec()))
            .collect();
        Self {
            state,
            timers: task.timers.iter().map(|(key, at)| (key.to_owned(), at)).collect(),
            pending,
            positions: task.positions.clone(),
            waiting_bytes: task.stage.waiting_bytes(),
            paused: task.paused,
        }
    }

    /// What a partition would hold that is restored from these records of its changelogs, in order.
    ///
    /// # Errors
    /// Why the partition would stop.
    pub fn of_changelog(
        definition: &dyn Definition,
        partition: u32,
        records: impl IntoIterator<Item = Record>,
        now: Timestamp,
    ) -> Result<Self, String> {
        let mut restored = Restored::default();
        for record in records {
            restored.load(record);
        }
        if let Some(reason) = restored.corrupt {
            return Err(reason);
        }
        let positions = restored.positions(definition.changelogs()[0])?;
        let (task, fetches) = Task::new(definition, partition, restored.state, positions, now)?;
        let pending = fetches.into_iter().map(|fetch| fetch.key).collect();
        Ok(Self::of(&task, pending))
    }
}
