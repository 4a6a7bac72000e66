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

use crate::sketch::Sketch;

/// Newest stories looked at for one hash. Wording that more stories share is a template's.
const LOOK_BACK: usize = 48;
/// Candidates that are compared, those that share most hashes first.
const CANDIDATES: usize = 12;
/// Below so many words a body is too short to be compared by shingles.
pub(crate) const SHORT_WORDS: u32 = 40;
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
/// Share of the words that two texts of one template have in common at least.
const TEMPLATED: f64 = 0.15;

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
impl Sketch {
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
    use crate::hash::combine;
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
