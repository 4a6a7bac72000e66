//! What must hold, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use bus::simulated::Simulated;
use bus::{Log, PollLimit, Record, Topic, TopicPartition};
use events::{Article, Entry, Fate, Page, REVISIT_HOPS, StoryEvent};
use publisher::FateKey;
use stage::{DeadLetterReason, Inspection};

use crate::plan::Role;
use crate::road;
use crate::world::World;

/// Header of a record that the simulation wrote a second time.
pub(crate) const AGAIN: &str = "simulation-again";
/// Key prefix of a record that nobody can process.
pub(crate) const POISON: &str = "poison/";

/// (entry id, revision, hop).
pub(crate) type EntryKey = (String, u32, u32);

/// All committed records of a partition.
pub(crate) fn read(cluster: &Simulated, place: TopicPartition) -> Vec<Record> {
    let limit = PollLimit { records: usize::MAX, bytes: usize::MAX };
    cluster.log().read(place, 0, limit, std::time::Duration::ZERO).unwrap_or_default()
}

/// All committed records of a topic, by partition, in order.
pub(crate) fn read_topic(cluster: &Simulated, topic: Topic) -> Vec<Record> {
    let places = road::topics().partitions(topic);
    places.into_iter().flat_map(|place| read(cluster, place)).collect()
}

fn is_again(record: &Record) -> bool {
    record.header(AGAIN).is_some()
}

fn is_poison(record: &Record) -> bool {
    record.key.as_deref().unwrap_or_default().starts_with(POISON.as_bytes())
}

fn key_of(entry: &Entry) -> EntryKey {
    (entry.id.clone(), entry.revision, entry.hop)
}

/// What the road carried, read back from the cluster.
pub(crate) struct Carried {
    pub(crate) entries: Vec<(Entry, bool)>,
    /// Keys of pages, and whether the simulation wrote it again.
    pub(crate) pages: Vec<(EntryKey, bool)>,
    pub(crate) articles: Vec<(EntryKey, bool)>,
    pub(crate) stories: Vec<StoryEvent>,
    /// Newest value of each key of `stories-latest`.
    pub(crate) latest: BTreeMap<String, Option<StoryEvent>>,
    pub(crate) fates: BTreeMap<FateKey, Fate>,
    /// Key of each dead letter.
    pub(crate) dead: Vec<(String, DeadLetterReason)>,
}

fn decode<T>(
    cluster: &Simulated,
    topic: Topic,
    decode: impl Fn(&[u8]) -> Result<T, String>,
) -> Result<Vec<(T, bool)>, String> {
    let mut all = Vec::new();
    for record in read_topic(cluster, topic) {
        if is_poison(&record) {
            continue;
        }
        let value = record.value.as_deref().unwrap_or_default();
        let value = decode(value).map_err(|error| format!("{}: {error}", record.place))?;
        all.push((value, is_again(&record)));
    }
    Ok(all)
}

impl Carried {
    pub(crate) fn read(cluster: &Simulated) -> Result<Self, String> {
        let entries = decode(cluster, Topic::Entries, |value| {
            serde_json::from_slice::<Entry>(value).map_err(|error| error.to_string())
        })?;
        let pages = decode(cluster, Topic::Pages, |value| {
            let (page, _) = Page::decode(value).map_err(|error| error.to_string())?;
            Ok(key_of(&page.entry))
        })?;
        let articles = decode(cluster, Topic::Articles, |value| {
            match serde_json::from_slice(value).map_err(|error| error.to_string())? {
                Article::Entry { entry, .. } => Ok(key_of(&entry)),
                Article::Withdraw(_) => Err("nobody withdrew anything".to_owned()),
            }
        })?;
        let story = |value: &[u8]| {
            serde_json::from_slice::<StoryEvent>(value).map_err(|error| error.to_string())
        };
        let stories = decode(cluster, Topic::Stories, story)?;
        let mut latest = BTreeMap::new();
        for record in read_topic(cluster, Topic::StoriesLatest) {
            let key = String::from_utf8_lossy(record.key.as_deref().unwrap_or_default());
            let value = record.value.as_deref().map(story).transpose()?;
            latest.insert(key.into_owned(), value);
        }
        let mut fates = BTreeMap::new();
        for ((_, key), value) in state(cluster, Topic::PublisherState, 0) {
            match publisher::read_fate(&key, &value) {
                Ok(Some(fate)) => {
                    fates.insert(fate.of, fate.fate);
                }
                Ok(None) => {}
                Err(error) => return Err(format!("{key}: {error}")),
            }
        }
        let dead = read_topic(cluster, Topic::DeadLetters)
            .iter()
            .map(|record| {
                let key = String::from_utf8_lossy(record.key.as_deref().unwrap_or_default());
                let reason = DeadLetterReason::of(record).ok_or("a dead letter without reason")?;
                Ok((key.into_owned(), reason))
            })
            .collect::<Result<_, &str>>()?;
        let stories = stories.into_iter().map(|(story, _)| story).collect();
        Ok(Self { entries, pages, articles, stories, latest, fates, dead })
    }

    /// What is still missing: not a fault until nothing more can be waited for.
    pub(crate) fn missing(&self, world: &World, poisons: &[String]) -> Option<String> {
        let entries: BTreeSet<(&str, &str, &str)> = self
            .entries
            .iter()
            .map(|(entry, _)| {
                let link = entry.link.as_deref().unwrap_or_default();
                (entry.feed.id.as_str(), link, entry.title.as_deref().unwrap_or_default())
            })
            .collect();
        let shown = world.web.lock().map(|web| web.shown()).unwrap_or_default();
        for (feed, shown) in &shown {
            for (link, title) in shown {
                if !entries.contains(&(feed.as_str(), link.as_str(), title.as_str())) {
                    return Some(format!("no entry of {feed} for {link} with the title {title:?}"));
                }
            }
        }
        let pages: BTreeSet<&EntryKey> = self.pages.iter().map(|(key, _)| key).collect();
        for (entry, _) in &self.entries {
            if !pages.contains(&key_of(entry)) {
                return Some(format!("no page of {:?} ({:?})", key_of(entry), entry.link));
            }
        }
        let articles: BTreeSet<&EntryKey> = self.articles.iter().map(|(key, _)| key).collect();
        for (key, _) in &self.pages {
            if !articles.contains(key) {
                return Some(format!("no article of {key:?}"));
            }
        }
        for (key, _) in &self.articles {
            let (id, revision, hop) = key;
            let of = FateKey { entry: id.as_str().into(), revision: *revision, hop: *hop };
            if !self.fates.contains_key(&of) {
                return Some(format!("no fate of {key:?}"));
            }
        }
        if let Some(missing) = self.missing_words(world) {
            return Some(missing);
        }
        for poison in poisons {
            if !self.dead.iter().any(|(key, _)| key == poison) {
                return Some(format!("no dead letter of {poison}"));
            }
        }
        None
    }

    /// An article whose page can be had is a story with the words that it has now.
    fn missing_words(&self, world: &World) -> Option<String> {
        let web = world.web.lock().ok()?;
        let told: BTreeMap<&str, &StoryEvent> = self
            .latest
            .values()
            .flatten()
            .filter_map(|story| Some((story.url.as_deref()?, story)))
            .collect();
        web.readable().into_iter().find_map(|(url, (title, text))| {
            let Some(story) = told.get(url) else { return Some(format!("no story of {url}")) };
            let has = (story.title.as_deref(), story.text.as_deref());
            let wanted = (Some(title), Some(text.as_str()));
            (has != wanted).then(|| format!("{url} is {has:?}, not {wanted:?}"))
        })
    }

    /// What must never be, at any time.
    pub(crate) fn check(&self) -> Result<(), String> {
        let first_hand = |all: &[(EntryKey, bool)]| -> Vec<EntryKey> {
            all.iter().filter(|(_, again)| !again).map(|(key, _)| key.clone()).collect()
        };
        let entries: Vec<EntryKey> =
            self.entries.iter().filter(|(_, again)| !again).map(|(e, _)| key_of(e)).collect();
        once("entries", &entries)?;
        once("pages", &first_hand(&self.pages))?;
        // Each page, whoever wrote it, has one article.
        let mut balance: BTreeMap<&EntryKey, i64> = BTreeMap::new();
        for (key, _) in &self.pages {
            *balance.entry(key).or_default() += 1;
        }
        for (key, _) in self.articles.iter().filter(|(_, again)| !again) {
            *balance.entry(key).or_default() -= 1;
        }
        if let Some((key, count)) = balance.into_iter().find(|(_, count)| *count < 0) {
            return Err(format!("{} more articles than pages of {key:?}", -count));
        }
        let entries: BTreeSet<EntryKey> = entries.into_iter().collect();
        // A visit is a page of its own, of an entry that there is.
        let entry_of = |(id, revision, hop): &EntryKey| (id.clone(), *revision, hop % REVISIT_HOPS);
        if let Some((key, _)) = self.pages.iter().find(|(key, _)| !entries.contains(&entry_of(key)))
        {
            return Err(format!("a page of {key:?}, which is no entry"));
        }
        let articles: BTreeSet<&EntryKey> = self.articles.iter().map(|(key, _)| key).collect();
        for of in self.fates.keys() {
            let key = (of.entry.to_string(), of.revision, of.hop);
            if !articles.contains(&key) {
                return Err(format!("a fate of {key:?}, which is no article"));
            }
        }
        self.check_stories()?;
        let dead: Vec<&String> = self.dead.iter().map(|(key, _)| key).collect();
        once("dead letters", &dead)?;
        match self.dead.iter().find(|(key, _)| !key.starts_with(POISON)) {
            Some((key, reason)) => Err(format!("{key} is a dead letter: {reason:?}")),
            None => Ok(()),
        }
    }

    fn check_stories(&self) -> Result<(), String> {
        let mut versions: BTreeMap<&str, u32> = BTreeMap::new();
        let mut newest: BTreeMap<&str, &StoryEvent> = BTreeMap::new();
        for story in &self.stories {
            let version = versions.entry(&story.id).or_default();
            if story.version != *version + 1 {
                let (id, after) = (&story.id, story.version);
                return Err(format!("story {id}: version {after} after version {version}"));
            }
            *version = story.version;
            newest.insert(&story.id, story);
        }
        for (id, story) in &newest {
            if self.latest.get(*id).and_then(Option::as_ref) != Some(*story) {
                return Err(format!("stories-latest has another version of {id}"));
            }
        }
        if let Some(id) = self.latest.keys().find(|id| !newest.contains_key(id.as_str())) {
            return Err(format!("stories-latest has {id}, stories has not"));
        }
        // Each version comes of one entry, or of none where that was a known one's page again.
        let mut told: BTreeMap<(&str, u32), u32> = BTreeMap::new();
        for fate in self.fates.values() {
            if let Fate::Story { story, version, .. } = fate {
                *told.entry((story, *version)).or_default() += 1;
            }
        }
        for (id, version) in told.keys() {
            if versions.get(id).is_none_or(|newest| newest < version) {
                return Err(format!("a fate names {id} version {version}, which is no story"));
            }
        }
        for story in &self.stories {
            if told.get(&(story.id.as_str(), story.version)) != Some(&1) {
                let count = told.get(&(story.id.as_str(), story.version)).unwrap_or(&0);
                let (id, version) = (&story.id, story.version);
                return Err(format!("{count} fates name {id} version {version}"));
            }
        }
        Ok(())
    }
}

fn once<T: Ord + std::fmt::Debug>(what: &str, keys: &[T]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    match keys.iter().find(|key| !seen.insert(*key)) {
        Some(key) => Err(format!("{what}: {key:?} is there twice")),
        None => Ok(()),
    }
}

/// State as a new owner would restore it.
pub(crate) fn state(
    cluster: &Simulated,
    topic: Topic,
    partition: u32,
) -> BTreeMap<(Topic, String), Vec<u8>> {
    let mut state = BTreeMap::new();
    for record in read(cluster, TopicPartition::new(topic, partition)) {
        let key = String::from_utf8_lossy(record.key.as_deref().unwrap_or_default()).into_owned();
        if key.starts_with('\0') {
            continue;
        }
        match record.value {
            Some(value) => state.insert((topic, key), value),
            None => state.remove(&(topic, key)),
        };
    }
    state
}

/// Whether what the daemons hold is what their successors would restore, and all is owned once.
pub(crate) fn compare_live(world: &World) -> Result<(), String> {
    let mut owners: BTreeMap<(Role, u32), String> = BTreeMap::new();
    let held = world.look(|daemon, harness, status| {
        (daemon.role, daemon.name.clone(), harness.inspect(), status.stopped.clone())
    });
    let now = events::Timestamp::from_millis(world.time());
    for (role, name, inspections, stopped) in held {
        if let Some((partition, reason)) = stopped.into_iter().next() {
            return Err(format!("{name} stopped partition {partition}: {reason}"));
        }
        for (partition, live) in inspections {
            if let Some(other) = owners.insert((role, partition), name.clone()) {
                return Err(format!("{name} and {other} both own partition {partition}"));
            }
            let definition = road::definition(role);
            let records = definition.changelogs().iter().flat_map(|topic| {
                read(&world.cluster(), TopicPartition::new(*topic, partition))
                    .into_iter()
                    .filter(|r| !r.key.as_deref().unwrap_or_default().starts_with(b"\0"))
            });
            let restored = Inspection::of_changelog(definition, partition, records, now)
                .map_err(|reason| format!("partition {partition} of {name}: {reason}"))?;
            differ(&live, &restored)
                .map_err(|what| format!("partition {partition} of {name}: {what}"))?;
        }
    }
    for role in Role::ALL {
        for partition in 0..road::topics().spec(road::definition(role).inputs()[0]).partitions {
            if !owners.contains_key(&(role, partition)) {
                let (group, has) = (role.name(), world.cluster().owners(role.name()));
                return Err(format!("nobody owns partition {partition} of {group}: {has:?}"));
            }
        }
    }
    Ok(())
}

fn differ(live: &Inspection, restored: &Inspection) -> Result<(), String> {
    // The harness's own records are not kept in memory as state; positions are compared below.
    let of_stage = |key: &(Topic, String)| !key.1.starts_with('@');
    for (key, value) in live.state.iter().filter(|(key, _)| of_stage(key)) {
        if restored.state.get(key) != Some(value) {
            return Err(format!("{key:?} is not restored as it is"));
        }
    }
    let mut others = restored.state.keys().filter(|key| of_stage(key));
    if let Some(key) = others.find(|key| !live.state.contains_key(*key)) {
        return Err(format!("{key:?} would be restored, and is not there"));
    }
    for (topic, position) in &live.positions {
        // Of an input of which nothing was taken yet none may be written.
        if restored.positions.get(topic).copied().unwrap_or_default() != *position {
            return Err(format!("the position in {topic} is another one, or not restored"));
        }
    }
    // What would be done after a restore is being done now, and the other way round. A site's timer
    // is a means only: after a restore each site with waiting pages gets one.
    let of_site = |key: &str| key.starts_with("site/");
    // A poll may stand in its site's line.
    let stands_in_line = live.timers.keys().any(|key| of_site(key));
    // The times of polls are the fetcher's own; its one timer is set to the first of them.
    let is_means =
        |key: &str| of_site(key) || key == "polls" || stands_in_line && key.starts_with("poll/");
    let does = |held: &Inspection, key: &String| {
        held.timers.contains_key(key) || held.pending.contains(key)
    };
    let forgotten = restored.timers.keys().chain(&restored.pending);
    if let Some(key) = forgotten.filter(|key| !is_means(key)).find(|key| !does(live, key)) {
        return Err(format!("{key} is forgotten: a restore would do it"));
    }
    let fleeting = live.timers.keys().filter(|key| !is_means(key));
    if let Some(key) = fleeting.into_iter().find(|key| !does(restored, key)) {
        return Err(format!("{key} would be forgotten by a restore"));
    }
    Ok(())
}
