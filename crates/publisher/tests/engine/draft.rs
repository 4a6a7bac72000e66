//! What the tests of the engine share: a publisher with its state, and articles as a test describes
//! them.

use events::{
    Article, ArticleContent, ArticleOutcome, Entry, ExtractionSource, Fate, FeedRef, SkipReason,
    StoryEvent, Timestamp,
};
use publisher::{Engine, MemoryState, Output, Settings};

pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const DAY: i64 = 24 * HOUR;
/// 2025-12-02T13:05:00Z
pub(crate) const START: i64 = 1_764_680_700_000;

/// The publisher with its state.
pub(crate) struct Publisher {
    pub(crate) engine: Engine,
    pub(crate) state: MemoryState,
    pub(crate) settings: Settings,
}

impl Publisher {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { engine: Engine::new(settings.clone()), state: MemoryState::default(), settings }
    }

    pub(crate) fn restart(&mut self) {
        self.engine = Engine::restore(self.settings.clone(), self.state.iter()).unwrap();
    }

    pub(crate) fn take(&mut self, article: &Article) -> Output {
        self.engine.take(article, &mut self.state).unwrap()
    }

    pub(crate) fn one(&mut self, article: &Article) -> StoryEvent {
        let output = self.take(article);
        assert_eq!(output.stories.len(), 1, "{:?}", output.fate);
        output.stories.into_iter().next().unwrap().event
    }

    pub(crate) fn fate(&mut self, article: &Article) -> Fate {
        let output = self.take(article);
        assert!(output.stories.is_empty());
        output.fate.unwrap().1
    }
}

/// An article as a test describes it.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) feed: &'static str,
    pub(crate) feed_title: Option<&'static str>,
    pub(crate) guid: String,
    pub(crate) revision: u32,
    pub(crate) url: Option<String>,
    pub(crate) canonical: Option<String>,
    pub(crate) title: String,
    pub(crate) text: String,
    /// When it was seen and fetched: so many hours and minutes after [`START`].
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) published: Option<i64>,
    pub(crate) source: ExtractionSource,
    pub(crate) complete: bool,
    pub(crate) shares_link: bool,
    pub(crate) language: &'static str,
}

pub(crate) fn draft(url: &str, title: &str, text: &str) -> Draft {
    Draft {
        feed: "https://example.org/feed",
        feed_title: None,
        guid: url.to_owned(),
        revision: 1,
        url: Some(url.to_owned()),
        canonical: None,
        title: title.to_owned(),
        text: text.to_owned(),
        hour: 0,
        minute: 0,
        published: None,
        source: ExtractionSource::Page,
        complete: true,
        shares_link: false,
        language: "en",
    }
}

impl Draft {
    pub(crate) fn at(&self) -> Timestamp {
        Timestamp::from_millis(START + self.hour * HOUR + self.minute * 60_000)
    }

    pub(crate) fn entry(&self) -> Entry {
        let feed = events::feed_id(self.feed);
        let seen = self.at();
        Entry {
            id: events::entry_id(&feed, &self.guid),
            revision: self.revision,
            feed: FeedRef {
                id: feed,
                url: self.feed.to_owned(),
                title: self.feed_title.map(str::to_owned),
                ..FeedRef::default()
            },
            link: self.url.clone(),
            shares_link: self.shares_link,
            first_seen_at: seen,
            seen_at: seen,
            ..Entry::default()
        }
    }

    pub(crate) fn with(&self, outcome: ArticleOutcome) -> Article {
        Article::Entry { entry: Box::new(self.entry()), fetched_at: self.at(), outcome }
    }

    pub(crate) fn article(&self) -> Article {
        self.with(ArticleOutcome::Article {
            url: self.url.clone(),
            source: self.source,
            extractor: "1".to_owned(),
            content: Box::new(ArticleContent {
                title: Some(self.title.clone()),
                text: self.text.clone(),
                language: Some(self.language.to_owned()),
                canonical: self.canonical.clone(),
                published_at: self.published.map(Timestamp::from_millis),
                complete: self.complete,
                confidence: 0.9,
                words: self.text.split_whitespace().count() as u32,
                ..ArticleContent::default()
            }),
        })
    }

    pub(crate) fn skipped(&self, reason: SkipReason) -> Article {
        self.with(ArticleOutcome::Skipped { reason, detail: String::new() })
    }
}

pub(crate) const FERRY: &str = "The ferry Aurelia ran aground off Skarholm on Tuesday evening with 214 people on board, \
the coast guard said. All passengers were brought to safety by midnight, and two were treated for light injuries. \
Divers will look at the hull once the wind has dropped, a spokesman for the shipping line told reporters.\n\n\
The Aurelia has crossed the sound four times a day since 1998. The harbour master of Skarholm said the channel \
had been dredged in spring and was open to other ships.";

pub(crate) const COURT: &str = "A court in Velmora has lifted the ban on night flights that the city council passed in March. \
The judges held that residents had not been heard before the vote. The council may appeal within a month.";
