//! Feeds that move, are gone, are lists of sitemaps, or whose site is another partition's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use bus::Topic;
use events::{Subscription, feed_id};
use stage::{Answer, Hop};

use super::world::{START, World, body, rss, status};
use super::{FEED, HOUR};
use crate::settings::WebSub;
use crate::websub::Key;

const NEW: &str = "https://new.net/feed.xml";

fn subscriptions(world: &World) -> Vec<Subscription> {
    let values = world.values(Topic::Feeds);
    values.iter().map(|value| serde_json::from_slice(value).unwrap()).collect()
}

#[test]
fn a_feed_that_moves_takes_its_cursor_along_and_its_old_address_stays_moved() {
    let mut world = World::new(|fetch, _| {
        if fetch.key.starts_with("robots/") || fetch.key.starts_with("page/") {
            return Ok(status(404, &[]));
        }
        let mut answer = rss(&[("a", "One"), ("b", "Two")]);
        if fetch.url == FEED {
            answer.url = NEW.to_owned();
            answer.hops = vec![Hop { url: FEED.to_owned(), status: 301 }];
        }
        Ok(answer)
    });
    world.step_ms = 10_000;
    world.settings.full_text = |_| true;
    let id = world.subscribe(FEED);
    world.run(HOUR * 24 * 5);
    let new_id = feed_id(NEW);
    let written = subscriptions(&world);
    assert_eq!(written.len(), 3, "{written:?}");
    let cursor = written.iter().find(|record| record.cursor.is_some()).unwrap();
    assert_eq!((cursor.id.as_str(), cursor.moved_from.as_ref()), (new_id.as_str(), Some(&id)));
    let moved = written.iter().find(|record| record.moved_to.is_some()).unwrap();
    assert_eq!((moved.id.as_str(), moved.moved_to.as_deref()), (id.as_str(), Some(NEW)));
    // Nothing is new at the new address, and the old one is not asked any more.
    assert_eq!(world.entries().len(), 2);
    let new = world.status(&new_id).unwrap();
    assert!(new.polls > 3 && new.moved_to.is_none(), "{new:?}");
    assert_eq!(world.status(&id).unwrap().moved_to.as_deref(), Some(NEW));
    let last_old = world.requests().iter().rposition(|(_, fetch)| fetch.url == FEED).unwrap();
    let after = world.requests()[last_old + 1..].iter().filter(|(_, f)| f.url == NEW).count();
    assert!(after >= 2, "{after}");
    // An upsert of the old address changes nothing.
    world.subscribe(FEED);
    world.run(HOUR);
    assert_eq!(subscriptions(&world).last().unwrap().moved_to.as_deref(), Some(NEW));
    assert_eq!(world.status(&id).unwrap().moved_to.as_deref(), Some(NEW));
    // A removal ends the memory of it, not the feed.
    world.append::<Subscription>(Topic::Feeds, &id, None);
    world.run(HOUR);
    assert!(world.status(&id).is_none() && world.status(&new_id).is_some());
}

#[test]
fn the_secrets_of_a_feed_do_not_move_to_another_origin() {
    for (new, has_secrets) in [(NEW, false), ("https://www.example.org/now.xml", true)] {
        let mut world = World::new(move |fetch, _| {
            let mut answer = rss(&[]);
            if fetch.url == FEED {
                answer.url = new.to_owned();
                answer.hops = vec![Hop { url: FEED.to_owned(), status: 308 }];
            }
            Ok(answer)
        });
        world.step_ms = 10_000;
        let id = feed_id(FEED);
        let subscription = Subscription {
            id: id.clone(),
            url: FEED.to_owned(),
            headers: [("x-key".to_owned(), "secret".to_owned())].into(),
            auth: events::Auth { bearer_env: Some("TOKEN".to_owned()), basic_env: None },
            ..Subscription::default()
        };
        world.append(Topic::Feeds, &id, Some(&subscription));
        world.run(HOUR * 24 * 5);
        let moved = world.status(&feed_id(new)).unwrap().subscription;
        assert_eq!(moved.headers.contains_key("x-key"), has_secrets);
        assert_eq!(moved.auth.bearer_env.is_some(), has_secrets);
        let told = world.requests().into_iter().filter(|(_, fetch)| fetch.url == new);
        assert!(told.clone().count() > 2);
        assert!(told.into_iter().all(|(_, f)| f.auth.bearer_env.is_some() == has_secrets));
    }
}

#[test]
fn the_site_of_a_feed_that_is_gone_is_searched_for_another_one() {
    let world = World::new(|fetch, _| {
        Ok(match fetch.url.as_str() {
            FEED => status(410, &[]),
            "https://www.example.org/" => body(
                "text/html",
                "<link rel=alternate type=application/rss+xml href=\"/feed.xml\">\
                 <link rel=alternate type=application/rss+xml href=\"/comments/feed/\">\
                 <link rel=alternate type=application/rss+xml href=\"/news/rss\">",
            ),
            "https://www.example.org/news/rss" => rss(&[("a", "One")]),
            _ => status(404, &[]),
        })
    });
    let id = world.subscribe(FEED);
    world.run(HOUR);
    let found = "https://www.example.org/news/rss";
    let doubted = world.status(&id).unwrap();
    assert_eq!(doubted.moved_to, None);
    assert!(doubted.why.contains(found), "{}", doubted.why);
    world.run(HOUR * 24 * 4);
    assert_eq!(world.status(&id).unwrap().moved_to.as_deref(), Some(found));
    let new = world.status(&feed_id(found)).unwrap();
    assert_eq!((new.failures, new.subscription.moved_from), (0, Some(id)));
    assert_eq!(world.entries().len(), 1);
}

#[test]
fn a_feed_that_is_gone_is_asked_the_next_day_before_the_next_month() {
    // Whatever failed before it.
    let polls = AtomicU16::new(0);
    let world = World::new(move |fetch, _| {
        let fails = fetch.key.starts_with("poll/") && polls.fetch_add(1, Ordering::SeqCst) < 4;
        Ok(status(if fails { 500 } else { 410 }, &[]))
    });
    world.subscribe(FEED);
    world.run(HOUR * 24 * 60);
    let times = world.times("poll/");
    let gaps: Vec<i64> = times[4..].windows(2).map(|pair| (pair[1] - pair[0]) / 3600).collect();
    assert!(gaps.len() >= 2, "{times:?}");
    assert!(gaps[0] <= 48 && gaps[1] >= 25 * 24, "{gaps:?}");
}

#[test]
fn a_feed_that_says_it_is_gone_for_a_day_stays_where_it_is() {
    let polls = Arc::new(AtomicU16::new(0));
    let polled = Arc::clone(&polls);
    let world = World::new(move |fetch, _| {
        Ok(match fetch.url.as_str() {
            FEED if polled.fetch_add(1, Ordering::SeqCst) < 2 => status(410, &[]),
            FEED => rss(&[("a", "One")]),
            "https://www.example.org/" => body(
                "text/html",
                "<link rel=alternate type=application/rss+xml href=\"/news/rss\">",
            ),
            _ => status(404, &[]),
        })
    });
    let id = world.subscribe(FEED);
    world.run(HOUR * 24 * 5);
    let feed = world.status(&id).unwrap();
    assert_eq!((feed.moved_to, feed.failures), (None, 0));
    assert!(polls.load(Ordering::SeqCst) > 3);
}

#[test]
fn the_sitemaps_of_an_index_are_read_with_it_each_by_its_own_validators() {
    let turn = Arc::new(AtomicU16::new(0));
    let now = Arc::clone(&turn);
    let world = World::new(move |fetch, _| {
        let url = |loc: &str| format!("<url><loc>https://www.example.org/{loc}</loc></url>");
        let set = |urls: &str| body("application/xml", &format!("<urlset>{urls}</urlset>"));
        let mut answer: Answer = match fetch.url.as_str() {
            FEED => body(
                "application/xml",
                "<sitemapindex><sitemap><loc>https://www.example.org/news-1.xml</loc></sitemap>\
                 <sitemap><loc>https://www.example.org/news-2.xml</loc></sitemap>\
                 <sitemap><loc>https://www.example.org/1999.xml</loc></sitemap></sitemapindex>",
            ),
            "https://www.example.org/news-1.xml" => set(&url("one")),
            "https://www.example.org/news-2.xml" if now.load(Ordering::SeqCst) == 0 => {
                set(&url("two"))
            }
            "https://www.example.org/news-2.xml" => set(&(url("three") + &url("two"))),
            _ => return Ok(status(404, &[])),
        };
        let tag = events::sha256_hex(&answer.body)[..9].to_owned();
        if fetch.headers.iter().any(|(n, v)| n == "if-none-match" && *v == tag) {
            answer = status(304, &[]);
        }
        answer.headers.push(("etag".into(), tag));
        Ok(answer)
    });
    let id = world.subscribe(FEED);
    world.run(HOUR * 2);
    turn.store(1, Ordering::SeqCst);
    world.run(HOUR * 26);
    let links: Vec<String> = world.entries().into_iter().filter_map(|entry| entry.link).collect();
    let wanted = ["one", "two", "three"].map(|end| format!("https://www.example.org/{end}"));
    assert_eq!(links, wanted);
    assert!(!world.requests().iter().any(|(_, fetch)| fetch.url.ends_with("1999.xml")));
    let unconditional = |end: &str| {
        let all = world.requests();
        let asked = all.iter().filter(|(_, fetch)| fetch.url.ends_with(end));
        asked.filter(|(_, f)| !f.headers.iter().any(|(name, _)| name == "if-none-match")).count()
    };
    assert_eq!((unconditional("feed.xml"), unconditional("news-2.xml")), (1, 1));
    assert_eq!(world.status(&id).unwrap().failures, 0);
}

#[test]
fn an_index_that_changes_with_every_story_makes_no_page_of_its_sitemaps_new_again() {
    let turn = Arc::new(AtomicU16::new(0));
    let now = Arc::clone(&turn);
    let world = World::new(move |fetch, _| {
        let turn = now.load(Ordering::SeqCst);
        Ok(match fetch.url.as_str() {
            FEED => body(
                "application/xml",
                &format!(
                    "<sitemapindex><sitemap><loc>https://www.example.org/news.xml</loc>\
                     <lastmod>2025-11-2{turn}</lastmod></sitemap></sitemapindex>"
                ),
            ),
            "https://www.example.org/news.xml" => {
                let url = |n| format!("<url><loc>https://www.example.org/{n}</loc></url>");
                let urls: String = (0..200 + turn).map(url).collect();
                body("application/xml", &format!("<urlset>{urls}</urlset>"))
            }
            _ => status(404, &[]),
        })
    });
    world.subscribe(FEED);
    world.run(HOUR);
    for day in 1..4 {
        turn.store(day, Ordering::SeqCst);
        world.run(HOUR * 25);
    }
    assert_eq!(world.entries().len(), 203);
}

#[test]
fn the_sitemaps_of_an_index_are_read_to_the_last_although_the_process_stops_between() {
    let world = World::new(|fetch, _| {
        let path = fetch.url.trim_start_matches("https://www.example.org/");
        Ok(match path {
            "feed.xml" => {
                let sitemap =
                    |n| format!("<sitemap><loc>https://www.example.org/news-{n}</loc></sitemap>");
                let sitemaps: String = (0..4).map(sitemap).collect();
                body("application/xml", &format!("<sitemapindex>{sitemaps}</sitemapindex>"))
            }
            _ => body("application/xml", &format!("<urlset><url><loc>{path}</loc></url></urlset>")),
        })
    });
    world.subscribe(FEED);
    world.run(Duration::from_secs(7));
    assert_eq!(world.times("poll/").len(), 3);
    world.run(Duration::from_secs(30));
    assert_eq!(world.times("poll/").len(), 5, "the index and each of four");
}

#[test]
fn an_index_that_lists_fewer_sitemaps_than_before_makes_no_old_page_news() {
    let turn = Arc::new(AtomicU16::new(0));
    let now = Arc::clone(&turn);
    let mut world = World::new(move |fetch, _| {
        let turn = now.load(Ordering::SeqCst);
        let path = fetch.url.trim_start_matches("https://www.example.org/");
        Ok(match path.trim_start_matches("news-").trim_end_matches(".xml") {
            "feed" => {
                let sitemaps = (0..if turn == 1 { 1 } else { 8 }).map(|n| {
                    format!("<sitemap><loc>https://www.example.org/news-{n}.xml</loc></sitemap>")
                });
                let sitemaps: String = sitemaps.collect();
                body("application/xml", &format!("<sitemapindex>{sitemaps}</sitemapindex>"))
            }
            // Pages of the last six years, one a day; one that was forgotten comes late.
            sitemap => {
                let url = |n: i64| {
                    let day = START.plus_millis(-n * 24 * 3600 * 1000).to_string();
                    format!(
                        "<url><loc>https://www.example.org/{sitemap}/{n}</loc>\
                         <lastmod>{}</lastmod></url>",
                        &day[..10]
                    )
                };
                let first = if turn == 2 { 29 } else { 30 };
                let urls: String = (first..2200).map(url).collect();
                body("application/xml", &format!("<urlset>{urls}</urlset>"))
            }
        })
    });
    world.settings.full_text = |_| true;
    world.subscribe(FEED);
    for step in 0..3 {
        turn.store(step, Ordering::SeqCst);
        world.run(HOUR * 25);
    }
    let entries = world.entries();
    let ids: std::collections::BTreeSet<&str> = entries.iter().map(|e| e.id.as_str()).collect();
    assert_eq!(ids.len(), entries.len(), "an entry came twice");
    assert_eq!(entries.len(), 8 * (10_000 / 8 + 1));
    assert!(entries.iter().all(|entry| entry.backfill), "an old page came as news");
}

#[test]
fn what_is_old_in_a_document_of_which_nothing_is_known_is_no_news() {
    let turn = Arc::new(AtomicU16::new(0));
    let now = Arc::clone(&turn);
    let mut world = World::new(move |_, at| {
        let turn = now.load(Ordering::SeqCst);
        // Empty, then with entries of many days, then all renumbered; at last one that came late.
        let mut items: Vec<(String, i64)> = match turn {
            0 => Vec::new(),
            _ => (0..10).map(|n| (format!("{}/{n}", turn.min(2)), n)).collect(),
        };
        if turn == 3 {
            items.push(("late".to_owned(), 40));
        }
        let item = |(name, days): &(String, i64)| {
            let date = at.plus_millis(-days * 24 * 3600 * 1000 - 1);
            format!(
                "<entry><id>{name}</id><title>{name}</title>\
                 <link href='https://www.example.org/{name}'/><published>{date}</published></entry>"
            )
        };
        let items: String = items.iter().map(item).collect();
        Ok(body("application/atom+xml", &format!("<feed>{items}</feed>")))
    });
    world.settings.full_text = |_| true;
    world.subscribe(FEED);
    for step in 0..4 {
        turn.store(step, Ordering::SeqCst);
        world.run(HOUR * 25);
    }
    let entries = world.entries();
    let mut first = entries.iter().filter(|entry| entry.revision == 1);
    let backfill: Vec<bool> = first.by_ref().map(|entry| entry.backfill).collect();
    let document = |live: usize| (0..10).map(move |n| n >= live);
    let wanted: Vec<bool> = document(1).chain(document(1)).chain([false]).collect();
    assert_eq!(backfill, wanted);
}

#[test]
fn a_feed_that_says_too_much_of_itself_is_read_all_the_same() {
    let long = "x".repeat(2_200_000);
    let document = format!(
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel>\
         <title>{long}</title><language>{long}</language>\
         <atom:link rel='hub' href='https://hub.org/'/>\
         <atom:link rel='self' href='https://www.example.org/{long}'/>\
         <item><guid>a</guid><title>One</title><description>Some words</description></item>\
         </channel></rss>"
    );
    let mut world = World::new(move |_, _| Ok(body("application/xml", &document)));
    world.settings.full_text = |_| true;
    world.settings.websub = Some(WebSub {
        public_url: "https://me.example.net".to_owned(),
        key: Key::new(b"a secret of sixteen"),
    });
    let id = world.subscribe(FEED);
    world.run(HOUR);
    assert_eq!(world.status(&id).unwrap().failures, 0);
    let entries = world.entries();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].summary.as_deref(), Some("Some words"), "its own text was dropped");
}

#[test]
fn a_feed_in_the_wrong_partition_goes_to_the_owner_of_its_site() {
    let mut world = World::new(|_, _| Ok(rss(&[("a", "One")])));
    // The world has one partition, number 0; the feed's site belongs to another of many.
    let (owner, partitions) = (2..50)
        .map(|n| (events::partition_of(b"example.org", n), n))
        .find(|(owner, _)| *owner != 0)
        .unwrap();
    world.settings.partitions = partitions;
    assert_ne!(owner, 0);
    let id = feed_id(FEED);
    let subscription =
        Subscription { id: id.clone(), url: FEED.to_owned(), ..Subscription::default() };
    world.append(Topic::Feeds, &id, Some(&subscription));
    // In this world all partitions are one, so it comes back: once is enough to see.
    world.stop_after_records(1);
    world.run(Duration::from_secs(5));
    assert!(world.status(&id).is_none());
    assert_eq!(world.times("poll/").len(), 0);
    let all = world.all_values(Topic::Feeds);
    assert!(all.len() >= 3, "the record, the record for its owner, the end of the first");
    assert!(all[1].is_some() && all[2].is_none());
}

#[test]
fn feeds_are_counted_by_how_they_fare() {
    let world = World::new(|fetch, _| {
        Ok(if fetch.url.contains("bad") { status(500, &[]) } else { rss(&[("a", "One")]) })
    });
    world.subscribe(FEED);
    world.subscribe("https://bad.org/feed.xml");
    world.run(Duration::from_secs(120));
    let gauges = world.gauges();
    let value = |label: &str| {
        let found = gauges.iter().find(|(key, _)| key.contains(label));
        found.map(|(_, value)| *value)
    };
    assert_eq!(
        (value("working"), value("failing"), value("gone")),
        (Some(1.0), Some(1.0), Some(0.0))
    );
}

#[test]
fn what_a_document_says_makes_no_state_record_large() {
    let long = "x".repeat(100_000);
    let many = |count: usize, make: &dyn Fn(usize) -> String| (0..count).map(make).collect();
    let items: String = many(1_000, &|n| {
        format!("<item><guid>{n}{}</guid><link>https://example.org/{n}</link></item>", &long[..500])
    });
    let hubs: String =
        many(50, &|n| format!("<link rel='hub' href='https://hub.org/{n}{}'/>", &long[..7_000]));
    let sitemaps: String = many(2_000, &|n| {
        format!("<sitemap><loc>https://example.org/{n}{}</loc></sitemap>", &long[..500])
    });
    for document in [
        format!(
            "<rss><channel><title>{long}</title><language>{long}</language>{hubs}\
             <link rel='self' href='https://example.org/{long}'/>{items}</channel></rss>"
        ),
        format!(
            "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{sitemaps}\
             </sitemapindex>"
        ),
    ] {
        let headers = long.clone();
        let world = World::new(move |fetch, _| {
            let mut answer = body("application/xml", &document);
            for name in ["etag", "last-modified", "cache-control"] {
                answer.headers.push((name.into(), headers.clone()));
            }
            Ok(if fetch.key.starts_with("poll/") { answer } else { status(404, &[]) })
        });
        world.subscribe(FEED);
        world.run(Duration::from_secs(120));
        let records = world.state(Topic::FeedState).into_iter();
        for (key, value) in records.chain(world.state(Topic::DownloadState)) {
            let most = if key.starts_with("seen/") { 40_000 } else { 20_000 };
            assert!(value.len() < most, "{key}: {} bytes", value.len());
        }
    }
}
