//! The promise, as an outsider can check it: nothing lost, nothing twice, everything accounted
//! for. Knows nothing of what the articles say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::records::{Row, Topics, newest};

/// (entry id, revision, hop): what has exactly one fate.
pub(crate) type Triple = (String, u64, u64);

fn triple(entry: &Value) -> Option<Triple> {
    Some((entry["id"].as_str()?.to_owned(), entry["revision"].as_u64()?, entry["hop"].as_u64()?))
}

/// What each record of the road is about; records that are none (a test's poison) are left out.
pub(crate) fn triples(topic: &str, row: &Row) -> Option<Triple> {
    match topic {
        "entries" => triple(&row.value),
        "pages" => {
            let (page, _) = row.page()?;
            Some((page.entry.id, page.entry.revision.into(), page.entry.hop.into()))
        }
        _ => triple(&row.value["entry"]),
    }
}

/// The triples of a topic, each of which must be there once.
fn once(topics: &Topics, topic: &str) -> BTreeSet<Triple> {
    let mut seen = BTreeSet::new();
    for row in &topics[topic] {
        if let Some(triple) = triples(topic, row) {
            let name = format!("{triple:?}");
            assert_eq!(row.key(), triple.0, "{topic}: the key is not the entry's id");
            assert!(seen.insert(triple), "{topic}: {name} is there twice");
        }
    }
    seen
}

/// Fates by triple, from the publisher's state.
fn fates(topics: &Topics) -> BTreeMap<Triple, Value> {
    newest(&topics["publisher-state"])
        .into_iter()
        .filter_map(|(key, row)| {
            let mut parts = key.strip_prefix("fate/")?.rsplitn(3, '/');
            let hop = parts.next()?.parse().ok()?;
            let revision = parts.next()?.parse().ok()?;
            Some(((parts.next()?.to_owned(), revision, hop), row.value.clone()))
        })
        .collect()
}

/// Fails where anything is there twice, out of order, or from nowhere. Holds at any time.
pub(crate) fn nothing_twice(topics: &Topics) {
    let (entries, pages) = (once(topics, "entries"), once(topics, "pages"));
    let articles = once(topics, "articles");
    assert!(pages.is_subset(&entries), "pages of no entry: {:?}", pages.difference(&entries));
    assert!(articles.is_subset(&pages), "articles of no page: {:?}", articles.difference(&pages));
    let mut stories: Vec<&Row> = topics["stories"].iter().collect();
    stories.sort_by_key(|row| (row.partition, row.offset));
    let mut last: BTreeMap<&str, &Row> = BTreeMap::new();
    for row in stories {
        let id = row.value["id"].as_str().expect("a story has an id");
        assert_eq!(row.key(), id);
        assert_eq!(row.value["fetched_at"], row.timestamp.as_str(), "{id}: the record's time");
        let before = last.insert(id, row);
        let version = before.map_or(0, |row| row.value["version"].as_u64().expect("version"));
        assert_eq!(row.value["version"], version + 1, "{id}: versions come one by one, in order");
        assert!(before.is_none_or(|before| before.partition == row.partition), "{id}: partition");
    }
    let mut named = BTreeSet::new();
    for (triple, fate) in fates(topics) {
        if fate["fate"] == "story" {
            let story = (fate["story"].to_string(), fate["version"].to_string());
            assert!(named.insert(story), "{triple:?}: another fate names the same story version");
        }
    }
}

/// Whether the road is empty: every (entry, revision, hop) has its page, its article and its
/// fate, every story version its fate. Entries with these links may wait before the page.
pub(crate) fn all_settled(topics: &Topics, may_wait: &BTreeSet<String>) -> Result<(), String> {
    let mut entries = BTreeSet::new();
    let (pages, articles) = (once(topics, "pages"), once(topics, "articles"));
    for row in &topics["entries"] {
        let Some(triple) = triples("entries", row) else { continue };
        let link = row.value["link"].as_str().unwrap_or_default();
        if pages.contains(&triple) || !may_wait.contains(link) {
            entries.insert(triple);
        }
    }
    let fates = fates(topics);
    let fated: BTreeSet<Triple> = fates.keys().cloned().collect();
    for (what, there) in [("page", &pages), ("article", &articles), ("fate", &fated)] {
        let missing: Vec<&Triple> = entries.difference(there).collect();
        if !missing.is_empty() {
            return Err(format!("{} entries without a {what}: {missing:?}", missing.len()));
        }
        let foreign: Vec<&Triple> = there.difference(&entries).collect();
        if !foreign.is_empty() {
            return Err(format!("{what}s of no entry: {foreign:?}"));
        }
    }
    let told: BTreeSet<(String, u64)> = fates
        .values()
        .filter(|fate| fate["fate"] == "story")
        .filter_map(|fate| Some((fate["story"].as_str()?.to_owned(), fate["version"].as_u64()?)))
        .collect();
    let published: BTreeSet<(String, u64)> = topics["stories"]
        .iter()
        .filter(|row| row.value["event"] != "withdrawn")
        .filter_map(|row| Some((row.key().to_owned(), row.value["version"].as_u64()?)))
        .collect();
    if told != published {
        let difference: Vec<_> = told.symmetric_difference(&published).collect();
        return Err(format!("fates and stories differ: {difference:?}"));
    }
    let latest = newest(&topics["stories-latest"]);
    for (id, row) in newest(&topics["stories"]) {
        if latest.get(&id).is_none_or(|latest| latest.value != row.value) {
            return Err(format!("stories-latest has not the newest version of {id}"));
        }
    }
    Ok(())
}

/// How many entries have each fate, as `newswire status` names them.
pub(crate) fn fate_counts(topics: &Topics) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for fate in fates(topics).values() {
        let name = match (fate["fate"].as_str(), fate["source"].as_str(), fate["reason"].as_str()) {
            (Some("story"), Some(source), _) => format!("story ({source})"),
            (Some("skipped"), _, Some(reason)) => format!("skipped: {reason}"),
            (Some(fate), ..) => fate.to_owned(),
            (None, ..) => "unreadable".to_owned(),
        };
        *counts.entry(name).or_default() += 1;
    }
    counts
}
