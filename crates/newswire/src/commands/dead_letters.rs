//! `newswire dead-letters`: what could not be processed, and putting it back.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::Duration;

use anyhow::{anyhow, bail};
use bus::{Log, NewRecord, PollLimit, Record, Topic, TopicPartition, TopicSettings};
use events::Timestamp;
use serde_json::json;
use stage::DeadLetterReason;

use crate::cli::{self, Place, WhichLetters};
use crate::commands::tail::{envelope, topic_named};
use crate::failure::Failure;
use crate::open::{Bus, CHUNK, config, each_record, topics};
use crate::printing::{column, text_or_base64};

/// Header of the marks that a replay leaves among the dead letters: the offset of the letter.
const REPLAYED: &str = "newswire.replayed";

/// A dead letter without its value: a month of them may not fit into memory.
struct Letter {
    offset: i64,
    timestamp: Timestamp,
    key: Option<Vec<u8>>,
    bytes: Option<usize>,
    reason: DeadLetterReason,
}

impl Letter {
    /// Whether it is a record of state that `newswire state repair` dropped.
    fn is_state(&self) -> bool {
        Topic::from_name(&self.reason.topic).is_some_and(Topic::is_changelog)
    }
}

/// Does what a `dead-letters` command asks for.
pub(crate) fn run(place: &Place, command: cli::DeadLetters) -> Result<(), Failure> {
    let config = config(place)?;
    let topics = topics(&config)?;
    let bus = match command {
        cli::DeadLetters::Replay { .. } => Bus::open(&config, true)?,
        _ => Bus::open_to_read(&config)?,
    };
    let mut log = bus.log()?;
    match command {
        cli::DeadLetters::List { which, json } => list(&mut *log, &topics, &which, json),
        cli::DeadLetters::Show { offset } => show(&mut *log, &topics, offset),
        cli::DeadLetters::Replay { which, offsets } => replay(&mut *log, &topics, &which, &offsets),
    }
}

/// How many letters were not replayed.
pub(crate) fn count(log: &mut dyn Log, topics: &TopicSettings) -> Result<usize, Failure> {
    Ok(letters(log, topics, &WhichLetters::default())?.len())
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
            let Record { offset, timestamp, key, value, .. } = record;
            letters.push(Letter { offset, timestamp, key, bytes: value.map(|v| v.len()), reason });
        }
    })?;
    letters.retain(|letter| {
        !replayed.contains(&letter.offset)
            && which.topic.as_ref().is_none_or(|topic| *topic == letter.reason.topic)
            && which.reason.as_ref().is_none_or(|reason| *reason == letter.reason.class)
    });
    Ok(letters)
}

/// The record of a letter.
fn whole(log: &mut dyn Log, letter: &Letter) -> Result<Record, Failure> {
    let place = TopicPartition::new(Topic::DeadLetters, 0);
    let limit = PollLimit { records: 1, ..CHUNK };
    let record = log.read(place, letter.offset, limit, Duration::ZERO)?.into_iter().next();
    let record = record.filter(|record| record.offset == letter.offset);
    let gone = || anyhow!("the dead letter at offset {} was deleted meanwhile", letter.offset);
    Ok(record.ok_or_else(gone)?)
}

fn list(
    log: &mut dyn Log,
    topics: &TopicSettings,
    which: &WhichLetters,
    as_json: bool,
) -> Result<(), Failure> {
    let letters = letters(log, topics, which)?;
    let mut stdout = std::io::stdout().lock();
    for Letter { offset, timestamp, key, bytes, reason } in &letters {
        if as_json {
            let row = json!({"offset": offset, "timestamp": timestamp,
                "topic": reason.topic, "partition": reason.partition,
                "source_offset": reason.offset, "stage": reason.stage, "reason": reason.class,
                "message": reason.message, "key": text_or_base64(key.as_deref()), "bytes": bytes});
            writeln!(stdout, "{row}")?;
            continue;
        }
        writeln!(
            stdout,
            "{offset:>6}  {timestamp}  {}  {}  {}",
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
        .find(|letter| letter.offset == offset)
        .ok_or_else(|| anyhow!("there is no dead letter at offset {offset}, or it was replayed"))?;
    let row = envelope(topics, &whole(log, letter)?);
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
    let mut left = 0;
    if offsets.is_empty() {
        // State that could not be read stops its partition again, and an old one forgets what came
        // since: only by name.
        let before = letters.len();
        letters.retain(|letter| !letter.is_state());
        left = before - letters.len();
    } else {
        for offset in offsets {
            if !letters.iter().any(|letter| letter.offset == *offset) {
                return Err(Failure::Failed(anyhow!(
                    "there is no dead letter at offset {offset}, or it was replayed; nothing was \
                     replayed"
                )));
            }
        }
        letters.retain(|letter| offsets.contains(&letter.offset));
    }
    let mut count = 0;
    let now = runtime::clock::now();
    for letter in letters {
        let record = original(whole(log, &letter)?, &letter.reason, now)?;
        // The record and the mark that it was replayed: both or neither.
        log.append(vec![record, mark(letter.offset, now)])?;
        count += 1;
    }
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "replayed {count} dead letter(s)")?;
    if left > 0 {
        writeln!(
            stdout,
            "{left} record(s) of state were left: name the offset of one to put it back, while no \
             daemon runs"
        )?;
    }
    Ok(())
}

/// The record as it was, back where it came from.
fn original(
    letter: Record,
    reason: &DeadLetterReason,
    now: Timestamp,
) -> Result<NewRecord, anyhow::Error> {
    let Some(topic) = Topic::from_name(&reason.topic) else {
        bail!("offset {}: no topic {:?}", letter.offset, reason.topic);
    };
    let mut headers = letter.headers;
    headers.retain(|(name, _)| !DeadLetterReason::is_reason_header(name));
    Ok(NewRecord {
        place: TopicPartition::new(topic, reason.partition),
        timestamp: now,
        key: letter.key,
        value: letter.value,
        headers,
    })
}

fn mark(offset: i64, now: Timestamp) -> NewRecord {
    NewRecord {
        place: TopicPartition::new(Topic::DeadLetters, 0),
        timestamp: now,
        key: None,
        value: None,
        headers: vec![(REPLAYED.to_owned(), offset.to_string().into_bytes())],
    }
}
