//! Feeds that go to another address, and feeds whose site another partition owns: both are handed
//! over with what is known of them, in one transaction.

use bus::Topic;
use events::{Auth, Subscription, TraceContext, feed_id, partition_of, site_of};
use stage::{Context, Output, Poison};

use super::feeds::{Cursor, Fares, seen_key};
use super::{Partition, origin_of};
use crate::poll::seen::SeenEntries;
use crate::poll::{FeedRecord, MAX_ENTRY_BYTES};

impl Partition {
    /// A feed moved for good: `moved_to` under its old key, and what is known of it under the new
    /// one, for whoever owns the new site.
    pub(super) fn hand_over(
        &mut self,
        mut record: FeedRecord,
        seen: &SeenEntries,
        to: &str,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let old = record.subscription.clone();
        let new_id = feed_id(to);
        if new_id == old.id {
            return self.keep_feed(record, context);
        }
        let mut subscription = Subscription {
            id: new_id,
            url: to.to_owned(),
            moved_from: Some(old.id.clone()),
            moved_to: None,
            ..old.clone()
        };
        if origin_of(to) != origin_of(&old.url) {
            // Secrets of the old origin, which the new one was never sent: it answers without.
            subscription.auth = Auth::default();
            subscription.headers.clear();
        }
        record.redirect = None;
        record.redirects_to_site = None;
        // They came from there, so they are good there.
        record.validators.url = None;
        record.why = format!("moved here for good from {}", old.url);
        Self::emit_feed(&subscription, Some(Cursor::new(record, seen)), context)?;
        Self::emit_moved(&old, to, context)?;
        context.count("newswire_polls_total", &[("outcome", "moved"), ("class", "3xx")], 1);
        let known = Self::load_feed(&old.id, context)?;
        self.note_moved(known, old, to.to_owned(), context)
    }

    /// Remembers of a feed only that it moved.
    pub(super) fn note_moved(
        &mut self,
        known: Option<FeedRecord>,
        subscription: Subscription,
        to: String,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        if known.as_ref().is_some_and(|known| known.moved_to.as_deref() == Some(to.as_str())) {
            return Ok(());
        }
        let id = subscription.id.clone();
        if let Some(known) = known {
            self.unqueue_poll(known.url(), &id);
        }
        context.delete(Topic::FeedState, seen_key(&id));
        context.clear_timer(format!("poll/{id}"));
        self.forget_lease(&id, context)?;
        let subscription = Subscription { cursor: None, moved_to: None, ..subscription };
        self.keep_feed(FeedRecord::moved(subscription, to, context.now()), context)
    }

    /// Whether another partition owns the site of a URL.
    pub(super) fn is_elsewhere(&self, url: &str) -> bool {
        let partitions = self.settings.partitions;
        let site = site_of(url).unwrap_or_default();
        partitions > 0 && partition_of(site.as_bytes(), partitions) != self.number
    }

    /// A feed whose site hashes elsewhere (the public suffix list changed, or somebody wrote it
    /// here) goes to its owner, with what is known of it.
    pub(super) fn reroute(
        &mut self,
        known: Option<FeedRecord>,
        subscription: Subscription,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let id = subscription.id.clone();
        let cursor = match known {
            Some(record) => {
                let seen = Self::load_seen(&id, context)?.unwrap_or_default();
                *self.fares.entry(Fares::of(&record)).or_default() -= 1;
                self.unqueue_poll(record.url(), &id);
                Some(Cursor::new(record, &seen))
            }
            // What came with the record goes on with it.
            None => {
                subscription.cursor.clone().and_then(|cursor| serde_json::from_value(cursor).ok())
            }
        };
        Self::emit_feed(&subscription, cursor, context)?;
        context.delete(Topic::FeedState, FeedRecord::key(&id));
        context.delete(Topic::FeedState, seen_key(&id));
        self.forget_lease(&id, context)?;
        // The old copy must not stay in this partition of a compacted topic for ever.
        let here = self.routing_here();
        let output = output(id, None, here, context);
        context.emit(output);
        Ok(())
    }

    /// A routing value of this partition.
    fn routing_here(&self) -> Vec<u8> {
        let partitions = self.settings.partitions.max(1);
        let mut values = (0_u32..).map(|number| number.to_string().into_bytes());
        // Among the numbers there is one for each partition, soon.
        values.find(|value| partition_of(value, partitions) == self.number).unwrap_or_default()
    }

    pub(super) fn emit_moved(
        subscription: &Subscription,
        to: &str,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let moved_to = Some(to.to_owned());
        let moved = Subscription { moved_to, cursor: None, ..subscription.clone() };
        Self::emit_feed(&moved, None, context)
    }

    fn emit_feed(
        subscription: &Subscription,
        cursor: Option<Cursor>,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let bad = |error| Poison::new("not_json", error);
        let mut subscription = subscription.clone();
        subscription.cursor = cursor.map(serde_json::to_value).transpose().map_err(bad)?;
        let mut value = serde_json::to_vec(&subscription).map_err(bad)?;
        if value.len() > MAX_ENTRY_BYTES {
            // Known by address at the publisher, so nothing is published twice.
            subscription.cursor = None;
            value = serde_json::to_vec(&subscription).map_err(bad)?;
        }
        let site = site_of(&subscription.url).unwrap_or_default();
        let output = output(subscription.id, Some(value), site.into_bytes(), context);
        context.emit(output);
        Ok(())
    }
}

fn output(key: String, value: Option<Vec<u8>>, routing: Vec<u8>, context: &Context<'_>) -> Output {
    let trace = TraceContext::root(&key);
    let (timestamp, headers) = (context.now(), Vec::new());
    Output { topic: Topic::Feeds, routing, key, value, timestamp, headers, trace }
}
