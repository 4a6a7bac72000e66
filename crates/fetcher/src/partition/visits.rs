//! Revisits: a page that was downloaded is asked for again after an hour, a day and a week, to see
//! whether it changed or is gone.

use bus::Topic;
use events::{Entry, PageOutcome, REVISIT_HOPS, SkipReason, Timestamp, site_of};
use serde::{Deserialize, Serialize};
use stage::{Context, Fetched, Poison};

use super::{HOUR_MS, Partition, load, origin_of, store};
use crate::download::{MAX_HOPS, Verdict, judge, request};
use crate::memory::memory_of;
use crate::poll::times::{at, maybe_at};
use crate::poll::{VERSION, hash_of, is_default};
use crate::settings::millis;
use crate::sites::{Kind, WaitingPage, feed_name};

/// A page is gone that answers 404 twice so far apart.
const MISSING_MS: i64 = 24 * HOUR_MS;
/// Records that are not kept: pages with so much said of them by their feed.
const LARGEST: usize = 8 * 1024;

/// Where a revisit waits.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) site: String,
    pub(super) number: u64,
    pub(super) bytes: usize,
}

/// A page to be asked for again, under `visit/<memory>`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct VisitRecord {
    v: u32,
    /// What its feed said of it, without the text.
    e: Entry,
    /// Visits done.
    #[serde(rename = "n")]
    step: u32,
    #[serde(with = "at")]
    first_at: Timestamp,
    #[serde(with = "at")]
    pub(super) next_at: Timestamp,
    /// Hash of the body last seen; empty of a page that is gone, which is new should it return.
    body: String,
    /// When it first answered 404.
    #[serde(default, with = "maybe_at", skip_serializing_if = "Option::is_none")]
    missing: Option<Timestamp>,
    /// Where redirects to other hosts of the site have led in this visit: each host has a
    /// robots.txt of its own.
    #[serde(default, skip_serializing_if = "is_default")]
    led: Vec<String>,
}

impl VisitRecord {
    /// What is asked for.
    fn url(&self) -> &str {
        self.led.last().or(self.e.link.as_ref()).map(String::as_str).unwrap_or_default()
    }
}

impl Partition {
    /// A page was downloaded: it will be visited again.
    pub(super) fn plan_visits(
        &mut self,
        mut entry: Entry,
        body: String,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let memory = memory_of(&entry);
        let now = context.now();
        // A changed entry was downloaded again: its visits go on where they were.
        let known = Self::load_visit(&memory, context)?;
        self.drop_visit(&memory, context);
        let Some(first) = self.settings.revisit.first().copied() else { return Ok(()) };
        if entry.feed.no_revisits || entry.backfill {
            return Ok(());
        }
        entry.summary = None;
        entry.content = None;
        let record = match known {
            Some(known) => VisitRecord { e: entry, body, missing: None, led: Vec::new(), ..known },
            None => VisitRecord {
                v: VERSION,
                e: entry,
                step: 0,
                first_at: now,
                next_at: now.plus_millis(millis(first)),
                body,
                missing: None,
                led: Vec::new(),
            },
        };
        self.keep_visit(&memory, &record, context)
    }

    pub(super) fn load_visit(
        memory: &str,
        context: &Context<'_>,
    ) -> Result<Option<VisitRecord>, Poison> {
        load(context, Topic::DownloadState, &visit_key(memory))
    }

    fn keep_visit(
        &mut self,
        memory: &str,
        record: &VisitRecord,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        match self.wait_for_visit(memory, record, context)? {
            Some(site) => self.pump(&site, context),
            None => Ok(()),
        }
    }

    /// Lets a visit wait for its time; returns its site, where there is room for it.
    fn wait_for_visit(
        &mut self,
        memory: &str,
        record: &VisitRecord,
        context: &mut Context<'_>,
    ) -> Result<Option<String>, Poison> {
        let value = serde_json::to_vec(record).map_err(|error| Poison::new("bad_state", error))?;
        // Bounded: what finds no room is not visited again.
        let is_full = self.visit_bytes + value.len() > self.settings.revisit_bytes;
        if value.len() > LARGEST || is_full {
            context.count("newswire_downloads_total", &[("outcome", "not_revisited")], 1);
            context.delete(Topic::DownloadState, visit_key(memory));
            return Ok(None);
        }
        let bytes = store(context, Topic::DownloadState, &visit_key(memory), record)?;
        Ok(Some(self.enqueue_visit(memory, record, bytes)))
    }

    /// Puts a visit among what waits at its site, which is returned.
    pub(super) fn enqueue_visit(
        &mut self,
        memory: &str,
        record: &VisitRecord,
        bytes: usize,
    ) -> String {
        let link = record.url().to_owned();
        let site = site_of(&link).unwrap_or_default();
        let queues = self.sites.entry(site.clone()).or_default();
        let number = queues.number();
        let page = WaitingPage {
            key: memory.to_owned(),
            origin: origin_of(&link),
            link,
            memory: memory.to_owned(),
            feed: feed_name(&record.e.feed.id),
            kind: Kind::Visit,
            ready_at: record.next_at,
            bytes,
        };
        queues.add_page(number, page);
        self.visit_bytes += bytes;
        let place = Place { site: site.clone(), number, bytes };
        self.visits.insert(memory.to_owned(), place);
        site
    }

    /// Takes a visit out of everything that knows it waits.
    fn unqueue_visit(&mut self, memory: &str) -> Option<Place> {
        let place = self.visits.remove(memory)?;
        self.visit_bytes = self.visit_bytes.saturating_sub(place.bytes);
        if let Some(queues) = self.sites.get_mut(&place.site) {
            queues.remove_page(place.number);
        }
        Some(place)
    }

    pub(super) fn drop_visit(&mut self, memory: &str, context: &mut Context<'_>) {
        if self.unqueue_visit(memory).is_some() {
            context.delete(Topic::DownloadState, visit_key(memory));
        }
    }

    /// A visit waits until then; not for ever, for it asks by what is remembered of its page.
    pub(super) fn put_off_visit(
        &mut self,
        memory: &str,
        until: Timestamp,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let record = Self::load_visit(memory, context)?;
        let known = Self::load_page(memory, context)?;
        self.drop_visit(memory, context);
        match (record, known) {
            (Some(record), Some(_)) => {
                let record = VisitRecord { next_at: until, ..record };
                self.wait_for_visit(memory, &record, context).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn ask_visit(
        &mut self,
        site: &str,
        memory: &str,
        context: &mut Context<'_>,
    ) -> Result<bool, Poison> {
        let Some(record) = Self::load_visit(memory, context)? else { return Ok(false) };
        // After a long stop, or among too many addresses: nothing is left to ask by, and the whole
        // page is too much to ask for.
        let Some(known) = Self::load_page(memory, context)? else {
            self.drop_visit(memory, context);
            return Ok(false);
        };
        let link = record.e.link.as_deref().unwrap_or_default();
        let key = visit_key(memory);
        let fetch = request(key, link, record.url(), Some(&known), &self.settings);
        self.ask(site, fetch, context);
        Ok(true)
    }

    pub(super) fn visit_answered(
        &mut self,
        memory: &str,
        fetched: &Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let Some(place) = self.unqueue_visit(memory) else { return Ok(()) };
        match Self::load_visit(memory, context)? {
            Some(record) => self.take_visit(memory, &place.site, record, fetched, context),
            None => Ok(()),
        }
    }

    fn take_visit(
        &mut self,
        memory: &str,
        site: &str,
        mut record: VisitRecord,
        fetched: &Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let now = context.now();
        let visit = record.step + 1;
        // A page record of its own: the entry as it is, told apart by its hop.
        let entry = Entry { hop: record.e.hop + REVISIT_HOPS * visit, ..record.e.clone() };
        let mut word = "revisit_same";
        match judge(&record.e, true, fetched) {
            // Where publishers send readers of a page that is no more: not a new version of it.
            Verdict::Html(answer)
                if is_front_page(&answer.final_url)
                    && !record.e.link.as_deref().is_some_and(is_front_page) =>
            {
                word = "revisit_failed";
            }
            Verdict::Html(answer) => {
                record.missing = None;
                let body = fetched.result.as_ref().map(|answer| answer.body.as_slice());
                let body = body.unwrap_or_default();
                let hash = hash_of(body);
                if hash != record.body {
                    record.body = hash;
                    word = "revisit_changed";
                    self.finish(entry, PageOutcome::Html(answer), body, fetched.at, context)?;
                }
            }
            Verdict::NotModified => record.missing = None,
            Verdict::Failed { reason: SkipReason::Gone, detail } => {
                word = "revisit_missing";
                self.page_is_gone(&mut record, entry, detail, fetched.at, context)?;
            }
            Verdict::Retry { reason: SkipReason::NotFound, detail, .. } => {
                word = "revisit_missing";
                match record.missing {
                    Some(since) if now.millis_since(since) >= MISSING_MS => {
                        let detail = format!("{detail}, and did at {since}");
                        self.page_is_gone(&mut record, entry, detail, fetched.at, context)?;
                    }
                    Some(_) => {}
                    None if record.body.is_empty() => {}
                    None => record.missing = Some(now),
                }
            }
            Verdict::Retry { wait_ms, blocks_site: true, .. } => {
                Self::block_site(context, site, wait_ms)?;
                word = "revisit_failed";
            }
            Verdict::Onward(target)
                if record.led.len() < MAX_HOPS as usize && !record.led.contains(&target) =>
            {
                record.led.push(target);
                record.next_at = now;
                return self.keep_visit(memory, &record, context);
            }
            Verdict::Failed { .. }
            | Verdict::Retry { .. }
            | Verdict::Moved(_)
            | Verdict::Onward(_) => {
                word = "revisit_failed";
            }
        }
        context.count("newswire_downloads_total", &[("outcome", word)], 1);
        record.step = visit;
        record.led.clear();
        match self.next_visit(&record, now) {
            Some(next_at) => {
                record.next_at = next_at;
                self.keep_visit(memory, &record, context)
            }
            None => {
                context.delete(Topic::DownloadState, visit_key(memory));
                Ok(())
            }
        }
    }

    /// When the page is visited next: at its next age; and a day after it was first missing.
    fn next_visit(&self, record: &VisitRecord, now: Timestamp) -> Option<Timestamp> {
        let ages = self.settings.revisit.iter().skip(record.step as usize);
        let ages = ages.map(|age| record.first_at.plus_millis(millis(*age)));
        let scheduled = ages.map(|at| at.max(now.plus_millis(1))).next();
        let again =
            record.missing.map(|since| since.plus_millis(MISSING_MS).max(now.plus_millis(1)));
        match (scheduled, again) {
            (Some(scheduled), Some(again)) => Some(scheduled.min(again)),
            (scheduled, again) => scheduled.or(again),
        }
    }

    /// Tells once that a page is gone; its further visits see whether it returns.
    fn page_is_gone(
        &mut self,
        record: &mut VisitRecord,
        entry: Entry,
        detail: String,
        at: Timestamp,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        record.missing = None;
        if std::mem::take(&mut record.body).is_empty() {
            return Ok(());
        }
        let outcome = PageOutcome::Failed { reason: SkipReason::Gone, detail };
        self.finish(entry, outcome, &[], at, context)
    }

    /// The answer to a visit could not be handled: there will be no other.
    pub(super) fn park_visit(&mut self, memory: &str, context: &mut Context<'_>) {
        self.unqueue_visit(memory);
        context.delete(Topic::DownloadState, visit_key(memory));
    }
}

fn is_front_page(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| url.path() == "/" && url.query().is_none())
}

fn visit_key(memory: &str) -> String {
    format!("visit/{memory}")
}
