//! Polling: what the answer to a poll means for its feed, and which entries it brings. Changes the
//! feed's record; knows no queues and no context.

mod children;
mod entry;
mod habit;
pub(crate) mod headers;
mod judge;
mod record;
mod redirects;
mod schedule;
pub(crate) mod seen;
mod status;
mod take_in;
mod validators;

pub(crate) use entry::{MAX_ENTRY_BYTES, News, fit};
pub(crate) use judge::{Failure, Verdict, hash_of, judge, read};
pub(crate) use record::{FeedRecord, Pushed, VERSION, is_default};
pub(crate) use schedule::{Bounds, words};
pub use status::{FeedStatus, read_feed_state};

pub(crate) mod times {
    //! Times as numbers, for the records of others.
    pub(crate) use super::record::{at, maybe_at};
}
