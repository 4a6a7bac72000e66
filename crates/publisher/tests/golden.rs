//! State of version 1, as it was written when the format was fixed: later releases read it, and
//! notice when they would write another one. `NEWSWIRE_WRITE_GOLDEN=1` writes it anew; a difference is
//! a new version of the format, not a new golden file.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;
use std::path::PathBuf;

use events::{
    Article, ArticleContent, ArticleOutcome, Entry, EventKind, ExtractionSource, FeedRef,
    Timestamp, Withdraw,
};
use publisher::{Engine, MemoryState, Output, Records, Settings};

/// 2025-12-02T13:05:00Z
const START: i64 = 1_764_680_700_000;

fn article(minute: i64, url: &str, title: &str, text: &str) -> Article {
    let at = Timestamp::from_millis(START + minute * 60_000);
    let feed = events::feed_id("https://example.org/feed");
    Article::Entry {
        entry: Box::new(Entry {
            id: events::entry_id(&feed, url),
            revision: 1 + minute as u32,
            feed: FeedRef {
                id: feed,
                url: "https://example.org/feed".to_owned(),
                title: Some("Example".to_owned()),
                ..FeedRef::default()
            },
            link: Some(url.to_owned()),
            first_seen_at: at,
            seen_at: at,
            ..Entry::default()
        }),
        fetched_at: at,
        outcome: ArticleOutcome::Article {
            url: Some(url.to_owned()),
            source: ExtractionSource::Page,
            extractor: "1".to_owned(),
            content: Box::new(ArticleContent {
                title: Some(title.to_owned()),
                text: text.to_owned(),
                language: Some("en".to_owned()),
                published_at: Some(at),
                complete: true,
                confidence: 0.9,
                words: text.split_whitespace().count() as u32,
                ..ArticleContent::default()
            }),
        },
    }
}

const FERRY: &str = "The ferry Aurelia ran aground off Skarholm on Tuesday evening with 214 people on \
board, the coast guard said. All passengers were brought to safety by midnight, and two were treated \
for light injuries. Divers will look at the hull once the wind has dropped, a spokesman said.";

/// A small past: a story, its copy under another title, another day's column, a withdrawal.
fn past() -> Vec<Article> {
    let at = Timestamp::from_millis(START + 5 * 60_000);
    vec![
        article(0, "https://example.org/ferry-aground-1", "Ferry aground", FERRY),
        article(1, "https://m.other.example/x-y-z?utm_source=a", "All safe", FERRY),
        article(2, "https://example.org/column-day-2", "The strike, day 2", "Nothing new today."),
        Article::Withdraw(Withdraw {
            id: None,
            url: Some("https://example.org/column-day-2".to_owned()),
            reason: "court order".to_owned(),
            at,
        }),
    ]
}

fn take(engine: &mut Engine, state: &mut MemoryState, article: &Article) -> Output {
    engine.take(article, state).unwrap()
}

fn spelled(state: &MemoryState) -> String {
    let mut text = String::new();
    for (key, value) in state.iter() {
        let hex: String = value.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let _ = writeln!(text, "{key}\t{hex}");
    }
    text
}

fn golden() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/state.v1.tsv");
    if std::env::var_os("NEWSWIRE_WRITE_GOLDEN").is_some() {
        let (mut engine, mut state) = (Engine::new(Settings::default()), MemoryState::default());
        for article in past() {
            take(&mut engine, &mut state, &article);
        }
        std::fs::write(&path, spelled(&state)).unwrap();
    }
    std::fs::read_to_string(path).unwrap()
}

fn state_of(golden: &str) -> MemoryState {
    let mut state = MemoryState::default();
    for line in golden.lines() {
        let (key, hex) = line.split_once('\t').unwrap();
        let digits = hex.as_bytes().chunks(2);
        let value = digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        state.put(key, Some(value));
    }
    state
}

#[test]
fn state_of_version_1_is_read_and_still_written_so() {
    let golden = golden();
    let mut state = state_of(&golden);
    let mut engine = Engine::restore(Settings::default(), state.iter()).unwrap();
    assert_eq!(engine.stories_in_window(), 3);

    let (mut anew, mut written) = (Engine::new(Settings::default()), MemoryState::default());
    for article in past() {
        take(&mut anew, &mut written, &article);
    }
    assert_eq!(spelled(&written), golden, "the format of version 1 has changed");

    // What it remembers is of use: a version, a copy, a withdrawal that holds.
    let changed = FERRY.replace("two were", "three were");
    let next = article(9, "https://example.org/ferry-aground-1", "Ferry aground", &changed);
    let event = take(&mut engine, &mut state, &next).stories.remove(0).event;
    assert_eq!((event.event, event.version), (EventKind::Updated, 2));
    assert_eq!((event.changes.added.len(), event.changes.removed.len()), (1, 1));
    assert_eq!(event.story_group.size, 2);
    let copy = article(10, "https://third.example/q", "Ferry accident", FERRY);
    let event = take(&mut engine, &mut state, &copy).stories.remove(0).event;
    assert!(event.duplicate_of.id.is_some());
    let back = article(11, "https://example.org/column-day-2", "The strike, day 2", "Much is new.");
    assert!(take(&mut engine, &mut state, &back).stories.is_empty());
}
