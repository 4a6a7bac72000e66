//! `newswire replay`: the publisher again over stored articles (or the extractor and the
//! publisher over stored pages), into topics of another prefix.

use std::collections::VecDeque;
use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bus::{BusError, Log, NewRecord, PollLimit, Record, Topic, TopicPartition, TopicSettings};
use events::{Article, StoryEvent, Timestamp};
use publisher::Replay;
use stage::Output;

use crate::cli::{self, Place};
use crate::failure::Failure;
use crate::open::{Bus, CHUNK, check_prefix, config, topics};
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
    check_prefix(&command.prefix)?;
    if command.to.is_some_and(|to| to <= command.from) {
        return Err(Failure::Usage("--to is not later than --from".to_owned()));
    }
    let mut target_topics = source_topics.clone();
    target_topics.prefix.clone_from(&command.prefix);
    let bus = Bus::open(&config, true)?;
    let mut source = bus.log()?;
    // What cannot be replayed is told before anything is made.
    let input = input(&bus, &mut *source, &source_topics, command)?;
    let mut target = Bus::open_topics(&config, target_topics.clone(), true)?.log()?;
    prepare(&mut *target, &target_topics)?;

    let mut replay = Replay::new(publisher_settings(&config));
    let mut tally = Tally::default();
    warm(&mut *source, &source_topics, command.from, &mut replay, &mut tally)?;
    let mut waiting = Vec::new();
    for part in input {
        for record in part.records(&mut *source) {
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
    ) -> impl Iterator<Item = Result<Record, Failure>> + use<'a> {
        let (place, end, mut from) = (self.place, self.end, self.from);
        let limit = PollLimit { records: CHUNK.records.min((end - from).max(1) as usize), ..CHUNK };
        let mut chunk = Vec::<Record>::new().into_iter();
        std::iter::from_fn(move || {
            loop {
                if let Some(record) = chunk.next() {
                    from = record.offset + 1;
                    return (record.offset < end).then_some(Ok(record));
                }
                if from >= end {
                    return None;
                }
                match read_on(log, place, from, limit) {
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
        })
    }
}

/// Reads on in a partition; an error where that leaps over records that were deleted meanwhile: at
/// the size cap of an embedded log the output of the replay itself drives its input out.
fn read_on(
    log: &mut dyn Log,
    place: TopicPartition,
    from: i64,
    limit: PollLimit,
) -> Result<Vec<Record>, BusError> {
    let records = log.read(place, from, limit, Duration::ZERO)?;
    if records.first().is_none_or(|first| first.offset > from) {
        let (oldest, _) = log.bounds(place)?;
        if oldest > from {
            return Err(BusError::OutOfRange { place, wanted: from, oldest });
        }
    }
    Ok(records)
}

/// What is to be replayed, in order.
fn input(
    bus: &Bus,
    log: &mut dyn Log,
    topics: &TopicSettings,
    command: &cli::Replay,
) -> Result<Vec<Part>, Failure> {
    let articles = range(bus, log, topics, TopicPartition::new(Topic::Articles, 0), command)?;
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
        let (from, end) = range(bus, log, topics, place, command)?;
        let part = Part { place, from, end, is_pages: true };
        for record in part.records(log) {
            let record = record?;
            order.push((record.timestamp, place, record.offset));
        }
    }
    if order.is_empty() {
        return Err(nothing(topics, Topic::Pages, command));
    }
    let place = TopicPartition::new(Topic::Articles, 0);
    let part = Part { place, from: articles.0, end: articles.1, is_pages: false };
    for record in part.records(log) {
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

/// The offsets of a partition that belong to the range. An error where records of the range may be
/// there no more.
fn range(
    bus: &Bus,
    log: &mut dyn Log,
    topics: &TopicSettings,
    place: TopicPartition,
    command: &cli::Replay,
) -> Result<(i64, i64), Failure> {
    let from = log.offset_at(place, command.from)?;
    let to = command.to.map(|to| log.offset_at(place, to)).transpose()?;
    // Asked for after the offsets: what is deleted between the two is seen.
    let (oldest, end) = log.bounds(place)?;
    if let Some(whole_from) = whole_from(bus, log, topics, place)?
        && command.from < whole_from
    {
        return Err(Failure::Failed(anyhow!(
            "{} partition {} is whole from {whole_from} on: what was before is deleted (retention, \
             or max_size), and --from {} cannot be replayed; nothing was written. Begin at \
             {whole_from} or later",
            topics.full_name(place.topic),
            place.partition,
            command.from,
        )));
    }
    Ok((from.max(oldest), to.unwrap_or(end).min(end)))
}

/// The time from which on nothing is missing in a partition; `None` where nothing was ever deleted.
fn whole_from(
    bus: &Bus,
    log: &mut dyn Log,
    topics: &TopicSettings,
    place: TopicPartition,
) -> Result<Option<Timestamp>, Failure> {
    let now = runtime::clock::now();
    match bus {
        // It notes what it deletes.
        Bus::Embedded(embedded) => Ok(embedded.whole_from(place, now)?),
        Bus::Kafka(_) => whole_on_kafka(log, topics, place, now),
    }
}

/// Kafka does not tell what it has deleted. The retention of the settings is no proof: that of the
/// cluster may have been shorter for a while. But what is deleted came before all that is left.
fn whole_on_kafka(
    log: &mut dyn Log,
    topics: &TopicSettings,
    place: TopicPartition,
    now: Timestamp,
) -> Result<Option<Timestamp>, Failure> {
    let (oldest, _) = log.bounds(place)?;
    if oldest == 0 {
        return Ok(None);
    }
    let one = PollLimit { records: 1, ..CHUNK };
    if let Some(first) = log.read(place, oldest, one, Duration::ZERO)?.first() {
        return Ok(Some(first.timestamp));
    }
    // Where nothing is left only the settings can be asked; else one quiet site would forbid every
    // replay. Said aloud, for the cluster may know another retention.
    let Some(retention) = topics.spec(place.topic).retention else { return Ok(None) };
    writeln!(
        std::io::stderr().lock(),
        "note: {} partition {} is empty by now: records of the range may be missing if its \
         retention in the cluster was ever below {} h",
        topics.full_name(place.topic),
        place.partition,
        retention.as_secs() / 3600
    )?;
    Ok(Some(now.plus_millis(-(retention.as_millis() as i64))))
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

/// Learns what was published before the range: each partition of `stories` in its own order, and
/// between partitions by time. A month of stories is larger than memory, so that it is not sorted.
fn warm(
    log: &mut dyn Log,
    topics: &TopicSettings,
    from: Timestamp,
    replay: &mut Replay,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let mut heads = Vec::new();
    for place in topics.partitions(Topic::Stories) {
        let (oldest, end) = log.bounds(place)?;
        heads.push(Head { place, from: oldest, end, chunk: VecDeque::new() });
    }
    while let Some(record) = earliest(log, &mut heads)? {
        let Some(value) = record.value.filter(|_| record.timestamp < from) else { continue };
        if let Ok(event) = serde_json::from_slice::<StoryEvent>(&value) {
            replay.warm(&event).map_err(|error| anyhow!(error))?;
            tally.warmed += 1;
        }
    }
    Ok(())
}

/// What is still to read of a partition.
struct Head {
    place: TopicPartition,
    from: i64,
    end: i64,
    chunk: VecDeque<Record>,
}

/// Takes the earliest of the records that are next in their partitions.
fn earliest(log: &mut dyn Log, heads: &mut [Head]) -> Result<Option<Record>, Failure> {
    for head in heads.iter_mut().filter(|head| head.chunk.is_empty() && head.from < head.end) {
        let records = log.read(head.place, head.from, CHUNK, Duration::ZERO)?;
        // Where nothing comes only markers of transactions are left.
        head.from = records.last().map_or(head.end, |last| last.offset + 1);
        head.chunk = records.into_iter().filter(|record| record.offset < head.end).collect();
    }
    let first = heads
        .iter_mut()
        .filter_map(|head| head.chunk.front().map(|record| record.timestamp).map(|at| (at, head)))
        .min_by_key(|(at, _)| *at);
    Ok(first.and_then(|(_, head)| head.chunk.pop_front()))
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

#[cfg(test)]
mod tests {
    use bus::embedded::{Embedded, EmbeddedSettings};

    use super::*;

    const ARTICLES: TopicPartition = TopicPartition { topic: Topic::Articles, partition: 0 };

    /// A log with articles of these seconds, without those before an offset.
    fn log(folder: &std::path::Path, seconds: &[i64], oldest: i64) -> impl Log + use<> {
        let path = folder.join("log.db");
        let embedded = Embedded::open(&path, EmbeddedSettings::default()).unwrap();
        let mut log = embedded.log().unwrap();
        let record = |seconds: &i64| NewRecord {
            place: ARTICLES,
            timestamp: Timestamp::from_secs(*seconds),
            key: Some(b"key".to_vec()),
            value: None,
            headers: Vec::new(),
        };
        log.append(seconds.iter().map(record).collect()).unwrap();
        let sqlite = rusqlite::Connection::open(&path).unwrap();
        sqlite.execute("DELETE FROM record WHERE offset < ?1", [oldest]).unwrap();
        sqlite
            .execute("UPDATE partition SET oldest = ?1 WHERE topic = 'newswire.articles'", [oldest])
            .unwrap();
        log
    }

    #[test]
    fn what_is_deleted_while_it_is_replayed_is_told() {
        for (oldest, read) in [(0, 3), (1, 0), (3, 0)] {
            let folder = tempfile::tempdir().unwrap();
            let mut log = log(folder.path(), &[1, 2, 3], oldest);
            let part = Part { place: ARTICLES, from: 0, end: 3, is_pages: false };
            let mut records: Vec<_> = part.records(&mut log).collect();
            if oldest > 0 {
                let failure = records.pop().unwrap().unwrap_err().to_string();
                assert!(failure.contains("not whole"), "{failure}");
            }
            assert_eq!(records.iter().filter(|record| record.is_ok()).count(), read);
        }
    }

    #[test]
    fn earlier_stories_come_by_time_and_each_partition_in_its_own_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let embedded = Embedded::open(&path, EmbeddedSettings::default()).unwrap();
        let mut log = embedded.log().unwrap();
        let topics = TopicSettings::default();
        // The second partition has a record that is older than the one before it.
        let partitions: [(u32, &[i64]); 3] = [(0, &[10, 40]), (3, &[20, 15, 50]), (5, &[30])];
        for (partition, seconds) in partitions {
            let record = |seconds: &i64| NewRecord {
                place: TopicPartition::new(Topic::Stories, partition),
                timestamp: Timestamp::from_secs(*seconds),
                key: Some(seconds.to_string().into_bytes()),
                value: None,
                headers: Vec::new(),
            };
            log.append(seconds.iter().map(record).collect()).unwrap();
        }
        let mut heads: Vec<Head> = topics
            .partitions(Topic::Stories)
            .into_iter()
            .map(|place| {
                let (from, end) = log.bounds(place).unwrap();
                Head { place, from, end, chunk: VecDeque::new() }
            })
            .collect();
        let mut order = Vec::new();
        while let Some(record) = earliest(&mut log, &mut heads).unwrap() {
            order.push(String::from_utf8(record.key.unwrap()).unwrap());
        }
        assert_eq!(order, ["10", "20", "15", "30", "40", "50"]);
    }

    // Any log can answer what Kafka is asked.
    #[test]
    fn on_kafka_a_partition_is_whole_from_the_first_record_that_is_left() {
        let topics = TopicSettings::default();
        let now = Timestamp::from_secs(100 * 86_400);
        for (seconds, oldest, wanted) in [
            (&[1, 2, 3][..], 0, None),
            (&[1, 2, 3], 1, Some(2)),
            (&[1, 2, 3], 3, Some(93 * 86_400)),
            (&[], 0, None),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let mut log = log(folder.path(), seconds, oldest);
            let whole = whole_on_kafka(&mut log, &topics, ARTICLES, now).unwrap();
            assert_eq!(whole, wanted.map(Timestamp::from_secs), "{seconds:?} from {oldest}");
        }
    }
}
