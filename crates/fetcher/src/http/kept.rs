//! Whose connections may still be open from a request before.

use std::collections::BTreeSet;
use std::mem::take;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

/// How long a connection at rest is kept.
pub(super) const IDLE: Duration = Duration::from_secs(30);
/// Origins that are remembered for one such time; of further ones a closed connection is a fault.
const MOST: usize = 32_768;

/// Origins that answered lately. A server that closes a kept connection just as we ask again has
/// said nothing of the request, which may be sent once more on a new connection (RFC 9112 9.3.1);
/// a new connection that is closed without an answer is a fault of the server.
pub(super) struct Kept(Mutex<Answered>);

/// Two generations, so that nothing has to be searched for what is too old: an origin is known
/// for at least [`IDLE`], and less than twice that.
struct Answered {
    since: Instant,
    young: BTreeSet<String>,
    old: BTreeSet<String>,
}

impl Kept {
    pub(super) fn new(now: Instant) -> Self {
        let (young, old) = (BTreeSet::new(), BTreeSet::new());
        Self(Mutex::new(Answered { since: now, young, old }))
    }

    /// The origin of `url` has answered.
    pub(super) fn note(&self, url: &Url, now: Instant) {
        let mut answered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answered.age(now);
        if answered.young.len() < MOST {
            answered.young.insert(url.origin().ascii_serialization());
        }
    }

    /// Whether a request to the origin of `url` may have gone over a kept connection.
    pub(super) fn may_have(&self, url: &Url, now: Instant) -> bool {
        let origin = url.origin().ascii_serialization();
        let mut answered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answered.age(now);
        answered.young.contains(&origin) || answered.old.contains(&origin)
    }
}

impl Answered {
    fn age(&mut self, now: Instant) {
        let age = now.saturating_duration_since(self.since);
        if age >= IDLE {
            self.old = take(&mut self.young);
            self.since = now;
        }
        if age >= 2 * IDLE {
            self.old.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_known_for_as_long_as_its_connections_are_kept() {
        let began = Instant::now();
        let kept = Kept::new(began);
        let [one, other] =
            ["https://a.org/1", "https://a.org:8443/1"].map(|it| it.parse().unwrap());
        // Wherever in a generation it answered.
        for start in [0, 100, 229, 400] {
            let noted = began + Duration::from_secs(start);
            kept.note(&one, noted);
            assert!(kept.may_have(&one, noted) && !kept.may_have(&other, noted));
            assert!(kept.may_have(&one, noted + IDLE - Duration::from_millis(1)), "{start}");
            assert!(!kept.may_have(&one, noted + 2 * IDLE), "{start}");
        }
    }

    #[test]
    fn what_is_remembered_is_bounded_and_goes() {
        let began = Instant::now();
        let kept = Kept::new(began);
        for number in 0..MOST + 10 {
            kept.note(&format!("https://s{number}.example/").parse().unwrap(), began);
        }
        let sizes = || {
            let answered = kept.0.lock().unwrap();
            (answered.young.len(), answered.old.len())
        };
        assert_eq!(sizes(), (MOST, 0));
        let last = "https://a.org/".parse().unwrap();
        kept.note(&last, began + IDLE);
        assert_eq!(sizes(), (1, MOST));
        kept.note(&last, began + 2 * IDLE);
        assert_eq!(sizes(), (1, 1));
    }
}
