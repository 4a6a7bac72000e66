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
        let segment = call_back.segment(&websub().key);
        lease.delivered(&segment, &websub(), signature, body, when)
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
fn a_hub_that_never_confirms_a_renewal_is_asked_ever_more_rarely() {
    let mut lease = active();
    let mut now = lease.next_at;
    let mut waits = Vec::new();
    for _ in 0..3 {
        assert!(lease.is_due(now));
        lease.ask("f", &call_back(), &websub(), now);
        lease.answered(&Ok(Answer { status: 202, ..Answer::default() }), now);
        assert!(!lease.is_due(lease.next_at));
        waits.push(lease.next_at.millis_since(now) / HOUR_MS);
        now = lease.next_at;
    }
    assert_eq!(waits, [3, 5, 9]);
}

#[test]
fn a_hub_without_https_is_told_no_secret() {
    let mut lease = wanted(None, &["http://hub.net/"]).unwrap();
    let fetch = lease.ask("f", &call_back(), &websub(), NOW);
    assert!(!fetch.form.iter().any(|(name, _)| name == "hub.secret"));
    let segment = call_back().at_hub("http://hub.net/").segment(&websub().key);
    assert_eq!(lease.call_back, segment);
    assert_eq!(lease.verified(&segment, TOPIC, Some(86_400), "f", at(1000)), Ok(()));
    let unsigned = lease.delivered(&segment, &websub(), None, b"<feed/>", at(2000));
    assert_eq!(unsigned, Err(Refusal::Signature));
    // A lease as it was kept before: with a secret, which is not told any more.
    lease.call_back = call_back().segment(&websub().key);
    let known = wanted(Some(lease.clone()), &["http://hub.net/"]).unwrap();
    assert_eq!(known, lease);
}

#[test]
fn a_lease_is_as_long_as_its_hub_says() {
    for (granted_s, hours) in [(12, 24), (86_400, 11)] {
        let mut lease = wanted(None, &["https://hub.net/"]).unwrap();
        lease.ask("f", &call_back(), &websub(), NOW);
        let segment = call_back().segment(&websub().key);
        lease.verified(&segment, TOPIC, Some(granted_s), "f", NOW).unwrap();
        let until = lease.until.unwrap().millis_since(NOW);
        assert_eq!(
            (until, lease.next_at.millis_since(NOW) / HOUR_MS),
            (granted_s as i64 * 1000, hours)
        );
    }
}

#[test]
fn a_renewal_that_fails_leaves_the_lease() {
    let mut lease = active();
    let now = lease.next_at;
    lease.ask("f", &call_back(), &websub(), now);
    lease.answered(&Ok(Answer { status: 503, ..Answer::default() }), now);
    assert_eq!(lease.stand, Stand::Active);
    assert_eq!(
        lease.delivered(
            &call_back().segment(&websub().key),
            &websub(),
            Some(&signed(b"x")),
            b"x",
            now
        ),
        Ok(())
    );
    let denied = lease.denied(&call_back().segment(&websub().key), TOPIC, None, now);
    assert_eq!((denied, lease.stand), (Ok(()), Stand::Denied));
}
