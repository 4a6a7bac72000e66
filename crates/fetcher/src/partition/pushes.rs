//! WebSub of a partition: which feeds want a lease, what their hubs answer, what they deliver.

use std::any::Any;

use bus::Topic;
use events::{Push, PushKind, is_http_url, site_of};
use stage::{Answer, Context, Fetched, Poison};

use super::polls::{Parsed, downcast};
use super::{Partition, load, store};
use crate::poll::{FeedRecord, Pushed, read};
use crate::websub::{CallBack, Lease, Refusal, Stand, links};

/// Longer addresses than any feed has.
const LONGEST_TOPIC: usize = 2048;

fn lease_key(id: &str) -> String {
    format!("hub/{id}")
}

impl Partition {
    /// A document was read: the feed's lease is what it asks for now.
    pub(super) fn want_lease(
        &mut self,
        record: &mut FeedRecord,
        answer: &Answer,
        (hubs, own): (Vec<String>, Option<String>),
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let id = record.subscription.id.clone();
        let known = Self::load_lease(&id, context)?;
        // A feed behind a password is not to be sent to strangers at its hub's discretion.
        let is_private = record.subscription.auth != events::Auth::default();
        let settings = std::sync::Arc::clone(&self.settings);
        let Some(websub) = settings.websub.as_ref().filter(|_| !is_private) else {
            if known.is_some() {
                record.pushed = None;
                self.forget_lease(&id, context)?;
            }
            return Ok(());
        };
        let mut named = links(answer, "hub");
        named.extend(hubs);
        let own = links(answer, "self").into_iter().next().or(own);
        let own = own.filter(|url| is_http_url(url) && url.len() <= LONGEST_TOPIC);
        let topic = own.unwrap_or_else(|| record.subscription.url.clone());
        let call_back = Self::call_back(record, &topic);
        match Lease::wanted(known.clone(), &named, &topic, &call_back, websub, context.now()) {
            None if known.is_some() => {
                record.pushed = None;
                self.forget_lease(&id, context)
            }
            None => Ok(()),
            Some(lease) if known.as_ref() == Some(&lease) => Ok(()),
            Some(lease) => {
                record.pushed = None;
                self.keep_lease(&id, &lease, context)
            }
        }
    }

    fn call_back(record: &FeedRecord, topic: &str) -> CallBack {
        let site = site_of(&record.subscription.url).unwrap_or_default();
        CallBack::new(&record.subscription.id, &site, topic)
    }

    fn load_lease(id: &str, context: &Context<'_>) -> Result<Option<Lease>, Poison> {
        load(context, Topic::FeedState, &lease_key(id))
    }

    fn keep_lease(
        &mut self,
        id: &str,
        lease: &Lease,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        if let Some(old) = Self::load_lease(id, context)? {
            *self.stands.entry(old.stand).or_default() -= 1;
        }
        *self.stands.entry(lease.stand).or_default() += 1;
        context.set_timer(lease_key(id), lease.next_at);
        store(context, Topic::FeedState, &lease_key(id), lease).map(|_| ())
    }

    pub(super) fn forget_lease(
        &mut self,
        id: &str,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        if let Some(old) = Self::load_lease(id, context)? {
            *self.stands.entry(old.stand).or_default() -= 1;
            context.delete(Topic::FeedState, lease_key(id));
            context.clear_timer(lease_key(id));
        }
        Ok(())
    }

    /// A lease is to be asked for, or renewed.
    pub(super) fn hub_is_due(&mut self, id: &str, context: &mut Context<'_>) -> Result<(), Poison> {
        let Some(mut lease) = Self::load_lease(id, context)? else { return Ok(()) };
        let record = Self::load_feed(id, context)?.filter(FeedRecord::is_polled);
        let settings = std::sync::Arc::clone(&self.settings);
        let (Some(record), Some(websub)) = (record, &settings.websub) else {
            return self.forget_lease(id, context);
        };
        let now = context.now();
        if lease.is_due(now) {
            // Hubs serve thousands of feeds: they are sites with a budget like others.
            let hub = site_of(lease.hub()).unwrap_or_default();
            let mut budget = Self::budget(context, &hub)?;
            let spacing = settings.spacing(&hub);
            let free_at = budget.free_at(spacing, settings.site_burst);
            if free_at > now {
                context.set_timer(lease_key(id), free_at);
                return Ok(());
            }
            budget.take(spacing, now);
            Self::keep_budget(context, &hub, &budget)?;
            let call_back = Self::call_back(&record, &lease.topic);
            context.fetch(lease.ask(id, &call_back, websub, now));
        }
        self.keep_lease(id, &lease, context)
    }

    pub(super) fn hub_answered(
        &mut self,
        id: &str,
        fetched: &Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let Some(mut lease) = Self::load_lease(id, context)? else { return Ok(()) };
        // The confirmation may have been faster than the answer.
        if lease.stand != Stand::Active || lease.asked_at.is_some() {
            lease.answered(&fetched.result, context.now());
        }
        self.keep_lease(id, &lease, context)
    }

    /// A record of the topic `pushes`.
    pub(super) fn on_push(
        &mut self,
        id: &str,
        value: Option<&[u8]>,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let value = value.ok_or_else(|| Poison::new("empty", "a push without value"))?;
        let (push, body) = Push::decode(value).map_err(|error| Poison::new("not_json", error))?;
        if push.feed != id {
            let message = format!("the key is `{id}`, the push of `{}`", push.feed);
            return Err(Poison::new("bad_key", message));
        }
        let record = Self::load_feed(id, context)?.filter(FeedRecord::is_polled);
        let (Some(record), Some(lease)) = (record, Self::load_lease(id, context)?) else {
            count_push(context, "unknown");
            return Ok(());
        };
        match self.take_push(record, lease, &push, body, context)? {
            Ok(outcome) => count_push(context, outcome),
            Err(refusal) => count_push(context, refusal.as_str()),
        }
        Ok(())
    }

    fn take_push(
        &mut self,
        mut record: FeedRecord,
        mut lease: Lease,
        push: &Push,
        body: &[u8],
        context: &mut Context<'_>,
    ) -> Result<Result<&'static str, Refusal>, Poison> {
        let id = push.feed.as_str();
        let now = context.now();
        match &push.kind {
            PushKind::Verified { topic, lease_s } => {
                let at = push.received_at;
                if let Err(refusal) = lease.verified(&push.call_back, topic, *lease_s, id, at) {
                    return Ok(Err(refusal));
                }
                let until = lease.until.unwrap_or(now);
                let known = record.pushed.unwrap_or_default();
                record.pushed = Some(Pushed { until, ..known });
                self.keep_lease(id, &lease, context)?;
                self.keep_feed(record, context)?;
                Ok(Ok("verified"))
            }
            PushKind::Denied { topic, reason } => {
                let denied = lease.denied(&push.call_back, topic, reason.as_deref(), now);
                if let Err(refusal) = denied {
                    return Ok(Err(refusal));
                }
                record.pushed = None;
                self.keep_lease(id, &lease, context)?;
                self.keep_feed(record, context)?;
                Ok(Ok("denied"))
            }
            PushKind::Delivered { content_type, signature, cut } => {
                let Some(websub) = &self.settings.websub else { return Ok(Err(Refusal::NotAsked)) };
                if push.call_back != lease.call_back {
                    return Ok(Err(Refusal::CallBack));
                }
                if *cut {
                    // Nothing of it can be checked: a poll within the feed's bounds, no more.
                    self.poll_soon(record, context)?;
                    return Ok(Ok("cut"));
                }
                let signature = signature.as_deref();
                let believed =
                    lease.delivered(&push.call_back, websub, signature, body, push.received_at);
                if let Err(refusal) = believed {
                    return Ok(Err(refusal));
                }
                let content_type =
                    content_type.iter().map(|value| ("content-type".to_owned(), value.clone()));
                let answer = Answer {
                    status: 200,
                    url: lease.topic,
                    headers: content_type.collect(),
                    body: body.to_vec(),
                    hops: Vec::new(),
                };
                context.compute(format!("push/{id}"), move || {
                    let feed = read(&answer);
                    Parsed { answer, feed }
                });
                Ok(Ok("delivered"))
            }
        }
    }

    /// A delivery was read.
    pub(super) fn push_parsed(
        &mut self,
        id: &str,
        parsed: Box<dyn Any + Send>,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let Parsed { feed, .. } = downcast(parsed)?;
        let record = Self::load_feed(id, context)?.filter(FeedRecord::is_polled);
        let Some(mut record) = record else { return Ok(()) };
        let feed = match feed {
            Ok(feed) if !feed.entries.is_empty() => feed,
            // A ping without content, or one that cannot be read, says that there is something.
            _ => return self.poll_soon(record, context),
        };
        let now = context.now();
        let known = Self::load_seen(id, context)?;
        let mut seen = known.clone().unwrap_or_default();
        // Before the first poll nothing is known of how old the feed's entries are.
        let is_first = record.good_at.is_none();
        let news = record.delivered_news(feed, &mut seen, is_first, &self.settings, now);
        if let Some(pushed) = &mut record.pushed {
            pushed.note(news.new, 0);
        }
        self.take_news(news, &mut record, known.as_ref(), &seen, context);
        self.keep_feed(record, context)
    }

    /// The feed is polled as soon as its own lower bound allows: who can make us poll must not
    /// make us poll without end.
    fn poll_soon(
        &mut self,
        mut record: FeedRecord,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        let bounds = record.bounds(&self.settings);
        let soonest = record.polled_at.map(|at| at.plus_millis(bounds.min_ms));
        let soonest = soonest.unwrap_or(context.now()).max(context.now());
        if record.failures == 0 && record.next_at > soonest {
            record.next_at = soonest;
            "its hub says that there is something new".clone_into(&mut record.why);
            return self.keep_feed(record, context);
        }
        Ok(())
    }
}

fn count_push(context: &mut Context<'_>, outcome: &str) {
    context.count("newswire_websub_pushes_total", &[("outcome", outcome)], 1);
}
