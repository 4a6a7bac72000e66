//! What the newsroom wrote against what was published: every article, its text and nothing else,
//! copies, corrections, groups; and the shape of an event.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use events::{story_id, story_url};
use newsroom::{Expected, Reach};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::records::{Row, Topics, newest};

/// A feed's own text becomes a story from so many words on.
const ENOUGH_WORDS: usize = 25;

/// Story id of a page.
pub(crate) fn id_of(url: &str) -> String {
    story_id(&story_url(url, None).expect("an http URL"))
}

fn id_of_article(article: &Expected) -> Option<String> {
    article.final_url.as_deref().map(id_of)
}

/// Whether an article is to become a story. One that robots.txt denies does by what the feed says.
pub(crate) fn becomes_story(article: &Expected) -> bool {
    match article.reach {
        Reach::Page | Reach::Moved { .. } | Reach::Elsewhere { .. } | Reach::NoLink => true,
        Reach::Denied => article.summary.split_whitespace().count() >= ENOUGH_WORDS,
        Reach::Missing | Reach::Gone => false,
    }
}

/// Links whose page is asked for again for longer than a test waits (404).
pub(crate) fn waiting_links(expected: &[Expected]) -> BTreeSet<String> {
    let missing = expected.iter().filter(|article| article.reach == Reach::Missing);
    missing.filter_map(|article| article.url.clone()).collect()
}

/// The newest event of each article that is to become a story, with the article.
pub(crate) fn events_of<'a>(
    topics: &'a Topics,
    expected: &'a [Expected],
) -> Result<Vec<(&'a Expected, &'a Value)>, String> {
    let newest = newest(&topics["stories"]);
    let mut found = Vec::new();
    for article in expected.iter().filter(|article| becomes_story(article)) {
        let row = match id_of_article(article) {
            Some(id) => newest.get(&id).copied(),
            None => newest.values().find(|row| row.value["title"] == article.title).copied(),
        };
        let event = &row
            .ok_or_else(|| format!("not published: {} {:?}", article.title, article.url))?
            .value;
        if event["title"] != article.title {
            return Err(format!("{} is published as {}", article.title, event["title"]));
        }
        found.push((article, event));
    }
    Ok(found)
}

/// Fails where a story was published that nobody wrote.
pub(crate) fn nothing_invented(topics: &Topics, expected: &[Expected]) {
    let written: BTreeSet<String> = expected
        .iter()
        .filter(|article| becomes_story(article))
        .filter_map(id_of_article)
        .collect();
    for row in &topics["stories"] {
        let without_link = row.value["url"].is_null()
            && expected.iter().any(|article| {
                article.reach == Reach::NoLink && row.value["title"] == article.title
            });
        assert!(without_link || written.contains(row.key()), "nobody wrote {}", row.value);
    }
}

/// How the published paragraphs compare with the written ones.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(crate) articles: usize,
    pub(crate) equal: usize,
    pub(crate) written: usize,
    pub(crate) published: usize,
    pub(crate) shared: usize,
    /// Phrases of the pages' furniture that stand in a text.
    pub(crate) furniture: Vec<String>,
    /// Paragraphs that were lost or gained, for people.
    pub(crate) faults: Vec<String>,
}

impl fmt::Display for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { articles, equal, written, published, shared, .. } = self;
        write!(
            f,
            "{equal} of {articles} texts are word for word the written ones; {shared} of {written} \
             written paragraphs published, among {published}"
        )
    }
}

fn paragraphs<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    texts.into_iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Compares texts from pages.
pub(crate) fn compare_texts(pairs: &[(&Expected, &Value)]) -> Texts {
    let mut texts = Texts::default();
    for (article, event) in pairs {
        if article.reach == Reach::Denied {
            continue;
        }
        let text = event["text"].as_str().unwrap_or_default();
        let written = paragraphs(article.paragraphs.iter().map(String::as_str));
        let published = paragraphs(text.split("\n\n"));
        for never in article.never.iter().filter(|never| text.contains(never.as_str())) {
            texts.furniture.push(format!("{}: {never}", article.title));
        }
        texts.articles += 1;
        texts.equal += usize::from(written == published);
        texts.written += written.len();
        texts.published += published.len();
        texts.shared += written.iter().filter(|one| published.contains(one)).count();
        for one in written.iter().filter(|one| !published.contains(one)) {
            texts.faults.push(format!("{}: lost {one:?}", article.title));
        }
        for one in published.iter().filter(|one| !written.contains(one)) {
            texts.faults.push(format!("{}: gained {one:?}", article.title));
        }
    }
    texts
}

/// Pairs of stories in one group, against pairs that report the same event.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    pub(crate) right: usize,
    pub(crate) wrong: Vec<(String, String)>,
    pub(crate) missed: Vec<(String, String)>,
}

/// Compares groups, resolved through the topic `groups`, with the newsroom's events.
pub(crate) fn compare_groups(topics: &Topics, pairs: &[(&Expected, &Value)]) -> Groups {
    let states = newest(&topics["groups"]);
    let resolve = |event: &Value| {
        let mut id =
            event["story_group"]["id"].as_str().expect("each story has a group").to_owned();
        loop {
            let state = states.get(&id).unwrap_or_else(|| panic!("group {id} is not on groups"));
            match state.value["merged_into"].as_str() {
                Some(into) => into.clone_into(&mut id),
                None => return id,
            }
        }
    };
    // One entry a story: a further sighting of it is the same story.
    let stories: BTreeMap<&str, (&Expected, String)> = pairs
        .iter()
        .map(|(article, event)| (event["id"].as_str().expect("id"), (*article, resolve(event))))
        .collect();
    let stories: Vec<&(&Expected, String)> = stories.values().collect();
    let mut groups = Groups::default();
    for (index, (one, group)) in stories.iter().enumerate() {
        for (other, other_group) in &stories[index + 1..] {
            let same_event = one.event.is_some() && one.event == other.event;
            let names = || (one.title.clone(), other.title.clone());
            match (same_event, group == other_group) {
                (true, true) => groups.right += 1,
                (true, false) => groups.missed.push(names()),
                (false, true) => groups.wrong.push(names()),
                (false, false) => {}
            }
        }
    }
    groups
}

const KEYS: &str = "event id version url title summary text html authors publisher{name domain} \
    language section tags image{url caption} access rights{copyright license tdm_reserved} \
    published_at published_at_source modified_at first_seen_at fetched_at backfill \
    feeds[{url title entry_id tags}] story_group{id size opened} \
    duplicate_of{id kind similarity} changes{title added removed text} \
    extraction{source complete confidence words version} content_hash";

/// Fails where an event, as its bytes stand on the topic, is not of the shape that platforms rely
/// on: every key, in the design's order; times with three decimals and Z.
pub(crate) fn check_shape(event: &str) {
    let keys: Keys = serde_json::from_str(event).expect("JSON");
    let shown = keys.0.trim_matches(['{', '}']).to_owned();
    assert_eq!(shown, KEYS, "{event}");
    let event: Value = serde_json::from_str(event).expect("JSON");
    for (key, value) in event.as_object().expect("an object") {
        if let (true, Some(time)) = (key.ends_with("_at"), value.as_str()) {
            let digits: String =
                time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            assert_eq!(digits, "0000-00-00T00:00:00.000Z", "{key}: {time}");
        }
    }
}

/// Fails where the headers are not CloudEvents 1.0 with a trace.
pub(crate) fn check_headers(row: &Row) {
    let header = |name: &str| row.headers.get(name).map(String::as_str).unwrap_or_default();
    let event = &row.value;
    assert_eq!(header("ce_specversion"), "1.0");
    assert_eq!(header("ce_id"), format!("{}/{}", row.key(), event["version"]));
    assert_eq!(header("ce_subject"), row.key());
    let kind = event["event"].as_str().expect("event");
    assert_eq!(header("ce_type"), format!("newswire.story.{kind}.v1"));
    assert_eq!(header("ce_time"), event["fetched_at"].as_str().expect("fetched_at"));
    assert_eq!(header("content-type"), "application/json");
    assert!(header("ce_source").contains(':'), "{:?}", row.headers);
    assert_eq!(header("traceparent").len(), 55, "{:?}", row.headers);
}

/// The keys of a JSON value in the order in which they stand: `{a b{c} d[{e}]}`.
struct Keys(String);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeysVisitor)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Keys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
        let mut shown = Vec::new();
        while let Some((key, Keys(inside))) = map.next_entry::<String, Keys>()? {
            shown.push(format!("{key}{inside}"));
        }
        Ok(Keys(format!("{{{}}}", shown.join(" "))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Keys, A::Error> {
        let mut shown = String::new();
        // All elements are alike: the first speaks for them.
        if let Some(Keys(inside)) = list.next_element()? {
            if !inside.is_empty() {
                shown = format!("[{inside}]");
            }
            while list.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(Keys(shown))
    }

    fn visit_unit<E>(self) -> Result<Keys, E> {
        Ok(Keys(String::new()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Keys, E> {
        Ok(Keys(String::new()))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Keys, E> {
        Ok(Keys(String::new()))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Keys, E> {
        Ok(Keys(String::new()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Keys, E> {
        Ok(Keys(String::new()))
    }

    fn visit_str<E>(self, _: &str) -> Result<Keys, E> {
        Ok(Keys(String::new()))
    }
}
