//! Identity, versions, copies and groups of stories.
//!
//! [`Engine`] is the publisher: it takes [`events::Article`]s and says which story events, groups
//! and fates come of them. It is pure: its time is the greatest `fetched_at` seen, its memory is
//! the [`Records`] it writes, and the same articles give the same bytes on every machine, after
//! every restart. [`group`] is the same code for a file of texts; [`Publish`] is the stage that wraps
//! it.

mod address;
mod changes;
mod copies;
mod differences;
mod engine;
mod entry_names;
mod event;
mod evidence;
mod expiring;
mod fates;
mod finding;
mod frequencies;
mod group_index;
mod groups;
mod hash;
mod id;
mod identity;
mod instance;
mod lexicon;
mod math;
mod names;
mod offline;
mod originals;
mod place;
mod placing;
mod profile;
mod publish;
mod publishing;
mod ranking;
mod reading;
mod replay;
mod series_words;
mod settings;
mod sketch;
mod state;
mod stop_words;
mod story;
mod tally;
mod templates;
mod terms;
mod warming;
mod withdrawing;
mod words;

pub use engine::{Engine, Output, Published};
pub use fates::{FateKey, FateRecord, PREFIX as FATE_PREFIX, read_fate};
pub use id::{EntryId, Id, NoId};
pub use identity::{identity_key, is_story_known};
pub use offline::{OfflineResult, OfflineStory, group};
pub use publish::Publish;
pub use ranking::GroupRules;
pub use replay::Replay;
pub use settings::{Copies, Settings};
pub use state::{MemoryState, Records, StateError};
