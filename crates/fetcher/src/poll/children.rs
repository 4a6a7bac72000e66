//! The sitemaps that a sitemap index lists: a few of them, those where news is likely, are read
//! with it, one after the other, each by its own validators.

use events::{Timestamp, site_of};
use serde::{Deserialize, Serialize};

use super::record::{FeedRecord, is_default};
use super::validators::Validators;

/// Sitemaps of one index that are read; others list archives of many years.
const MOST: usize = 8;
/// Where nothing tells them apart: so many.
const GUESSED: usize = 4;
/// Entries of one child that are read: those of all children together fit into what is remembered
/// of a feed. The same number however many there are, for a larger share would make old pages news.
pub(crate) const MOST_OF_A_CHILD: usize = super::seen::MOST / MOST;

/// A sitemap of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Child {
    #[serde(rename = "u")]
    pub(crate) url: String,
    #[serde(rename = "v", skip_serializing_if = "is_default")]
    pub(crate) validators: Validators,
    /// It was read before: what is new in it is new.
    #[serde(rename = "r", skip_serializing_if = "is_default")]
    pub(crate) was_read: bool,
}

impl FeedRecord {
    /// Chooses the children among what an index lists; keeps what is known of those that stay.
    /// Returns those that do not.
    pub(super) fn choose_children(&mut self, sitemaps: &[String], now: Timestamp) -> Vec<Child> {
        let site = site_of(&self.subscription.url);
        // Requests elsewhere would be of another site's budget, which another may own.
        let listed: Vec<&String> = sitemaps
            .iter()
            .filter(|url| site_of(url) == site && **url != self.subscription.url)
            .collect();
        let chosen = likely(&listed, now);
        let mut known = std::mem::take(&mut self.children);
        for url in chosen {
            let at = known.iter().position(|child| child.url == *url);
            let new = || Child { url: url.clone(), ..Child::default() };
            self.children.push(at.map_or_else(new, |at| known.swap_remove(at)));
        }
        known
    }

    /// URLs of the children.
    pub(super) fn child_urls(&self) -> Vec<&str> {
        self.children.iter().map(|child| child.url.as_str()).collect()
    }

    /// After the index its first child is next, at once (the site's budget still holds).
    pub(super) fn begin_children(&mut self) {
        if !self.children.is_empty() {
            self.child = Some(0);
        }
    }

    /// The next child's turn, or the index's when its time comes. Returns whether a child is next.
    pub(crate) fn next_child(&mut self) -> bool {
        self.child = self.child.map(|child| child + 1).filter(|child| *child < self.children.len());
        self.child.is_some()
    }
}

/// Those that name news first, then those of this month, then from both ends of the list, for
/// archives are listed by age in either order.
fn likely<'a>(listed: &[&'a String], now: Timestamp) -> Vec<&'a String> {
    let today = now.to_string();
    let (year, month) = (&today[..4], &today[5..7]);
    let months = ["-", "", "/", "_"].map(|between| format!("{year}{between}{month}"));
    let is_news = |url: &str| url.to_ascii_lowercase().contains("news");
    let is_present = |url: &str| months.iter().any(|month| url.contains(month.as_str()));
    let mut chosen: Vec<&String> = listed.iter().copied().filter(|url| is_news(url)).collect();
    chosen.extend(listed.iter().copied().filter(|url| is_present(url)));
    if chosen.is_empty() {
        let ends = listed.iter().zip(listed.iter().rev()).flat_map(|(first, last)| [*last, *first]);
        chosen.extend(ends.take(GUESSED));
    }
    let mut once: Vec<&String> = Vec::new();
    for url in chosen {
        if !once.contains(&url) && once.len() < MOST {
            once.push(url);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_764_000_000);

    fn chosen(urls: &[&str]) -> Vec<String> {
        let mut record = FeedRecord::default();
        "https://a.org/index.xml".clone_into(&mut record.subscription.url);
        let urls: Vec<String> = urls.iter().map(|url| (*url).to_owned()).collect();
        record.choose_children(&urls, NOW);
        record.children.into_iter().map(|child| child.url).collect()
    }

    #[test]
    fn news_and_the_present_month_are_read_and_archives_are_not() {
        let archive: Vec<String> =
            (1..=200).map(|n| format!("https://a.org/archive-{n}.xml")).collect();
        let mut urls: Vec<&str> = archive.iter().map(String::as_str).collect();
        assert_eq!(chosen(&urls).len(), 4);
        assert_eq!(chosen(&urls)[0], "https://a.org/archive-200.xml");
        urls.push("https://a.org/posts-2025-11.xml");
        urls.push("https://www.a.org/News.xml");
        urls.push("https://elsewhere.org/news.xml");
        assert_eq!(
            chosen(&urls),
            ["https://www.a.org/News.xml", "https://a.org/posts-2025-11.xml"]
        );
    }

    #[test]
    fn children_have_their_turn_one_after_the_other() {
        let mut record = FeedRecord::default();
        record.begin_children();
        assert_eq!(record.child, None);
        record.children = vec![Child::default(), Child::default()];
        record.begin_children();
        assert_eq!((record.child, record.next_child(), record.child), (Some(0), true, Some(1)));
        assert!(!record.next_child());
    }
}
