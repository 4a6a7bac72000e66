//! Words of a text in any language: folding, division into words, and what of a text is no news
//! (counters, "last updated" lines).

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// A word as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<'t> {
    /// The word, not folded.
    pub(crate) text: &'t str,
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

/// Iterator of [`words`].
pub(crate) struct Words<'t> {
    text: &'t str,
    at: usize,
    starts_sentence: bool,
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
        if is_unspaced(first) {
            let end = start + first.len_utf8();
            self.at += end;
            return Some(Word { text: &rest[start..end], starts_sentence, is_unspaced: true });
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
        Some(Word { text: &rest[start..end], starts_sentence, is_unspaced: false })
    }
}

/// Paragraphs of a text: what blank lines or line breaks divide, trimmed, without empty ones.
pub(crate) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(str::trim).filter(|paragraph| !paragraph.is_empty())
}

/// Words that mark a short line as a counter or a "last updated" line, folded. Languages: those
/// of the large news markets.
const COUNTER_WORDS: &[&str] = &[
    "comment",
    "comments",
    "view",
    "views",
    "share",
    "shares",
    "like",
    "likes",
    "read",
    "reads",
    "min",
    "mins",
    "minute",
    "minutes",
    "updated",
    "update",
    "modified",
    "ago",
    "kommentare",
    "kommentar",
    "aufrufe",
    "lesezeit",
    "minuten",
    "aktualisiert",
    "stand",
    "geteilt",
    "commentaires",
    "commentaire",
    "partages",
    "lecture",
    "jour",
    "vues",
    "comentarios",
    "compartir",
    "lectura",
    "actualizado",
    "actualizada",
    "minutos",
    "comentários",
    "leitura",
    "atualizado",
    "atualizada",
    "commenti",
    "condivisioni",
    "aggiornato",
    "lettura",
    "reacties",
    "bijgewerkt",
    "leestijd",
    "komentarzy",
    "aktualizacja",
    "комментариев",
    "комментарии",
    "просмотров",
    "обновлено",
    "коментарів",
    "оновлено",
    "yorum",
    "güncellendi",
    "güncelleme",
    "kommentarer",
    "oppdatert",
    "uppdaterad",
    "opdateret",
    "päivitetty",
];

/// Whether a paragraph only counts or dates itself ("12 comments", "Last updated: 3 December
/// 2025, 14:05"): a change in it is no news.
pub(crate) fn is_furniture(paragraph: &str) -> bool {
    if paragraph.len() > 160 || !paragraph.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let mut marks = 0;
    let mut others = 0;
    for word in words(paragraph) {
        let folded = fold(word.text);
        if COUNTER_WORDS.contains(&folded.as_str()) {
            marks += 1;
        } else if !folded.starts_with(|character: char| character.is_ascii_digit())
            && folded.chars().count() > 2
        {
            others += 1;
        }
    }
    // Month, weekday, zone and "last" may stand beside the mark; a sentence has more.
    marks > 0 && others <= 4
}

/// What counts of a paragraph: its folded words with single spaces; empty for a line that only
/// counts or dates itself.
pub(crate) fn essence(paragraph: &str) -> String {
    if is_furniture(paragraph) {
        return String::new();
    }
    let mut essence = String::with_capacity(paragraph.len());
    let paragraph = compatible(paragraph);
    let mut was_unspaced = false;
    for word in words(&paragraph) {
        if !(essence.is_empty() || was_unspaced && word.is_unspaced) {
            essence.push(' ');
        }
        was_unspaced = word.is_unspaced;
        essence.push_str(&fold(word.text));
    }
    essence
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
    fn typography_is_no_difference() {
        assert_eq!(
            essence("“It’s  over”, she said –\tfinally"),
            essence("\"It's over,\" she said - finally")
        );
        assert_eq!(essence("ﬁnal"), essence("final"));
    }
}
