//! Forgets what has expired, a little each hour.

use bus::Topic;
use events::Timestamp;
use stage::Context;

use super::{HOUR_MS, Partition};
use crate::robots::Robots;
use crate::sites::Budget;

/// Keys dropped in one go.
const MOST_DROPPED: usize = 2_000;
const DAY_MS: i64 = 24 * HOUR_MS;

impl Partition {
    /// Drops what is too old to matter.
    pub(super) fn expire(&mut self, context: &mut Context<'_>) {
        let now = context.now();
        let mut dropped: Vec<String> = Vec::new();
        for (key, value) in context.state().scan(Topic::DownloadState, "site/") {
            let budget = serde_json::from_slice::<Budget>(value);
            if budget.is_ok_and(|budget| budget.is_forgotten(now)) {
                dropped.push(key.to_owned());
            }
            if dropped.len() >= MOST_DROPPED {
                break;
            }
        }
        for (key, value) in context.state().scan(Topic::DownloadState, "robots/") {
            let robots = serde_json::from_slice::<Robots>(value);
            if robots.is_ok_and(|robots| now.millis_since(robots.expires_at) > DAY_MS) {
                dropped.push(key.to_owned());
            }
            if dropped.len() >= MOST_DROPPED {
                break;
            }
        }
        let mut count = dropped.len();
        for key in dropped {
            context.delete(Topic::DownloadState, key);
        }
        count += self.forget_pages(MOST_DROPPED, context);
        let more = count >= MOST_DROPPED;
        let again = if more { now.plus_millis(10_000) } else { next_hour(now) };
        context.set_timer("expire", again);
    }
}

pub(super) fn next_hour(now: Timestamp) -> Timestamp {
    now.plus_millis(HOUR_MS - now.as_millis().rem_euclid(HOUR_MS))
}
