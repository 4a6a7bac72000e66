//! The demo's small web of invented outlets, also used by tests.
//!
//! Twelve outlets in five page designs and three languages, each on a loopback address and so a
//! site of its own, publish written stories while one watches: a wire story that two others copy,
//! a corrected article, similar but different events, events that several outlets report in their
//! own words, a feed that breaks at times, pages that are gone, missing, moved, not for robots or
//! taken down later. Behind them a generator writes articles without end; further generated
//! outlets serve load and chaos tests. All places, people and texts are invented for this repository.
//!
//! [`Newsroom`] is pure: what is out, what a page says and what a correct reader makes of it
//! depend only on settings, addresses and the time that has passed. [`start`] serves it.

#![expect(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "pages and feeds are templates: a format string for each element reads best"
)]

mod article;
mod dates;
mod feeds;
mod generator;
mod manuscript;
mod outlets;
mod pages;
mod random;
mod requests;
mod room;
mod schedule;
mod server;
mod settings;
mod site;

pub use article::{CopyKind, Language, Reach, gold};
pub use manuscript::ManuscriptError;
pub use outlets::{Design, FeedFormat};
pub use requests::{OutletRequests, RequestRecord};
pub use room::{EntryState, Expected, ExpectedVersion, FeedInfo, Newsroom, OutletState, State};
pub use server::{Clock, NETWORK, Running, start};
pub use settings::Settings;
pub use site::{Answer, Ask};

#[cfg(test)]
mod server_tests;
#[cfg(test)]
mod tests;
