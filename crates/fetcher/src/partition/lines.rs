//! The lines in which sites wait for a place among the requests of the process.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound::{Excluded, Unbounded};

use crate::sites::FeedName;

/// The two kinds of lines; a site may stand in one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// For sites with a poll that is due.
    Polls,
    /// For sites whose next request is for a page of that feed.
    Pages(FeedName),
}

impl Line {
    /// 0 for polls, 1 for pages.
    pub(super) fn kind(self) -> usize {
        usize::from(matches!(self, Self::Pages(_)))
    }
}

/// Sites that have something to ask for, and a token, but no place; who came first is first in its
/// line. Polls take turns with pages, and feeds with each other: a feed that names pages on thousands
/// of hosts that do not answer keeps no other waiting.
#[derive(Debug, Default)]
pub(super) struct Lines {
    polls: VecDeque<String>,
    pages: BTreeMap<FeedName, VecDeque<String>>,
    poll_was_last: bool,
    /// The feed that had the last turn.
    last: FeedName,
}

impl Lines {
    pub(super) fn is_empty(&self) -> bool {
        self.polls.is_empty() && self.pages.is_empty()
    }

    pub(super) fn stand(&mut self, line: Line, site: String) {
        match line {
            Line::Polls => self.polls.push_back(site),
            Line::Pages(feed) => self.pages.entry(feed).or_default().push_back(site),
        }
    }

    /// The site whose turn it is, and the line that it stood in.
    pub(super) fn next(&mut self, has_place_for_page: bool) -> Option<(Line, String)> {
        let is_polls_turn = !self.poll_was_last || !has_place_for_page || self.pages.is_empty();
        let poll = if is_polls_turn { self.polls.pop_front() } else { None };
        self.poll_was_last = poll.is_some();
        match poll {
            Some(site) => Some((Line::Polls, site)),
            None if has_place_for_page => self.next_page(),
            None => None,
        }
    }

    fn next_page(&mut self) -> Option<(Line, String)> {
        let mut behind = self.pages.range((Excluded(self.last), Unbounded));
        let feed = behind.next().or_else(|| self.pages.first_key_value()).map(|(feed, _)| *feed)?;
        let line = self.pages.get_mut(&feed)?;
        let site = line.pop_front();
        if line.is_empty() {
            self.pages.remove(&feed);
        }
        self.last = feed;
        Some((Line::Pages(feed), site?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sites::feed_name;

    #[test]
    fn polls_take_turns_with_pages_and_feeds_with_each_other() {
        let mut lines = Lines::default();
        let (one, two) = (Line::Pages(feed_name("one")), Line::Pages(feed_name("two")));
        for (line, site) in
            [(one, "a"), (one, "b"), (one, "c"), (two, "d"), (Line::Polls, "e"), (Line::Polls, "f")]
        {
            lines.stand(line, site.to_owned());
        }
        let mut order = String::new();
        while let Some((line, site)) = lines.next(true) {
            assert_eq!(line == Line::Polls, "ef".contains(&site));
            order += &site;
        }
        assert_eq!(order, "eafdbc");
        assert!(lines.is_empty());
    }

    #[test]
    fn the_last_places_are_for_polls() {
        let mut lines = Lines::default();
        lines.stand(Line::Pages(feed_name("one")), "a".to_owned());
        lines.stand(Line::Polls, "b".to_owned());
        lines.stand(Line::Polls, "c".to_owned());
        let mut next = || lines.next(false).map(|(_, site)| site);
        assert_eq!((next(), next(), next()), (Some("b".to_owned()), Some("c".to_owned()), None));
        assert!(!lines.is_empty());
    }
}
