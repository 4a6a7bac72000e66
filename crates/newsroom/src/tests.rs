//! Tests of the whole: schedule, pages, feeds and ground truth, without a network.

mod feeds;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::article::{CopyKind, Language, Reach, escape};
use crate::outlets::{Design, FeedFormat};
use crate::pages;
use crate::room::{Expected, Newsroom};
use crate::{Ask, Settings};

const START: i64 = 1_764_680_700_000;

fn room(settings: &Settings) -> Newsroom {
    let origins = (0..Newsroom::outlet_count(settings))
        .map(|number| format!("http://127.77.0.{}:8000", number + 1))
        .collect();
    Newsroom::new(settings, origins, START).unwrap()
}

fn demo() -> Newsroom {
    room(&Settings::default())
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Answer to a plain GET of an address of the newsroom.
fn get(room: &Newsroom, url: &str, elapsed: Duration) -> crate::Answer {
    let feeds = room.feeds();
    let (outlet, path) = feeds
        .iter()
        .find_map(|feed| {
            let path = url.strip_prefix(room.origin(feed.outlet))?;
            path.starts_with('/').then_some((feed.outlet, path))
        })
        .unwrap_or_else(|| panic!("{url} is not in the newsroom"));
    let ask = Ask { path: path.to_owned(), ..Ask::default() };
    room.answer(outlet, &ask, elapsed)
}

/// The page as text, whatever its charset.
fn text(answer: &crate::Answer) -> String {
    if answer.header("content-type").unwrap_or("").contains("8859") {
        return answer.body.iter().map(|byte| char::from(*byte)).collect();
    }
    String::from_utf8(answer.body.clone()).unwrap()
}

/// A page's running text with the character references resolved and elements dropped.
fn without_markup(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' => inside = false,
            other if !inside => out.push(other),
            _ => {}
        }
    }
    for (reference, character) in [
        ("&quot;", "\""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#8222;", "„"),
        ("&#8220;", "“"),
        ("&#8211;", "–"),
        ("&amp;", "&"),
    ] {
        out = out.replace(reference, character);
    }
    out
}

fn entries(room: &Newsroom, elapsed: Duration) -> usize {
    let state = room.state_at(elapsed);
    state.outlets.iter().map(|outlet| outlet.entries.len()).sum()
}

#[test]
fn the_first_articles_are_there_at_once_and_twenty_within_twelve_seconds() {
    let room = demo();
    assert_eq!(entries(&room, Duration::ZERO), 10);
    assert!(entries(&room, seconds(12)) >= 20);
    // One in each two seconds afterwards, for four minutes; then slower, for ever.
    let mut before = room.expected(seconds(12)).len();
    for moment in (22..240).step_by(10) {
        let now = room.expected(seconds(moment)).len();
        assert!((5..=12).contains(&(now - before)), "{} at {moment}", now - before);
        before = now;
    }
    let hours = |hours: u64| room.expected(seconds(3600 * hours)).len();
    assert_eq!(hours(3) - hours(2), 600);
}

#[test]
fn the_same_seed_and_moment_give_the_same_state_and_pages() {
    let (one, two) = (demo(), demo());
    let moment = seconds(200);
    assert_eq!(one.state_at(moment), two.state_at(moment));
    assert_eq!(one.expected(moment), two.expected(moment));
    for feed in one.feeds() {
        assert_eq!(get(&one, &feed.url, moment), get(&two, &feed.url, moment));
    }
    let other = room(&Settings { seed: 2, ..Settings::default() });
    assert_ne!(one.state_at(moment), other.state_at(moment));
}

#[test]
fn pace_makes_the_day_faster_and_leaves_the_stories_alone() {
    let fast = room(&Settings { pace: 4.0, ..Settings::default() });
    let titles = |room: &Newsroom, moment| {
        let all = room.expected(moment);
        all.into_iter().map(|article| article.title).collect::<Vec<_>>()
    };
    assert_eq!(titles(&fast, seconds(20)), titles(&demo(), seconds(80)));
}

#[test]
fn a_page_that_is_taken_down_was_an_article_before() {
    let room = demo();
    let find = |moment| {
        let mut all = room.expected(moment).into_iter();
        all.find(|article| article.title.starts_with("Harbour Bank")).unwrap()
    };
    let (before, after) = (find(seconds(149)), find(seconds(151)));
    assert!(!before.withdrawn && after.withdrawn);
    let url = after.final_url.unwrap();
    let status = |moment| (get(&room, &url, moment).status, room.gold(&url, moment).is_some());
    assert_eq!(status(seconds(149)), (200, true));
    assert_eq!(status(seconds(151)), (410, false));
}

#[test]
fn every_page_holds_its_gold_text_in_order_and_its_furniture() {
    let room = demo();
    let moment = seconds(130);
    let mut pages = 0;
    for article in room.expected(moment) {
        if matches!(article.reach, Reach::Missing | Reach::Gone | Reach::NoLink) {
            continue;
        }
        let url = article.final_url.as_ref().unwrap();
        let answer = get(&room, url, moment);
        assert_eq!(answer.status, 200, "{url}");
        let page = text(&answer);
        let words = without_markup(&page);
        let mut rest = words.as_str();
        for paragraph in &article.paragraphs {
            let at = rest.find(paragraph.as_str());
            let at = at.unwrap_or_else(|| panic!("{url} lacks {paragraph:?} (or its place)"));
            rest = &rest[at + paragraph.len()..];
        }
        assert!(words.contains(&article.title), "{url}");
        assert_eq!(room.gold(url, moment).as_ref(), Some(&article.gold()));
        let furniture: Vec<&String> =
            article.never.iter().filter(|phrase| words.contains(phrase.as_str())).collect();
        assert!(furniture.len() >= 12, "{url}: {furniture:?}");
        assert!(words.contains(&article.author), "{url}");
        for phrase in &article.never {
            let elsewhere = matches!(article.reach, Reach::Elsewhere { .. });
            assert!(elsewhere || !article.gold().contains(phrase.as_str()), "{url}: {phrase}");
        }
        pages += 1;
    }
    assert!(pages >= 100, "{pages}");
}

#[test]
fn the_designs_differ_and_each_calls_for_a_reply() {
    let room = demo();
    let moment = seconds(90);
    let mut designs: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for article in room.expected(moment) {
        let Some(url) = &article.final_url else { continue };
        let answer = get(&room, url, moment);
        if answer.status != 200 {
            continue;
        }
        let page = text(&answer);
        assert!(page.contains("comment-respond"), "{url}");
        let design = room.outlets[article.outlet].design;
        designs.entry(format!("{design:?}")).or_default().insert(article.outlet);
    }
    assert_eq!(designs.len(), 5);
    assert!(designs.values().all(|outlets| outlets.len() >= 2), "{designs:?}");
}

fn find<'a>(all: &'a [Expected], start: &str) -> &'a Expected {
    all.iter()
        .find(|article| article.title.starts_with(start))
        .unwrap_or_else(|| panic!("no article begins with {start}"))
}

#[test]
fn the_wire_story_has_two_exact_copies_and_an_abridged_one() {
    let all = demo().expected(seconds(60));
    let original = all
        .iter()
        .find(|article| article.outlet == 2 && article.title.starts_with("Pellan Line"))
        .unwrap();
    let copies: Vec<&Expected> = all
        .iter()
        .filter(|article| matches!(&article.copy_of, Some((_, CopyKind::Exact))))
        .collect();
    assert_eq!(copies.len(), 2);
    for copy in copies {
        assert_eq!(copy.gold(), original.gold());
        assert_eq!(copy.copy_of.as_ref().map(|(url, _)| url), original.final_url.as_ref());
        assert_ne!(copy.outlet, original.outlet);
    }
    let abridged = find(&all, "Last boat at ten");
    assert!(original.gold().starts_with(&abridged.gold()));
    assert!(matches!(abridged.copy_of, Some((_, CopyKind::Abridged))));
}

#[test]
fn the_corrected_article_changes_its_title_and_text_in_page_and_feed() {
    let room = demo();
    let before = room.expected(seconds(39));
    let article = find(&before, "Three injured");
    let (url, feed) = (article.url.clone().unwrap(), &room.feeds()[article.outlet].url);
    let after = room.expected(seconds(40));
    let corrected = find(&after, "Two injured");
    assert_eq!(corrected.url.as_ref(), Some(&url));
    assert_eq!(corrected.versions.len(), 2);
    assert_eq!(corrected.versions[0].paragraphs, article.paragraphs);
    let at = |url: &str, moment| text(&get(&room, url, seconds(moment)));
    for place in [&url, feed] {
        assert!(at(place, 39).contains("Three injured") && !at(place, 39).contains("Two injured"));
        assert!(at(place, 40).contains("Two injured") && !at(place, 40).contains("Three injured"));
    }
    assert!(at(&url, 40).contains("Two people were taken"));
    assert!(at(&url, 40).contains("Updated"));
}

#[test]
fn events_are_reported_in_own_words_and_across_languages() {
    let all = demo().expected(seconds(130));
    let mut events: BTreeMap<&str, Vec<&Expected>> = BTreeMap::new();
    for article in &all {
        if let Some(event) = &article.event {
            events.entry(event).or_default().push(article);
        }
    }
    assert!(events.len() >= 10);
    for (event, reports) in &events {
        let outlets: BTreeSet<usize> = reports.iter().map(|report| report.outlet).collect();
        assert!(outlets.len() >= 2, "{event}");
    }
    // Two bridges in two towns.
    assert!(events["kelmouth-bridge"].len() >= 2 && events["vessing-bridge"].len() >= 2);
    let languages: BTreeSet<Language> =
        events["astrolabe-theft"].iter().map(|report| report.language).collect();
    assert_eq!(languages.len(), 3);
}

#[test]
fn links_that_lead_nowhere_or_elsewhere_answer_as_they_should() {
    let room = demo();
    let moment = seconds(130);
    let all = room.expected(moment);
    let status = |title: &str| {
        let article = find(&all, title);
        get(&room, article.url.as_ref().unwrap(), moment)
    };
    assert_eq!(status("Where to eat").status, 404);
    assert_eq!(status("Stadtfest").status, 410);
    let moved = status("Nachtkino");
    assert_eq!(moved.status, 301);
    assert_eq!(
        moved.header("location"),
        find(&all, "Nachtkino")
            .final_url
            .as_ref()
            .map(|url| { url.strip_prefix("http://127.77.0.7:8000").unwrap() })
    );
    let elsewhere =
        all.iter().find(|article| matches!(article.reach, Reach::Elsewhere { .. })).unwrap();
    let answer = get(&room, elsewhere.url.as_ref().unwrap(), moment);
    assert_eq!(answer.header("location"), elsewhere.final_url.as_deref());
    assert!(elsewhere.final_url.as_ref().unwrap().starts_with("http://127.77.0.3:8000/"));
    assert!(elsewhere.title.starts_with("Amateur on hotel roof"));
    let denied = all.iter().find(|article| article.reach == Reach::Denied).unwrap();
    let robots = text(&get(&room, "http://127.77.0.6:8000/robots.txt", moment));
    assert!(robots.contains("Disallow: /intern/"));
    assert!(denied.url.as_ref().unwrap().contains("/intern/"));
    assert!(denied.summary.split_whitespace().count() >= 25);
    assert_eq!(get(&room, "http://127.77.0.5:8000/robots.txt", moment).status, 404);
    let unlinked = all.iter().find(|article| article.reach == Reach::NoLink).unwrap();
    assert!(unlinked.url.is_none() && unlinked.in_feed && !unlinked.paragraphs.is_empty());
}

#[test]
fn nothing_is_there_before_its_time() {
    let room = demo();
    let later = room.expected(seconds(130));
    let early = room.expected(Duration::ZERO);
    let known: BTreeSet<_> = early.iter().map(|article| article.final_url.clone()).collect();
    for article in later.iter().filter(|article| !known.contains(&article.final_url)) {
        for url in [&article.url, &article.final_url].into_iter().flatten() {
            assert_eq!(get(&room, url, Duration::ZERO).status, 404, "{url}");
        }
    }
    assert_eq!(
        get(&room, "http://127.77.0.1:8000/news/2025/12/02/none-77", seconds(9)).status,
        404
    );
}

#[test]
fn metadata_is_rich_in_some_designs_and_absent_in_others() {
    let room = demo();
    let moment = seconds(90);
    for article in room.expected(moment) {
        let Some(url) = article.final_url.filter(|_| article.reach == Reach::Page) else {
            continue;
        };
        let page = text(&get(&room, &url, moment));
        let outlet = &room.outlets[article.outlet];
        let has = |mark: &str| page.contains(mark);
        let (json_ld, open_graph) = (has("application/ld+json"), has("og:title"));
        match outlet.design {
            Design::Broadsheet => assert!(json_ld && open_graph),
            Design::Tabloid => assert!(!json_ld && open_graph),
            Design::Blog => assert!(!json_ld && !open_graph && has("itemprop=\"articleBody\"")),
            Design::Portal => assert!(!json_ld && !open_graph && !has("canonical")),
            Design::Cards => assert!(json_ld && !open_graph && has("@graph")),
        }
        if json_ld {
            let block = page.split("application/ld+json\">").nth(1).unwrap();
            let block = block.split("</script>").next().unwrap();
            let _: serde_json::Value = serde_json::from_str(block).unwrap();
        }
    }
}

#[test]
fn further_outlets_publish_as_many_articles_as_asked_each_with_a_page() {
    let settings = Settings {
        story: false,
        extra_outlets: 15,
        articles_per_outlet: 4,
        extra_interval: seconds(10),
        ..Settings::default()
    };
    let room = room(&settings);
    assert_eq!(entries(&room, Duration::ZERO), 1);
    assert_eq!(entries(&room, seconds(10)), 16);
    let all = room.expected(seconds(1000));
    assert_eq!(all.len(), 60);
    let titles: BTreeSet<&String> = all.iter().map(|article| &article.title).collect();
    let urls: BTreeSet<&Option<String>> = all.iter().map(|article| &article.url).collect();
    assert_eq!((titles.len(), urls.len()), (60, 60));
    for article in &all {
        let url = article.url.as_ref().unwrap();
        assert_eq!(get(&room, url, seconds(1000)).status, 200, "{url}");
        assert_eq!(room.gold(url, seconds(1000)), Some(article.gold()));
    }
}

#[test]
fn pictures_are_served_and_the_front_page_links_to_the_news() {
    let room = demo();
    let moment = seconds(5);
    let article = room.expected(moment).swap_remove(0);
    let page = text(&get(&room, article.final_url.as_ref().unwrap(), moment));
    let path = page.split("<img src=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let picture = get(&room, &format!("http://127.77.0.1:8000{path}"), moment);
    assert_eq!(picture.header("content-type"), Some("image/svg+xml"));
    assert!(text(&picture).starts_with("<svg"));
    let front = text(&get(&room, "http://127.77.0.1:8000/", moment));
    assert!(front.contains(&escape(&article.title)) && front.contains("application/rss+xml"));
}

#[test]
fn furniture_never_stands_in_a_written_or_generated_article() {
    let room = room(&Settings {
        extra_outlets: 12,
        extra_interval: Duration::ZERO,
        ..Settings::default()
    });
    let golds: Vec<String> = room.expected(seconds(300)).iter().map(Expected::gold).collect();
    for outlet in &room.outlets {
        for phrase in pages::never(outlet, "Nobody Inparticular") {
            assert!(golds.iter().all(|gold| !gold.contains(&phrase)), "{phrase}");
        }
    }
}
