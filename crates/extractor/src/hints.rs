//! What the feed said against what the page says: agreement makes sure, contradiction is reported.

use crate::published::When;
use crate::title::{Title, fold};
use crate::{Hints, authors, feed};

/// Days between feed and page that zones and habits explain.
const DAYS_APART: i64 = 3;

/// A statement of the feed that the page contradicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contradiction {
    /// The titles have little in common.
    Title,
    /// The summary has hardly a word of the article's text.
    Summary,
    /// Other people are named.
    Authors,
    /// The dates are more than three days apart.
    PublishedAt,
}

impl Contradiction {
    /// Name of the field.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Summary => "summary",
            Self::Authors => "authors",
            Self::PublishedAt => "published_at",
        }
    }
}

/// Compares.
pub(crate) fn contradictions(
    hints: &Hints<'_>,
    title: &Title,
    text: &str,
    people: &[String],
    when: &When,
) -> Vec<Contradiction> {
    let mut found = Vec::new();
    if let (Some(hint), Some(title)) = (hints.title, title.text.as_deref())
        && !same_title(hint, title)
    {
        found.push(Contradiction::Title);
    }
    if hints.summary.is_some_and(|summary| is_foreign(summary, text)) {
        found.push(Contradiction::Summary);
    }
    let named = authors::people(hints.authors);
    if !named.is_empty() && !people.is_empty() {
        let known: Vec<String> = people.iter().map(|name| fold(name)).collect();
        if !named.iter().any(|name| known.contains(&fold(name))) {
            found.push(Contradiction::Authors);
        }
    }
    if let (Some(hint), Some(published)) = (hints.published_at, when.published)
        && hint.millis_since(published).abs() > DAYS_APART * 86_400_000
    {
        found.push(Contradiction::PublishedAt);
    }
    found
}

/// Whether a summary of some length shares hardly a word with the text.
fn is_foreign(summary: &str, text: &str) -> bool {
    let summary = fold(&feed::plain(summary));
    let words: Vec<&str> = summary.split(' ').filter(|word| word.chars().count() >= 5).collect();
    if words.len() < 8 {
        return false;
    }
    let text = fold(text);
    let common = words.iter().filter(|word| text.contains(**word)).count();
    common * 5 < words.len()
}

/// Whether the text holds the beginning of the feed's summary: then its lead is proved.
pub(crate) fn lead_is_proved(hints: &Hints<'_>, text: &str) -> bool {
    let Some(summary) = hints.summary else {
        return false;
    };
    let start: String = fold(&feed::plain(summary)).chars().take(60).collect();
    start.chars().count() >= 40 && fold(text).contains(&start)
}

/// Whether two titles share half of their words.
pub(crate) fn same_title(one: &str, two: &str) -> bool {
    let (one, two) = (fold(one), fold(two));
    if one.is_empty() || two.is_empty() || one.contains(&two) || two.contains(&one) {
        return true;
    }
    let words: Vec<&str> = one.split(' ').collect();
    let common = two.split(' ').filter(|word| words.contains(word)).count();
    common * 2 >= words.len().min(two.split(' ').count())
}
