//! A feed's subscription at a hub: when it is asked for, what counts as confirmed, when it is
//! renewed, which deliveries are believed. A state machine without I/O: the owner of the feed's
//! site feeds it with answers and `pushes`.

use events::{Timestamp, hash_id};
use serde::{Deserialize, Serialize};
use stage::{Answer, Fetch, FetchError, Follow, Purpose};

use super::CallBack;
use crate::poll::VERSION;
use crate::poll::times::{at, maybe_at};
use crate::settings::WebSub;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// What is asked of a hub; it answers what it grants.
const LEASE_MS: i64 = 10 * DAY_MS;
/// A lease is believed up to this.
const LONGEST_LEASE_MS: i64 = 90 * DAY_MS;
/// A shorter one is not worth the requests that keep it: its hub is asked again the next day.
const WORTHWHILE_LEASE_MS: i64 = 10 * MINUTE_MS;
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
        let is_ours = |segment: &str| {
            CallBack::open(segment, &websub.key).is_some_and(|known| known.is_same(call_back))
        };
        let segment = call_back.at_hub(&first).segment(&websub.key);
        match known {
            Some(mut lease) if lease.topic == topic && is_ours(&lease.call_back) => {
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
        let call_back = call_back.at_hub(self.hub());
        self.call_back = call_back.segment(&websub.key);
        let mut form = vec![
            ("hub.callback", call_back.url(&websub.public_url, &websub.key)),
            ("hub.mode", "subscribe".to_owned()),
            ("hub.topic", self.topic.clone()),
            ("hub.lease_seconds", seconds),
        ];
        if call_back.has_secret() {
            form.push(("hub.secret", websub.key.secret(&call_back)));
        }
        Fetch {
            key: format!("hub/{feed}"),
            url: self.hub().to_owned(),
            purpose: Purpose::Other,
            headers: Vec::new(),
            validators_of: None,
            auth: events::Auth::default(),
            follow: Follow::All,
            max_body: MAX_ANSWER,
            form: form.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
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
        let unconfirmed =
            self.asked_at.is_some_and(|asked| now.millis_since(asked) <= PATIENCE_MS + MINUTE_MS);
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
        let lease = granted.unwrap_or(LEASE_MS).clamp(0, LONGEST_LEASE_MS);
        self.stand = Stand::Active;
        self.failures = 0;
        self.until = Some(now.plus_millis(lease));
        // Half the lease and up to a tenth less, by feed: hubs hand out leases in bulk.
        let spread = (lease / 20).max(1);
        let seed = hash_id(feed).bytes().take(8).fold(0_i64, |seed, b| seed * 31 + i64::from(b));
        self.next_at = if lease < WORTHWHILE_LEASE_MS {
            now.plus_millis(DAY_MS)
        } else {
            now.plus_millis(lease / 2 - seed.rem_euclid(spread))
        };
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

    /// Whether a delivery is to be believed. `body`: the bytes as they came.
    pub(crate) fn delivered(
        &self,
        call_back: &str,
        websub: &WebSub,
        signature: Option<&str>,
        body: &[u8],
        received_at: Timestamp,
    ) -> Result<(), Refusal> {
        let opened = CallBack::open(call_back, &websub.key);
        let opened = opened.filter(|_| call_back == self.call_back).ok_or(Refusal::CallBack)?;
        let until = self.until.ok_or(Refusal::Late)?;
        if received_at > until.plus_millis(GRACE_MS) {
            return Err(Refusal::Late);
        }
        let is_signed = opened.is_signed(&websub.key, signature, body);
        if is_signed { Ok(()) } else { Err(Refusal::Signature) }
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
mod tests;
