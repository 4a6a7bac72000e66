//! The publisher as a whole: articles in, events, groups and fates out, across restarts.

#![allow(clippy::unwrap_used, reason = "tests")]

use events::{
    Article, ArticleContent, ArticleOutcome, CopyKind, Entry, EventKind, ExtractionSource, Fate,
    FeedRef, SkipReason, StoryEvent, Timestamp, Withdraw,
};
use proptest::prelude::*;
use publisher::{Copies, Engine, MemoryState, Output, Settings, StateError, read_fate};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// 2025-12-02T13:05:00Z
const START: i64 = 1_764_680_700_000;

/// The publisher with its state, made anew before each article where `restarts` says so.
struct Publisher {
    engine: Engine,
    state: MemoryState,
    settings: Settings,
}

impl Publisher {
    fn new(settings: Settings) -> Self {
        Self { engine: Engine::new(settings.clone()), state: MemoryState::default(), settings }
    }

    fn restart(&mut self) {
        self.engine = Engine::restore(self.settings.clone(), self.state.iter()).unwrap();
    }

    fn take(&mut self, article: &Article) -> Output {
        self.engine.take(article, &mut self.state).unwrap()
    }

    fn one(&mut self, article: &Article) -> StoryEvent {
        let output = self.take(article);
        assert_eq!(output.stories.len(), 1, "{:?}", output.fate);
        output.stories.into_iter().next().unwrap().event
    }

    fn fate(&mut self, article: &Article) -> Fate {
        let output = self.take(article);
        assert!(output.stories.is_empty());
        output.fate.unwrap().1
    }
}

/// An article as a test describes it.
#[derive(Clone)]
struct Draft {
    feed: &'static str,
    guid: String,
    revision: u32,
    url: Option<String>,
    canonical: Option<String>,
    title: String,
    text: String,
    hour: i64,
    published: Option<i64>,
    source: ExtractionSource,
    complete: bool,
}

fn draft(url: &str, title: &str, text: &str) -> Draft {
    Draft {
        feed: "https://example.org/feed",
        guid: url.to_owned(),
        revision: 1,
        url: Some(url.to_owned()),
        canonical: None,
        title: title.to_owned(),
        text: text.to_owned(),
        hour: 0,
        published: None,
        source: ExtractionSource::Page,
        complete: true,
    }
}

impl Draft {
    fn entry(&self) -> Entry {
        let feed = events::feed_id(self.feed);
        let seen = Timestamp::from_millis(START + self.hour * HOUR);
        Entry {
            id: events::entry_id(&feed, &self.guid),
            revision: self.revision,
            feed: FeedRef { id: feed, url: self.feed.to_owned(), ..FeedRef::default() },
            link: self.url.clone(),
            first_seen_at: seen,
            seen_at: seen,
            ..Entry::default()
        }
    }

    fn with(&self, outcome: ArticleOutcome) -> Article {
        Article::Entry {
            entry: Box::new(self.entry()),
            fetched_at: Timestamp::from_millis(START + self.hour * HOUR),
            outcome,
        }
    }

    fn article(&self) -> Article {
        self.with(ArticleOutcome::Article {
            url: self.url.clone(),
            source: self.source,
            extractor: "1".to_owned(),
            content: Box::new(ArticleContent {
                title: Some(self.title.clone()),
                text: self.text.clone(),
                language: Some("en".to_owned()),
                canonical: self.canonical.clone(),
                published_at: self.published.map(Timestamp::from_millis),
                complete: self.complete,
                confidence: 0.9,
                words: self.text.split_whitespace().count() as u32,
                ..ArticleContent::default()
            }),
        })
    }

    fn skipped(&self, reason: SkipReason) -> Article {
        self.with(ArticleOutcome::Skipped { reason, detail: String::new() })
    }
}

const FERRY: &str = "The ferry Aurelia ran aground off Skarholm on Tuesday evening with 214 people on board, \
the coast guard said. All passengers were brought to safety by midnight, and two were treated for light injuries. \
Divers will look at the hull once the wind has dropped, a spokesman for the shipping line told reporters.\n\n\
The Aurelia has crossed the sound four times a day since 1998. The harbour master of Skarholm said the channel \
had been dredged in spring and was open to other ships.";

const COURT: &str = "A court in Velmora has lifted the ban on night flights that the city council passed in March. \
The judges held that residents had not been heard before the vote. The council may appeal within a month.";

#[test]
fn an_article_is_published_once_and_a_further_sighting_is_known() {
    let mut publisher = Publisher::new(Settings::default());
    let first =
        draft("https://example.org/news/ferry-aground-1?utm_source=rss", "Ferry aground", FERRY);
    let event = publisher.one(&first.article());
    assert_eq!((event.event, event.version), (EventKind::Published, 1));
    assert_eq!(event.url.as_deref(), Some("https://example.org/news/ferry-aground-1"));
    assert_eq!(event.id, events::story_id("https://example.org/news/ferry-aground-1"));
    assert_eq!(event.publisher.domain.as_deref(), Some("example.org"));
    assert!(event.story_group.opened);

    // the same record again: nothing at all
    let again = publisher.take(&first.article());
    assert!(again.fate.is_none() && again.stories.is_empty() && again.groups.is_empty());

    // another feed, tracking parameters and the AMP page
    let mut other =
        draft("https://example.org/news/ferry-aground-1/amp?fbclid=1", "Ferry aground", FERRY);
    other.feed = "https://example.org/all";
    assert_eq!(publisher.fate(&other.article()), Fate::Known { story: Some(event.id.clone()) });

    // the next version names both feeds
    let mut changed = first.clone();
    (changed.revision, changed.hour) = (2, 1);
    changed.text = FERRY.replace("two were treated", "three were treated");
    let update = publisher.one(&changed.article());
    assert_eq!((update.event, update.version), (EventKind::Updated, 2));
    assert_eq!(
        (update.changes.title, update.changes.added.len(), update.changes.removed.len()),
        (false, 1, 1)
    );
    assert_eq!(update.feeds.len(), 2);
    assert_eq!(update.story_group.id, event.story_group.id);
    assert_eq!(update.first_seen_at, event.first_seen_at);
}

#[test]
fn white_space_and_counters_make_no_version() {
    let mut publisher = Publisher::new(Settings::default());
    let first =
        draft("https://example.org/a-b-c", "Ferry aground", &format!("{FERRY}\n\n3 comments"));
    let story = publisher.one(&first.article()).id;
    let mut second = first.clone();
    second.revision = 2;
    second.text = format!("{}\n\n17 comments\n\nLast updated: 15:10", FERRY.replace(". ", ".  "));
    assert_eq!(publisher.fate(&second.article()), Fate::Known { story: Some(story) });
}

#[test]
fn a_page_replaces_what_the_feed_said_and_never_the_other_way_round() {
    let mut publisher = Publisher::new(Settings::default());
    let mut from_feed = draft("https://example.org/a-b-c", "Ferry aground", &FERRY[..180]);
    (from_feed.source, from_feed.complete) = (ExtractionSource::Feed, false);
    let event = publisher.one(&from_feed.article());
    assert_eq!(event.extraction.source, ExtractionSource::Feed);

    // another feed's cut of it
    let mut other_cut = from_feed.clone();
    (other_cut.feed, other_cut.text) = ("https://example.org/all", FERRY[..120].to_owned());
    assert_eq!(publisher.fate(&other_cut.article()), Fate::Known { story: Some(event.id.clone()) });

    let mut page = draft("https://example.org/a-b-c", "Ferry aground", FERRY);
    (page.revision, page.hour) = (2, 1);
    let update = publisher.one(&page.article());
    assert_eq!((update.version, update.extraction.source), (2, ExtractionSource::Page));

    let mut again = from_feed.clone();
    (again.revision, again.hour) = (3, 2);
    assert_eq!(publisher.fate(&again.article()), Fate::Known { story: Some(event.id) });
}

#[test]
fn a_story_that_is_gone_is_withdrawn_and_may_return() {
    let mut publisher = Publisher::new(Settings::default());
    let first = draft("https://example.org/a-b-c", "Ferry aground", FERRY);
    let story = publisher.one(&first.article()).id;
    let mut gone = first.clone();
    (gone.revision, gone.hour) = (2, 3);
    let event = publisher.one(&gone.skipped(SkipReason::Gone));
    assert_eq!(
        (event.event, event.version, event.id.clone()),
        (EventKind::Withdrawn, 2, story.clone())
    );
    assert_eq!((event.text, event.html), (None, None));
    assert_eq!(event.fetched_at.as_millis(), START + 3 * HOUR);
    assert_eq!(event.title.as_deref(), Some("Ferry aground"));

    gone.revision = 3;
    assert_eq!(
        publisher.fate(&gone.skipped(SkipReason::Gone)),
        Fate::Known { story: Some(story.clone()) }
    );
    gone.revision = 4;
    assert_eq!(
        publisher.fate(&gone.skipped(SkipReason::Network)),
        Fate::Known { story: Some(story) }
    );

    let mut back = first.clone();
    (back.revision, back.hour) = (5, 4);
    let event = publisher.one(&back.article());
    assert_eq!((event.event, event.version), (EventKind::Updated, 3));
}

#[test]
fn what_is_withdrawn_by_command_never_returns() {
    let mut publisher = Publisher::new(Settings::default());
    let first = draft("https://example.org/a-b-c", "Ferry aground", FERRY);
    let story = publisher.one(&first.article()).id;
    let command = Article::Withdraw(Withdraw {
        id: None,
        url: Some("http://example.org/a-b-c?utm_source=x".to_owned()),
        reason: "court order".to_owned(),
        at: Timestamp::from_millis(START + HOUR),
    });
    let output = publisher.take(&command);
    let event = &output.stories[0].event;
    assert_eq!((event.event, event.version, &event.id), (EventKind::Withdrawn, 2, &story));
    assert_eq!(event.fetched_at.as_millis(), START + HOUR);
    assert!(publisher.take(&command).stories.is_empty(), "a second command says nothing new");

    publisher.restart();
    let mut later = first.clone();
    (later.revision, later.hour) = (2, 24 * 200);
    assert_eq!(publisher.fate(&later.article()), Fate::Skipped { reason: SkipReason::Withdrawn });
    later.revision = 3;
    assert_eq!(
        publisher.fate(&later.skipped(SkipReason::Gone)),
        Fate::Skipped { reason: SkipReason::Withdrawn }
    );
}

#[test]
fn a_story_never_seen_can_be_kept_from_coming() {
    let mut publisher = Publisher::new(Settings::default());
    let url = "https://example.org/a-b-c";
    let command = Withdraw {
        id: Some(events::story_id(url)),
        url: None,
        reason: String::new(),
        at: Timestamp::from_millis(START),
    };
    assert!(publisher.take(&Article::Withdraw(command)).stories.is_empty());
    let fate = publisher.fate(&draft(url, "Ferry aground", FERRY).article());
    assert_eq!(fate, Fate::Skipped { reason: SkipReason::Withdrawn });
}

#[test]
fn every_outcome_has_its_fate() {
    let mut publisher = Publisher::new(Settings::default());
    let draft = draft("https://example.org/a-b-c", "Ferry aground", FERRY);
    let mut revision = 0;
    let mut next = || {
        revision += 1;
        Draft { revision, ..draft.clone() }
    };
    let to = "https://other.example/x".to_owned();
    assert_eq!(
        publisher.fate(&next().with(ArticleOutcome::Moved { to: to.clone() })),
        Fate::Moved { to }
    );
    assert_eq!(
        publisher.fate(&next().with(ArticleOutcome::Unchanged)),
        Fate::Known { story: None }
    );
    for reason in [SkipReason::Gone, SkipReason::Robots, SkipReason::NotAnArticle] {
        assert_eq!(publisher.fate(&next().skipped(reason)), Fate::Skipped { reason });
    }
    let old = Draft { published: Some(START - 91 * DAY), ..next() };
    assert_eq!(publisher.fate(&old.article()), Fate::Skipped { reason: SkipReason::TooOld });
    let story = publisher.one(&next().article()).id;
    assert_eq!(
        publisher.fate(&next().with(ArticleOutcome::Unchanged)),
        Fate::Known { story: Some(story.clone()) }
    );
    // too old, but known: it is what it was
    let old = Draft { published: Some(START - 91 * DAY), ..next() };
    assert_eq!(publisher.fate(&old.article()), Fate::Known { story: Some(story) });
    let fates: Vec<_> = publisher
        .state
        .scan("fate/")
        .map(|(key, value)| read_fate(key, value).unwrap().unwrap())
        .collect();
    assert_eq!(fates.len(), 9);
}

#[test]
fn a_story_larger_than_a_record_is_skipped_and_leaves_nothing() {
    let mut publisher = Publisher::new(Settings { max_value: 4000, ..Settings::default() });
    let large = draft("https://example.org/a-b-c", "Ferry aground", &FERRY.repeat(20));
    assert_eq!(publisher.fate(&large.article()), Fate::Skipped { reason: SkipReason::TooBig });
    assert_eq!(publisher.state.scan("story/").count() + publisher.state.scan("group/").count(), 0);
}

#[test]
fn copies_are_marked_join_the_group_and_can_be_dropped() {
    let original = draft("https://example.org/a-b-c", "Ferry aground", FERRY);
    let mut copy = draft("https://other.example/x-y-z", "All safe after ferry accident", FERRY);
    copy.hour = 1;
    let mut publisher = Publisher::new(Settings::default());
    let first = publisher.one(&original.article());
    let event = publisher.one(&copy.article());
    assert_eq!(event.duplicate_of.id.as_deref(), Some(first.id.as_str()));
    assert_eq!(event.duplicate_of.kind, Some(CopyKind::Exact));
    assert_eq!((event.story_group.id, event.story_group.size), (first.story_group.id, 2));

    let other =
        publisher.one(&draft("https://example.org/d-e-f", "Night flights return", COURT).article());
    assert_eq!(other.duplicate_of.id, None);
    assert!(other.story_group.opened);

    let mut publisher = Publisher::new(Settings { copies: Copies::Drop, ..Settings::default() });
    let first = publisher.one(&original.article());
    assert_eq!(publisher.fate(&copy.article()), Fate::CopyDropped { story: first.id });
}

#[test]
fn an_entry_without_a_link_is_known_by_itself() {
    let mut publisher = Publisher::new(Settings::default());
    let mut nameless = draft("x", "Ferry aground", FERRY);
    (nameless.url, nameless.source) = (None, ExtractionSource::Feed);
    let event = publisher.one(&nameless.article());
    assert_eq!(event.url, None);
    nameless.revision = 2;
    assert_eq!(publisher.fate(&nameless.article()), Fate::Known { story: Some(event.id.clone()) });
    (nameless.revision, nameless.hour) = (3, 1);
    nameless.title = "Ferry refloated".to_owned();
    assert_eq!(publisher.one(&nameless.article()).version, 2);
}

#[test]
fn state_is_forgotten_in_its_time_and_ids_stay() {
    let mut publisher = Publisher::new(Settings::default());
    let first = draft("https://example.org/a-b-c", "Ferry aground", FERRY);
    let story = publisher.one(&first.article());
    // ten days on: out of the window, the identity stays
    let mut other = draft("https://example.org/d-e-f", "Night flights return", COURT);
    other.hour = 240;
    let output = publisher.take(&other.article());
    assert_eq!(publisher.engine.stories_in_window(), 1);
    let closed: Vec<_> =
        output.groups.iter().filter(|group| group.state == events::GroupState::Closed).collect();
    assert_eq!(closed.len(), 1);
    assert_eq!(Some(&closed[0].id), story.story_group.id.as_ref());
    for (prefix, count) in [("story/", 1), ("text/", 1), ("fate/", 1), ("terms/", 1), ("group/", 1)]
    {
        assert_eq!(publisher.state.scan(prefix).count(), count, "{prefix}");
    }
    let mut again = first.clone();
    (again.revision, again.hour) = (2, 241);
    assert_eq!(publisher.fate(&again.article()), Fate::Known { story: Some(story.id.clone()) });
    (again.revision, again.text) = (3, FERRY.replace("214", "216"));
    let update = publisher.one(&again.article());
    assert_eq!((update.version, update.id), (2, story.id));
}

#[test]
fn more_stories_than_the_window_holds_push_the_oldest_out() {
    let mut publisher = Publisher::new(Settings { max_stories: 5, ..Settings::default() });
    for index in 0..20 {
        let url = format!("https://example.org/story-number-{index}");
        let mut draft = draft(&url, &format!("Title {index}"), &format!("{index} {COURT}"));
        draft.hour = index;
        publisher.one(&draft.article());
    }
    assert!(publisher.engine.stories_in_window() <= 5);
    assert!(publisher.state.scan("text/").count() <= 2);
    assert_eq!(publisher.state.scan("story/").count(), publisher.engine.stories_in_window());
}

#[test]
fn a_damaged_or_newer_record_stops_the_restore_and_is_named() {
    let mut publisher = Publisher::new(Settings::default());
    publisher.one(&draft("https://example.org/a-b-c", "Ferry aground", FERRY).article());
    let records: Vec<(String, Vec<u8>)> =
        publisher.state.iter().map(|(key, value)| (key.to_owned(), value.to_vec())).collect();
    assert!(records.len() >= 7);
    for (damaged, value) in &records {
        let restore = |replacement: &[u8]| {
            let with_damage = records.iter().map(|(key, value)| {
                (key.as_str(), if key == damaged { replacement } else { value.as_slice() })
            });
            Engine::restore(Settings::default(), with_damage).err()
        };
        let is_named = |error: Option<StateError>| {
            error.is_some_and(|error| error.to_string().contains(damaged.as_str()))
        };
        assert!(is_named(restore(b"")), "{damaged}: empty");
        assert!(is_named(restore(&value[..value.len() - 1])), "{damaged}: cut");
        let is_json = value[0] == b'{';
        let newer = if is_json { br#"{"v":200}"#.to_vec() } else { [&[200], &value[1..]].concat() };
        assert!(
            matches!(restore(&newer), Some(StateError::Newer { found: 200, .. })),
            "{damaged}: newer"
        );
    }
    let stray = [("something/else", b"x".as_slice())];
    assert!(Engine::restore(Settings::default(), stray).is_err());
}

/// One step of a random stream: which of a few stories, which of its texts, from which feed.
fn steps() -> impl Strategy<Value = Vec<(u8, u8, u8, u8, u8)>> {
    proptest::collection::vec((0..8u8, 0..4u8, 0..3u8, 0..12u8, 0..40u8), 1..60)
}

fn article_of(index: usize, step: (u8, u8, u8, u8, u8), hour: i64) -> Article {
    const FEEDS: [&str; 3] =
        ["https://example.org/feed", "https://example.org/all", "https://third.example/feed"];
    const EVENTS: [&str; 4] = [
        FERRY,
        COURT,
        "The mayor of Brindle resigned on Monday after the audit of the Kestrel bridge.",
        "",
    ];
    let (story, text, feed, kind, _) = step;
    let url = format!(
        "https://{}.example/the-story-number-{story}",
        ["one", "two"][usize::from(story % 2)]
    );
    let event = EVENTS[usize::from(story % 4)];
    let mut draft = draft(
        &url,
        &format!(
            "{} {text}",
            ["Ferry aground", "Night flights", "Mayor of Brindle", "x"][usize::from(story % 4)]
        ),
        &format!("{event}\n\nParagraph {text} of it."),
    );
    draft.feed = FEEDS[usize::from(feed)];
    draft.revision = index as u32 + 1;
    draft.hour = hour;
    draft.published = (text != 3).then_some(START + hour * HOUR - i64::from(text) * 5 * HOUR);
    match kind {
        0 => draft.skipped(SkipReason::Gone),
        1 => draft.skipped(SkipReason::Robots),
        2 => draft.with(ArticleOutcome::Unchanged),
        3 => Article::Withdraw(Withdraw {
            id: None,
            url: Some(url),
            reason: String::new(),
            at: Timestamp::from_millis(START + hour * HOUR),
        }),
        4 => {
            draft.source = ExtractionSource::Feed;
            draft.complete = false;
            draft.article()
        }
        _ => draft.article(),
    }
}

fn bytes(output: &Output) -> Vec<u8> {
    let mut bytes = Vec::new();
    for story in &output.stories {
        bytes.extend_from_slice(&story.value);
    }
    bytes.extend(serde_json::to_vec(&output.groups).unwrap());
    bytes.extend(format!("{:?}", output.fate).into_bytes());
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_restart_at_any_point_changes_no_byte(steps in steps(), restart_every in 1..5usize) {
        let settings = Settings { max_stories: 6, ..Settings::default() };
        let mut steady = Publisher::new(settings.clone());
        let mut restarted = Publisher::new(settings);
        let mut hour = 0;
        for (index, step) in steps.into_iter().enumerate() {
            hour += i64::from(step.4);
            let article = article_of(index, step, hour);
            if index % restart_every == 0 {
                restarted.restart();
            }
            prop_assert_eq!(bytes(&steady.take(&article)), bytes(&restarted.take(&article)));
            prop_assert!(steady.state == restarted.state);
        }
    }

    #[test]
    fn expiry_never_changes_a_published_id(steps in steps(), window_hours in 1..200i64) {
        let settings = Settings { window_ms: window_hours * HOUR, max_stories: 3, ..Settings::default() };
        let mut publisher = Publisher::new(settings);
        let mut hour = 0;
        for (index, step) in steps.into_iter().enumerate() {
            hour += i64::from(step.4);
            let article = article_of(index, step, hour);
            let url = match &article {
                Article::Entry { entry, .. } => entry.link.clone(),
                Article::Withdraw(command) => command.url.clone(),
            };
            let id = events::story_id(&events::canonical_url(&url.unwrap()).unwrap());
            for story in publisher.take(&article).stories {
                prop_assert_eq!(&story.event.id, &id);
            }
        }
    }

    #[test]
    fn versions_of_a_story_rise_by_one(steps in steps()) {
        let mut publisher = Publisher::new(Settings::default());
        let mut versions = std::collections::BTreeMap::new();
        let mut hour = 0;
        for (index, step) in steps.into_iter().enumerate() {
            hour += i64::from(step.4 % 4);
            for story in publisher.take(&article_of(index, step, hour)).stories {
                let version = versions.entry(story.event.id.clone()).or_insert(0);
                *version += 1;
                prop_assert_eq!(story.event.version, *version);
                prop_assert_eq!(story.event.event == EventKind::Published, *version == 1);
                prop_assert_eq!(serde_json::to_vec(&story.event).unwrap(), story.value);
            }
        }
    }
}
