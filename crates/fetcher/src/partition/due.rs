//! When each feed is polled next. There are a million of them: a place costs 22 bytes.

use std::collections::BTreeSet;

use events::Timestamp;
use stage::Context;

use crate::codec::{PackedId, is_packable, pack, unpack};

/// Times are kept in steps of so many milliseconds: 40 bits are then enough for centuries.
const STEP_MS: i64 = 16;
/// Time, highest byte first, then the feed's id.
type Place = [u8; 22];

/// The feeds that wait for their time, in order of it. A place that is not valid any more (its
/// feed was polled early, paused or removed) stays until its time and does nothing then.
#[derive(Debug, Default)]
pub(super) struct Due {
    places: BTreeSet<Place>,
    /// What the timer `polls` is set to.
    timer_at: Option<Timestamp>,
}

impl Due {
    /// Adds a feed without setting the timer: for restores. `false` for an id that cannot be
    /// packed, which has a timer of its own.
    pub(super) fn add(&mut self, feed: &str, at: Timestamp) -> bool {
        if !is_packable(feed) {
            return false;
        }
        self.places.insert(place(at, &pack(feed)));
        true
    }

    /// A feed is to be polled at that time.
    pub(super) fn schedule(&mut self, feed: &str, at: Timestamp, context: &mut Context<'_>) {
        if !self.add(feed, at) {
            context.set_timer(format!("poll/{feed}"), at);
            return;
        }
        self.set_timer(context);
    }

    /// Sets the timer to the first place.
    pub(super) fn set_timer(&mut self, context: &mut Context<'_>) {
        let first = self.first();
        if first == self.timer_at {
            return;
        }
        match first {
            Some(at) => context.set_timer("polls", at),
            None => context.clear_timer("polls"),
        }
        self.timer_at = first;
    }

    /// When the first feed is due. A restore sets the timer itself and notes that here.
    pub(super) fn first_for_restore(&mut self) -> Option<Timestamp> {
        self.timer_at = self.first();
        self.timer_at
    }

    fn first(&self) -> Option<Timestamp> {
        self.places.first().map(|place| split(place).0)
    }

    /// Takes out feeds that are due, at most so many.
    pub(super) fn take(&mut self, now: Timestamp, most: usize) -> Vec<String> {
        // The timer that brought us here is spent.
        self.timer_at = None;
        let mut feeds = Vec::new();
        while feeds.len() < most
            && let Some(place) = self.places.first().copied()
        {
            let (at, id) = split(&place);
            if at > now {
                break;
            }
            self.places.remove(&place);
            feeds.push(unpack(&id));
        }
        feeds
    }
}

fn place(at: Timestamp, id: &PackedId) -> Place {
    // Rounded up: never before its time.
    let steps = (at.as_millis().max(0) + STEP_MS - 1) / STEP_MS;
    let mut place = [0; 22];
    place[..5].copy_from_slice(&steps.to_be_bytes()[3..]);
    place[5..].copy_from_slice(id);
    place
}

fn split(place: &Place) -> (Timestamp, PackedId) {
    let mut steps = [0; 8];
    steps[3..].copy_from_slice(&place[..5]);
    let mut id = [0; 17];
    id.copy_from_slice(&place[5..]);
    (Timestamp::from_millis(i64::from_be_bytes(steps) * STEP_MS), id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_come_in_order_of_their_time_and_never_before_it() {
        let at = |millis: i64| Timestamp::from_millis(1_764_000_000_000 + millis);
        let mut due = Due::default();
        let ids: Vec<String> = (0..3).map(|n| events::hash_id(&n.to_string())).collect();
        for (id, millis) in ids.iter().zip([30_001, 10_001, 20_001]) {
            assert!(due.add(id, at(millis)));
        }
        assert!(!due.add("my-feed", at(0)));
        assert_eq!(due.take(at(10_000), 9), Vec::<String>::new());
        assert_eq!(due.take(at(20_016), 9), [ids[1].clone(), ids[2].clone()]);
        assert_eq!(due.take(at(40_000), 9), [ids[0].clone()]);
        assert_eq!(due.first(), None);
    }
}
