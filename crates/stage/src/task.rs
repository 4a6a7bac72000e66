//! One owned partition: a stage instance with its state, timers and input positions.

use std::collections::BTreeMap;

use bus::{Record, Topic};
use events::Timestamp;

use crate::mutant::Mutant;
use crate::timers::Timers;
use crate::{Definition, Fetch, RestoreContext, Stage, State};

/// Key, in the first changelog, of the record that names the next offset of each input. Not a key
/// that a stage could choose: theirs begin with a letter.
pub(crate) const POSITION_KEY: &str = "@position";

pub(crate) struct Task {
    pub(crate) partition: u32,
    pub(crate) stage: Box<dyn Stage>,
    pub(crate) state: State,
    pub(crate) timers: Timers,
    /// Next offset to read of each input.
    pub(crate) positions: BTreeMap<Topic, i64>,
    pub(crate) paused: bool,
}

/// State as it comes out of the changelogs.
#[derive(Default)]
pub(crate) struct Restored {
    pub(crate) state: State,
    pub(crate) records: u64,
    pub(crate) corrupt: Option<String>,
}

impl Restored {
    pub(crate) fn load(&mut self, record: Record) {
        self.records += 1;
        let key = record.key.as_deref().map(std::str::from_utf8);
        match key {
            Some(Ok(_)) if record.value.is_none() && Mutant::TombstonesSkipped.is_planted() => {}
            Some(Ok(key)) => self.state.load(record.place.topic, key, record.value),
            _ => {
                self.corrupt.get_or_insert_with(|| {
                    format!("{} offset {}: the key is not UTF-8", record.place, record.offset)
                });
            }
        }
    }

    /// The next offset of each input, as the state itself has it.
    pub(crate) fn positions(&self, changelog: Topic) -> Result<BTreeMap<Topic, i64>, String> {
        let Some(value) = self.state.get(changelog, POSITION_KEY) else {
            return Ok(BTreeMap::new());
        };
        let names: BTreeMap<String, i64> = serde_json::from_slice(value)
            .map_err(|error| format!("{changelog}, key {POSITION_KEY}: {error}"))?;
        Ok(names
            .into_iter()
            .filter_map(|(name, offset)| Some((Topic::from_name(&name)?, offset)))
            .collect())
    }
}

impl Task {
    /// A task over restored state. Also returns the requests that were pending.
    pub(crate) fn new(
        definition: &dyn Definition,
        partition: u32,
        state: State,
        positions: BTreeMap<Topic, i64>,
        now: Timestamp,
    ) -> Result<(Self, Vec<Fetch>), String> {
        let mut task = Self {
            partition,
            stage: definition.stage(partition),
            state,
            timers: Timers::default(),
            positions,
            paused: false,
        };
        let fetches = task.rebuild(definition, now)?;
        Ok((task, fetches))
    }

    /// Drops what the open batch changed, and everything derived from it.
    pub(crate) fn rebuild(
        &mut self,
        definition: &dyn Definition,
        now: Timestamp,
    ) -> Result<Vec<Fetch>, String> {
        if !Mutant::OverlayKept.is_planted() {
            self.state.drop_changes();
        }
        self.timers = Timers::default();
        self.stage = definition.stage(self.partition);
        let mut timers = Vec::new();
        let mut fetches = Vec::new();
        self.stage.restore(&mut RestoreContext::new(
            now,
            self.partition,
            &self.state,
            &mut timers,
            &mut fetches,
        ))?;
        if Mutant::TimersForgotten.is_planted() {
            timers.clear();
        }
        for (key, at) in timers {
            self.timers.set(&key, at);
        }
        Ok(fetches)
    }

    /// The value of the position record.
    pub(crate) fn position_value(positions: &BTreeMap<Topic, i64>) -> Vec<u8> {
        let names: BTreeMap<&str, i64> =
            positions.iter().map(|(topic, offset)| (topic.name(), *offset)).collect();
        serde_json::to_vec(&names).unwrap_or_default()
    }
}
