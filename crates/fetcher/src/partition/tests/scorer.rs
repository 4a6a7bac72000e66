//! A publisher's server that keeps score of how it is visited (after the Feed Reader Behavior
//! project): weeks on the injected clock, with restarts. The score must be zero of everything.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use events::Timestamp;
use stage::{Answer, Fetch, FetchError};

use super::world::{START, World, body, status};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// What a feed's server is like.
#[derive(Clone, Copy, Debug, Default)]
struct Nature {
    host: &'static str,
    /// Seconds between items.
    gap: i64,
    etag: bool,
    date: bool,
    /// The entity tag stays while the document changes, after so many seconds.
    etag_lies_after: Option<i64>,
    max_age: i64,
    /// Refuses in these seconds, with this status and Retry-After.
    refuses: Option<(i64, i64, u16, i64)>,
    crawl_delay: i64,
}

const PUBLISHERS: [Nature; 8] = [
    Nature { host: "www.busy.org", gap: 30 * MINUTE, etag: true, date: true, ..NATURE },
    Nature { host: "www.tags.org", gap: 5 * HOUR, etag: true, ..NATURE },
    Nature { host: "www.dates.org", gap: 2 * HOUR, date: true, max_age: 40 * MINUTE, ..NATURE },
    Nature { host: "www.plain.org", gap: 9 * HOUR, ..NATURE },
    Nature {
        host: "www.cross.org",
        gap: HOUR,
        etag: true,
        refuses: Some((3 * DAY, 5 * DAY, 429, 7 * HOUR)),
        ..NATURE
    },
    Nature {
        host: "www.tired.org",
        gap: HOUR,
        etag: true,
        date: true,
        refuses: Some((6 * DAY, 7 * DAY, 503, 5 * HOUR)),
        ..NATURE
    },
    Nature {
        host: "www.liar.org",
        gap: HOUR,
        etag: true,
        date: true,
        etag_lies_after: Some(2 * DAY),
        ..NATURE
    },
    Nature { host: "www.slow.org", gap: HOUR, etag: true, crawl_delay: 30, ..NATURE },
];

const NATURE: Nature = Nature {
    host: "",
    gap: 0,
    etag: false,
    date: false,
    etag_lies_after: None,
    max_age: 0,
    refuses: None,
    crawl_delay: 0,
};

/// What a publisher has against a visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Score {
    unconditional: usize,
    invented_validators: usize,
    after_refusal: usize,
    within_max_age: usize,
    cookies_and_referrers: usize,
    other_urls: usize,
    robots_violations: usize,
    too_fast: usize,
    parallel: usize,
}

#[derive(Default)]
struct Book {
    /// Validators last sent, by URL.
    sent: BTreeMap<String, (Option<String>, Option<String>)>,
    /// Nothing wanted before, by host, and by URL.
    host_until: BTreeMap<String, i64>,
    url_until: BTreeMap<String, i64>,
    fresh_until: BTreeMap<String, i64>,
    robots_read: BTreeMap<String, i64>,
    /// Token buckets by host.
    full_at: BTreeMap<String, i64>,
    /// Ends of the requests that are on their way, by host.
    running: BTreeMap<String, Vec<i64>>,
    polls: BTreeMap<String, usize>,
    delays: Vec<i64>,
    seen: BTreeMap<String, i64>,
    score: Score,
}

struct Server {
    book: Mutex<Book>,
    latency_ms: i64,
}

impl Server {
    fn answer(&self, fetch: &Fetch, at: Timestamp) -> Answer {
        let mut book = self.book.lock().unwrap();
        let url = url::Url::parse(&fetch.url).unwrap();
        let host = url.host_str().unwrap().to_owned();
        let nature = *PUBLISHERS.iter().find(|nature| nature.host == host).unwrap();
        let now = at.millis_since(START) / 1000;
        self.judge_manners(&mut book, fetch, nature, at, url.path());
        if url.path() == "/robots.txt" {
            book.robots_read.insert(host, now);
            let delay = nature.crawl_delay;
            return body(
                "text/plain",
                &format!("User-agent: *\nDisallow: /private\nCrawl-delay: {delay}\n"),
            );
        }
        if let Some((from, to, code, wait)) = nature.refuses
            && (from..to).contains(&now)
        {
            let until = now + wait;
            if code == 429 {
                book.host_until.insert(host, until);
            } else {
                book.url_until.insert(fetch.url.clone(), until);
            }
            return status(code, &[("retry-after", &wait.to_string())]);
        }
        let mut answer = if url.path() == "/feed.xml" {
            Self::feed(&mut book, fetch, nature, now)
        } else {
            Self::page(&mut book, fetch)
        };
        answer.headers.push(("set-cookie".to_owned(), "id=1".to_owned()));
        answer
    }

    /// What any request tells, whatever it is for.
    fn judge_manners(
        &self,
        book: &mut Book,
        fetch: &Fetch,
        nature: Nature,
        at: Timestamp,
        path: &str,
    ) {
        let now = at.millis_since(START) / 1000;
        let millis = at.millis_since(START);
        let host = nature.host;
        let is_robots = path == "/robots.txt";
        let known_path = path == "/feed.xml" || is_robots || path.starts_with("/item/");
        if !known_path && !path.starts_with("/private/") || fetch.url.contains('?') {
            book.score.other_urls += 1;
        }
        let rude = |name: &str| matches!(name, "cookie" | "referer" | "pragma" | "cache-control");
        book.score.cookies_and_referrers +=
            fetch.headers.iter().filter(|(name, _)| rude(&name.to_ascii_lowercase())).count();
        if book.host_until.get(host).is_some_and(|until| now < *until)
            || book.url_until.get(&fetch.url).is_some_and(|until| now < *until)
        {
            book.score.after_refusal += 1;
        }
        let is_page = !is_robots && path != "/feed.xml";
        let read = book.robots_read.get(host).copied();
        // RFC 9309 2.4: a copy of more than a day is none.
        if is_page && (path.starts_with("/private") || read.is_none_or(|read| now - read > DAY)) {
            book.score.robots_violations += 1;
        }
        if !is_robots {
            let spacing = if read.is_some() { nature.crawl_delay.max(5) } else { 5 } * 1000;
            let full_at = book.full_at.entry(host.to_owned()).or_insert(millis);
            if *full_at - spacing > millis {
                book.score.too_fast += 1;
            }
            *full_at = (*full_at).max(millis) + spacing;
        }
        let running = book.running.entry(host.to_owned()).or_default();
        running.retain(|end| *end > millis);
        running.push(millis + self.latency_ms);
        if running.len() > 2 {
            book.score.parallel += 1;
        }
    }

    /// Compares the validators of a request with what was last sent.
    fn judge_validators(book: &mut Book, fetch: &Fetch) {
        let header = |name: &str| {
            fetch.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
        };
        let (tag, date) = (header("if-none-match"), header("if-modified-since"));
        let Some((sent_tag, sent_date)) = book.sent.get(&fetch.url).cloned() else {
            book.score.invented_validators += usize::from(tag.is_some() || date.is_some());
            return;
        };
        let invented = tag.is_some() && tag != sent_tag || date.is_some() && date != sent_date;
        book.score.invented_validators += usize::from(invented);
        let knows = sent_tag.is_some() || sent_date.is_some();
        let unconditional = knows && tag.is_none() && date.is_none();
        book.score.unconditional += usize::from(unconditional);
    }

    fn feed(book: &mut Book, fetch: &Fetch, nature: Nature, now: i64) -> Answer {
        *book.polls.entry(nature.host.to_owned()).or_default() += 1;
        Self::judge_validators(book, fetch);
        if book.fresh_until.get(&fetch.url).is_some_and(|until| now < *until) {
            book.score.within_max_age += 1;
        }
        // The first items are older than the world.
        let newest = now / nature.gap + 100;
        let lie = nature.etag_lies_after.map(|after| after / nature.gap + 100);
        let tag = format!("W/\"v{}\"", lie.map_or(newest, |lie| newest.min(lie)));
        let date = format!("day {newest}, by our own calendar");
        let header = |name: &str| {
            fetch.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
        };
        // RFC 9110 13.1.3: with an entity tag the date is not looked at.
        let unchanged = match (header("if-none-match"), header("if-modified-since")) {
            (Some(sent), _) => sent == tag,
            (None, Some(sent)) => sent == date,
            (None, None) => false,
        };
        let mut answer = if unchanged {
            status(304, &[])
        } else {
            let before = book.seen.insert(nature.host.to_owned(), newest);
            for item in before.map_or(newest, |before| before) + 1..=newest {
                if nature.gap <= HOUR && nature.max_age == 0 && nature.refuses.is_none() {
                    book.delays.push(now - (item - 100) * nature.gap);
                }
            }
            let mut text = "<rss version=\"2.0\"><channel><title>N</title>".to_owned();
            for item in (newest - 14..=newest).rev() {
                let place = if item % 10 == 0 { "private" } else { "item" };
                let at = START.plus_millis((item - 100) * nature.gap * 1000);
                let _ = write!(
                    text,
                    "<item><title>Item {item}</title><pubDate>{at}</pubDate>\
                     <link>https://{}/{place}/{item}</link></item>",
                    nature.host
                );
            }
            text.push_str("</channel></rss>");
            body("application/rss+xml", &text)
        };
        let tag = nature.etag.then_some(tag);
        let date = nature.date.then_some(date);
        for (name, value) in [("etag", &tag), ("last-modified", &date)] {
            if let Some(value) = value {
                answer.headers.push((name.to_owned(), value.clone()));
            }
        }
        if nature.max_age > 0 {
            let value = format!("max-age={}", nature.max_age);
            answer.headers.push(("cache-control".to_owned(), value));
            book.fresh_until.insert(fetch.url.clone(), now + nature.max_age);
        }
        book.sent.insert(fetch.url.clone(), (tag, date));
        answer
    }

    fn page(book: &mut Book, fetch: &Fetch) -> Answer {
        Self::judge_validators(book, fetch);
        let tag = format!("\"{}\"", fetch.url.len());
        let is_known =
            fetch.headers.iter().any(|(name, value)| name == "if-none-match" && *value == tag);
        let mut answer =
            if is_known { status(304, &[]) } else { body("text/html", "<html><p>text") };
        answer.headers.push(("etag".to_owned(), tag.clone()));
        book.sent.insert(fetch.url.clone(), (Some(tag), None));
        answer
    }
}

#[test]
fn over_two_weeks_with_restarts_no_publisher_has_anything_against_us() {
    let server = Arc::new(Server { book: Mutex::default(), latency_ms: 400 });
    let web = Arc::clone(&server);
    let mut world =
        World::new(move |fetch, at| -> Result<Answer, FetchError> { Ok(web.answer(fetch, at)) });
    world.latency_ms = 400;
    world.step_ms = 5_000;
    for nature in &PUBLISHERS {
        world.subscribe(&format!("https://{}/feed.xml", nature.host));
    }
    // Two weeks, stopped every other day, once for half a day.
    for turn in 0..7_u64 {
        world.run(Duration::from_secs(47 * 3600));
        world.pass(Duration::from_secs(if turn == 4 { 12 * 3600 } else { 3600 }));
    }
    let book = server.book.lock().unwrap();
    assert_eq!(book.score, Score::default(), "polls {:?}", book.polls);
    // It has to be good by manners, not by absence.
    assert!(book.polls["www.busy.org"] > 1_300, "{:?}", book.polls);
    assert!(book.polls["www.tags.org"] > 130, "{:?}", book.polls);
    let mut delays = book.delays.clone();
    delays.sort_unstable();
    let median = delays[delays.len() / 2];
    assert!(delays.len() > 600 && median <= 5 * MINUTE, "{} items, {median} s", delays.len());
    // The lie was found out: its last items were seen although the entity tag stays.
    assert!(book.seen["www.liar.org"] > 100 + 12 * 24, "{:?}", book.seen);
}

/// A request: seconds since the start, path, headers.
type Visit<'a> = (i64, &'a str, &'a [(&'a str, &'a str)]);

fn visit<'a>(seconds: i64, path: &'a str, headers: &'a [(&'a str, &'a str)]) -> Visit<'a> {
    (seconds, path, headers)
}

/// The score that a publisher gives a visitor for these requests, each of them 400 ms long.
fn score_of(host: &str, visits: &[Visit<'_>]) -> Score {
    let server = Server { book: Mutex::default(), latency_ms: 400 };
    for (seconds, path, headers) in visits {
        let headers = headers.iter();
        let fetch = Fetch {
            key: String::new(),
            url: format!("https://{host}{path}"),
            purpose: stage::Purpose::Feed,
            headers: headers.map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            validators_of: None,
            auth: events::Auth::default(),
            follow: stage::Follow::SameSite,
            max_body: 1,
            form: Vec::new(),
        };
        server.answer(&fetch, START.plus_millis(seconds * 1000));
    }
    let book = server.book.lock().unwrap();
    book.score.clone()
}

const FEED: &str = "/feed.xml";
const ROBOTS: &str = "/robots.txt";
/// What the feed's server sends first.
const TAG: (&str, &str) = ("if-none-match", "W/\"v100\"");
const OTHER_TAG: (&str, &str) = ("if-none-match", "\"v100\"");
const DATE: (&str, &str) = ("if-modified-since", "day 100, by our own calendar");
const OTHER_DATE: (&str, &str) = ("if-modified-since", "yesterday");

#[test]
fn the_scorer_finds_requests_that_the_publisher_need_not_have_answered() {
    let clean = Score::default;
    // The good visitor, and so the proof that the cases below differ from it by one thing.
    let good = [visit(0, FEED, &[]), visit(60, FEED, &[TAG, DATE]), visit(70, ROBOTS, &[])];
    assert_eq!(score_of("www.busy.org", &good), clean());
    let unconditional = [visit(0, FEED, &[]), visit(60, FEED, &[])];
    let wanted = Score { unconditional: 1, ..clean() };
    assert_eq!(score_of("www.busy.org", &unconditional), wanted);
    for invented in [
        // One that was never sent; one that is not byte for byte what was sent; a date of one's own
        // beside a good tag; one that was sent before the last.
        vec![visit(0, FEED, &[TAG])],
        vec![visit(0, FEED, &[]), visit(60, FEED, &[OTHER_TAG])],
        vec![visit(0, FEED, &[]), visit(60, FEED, &[TAG, OTHER_DATE])],
        vec![visit(0, FEED, &[]), visit(1900, FEED, &[TAG, DATE]), visit(3000, FEED, &[TAG])],
    ] {
        let score = score_of("www.busy.org", &invented);
        assert_eq!(score, Score { invented_validators: 1, ..clean() }, "{invented:?}");
    }
    let too_soon = [visit(0, FEED, &[]), visit(39 * 60, FEED, &[DATE])];
    let wanted = Score { within_max_age: 1, ..clean() };
    assert_eq!(score_of("www.dates.org", &too_soon), wanted);
    let in_time = [visit(0, FEED, &[]), visit(41 * 60, FEED, &[DATE])];
    assert_eq!(score_of("www.dates.org", &in_time), clean());
}

#[test]
fn the_scorer_finds_those_who_come_although_they_were_sent_away() {
    let clean = Score::default;
    // 429 and seven hours: no part of the host is to be asked. 503 and five: not that feed.
    let refused_at = 3 * DAY + 10;
    let after_429 = [visit(refused_at, FEED, &[]), visit(refused_at + HOUR, ROBOTS, &[])];
    assert_eq!(score_of("www.cross.org", &after_429), Score { after_refusal: 1, ..clean() });
    let refused_at = 6 * DAY + 10;
    let after_503 = [visit(refused_at, FEED, &[]), visit(refused_at + HOUR, FEED, &[])];
    assert_eq!(score_of("www.tired.org", &after_503), Score { after_refusal: 1, ..clean() });
    let elsewhere = [visit(refused_at, FEED, &[]), visit(refused_at + HOUR, ROBOTS, &[])];
    assert_eq!(score_of("www.tired.org", &elsewhere), clean());
    for denied in [
        // What is forbidden; what was never asked about; what was asked about two days ago.
        vec![visit(0, ROBOTS, &[]), visit(10, "/private/1", &[])],
        vec![visit(0, "/item/1", &[])],
        vec![visit(0, ROBOTS, &[]), visit(2 * DAY, "/item/1", &[])],
    ] {
        let score = score_of("www.busy.org", &denied);
        assert_eq!(score, Score { robots_violations: 1, ..clean() }, "{denied:?}");
    }
}

#[test]
fn the_scorer_finds_those_who_tell_too_much_and_those_who_hurry() {
    let clean = Score::default;
    for rude in ["Cookie", "referer", "Cache-Control"] {
        let score = score_of("www.busy.org", &[visit(0, FEED, &[(rude, "x")])]);
        assert_eq!(score, Score { cookies_and_referrers: 1, ..clean() }, "{rude}");
    }
    for path in ["/feed.xml?t=1", "/favicon.ico"] {
        let score = score_of("www.busy.org", &[visit(0, ROBOTS, &[]), visit(10, path, &[])]);
        assert_eq!(score, Score { other_urls: 1, ..clean() }, "{path}");
    }
    let pages = |times: [i64; 3]| {
        let [a, b, c] = times;
        let pages = [visit(a, "/item/1", &[]), visit(b, "/item/2", &[]), visit(c, "/item/3", &[])];
        [&[visit(0, ROBOTS, &[])][..], &pages[..]].concat()
    };
    // Two may follow each other at once; the third has to wait.
    let fast = Score { too_fast: 1, ..clean() };
    assert_eq!(score_of("www.busy.org", &pages([10, 11, 12])), fast);
    assert_eq!(score_of("www.busy.org", &pages([10, 11, 35])), clean());
    assert_eq!(score_of("www.slow.org", &pages([10, 11, 35])), fast, "Crawl-delay: 30");
    let together = [visit(0, ROBOTS, &[]), visit(0, FEED, &[]), visit(0, "/item/1", &[])];
    assert_eq!(score_of("www.busy.org", &together), Score { parallel: 1, ..clean() });
}
