//! `newswire feeds check`: everything known of a feed, from the log and from asking it once; the
//! feeds of a page where it is none.

mod log;
mod show;
mod web;

use anyhow::anyhow;
use bus::{Log, TopicSettings};
use events::{Subscription, feed_id, is_http_url};
use runtime::config::Config;
use serde::Serialize;
use std::io::Write as _;

use crate::cli::CheckFeed;
use crate::failure::Failure;
use crate::open::Bus;

/// What is shown, and written with `--json`.
#[derive(Debug, Serialize)]
struct Report {
    url: String,
    /// From the log; null where the feed is not subscribed.
    subscription: Option<Subscription>,
    /// How its polls fare, with `next_at` and why; null where it was never polled.
    state: Option<fetcher::FeedStatus>,
    /// Its latest entries, the newest first, with what became of them.
    entries: Vec<log::EntryRow>,
    /// What it answers now; null with `--offline`.
    now: Option<web::Asked>,
    /// Feeds found by way of a page, robots.txt or a sitemap index.
    found: Vec<web::Found>,
}

/// Tells all. Fails where there is no feed to be had.
pub(super) fn check(
    config: &Config,
    topics: &TopicSettings,
    command: &CheckFeed,
) -> Result<(), Failure> {
    let mut log = open_log(config)?;
    let known = match &mut log {
        Some(log) => super::subscriptions(&mut **log, topics)?,
        None => std::collections::BTreeMap::new(),
    };
    let url = match known.get(&command.feed) {
        Some(subscription) => subscription.url.clone(),
        None => url_of(&command.feed)?,
    };
    let mut subscription = known
        .get(&feed_id(&url))
        .or_else(|| known.values().find(|known| known.url == url))
        .cloned();
    // What moved goes on under its new address.
    if let Some(to) = subscription.as_ref().and_then(|known| known.moved_to.as_ref()) {
        subscription = known.get(&feed_id(to)).cloned().or(subscription);
    }
    let mut report = Report {
        url,
        subscription,
        state: None,
        entries: Vec::new(),
        now: None,
        found: Vec::new(),
    };
    if let (Some(log), Some(subscription)) = (&mut log, &report.subscription) {
        let id = &subscription.id;
        report.state = super::feed_states(&mut **log, topics)?.remove(id);
        report.entries = log::entries_of(&mut **log, topics, id, command.entries)?;
    }
    if !command.offline {
        let web = web::Web::new(config)?;
        let asked = report.subscription.clone().unwrap_or_else(|| Subscription {
            id: feed_id(&report.url),
            url: report.url.clone(),
            ..Subscription::default()
        });
        (report.now, report.found) = web.check(&asked);
    }
    let mut stdout = std::io::stdout().lock();
    if command.json {
        writeln!(stdout, "{}", serde_json::to_string(&report)?)?;
    } else {
        show::show(&mut stdout, &report)?;
    }
    verdict(&report, command.offline)
}

fn verdict(report: &Report, offline: bool) -> Result<(), Failure> {
    let is_feed = report.now.as_ref().is_some_and(|now| now.is_feed);
    if is_feed || report.found.iter().any(|found| found.is_feed) {
        return Ok(());
    }
    if offline {
        return match &report.subscription {
            Some(_) => Ok(()),
            None => Err(Failure::Failed(anyhow!("{} is not subscribed", report.url))),
        };
    }
    let why = report.now.as_ref().map_or_else(String::new, |now| now.why.clone());
    Err(Failure::Failed(anyhow!("no feed at {}, and none was found from there: {why}", report.url)))
}

/// The log, where there is one; a feed can be checked before anything was ever run.
fn open_log(config: &Config) -> Result<Option<Box<dyn Log>>, Failure> {
    if config.kafka.is_none() && !config.embedded.path.exists() {
        return Ok(None);
    }
    Bus::open_to_read(config)?.log().map(Some)
}

/// A URL as people type it.
fn url_of(text: &str) -> Result<String, Failure> {
    let url = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    if is_http_url(&url) && text.contains(['.', ':', '/']) {
        return Ok(url);
    }
    Err(Failure::Usage(format!("{text:?} is neither an http or https URL nor a feed's id")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_understood_as_people_type_it() {
        for (text, wanted) in [
            ("https://example.org/feed", Some("https://example.org/feed")),
            ("example.org/feed", Some("https://example.org/feed")),
            ("nofeedid", None),
            ("ftp://example.org/", None),
        ] {
            assert_eq!(url_of(text).ok().as_deref(), wanted, "{text}");
        }
    }
}
