//! What one release left in the log, read by the next ones: records of all inputs, states and stories
//! as text, and a road that goes on from them.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bus::{Log, NewRecord, Topic, TopicPartition};
use events::{StoryEvent, Timestamp, site_of};

use crate::oracle::{read, read_topic, state};
use crate::plan::Role;
use crate::road;
use crate::world::World;

const SEED: u64 = 1;
const SITES: u32 = 3;
/// Changes of the web before its feeds are polled for the first time.
const CHANGES: u32 = 24;
/// How long the road runs before its log is written down, and how long it goes on from there.
const RUN_MS: i64 = 20 * 60 * 1000;

const INPUTS: [Topic; 4] = [Topic::Feeds, Topic::Entries, Topic::Pages, Topic::Articles];
const STATES: [Topic; 4] =
    [Topic::FeedState, Topic::DownloadState, Topic::SiteState, Topic::PublisherState];

/// What a road did that began with a written log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resumed {
    /// Partitions that stopped, with the reason.
    pub stopped: Vec<String>,
    /// Keys of dead letters.
    pub dead: Vec<String>,
    /// Entries and pages that were written anew.
    pub again: usize,
    /// Ids of the stories that were told.
    pub stories: BTreeSet<String>,
}

/// Runs the road in peace, and writes its log down: a line for each record, of topic, partition,
/// milliseconds, key, and value (`t` and text, or `b` and base64).
///
/// # Errors
/// What the cluster refuses.
pub fn write() -> Result<String, String> {
    let (world, cluster) = settled_web();
    let now = Timestamp::from_millis(world.time());
    let feeds = world.web.lock().map(|web| web.subscriptions(now)).unwrap_or_default();
    for feed in feeds {
        let site = site_of(&feed.url).unwrap_or_default();
        let partition = road::topics().partition_of(Topic::Feeds, site.as_bytes());
        let value = serde_json::to_vec(&feed).map_err(|error| error.to_string())?;
        let record = NewRecord {
            place: TopicPartition::new(Topic::Feeds, partition),
            timestamp: now,
            key: Some(feed.id.into_bytes()),
            value: Some(value),
            headers: Vec::new(),
        };
        cluster.log().append(vec![record]).map_err(|error| error.to_string())?;
    }
    run(&world);
    let mut text = String::new();
    for topic in INPUTS.into_iter().chain([Topic::Stories]) {
        for record in read_topic(&cluster, topic) {
            let key = String::from_utf8_lossy(record.key.as_deref().unwrap_or_default());
            let value = record.value.unwrap_or_default();
            text.push_str(&line(record.place, record.timestamp, &key, &value));
        }
    }
    for topic in STATES {
        for place in road::topics().partitions(topic) {
            for ((_, key), value) in state(&cluster, topic, place.partition) {
                text.push_str(&line(place, now, &key, &value));
            }
        }
    }
    world.clear();
    Ok(text)
}

/// Begins a road with a written log, with or without its states, and lets it run. The states know
/// all of the inputs, which come once more from their beginning: with them nothing may be told again.
///
/// # Errors
/// A line that cannot be read, and what the cluster refuses.
pub fn resume(text: &str, with_states: bool) -> Result<Resumed, String> {
    let (world, cluster) = settled_web();
    let mut given = 0;
    for (number, line) in text.lines().enumerate() {
        let record = record(line).map_err(|error| format!("line {}: {error}", number + 1))?;
        let topic = record.place.topic;
        // Where the inputs stood belongs to a log whose offsets are gone.
        let is_position = record.key.as_deref().is_some_and(|key| key.starts_with(b"@"));
        if topic == Topic::Stories || is_position || (STATES.contains(&topic) && !with_states) {
            continue;
        }
        given += usize::from(matches!(topic, Topic::Entries | Topic::Pages));
        cluster.log().append(vec![record]).map_err(|error| error.to_string())?;
    }
    world.advance(world.time() + RUN_MS);
    run(&world);
    let mut resumed = Resumed::default();
    for (name, stopped) in
        world.look(|daemon, _, status| (daemon.name.clone(), status.stopped.clone()))
    {
        let reasons =
            stopped.into_iter().map(|(partition, why)| format!("{name} {partition}: {why}"));
        resumed.stopped.extend(reasons);
    }
    let key = |record: &bus::Record| {
        String::from_utf8_lossy(record.key.as_deref().unwrap_or_default()).into_owned()
    };
    resumed.dead = read_topic(&cluster, Topic::DeadLetters).iter().map(key).collect();
    let there =
        read_topic(&cluster, Topic::Entries).len() + read_topic(&cluster, Topic::Pages).len();
    resumed.again = there - given;
    for place in road::topics().partitions(Topic::Stories) {
        for record in read(&cluster, place) {
            resumed.stories.insert(story(record.value.as_deref().unwrap_or_default())?);
        }
    }
    world.clear();
    Ok(resumed)
}

/// Ids of the stories in a written log.
///
/// # Errors
/// A line that cannot be read.
pub fn stories(text: &str) -> Result<BTreeSet<String>, String> {
    let mut ids = BTreeSet::new();
    for line in text.lines() {
        let record = record(line)?;
        if record.place.topic == Topic::Stories {
            ids.insert(story(record.value.as_deref().unwrap_or_default())?);
        }
    }
    Ok(ids)
}

fn story(value: &[u8]) -> Result<String, String> {
    serde_json::from_slice::<StoryEvent>(value)
        .map(|story| story.id)
        .map_err(|error| error.to_string())
}

/// The same web each time, which does not change any more.
fn settled_web() -> (Arc<World>, bus::simulated::Simulated) {
    let (world, cluster) = World::quiet(SITES, SEED);
    let now = Timestamp::from_millis(world.time());
    if let Ok(mut web) = world.web.lock() {
        for _ in 0..CHANGES {
            world.random(|random| web.change(random, now));
        }
    }
    (world, cluster)
}

fn run(world: &Arc<World>) {
    for role in Role::ALL {
        world.start(role, "golden");
    }
    world.advance(world.time() + RUN_MS);
}

fn line(place: TopicPartition, at: Timestamp, key: &str, value: &[u8]) -> String {
    let (topic, partition) = (place.topic.name(), place.partition);
    let value = match std::str::from_utf8(value) {
        Ok(text) if !text.contains(['\t', '\n', '\r']) => format!("t{text}"),
        _ => format!("b{}", STANDARD.encode(value)),
    };
    format!("{topic}\t{partition}\t{}\t{key}\t{value}\n", at.as_millis())
}

fn record(line: &str) -> Result<NewRecord, String> {
    let parts: Vec<&str> = line.split('\t').collect();
    let [topic, partition, at, key, value] = parts[..] else {
        return Err(format!("{} columns", parts.len()));
    };
    let topic = Topic::from_name(topic).ok_or_else(|| format!("no topic {topic}"))?;
    let partition = partition.parse().map_err(|_| "no partition".to_owned())?;
    let at: i64 = at.parse().map_err(|_| "no time".to_owned())?;
    let value = match value.split_at_checked(1) {
        Some(("t", text)) => text.as_bytes().to_vec(),
        Some(("b", text)) => STANDARD.decode(text).map_err(|error| error.to_string())?,
        _ => return Err("no value".to_owned()),
    };
    Ok(NewRecord {
        place: TopicPartition::new(topic, partition),
        timestamp: Timestamp::from_millis(at),
        key: Some(key.as_bytes().to_vec()),
        value: Some(value),
        headers: Vec::new(),
    })
}
