//! A text cut into what dates are made of: numbers, words and marks. Knows scripts and Chinese
//! numerals, no date.

use crate::scripts::{digit, is_letter, may_have_digits};

/// Most parts of a text that are looked at.
const MAX_PARTS: usize = 400;

/// A part of a text: a number with its count of digits, a word, or a mark.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'t> {
    Number(u32, usize),
    Word(&'t str),
    Mark(char),
    /// A mark that stands right before a digit: the colon of a time, the point of a number.
    Point(char),
}

/// Cuts a text. Each part has the byte at which it begins.
pub(crate) fn parts(text: &str) -> Vec<(usize, Part<'_>)> {
    let mut parts = Vec::new();
    // Without a digit there is no date, and most texts have none.
    if !may_have_digits(text) {
        return parts;
    }
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if parts.len() > MAX_PARTS {
            break;
        }
        let at = text.len() - rest.len();
        if digit(first).is_some() {
            let mut value = 0_u32;
            let mut digits = 0;
            let mut length = 0;
            for c in rest.chars() {
                let Some(next) = digit(c) else {
                    break;
                };
                if digits < 8 {
                    value = value * 10 + next;
                }
                digits += 1;
                length += c.len_utf8();
            }
            parts.push((at, Part::Number(value, digits)));
            rest = &rest[length..];
        } else if is_letter(first) && !is_era(first) {
            let end = rest.find(|c: char| !is_letter(c) || is_era(c)).unwrap_or(rest.len());
            let (word, numeral) = without_numeral(&rest[..end], &rest[end..]);
            if !word.is_empty() {
                parts.push((at, Part::Word(word)));
            }
            if let Some((value, digits)) = numeral {
                parts.push((at + word.len(), Part::Number(value, digits)));
            }
            rest = &rest[end..];
        } else {
            rest = &rest[first.len_utf8()..];
            if !first.is_whitespace() && !is_invisible(first) {
                let before_digit = rest.chars().next().and_then(digit).is_some();
                let part = if before_digit { Part::Point(first) } else { Part::Mark(first) };
                parts.push((at, part));
            }
        }
    }
    parts
}

/// Signs that nobody sees, also those that only say in which direction is written: systems set them
/// between the numbers of Arabic dates.
fn is_invisible(c: char) -> bool {
    crate::render::is_debris(c) || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// The characters that divide a date in Chinese, Japanese and Korean.
fn is_era(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '號' | '号' | '년' | '월' | '일')
}

/// The end of a word that is a number written out before one of the dividing characters:
/// 二〇二五年十二月二日. Gives the word without it, and the number with its count of digits.
fn without_numeral<'t>(word: &'t str, behind: &str) -> (&'t str, Option<(u32, usize)>) {
    if !behind.starts_with(is_era) {
        return (word, None);
    }
    let start = word.trim_end_matches(|c| numeral(c).is_some()).len();
    match numeral_value(&word[start..]) {
        Some(number) => (&word[..start], Some(number)),
        None => (word, None),
    }
}

/// A Chinese numeral: up to nine it is a digit, ten and twenty stand for themselves.
fn numeral(c: char) -> Option<u32> {
    let value = match c {
        '〇' | '零' | '○' => 0,
        // The first year of an era is 元年.
        '一' | '元' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        '廿' => 20,
        _ => return None,
    };
    Some(value)
}

fn numeral_value(text: &str) -> Option<(u32, usize)> {
    let values: Vec<u32> = text.chars().filter_map(numeral).collect();
    match values[..] {
        // A year is written digit by digit.
        [a @ 0..=9, b @ 0..=9, c @ 0..=9, d @ 0..=9] => Some((a * 1000 + b * 100 + c * 10 + d, 4)),
        [one] if one > 0 => Some((one, if one < 10 { 1 } else { 2 })),
        [tens @ 1..=9, 10, ones @ 1..=9] => Some((tens * 10 + ones, 2)),
        [tens @ 1..=9, 10] => Some((tens * 10, 2)),
        [ten @ (10 | 20), ones @ 1..=9] => Some((ten + ones, 2)),
        _ => None,
    }
}
