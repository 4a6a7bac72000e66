//! robots.txt of a partition's sites: asked for before the first page of an origin, and kept.

use bus::Topic;
use events::Timestamp;
use stage::{Context, Fetch, Follow, Poison, Purpose};

use super::{Partition, load, origin_of, store};
use crate::robots::{MAX_BYTES, Robots};

/// Whether a page may be asked for.
pub(super) enum Permission {
    Granted(Option<std::time::Duration>),
    Denied(String),
    /// robots.txt cannot be had (RFC 9309 2.3.1.4): not before that time, whatever it says then.
    Unreachable(String, Timestamp),
    /// robots.txt must be asked first.
    Unknown,
}

impl Partition {
    pub(super) fn permission(
        &self,
        site: &str,
        number: u64,
        context: &Context<'_>,
    ) -> Result<Permission, Poison> {
        let page = self.sites.get(site).and_then(|queues| queues.page(number));
        let Some(page) = page.filter(|_| self.settings.asks_robots(site)) else {
            return Ok(Permission::Granted(None));
        };
        let key = format!("robots/{}", page.origin);
        let robots: Option<Robots> = load(context, Topic::DownloadState, &key)?;
        Ok(match robots.filter(|robots| robots.expires_at > context.now()) {
            None => Permission::Unknown,
            Some(robots) if robots.allows(&page.link) => Permission::Granted(robots.crawl_delay()),
            Some(robots) if robots.unreachable => {
                Permission::Unreachable(robots.says, robots.expires_at)
            }
            Some(robots) => Permission::Denied(robots.says),
        })
    }

    /// The pause that a feed's host asks for, where its robots.txt is known. Feeds are subscribed
    /// by people, so that robots.txt is neither asked for nor in the way; its pace is kept.
    pub(super) fn poll_delay(
        &self,
        site: &str,
        id: &str,
        context: &Context<'_>,
    ) -> Result<Option<std::time::Duration>, Poison> {
        if !self.settings.asks_robots(site) {
            return Ok(None);
        }
        let Some(record) = Self::load_feed(id, context)? else { return Ok(None) };
        let key = format!("robots/{}", origin_of(record.url()));
        let robots: Option<Robots> = load(context, Topic::DownloadState, &key)?;
        Ok(robots.and_then(|robots| robots.crawl_delay()))
    }

    /// Lets a page wait for the robots.txt of its origin, and asks for that once.
    pub(super) fn ask_robots(&mut self, site: &str, number: u64, context: &mut Context<'_>) {
        let Some(queues) = self.sites.get_mut(site) else { return };
        let Some(origin) = queues.page(number).map(|page| page.origin.clone()) else { return };
        if queues.hold(number, context.now()) {
            let fetch = Fetch {
                key: format!("robots/{origin}"),
                url: format!("{origin}/robots.txt"),
                purpose: Purpose::Robots,
                headers: vec![("accept".to_owned(), "text/plain,*/*;q=0.1".to_owned())],
                validators_of: None,
                auth: events::Auth::default(),
                follow: Follow::All,
                max_body: MAX_BYTES,
                form: Vec::new(),
            };
            self.ask(site, fetch, context);
        }
    }

    /// The answer to a robots.txt.
    pub(super) fn robots_answered(
        &mut self,
        origin: &str,
        fetched: &stage::Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let now = context.now();
        let product = self.settings.product();
        let robots = match &fetched.result {
            Ok(answer) => Robots::from_answer(answer, product, now),
            // More redirects than five may be taken for "unavailable" (RFC 9309 2.3.1.2).
            Err(stage::FetchError::Redirects(why)) => {
                Robots::open(format!("robots.txt redirects: {why}"), now)
            }
            Err(error) => Robots::closed(format!("robots.txt cannot be had: {error}"), None, now),
        };
        self.keep_robots(origin, &robots, context)
    }

    /// An answer that newswire could not handle is none; the log names it.
    pub(super) fn park_robots(
        &mut self,
        origin: &str,
        poison: &Poison,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let says = format!("newswire could not handle the robots.txt: {poison}");
        let robots = Robots::closed(says, None, context.now());
        self.keep_robots(origin, &robots, context)
    }

    fn keep_robots(
        &mut self,
        origin: &str,
        robots: &Robots,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        store(context, Topic::DownloadState, &format!("robots/{origin}"), robots)?;
        let site = events::site_of(origin).unwrap_or_default();
        if let Some(queues) = self.sites.get_mut(&site) {
            queues.release(origin);
        }
        Ok(())
    }
}
