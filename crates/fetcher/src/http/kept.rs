//! Whose connections may still be open from a request before.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

/// How long a connection at rest is kept.
pub(super) const IDLE: Duration = Duration::from_secs(30);
/// Origins that are remembered before those whose connections are closed by now are dropped.
const MOST: usize = 4_096;

/// Origins that answered, and when they last did. A server that closes a kept connection just as
/// we ask again has said nothing of the request, which may be sent once more on a new connection
/// (RFC 9112 9.3.1); a new connection that is closed without an answer is a fault of the server.
#[derive(Default)]
pub(super) struct Kept(Mutex<BTreeMap<String, Instant>>);

impl Kept {
    /// The origin of `url` has answered now.
    pub(super) fn note(&self, url: &Url) {
        let now = Instant::now();
        let mut answered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answered.len() >= MOST {
            answered.retain(|_, at| now - *at < IDLE);
        }
        answered.insert(url.origin().ascii_serialization(), now);
    }

    /// Whether a request to the origin of `url` may have gone over a kept connection.
    pub(super) fn may_have(&self, url: &Url) -> bool {
        let answered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = answered.get(&url.origin().ascii_serialization());
        at.is_some_and(|at| at.elapsed() < IDLE)
    }
}
