//! A feed that says it is gone may be somewhere else: the front page of its site is asked where.

use stage::{Context, Fetch, Fetched, Follow, Poison, Purpose};

use super::{Partition, origin_of};
use crate::feed::feed_links;
use crate::poll::FeedRecord;
use crate::sites::{Kind, WaitingPage, feed_name};

/// A front page is searched up to so many bytes: links to feeds are in its head.
const MAX_FRONT_PAGE: usize = 1024 * 1024;

impl Partition {
    /// Lets a request for the front page wait for its turn.
    pub(super) fn search_for(&mut self, record: &FeedRecord, context: &mut Context<'_>) {
        let id = record.subscription.id.clone();
        let origin = origin_of(&record.subscription.url);
        let Some(site) = events::site_of(&record.subscription.url) else { return };
        if self.searches.contains_key(&id) {
            return;
        }
        let queues = self.sites.entry(site.clone()).or_default();
        let number = queues.number();
        let page = WaitingPage {
            key: format!("search/{id}"),
            link: format!("{origin}/"),
            origin,
            memory: String::new(),
            feed: feed_name(&id),
            kind: Kind::Search,
            ready_at: context.now(),
            bytes: 0,
        };
        queues.add_page(number, page);
        self.searches.insert(id, (site, number));
    }

    pub(super) fn search_request(page: &WaitingPage) -> Fetch {
        Fetch {
            key: page.key.clone(),
            url: page.link.clone(),
            purpose: Purpose::Other,
            headers: vec![("accept".to_owned(), "text/html,*/*;q=0.1".to_owned())],
            validators_of: None,
            auth: events::Auth::default(),
            follow: Follow::SameSite,
            max_body: MAX_FRONT_PAGE,
            form: Vec::new(),
        }
    }

    pub(super) fn drop_search(&mut self, key: &str) {
        let Some((_, id)) = key.split_once('/') else { return };
        if let Some((site, number)) = self.searches.remove(id)
            && let Some(queues) = self.sites.get_mut(&site)
        {
            queues.remove_page(number);
        }
    }

    /// The front page of a feed that is gone. Where it declares another feed of the same site, and
    /// both stay so, the feed is taken to have moved there: what was known of it goes along.
    pub(super) fn search_answered(
        &mut self,
        id: &str,
        fetched: &Fetched,
        context: &mut Context<'_>,
    ) -> Result<(), Poison> {
        self.drop_search(&format!("search/{id}"));
        let record = Self::load_feed(id, context)?.filter(|record| record.gone);
        if let (Some(mut record), Ok(answer)) = (record, &fetched.result) {
            let old = record.subscription.url.clone();
            let links = feed_links(&answer.body, answer.header("content-type"), &answer.url);
            let declared = links.into_iter().filter(|link| link.declared && !link.is_of_comments());
            let declared = declared.map(|link| link.url);
            let home = events::site_of(&old);
            let mut own = declared.filter(|url| *url != old && events::site_of(url) == home);
            let found = own.next();
            let Some(found) = found.filter(|_| answer.status == 200) else { return Ok(()) };
            let Some(found) = record.replaced_by(&found, context.now()) else {
                return self.keep_feed(record, context);
            };
            context.count("newswire_polls_total", &[("outcome", "found"), ("class", "gone")], 1);
            let seen = Self::load_seen(id, context)?.unwrap_or_default();
            record.forget_validators();
            record.gone = false;
            record.next_at = context.now();
            self.hand_over(record, &seen, &found, context)?;
        }
        Ok(())
    }
}
