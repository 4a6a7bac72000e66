//! Dates as people write them, in the languages of news. Knows texts, no page.

use crate::calendars::{self, Calendar};
use crate::date_parts::{Part, parts};
use crate::dates::{Found, day, day_in, day_in_numbers};
use crate::months::{croatian_month, month_of_any, month_of_words};
use crate::scripts::digit;

/// How to read 03/04/2025.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    DayFirst,
    MonthFirst,
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
    use Part::{Number, Point};
    let parts = parts(text);
    parts.windows(5).find_map(|five| match five {
        [
            (_, Number(one, 1 | 2)),
            (_, Point(a @ ('/' | '-' | '|'))),
            (_, Number(two, 1 | 2)),
            (_, Point(b)),
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
    let placed = parts(text);
    let parts: Vec<Part<'_>> = placed.iter().map(|(_, part)| *part).collect();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < parts.len() {
            let start = placed[at].0;
            let rest = &parts[at..parts.len().min(at + MAX_PARTS_OF_A_DATE)];
            at += 1;
            // The tail of a longer number, of an address or of a time is no date.
            let glued = text[..start]
                .strip_suffix(['.', '/', '-', ':', '：', 'h'])
                .is_some_and(|before| before.ends_with(|c: char| digit(c).is_some()));
            let glued = glued && !is_behind_a_clock(&text[..start]);
            if let Some(found) = at_parts(rest, order).filter(|_| !glued) {
                at += 4;
                return Some(Spoken { found, start });
            }
        }
        None
    })
}

/// Whether a text ends in "14:20-", which no date does.
fn is_behind_a_clock(text: &str) -> bool {
    let end: Vec<char> = text.chars().rev().take(6).collect();
    let is_digit = |at: usize| end.get(at).is_some_and(|c| c.is_numeric());
    let is_clock = is_digit(1) && is_digit(2) && end.get(3) == Some(&':') && is_digit(4);
    end.first() == Some(&'-') && is_clock
}

/// The longest dates have a second name of the month, an era or a time between month and year.
const MAX_PARTS_OF_A_DATE: usize = 16;

fn at_parts(parts: &[Part<'_>], order: Order) -> Option<Found> {
    match parts {
        [Part::Number(_, 4), ..] => year_first(parts),
        [Part::Number(_, 2 | 3), Part::Mark('年') | Part::Point('年'), ..] => None,
        [Part::Number(..), ..] => in_numbers(parts, order).or_else(|| day_first(parts)),
        [Part::Word(_), rest @ ..] if rest.iter().any(|part| matches!(part, Part::Number(..))) => {
            of_an_era(parts).or_else(|| month_first(parts))
        }
        _ => None,
    }
}

/// 2025年12月2日, 2025-12-02, 2025. december 2.
fn year_first(parts: &[Part<'_>]) -> Option<Found> {
    use Part::{Mark, Number, Point, Word};
    let [Number(number, 4), rest @ ..] = parts else {
        return None;
    };
    let year = i32::try_from(*number).ok()?;
    match rest {
        // 2025年（令和7年）12月2日
        [Mark('年') | Point('年'), rest @ ..] => {
            let rest = match rest {
                [
                    Mark('(' | '（'),
                    Word(_),
                    Number(..),
                    Mark(_),
                    Mark(')' | '）') | Point(')' | '）'),
                    rest @ ..,
                ] => rest,
                _ => rest,
            };
            month_and_day(rest).and_then(|(month, of_month)| day(year, month, of_month))
        }
        // 2025년 12월 2일
        [Mark('년') | Point('년'), rest @ ..] => {
            month_and_day(rest).and_then(|(month, of_month)| day(year, month, of_month))
        }
        // 2025-12-02, 2025. 12. 2.
        [
            Mark(one) | Point(one),
            Number(month, 1 | 2),
            Mark(two) | Point(two),
            Number(of_month, 1 | 2),
            ..,
        ] if one == two && is_divider(*one) => day_in_numbers(year, *month, *of_month),
        _ => {
            // 2025 m. gruodžio 2 d.; 2025. gada 2. decembrī; 2025-yil 2-dekabr; 2025-Dec-02
            let rest = match without_marks(rest) {
                [Word(word), rest @ ..] if YEAR_WORDS.contains(&word.to_lowercase().as_str()) => {
                    match without_marks(rest) {
                        // 2025-ci il
                        [Word("il" | "ili" | "yil"), rest @ ..] => without_marks(rest),
                        rest => rest,
                    }
                }
                rest => rest,
            };
            if let Some((month, rest)) = month(rest) {
                return match without_marks(rest) {
                    [Number(of_month, 1 | 2), rest @ ..] if !is_clock(rest) => {
                        month.day(year, *of_month)
                    }
                    _ => None,
                };
            }
            match rest {
                // 2025 оны 12 сарын 2
                [Number(month, 1 | 2), Word("сарын"), Number(of_month, 1 | 2), ..] => {
                    day(year, *month, *of_month)
                }
                [Number(of_month, 1 | 2), rest @ ..] => {
                    let (month, _) = month(without_links(without_marks(rest)))?;
                    month.day(year, *of_month)
                }
                _ => None,
            }
        }
    }
}

/// Words for the year that follow it where it comes first.
#[rustfmt::skip]
const YEAR_WORDS: &[&str] = &[
    "m", "gada", "g", "ko", "eko", "yil", "yili", "йил", "йили", "жылғы", "жылы", "жыл", "ж",
    "жылдын", "ci", "cı", "cu", "cü", "წლის", "թ", "թվականի", "оны", "он", "елның", "ел",
    "ခုနှစ်", "වසරේ",
];

/// 12月2日, 12월 2일, 12月02號
fn month_and_day(parts: &[Part<'_>]) -> Option<(u32, u32)> {
    use Part::{Mark, Number, Point};
    match parts {
        [
            Number(month, 1 | 2),
            Mark('月' | '월') | Point('月' | '월'),
            Number(of_month, 1 | 2),
            ..,
        ] => Some((*month, *of_month)),
        _ => None,
    }
}

/// 令和7年12月2日, 民國114年12月2日, 令和7年（2025年）12月2日
fn of_an_era(parts: &[Part<'_>]) -> Option<Found> {
    use Part::{Mark, Number, Point, Word};
    let [Word(word), Number(number, 1..=3), Mark('年') | Point('年'), rest @ ..] = parts else {
        return None;
    };
    let name =
        ["中華民國", "民國", "民国", "令和", "平成"].iter().find(|name| word.ends_with(**name))?;
    let year = calendars::before_era(name)? + i32::try_from(*number).ok()?;
    let rest = match rest {
        [
            Mark('(' | '（') | Point('(' | '（'),
            Number(..),
            Mark('年') | Point('年'),
            Mark(')' | '）') | Point(')' | '）'),
            rest @ ..,
        ] => rest,
        _ => rest,
    };
    let (month, of_month) = month_and_day(rest)?;
    day(year, month, of_month)
}

/// 2.12.2025, 02/12/25, 02.12.2025. 15:04
fn in_numbers(parts: &[Part<'_>], order: Order) -> Option<Found> {
    use Part::{Mark, Number, Point};
    let [
        Number(one, 1 | 2),
        Mark(a) | Point(a),
        Number(two, 1 | 2),
        Mark(b) | Point(b),
        Number(number, digits @ (2 | 4)),
        rest @ ..,
    ] = parts
    else {
        return None;
    };
    if a != b || !(is_divider(*a) || matches!(a, '·' | '|')) || matches!(a, '–') {
        return None;
    }
    // A version or a telephone number; after a date the mark ends it: 02.12.2025. 15:04
    if matches!(rest, [Point(c), ..] if c == a) {
        return None;
    }
    let year = match digits {
        2 => short_year(*number).filter(|_| *a != '-' && !is_clock(rest))?,
        _ => i32::try_from(*number).ok()?,
    };
    let month_first =
        *two > 12 || *one <= 12 && matches!(a, '/' | '-' | '|') && order == Order::MonthFirst;
    if month_first { day(year, *one, *two) } else { day(year, *two, *one) }
}

/// Marks between the numbers of a date.
fn is_divider(c: char) -> bool {
    matches!(c, '-' | '/' | '.' | '‑' | '–')
}

/// December 2, 2025; Dec. 2nd 2025; Jan 28 15:28:56 CET 2020
fn month_first(parts: &[Part<'_>]) -> Option<Found> {
    use Part::{Number, Point, Word};
    let (month, rest) = month(parts)?;
    let [Number(of_month, 1 | 2), rest @ ..] = without_links(without_marks(rest)) else {
        return None;
    };
    let rest = without_marks(without_ordinal(without_marks(rest)));
    let rest = match rest {
        [Number(_, 1 | 2), Point(':'), Number(_, 2), Point(':'), Number(_, 2), rest @ ..]
        | [Number(_, 1 | 2), Point(':'), Number(_, 2), rest @ ..] => match rest {
            [Word(_), rest @ ..] => rest,
            _ => rest,
        },
        _ => without_links(rest),
    };
    match rest {
        [Number(year, 4), ..] => month.day(i32::try_from(*year).ok()?, *of_month),
        _ => None,
    }
}

/// 2 December 2025; 2. Dezember 2025; 2 de diciembre de 2025; 2nd of December, 2025;
/// 2 tháng 12, 2025; 2 ธ.ค. 68
fn day_first(parts: &[Part<'_>]) -> Option<Found> {
    use Part::{Number, Word};
    let [Number(of_month, 1 | 2), rest @ ..] = parts else {
        return None;
    };
    let dotted = matches!(rest, [Part::Mark('.'), ..]);
    let rest = without_links(without_ordinal(without_marks(rest)));
    let (month, rest) = match (month(rest), rest) {
        (_, [Word(word), rest @ ..]) if dotted && let Some(month) = in_croatian(word, rest) => {
            (month, rest)
        }
        (Some(found), _) => found,
        (None, [Word(word), Number(number, 1 | 2), rest @ ..])
            if matches!(word.to_lowercase().as_str(), "tháng" | "thg") =>
        {
            (Month { calendar: Calendar::Gregorian, number: *number, thai: false }, rest)
        }
        (None, _) => return None,
    };
    match without_era(without_links(without_marks(rest))) {
        [Number(year, 4), ..] => month.day(i32::try_from(*year).ok()?, *of_month),
        [Number(number, 2), rest @ ..] if !is_clock(rest) && !goes_on(rest) => {
            let year = match number {
                // The Buddhist year 2568.
                40..=99 if month.thai => 2500 + i32::try_from(*number).ok()?,
                _ => short_year(*number)?,
            };
            month.day(year, *of_month)
        }
        _ => None,
    }
}

/// A month of Croatian behind a day with its dot. Czech and Polish have the same short names.
fn in_croatian(word: &str, behind: &[Part<'_>]) -> Option<Month> {
    use Part::{Mark, Number};
    let is_whole = word.to_lowercase() == "listopada";
    let has_dots =
        matches!(behind, [Number(_, 4), Mark('.'), ..] | [Mark('.'), Number(_, 4), Mark('.'), ..]);
    let number = croatian_month(word).filter(|_| is_whole || has_dots)?;
    Some(Month { calendar: Calendar::Gregorian, number, thai: false })
}

/// Whether what follows two digits says that they are the day of a date and no year: 15:04 Jan 23,
/// 2024; 15 h 04 mar. 23/01/2024.
fn goes_on(behind: &[Part<'_>]) -> bool {
    use Part::{Number, Point, Word};
    match without_links(without_marks(behind)) {
        [Number(1990..=2100, 4), ..] => true,
        rest @ [Word(_), ..] => month(rest).is_some(),
        _ => matches!(behind, [Point('/' | '-' | '.'), ..]),
    }
}

/// A year of two digits, as far as it is no other number.
fn short_year(number: u32) -> Option<i32> {
    (5..=40).contains(&number).then(|| i32::try_from(number).ok())?.map(|year| 2000 + year)
}

/// Whether what follows a number says that it is the hour: 15:04, 15.04, 15h04, 15 Uhr.
fn is_clock(behind: &[Part<'_>]) -> bool {
    use Part::{Number, Point, Word};
    match behind {
        [Point(':' | '：'), ..] | [Point('.'), Number(_, 2), ..] => true,
        [Word(word), ..] => CLOCKS.contains(&word.to_lowercase().as_str()),
        _ => false,
    }
}

/// Words that follow the hour.
#[rustfmt::skip]
const CLOCKS: &[&str] = &[
    "h", "hs", "hrs", "hr", "uhr", "u", "uur", "am", "pm", "a", "p", "ч", "час", "часа",
    "часов", "год", "година", "ур", "heures", "heure", "horas", "hora", "ore", "ora", "hod",
    "óra", "น", "giờ", "時", "时", "시",
];

/// A month by its name.
#[derive(Clone, Copy, Debug)]
struct Month {
    calendar: Calendar,
    number: u32,
    /// In Thai, whose short years are of the Buddhist era.
    thai: bool,
}

impl Month {
    fn day(self, year: i32, of_month: u32) -> Option<Found> {
        day_in(self.calendar, year, self.number, of_month)
    }
}

/// The month that the parts begin with, and what follows it.
fn month<'s, 't>(parts: &'s [Part<'t>]) -> Option<(Month, &'s [Part<'t>])> {
    let (month, rest) = one_month(parts)?;
    // كانون الأول/ ديسمبر: the same month by its other name.
    let [Part::Mark('/' | '(' | '-' | '،'), behind @ ..] = rest else {
        return Some((month, rest));
    };
    match one_month(behind) {
        Some((same, [Part::Mark(')'), rest @ ..])) if same.number == month.number => {
            Some((month, rest))
        }
        Some((same, rest)) if same.number == month.number => Some((month, rest)),
        _ => Some((month, rest)),
    }
}

fn one_month<'s, 't>(parts: &'s [Part<'t>]) -> Option<(Month, &'s [Part<'t>])> {
    let word = |at: usize| match parts.get(at) {
        Some(Part::Word(word)) => Some(*word),
        _ => None,
    };
    let first = word(0)?;
    let thai = first.starts_with(|c| matches!(c, '\u{e00}'..='\u{e7f}'));
    let gregorian = |number| Month { calendar: Calendar::Gregorian, number, thai };
    if let Some((number, words)) = month_of_words(word) {
        return Some((gregorian(number), &parts[words..]));
    }
    // ม.ค., ທ.ວ.
    if let [_, Part::Mark('.'), Part::Word(second), rest @ ..] = parts
        && first.starts_with(|c| matches!(c, '\u{e00}'..='\u{eff}'))
        && let Some((_, number)) = month_of_any(&format!("{first}{second}"))
    {
        return Some((gregorian(number), rest));
    }
    let (calendar, number) = month_of_any(first)?;
    Some((Month { calendar, number, thai }, &parts[1..]))
}

fn without_marks<'s, 't>(parts: &'s [Part<'t>]) -> &'s [Part<'t>] {
    match parts {
        [Part::Mark(mark) | Part::Point(mark), rest @ ..]
            if matches!(
                mark,
                '.' | ','
                    | '،'
                    | '、'
                    | '၊'
                    | '፣'
                    | '-'
                    | '/'
                    | '\''
                    | '’'
                    | '׳'
                    | 'º'
                    | 'ª'
                    | '॰'
                    | '·'
            ) =>
        {
            without_marks(rest)
        }
        _ => parts,
    }
}

/// The words that say how the year is counted: พ.ศ. 2568, ค.ศ. 2025.
fn without_era<'s, 't>(parts: &'s [Part<'t>]) -> &'s [Part<'t>] {
    match parts {
        [Part::Word("พ" | "ค"), Part::Mark('.'), Part::Word("ศ"), rest @ ..] => {
            without_marks(rest)
        }
        [Part::Word("พศ" | "คศ"), rest @ ..] => without_marks(rest),
        _ => parts,
    }
}

fn without_ordinal<'s, 't>(parts: &'s [Part<'t>]) -> &'s [Part<'t>] {
    const ORDINALS: &[&str] = &["st", "nd", "rd", "th", "er", "º", "ª", "ste", "de", "e", "an"];
    match parts {
        [Part::Word(word), rest @ ..] if ORDINALS.contains(word) => rest,
        _ => parts,
    }
}

/// The words that stand between the parts of a date: "2 de diciembre del 2025".
fn without_links<'s, 't>(parts: &'s [Part<'t>]) -> &'s [Part<'t>] {
    #[rustfmt::skip]
    const LINKS: &[&str] = &[
        "de", "of", "del", "di", "d", "da", "do", "năm", "roku", "года", "р", "року", "ta", "του",
        "ng", "mwaka", "ya", "ቀን", "ឆ្នាំ", "av",
    ];
    match parts {
        [Part::Word(word), rest @ ..] if LINKS.contains(&word.to_lowercase().as_str()) => {
            without_marks(rest)
        }
        _ => parts,
    }
}

#[cfg(test)]
#[path = "spoken_tests.rs"]
mod tests;
