//! Any bytes as a robots.txt and a path: no panic, robots.txt itself always may be asked for, and
//! the answer does not depend on the line ends.
#![no_main]

use fetcher::robots_allow;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (path, body) = data.split_at(data.len().min(usize::from(data.first().copied().unwrap_or(0) % 64)));
    let url = format!("https://example.org/{}", String::from_utf8_lossy(path));
    let allowed = robots_allow(body, "newswire", &url);
    assert!(robots_allow(body, "newswire", "https://example.org/robots.txt"));
    let other_ends: Vec<u8> =
        body.iter().map(|byte| if *byte == b'\n' { b'\r' } else { *byte }).collect();
    assert_eq!(robots_allow(&other_ends, "newswire", &url), allowed);
});
