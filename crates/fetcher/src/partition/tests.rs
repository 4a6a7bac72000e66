//! The stage under the real harness, over simulated hours.

mod feeds;
mod hubs;
mod imports;
mod known;
mod scorer;
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use bus::Topic;
use events::{Entry, FullText, PageOutcome, SkipReason};
use stage::{FetchError, Hop};

use world::{START, World, body, rss, status};

const FEED: &str = "https://www.example.org/feed.xml";
const HOUR: Duration = Duration::from_secs(3600);

fn entry(id: &str, link: &str) -> Entry {
    Entry {
        id: id.to_owned(),
        revision: 1,
        link: Some(link.to_owned()),
        title: Some("A title".to_owned()),
        seen_at: START,
        ..Entry::default()
    }
}

fn reasons(world: &World) -> Vec<String> {
    let word = |outcome: &PageOutcome| match outcome {
        PageOutcome::Html(_) => "html".to_owned(),
        PageOutcome::FeedText => "feed_text".to_owned(),
        PageOutcome::Failed { reason, .. } => reason.to_string(),
        PageOutcome::Moved { to } => format!("moved to {to}"),
        PageOutcome::Unchanged => "unchanged".to_owned(),
    };
    world.pages().iter().map(|page| word(&page.outcome)).collect()
}

#[test]
fn validators_go_back_byte_for_byte_and_304_brings_nothing() {
    let world = World::new(|fetch, _| {
        if fetch.key.starts_with("robots/") {
            return Ok(status(404, &[]));
        }
        if fetch.key.starts_with("page/") {
            return Ok(body("text/html", "<html><p>text"));
        }
        if fetch.headers.iter().any(|(name, _)| name == "if-none-match") {
            return Ok(status(304, &[]));
        }
        let mut answer = rss(&[("a", "One"), ("b", "Two")]);
        answer.headers.push(("etag".into(), "W/\"x  y\"".into()));
        answer.headers.push(("last-modified".into(), "yesterday, roughly".into()));
        Ok(answer)
    });
    let id = world.subscribe(FEED);
    world.run(HOUR * 3);
    let polls: Vec<_> =
        world.requests().into_iter().filter(|(_, fetch)| fetch.key.starts_with("poll/")).collect();
    assert!(polls.len() >= 3, "{} polls", polls.len());
    let header = |index: usize, name: &str| {
        let (_, fetch) = &polls[index];
        fetch.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
    };
    assert_eq!(header(0, "if-none-match"), None);
    for index in 1..polls.len() {
        assert_eq!(header(index, "if-none-match").as_deref(), Some("W/\"x  y\""));
        assert_eq!(header(index, "if-modified-since").as_deref(), Some("yesterday, roughly"));
    }
    assert_eq!(world.entries().len(), 2);
    assert_eq!(reasons(&world), ["html", "html"]);
    let feed = world.status(&id).unwrap();
    assert_eq!((feed.outcome.as_str(), feed.last_status), ("not_modified", Some(304)));
    assert_eq!(feed.title.as_deref(), Some("News"));
    assert!(!feed.why.is_empty());
}

#[test]
fn new_and_changed_entries_are_emitted_once_each_also_over_restarts() {
    let turn = Arc::new(AtomicU16::new(0));
    let now = Arc::clone(&turn);
    let mut world = World::new(move |_, _| {
        Ok(match now.load(Ordering::SeqCst) {
            0 => rss(&[("a", "One")]),
            1 => rss(&[("b", "Two"), ("a", "One")]),
            _ => rss(&[("b", "Two, corrected"), ("a", "One")]),
        })
    });
    world.settings.full_text = |_| true;
    let id = world.subscribe(FEED);
    for step in 0..3 {
        turn.store(step, Ordering::SeqCst);
        world.run(HOUR * 3);
    }
    let seen: Vec<(String, u32)> =
        world.entries().into_iter().map(|entry| (entry.title.unwrap(), entry.revision)).collect();
    let wanted = [("One", 1), ("Two", 1), ("Two, corrected", 2)];
    assert_eq!(seen, wanted.map(|(title, revision)| (title.to_owned(), revision)));
    assert_eq!(reasons(&world), ["feed_text"; 3]);
    assert_eq!(world.status(&id).unwrap().entries, 3);
}

#[test]
fn a_failing_feed_is_asked_ever_more_rarely_and_recovers() {
    let code = Arc::new(AtomicU16::new(500));
    let now = Arc::clone(&code);
    let world = World::new(move |_, _| match now.load(Ordering::SeqCst) {
        200 => Ok(rss(&[])),
        code => Ok(status(code, &[])),
    });
    let id = world.subscribe(FEED);
    world.run(HOUR * 24);
    let times = world.times("poll/");
    let gaps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.len() >= 4 && gaps.is_sorted(), "{gaps:?}");
    let feed = world.status(&id).unwrap();
    assert_eq!((feed.outcome.as_str(), feed.failures as usize), ("http_5xx", times.len()));
    code.store(200, Ordering::SeqCst);
    world.run(HOUR * 24);
    assert_eq!(world.status(&id).unwrap().failures, 0);
}

#[test]
fn a_429_keeps_all_of_its_site_quiet_for_as_long_as_it_asks() {
    let world = World::new(|fetch, at| {
        if fetch.url.starts_with("https://other.net") {
            return Ok(rss(&[]));
        }
        if at.millis_since(START) < 7_200_000 {
            return Ok(status(429, &[("retry-after", "7200")]));
        }
        Ok(rss(&[]))
    });
    world.subscribe(FEED);
    world.run(Duration::from_secs(1));
    world.subscribe("https://sub.example.org/other.xml");
    world.subscribe("https://other.net/feed.xml");
    world.run(HOUR * 3);
    let site: Vec<i64> = world
        .requests()
        .into_iter()
        .filter(|(_, fetch)| fetch.url.contains("example.org"))
        .map(|(at, _)| at)
        .collect();
    assert_eq!(site[0], 0);
    assert!(site[1] >= 7_200, "{site:?}");
    let other = world.requests().into_iter().find(|(_, fetch)| fetch.url.contains("other.net"));
    assert!(other.unwrap().0 < 5);
}

#[test]
fn a_429_behind_a_redirect_does_not_keep_the_feeds_own_site_quiet() {
    let world = World::new(|fetch, _| {
        if !fetch.url.ends_with("/moved.xml") {
            return Ok(rss(&[]));
        }
        let mut refused = status(429, &[("retry-after", "36000")]);
        refused.url = "https://other.net/feed.xml".to_owned();
        Ok(refused)
    });
    let moved = world.subscribe("https://www.example.org/moved.xml");
    world.subscribe(FEED);
    world.run(HOUR * 3);
    let times = |end: &str| {
        world.requests().into_iter().filter(|(_, fetch)| fetch.url.ends_with(end)).count()
    };
    assert_eq!(times("/moved.xml"), 1, "the feed waits as long as it was asked to");
    assert!(times("/feed.xml") >= 3, "its site does not");
    assert_eq!(world.status(&moved).unwrap().last_status, Some(429));
}

#[test]
fn pages_on_thousands_of_silent_hosts_keep_no_other_feed_waiting() {
    let mut world = World::new(|fetch, _| match fetch.key.split('/').next() {
        Some("poll") => Ok(rss(&[])),
        _ => Err(FetchError::Timeout("nobody answers".to_owned())),
    });
    world.latency_ms = 30_000;
    world.settings.revisit.clear();
    let of = |feed: &str, id: &str, link: &str| {
        let mut entry = entry(id, link);
        entry.feed.id = feed.to_owned();
        entry
    };
    for number in 0..3_000 {
        let link = format!("https://host{number}.net/a");
        world.put_entry(&of("many", &format!("id{number}"), &link));
    }
    // Its site waits behind them already when the feed comes.
    world.put_entry(&of("one", "last", "https://www.example.org/a"));
    world.run(Duration::from_secs(1));
    world.subscribe(FEED);
    world.run(HOUR);
    let first = |key: &str| world.times(key).first().copied();
    // There is a place for polls at once, for another feed's page as soon as one of the many ends.
    assert!(first("poll/").is_some_and(|at| at < 30), "{:?}", first("poll/"));
    let other = first("robots/https://www.example.org");
    assert!(other.is_some_and(|at| at < 60), "{other:?}");
    assert!(world.times("robots/").len() > 3_000);
}

#[test]
fn a_site_is_asked_no_more_often_than_its_spacing_allows() {
    let world = World::new(|fetch, _| {
        Ok(match fetch.key.split('/').next() {
            Some("robots") => body("text/plain", "User-agent: *\nCrawl-delay: 7\n"),
            _ => body("text/html", "<html>"),
        })
    });
    for number in 0..40 {
        let mut entry = entry(&format!("id{number}"), &format!("https://example.org/{number}"));
        entry.backfill = number < 5;
        world.put_entry(&entry);
    }
    world.run(HOUR);
    let times = world.times("page/");
    assert_eq!(times.len(), 40);
    let gaps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps[1..].iter().all(|gap| *gap >= 6), "{gaps:?}");
    assert!(gaps[1..].iter().sum::<i64>() >= 38 * 7 - 1, "{gaps:?}");
    assert_eq!(world.times("robots/").len(), 1);
    let last: Vec<String> = world.pages()[35..].iter().map(|page| page.entry.id.clone()).collect();
    assert_eq!(last, ["id0", "id1", "id2", "id3", "id4"], "back-fill comes last");
    let waiting = world.state(Topic::DownloadState);
    assert!(!waiting.keys().any(|key| key.starts_with("wait/")));
}

#[test]
fn a_redirect_within_a_site_costs_a_token() {
    let mut world = World::new(|fetch, _| {
        let mut page = body("text/html", "x");
        page.url = format!("{}-there", fetch.url);
        page.hops = vec![Hop { url: fetch.url.clone(), status: 302 }];
        Ok(if fetch.key.starts_with("robots/") { status(404, &[]) } else { page })
    });
    world.settings.revisit.clear();
    for number in 0..10 {
        world.put_entry(&entry(&format!("id{number}"), &format!("https://example.org/{number}")));
    }
    world.run(HOUR);
    let times = world.times("page/");
    assert_eq!(times.len(), 10);
    assert!(times[4..].windows(2).all(|pair| pair[1] - pair[0] >= 10), "{times:?}");
}

#[test]
fn a_site_of_very_many_hosts_is_asked_for_their_robots_txt_one_after_the_other() {
    let mut world = World::new(|fetch, _| {
        Ok(if fetch.key.starts_with("robots/") { status(404, &[]) } else { body("text/html", "x") })
    });
    world.settings.revisit.clear();
    for number in 0..20 {
        let link = format!("https://host{number}.example.org/a");
        world.put_entry(&entry(&format!("id{number}"), &link));
    }
    world.run(HOUR);
    assert_eq!(world.times("page/").len(), 20);
    let times = world.times("robots/");
    assert_eq!(times.len(), 20);
    let spaced = times[6..].windows(2).filter(|pair| pair[1] - pair[0] >= 5).count();
    assert_eq!(spaced, 13, "{times:?}");
}

#[test]
fn a_robots_txt_that_asks_us_to_wait_is_not_asked_for_before() {
    let world = World::new(|fetch, _| {
        Ok(if fetch.key.starts_with("robots/") {
            status(503, &[("retry-after", "7200")])
        } else {
            body("text/html", "x")
        })
    });
    world.put_entry(&entry("a", "https://example.org/a"));
    world.run(HOUR * 12);
    let times = world.times("robots/");
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 7200), "{times:?}");
}

#[test]
fn robots_txt_is_obeyed() {
    let world = World::new(|fetch, _| {
        Ok(match fetch.key.split('/').next() {
            Some("robots") if fetch.url.contains("broken") => status(503, &[]),
            Some("robots") => body("text/plain", "User-agent: newswire\nDisallow: /private\n"),
            _ => body("text/html", "<html>"),
        })
    });
    world.put_entry(&entry("a", "https://example.org/private/1"));
    world.put_entry(&entry("b", "https://example.org/public/1"));
    world.put_entry(&entry("c", "https://broken.net/1"));
    world.run(Duration::from_secs(60));
    let mut found: Vec<(String, bool)> = world
        .pages()
        .into_iter()
        .map(|page| {
            let robots =
                matches!(page.outcome, PageOutcome::Failed { reason: SkipReason::Robots, .. });
            (page.entry.id, robots)
        })
        .collect();
    found.sort();
    // Where robots.txt cannot be had the page is not asked for, and not refused yet either.
    let wanted = [("a", true), ("b", false)];
    assert_eq!(found, wanted.map(|(id, denied)| (id.to_owned(), denied)));
    assert_eq!(world.times("page/").len(), 1);
}

#[test]
fn a_redirect_that_leaves_the_site_sends_the_entry_on() {
    let world = World::new(|fetch, _| {
        Ok(match fetch.url.as_str() {
            "https://links.net/1" => status(302, &[("location", "https://example.org/story")]),
            "https://links.net/2" => status(302, &[("location", "https://loop.org/2")]),
            "https://loop.org/2" => status(302, &[("location", "https://links.net/2")]),
            url if url.ends_with("robots.txt") => status(404, &[]),
            _ => body("text/html", "<html>"),
        })
    });
    world.put_entry(&entry("a", "https://links.net/1"));
    world.put_entry(&entry("b", "https://links.net/2"));
    world.run(Duration::from_secs(60));
    let hops: Vec<(String, u32)> =
        world.entries().into_iter().map(|entry| (entry.id, entry.hop)).collect();
    assert_eq!(hops.len(), 4, "{hops:?}");
    let mut found = reasons(&world);
    found.sort();
    let wanted =
        ["html", "moved to https://example.org/story", "moved to https://loop.org/2", "redirects"];
    assert_eq!(found, wanted);
    let story = world.pages().into_iter().find(|page| matches!(page.outcome, PageOutcome::Html(_)));
    let story = story.unwrap().entry;
    assert_eq!((story.hop, story.via), (1, vec!["https://links.net/1".to_owned()]));
}

#[test]
fn what_fails_is_tried_again_by_the_schedule_also_over_restarts_and_then_given_up() {
    let mut world = World::new(|fetch, _| match fetch.key.as_str() {
        "page/b/1/0" => Err(FetchError::Timeout("after 30 s".to_owned())),
        "page/c/1/0" => Ok(status(410, &[])),
        "page/d/1/0" => Ok(status(503, &[("retry-after", "600")])),
        _ => Ok(status(404, &[])),
    });
    world.settings.retries = [60, 600].map(Duration::from_secs).to_vec();
    for id in ["a", "b", "c", "d"] {
        world.put_entry(&entry(id, &format!("https://{id}.org/")));
    }
    for _ in 0..30 {
        world.run(Duration::from_secs(60));
    }
    let mut found: Vec<(String, String)> =
        world.pages().into_iter().map(|page| page.entry.id).zip(reasons(&world)).collect();
    found.sort();
    let wanted = [("a", "not_found"), ("b", "network"), ("c", "gone"), ("d", "server_error")];
    assert_eq!(found, wanted.map(|(id, reason)| (id.to_owned(), reason.to_owned())));
    for (key, count, after) in
        [("page/a", 3, 60), ("page/b", 3, 60), ("page/c", 1, 0), ("page/d", 3, 600)]
    {
        let times = world.times(key);
        assert_eq!(times.len(), count, "{key}");
        assert!(times.len() == 1 || times[1] - times[0] >= after, "{key} {times:?}");
    }
}

#[test]
fn an_entry_read_twice_has_one_page() {
    let mut world = World::new(|_, _| Ok(body("text/html", "<html>")));
    let one = entry("a", "https://example.org/1");
    world.put_entry(&one);
    world.put_entry(&one);
    world.run(Duration::from_secs(30));
    world.put_entry(&one);
    world.step_ms = 10_000;
    world.run(HOUR * 24);
    world.put_entry(&one);
    world.put_entry(&Entry { revision: 2, ..one });
    world.run(Duration::from_secs(30));
    assert_eq!(reasons(&world), ["html", "html"]);
    assert_eq!(world.times("page/").len(), 2);
    world.run(HOUR * 24 * 9);
    assert!(!world.state(Topic::DownloadState).keys().any(|key| key.starts_with("page/")));
}

#[test]
fn a_removed_or_paused_feed_is_left_alone() {
    let world = World::new(|_, _| Ok(rss(&[])));
    let id = world.subscribe(FEED);
    world.run(HOUR);
    world.append::<events::Subscription>(Topic::Feeds, &id, None);
    world.run(Duration::from_secs(10));
    let polls = world.times("poll/").len();
    world.run(HOUR * 24);
    assert_eq!(world.times("poll/").len(), polls);
    let state = world.state(Topic::FeedState);
    assert!(!state.keys().any(|key| key.contains(&id)), "{:?}", state.keys());
}

#[test]
fn every_entry_has_its_outcome_without_a_request_where_none_is_needed() {
    let world = World::new(|_, _| Ok(status(404, &[])));
    let mut without_link = entry("a", "");
    without_link.link = None;
    let mut with_text = without_link.clone();
    with_text.id = "b".to_owned();
    with_text.summary = Some("text".to_owned());
    let mut from_feed = entry("c", "https://example.org/1");
    from_feed.feed.full_text = FullText::Feed;
    for entry in [without_link, with_text, from_feed, entry("d", "ftp://example.org/x")] {
        world.put_entry(&entry);
    }
    world.run(Duration::from_secs(1));
    assert_eq!(reasons(&world), ["no_link", "feed_text", "feed_text", "bad_link"]);
    assert!(world.requests().is_empty());
}
