//! The publisher's own code over a list of texts: `newswire group`.

use std::collections::BTreeMap;

use events::{
    Article, ArticleContent, ArticleOutcome, Entry, ExtractionSource, FeedRef, PublishedAtSource,
    Publisher, Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::settings::{Copies, Settings};
use crate::state::{MemoryState, StateError};

/// A text to be grouped: one line of input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineStory {
    /// Name of the line, given back.
    pub id: String,
    /// Headline.
    #[serde(default)]
    pub title: Option<String>,
    /// Body.
    #[serde(default)]
    pub text: Option<String>,
    /// When it was published: RFC 3339, without a zone in UTC, or a day. What is none of these is no
    /// date, as where it is missing.
    #[serde(default, deserialize_with = "date")]
    pub published_at: Option<Timestamp>,
    /// BCP 47 language.
    #[serde(default)]
    pub language: Option<String>,
    /// Outlet.
    #[serde(default)]
    pub publisher: Option<String>,
    /// Lines with equal URLs are versions of one story.
    #[serde(default)]
    pub url: Option<String>,
}

/// A date as other programs write it: a text without one must not cost the others theirs.
fn date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let text = value.as_str().map(str::trim).unwrap_or_default();
    let spelt = [text.to_owned(), format!("{text}Z"), format!("{text}T00:00:00Z")];
    Ok(spelt.iter().find_map(|text| text.parse().ok()))
}

/// What became of a text: one line of output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineResult {
    /// Name of the line.
    pub id: String,
    /// Group: the `id` of the line that opened it.
    pub group: String,
    /// The line it is a copy of.
    pub duplicate_of: Option<String>,
}

/// Groups texts in order of arrival. With `as_published` the answer is what each story's event
/// said when it was published; without it, groups that were joined later are resolved, and the
/// original of copies is the earliest published of them.
///
/// # Errors
/// Never but for a fault of this program: the state is its own.
pub fn group(
    settings: &Settings,
    stories: impl IntoIterator<Item = OfflineStory>,
    as_published: bool,
) -> Result<Vec<OfflineResult>, StateError> {
    let settings = Settings {
        max_age_ms: None,
        copies: Copies::Mark,
        max_value: usize::MAX / 2,
        ..settings.clone()
    };
    let mut engine = Engine::new(settings);
    let mut state = MemoryState::default();
    let mut time: Option<Timestamp> = None;
    let mut lines: Vec<Line> = Vec::new();
    let mut line_of_story: BTreeMap<String, usize> = BTreeMap::new();
    let mut merged: BTreeMap<String, String> = BTreeMap::new();
    for (index, story) in stories.into_iter().enumerate() {
        time = time.max(story.published_at);
        let published_at = story.published_at;
        let id = story.id.clone();
        let article = article_of(story, index, time.unwrap_or_default());
        let output = engine.take(&article, &mut state)?;
        for group in output.groups {
            if let Some(into) = group.merged_into {
                merged.insert(group.id, into);
            }
        }
        let line = match (output.stories.into_iter().next(), output.fate) {
            (Some(published), _) => {
                let event = published.event;
                line_of_story.entry(event.id.clone()).or_insert(index);
                let group = event.story_group.id.unwrap_or_else(|| event.id.clone());
                Line { id, story: event.id, group, original: event.duplicate_of.id, published_at }
            }
            // Nothing new in it: it is what the story's line is.
            (None, Some((_, events::Fate::Known { story: Some(story) })))
                if line_of_story.contains_key(&story) =>
            {
                let first = &lines[line_of_story[&story]];
                Line {
                    id,
                    story: first.story.clone(),
                    group: first.group.clone(),
                    original: first.original.clone(),
                    published_at,
                }
            }
            (None, _) => {
                let alone = format!("line {index}");
                line_of_story.insert(alone.clone(), index);
                Line { id, story: alone.clone(), group: alone, original: None, published_at }
            }
        };
        lines.push(line);
    }
    let originals = if as_published { BTreeMap::new() } else { earliest_originals(&lines) };
    let name = |story: &String| {
        line_of_story.get(story).map_or_else(|| story.clone(), |line| lines[*line].id.clone())
    };
    Ok(lines
        .iter()
        .map(|line| {
            let mut group = &line.group;
            let mut original = line.original.as_ref();
            if !as_published {
                while let Some(into) = merged.get(group) {
                    group = into;
                }
                original = originals.get(&line.story).filter(|original| **original != line.story);
            }
            OfflineResult {
                id: line.id.clone(),
                group: name(group),
                duplicate_of: original.map(name),
            }
        })
        .collect())
}

struct Line {
    id: String,
    story: String,
    group: String,
    original: Option<String>,
    published_at: Option<Timestamp>,
}

/// The story at the end of a chain of copies.
fn root<'a>(parent: &BTreeMap<&'a str, &'a str>, story: &'a str) -> &'a str {
    let mut story = story;
    while let Some(above) = parent.get(story) {
        story = above;
    }
    story
}

/// For each story of a family of copies the earliest published of the family.
fn earliest_originals(lines: &[Line]) -> BTreeMap<String, String> {
    let mut parent: BTreeMap<&str, &str> = BTreeMap::new();
    for line in lines {
        if let Some(original) = &line.original {
            let (one, other) = (root(&parent, &line.story), root(&parent, original));
            if one != other {
                parent.insert(one, other);
            }
        }
    }
    let mut earliest: BTreeMap<&str, (bool, Option<Timestamp>, usize)> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        // Undated ones come last; equals in order of arrival.
        let precedence = (line.published_at.is_none(), line.published_at, index);
        let best = earliest.entry(root(&parent, &line.story)).or_insert(precedence);
        *best = (*best).min(precedence);
    }
    lines
        .iter()
        .map(|line| {
            (line.story.clone(), lines[earliest[root(&parent, &line.story)].2].story.clone())
        })
        .collect()
}

fn article_of(story: OfflineStory, index: usize, time: Timestamp) -> Article {
    let text = story.text.unwrap_or_default();
    // Without a URL the line stands for itself. Equal names of any other kind are as good as URLs.
    let name = story.url.clone().unwrap_or_else(|| format!("line {index}"));
    let entry = Entry {
        id: events::hash_id(&name),
        revision: index as u32 + 1,
        feed: FeedRef { id: "offline".to_owned(), ..FeedRef::default() },
        link: story.url.clone(),
        first_seen_at: time,
        seen_at: time,
        ..Entry::default()
    };
    let published_at_source = if story.published_at.is_some() {
        PublishedAtSource::Page
    } else {
        PublishedAtSource::None
    };
    let content = ArticleContent {
        title: story.title,
        words: text.split_whitespace().count() as u32,
        text,
        publisher: Publisher { name: story.publisher, domain: None },
        language: story.language,
        published_at: story.published_at,
        published_at_source,
        complete: true,
        confidence: 1.0,
        ..ArticleContent::default()
    };
    Article::Entry {
        entry: Box::new(entry),
        fetched_at: time,
        outcome: ArticleOutcome::Article {
            url: story.url,
            source: ExtractionSource::Page,
            extractor: "offline".to_owned(),
            content: Box::new(content),
        },
    }
}
