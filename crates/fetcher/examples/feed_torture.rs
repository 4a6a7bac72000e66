//! Damages every document of the corpora in many ways and checks what must hold all the same:
//! `cargo run --release -p fetcher --example feed_torture`.
//!
//! Cut off anywhere, a feed keeps every entry that came through whole, with its title; in another
//! charset it is the same feed; with bytes damaged it neither panics nor takes long.
#![expect(clippy::print_stdout, reason = "a measuring tool prints")]

#[path = "../tests/feed_score/mod.rs"]
#[expect(dead_code, reason = "the scores are another tool's")]
mod feed_score;

use std::time::{Duration, Instant};

use feed_score::{Document, load};
use fetcher::feed::{FeedInput, ParsedFeed, parse_feed};

/// Cuts of a document that is too large for one at every byte.
const MOST_CUTS: usize = 200;
const DAMAGES: usize = 100;
/// Larger documents say nothing new and take long.
const LARGEST: usize = 400_000;

#[derive(Default)]
struct Tally {
    readings: usize,
    slowest: Duration,
    faults: Vec<String>,
}

impl Tally {
    fn read(&mut self, what: &str, body: &[u8], content_type: Option<&str>) -> ParsedFeed {
        let start = Instant::now();
        let url = Some("https://example.org/feed");
        let parsed = parse_feed(&FeedInput { body, url, content_type });
        let took = start.elapsed();
        self.readings += 1;
        self.slowest = self.slowest.max(took);
        if took > Duration::from_secs(1) {
            self.faults.push(format!("{what}: took {took:?}"));
        }
        match parsed {
            Ok(feed) => feed,
            Err(error) => {
                if error.to_string().contains("panicked") {
                    self.faults.push(format!("{what}: panicked"));
                }
                ParsedFeed::default()
            }
        }
    }
}

fn main() -> anyhow::Result<()> {
    let mut tally = Tally::default();
    for set in ["real", "feedparser"] {
        for document in load(set)? {
            if document.body.len() > LARGEST {
                continue;
            }
            let input = document.input();
            let whole = tally.read(&document.file, input.body, input.content_type);
            cut(&document, &whole, &mut tally);
            in_other_charsets(&document, &whole, &mut tally);
            damage(&document, &mut tally);
        }
        println!("{set}: {} readings so far, slowest {:?}", tally.readings, tally.slowest);
    }
    for fault in &tally.faults {
        println!("  {fault}");
    }
    println!("{} faults", tally.faults.len());
    Ok(())
}

/// Cut off anywhere: all but the last entry are as they were, and none is missing that was closed.
fn cut(document: &Document, whole: &ParsedFeed, tally: &mut Tally) {
    let body = &document.body;
    let ends = ends_of_entries(body);
    // Only where the end tags tell where the entries end.
    let are_known = ends.len() == whole.entries.len();
    let step = (body.len() / MOST_CUTS).max(1);
    for end in (0..body.len()).step_by(step) {
        let what = format!("{} cut at {end}", document.file);
        let input = document.input();
        let feed = tally.read(&what, &body[..end], input.content_type);
        if !are_known {
            continue;
        }
        let closed = ends.iter().filter(|place| **place <= end).count();
        if feed.entries.len() < closed {
            tally.faults.push(format!("{what}: {} of {closed} entries", feed.entries.len()));
            continue;
        }
        for (entry, wanted) in feed.entries.iter().zip(&whole.entries).take(closed) {
            if entry.title != wanted.title || entry.link != wanted.link {
                let (was, is) = (&wanted.title, &entry.title);
                tally.faults.push(format!("{what}: {was:?} became {is:?}, or its link changed"));
                break;
            }
        }
    }
}

/// Where entries are closed.
fn ends_of_entries(body: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    for tag in [&b"</item>"[..], b"</entry>"] {
        let places = body.windows(tag.len()).enumerate().filter(|(_, window)| *window == tag);
        ends.extend(places.map(|(at, _)| at + tag.len()));
    }
    ends.sort_unstable();
    ends
}

/// The same text in other charsets is the same feed, whatever its declaration still says.
fn in_other_charsets(document: &Document, whole: &ParsedFeed, tally: &mut Tally) {
    let Ok(text) = std::str::from_utf8(&document.body) else { return };
    if whole.entries.is_empty() || document.input().content_type.is_some() {
        return;
    }
    let text = text.trim_start_matches('\u{feff}');
    let bytes = |mark: &[u8], units: &mut dyn Iterator<Item = u8>| -> Vec<u8> {
        mark.iter().copied().chain(units).collect()
    };
    let big = || text.encode_utf16().flat_map(u16::to_be_bytes);
    let little = || text.encode_utf16().flat_map(u16::to_le_bytes);
    let mut variants = vec![
        ("utf-8 with a mark", bytes(b"\xef\xbb\xbf", &mut text.bytes()), None),
        ("utf-8 with blanks before", bytes(b" \r\n\t", &mut text.bytes()), None),
        ("utf-16be with a mark", bytes(b"\xfe\xff", &mut big()), None),
        ("utf-16le with a mark", bytes(b"\xff\xfe", &mut little()), None),
        (
            "utf-32le with a mark",
            bytes(b"\xff\xfe\0\0", &mut text.chars().flat_map(|c| (c as u32).to_le_bytes())),
            None,
        ),
        ("a lie in the header", text.as_bytes().to_vec(), Some("text/xml; charset=iso-8859-1")),
    ];
    if text.starts_with('<') {
        variants.push(("utf-16le without a mark", bytes(b"", &mut little()), None));
        variants.push(("utf-16be without a mark", bytes(b"", &mut big()), None));
    }
    if text.chars().all(|c| (c as u32) < 0x100 && !(0x80..0xa0).contains(&(c as u32))) {
        let latin = text.chars().map(|c| c as u8).collect();
        variants.push(("latin-1 by the header", latin, Some("text/xml; charset=iso-8859-1")));
    }
    for (name, body, content_type) in variants {
        let what = format!("{} as {name}", document.file);
        let feed = tally.read(&what, &body, content_type);
        let titles = |feed: &ParsedFeed| -> Vec<Option<String>> {
            feed.entries.iter().map(|entry| entry.title.clone()).collect()
        };
        if titles(&feed) != titles(whole) {
            tally.faults.push(format!("{what}: other titles"));
        }
    }
}

/// Bytes replaced here and there, by a fixed sequence of numbers.
fn damage(document: &Document, tally: &mut Tally) {
    let mut number: u64 = document.body.len() as u64;
    let mut next = |below: usize| {
        number =
            number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (number >> 33) as usize % below.max(1)
    };
    for round in 0..DAMAGES {
        let mut body = document.body.clone();
        for _ in 0..=round % 5 {
            let at = next(body.len());
            if let Some(byte) = body.get_mut(at) {
                *byte = [0, b'<', b'>', b'&', b'"', b'/', b']', 0x80, 0xff, b';'][next(10)];
            }
        }
        tally.read(&format!("{} damaged {round}", document.file), &body, None);
    }
}
