//! What of a paragraph is no news: a line that only counts or dates itself ("12 comments", "Last
//! updated: 3 December 2025, 14:05"). Strict, because what is left out here can be corrected
//! without a new version: one word that such lines of one language do not have makes it text.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::vocabulary::{EVERYWHERE, LANGUAGES};
use super::{is_amount_sign, is_unspaced, is_word_character};
use crate::series_words::MONTHS;

/// Bytes of the longest line that can be furniture: a date in full takes a hundred in Hindi.
const LONGEST: usize = 240;
/// Characters of the longest word of a script without spaces.
const LONGEST_UNSPACED: usize = 12;
/// Characters of the longest word of another.
const LONGEST_WORD: usize = 24;
const EVERY_LANGUAGE: u64 = u64::MAX >> (64 - LANGUAGES.len());

/// In which languages a word is what, one bit a language.
#[derive(Clone, Copy, Debug, Default)]
struct Senses {
    dated: u64,
    counted: u64,
    times: u64,
    links: u64,
}

impl Senses {
    fn languages(self) -> u64 {
        self.dated | self.counted | self.times | self.links
    }

    fn add(&mut self, other: Self) {
        self.dated |= other.dated;
        self.counted |= other.counted;
        self.times |= other.times;
        self.links |= other.links;
    }
}

static VOCABULARY: LazyLock<BTreeMap<String, Senses>> = LazyLock::new(|| {
    let mut vocabulary: BTreeMap<String, Senses> = BTreeMap::new();
    let mut add = |words: &str, senses: Senses| {
        for word in words.split_whitespace() {
            vocabulary.entry(plain(word)).or_default().add(senses);
        }
    };
    for (at, language) in LANGUAGES.iter().enumerate() {
        let bit = 1 << at;
        add(language.dated, Senses { dated: bit, ..Senses::default() });
        add(language.counted, Senses { counted: bit, ..Senses::default() });
        add(language.times, Senses { times: bit, ..Senses::default() });
        add(language.links, Senses { links: bit, ..Senses::default() });
    }
    let everywhere = Senses { times: EVERY_LANGUAGE, ..Senses::default() };
    add(EVERYWHERE, everywhere);
    for (month, _) in MONTHS {
        add(month, everywhere);
    }
    vocabulary
});

/// A text as the vocabulary has it: no capitals, no accents and vowel points, no points inside
/// abbreviations; what is neither letter nor digit is a space.
fn plain(text: &str) -> String {
    // Decomposing costs more than all else, and most text needs none.
    if text.is_ascii() { plain_of(text.chars()) } else { plain_of(text.nfkd()) }
}

fn plain_of(characters: impl Iterator<Item = char>) -> String {
    let mut plain = String::new();
    let mut last = ' ';
    let mut characters = characters.flat_map(char::to_lowercase).peekable();
    while let Some(character) = characters.next() {
        let character = match character {
            'ς' => 'σ',
            'ı' => 'i',
            '\u{00ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}' => continue,
            _ if is_accent(character) => continue,
            _ if is_word_character(character) => character,
            '.' if last.is_alphabetic()
                && characters.peek().is_some_and(|next| next.is_alphabetic()) =>
            {
                continue;
            }
            _ => ' ',
        };
        plain.push(character);
        last = character;
    }
    plain
}

fn is_accent(character: char) -> bool {
    matches!(u32::from(character),
        0x0300..=0x036F // Latin, Greek, Cyrillic
        | 0x0591..=0x05C7 // Hebrew
        | 0x0610..=0x061A | 0x064B..=0x065F // Arabic
        | 0x0E47..=0x0E4E // Thai
        | 0x3099..=0x309A // Kana
    )
}

/// What a line that is no news is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Dated,
    Counted,
}

/// What has been read of a line.
struct Line {
    /// Languages that have all words so far.
    languages: u64,
    senses: Senses,
    has_digits: bool,
}

impl Line {
    /// Takes a word in; false where no language is left.
    fn take(&mut self, senses: Senses) -> bool {
        self.languages &= senses.languages();
        self.senses.add(senses);
        self.languages != 0
    }

    /// Takes in a run of letters; false where no language has it.
    fn take_run(&mut self, run: &str) -> bool {
        if !run.starts_with(is_unspaced) {
            return VOCABULARY.get(run).is_some_and(|senses| self.take(*senses));
        }
        let mut rest = run;
        while !rest.is_empty() {
            let Some((length, senses)) = self.longest(rest) else {
                return false;
            };
            self.take(senses);
            rest = &rest[length..];
        }
        true
    }

    /// The longest word of a language still possible that a run without spaces begins with.
    fn longest(&self, run: &str) -> Option<(usize, Senses)> {
        let ends = run.char_indices().map(|(at, character)| at + character.len_utf8());
        let ends: Vec<usize> = ends.take(LONGEST_UNSPACED).collect();
        ends.into_iter().rev().find_map(|end| {
            let senses = VOCABULARY.get(&run[..end])?;
            (senses.languages() & self.languages != 0).then_some((end, *senses))
        })
    }

    fn kind(&self) -> Option<Kind> {
        let languages =
            if self.has_digits { self.languages } else { self.languages & self.senses.times };
        if languages & self.senses.dated != 0 {
            return Some(Kind::Dated);
        }
        (languages & self.senses.counted != 0).then_some(Kind::Counted)
    }
}

/// What a line is, if it is nothing but numbers and words of such lines in one language.
fn kind(line: &str) -> Option<Kind> {
    if line.len() > LONGEST {
        return None;
    }
    let mut read = Line { languages: EVERY_LANGUAGE, senses: Senses::default(), has_digits: false };
    for part in line.split_whitespace() {
        if part.contains(is_amount_sign) {
            return None;
        }
        for run in runs(&plain(part)) {
            if run.starts_with(char::is_numeric) {
                read.has_digits = true;
            } else if !read.take_run(run) {
                return None;
            }
        }
    }
    read.kind()
}

/// Runs of digits, of spaced and of unspaced letters.
fn runs(plain: &str) -> impl Iterator<Item = &str> {
    let class = |character: char| match character {
        ' ' => 0,
        _ if character.is_numeric() => 1,
        _ if is_unspaced(character) => 2,
        _ => 3,
    };
    let mut rest = plain;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(' ');
        let of_first = class(rest.chars().next()?);
        let end = rest.find(|next| class(next) != of_first).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some(run)
    })
}

/// Whether a paragraph ends like such a line. Nearly none does, so that the rest need not be asked.
fn ends_like_furniture(paragraph: &str) -> bool {
    let end = paragraph.trim_end_matches(|character| !is_word_character(character));
    let longest = if end.ends_with(is_unspaced) { LONGEST_UNSPACED } else { LONGEST_WORD };
    let from = end.char_indices().rev().nth(longest - 1).map_or(0, |(at, _)| at);
    let last = plain(end[from..].rsplit(char::is_whitespace).next().unwrap_or_default());
    runs(&last).last().is_some_and(|run| {
        run.starts_with(char::is_numeric)
            || VOCABULARY.contains_key(run)
            || run.starts_with(is_unspaced)
                && run.char_indices().any(|(at, _)| VOCABULARY.contains_key(&run[at..]))
    })
}

/// A paragraph without what only dates it at its end: "… said. Last updated 14:05." Counters do not
/// end a paragraph, and what stands behind a comma or in brackets belongs to its sentence: "the law,
/// modified in 2019".
fn without_dated_end(paragraph: &str) -> &str {
    let from = paragraph.ceil_char_boundary(paragraph.len().saturating_sub(LONGEST));
    for (at, character) in paragraph[from..].char_indices() {
        let end = from + at + character.len_utf8();
        let divides = match character {
            '.' | '!' | '?' | '…' | ')' => paragraph[end..].starts_with(char::is_whitespace),
            '。' | '！' | '？' | '।' | '؟' | '۔' | '|' | '•' | '·' => true,
            _ => false,
        };
        if divides && kind(&paragraph[end..]) == Some(Kind::Dated) {
            return &paragraph[..end];
        }
    }
    paragraph
}

/// What of a paragraph can be news: nothing of a line that only counts or dates itself.
pub(crate) fn news(paragraph: &str) -> &str {
    if !ends_like_furniture(paragraph) {
        return paragraph;
    }
    if kind(paragraph).is_some() {
        return "";
    }
    without_dated_end(paragraph)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_vocabulary_is_found_as_it_is_read() {
        for language in LANGUAGES {
            for words in [language.dated, language.counted, language.times, language.links] {
                for word in words.split_whitespace() {
                    let plain = plain(word);
                    assert_eq!(runs(&plain).collect::<Vec<_>>(), [plain.as_str()], "{word}");
                    let longest = if plain.starts_with(is_unspaced) {
                        LONGEST_UNSPACED
                    } else {
                        LONGEST_WORD
                    };
                    assert!(plain.chars().count() <= longest, "{word}");
                }
            }
        }
    }

    #[test]
    fn capitals_accents_and_points_do_not_matter() {
        for (text, expected) in [
            ("ACTUALIZACIÓN", "actualizacion"),
            ("GÜNCELLENDİ, KASIM", "guncellendi  kasim"),
            ("14:05 a.m.", "14 05 am "),
            ("ΕΝΗΜΕΡΏΣΕΙΣ", "ενημερωσεισ"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }

    #[test]
    fn only_the_end_that_dates_a_paragraph_is_taken_off() {
        for (paragraph, expected) in [
            ("The ferry sank. Last updated 14:05.", "The ferry sank."),
            ("The ferry sank. Last updated Dec. 3, 2025, 2:05 p.m. ET.", "The ferry sank."),
            ("By Jane Doe | Updated 3 Dec 2025", "By Jane Doe |"),
            ("渡轮沉没。更新时间：2025年12月3日", "渡轮沉没。"),
            ("The law, modified in 2019", "The law, modified in 2019"),
            ("They met. It took 12 minutes.", "They met. It took 12 minutes."),
            ("He sold. 12 shares.", "He sold. 12 shares."),
            ("12 comments", ""),
        ] {
            assert_eq!(news(paragraph), expected);
        }
    }
}
