//! Dates as people write them, in the languages of news. Knows texts, no page.

use crate::dates::{Found, day};
use crate::months::month_of;

/// How to read 03/04/2025.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    DayFirst,
    MonthFirst,
}

/// Most parts of a text that are looked at.
const MAX_PARTS: usize = 400;

/// A part of a text: a number with its count of digits, a word, or a mark.
#[derive(Clone, Copy, Debug)]
enum Part<'t> {
    Number(u32, usize),
    Word(&'t str),
    Mark(char),
}

/// A date in a text, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spoken {
    pub(crate) found: Found,
    /// Byte at which it begins.
    pub(crate) start: usize,
}

/// How a text orders day and month, where its numbers leave no choice: 25/12/2025.
pub(crate) fn order_told(text: &str) -> Option<Order> {
    use Part::{Mark, Number};
    let parts = parts(text);
    parts.windows(5).find_map(|five| match five {
        [
            (_, Number(one, 1 | 2)),
            (_, Mark(a @ ('/' | '-' | '|'))),
            (_, Number(two, 1 | 2)),
            (_, Mark(b)),
            (_, Number(1990..=2100, 4)),
        ] if a == b => match (*one, *two) {
            (13..=31, 1..=12) => Some(Order::DayFirst),
            (1..=12, 13..=31) => Some(Order::MonthFirst),
            _ => None,
        },
        _ => None,
    })
}

/// Finds the first date in a text.
pub(crate) fn in_text(text: &str, order: Order) -> Option<Found> {
    all_in_text(text, order).next().map(|spoken| spoken.found)
}

/// Finds the dates in a text, one after the other.
pub(crate) fn all_in_text(text: &str, order: Order) -> impl Iterator<Item = Spoken> {
    let parts = parts(text);
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < parts.len() {
            let start = at;
            at += 1;
            let rest: Vec<Part<'_>> =
                parts[start..].iter().take(12).map(|(_, part)| *part).collect();
            // The tail of a longer number or of an address is no date.
            let before = &text[..parts[start].0];
            let glued = before.ends_with(['.', '/', '-'])
                && before[..before.len() - 1].ends_with(|c: char| c.is_ascii_digit());
            if let Some(found) = at_parts(&rest, order).filter(|_| !glued) {
                at += 4;
                return Some(Spoken { found, start: parts[start].0 });
            }
        }
        None
    })
}

fn parts(text: &str) -> Vec<(usize, Part<'_>)> {
    let mut parts = Vec::new();
    // Without a digit there is no date, and most texts have none.
    if !text.bytes().any(|byte| byte.is_ascii_digit() || byte >= 0xd9) {
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
            parts.push((at, Part::Word(&rest[..end])));
            rest = &rest[end..];
        } else {
            if !first.is_whitespace() && !crate::render::is_debris(first) {
                parts.push((at, Part::Mark(first)));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    parts
}

/// The characters that divide a date in Chinese, Japanese and Korean.
fn is_era(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '년' | '월' | '일')
}

/// Letters, and the signs without which no word of the scripts of India and Thailand is whole.
fn is_letter(c: char) -> bool {
    c.is_alphabetic()
        || matches!(c, '\u{900}'..='\u{963}' | '\u{970}'..='\u{9e5}' | '\u{b80}'..='\u{be5}' | '\u{c00}'..='\u{c65}' | '\u{e31}'..='\u{e4e}')
}

/// The value of a digit: European, Arabic, Persian, Devanagari, Bengali, Thai, full width.
fn digit(c: char) -> Option<u32> {
    const ZEROS: [u32; 7] = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10];
    let code = u32::from(c);
    ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).map(|zero| code - zero)
}

fn at_parts(parts: &[Part<'_>], order: Order) -> Option<Found> {
    use Part::{Mark, Number, Word};
    match parts {
        // 2025年12月2日, 2025년 12월 2일
        [
            Number(year, 4),
            Mark('年' | '년'),
            Number(month, 1 | 2),
            Mark('月' | '월'),
            Number(of_month, 1 | 2),
            ..,
        ] => day(*year as i32, *month, *of_month),
        // 令和7年12月2日
        [
            Word("令和"),
            Number(year, 1 | 2),
            Mark('年'),
            Number(month, 1 | 2),
            Mark('月'),
            Number(of_month, 1 | 2),
            ..,
        ] => day(2018 + *year as i32, *month, *of_month),
        // 2025-12-02, 2025. 12. 2.
        [
            Number(year, 4),
            Mark(one @ ('-' | '/' | '.' | '‑' | '–')),
            Number(month, 1 | 2),
            Mark(two),
            Number(of_month, 1 | 2),
            ..,
        ] if one == two => day(*year as i32, *month, *of_month),
        // 2025. december 2.; 2025 m. gruodžio 2 d.; 2025. gada 2. decembrī; 2025-Dec-02
        [Number(year, 4), rest @ ..] => {
            let rest = without_marks(rest);
            let rest = match rest {
                [Word("m" | "gada" | "g" | "ko" | "eko"), rest @ ..] => without_marks(rest),
                _ => rest,
            };
            if let Some((month, rest)) = month(rest) {
                return match without_marks(rest) {
                    [Number(of_month, 1 | 2), ..] => day(*year as i32, month, *of_month),
                    _ => None,
                };
            }
            match rest {
                [Number(of_month, 1 | 2), rest @ ..] => {
                    let (month, _) = month(without_marks(rest))?;
                    day(*year as i32, month, *of_month)
                }
                _ => None,
            }
        }
        // 2.12.2025, 02/12/25
        [
            Number(one, 1 | 2),
            Mark(a @ ('-' | '/' | '.' | '‑' | '·' | '|')),
            Number(two, 1 | 2),
            Mark(b),
            Number(year, digits @ (2 | 4)),
            ..,
        ] if a == b => {
            let year = *year as i32;
            // A time, a version or a telephone number.
            let goes_on = matches!(parts.get(5..7), Some([Mark(c), Number(..)]) if c == a);
            if goes_on || *digits == 2 && (*a == '-' || !(5..=40).contains(&year)) {
                return None;
            }
            let month_first = *two > 12
                || *one <= 12 && matches!(a, '/' | '-' | '|') && order == Order::MonthFirst;
            if month_first { day(year, *one, *two) } else { day(year, *two, *one) }
        }
        // December 2, 2025; Dec. 2nd 2025; Jan 28 15:28:56 CET 2020
        [Word(_), ..] => {
            let (month, rest) = month(parts)?;
            let [Number(of_month, 1 | 2), rest @ ..] = without_links(without_marks(rest)) else {
                return None;
            };
            let rest = without_marks(without_ordinal(without_marks(rest)));
            let rest = match rest {
                [Number(_, 1 | 2), Mark(':'), Number(_, 2), Mark(':'), Number(_, 2), rest @ ..]
                | [Number(_, 1 | 2), Mark(':'), Number(_, 2), rest @ ..] => match rest {
                    [Word(_), rest @ ..] => rest,
                    _ => rest,
                },
                _ => without_links(rest),
            };
            match rest {
                [Number(year, 4), ..] => day(*year as i32, month, *of_month),
                _ => None,
            }
        }
        // 2 December 2025; 2. Dezember 2025; 2 de diciembre de 2025; 2nd of December, 2025;
        // 2 tháng 12, 2025
        [Number(of_month, 1 | 2), rest @ ..] => {
            let rest = without_links(without_ordinal(without_marks(rest)));
            let (month, rest) = match rest {
                [Word(word), rest @ ..] if word.eq_ignore_ascii_case("tháng") => match rest {
                    [Number(month, 1 | 2), rest @ ..] => (*month, rest),
                    _ => return None,
                },
                _ => month(rest)?,
            };
            match without_links(without_marks(rest)) {
                [Number(year, 4), ..] => day(*year as i32, month, *of_month),
                [Number(year, 2), ..] if (5..=40).contains(year) => {
                    day(*year as i32, month, *of_month)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The month that the parts begin with, and what follows it.
fn month<'s, 't>(parts: &'s [Part<'t>]) -> Option<(u32, &'s [Part<'t>])> {
    match parts {
        // ม.ค.
        [Part::Word(one), Part::Mark('.'), Part::Word(two), rest @ ..]
            if one.starts_with(|c| matches!(c, '\u{e00}'..='\u{e7f}')) =>
        {
            month_of(&format!("{one}{two}")).map(|number| (number, rest))
        }
        [Part::Word(name), rest @ ..] => month_of(name).map(|number| (number, rest)),
        _ => None,
    }
}

fn without_marks<'s, 't>(parts: &'s [Part<'t>]) -> &'s [Part<'t>] {
    match parts {
        [Part::Mark('.' | ',' | '،' | '-' | '/' | '\'' | '’' | 'º' | 'ª'), rest @ ..] => {
            without_marks(rest)
        }
        _ => parts,
    }
}

fn without_ordinal<'s, 't>(parts: &'s [Part<'t>]) -> &'s [Part<'t>] {
    match parts {
        [
            Part::Word("st" | "nd" | "rd" | "th" | "er" | "º" | "ª" | "ste" | "de" | "e"),
            rest @ ..,
        ] => rest,
        _ => parts,
    }
}

/// The words that stand between the parts of a date: "2 de diciembre del 2025".
fn without_links<'s, 't>(parts: &'s [Part<'t>]) -> &'s [Part<'t>] {
    match parts {
        [
            Part::Word(
                "de" | "of" | "del" | "di" | "d" | "da" | "do" | "năm" | "Năm" | "roku" | "года"
                | "р" | "року" | "ta" | "του",
            ),
            rest @ ..,
        ] => without_marks(rest),
        _ => parts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_for_people_are_read_in_many_languages() {
        for (text, expected) in [
            ("Published on December 2, 2025 by Jane", "2025-12-02"),
            ("Dec. 2nd, 2025", "2025-12-02"),
            ("2. Dezember 2025, 14:00 Uhr", "2025-12-02"),
            ("le 2 décembre 2025", "2025-12-02"),
            ("1er août 2025", "2025-08-01"),
            ("2 de diciembre de 2025", "2025-12-02"),
            ("2 декабря 2025", "2025-12-02"),
            ("2025年12月2日", "2025-12-02"),
            ("令和7年12月2日", "2025-12-02"),
            ("2025년 12월 2일", "2025-12-02"),
            ("2025. 12. 2.", "2025-12-02"),
            ("02.12.2025", "2025-12-02"),
            ("13/02/2025", "2025-02-13"),
            ("2 grudnia 2025", "2025-12-02"),
            ("12 Mart 2025", "2025-03-12"),
            ("Tue Jan 28 15:28:56 CET 2020", "2020-01-28"),
            ("Thu, 09/25/2025 - 11:38", "2025-09-25"),
            ("2025. december 2.", "2025-12-02"),
            ("2025 m. gruodžio 2 d.", "2025-12-02"),
            ("2025. gada 2. decembrī", "2025-12-02"),
            ("Thứ ba, ngày 2 tháng 12 năm 2025", "2025-12-02"),
            ("2 ธันวาคม 2568", "2025-12-02"),
            ("2 ธ.ค. 2568", "2025-12-02"),
            ("२ दिसंबर २०२५", "2025-12-02"),
            ("٢ ديسمبر ٢٠٢٥", "2025-12-02"),
            ("2 בדצמבר 2025", "2025-12-02"),
            ("the 3rd of March 2021", "2021-03-03"),
            ("5 Μαρτίου 2024", "2024-03-05"),
            ("2 Δεκεμβρίου 2025", "2025-12-02"),
            ("12 prosince 2025", "2025-12-12"),
            ("2 desember 2025", "2025-12-02"),
            ("2 Dec '25", "2025-12-02"),
        ] {
            let found = in_text(text, Order::DayFirst).map(|found| found.at.to_string());
            assert_eq!(found.as_deref().map(|time| &time[..10]), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_day_beyond_twelve_tells_the_order_of_day_and_month() {
        assert_eq!(order_told("25/12/2025, 10:00"), Some(Order::DayFirst));
        assert_eq!(order_told("on 12-25-2025"), Some(Order::MonthFirst));
        for text in ["03/04/2025", "25.12.2025", "2025/12/25", "25/25/2025", ""] {
            assert_eq!(order_told(text), None, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_date_is_none() {
        for text in [
            "The market 3, 2025 decisions",
            "192.168.10.20",
            "Tel. 03/04/05/06/07",
            "chapter 12, 2025 pages",
            "version 1.2.3",
            "2025",
        ] {
            let found = in_text(text, Order::DayFirst);
            assert!(found.is_none(), "{text}: {found:?}");
        }
    }
}
