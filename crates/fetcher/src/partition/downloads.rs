//! Entries and pages of a partition: each (entry, revision, hop) becomes exactly one page record.

use bus::Topic;
use events::{Entry, FullText, HttpAnswer, PageOutcome, SkipReason, Timestamp, site_of};
use stage::{Context, Fetched, Output, Poison};

use super::{HOUR_MS, Partition, load, origin_of, store};
use crate::download::{
    MAX_HOPS, Verdict, WaitRecord, judge, moved, name_of, refuse_link, request, retry_wait,
    trace_of,
};
use crate::memory::{Came, PageMemory, is_its_own_page, memory_of};
use crate::poll::{fit, hash_of};
use crate::sites::{Kind, WaitingPage, feed_name};

/// A failure is not asked about again so soon, whichever feed names the page.
const FAILED_MS: i64 = HOUR_MS;

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
        let memory = memory_of(&entry);
        let known = Self::load_page(&memory, context)?;
        // A record that comes again, by a replay or a restart of the log, has its page already.
        let has_page = known.as_ref().is_some_and(|known| known.has(&name));
        if self.pages.contains_key(&name) || has_page {
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
            return self.finish(entry, outcome, &[], now, context);
        };
        if let Some(detail) = refuse_link(&link) {
            let outcome = PageOutcome::Failed { reason: SkipReason::BadLink, detail };
            return self.finish(entry, outcome, &[], now, context);
        }
        let site = site_of(&link).unwrap_or_default();
        let waits = self.sites.get(&site).and_then(|queues| queues.first_of(&memory)).is_some();
        if !waits
            && let Some(known) = known
            && self.answer_from_memory(&entry, &known, context)?
        {
            return Ok(());
        }
        let from_feed = match entry.feed.full_text {
            FullText::Feed => true,
            FullText::Page => false,
            FullText::Auto => is_its_own_page(&entry) || (self.settings.full_text)(&entry),
        };
        if from_feed {
            return self.finish(entry, PageOutcome::FeedText, &[], now, context);
        }
        let waiting = self.sites.get(&site).map_or(0, crate::sites::Queues::waiting);
        if waiting >= self.settings.site_waiting && !self.make_room(&site, &entry, context)? {
            let detail = format!("{waiting} pages of {site} wait already");
            let outcome = PageOutcome::Failed { reason: SkipReason::SiteBusy, detail };
            return self.finish(entry, outcome, &[], now, context);
        }
        let number = self.sites.entry(site.clone()).or_default().number();
        let record = WaitRecord::new(entry, now);
        self.wait_for_page(&site, number, &record, context)?;
        self.pump(&site, context)
    }

    /// A further sighting of an article that is known needs no request. Returns whether that was
    /// all.
    fn answer_from_memory(
        &mut self,
        entry: &Entry,
        known: &PageMemory,
        context: &mut Context<'_>,
    ) -> Result<bool, Poison> {
        let now = context.now();
        let outcome = match &known.came {
            // What a reader sees in the feed has changed: the page may have, too.
            Came::Html if entry.revision == 1 => PageOutcome::Unchanged,
            // Of a page of another site a feed speaks for itself.
            Came::FeedText(feed)
                if entry.revision == 1 && (feed.is_empty() || *feed == entry.feed.id) =>
            {
                PageOutcome::Unchanged
            }
            Came::Moved(to) => PageOutcome::Moved { to: to.clone() },
            Came::Failed(reason) if now.millis_since(known.at()) < FAILED_MS => {
                let detail = format!("asked for at {}, for another entry", known.at());
                PageOutcome::Failed { reason: *reason, detail }
            }
            _ => return Ok(false),
        };
        self.settle(entry.clone(), outcome, context)?;
        Ok(true)
    }

    /// Gives an entry an outcome that was had for another one of its address.
    fn settle(
        &mut self,
        entry: Entry,
        outcome: PageOutcome,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        if let PageOutcome::Moved { to } = &outcome {
            Self::send_on(&entry, to, context)?;
        }
        let now = context.now();
        self.finish(entry, outcome, &[], now, context)
    }

    /// A site's waiting list is full: what would be missed least gives way. Returns whether there
    /// is room.
    fn make_room(
        &mut self,
        site: &str,
        entry: &Entry,
        context: &mut Context<'_>,
    ) -> Result<bool, Poison> {
        let Some(queues) = self.sites.get(site) else { return Ok(true) };
        let Some(least) = queues.least() else { return Ok(false) };
        let Some(page) = queues.page(least).cloned() else { return Ok(false) };
        match page.kind {
            Kind::Visit => {
                self.drop_visit(&page.memory, context);
                Ok(true)
            }
            Kind::Backfill if !entry.backfill => {
                let detail = format!("too many pages of {site} wait for one of back-fill");
                let outcome = PageOutcome::Failed { reason: SkipReason::SiteBusy, detail };
                if let Some(record) = self.take_waiting(site, least, context)? {
                    let now = context.now();
                    self.finish(record.entry, outcome, &[], now, context)?;
                }
                self.let_follow(site, &page.memory);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn let_follow(&mut self, site: &str, memory: &str) {
        if let Some(queues) = self.sites.get_mut(site) {
            queues.let_follow(memory);
        }
    }

    /// Puts a page among those that wait at its site.
    pub(super) fn enqueue(&mut self, site: &str, number: u64, record: &WaitRecord, bytes: usize) {
        let link = record.url().to_owned();
        let name = name_of(&record.entry);
        let page = WaitingPage {
            key: name.clone(),
            origin: origin_of(&link),
            link,
            memory: memory_of(&record.entry),
            feed: feed_name(&record.entry.feed.id),
            kind: if record.entry.backfill { Kind::Backfill } else { Kind::Live },
            ready_at: record.ready_at,
            bytes,
        };
        self.waiting_bytes += bytes;
        self.pages.insert(name, (site.to_owned(), number));
        self.sites.entry(site.to_owned()).or_default().add_page(number, page);
    }

    /// Asks for a page; only for what has changed, where it was had before.
    pub(super) fn ask_download(
        &mut self,
        site: &str,
        number: u64,
        memory: &str,
        context: &mut Context<'_>,
    ) -> Result<bool, Poison> {
        let key = wait_key(site, number);
        let record: Option<WaitRecord> = load(context, Topic::DownloadState, &key)?;
        let Some(record) = record else { return Ok(false) };
        let known = Self::load_page(memory, context)?;
        let known = known.filter(|known| known.came == Came::Html);
        let key = format!("page/{}", name_of(&record.entry));
        let link = record.entry.link.as_deref().unwrap_or_default();
        let fetch = request(key, link, record.url(), known.as_ref(), &self.settings);
        self.ask(site, fetch, context);
        Ok(true)
    }

    /// A page waits until then, if it did not wait too often already. Returns whether it does.
    pub(super) fn put_off_download(
        &mut self,
        site: &str,
        number: u64,
        until: Timestamp,
        context: &mut Context<'_>,
    ) -> Result<bool, Poison> {
        let key = wait_key(site, number);
        let record: Option<WaitRecord> = load(context, Topic::DownloadState, &key)?;
        let Some(record) = record else { return Ok(false) };
        let asked_ms = Some(until.millis_since(context.now()));
        let Some(wait) = retry_wait(record.attempts, asked_ms, &self.settings) else {
            return Ok(false);
        };
        self.take_waiting(site, number, context)?;
        self.wait_again(site, number, record, wait, context)?;
        Ok(true)
    }

    fn wait_again(
        &mut self,
        site: &str,
        number: u64,
        mut record: WaitRecord,
        wait_ms: i64,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        record.attempts += 1;
        record.ready_at = context.now().plus_millis(wait_ms);
        self.wait_for_page(site, number, &record, context)
    }

    fn wait_for_page(
        &mut self,
        site: &str,
        number: u64,
        record: &WaitRecord,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let key = wait_key(site, number);
        let bytes = store(context, Topic::DownloadState, &key, record)?;
        self.enqueue(site, number, record, bytes);
        Ok(())
    }

    /// robots.txt forbids the page.
    pub(super) fn deny_download(
        &mut self,
        site: &str,
        number: u64,
        detail: String,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let outcome = PageOutcome::Failed { reason: SkipReason::Robots, detail };
        let at = context.now();
        let memory = self.sites.get(site).and_then(|queues| queues.page(number));
        let memory = memory.map(|page| page.memory.clone()).unwrap_or_default();
        if let Some(record) = self.take_waiting(site, number, context)? {
            self.finish(record.entry, outcome, &[], at, context)?;
        }
        self.let_follow(site, &memory);
        Ok(())
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
        match self.take_waiting(&site, number, context)? {
            Some(record) => self.take_page(&site, number, record, fetched, context),
            None => Ok(()),
        }
    }

    fn take_page(
        &mut self,
        site: &str,
        number: u64,
        record: WaitRecord,
        fetched: &Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let memory = memory_of(&record.entry);
        let body = fetched.result.as_ref().map(|answer| answer.body.as_slice()).unwrap_or_default();
        let at = fetched.at;
        let known = Self::load_page(&memory, context)?;
        let is_known = known.is_some_and(|known| known.came == Came::Html);
        // What the pages that wait for the same address come to.
        let shared = match judge(&record.entry, is_known, fetched) {
            Verdict::Html(answer) => {
                let entry = record.entry;
                self.finish_html(entry, answer, body, at, context)?;
                PageOutcome::Unchanged
            }
            Verdict::NotModified => {
                self.finish(record.entry, PageOutcome::Unchanged, &[], at, context)?;
                PageOutcome::Unchanged
            }
            Verdict::Failed { reason, detail } => {
                let outcome = PageOutcome::Failed { reason, detail };
                self.finish(record.entry, outcome.clone(), &[], at, context)?;
                outcome
            }
            Verdict::Moved(target) => {
                Self::send_on(&record.entry, &target, context)?;
                let outcome = PageOutcome::Moved { to: target };
                self.finish(record.entry, outcome.clone(), &[], at, context)?;
                outcome
            }
            Verdict::Onward(target) if record.hosts < MAX_HOPS => {
                let hosts = record.hosts + 1;
                let record = WaitRecord { at: Some(target), hosts, ready_at: at, ..record };
                return self.wait_for_page(site, number, &record, context);
            }
            Verdict::Onward(_) => {
                let detail = format!("more than {MAX_HOPS} redirects from host to host");
                let outcome = PageOutcome::Failed { reason: SkipReason::Redirects, detail };
                self.finish(record.entry, outcome.clone(), &[], at, context)?;
                outcome
            }
            Verdict::Retry { reason, detail, wait_ms, blocks_site } => {
                if blocks_site {
                    Self::block_site(context, site, wait_ms)?;
                }
                if let Some(wait) = retry_wait(record.attempts, wait_ms, &self.settings) {
                    return self.wait_again(site, number, record, wait, context);
                }
                let detail = format!("{detail}, after {} retries", record.attempts);
                let outcome = PageOutcome::Failed { reason, detail };
                self.finish(record.entry, outcome.clone(), &[], at, context)?;
                outcome
            }
        };
        self.share(site, &memory, &shared, context)
    }

    /// Pages that waited for the same address have the same outcome; one whose entry was changed
    /// meanwhile has a turn of its own.
    pub(super) fn share(
        &mut self,
        site: &str,
        memory: &str,
        outcome: &PageOutcome,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        while let Some(number) = self.sites.get(site).and_then(|queues| queues.first_of(memory)) {
            let key = wait_key(site, number);
            let waiting: Option<WaitRecord> = load(context, Topic::DownloadState, &key)?;
            let changed = waiting.as_ref().is_some_and(|waiting| waiting.entry.revision > 1);
            if changed && matches!(outcome, PageOutcome::Unchanged) {
                self.let_follow(site, memory);
                return Ok(());
            }
            if let Some(record) = self.take_waiting(site, number, context)? {
                self.settle(record.entry, outcome.clone(), context)?;
            }
        }
        Ok(())
    }

    /// A page was downloaded.
    fn finish_html(
        &mut self,
        entry: Entry,
        answer: HttpAnswer,
        body: &[u8],
        at: events::Timestamp,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let visited = entry.clone();
        let hash = hash_of(body);
        self.finish(entry, PageOutcome::Html(answer), body, at, context)?;
        self.plan_visits(visited, hash, context)
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

    /// The answer to a page could not be handled: it counts as none.
    pub(super) fn park_page(&mut self, name: &str, poison: &Poison, context: &mut Context<'_>) {
        let Some((site, number)) = self.pages.get(name).cloned() else { return };
        let Ok(Some(record)) = self.take_waiting(&site, number, context) else { return };
        let memory = memory_of(&record.entry);
        let reason = match poison.class {
            "too_big" => SkipReason::TooBig,
            _ => SkipReason::Network,
        };
        let detail = format!("newswire could not handle the answer: {poison}");
        let outcome = PageOutcome::Failed { reason, detail };
        let at = context.now();
        // Fails only where the entry cannot be written as JSON, from which it was just read.
        let _ = self.finish(record.entry, outcome, &[], at, context);
        self.let_follow(&site, &memory);
        context.set_timer(format!("site/{site}"), at);
    }
}

pub(super) fn wait_key(site: &str, number: u64) -> String {
    format!("wait/{site}/{number:016}")
}
