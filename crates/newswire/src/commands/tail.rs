//! `newswire tail`: follows a topic.

use std::io::Write as _;
use std::time::Duration;

use bus::{Log, Record, Topic, TopicPartition, TopicSettings};
use events::{EventKind, StoryEvent};
use runtime::config::Config;
use serde_json::{Map, Value, json};

use crate::cli::{self, Place};
use crate::commands::daemon::{AWAY_WAIT, passes};
use crate::failure::Failure;
use crate::open::{Bus, CHUNK, check_prefix, config, topics};
use crate::printing::{Paint, column, text_or_base64, value_or_base64};

/// How long one look for new records waits.
const WAIT: Duration = Duration::from_millis(100);

/// Follows a topic until told to stop.
pub(crate) fn run(place: &Place, command: &cli::Tail) -> Result<(), Failure> {
    let topic = topic_named(&command.topic)?;
    let config = config(place)?;
    let mut topics = topics(&config)?;
    let mut log = match &command.prefix {
        Some(prefix) if *prefix != topics.prefix => {
            check_prefix(prefix)?;
            topics.prefix.clone_from(prefix);
            log_of_replay(&config, &mut topics, topic)?
        }
        _ => Bus::open_to_read(&config)?.log()?,
    };
    let mut follow = Follow::new(&mut *log, &topics, topic, command.from_beginning)?;
    let mut stdout = std::io::stdout().lock();
    let paint = Paint::detect();
    let mut left = command.max.unwrap_or(u64::MAX);
    let mut told_waiting = false;
    let mut told_away = false;
    while left > 0 {
        let records = match follow.next(WAIT) {
            // Brokers are restarted while somebody looks on.
            Err(Failure::Failed(error)) if passes(&error) => {
                if !std::mem::replace(&mut told_away, true) {
                    writeln!(std::io::stderr().lock(), "{error:#}; waiting for it")?;
                }
                std::thread::sleep(AWAY_WAIT);
                continue;
            }
            records => records?,
        };
        told_away = false;
        if records.is_empty() {
            if command.exit_at_end {
                return Ok(());
            }
            if !told_waiting && !command.json {
                told_waiting = true;
                let mut stderr = std::io::stderr().lock();
                writeln!(stderr, "waiting for {}; Ctrl-C ends", topics.full_name(topic))?;
            }
        }
        for record in records {
            if left == 0 {
                break;
            }
            left -= 1;
            if command.json {
                writeln!(stdout, "{}", envelope(&topics, &record))?;
            } else {
                writeln!(stdout, "{}", pretty(&record, paint))?;
            }
        }
        stdout.flush()?;
    }
    Ok(())
}

/// The log with a topic of another prefix, which must be there: a prefix mistyped would look like a
/// topic without records. It has the partitions that it was made with.
fn log_of_replay(
    config: &Config,
    topics: &mut TopicSettings,
    topic: Topic,
) -> Result<Box<dyn Log>, Failure> {
    let mut log = Bus::open_to_look(config, topics.clone())?.log()?;
    let states = log.topics()?;
    let partitions = states.iter().find(|state| state.topic == topic).map(|state| state.partitions);
    match partitions {
        Some(partitions) if partitions > 0 => topics.spec_mut(topic).partitions = partitions,
        _ => {
            return Err(Failure::Usage(format!(
                "--prefix {:?}: there is no topic {}; `newswire replay` makes the topics of a \
                 prefix",
                topics.prefix,
                topics.full_name(topic)
            )));
        }
    }
    Ok(log)
}

/// The topic of a short name.
pub(crate) fn topic_named(name: &str) -> Result<Topic, Failure> {
    Topic::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Topic::ALL.into_iter().map(Topic::name).collect();
        Failure::Usage(format!("there is no topic {name:?}; there are {}", names.join(", ")))
    })
}

/// Reads all partitions of a topic as they grow.
struct Follow<'a> {
    log: &'a mut dyn Log,
    next: Vec<(TopicPartition, i64)>,
    /// Read, and not handed over because another partition could not be read.
    read: Vec<Record>,
}

impl<'a> Follow<'a> {
    fn new(
        log: &'a mut dyn Log,
        topics: &TopicSettings,
        topic: Topic,
        from_beginning: bool,
    ) -> Result<Self, Failure> {
        let mut next = Vec::new();
        for partition in 0..topics.spec(topic).partitions {
            let place = TopicPartition::new(topic, partition);
            let (oldest, end) = log.bounds(place)?;
            next.push((place, if from_beginning { oldest } else { end }));
        }
        Ok(Self { log, next, read: Vec::new() })
    }

    /// What came since, in order of time across partitions; empty when nothing came within `wait`.
    /// After an error it goes on where it was.
    fn next(&mut self, wait: Duration) -> Result<Vec<Record>, Failure> {
        for index in 0..self.next.len() {
            // What is kept of one partition is one chunk, however long another is away.
            let place = self.next[index].0;
            if !self.read.iter().any(|record| record.place == place) {
                self.read_on(index, Duration::ZERO)?;
            }
        }
        if self.read.is_empty() {
            self.read_on(0, wait)?;
        }
        let mut records = std::mem::take(&mut self.read);
        records.sort_by_key(|record| (record.timestamp, record.place.partition, record.offset));
        Ok(records)
    }

    fn read_on(&mut self, index: usize, wait: Duration) -> Result<(), Failure> {
        let Some((place, from)) = self.next.get_mut(index) else { return Ok(()) };
        let more = self.log.read(*place, *from, CHUNK, wait)?;
        if let Some(last) = more.last() {
            *from = last.offset + 1;
        }
        self.read.extend(more);
        Ok(())
    }
}

/// A record as one JSON object.
pub(crate) fn envelope(topics: &TopicSettings, record: &Record) -> Value {
    let headers: Map<String, Value> = record
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), text_or_base64(Some(value))))
        .collect();
    json!({
        "topic": topics.full_name(record.place.topic),
        "partition": record.place.partition,
        "offset": record.offset,
        "key": text_or_base64(record.key.as_deref()),
        "timestamp": record.timestamp,
        "headers": headers,
        "value": value_or_base64(record.value.as_deref()),
    })
}

/// A record as one line for people.
pub(crate) fn pretty(record: &Record, paint: Paint) -> String {
    let value = record.value.as_deref();
    if matches!(record.place.topic, Topic::Stories | Topic::StoriesLatest)
        && let Some(Ok(event)) = value.map(serde_json::from_slice::<StoryEvent>)
    {
        return story_line(&event, paint);
    }
    let time = record.timestamp.to_string();
    let key = text_or_base64(record.key.as_deref());
    let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
    let value = match value {
        None => "(removed)".to_owned(),
        Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    };
    format!("{}  {}  {}", paint.dim(&time), column(&key, 26), column(&value, 120).trim_end())
}

/// A story event as one line: time, what it is, language, outlet, title, marks, words.
pub(crate) fn story_line(event: &StoryEvent, paint: Paint) -> String {
    let time = event.fetched_at.to_string();
    let clock = time.get(11..19).unwrap_or_default();
    let kind = match (event.event, &event.duplicate_of.id) {
        (EventKind::Withdrawn, _) => paint.bad("GONE"),
        (EventKind::Updated, _) => paint.notice(&column(&format!("v{}", event.version), 4)),
        (EventKind::Published, Some(_)) => paint.warn("COPY"),
        (EventKind::Published, None) => paint.good("NEW "),
    };
    let language = column(event.language.as_deref().unwrap_or("-"), 2);
    let outlet = event
        .publisher
        .name
        .as_deref()
        .or_else(|| event.feeds.first().and_then(|feed| feed.title.as_deref()))
        .or(event.publisher.domain.as_deref())
        .unwrap_or("-");
    let title = event.title.as_deref().unwrap_or("(no title)");
    let words = format!("{:>5}w", event.extraction.words);
    let mut marks = Vec::new();
    if let Some(original) = &event.duplicate_of.id {
        let kind = event.duplicate_of.kind.map_or("copy", |kind| match kind {
            events::CopyKind::Exact => "exact copy",
            events::CopyKind::Near => "near copy",
            events::CopyKind::Syndicated => "agency copy",
        });
        let similarity = event.duplicate_of.similarity.unwrap_or_default();
        marks.push(format!("{kind} of {}… {similarity:.2}", short(original)));
    }
    if event.event == EventKind::Updated {
        let mut changed = Vec::new();
        if event.changes.title {
            changed.push("title".to_owned());
        }
        match (event.changes.added.len(), event.changes.removed.len()) {
            (0, 0) if event.changes.text => changed.push("text".to_owned()),
            (0, 0) => {}
            (added, removed) => changed.push(format!("+{added} −{removed} paragraphs")),
        }
        marks.push(changed.join(", "));
    }
    if event.story_group.size > 1
        && let Some(group) = &event.story_group.id
    {
        marks.push(format!("group {}… of {}", short(group), event.story_group.size));
    }
    format!(
        "{}  {kind}  {language}  {}  {}  {}  {}",
        paint.dim(clock),
        column(outlet, 22),
        paint.bold(&column(title, 60)),
        paint.dim(&words),
        paint.notice(&marks.join("; ")),
    )
    .trim_end()
    .to_owned()
}

fn short(id: &str) -> &str {
    id.get(..5).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use bus::embedded::{Embedded, EmbeddedLog, EmbeddedSettings};
    use bus::{BusError, NewRecord, PollLimit, TopicState};
    use events::Timestamp;

    use super::*;

    /// A log of which one partition is away for as many reads.
    struct Shaky {
        inner: EmbeddedLog,
        partition: u32,
        times: u32,
    }

    impl Log for Shaky {
        fn topics(&mut self) -> Result<Vec<TopicState>, BusError> {
            self.inner.topics()
        }
        fn create_topics(&mut self) -> Result<Vec<Topic>, BusError> {
            self.inner.create_topics()
        }
        fn bounds(&mut self, place: TopicPartition) -> Result<(i64, i64), BusError> {
            self.inner.bounds(place)
        }
        fn read(
            &mut self,
            place: TopicPartition,
            from: i64,
            limit: PollLimit,
            wait: Duration,
        ) -> Result<Vec<Record>, BusError> {
            if place.partition == self.partition && self.times > 0 {
                self.times -= 1;
                return Err(BusError::Away("a test".to_owned()));
            }
            self.inner.read(place, from, limit, wait)
        }
        fn offset_at(&mut self, place: TopicPartition, at: Timestamp) -> Result<i64, BusError> {
            self.inner.offset_at(place, at)
        }
        fn append(&mut self, records: Vec<NewRecord>) -> Result<(), BusError> {
            self.inner.append(records)
        }
        fn committed(
            &mut self,
            group: &str,
            inputs: &[TopicPartition],
        ) -> Result<Vec<Option<i64>>, BusError> {
            self.inner.committed(group, inputs)
        }
    }

    #[test]
    fn nothing_is_left_out_where_a_log_is_away_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let embedded =
            Embedded::open(&folder.path().join("log.db"), EmbeddedSettings::default()).unwrap();
        let mut log = Shaky { inner: embedded.log().unwrap(), partition: 2, times: 2 };
        let record = |partition| NewRecord {
            place: TopicPartition::new(Topic::Stories, partition),
            timestamp: Timestamp::from_secs(i64::from(partition)),
            key: None,
            value: None,
            headers: Vec::new(),
        };
        log.append((0..6).map(record).collect()).unwrap();
        let topics = TopicSettings::default();
        let mut follow = Follow::new(&mut log, &topics, Topic::Stories, true).unwrap();
        for _ in 0..2 {
            follow.next(Duration::ZERO).unwrap_err();
            // A chunk of each is kept, and no more while it lasts.
            follow.log.append(vec![record(0)]).unwrap();
            assert_eq!(follow.read.len(), 2);
        }
        let read = follow.next(Duration::ZERO).unwrap();
        let partitions: Vec<u32> = read.iter().map(|record| record.place.partition).collect();
        assert_eq!(partitions, [0, 1, 2, 3, 4, 5]);
        assert_eq!(follow.next(Duration::ZERO).unwrap().len(), 2);
        assert!(follow.next(Duration::ZERO).unwrap().is_empty());
    }
}
