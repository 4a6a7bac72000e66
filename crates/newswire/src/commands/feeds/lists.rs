//! `newswire feeds sync|import|export`: many subscriptions at once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use bus::{Log, NewRecord, TopicSettings};
use events::{Auth, Origin, Subscription, Timestamp, feed_id};
use fetcher::feed::{MAX_BYTES, OpmlFeed, parse_opml, write_opml};
use runtime::config::Config;

use super::{place_of, subscription_record, subscriptions};
use crate::failure::Failure;
use crate::open::Bus;

/// Subscriptions written in one go; progress is told after each.
const CHUNK: usize = 500;
/// Feeds named one by one; of a longer list only the numbers are told.
const NAMED: usize = 50;

/// Makes the subscriptions those of the configuration file, as far as they come from it.
pub(super) fn sync(config: &Config, topics: &TopicSettings, dry_run: bool) -> Result<(), Failure> {
    let mut log = Bus::open(config, false)?.log()?;
    let known = subscriptions(&mut *log, topics)?;
    let now = runtime::clock::now();
    let mut changes = Changes::new(topics, now);
    let mut wanted_ids = BTreeSet::new();
    for feed in &config.feeds {
        let mut wanted = feed.subscription(now);
        wanted_ids.insert(wanted.id.clone());
        let before = known.get(&wanted.id);
        if let Some(before) = before {
            wanted.added_at = before.added_at;
        }
        changes.upsert(before, wanted)?;
    }
    for gone in gone_from_config(&known, &wanted_ids) {
        changes.remove(gone);
    }
    if dry_run {
        changes.tell(&mut std::io::stdout().lock())?;
        writeln!(std::io::stderr().lock(), "nothing was written (--dry-run)")?;
        return Ok(());
    }
    // Told when it is done: whoever listens may go away.
    changes.write(&mut *log)?;
    changes.tell(&mut std::io::stdout().lock())
}

/// Subscriptions that came from the file and are not in it any more. One that moved belongs to
/// the address it moved from.
pub(crate) fn gone_from_config<'a>(
    known: &'a BTreeMap<String, Subscription>,
    wanted: &BTreeSet<String>,
) -> Vec<&'a Subscription> {
    let is_wanted = |subscription: &Subscription| {
        let mut id = Some(subscription.id.clone());
        // A chain of moves; bounded, should it ever lead in a circle.
        for _ in 0..16 {
            let Some(here) = id else { return false };
            if wanted.contains(&here) {
                return true;
            }
            id = known.get(&here).and_then(|known| known.moved_from.clone());
        }
        false
    };
    known.values().filter(|known| known.origin == Origin::Config && !is_wanted(known)).collect()
}

/// Subscribes the feeds of OPML files; those that are subscribed stay as they are. A list names the
/// server and the environment variable that is sent to it, so that somebody else's could ask for any
/// secret of the process: credentials are taken only where that was said.
pub(super) fn import(
    config: &Config,
    topics: &TopicSettings,
    files: &[PathBuf],
    tags: &[String],
    with_auth: bool,
) -> Result<(), Failure> {
    let mut feeds: Vec<OpmlFeed> = Vec::new();
    for file in files {
        let list = parse_opml(&read(file)?)
            .with_context(|| file.display().to_string())
            .map_err(Failure::Failed)?;
        if list.is_empty() {
            writeln!(std::io::stderr().lock(), "{}: no feed in it", file.display())?;
        }
        feeds.extend(list);
    }
    let mut log = Bus::open(config, false)?.log()?;
    let known = subscriptions(&mut *log, topics)?;
    let now = runtime::clock::now();
    let mut changes = Changes::new(topics, now);
    let mut seen = BTreeSet::new();
    let mut refused = Vec::new();
    let mut without_auth = 0;
    for mut feed in feeds {
        let id = feed_id(&feed.url);
        if !seen.insert(id.clone()) {
            continue;
        }
        match known.get(&id) {
            // An import adds; what somebody set by hand is not undone by an old list.
            Some(_) => changes.unchanged += 1,
            None => {
                if !with_auth && feed.auth != Auth::default() {
                    feed.auth = Auth::default();
                    without_auth += 1;
                }
                let wanted = subscription_of(id, feed, tags, now);
                match super::check(config, &wanted) {
                    Ok(()) => changes.upsert(None, wanted)?,
                    Err(why) => refused.push(why),
                }
            }
        }
    }
    changes.write(&mut *log)?;
    changes.tell(&mut std::io::stdout().lock())?;
    if without_auth > 0 {
        writeln!(
            std::io::stderr().lock(),
            "{without_auth} feed(s) name an environment variable with credentials, which was left \
             out: it would be sent to the server of the feed. If the list is yours, remove these \
             feeds and import it with --with-auth"
        )?;
    }
    match refused.as_slice() {
        [] => Ok(()),
        [first, ..] => Err(Failure::Failed(anyhow!(
            "{} feed(s) were not imported: the first because its {first}",
            refused.len()
        ))),
    }
}

fn subscription_of(id: String, feed: OpmlFeed, tags: &[String], now: Timestamp) -> Subscription {
    let mut all_tags = feed.tags;
    for tag in tags {
        if !all_tags.contains(tag) {
            all_tags.push(tag.clone());
        }
    }
    Subscription {
        id,
        url: feed.url,
        title: feed.title,
        tags: all_tags,
        origin: Origin::Command,
        min_interval_s: feed.min_interval_s,
        full_text: feed.full_text,
        headers: feed.headers,
        auth: feed.auth,
        paused: feed.paused,
        no_revisits: feed.no_revisits,
        added_at: now,
        ..Subscription::default()
    }
}

/// Writes all subscriptions as OPML 2.0.
pub(super) fn export(
    config: &Config,
    topics: &TopicSettings,
    file: Option<&Path>,
) -> Result<(), Failure> {
    let mut log = Bus::open_to_read(config)?.log()?;
    let known = subscriptions(&mut *log, topics)?;
    let mut feeds: Vec<OpmlFeed> = known
        .into_values()
        // Its subscription goes on under its new address.
        .filter(|known| known.moved_to.is_none())
        .map(|known| OpmlFeed {
            title: known.title,
            url: known.url,
            tags: known.tags,
            min_interval_s: known.min_interval_s,
            full_text: known.full_text,
            paused: known.paused,
            no_revisits: known.no_revisits,
            headers: known.headers,
            auth: known.auth,
        })
        .collect();
    feeds.sort_by(|a, b| a.url.cmp(&b.url));
    let opml = write_opml("newswire feeds", &feeds);
    match file {
        None => std::io::stdout().lock().write_all(opml.as_bytes())?,
        Some(file) => {
            std::fs::write(file, opml)
                .with_context(|| format!("cannot write {}", file.display()))?;
            writeln!(std::io::stderr().lock(), "{} feed(s) in {}", feeds.len(), file.display())?;
        }
    }
    Ok(())
}

/// A file's bytes, or those of standard input for `-`.
fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let limit = MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    read.with_context(|| file.display().to_string())?;
    Ok(bytes)
}

/// What is to be written, and in which words.
struct Changes<'a> {
    topics: &'a TopicSettings,
    now: Timestamp,
    records: Vec<NewRecord>,
    lines: Vec<String>,
    added: usize,
    changed: usize,
    removed: usize,
    unchanged: usize,
}

impl<'a> Changes<'a> {
    fn new(topics: &'a TopicSettings, now: Timestamp) -> Self {
        Self {
            topics,
            now,
            records: Vec::new(),
            lines: Vec::new(),
            added: 0,
            changed: 0,
            removed: 0,
            unchanged: 0,
        }
    }

    fn upsert(
        &mut self,
        before: Option<&Subscription>,
        wanted: Subscription,
    ) -> Result<(), Failure> {
        let what = match before {
            None => {
                self.added += 1;
                "added    "
            }
            // A feed that moved keeps its new address; writing the old one would undo that.
            Some(before) if before.moved_to.is_some() || *before == wanted => {
                self.unchanged += 1;
                return Ok(());
            }
            Some(_) => {
                self.changed += 1;
                "changed  "
            }
        };
        self.lines.push(format!("{what}  {}", wanted.url));
        self.records.push(subscription_record(self.topics, &wanted, self.now)?);
        Ok(())
    }

    fn remove(&mut self, subscription: &Subscription) {
        self.removed += 1;
        self.lines.push(format!("removed    {}", subscription.url));
        self.records.push(NewRecord {
            place: place_of(self.topics, subscription),
            timestamp: self.now,
            key: Some(subscription.id.clone().into_bytes()),
            value: None,
            headers: Vec::new(),
        });
    }

    fn tell(&self, out: &mut impl std::io::Write) -> Result<(), Failure> {
        for line in self.lines.iter().take(NAMED) {
            writeln!(out, "{line}")?;
        }
        if self.lines.len() > NAMED {
            writeln!(out, "… and {} more", self.lines.len() - NAMED)?;
        }
        let Self { added, changed, removed, unchanged, .. } = self;
        writeln!(
            out,
            "{added} added, {changed} changed, {removed} removed, {unchanged} unchanged"
        )?;
        Ok(())
    }

    /// Writes in pieces, each of them whole or not at all; told as it goes.
    fn write(&mut self, log: &mut dyn Log) -> Result<(), Failure> {
        let all = self.records.len();
        let mut stderr = std::io::stderr().lock();
        let is_terminal = stderr.is_terminal();
        let mut written = 0;
        let mut records = std::mem::take(&mut self.records).into_iter().peekable();
        while records.peek().is_some() {
            let chunk: Vec<NewRecord> = records.by_ref().take(CHUNK).collect();
            let count = chunk.len();
            log.append(chunk).map_err(|error| {
                anyhow!("{written} of {all} were written, the rest was not: {error}; run it again")
            })?;
            written += count;
            if all > CHUNK {
                let end = if is_terminal && written < all { "\r" } else { "\n" };
                // A terminal that went away is no reason to stop half-way.
                let _ = write!(stderr, "{written} of {all} written{end}");
            }
        }
        Ok(())
    }
}
