//! Which entries of an endless document are kept.

use super::ParsedFeed;

impl ParsedFeed {
    /// Keeps at most so many entries, in the document's order: the newest by their dates; where
    /// most have none, or the same, those at both ends, for archives are listed by age in either
    /// order. Returns how many were left out.
    pub(crate) fn keep_newest(&mut self, most: usize) -> usize {
        let count = self.entries.len();
        if count <= most {
            return 0;
        }
        let mut order: Vec<usize> = (0..count).collect();
        let date = |at: usize| self.entries[at].published_at.or(self.entries[at].updated_at);
        let dated = order.iter().filter(|at| date(**at).is_some()).count();
        let is_dated = dated * 2 > count;
        order.sort_by_key(|at| {
            let newest = std::cmp::Reverse(date(*at).filter(|_| is_dated));
            (newest, (*at).min(count - 1 - *at))
        });
        let mut kept = vec![false; count];
        for at in &order[..most] {
            kept[*at] = true;
        }
        let mut kept = kept.into_iter();
        self.entries.retain(|_| kept.next().unwrap_or_default());
        count - most
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ParsedEntry, parse_date};
    use super::*;

    #[test]
    fn the_newest_are_kept_wherever_they_stand() {
        let entry = |day: usize, dated: bool| ParsedEntry {
            title: Some(day.to_string()),
            published_at: parse_date(&format!("2025-11-{day:02}")).filter(|_| dated),
            ..ParsedEntry::default()
        };
        for (days, dated, wanted) in [
            (vec![1, 2, 3, 4, 5], true, vec!["4", "5"]),
            (vec![5, 1, 4, 2, 3], true, vec!["5", "4"]),
            (vec![1, 2, 3, 4, 5], false, vec!["1", "5"]),
            (vec![1, 2], true, vec!["1", "2"]),
            // A generator that dates all of them the day it ran.
            (vec![7, 7, 7, 7, 8], true, vec!["7", "8"]),
        ] {
            let entries = days.iter().map(|day| entry(*day, dated)).collect();
            let mut feed = ParsedFeed { entries, ..ParsedFeed::default() };
            assert_eq!(feed.keep_newest(2), days.len() - 2);
            let titles: Vec<&str> =
                feed.entries.iter().filter_map(|entry| entry.title.as_deref()).collect();
            assert_eq!(titles, wanted, "{days:?}");
        }
        let entries = (0..2_000)
            .map(|at| ParsedEntry { title: Some(at.to_string()), ..entry(7, true) })
            .collect();
        let mut feed = ParsedFeed { entries, ..ParsedFeed::default() };
        feed.keep_newest(1_250);
        let title = |entry: Option<&ParsedEntry>| entry.and_then(|entry| entry.title.clone());
        assert_eq!(title(feed.entries.first()).as_deref(), Some("0"));
        assert_eq!(title(feed.entries.last()).as_deref(), Some("1999"));
    }
}
