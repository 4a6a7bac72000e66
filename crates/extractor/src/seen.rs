//! A page as the memory of its site looks at it: blocks, their hashes, where each stands. Knows
//! nothing of other pages.

use std::collections::BTreeMap;

use crate::count_words;
use crate::render::Block;
use crate::sketch::{Place, hash_of, join};
use crate::title::fold;

/// Where a block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// At the place of the article's paragraphs, in their midst.
    Inside,
    /// At their place, among the first or last.
    Edge,
    /// At another place, between two of them.
    Between,
    /// At another place.
    Outside,
}

/// A page's blocks with what was counted of them.
pub(crate) struct Seen<'s> {
    pub(crate) blocks: &'s [Block],
    pub(crate) hashes: Vec<u32>,
    pub(crate) words: Vec<u32>,
    pub(crate) total: u32,
    /// The place that holds most of the words.
    pub(crate) body: Place,
    /// Name of the outlet, folded; empty where unknown.
    outlet: String,
}

impl<'s> Seen<'s> {
    pub(crate) fn new(blocks: &'s [Block], outlet: Option<&str>) -> Self {
        let words: Vec<u32> = blocks.iter().map(|block| count_words(&block.text)).collect();
        let mut at: BTreeMap<Place, u32> = BTreeMap::new();
        for (block, words) in blocks.iter().zip(&words) {
            *at.entry(block.place).or_default() += words;
        }
        Self {
            blocks,
            hashes: blocks.iter().map(|block| hash_of(&block.text)).collect(),
            total: words.iter().sum(),
            words,
            body: at.iter().max_by_key(|(_, words)| **words).map_or(0, |(place, _)| *place),
            outlet: outlet.map(fold).unwrap_or_default(),
        }
    }

    pub(crate) fn words_at(&self, place: Place) -> u32 {
        self.blocks
            .iter()
            .zip(&self.words)
            .filter(|(block, _)| block.place == place)
            .map(|(_, words)| words)
            .sum()
    }

    /// Whether a block is in the midst of the article: at the place of its paragraphs, and not
    /// among the first or last.
    pub(crate) fn is_inside(&self, index: usize) -> bool {
        self.blocks[index].place == self.body && index >= 2 && index + 3 < self.blocks.len()
    }

    /// Where a block stands.
    pub(crate) fn stands(&self, index: usize) -> Stands {
        let at_body = |at: usize| self.blocks.get(at).is_some_and(|it| it.place == self.body);
        match (at_body(index), index > 0 && at_body(index - 1) && at_body(index + 1)) {
            (true, _) if self.is_inside(index) => Stands::Inside,
            (true, _) => Stands::Edge,
            (false, true) => Stands::Between,
            (false, false) => Stands::Outside,
        }
    }

    /// Whether a block says that it is not about the news: it names the outlet or an address, or
    /// is mostly links.
    pub(crate) fn points_away(&self, index: usize) -> bool {
        let text = &self.blocks[index].text;
        let names_outlet = self.outlet.chars().count() >= 4 && fold(text).contains(&self.outlet);
        names_outlet || text.contains('@') || text.contains("www.") || self.is_linked(index)
    }

    /// Whether a block is mostly links.
    pub(crate) fn is_linked(&self, index: usize) -> bool {
        self.blocks[index].link_chars * 2 >= self.blocks[index].text.len()
    }

    /// Whether a line's beginning and end say something about it: not in the midst of an article.
    pub(crate) fn has_templates(&self, index: usize) -> bool {
        (!self.is_inside(index) || self.is_linked(index)) && self.words[index] <= 40
    }

    /// Hashes of how a line begins and how it ends, at its place.
    pub(crate) fn templates(&self, index: usize) -> [Option<u32>; 2] {
        const WORDS: usize = 3;
        if self.words[index] < 4 || self.words[index] > 40 {
            return [None, None];
        }
        let folded = fold(&self.blocks[index].text);
        let words: Vec<&str> = folded.split(' ').collect();
        if words.len() <= WORDS {
            return [None, None];
        }
        let place = self.blocks[index].place;
        let start = join(1, place, hash_of(&words[..WORDS].join(" ")));
        let end = join(2, place, hash_of(&words[words.len() - WORDS..].join(" ")));
        [Some(start), Some(end)]
    }
}
