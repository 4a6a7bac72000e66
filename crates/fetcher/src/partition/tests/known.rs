//! Articles that are known: further sightings, revisits, pages that are gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use bus::Topic;
use events::{Entry, FullText, PageOutcome, REVISIT_HOPS, SkipReason};

use super::world::{START, World, body, status};
use super::{HOUR, entry, reasons};

const STORY: &str = "https://example.org/story";

#[test]
fn an_article_of_several_feeds_is_asked_for_once() {
    let mut world = World::new(|fetch, _| {
        Ok(if fetch.key.starts_with("robots/") { status(404, &[]) } else { body("text/html", "x") })
    });
    world.latency_ms = 500;
    world.settings.revisit.clear();
    // Two while the first is on its way, one later, also over a restart.
    world.put_entry(&entry("a", STORY));
    world.put_entry(&entry("b", "https://example.org/story?utm_source=rss"));
    world.run(Duration::from_secs(60));
    world.put_entry(&entry("c", "http://example.org/story"));
    world.run(Duration::from_secs(60));
    assert_eq!(reasons(&world), ["html", "unchanged", "unchanged"]);
    assert_eq!(world.times("page/").len(), 1);
    // What its feed has changed is asked for again.
    world.put_entry(&Entry { revision: 2, ..entry("b", STORY) });
    world.run(Duration::from_secs(60));
    assert_eq!(world.times("page/").len(), 2);
}

#[test]
fn entries_whose_link_is_not_theirs_alone_each_have_the_text_of_their_feed() {
    let world = World::new(|_, _| Ok(body("text/html", "x")));
    let shared = |id: &str| Entry {
        shares_link: true,
        content: Some(format!("<p>What {id} says.</p>")),
        ..entry(id, "https://example.org/live")
    };
    world.put_entry(&shared("a"));
    world.put_entry(&shared("b"));
    world.run(Duration::from_secs(60));
    world.put_entry(&shared("c"));
    world.put_entry(&Entry { revision: 2, ..shared("a") });
    world.run(Duration::from_secs(60));
    assert_eq!(reasons(&world), ["feed_text"; 4]);
    assert_eq!(world.times("page/").len(), 0);
    // Where the operator wants pages, the page it is.
    let mut wanted = shared("d");
    wanted.feed.full_text = FullText::Page;
    world.put_entry(&wanted);
    world.run(Duration::from_secs(60));
    assert_eq!(world.times("page/").len(), 1);
}

#[test]
fn what_a_feed_says_of_another_sites_page_answers_for_itself_only() {
    let mut world = World::new(|fetch, _| {
        Ok(if fetch.key.starts_with("robots/") { status(404, &[]) } else { body("text/html", "x") })
    });
    world.settings.revisit.clear();
    let said_by = |feed: &str, id: &str, full_text: FullText| {
        let mut entry = entry(id, STORY);
        (entry.feed.id, entry.feed.full_text) = (feed.to_owned(), full_text);
        entry.feed.url = format!("https://{feed}/feed");
        entry
    };
    for (feed, id, outcome) in [
        ("planet.net", "a", "feed_text"),
        // The same feed names it once more; then the site's own, of which the page is asked for.
        ("planet.net", "b", "unchanged"),
        ("example.org", "c", "html"),
    ] {
        let full_text = if outcome == "html" { FullText::Auto } else { FullText::Feed };
        world.put_entry(&said_by(feed, id, full_text));
        world.run(Duration::from_secs(60));
        assert_eq!(reasons(&world).last().map(String::as_str), Some(outcome), "{id}");
    }
    // What is known of the page is not forgotten for what others say of it.
    let changed = Entry { revision: 2, ..said_by("planet.net", "a", FullText::Feed) };
    world.put_entry(&changed);
    world.run(Duration::from_secs(60));
    world.put_entry(&said_by("example.org", "d", FullText::Auto));
    world.run(Duration::from_secs(60));
    assert_eq!(reasons(&world)[3..], ["feed_text", "unchanged"]);
    assert_eq!(world.times("page/").len(), 1);
}

#[test]
fn a_redirector_is_asked_once_for_a_link_that_several_feeds_have() {
    let mut world = World::new(|fetch, _| {
        Ok(if fetch.url.contains("links.net/1") {
            status(301, &[("location", STORY)])
        } else if fetch.key.starts_with("robots/") {
            status(404, &[])
        } else {
            body("text/html", "x")
        })
    });
    world.settings.revisit.clear();
    for id in ["a", "b"] {
        world.put_entry(&entry(id, "https://links.net/1"));
    }
    world.run(Duration::from_secs(60));
    world.put_entry(&entry("c", "https://links.net/1"));
    world.run(Duration::from_secs(60));
    let asked = world.requests().iter().filter(|(_, f)| f.url.contains("links.net/1")).count();
    assert_eq!((asked, world.times("page/").len()), (1, 2));
    let mut found = reasons(&world);
    found.sort();
    let moved = format!("moved to {STORY}");
    assert_eq!(found, ["html", &moved, &moved, &moved, "unchanged", "unchanged"]);
}

#[test]
fn a_page_is_visited_after_an_hour_a_day_and_a_week_and_only_changes_are_told() {
    let version = Arc::new(AtomicU16::new(1));
    let now = Arc::clone(&version);
    let mut world = World::new(move |fetch, _| {
        let tag = format!("\"{}\"", now.load(Ordering::SeqCst));
        let is_known = fetch.headers.iter().any(|(n, v)| n == "if-none-match" && *v == tag);
        Ok(if fetch.key.starts_with("robots/") {
            status(404, &[])
        } else if is_known {
            status(304, &[])
        } else {
            let mut answer = body("text/html", &format!("<html><p>{tag}"));
            answer.headers.push(("etag".into(), tag));
            answer
        })
    });
    world.step_ms = 10_000;
    world.put_entry(&entry("a", STORY));
    world.run(HOUR * 2);
    assert_eq!(world.times("visit/").len(), 1);
    version.store(2, Ordering::SeqCst);
    world.run(HOUR * 24);
    world.run(HOUR * 24 * 8);
    let visits = world.times("visit/");
    let hours: Vec<i64> = visits.iter().map(|at| at / 3600).collect();
    assert_eq!(hours, [1, 24, 168]);
    assert_eq!(reasons(&world), ["html", "html"]);
    let hops: Vec<u32> = world.pages().iter().map(|page| page.entry.hop).collect();
    assert_eq!(hops, [0, 2 * REVISIT_HOPS]);
    let state = world.state(Topic::DownloadState);
    assert!(!state.keys().any(|key| key.starts_with("visit/")), "{:?}", state.keys());
}

#[test]
fn a_page_behind_a_redirect_is_asked_for_again_by_the_validators_of_where_it_is() {
    let mut world = World::new(|fetch, _| {
        if fetch.key.starts_with("robots/") {
            return Ok(status(404, &[]));
        }
        let mut answer = body("text/html", "x");
        answer.headers.push(("etag".into(), "\"1\"".into()));
        answer.url = "https://example.org/story-in-full".to_owned();
        Ok(answer)
    });
    world.step_ms = 10_000;
    world.put_entry(&entry("a", STORY));
    world.run(HOUR * 2);
    world.put_entry(&Entry { revision: 2, ..entry("a", STORY) });
    world.run(HOUR);
    let pages = world.requests().into_iter().filter(|(_, fetch)| !fetch.key.starts_with("robots/"));
    let of: Vec<Option<String>> = pages.map(|(_, fetch)| fetch.validators_of).collect();
    let there = Some("https://example.org/story-in-full".to_owned());
    assert_eq!(of, [None, there.clone(), there]);
}

#[test]
fn not_modified_says_nothing_of_a_page_that_was_never_had() {
    let world = World::new(|fetch, _| {
        Ok(status(if fetch.key.starts_with("robots/") { 404 } else { 304 }, &[]))
    });
    world.put_entry(&entry("a", STORY));
    world.run(HOUR);
    assert_eq!(reasons(&world), ["refused"]);
}

#[test]
fn a_redirect_to_another_host_of_the_site_obeys_the_robots_txt_there() {
    let world = World::new(|fetch, _| {
        let (host, path) = fetch.url.trim_start_matches("https://").split_once('/').unwrap();
        let to = |url: String| Ok(status(302, &[("location", url.as_str())]));
        match (host, path) {
            ("www.example.org", "robots.txt") => {
                Ok(body("text/plain", "User-agent: *\nDisallow: /private/"))
            }
            (_, "robots.txt") => Ok(status(404, &[])),
            ("www.example.org", _) => Ok(body("text/html", "x")),
            // One that never arrives.
            ("a.example.org", "round") => to("https://b.example.org/round".to_owned()),
            ("b.example.org", "round") => to("https://a.example.org/round".to_owned()),
            (_, path) => to(format!("https://www.example.org/{path}")),
        }
    });
    for path in ["public/1", "private/2"] {
        world.put_entry(&entry(path, &format!("https://example.org/{path}")));
    }
    world.put_entry(&entry("c", "https://c.example.org/round"));
    world.put_entry(&entry("a", "https://a.example.org/round"));
    world.run(HOUR);
    let asked = world.requests();
    assert!(!asked.iter().any(|(_, f)| f.url == "https://www.example.org/private/2"));
    let mut found: Vec<(String, String)> =
        world.pages().into_iter().map(|page| page.entry.id).zip(reasons(&world)).collect();
    found.sort();
    let wanted = [("a", "redirects"), ("c", "html"), ("private/2", "robots"), ("public/1", "html")];
    assert_eq!(found, wanted.map(|(id, reason)| (id.to_owned(), reason.to_owned())));
}

#[test]
fn a_visit_that_is_led_to_another_host_of_the_site_obeys_the_robots_txt_there() {
    let mut world = World::new(|fetch, at| {
        let (host, path) = fetch.url.trim_start_matches("https://").split_once('/').unwrap();
        let has_moved = at.millis_since(super::START) > 1_000_000;
        match (host, path) {
            ("archive.example.org", "robots.txt") => {
                Ok(body("text/plain", "User-agent: *\nDisallow: /closed/"))
            }
            (_, "robots.txt") => Ok(status(404, &[])),
            ("example.org", _) if has_moved => {
                let to = format!("https://archive.example.org/{path}");
                Ok(status(301, &[("location", to.as_str())]))
            }
            (host, _) => Ok(body("text/html", host)),
        }
    });
    world.step_ms = 10_000;
    for path in ["open/1", "closed/2"] {
        world.put_entry(&entry(path, &format!("https://example.org/{path}")));
    }
    world.run(HOUR * 24 * 8);
    let asked = world.requests();
    let count = |url: &str| asked.iter().filter(|(_, fetch)| fetch.url == url).count();
    assert_eq!(count("https://archive.example.org/closed/2"), 0);
    // Downloaded once, visited three times, each time led on anew.
    assert_eq!(count("https://example.org/open/1"), 4);
    assert_eq!(count("https://archive.example.org/open/1"), 3);
    let mut found: Vec<(String, u32)> =
        world.pages().into_iter().map(|page| (page.entry.id, page.entry.hop)).collect();
    found.sort();
    let wanted = [("closed/2", 0), ("open/1", 0), ("open/1", REVISIT_HOPS)];
    assert_eq!(found, wanted.map(|(id, hop)| (id.to_owned(), hop)));
}

#[test]
fn a_page_that_leads_to_the_front_page_has_no_new_version() {
    let mut world = World::new(|fetch, _| {
        if fetch.key.starts_with("robots/") {
            return Ok(status(404, &[]));
        }
        let is_visit = fetch.key.starts_with("visit/");
        let mut answer = body("text/html", if is_visit { "All the news" } else { "x" });
        answer.url = if is_visit { "https://example.org/".to_owned() } else { STORY.to_owned() };
        Ok(answer)
    });
    world.step_ms = 10_000;
    world.put_entry(&entry("a", STORY));
    world.run(HOUR * 24 * 8);
    assert_eq!(world.times("visit/").len(), 3);
    assert_eq!(reasons(&world), ["html"]);
}

#[test]
fn a_page_that_is_missing_twice_a_day_apart_is_gone() {
    let mut world = World::new(|fetch, at| {
        Ok(if fetch.key.starts_with("page/") && at.millis_since(super::START) < 1_000_000 {
            body("text/html", "x")
        } else {
            status(404, &[])
        })
    });
    world.step_ms = 10_000;
    world.put_entry(&entry("a", STORY));
    let mut exempt = entry("b", "https://other.org/story");
    exempt.feed.no_revisits = true;
    world.put_entry(&exempt);
    world.run(HOUR * 72);
    let hours: Vec<i64> = world.times("visit/").iter().map(|at| at / 3600).collect();
    assert_eq!(hours, [1, 24, 25], "missing, not yet a day; a day");
    let gone: Vec<u32> = world
        .pages()
        .into_iter()
        .filter(|page| matches!(page.outcome, PageOutcome::Failed { reason: SkipReason::Gone, .. }))
        .map(|page| page.entry.hop)
        .collect();
    assert_eq!(gone, [3 * REVISIT_HOPS]);
}

#[test]
fn a_page_that_returns_after_it_was_gone_is_told_whole() {
    for (back_after, told, hours) in [
        (20, vec!["html", "gone", "html"], vec![1, 24, 168]),
        (99, vec!["html", "gone", "html"], vec![1, 24, 168]),
        (999, vec!["html", "gone"], vec![1, 24, 168]),
    ] {
        let mut world = World::new(move |fetch, at| {
            let hours = at.millis_since(START) / 3_600_000;
            let mut page = body("text/html", "x");
            page.headers.push(("etag".into(), "\"x\"".into()));
            let knows = fetch.headers.iter().any(|(name, _)| name == "if-none-match");
            Ok(if fetch.key.starts_with("robots/") {
                status(404, &[])
            } else if (1..back_after).contains(&hours) {
                status(410, &[])
            } else if knows {
                status(304, &[])
            } else {
                page
            })
        });
        world.step_ms = 10_000;
        world.put_entry(&entry("a", STORY));
        world.run(HOUR * 24 * 8);
        assert_eq!(reasons(&world), told, "{back_after}");
        let visits: Vec<i64> = world.times("visit/").iter().map(|at| at / 3600).collect();
        assert_eq!(visits, hours);
        let state = world.state(Topic::DownloadState);
        assert!(!state.keys().any(|key| key.starts_with("visit/")), "{:?}", state.keys());
    }
}

#[test]
fn a_visit_that_is_called_off_on_its_way_gives_its_connection_back() {
    let mut world = World::new(|fetch, _| {
        let is_robots = fetch.key.starts_with("robots/");
        Ok(if is_robots { status(404, &[]) } else { body("text/html", "x") })
    });
    (world.step_ms, world.latency_ms, world.visit_latency_ms) = (100, 1_000, 300_000);
    world.settings.site_connections = 2;
    for (hour, name) in (0..).zip(["a", "b"]) {
        let story = entry(name, &format!("https://example.org/{name}"));
        world.put_entry_after(HOUR * 2 * hour, &story);
        // While its first visit is on its way the page is had again, and is to be left alone.
        let mut changed = Entry { revision: 2, ..story };
        changed.feed.no_revisits = true;
        world.put_entry_after(HOUR * 2 * hour + HOUR + Duration::from_secs(60), &changed);
    }
    world.put_entry_after(HOUR * 4, &entry("c", "https://example.org/c"));
    world.run(HOUR * 4 + Duration::from_secs(60));
    assert_eq!(world.times("visit/").len(), 2);
    assert_eq!(world.times("page/").len(), 5);
}

#[test]
fn back_fill_gives_way_where_too_many_pages_wait() {
    let mut world = World::new(|fetch, _| {
        Ok(if fetch.key.starts_with("robots/") { status(404, &[]) } else { body("text/html", "x") })
    });
    world.settings.site_waiting = 3;
    world.settings.revisit.clear();
    for (id, backfill) in [("a", true), ("b", true), ("c", true), ("d", false), ("e", true)] {
        let mut entry = entry(id, &format!("https://example.org/{id}"));
        entry.backfill = backfill;
        world.put_entry(&entry);
    }
    world.run(HOUR);
    let mut found: Vec<(String, String)> =
        world.pages().into_iter().map(|page| page.entry.id).zip(reasons(&world)).collect();
    found.sort();
    let busy = found.iter().filter(|(_, reason)| reason == "site_busy").count();
    assert_eq!((found.len(), busy), (5, 2), "{found:?}");
    assert_eq!(found[3].1, "html", "what is live is not dropped: {found:?}");
}

#[test]
fn a_robots_txt_that_cannot_be_had_for_a_while_costs_no_page() {
    for (broken_for, asked_for, outcome) in [(90 * 60, 1, "html"), (24 * 3600, 0, "robots")] {
        let world = World::new(move |fetch, now| {
            let is_broken = now < START.plus_millis(broken_for * 1000);
            Ok(match fetch.key.split('/').next() {
                Some("robots") if is_broken => status(503, &[]),
                Some("robots") => status(404, &[]),
                _ => body("text/html", "x"),
            })
        });
        world.put_entry_after(Duration::from_secs(1), &entry("a", "https://example.org/a"));
        world.run(HOUR * 12);
        assert_eq!(world.times("page/").len(), asked_for);
        assert_eq!(reasons(&world), [outcome]);
        // Once an hour, and never the page.
        assert!(world.times("robots/").len() <= 5, "{:?}", world.times("robots/"));
    }
}

#[test]
fn pages_of_one_address_are_given_up_together_where_robots_txt_cannot_be_had() {
    let mut world = World::new(|fetch, _| {
        Ok(if fetch.key.starts_with("robots/") { status(503, &[]) } else { body("text/html", "x") })
    });
    world.step_ms = 1_000;
    for id in ["a", "b", "c"] {
        world.put_entry_after(Duration::from_secs(1), &entry(id, STORY));
    }
    world.run(HOUR * 6);
    assert_eq!(reasons(&world), ["robots"; 3]);
    assert!(world.times("robots/").len() <= 5, "{:?}", world.times("robots/"));
}

#[test]
fn a_visit_waits_for_a_robots_txt_that_cannot_be_had_for_a_while_and_not_for_ever() {
    // It is down when the page is to be visited after a day.
    for (until, visits) in [(30, vec![1, 30, 168]), (24 * 30, vec![1])] {
        let mut world = World::new(move |fetch, now| {
            let hours = now.millis_since(START) / 3_600_000;
            let is_down = (20..until).contains(&hours);
            Ok(match fetch.key.split('/').next() {
                Some("robots") if is_down => status(503, &[]),
                Some("robots") => status(404, &[]),
                _ => body("text/html", "x"),
            })
        });
        world.step_ms = 10_000;
        world.put_entry_after(Duration::from_secs(1), &entry("a", STORY));
        world.run(HOUR * 24 * 20);
        let found: Vec<i64> = world.times("visit/").iter().map(|at| at / 3600).collect();
        assert_eq!(found, visits);
        let state = world.state(Topic::DownloadState);
        assert!(!state.keys().any(|key| key.starts_with("visit/")), "{:?}", state.keys());
    }
}
