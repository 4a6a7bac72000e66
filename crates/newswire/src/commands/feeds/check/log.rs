//! What the log knows of a feed's entries, and what became of them.

use std::collections::{BTreeMap, HashMap};

use bus::{Log, Topic, TopicSettings};
use events::{Entry, Fate, Timestamp};
use fetcher::{WaitingPages, Waits};
use publisher::read_fate;
use serde::Serialize;

use crate::failure::Failure;
use crate::open::each_record;

/// An entry of a feed, with its fate.
#[derive(Debug, Serialize)]
pub(super) struct EntryRow {
    pub(super) id: String,
    pub(super) revision: u32,
    pub(super) hop: u32,
    pub(super) title: Option<String>,
    pub(super) link: Option<String>,
    pub(super) seen_at: Timestamp,
    pub(super) backfill: bool,
    /// Null while it is on its way, or where its fate is older than 7 days.
    pub(super) fate: Option<Fate>,
    pub(super) fate_at: Option<Timestamp>,
    /// While it is on its way: what its page waits for.
    pub(super) waits: Option<Waits>,
}

/// The latest entries of a feed that the log still has, the newest first. Hops and revisions are
/// entries of their own: each has a fate.
pub(super) fn entries_of(
    log: &mut dyn Log,
    topics: &TopicSettings,
    feed: &str,
    most: usize,
) -> Result<Vec<EntryRow>, Failure> {
    // By time, then by name: the oldest go first where there are more than are wanted.
    let mut latest: BTreeMap<(Timestamp, String, u32, u32), EntryRow> = BTreeMap::new();
    each_record(log, topics, Topic::Entries, |record| {
        let Some(value) = record.value else { return };
        // Cheaper than reading each entry of the world as JSON.
        if memchr::memmem::find(&value, feed.as_bytes()).is_none() {
            return;
        }
        let Ok(entry) = serde_json::from_slice::<Entry>(&value) else { return };
        if entry.feed.id != feed {
            return;
        }
        let key = (entry.seen_at, entry.id.clone(), entry.revision, entry.hop);
        latest.insert(key, row_of(entry));
        if latest.len() > most {
            latest.pop_first();
        }
    })?;
    let mut rows: Vec<EntryRow> = latest.into_values().rev().collect();
    let mut places: HashMap<(String, u32, u32), usize> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        places.insert((row.id.clone(), row.revision, row.hop), place);
    }
    each_record(log, topics, Topic::PublisherState, |record| {
        let key = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
        let Some((key, value)) = key.zip(record.value.as_deref()) else { return };
        // What cannot be read is for `status` to tell.
        let Ok(Some(known)) = read_fate(key, value) else { return };
        let of = (known.of.entry.to_string(), known.of.revision, known.of.hop);
        if let Some(place) = places.get(&of) {
            rows[*place].fate_at = Some(known.at);
            rows[*place].fate = Some(known.fate);
        }
    })?;
    let on_their_way = |id: &str| rows.iter().any(|row| row.id == id && row.fate.is_none());
    let mut waiting = WaitingPages::default();
    each_record(log, topics, Topic::DownloadState, |record| {
        let key = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
        let Some(key) = key else { return };
        waiting.take_in(key, record.value.as_deref(), on_their_way);
    })?;
    for (of, waits) in waiting.all(runtime::clock::now()) {
        if let Some(place) = places.get(&of) {
            rows[*place].waits = Some(waits);
        }
    }
    Ok(rows)
}

fn row_of(entry: Entry) -> EntryRow {
    EntryRow {
        id: entry.id,
        revision: entry.revision,
        hop: entry.hop,
        title: entry.title,
        link: entry.link,
        seen_at: entry.seen_at,
        backfill: entry.backfill,
        fate: None,
        fate_at: None,
        waits: None,
    }
}
