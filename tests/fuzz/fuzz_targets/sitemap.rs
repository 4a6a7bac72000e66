//! Any bytes inside a sitemap or an index of them.
#![no_main]

use fetcher::feed::{FeedFormat, FeedInput, parse_feed, sitemaps_of_robots};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let root = if data.first().is_some_and(|byte| byte & 1 == 1) { "sitemapindex" } else { "urlset" };
    let mut body = format!("<{root}>").into_bytes();
    body.extend_from_slice(data);
    let url = Some("https://example.org/sitemap.xml");
    let input = FeedInput { body: &body, url, content_type: None };
    if let Ok(feed) = parse_feed(&input) {
        if matches!(feed.format, FeedFormat::Sitemap | FeedFormat::SitemapIndex) {
            assert!(feed.entries.iter().all(|entry| entry.link.is_some()));
        }
    }
    for url in sitemaps_of_robots(data, "https://example.org/robots.txt") {
        assert!(url.starts_with("http"), "{url}");
    }
});
