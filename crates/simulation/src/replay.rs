//! The same input once more, from the beginning, where nothing goes wrong: the same must come out.

use std::collections::BTreeMap;

use bus::simulated::Simulated;
use bus::{Log, NewRecord, Record, Topic};

use crate::oracle::{POISON, read_topic, state};
use crate::plan::Role;
use crate::road;
use crate::world::World;

/// Runs one daemon alone over all that its input topic holds; returns its cluster.
fn replay(world: &World, role: Role, seed: u64) -> Result<Simulated, String> {
    let (alone, cluster) = World::quiet(0, seed);
    let input = road::definition(role).inputs()[0];
    let records: Vec<NewRecord> =
        read_topic(&world.cluster(), input).into_iter().map(again).collect();
    let count = records.len();
    cluster.log().append(records).map_err(|error| error.to_string())?;
    alone.start(role, "replay");
    for _ in 0..600 {
        alone.advance(alone.time() + 1_000);
        let places = road::topics().partitions(input);
        let done = cluster.log().committed(role.name(), &places).map_err(|e| e.to_string())?;
        if done.iter().map(|offset| offset.unwrap_or(0)).sum::<i64>() >= count as i64 {
            alone.advance(alone.time() + 5_000);
            alone.clear();
            return Ok(cluster);
        }
    }
    alone.clear();
    Err(format!("the replay of {} does not come to its end", role.name()))
}

fn again(record: Record) -> NewRecord {
    let Record { place, timestamp, key, value, headers, .. } = record;
    NewRecord { place, timestamp, key, value, headers }
}

/// Key, value and time of each record, in order within its partition.
type Seen = Vec<(u32, Option<Vec<u8>>, Option<Vec<u8>>, i64)>;

fn seen(cluster: &Simulated, topic: Topic) -> Seen {
    read_topic(cluster, topic)
        .into_iter()
        .filter(|r| r.header(crate::oracle::AGAIN).is_none())
        .filter(|r| !r.key.as_deref().unwrap_or_default().starts_with(POISON.as_bytes()))
        .map(|r| (r.place.partition, r.key, r.value, r.timestamp.as_millis()))
        .collect()
}

/// The publisher makes the same stories, groups and state of the same articles.
pub(crate) fn publisher(world: &World, seed: u64) -> Result<(), String> {
    let cluster = replay(world, Role::Publisher, seed)?;
    if seen(&cluster, Topic::Stories) != seen(&world.cluster(), Topic::Stories) {
        return Err("a replay of the publisher makes other stories".to_owned());
    }
    // Compaction may have removed what a group was before.
    let newest = |cluster: &Simulated| -> BTreeMap<_, _> {
        seen(cluster, Topic::Groups)
            .into_iter()
            .map(|(_, key, value, at)| (key, (value, at)))
            .collect()
    };
    if newest(&cluster) != newest(&world.cluster()) {
        return Err("a replay of the publisher makes other groups".to_owned());
    }
    let of = |cluster: &Simulated| -> BTreeMap<_, _> {
        let mut state = state(cluster, Topic::PublisherState, 0);
        state.retain(|(_, key), _| !key.starts_with('@'));
        state
    };
    if of(&cluster) == of(&world.cluster()) {
        Ok(())
    } else {
        Err("a replay of the publisher makes other state".to_owned())
    }
}

/// The extractor makes the same articles of the same pages, in whatever order of partitions.
pub(crate) fn extractor(world: &World, seed: u64) -> Result<(), String> {
    let cluster = replay(world, Role::Extractor, seed)?;
    let sorted = |mut seen: Seen| {
        seen.sort();
        seen
    };
    let (made, before) = (seen(&cluster, Topic::Articles), seen(&world.cluster(), Topic::Articles));
    if sorted(made) == sorted(before) {
        Ok(())
    } else {
        Err("a replay of the extractor makes other articles".to_owned())
    }
}
