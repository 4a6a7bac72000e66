//! Stories a second and memory with a full window: `cargo run --release -p publisher --example bench
//! [STORIES]` (default 200,000). Invented texts of 250 to 500 words by Zipf's law, events of one to
//! forty stories, one in ten a copy (in turn word for word, cut to two fifths, and framed by words of
//! the outlet's own), all under new titles; all arrive within the window.
//!
//! Times are those this thread spent on a processor, as Linux counts them, so that other work on
//! the machine does not count (it still takes caches away). Copies and groups are scored against
//! the truth, to see that speed was not bought with blindness.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for developers")]

use std::collections::HashMap;
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

/// Seconds this thread has spent on a processor; wall time where the system does not say.
fn busy(start: Instant) -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = stat.split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok());
    spent.map_or_else(|| start.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

/// B-Cubed F1 of groups as first said.
fn b_cubed(pairs: &[(u64, String)]) -> f64 {
    let mut of_truth: HashMap<u64, f64> = HashMap::new();
    let mut of_found: HashMap<&str, f64> = HashMap::new();
    let mut of_both: HashMap<(u64, &str), f64> = HashMap::new();
    for (truth, found) in pairs {
        *of_truth.entry(*truth).or_default() += 1.0;
        *of_found.entry(found).or_default() += 1.0;
        *of_both.entry((*truth, found)).or_default() += 1.0;
    }
    let (mut precision, mut recall) = (0.0, 0.0);
    for ((truth, found), both) in &of_both {
        precision += both * both / of_found[found];
        recall += both * both / of_truth[truth];
    }
    2.0 * precision * recall / (precision + recall) / pairs.len() as f64
}

fn main() {
    let stories: u64 = std::env::args().nth(1).map_or(200_000, |count| count.parse().unwrap());
    let mut random = Random(7);
    let settings = Settings { max_stories: stories as usize + 1, ..Settings::default() };
    let mut engine = Engine::new(settings.clone());
    let mut state = MemoryState::default();
    // All within six days, so that nothing leaves the window.
    let step = 6 * 24 * 3_600_000 / stories as i64;
    let before = memory();
    let began = Instant::now();
    let mut last = (String::new(), 0);
    let (mut spent, mut reported) = (0.0, 0.0);
    let (mut counted, mut next_report) = (0u64, 1000u64);
    let (mut copies, mut found, mut wrong) = (0u64, 0u64, 0u64);
    let mut placed: Vec<(u64, String)> = Vec::new();
    let mut truth_bytes = 0;
    let mut events_open: Vec<u64> = Vec::new();
    for index in 0..stories {
        let is_copy = index % 10 == 9;
        let event = if is_copy {
            last.1
        } else if events_open.is_empty() || random.below(3) == 0 {
            events_open.push(index);
            index
        } else {
            let recent = events_open.len().saturating_sub(400);
            events_open[recent + random.below((events_open.len() - recent) as u64) as usize]
        };
        let body = if is_copy {
            match index % 30 {
                9 => last.0.clone(),
                19 => last.0.chars().take(last.0.len() * 2 / 5).collect(),
                _ => format!(
                    "{}\n\n{}",
                    text(&mut random, event).chars().take(300).collect::<String>(),
                    last.0
                ),
            }
        } else {
            last = (text(&mut random, event), event);
            last.0.clone()
        };
        let title = format!(
            "Name{event}x0 topic{event}x{} w{} w{}",
            random.below(12),
            random.word(),
            random.word()
        );
        let article = article(index, title, body, step);
        let start = busy(began);
        let output = engine.take(&article, &mut state).unwrap();
        spent += busy(began) - start;
        for story in &output.stories {
            let is_marked = story.event.duplicate_of.id.is_some();
            copies += u64::from(is_copy);
            found += u64::from(is_copy && is_marked);
            wrong += u64::from(!is_copy && is_marked);
            let group = story.event.story_group.id.clone().unwrap();
            truth_bytes += 16 + 24 + 32;
            placed.push((event, group));
        }
        if index + 1 == next_report || index + 1 == stories {
            let since = spent - reported;
            let bytes = memory().saturating_sub(before).saturating_sub(truth_bytes);
            println!(
                "{:>9} stories  {:>8.0}/s over all  {:>6.3} ms a story lately  {:>6.0} bytes a story  copies found {found} of {copies}, wrong {wrong}  groups B3 F1 {:.3}",
                index + 1,
                (index + 1) as f64 / spent,
                since * 1000.0 / (index + 1 - counted).max(1) as f64,
                bytes as f64 / (index + 1) as f64,
                b_cubed(&placed),
            );
            reported = spent;
            counted = index + 1;
            next_report *= 10;
        }
    }
    let mut kinds: Vec<(String, u64, u64)> = Vec::new();
    for (key, value) in state.iter() {
        let kind = key.split('/').next().unwrap().to_owned();
        if kinds.last().is_none_or(|last| last.0 != kind) {
            kinds.push((kind, 0, 0));
        }
        let last = kinds.last_mut().unwrap();
        last.1 += 1;
        last.2 += (key.len() + value.len()) as u64;
    }
    for (kind, records, bytes) in kinds {
        println!("state {kind:6} {records:>8} records {:>6} bytes a story", bytes / stories);
    }
    let start = (Instant::now(), busy(began));
    let restored = Engine::restore(settings, state.iter()).unwrap();
    println!(
        "restore of {} stories: {:.1} s, {:.1} s of them on a processor",
        restored.stories_in_window(),
        start.0.elapsed().as_secs_f64(),
        busy(began) - start.1
    );
}
