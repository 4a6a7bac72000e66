//! A feed's subscription at a hub: when it is asked for, what counts as confirmed, when it is
//! renewed, which deliveries are believed. A state machine without I/O: the owner of the feed's
//! site feeds it with answers and `pushes`.

use events::{Timestamp, hash_id};
use serde::{Deserialize, Serialize};
use stage::{Answer, Fetch, FetchError, Follow, Purpose};

use super::{CallBack, is_signed};
use crate::poll::VERSION;
use crate::poll::times::{at, maybe_at};
use crate::settings::WebSub;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// What is asked of a hub; it answers what it grants.
const LEASE_MS: i64 = 10 * DAY_MS;
/// Leases are believed within these bounds.
const SHORTEST_LEASE_MS: i64 = 10 * MINUTE_MS;
const LONGEST_LEASE_MS: i64 = 90 * DAY_MS;
/// A hub that accepted a request and did not confirm it by then is asked again.
const PATIENCE_MS: i64 = HOUR_MS;
/// The longest wait between requests that fail.
const LONGEST_WAIT_MS: i64 = 2 * DAY_MS;
/// A delivery may have been on its way while the lease ended.
const GRACE_MS: i64 = MINUTE_MS;
/// Bytes of a hub's answer that are read.
const MAX_ANSWER: usize = 16 * 1024;

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stand {
    /// To be asked for, or asked for and not confirmed.
    #[default]
    Asked,
    /// Confirmed, and the lease runs.
    Active,
    /// The hub cannot be reached, answers with a fault, or does not confirm.
    Failing,
    /// The hub said no.
    Denied,
}

impl Stand {
    pub(crate) const ALL: [Self; 4] = [Self::Asked, Self::Active, Self::Failing, Self::Denied];

    /// As a metric label.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Active => "active",
            Self::Failing => "failing",
            Self::Denied => "denied",
        }
    }
}

/// Why something that came to the call-back changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It was made for another call-back: an older topic or key, or another feed.
    CallBack,
    /// The topic is not the one that was asked for.
    Topic,
    /// Nothing was asked for, or it was confirmed already.
    NotAsked,
    /// The lease had ended.
    Late,
    /// The signature is missing or wrong.
    Signature,
}

impl Refusal {
    /// As a metric label.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::CallBack => "bad_call_back",
            Self::Topic => "bad_topic",
            Self::NotAsked => "not_asked",
            Self::Late => "late",
            Self::Signature => "bad_signature",
        }
    }
}

/// A feed's subscription at a hub, under `hub/<feed>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Lease {
    pub(crate) v: u32,
    /// Hubs that the feed names, the present one first.
    pub(crate) hubs: Vec<String>,
    pub(crate) topic: String,
    /// Last segment of the call-back's path.
    pub(crate) call_back: String,
    pub(crate) stand: Stand,
    /// When the hub is asked next.
    #[serde(with = "at")]
    pub(crate) next_at: Timestamp,
    /// When it was asked last.
    #[serde(with = "maybe_at", skip_serializing_if = "Option::is_none")]
    pub(crate) asked_at: Option<Timestamp>,
    /// Until when deliveries are believed.
    #[serde(with = "maybe_at", skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Timestamp>,
    /// Requests in a row that came to nothing.
    pub(crate) failures: u32,
    /// What the hub last said, for people.
    pub(crate) says: String,
}

impl Lease {
    /// The subscription that a feed's document asks for: the one it had, where hub and topic are
    /// the same and the call-back still is what would be made now; a new one, to be asked for at
    /// once, otherwise. `None`: no hub that can be used.
    pub(crate) fn wanted(
        known: Option<Self>,
        hubs: &[String],
        topic: &str,
        call_back: &CallBack,
        websub: &WebSub,
        now: Timestamp,
    ) -> Option<Self> {
        let mut usable: Vec<String> = Vec::new();
        for hub in hubs {
            if events::is_http_url(hub) && hub.len() <= 2048 && !usable.contains(hub) {
                usable.push(hub.clone());
            }
        }
        usable.sort_by_key(|hub| !hub.starts_with("https:"));
        usable.truncate(4);
        let first = usable.first()?.clone();
        let segment = call_back.segment(&websub.key);
        match known {
            Some(mut lease) if lease.topic == topic && lease.call_back == segment => {
                // The hub that is in use stays in use while the feed still names it.
                let present = lease.hubs.first().cloned().unwrap_or_default();
                if usable.contains(&present) {
                    usable.retain(|hub| *hub != present);
                    usable.insert(0, present);
                    lease.hubs = usable;
                    return Some(lease);
                }
                Some(Self { hubs: usable, ..Self::new(first, topic, segment, now) })
            }
            _ => Some(Self { hubs: usable, ..Self::new(first, topic, segment, now) }),
        }
    }

    fn new(hub: String, topic: &str, call_back: String, now: Timestamp) -> Self {
        Self {
            v: VERSION,
            says: format!("{hub} is to be asked"),
            hubs: vec![hub],
            topic: topic.to_owned(),
            call_back,
            next_at: now,
            ..Self::default()
        }
    }

    /// The present hub.
    pub(crate) fn hub(&self) -> &str {
        self.hubs.first().map(String::as_str).unwrap_or_default()
    }

    /// The request for the subscription (WebSub 5.1). Takes in that it is made.
    pub(crate) fn ask(
        &mut self,
        feed: &str,
        call_back: &CallBack,
        websub: &WebSub,
        now: Timestamp,
    ) -> Fetch {
        self.asked_at = Some(now);
        if self.until.is_none_or(|until| until <= now) && self.stand == Stand::Active {
            self.stand = Stand::Asked;
            self.until = None;
        }
        // Should no confirmation come; it sets a later time.
        self.next_at = now.plus_millis(PATIENCE_MS);
        let seconds = (LEASE_MS / 1000).to_string();
        let form = [
            ("hub.callback", call_back.url(&websub.public_url, &websub.key)),
            ("hub.mode", "subscribe".to_owned()),
            ("hub.topic", self.topic.clone()),
            ("hub.lease_seconds", seconds),
            ("hub.secret", websub.key.secret(call_back)),
        ];
        Fetch {
            key: format!("hub/{feed}"),
            url: self.hub().to_owned(),
            purpose: Purpose::Other,
            headers: Vec::new(),
            validators_of: None,
            auth: events::Auth::default(),
            follow: Follow::All,
            max_body: MAX_ANSWER,
            form: form.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        }
    }

    /// Takes in what the hub answered to the request; its confirmation comes another way.
    pub(crate) fn answered(&mut self, result: &Result<Answer, FetchError>, now: Timestamp) {
        match result {
            Ok(answer) if matches!(answer.status, 200..=299) => {
                self.says = format!("the hub accepts ({})", answer.status);
            }
            Ok(answer) => {
                self.failed(format!("the hub answers {}", answer.status), now);
            }
            Err(error) => self.failed(error.to_string(), now),
        }
    }

    fn failed(&mut self, says: String, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        self.says = says;
        // A renewal that fails leaves the lease as it is.
        if self.until.is_none_or(|until| until <= now) {
            self.stand = Stand::Failing;
            self.until = None;
        }
        if self.failures.is_multiple_of(3) {
            self.hubs.rotate_left(1);
        }
        let wait = (HOUR_MS << self.failures.min(6)).min(LONGEST_WAIT_MS);
        self.next_at = now.plus_millis(wait);
    }

    /// The time has come to ask (again). Takes in that the last request was never confirmed.
    pub(crate) fn is_due(&mut self, now: Timestamp) -> bool {
        if self.next_at > now {
            return false;
        }
        let unconfirmed = matches!(self.stand, Stand::Asked | Stand::Failing)
            && self
                .asked_at
                .is_some_and(|asked| now.millis_since(asked) <= PATIENCE_MS + MINUTE_MS);
        if unconfirmed && self.failures < 64 {
            self.failed("the hub did not confirm".to_owned(), now);
            return false;
        }
        true
    }

    /// The hub asked whether the subscription is wanted, and was told so.
    pub(crate) fn verified(
        &mut self,
        call_back: &str,
        topic: &str,
        lease_s: Option<u64>,
        feed: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.is_ours(call_back, topic)?;
        // Only as an answer to a request: who knows the call-back cannot prolong a lease.
        let asked_at = self.asked_at.take().ok_or(Refusal::NotAsked)?;
        if now.millis_since(asked_at) > DAY_MS {
            return Err(Refusal::NotAsked);
        }
        let granted = lease_s.and_then(|s| i64::try_from(s).ok()).map(|s| s.saturating_mul(1000));
        let lease = granted.unwrap_or(LEASE_MS).clamp(SHORTEST_LEASE_MS, LONGEST_LEASE_MS);
        self.stand = Stand::Active;
        self.failures = 0;
        self.until = Some(now.plus_millis(lease));
        // Half the lease and up to a tenth less, by feed: hubs hand out leases in bulk.
        let spread = (lease / 20).max(1);
        let seed = hash_id(feed).bytes().take(8).fold(0_i64, |seed, b| seed * 31 + i64::from(b));
        self.next_at = now.plus_millis(lease / 2 - seed.rem_euclid(spread));
        self.says = format!("confirmed for {}", crate::poll::words(lease));
        Ok(())
    }

    /// The hub will not serve the subscription.
    pub(crate) fn denied(
        &mut self,
        call_back: &str,
        topic: &str,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.is_ours(call_back, topic)?;
        self.stand = Stand::Denied;
        self.until = None;
        self.asked_at = None;
        let reason: String = reason.unwrap_or("no reason given").chars().take(160).collect();
        self.says = format!("the hub refuses: {reason}");
        self.hubs.rotate_left(1);
        self.next_at = now.plus_millis(DAY_MS);
        Ok(())
    }

    /// Whether a delivery is to be believed. `body`: the bytes as they came; `None` where they were
    /// too large to be kept, so that there is nothing to check and nothing to believe.
    pub(crate) fn delivered(
        &self,
        call_back: &CallBack,
        websub: &WebSub,
        signature: Option<&str>,
        body: &[u8],
        received_at: Timestamp,
    ) -> Result<(), Refusal> {
        if call_back.segment(&websub.key) != self.call_back {
            return Err(Refusal::CallBack);
        }
        let until = self.until.ok_or(Refusal::Late)?;
        if received_at > until.plus_millis(GRACE_MS) {
            return Err(Refusal::Late);
        }
        let secret = websub.key.secret(call_back);
        if is_signed(signature, &secret, body) { Ok(()) } else { Err(Refusal::Signature) }
    }

    fn is_ours(&self, call_back: &str, topic: &str) -> Result<(), Refusal> {
        if call_back != self.call_back {
            return Err(Refusal::CallBack);
        }
        if topic != self.topic {
            return Err(Refusal::Topic);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websub::Key;

    const NOW: Timestamp = Timestamp::from_secs(1_764_000_000);
    const TOPIC: &str = "https://example.org/feed.xml";

    fn websub() -> WebSub {
        WebSub { public_url: "https://us.net".to_owned(), key: Key::new(b"a secret") }
    }

    fn call_back() -> CallBack {
        CallBack::new("f", "example.org", TOPIC)
    }

    fn at(millis: i64) -> Timestamp {
        NOW.plus_millis(millis)
    }

    fn wanted(known: Option<Lease>, hubs: &[&str]) -> Option<Lease> {
        let hubs: Vec<String> = hubs.iter().map(|hub| (*hub).to_owned()).collect();
        Lease::wanted(known, &hubs, TOPIC, &call_back(), &websub(), NOW)
    }

    fn active() -> Lease {
        let mut lease = wanted(None, &["http://slow.net/", "https://hub.net/"]).unwrap();
        lease.ask("f", &call_back(), &websub(), NOW);
        let segment = call_back().segment(&websub().key);
        lease.verified(&segment, TOPIC, Some(86_400), "f", at(1000)).unwrap();
        lease
    }

    fn signed(body: &[u8]) -> String {
        use hmac::Mac as _;
        let secret = websub().key.secret(&call_back());
        let mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        let tag = mac.chain_update(body).finalize().into_bytes();
        format!("sha256={}", data_encoding::HEXLOWER.encode(&tag))
    }

    #[test]
    fn a_subscription_is_asked_for_confirmed_and_renewed_before_half_its_lease() {
        let mut lease = wanted(None, &["http://slow.net/", "https://hub.net/"]).unwrap();
        assert!(lease.is_due(NOW));
        let fetch = lease.ask("f", &call_back(), &websub(), NOW);
        assert_eq!((fetch.key.as_str(), fetch.url.as_str()), ("hub/f", "https://hub.net/"));
        let field = |name: &str| fetch.form.iter().find(|(n, _)| n == name).unwrap().1.clone();
        assert_eq!((field("hub.mode"), field("hub.topic")), ("subscribe".into(), TOPIC.into()));
        assert!(field("hub.callback").starts_with("https://us.net/websub/"));
        assert_eq!(field("hub.secret").len(), 52);
        lease.answered(&Ok(Answer { status: 202, ..Answer::default() }), at(500));
        assert_eq!(lease.stand, Stand::Asked);
        let segment = call_back().segment(&websub().key);
        lease.verified(&segment, TOPIC, Some(86_400), "f", at(1000)).unwrap();
        assert_eq!((lease.stand, lease.until), (Stand::Active, Some(at(1000 + DAY_MS))));
        let renewal = lease.next_at.millis_since(at(1000));
        assert!((DAY_MS * 9 / 20..=DAY_MS / 2).contains(&renewal), "{renewal}");
        assert!(lease.is_due(lease.next_at));
        // The same document again changes nothing; another hub begins anew.
        assert_eq!(
            wanted(Some(lease.clone()), &["https://hub.net/", "http://slow.net/"]).unwrap(),
            lease
        );
        assert_eq!(wanted(Some(lease), &["https://new.net/"]).unwrap().stand, Stand::Asked);
        assert_eq!(wanted(None, &["ftp://hub.net/", "x"]), None);
    }

    #[test]
    fn a_confirmation_that_nobody_asked_for_changes_nothing() {
        let mut lease = active();
        let segment = call_back().segment(&websub().key);
        let before = lease.clone();
        let again = lease.verified(&segment, TOPIC, Some(9_999_999), "f", at(2000));
        assert_eq!((again, &lease), (Err(Refusal::NotAsked), &before));
        lease.ask("f", &call_back(), &websub(), at(3000));
        let other = lease.verified(&segment, "https://example.org/other", None, "f", at(4000));
        assert_eq!(other, Err(Refusal::Topic));
        assert_eq!(lease.verified("x", TOPIC, None, "f", at(4000)), Err(Refusal::CallBack));
    }

    #[test]
    fn forged_late_and_foreign_deliveries_are_refused() {
        let lease = active();
        let (body, signature) = (b"<feed/>", signed(b"<feed/>"));
        let deliver = |call_back: &CallBack, signature: Option<&str>, body: &[u8], when| {
            lease.delivered(call_back, &websub(), signature, body, when)
        };
        assert_eq!(deliver(&call_back(), Some(&signature), body, at(5000)), Ok(()));
        for (signature, body) in [
            (None, &b"<feed/>"[..]),
            (Some("sha256=00"), b"<feed/>"),
            (Some(signature.as_str()), b"<feed />"),
        ] {
            let refused = deliver(&call_back(), signature, body, at(5000));
            assert_eq!(refused, Err(Refusal::Signature));
        }
        let late = deliver(&call_back(), Some(&signature), body, at(2 * DAY_MS));
        assert_eq!(late, Err(Refusal::Late));
        let foreign = CallBack::new("other", "example.org", TOPIC);
        let foreign = deliver(&foreign, Some(&signature), body, at(5000));
        assert_eq!(foreign, Err(Refusal::CallBack));
    }

    #[test]
    fn a_hub_that_fails_is_asked_ever_more_rarely_and_then_another_one() {
        let mut lease = wanted(None, &["https://a.net/", "https://b.net/"]).unwrap();
        let mut now = NOW;
        let mut waits = Vec::new();
        let mut hubs = Vec::new();
        for _ in 0..8 {
            assert!(lease.is_due(now));
            hubs.push(lease.hub().to_owned());
            lease.ask("f", &call_back(), &websub(), now);
            lease.answered(&Err(FetchError::Timeout("after 30 s".into())), now);
            waits.push(lease.next_at.millis_since(now) / HOUR_MS);
            now = lease.next_at;
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 48, 48, 48]);
        assert_eq!(hubs[2..5], ["https://a.net/", "https://b.net/", "https://b.net/"]);
        assert_eq!(lease.stand, Stand::Failing);
    }

    #[test]
    fn a_hub_that_accepts_and_never_confirms_is_a_failing_one() {
        let mut lease = wanted(None, &["https://a.net/"]).unwrap();
        lease.ask("f", &call_back(), &websub(), NOW);
        lease.answered(&Ok(Answer { status: 202, ..Answer::default() }), NOW);
        assert!(!lease.is_due(at(PATIENCE_MS)));
        assert_eq!((lease.stand, lease.failures), (Stand::Failing, 1));
        assert!(lease.is_due(lease.next_at));
    }

    #[test]
    fn a_renewal_that_fails_leaves_the_lease() {
        let mut lease = active();
        let now = lease.next_at;
        lease.ask("f", &call_back(), &websub(), now);
        lease.answered(&Ok(Answer { status: 503, ..Answer::default() }), now);
        assert_eq!(lease.stand, Stand::Active);
        assert_eq!(
            lease.delivered(&call_back(), &websub(), Some(&signed(b"x")), b"x", now),
            Ok(())
        );
        let denied = lease.denied(&call_back().segment(&websub().key), TOPIC, None, now);
        assert_eq!((denied, lease.stand), (Ok(()), Stand::Denied));
    }
}
