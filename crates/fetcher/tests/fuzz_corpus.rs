//! Replays the checked-in inputs of the fuzz targets (tests/fuzz), and worse ones made of them:
//! cut off at every byte, with every byte damaged. No panic, and never long.

#[path = "../../../tests/fuzz/first_poll.rs"]
#[expect(clippy::expect_used, reason = "a check that cannot go on must say where")]
mod first_poll;

use std::path::{Path, PathBuf};

use fetcher::feed::{
    FeedInput, feed_links, parse_date, parse_feed, parse_opml, sitemaps_of_robots, write_opml,
};
use fetcher::robots_allow;

#[expect(clippy::unwrap_used, reason = "the inputs are part of the project")]
fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus").join(target);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
        .into_iter()
        .map(|file| (file.display().to_string(), std::fs::read(&file).unwrap()))
        .collect()
}

/// The input itself, cut off at every byte, and with each byte replaced by one of a few that mean
/// something.
fn worse(input: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let cut = (0..=input.len()).map(|end| input[..end].to_vec());
    let damaged = (0..input.len()).map(|at| {
        let mut bytes = input.to_vec();
        bytes[at] = [0, b'<', b'>', b'&', b'"', b'\'', b'{', 0x80, 0xff][at % 9];
        bytes
    });
    cut.chain(damaged)
}

fn read_feed(body: &[u8]) -> Option<fetcher::feed::ParsedFeed> {
    let input = FeedInput { body, url: Some("https://example.org/f"), content_type: None };
    match parse_feed(&input) {
        Ok(feed) => Some(feed),
        // Panics are contained, and told like this.
        Err(error) => {
            assert!(!error.to_string().contains("panicked"), "{}", String::from_utf8_lossy(body));
            None
        }
    }
}

#[test]
fn damaged_feeds_never_panic_and_lose_no_title_in_silence() {
    for (name, input) in inputs("feed") {
        let whole = read_feed(&input).unwrap_or_default();
        for body in worse(&input) {
            let Some(feed) = read_feed(&body) else { continue };
            for entry in &feed.entries {
                let link = entry.link.as_deref().unwrap_or("https://example.org/");
                assert!(link.contains("://"), "{link}");
                let _ = (entry.identity(), entry.keys(), entry.fingerprint());
            }
            let _ = feed_links(&body, None, "https://example.org/");
        }
        // One bad byte in the middle of a title costs that byte, and is told.
        for (number, entry) in whole.entries.iter().enumerate() {
            let Some(title) = entry.title.as_deref().filter(|title| title.len() > 2) else {
                continue;
            };
            let Some(at) = find(&input, &title.as_bytes()[..3]) else { continue };
            for byte in [0xff, 0x08, 0xc3] {
                let mut body = input.clone();
                body[at + 1] = byte;
                let feed = read_feed(&body).unwrap();
                assert_eq!(feed.entries.len(), whole.entries.len(), "{name} {number} {byte:x}");
                assert!(feed.entries[number].title.is_some(), "{name} {number} {byte:x}");
            }
        }
    }
}

fn find(bytes: &[u8], piece: &[u8]) -> Option<usize> {
    bytes.windows(piece.len()).position(|window| window == piece)
}

#[test]
fn damaged_sitemaps_never_panic() {
    for (_, input) in inputs("sitemap") {
        for body in worse(&input) {
            for root in ["<urlset>", "<sitemapindex>"] {
                read_feed(&[root.as_bytes(), &body].concat());
            }
            sitemaps_of_robots(&body, "https://example.org/robots.txt");
        }
    }
}

#[test]
fn damaged_lists_never_panic_and_are_written_as_they_were_read() {
    for (_, input) in inputs("opml") {
        for body in worse(&input) {
            let Ok(feeds) = parse_opml(&body) else { continue };
            let written = write_opml("again", &feeds);
            assert_eq!(parse_opml(written.as_bytes()).as_ref(), Ok(&feeds), "{written}");
        }
    }
}

#[test]
fn damaged_dates_never_panic() {
    for (_, input) in inputs("date") {
        for body in worse(&input) {
            let text = String::from_utf8_lossy(&body);
            if let Some(moment) = parse_date(&text) {
                assert_eq!(parse_date(&moment.to_string()), Some(moment), "{text}");
            }
        }
    }
}

#[test]
fn damaged_robots_txts_never_panic_and_never_forbid_themselves() {
    for (_, input) in inputs("robots") {
        for body in worse(&input) {
            robots_allow(&body, "newswire", "https://example.org/private/open?a=b");
            assert!(robots_allow(&body, "newswire", "https://example.org/robots.txt"));
        }
    }
}

#[test]
fn whatever_a_server_says_the_next_poll_is_neither_too_soon_nor_never() {
    for (_, input) in inputs("schedule") {
        for bytes in worse(&input) {
            first_poll::check(&bytes);
        }
    }
}
