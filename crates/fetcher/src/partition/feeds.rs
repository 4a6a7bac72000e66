//! Subscriptions of a partition: as they come, change and go.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bus::Topic;
use events::{Subscription, is_http_url, site_of};
use serde::{Deserialize, Serialize};
use stage::{Context, Notice, Poison};

use super::{Partition, bad_state, store};
use crate::poll::seen::SeenEntries;
use crate::poll::{Bounds, FeedRecord};
use crate::settings::millis;

/// How a feed fares: a metric label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fares {
    New,
    Working,
    Failing,
    Gone,
    Paused,
    Moved,
}

impl Fares {
    pub(super) const ALL: [Self; 6] =
        [Self::New, Self::Working, Self::Failing, Self::Gone, Self::Paused, Self::Moved];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Working => "working",
            Self::Failing => "failing",
            Self::Gone => "gone",
            Self::Paused => "paused",
            Self::Moved => "moved",
        }
    }

    pub(super) fn of(record: &FeedRecord) -> Self {
        if record.moved_to.is_some() {
            Self::Moved
        } else if record.subscription.paused {
            Self::Paused
        } else if record.gone {
            Self::Gone
        } else if record.failures > 0 {
            Self::Failing
        } else if record.good_at.is_none() {
            Self::New
        } else {
            Self::Working
        }
    }
}

/// What travels with a feed that goes to another address or partition.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Cursor {
    pub(super) feed: FeedRecord,
    /// The record of its known entries, as base64.
    #[serde(default)]
    pub(super) seen: Option<String>,
}

impl Cursor {
    pub(super) fn new(feed: FeedRecord, seen: &SeenEntries) -> Self {
        let seen = (!seen.is_empty()).then(|| STANDARD.encode(seen.encode()));
        Self { feed, seen }
    }

    /// The known entries.
    fn seen(&self) -> Option<SeenEntries> {
        SeenEntries::decode(&STANDARD.decode(self.seen.as_deref()?).ok()?)
    }
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
        let known = Self::load_feed(id, context)?;
        if let Some(to) = subscription.moved_to.clone() {
            return self.note_moved(known, subscription, to, context);
        }
        if let Some(to) = known.as_ref().and_then(|known| known.moved_to.clone())
            && subscription.moved_from.is_none()
        {
            // An upsert of a moved URL changes nothing, and must not hide that it moved.
            return Self::emit_moved(&subscription, &to, context);
        }
        if self.is_elsewhere(&subscription.url) {
            return self.reroute(known, subscription, context);
        }
        let known = known.filter(|known| known.moved_to.is_none());
        let cursor = subscription.cursor.take();
        let cursor = cursor.and_then(|cursor| serde_json::from_value::<Cursor>(cursor).ok());
        let now = context.now();
        let bounds = Bounds::new(self.settings.min_interval, self.settings.max_interval);
        if let Some(seen) = cursor.as_ref().and_then(Cursor::seen) {
            let mut own = Self::load_seen(id, context)?.unwrap_or_default();
            own.merge(seen);
            context.put(Topic::FeedState, seen_key(id), own.encode());
        }
        let record = match (known, cursor) {
            (Some(mut record), _) => {
                self.change(&mut record, subscription, context);
                record
            }
            // Moved here from another address, with what was known there.
            (None, Some(cursor)) => FeedRecord { subscription, ..cursor.feed },
            (None, None) => {
                // A long list of new feeds is no burst.
                let first_at = self.first_poll_at.max(now);
                self.first_poll_at = first_at.plus_millis(millis(self.settings.first_poll_spacing));
                FeedRecord::new(subscription, first_at, bounds)
            }
        };
        if record.subscription.paused {
            self.unqueue_poll(record.url(), id);
        }
        self.keep_feed(record, context)
    }

    /// Takes in a subscription that differs from the known one.
    fn change(
        &mut self,
        record: &mut FeedRecord,
        subscription: Subscription,
        context: &Context<'_>,
    ) {
        let now = context.now();
        let id = subscription.id.clone();
        let old_url = record.url().to_owned();
        let old = std::mem::replace(&mut record.subscription, subscription);
        let new = &record.subscription;
        if old.url != new.url || old.auth != new.auth || old.headers != new.headers {
            self.unqueue_poll(&old_url, &id);
            record.redirect = None;
            record.forget_validators();
            record.next_at = now;
            "the subscription changed".clone_into(&mut record.why);
        } else if record.subscription.min_interval_s != old.min_interval_s {
            // A shorter interval must not wait for the end of a long one.
            let bounds = record.bounds(&self.settings);
            record.interval_ms = record.interval_ms.clamp(bounds.min_ms, bounds.max_ms);
            record.next_at = record.next_at.min(now.plus_millis(record.interval_ms));
        }
    }

    pub(super) fn forget_feed(
        &mut self,
        id: &str,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        if let Some(record) = Self::load_feed(id, context)? {
            self.unqueue_poll(record.url(), id);
            *self.fares.entry(Fares::of(&record)).or_default() -= 1;
            context.delete(Topic::FeedState, FeedRecord::key(id));
            context.delete(Topic::FeedState, seen_key(id));
            context.clear_timer(format!("poll/{id}"));
            self.forget_lease(id, context)?;
        }
        Ok(())
    }

    pub(super) fn unqueue_poll(&mut self, url: &str, id: &str) {
        if let Some(queues) = site_of(url).and_then(|site| self.sites.get_mut(&site)) {
            queues.remove_poll(id);
        }
    }

    pub(super) fn load_feed(id: &str, context: &Context<'_>) -> Result<Option<FeedRecord>, Poison> {
        let key = FeedRecord::key(id);
        let Some(value) = context.get(Topic::FeedState, &key) else { return Ok(None) };
        let record = FeedRecord::decode(id, value);
        record.map(Some).map_err(|error| bad_state(Topic::FeedState, &key, error))
    }

    pub(super) fn load_seen(
        id: &str,
        context: &Context<'_>,
    ) -> Result<Option<SeenEntries>, Poison> {
        let key = seen_key(id);
        let Some(value) = context.get(Topic::FeedState, &key) else { return Ok(None) };
        let seen = SeenEntries::decode(value);
        seen.map(Some).ok_or_else(|| bad_state(Topic::FeedState, &key, "cannot be read"))
    }

    /// Writes a feed's record, and lets its next poll wait for its time; the next sitemap of an
    /// index waits for its turn at once.
    pub(super) fn keep_feed(
        &mut self,
        record: FeedRecord,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let id = record.subscription.id.clone();
        if let Some(old) = Self::load_feed(&id, context)? {
            *self.fares.entry(Fares::of(&old)).or_default() -= 1;
            if let Some(notice) = notice_of(&old, &record) {
                context.tell(notice);
            }
        }
        *self.fares.entry(Fares::of(&record)).or_default() += 1;
        store(context, Topic::FeedState, &FeedRecord::key(&id), &record)?;
        if record.is_polled() && !self.is_polling(&id) {
            if record.child.is_some() {
                let site = site_of(record.url()).unwrap_or_default();
                self.sites.entry(site.clone()).or_default().add_poll(context.now(), id);
                self.pump(&site, context)?;
            } else {
                self.due.schedule(&id, record.next_at, context);
            }
        }
        Ok(())
    }
}

/// What the log says of a feed that begins to fail, works again, or says that it is gone. A feed
/// that goes on failing is told of by `newswire status`, not line by line.
fn notice_of(old: &FeedRecord, new: &FeedRecord) -> Option<Notice> {
    let failed = |record: &FeedRecord| record.failures > 0;
    let (is_warning, what, detail) = match (failed(old), failed(new)) {
        _ if new.gone && !old.gone => (true, "a feed says that it is gone", new.why.clone()),
        (false, true) => (false, "a feed began to fail", format!("{}: {}", new.outcome, new.why)),
        (true, false) => {
            (false, "a feed works again", format!("after {} failed polls", old.failures))
        }
        _ => return None,
    };
    let subject = new.subscription.url.clone();
    Some(Notice { is_warning, what, subject, detail })
}

/// The key of the record of a feed's known entries.
pub(super) fn seen_key(id: &str) -> String {
    format!("seen/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_tells_when_a_feed_begins_to_fail_and_when_it_works_again() {
        let fares = |failures: u32, gone: bool| FeedRecord {
            failures,
            gone,
            outcome: "http_5xx".to_owned(),
            why: "the server answers 503; failed 1 times in a row".to_owned(),
            ..FeedRecord::default()
        };
        let said = |old: &FeedRecord, new: &FeedRecord| {
            notice_of(old, new).map(|notice| (notice.is_warning, notice.what, notice.detail))
        };
        let (good, bad, worse, gone) =
            (fares(0, false), fares(1, false), fares(2, false), fares(3, true));
        let (is_warning, what, detail) = said(&good, &bad).unwrap();
        assert_eq!((is_warning, what), (false, "a feed began to fail"));
        assert_eq!(detail, "http_5xx: the server answers 503; failed 1 times in a row");
        assert_eq!(said(&bad, &worse), None);
        assert!(said(&worse, &gone).unwrap().0);
        assert_eq!(said(&gone, &gone), None);
        let (is_warning, what, detail) = said(&worse, &good).unwrap();
        assert_eq!((is_warning, what), (false, "a feed works again"));
        assert_eq!(detail, "after 2 failed polls");
        assert_eq!(said(&good, &good), None);
    }
}
