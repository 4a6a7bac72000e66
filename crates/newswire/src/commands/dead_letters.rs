//! `newswire dead-letters`: what could not be processed, and putting it back.

use std::collections::BTreeSet;
use std::io::Write as _;

use anyhow::{anyhow, bail};
use bus::{Log, NewRecord, Record, Topic, TopicPartition, TopicSettings};
use serde_json::json;
use stage::DeadLetterReason;

use crate::cli::{self, Place, WhichLetters};
use crate::commands::tail::{envelope, topic_named};
use crate::failure::Failure;
use crate::open::{Bus, config, each_record, topics};
use crate::printing::{column, text_or_base64};

/// Header of the marks that a replay leaves among the dead letters: the offset of the letter.
const REPLAYED: &str = "newswire.replayed";

struct Letter {
    record: Record,
    reason: DeadLetterReason,
}

/// Does what a `dead-letters` command asks for.
pub(crate) fn run(place: &Place, command: cli::DeadLetters) -> Result<(), Failure> {
    let config = config(place)?;
    let topics = topics(&config)?;
    let mut log = Bus::open(&config, true)?.log()?;
    match command {
        cli::DeadLetters::List { which, json } => list(&mut *log, &topics, &which, json),
        cli::DeadLetters::Show { offset } => show(&mut *log, &topics, offset),
        cli::DeadLetters::Replay { which, offsets } => replay(&mut *log, &topics, &which, &offsets),
    }
}

/// The letters that were not replayed, and fit.
fn letters(
    log: &mut dyn Log,
    topics: &TopicSettings,
    which: &WhichLetters,
) -> Result<Vec<Letter>, Failure> {
    if let Some(topic) = &which.topic {
        topic_named(topic)?;
    }
    let mut letters = Vec::new();
    let mut replayed = BTreeSet::new();
    each_record(log, topics, Topic::DeadLetters, |record| {
        if let Some(offset) = record.header(REPLAYED).and_then(|text| text.parse::<i64>().ok()) {
            replayed.insert(offset);
        } else if let Some(reason) = DeadLetterReason::of(&record) {
            letters.push(Letter { record, reason });
        }
    })?;
    letters.retain(|letter| {
        !replayed.contains(&letter.record.offset)
            && which.topic.as_ref().is_none_or(|topic| *topic == letter.reason.topic)
            && which.reason.as_ref().is_none_or(|reason| *reason == letter.reason.class)
    });
    Ok(letters)
}

fn list(
    log: &mut dyn Log,
    topics: &TopicSettings,
    which: &WhichLetters,
    as_json: bool,
) -> Result<(), Failure> {
    let letters = letters(log, topics, which)?;
    let mut stdout = std::io::stdout().lock();
    for Letter { record, reason } in &letters {
        if as_json {
            let row = json!({"offset": record.offset, "timestamp": record.timestamp,
                "topic": reason.topic, "partition": reason.partition,
                "source_offset": reason.offset, "stage": reason.stage, "reason": reason.class,
                "message": reason.message, "key": text_or_base64(record.key.as_deref()),
                "bytes": record.value.as_ref().map(Vec::len)});
            writeln!(stdout, "{row}")?;
            continue;
        }
        writeln!(
            stdout,
            "{:>6}  {}  {}  {}  {}",
            record.offset,
            record.timestamp,
            column(&format!("{}/{}@{}", reason.topic, reason.partition, reason.offset), 24),
            column(&reason.class, 16),
            column(&reason.message, 80).trim_end()
        )?;
    }
    if !as_json {
        writeln!(std::io::stderr().lock(), "{} dead letter(s)", letters.len())?;
    }
    Ok(())
}

fn show(log: &mut dyn Log, topics: &TopicSettings, offset: i64) -> Result<(), Failure> {
    let letters = letters(log, topics, &WhichLetters::default())?;
    let letter = letters
        .iter()
        .find(|letter| letter.record.offset == offset)
        .ok_or_else(|| anyhow!("there is no dead letter at offset {offset}, or it was replayed"))?;
    let row = envelope(topics, &letter.record);
    writeln!(std::io::stdout().lock(), "{}", serde_json::to_string_pretty(&row)?)?;
    Ok(())
}

fn replay(
    log: &mut dyn Log,
    topics: &TopicSettings,
    which: &WhichLetters,
    offsets: &[i64],
) -> Result<(), Failure> {
    let mut letters = letters(log, topics, which)?;
    if !offsets.is_empty() {
        for offset in offsets {
            if !letters.iter().any(|letter| letter.record.offset == *offset) {
                return Err(Failure::Failed(anyhow!(
                    "there is no dead letter at offset {offset}, or it was replayed; nothing was \
                     replayed"
                )));
            }
        }
        letters.retain(|letter| offsets.contains(&letter.record.offset));
    }
    let mut count = 0;
    let now = runtime::clock::now();
    for letter in letters {
        let offset = letter.record.offset;
        // The record and the mark that it was replayed: both or neither.
        log.append(vec![original(&letter, now)?, mark(offset, now)])?;
        count += 1;
    }
    writeln!(std::io::stdout().lock(), "replayed {count} dead letter(s)")?;
    Ok(())
}

/// The record as it was, back where it came from.
fn original(letter: &Letter, now: events::Timestamp) -> Result<NewRecord, anyhow::Error> {
    let Some(topic) = Topic::from_name(&letter.reason.topic) else {
        bail!("offset {}: no topic {:?}", letter.record.offset, letter.reason.topic);
    };
    let headers = letter
        .record
        .headers
        .iter()
        .filter(|(name, _)| !DeadLetterReason::is_reason_header(name))
        .cloned()
        .collect();
    Ok(NewRecord {
        place: TopicPartition::new(topic, letter.reason.partition),
        timestamp: now,
        key: letter.record.key.clone(),
        value: letter.record.value.clone(),
        headers,
    })
}

fn mark(offset: i64, now: events::Timestamp) -> NewRecord {
    NewRecord {
        place: TopicPartition::new(Topic::DeadLetters, 0),
        timestamp: now,
        key: None,
        value: None,
        headers: vec![(REPLAYED.to_owned(), offset.to_string().into_bytes())],
    }
}
