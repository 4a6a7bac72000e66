//! Polls feeds and downloads their pages.
//!
//! [`Fetcher`] is the stage: pure, without network, clock or Kafka. [`feed`] reads feeds of every
//! dialect. [`http`] (feature `http`) performs the requests that the stage asks for.

mod codec;
mod download;
pub mod feed;
#[cfg(feature = "http")]
pub mod http;
mod memory;
mod partition;
mod poll;
mod preview;
mod robots;
mod settings;
mod sites;
mod waiting;
pub mod websub;

pub use partition::Fetcher;
pub use poll::{FeedStatus, read_feed_state};
pub use preview::{Preview, first_request, preview};
pub use robots::robots_allow;
pub use settings::{Settings, SiteSettings, WebSub};
pub use waiting::{WaitingPages, Waits};
