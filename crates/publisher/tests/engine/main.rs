//! The publisher as a whole: articles in, events, groups and fates out, across restarts.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod addresses;
mod draft;
mod forgetting;
mod fuzz_corpus;
mod golden;
mod identity;
mod properties;
mod stories;
#[path = "../../../../tests/fuzz/stream.rs"]
mod stream;
