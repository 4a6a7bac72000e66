//! What a first poll must bring whatever a server says: shared by the fuzz target `schedule` and by
//! the test that replays its corpus.

use std::time::Duration;

use events::{Subscription, Timestamp};
use fetcher::{Settings, preview};
use stage::Answer;

/// Takes bytes for an answer (status, headers, a blank line, a body) to a first poll.
///
/// # Panics
/// Where the next poll is out of bounds, or has no reason.
pub(crate) fn check(bytes: &[u8]) {
    let now = Timestamp::from_secs(1_764_000_000);
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.trim().parse().ok()).unwrap_or(200);
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(n, v)| (n.trim().to_ascii_lowercase(), v.trim().to_owned()));
    let url = "https://example.org/f".to_owned();
    let answer = Answer {
        status,
        url: url.clone(),
        headers: headers.collect(),
        body: body.as_bytes().to_vec(),
        hops: Vec::new(),
    };
    let subscription = Subscription { url, ..Subscription::default() };
    let shown = preview(&subscription, &Ok(answer), &Settings::default(), now);
    let status = shown.status.expect("a record that was just written can be read");
    let wait = status.next_at.expect("not paused").millis_since(now);
    assert!((0..=40 * 24 * 3_600_000).contains(&wait), "{wait} {}: {text}", status.why);
    let bounds = Duration::from_secs(300)..=Duration::from_secs(86_400);
    assert!(bounds.contains(&status.interval), "{:?}: {text}", status.interval);
    assert!(!status.why.is_empty(), "{text}");
}
