//! Timers of a partition: one for each key, in order of time, then key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use events::Timestamp;

#[derive(Debug, Default)]
pub(crate) struct Timers {
    by_time: BTreeSet<(Timestamp, Arc<str>)>,
    by_key: BTreeMap<Arc<str>, Timestamp>,
}

impl Timers {
    /// Sets the timer of a key, or clears it.
    pub(crate) fn set(&mut self, key: &str, at: Option<Timestamp>) {
        if let Some((key, old)) = self.by_key.remove_entry(key) {
            self.by_time.remove(&(old, key));
        }
        if let Some(at) = at {
            let key: Arc<str> = key.into();
            self.by_time.insert((at, key.clone()));
            self.by_key.insert(key, at);
        }
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Keys that are due at `now`, at most `limit`, in order. They stay set until cleared.
    pub(crate) fn due(&self, now: Timestamp, limit: usize) -> Vec<String> {
        self.by_time
            .iter()
            .take_while(|(at, _)| *at <= now)
            .take(limit)
            .map(|(_, key)| key.to_string())
            .collect()
    }

    /// All of them, by key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Timestamp)> {
        self.by_key.iter().map(|(key, at)| (key.as_ref(), *at))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_timer_and_the_earliest_is_first() {
        let at = Timestamp::from_millis;
        let mut timers = Timers::default();
        timers.set("a", Some(at(30)));
        timers.set("b", Some(at(20)));
        timers.set("a", Some(at(10)));
        timers.set("c", Some(at(20)));
        timers.set("c", None);
        assert_eq!(timers.next(), Some(at(10)));
        assert_eq!(timers.due(at(9), 10), Vec::<String>::new());
        assert_eq!(timers.due(at(20), 10), ["a", "b"]);
        assert_eq!(timers.due(at(20), 1), ["a"]);
        assert_eq!(timers.len(), 2);
    }
}
