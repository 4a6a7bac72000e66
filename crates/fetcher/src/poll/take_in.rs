//! What a poll's outcome changes in its feed's record, and the entries it brings.

use events::{Entry, Timestamp};
use stage::Answer;

use super::children::MOST_OF_A_CHILD;
use super::entry::{News, entry_of};
use super::habit::Habit;
use super::headers::{fresh_for, says_freshness};
use super::judge::{Failure, hash_of};
use super::record::{FeedRecord, FloorRecord, backfill_ms};
use super::redirects::GONE_AGAIN_MS;
use super::schedule::{Floor, GONE_PROBE_MS, Seen, back_off, gap_of, interval, next_at, words};
use super::seen::{Extent, SeenEntries, Sighting};
use crate::feed::{FeedFormat, ParsedFeed};
use crate::settings::Settings;

const KEPT_PROBLEMS: usize = 3;
const PROBLEM_LENGTH: usize = 160;
const TITLE_LENGTH: usize = 512;
const LANGUAGE_LENGTH: usize = 64;
/// A document of one or two entries is another one each time. One of more of which none is known
/// says of no entry that it has just come: its feed was empty, renumbered, or not read for long.
const FEWEST_OF_A_GAP: usize = 3;
/// Feeds with larger gaps have no habit that could be used: they are polled every few hours.
const HABIT_GAP_MS: i64 = 12 * 3600 * 1000;

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
        let mut why = failure.detail.clone();
        if self.failures > 1 {
            why = format!("{why}; failed {} times in a row", self.failures);
        }
        if let Some(asked) = failure.wait_ms.filter(|asked| *asked > wait) {
            wait = asked;
            why.push_str(", Retry-After ");
            why.push_str(&words(asked));
        }
        self.wait(wait, why, now);
    }

    /// Takes in a 410, which is believed once it was answered again the next day: a month is long
    /// where it was a mistake of an hour.
    pub(crate) fn is_gone(&mut self, now: Timestamp) {
        self.polled("gone", Some(410), now);
        let again = std::mem::replace(&mut self.gone, true);
        self.failures = self.failures.saturating_add(1);
        let (wait, often) = if again {
            (GONE_PROBE_MS, "once a month")
        } else {
            (GONE_AGAIN_MS, "the next day, and once a month if it stays so")
        };
        let why = format!("gone (410): asked again {often}; its site is searched for another feed");
        self.wait(wait, why, now);
    }

    /// Takes in that the document did not change. Returns where the feed has moved for good.
    pub(crate) fn same(
        &mut self,
        outcome: &str,
        answer: &Answer,
        settings: &Settings,
        now: Timestamp,
    ) -> Option<String> {
        self.polled(outcome, Some(answer.status), now);
        let asked = self.subscription.url.clone();
        self.validators.keep(answer, &asked);
        let quiet_ms = self.new_at.map(|at| now.millis_since(at));
        if answer.status == 304 {
            self.check.not_modified(&self.validators, self.gap_ms, quiet_ms);
        } else {
            self.check.read(0, None, now);
        }
        let moves_to = self.worked(answer, now);
        let seen = Seen {
            interval_ms: self.interval_ms,
            gap_ms: self.gap_ms,
            quiet_ms,
            ..Seen::default()
        };
        self.reschedule(&seen, answer, settings, now);
        self.begin_children();
        moves_to
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
        self.describe(&feed);
        let is_index = feed.format == FeedFormat::SitemapIndex;
        for child in self.choose_children(&feed.sitemaps, now) {
            seen.leave_sitemap(&child.url, &self.child_urls(), now);
        }
        // An index has no entries: it says nothing about those of its sitemaps.
        let sightings = if is_index {
            seen.take_in(&self.subscription.id, &feed.entries, Extent::Part, now)
        } else {
            let extent = Extent::Whole { cut_at: &mut self.cut_at };
            seen.take_in(&self.subscription.id, &feed.entries, extent, now)
        };
        let mut news = self.compare(feed, sightings, is_first, settings, now);
        let knows_none = news.seen + news.changed == 0 && news.new > 0;
        news.is_gap = knew_any && knows_none;
        if knows_none && (!knew_any || news.new >= FEWEST_OF_A_GAP) {
            news.set_back(settings, now);
        }
        if news.is_gap {
            self.overflows = self.overflows.saturating_add(1);
        }
        // What came after the last thing that was seen, and longest ago.
        let last_new_at = self.new_at;
        let kept_back = news.entries.iter().filter(|entry| entry.revision == 1);
        let kept_back =
            kept_back.filter_map(date_of).filter(|date| Some(*date) > last_new_at).min();
        self.note_pace(&news, is_first, now);
        let asked = self.subscription.url.clone();
        let caught = self.check.read(news.new, kept_back, now);
        self.validators.keep(answer, &asked);
        self.validators.body = Some(hash_of(&answer.body));
        let outcome = if news.entries.is_empty() { "unchanged" } else { "new" };
        self.polled(outcome, Some(answer.status), now);
        news.moves_to = self.worked(answer, now);
        let facts = Seen {
            entries: news.seen + news.new + news.changed,
            new: news.new,
            is_first,
            overflow: news.is_gap,
            interval_ms: self.interval_ms,
            gap_ms: self.gap_ms,
            quiet_ms: self.new_at.map(|at| now.millis_since(at)),
            ..Seen::default()
        };
        self.reschedule(&facts, answer, settings, now);
        if caught {
            self.why.push_str(", its \"not modified\" had not been true");
        }
        if is_index {
            self.begin_children();
        }
        news
    }

    /// Takes in a hub's delivery: a part of what the feed has.
    pub(crate) fn delivered_news(
        &mut self,
        feed: ParsedFeed,
        seen: &mut SeenEntries,
        is_first: bool,
        settings: &Settings,
        now: Timestamp,
    ) -> News {
        let sightings = seen.take_in(&self.subscription.id, &feed.entries, Extent::Part, now);
        let news = self.compare(feed, sightings, is_first, settings, now);
        self.note_pace(&news, is_first, now);
        news
    }

    /// Takes in the sitemap whose turn it is.
    pub(crate) fn child_news(
        &mut self,
        answer: &Answer,
        mut feed: ParsedFeed,
        seen: &mut SeenEntries,
        settings: &Settings,
        now: Timestamp,
    ) -> News {
        feed.keep_newest(MOST_OF_A_CHILD);
        let url = self.url().to_owned();
        let extent = Extent::Sitemap { url: &url, others: &self.child_urls() };
        let sightings = seen.take_in(&self.subscription.id, &feed.entries, extent, now);
        let child = self.child.and_then(|child| self.children.get_mut(child));
        let was_read = child.is_none_or(|child| {
            child.validators.keep(answer, &url);
            child.validators.body = Some(hash_of(&answer.body));
            std::mem::replace(&mut child.was_read, true)
        });
        let mut news = self.compare(feed, sightings, !was_read, settings, now);
        // Sitemaps list all that a site has: what is old there is no news, whenever it is found.
        news.set_back(settings, now);
        self.note_pace(&news, !was_read, now);
        self.next_child();
        news
    }

    /// What the document says of itself.
    fn describe(&mut self, feed: &ParsedFeed) {
        // They go with every entry.
        let cut = |text: &String, most: usize| text.chars().take(most).collect();
        let title = feed.title.as_ref().map(|title| cut(title, TITLE_LENGTH));
        let language = feed.language.as_ref().map(|language| cut(language, LANGUAGE_LENGTH));
        self.title = title.or_else(|| self.title.take());
        self.language = language.or_else(|| self.language.take());
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
    }

    /// The new and changed entries of a document.
    fn compare(
        &mut self,
        feed: ParsedFeed,
        sightings: Vec<Sighting>,
        is_first: bool,
        settings: &Settings,
        now: Timestamp,
    ) -> News {
        let mut news = News::default();
        let copyright = feed.copyright;
        for (parsed, sighting) in feed.entries.into_iter().zip(sightings) {
            let (id, revision, first_seen_at) = match sighting {
                Sighting::New { id } => (id, 1, now),
                Sighting::Changed { id, revision, first_seen_at } => (id, revision, first_seen_at),
                Sighting::Same => {
                    news.seen += 1;
                    continue;
                }
                Sighting::Nothing => continue,
            };
            if revision == 1 {
                news.new += 1;
            } else {
                news.changed += 1;
            }
            let mut entry = entry_of(parsed);
            entry.id = id;
            entry.revision = revision;
            entry.first_seen_at = first_seen_at;
            entry.seen_at = now;
            if entry.copyright.is_none() {
                entry.copyright.clone_from(&copyright);
            }
            // Beyond the first look-back window of a new feed.
            entry.backfill = is_first && is_old(&entry, settings, now);
            news.entries.push(entry);
        }
        let new = news.entries.iter().filter(|entry| entry.revision == 1);
        let full = new.filter(|entry| (settings.full_text)(entry)).count();
        self.note_full_texts(news.new, full);
        let from = self.feed_ref();
        for entry in &mut news.entries {
            entry.feed.clone_from(&from);
        }
        self.emitted += news.entries.len() as u64;
        news
    }

    /// Learns how often, and in which hours, something new comes.
    fn note_pace(&mut self, news: &News, is_first: bool, now: Timestamp) {
        let dates = || {
            let new = news.entries.iter().filter(|entry| entry.revision == 1);
            new.filter_map(date_of).filter(|date| *date <= now)
        };
        if is_first {
            self.new_at = self.new_at.max(dates().max());
            self.gap_ms = gap_of(dates().collect(), now).or(self.gap_ms);
        } else if news.new > 0
            && let Some(last) = self.new_at
        {
            let sample = now.millis_since(last).max(0) / news.new as i64;
            // A moving mean: four or five polls with news outweigh what was known before.
            self.gap_ms = Some(self.gap_ms.map_or(sample, |gap| (gap * 3 + sample) / 4));
        }
        if self.gap_ms.is_some_and(|gap| gap <= HABIT_GAP_MS) && news.new > 0 {
            let mut habit = Habit::parse(&self.habit);
            // The feed's own dates where they are of this week, else the poll that found them.
            let week_ago = now.plus_millis(-7 * 24 * 3600 * 1000);
            for entry in news.entries.iter().filter(|entry| entry.revision == 1) {
                match date_of(entry) {
                    Some(date) if date > week_ago && date <= now => habit.note(date),
                    _ if !is_first => habit.note(now),
                    _ => {}
                }
            }
            self.habit = habit.text();
        }
        if !is_first && news.new > 0 {
            self.new_at = Some(now);
        }
    }

    pub(super) fn polled(&mut self, outcome: &str, status: Option<u16>, now: Timestamp) {
        self.polls += 1;
        self.polled_at = Some(now);
        self.last_status = status;
        outcome.clone_into(&mut self.outcome);
    }

    fn worked(&mut self, answer: &Answer, now: Timestamp) -> Option<String> {
        self.good_at = Some(now);
        self.failures = 0;
        self.failure_weight = 0;
        self.gone = false;
        let ended_at = events::site_of(&answer.url);
        self.redirects_to_site = ended_at.filter(|site| {
            !answer.hops.is_empty() && Some(site) != events::site_of(self.url()).as_ref()
        });
        self.follow(answer, now)
    }

    fn reschedule(&mut self, seen: &Seen, answer: &Answer, settings: &Settings, now: Timestamp) {
        // A 304 without headers of its own leaves those of the document in force (RFC 9111 4.3.4).
        if answer.status != 304 || says_freshness(answer) {
            self.fresh = fresh_for(answer, now).map(|(s, by)| FloorRecord { s, by: by.to_owned() });
        }
        let floors = [self.fresh.as_ref(), self.floor.as_ref()];
        let floor = floors.into_iter().flatten().map(Floor::from).max_by_key(|floor| floor.seconds);
        let mut facts = seen.clone();
        facts.habit = Some(Habit::parse(&self.habit));
        facts.is_conditional = !self.validators.conditions(self.check).is_empty();
        facts.push_factor = self.push_factor(now);
        let (wait, why) = interval(&facts, floor.as_ref(), self.bounds(settings), now);
        self.interval_ms = wait;
        self.wait(wait, why, now);
    }

    pub(super) fn wait(&mut self, wait_ms: i64, why: String, now: Timestamp) {
        let id = &self.subscription.id;
        self.next_at = next_at(now, wait_ms, id, self.polls, &self.skip_hours, &self.skip_days);
        self.why = why;
    }
}

/// When the feed says that the entry appeared.
fn date_of(entry: &Entry) -> Option<Timestamp> {
    entry.published_at.or(entry.updated_at)
}

impl News {
    /// What is old is no news, although it was not known.
    fn set_back(&mut self, settings: &Settings, now: Timestamp) {
        for entry in self.entries.iter_mut().filter(|entry| entry.revision == 1) {
            entry.backfill |= is_old(entry, settings, now);
        }
    }
}

fn is_old(entry: &Entry, settings: &Settings, now: Timestamp) -> bool {
    date_of(entry).is_some_and(|at| now.millis_since(at) > backfill_ms(settings))
}
