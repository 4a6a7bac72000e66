//! The entries of a feed that are known: by which names, in which revision. Bounded, and small,
//! because there are a million feeds: an entry costs about 40 bytes.

use std::collections::{BTreeMap, BTreeSet};

use events::{Timestamp, entry_id, hash_bytes};

use crate::codec::{PackedId, Reader, Writer, pack, unpack};
use crate::feed::ParsedEntry;

const DAY_S: i64 = 24 * 3600;
/// Entries that have left the document are remembered for so many days: some come back. Those that
/// come later still are told by the publisher, which knows their addresses for longer.
const KEPT_DAYS: u16 = 7;
/// And no more of them than this, or as many as the document holds, unless it was cut short.
const KEPT: usize = 50;
/// Never more than this altogether, so that the record stays well below its limit.
pub(super) const MOST: usize = 10_000;
/// Names of one entry that are remembered, beside those of the sitemaps that list it.
const MOST_NAMES: usize = 8;

/// 40 bits of a hash: among the few hundred names of one feed two meet once in three thousand
/// million new entries.
type Name = [u8; 5];

/// A known entry.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    id: PackedId,
    revision: u32,
    /// Fingerprint of the revision.
    print: [u8; 4],
    /// First seen, in Unix seconds.
    first: u32,
    /// Day on which it was not in the document any more, since 1970; 0 while it is there.
    left: u16,
    /// Names beside the identity, which is in the id; those of the sitemaps that list it, too.
    names: Vec<Name>,
}

/// All known entries of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SeenEntries {
    entries: Vec<Known>,
}

/// What an entry of the document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sighting {
    /// Not known before.
    New { id: String },
    /// Known, and what a reader sees has changed.
    Changed { id: String, revision: u32, first_seen_at: Timestamp },
    /// Known and unchanged.
    Same,
    /// It says nothing, or repeats another entry of the document.
    Nothing,
}

/// How much of its feed a document is.
#[derive(Debug)]
pub(crate) enum Extent<'a> {
    /// All of it: what is not in it has left. `cut_at`: when it last held less than half of what
    /// it had held before.
    Whole { cut_at: &'a mut Option<Timestamp> },
    /// A sitemap of an index. What `others` do not list has left where it is not in this one.
    Sitemap { url: &'a str, others: &'a [&'a str] },
    /// Some of it, such as a hub's delivery: it says nothing about what is not in it.
    Part,
}

impl SeenEntries {
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The state record.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        for known in &self.entries {
            writer.raw(&known.id);
            writer.number(u64::from(known.revision));
            writer.raw(&known.print);
            writer.raw(&known.first.to_le_bytes());
            let here = known.left == 0;
            writer.number((known.names.len() as u64) << 1 | u64::from(here));
            if !here {
                writer.raw(&known.left.to_le_bytes());
            }
            for name in &known.names {
                writer.raw(name);
            }
        }
        writer.into_bytes()
    }

    /// Reads a state record; `None` where it is none of this version.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes)?;
        let mut entries = Vec::new();
        while !reader.is_at_end() {
            let id = reader.array()?;
            let revision = u32::try_from(reader.number()?).ok()?;
            let print = reader.array()?;
            let first = u32::from_le_bytes(reader.array()?);
            let packed = reader.number()?;
            let left = if packed & 1 == 1 { 0 } else { u16::from_le_bytes(reader.array()?) };
            let names = (0..packed >> 1).map(|_| reader.array()).collect::<Option<_>>()?;
            entries.push(Known { id, revision, print, first, left, names });
        }
        Some(Self { entries })
    }

    /// Takes in what another record of the same feed knew and this one does not.
    pub(crate) fn merge(&mut self, other: Self) {
        let known: BTreeSet<PackedId> = self.entries.iter().map(|known| known.id).collect();
        self.entries.extend(other.entries.into_iter().filter(|entry| !known.contains(&entry.id)));
        self.entries.truncate(MOST);
    }

    /// Compares a document with what is known, and takes it in. One sighting for each entry, in
    /// order.
    pub(crate) fn take_in(
        &mut self,
        feed: &str,
        entries: &[ParsedEntry],
        extent: Extent<'_>,
        now: Timestamp,
    ) -> Vec<Sighting> {
        let held = self.entries.iter().filter(|known| known.left == 0).count();
        let named: Vec<Option<Named>> =
            entries.iter().map(|entry| Named::of(feed, entry)).collect();
        let found = self.find(&named);
        let mut sightings = Vec::with_capacity(entries.len());
        let mut taken: BTreeSet<PackedId> = BTreeSet::new();
        let mut here: BTreeSet<usize> = BTreeSet::new();
        let known_ids: BTreeSet<PackedId> = self.entries.iter().map(|known| known.id).collect();
        for ((entry, named), found) in entries.iter().zip(named).zip(found) {
            let named = named.filter(|named| {
                (found.is_some() || !known_ids.contains(&named.packed))
                    && taken.insert(named.packed)
            });
            let Some(named) = named else {
                sightings.push(Sighting::Nothing);
                continue;
            };
            let print = print_of(entry);
            let Some(index) = found else {
                here.insert(self.entries.len());
                self.entries.push(Known {
                    id: named.packed,
                    revision: 1,
                    print,
                    first: u32::try_from(now.as_secs()).unwrap_or_default(),
                    left: 0,
                    names: named.names,
                });
                sightings.push(Sighting::New { id: named.id });
                continue;
            };
            here.insert(index);
            let known = &mut self.entries[index];
            known.left = 0;
            let other = (named.packed != known.id).then_some(named.identity);
            for name in other.into_iter().chain(named.names) {
                // Names an entry once had stay its names, a few of them.
                if !known.names.contains(&name) && known.names.len() < MOST_NAMES {
                    known.names.push(name);
                }
            }
            if known.print == print {
                sightings.push(Sighting::Same);
                continue;
            }
            known.print = print;
            known.revision += 1;
            sightings.push(Sighting::Changed {
                id: unpack(&known.id),
                revision: known.revision,
                first_seen_at: Timestamp::from_secs(i64::from(known.first)),
            });
        }
        match extent {
            Extent::Whole { cut_at } => self.forget(&here, held, cut_at, now),
            Extent::Sitemap { url, others } => {
                let sitemap = name_of_sitemap(url);
                for index in &here {
                    let names = &mut self.entries[*index].names;
                    if !names.contains(&sitemap) {
                        names.push(sitemap);
                    }
                }
                self.leave(sitemap, &here, others, now);
                self.keep_most(MOST, &here);
                self.expire(now);
            }
            Extent::Part => self.keep_most(MOST, &here),
        }
        sightings
    }

    /// An index does not list a sitemap any more: what `others` do not list either has left.
    pub(crate) fn leave_sitemap(&mut self, url: &str, others: &[&str], now: Timestamp) {
        self.leave(name_of_sitemap(url), &BTreeSet::new(), others, now);
    }

    /// A sitemap lists nothing any more but what is `here`.
    fn leave(&mut self, sitemap: Name, here: &BTreeSet<usize>, others: &[&str], now: Timestamp) {
        let others: Vec<Name> = others.iter().map(|url| name_of_sitemap(url)).collect();
        for (index, known) in self.entries.iter_mut().enumerate() {
            if here.contains(&index) || !known.names.contains(&sitemap) {
                continue;
            }
            known.names.retain(|name| *name != sitemap);
            if known.left == 0 && !known.names.iter().any(|name| others.contains(name)) {
                known.left = day_of(now);
            }
        }
    }

    /// The known entry that each entry of the document is. First those known by their own
    /// identity; an alias must not take away what another entry of the document is by right.
    fn find(&self, named: &[Option<Named>]) -> Vec<Option<usize>> {
        let mut by_id: BTreeMap<PackedId, usize> = BTreeMap::new();
        let mut by_name: BTreeMap<Name, usize> = BTreeMap::new();
        for (index, known) in self.entries.iter().enumerate() {
            by_id.entry(known.id).or_insert(index);
            for name in &known.names {
                by_name.entry(*name).or_insert(index);
            }
        }
        let mut claimed: BTreeSet<usize> = BTreeSet::new();
        let mut found: Vec<Option<usize>> = vec![None; named.len()];
        for (at, named) in named.iter().enumerate() {
            let known = named.as_ref().and_then(|named| by_id.get(&named.packed));
            found[at] = known.copied().filter(|known| claimed.insert(*known));
        }
        for (at, named) in named.iter().enumerate() {
            let Some(named) = named.as_ref().filter(|_| found[at].is_none()) else { continue };
            let names = std::iter::once(&named.identity).chain(&named.names);
            let known = names.filter_map(|name| by_name.get(name)).find(|at| !claimed.contains(at));
            if let Some(known) = known {
                claimed.insert(*known);
                found[at] = Some(*known);
            }
        }
        found
    }

    /// Keeps no more than `bound`: those in the document first, then those that are in another
    /// sitemap, then those that left last; of these, those first seen last.
    fn keep_most(&mut self, bound: usize, here: &BTreeSet<usize>) {
        if self.entries.len() <= bound {
            return;
        }
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(|at| {
            let known = &self.entries[*at];
            let left = if known.left == 0 { u16::MAX } else { known.left };
            (!here.contains(at), std::cmp::Reverse((left, known.first)))
        });
        let kept: BTreeSet<usize> = order.into_iter().take(bound).collect();
        let mut at = 0..;
        self.entries.retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
    }

    /// The whole document was read, which had `held` entries before: what is not `here` has left.
    fn forget(
        &mut self,
        here: &BTreeSet<usize>,
        held: usize,
        cut_at: &mut Option<Timestamp>,
        now: Timestamp,
    ) {
        let today = day_of(now);
        for (index, known) in self.entries.iter_mut().enumerate() {
            if known.left == 0 && !here.contains(&index) {
                known.left = today;
            }
        }
        // A document that is empty, or cut short, must not make all its entries strangers, however
        // long it stays so.
        if held > 2 * here.len() {
            *cut_at = Some(now);
        }
        *cut_at = cut_at.filter(|at| today.saturating_sub(day_of(*at)) <= KEPT_DAYS);
        let bound =
            if cut_at.is_some() { MOST } else { (here.len() + here.len().max(KEPT)).min(MOST) };
        self.keep_most(bound, here);
        self.expire(now);
    }

    /// Forgets what left too long ago. What a sitemap lists has not left, however rarely it is read.
    fn expire(&mut self, now: Timestamp) {
        let today = day_of(now);
        self.entries
            .retain(|known| known.left == 0 || today.saturating_sub(known.left) <= KEPT_DAYS);
    }
}

/// What an entry of a document is called.
struct Named {
    id: String,
    packed: PackedId,
    identity: Name,
    names: Vec<Name>,
}

impl Named {
    /// `None` for an entry that says nothing.
    fn of(feed: &str, entry: &ParsedEntry) -> Option<Self> {
        let identity = entry.identity()?;
        let id = entry_id(feed, &identity);
        let mut names: Vec<Name> = Vec::new();
        for key in entry.keys() {
            // What is only the identity once more is in the id already.
            let name = name_of(&key);
            let repeats = key.strip_prefix("guid:") == Some(&identity) || key == identity;
            if !repeats && !names.contains(&name) {
                names.push(name);
            }
        }
        let packed = pack(&id);
        Some(Self { id, packed, identity: name_of(&format!("guid:{identity}")), names })
    }
}

/// No key of an entry begins so.
fn name_of_sitemap(url: &str) -> Name {
    name_of(&format!("sitemap:{url}"))
}

/// Days since 1970.
fn day_of(at: Timestamp) -> u16 {
    u16::try_from(at.as_secs().div_euclid(DAY_S)).unwrap_or(u16::MAX)
}

fn name_of(key: &str) -> Name {
    first_bytes(&hash_bytes(key))
}

fn print_of(entry: &ParsedEntry) -> [u8; 4] {
    first_bytes(&hash_bytes(&entry.fingerprint()))
}

fn first_bytes<const N: usize>(hash: &[u8; 32]) -> [u8; N] {
    hash.first_chunk().copied().unwrap_or([0; N])
}

#[cfg(test)]
mod tests;
