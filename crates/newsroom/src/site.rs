//! What an outlet answers to a request at a moment: a pure function, so that tests need no
//! network to look at any page at any time.

use std::time::Duration;

use crate::article::Reach;
use crate::outlets::{Design, Outlet, Validators};
use crate::pages::{self, ArticlePage, Teaser};
use crate::random::fingerprint;
use crate::room::{Newsroom, Place, View, view_at};
use crate::{dates, feeds};

/// How many other articles a page points to.
const TEASERS: usize = 8;

/// The parts of a request that an answer depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Path with query.
    pub path: String,
    /// If-None-Match.
    pub if_none_match: Option<String>,
    /// If-Modified-Since.
    pub if_modified_since: Option<String>,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header fields, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body, empty for 304.
    pub body: Vec<u8>,
}

impl Answer {
    fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body }
    }

    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.headers.iter();
        fields.find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }
}

/// Whether robots.txt of an outlet that has one disallows a path.
pub(crate) fn disallowed(path: &str) -> bool {
    DISALLOWED.iter().any(|prefix| path.starts_with(prefix))
}

const DISALLOWED: [&str; 3] = ["/intern/", "/search", "/share"];

impl Newsroom {
    /// What `outlet` answers after `elapsed`.
    pub fn answer(&self, outlet: usize, ask: &Ask, elapsed: Duration) -> Answer {
        let Some(described) = self.outlets.get(outlet) else {
            return Answer::new(404, "text/plain", Vec::new());
        };
        let desk = Desk {
            room: self,
            number: outlet,
            outlet: described,
            time: self.time(elapsed),
            now: self.start() + elapsed.as_millis() as i64,
        };
        let path = ask.path.split('?').next().unwrap_or_default();
        if ask.path == described.feed_path() {
            desk.feed(ask)
        } else if path == "/robots.txt" {
            desk.robots()
        } else if path == "/" || path.starts_with("/s/") {
            desk.front()
        } else if let Some(name) = path.strip_prefix("/img/") {
            match name.strip_suffix(".svg") {
                Some(slug) => Answer::new(200, "image/svg+xml", pages::picture(slug).into_bytes()),
                None => desk.error(404),
            }
        } else {
            match self.find(outlet, &ask.path) {
                Some(Place::Article(article)) => match view_at(article, desk.time) {
                    Some(view) => desk.article(&view, ask),
                    None => desk.error(404),
                },
                Some(Place::Redirect { at, to }) if at <= desk.time => {
                    let mut answer = Answer::new(301, "text/html", Vec::new());
                    answer.headers.push(("location", to));
                    answer
                }
                _ => desk.error(404),
            }
        }
    }
}

/// One outlet at one moment.
struct Desk<'a> {
    room: &'a Newsroom,
    number: usize,
    outlet: &'a Outlet,
    /// Newsroom time.
    time: i64,
    /// Unix milliseconds.
    now: i64,
}

impl Desk<'_> {
    fn feed(&self, ask: &Ask) -> Answer {
        let limit = self.room.settings.feed_length;
        let views = self.room.latest(self.number, self.time, limit);
        let body = feeds::document(self.room, self.number, &views, self.time).into_bytes();
        let broken = feeds::trouble(self.outlet.format, self.time).is_some();
        let tag = format!("\"{:016x}\"", fingerprint(&body));
        let kind = format!("{}; charset=utf-8", feeds::content_type(self.outlet.format));
        let answer = Answer::new(200, &kind, body);
        if broken {
            // A server that fails in the middle of its feed has no validators to give.
            return answer;
        }
        let changed = feeds::last_change(self.room, &views);
        self.revalidated(answer, ask, &tag, changed)
    }

    /// Adds the outlet's validators, and turns the answer into a 304 where they hold.
    fn revalidated(&self, mut answer: Answer, ask: &Ask, tag: &str, changed: i64) -> Answer {
        let validators = self.outlet.validators;
        if validators != Validators::DateOnly {
            let weak = validators == Validators::WeakTag && !tag.starts_with("W/");
            let tag = if weak { format!("W/{tag}") } else { tag.to_owned() };
            answer.headers.push(("etag", tag));
        }
        // Within the second of a change the date would promise that no other change follows in
        // this second (RFC 9110, 8.8.2.1): no date then.
        if validators != Validators::WeakTag && changed / 1000 < self.now / 1000 {
            answer.headers.push(("last-modified", dates::http(changed)));
        }
        if validators == Validators::WeakTag {
            answer.headers.push(("cache-control", "max-age=1".to_owned()));
        }
        let holds = match (&ask.if_none_match, answer.header("etag")) {
            (Some(wanted), Some(tag)) => tag_matches(wanted, tag),
            // A date beside a tag is ignored, even where this server has no tags (RFC 9110, 13.1.3).
            (Some(_), None) => false,
            (None, _) => ask
                .if_modified_since
                .as_deref()
                .and_then(dates::read_http)
                .zip(answer.header("last-modified").and_then(dates::read_http))
                .is_some_and(|(known, changed)| changed <= known),
        };
        if holds {
            answer.status = 304;
            answer.body.clear();
            answer.headers.retain(|(name, _)| *name != "content-type");
        }
        answer
    }

    fn robots(&self) -> Answer {
        if self.outlet.validators == Validators::DateOnly {
            // One server has never heard of robots.txt: everything is allowed there.
            return self.error(404);
        }
        let mut text = "# Welcome, guest.\nUser-agent: *\n".to_owned();
        for prefix in DISALLOWED {
            text.push_str(&format!("Disallow: {prefix}\n"));
        }
        Answer::new(200, "text/plain; charset=utf-8", text.into_bytes())
    }

    fn front(&self) -> Answer {
        let teasers = self.teasers(None, 20);
        self.html(200, &pages::front(self.outlet, self.room.origin(self.number), &teasers))
    }

    fn error(&self, status: u16) -> Answer {
        self.html(status, &pages::error(self.outlet, self.room.origin(self.number), status))
    }

    fn article(&self, view: &View, ask: &Ask) -> Answer {
        let article = &view.article;
        match article.reach {
            Reach::Missing => return self.error(404),
            Reach::Gone => return self.error(410),
            _ if article.is_withdrawn(self.time) => return self.error(410),
            _ => {}
        }
        let page = ArticlePage {
            outlet: self.outlet,
            origin: self.room.origin(self.number),
            view,
            path: self.room.path(article),
            published: self.room.published(article),
            modified: self.room.modified(view),
            teasers: self.teasers(Some(&article.slug), TEASERS),
        };
        let mut answer = self.html(200, &pages::article(&page));
        if matches!(self.outlet.design, Design::Tabloid | Design::Cards) {
            let cookie = format!("visit={:08x}; Path=/; Max-Age=86400", self.now / 1000);
            answer.headers.push(("set-cookie", cookie));
        }
        // The teasers change all the time, the article does not: a weak tag names the article.
        let tag = format!("W/\"{}-{}\"", article.number, view.index + 1);
        let changed = self.room.wall(view.version().at);
        self.revalidated(answer, ask, &tag, changed)
    }

    fn teasers(&self, without: Option<&str>, limit: usize) -> Vec<Teaser> {
        let views = self.room.latest(self.number, self.time, limit + 1);
        let others = views.iter().filter(|view| Some(view.article.slug.as_str()) != without);
        others
            .filter_map(|view| {
                Some(Teaser {
                    title: view.version().title.clone(),
                    summary: view.version().summary.clone(),
                    url: self.room.feed_url(&view.article)?,
                })
            })
            .take(limit)
            .collect()
    }

    fn html(&self, status: u16, text: &str) -> Answer {
        if self.outlet.latin1 {
            return Answer::new(status, "text/html; charset=iso-8859-1", latin1(text));
        }
        Answer::new(status, "text/html; charset=utf-8", text.as_bytes().to_vec())
    }
}

/// ISO-8859-1 bytes; what it cannot say is a character reference.
fn latin1(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for character in text.chars() {
        let code = u32::from(character);
        match u8::try_from(code) {
            // 0x80 to 0x9F are controls in ISO-8859-1 and something else to browsers.
            Ok(byte) if !(0x80..0xA0).contains(&byte) => out.push(byte),
            _ => out.extend_from_slice(format!("&#{code};").as_bytes()),
        }
    }
    out
}

/// Weak comparison of an If-None-Match list with a tag (RFC 9110, 13.1.2).
fn tag_matches(wanted: &str, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    wanted.trim() == "*" || wanted.split(',').any(|candidate| opaque(candidate) == opaque(tag))
}
