//! A small web that changes: sites with feeds that gain articles, change and move them; some are
//! slow, refuse robots, fail, redirect.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use events::{Subscription, Timestamp, feed_id};
use stage::{Answer, Fetch, FetchError, Follow};

use crate::random::Random;

/// What asking for a page brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The article.
    Text,
    /// That status, without a page.
    Status(u16),
    /// A redirect to the page of another site's article.
    Elsewhere(String),
    /// That status so many times, then the article.
    After(u16, u32),
    /// Never an answer.
    Silence,
}

/// One article.
#[derive(Clone, Debug)]
pub struct Article {
    /// Its page.
    pub url: String,
    /// What a request for the page brings.
    pub page: Page,
    title: String,
    paragraphs: Vec<String>,
    published: Timestamp,
    requests: u32,
}

#[derive(Clone, Debug)]
struct Feed {
    url: String,
    /// Numbers of articles, newest first.
    items: Vec<usize>,
    changes: u32,
    /// Fails until then.
    broken_until: Timestamp,
}

/// The web.
#[derive(Clone, Debug)]
pub struct Web {
    feeds: Vec<Feed>,
    /// All articles there ever were.
    pub articles: Vec<Article>,
    by_url: BTreeMap<String, usize>,
    /// Sites that close a part of themselves to robots.
    closed: Vec<String>,
    /// Numbers in titles, so that every title is another one.
    numbers: u32,
    /// Articles that a feed shows at most.
    shown: usize,
}

const WORDS: &[&str] = &[
    "harbour",
    "council",
    "minister",
    "bridge",
    "winter",
    "engine",
    "market",
    "library",
    "border",
    "teacher",
    "river",
    "budget",
    "verdict",
    "strike",
    "museum",
    "railway",
    "forest",
    "captain",
    "hospital",
    "election",
    "factory",
    "village",
    "storm",
    "airport",
    "orchestra",
    "farmer",
    "prison",
    "island",
    "treaty",
    "satellite",
    "vaccine",
    "stadium",
    "pension",
    "reactor",
    "festival",
    "glacier",
    "consulate",
    "senator",
    "tunnel",
    "archive",
    "bakery",
    "cathedral",
    "dockyard",
    "embassy",
    "ferry",
    "granary",
    "highway",
    "inquiry",
    "jury",
    "kitchen",
    "lantern",
    "mayor",
    "neighbour",
    "observatory",
    "parliament",
    "quarry",
    "regiment",
    "surgeon",
    "theatre",
    "university",
    "volcano",
    "warehouse",
    "yacht",
    "academy",
    "barracks",
    "chemist",
];
const VERBS: &[&str] = &[
    "opened",
    "closed",
    "rejected",
    "approved",
    "inspected",
    "delayed",
    "praised",
    "questioned",
    "repaired",
    "visited",
    "abandoned",
    "financed",
    "measured",
    "protected",
    "described",
];

fn sentence(random: &mut Random) -> String {
    let word = |random: &mut Random| (*random.of(WORDS)).to_owned();
    let mut text = format!("The {} of the {} ", word(random), word(random));
    let _ = write!(text, "{} the {} near the old {}", random.of(VERBS), word(random), word(random));
    let _ =
        write!(text, " after the {} had {} its {}", word(random), random.of(VERBS), word(random));
    text.push_str(". ");
    text
}

fn paragraphs(random: &mut Random) -> Vec<String> {
    (0..random.between(3, 5)).map(|_| (0..3).map(|_| sentence(random)).collect()).collect()
}

impl Web {
    /// A web with `sites` sites of one feed each, and a few articles on each, or many.
    pub fn new(sites: u32, large: bool, random: &mut Random, now: Timestamp) -> Self {
        let mut web = Self {
            feeds: Vec::new(),
            articles: Vec::new(),
            by_url: BTreeMap::new(),
            closed: Vec::new(),
            numbers: 0,
            shown: if large { 40 } else { 8 },
        };
        for site in 0..sites {
            web.feeds.push(Feed {
                url: format!("https://www.site{site}.org/feed.xml"),
                items: Vec::new(),
                changes: 0,
                broken_until: Timestamp::from_millis(0),
            });
            if random.one_in(4) {
                web.closed.push(format!("www.site{site}.org"));
            }
            let articles = if large { 40 } else { random.between(0, 3) };
            for _ in 0..articles {
                web.publish(site as usize, random, now);
            }
        }
        web
    }

    /// What subscribes to each feed.
    pub fn subscriptions(&self, now: Timestamp) -> Vec<Subscription> {
        self.feeds
            .iter()
            .map(|feed| Subscription {
                id: feed_id(&feed.url),
                url: feed.url.clone(),
                added_at: now,
                ..Subscription::default()
            })
            .collect()
    }

    /// One more article on a feed; perhaps a copy of another, perhaps one with a difficult page.
    pub fn publish(&mut self, feed: usize, random: &mut Random, now: Timestamp) {
        self.numbers += 1;
        let number = self.numbers;
        let site = self.feeds[feed].url.trim_end_matches("/feed.xml").to_owned();
        let closed = self.closed.iter().any(|host| site.ends_with(host)) && random.one_in(3);
        let folder = if closed { "private" } else { "news" };
        let url = format!("{site}/{folder}/{number}");
        let page = match random.below(14) {
            0 => Page::Status(404),
            1 => Page::Status(410),
            2 => Page::After(503, 1),
            3 => Page::After(404, 1),
            4 if !self.articles.is_empty() => {
                Page::Elsewhere(random.of(&self.articles).url.clone())
            }
            5 => Page::Silence,
            _ => Page::Text,
        };
        let copied = (random.one_in(6) && !self.articles.is_empty())
            .then(|| random.of(&self.articles).clone());
        let article = match copied {
            Some(original) => Article { url, page, published: now, requests: 0, ..original },
            None => Article {
                url,
                page,
                title: format!("{} {number}: {}", random.of(WORDS), sentence(random).trim()),
                paragraphs: paragraphs(random),
                published: now,
                requests: 0,
            },
        };
        self.by_url.insert(article.url.clone(), self.articles.len());
        let feed = &mut self.feeds[feed];
        feed.items.insert(0, self.articles.len());
        feed.items.truncate(self.shown);
        feed.changes += 1;
        self.articles.push(article);
    }

    /// A change of something: a new article, a correction, an article in a second feed.
    pub fn change(&mut self, random: &mut Random, now: Timestamp) {
        let feed = random.below(self.feeds.len() as u64) as usize;
        match random.below(10) {
            0 | 1 if !self.articles.is_empty() => {
                let number = random.below(self.articles.len() as u64) as usize;
                let article = &mut self.articles[number];
                let _ = write!(article.title, " corrected");
                article.paragraphs.push(sentence(random));
                for feed in &mut self.feeds {
                    feed.changes += u32::from(feed.items.contains(&number));
                }
            }
            2 if !self.articles.is_empty() => {
                let number = random.below(self.articles.len() as u64) as usize;
                let feed = &mut self.feeds[feed];
                if !feed.items.contains(&number) {
                    feed.items.insert(0, number);
                    feed.items.truncate(self.shown);
                    feed.changes += 1;
                }
            }
            3 => {
                self.feeds[feed].broken_until =
                    now.plus_millis(random.between(1, 90) as i64 * 1000);
            }
            _ => self.publish(feed, random, now),
        }
    }

    /// From now on every request is answered, and every page that can be had is.
    pub fn heal(&mut self) {
        for feed in &mut self.feeds {
            feed.broken_until = Timestamp::from_millis(0);
        }
    }

    /// Link and title of what each feed shows now, by feed id. A copy has its original's title, in
    /// the same feed too: only its link tells that it is missing.
    pub fn shown(&self) -> BTreeMap<String, Vec<(String, String)>> {
        let items = |feed: &Feed| -> Vec<(String, String)> {
            let articles = feed.items.iter().map(|number| &self.articles[*number]);
            articles.map(|article| (article.url.clone(), article.title.clone())).collect()
        };
        self.feeds.iter().map(|feed| (feed_id(&feed.url), items(feed))).collect()
    }

    /// Title and text of the articles that the feeds show now and whose pages can be had, by URL.
    pub fn readable(&self) -> BTreeMap<&str, (&str, String)> {
        let shown = self.feeds.iter().flat_map(|feed| &feed.items);
        let articles = shown.map(|number| &self.articles[*number]);
        articles
            .filter(|article| matches!(article.page, Page::Text) && !self.is_closed(&article.url))
            .map(|article| {
                let lines: Vec<&str> = article.paragraphs.iter().map(|text| text.trim()).collect();
                (article.url.as_str(), (article.title.as_str(), lines.join("\n\n")))
            })
            .collect()
    }

    fn is_closed(&self, url: &str) -> bool {
        url.contains("/private/") && self.closed.iter().any(|closed| closed == host(url))
    }

    /// Answers a request.
    pub fn answer(&mut self, fetch: &Fetch, now: Timestamp) -> Result<Answer, FetchError> {
        let url = fetch.url.as_str();
        if let Some(host) = url.strip_suffix("/robots.txt") {
            let host = host.trim_start_matches("https://");
            return Ok(if self.closed.iter().any(|closed| closed == host) {
                body(url, "text/plain", "User-agent: *\nDisallow: /private/\n".to_owned())
            } else {
                status(url, 404)
            });
        }
        if let Some(feed) = self.feeds.iter().position(|feed| feed.url == url) {
            return Ok(self.feed(feed, fetch, now));
        }
        let Some(number) = self.by_url.get(url) else {
            return Ok(status(url, 404));
        };
        let article = &mut self.articles[*number];
        article.requests += 1;
        match article.page.clone() {
            Page::Status(code) => Ok(status(url, code)),
            Page::After(code, times) if article.requests <= times => Ok(status(url, code)),
            Page::Silence => Err(FetchError::Timeout("after 30 s".to_owned())),
            Page::Elsewhere(to) => {
                let same_site = self.by_url.contains_key(&to) && host(&to) == host(url);
                if same_site && fetch.follow != Follow::All {
                    let hop = stage::Hop { url: url.to_owned(), status: 302 };
                    let mut answer = self.answer(&Fetch { url: to, ..fetch.clone() }, now)?;
                    answer.hops.insert(0, hop);
                    if answer.hops.len() > 5 {
                        return Err(FetchError::Redirects("more than 5".to_owned()));
                    }
                    return Ok(answer);
                }
                let mut answer = status(url, 302);
                answer.headers.push(("location".to_owned(), to));
                Ok(answer)
            }
            Page::Text | Page::After(..) => {
                Ok(body(url, "text/html; charset=utf-8", page(&self.articles[*number])))
            }
        }
    }

    fn feed(&self, number: usize, fetch: &Fetch, now: Timestamp) -> Answer {
        let feed = &self.feeds[number];
        if now < feed.broken_until {
            return status(&feed.url, 503);
        }
        let etag = format!("\"{}\"", feed.changes);
        let known = fetch.headers.iter().find(|(name, _)| name == "if-none-match");
        if known.is_some_and(|(_, value)| *value == etag) {
            return status(&feed.url, 304);
        }
        let mut text = format!("<rss version=\"2.0\"><channel><title>Site {number}</title>");
        for item in &feed.items {
            let article = &self.articles[*item];
            let _ = write!(
                text,
                "<item><guid isPermaLink=\"false\">{item}</guid><title>{}</title><link>{}</link>\
                 <description>{}</description></item>",
                article.title, article.url, article.paragraphs[0]
            );
        }
        text.push_str("</channel></rss>");
        let mut answer = body(&feed.url, "application/rss+xml", text);
        answer.headers.push(("etag".to_owned(), etag));
        answer
    }
}

fn host(url: &str) -> &str {
    url.split('/').nth(2).unwrap_or_default()
}

fn page(article: &Article) -> String {
    let mut text = format!(
        "<!doctype html><html lang=\"en\"><head><title>{0}</title>\
         <meta property=\"article:published_time\" content=\"{1}\"></head><body><nav>\
         <a href=\"/\">Home</a> <a href=\"/news\">News</a></nav><article><h1>{0}</h1>",
        article.title, article.published
    );
    for paragraph in &article.paragraphs {
        let _ = write!(text, "<p>{paragraph}</p>");
    }
    text.push_str("</article><footer>All rights reserved</footer></body></html>");
    text
}

fn status(url: &str, status: u16) -> Answer {
    Answer { status, url: url.to_owned(), ..Answer::default() }
}

fn body(url: &str, content_type: &str, body: String) -> Answer {
    let headers = vec![("content-type".to_owned(), content_type.to_owned())];
    Answer { headers, body: body.into_bytes(), ..status(url, 200) }
}
