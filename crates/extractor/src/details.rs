//! Lines that say when a text was written, and by whom, in whatever words: dates, dates behind a label,
//! and both with a name. What such a line may hold besides is counted in words.

use crate::measure::measure;
use crate::months::month_of;
use crate::phrases::DATE_LABELS;
use crate::prune::{ends_sentence, starts_with_any};
use crate::relative::is_weekday;
use crate::render::{Block, Kind};
use crate::scripts::is_unspaced;
use crate::spoken::{self, Order};
use crate::zones;

/// Words of such a line, at most.
const MOST_WORDS: usize = 24;
/// Of those, beside the name of a known author: "Text and photos".
const BESIDE_A_NAME: usize = 3;
/// Beside a label and its date.
const BESIDE_A_LABEL: usize = 2;
/// Beside two dates, or a date in a line that bars divide.
const BESIDE_TWO: usize = 3;
const BESIDE_BARS: usize = 6;
/// Beside a day with its time: with two words it may be an event and its place.
const BESIDE_A_TIME: usize = 1;
/// Letters that count as a word where words are not spaced.
const LETTERS_OF_A_WORD: usize = 4;

/// A line that is only a date, with or without what happened on it.
pub(crate) fn is_date_line(block: &Block) -> bool {
    let is_short = measure(&block.text).0 <= 60 && block.text.split_whitespace().count() <= 6;
    block.kind == Kind::Paragraph && is_short && has_date(&block.text)
}

/// A line that is a date behind its label: "Last updated on 2 December 2025 at 10:12".
pub(crate) fn is_labelled_date(folded: &str, block: &Block) -> bool {
    is_line(folded, block)
        && starts_with_any(folded, DATE_LABELS)
        && has_date(&block.text)
        && other_words(folded) <= BESIDE_A_LABEL
}

/// A line that gives a day with its time, or a known author: "Da Redação | 3 de dezembro de 2024,
/// 08h30", "Szerző: Nagy Péter". `names`: those of the authors, folded.
pub(crate) fn is_detail(folded: &str, block: &Block, names: &[String]) -> bool {
    if !is_line(folded, block) {
        return false;
    }
    let mut rest = format!(" {folded} ");
    let whole = rest.len();
    for name in names.iter().filter(|name| !name.is_empty()) {
        rest = rest.replacen(&format!(" {name} "), " ", 1);
    }
    let most = match rest.len() < whole {
        true => BESIDE_A_NAME,
        false if is_barred(&block.text) => BESIDE_BARS,
        false if has_two_dates(&block.text) => BESIDE_TWO,
        false if has_date(&block.text) && has_clock(&block.text) => BESIDE_A_TIME,
        false => return false,
    };
    other_words(&rest) <= most
}

/// Whether a text has a date, and bars between its pieces.
fn is_barred(text: &str) -> bool {
    text.contains(['|', '•', '·', '｜']) && has_date(text)
}

fn has_two_dates(text: &str) -> bool {
    has_date(text) && spoken::all_in_text(text, Order::DayFirst).nth(1).is_some()
}

/// A short paragraph that does not end as a sentence does.
fn is_line(folded: &str, block: &Block) -> bool {
    block.kind == Kind::Paragraph
        && folded.split(' ').count() <= MOST_WORDS
        // "10:00 a.m." does.
        && (!ends_sentence(&block.text) || block.text.ends_with(".m."))
}

/// Words of a folded line that neither belong to a date nor introduce one. Those of one or two
/// letters say nothing.
fn other_words(folded: &str) -> usize {
    let words = folded.split_whitespace().map(|word| {
        let letters = word.chars().filter(|c| is_unspaced(*c) && !is_mark_of_a_date(*c)).count();
        let is_of_a_date = || {
            word.contains(|c: char| c.is_numeric())
                || word.chars().count() <= 2
                || month_of(word).is_some()
                || is_weekday(word)
                || zones::offset(word).is_some()
                || DATE_LABELS.contains(&word)
        };
        match letters {
            0 => usize::from(!is_of_a_date()),
            letters => letters.div_ceil(LETTERS_OF_A_WORD),
        }
    });
    words.sum()
}

fn is_mark_of_a_date(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '時' | '时' | '分' | '秒')
}

/// Whether a time of day stands in a text: "14:05", "08h30".
fn has_clock(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    chars.windows(4).any(|part| {
        matches!(part[1], ':' | 'h' | 'H')
            && [part[0], part[2], part[3]].into_iter().all(char::is_numeric)
    })
}

/// Whether a text has a date with a year.
pub(crate) fn has_date(text: &str) -> bool {
    text.chars().filter(|c| c.is_numeric()).count() >= 5
        && spoken::in_text(text, Order::DayFirst).is_some()
}
