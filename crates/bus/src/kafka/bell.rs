//! How a thread that waits for records is woken.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Wakes the polling thread: by librdkafka when its queue is no longer empty, or by a
/// [`crate::Waker`].
#[derive(Default)]
pub(super) struct Bell {
    /// (something is in the queue, somebody wants the poll to end)
    rung: Mutex<(bool, bool)>,
    ring: Condvar,
}

impl Bell {
    pub(super) fn ring(&self, end_poll: bool) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        rung.0 = true;
        rung.1 |= end_poll;
        drop(rung);
        self.ring.notify_all();
    }

    /// Sleeps until it rings or for `wait`.
    pub(super) fn wait(&self, wait: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut rung, _) = self
            .ring
            .wait_timeout_while(rung, wait, |(queue, end)| !*queue && !*end)
            .unwrap_or_else(PoisonError::into_inner);
        rung.0 = false;
    }

    /// Whether somebody wanted the poll to end; asks once.
    pub(super) fn take_end(&self) -> bool {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut rung.1)
    }
}
