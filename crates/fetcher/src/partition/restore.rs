//! From state to a partition at work: queues, times and counts are derived anew.

use bus::Topic;
use stage::RestoreContext;

use super::expiry::next_hour;
use super::feeds::Fares;
use super::visits::VisitRecord;
use super::{Partition, check_version};
use crate::download::WaitRecord;
use crate::memory::PageMemory;
use crate::poll::FeedRecord;
use crate::poll::seen::SeenEntries;
use crate::websub::Lease;

impl Partition {
    pub(super) fn restore_state(&mut self, context: &mut RestoreContext<'_>) -> Result<(), String> {
        let state = context.state();
        for (key, value) in state.scan(Topic::FeedState, "feed/") {
            check_version(Topic::FeedState, key, value)?;
            let feed = FeedRecord::decode(&key["feed/".len()..], value)
                .map_err(|error| format!("feed-state, key {key}: {error}"))?;
            *self.fares.entry(Fares::of(&feed)).or_default() += 1;
            // The next sitemap of an index has its turn at once, as if nothing had been between.
            let next_at = if feed.child.is_some() { context.now() } else { feed.next_at };
            if feed.is_polled() && !self.due.add(&feed.subscription.id, next_at) {
                context.set_timer(format!("poll/{}", feed.subscription.id), next_at);
            }
        }
        if let Some(first) = self.due.first_for_restore() {
            context.set_timer("polls", first);
        }
        for (key, value) in state.scan(Topic::FeedState, "seen/") {
            SeenEntries::decode(value)
                .ok_or_else(|| format!("feed-state, key {key}: not a record of this version"))?;
        }
        for (key, value) in state.scan(Topic::FeedState, "hub/") {
            check_version(Topic::FeedState, key, value)?;
            let lease: Lease = serde_json::from_slice(value)
                .map_err(|error| format!("feed-state, key {key}: {error}"))?;
            *self.stands.entry(lease.stand).or_default() += 1;
            context.set_timer(key, lease.next_at);
        }
        self.restore_downloads(context)
    }

    fn restore_downloads(&mut self, context: &mut RestoreContext<'_>) -> Result<(), String> {
        let state = context.state();
        for prefix in ["site/", "robots/"] {
            for (key, value) in state.scan(Topic::DownloadState, prefix) {
                check_version(Topic::DownloadState, key, value)?;
            }
        }
        for (key, value) in state.scan(Topic::DownloadState, "page/") {
            let page = PageMemory::decode(value).ok_or_else(|| {
                format!("download-state, key {key}: not a record of this version")
            })?;
            self.remembered.insert((page.at, key["page/".len()..].into()));
        }
        for (key, value) in state.scan(Topic::DownloadState, "wait/") {
            check_version(Topic::DownloadState, key, value)?;
            let record: WaitRecord = serde_json::from_slice(value)
                .map_err(|error| format!("download-state, key {key}: {error}"))?;
            let place = key["wait/".len()..].rsplit_once('/');
            let place = place.and_then(|(site, number)| Some((site, number.parse().ok()?)));
            let Some((site, number)) = place else {
                return Err(format!("download-state, key {key}: not a name of a waiting page"));
            };
            self.enqueue(site, number, &record, value.len());
        }
        for (key, value) in state.scan(Topic::DownloadState, "visit/") {
            check_version(Topic::DownloadState, key, value)?;
            let record: VisitRecord = serde_json::from_slice(value)
                .map_err(|error| format!("download-state, key {key}: {error}"))?;
            self.enqueue_visit(&key["visit/".len()..], &record, value.len());
        }
        let now = context.now();
        for site in self.sites.keys() {
            context.set_timer(format!("site/{site}"), now);
        }
        context.set_timer("expire", next_hour(now));
        Ok(())
    }
}
