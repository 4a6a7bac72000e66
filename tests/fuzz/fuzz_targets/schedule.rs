//! Any answer to a first poll (status, headers, a blank line, a body): the next poll lies within
//! the bounds and has a reason.
#![no_main]

use std::time::Duration;

use events::{Subscription, Timestamp};
use fetcher::{Settings, preview};
use libfuzzer_sys::fuzz_target;
use stage::Answer;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
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
    let now = Timestamp::from_secs(1_764_000_000);
    let subscription = Subscription { url, ..Subscription::default() };
    let shown = preview(&subscription, &Ok(answer), &Settings::default(), now);
    let status = shown.status.expect("a record that was just written can be read");
    let wait = status.next_at.expect("not paused").millis_since(now);
    assert!(wait >= 0 && wait <= 40 * 24 * 3_600_000, "{wait} {}", status.why);
    assert!(status.interval >= Duration::from_secs(300) && status.interval <= Duration::from_secs(86_400));
    assert!(!status.why.is_empty());
});
