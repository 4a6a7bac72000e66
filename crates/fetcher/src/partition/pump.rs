//! Lets a site's waiting requests go as its budget allows, and forgets what has expired.

use bus::Topic;
use events::Timestamp;
use stage::{Context, Fetch, Follow, Poison, Purpose};

use super::{HOUR_MS, Partition, load, next_hour, store};
use crate::download::DoneRecord;
use crate::poll::VERSION;
use crate::robots::{MAX_BYTES, Robots};
use crate::sites::{Budget, Next};

/// How long the outcome of an entry is remembered.
const DONE_MS: i64 = 7 * 24 * HOUR_MS;
/// Keys dropped in one go.
const MOST_DROPPED: usize = 2_000;
/// Ids are base32: each hour looks through those that begin with one of its letters.
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Whether a page may be asked for.
enum Permission {
    Granted(Option<std::time::Duration>),
    Denied(String),
    /// robots.txt must be asked first.
    Unknown,
}

impl Partition {
    pub(super) fn budget(context: &Context<'_>, site: &str) -> Result<Budget, Poison> {
        let budget = load(context, Topic::DownloadState, &format!("site/{site}"))?;
        Ok(budget.unwrap_or_else(|| Budget { v: VERSION, ..Budget::default() }))
    }

    pub(super) fn keep_budget(
        context: &mut Context<'_>,
        site: &str,
        budget: &Budget,
    ) -> Result<(), Poison> {
        store(context, Topic::DownloadState, &format!("site/{site}"), budget).map(|_| ())
    }

    /// A site answered 429: all that waits for it waits longer.
    pub(super) fn block_site(
        context: &mut Context<'_>,
        site: &str,
        wait_ms: Option<i64>,
    ) -> Result<(), Poison> {
        let mut budget = Self::budget(context, site)?;
        budget.refuse(wait_ms, context.now());
        Self::keep_budget(context, site, &budget)
    }

    /// Asks for what is ready and has a token; sets the site's timer for the rest.
    pub(super) fn pump(&mut self, site: &str, context: &mut Context<'_>) -> Result<(), Poison> {
        let now = context.now();
        let mut budget = Self::budget(context, site)?;
        let mut spent = false;
        let wake_at = loop {
            let Some(queues) = self.sites.get(site) else { break None };
            let Some(next) = queues.next(now) else { break queues.ready_at() };
            if let Some(until) = budget.blocked_until.filter(|until| *until > now) {
                break Some(until);
            }
            let mut spacing = self.settings.spacing(site);
            match &next {
                Next::Page(number) => match self.permission(site, *number, context)? {
                    Permission::Unknown => {
                        self.ask_robots(site, *number, context);
                        continue;
                    }
                    Permission::Denied(detail) => {
                        self.deny(site, *number, detail, context)?;
                        continue;
                    }
                    Permission::Granted(delay) => spacing = spacing.max(delay.unwrap_or_default()),
                },
                Next::Poll(feed) => {
                    if let Some(until) = self.other_site_wait(site, feed, context)? {
                        if let Some(queues) = self.sites.get_mut(site) {
                            queues.remove_poll(feed);
                            queues.add_poll(until, feed.clone());
                        }
                        continue;
                    }
                }
            }
            let free_at = budget.free_at(spacing, self.settings.site_burst);
            if free_at > now {
                break Some(free_at);
            }
            budget.take(spacing, now);
            spent = true;
            if let Some(queues) = self.sites.get_mut(site) {
                queues.took(&next);
            }
            match next {
                Next::Poll(feed) => self.ask_poll(site, &feed, context)?,
                Next::Page(number) => self.ask_page(site, number, context)?,
            }
        };
        if spent {
            Self::keep_budget(context, site, &budget)?;
        }
        let timer = format!("site/{site}");
        match wake_at {
            Some(at) => context.set_timer(timer, at),
            None => context.clear_timer(timer),
        }
        if self.sites.get(site).is_some_and(crate::sites::Queues::is_empty) {
            self.sites.remove(site);
        }
        Ok(())
    }

    fn permission(
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
            Some(robots) => Permission::Denied(robots.says),
        })
    }

    fn ask_robots(&mut self, site: &str, number: u64, context: &mut Context<'_>) {
        let Some(queues) = self.sites.get_mut(site) else { return };
        let Some(origin) = queues.page(number).map(|page| page.origin.clone()) else { return };
        if queues.hold(number) {
            context.fetch(Fetch {
                key: format!("robots/{origin}"),
                url: format!("{origin}/robots.txt"),
                purpose: Purpose::Robots,
                headers: vec![("accept".to_owned(), "text/plain,*/*;q=0.1".to_owned())],
                auth: events::Auth::default(),
                follow: Follow::All,
                max_body: MAX_BYTES,
                form: Vec::new(),
            });
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
            Ok(answer) => Robots::from_answer(answer.status, &answer.body, product, now),
            // More redirects than five may be taken for "unavailable" (RFC 9309 2.3.1.2).
            Err(stage::FetchError::Redirects(why)) => {
                Robots::open(format!("robots.txt redirects: {why}"), now)
            }
            Err(error) => Robots::closed(format!("robots.txt cannot be had: {error}"), now),
        };
        store(context, Topic::DownloadState, &format!("robots/{origin}"), &robots)?;
        let site = events::site_of(origin).unwrap_or_default();
        if let Some(queues) = self.sites.get_mut(&site) {
            queues.release(origin);
        }
        self.pump(&site, context)
    }

    /// Drops what is too old to matter: some of it each hour, all of it in a day and a half.
    pub(super) fn expire(&self, context: &mut Context<'_>) {
        let now = context.now();
        let turn = now.as_millis().div_euclid(HOUR_MS).rem_euclid(LETTERS.len() as i64);
        let letter = char::from(LETTERS[turn as usize]);
        let mut dropped: Vec<String> = Vec::new();
        let done = format!("done/{letter}");
        for (key, value) in context.state().scan(Topic::DownloadState, &done) {
            let record = serde_json::from_slice::<DoneRecord>(value);
            if record.is_ok_and(|record| now.millis_since(record.at) > DONE_MS) {
                dropped.push(key.to_owned());
            }
            if dropped.len() >= MOST_DROPPED {
                break;
            }
        }
        if turn == 0 {
            let idle = |at: Timestamp| now.millis_since(at) > 24 * HOUR_MS;
            for (key, value) in context.state().scan(Topic::DownloadState, "site/") {
                let budget = serde_json::from_slice::<Budget>(value);
                if budget.is_ok_and(|budget| budget.is_idle(now) && idle(budget.full_at)) {
                    dropped.push(key.to_owned());
                }
            }
            for (key, value) in context.state().scan(Topic::DownloadState, "robots/") {
                let robots = serde_json::from_slice::<Robots>(value);
                if robots.is_ok_and(|robots| idle(robots.expires_at)) {
                    dropped.push(key.to_owned());
                }
            }
        }
        let more = dropped.len() >= MOST_DROPPED;
        for key in dropped {
            context.delete(Topic::DownloadState, key);
        }
        let again = if more { now.plus_millis(10_000) } else { next_hour(now) };
        context.set_timer("expire", again);
    }
}
