//! The publisher over stored articles: what `newswire replay` runs. The same code as the stage,
//! with its state in memory instead of in a changelog.

use bus::Record;
use events::{Article, StoryEvent};
use stage::{Output, Poison, trace_of};

use crate::engine::Engine;
use crate::publish::outputs;
use crate::settings::Settings;
use crate::state::{MemoryState, StateError};

/// A publisher that is handed records of `articles` one by one.
pub struct Replay {
    engine: Engine,
    state: MemoryState,
}

impl Replay {
    /// A publisher without a past.
    pub fn new(settings: Settings) -> Self {
        Self { engine: Engine::new(settings), state: MemoryState::default() }
    }

    /// Learns what was published before the articles to come; in order of publication.
    ///
    /// # Errors
    /// Never but for a fault of this program: the state is its own.
    pub fn warm(&mut self, event: &StoryEvent) -> Result<(), StateError> {
        self.engine.warm(event, &mut self.state)
    }

    /// The records that one record of `articles` comes to, with the headers they have in the log.
    ///
    /// # Errors
    /// [`Poison`] for a record that would go to the dead letters.
    pub fn take(&mut self, record: &Record) -> Result<Vec<Output>, Poison> {
        let value = record.value.as_deref().ok_or_else(|| Poison::new("empty", "no value"))?;
        let article: Article =
            serde_json::from_slice(value).map_err(|error| Poison::new("not_json", error))?;
        let output = self
            .engine
            .take(&article, &mut self.state)
            .map_err(|error| Poison::new("state", error))?;
        let mut outputs = outputs(&output, self.engine.now(), &trace_of(record))
            .map_err(|error| Poison::new("group", error))?;
        for output in &mut outputs {
            if !output.headers.iter().any(|(name, _)| name == "traceparent") {
                output.headers.push(("traceparent".to_owned(), output.trace.to_string().into()));
            }
        }
        Ok(outputs)
    }
}
