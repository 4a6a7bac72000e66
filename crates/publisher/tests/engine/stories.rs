//! Identity, versions, withdrawals, copies and fates.

use events::{
    Article, ArticleOutcome, CopyKind, EventKind, ExtractionSource, Fate, SkipReason, Timestamp,
    Withdraw,
};
use publisher::{Copies, Settings, read_fate};

use crate::draft::{COURT, DAY, Draft, FERRY, HOUR, Publisher, START, draft};

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
fn of_an_article_its_own_site_is_believed_before_a_feed_of_another() {
    let mut publisher = Publisher::new(Settings::default());
    let mut planet = draft("https://example.org/a-b-c", "Ferry sunk, all lost", COURT);
    (planet.source, planet.feed) = (ExtractionSource::Feed, "https://planet.net/feed");
    let id = publisher.one(&planet.article()).id;
    publisher.restart();
    // Its own feed gives a few words only, and they stand.
    let mut own = draft("https://example.org/a-b-c", "Ferry aground", &FERRY[..180]);
    (own.source, own.complete, own.hour) = (ExtractionSource::Feed, false, 1);
    let event = publisher.one(&own.article());
    assert_eq!((event.version, event.title.as_deref()), (2, Some("Ferry aground")));
    (planet.revision, planet.hour) = (2, 2);
    assert_eq!(publisher.fate(&planet.article()), Fate::Known { story: Some(id) });
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
