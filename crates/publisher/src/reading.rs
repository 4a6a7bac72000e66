//! One pass over a story's words for all that is made of them: the fingerprint that says whether
//! a version is news, the sketch that finds copies, the terms that find its group.

use std::collections::BTreeSet;

use crate::hash::{combine, hash};
use crate::instance;
use crate::lexicon::{InLanguage, Lexicon};
use crate::sketch::Sketch;
use crate::terms::{Terms, term};
use crate::words::{self, compatible, fold_into};

/// News says what happened in its first paragraphs; background comes later.
const BODY_WORDS: usize = 300;

/// A word with what terms are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    /// Hash of the folded word.
    pub(crate) hash: u64,
    /// Term of its stem.
    pub(crate) stem: u32,
    /// Hash of its form as a name.
    pub(crate) name: u64,
    pub(crate) is_stop_word: bool,
    pub(crate) starts_sentence: bool,
    pub(crate) is_unspaced: bool,
    pub(crate) is_capital: bool,
    pub(crate) is_number: bool,
    /// Four characters and more.
    pub(crate) is_long: bool,
    /// One character.
    pub(crate) is_single: bool,
}

/// What is made of a story's title and text.
#[derive(Debug)]
pub(crate) struct Reading {
    /// Hashes of what counts of title and text: equal ones are no news. 32 and 48 bits.
    pub(crate) fingerprint: (u32, u64),
    pub(crate) sketch: Sketch,
    pub(crate) terms: Terms,
}

/// Hashes of words in their order.
struct Hashes {
    /// Of the words alone, by which copies are found.
    words: u64,
    /// With the signs beside them, by which versions are told apart; the same where there are none,
    /// as stories have it that were kept before signs counted.
    print: u64,
}

impl Hashes {
    fn new() -> Self {
        Self { words: hash(b""), print: hash(b"") }
    }

    fn word(&mut self, hash: u64) {
        self.words = combine(self.words, hash);
        self.print = combine(self.print, hash);
    }

    fn signs(&mut self, signs: impl Iterator<Item = char>) {
        for sign in signs {
            self.print = combine(self.print, hash(sign.encode_utf8(&mut [0; 4]).as_bytes()));
        }
    }
}

impl Reading {
    /// Reads a title and a text in a BCP 47 language.
    pub(crate) fn of(
        lexicon: &mut Lexicon,
        title: Option<&str>,
        text: &str,
        language: Option<&str>,
    ) -> Self {
        let language = language
            .and_then(|tag| tag.split(['-', '_']).next())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let mut lexicon = lexicon.of(&language);
        let mut folded = String::new();

        let mut title_tokens = Vec::new();
        let mut of_title = Hashes::new();
        if let Some(title) = title {
            let title = compatible(title);
            let mut words = words::words(&title);
            for word in words.by_ref() {
                of_title.signs(word.signs());
                if let Some(token) = token(&mut lexicon, &mut folded, &word) {
                    of_title.word(token.hash);
                    title_tokens.push(token);
                }
            }
            of_title.signs(words.signs_left());
        }

        let mut body_tokens = Vec::with_capacity(BODY_WORDS);
        let mut hashes: Vec<u64> = Vec::with_capacity(text.len() / 6);
        let mut unspaced = 0usize;
        let mut of_text = Hashes::new();
        for paragraph in words::paragraphs(text) {
            let paragraph = compatible(words::news(paragraph));
            let mut words = words::words(&paragraph);
            for word in words.by_ref() {
                of_text.signs(word.signs().filter(|sign| *sign != '?'));
                let hash_of = if body_tokens.len() < BODY_WORDS {
                    let Some(token) = token(&mut lexicon, &mut folded, &word) else {
                        continue;
                    };
                    body_tokens.push(token);
                    token.hash
                } else {
                    fold_into(&mut folded, word.text);
                    if folded.is_empty() {
                        continue;
                    }
                    hash(folded.as_bytes())
                };
                unspaced += usize::from(word.is_unspaced);
                of_text.word(hash_of);
                hashes.push(hash_of);
            }
            of_text.signs(words.signs_left().filter(|sign| *sign != '?'));
        }
        let instance = instance::of(title.unwrap_or_default());
        let title_of_sketch = if title_tokens.is_empty() { 0 } else { of_title.words };
        Self {
            fingerprint: ((of_title.print >> 32) as u32, of_text.print & 0xffff_ffff_ffff),
            sketch: Sketch::of(title_of_sketch, of_text.words, &hashes, unspaced, instance),
            terms: Terms::of(language, &title_tokens, &body_tokens),
        }
    }
}

/// A word of a title that may be a name: its term as a name, and as a word.
pub(crate) struct TitleName {
    pub(crate) name: u32,
    pub(crate) stem: u32,
}

/// The words of a title with capitals.
pub(crate) fn names_of_title(
    lexicon: &mut Lexicon,
    title: Option<&str>,
    language: &str,
) -> Vec<TitleName> {
    let title = compatible(title.unwrap_or_default());
    let mut lexicon = lexicon.of(language);
    let mut folded = String::new();
    let tokens = words::words(&title).filter_map(|word| token(&mut lexicon, &mut folded, &word));
    let names = tokens.filter(|token| token.is_capital && !token.is_stop_word);
    names.map(|token| TitleName { name: term(token.name), stem: token.stem }).collect()
}

/// Hashes of what tells a title from others: its words without those that stand in any.
pub(crate) fn telling_words(
    lexicon: &mut Lexicon,
    title: Option<&str>,
    language: &str,
) -> BTreeSet<u64> {
    let title = compatible(title.unwrap_or_default());
    let mut lexicon = lexicon.of(language);
    let mut folded = String::new();
    let tokens = words::words(&title).filter_map(|word| token(&mut lexicon, &mut folded, &word));
    tokens.filter(|token| !token.is_stop_word).map(|token| token.hash).collect()
}

fn token(
    lexicon: &mut InLanguage<'_>,
    folded: &mut String,
    word: &words::Word<'_>,
) -> Option<Token> {
    fold_into(folded, word.text);
    if folded.is_empty() {
        return None;
    }
    let hash_of = hash(folded.as_bytes());
    let first = word.text.chars().next()?;
    let known = lexicon.find(folded, hash_of);
    Some(Token {
        hash: hash_of,
        stem: known.stem,
        name: known.name,
        is_stop_word: known.is_stop,
        starts_sentence: word.starts_sentence,
        is_unspaced: word.is_unspaced,
        is_capital: first.is_uppercase(),
        is_number: first.is_numeric(),
        is_long: word.text.chars().nth(3).is_some(),
        is_single: folded.chars().nth(1).is_none(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(title: &str, text: &str) -> (u32, u64) {
        Reading::of(&mut Lexicon::default(), Some(title), text, Some("en")).fingerprint
    }

    #[test]
    fn only_words_are_news() {
        let before =
            fingerprint("Ferry sinks", "The ferry sank.\n\n12 comments\n\nNobody was hurt.");
        for (title, text, is_same) in [
            ("Ferry sinks", "The ferry  sank.\nNobody was hurt.", true),
            (
                "“Ferry sinks”",
                "The ferry sank.\n\n14 comments\n\nNobody was hurt.\n\nLast updated: 14:05",
                true,
            ),
            ("Ferry sinks", "The ferry sank.\n\nOne person was hurt.", false),
            ("Ferry sunk", "The ferry sank.\n\nNobody was hurt.", false),
        ] {
            assert_eq!(fingerprint(title, text) == before, is_same, "{title}: {text}");
        }
    }

    #[test]
    fn signs_tell_versions_apart_and_neither_copies_nor_terms() {
        let read = |title, text| Reading::of(&mut Lexicon::default(), Some(title), text, None);
        let bare = read("Minister resigns", "The loss of 5 million is 0.3 more.");
        let signed = read("Minister resigns?", "The loss of €5 million is -0.3% more.");
        assert_ne!(bare.fingerprint.0, signed.fingerprint.0);
        assert_ne!(bare.fingerprint.1, signed.fingerprint.1);
        assert_eq!((bare.sketch, bare.terms), (signed.sketch, signed.terms));
    }
}
