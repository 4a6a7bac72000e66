//! What a story is about, for grouping: stems of words, and names with numbers, as hashes with
//! how often they occur.

use crate::hash::combine;
use crate::reading::Token;

/// A title counts as if it were said twice.
const TITLE_WEIGHT: u16 = 2;

/// A term and how often it occurs, sorted by term.
pub(crate) type Counts = Vec<(u32, u16)>;

/// The terms of one story.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Terms {
    /// Primary language subtag, lower case; empty where it is not known.
    pub(crate) language: String,
    /// Word stems; pairs of characters where words are not spaced.
    pub(crate) words: Counts,
    /// Capitalised words inside sentences, spans of them, numbers.
    pub(crate) names: Counts,
    /// Words whose capitals say nothing here, and that stand nowhere else in the story: names if
    /// other stories have them as such. Sorted by name.
    pub(crate) doubtful: Vec<Doubtful>,
}

/// A capitalised word in a title-case line or at the beginning of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Doubtful {
    /// Its term as a name.
    pub(crate) name: u32,
    /// Its term as a word.
    pub(crate) stem: u32,
    pub(crate) times: u16,
}

impl Terms {
    /// The terms of a title and a body.
    pub(crate) fn of(language: String, title: &[Token], body: &[Token]) -> Self {
        let mut gathered = Gathered::default();
        gathered.take(title, true);
        // Sub-headings and headlines in the body can be in title case, too.
        for sentence in body.chunk_by(|_, next| !next.starts_sentence) {
            gathered.take(sentence, false);
        }
        gathered.finish(language)
    }
}

#[derive(Default)]
struct Gathered {
    words: Counts,
    names: Counts,
    /// Capitalised words in a title-case line or at the beginning of a sentence: names if they are
    /// capitalised elsewhere, too.
    doubtful: Vec<Doubtful>,
    /// The first word of the title: a name unless it is seen without a capital.
    first: Counts,
    sure: Vec<u32>,
    /// Words that were seen without a capital.
    common: Vec<u32>,
}

/// The term of a hash.
pub(crate) fn term(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Adds up equal terms and sorts.
fn add_up(counts: &mut Counts) {
    counts.sort_unstable();
    let mut kept = 0;
    for at in 0..counts.len() {
        let (term, times) = counts[at];
        if kept > 0 && counts[kept - 1].0 == term {
            counts[kept - 1].1 = counts[kept - 1].1.saturating_add(times);
        } else {
            counts[kept] = (term, times);
            kept += 1;
        }
    }
    counts.truncate(kept);
}

impl Gathered {
    fn take(&mut self, all: &[Token], is_title: bool) {
        let weight = if is_title { TITLE_WEIGHT } else { 1 };
        let is_title_case = is_title_case(all);
        let mut span: Option<u64> = None;
        let mut unspaced: Option<u64> = None;
        for token in all {
            if token.is_unspaced {
                if let Some(before) = unspaced.replace(token.hash) {
                    self.words.push((term(combine(before, token.hash)), weight));
                }
                span = None;
                continue;
            }
            unspaced = None;
            if token.is_number {
                self.names.push((term(token.hash), weight));
                span = None;
            }
            if !token.is_stop_word && (token.is_number || !token.is_single) {
                self.words.push((token.stem, weight));
            }
            let name = term(token.name);
            if !token.is_capital || token.is_stop_word {
                self.common.push(name);
                span = None;
                continue;
            }
            if is_title_case || token.starts_sentence && !is_title {
                self.doubtful.push(Doubtful { name, stem: token.stem, times: weight });
            } else if token.starts_sentence {
                self.first.push((name, weight));
            } else {
                self.names.push((name, weight));
                self.sure.push(name);
            }
            if !is_title_case {
                // "Steve Witkoff" says more than "Steve" and "Witkoff".
                if let Some(before) = span {
                    self.names.push((term(combine(before, token.name)), weight));
                }
                span = Some(token.name);
            }
        }
    }

    fn finish(mut self, language: String) -> Terms {
        for (name, times) in self.first {
            if !self.common.contains(&name) {
                self.names.push((name, times));
                self.sure.push(name);
            }
        }
        self.sure.sort_unstable();
        let is_sure = |one: &Doubtful| self.sure.binary_search(&one.name).is_ok();
        self.doubtful.sort_unstable();
        let (sure, mut doubtful): (Vec<_>, Vec<_>) = self.doubtful.into_iter().partition(is_sure);
        self.names.extend(sure.iter().map(|one| (one.name, one.times)));
        self.common.sort_unstable();
        doubtful.retain(|one| self.common.binary_search(&one.name).is_err());
        doubtful.dedup_by(|one, before| {
            let is_same = one.name == before.name;
            before.times = before.times.saturating_add(if is_same { one.times } else { 0 });
            is_same
        });
        add_up(&mut self.words);
        add_up(&mut self.names);
        Terms { language, words: self.words, names: self.names, doubtful }
    }
}

/// Whether most longer words are capitalised, so that capitals say nothing.
fn is_title_case(words: &[Token]) -> bool {
    let mut longer = 0usize;
    let mut capital = 0usize;
    for word in words {
        if word.is_long {
            longer += 1;
            capital += usize::from(word.is_capital);
        }
    }
    longer >= 3 && capital * 10 >= longer * 7
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::lexicon::Lexicon;
    use crate::reading::Reading;

    pub(crate) fn terms(title: Option<&str>, text: &str, language: &str) -> Terms {
        Reading::of(&mut Lexicon::default(), title, text, Some(language)).terms
    }

    fn shared(one: &Counts, other: &Counts) -> usize {
        one.iter().filter(|(term, _)| other.iter().any(|(others, _)| others == term)).count()
    }

    #[test]
    fn stems_meet_and_stop_words_do_not() {
        let one = terms(None, "The court rejected the appeals", "en-GB");
        let other = terms(None, "An appeal is rejecting the courts", "en");
        assert_eq!(shared(&one.words, &other.words), 3);
        assert_eq!(one.words.len(), 3);
    }

    #[test]
    fn names_are_capitalised_words_inside_sentences_and_numbers() {
        let names = |text| terms(None, text, "en").names.len();
        // Monday, Steve, Witkoff, Steve Witkoff
        assert_eq!(names("On Monday they met. Then Steve Witkoff left the building early."), 4);
        assert_eq!(names("Then Steve Witkoff left for good at 12 sharp"), 4);
        assert_eq!(names("nothing here is a name"), 0);
        let title_case = terms(Some("Nasty Weather Has Curbed Job Growth"), "", "en");
        assert_eq!(title_case.names.len(), 0);
    }

    #[test]
    fn scripts_without_spaces_give_pairs_of_characters() {
        let one = terms(Some("東京で地震"), "", "ja");
        assert_eq!(one.words.len(), 4);
        let other = terms(Some("東京の地震"), "", "ja");
        assert_eq!(shared(&one.words, &other.words), 2);
    }
}
