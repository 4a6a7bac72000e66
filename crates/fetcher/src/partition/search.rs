//! A feed that says it is gone may be somewhere else: the front page of its site is asked where.

use stage::{Context, Fetch, Fetched, Follow, Poison, Purpose};

use super::{Partition, origin_of};
use crate::poll::FeedRecord;
use crate::sites::{Kind, WaitingPage};

/// A front page is searched up to so many bytes: links to feeds are in its head.
const MAX_FRONT_PAGE: usize = 1024 * 1024;

impl Partition {
    /// Lets a request for the front page wait for its turn.
    pub(super) fn search_for(&mut self, record: &FeedRecord, context: &mut Context<'_>) {
        let id = record.subscription.id.clone();
        let origin = origin_of(&record.subscription.url);
        let Some(site) = events::site_of(&record.subscription.url) else { return };
        if self.searches.contains_key(&id) {
            return;
        }
        let queues = self.sites.entry(site.clone()).or_default();
        let number = queues.number();
        let page = WaitingPage {
            key: format!("search/{id}"),
            link: format!("{origin}/"),
            origin,
            memory: String::new(),
            kind: Kind::Search,
            ready_at: context.now(),
            bytes: 0,
        };
        queues.add_page(number, page);
        self.searches.insert(id, (site, number));
    }

    pub(super) fn search_request(page: &WaitingPage) -> Fetch {
        Fetch {
            key: page.key.clone(),
            url: page.link.clone(),
            purpose: Purpose::Other,
            headers: vec![("accept".to_owned(), "text/html,*/*;q=0.1".to_owned())],
            auth: events::Auth::default(),
            follow: Follow::SameSite,
            max_body: MAX_FRONT_PAGE,
            form: Vec::new(),
        }
    }

    pub(super) fn drop_search(&mut self, key: &str) {
        let Some((_, id)) = key.split_once('/') else { return };
        if let Some((site, number)) = self.searches.remove(id)
            && let Some(queues) = self.sites.get_mut(&site)
        {
            queues.remove_page(number);
        }
    }

    /// The front page of a feed that is gone. Where it declares another feed of the same site, the
    /// feed is taken to have moved there: what was known of it goes along.
    pub(super) fn search_answered(
        &mut self,
        id: &str,
        fetched: &Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let site = self.searches.get(id).map(|(site, _)| site.clone());
        self.drop_search(&format!("search/{id}"));
        if let Some(site) = &site {
            self.end_request(site);
        }
        let record = Self::load_feed(id, context)?.filter(|record| record.gone);
        if let (Some(mut record), Ok(answer)) = (record, &fetched.result) {
            let old = record.subscription.url.clone();
            let found = declared_feeds(&answer.body, &answer.url)
                .into_iter()
                .find(|url| *url != old && events::site_of(url) == events::site_of(&old));
            if let Some(found) = found.filter(|_| answer.status == 200) {
                context.count(
                    "newswire_polls_total",
                    &[("outcome", "found"), ("class", "gone")],
                    1,
                );
                let seen = Self::load_seen(id, context)?.unwrap_or_default();
                record.forget_validators();
                record.gone = false;
                record.next_at = context.now();
                self.hand_over(record, &seen, &found, context)?;
            }
        }
        match site {
            Some(site) => self.pump(&site, context),
            None => Ok(()),
        }
    }
}

/// The feeds that a page declares by `<link rel="alternate" type="…" href="…">`, in its order.
fn declared_feeds(page: &[u8], url: &str) -> Vec<String> {
    const TYPES: [&str; 3] =
        ["application/rss+xml", "application/atom+xml", "application/feed+json"];
    let Ok(base) = url::Url::parse(url) else { return Vec::new() };
    let text = String::from_utf8_lossy(page);
    let mut found = Vec::new();
    for tag in
        text.split('<').filter(|tag| tag.get(..5).is_some_and(|n| n.eq_ignore_ascii_case("link ")))
    {
        let tag = tag.split('>').next().unwrap_or_default();
        let rel = attribute(tag, "rel").unwrap_or_default().to_ascii_lowercase();
        let kind = attribute(tag, "type").unwrap_or_default().to_ascii_lowercase();
        if !rel.split_ascii_whitespace().any(|word| word == "alternate")
            || !TYPES.contains(&kind.as_str())
        {
            continue;
        }
        let href = attribute(tag, "href").map(|href| href.replace("&amp;", "&"));
        if let Some(url) = href.and_then(|href| base.join(href.trim()).ok()) {
            found.push(String::from(url));
        }
    }
    found
}

/// The value of an attribute, quoted either way or not at all.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let found = before.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
        let after = after.trim_start();
        let (value, next) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after[1..].split_once(quote)?,
            _ => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn declared_feeds_are_found_however_the_tag_is_written() {
        let page = b"<html><head><link rel='stylesheet' href=x>\n\
            <LINK REL=\"alternate\" type='application/rss+xml' title=\"a=b\" href=\"/new.xml?a=1&amp;b=2\">\
            <link href=/plain type=application/atom+xml rel=\"feed alternate\"/>\
            <link rel=alternate hreflang=de href=/de></head>";
        let found = declared_feeds(page, "https://example.org/index.html");
        assert_eq!(found, ["https://example.org/new.xml?a=1&b=2", "https://example.org/plain"]);
    }
}
