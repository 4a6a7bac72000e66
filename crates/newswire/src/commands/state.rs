//! `newswire state`: mending the state of stages.

use std::io::Write as _;
use std::time::Duration;

use anyhow::anyhow;
use bus::{Log, NewRecord, Record, Topic, TopicPartition, TopicSettings};
use extractor::Extractor;
use fetcher::Fetcher;
use publisher::Publish;
use stage::{Definition, Poison, dead_letter_headers, unreadable};

use crate::cli::{Place, State};
use crate::commands::feeds::{subscription_record, subscriptions};
use crate::failure::Failure;
use crate::open::{Bus, CHUNK, config, topics};
use crate::printing::text_or_base64;

/// Does what a `state` command asks for.
pub(crate) fn run(place: &Place, command: &State) -> Result<(), Failure> {
    match command {
        State::Repair { dry_run } => repair(place, *dry_run),
    }
}

fn repair(place: &Place, dry_run: bool) -> Result<(), Failure> {
    let config = config(place)?;
    let topics = topics(&config)?;
    let bus = if dry_run { Bus::open_to_read(&config) } else { Bus::open(&config, true) }?;
    let mut log = bus.log()?;
    // Settings change what a stage does, never what it can read.
    let definitions: [Box<dyn Definition>; 3] = [
        Box::new(Fetcher::new(fetcher::Settings::default())),
        Box::new(Extractor::default()),
        Box::new(Publish::default()),
    ];
    let (mut lines, mut count) = (Vec::new(), 0);
    // Of feeds that are subscribed to, and that nobody would poll any more.
    let subscribed = subscriptions(&mut *log, &topics)?;
    for definition in definitions {
        for (record, reason) in found(&mut *log, &topics, &*definition)? {
            let key = text_or_base64(record.key.as_deref());
            let verb = if dry_run { "would be dropped" } else { "dropped" };
            lines.push(format!("{} {key} {verb}: {reason}", record.place));
            count += 1;
            let mut records = vec![letter(&*definition, &record, &reason), tombstone(&record)];
            if let Some(subscription) = feed_of(&record).and_then(|id| subscribed.get(id)) {
                let now = runtime::clock::now();
                records.push(subscription_record(&topics, subscription, now)?);
                let verb = if dry_run { "would be" } else { "is" };
                lines.push(format!("{} {verb} read as a new feed", subscription.url));
            }
            if !dry_run {
                log.append(records)?;
            }
        }
    }
    // Told when it is done: whoever listens may go away.
    let mut stdout = std::io::stdout().lock();
    for line in lines {
        writeln!(stdout, "{line}")?;
    }
    let dry = dry_run && count > 0;
    writeln!(stdout, "{count} state record(s) that cannot be read")?;
    if dry {
        return Err(Failure::Failed(anyhow!("nothing was dropped: this was a dry run")));
    }
    if count > 0 {
        writeln!(
            stdout,
            "each is among the dead letters; restart the daemons whose partitions stopped"
        )?;
    }
    Ok(())
}

/// The feed that a record of the fetcher's state is about.
fn feed_of(record: &Record) -> Option<&str> {
    let key = record.key.as_deref().filter(|_| record.place.topic == Topic::FeedState)?;
    std::str::from_utf8(key).ok()?.strip_prefix("feed/")
}

/// The records that a stage cannot read, of all its partitions.
fn found(
    log: &mut dyn Log,
    topics: &TopicSettings,
    definition: &dyn Definition,
) -> Result<Vec<(Record, String)>, Failure> {
    let now = runtime::clock::now();
    let mut found = Vec::new();
    for partition in 0..topics.spec(definition.changelogs()[0]).partitions {
        let mut records = Vec::new();
        for topic in definition.changelogs() {
            read_all(log, TopicPartition::new(*topic, partition), &mut records)?;
        }
        found.extend(unreadable(definition, partition, records, now));
    }
    Ok(found)
}

fn read_all(
    log: &mut dyn Log,
    place: TopicPartition,
    records: &mut Vec<Record>,
) -> Result<(), Failure> {
    let (mut from, end) = log.bounds(place)?;
    while from < end {
        let more = log.read(place, from, CHUNK, Duration::ZERO)?;
        let Some(last) = more.last() else { break };
        from = last.offset + 1;
        // What a restore writes for itself has a key that begins with a zero byte.
        records.extend(
            more.into_iter()
                .filter(|record| !record.key.as_deref().unwrap_or_default().starts_with(b"\0")),
        );
    }
    Ok(())
}

fn letter(definition: &dyn Definition, record: &Record, reason: &str) -> NewRecord {
    let poison = Poison::new("unreadable_state", reason);
    let mut headers = record.headers.clone();
    headers.extend(dead_letter_headers(definition.name(), record.place, record.offset, &poison));
    NewRecord {
        place: TopicPartition::new(Topic::DeadLetters, 0),
        timestamp: runtime::clock::now(),
        key: record.key.clone(),
        value: record.value.clone(),
        headers,
    }
}

fn tombstone(record: &Record) -> NewRecord {
    NewRecord {
        place: record.place,
        timestamp: runtime::clock::now(),
        key: record.key.clone(),
        value: None,
        headers: Vec::new(),
    }
}
