//! Where a story is after its publisher edited its address, as several feeds say it: what is still
//! read somewhere is never withdrawn, what is gone where it was last is.

use events::{
    Article, ArticleOutcome, EventKind, ExtractionSource, Fate, REVISIT_HOPS, SkipReason,
};
use proptest::prelude::*;
use publisher::Settings;

use crate::draft::{DAY, Draft, FERRY, HOUR, Publisher, draft};

const A: &str = "https://example.org/news/ferry-aground";
const B: &str = "https://example.org/news/ferry-aground-off-skarholm";
const C: &str = "https://example.org/news/ferry-aground-off-skarholm-all-safe";
const ALL: &str = "https://example.org/all";

/// Entries of two feeds, and the publisher that has seen the story at [`A`] in both.
struct Two {
    publisher: Publisher,
    id: String,
    one: Draft,
    other: Draft,
    hour: i64,
}

impl Two {
    fn new() -> Self {
        let mut publisher = Publisher::new(Settings::default());
        let one = draft(A, "Ferry aground", FERRY);
        let other = Draft { feed: ALL, ..one.clone() };
        let id = publisher.one(&one.article()).id;
        assert_eq!(publisher.fate(&other.article()), Fate::Known { story: Some(id.clone()) });
        Self { publisher, id, one, other, hour: 0 }
    }

    /// A new revision of an entry under an address, be it with other words or not.
    fn edit(&mut self, entry: fn(&mut Self) -> &mut Draft, url: &str) {
        self.hour += 1;
        let hour = self.hour;
        let draft = entry(self);
        (draft.url, draft.hour) = (Some(url.to_owned()), hour);
        draft.revision += 1;
        let article = draft.article();
        let (_, fate) = self.publisher.take(&article).fate.unwrap();
        let id = self.id.clone();
        assert!(
            matches!(fate, Fate::Known { story: Some(story) } | Fate::Story { story, .. } if story == id)
        );
        self.publisher.restart();
    }

    /// What comes of a visit that finds the page of an entry gone, as the entry was then.
    fn gone(&mut self, entry: &Draft, url: &str) -> bool {
        self.hour += 1;
        let draft = Draft { url: Some(url.to_owned()), hour: self.hour, ..entry.clone() };
        let outcome = ArticleOutcome::Skipped { reason: SkipReason::Gone, detail: String::new() };
        let Article::Entry { mut entry, fetched_at, outcome } = draft.with(outcome) else {
            unreachable!("a draft is an entry");
        };
        entry.hop = REVISIT_HOPS + self.hour as u32;
        let output = self.publisher.take(&Article::Entry { entry, fetched_at, outcome });
        output.stories.iter().any(|story| story.event.event == EventKind::Withdrawn)
    }

    /// The URL of the next version, whichever entry brings it.
    fn next_url(&mut self, of: &Draft) -> Option<String> {
        self.hour += 1;
        let text = format!("{FERRY}\n\nHour {}.", self.hour);
        let next = Draft { text, hour: self.hour, revision: of.revision + 100, ..of.clone() };
        self.publisher.one(&next.article()).url
    }
}

fn one(two: &mut Two) -> &mut Draft {
    &mut two.one
}

fn other(two: &mut Two) -> &mut Draft {
    &mut two.other
}

#[test]
fn the_old_address_in_another_feed_is_not_where_the_story_ends() {
    let mut two = Two::new();
    two.edit(one, B);
    let stale = two.other.clone();
    assert!(!two.gone(&stale, A), "the other feed says where it is");
    // Also when the window has passed it.
    two.hour = 9 * DAY / HOUR;
    assert!(!two.gone(&stale, A));
    let moved = two.one.clone();
    assert!(two.gone(&moved, B));
}

#[test]
fn an_address_edited_in_a_feed_of_whole_texts_is_where_the_story_is() {
    let mut two = Two::new();
    two.one.source = ExtractionSource::Feed;
    two.edit(one, B);
    let stale = two.other.clone();
    assert!(!two.gone(&stale, A));
    let moved = two.one.clone();
    assert!(two.gone(&moved, B));
}

#[test]
fn an_address_that_is_edited_back_is_the_storys_again() {
    let mut two = Two::new();
    two.edit(one, B);
    let moved = two.one.clone();
    assert_eq!(two.next_url(&moved).as_deref(), Some(B));
    two.edit(one, A);
    let back = two.one.clone();
    assert_eq!(two.next_url(&back).as_deref(), Some(A));
    assert!(!two.gone(&moved, B));
    assert!(two.gone(&back, A));
}

#[test]
fn of_an_address_edited_twice_only_the_last_ends_the_story() {
    let mut two = Two::new();
    two.edit(one, B);
    let second = two.one.clone();
    two.edit(one, C);
    let third = two.one.clone();
    assert_eq!(two.next_url(&third).as_deref(), Some(C));
    assert!(!two.gone(&second, B) && !two.gone(&third, A));
    two.edit(one, B);
    assert!(!two.gone(&third, C));
    // The other feed follows.
    two.edit(other, B);
    let follower = two.other.clone();
    assert!(two.gone(&follower, B));
}

#[test]
fn a_redirect_that_a_visit_follows_does_not_keep_a_dead_link_alive() {
    let mut two = Two::new();
    // The link stays; the page answers elsewhere.
    let mut redirected = two.one.clone();
    (redirected.revision, redirected.hour) = (2, 1);
    let Article::Entry { entry, fetched_at, outcome } = redirected.article() else {
        unreachable!("a draft is an entry");
    };
    let ArticleOutcome::Article { source, extractor, content, .. } = outcome else {
        unreachable!("it is an article");
    };
    let outcome = ArticleOutcome::Article { url: Some(B.to_owned()), source, extractor, content };
    two.publisher.take(&Article::Entry { entry, fetched_at, outcome });
    two.hour = 2;
    assert_eq!(two.next_url(&redirected).as_deref(), Some(A), "as the page that answers says");
    assert!(two.gone(&redirected, A));
}

#[test]
fn a_link_that_is_no_address_ends_the_story_whose_page_it_leads_to() {
    let mut publisher = Publisher::new(Settings::default());
    let linked = Draft {
        url: Some("https://example.org/?p=123".to_owned()),
        canonical: Some(B.to_owned()),
        ..draft(B, "Ferry aground", FERRY)
    };
    let story = publisher.one(&linked.article());
    assert_eq!(story.url.as_deref(), Some(B));
    let gone = Draft { revision: 2, hour: 1, ..linked };
    let output = publisher.take(&gone.skipped(SkipReason::Gone));
    assert_eq!(output.stories[0].event.event, EventKind::Withdrawn);
    assert_eq!(output.stories[0].event.id, story.id);
}

#[test]
fn a_link_that_only_leads_to_the_page_is_not_where_the_story_is_when_its_page_fails() {
    let mut publisher = Publisher::new(Settings::default());
    let first = draft(B, "Ferry aground", FERRY);
    let story = publisher.one(&first.article());
    let led = Draft {
        feed: ALL,
        url: Some("https://example.org/?p=123".to_owned()),
        canonical: Some(B.to_owned()),
        ..first.clone()
    };
    assert_eq!(publisher.fate(&led.article()), Fate::Known { story: Some(story.id) });
    // The page fails, and the feed's own text is taken.
    let own =
        Draft { canonical: None, source: ExtractionSource::Feed, revision: 2, hour: 1, ..led };
    publisher.take(&own.article());
    publisher.restart();
    let gone = Draft { revision: 2, hour: 2, ..first };
    let output = publisher.take(&gone.skipped(SkipReason::Gone));
    assert_eq!(output.stories[0].event.event, EventKind::Withdrawn);
}

#[test]
fn the_page_of_a_shared_link_that_is_read_all_the_same_ends_its_story() {
    // `full_text = "page"`: the feed's own texts are not used.
    let mut publisher = Publisher::new(Settings::default());
    let first = Draft { shares_link: true, ..draft(A, "Ferry aground", FERRY) };
    let story = publisher.one(&first.article());
    let unchanged = Draft { revision: 2, hour: 1, ..first.clone() };
    let known = Fate::Known { story: Some(story.id.clone()) };
    assert_eq!(publisher.fate(&unchanged.with(ArticleOutcome::Unchanged)), known);
    // An entry that never became that story has no say.
    let stranger = Draft { guid: "another".to_owned(), ..first.clone() };
    let skipped = Fate::Skipped { reason: SkipReason::Gone };
    assert_eq!(publisher.fate(&stranger.skipped(SkipReason::Gone)), skipped);
    let gone = Draft { revision: 3, hour: 2, ..first };
    let output = publisher.take(&gone.skipped(SkipReason::Gone));
    assert_eq!(output.stories[0].event.event, EventKind::Withdrawn);
    assert_eq!(output.stories[0].event.id, story.id);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_address_that_no_feed_names_any_more_never_ends_the_story(
        steps in prop::collection::vec((0..2usize, 0..3usize), 1..12),
    ) {
        let addresses = [A, B, C];
        let mut two = Two::new();
        let mut named = [0, 0];
        for (feed, address) in steps {
            named[feed] = address;
            two.edit(if feed == 0 { one } else { other }, addresses[address]);
            for (left, url) in addresses.iter().enumerate() {
                if !named.contains(&left) {
                    let (first, second) = (two.one.clone(), two.other.clone());
                    prop_assert!(!two.gone(&first, url) && !two.gone(&second, url));
                }
            }
        }
        // Where both feeds have it, it ends.
        two.edit(one, C);
        two.edit(other, C);
        let last = two.one.clone();
        prop_assert!(two.gone(&last, C));
    }
}
