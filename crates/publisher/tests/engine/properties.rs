//! Streams at random: the same bytes after a restart anywhere, ids and versions that hold.

use events::{
    Article, ArticleOutcome, EventKind, ExtractionSource, SkipReason, Timestamp, Withdraw,
};
use proptest::prelude::*;
use publisher::{Output, Settings};

use crate::draft::{COURT, FERRY, HOUR, Publisher, START, draft};

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
