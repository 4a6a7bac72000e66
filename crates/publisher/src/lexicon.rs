//! What is known of a word by itself: its stem, its form as a name, whether it is a stop word.
//! Remembered, because stemming costs more than all else that is done with a word and a few
//! thousand words make most of any text. Pure: what is remembered is what would be computed.

use rust_stemmers::{Algorithm, Stemmer};

use crate::hash::{combine, hash};
use crate::stop_words;

/// Words remembered, a power of two. 32 bytes each.
const PLACES: usize = 1 << 15;

/// A word as terms are made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Term of its stem.
    pub(crate) stem: u32,
    /// Hash of its form as a name: without a possessive `s`.
    pub(crate) name: u64,
    pub(crate) is_stop: bool,
}

/// Words looked up lately. One word takes one place; another that belongs there replaces it.
pub(crate) struct Lexicon {
    places: Vec<(u64, Word)>,
}

impl Default for Lexicon {
    fn default() -> Self {
        // 0 stands for an empty place; a key of 0 is computed each time.
        let empty = Word { stem: 0, name: 0, is_stop: false };
        Self { places: vec![(0, empty); PLACES] }
    }
}

impl Lexicon {
    /// The words of one language, by primary subtag.
    pub(crate) fn of(&mut self, language: &str) -> InLanguage<'_> {
        InLanguage {
            places: &mut self.places,
            language: hash(language.as_bytes()),
            stemmer: algorithm(language).map(Stemmer::create),
            stop_words: stop_words::of(language),
        }
    }
}

/// A lexicon with a language.
pub(crate) struct InLanguage<'l> {
    places: &'l mut [(u64, Word)],
    language: u64,
    stemmer: Option<Stemmer>,
    stop_words: &'static [&'static str],
}

impl InLanguage<'_> {
    /// Looks up a folded word; `hash_of` is its hash.
    pub(crate) fn find(&mut self, folded: &str, hash_of: u64) -> Word {
        let key = combine(self.language, hash_of);
        let place = key as usize & (PLACES - 1);
        let (known, word) = self.places[place];
        if known == key && key != 0 {
            return word;
        }
        let word = self.compute(folded);
        self.places[place] = (key, word);
        word
    }

    fn compute(&self, folded: &str) -> Word {
        let stem = match &self.stemmer {
            Some(stemmer) => term(&stemmer.stem(folded)),
            None => term(folded),
        };
        Word {
            stem,
            name: hash(possessive_stripped(folded).as_bytes()),
            is_stop: self.stop_words.binary_search(&folded).is_ok(),
        }
    }
}

/// The term of a text.
pub(crate) fn term(text: &str) -> u32 {
    (hash(text.as_bytes()) >> 32) as u32
}

fn possessive_stripped(folded: &str) -> &str {
    // fold() has taken the apostrophe; "witkoffs" and "witkoff" are one name.
    match folded.strip_suffix('s') {
        Some(stem) if stem.len() >= 5 && !stem.ends_with('s') => stem,
        _ => folded,
    }
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

    #[test]
    fn a_remembered_word_is_the_computed_one_in_each_language() {
        let mut lexicon = Lexicon::default();
        for language in ["en", "de", "xx"] {
            for word in ["meetings", "the", "häuser", "witkoffs"] {
                let first = lexicon.of(language).find(word, hash(word.as_bytes()));
                let second = lexicon.of(language).find(word, hash(word.as_bytes()));
                assert_eq!(first, second);
                assert_eq!(first, lexicon.of(language).compute(word));
            }
        }
        let english = lexicon.of("en").find("meetings", hash(b"meetings"));
        assert_eq!(english.stem, term("meet"));
        assert_eq!(lexicon.of("xx").find("meetings", hash(b"meetings")).stem, term("meetings"));
        assert!(lexicon.of("en").find("the", hash(b"the")).is_stop);
        assert_eq!(lexicon.of("en").find("witkoffs", hash(b"witkoffs")).name, hash(b"witkoff"));
    }
}
