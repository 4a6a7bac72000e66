//! How many requests may be on their way to one site and to one address, whoever asks for them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places whose bounds are kept before those at rest are dropped.
const KEPT: usize = 4_096;

/// Semaphores by what they bound.
pub(super) struct Limits<K> {
    bound: usize,
    of: Mutex<BTreeMap<K, Arc<Semaphore>>>,
}

/// The right to one request; given back when dropped.
pub(super) type Permit = Option<OwnedSemaphorePermit>;

impl<K: Ord> Limits<K> {
    pub(super) fn new(bound: usize) -> Self {
        Self { bound: bound.max(1), of: Mutex::default() }
    }

    /// Waits for a place. First come, first served.
    pub(super) async fn enter(&self, key: K) -> Permit {
        let semaphore = {
            let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
            if of.len() >= KEPT {
                of.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
            }
            Arc::clone(of.entry(key).or_insert_with(|| Arc::new(Semaphore::new(self.bound))))
        };
        // The only error is a closed semaphore, and nobody closes these.
        semaphore.acquire_owned().await.ok()
    }
}

/// The bounds of a client. A request takes its place at the site first, then at the address, and
/// waits for no other while it holds both: so nobody waits in a circle.
pub(super) struct Bounds {
    pub(super) sites: Limits<String>,
    pub(super) addresses: Limits<IpAddr>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_than_the_bound_are_on_their_way() {
        let limits = Arc::new(Limits::new(2));
        let first = limits.enter("a").await;
        let second = limits.enter("a").await;
        assert!(first.is_some() && second.is_some());
        // Another place is free.
        assert!(limits.enter("b").await.is_some());
        let waiting = tokio::spawn({
            let limits = Arc::clone(&limits);
            async move { limits.enter("a").await.is_some() }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        assert!(waiting.await.unwrap());
    }
}
