//! What pages wait for, read from the changelog `download-state`, for people. Knows no stage.

use std::collections::BTreeMap;

use events::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::download::WaitRecord;
use crate::robots::Robots;
use crate::sites::Budget;

/// Why an entry's page was not had yet, and when it is asked for at the earliest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waits {
    /// Why.
    pub why: String,
    /// When.
    pub until: Timestamp,
}

/// The pages that wait, and what is known of their sites: the newest record of each key.
#[derive(Debug, Default)]
pub struct WaitingPages {
    pages: BTreeMap<String, WaitRecord>,
    robots: BTreeMap<String, Robots>,
    sites: BTreeMap<String, Budget>,
}

impl WaitingPages {
    /// Takes in a record of `download-state`; of pages those that are `wanted` by entry id.
    pub fn take_in(&mut self, key: &str, value: Option<&[u8]>, wanted: impl Fn(&str) -> bool) {
        if let Some(page) = key.strip_prefix("wait/") {
            put(&mut self.pages, page, value, |record| wanted(&record.entry.id));
        } else if let Some(origin) = key.strip_prefix("robots/") {
            put(&mut self.robots, origin, value, |robots| robots.unreachable);
        } else if let Some(site) = key.strip_prefix("site/") {
            put(&mut self.sites, site, value, |site| site.blocked_until.is_some());
        }
    }

    /// What each of the pages waits for, by entry id, revision and hop.
    pub fn all(&self, now: Timestamp) -> BTreeMap<(String, u32, u32), Waits> {
        let waits = self.pages.iter().map(|(key, record)| {
            let entry = &record.entry;
            let site = key.rsplit_once('/').map_or("", |(site, _)| site);
            ((entry.id.clone(), entry.revision, entry.hop), self.waits(site, record, now))
        });
        waits.collect()
    }

    /// The latest of all that holds it back.
    fn waits(&self, site: &str, record: &WaitRecord, now: Timestamp) -> Waits {
        let origin = Url::parse(record.url()).map(|url| url.origin().ascii_serialization());
        let robots = origin.ok().and_then(|origin| self.robots.get(&origin));
        let blocked_until = self.sites.get(site).and_then(|site| site.blocked_until);
        let own = match record.attempts {
            0 => "its site's turn".to_owned(),
            1 => "a request that failed is repeated".to_owned(),
            failed => format!("{failed} requests failed, and it is asked for again"),
        };
        let holds = [
            Some((record.ready_at, own)),
            blocked_until.map(|until| (until, "its site asked for patience".to_owned())),
            robots.map(|robots| (robots.expires_at, robots.says.clone())),
        ];
        let latest = holds.into_iter().flatten().max_by_key(|(until, _)| *until);
        // The first of them is always there.
        let (until, why) = latest.unwrap_or_default();
        Waits { why, until: until.max(now) }
    }
}

fn put<T: DeserializeOwned>(
    records: &mut BTreeMap<String, T>,
    key: &str,
    value: Option<&[u8]>,
    wanted: impl Fn(&T) -> bool,
) {
    // What cannot be read is for `state repair` to tell.
    let record = value.and_then(|value| serde_json::from_slice(value).ok()).filter(wanted);
    match record {
        Some(record) => records.insert(key.to_owned(), record),
        None => records.remove(key),
    };
}

#[cfg(test)]
mod tests {
    use events::Entry;

    use super::*;

    fn bytes(record: &impl Serialize) -> Vec<u8> {
        serde_json::to_vec(record).unwrap()
    }

    const NOW: Timestamp = Timestamp::from_secs(1_764_000_000);

    #[test]
    fn what_holds_a_page_back_longest_is_told_and_what_was_taken_back_is_forgotten() {
        let page = |attempts: u32, wait_ms: i64| {
            let entry = Entry {
                id: "e".to_owned(),
                link: Some("https://www.example.org/1".to_owned()),
                ..Entry::default()
            };
            let new = WaitRecord::new(entry, NOW);
            WaitRecord { attempts, ready_at: NOW.plus_millis(wait_ms), ..new }
        };
        let mut waiting = WaitingPages::default();
        let waits = |waiting: &WaitingPages| waiting.all(NOW).remove(&("e".to_owned(), 0, 0));
        let key = "wait/example.org/0000000000000001";
        let wanted = |id: &str| id == "e";
        let told = |why: &str, wait_ms: i64| {
            Some(Waits { why: why.to_owned(), until: NOW.plus_millis(wait_ms) })
        };
        waiting.take_in(key, Some(&bytes(&page(0, -5))), wanted);
        assert_eq!(waits(&waiting), told("its site's turn", 0));
        waiting.take_in(key, Some(&bytes(&page(1, 60_000))), wanted);
        assert_eq!(waits(&waiting), told("a request that failed is repeated", 60_000));
        let robots = Robots::closed("robots.txt answers 500".to_owned(), None, NOW);
        let origin = "robots/https://www.example.org";
        waiting.take_in(origin, Some(&bytes(&robots)), wanted);
        assert_eq!(waits(&waiting), told("robots.txt answers 500", 3_600_000));
        waiting.take_in(origin, Some(&bytes(&Robots::open(String::new(), NOW))), wanted);
        assert_eq!(waits(&waiting), told("a request that failed is repeated", 60_000));
        let mut site = Budget::default();
        site.refuse(Some(90_000), NOW);
        waiting.take_in("site/example.org", Some(&bytes(&site)), wanted);
        assert_eq!(waits(&waiting), told("its site asked for patience", 90_000));
        waiting.take_in(key, None, wanted);
        assert_eq!(waits(&waiting), None);
        waiting.take_in(key, Some(&bytes(&page(0, 0))), |_| false);
        assert_eq!(waits(&waiting), None);
    }
}
