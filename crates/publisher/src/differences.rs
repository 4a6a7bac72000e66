//! Where a text that has just been read differs from another: in blocks, as where an outlet cuts and
//! frames, or in single words all over, as where both are made from one template. The words of the one
//! are at hand in their order; of the other a sketch is, and that is enough, in any script.

use std::collections::BTreeSet;

use crate::sketch::{Sketch, WIDTH, shingle};

/// Words put for others in one place at most, in shingles; more are a block.
const LONGEST_CHANGE: usize = 2;
/// Places with other words for each word from which on both texts are made from one template.
/// Tried on the template texts of `tests/copies.rs` (.034 to .12) and on texts of 60 to 300 words
/// with words changed at random: with one in 40 changed 99 % still count as copies, with one in 14 a
/// tenth. Longer texts show less of themselves (of 1,000 words with one in 14 changed: half).
const TEMPLATE: f64 = 0.032;
/// Fewer changed places are an update, however short the text.
const FEWEST_PLACES: f64 = 3.2;

/// The words and shingles of a text that has just been read; empty for one from the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InOrder {
    pub(crate) words: Vec<u64>,
    pub(crate) shingles: Vec<u32>,
    pub(crate) width: usize,
}
/// A stretch of a text's shingles that the other text lacks.
pub(crate) type Gap = std::ops::Range<usize>;
impl InOrder {
    /// The share of the text that stands in the other. A sampled shingle speaks for the words up
    /// to halfway to the next, so that blocks are measured to a few words and not by a count.
    pub(crate) fn covered(&self, sampled: &[(usize, bool)]) -> f64 {
        let all = self.shingles.len();
        let mut covered = 0;
        for (index, (at, is_there)) in sampled.iter().enumerate() {
            let before = index.checked_sub(1).map_or(0, |before| (sampled[before].0 + at) / 2);
            let after = sampled.get(index + 1).map_or(all, |after| (at + after.0) / 2);
            covered += if *is_there { after - before } else { 0 };
        }
        if all == 0 { 0.0 } else { covered as f64 / all as f64 }
    }

    /// The stretches that the other text lacks, each up to the shingles beside it that it has.
    pub(crate) fn gaps(&self, sampled: &[(usize, bool)]) -> Vec<Gap> {
        let mut gaps = Vec::new();
        let (mut start, mut is_open) = (0, false);
        for (at, is_there) in sampled {
            if *is_there && is_open {
                gaps.push(start..*at);
            }
            is_open = !is_there;
            if *is_there {
                start = at + 1;
            }
        }
        if is_open {
            gaps.push(start..self.shingles.len());
        }
        gaps
    }

    /// The words of a gap that no shingle beside it has.
    fn changed(&self, gap: &Gap) -> &[u64] {
        let from = if gap.start == 0 { 0 } else { gap.start + self.width - 1 };
        let to = if gap.end == self.shingles.len() { self.words.len() } else { gap.end };
        self.words.get(from..to).unwrap_or_default()
    }

    /// Whether the other text has what is beside a gap without what is in it: words were put in
    /// and none taken out.
    fn is_put_in(&self, gap: &Gap, other: &Sketch) -> bool {
        let before = self.words.get(gap.start..gap.start + self.width - 1).unwrap_or_default();
        let after = self.words.get(gap.end..gap.end + self.width - 1).unwrap_or_default();
        let around: Vec<u64> = before.iter().chain(after).copied().collect();
        gap.start > 0 && around.windows(self.width).all(|words| other.has(shingle(words)))
    }

    /// Places where a gap has other words than the other text; `None` for a block of its own. Three
    /// words in a row are two changes that ran together, or the name of somebody else.
    fn places(&self, gap: &Gap, level: u8) -> Option<f64> {
        let changed = self.changed(gap).len();
        // Where shingles are sampled a gap seems longer, by one in the rate less one each side.
        let unseen = 2 * ((1usize << level) - 1);
        if changed > LONGEST_CHANGE * self.width + 2 * unseen {
            return None;
        }
        // At the ends of a text no shingle shows that the words beside a change are the same.
        let is_at_end = gap.start == 0 || gap.end == self.shingles.len();
        let beside = if is_at_end { self.width - 1 } else { 0 };
        let sure = changed.saturating_sub(unseen + beside);
        Some(if 3 * sure > 2 * self.width { 2.0 } else { 1.0 })
    }

    /// Whether single words differ in so many places that both texts are made from one template.
    /// `lacking` of the other's hashes are not here.
    pub(crate) fn is_of_template(&self, gaps: &[Gap], other: &Sketch, lacking: usize) -> bool {
        let mut aligned = self.shingles.len();
        let mut seen = 0.0;
        let mut known: BTreeSet<u64> = BTreeSet::new();
        for gap in gaps {
            let Some(places) = self.places(gap, other.level) else {
                aligned -= gap.len();
                continue;
            };
            // One spelling for another, one name many times: that is one difference.
            let mut is_new = false;
            for word in self.changed(gap) {
                is_new |= known.insert(*word);
            }
            if other.level > 0 || is_new && !self.is_put_in(gap, other) {
                seen += places;
            }
        }
        let places = self.all_places(seen, other.level, lacking);
        let words = aligned as f64 * WIDTH as f64 / self.width.max(1) as f64;
        places >= FEWEST_PLACES && places >= TEMPLATE * words
    }

    /// The changed places there are if a sample shows so many, less what may be chance.
    fn all_places(&self, seen: f64, level: u8, lacking: usize) -> f64 {
        if level == 0 {
            // What frames a text costs the other no shingle. Changes near each other share some.
            return seen.min(lacking as f64 / (self.width as f64 - 1.0));
        }
        let rate = 1.0 / f64::from(1u32 << level);
        let shown = 1.0 - (1.0 - rate).powi(self.width as i32);
        let likely = (seen - (seen * (1.0 - shown)).sqrt()) / shown;
        // A word put for another costs the other text a shingle for each of its words, one that is only
        // put in one less.
        likely.min(lacking as f64 / rate / self.width as f64)
    }
}
