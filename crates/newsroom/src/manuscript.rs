//! Reads the written stories: a plain text file for each outlet, so that they can be edited as
//! text. A story begins with `=== slug`, then `key: value` lines, a blank line, and paragraphs
//! divided by blank lines; `--- corrected` begins the text of its second version.

use std::collections::BTreeMap;

use crate::article::{Article, CopyKind, Paragraph, Reach, Version};
use crate::outlets::Outlet;

/// What is wrong with the written stories.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ManuscriptError {
    /// A key of a story is unknown, missing, or has a value that cannot be read.
    #[error("story {story}: {what}")]
    Story {
        /// `outlet/slug`.
        story: String,
        /// What is wrong.
        what: String,
    },
    /// A story says that it was taken from one that is not there.
    #[error("story {story} names {target}, which is not a story with a text of its own")]
    NoSuchStory {
        /// `outlet/slug`.
        story: String,
        /// The name that leads nowhere.
        target: String,
    },
}

const KEYS: [&str; 15] = [
    "at",
    "event",
    "title",
    "summary",
    "author",
    "section",
    "tags",
    "image",
    "reach",
    "withdrawn_at",
    "copy_of",
    "abridged_of",
    "paragraphs",
    "corrected_at",
    "corrected_title",
];
const SUMMARY_AFTER_CORRECTION: &str = "corrected_summary";

/// All written stories of these outlets, copies filled in, in the order of the files.
pub(crate) fn read_all(outlets: &[Outlet]) -> Result<Vec<Article>, ManuscriptError> {
    let mut articles = Vec::new();
    let mut lengths = Vec::new();
    for (outlet, described) in outlets.iter().enumerate() {
        let stories = described.manuscript.split("=== ").skip(1);
        for (index, source) in stories.enumerate() {
            let (slug, body) = source.split_once('\n').unwrap_or((source, ""));
            let story = Story::read(&described.key, slug.trim(), body)?;
            lengths.push(story.length()?);
            articles.push(story.article(outlet, 1001 + 7 * index as u64)?);
        }
    }
    fill_copies(outlets, &mut articles, &lengths)?;
    Ok(articles)
}

fn fill_copies(
    outlets: &[Outlet],
    articles: &mut [Article],
    lengths: &[Option<usize>],
) -> Result<(), ManuscriptError> {
    let name = |article: &Article| format!("{}/{}", outlets[article.outlet].key, article.slug);
    let originals: BTreeMap<String, Version> = articles
        .iter()
        .filter(|article| article.copy_of.is_none())
        .filter_map(|article| Some((name(article), article.versions.first()?.clone())))
        .collect();
    for (article, length) in articles.iter_mut().zip(lengths) {
        let story = name(article);
        if let Reach::Elsewhere { target, .. } = &article.reach
            && !originals.contains_key(target)
        {
            return Err(ManuscriptError::NoSuchStory { story, target: target.clone() });
        }
        let Some((target, kind)) = article.copy_of.clone() else {
            continue;
        };
        let Some(original) = originals.get(&target) else {
            return Err(ManuscriptError::NoSuchStory { story, target });
        };
        for version in &mut article.versions {
            version.paragraphs.clone_from(&original.paragraphs);
            if kind == CopyKind::Exact {
                version.title.clone_from(&original.title);
                version.summary.clone_from(&original.summary);
            } else if let Some(length) = length {
                version.paragraphs.truncate(*length);
            }
        }
    }
    Ok(())
}

struct Story<'a> {
    name: String,
    slug: &'a str,
    fields: BTreeMap<&'a str, &'a str>,
    paragraphs: Vec<Paragraph>,
    corrected: Vec<Paragraph>,
}

impl<'a> Story<'a> {
    fn read(outlet: &str, slug: &'a str, body: &'a str) -> Result<Self, ManuscriptError> {
        let name = format!("{outlet}/{slug}");
        let (head, text) = body.split_once("\n\n").unwrap_or((body, ""));
        let mut fields = BTreeMap::new();
        for line in head.lines().filter(|line| !line.trim().is_empty()) {
            let Some((key, value)) = line.split_once(": ") else {
                return Err(problem(&name, &format!("not a `key: value` line: {line}")));
            };
            if !KEYS.contains(&key) && key != SUMMARY_AFTER_CORRECTION {
                return Err(problem(&name, &format!("unknown key {key}")));
            }
            fields.insert(key, value.trim());
        }
        let (first, second) = text.split_once("--- corrected\n").unwrap_or((text, ""));
        Ok(Self {
            name,
            slug,
            fields,
            paragraphs: paragraphs(first),
            corrected: paragraphs(second),
        })
    }

    fn text(&self, key: &str) -> String {
        self.fields.get(key).copied().unwrap_or_default().to_owned()
    }

    fn millis(&self, key: &str) -> Result<Option<i64>, ManuscriptError> {
        let Some(value) = self.fields.get(key) else {
            return Ok(None);
        };
        let seconds: f64 = value
            .parse()
            .map_err(|_| problem(&self.name, &format!("{key} is not a number of seconds")))?;
        Ok(Some((seconds * 1000.0).round() as i64))
    }

    fn length(&self) -> Result<Option<usize>, ManuscriptError> {
        let Some(value) = self.fields.get("paragraphs") else {
            return Ok(None);
        };
        let length =
            value.parse().map_err(|_| problem(&self.name, "paragraphs is not a number"))?;
        Ok(Some(length))
    }

    fn reach(&self) -> Result<Reach, ManuscriptError> {
        let value = self.text("reach");
        let words: Vec<&str> = value.split_whitespace().collect();
        match words.as_slice() {
            [] => Ok(Reach::Page),
            ["denied"] => Ok(Reach::Denied),
            ["missing"] => Ok(Reach::Missing),
            ["gone"] => Ok(Reach::Gone),
            ["no-link"] => Ok(Reach::NoLink),
            ["moved", from] => Ok(Reach::Moved { from: (*from).to_owned() }),
            ["elsewhere", target] => Ok(Reach::Elsewhere {
                from: format!("/out/{}", self.slug),
                target: (*target).to_owned(),
            }),
            _ => Err(problem(&self.name, &format!("unknown reach {value}"))),
        }
    }

    fn article(self, outlet: usize, number: u64) -> Result<Article, ManuscriptError> {
        let at = self.millis("at")?.ok_or_else(|| problem(&self.name, "at is missing"))?;
        let copy_of = match (self.fields.get("copy_of"), self.fields.get("abridged_of")) {
            (Some(target), _) => Some(((*target).to_owned(), CopyKind::Exact)),
            (None, Some(target)) => Some(((*target).to_owned(), CopyKind::Abridged)),
            (None, None) => None,
        };
        if self.paragraphs.is_empty() && copy_of.is_none() {
            return Err(problem(&self.name, "it has no text"));
        }
        let mut versions = vec![Version {
            at,
            title: self.text("title"),
            summary: self.text("summary"),
            paragraphs: self.paragraphs.clone(),
        }];
        if let Some(corrected_at) = self.millis("corrected_at")? {
            if corrected_at <= at || self.corrected.is_empty() {
                return Err(problem(&self.name, "its correction has no text or no time"));
            }
            versions.push(Version {
                at: corrected_at,
                title: self.text("corrected_title"),
                summary: self.text(SUMMARY_AFTER_CORRECTION),
                paragraphs: self.corrected.clone(),
            });
        }
        let field = |key: &str| self.fields.get(key).map(|value| (*value).to_owned());
        Ok(Article {
            outlet,
            slug: self.slug.to_owned(),
            number,
            author: self.text("author"),
            section: self.text("section"),
            tags: self
                .text("tags")
                .split(", ")
                .filter(|tag| !tag.is_empty())
                .map(str::to_owned)
                .collect(),
            caption: field("image"),
            event: field("event"),
            copy_of,
            reach: self.reach()?,
            withdrawn_at: self.millis("withdrawn_at")?,
            versions,
        })
    }
}

fn paragraphs(text: &str) -> Vec<Paragraph> {
    text.split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty())
        .map(Paragraph::read)
        .collect()
}

fn problem(story: &str, what: &str) -> ManuscriptError {
    ManuscriptError::Story { story: story.to_owned(), what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::outlets;

    fn outlet_with(manuscript: &'static str) -> Vec<Outlet> {
        let mut outlets = outlets::written();
        outlets.truncate(1);
        outlets[0].manuscript = manuscript;
        outlets
    }

    #[test]
    fn the_written_stories_are_enough_and_complete() {
        let outlets = outlets::written();
        let articles = read_all(&outlets).unwrap();
        assert!(articles.len() >= 50, "{}", articles.len());
        let mut names = BTreeSet::new();
        for article in &articles {
            let name = format!("{}/{}", outlets[article.outlet].key, article.slug);
            for version in &article.versions {
                assert!(!version.title.is_empty(), "{name}");
                assert!(!version.summary.is_empty(), "{name}");
                let words: usize = version
                    .paragraphs
                    .iter()
                    .map(|paragraph| paragraph.plain().split_whitespace().count())
                    .sum();
                let full = matches!(article.reach, Reach::Page | Reach::Moved { .. })
                    && !matches!(article.copy_of, Some((_, CopyKind::Abridged)));
                assert!(!full || (90..=400).contains(&words), "{name}: {words} words");
            }
            assert!(!article.author.is_empty() && !article.section.is_empty(), "{name}");
            assert!(names.insert(name));
        }
    }

    #[test]
    fn mistakes_in_a_story_are_named() {
        let cases = [
            ("=== a\nat: 1\ntitel: x\n\nText.", "story courier/a: unknown key titel"),
            ("=== a\ntitle: x\n\nText.", "story courier/a: at is missing"),
            ("=== a\nat: soon\n\nText.", "story courier/a: at is not a number of seconds"),
            ("=== a\nat: 1\n\n", "story courier/a: it has no text"),
            ("=== a\nat: 1\nreach: lost\n\nText.", "story courier/a: unknown reach lost"),
            (
                "=== a\nat: 1\ncopy_of: wire/b\n\n",
                "story courier/a names wire/b, which is not a story with a text of its own",
            ),
        ];
        for (source, message) in cases {
            let error = read_all(&outlet_with(source)).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn a_copy_has_the_words_of_its_original_and_an_abridged_one_the_first_of_them() {
        let articles = read_all(&outlets::written()).unwrap();
        let find = |slug: &str| {
            articles
                .iter()
                .find(|article| article.slug == slug)
                .map(|article| article.versions[0].clone())
                .unwrap()
        };
        let original = find("pellan-line-ends-night-sailings");
        let copy = find("pellan-line-night-sailings");
        assert_eq!(copy.paragraphs, original.paragraphs);
        assert_eq!(copy.title, original.title);
        let abridged = find("late-ferries-to-stop");
        assert_eq!(abridged.paragraphs, original.paragraphs[..3]);
        assert_ne!(abridged.title, original.title);
    }
}
