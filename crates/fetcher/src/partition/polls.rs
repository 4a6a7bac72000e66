//! Polls of a partition: when they are due, what is asked, what the answers bring.

use std::any::Any;

use bus::Topic;
use events::{TraceContext, site_of};
use stage::{Answer, Context, Fetched, Output, Poison};

use super::feeds::seen_key;
use super::{HOUR_MS, Partition};
use crate::feed::ParsedFeed;
use crate::poll::seen::SeenEntries;
use crate::poll::{Failure, FeedRecord, News, Verdict, fit, judge, read};

/// Polls that one timer begins; the rest has its turn in the next batch.
const MOST_AT_ONCE: usize = 500;

/// A document and what it was read to be: the result of the computation `parse/<feed>`.
pub(super) struct Parsed {
    pub(super) answer: Answer,
    pub(super) feed: Result<ParsedFeed, Failure>,
}

impl Partition {
    /// The first of the feeds that wait is due.
    pub(super) fn polls_are_due(&mut self, context: &mut Context<'_>) {
        for id in self.due.take(context.now(), MOST_AT_ONCE) {
            if let Err(poison) = self.poll_is_due(&id, context) {
                // One feed whose state cannot be read must not stop all the others.
                context.count(
                    "newswire_polls_total",
                    &[("outcome", "error"), ("class", poison.class)],
                    1,
                );
                self.due.schedule(&id, context.now().plus_millis(HOUR_MS), context);
            }
        }
        self.due.set_timer(context);
    }

    pub(super) fn poll_is_due(
        &mut self,
        id: &str,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let record = Self::load_feed(id, context)?;
        let Some(record) = record.filter(FeedRecord::is_polled) else { return Ok(()) };
        if self.is_polling(id) {
            return Ok(());
        }
        if record.next_at > context.now() && record.child.is_none() {
            self.due.schedule(id, record.next_at, context);
            return Ok(());
        }
        if self.is_elsewhere(&record.subscription.url) {
            let subscription = record.subscription.clone();
            return self.reroute(Some(record), subscription, context);
        }
        let site = site_of(record.url()).unwrap_or_default();
        let due_at = record.next_at.min(context.now());
        self.sites.entry(site.clone()).or_default().add_poll(due_at, id.to_owned());
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
        let other = Self::load_feed(id, context)?.and_then(|record| record.other_site(site));
        let Some(other) = other else { return Ok(None) };
        let free_at = Self::budget(context, &other)?
            .free_at(self.settings.spacing(&other), self.settings.site_burst);
        Ok(Some(free_at).filter(|free_at| *free_at > context.now()))
    }

    /// Asks for a feed's document. Returns whether a request was made.
    pub(super) fn ask_poll(
        &mut self,
        site: &str,
        id: &str,
        context: &mut Context<'_>,
    ) -> Result<bool, Poison> {
        let record = Self::load_feed(id, context)?;
        let Some(record) = record.filter(FeedRecord::is_polled) else { return Ok(false) };
        if let Some(other) = record.other_site(site) {
            let mut budget = Self::budget(context, &other)?;
            budget.take(self.settings.spacing(&other), context.now());
            Self::keep_budget(context, &other, &budget)?;
        }
        let delay = context.now().millis_since(record.next_at).max(0) as f64 / 1000.0;
        context.observe("newswire_poll_schedule_delay_seconds", &[], delay);
        self.ask(site, record.request(&self.settings), context);
        Ok(true)
    }

    pub(super) fn poll_answered(
        &mut self,
        id: &str,
        fetched: Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        match Self::load_feed(id, context)?.filter(FeedRecord::is_polled) {
            Some(record) => self.take_answer(record, fetched, context),
            None => Ok(()),
        }
    }

    /// Whether a feed's poll is on its way.
    pub(super) fn is_polling(&self, id: &str) -> bool {
        self.on_their_way.contains_key(&format!("poll/{id}"))
    }

    fn take_answer(
        &mut self,
        mut record: FeedRecord,
        fetched: Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let now = context.now();
        let child = record.child.and_then(|child| record.children.get(child));
        let validators = child.map_or(&record.validators, |child| &child.validators);
        let sent = match child {
            Some(_) => validators.is_conditional(),
            None => !validators.conditions(record.check).is_empty(),
        };
        let mut verdict = judge(sent, validators.body.as_deref(), &fetched.result, now);
        if let (Verdict::Failed(failure), Ok(answer)) = (&mut verdict, &fetched.result) {
            // The site that a redirect led to wants to be left alone, and may be another
            // partition's: the feed keeps away, its own site is not to blame.
            failure.blocks_site &= site_of(&answer.url) == site_of(record.url());
        }
        let no_network = matches!(&verdict, Verdict::Failed(failure) if failure.is_network);
        self.recent.note(&site_of(record.url()).unwrap_or_default(), no_network);
        if record.child.is_some() && !matches!(verdict, Verdict::Read) {
            return self.child_answered(record, verdict, &fetched, context);
        }
        let (outcome, class) = match (verdict, fetched.result) {
            (Verdict::Read, Ok(answer)) => {
                context.compute(format!("parse/{}", record.subscription.id), move || {
                    let feed = read(&answer);
                    Parsed { answer, feed }
                });
                return Ok(());
            }
            (Verdict::NotModified, Ok(answer)) => ((answer, "not_modified"), "304"),
            (Verdict::Unchanged, Ok(answer)) => ((answer, "unchanged"), "2xx"),
            (Verdict::Gone, _) => {
                record.is_gone(now);
                count_poll(context, "error", "gone");
                self.search_for(&record, context);
                return self.keep_feed(record, context);
            }
            (Verdict::Failed(failure), result) => {
                let status = result.ok().map(|answer| answer.status);
                return self.poll_failed(record, &failure, status, context);
            }
            (_, Err(error)) => return Err(Poison::new("bad_answer", error)),
        };
        let (answer, outcome) = outcome;
        count_poll(context, outcome, class);
        match record.same(outcome, &answer, &self.settings, now) {
            Some(to) => {
                let seen = Self::load_seen(&record.subscription.id, context)?.unwrap_or_default();
                self.hand_over(record, &seen, &to, context)
            }
            None => self.keep_feed(record, context),
        }
    }

    /// A sitemap of an index brought nothing to read: the next one has its turn. Only the index
    /// itself can fail.
    fn child_answered(
        &mut self,
        mut record: FeedRecord,
        verdict: Verdict,
        fetched: &Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let asked = record.url().to_owned();
        match verdict {
            Verdict::Failed(failure) => {
                count_poll(context, "error", failure.class);
                if failure.blocks_site {
                    let site = site_of(&asked).unwrap_or_default();
                    Self::block_site(context, &site, failure.wait_ms)?;
                }
            }
            Verdict::Gone => count_poll(context, "error", "gone"),
            Verdict::Read | Verdict::NotModified | Verdict::Unchanged => {
                count_poll(context, "not_modified", "304");
                let child = record.child.and_then(|child| record.children.get_mut(child));
                if let (Some(child), Ok(answer)) = (child, &fetched.result) {
                    child.validators.keep(answer, &asked);
                }
            }
        }
        record.next_child();
        self.keep_feed(record, context)
    }

    pub(super) fn poll_failed(
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
        self.keep_feed(record, context)
    }

    /// The document of a poll was read.
    pub(super) fn poll_parsed(
        &mut self,
        id: &str,
        parsed: Box<dyn Any + Send>,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let Parsed { answer, feed } = downcast(parsed)?;
        let Some(mut record) = Self::load_feed(id, context)? else { return Ok(()) };
        let feed = match feed {
            Ok(feed) => feed,
            Err(failure) if record.child.is_some() => {
                count_poll(context, "error", failure.class);
                record.next_child();
                return self.keep_feed(record, context);
            }
            Err(failure) => {
                return self.poll_failed(record, &failure, Some(answer.status), context);
            }
        };
        let now = context.now();
        let known = Self::load_seen(id, context)?;
        let mut seen = known.clone().unwrap_or_default();
        let is_first = record.good_at.is_none();
        let news = if record.child.is_some() {
            record.child_news(&answer, feed, &mut seen, &self.settings, now)
        } else {
            let hubs = (feed.hubs.clone(), feed.self_url.clone());
            let news = record.news(&answer, feed, &mut seen, &self.settings, now);
            self.want_lease(&mut record, &answer, hubs, context)?;
            news
        };
        if let Some(pushed) = record.pushed.as_mut().filter(|pushed| pushed.until > now)
            && !is_first
        {
            pushed.note(0, news.new);
        }
        let outcome = if news.entries.is_empty() { "unchanged" } else { "new" };
        count_poll(context, outcome, "2xx");
        let moves_to = news.moves_to.clone();
        self.take_news(news, &mut record, known.as_ref(), &seen, context);
        match moves_to {
            Some(to) => self.hand_over(record, &seen, &to, context),
            None => self.keep_feed(record, context),
        }
    }

    /// Emits what a document brought and remembers it.
    pub(super) fn take_news(
        &mut self,
        news: News,
        record: &mut FeedRecord,
        known: Option<&SeenEntries>,
        seen: &SeenEntries,
        context: &mut Context<'_>,
    ) {
        for (kind, count) in [("new", news.new), ("changed", news.changed), ("seen", news.seen)] {
            if count > 0 {
                context.count("newswire_entries_total", &[("kind", kind)], count as u64);
            }
        }
        if news.is_gap {
            context.count("newswire_entries_total", &[("kind", "gap")], 1);
        }
        if known != Some(seen) {
            context.put(Topic::FeedState, seen_key(&record.subscription.id), seen.encode());
        }
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
        let Ok(Some(mut record)) = Self::load_feed(id, context) else {
            context.clear_timer(format!("poll/{id}"));
            return;
        };
        count_poll(context, "error", "internal");
        let failure = Failure::new("internal", format!("newswire failed: {poison}"), 2);
        record.child = None;
        record.failed(&failure, None, false, &self.settings, context.now());
        // Written as it was read a moment ago; if even that fails the next poll finds it again.
        let _ = self.keep_feed(record, context);
    }
}

pub(super) fn downcast(parsed: Box<dyn Any + Send>) -> Result<Parsed, Poison> {
    let parsed = parsed.downcast::<Parsed>();
    parsed
        .map(|parsed| *parsed)
        .map_err(|_| Poison::new("bad_request", "a computation of another kind"))
}

fn count_poll(context: &mut Context<'_>, outcome: &str, class: &str) {
    context.count("newswire_polls_total", &[("outcome", outcome), ("class", class)], 1);
}
