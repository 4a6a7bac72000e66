//! Words of a text in any language: folding, division into words, and what of a text versions are
//! told apart by.

mod furniture;
mod vocabulary;

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

pub(crate) use furniture::news;

/// A word as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<'t> {
    /// The word, not folded.
    pub(crate) text: &'t str,
    /// What stands between the word before and this one.
    before: &'t str,
    /// Whether it is the first of the text.
    is_first: bool,
    /// Whether it begins a sentence or a paragraph.
    pub(crate) starts_sentence: bool,
    /// Whether a script without spaces is written here; the word is then one character.
    pub(crate) is_unspaced: bool,
}

/// NFKC; borrowed where nothing changes, as is the rule.
pub(crate) fn compatible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfkc().collect())
    }
}

/// Lower case, without what varies between outlets that print the same word: accents of Latin
/// letters stay, typographic apostrophes and soft hyphens go.
pub(crate) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    fold_into(&mut folded, word);
    folded
}

/// [`fold`] into a buffer, whose content is replaced.
pub(crate) fn fold_into(folded: &mut String, word: &str) {
    folded.clear();
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        folded.push_str(word);
        folded.make_ascii_lowercase();
        return;
    }
    for character in word.chars() {
        match character {
            '\'' | '\u{2019}' | '\u{00ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}' => {}
            'ß' => folded.push_str("ss"),
            _ if character.is_ascii() => folded.push(character.to_ascii_lowercase()),
            _ => folded.extend(character.to_lowercase()),
        }
    }
}

/// Whether words of this character's script are written without spaces between them.
fn is_unspaced(character: char) -> bool {
    matches!(u32::from(character),
        0x0E00..=0x0EFF // Thai, Lao
        | 0x1000..=0x109F | 0x1780..=0x17FF // Myanmar, Khmer
        | 0x3005..=0x3007 | 0x3040..=0x30FF | 0x31F0..=0x31FF // Kana
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF // Han
    )
}

fn is_word_character(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || !character.is_ascii()
            && (character.is_alphanumeric()
                // Signs inside words of Indic scripts, and combining accents.
                || matches!(u32::from(character), 0x0300..=0x036F | 0x0591..=0x05C7 | 0x064B..=0x065F
                    | 0x0900..=0x0963 | 0x0966..=0x0DFF | 0x00AD | 0x200C | 0x200D))
}

/// The words of a text, in order. Apostrophes inside a word and points or commas between digits
/// belong to it.
pub(crate) fn words(text: &str) -> Words<'_> {
    Words { text, at: 0, starts_sentence: true }
}

impl Word<'_> {
    /// The signs before the word that change what is said.
    pub(crate) fn signs(&self) -> impl Iterator<Item = char> {
        signs(self.before, self.is_first, self.text.chars().next())
    }
}

/// Iterator of [`words`].
pub(crate) struct Words<'t> {
    text: &'t str,
    at: usize,
    starts_sentence: bool,
}

impl Words<'_> {
    /// The signs behind the last word, once all words are taken.
    pub(crate) fn signs_left(&self) -> impl Iterator<Item = char> {
        signs(&self.text[self.at..], self.at == 0, None)
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        let rest = &self.text[self.at..];
        let mut characters = rest.char_indices();
        let (start, first) = loop {
            let (offset, character) = characters.next()?;
            if is_word_character(character) {
                break (offset, character);
            }
            if matches!(
                character,
                '.' | '!' | '?' | '\n' | ':' | '…' | '。' | '！' | '？' | '।' | '۔' | '؟'
            ) {
                self.starts_sentence = true;
            }
        };
        let starts_sentence = std::mem::replace(&mut self.starts_sentence, false);
        let (before, is_first) = (&rest[..start], self.at == 0);
        if is_unspaced(first) {
            let end = start + first.len_utf8();
            self.at += end;
            let text = &rest[start..end];
            return Some(Word { text, before, is_first, starts_sentence, is_unspaced: true });
        }
        let mut end = start + first.len_utf8();
        let mut last = first;
        let mut ahead = characters.peekable();
        while let Some((offset, character)) = ahead.next() {
            if is_word_character(character) && !is_unspaced(character) {
                end = offset + character.len_utf8();
                last = character;
                continue;
            }
            let follows = ahead.peek().map(|(_, next)| *next);
            let joins = match character {
                '\'' | '\u{2019}' => follows.is_some_and(is_word_character),
                '.' | ',' => {
                    last.is_ascii_digit() && follows.is_some_and(|next| next.is_ascii_digit())
                }
                _ => false,
            };
            if !joins {
                break;
            }
            last = character;
        }
        self.at += end;
        let text = &rest[start..end];
        Some(Word { text, before, is_first, starts_sentence, is_unspaced: false })
    }
}

/// Paragraphs of a text: what blank lines or line breaks divide, trimmed, without empty ones.
pub(crate) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(str::trim).filter(|paragraph| !paragraph.is_empty())
}

fn is_currency(character: char) -> bool {
    matches!(character,
        '$' | '¢'..='¥' | '֏' | '؋' | '৲' | '৳' | '૱' | '௹' | '฿' | '៛' | '\u{20a0}'..='\u{20c0}')
}

/// Whether a number with this sign is an amount, not a count or a date.
fn is_amount_sign(character: char) -> bool {
    is_currency(character) || matches!(character, '%' | '٪' | '％' | '‰' | '؉' | '±')
}

/// The signs between two words that change what is said, each in one form: currencies, parts of a
/// hundred, a minus before its number, and `?`, which counts in titles only.
fn signs(gap: &str, is_first: bool, next: Option<char>) -> impl Iterator<Item = char> {
    let mut last = if is_first { ' ' } else { 'a' };
    gap.char_indices().filter_map(move |(at, character)| {
        let before = std::mem::replace(&mut last, character);
        let after = &gap[at + character.len_utf8()..];
        match character {
            '%' | '٪' => Some('%'),
            '‰' | '؉' => Some('‰'),
            '±' => Some('±'),
            '-' | '\u{2010}' | '\u{2212}' | '–' if is_minus(before, after, next) => Some('-'),
            '?' | '؟' if !matches!(before, '?' | '؟') => Some('?'),
            // The Greek question mark; inside a title it is a semicolon.
            ';' if next.is_none() => Some('?'),
            _ => is_currency(character).then_some(character),
        }
    })
}

/// Whether a dash is the sign of the number behind it, and neither a hyphen nor the dash of a span.
fn is_minus(before: char, after: &str, next: Option<char>) -> bool {
    (before.is_whitespace()
        || is_currency(before)
        || matches!(before, '(' | '[' | '"' | '“' | '„' | '«'))
        && after.chars().all(|character| is_currency(character) || character == '.')
        && next.is_some_and(char::is_numeric)
}

/// What counts of a paragraph: its folded words and signs with single spaces; empty for a line that
/// only counts or dates itself.
pub(crate) fn essence(paragraph: &str) -> String {
    let paragraph = compatible(news(paragraph));
    let mut essence = String::with_capacity(paragraph.len());
    let mut was_unspaced = false;
    let mut words = words(&paragraph);
    for word in words.by_ref() {
        push_signs(&mut essence, word.signs());
        if !(essence.is_empty() || was_unspaced && word.is_unspaced) {
            essence.push(' ');
        }
        was_unspaced = word.is_unspaced;
        essence.push_str(&fold(word.text));
    }
    push_signs(&mut essence, words.signs_left());
    essence
}

fn push_signs(essence: &mut String, signs: impl Iterator<Item = char>) {
    for sign in signs.filter(|sign| *sign != '?') {
        essence.push(' ');
        essence.push(sign);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        words(text).map(|word| word.text).collect()
    }

    #[test]
    fn words_are_divided_in_any_script() {
        for (text, expected) in [
            ("It's 1,200.50 euros – not 5.", vec!["It's", "1,200.50", "euros", "not", "5"]),
            ("l’été à Paris", vec!["l’été", "à", "Paris"]),
            ("东京2025年", vec!["东", "京", "2025", "年"]),
            ("हिन्दी समाचार।", vec!["हिन्दी", "समाचार"]),
            ("", vec![]),
            ("' . ,", vec![]),
        ] {
            assert_eq!(texts(text), expected, "{text}");
        }
    }

    #[test]
    fn sentences_begin_after_stops_and_breaks() {
        let starts: Vec<&str> = words("One two. Three four\nFive: Six")
            .filter(|word| word.starts_sentence)
            .map(|word| word.text)
            .collect();
        assert_eq!(starts, ["One", "Three", "Five", "Six"]);
    }

    #[test]
    fn counters_and_last_updated_lines_are_no_news() {
        for line in [
            "12 comments",
            "Last updated: 3 December 2025, 14:05 GMT",
            "4 min read",
            "Aktualisiert am 3.12.2025, 14:05 Uhr",
            "1,024 shares",
        ] {
            assert_eq!(essence(line), "", "{line}");
        }
        for line in [
            "Ireland 12 Wales 7",
            "Twelve people were hurt",
            "The toll rose to 12, the ministry updated its earlier count on Tuesday",
        ] {
            assert_ne!(essence(line), "", "{line}");
        }
    }

    #[test]
    fn signs_of_amounts_are_found_and_hyphens_are_none() {
        for (text, expected) in [
            ("$5 million", "$"),
            ("by 5 %", "%"),
            ("-0.3", "-"),
            ("fell −€3 to –.5", "-€-"),
            ("F-16, 2020–21, COVID-19, 1-0 – 5", ""),
            ("Why?? Is it?", "??"),
            ("Παραιτείται ο υπουργός;", "?"),
            ("One; two", ""),
        ] {
            let mut words = words(text);
            let mut found: String =
                words.by_ref().flat_map(|word| word.signs().collect::<Vec<_>>()).collect();
            found.extend(words.signs_left());
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn typography_is_no_difference() {
        assert_eq!(
            essence("“It’s  over”, she said –\tfinally"),
            essence("\"It's over,\" she said - finally")
        );
        assert_eq!(essence("ﬁnal"), essence("final"));
    }
}
