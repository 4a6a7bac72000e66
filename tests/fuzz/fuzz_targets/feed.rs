//! Any bytes as a feed: no panic, and what comes out keeps its promises.
#![no_main]

use fetcher::feed::{FeedInput, MAX_ENTRIES, feed_links, parse_feed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (content_type, body) = match data.split_first() {
        Some((1, body)) => (Some("text/xml; charset=iso-8859-1"), body),
        Some((2, body)) => (Some("application/xml; charset=utf-16"), body),
        Some((3, body)) => (Some("x; charset=\"shift_jis\""), body),
        _ => (None, data),
    };
    let url = Some("https://example.org/feeds/news.xml");
    let input = FeedInput { body, url, content_type };
    let _ = feed_links(body, content_type, "https://example.org/");
    let Ok(feed) = parse_feed(&input) else { return };
    assert!(feed.entries.len() <= MAX_ENTRIES);
    for entry in &feed.entries {
        if let Some(title) = &entry.title {
            assert!(!title.trim().is_empty() && !title.contains('\n'), "{title:?}");
        }
        if let Some(link) = &entry.link {
            assert!(link.contains("://"), "{link}");
        }
        let _ = (entry.identity(), entry.keys(), entry.fingerprint());
    }
    // The same bytes are the same feed.
    assert_eq!(parse_feed(&input).as_ref(), Ok(&feed));
});
