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
/// And no more of them than this, or as many as the document holds, unless most left it at once.
const KEPT: usize = 50;
/// Never more than this altogether, so that the record stays well below its limit.
pub(super) const MOST: usize = 10_000;
/// Names of one entry that are remembered.
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
    /// Names beside the identity, which is in the id.
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
    /// order. `partial` documents (deliveries) say nothing about what is not in them.
    pub(crate) fn take_in(
        &mut self,
        feed: &str,
        entries: &[ParsedEntry],
        partial: bool,
        now: Timestamp,
    ) -> Vec<Sighting> {
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
        if partial {
            self.make_room(&here);
        } else {
            self.forget(&here, now);
        }
        sightings
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

    /// Forgets what is too much, the oldest first, but nothing that is in the document.
    fn make_room(&mut self, here: &BTreeSet<usize>) {
        if self.entries.len() <= MOST {
            return;
        }
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_key(|at| (!here.contains(at), std::cmp::Reverse(self.entries[*at].first)));
        let kept: BTreeSet<usize> = order.into_iter().take(MOST).collect();
        let mut at = 0..;
        self.entries.retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
    }

    fn forget(&mut self, here: &BTreeSet<usize>, now: Timestamp) {
        let today = u16::try_from(now.as_secs().div_euclid(DAY_S)).unwrap_or(u16::MAX);
        let mut leaving = 0;
        for (index, known) in self.entries.iter_mut().enumerate() {
            if known.left == 0 && !here.contains(&index) {
                known.left = today;
                leaving += 1;
            }
        }
        self.entries
            .retain(|known| known.left == 0 || today.saturating_sub(known.left) <= KEPT_DAYS);
        // A document that is empty, or cut short for once, must not make all its entries strangers.
        let bound = if here.is_empty() || leaving > here.len() {
            MOST
        } else {
            (here.len() + here.len().max(KEPT)).min(MOST)
        };
        if self.entries.len() > bound {
            // Those in the document first, then those that left last; of these, those first seen
            // last.
            self.entries.sort_by_key(|known| {
                let left = if known.left == 0 { u16::MAX } else { known.left };
                std::cmp::Reverse((left, known.first))
            });
            self.entries.truncate(bound);
        }
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
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_764_000_000);

    fn entry(guid: &str, title: &str, link: &str) -> ParsedEntry {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ParsedEntry {
            guid: some(guid),
            title: some(title),
            link: some(link),
            ..ParsedEntry::default()
        }
    }

    fn kinds(sightings: &[Sighting]) -> String {
        let letter = |sighting: &Sighting| match sighting {
            Sighting::New { .. } => "n".to_owned(),
            Sighting::Changed { revision, .. } => revision.to_string(),
            Sighting::Same => "=".to_owned(),
            Sighting::Nothing => "-".to_owned(),
        };
        sightings.iter().map(letter).collect()
    }

    #[test]
    fn an_entry_is_new_once_then_the_same_then_changed() {
        let mut seen = SeenEntries::default();
        let first = [entry("1", "One", "https://a.org/1"), entry("2", "Two", "https://a.org/2")];
        assert_eq!(kinds(&seen.take_in("feed", &first, false, NOW)), "nn");
        assert_eq!(kinds(&seen.take_in("feed", &first, false, NOW)), "==");
        let edited = [entry("1", "One!", "https://a.org/1"), first[1].clone()];
        assert_eq!(kinds(&seen.take_in("feed", &edited, false, NOW)), "2=");
        assert_eq!(kinds(&seen.take_in("feed", &first, false, NOW)), "3=");
    }

    #[test]
    fn an_entry_with_a_new_guid_is_known_by_its_address() {
        let mut seen = SeenEntries::default();
        seen.take_in("feed", &[entry("http://a.org/?p=1", "One", "https://a.org/one")], false, NOW);
        let moved = [entry("urn:uuid:7", "One", "https://a.org/one")];
        assert_eq!(kinds(&seen.take_in("feed", &moved, false, NOW)), "=");
        assert_eq!(kinds(&seen.take_in("feed", &moved, false, NOW)), "=");
        assert_eq!(seen.len(), 1);
    }

    #[test]
    fn an_alias_never_takes_what_another_entry_is_by_right() {
        let mut seen = SeenEntries::default();
        let dated = |guid: &str, link: &str| {
            let mut entry = entry(guid, "Weather", link);
            entry.published_at = Some(NOW);
            entry
        };
        let first = [dated("1", "https://a.org/1")];
        assert_eq!(kinds(&seen.take_in("feed", &first, false, NOW)), "n");
        let both = [dated("2", "https://a.org/2"), first[0].clone()];
        assert_eq!(kinds(&seen.take_in("feed", &both, false, NOW)), "n=");
        assert_eq!(kinds(&seen.take_in("feed", &both, false, NOW)), "==");
    }

    #[test]
    fn an_entry_said_twice_is_one_and_an_empty_one_is_none() {
        let mut seen = SeenEntries::default();
        let one = entry("1", "One", "https://a.org/1");
        let document = [one.clone(), one, ParsedEntry::default()];
        assert_eq!(kinds(&seen.take_in("feed", &document, false, NOW)), "n--");
        assert_eq!(kinds(&seen.take_in("feed", &document, false, NOW)), "=--");
    }

    #[test]
    fn memory_is_bounded_and_what_is_in_the_document_stays() {
        let mut seen = SeenEntries::default();
        for day in 0..40 {
            let now = NOW.plus_millis(day * DAY_S * 1000);
            let document: Vec<ParsedEntry> =
                (0..20).map(|n| entry(&format!("{day}/{n}"), "t", "")).collect();
            seen.take_in("feed", &document, false, now);
            assert_eq!(kinds(&seen.take_in("feed", &document, false, now)), "=".repeat(20));
        }
        assert_eq!(seen.len(), KEPT + 20);
    }

    #[test]
    fn a_document_that_is_empty_for_once_makes_no_entry_new_again() {
        let mut seen = SeenEntries::default();
        let document: Vec<ParsedEntry> =
            (0..300).map(|n| entry(&n.to_string(), "t", &format!("https://a.org/{n}"))).collect();
        seen.take_in("feed", &document, false, NOW);
        for glitches in [vec![&document[..0]; 3], vec![&document[..7]]] {
            for (hours, glitch) in (1..).zip(glitches) {
                seen.take_in("feed", glitch, false, NOW.plus_millis(hours * 3600 * 1000));
            }
            let later = NOW.plus_millis(DAY_S * 1000);
            assert_eq!(kinds(&seen.take_in("feed", &document, false, later)), "=".repeat(300));
        }
    }

    #[test]
    fn parts_of_a_feed_push_out_the_oldest_and_never_themselves() {
        let mut seen = SeenEntries::default();
        let part = |number: usize| -> Vec<ParsedEntry> {
            (0..MOST / 2).map(|n| entry(&format!("{number}/{n}"), "t", "")).collect()
        };
        for number in 0..3 {
            let now = NOW.plus_millis(number as i64 * 1000);
            seen.take_in("feed", &part(number), true, now);
            assert_eq!(seen.len(), MOST.min((number + 1) * MOST / 2));
            assert!(!kinds(&seen.take_in("feed", &part(number), true, now)).contains('n'));
        }
        assert!(!kinds(&seen.take_in("feed", &part(1), true, NOW)).contains('n'));
    }

    #[test]
    fn a_poll_without_news_on_the_same_day_changes_nothing() {
        let mut seen = SeenEntries::default();
        let document = [entry("1", "One", "https://a.org/1")];
        seen.take_in("feed", &document, false, NOW);
        let before = seen.clone();
        seen.take_in("feed", &document, false, NOW.plus_millis(60_000));
        assert_eq!(seen, before);
    }

    proptest::proptest! {
        #[test]
        fn whatever_documents_come_the_record_survives_its_bytes_and_repeats_nothing(
            documents in proptest::collection::vec(
                proptest::collection::vec(("[a-e]{0,2}", "[a-e]{0,2}", "[a-e]{0,1}"), 0..8), 1..6)
        ) {
            let mut seen = SeenEntries::default();
            let mut emitted = BTreeSet::new();
            for (day, document) in documents.iter().enumerate() {
                let now = NOW.plus_millis(day as i64 * DAY_S * 1000);
                let entries: Vec<ParsedEntry> = document
                    .iter()
                    .map(|(guid, title, path)| {
                        let link = format!("https://a.org/{path}");
                        entry(guid, title, if path.is_empty() { "" } else { &link })
                    })
                    .collect();
                for sighting in seen.take_in("feed", &entries, false, now) {
                    let once = match sighting {
                        Sighting::New { id } => emitted.insert((id, 1)),
                        Sighting::Changed { id, revision, .. } => emitted.insert((id, revision)),
                        Sighting::Same | Sighting::Nothing => true,
                    };
                    proptest::prop_assert!(once, "an (entry, revision) came twice");
                }
                let bytes = seen.encode();
                let read = SeenEntries::decode(&bytes);
                proptest::prop_assert_eq!(read.as_ref(), Some(&seen));
                let cut = SeenEntries::decode(&bytes[..bytes.len() - 1]);
                proptest::prop_assert!(cut != read);
            }
        }
    }
}
