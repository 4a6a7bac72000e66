//! The entries of a feed that are known: by which names, in which revision. Bounded.

use std::collections::BTreeMap;

use events::{Timestamp, entry_id, sha256_hex};
use serde::{Deserialize, Serialize};

use crate::feed::ParsedEntry;

/// Letters of a hash that tell names apart inside one feed: 64 bits.
const HASH_LENGTH: usize = 16;
const DAY_S: i64 = 24 * 3600;
/// Entries that have left the document are remembered for so many days: some come back.
const KEPT_DAYS: i64 = 30;
/// And no more of them than this, or twice as many as the document holds.
const KEPT: usize = 200;
/// Never more than this, so that the record stays well below its limit.
const MOST: usize = 10_000;

/// A known entry. The names of its fields are short because there are millions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    /// Entry id.
    i: String,
    /// Revision.
    r: u32,
    /// Fingerprint of the revision.
    f: String,
    /// Day last seen in the document, since 1970: a poll without news changes nothing here.
    d: i64,
    /// First seen, in Unix seconds.
    s: i64,
    /// Names, hashed; the identity first.
    k: Vec<String>,
}

/// All known entries of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SeenEntries {
    pub(crate) v: u32,
    e: Vec<Known>,
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
        self.e.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.e.is_empty()
    }

    /// Compares a document with what is known, and takes it in. One sighting for each entry, in
    /// order.
    pub(crate) fn take_in(
        &mut self,
        feed: &str,
        entries: &[ParsedEntry],
        now: Timestamp,
    ) -> Vec<Sighting> {
        let names: Vec<Vec<String>> = entries.iter().map(names_of).collect();
        let mut by_identity: BTreeMap<String, usize> = BTreeMap::new();
        let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
        for (index, known) in self.e.iter().enumerate() {
            for (place, name) in known.k.iter().enumerate() {
                if place == 0 {
                    by_identity.entry(name.clone()).or_insert(index);
                }
                by_name.entry(name.clone()).or_insert(index);
            }
        }
        // First those known by their own identity; an alias must not take away what another entry
        // of the same document is by right.
        let mut claimed: BTreeMap<usize, usize> = BTreeMap::new();
        let mut found: Vec<Option<usize>> = vec![None; entries.len()];
        for (at, names) in names.iter().enumerate() {
            if let Some(known) = names.first().and_then(|name| by_identity.get(name))
                && !claimed.contains_key(known)
            {
                claimed.insert(*known, at);
                found[at] = Some(*known);
            }
        }
        for (at, names) in names.iter().enumerate() {
            if found[at].is_none()
                && let Some(known) = names.iter().find_map(|name| {
                    by_name.get(name).filter(|known| !claimed.contains_key(*known))
                })
            {
                claimed.insert(*known, at);
                found[at] = Some(*known);
            }
        }
        let mut sightings = Vec::with_capacity(entries.len());
        let mut taken: BTreeMap<String, ()> = BTreeMap::new();
        for ((entry, names), found) in entries.iter().zip(names).zip(found) {
            let repeats = names.first().is_none_or(|identity| {
                found.is_none() && by_identity.contains_key(identity)
                    || taken.insert(identity.clone(), ()).is_some()
            });
            let Some(identity) = entry.identity().filter(|_| !repeats) else {
                sightings.push(Sighting::Nothing);
                continue;
            };
            let fingerprint = short(&entry.fingerprint());
            let day = now.as_secs().div_euclid(DAY_S);
            let Some(known) = found else {
                let id = entry_id(feed, &identity);
                sightings.push(Sighting::New { id: id.clone() });
                let s = now.as_secs();
                self.e.push(Known { i: id, r: 1, f: fingerprint, d: day, s, k: names });
                continue;
            };
            let known = &mut self.e[known];
            known.d = day;
            for name in names {
                // Names an entry once had stay its names, a few of them.
                if !known.k.contains(&name) && known.k.len() < 8 {
                    known.k.push(name);
                }
            }
            if known.f == fingerprint {
                sightings.push(Sighting::Same);
                continue;
            }
            known.f = fingerprint;
            known.r += 1;
            sightings.push(Sighting::Changed {
                id: known.i.clone(),
                revision: known.r,
                first_seen_at: Timestamp::from_secs(known.s),
            });
        }
        self.forget(entries.len(), now);
        sightings
    }

    fn forget(&mut self, in_document: usize, now: Timestamp) {
        let today = now.as_secs().div_euclid(DAY_S);
        let bound = (in_document * 2).max(KEPT).min(MOST);
        self.e.retain(|known| known.d >= today - KEPT_DAYS);
        if self.e.len() > bound {
            // Stable: among those last seen on one day the ones first seen go first.
            self.e.sort_by_key(|known| std::cmp::Reverse((known.d, known.s)));
            self.e.truncate(bound);
        }
    }
}

/// The hashed names of an entry, its identity first; empty for one that says nothing.
fn names_of(entry: &ParsedEntry) -> Vec<String> {
    let Some(identity) = entry.identity() else { return Vec::new() };
    let mut names = vec![short(&sha256_hex(identity.as_bytes()))];
    for key in entry.keys() {
        let name = short(&sha256_hex(key.as_bytes()));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn short(hash: &str) -> String {
    hash.chars().take(HASH_LENGTH).collect()
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
        assert_eq!(kinds(&seen.take_in("feed", &first, NOW)), "nn");
        assert_eq!(kinds(&seen.take_in("feed", &first, NOW)), "==");
        let edited = [entry("1", "One!", "https://a.org/1"), first[1].clone()];
        assert_eq!(kinds(&seen.take_in("feed", &edited, NOW)), "2=");
        assert_eq!(kinds(&seen.take_in("feed", &first, NOW)), "3=");
    }

    #[test]
    fn an_entry_with_a_new_guid_is_known_by_its_address() {
        let mut seen = SeenEntries::default();
        seen.take_in("feed", &[entry("http://a.org/?p=1", "One", "https://a.org/one")], NOW);
        let moved = [entry("urn:uuid:7", "One", "https://a.org/one")];
        assert_eq!(kinds(&seen.take_in("feed", &moved, NOW)), "=");
        assert_eq!(kinds(&seen.take_in("feed", &moved, NOW)), "=");
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
        assert_eq!(kinds(&seen.take_in("feed", &first, NOW)), "n");
        let both = [dated("2", "https://a.org/2"), first[0].clone()];
        assert_eq!(kinds(&seen.take_in("feed", &both, NOW)), "n=");
        assert_eq!(kinds(&seen.take_in("feed", &both, NOW)), "==");
    }

    #[test]
    fn an_entry_said_twice_is_one_and_an_empty_one_is_none() {
        let mut seen = SeenEntries::default();
        let one = entry("1", "One", "https://a.org/1");
        let document = [one.clone(), one, ParsedEntry::default()];
        assert_eq!(kinds(&seen.take_in("feed", &document, NOW)), "n--");
        assert_eq!(kinds(&seen.take_in("feed", &document, NOW)), "=--");
    }

    #[test]
    fn memory_is_bounded_and_what_is_in_the_document_stays() {
        let mut seen = SeenEntries::default();
        for day in 0..40 {
            let now = NOW.plus_millis(day * DAY_S * 1000);
            let document: Vec<ParsedEntry> =
                (0..20).map(|n| entry(&format!("{day}/{n}"), "t", "")).collect();
            seen.take_in("feed", &document, now);
            assert_eq!(kinds(&seen.take_in("feed", &document, now)), "=".repeat(20));
        }
        assert_eq!(seen.len(), KEPT);
    }

    #[test]
    fn a_poll_without_news_on_the_same_day_changes_nothing() {
        let mut seen = SeenEntries::default();
        let document = [entry("1", "One", "https://a.org/1")];
        seen.take_in("feed", &document, NOW);
        let before = seen.clone();
        seen.take_in("feed", &document, NOW.plus_millis(60_000));
        assert_eq!(seen, before);
    }
}
