//! Corrections of stories that have left the comparison window, withdrawals that leave nothing
//! behind, dates that cannot be.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[path = "engine/draft.rs"]
#[allow(dead_code, reason = "what the tests of the engine share; not all of it is of use here")]
mod draft;

use bus::{Record, Topic, TopicPartition};
use events::{
    Article, CopyKind, EventKind, Group, GroupState, SkipReason, StoryEvent, Timestamp, Withdraw,
};
use publisher::{Copies, Output, Replay, Settings};

use draft::{COURT, DAY, Draft, FERRY, HOUR, Publisher, START, draft};

const LEAK: &str = "LEAKED: Jane Roe is the blackmailer";

fn at(url: &str, title: &str, text: &str, hour: i64) -> Draft {
    let mut draft = draft(url, title, text);
    draft.hour = hour;
    draft.published = Some(START + hour * HOUR);
    draft
}

fn original() -> Draft {
    at("https://a.example/the-original-1", "Ferry aground", FERRY, 0)
}

fn copy(host: &str, hour: i64) -> Draft {
    at(&format!("https://{host}.example/a-copy-of-it-1"), "Aurelia: all safe", FERRY, hour)
}

fn corrected(draft: &Draft, hour: i64) -> Draft {
    let text = draft.text.replace("two were treated", "three were treated");
    Draft { hour, revision: hour as u32 + 2, text, ..draft.clone() }
}

fn withdraw(url: &str, hour: i64) -> Article {
    Article::Withdraw(Withdraw {
        id: None,
        url: Some(url.to_owned()),
        reason: "legal".to_owned(),
        at: Timestamp::from_millis(START + hour * HOUR),
    })
}

fn event(output: &Output) -> &StoryEvent {
    assert_eq!(output.stories.len(), 1, "{:?}", output.fate);
    &output.stories[0].event
}

/// The last record of a group.
fn of_id<'a>(groups: &'a [Group], id: &str) -> Option<&'a Group> {
    groups.iter().rev().find(|group| group.id == id)
}

/// A story and its copies, the last of which holds the group open.
fn family() -> (Publisher, Vec<StoryEvent>) {
    let mut publisher = Publisher::new(Settings::default());
    let drafts = [original(), copy("b", 10), copy("c", 60)];
    let events = drafts.iter().map(|draft| publisher.one(&draft.article())).collect();
    (publisher, events)
}

#[test]
fn a_correction_after_the_window_is_counted_once_and_copies_nothing() {
    let (mut publisher, events) = family();
    for (draft, copied) in [(original(), None), (copy("b", 10), Some(events[0].id.clone()))] {
        let output = publisher.take(&corrected(&draft, 7 * 24 + 11).article());
        let update = event(&output);
        assert_eq!((update.event, update.version), (EventKind::Updated, 2));
        assert_eq!(update.story_group.id, events[0].story_group.id);
        assert_eq!((update.story_group.size, update.story_group.opened), (3, false));
        assert_eq!(update.duplicate_of.id, copied);
        assert!(output.groups.is_empty(), "{:?}", output.groups);
    }
    // What comes then finds the copy that is still in the window, and each story once.
    let output = publisher.take(&copy("d", 7 * 24 + 12).article());
    assert_eq!(event(&output).duplicate_of.id.as_ref(), Some(&events[2].id));
    let group = of_id(&output.groups, &events[0].id).unwrap();
    assert_eq!((group.size, group.stories.len()), (4, 4));
}

#[test]
fn a_correction_of_a_closed_groups_opener_opens_no_group_under_its_id() {
    let (mut publisher, events) = family();
    let later = at("https://z.example/night-flights-1", "Night flights", COURT, 15 * 24);
    let output = publisher.take(&later.article());
    let closed = of_id(&output.groups, &events[0].id).unwrap();
    assert_eq!((closed.state, closed.size), (GroupState::Closed, 3));
    for (round, draft) in [original(), copy("b", 10), original()].iter().enumerate() {
        publisher.restart();
        let hour = 15 * 24 + 1 + round as i64;
        let mut draft = corrected(draft, hour);
        draft.text = format!("{} {round}", draft.text);
        let output = publisher.take(&draft.article());
        let update = event(&output);
        // How large it was is not known any more; which it was is.
        assert_eq!(update.story_group.id.as_ref(), Some(&events[0].id));
        assert_eq!(update.story_group.size, 0);
        assert_eq!(update.duplicate_of.id.is_some(), round == 1);
        assert!(output.groups.is_empty(), "{:?}", output.groups);
    }
    assert_eq!(publisher.engine.stories_in_window(), 1);
}

#[test]
fn a_correction_of_a_story_that_was_pushed_out_is_counted_once() {
    let mut publisher = Publisher::new(Settings { max_stories: 2, ..Settings::default() });
    let first = publisher.one(&original().article());
    for hour in 1..4 {
        let url = format!("https://q.example/number-{hour}");
        publisher.one(&at(&url, "Court", &format!("{hour} {COURT}"), hour).article());
    }
    publisher.one(&copy("b", 4).article());
    let output = publisher.take(&corrected(&original(), 5).article());
    let update = event(&output);
    assert_eq!(update.story_group.id, first.story_group.id);
    assert_eq!(update.duplicate_of.id, None);
    assert!(output.groups.iter().all(|group| group.id != first.id));
}

#[test]
fn what_is_withdrawn_by_command_leaves_its_group_and_no_words() {
    let mut publisher = Publisher::new(Settings::default());
    let leak = at("https://a.example/x-1", LEAK, FERRY, 0);
    let first = publisher.one(&leak.article());
    let mut other = copy("b", 1);
    other.text = FERRY.replace("214 people", "some 210 people");
    let second = publisher.one(&other.article());
    assert_eq!(second.duplicate_of.id.as_ref(), Some(&first.id));

    let output = publisher.take(&withdraw("https://a.example/x-1", 2));
    let withdrawn = event(&output);
    assert_eq!((withdrawn.event, &withdrawn.title), (EventKind::Withdrawn, &None));
    assert_eq!(withdrawn.story_group.id, first.story_group.id);
    let group = of_id(&output.groups, &first.id).unwrap();
    assert_eq!(group.title.as_deref(), Some("Aurelia: all safe"));
    assert_eq!((group.state, group.size), (GroupState::Open, 1));
    assert_eq!(group.stories, std::slice::from_ref(&second.id));
    assert_eq!(group.outlets, ["b.example"]);
    let published = Some(Timestamp::from_millis(START + HOUR));
    assert_eq!((group.first_published_at, group.last_published_at), (published, published));
    assert_ne!(group.joined.story.as_ref(), Some(&first.id));
    for (key, value) in publisher.state.iter() {
        assert!(!String::from_utf8_lossy(value).contains("LEAKED"), "{key}");
    }

    // The copy that stands is the original of those that come.
    publisher.restart();
    let output = publisher.take(&copy("c", 3).article());
    assert_eq!(event(&output).duplicate_of.id.as_ref(), Some(&second.id));
    let group = of_id(&output.groups, &first.id).unwrap();
    assert_eq!((group.title.as_deref(), group.size), (Some("Aurelia: all safe"), 2));
}

#[test]
fn an_only_story_that_is_withdrawn_closes_its_group_and_takes_no_copy_with_it() {
    for copies in [Copies::Mark, Copies::Drop] {
        for is_gone in [false, true] {
            let mut publisher = Publisher::new(Settings { copies, ..Settings::default() });
            let leak = at("https://a.example/x-1", LEAK, FERRY, 0);
            let first = publisher.one(&leak.article());
            let gone = Draft { revision: 2, hour: 2, ..leak.clone() };
            let output = publisher.take(&if is_gone {
                gone.skipped(SkipReason::Gone)
            } else {
                withdraw("https://a.example/x-1", 2)
            });
            let group = of_id(&output.groups, &first.id).unwrap();
            assert_eq!((group.state, group.size), (GroupState::Closed, 0));
            assert_eq!((&group.title, group.outlets.len(), group.stories.len()), (&None, 0, 0));
            let output = publisher.take(&copy("b", 3).article());
            let other = event(&output);
            assert_eq!((other.event, &other.duplicate_of.id), (EventKind::Published, &None));
            assert!(other.story_group.opened);
        }
    }
}

#[test]
fn a_story_withdrawn_after_the_window_leaves_the_group_that_is_still_open() {
    let mut publisher = Publisher::new(Settings::default());
    let leak = at("https://a.example/x-1", LEAK, FERRY, 0);
    let first = publisher.one(&leak.article());
    let second = publisher.one(&copy("b", 5 * 24).article());
    publisher.one(&at("https://z.example/night-1", "Night", COURT, 8 * 24).article());
    publisher.restart();
    let output = publisher.take(&withdraw("https://a.example/x-1", 8 * 24 + 1));
    assert_eq!(event(&output).story_group.size, 1);
    let group = of_id(&output.groups, &first.id).unwrap();
    assert_eq!(group.title.as_deref(), Some("Aurelia: all safe"));
    assert_eq!((group.size, &group.stories[..]), (1, &[second.id][..]));
    assert!(publisher.take(&withdraw("https://a.example/x-1", 8 * 24 + 2)).groups.is_empty());
}

#[test]
fn a_story_that_was_gone_is_back_in_its_group_and_an_original_again() {
    for has_copy in [false, true] {
        let mut publisher = Publisher::new(Settings::default());
        let first = publisher.one(&original().article());
        if has_copy {
            publisher.one(&copy("b", 1).article());
        }
        let mut later = Draft { revision: 2, hour: 2, ..original() };
        publisher.one(&later.skipped(SkipReason::Gone));
        publisher.restart();
        (later.revision, later.hour) = (3, 3);
        let output = publisher.take(&later.article());
        assert_eq!(event(&output).event, EventKind::Updated);
        assert_eq!(event(&output).first_seen_at, first.first_seen_at);
        let group = of_id(&output.groups, &first.id).unwrap();
        assert_eq!(group.state, GroupState::Open);
        let size = 1 + u32::from(has_copy);
        assert_eq!((group.size, group.stories.len() as u32), (size, size));
        assert_eq!(group.stories.iter().filter(|id| **id == first.id).count(), 1);
        let copied = publisher.one(&copy("c", 4).article());
        assert_eq!(copied.duplicate_of.id.as_ref(), Some(&first.id));
        assert_eq!(copied.story_group.size, size + 1);
    }
}

#[test]
fn a_date_that_cannot_be_is_no_date() {
    // 1970 and 1980 are zeros of content systems: they make nothing old.
    for (index, zero) in [0, 315_532_800_000, -1].into_iter().enumerate() {
        let mut publisher = Publisher::new(Settings::default());
        let mut first = original();
        first.published = Some(zero);
        let output = publisher.take(&first.article());
        assert_eq!(event(&output).version, 1, "{index}");
        assert_eq!(output.groups[0].first_published_at, None);
    }
    // Nor is 2099 the last time at which a group's stories were published.
    let mut publisher = Publisher::new(Settings::default());
    publisher.one(&original().article());
    let mut future = copy("b", 1);
    future.published = Some(4_070_908_800_000);
    let group = publisher.take(&future.article()).groups.pop().unwrap();
    let published = Some(Timestamp::from_millis(START));
    assert_eq!((group.first_published_at, group.last_published_at), (published, published));
}

#[test]
fn a_copy_with_a_date_that_is_wrong_is_not_the_original_of_others() {
    for wrong in [START - 30 * DAY, 0, -1] {
        let mut publisher = Publisher::new(Settings::default());
        let first = publisher.one(&original().article());
        let mut early = copy("b", 1);
        early.published = Some(wrong);
        assert_eq!(publisher.one(&early.article()).duplicate_of.kind, Some(CopyKind::Exact));
        let third = publisher.one(&copy("c", 2).article());
        assert_eq!(third.duplicate_of.id.as_ref(), Some(&first.id), "{wrong}");
    }
    // One that was published some hours before it came may well be.
    let mut publisher = Publisher::new(Settings::default());
    publisher.one(&original().article());
    let mut early = copy("b", 1);
    early.published = Some(START - 5 * HOUR);
    let early = publisher.one(&early.article());
    let third = publisher.one(&copy("c", 2).article());
    assert_eq!(third.duplicate_of.id, Some(early.id));
}

#[test]
fn a_canonical_url_that_is_stated_later_names_the_same_story() {
    let mut publisher = Publisher::new(Settings::default());
    let canonical = "https://a.example/world/minister-resigns-12";
    let mut bare = at("https://a.example/a?id=991", "Minister resigns", FERRY, 0);
    let first = publisher.one(&bare.article());
    (bare.revision, bare.hour, bare.canonical) = (2, 5, Some(canonical.to_owned()));
    assert!(publisher.take(&bare.article()).stories.is_empty());
    let named = at(canonical, "Minister resigns", FERRY, 6);
    let known = events::Fate::Known { story: Some(first.id) };
    assert_eq!(publisher.fate(&named.article()), known);
}

/// A publisher that learned of a past from its events.
fn warmed(past: &[StoryEvent]) -> Replay {
    let mut replay = Replay::new(Settings::default());
    for event in past {
        replay.warm(event).unwrap();
    }
    replay
}

fn record(article: &Article) -> Record {
    Record {
        place: TopicPartition::new(Topic::Articles, 0),
        offset: 0,
        timestamp: Timestamp::from_millis(START),
        key: None,
        value: Some(serde_json::to_vec(article).unwrap()),
        headers: Vec::new(),
    }
}

/// What a replay that begins at an hour says of the group of its first story, warmed with the
/// events before.
fn replayed(past: &[StoryEvent], draft: &Draft) -> (StoryEvent, Group) {
    let outputs = warmed(past).take(&record(&draft.article())).unwrap();
    let of = |topic| outputs.iter().find(|output| output.topic == topic).unwrap().value.clone();
    let read = |topic| of(topic).unwrap();
    (
        serde_json::from_slice(&read(Topic::Stories)).unwrap(),
        serde_json::from_slice(&read(Topic::Groups)).unwrap(),
    )
}

#[test]
fn a_replay_from_the_middle_knows_where_a_story_went() {
    const NEW: &str = "https://a.example/the-original-all-safe-1";
    let mut publisher = Publisher::new(Settings::default());
    let first = original();
    let mut moved = corrected(&first, 1);
    moved.url = Some(NEW.to_owned());
    let past = [publisher.one(&first.article()), publisher.one(&moved.article())];
    assert_eq!(past[1].url.as_deref(), Some(NEW));
    let mut replay = warmed(&past);
    let mut gone = |of: &Draft, revision| {
        let gone = Draft { revision, hour: 2, ..of.clone() }.skipped(SkipReason::Gone);
        replay.take(&record(&gone)).unwrap().len()
    };
    assert_eq!(gone(&first, 8), 0, "the old address");
    assert!(gone(&moved, 9) > 0, "the new one");
}

#[test]
fn a_replay_from_the_middle_knows_late_corrections_and_withdrawals() {
    let (mut publisher, mut past) = family();
    let late = publisher.take(&corrected(&original(), 7 * 24 + 11).article());
    past.push(event(&late).clone());
    let (story, group) = replayed(&past, &copy("d", 7 * 24 + 12));
    assert_eq!(story.duplicate_of.id.as_ref(), Some(&past[2].id));
    assert_eq!((group.size, group.stories.len()), (4, 4));

    let url = original().url.unwrap();
    let (mut publisher, mut past) = family();
    past.push(event(&publisher.take(&withdraw(&url, 61))).clone());
    let (story, group) = replayed(&past, &copy("d", 62));
    assert_ne!(story.duplicate_of.id.as_ref(), Some(&past[0].id));
    assert_eq!((group.size, group.stories.contains(&past[0].id)), (3, false));
}
