//! Finding the records of a changelog that no restore can read: corrupt ones, and those of a newer
//! release.

use std::collections::BTreeMap;

use bus::{Record, Topic};
use events::Timestamp;

use crate::Definition;
use crate::task::{Restored, Task};

/// The records among a partition's changelogs that make its restore fail, each with the reason.
/// `records` are those of all its changelogs, in order within each.
///
/// A stage judges its state record by record, so that it is enough to halve the records until each
/// that fails alone is found.
pub fn unreadable(
    definition: &dyn Definition,
    partition: u32,
    records: impl IntoIterator<Item = Record>,
    now: Timestamp,
) -> Vec<(Record, String)> {
    let mut newest: BTreeMap<(Topic, Vec<u8>), Record> = BTreeMap::new();
    for record in records {
        let key = (record.place.topic, record.key.clone().unwrap_or_default());
        if record.value.is_some() {
            newest.insert(key, record);
        } else {
            newest.remove(&key);
        }
    }
    let newest: Vec<Record> = newest.into_values().collect();
    let mut found = Vec::new();
    search(definition, partition, &newest, now, &mut found);
    found
}

fn search(
    definition: &dyn Definition,
    partition: u32,
    records: &[Record],
    now: Timestamp,
    found: &mut Vec<(Record, String)>,
) {
    let Err(reason) = restore(definition, partition, records, now) else { return };
    match records {
        [] => {}
        [record] => found.push((record.clone(), reason)),
        _ => {
            let (left, right) = records.split_at(records.len() / 2);
            search(definition, partition, left, now, found);
            search(definition, partition, right, now, found);
        }
    }
}

fn restore(
    definition: &dyn Definition,
    partition: u32,
    records: &[Record],
    now: Timestamp,
) -> Result<(), String> {
    let mut restored = Restored::default();
    for record in records {
        restored.load(record.clone());
    }
    if let Some(reason) = restored.corrupt {
        return Err(reason);
    }
    let positions = restored.positions(definition.changelogs()[0])?;
    Task::new(definition, partition, restored.state, positions, now).map(drop)
}
