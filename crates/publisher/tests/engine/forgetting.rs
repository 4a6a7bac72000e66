//! What is forgotten, what stays, and what cannot be read again.

use events::{Fate, SkipReason};
use publisher::{Engine, Settings, StateError};

use crate::draft::{COURT, FERRY, Publisher, draft};

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

#[test]
fn a_story_larger_than_a_record_is_skipped_and_leaves_nothing() {
    let mut publisher = Publisher::new(Settings { max_value: 4000, ..Settings::default() });
    let large = draft("https://example.org/a-b-c", "Ferry aground", &FERRY.repeat(20));
    assert_eq!(publisher.fate(&large.article()), Fate::Skipped { reason: SkipReason::TooBig });
    assert_eq!(publisher.state.scan("story/").count() + publisher.state.scan("group/").count(), 0);
}
