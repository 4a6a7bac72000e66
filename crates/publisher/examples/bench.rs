//! Stories a second and memory with a full window: `cargo run --release -p publisher --example bench
//! [STORIES]` (default 200,000). Invented texts of 250 to 500 words by Zipf's law, events of one to
//! forty stories, one in ten a copy; all arrive within the window.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for developers")]

use std::fmt::Write as _;
use std::time::Instant;

use events::{
    Article, ArticleContent, ArticleOutcome, Entry, ExtractionSource, FeedRef, Timestamp,
};
use publisher::{Engine, MemoryState, Settings};

/// SplitMix64: the same texts on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A word of a vocabulary of 300,000 by Zipf's law, roughly: ranks spread evenly by logarithm.
    fn word(&mut self) -> u64 {
        let share = self.below(1 << 20) as f64 / f64::from(1u32 << 20);
        (300_000f64.powf(share)) as u64
    }
}

fn text(random: &mut Random, event: u64) -> String {
    let mut text = String::new();
    let words = 250 + random.below(250);
    for index in 0..words {
        if index % 18 == 0 {
            text.push_str(if index % 90 == 0 { "\n\nThe " } else { ". The " });
        }
        // One word in seven belongs to the event, half of those are names.
        match random.below(14) {
            0 => write!(text, "Name{event}x{} ", random.below(8)).unwrap(),
            1 => write!(text, "topic{event}x{} ", random.below(12)).unwrap(),
            _ => write!(text, "w{} ", random.word()).unwrap(),
        }
    }
    text
}

fn article(index: u64, title: String, text: String, step: i64) -> Article {
    let time = Timestamp::from_millis(1_764_680_700_000 + step * index as i64);
    let url =
        format!("https://www.outlet{}.example/2025/12/02/the-story-number-{index}", index % 500);
    Article::Entry {
        entry: Box::new(Entry {
            id: events::hash_id(&url),
            revision: 1,
            feed: FeedRef {
                id: events::feed_id(&format!("feed {}", index % 500)),
                url: format!("https://www.outlet{}.example/feed.xml", index % 500),
                ..FeedRef::default()
            },
            link: Some(url.clone()),
            first_seen_at: time,
            seen_at: time,
            ..Entry::default()
        }),
        fetched_at: time,
        outcome: ArticleOutcome::Article {
            url: Some(url),
            source: ExtractionSource::Page,
            extractor: "bench".to_owned(),
            content: Box::new(ArticleContent {
                title: Some(title),
                words: 300,
                text,
                language: Some("en".to_owned()),
                published_at: Some(time),
                complete: true,
                confidence: 1.0,
                ..ArticleContent::default()
            }),
        },
    }
}

/// Resident memory in bytes.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn main() {
    let stories: u64 = std::env::args().nth(1).map_or(200_000, |count| count.parse().unwrap());
    let mut random = Random(7);
    let mut engine =
        Engine::new(Settings { max_stories: stories as usize + 1, ..Settings::default() });
    let mut state = MemoryState::default();
    // All within six days, so that nothing leaves the window.
    let step = 6 * 24 * 3_600_000 / stories as i64;
    let before = memory();
    let mut last = String::new();
    let (mut spent, mut reported) = (0.0, 0.0);
    let (mut copies, mut groups, mut counted, mut next_report) = (0u64, 0u64, 0u64, 1000u64);
    let mut events_open: Vec<u64> = Vec::new();
    for index in 0..stories {
        let event = if events_open.is_empty() || random.below(3) == 0 {
            events_open.push(index);
            index
        } else {
            let recent = events_open.len().saturating_sub(400);
            events_open[recent + random.below((events_open.len() - recent) as u64) as usize]
        };
        if index % 10 != 9 {
            last = text(&mut random, event);
        }
        let title = format!(
            "Name{event}x0 topic{event}x{} w{} w{}",
            random.below(12),
            random.word(),
            random.word()
        );
        let article = article(index, title, last.clone(), step);
        let start = Instant::now();
        let output = engine.take(&article, &mut state).unwrap();
        spent += start.elapsed().as_secs_f64();
        for story in &output.stories {
            copies += u64::from(story.event.duplicate_of.id.is_some());
            groups += u64::from(story.event.story_group.opened);
        }
        if index + 1 == next_report || index + 1 == stories {
            let since = spent - reported;
            let bytes = memory().saturating_sub(before);
            println!(
                "{:>9} stories  {:>8.0}/s over all  {:>6.3} ms a story lately  {:>6.0} bytes a story  {copies} copies  {groups} groups",
                index + 1,
                (index + 1) as f64 / spent,
                since * 1000.0 / (index + 1 - counted).max(1) as f64,
                bytes as f64 / (index + 1) as f64,
            );
            reported = spent;
            counted = index + 1;
            next_report *= 10;
        }
    }
    let start = Instant::now();
    let restored = Engine::restore(Settings::default(), state.iter()).unwrap();
    println!(
        "restore of {} stories: {:.1} s",
        restored.stories_in_window(),
        start.elapsed().as_secs_f64()
    );
}
