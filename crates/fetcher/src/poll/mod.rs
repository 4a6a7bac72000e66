//! Polling: what the answer to a poll means for its feed, and which entries it brings. Changes the
//! feed's record; knows no queues and no context.

pub(crate) mod headers;
mod record;
mod schedule;
pub(crate) mod seen;

use events::{Entry, FeedRef, Timestamp, sha256_hex};
use stage::{Answer, FetchError};

use crate::feed::{FeedError, FeedFormat, FeedInput, ParsedEntry, ParsedFeed, parse_feed};
use crate::settings::Settings;

pub(crate) use record::{FeedRecord, VERSION};
pub use record::{FeedStatus, read_feed_state};
pub(crate) use schedule::{Bounds, words};

use headers::{fresh_for, is_bot_wall, retry_after};
use record::{FloorRecord, Redirect, backfill_ms};
use schedule::{Floor, GONE_PROBE_MS, Seen, back_off, gap_of, interval, next_at};
use seen::{SeenEntries, Sighting};

/// A permanent redirect is believed after so many polls over so long a time (rule 23: publishers
/// also send 301 by mistake, for an afternoon).
const STABLE_POLLS: u32 = 3;
const STABLE_MS: i64 = 48 * 3600 * 1000;
/// A moved feed that fails for so long (in halves) is asked at its old address again.
const BACK_AT: u32 = 8;
/// Entries larger than this as JSON lose their content: below the topic's 1 MiB with key and
/// headers.
pub(crate) const MAX_ENTRY_BYTES: usize = 1024 * 1024 - 4096;
const KEPT_PROBLEMS: usize = 3;
const PROBLEM_LENGTH: usize = 160;

/// Why a poll gave no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// From a closed list: a metric label.
    pub(crate) class: &'static str,
    pub(crate) detail: String,
    /// In halves: 1 for what passes by itself, 2 for what a person must mend.
    weight: u32,
    /// Wait that the server asks for.
    pub(crate) wait_ms: Option<i64>,
    /// The whole site asks us to stay away.
    pub(crate) blocks_site: bool,
    /// It may be our own network.
    pub(crate) is_network: bool,
}

impl Failure {
    pub(crate) fn new(class: &'static str, detail: impl Into<String>, weight: u32) -> Self {
        Self {
            class,
            detail: detail.into(),
            weight,
            wait_ms: None,
            blocks_site: false,
            is_network: false,
        }
    }
}

/// What an answer says before its body is read.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// 304.
    NotModified,
    /// The body is byte for byte the last one.
    Unchanged,
    /// A body to read.
    Read,
    /// 410.
    Gone,
    Failed(Failure),
}

/// Judges the answer to a poll.
pub(crate) fn judge(
    record: &FeedRecord,
    result: &Result<Answer, FetchError>,
    now: Timestamp,
) -> Verdict {
    let answer = match result {
        Ok(answer) => answer,
        Err(error) => {
            let is_network = matches!(
                error,
                FetchError::Dns(_) | FetchError::Connect(_) | FetchError::Timeout(_)
            );
            let soft = is_network || matches!(error, FetchError::Broken(_));
            let weight = if soft { 1 } else { 2 };
            let failure = Failure::new(error.class(), error.to_string(), weight);
            return Verdict::Failed(Failure { is_network, ..failure });
        }
    };
    let status = answer.status;
    let says = format!("the server answers {status}");
    let wait_ms = retry_after(answer, now);
    match status {
        304 if record.is_conditional() => Verdict::NotModified,
        200..=299 if answer.body.is_empty() => {
            Verdict::Failed(Failure::new("empty", "the answer is empty", 1))
        }
        200..=299 if record.body_hash.as_deref() == Some(&hash_of(answer)) => Verdict::Unchanged,
        200..=299 => Verdict::Read,
        410 => Verdict::Gone,
        429 => Verdict::Failed(Failure {
            wait_ms,
            // The registrable domain, not the host: 429 counts clients, not documents (rule 17).
            blocks_site: true,
            ..Failure::new("http_429", says, 1)
        }),
        _ if is_bot_wall(answer) => {
            let detail = format!("{says}: a challenge to programs");
            Verdict::Failed(Failure { wait_ms, ..Failure::new("bot_wall", detail, 2) })
        }
        500.. => Verdict::Failed(Failure { wait_ms, ..Failure::new("http_5xx", says, 1) }),
        // Active feeds do answer 404 and come back.
        404 => Verdict::Failed(Failure::new("http_404", says, 1)),
        400.. => Verdict::Failed(Failure { wait_ms, ..Failure::new("http_4xx", says, 2) }),
        _ => Verdict::Failed(Failure::new("http_3xx", says, 2)),
    }
}

fn hash_of(answer: &Answer) -> String {
    let mut hash = sha256_hex(&answer.body);
    hash.truncate(32);
    hash
}

/// Reads a document. Costs time: not for the harness's own thread.
pub(crate) fn read(answer: &Answer) -> Result<ParsedFeed, Failure> {
    let input = FeedInput {
        body: &answer.body,
        url: Some(&answer.url),
        content_type: answer.header("content-type"),
    };
    match parse_feed(&input) {
        Ok(feed) if feed.format == FeedFormat::SitemapIndex => Err(Failure::new(
            "sitemap_index",
            "a list of sitemaps, not a feed: subscribe the news sitemaps that it lists",
            2,
        )),
        Ok(feed) => Ok(feed),
        Err(_) if is_bot_wall(answer) => {
            Err(Failure::new("bot_wall", "a challenge to programs instead of a feed", 2))
        }
        Err(error) => {
            let class = match error {
                FeedError::NotAFeed(_) => "not_a_feed",
                FeedError::TooBig => "too_big",
                FeedError::Empty => "empty",
                FeedError::Broken(_) => "broken",
            };
            Err(Failure::new(class, error.to_string(), 2))
        }
    }
}

impl FeedRecord {
    /// Takes in that a poll failed.
    pub(crate) fn failed(
        &mut self,
        failure: &Failure,
        status: Option<u16>,
        is_our_outage: bool,
        settings: &Settings,
        now: Timestamp,
    ) {
        self.polled(failure.class, status, now);
        let bounds = self.bounds(settings);
        if is_our_outage {
            let wait = bounds.min_ms.max(60_000).min(self.interval_ms.max(bounds.min_ms));
            let why = format!("{}: most sites fail, so not held against it", failure.detail);
            self.wait(wait, why, now);
            return;
        }
        self.failures = self.failures.saturating_add(1);
        self.failure_weight = self.failure_weight.saturating_add(failure.weight);
        let mut wait = back_off(self.failure_weight, self.interval_ms, bounds);
        let mut why = format!("{}; failed {} times in a row", failure.detail, self.failures);
        if let Some(asked) = failure.wait_ms.filter(|asked| *asked > wait) {
            wait = asked;
            why.push_str(&format!(", Retry-After {}", words(asked)));
        }
        if self.poll_url.is_some() && self.failure_weight >= BACK_AT {
            self.poll_url = None;
            self.forget_validators();
            why.push_str(", so back to the old address");
        }
        self.wait(wait, why, now);
    }

    /// Takes in a 410.
    pub(crate) fn is_gone(&mut self, now: Timestamp) {
        self.polled("gone", Some(410), now);
        self.gone = true;
        self.failures = self.failures.saturating_add(1);
        if self.poll_url.take().is_some() {
            self.forget_validators();
        }
        self.wait(GONE_PROBE_MS, "gone (410): asked again once a month".to_owned(), now);
    }

    /// Takes in that the document did not change.
    pub(crate) fn same(
        &mut self,
        outcome: &str,
        answer: &Answer,
        settings: &Settings,
        now: Timestamp,
    ) {
        self.polled(outcome, Some(answer.status), now);
        self.keep_validators(answer);
        self.worked(answer, now);
        let quiet_ms = self.new_at.map(|at| now.millis_since(at));
        let seen = Seen {
            interval_ms: self.interval_ms,
            gap_ms: self.gap_ms,
            quiet_ms,
            ..Seen::default()
        };
        self.reschedule(&seen, answer, settings, now);
    }

    /// Takes in a document that was read; returns the entries to emit, in the document's order.
    pub(crate) fn news(
        &mut self,
        answer: &Answer,
        feed: ParsedFeed,
        seen: &mut SeenEntries,
        settings: &Settings,
        now: Timestamp,
    ) -> News {
        let is_first = self.good_at.is_none();
        let knew_any = !seen.is_empty();
        self.title = feed.title.clone().or_else(|| self.title.take());
        self.language = feed.language.clone().or_else(|| self.language.take());
        self.problems = feed
            .problems
            .iter()
            .take(KEPT_PROBLEMS)
            .map(|problem| problem.chars().take(PROBLEM_LENGTH).collect())
            .collect();
        let asked = [("ttl", feed.schedule.ttl_s), ("sy:updatePeriod", feed.schedule.period_s)];
        self.floor = asked
            .into_iter()
            .filter_map(|(by, seconds)| Some(FloorRecord { s: seconds?, by: by.to_owned() }))
            .max_by_key(|floor| floor.s);
        self.skip_hours.clone_from(&feed.schedule.skip_hours);
        self.skip_days.clone_from(&feed.schedule.skip_days);

        let sightings = seen.take_in(&self.subscription.id, &feed.entries, now);
        let mut news = News { seen: 0, new: 0, changed: 0, entries: Vec::new() };
        let mut is_overflow = knew_any && !feed.entries.is_empty();
        let dates: Vec<Timestamp> =
            feed.entries.iter().filter_map(|entry| entry.published_at).collect();
        let from = self.feed_ref();
        let copyright = feed.copyright;
        for (parsed, sighting) in feed.entries.into_iter().zip(sightings) {
            let (id, revision, first_seen_at) = match sighting {
                Sighting::New { id } => (id, 1, now),
                Sighting::Changed { id, revision, first_seen_at } => (id, revision, first_seen_at),
                Sighting::Same => {
                    is_overflow = false;
                    news.seen += 1;
                    continue;
                }
                Sighting::Nothing => continue,
            };
            if revision == 1 {
                news.new += 1;
            } else {
                is_overflow = false;
                news.changed += 1;
            }
            let mut entry = entry_of(parsed, &from);
            entry.id = id;
            entry.revision = revision;
            entry.first_seen_at = first_seen_at;
            entry.seen_at = now;
            if entry.copyright.is_none() {
                entry.copyright.clone_from(&copyright);
            }
            let date = entry.published_at.or(entry.updated_at);
            let old = date.is_some_and(|date| now.millis_since(date) > backfill_ms(settings));
            entry.backfill = is_first && old;
            news.entries.push(entry);
        }

        self.note_pace(&news, dates, is_first, now);
        self.emitted += news.entries.len() as u64;
        if is_overflow {
            self.overflows = self.overflows.saturating_add(1);
        }
        self.keep_validators(answer);
        self.body_hash = Some(hash_of(answer));
        let outcome = if news.entries.is_empty() { "unchanged" } else { "new" };
        self.polled(outcome, Some(answer.status), now);
        self.worked(answer, now);
        let facts = Seen {
            entries: news.seen + news.new + news.changed,
            new: news.new,
            is_first,
            overflow: is_overflow,
            interval_ms: self.interval_ms,
            gap_ms: self.gap_ms,
            quiet_ms: self.new_at.map(|at| now.millis_since(at)),
        };
        self.reschedule(&facts, answer, settings, now);
        news
    }

    /// Learns how often something new comes.
    fn note_pace(&mut self, news: &News, dates: Vec<Timestamp>, is_first: bool, now: Timestamp) {
        if is_first {
            self.new_at = dates.iter().copied().filter(|date| *date <= now).max();
            self.gap_ms = gap_of(dates, now);
            return;
        }
        if news.new == 0 {
            return;
        }
        if let Some(last) = self.new_at {
            let sample = now.millis_since(last).max(0) / news.new as i64;
            // A moving mean: four or five polls with news outweigh what was known before.
            self.gap_ms = Some(self.gap_ms.map_or(sample, |gap| (gap * 3 + sample) / 4));
        }
        self.new_at = Some(now);
    }

    fn polled(&mut self, outcome: &str, status: Option<u16>, now: Timestamp) {
        self.polls += 1;
        self.polled_at = Some(now);
        self.last_status = status;
        outcome.clone_into(&mut self.outcome);
    }

    fn worked(&mut self, answer: &Answer, now: Timestamp) {
        self.good_at = Some(now);
        self.failures = 0;
        self.failure_weight = 0;
        self.gone = false;
        let ended_at = events::site_of(&answer.url);
        self.redirects_to_site = ended_at.filter(|site| {
            !answer.hops.is_empty() && Some(site) != events::site_of(self.url()).as_ref()
        });
        self.follow(answer, now);
    }

    /// Validators come from one answer, together; a 304 renews only those it names (RFC 9111
    /// 4.3.4). One that comes from elsewhere than they do is not to be trusted with them.
    fn keep_validators(&mut self, answer: &Answer) {
        let etag = answer.header("etag").map(str::to_owned);
        let last_modified = answer.header("last-modified").map(str::to_owned);
        if answer.status == 304 {
            if self.validators_url.as_deref() != Some(&answer.url) {
                self.forget_validators();
                return;
            }
            self.etag = etag.or(self.etag.take());
            self.last_modified = last_modified.or(self.last_modified.take());
            return;
        }
        self.etag = etag;
        self.last_modified = last_modified;
        self.validators_url = self.is_conditional().then(|| answer.url.clone());
    }

    /// Remembers where permanent redirects lead, and goes there once they have for long enough.
    fn follow(&mut self, answer: &Answer, now: Timestamp) {
        let is_permanent = |status| matches!(status, 301 | 308);
        let permanent = !answer.hops.is_empty()
            && answer.hops.iter().all(|hop| is_permanent(hop.status))
            // Never from https to http: what is persisted would stay insecure.
            && (answer.url.starts_with("https:") || !self.url().starts_with("https:"));
        if !permanent {
            self.redirect = None;
            return;
        }
        match &mut self.redirect {
            Some(redirect) if redirect.to == answer.url => redirect.polls += 1,
            other => *other = Some(Redirect { to: answer.url.clone(), since: now, polls: 1 }),
        }
        if let Some(redirect) = &self.redirect
            && redirect.polls >= STABLE_POLLS
            && now.millis_since(redirect.since) >= STABLE_MS
        {
            self.poll_url = Some(redirect.to.clone());
            self.redirect = None;
        }
    }

    fn reschedule(&mut self, seen: &Seen, answer: &Answer, settings: &Settings, now: Timestamp) {
        let fresh = fresh_for(answer, now)
            .map(|(seconds, source)| Floor { seconds, source: source.to_owned() });
        let asked = self.floor.as_ref().map(Floor::from);
        let floor = [fresh, asked].into_iter().flatten().max_by_key(|floor| floor.seconds);
        let (wait, why) = interval(seen, floor.as_ref(), self.bounds(settings));
        self.interval_ms = wait;
        self.wait(wait, why, now);
    }

    fn wait(&mut self, wait_ms: i64, why: String, now: Timestamp) {
        let id = &self.subscription.id;
        self.next_at = next_at(now, wait_ms, id, self.polls, &self.skip_hours, &self.skip_days);
        self.why = why;
    }

    fn feed_ref(&self) -> FeedRef {
        FeedRef {
            id: self.subscription.id.clone(),
            url: self.url().to_owned(),
            title: self.subscription.title.clone().or_else(|| self.title.clone()),
            tags: self.subscription.tags.clone(),
            language: self.language.clone(),
            full_text: self.subscription.full_text,
        }
    }
}

/// What a document brought.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Entries that were known and are unchanged.
    pub(crate) seen: usize,
    pub(crate) new: usize,
    pub(crate) changed: usize,
    /// New and changed ones.
    pub(crate) entries: Vec<Entry>,
}

fn entry_of(parsed: ParsedEntry, feed: &FeedRef) -> Entry {
    Entry {
        feed: feed.clone(),
        guid: parsed.guid,
        link: parsed.link,
        title: parsed.title,
        summary: parsed.summary,
        content: parsed.content,
        authors: parsed.authors,
        tags: parsed.tags,
        image: parsed.image,
        language: parsed.language,
        copyright: parsed.copyright,
        published_at: parsed.published_at,
        updated_at: parsed.updated_at,
        ..Entry::default()
    }
}

/// The entry as JSON within the topic's limit: content goes first, then the summary, then
/// everything that has no bound of its own. Returns what was dropped.
pub(crate) fn fit(entry: &mut Entry) -> (Vec<u8>, Option<&'static str>) {
    let mut dropped = None;
    for step in 0.. {
        let value = serde_json::to_vec(entry).unwrap_or_default();
        if value.len() <= MAX_ENTRY_BYTES {
            return (value, dropped);
        }
        dropped = Some(match step {
            0 => {
                entry.content = None;
                "content"
            }
            1 => {
                entry.summary = None;
                "summary"
            }
            2 => {
                entry.authors.clear();
                entry.tags.clear();
                entry.image = None;
                entry.copyright = None;
                entry.via.clear();
                "lists"
            }
            _ => {
                let cut = |text: &mut Option<String>| {
                    if let Some(text) = text {
                        *text = text.chars().take(2048).collect();
                    }
                };
                cut(&mut entry.title);
                cut(&mut entry.guid);
                cut(&mut entry.language);
                cut(&mut entry.feed.title);
                cut(&mut entry.feed.language);
                entry.feed.tags.truncate(32);
                // A link cannot be cut; one of this length is none.
                if entry.link.as_ref().is_some_and(|link| link.len() > 8192) {
                    entry.link = None;
                }
                "all but the beginnings"
            }
        });
        if step > 4 {
            break;
        }
    }
    (Vec::new(), dropped)
}
