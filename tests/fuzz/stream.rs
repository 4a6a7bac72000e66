//! What the fuzz targets `url` and `articles` do with a text, shared with the ordinary test that
//! replays their corpus (crates/publisher/tests/engine/fuzz_corpus.rs).

use events::{
    Article, ArticleContent, ArticleOutcome, Entry, ExtractionSource, FeedRef, Timestamp,
    canonical_url, story_url, twin_urls,
};
use publisher::{Engine, MemoryState, Output, Settings};

/// Articles of one input at most.
const ARTICLES: usize = 12;

/// Two lines of any text as a URL and a rel=canonical: no panic, and what comes out is its own
/// canonical form.
pub(crate) fn urls(text: &str) {
    let (url, stated) = text.split_once('\n').unwrap_or((text, ""));
    for found in [canonical_url(url), story_url(url, Some(stated))].into_iter().flatten() {
        assert_eq!(canonical_url(&found).as_deref(), Some(found.as_str()), "{url}");
        let _ = twin_urls(&found);
    }
}

/// Any text as a stream of articles (divided by form feeds: URL, title and text, a line each and
/// the rest), into a publisher and into one that restarts before each: no panic, the same bytes.
pub(crate) fn articles(text: &str) {
    let settings = Settings { max_stories: 4, ..Settings::default() };
    let (mut steady, mut state) = (Engine::new(settings.clone()), MemoryState::default());
    let mut other = MemoryState::default();
    for (index, part) in text.split('\u{c}').take(ARTICLES).enumerate() {
        let article = article(index as u32, part);
        let output = steady.take(&article, &mut state).expect("state of our own");
        let mut restarted = Engine::restore(settings.clone(), other.iter()).expect("our own");
        let again = restarted.take(&article, &mut other).expect("state of our own");
        assert_eq!(bytes(&output), bytes(&again), "{text:?}");
        assert!(state == other, "{text:?}");
    }
}

fn bytes(output: &Output) -> Vec<Vec<u8>> {
    output.stories.iter().map(|story| story.value.clone()).collect()
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
                language: ["en", "de", "ja", ""].get(index as usize % 4).map(|l| (*l).to_owned()),
                complete: true,
                ..ArticleContent::default()
            }),
        },
    }
}
