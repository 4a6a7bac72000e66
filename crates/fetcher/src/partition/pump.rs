//! Lets a site's waiting requests go as its budget allows.

use bus::Topic;
use events::{PageOutcome, SkipReason, Timestamp, site_of};
use stage::{Context, Fetched, Poison};

use super::lines::Line;
use super::robots::Permission;
use super::{Partition, load, store};
use crate::poll::VERSION;
use crate::sites::{Budget, Kind, Next};

/// The timer of those that wait for a place.
pub(super) const PLACES: &str = "places";
const PLACES_AGAIN_MS: i64 = 250;
/// One place in so many is for polls: what hosts that do not answer keep busy are those of pages.
const FOR_POLLS: usize = 4;

/// Whether there is a place for a page or a robots.txt.
fn has_place_for_page(context: &Context<'_>) -> bool {
    context.places() > context.most_places() / FOR_POLLS
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

    /// A redirect that is followed within a site is one more request to it: it costs a token, which
    /// is taken afterwards.
    pub(super) fn pay_for_redirects(
        &self,
        site: &str,
        fetched: &Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let Ok(answer) = &fetched.result else { return Ok(()) };
        let asked = answer.hops.iter().map(|hop| &hop.url).chain([&answer.url]);
        let unpaid = asked.filter(|url| site_of(url).as_deref() == Some(site)).skip(1).count();
        if unpaid == 0 {
            return Ok(());
        }
        let mut budget = Self::budget(context, site)?;
        for _ in 0..unpaid {
            budget.take(self.settings.spacing(site), context.now());
        }
        Self::keep_budget(context, site, &budget)
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
            // The answer to one of the requests that are on their way wakes the site.
            if queues.running() >= self.settings.site_connections.max(1) {
                break None;
            }
            let is_idle = budget.full_at <= now;
            let poll = if has_place_for_page(context) { None } else { queues.next_poll(now) };
            let Some(next) = poll.or_else(|| queues.next(now, is_idle)) else {
                let waits_for_rest = !is_idle && queues.next(now, true).is_some();
                break if waits_for_rest { Some(budget.full_at) } else { queues.ready_at() };
            };
            if let Some(until) = budget.blocked_until.filter(|until| *until > now) {
                break Some(until);
            }
            let mut spacing = self.settings.spacing(site);
            match &next {
                Next::Page(number) => match self.permission(site, *number, context)? {
                    Permission::Unknown => {
                        if !has_place_for_page(context) {
                            self.wait_for_place(site, &next, context);
                            break None;
                        }
                        if queues.robots_costs(*number, now) {
                            let free_at = budget.free_at(spacing, self.settings.site_burst);
                            if free_at > now {
                                break Some(free_at);
                            }
                            budget.take(spacing, now);
                            spent = true;
                        }
                        self.ask_robots(site, *number, context);
                        continue;
                    }
                    Permission::Denied(detail) => {
                        self.deny(site, *number, detail, context)?;
                        continue;
                    }
                    Permission::Unreachable(detail, until) => {
                        self.put_off(site, *number, detail, until, context)?;
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
                    let delay = self.poll_delay(site, feed, context)?;
                    spacing = spacing.max(delay.unwrap_or_default());
                }
            }
            let free_at = budget.free_at(spacing, self.settings.site_burst);
            if free_at > now {
                break Some(free_at);
            }
            // A token that is taken must be spent at once: were the request to wait for its place
            // afterwards, it might follow closely on the site's next one.
            let has_place = match next {
                Next::Poll(_) => context.places() > 0,
                Next::Page(_) => has_place_for_page(context),
            };
            if !has_place {
                self.wait_for_place(site, &next, context);
                break None;
            }
            if let Some(queues) = self.sites.get_mut(site) {
                queues.took(&next);
            }
            let asked = match next {
                Next::Poll(feed) => self.ask_poll(site, &feed, context)?,
                Next::Page(number) => self.ask_page(site, number, context)?,
            };
            if asked {
                budget.take(spacing, now);
                spent = true;
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

    /// Lets a site wait until the process has a place for one more request.
    fn wait_for_place(&mut self, site: &str, next: &Next, context: &mut Context<'_>) {
        if let Some(queues) = self.sites.get_mut(site) {
            let line = match next {
                Next::Poll(_) => Line::Polls,
                Next::Page(number) => {
                    Line::Pages(queues.page(*number).map(|page| page.feed).unwrap_or_default())
                }
            };
            if !std::mem::replace(&mut queues.in_line[line.kind()], true) {
                self.lines.stand(line, site.to_owned());
            }
        }
        // An answer of this partition comes with a place; those of others are not heard of here.
        context.set_timer(PLACES, context.now().plus_millis(PLACES_AGAIN_MS));
    }

    /// Lets sites that wait for a place have those that are free.
    pub(super) fn give_places(&mut self, context: &mut Context<'_>) -> Result<(), Poison> {
        while context.places() > 0
            && let Some((line, site)) = self.lines.next(has_place_for_page(context))
        {
            if let Some(queues) = self.sites.get_mut(&site) {
                queues.in_line[line.kind()] = false;
            }
            self.pump(&site, context)?;
        }
        if !self.lines.is_empty() {
            context.set_timer(PLACES, context.now().plus_millis(PLACES_AGAIN_MS));
        }
        Ok(())
    }

    /// Asks for a page whose turn it is. Returns whether a request was made.
    fn ask_page(
        &mut self,
        site: &str,
        number: u64,
        context: &mut Context<'_>,
    ) -> Result<bool, Poison> {
        let page = self.sites.get(site).and_then(|queues| queues.page(number)).cloned();
        let Some(page) = page else { return Ok(false) };
        match page.kind {
            Kind::Live | Kind::Backfill => self.ask_download(site, number, &page.memory, context),
            Kind::Visit => self.ask_visit(site, &page.memory, context),
            Kind::Search => {
                self.ask(site, Self::search_request(&page), context);
                Ok(true)
            }
        }
    }

    /// Lets a page wait until its robots.txt may be asked for again: a download as often as a page
    /// is asked for again that fails, then it is refused; a visit for as long as there is something
    /// to ask by.
    fn put_off(
        &mut self,
        site: &str,
        number: u64,
        detail: String,
        until: Timestamp,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let page = self.sites.get(site).and_then(|queues| queues.page(number)).cloned();
        let Some(page) = page else { return Ok(()) };
        match page.kind {
            Kind::Live | Kind::Backfill => {
                if self.put_off_download(site, number, until, context)? {
                    return Ok(());
                }
                // Those that wait for the same page would begin anew to wait for its robots.txt.
                let outcome = PageOutcome::Failed { reason: SkipReason::Robots, detail };
                self.share(site, &page.memory, &outcome, context)
            }
            Kind::Visit => self.put_off_visit(&page.memory, until, context),
            Kind::Search => {
                self.drop_search(&page.key);
                Ok(())
            }
        }
    }

    /// robots.txt forbids a page.
    fn deny(
        &mut self,
        site: &str,
        number: u64,
        detail: String,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let page = self.sites.get(site).and_then(|queues| queues.page(number)).cloned();
        let Some(page) = page else { return Ok(()) };
        match page.kind {
            Kind::Live | Kind::Backfill => self.deny_download(site, number, detail, context),
            Kind::Visit => {
                self.drop_visit(&page.memory, context);
                Ok(())
            }
            Kind::Search => {
                self.drop_search(&page.key);
                Ok(())
            }
        }
    }
}
