//! What a story is about, for grouping: stems of words, and names with numbers, as hashes with
//! how often they occur.

use std::collections::{BTreeMap, BTreeSet};

use rust_stemmers::{Algorithm, Stemmer};

use crate::hash::{combine, hash};
use crate::stop_words;
use crate::words::{self, Word, compatible, fold};

/// News says what happened in its first paragraphs; background comes later.
const BODY_WORDS: usize = 300;
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
}

impl Terms {
    /// The terms of a title and a body.
    pub(crate) fn of(title: Option<&str>, text: &str, language: Option<&str>) -> Self {
        let language = language
            .and_then(|tag| tag.split(['-', '_']).next())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let mut gathered = Gathered {
            stemmer: algorithm(&language).map(Stemmer::create),
            stop_words: stop_words::of(&language),
            ..Gathered::default()
        };
        if let Some(title) = title {
            let title = compatible(title);
            let words: Vec<Word<'_>> = words::words(&title).collect();
            gathered.take(&words, TITLE_WEIGHT);
        }
        let body = compatible(text);
        let words: Vec<Word<'_>> = words::words(&body).take(BODY_WORDS).collect();
        // Sub-headings and headlines in the body can be in title case, too.
        for sentence in words.chunk_by(|_, next| !next.starts_sentence) {
            gathered.take(sentence, 1);
        }
        gathered.finish(language)
    }
}

#[derive(Default)]
struct Gathered {
    stemmer: Option<Stemmer>,
    stop_words: &'static [&'static str],
    words: BTreeMap<u32, u16>,
    names: BTreeMap<u32, u16>,
    /// Capitalised words in a title-case line or at the beginning of a sentence: names only if
    /// they are capitalised elsewhere, too.
    doubtful: BTreeMap<u32, u16>,
    /// The first word of the title: a name unless it is seen without a capital.
    first: BTreeMap<u32, u16>,
    sure: BTreeSet<u32>,
    /// Words that were seen without a capital.
    common: BTreeSet<u32>,
}

fn add(counts: &mut BTreeMap<u32, u16>, term: u32, times: u16) {
    let count = counts.entry(term).or_default();
    *count = count.saturating_add(times);
}

fn term(text: &str) -> u32 {
    (hash(text.as_bytes()) >> 32) as u32
}

impl Gathered {
    fn take(&mut self, all: &[Word<'_>], weight: u16) {
        let is_title_case = is_title_case(all);
        let is_title = weight == TITLE_WEIGHT;
        let mut span: Option<u64> = None;
        let mut unspaced: Option<u64> = None;
        for word in all {
            let folded = fold(word.text);
            if word.is_unspaced {
                let own = hash(folded.as_bytes());
                if let Some(before) = unspaced.replace(own) {
                    add(&mut self.words, (combine(before, own) >> 32) as u32, weight);
                }
                span = None;
                continue;
            }
            unspaced = None;
            let Some(first) = word.text.chars().next() else {
                continue;
            };
            let is_stop_word = self.stop_words.binary_search(&folded.as_str()).is_ok();
            let is_number = first.is_numeric();
            if is_number {
                add(&mut self.names, term(&folded), weight);
                span = None;
            }
            if !is_stop_word && (is_number || folded.chars().nth(1).is_some()) {
                let stem = match &self.stemmer {
                    Some(stemmer) => term(&stemmer.stem(&folded)),
                    None => term(&folded),
                };
                add(&mut self.words, stem, weight);
            }
            let own = hash(possessive_stripped(&folded).as_bytes());
            let name = (own >> 32) as u32;
            if !first.is_uppercase() || is_stop_word {
                self.common.insert(name);
                span = None;
                continue;
            }
            if is_title_case || word.starts_sentence && !is_title {
                add(&mut self.doubtful, name, weight);
            } else if word.starts_sentence {
                add(&mut self.first, name, weight);
            } else {
                add(&mut self.names, name, weight);
                self.sure.insert(name);
            }
            if !is_title_case {
                // "Steve Witkoff" says more than "Steve" and "Witkoff".
                if let Some(before) = span {
                    add(&mut self.names, (combine(before, own) >> 32) as u32, weight);
                }
                span = Some(own);
            }
        }
    }

    fn finish(mut self, language: String) -> Terms {
        for (name, times) in self.first {
            if !self.common.contains(&name) {
                add(&mut self.names, name, times);
                self.sure.insert(name);
            }
        }
        for (name, times) in self.doubtful {
            if self.sure.contains(&name) {
                add(&mut self.names, name, times);
            }
        }
        Terms {
            language,
            words: self.words.into_iter().collect(),
            names: self.names.into_iter().collect(),
        }
    }
}

fn possessive_stripped(folded: &str) -> &str {
    // fold() has taken the apostrophe; "witkoffs" and "witkoff" are one name.
    match folded.strip_suffix('s') {
        Some(stem) if stem.len() >= 5 && !stem.ends_with('s') => stem,
        _ => folded,
    }
}

/// Whether most longer words are capitalised, so that capitals say nothing.
fn is_title_case(words: &[Word<'_>]) -> bool {
    let mut longer = 0usize;
    let mut capital = 0usize;
    for word in words {
        if word.text.chars().count() >= 4 {
            longer += 1;
            capital += usize::from(word.text.chars().next().is_some_and(char::is_uppercase));
        }
    }
    longer >= 3 && capital * 10 >= longer * 7
}

fn algorithm(language: &str) -> Option<Algorithm> {
    Some(match language {
        "ar" => Algorithm::Arabic,
        "da" => Algorithm::Danish,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "nl" => Algorithm::Dutch,
        "nb" | "nn" | "no" => Algorithm::Norwegian,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sv" => Algorithm::Swedish,
        "ta" => Algorithm::Tamil,
        "tr" => Algorithm::Turkish,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(one: &Counts, other: &Counts) -> usize {
        one.iter().filter(|(term, _)| other.iter().any(|(others, _)| others == term)).count()
    }

    #[test]
    fn stems_meet_and_stop_words_do_not() {
        let one = Terms::of(None, "The court rejected the appeals", Some("en-GB"));
        let other = Terms::of(None, "An appeal is rejecting the courts", Some("en"));
        assert_eq!(shared(&one.words, &other.words), 3);
        assert_eq!(one.words.len(), 3);
    }

    #[test]
    fn names_are_capitalised_words_inside_sentences_and_numbers() {
        let names = |text| Terms::of(None, text, Some("en")).names.len();
        // Monday, Steve, Witkoff, Steve Witkoff
        assert_eq!(names("On Monday they met. Then Steve Witkoff left the building early."), 4);
        assert_eq!(names("Then Steve Witkoff left for good at 12 sharp"), 4);
        assert_eq!(names("nothing here is a name"), 0);
        let title_case = Terms::of(Some("Nasty Weather Has Curbed Job Growth"), "", Some("en"));
        assert_eq!(title_case.names.len(), 0);
    }

    #[test]
    fn scripts_without_spaces_give_pairs_of_characters() {
        let one = Terms::of(Some("東京で地震"), "", Some("ja"));
        assert_eq!(one.words.len(), 4);
        let other = Terms::of(Some("東京の地震"), "", Some("ja"));
        assert_eq!(shared(&one.words, &other.words), 2);
    }
}
