//! One partition of a topic: records and markers, what is open, what is aborted.

use std::collections::{BTreeMap, BTreeSet};

use crate::{NewRecord, Record};

/// Whether a record can be seen by those who read committed records only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Committed,
    /// Of an open transaction of that producer.
    Open(u64),
    Aborted,
    /// A commit or abort marker: nobody sees it, but it has an offset.
    Marker,
}

#[derive(Debug)]
struct Slot {
    record: Record,
    fate: Fate,
}

/// Records in order of offset, with gaps where something was removed.
#[derive(Debug, Default)]
pub(super) struct Partition {
    slots: Vec<Slot>,
    next: i64,
    oldest: i64,
    /// First offset of each open transaction, by producer.
    open: BTreeMap<u64, i64>,
}

impl Partition {
    pub(super) fn append(&mut self, record: &NewRecord, producer: Option<u64>) {
        if let Some(producer) = producer {
            self.open.entry(producer).or_insert(self.next);
        }
        let fate = producer.map_or(Fate::Committed, Fate::Open);
        self.push(record.clone(), fate);
    }

    fn push(&mut self, record: NewRecord, fate: Fate) {
        let NewRecord { place, timestamp, key, value, headers } = record;
        let offset = self.next;
        self.next += 1;
        let record = Record { place, offset, timestamp, key, value, headers };
        self.slots.push(Slot { record, fate });
    }

    /// The marker that ends whatever that producer has open here.
    pub(super) fn mark(&mut self, marker: NewRecord, producer: u64, commit: bool) {
        if let Some(first) = self.open.remove(&producer) {
            let from = self.slots.partition_point(|slot| slot.record.offset < first);
            for slot in &mut self.slots[from..] {
                if slot.fate == Fate::Open(producer) {
                    slot.fate = if commit { Fate::Committed } else { Fate::Aborted };
                }
            }
        }
        self.push(marker, Fate::Marker);
    }

    pub(super) fn oldest(&self) -> i64 {
        self.oldest
    }

    /// The offset after the last record that can be read under `read_committed`.
    pub(super) fn stable(&self) -> i64 {
        self.open.values().copied().min().unwrap_or(self.next)
    }

    /// The offset that the next record gets.
    pub(super) fn end(&self) -> i64 {
        self.next
    }

    /// Records from `from` on that a reader sees.
    pub(super) fn read(&self, from: i64, uncommitted: bool) -> impl Iterator<Item = &Record> {
        let stable = if uncommitted { i64::MAX } else { self.stable() };
        let start = self.slots.partition_point(|slot| slot.record.offset < from);
        self.slots[start..]
            .iter()
            .take_while(move |slot| slot.record.offset < stable)
            .filter(move |slot| match slot.fate {
                Fate::Committed => true,
                Fate::Marker => false,
                Fate::Open(_) | Fate::Aborted => uncommitted,
            })
            .map(|slot| &slot.record)
    }

    pub(super) fn lose_before(&mut self, oldest: i64) {
        self.oldest = self.oldest.max(oldest.min(self.next));
        let oldest = self.oldest;
        self.slots.retain(|slot| slot.record.offset >= oldest);
    }

    /// Removes what compaction may remove.
    pub(super) fn compact(&mut self, tombstones: bool) {
        let stable = self.stable();
        let mut seen: BTreeSet<Vec<u8>> = BTreeSet::new();
        let mut kept: Vec<Slot> = Vec::with_capacity(self.slots.len());
        for slot in std::mem::take(&mut self.slots).into_iter().rev() {
            // The last one is of the active segment, which is never compacted.
            let keep = slot.record.offset >= stable
                || slot.record.offset + 1 == self.next
                || match slot.fate {
                    Fate::Committed => {
                        let key = slot.record.key.clone().unwrap_or_default();
                        let newest = seen.insert(key);
                        newest && !(tombstones && slot.record.value.is_none())
                    }
                    Fate::Open(_) => true,
                    Fate::Aborted | Fate::Marker => false,
                };
            if keep {
                if slot.fate == Fate::Committed {
                    seen.insert(slot.record.key.clone().unwrap_or_default());
                }
                kept.push(slot);
            }
        }
        kept.reverse();
        self.slots = kept;
    }
}
