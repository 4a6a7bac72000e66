//! `newswire replay`: the publisher again over stored articles (or the extractor and the
//! publisher over stored pages), into topics of another prefix.

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bus::{Log, NewRecord, PollLimit, Record, Topic, TopicPartition, TopicSettings};
use events::{Article, StoryEvent, Timestamp};
use publisher::Replay;
use stage::Output;

use crate::cli::{self, Place};
use crate::failure::Failure;
use crate::open::{Bus, CHUNK, config, each_record, topics};
use crate::stages::publisher_settings;

/// The topics that a replay writes.
const WRITTEN: [Topic; 3] = [Topic::Stories, Topic::StoriesLatest, Topic::Groups];
/// Records appended in one transaction.
const APPENDED: usize = 500;

/// What was done, for people.
#[derive(Default)]
struct Tally {
    warmed: u64,
    articles: u64,
    poison: u64,
    written: u64,
}

/// Replays a range of time.
pub(crate) fn run(place: &Place, command: &cli::Replay) -> Result<(), Failure> {
    let config = config(place)?;
    let source_topics = topics(&config)?;
    if command.prefix == source_topics.prefix {
        return Err(Failure::Usage(format!(
            "--prefix {:?} is that of the live topics: choose another one",
            command.prefix
        )));
    }
    if command.to.is_some_and(|to| to <= command.from) {
        return Err(Failure::Usage("--to is not later than --from".to_owned()));
    }
    let mut target_topics = source_topics.clone();
    target_topics.prefix.clone_from(&command.prefix);
    let mut source = Bus::open(&config, true)?.log()?;
    // What cannot be replayed is told before anything is made.
    let input = input(&mut *source, &source_topics, command)?;
    let mut target = Bus::open_topics(&config, target_topics.clone(), true)?.log()?;
    prepare(&mut *target, &target_topics)?;

    let mut replay = Replay::new(publisher_settings(&config));
    let mut tally = Tally::default();
    warm(&mut *source, &source_topics, command.from, &mut replay, &mut tally)?;
    let mut waiting = Vec::new();
    for part in input {
        for record in part.records(&mut *source)? {
            let record = record?;
            tally.articles += 1;
            let article = if part.is_pages { article_of(record) } else { Some(record) };
            let outputs = article.and_then(|article| replay.take(&article).ok());
            let Some(outputs) = outputs else {
                tally.poison += 1;
                continue;
            };
            waiting.extend(outputs.into_iter().map(|output| record_of(output, &target_topics)));
            if waiting.len() >= APPENDED {
                tally.written += waiting.len() as u64;
                target
                    .append(std::mem::take(&mut waiting))
                    .context("the output was not written")?;
            }
        }
    }
    if !waiting.is_empty() {
        tally.written += waiting.len() as u64;
        target.append(waiting).context("the output was not written")?;
    }
    writeln!(
        std::io::stdout().lock(),
        "replayed {} article(s) into {} record(s) of {}*; learnt {} earlier event(s); {} record(s) \
         could not be read",
        tally.articles,
        tally.written,
        command.prefix,
        tally.warmed,
        tally.poison
    )?;
    Ok(())
}

/// Consecutive records of one partition.
struct Part {
    place: TopicPartition,
    from: i64,
    /// The offset behind the last.
    end: i64,
    is_pages: bool,
}

impl Part {
    /// Its records; in chunks, for a range can be larger than memory. A fault in the middle is
    /// the last item: a replay that ends early must not look like a whole one.
    fn records<'a>(
        &self,
        log: &'a mut dyn Log,
    ) -> Result<impl Iterator<Item = Result<Record, Failure>> + use<'a>, Failure> {
        let (place, end, mut from) = (self.place, self.end, self.from);
        let limit = PollLimit { records: CHUNK.records.min((end - from).max(1) as usize), ..CHUNK };
        let mut chunk = log.read(place, from, limit, Duration::ZERO)?.into_iter();
        Ok(std::iter::from_fn(move || {
            loop {
                if let Some(record) = chunk.next() {
                    from = record.offset + 1;
                    return (record.offset < end).then_some(Ok(record));
                }
                if from >= end {
                    return None;
                }
                match log.read(place, from, limit, Duration::ZERO) {
                    // Only markers of transactions are left.
                    Ok(next) if next.is_empty() => return None,
                    Ok(next) => chunk = next.into_iter(),
                    Err(error) => {
                        let fault = anyhow!(error).context(format!(
                            "{} partition {} cannot be read from offset {from} on: the replay is \
                             not whole",
                            place.topic, place.partition
                        ));
                        from = end;
                        return Some(Err(Failure::Failed(fault)));
                    }
                }
            }
        }))
    }
}

/// What is to be replayed, in order.
fn input(
    log: &mut dyn Log,
    topics: &TopicSettings,
    command: &cli::Replay,
) -> Result<Vec<Part>, Failure> {
    let articles = range(log, topics, TopicPartition::new(Topic::Articles, 0), command)?;
    if !command.from_pages {
        if articles.0 >= articles.1 {
            return Err(nothing(topics, Topic::Articles, command));
        }
        let (from, end) = articles;
        let place = TopicPartition::new(Topic::Articles, 0);
        return Ok(vec![Part { place, from, end, is_pages: false }]);
    }
    // Pages of all partitions in order of time, partition, offset; between them the commands of
    // operators, which come by `articles` alone.
    let mut order: Vec<(Timestamp, TopicPartition, i64)> = Vec::new();
    for place in topics.partitions(Topic::Pages) {
        let (from, end) = range(log, topics, place, command)?;
        let part = Part { place, from, end, is_pages: true };
        for record in part.records(log)? {
            let record = record?;
            order.push((record.timestamp, place, record.offset));
        }
    }
    if order.is_empty() {
        return Err(nothing(topics, Topic::Pages, command));
    }
    let place = TopicPartition::new(Topic::Articles, 0);
    let part = Part { place, from: articles.0, end: articles.1, is_pages: false };
    for record in part.records(log)? {
        let record = record?;
        if is_command(&record) {
            order.push((record.timestamp, place, record.offset));
        }
    }
    order.sort_unstable();
    let mut parts: Vec<Part> = Vec::new();
    for (_, place, offset) in order {
        match parts.last_mut() {
            Some(last) if last.place == place && last.end == offset => last.end = offset + 1,
            _ => {
                let is_pages = place.topic == Topic::Pages;
                parts.push(Part { place, from: offset, end: offset + 1, is_pages });
            }
        }
    }
    Ok(parts)
}

fn is_command(record: &Record) -> bool {
    let article = record.value.as_deref().map(serde_json::from_slice::<Article>);
    matches!(article, Some(Ok(Article::Withdraw(_))))
}

/// The offsets of a partition that belong to the range. An error where records of the range are
/// there no more.
fn range(
    log: &mut dyn Log,
    topics: &TopicSettings,
    place: TopicPartition,
    command: &cli::Replay,
) -> Result<(i64, i64), Failure> {
    let (oldest, end) = log.bounds(place)?;
    let from = log.offset_at(place, command.from)?.max(oldest);
    let to = match command.to {
        Some(to) => log.offset_at(place, to)?.min(end),
        None => end,
    };
    // Where nothing was ever deleted, nothing is missing.
    if oldest > 0 && from == oldest && oldest < end {
        let first = log.read(place, oldest, PollLimit { records: 1, ..CHUNK }, Duration::ZERO)?;
        if let Some(first) = first.first()
            && first.timestamp > command.from
        {
            return Err(Failure::Failed(anyhow!(
                "{} partition {} begins at {}: what was before is deleted (retention), and --from \
                 {} cannot be replayed; nothing was written. Begin at {} or later",
                topics.full_name(place.topic),
                place.partition,
                first.timestamp,
                command.from,
                first.timestamp
            )));
        }
    }
    Ok((from, to))
}

fn nothing(topics: &TopicSettings, topic: Topic, command: &cli::Replay) -> Failure {
    let to = command.to.map_or_else(|| "now".to_owned(), |to| to.to_string());
    Failure::Failed(anyhow!(
        "{} has no record from {} to {to}: there is nothing to replay",
        topics.full_name(topic),
        command.from
    ))
}

/// Makes the topics, and refuses those that have something in them: a replay of two parts would
/// look like one.
fn prepare(log: &mut dyn Log, topics: &TopicSettings) -> Result<(), Failure> {
    log.create_topics().context("the topics of the replay cannot be made")?;
    for place in WRITTEN.into_iter().flat_map(|topic| topics.partitions(topic)) {
        if log.bounds(place)?.1 > 0 {
            return Err(Failure::Failed(anyhow!(
                "{} has records already: choose another --prefix",
                topics.full_name(place.topic)
            )));
        }
    }
    Ok(())
}

/// Learns what was published before the range. `stories` is read partition by partition, so its
/// events are put in order of time first.
fn warm(
    log: &mut dyn Log,
    topics: &TopicSettings,
    from: Timestamp,
    replay: &mut Replay,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let mut earlier: Vec<(Timestamp, String, u32, Vec<u8>)> = Vec::new();
    each_record(log, topics, Topic::Stories, |record| {
        let Some(value) = record.value.filter(|_| record.timestamp < from) else { return };
        if let Ok(event) = serde_json::from_slice::<StoryEvent>(&value) {
            earlier.push((record.timestamp, event.id, event.version, value));
        }
    })?;
    earlier.sort_unstable();
    for (.., value) in earlier {
        let event: StoryEvent = serde_json::from_slice(&value)?;
        replay.warm(&event).map_err(|error| anyhow!(error))?;
        tally.warmed += 1;
    }
    Ok(())
}

/// The record of `articles` that a page comes to; `None` for one that would be a dead letter.
fn article_of(page: Record) -> Option<Record> {
    let (key, value, timestamp) = extractor::article_of_page(page.value.as_deref()?).ok()?;
    let trace = stage::trace_of(&page);
    Some(Record {
        place: TopicPartition::new(Topic::Articles, 0),
        offset: page.offset,
        timestamp,
        key: Some(key.into_bytes()),
        value: Some(value),
        headers: vec![("traceparent".to_owned(), trace.to_string().into_bytes())],
    })
}

fn record_of(output: Output, topics: &TopicSettings) -> NewRecord {
    let partition = topics.partition_of(output.topic, &output.routing);
    NewRecord {
        place: TopicPartition::new(output.topic, partition),
        timestamp: output.timestamp,
        key: Some(output.key.into_bytes()),
        value: output.value,
        headers: output.headers,
    }
}
