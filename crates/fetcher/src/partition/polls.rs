//! Subscriptions and polls of a partition.

use std::any::Any;

use bus::Topic;
use events::{Subscription, TraceContext, is_http_url, site_of};
use stage::{Answer, Context, Fetched, Output, Poison};

use super::{Partition, load, store};
use crate::feed::ParsedFeed;
use crate::poll::seen::SeenEntries;
use crate::poll::{Bounds, Failure, FeedRecord, News, VERSION, Verdict, fit, judge, read};
use crate::settings::millis;

/// A document and what it was read to be: the result of the computation `parse/<feed>`.
struct Parsed {
    answer: Answer,
    feed: Result<ParsedFeed, Failure>,
}

impl Partition {
    /// A record of the topic `feeds`.
    pub(super) fn on_subscription(
        &mut self,
        id: &str,
        value: Option<&[u8]>,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let Some(value) = value else {
            return self.forget_feed(id, context);
        };
        let mut subscription: Subscription =
            serde_json::from_slice(value).map_err(|error| Poison::new("not_json", error))?;
        if subscription.id != id || id.is_empty() {
            let message = format!("the key is `{id}`, the subscription `{}`", subscription.id);
            return Err(Poison::new("bad_key", message));
        }
        if !is_http_url(&subscription.url) {
            let message = format!("neither http nor https: {:.200}", subscription.url);
            return Err(Poison::new("bad_url", message));
        }
        let known: Option<FeedRecord> = load(context, Topic::FeedState, &FeedRecord::key(id))?;
        if subscription.moved_to.is_some() {
            return self.forget_feed(id, context);
        }
        let cursor = subscription.cursor.take();
        let now = context.now();
        let bounds = Bounds::new(self.settings.min_interval, self.settings.max_interval);
        let record = match known {
            Some(mut record) => {
                let old = std::mem::replace(&mut record.subscription, subscription);
                let new = &record.subscription;
                let another_way = old.url != new.url || old.auth != new.auth;
                if another_way || old.headers != new.headers {
                    self.unqueue_poll(&old.url, id);
                    if old.url != new.url {
                        record.poll_url = None;
                        record.redirect = None;
                    }
                    record.forget_validators();
                    record.next_at = now;
                    "the subscription changed".clone_into(&mut record.why);
                } else if record.subscription.min_interval_s != old.min_interval_s {
                    // A shorter interval must not wait for the end of a long one.
                    let bounds = record.bounds(&self.settings);
                    record.interval_ms = record.interval_ms.clamp(bounds.min_ms, bounds.max_ms);
                    record.next_at = record.next_at.min(now.plus_millis(record.interval_ms));
                }
                record
            }
            None => match cursor.and_then(|cursor| serde_json::from_value(cursor).ok()) {
                // Moved here from another address, with what was known there.
                Some(record) => FeedRecord { subscription, ..record },
                None => {
                    // A long list of new feeds is no burst.
                    let first_at = self.first_poll_at.max(now);
                    self.first_poll_at =
                        first_at.plus_millis(millis(self.settings.first_poll_spacing));
                    FeedRecord::new(subscription, first_at, bounds)
                }
            },
        };
        let timer = format!("poll/{id}");
        if record.subscription.paused {
            context.clear_timer(timer);
            self.unqueue_poll(record.url(), id);
        } else if !self.polling.contains(id) {
            context.set_timer(timer, record.next_at);
        }
        store(context, Topic::FeedState, &FeedRecord::key(id), &record).map(|_| ())
    }

    fn forget_feed(&mut self, id: &str, context: &mut Context<'_>) -> Result<(), Poison> {
        let key = FeedRecord::key(id);
        if let Some(record) = load::<FeedRecord>(context, Topic::FeedState, &key)? {
            self.unqueue_poll(record.url(), id);
            context.delete(Topic::FeedState, key);
            context.delete(Topic::FeedState, format!("seen/{id}"));
            context.clear_timer(format!("poll/{id}"));
        }
        Ok(())
    }

    fn unqueue_poll(&mut self, url: &str, id: &str) {
        if let Some(queues) = site_of(url).and_then(|site| self.sites.get_mut(&site)) {
            queues.remove_poll(id);
        }
    }

    /// A WebSub delivery: the feed is polled as soon as its site's budget allows.
    pub(super) fn on_push(&mut self, id: &str, context: &mut Context<'_>) -> Result<(), Poison> {
        let key = FeedRecord::key(id);
        let Some(mut record) = load::<FeedRecord>(context, Topic::FeedState, &key)? else {
            return Ok(());
        };
        if record.subscription.paused || self.polling.contains(id) {
            return Ok(());
        }
        if record.failures == 0 && record.next_at > context.now() {
            record.next_at = context.now();
            "the hub said that there is something new".clone_into(&mut record.why);
            context.set_timer(format!("poll/{id}"), record.next_at);
            store(context, Topic::FeedState, &key, &record)?;
        }
        Ok(())
    }

    pub(super) fn poll_is_due(
        &mut self,
        id: &str,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let record: Option<FeedRecord> = load(context, Topic::FeedState, &FeedRecord::key(id))?;
        let Some(record) = record.filter(|record| !record.subscription.paused) else {
            return Ok(());
        };
        if self.polling.contains(id) {
            return Ok(());
        }
        let site = site_of(record.url()).unwrap_or_default();
        self.sites.entry(site.clone()).or_default().add_poll(record.next_at, id.to_owned());
        self.pump(&site, context)
    }

    /// A feed whose address redirects to another site costs a token there too. Returns until when
    /// the poll must wait for one.
    pub(super) fn other_site_wait(
        &self,
        site: &str,
        id: &str,
        context: &Context<'_>,
    ) -> Result<Option<events::Timestamp>, Poison> {
        let record: Option<FeedRecord> = load(context, Topic::FeedState, &FeedRecord::key(id))?;
        let Some(other) = record.and_then(|record| record.other_site(site)) else {
            return Ok(None);
        };
        let free_at = Self::budget(context, &other)?
            .free_at(self.settings.spacing(&other), self.settings.site_burst);
        Ok(Some(free_at).filter(|free_at| *free_at > context.now()))
    }

    pub(super) fn ask_poll(
        &mut self,
        site: &str,
        id: &str,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let record: Option<FeedRecord> = load(context, Topic::FeedState, &FeedRecord::key(id))?;
        let Some(record) = record else { return Ok(()) };
        if let Some(other) = record.other_site(site) {
            let mut budget = Self::budget(context, &other)?;
            budget.take(self.settings.spacing(&other), context.now());
            Self::keep_budget(context, &other, &budget)?;
        }
        let delay = context.now().millis_since(record.next_at).max(0) as f64 / 1000.0;
        context.observe("newswire_poll_schedule_delay_seconds", &[], delay);
        context.fetch(record.request(&self.settings));
        self.polling.insert(id.to_owned());
        Ok(())
    }

    pub(super) fn poll_answered(
        &mut self,
        id: &str,
        fetched: Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        self.polling.remove(id);
        let key = FeedRecord::key(id);
        let Some(mut record) = load::<FeedRecord>(context, Topic::FeedState, &key)? else {
            return Ok(());
        };
        if record.subscription.paused {
            return Ok(());
        }
        let verdict = judge(&record, &fetched.result, context.now());
        let no_network = matches!(&verdict, Verdict::Failed(failure) if failure.is_network);
        self.recent.note(&site_of(record.url()).unwrap_or_default(), no_network);
        match (verdict, fetched.result) {
            (Verdict::Read, Ok(answer)) => {
                context.compute(format!("parse/{id}"), move || {
                    let feed = read(&answer);
                    Parsed { answer, feed }
                });
                return Ok(());
            }
            (Verdict::NotModified, Ok(answer)) => {
                record.same("not_modified", &answer, &self.settings, context.now());
                count_poll(context, "not_modified", "304");
            }
            (Verdict::Unchanged, Ok(answer)) => {
                record.same("unchanged", &answer, &self.settings, context.now());
                count_poll(context, "unchanged", "2xx");
            }
            (Verdict::Gone, _) => {
                record.is_gone(context.now());
                count_poll(context, "error", "gone");
            }
            (Verdict::Failed(failure), result) => {
                let status = result.ok().map(|answer| answer.status);
                return self.poll_failed(record, &failure, status, context);
            }
            (_, Err(error)) => return Err(Poison::new("bad_answer", error)),
        }
        self.keep_feed(&record, context)
    }

    fn poll_failed(
        &mut self,
        mut record: FeedRecord,
        failure: &Failure,
        status: Option<u16>,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        count_poll(context, "error", failure.class);
        let outage = failure.is_network && self.recent.is_outage();
        record.failed(failure, status, outage, &self.settings, context.now());
        if failure.blocks_site {
            let site = site_of(record.url()).unwrap_or_default();
            Self::block_site(context, &site, failure.wait_ms)?;
        }
        self.keep_feed(&record, context)
    }

    fn keep_feed(&mut self, record: &FeedRecord, context: &mut Context<'_>) -> Result<(), Poison> {
        let id = &record.subscription.id;
        context.set_timer(format!("poll/{id}"), record.next_at);
        store(context, Topic::FeedState, &FeedRecord::key(id), record).map(|_| ())
    }

    /// The document of a poll was read.
    pub(super) fn poll_parsed(
        &mut self,
        id: &str,
        parsed: Box<dyn Any + Send>,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let Ok(parsed) = parsed.downcast::<Parsed>() else {
            return Err(Poison::new("bad_request", "a computation of another kind"));
        };
        let Parsed { answer, feed } = *parsed;
        let key = FeedRecord::key(id);
        let Some(mut record) = load::<FeedRecord>(context, Topic::FeedState, &key)? else {
            return Ok(());
        };
        let feed = match feed {
            Ok(feed) => feed,
            Err(failure) => {
                return self.poll_failed(record, &failure, Some(answer.status), context);
            }
        };
        let seen_key = format!("seen/{id}");
        let known: Option<SeenEntries> = load(context, Topic::FeedState, &seen_key)?;
        let mut seen = known.clone().unwrap_or_default();
        seen.v = VERSION;
        let news = record.news(&answer, feed, &mut seen, &self.settings, context.now());
        let outcome = if news.entries.is_empty() { "unchanged" } else { "new" };
        count_poll(context, outcome, "2xx");
        count_entries(context, &news);
        Self::emit_entries(news, &mut record, context);
        if known.as_ref() != Some(&seen) {
            store(context, Topic::FeedState, &seen_key, &seen)?;
        }
        self.keep_feed(&record, context)
    }

    fn emit_entries(news: News, record: &mut FeedRecord, context: &mut Context<'_>) {
        for mut entry in news.entries {
            let (value, dropped) = fit(&mut entry);
            if let Some(dropped) = dropped {
                let problem = format!("an entry of more than 1 MiB lost its {dropped}");
                if !record.problems.contains(&problem) {
                    record.problems.push(problem);
                }
                context.count("newswire_entries_total", &[("kind", "cut")], 1);
            }
            if value.is_empty() {
                continue;
            }
            let site = entry.link.as_deref().and_then(site_of);
            let site = site.or_else(|| site_of(&entry.feed.url)).unwrap_or_default();
            let subject = format!("{}/{}", entry.id, entry.revision);
            context.emit(Output {
                topic: Topic::Entries,
                routing: site.into_bytes(),
                key: entry.id,
                value: Some(value),
                timestamp: entry.seen_at,
                headers: Vec::new(),
                trace: TraceContext::root(&subject),
            });
        }
    }

    /// The answer to a poll could not be handled: a failure like others.
    pub(super) fn park_poll(&mut self, id: &str, poison: &Poison, context: &mut Context<'_>) {
        self.polling.remove(id);
        let key = FeedRecord::key(id);
        let Ok(Some(mut record)) = load::<FeedRecord>(context, Topic::FeedState, &key) else {
            context.clear_timer(format!("poll/{id}"));
            return;
        };
        count_poll(context, "error", "internal");
        let failure = Failure::new("internal", format!("newswire failed: {poison}"), 2);
        record.failed(&failure, None, false, &self.settings, context.now());
        // Written as it was read a moment ago; if even that fails the next poll finds it again.
        let _ = self.keep_feed(&record, context);
    }
}

fn count_poll(context: &mut Context<'_>, outcome: &str, class: &str) {
    context.count("newswire_polls_total", &[("outcome", outcome), ("class", class)], 1);
}

fn count_entries(context: &mut Context<'_>, news: &News) {
    for (kind, count) in [("new", news.new), ("changed", news.changed), ("seen", news.seen)] {
        if count > 0 {
            context.count("newswire_entries_total", &[("kind", kind)], count as u64);
        }
    }
}
