//! One id for one article, whatever its publisher and its feeds do to its address.

use events::{
    Article, ArticleOutcome, EventKind, ExtractionSource, Fate, REVISIT_HOPS, SkipReason,
};
use publisher::Settings;

use crate::draft::{COURT, DAY, Draft, FERRY, HOUR, Publisher, START, draft};

const OLD: &str = "https://example.org/news/ferry-aground";
const NEW: &str = "https://example.org/news/ferry-aground-off-skarholm";

/// The same entry some hours later, under another address and with other words.
fn edited(before: &Draft, url: &str, title: &str, text: &str) -> Draft {
    Draft {
        url: Some(url.to_owned()),
        title: title.to_owned(),
        text: text.to_owned(),
        revision: before.revision + 1,
        hour: before.hour + 2,
        ..before.clone()
    }
}

/// What a later visit of the page that a draft's entry named comes to.
fn visit(of: &Draft, hour: i64, outcome: ArticleOutcome) -> Article {
    let mut later = of.clone();
    later.hour = hour;
    let Article::Entry { mut entry, fetched_at, outcome } = later.with(outcome) else {
        unreachable!("a draft is an entry");
    };
    entry.hop = REVISIT_HOPS;
    Article::Entry { entry, fetched_at, outcome }
}

fn gone() -> ArticleOutcome {
    ArticleOutcome::Skipped { reason: SkipReason::Gone, detail: String::new() }
}

#[test]
fn an_edited_address_names_the_same_story() {
    let changed = FERRY.replace("two were treated", "three were treated");
    let longer = format!("{FERRY}\n\n{COURT}\n\n{COURT}");
    for (title, text, version) in [
        ("Ferry aground", FERRY, 1),
        ("Ferry runs aground off Skarholm", FERRY, 2),
        ("Ferry runs aground off Skarholm", changed.as_str(), 2),
        ("214 brought to safety", changed.as_str(), 2),
        ("214 brought to safety", longer.as_str(), 2),
    ] {
        let mut publisher = Publisher::new(Settings::default());
        let first = draft(OLD, "Ferry aground", FERRY);
        let id = publisher.one(&first.article()).id;
        publisher.restart();
        let moved = edited(&first, NEW, title, text);
        if version == 1 {
            assert_eq!(publisher.fate(&moved.article()), Fate::Known { story: Some(id.clone()) });
        } else {
            let event = publisher.one(&moved.article());
            assert_eq!((event.id, event.version), (id.clone(), version), "{title}");
            assert_eq!(event.url.as_deref(), Some(NEW), "the old address may lead nowhere");
        }
        // Another feed knows it by either address.
        for (revision, url) in [(1, OLD), (2, NEW)] {
            let mut other = edited(&moved, url, title, text);
            (other.feed, other.revision) = ("https://example.org/all", revision);
            assert_eq!(publisher.fate(&other.article()), Fate::Known { story: Some(id.clone()) });
        }
    }
}

#[test]
fn an_entry_id_that_is_used_again_is_another_story() {
    let day = |day: u32| format!("https://example.org/2025/12/0{day}/briefing");
    let again = COURT.replace("night flights", "cargo flights");
    for (old, title, text, new, new_title, new_text) in [
        (OLD, "Ferry aground", FERRY, NEW, "Night flights return", COURT),
        // a column of one title
        (OLD, "Morning briefing of the day", FERRY, NEW, "Morning briefing of the day", COURT),
        (day(2).as_str(), "Day 2 in court", COURT, day(3).as_str(), "Day 3 in court", &again),
    ] {
        let mut publisher = Publisher::new(Settings::default());
        let first = draft(old, title, text);
        let before = publisher.one(&first.article());
        let event = publisher.one(&edited(&first, new, new_title, new_text).article());
        assert_eq!((event.event, event.version), (EventKind::Published, 1), "{new_title}");
        assert_eq!((event.id == before.id, event.url.as_deref()), (false, Some(new)));
        // From then on the entry is that story's.
        let third = edited(&first, &format!("{new}-a"), new_title, new_text);
        let known = Fate::Known { story: Some(event.id) };
        assert_eq!(publisher.fate(&Draft { revision: 3, ..third }.article()), known);
    }
}

#[test]
fn an_address_that_was_edited_is_known_after_the_window_where_the_words_stayed() {
    let mut publisher = Publisher::new(Settings::default());
    let first = draft(OLD, "Ferry aground", FERRY);
    let id = publisher.one(&first.article()).id;
    let mut other = draft("https://example.org/other-one-2", "Night flights", COURT);
    other.hour = 20 * DAY / HOUR;
    publisher.one(&other.article());
    let mut moved = edited(&first, NEW, "Ferry refloated", FERRY);
    moved.hour = 21 * DAY / HOUR;
    let event = publisher.one(&moved.article());
    assert_eq!((event.id, event.version), (id, 2));
}

#[test]
fn the_end_of_an_address_that_a_story_has_left_is_not_its_end() {
    let mut publisher = Publisher::new(Settings::default());
    let first = draft(OLD, "Ferry aground", FERRY);
    let id = publisher.one(&first.article()).id;
    let moved = edited(&first, NEW, "Ferry runs aground off Skarholm", FERRY);
    publisher.one(&moved.article());
    let known = Fate::Known { story: Some(id.clone()) };
    assert_eq!(publisher.fate(&visit(&first, 3, ArticleOutcome::Unchanged)), known);
    let later = Draft { revision: 7, ..first };
    assert_eq!(publisher.fate(&visit(&later, 9 * 24, gone())), known);
    // That of the new one is.
    let output = publisher.take(&visit(&moved, 9 * 24 + 1, gone()));
    assert_eq!(output.stories[0].event.event, EventKind::Withdrawn);
    assert_eq!(output.stories[0].event.id, id);
}

#[test]
fn a_story_that_is_gone_comes_back_under_another_address() {
    let changed = FERRY.replace("two were treated", "three were treated");
    let mut publisher = Publisher::new(Settings::default());
    let first = draft(OLD, "Ferry aground", FERRY);
    let id = publisher.one(&first.article()).id;
    assert_eq!(publisher.take(&visit(&first, 1, gone())).stories.len(), 1);
    let event = publisher.one(&edited(&first, NEW, "Ferry aground", &changed).article());
    assert_eq!((event.id, event.version, event.event), (id, 3, EventKind::Updated));
    assert_eq!(event.url.as_deref(), Some(NEW));
}

#[test]
fn instances_of_a_series_are_stories_of_their_own_also_where_their_texts_are_one() {
    let mut publisher = Publisher::new(Settings::default());
    let first = draft("https://example.org/trial/day-2", "The ferry trial, day 2", FERRY);
    let id = publisher.one(&first.article()).id;
    let next = edited(&first, "https://example.org/trial/day-3", "The ferry trial, day 3", FERRY);
    assert_ne!(publisher.one(&next.article()).id, id);
}

#[test]
fn what_was_withdrawn_by_command_does_not_return_under_an_edited_address() {
    let mut publisher = Publisher::new(Settings::default());
    let first = draft(OLD, "Ferry aground", FERRY);
    publisher.one(&first.article());
    publisher.take(&Article::Withdraw(events::Withdraw {
        id: None,
        url: Some(OLD.to_owned()),
        reason: "court order".to_owned(),
        at: events::Timestamp::from_millis(START + HOUR),
    }));
    let moved = edited(&first, NEW, "Ferry refloated", COURT);
    assert_eq!(publisher.fate(&moved.article()), Fate::Skipped { reason: SkipReason::Withdrawn });
}

#[test]
fn a_withdrawn_story_takes_no_url_that_its_entry_brings_later() {
    let mut publisher = Publisher::new(Settings::default());
    let first = draft(OLD, "Ferry aground", FERRY);
    publisher.one(&first.article());
    publisher.take(&Article::Withdraw(events::Withdraw {
        id: None,
        url: Some(OLD.to_owned()),
        reason: "court order".to_owned(),
        at: events::Timestamp::from_millis(START + HOUR),
    }));
    let skipped = Fate::Skipped { reason: SkipReason::Withdrawn };
    // Not told from the same article rewritten, so the entry does not bring it; others may.
    let next = edited(&first, NEW, "Night flights return", COURT);
    assert_eq!(publisher.fate(&next.article()), skipped);
    let elsewhere = Draft { feed: "https://example.org/all", ..next.clone() };
    assert_eq!(publisher.one(&elsewhere.article()).version, 1);
    // The same words are the same article, under whatever URL and from whatever feed.
    let again = "https://example.org/news/grounding-of-the-ferry";
    let back = edited(&next, again, "Ferry aground", FERRY);
    assert_eq!(publisher.fate(&back.article()), skipped);
    let elsewhere = Draft { feed: "https://example.org/all", ..back };
    assert_eq!(publisher.fate(&elsewhere.article()), skipped);
}

#[test]
fn a_line_that_stands_for_any_text_makes_no_two_articles_one() {
    let line = "This story is for subscribers. Subscribe to read on.";
    let day = |day: u32| format!("https://example.org/2025/12/0{day}/briefing");
    // Whether it is the same article, some hours later and when the window has passed: then of the
    // title a hash is left.
    for (old, title, new, new_title, is_same, is_same_later) in [
        (OLD, "Ferry aground", NEW, "Night flights return", false, false),
        // of the words in common all stand in any title
        (OLD, "What it is and what it will be", NEW, "What is in it and what was", false, false),
        (OLD, "The end of the ferry", NEW, "The end of the trial", false, false),
        (OLD, "Ferry aground", NEW, "Ferry aground off Skarholm", true, false),
        (OLD, "What it is", NEW, "What it is", true, true),
        // a column of one title
        (day(2).as_str(), "Morning briefing", day(3).as_str(), "Morning briefing", false, true),
    ] {
        for (hours, is_same) in [(2, is_same), (9 * 24, is_same_later)] {
            let mut publisher = Publisher::new(Settings::default());
            let first = draft(old, title, line);
            let id = publisher.one(&first.article()).id;
            let mut other = draft("https://b.org/other-one-2", "Council meets", COURT);
            other.hour = hours;
            publisher.one(&other.article());
            let mut next = edited(&first, new, new_title, line);
            next.hour = hours;
            let (_, fate) = publisher.take(&next.article()).fate.unwrap();
            let is_known = matches!(&fate, Fate::Known { story: Some(story) }
                | Fate::Story { story, .. } if *story == id);
            assert_eq!(is_known, is_same, "{title} / {new_title} after {hours} hours");
        }
    }
}

#[test]
fn titles_that_share_nothing_but_stop_words_do_not_make_up_for_other_words() {
    // A fifth in common, as boilerplate of one outlet: enough only under like titles.
    let outro = "Subscribe to our evening letter for the news of the day from the coast.";
    let (one, other) = (format!("{FERRY}\n\n{outro}"), format!("{COURT}\n\n{outro}"));
    let mut publisher = Publisher::new(Settings::default());
    let first = draft(OLD, "What it was and what it is now", &one);
    let id = publisher.one(&first.article()).id;
    let next = edited(&first, NEW, "Where it was and what it will be", &other);
    assert_ne!(publisher.one(&next.article()).id, id);
}

/// An entry with a text of its own whose link others have, too.
fn sharing(guid: &str, title: &str, text: &str) -> Draft {
    Draft {
        guid: guid.to_owned(),
        source: ExtractionSource::Feed,
        shares_link: true,
        ..draft("https://example.org/live/storm", title, text)
    }
}

#[test]
fn entries_that_share_a_link_are_stories_of_their_own() {
    let mut publisher = Publisher::new(Settings::default());
    let (one, two) = (sharing("1", "Ferry aground", FERRY), sharing("2", "Night flights", COURT));
    let (first, second) = (publisher.one(&one.article()), publisher.one(&two.article()));
    assert_eq!((first.version, second.version, first.id == second.id), (1, 1, false));
    assert_eq!(first.url.as_deref(), Some("https://example.org/live/storm"));

    // A version of each is the next of each, whether its link is shared at that moment or not.
    for (at, shares_link) in [(2, true), (3, false)] {
        for (draft, event) in [(&one, &first), (&two, &second)] {
            let text = format!("{}\n\nParagraph {at} is new.", draft.text);
            let next =
                Draft { revision: at, hour: i64::from(at), text, shares_link, ..draft.clone() };
            let update = publisher.one(&next.article());
            assert_eq!((&update.id, update.version), (&event.id, at));
        }
    }
    // The page, from another feed, is a story of its own.
    let mut page =
        draft("https://example.org/live/storm", "Live: the storm", &format!("{FERRY}\n\n{COURT}"));
    page.feed = "https://example.org/all";
    assert_eq!(publisher.one(&page.article()).version, 1);
    let gone = sharing("1", "", "");
    let output = publisher.take(&Draft { revision: 9, ..gone }.skipped(SkipReason::Gone));
    assert_eq!(output.stories[0].event.id, first.id, "not that of the page");
}

#[test]
fn an_entry_keeps_its_story_when_others_come_to_share_its_link() {
    let mut publisher = Publisher::new(Settings::default());
    // Alone at first: its page was read, and names the story.
    let mut first = sharing("1", "Ferry aground", FERRY);
    (first.shares_link, first.source) = (false, ExtractionSource::Page);
    let story = publisher.one(&first.article());
    let other = publisher.one(&sharing("2", "Night flights", COURT).article());
    assert_ne!(story.id, other.id);
    let mut next = sharing("1", "Ferry aground", &format!("{FERRY}\n\nMore is known now."));
    (next.revision, next.hour) = (2, 1);
    assert_eq!(publisher.fate(&next.article()), Fate::Known { story: Some(story.id) });
}

#[test]
fn an_entry_that_has_a_link_only_later_is_the_same_story() {
    let mut publisher = Publisher::new(Settings::default());
    let mut nameless = draft("x", "Ferry aground", &FERRY[..300]);
    (nameless.url, nameless.source) = (None, ExtractionSource::Feed);
    let story = publisher.one(&nameless.article());
    let mut linked = edited(&nameless, NEW, "Ferry aground", FERRY);
    linked.source = ExtractionSource::Page;
    let event = publisher.one(&linked.article());
    assert_eq!((event.id, event.version), (story.id.clone(), 2));
    // And when the link is lost again.
    let mut lost = edited(&linked, NEW, "Ferry aground", FERRY);
    (lost.url, lost.source) = (None, ExtractionSource::Feed);
    assert_eq!(publisher.fate(&lost.article()), Fate::Known { story: Some(story.id) });
}
