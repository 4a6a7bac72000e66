//! Entries and pages of a partition: each (entry, revision, hop) becomes exactly one page record.

use bus::Topic;
use events::{Entry, FullText, Page, PageOutcome, SkipReason, Timestamp, TraceContext, site_of};
use stage::{Context, Fetched, Output, Poison};

use super::{Partition, load, store};
use crate::download::{
    DoneRecord, Verdict, WaitRecord, judge, moved, name_of, refuse_link, request, retry_wait,
};
use crate::poll::{VERSION, fit};

/// A page record larger than this is not written: the topic's 10 MiB less key and headers.
const MAX_PAGE_BYTES: usize = 10 * 1024 * 1024 - 4096;

impl Partition {
    /// A record of the topic `entries`.
    pub(super) fn on_entry(
        &mut self,
        key: &str,
        value: Option<&[u8]>,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let value = value.ok_or_else(|| Poison::new("empty", "an entry without value"))?;
        let entry: Entry =
            serde_json::from_slice(value).map_err(|error| Poison::new("not_json", error))?;
        if entry.id != key || key.is_empty() {
            let message = format!("the key is `{key}`, the entry `{}`", entry.id);
            return Err(Poison::new("bad_key", message));
        }
        let name = name_of(&entry);
        let done = format!("done/{name}");
        // A record that comes again, by a replay or a restart of the log, has its page already.
        if self.pages.contains_key(&name) || context.get(Topic::DownloadState, &done).is_some() {
            context.count("newswire_downloads_total", &[("outcome", "known")], 1);
            return Ok(());
        }
        let now = context.now();
        let Some(link) = entry.link.clone() else {
            let says_something = entry.content.is_some() || entry.summary.is_some();
            let outcome = if says_something {
                PageOutcome::FeedText
            } else {
                let detail = "the entry has neither a link nor text".to_owned();
                PageOutcome::Failed { reason: SkipReason::NoLink, detail }
            };
            return Self::finish(entry, outcome, &[], now, context);
        };
        if let Some(detail) = refuse_link(&link) {
            let outcome = PageOutcome::Failed { reason: SkipReason::BadLink, detail };
            return Self::finish(entry, outcome, &[], now, context);
        }
        let from_feed = match entry.feed.full_text {
            FullText::Feed => true,
            FullText::Page => false,
            FullText::Auto => (self.settings.full_text)(&entry),
        };
        if from_feed {
            return Self::finish(entry, PageOutcome::FeedText, &[], now, context);
        }
        let site = site_of(&link).unwrap_or_default();
        let number = self.sites.entry(site.clone()).or_default().number();
        let record = WaitRecord { v: VERSION, entry, attempts: 0, ready_at: now };
        let bytes = store(context, Topic::DownloadState, &wait_key(&site, number), &record)?;
        self.enqueue(&site, number, &record, bytes);
        self.pump(&site, context)
    }

    pub(super) fn ask_page(
        &mut self,
        site: &str,
        number: u64,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let key = wait_key(site, number);
        let record: Option<WaitRecord> = load(context, Topic::DownloadState, &key)?;
        if let Some(WaitRecord { entry, .. }) = record
            && let Some(link) = &entry.link
        {
            context.fetch(request(&entry, link, &self.settings));
        }
        Ok(())
    }

    /// robots.txt forbids the page.
    pub(super) fn deny(
        &mut self,
        site: &str,
        number: u64,
        detail: String,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let outcome = PageOutcome::Failed { reason: SkipReason::Robots, detail };
        let at = context.now();
        match self.take_waiting(site, number, context)? {
            Some(record) => Self::finish(record.entry, outcome, &[], at, context),
            None => Ok(()),
        }
    }

    /// Takes a page out of everything that knows it waits.
    fn take_waiting(
        &mut self,
        site: &str,
        number: u64,
        context: &mut Context<'_>,
    ) -> Result<Option<WaitRecord>, Poison> {
        if let Some(page) = self.sites.get_mut(site).and_then(|queues| queues.remove_page(number)) {
            self.waiting_bytes = self.waiting_bytes.saturating_sub(page.bytes);
            self.pages.remove(&page.key);
        }
        let key = wait_key(site, number);
        let record = load(context, Topic::DownloadState, &key)?;
        context.delete(Topic::DownloadState, key);
        Ok(record)
    }

    pub(super) fn page_answered(
        &mut self,
        name: &str,
        fetched: &Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        // Not waiting any more: it was answered before a batch was dropped and done again.
        let Some((site, number)) = self.pages.get(name).cloned() else { return Ok(()) };
        let Some(mut record) = self.take_waiting(&site, number, context)? else { return Ok(()) };
        let body = fetched.result.as_ref().map(|answer| answer.body.as_slice()).unwrap_or_default();
        match judge(&record.entry, fetched) {
            Verdict::Html(answer) => {
                let outcome = PageOutcome::Html(answer);
                Self::finish(record.entry, outcome, body, fetched.at, context)?;
            }
            Verdict::Failed { reason, detail } => {
                let outcome = PageOutcome::Failed { reason, detail };
                Self::finish(record.entry, outcome, &[], fetched.at, context)?;
            }
            Verdict::Moved(target) => {
                Self::send_on(&record.entry, &target, context)?;
                let outcome = PageOutcome::Moved { to: target };
                Self::finish(record.entry, outcome, &[], fetched.at, context)?;
            }
            Verdict::Retry { reason, detail, wait_ms, blocks_site } => {
                if blocks_site {
                    Self::block_site(context, &site, wait_ms)?;
                }
                if let Some(wait) = retry_wait(record.attempts, wait_ms, &self.settings) {
                    record.attempts += 1;
                    record.ready_at = context.now().plus_millis(wait);
                    let key = wait_key(&site, number);
                    let bytes = store(context, Topic::DownloadState, &key, &record)?;
                    self.enqueue(&site, number, &record, bytes);
                } else {
                    let detail = format!("{detail}, after {} retries", record.attempts);
                    let outcome = PageOutcome::Failed { reason, detail };
                    Self::finish(record.entry, outcome, &[], fetched.at, context)?;
                }
            }
        }
        self.pump(&site, context)
    }

    /// The entry goes on under another site.
    fn send_on(entry: &Entry, target: &str, context: &mut Context<'_>) -> Result<(), Poison> {
        let mut next = moved(entry, target);
        let (value, _) = fit(&mut next);
        if value.is_empty() {
            return Err(Poison::new("too_big", "an entry of more than 1 MiB goes to another site"));
        }
        let trace = trace_of(entry).child("move");
        context.emit(Output {
            topic: Topic::Entries,
            routing: site_of(target).unwrap_or_default().into_bytes(),
            key: next.id,
            value: Some(value),
            timestamp: next.seen_at,
            headers: Vec::new(),
            trace,
        });
        Ok(())
    }

    /// Writes the one page record of an (entry, revision, hop), and remembers that it is written.
    fn finish(
        entry: Entry,
        outcome: PageOutcome,
        body: &[u8],
        at: Timestamp,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let name = name_of(&entry);
        let trace = trace_of(&entry).child("download");
        let site = entry.link.as_deref().and_then(site_of);
        let site = site.or_else(|| site_of(&entry.feed.url)).unwrap_or_default();
        let key = entry.id.clone();
        let mut page = Page { entry, fetched_at: at, outcome };
        let bad = |error| Poison::new("not_json", error);
        let mut value = page.encode(body).map_err(bad)?;
        if value.len() > MAX_PAGE_BYTES {
            let detail = format!("the page and its entry have {} bytes", value.len());
            page.outcome = PageOutcome::Failed { reason: SkipReason::TooBig, detail };
            value = page.encode(&[]).map_err(bad)?;
        }
        let outcome = match &page.outcome {
            PageOutcome::Html(_) => "html",
            PageOutcome::FeedText => "feed_text",
            PageOutcome::Moved { .. } => "moved",
            PageOutcome::Unchanged => "unchanged",
            PageOutcome::Failed { reason, .. } => reason.as_str(),
        };
        context.count("newswire_downloads_total", &[("outcome", outcome)], 1);
        let done = DoneRecord { v: VERSION, at: context.now(), outcome: outcome.to_owned() };
        store(context, Topic::DownloadState, &format!("done/{name}"), &done)?;
        context.emit(Output {
            topic: Topic::Pages,
            routing: site.into_bytes(),
            key,
            value: Some(value),
            timestamp: at,
            headers: Vec::new(),
            trace,
        });
        Ok(())
    }

    /// The answer to a page could not be handled: it counts as none.
    pub(super) fn park_page(&mut self, name: &str, poison: &Poison, context: &mut Context<'_>) {
        let Some((site, number)) = self.pages.get(name).cloned() else { return };
        let Ok(Some(record)) = self.take_waiting(&site, number, context) else { return };
        let reason = match poison.class {
            "too_big" => SkipReason::TooBig,
            _ => SkipReason::Network,
        };
        let detail = format!("newswire could not handle the answer: {poison}");
        let outcome = PageOutcome::Failed { reason, detail };
        let at = context.now();
        // Fails only where the entry cannot be written as JSON, from which it was just read.
        let _ = Self::finish(record.entry, outcome, &[], at, context);
    }
}

fn wait_key(site: &str, number: u64) -> String {
    format!("wait/{site}/{number:016}")
}

/// The trace of an entry's revision, the same in all stages and on all machines.
fn trace_of(entry: &Entry) -> TraceContext {
    TraceContext::root(&format!("{}/{}", entry.id, entry.revision))
}
