//! Copies: which earlier story has the same words. Exact by a hash of the normalised text, near
//! and abridged by a MinHash sketch of word shingles.
//!
//! The sketch keeps the smallest shingle hashes under a bound that halves until they fit (a
//! bottom sketch with a power-of-two rate), so that Jaccard *and* containment of any two texts
//! can be estimated at the coarser of their two rates: a cut version of a long report has a
//! Jaccard similarity of .2, which banded signatures miss (16 bands of 4 find 2 % of those), but
//! nearly all of its shingles lie in the long one. Candidates come from an ordered index of the
//! smallest hashes of each sketch.

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
/// A text of fewer words is no evidence of copying at all (photo captions, "Read more here").
const FEWEST_WORDS: u32 = 8;

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
}

/// How alike two texts are, 0 to 1 each.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Likeness {
    jaccard: f64,
    containment: f64,
    /// Hashes the estimate of containment rests on.
    basis: usize,
}

impl Sketch {
    /// The sketch of a text, from hashes of its words; `unspaced` of them are characters.
    pub(crate) fn of(
        title: u64,
        exact: u64,
        words: &[u64],
        unspaced: usize,
        instance: Instance,
    ) -> Self {
        // Three words; where a character is a word, about as much text in characters.
        let width = if unspaced * 2 > words.len() { 6 } else { 3 };
        let mut shingles: Vec<u32> = words
            .windows(width)
            .map(|shingle| {
                let whole = shingle.iter().fold(0, |state, word| combine(state, *word));
                (whole >> 32) as u32
            })
            .collect();
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
        Self { exact, title, instance, words: count as u32, level, hashes: shingles }
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
        })
    }

    fn indexed(&self) -> impl Iterator<Item = u32> + '_ {
        self.hashes.iter().copied().take(INDEXED)
    }

    fn likeness(&self, other: &Self) -> Likeness {
        let bound = u32::MAX >> self.level.max(other.level);
        let own = &self.hashes[..self.hashes.partition_point(|hash| *hash < bound)];
        let others = &other.hashes[..other.hashes.partition_point(|hash| *hash < bound)];
        let (mut at, mut at_other, mut both) = (0, 0, 0usize);
        while at < own.len() && at_other < others.len() {
            match own[at].cmp(&others[at_other]) {
                std::cmp::Ordering::Less => at += 1,
                std::cmp::Ordering::Greater => at_other += 1,
                std::cmp::Ordering::Equal => {
                    both += 1;
                    at += 1;
                    at_other += 1;
                }
            }
        }
        let either = own.len() + others.len() - both;
        let fewer = own.len().min(others.len());
        let share =
            |part: usize, whole: usize| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        Likeness { jaccard: share(both, either), containment: share(both, fewer), basis: fewer }
    }

    /// Whether the two are copies, how, and how much of the words they share.
    pub(crate) fn copy_of(&self, other: &Self) -> Option<(CopyKind, f64)> {
        if self.exact == other.exact && self.words == other.words {
            // A line or two is the same by chance or by template; then the title must be, too.
            let is_told_apart = self.words < FEWEST_WORDS && self.title != other.title;
            let is_nothing = self.words == 0 && self.title == 0;
            return (!is_told_apart && !is_nothing).then_some((CopyKind::Exact, 1.0));
        }
        if self.words.min(other.words) < SHORT_WORDS || self.instance.is_another_of(other.instance)
        {
            return None;
        }
        let likeness = self.likeness(other);
        if likeness.jaccard >= 0.7 {
            return Some((CopyKind::Near, likeness.jaccard));
        }
        // Few hashes make the estimate rough; it must then say more.
        let wanted = if likeness.basis >= 16 { 0.6 } else { 0.75 };
        (likeness.basis >= 6 && likeness.containment >= wanted)
            .then_some((CopyKind::Syndicated, likeness.containment))
    }
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
        let one = sketch_of(Some("Fire in Leeds"), "More follows.");
        assert_eq!(one.copy_of(&sketch_of(Some("Flood in York"), "More follows.")), None);
        assert!(one.copy_of(&sketch_of(Some("Fire in Leeds"), "More follows.")).is_some());
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
        for (name, changed, kind) in [
            ("edited", &edited, Some(CopyKind::Near)),
            ("cut", &cut, Some(CopyKind::Syndicated)),
            ("framed", &framed, Some(CopyKind::Syndicated)),
            ("other", &other, None),
            ("quoting", &quoting, None),
        ] {
            let (one, two) = (sketch(&original), sketch(changed));
            assert_eq!(one.copy_of(&two).map(|(kind, _)| kind), kind, "{name}");
            assert_eq!(one.copy_of(&two), two.copy_of(&one), "{name}");
            if kind.is_some() {
                let mut index = CopyIndex::default();
                index.insert(7, &one);
                assert_eq!(index.candidates(&two), [7], "{name}");
                index.remove(7, &one);
                assert_eq!(index.candidates(&two), Vec::<u32>::new(), "{name}");
            }
        }
    }
}
