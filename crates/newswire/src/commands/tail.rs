//! `newswire tail`: follows a topic.

use std::io::Write as _;
use std::time::Duration;

use bus::{Log, Record, Topic, TopicPartition, TopicSettings};
use events::{EventKind, StoryEvent};
use runtime::config::Config;
use serde_json::{Map, Value, json};

use crate::cli::{self, Place};
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
        _ => Bus::open(&config, true)?.log()?,
    };
    let mut follow = Follow::new(&mut *log, &topics, topic, command.from_beginning)?;
    let mut stdout = std::io::stdout().lock();
    let paint = Paint::detect();
    let mut left = command.max.unwrap_or(u64::MAX);
    let mut told_waiting = false;
    while left > 0 {
        let records = follow.next(WAIT)?;
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
    let mut log = Bus::open_as_it_is(config, topics.clone(), true)?.log()?;
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
pub(crate) struct Follow<'a> {
    log: &'a mut dyn Log,
    next: Vec<(TopicPartition, i64)>,
}

impl<'a> Follow<'a> {
    pub(crate) fn new(
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
        Ok(Self { log, next })
    }

    /// What came since, in order of time across partitions; empty when nothing came within `wait`.
    pub(crate) fn next(&mut self, wait: Duration) -> Result<Vec<Record>, Failure> {
        let mut records = Vec::new();
        for (place, from) in &mut self.next {
            let more = self.log.read(*place, *from, CHUNK, Duration::ZERO)?;
            if let Some(last) = more.last() {
                *from = last.offset + 1;
            }
            records.extend(more);
        }
        if records.is_empty()
            && let Some((place, from)) = self.next.first_mut()
        {
            records = self.log.read(*place, *from, CHUNK, wait)?;
            if let Some(last) = records.last() {
                *from = last.offset + 1;
            }
        }
        records.sort_by_key(|record| (record.timestamp, record.place.partition, record.offset));
        Ok(records)
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
