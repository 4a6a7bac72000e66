//! Copies: which earlier story has the same words. Exact by a hash of the normalised text, near
//! and abridged by a MinHash sketch of word shingles.
//!
//! The sketch keeps the smallest shingle hashes under a bound that halves until they fit (a
//! bottom sketch with a power-of-two rate), so that Jaccard *and* containment of any two texts
//! can be estimated at the kept one's rate: a cut version of a long report has a
//! Jaccard similarity of .2, which banded signatures miss (16 bands of 4 find 2 % of those), but
//! nearly all of its shingles lie in the long one. Candidates come from an ordered index of the
//! smallest hashes of each sketch.
//!
//! To be a copy is no matter of likeness alone. It has a direction: most of the newer text's own
//! words must stand in the older one, or a full report would be a copy of its flash. And it
//! matters where the differences lie: an outlet cuts and frames whole sentences, whereas a text
//! made from a template (two quakes, two rate decisions, the weather of two towns) differs by
//! single words all over. The words of a text that has just been read are at hand, so both can be told from its
//! side alone, in any script.

use std::collections::BTreeSet;

use events::CopyKind;

use crate::hash::combine;
use crate::instance::Instance;
use crate::state::{Reader, StateError, Writer};

/// Most hashes a sketch keeps.
const SKETCH_SIZE: usize = 96;
/// Smallest hashes of a sketch by which it is found.
const INDEXED: usize = 24;
/// Newest stories looked at for one hash. Wording that more stories share is a template's.
const LOOK_BACK: usize = 48;
/// Candidates that are compared, those that share most hashes first.
const CANDIDATES: usize = 12;
/// Below so many words a body is too short to be compared by shingles.
const SHORT_WORDS: u32 = 40;
/// Words of a shingle.
const WIDTH: usize = 3;
/// Characters of one where a character is a word: about as much text.
const UNSPACED_WIDTH: usize = 6;
/// Share of its own words that a copy has from the other text at least.
const MOST: f64 = 0.6;
/// The same where the estimate rests on few hashes and is rough.
const MOST_OF_FEW: f64 = 0.75;
/// The same for a text longer than the other: with a third of its own it is the next report.
const MOST_OF_LONGER: f64 = 0.72;
/// Share of another text's words that stand in one that has the whole of it, cut lines aside.
const WHOLE: f64 = 0.8;
/// Hashes from which on an estimate is not rough.
const MANY_HASHES: usize = 16;
/// Hashes below which there is no estimate.
const FEWEST_HASHES: usize = 6;
/// From this Jaccard similarity on a copy is called near.
const NEAR: f64 = 0.7;
/// Words put for others in one place at most, in shingles; more are a block.
const LONGEST_CHANGE: usize = 2;
/// Places with other words for each word from which on both texts are made from one template.
/// Tried on the template texts of `tests/copies.rs` (.034 to .12) and on texts of 60 to 300 words
/// with words changed at random: with one in 40 changed 99 % still count as copies, with one in 14 a
/// tenth. Longer texts show less of themselves (of 1,000 words with one in 14 changed: half).
const TEMPLATE: f64 = 0.032;
/// Fewer changed places are an update, however short the text.
const FEWEST_PLACES: f64 = 3.2;

/// Share of the words that two texts of one template have in common at least.
const TEMPLATED: f64 = 0.15;

/// What is kept of a text to compare others with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sketch {
    /// Hash of the words of the text in their order.
    pub(crate) exact: u64,
    /// Hash of the words of the title; 0 where there is none.
    pub(crate) title: u64,
    /// Which instance of a series the title names.
    pub(crate) instance: Instance,
    /// Number of words of the text.
    pub(crate) words: u32,
    /// Hashes kept are those below `u32::MAX >> level`.
    pub(crate) level: u8,
    /// Shingle hashes, ascending.
    pub(crate) hashes: Vec<u32>,
    /// The text in its order, which is not kept.
    order: InOrder,
}

/// The words and shingles of a text that has just been read; empty for one from the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct InOrder {
    words: Vec<u64>,
    shingles: Vec<u32>,
    width: usize,
}

/// How a text that has just been read stands to another.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Likeness {
    jaccard: f64,
    /// Share of its own words that stand in the other.
    own: f64,
    /// Share of the other's words that stand in it.
    others: f64,
    /// Hashes the estimates rest on.
    basis: usize,
    /// Whether single words differ all over.
    is_of_template: bool,
}

/// A stretch of a text's shingles that the other text lacks.
type Gap = std::ops::Range<usize>;

impl Sketch {
    /// The sketch of a text, from hashes of its words; `unspaced` of them are characters.
    pub(crate) fn of(
        title: u64,
        exact: u64,
        words: &[u64],
        unspaced: usize,
        instance: Instance,
    ) -> Self {
        let width = if unspaced * 2 > words.len() { UNSPACED_WIDTH } else { WIDTH };
        let in_order: Vec<u32> = words.windows(width).map(shingle).collect();
        let mut shingles = in_order.clone();
        shingles.sort_unstable();
        shingles.dedup();
        let mut level = 0u8;
        let mut kept = shingles.len();
        while kept > SKETCH_SIZE {
            level += 1;
            kept = shingles.partition_point(|hash| *hash < u32::MAX >> level);
        }
        shingles.truncate(kept);
        shingles.shrink_to_fit();
        let count = words.len() - unspaced / 2;
        let order = InOrder { words: words.to_vec(), shingles: in_order, width };
        Self { exact, title, instance, words: count as u32, level, hashes: shingles, order }
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.raw(&self.exact.to_le_bytes());
        writer.raw(&self.title.to_le_bytes());
        writer.number(u64::from(self.instance.series));
        if self.instance.series != 0 {
            writer.number(u64::from(self.instance.number));
        }
        writer.number(u64::from(self.words));
        writer.number(u64::from(self.level));
        writer.ascending(self.hashes.iter().copied());
    }

    pub(crate) fn read(key: &str, reader: &mut Reader<'_>) -> Result<Self, StateError> {
        let exact = reader.word()?;
        let title = reader.word()?;
        let series = reader.small()?;
        let number = if series == 0 { 0 } else { reader.small()? };
        Ok(Self {
            exact,
            title,
            instance: Instance { series, number },
            words: reader.small()?,
            level: u8::try_from(reader.small()?)
                .ok()
                .filter(|level| *level < 32)
                .ok_or_else(|| StateError::corrupt(key, "its sketch has no such level"))?,
            hashes: reader.ascending()?,
            order: InOrder::default(),
        })
    }

    fn indexed(&self) -> impl Iterator<Item = u32> + '_ {
        self.hashes.iter().copied().take(INDEXED)
    }

    /// Whether a shingle of another text would be in this sketch, were it in this text.
    fn samples(&self, hash: u32) -> bool {
        self.level == 0 || hash < u32::MAX >> self.level
    }

    fn has(&self, hash: u32) -> bool {
        self.hashes.binary_search(&hash).is_ok()
    }

    fn likeness(&self, other: &Self) -> Likeness {
        // All of this text is at hand, so that the other's rate is the only one that counts.
        let sampled: Vec<(usize, bool)> = (self.order.shingles.iter().enumerate())
            .filter(|(_, hash)| other.samples(**hash))
            .map(|(at, hash)| (at, other.has(*hash)))
            .collect();
        let mut own: Vec<u32> =
            self.order.shingles.iter().copied().filter(|hash| other.samples(*hash)).collect();
        own.sort_unstable();
        own.dedup();
        let both = own.iter().filter(|hash| other.has(**hash)).count();
        let either = own.len() + other.hashes.len() - both;
        let gaps = self.order.gaps(&sampled);
        Likeness {
            jaccard: if either == 0 { 0.0 } else { both as f64 / either as f64 },
            own: self.order.covered(&sampled),
            others: if other.hashes.is_empty() {
                0.0
            } else {
                both as f64 / other.hashes.len() as f64
            },
            basis: own.len().min(other.hashes.len()),
            is_of_template: self.order.is_of_template(&gaps, other, other.hashes.len() - both),
        }
    }

    /// Whether a text that has just been read is a copy of another, how, and how much of its
    /// words it has from there.
    pub(crate) fn copy_of(&self, other: &Self) -> Option<(CopyKind, f64)> {
        if self.exact == other.exact && self.words == other.words {
            // A few sentences are the same by template ("Please check back for updates"); then
            // the title must be, too.
            let is_told_apart = self.words < SHORT_WORDS && self.title != other.title;
            let is_nothing = self.words == 0 && self.title == 0;
            return (!is_told_apart && !is_nothing).then_some((CopyKind::Exact, 1.0));
        }
        if self.words.min(other.words) < SHORT_WORDS || self.instance.is_another_of(other.instance)
        {
            return None;
        }
        let likeness = self.likeness(other);
        if likeness.basis < FEWEST_HASHES || likeness.is_of_template {
            return None;
        }
        let is_longer = self.words > other.words;
        let wanted = match likeness.basis < MANY_HASHES {
            true => MOST_OF_FEW,
            false if is_longer => MOST_OF_LONGER,
            false => MOST,
        };
        if likeness.jaccard >= NEAR {
            return Some((CopyKind::Near, likeness.jaccard));
        }
        (likeness.own >= wanted).then_some((CopyKind::Syndicated, likeness.own))
    }

    /// The share of the words of the one that stand in the other, whichever is greater; `None`
    /// where either text is too short to say.
    pub(crate) fn shared_with(&self, other: &Self) -> Option<f64> {
        let likeness = self.likeness(other);
        (likeness.basis >= FEWEST_HASHES).then(|| likeness.own.max(likeness.others))
    }

    /// Whether a text that has just been read and another are made from one template: much is the
    /// same, and single words differ all over.
    pub(crate) fn is_of_template_with(&self, other: &Self) -> bool {
        let likeness = self.likeness(other);
        let shared = likeness.own.max(likeness.others);
        likeness.basis >= FEWEST_HASHES && likeness.is_of_template && shared >= TEMPLATED
    }

    /// Whether a text that has just been read has the whole of another in it, as a full report has
    /// its flash.
    pub(crate) fn has_whole(&self, other: &Self) -> bool {
        if self.words.min(other.words) < SHORT_WORDS {
            return false;
        }
        let likeness = self.likeness(other);
        likeness.basis >= FEWEST_HASHES && likeness.others >= WHOLE && !likeness.is_of_template
    }
}

impl InOrder {
    /// The share of the text that stands in the other. A sampled shingle speaks for the words up
    /// to halfway to the next, so that blocks are measured to a few words and not by a count.
    fn covered(&self, sampled: &[(usize, bool)]) -> f64 {
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
    fn gaps(&self, sampled: &[(usize, bool)]) -> Vec<Gap> {
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
    fn is_of_template(&self, gaps: &[Gap], other: &Sketch, lacking: usize) -> bool {
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

/// The hash of some words in their order.
fn shingle(words: &[u64]) -> u32 {
    (words.iter().fold(0, |state, word| combine(state, *word)) >> 32) as u32
}

/// Index of the sketches in the comparison window. Stories are named by their number in order
/// of arrival, so that "the newest" is the same after a restart.
#[derive(Default)]
pub(crate) struct CopyIndex {
    exact: BTreeSet<(u64, u32)>,
    shingles: BTreeSet<(u32, u32)>,
}

impl CopyIndex {
    pub(crate) fn insert(&mut self, number: u32, sketch: &Sketch) {
        self.exact.insert((sketch.exact, number));
        if sketch.words >= SHORT_WORDS {
            self.shingles.extend(sketch.indexed().map(|hash| (hash, number)));
        }
    }

    pub(crate) fn remove(&mut self, number: u32, sketch: &Sketch) {
        self.exact.remove(&(sketch.exact, number));
        for hash in sketch.indexed() {
            self.shingles.remove(&(hash, number));
        }
    }

    /// Whether another story has the very same few words: they may be a line that stands for any
    /// text ("Please check back for updates").
    pub(crate) fn repeats(&self, number: u32, sketch: &Sketch) -> bool {
        (1..SHORT_WORDS).contains(&sketch.words)
            && self
                .exact
                .range((sketch.exact, 0)..=(sketch.exact, u32::MAX))
                .any(|(_, other)| *other != number)
    }

    /// Stories worth a comparison, best first.
    pub(crate) fn candidates(&self, sketch: &Sketch) -> Vec<u32> {
        let mut found: Vec<u32> = self
            .exact
            .range((sketch.exact, 0)..=(sketch.exact, u32::MAX))
            .map(|(_, number)| *number)
            .take(CANDIDATES)
            .collect();
        if sketch.words < SHORT_WORDS {
            return found;
        }
        let mut sharing: Vec<u32> = Vec::new();
        for hash in sketch.indexed() {
            let newest = self.shingles.range((hash, 0)..=(hash, u32::MAX)).rev();
            sharing.extend(newest.take(LOOK_BACK).map(|(_, number)| *number));
        }
        sharing.sort_unstable();
        let mut ranked: Vec<(std::cmp::Reverse<usize>, u32)> = sharing
            .chunk_by(|one, other| one == other)
            .map(|same| (std::cmp::Reverse(same.len()), same[0]))
            .collect();
        ranked.sort_unstable();
        for (_, number) in ranked.into_iter().take(CANDIDATES) {
            if !found.contains(&number) {
                found.push(number);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::Lexicon;
    use crate::reading::Reading;

    /// A text of `count` words that all differ, from a seed.
    fn text(seed: u64, count: u64) -> Vec<String> {
        (0..count).map(|index| format!("w{}", combine(seed, index) % 5000)).collect()
    }

    fn sketch_of(title: Option<&str>, text: &str) -> Sketch {
        Reading::of(&mut Lexicon::default(), title, text, Some("en")).sketch
    }

    fn sketch(words: &[String]) -> Sketch {
        sketch_of(Some("A title"), &words.join(" "))
    }

    #[test]
    fn the_same_words_are_an_exact_copy_whatever_the_typography() {
        let one = sketch_of(
            None,
            "The “ferry” sank off the northern coast, rescuers said.\n\nNobody was hurt.",
        );
        let other = sketch_of(
            None,
            "The \"ferry\" sank off the northern coast, rescuers said. Nobody was hurt. ",
        );
        assert_eq!(one.copy_of(&other), Some((CopyKind::Exact, 1.0)));
    }

    #[test]
    fn a_few_words_are_no_copy_under_another_title() {
        let stub = "This is a breaking news story. Please check back for updates as more \
                    information becomes available.";
        for text in ["More follows.", stub] {
            let one = sketch_of(Some("Fire in Leeds"), text);
            assert_eq!(one.copy_of(&sketch_of(Some("Flood in York"), text)), None);
            assert!(one.copy_of(&sketch_of(Some("“Fire” in Leeds"), text)).is_some());
        }
        let brief = text(6, u64::from(SHORT_WORDS)).join(" ");
        let (one, other) = (sketch_of(Some("A"), &brief), sketch_of(Some("B"), &brief));
        assert_eq!(one.copy_of(&other), Some((CopyKind::Exact, 1.0)));
        assert_eq!(sketch_of(None, "").copy_of(&sketch_of(None, "")), None);
    }

    #[test]
    fn instances_of_one_series_are_no_copies_unless_word_for_word() {
        let body = text(1, 200);
        let mut changed = body.clone();
        changed[7] = "changed".to_owned();
        let (body, changed) = (body.join(" "), changed.join(" "));
        let day = |number, text: &str| sketch_of(Some(&format!("The strike, day {number}")), text);
        assert_eq!(day(2, &body).copy_of(&day(21, &changed)), None);
        assert!(day(2, &body).copy_of(&day(2, &changed)).is_some());
        assert!(day(2, &body).copy_of(&day(21, &body)).is_some());
    }

    #[test]
    fn edited_cut_and_other_texts_are_told_apart() {
        let original = text(1, 600);
        let mut edited = original.clone();
        edited[100] = "changed".to_owned();
        edited.extend(text(2, 30));
        let cut = original[..150].to_vec();
        let mut framed = text(3, 60);
        framed.extend_from_slice(&original[..200]);
        let other = text(4, 600);
        let mut quoting = text(5, 400);
        quoting.extend_from_slice(&original[50..110]);
        // How the second is a copy of the first, and the first of the second.
        for (name, changed, kind, back) in [
            ("edited", &edited, Some(CopyKind::Near), Some(CopyKind::Near)),
            ("cut", &cut, Some(CopyKind::Syndicated), None),
            ("framed", &framed, Some(CopyKind::Syndicated), None),
            ("other", &other, None, None),
            ("quoting", &quoting, None, None),
        ] {
            let (one, two) = (sketch(&original), sketch(changed));
            let kind_of = |copy: Option<(CopyKind, f64)>| copy.map(|(kind, _)| kind);
            assert_eq!(kind_of(two.copy_of(&one)), kind, "{name}");
            assert_eq!(kind_of(one.copy_of(&two)), back, "{name}, the other way round");
            if kind.is_some() {
                let mut index = CopyIndex::default();
                index.insert(7, &one);
                assert_eq!(index.candidates(&two), [7], "{name}");
                index.remove(7, &one);
                assert_eq!(index.candidates(&two), Vec::<u32>::new(), "{name}");
            }
        }
    }

    #[test]
    fn words_changed_all_over_are_a_template_and_words_changed_here_and_there_are_not() {
        for count in [60, 90, 200, 300] {
            let original = text(count, count);
            let with_every = |nth: usize| {
                let changed = |(index, word): (usize, &String)| {
                    if index % nth == nth / 2 { format!("x{index}") } else { word.clone() }
                };
                original.iter().enumerate().map(changed).collect::<Vec<_>>()
            };
            for (nth, is_copy) in [(12, false), (40, true)] {
                let found = sketch(&with_every(nth)).copy_of(&sketch(&original));
                assert_eq!(found.is_some(), is_copy, "every {nth} of {count}");
            }
        }
    }

    #[test]
    fn words_put_in_are_no_words_changed() {
        let original = text(8, 70);
        let mut with_places = original.clone();
        for at in [60, 48, 36, 24, 12] {
            with_places.insert(at, format!("place{at}"));
        }
        let (one, other) = (sketch(&original), sketch(&with_places));
        assert!(other.copy_of(&one).is_some());
        assert!(one.copy_of(&other).is_some());
    }

    #[test]
    fn one_spelling_for_another_is_one_change_however_often() {
        let mut original = text(9, 80);
        let mut other = original.clone();
        for at in [5, 20, 35, 50, 65] {
            original[at] = "labour".to_owned();
            other[at] = "labor".to_owned();
        }
        assert!(sketch(&other).copy_of(&sketch(&original)).is_some());
    }
}
