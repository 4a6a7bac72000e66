//! A group: the public record of `groups`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Whether a group still takes stories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupState {
    /// Takes stories.
    #[default]
    Open,
    /// No story for longer than the window.
    Closed,
    /// Became part of another group: see `merged_into`.
    Merged,
}

/// Why the last story joined.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Joined {
    /// Story id.
    pub story: Option<String>,
    /// Score by channel, 0 to 1 each.
    pub scores: BTreeMap<String, f64>,
}

/// Latest state of a group. Key of the record: [`Group::id`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "newswire group, version 1")]
pub struct Group {
    /// Group id: the id of the story that opened it.
    pub id: String,
    /// Whether it still takes stories.
    pub state: GroupState,
    /// The group it became part of.
    pub merged_into: Option<String>,
    /// Title of the first original story.
    pub title: Option<String>,
    /// Languages of its stories, sorted.
    pub languages: Vec<String>,
    /// Number of stories.
    pub size: u32,
    /// Sites of its stories, in order of arrival.
    pub outlets: Vec<String>,
    /// Earliest `published_at` of its stories.
    pub first_published_at: Option<Timestamp>,
    /// Latest `published_at` of its stories.
    pub last_published_at: Option<Timestamp>,
    /// Story ids, newest first, at most 100.
    pub stories: Vec<String>,
    /// Why the last story joined.
    pub joined: Joined,
}
