//! The page record of an entry, and what is remembered of the page's address.

use bus::Topic;
use events::{Entry, Page, PageOutcome, SkipReason, Timestamp, site_of};
use stage::{Context, Output, Poison};

use super::{Partition, bad_state};
use crate::download::{name_of, trace_of};
use crate::memory::{Came, PageMemory, memory_of};
use crate::settings::millis;

/// A page record larger than this is not written: the topic's 10 MiB less key and headers.
const MAX_PAGE_BYTES: usize = 10 * 1024 * 1024 - 4096;
/// How long an address is remembered at least.
const REMEMBERED_MS: i64 = 7 * 24 * super::HOUR_MS;
/// The last visit to a page may be so late, and still asks by what is remembered of it: without
/// that it would ask for the whole page.
const LATE_MS: i64 = 24 * super::HOUR_MS;
/// Addresses forgotten in one go, so that no batch becomes long by it.
const MOST_FORGOTTEN: usize = 8;

impl Partition {
    pub(super) fn load_page(
        memory: &str,
        context: &Context<'_>,
    ) -> Result<Option<PageMemory>, Poison> {
        let key = PageMemory::key(memory);
        let Some(value) = context.get(Topic::DownloadState, &key) else { return Ok(None) };
        let page = PageMemory::decode(value);
        page.map(Some).ok_or_else(|| bad_state(Topic::DownloadState, &key, "cannot be read"))
    }

    /// Writes the one page record of an (entry, revision, hop), and remembers that it is written.
    pub(super) fn finish(
        &mut self,
        entry: Entry,
        outcome: PageOutcome,
        body: &[u8],
        at: Timestamp,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let name = name_of(&entry);
        let memory = memory_of(&entry);
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
        self.remember(&memory, &name, &page, context)?;
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

    fn remember(
        &mut self,
        memory: &str,
        name: &str,
        page: &Page,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let now = context.now();
        let Page { entry, outcome, .. } = page;
        let older = Self::load_page(memory, context)?;
        if let Some(older) = &older {
            self.remembered.remove(&(older.at, memory.into()));
        }
        let is_page = older.as_ref().is_some_and(|older| older.came == Came::Html);
        let came = match outcome {
            PageOutcome::Html(_) => Came::Html,
            PageOutcome::FeedText if entry.is_of_its_feeds_site() => Came::FeedText(String::new()),
            PageOutcome::FeedText if !is_page => Came::FeedText(entry.feed.id.clone()),
            PageOutcome::Moved { to } => Came::Moved(to.clone()),
            PageOutcome::Failed { reason, .. } => Came::Failed(*reason),
            PageOutcome::FeedText | PageOutcome::Unchanged => {
                older.as_ref().map_or(Came::Html, |older| older.came.clone())
            }
        };
        let mut page = PageMemory::new(came, now);
        if let PageOutcome::Html(answer) = outcome {
            page.keep_validators(answer, entry.link.as_deref());
        }
        if let Some(older) = older {
            page.inherit(older, matches!(outcome, PageOutcome::Unchanged));
        }
        page.note(name);
        self.remembered.insert((page.at, memory.into()));
        context.put(Topic::DownloadState, PageMemory::key(memory), page.encode());
        self.forget_pages(MOST_FORGOTTEN, context);
        Ok(())
    }

    /// Forgets addresses that are too old, or too many; the oldest first. Returns how many.
    pub(super) fn forget_pages(&mut self, most: usize, context: &mut Context<'_>) -> usize {
        let now = context.now();
        let mut forgotten = 0;
        while forgotten < most
            && let Some((at, memory)) = self.remembered.first().cloned()
        {
            let age = now.millis_since(Timestamp::from_secs(i64::from(at)));
            if age <= self.remembered_ms()
                && self.remembered.len() <= self.settings.remembered_pages
            {
                break;
            }
            self.remembered.pop_first();
            context.delete(Topic::DownloadState, PageMemory::key(&memory));
            forgotten += 1;
        }
        forgotten
    }

    /// How long an address is remembered: longer than its page is visited.
    fn remembered_ms(&self) -> i64 {
        let last_visit = self.settings.revisit.last().map_or(0, |age| millis(*age));
        REMEMBERED_MS.max(last_visit).saturating_add(LATE_MS)
    }
}
