//! Replays the checked-in inputs of the fuzz targets `url` and `articles` (tests/fuzz), and worse ones
//! made of them: cut off and damaged at every character. No panic, the same bytes after every restart.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use events::{
    Article, ArticleContent, ArticleOutcome, Entry, ExtractionSource, FeedRef, Timestamp,
    canonical_url, story_url, twin_urls,
};
use publisher::{Engine, MemoryState, Settings};

fn inputs(target: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// The input cut off at a character, and with that character replaced.
fn worse(input: &str) -> impl Iterator<Item = String> + '_ {
    input.char_indices().flat_map(move |(at, character)| {
        let rest = &input[at + character.len_utf8()..];
        let other = ['\u{0}', '/', '%', '?', '\n', '\u{c}', 'é', '東'][at % 8];
        [input[..at].to_owned(), format!("{}{other}{rest}", &input[..at])]
    })
}

#[test]
fn damaged_urls_are_still_their_own_canonical_form() {
    for input in inputs("url") {
        for text in std::iter::once(input.clone()).chain(worse(&input)) {
            let (url, stated) = text.split_once('\n').unwrap_or((&text, ""));
            for found in [canonical_url(url), story_url(url, Some(stated))].into_iter().flatten() {
                assert_eq!(canonical_url(&found).as_deref(), Some(found.as_str()), "{url}");
                let _ = twin_urls(&found);
            }
        }
    }
}

fn article(index: u32, part: &str) -> Article {
    let mut lines = part.splitn(3, '\n');
    let url = lines.next().unwrap_or_default();
    let title = lines.next();
    let text = lines.next().unwrap_or_default();
    let at = Timestamp::from_millis(1_764_680_700_000 + i64::from(index) * 30_000_000);
    Article::Entry {
        entry: Box::new(Entry {
            id: events::hash_id(url),
            revision: index,
            feed: FeedRef { id: "feed".to_owned(), ..FeedRef::default() },
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
                title: title.map(str::to_owned),
                text: text.to_owned(),
                complete: true,
                ..ArticleContent::default()
            }),
        },
    }
}

#[test]
fn damaged_articles_go_through_and_a_restart_changes_nothing() {
    let settings = Settings { max_stories: 3, ..Settings::default() };
    for input in inputs("articles") {
        for text in std::iter::once(input.clone()).chain(worse(&input).step_by(7)) {
            let (mut steady, mut state) = (Engine::new(settings.clone()), MemoryState::default());
            let mut other = MemoryState::default();
            for (index, part) in text.split('\u{c}').enumerate() {
                let article = article(index as u32, part);
                steady.take(&article, &mut state).unwrap();
                let mut restarted = Engine::restore(settings.clone(), other.iter()).unwrap();
                restarted.take(&article, &mut other).unwrap();
                assert!(state == other, "{text}");
            }
        }
    }
}
