//! When a story took place, where nobody states its date: what its URL and its words say.

use crate::series_words::month;
use crate::words::{compatible, fold, paragraphs, words};

const DAY: i64 = 24 * 3_600_000;
/// Words of a text that are searched: what happened is said first.
const SEARCHED: usize = 300;

/// The day that the path of a URL names (`/2025/12/02/`, `/2025-12-02-`, `/20251202/`), in
/// milliseconds at noon UTC.
pub(crate) fn day_of_url(url: &str) -> Option<i64> {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.split_once('/').map_or("", |(_, path)| path);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let numbers: Vec<&str> = path.split(|character: char| !character.is_ascii_digit()).collect();
    for (at, text) in numbers.iter().enumerate() {
        let found = match text.len() {
            8 => noon(number(&text[..4])?, number(&text[4..6])?, number(&text[6..])?),
            4 => match (numbers.get(at + 1), numbers.get(at + 2)) {
                (Some(month), Some(day)) if day.len() <= 2 && month.len() <= 2 => {
                    match (number(month), number(day)) {
                        (Some(month), Some(day)) => noon(number(text)?, month, day),
                        _ => None,
                    }
                }
                _ => None,
            },
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The latest day, not after `latest`, that the beginning of a text names with its year, in
/// milliseconds at noon UTC: a report names the day of its event and days before it.
pub(crate) fn day_of_text(text: &str, latest: i64) -> Option<i64> {
    let mut found = None;
    let mut searched = 0;
    for paragraph in paragraphs(text) {
        if searched >= SEARCHED {
            break;
        }
        if !paragraph.bytes().any(|byte| byte.is_ascii_digit()) {
            searched += paragraph.len() / 6;
            continue;
        }
        let paragraph = compatible(paragraph);
        let all: Vec<String> =
            words(&paragraph).take(SEARCHED - searched).map(|word| fold(word.text)).collect();
        searched += all.len();
        for at in 0..all.len() {
            if let Some(day) = day_at(&all, at).filter(|day| *day <= latest) {
                found = found.max(Some(day));
            }
        }
    }
    found
}

/// The date that begins at a word: "2 December 2025", "December 2, 2025", "2 de diciembre de
/// 2025", "2025-12-02", "2.12.2025".
fn day_at(words: &[String], at: usize) -> Option<i64> {
    let word = |offset: usize| words.get(at + offset).map(String::as_str);
    let year = |text: Option<&str>| text.filter(|text| text.len() == 4).and_then(number);
    let day = |text: Option<&str>| {
        let text = text?.trim_end_matches(|character: char| !character.is_ascii_digit());
        text_is_short(text).then(|| number(text)).flatten()
    };
    let skip = |offset: usize| offset + usize::from(word(offset) == Some("de"));
    if let Some(month_number) = month(word(0)?) {
        // December 2, 2025
        return noon(year(word(2))?, month_number.into(), day(word(1))?);
    }
    let first = word(0)?;
    if first.contains('.') {
        let mut parts = first.split('.');
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        return noon(number(year).filter(|_| year.len() == 4)?, number(month)?, number(day)?);
    }
    if let Some(year) = year(Some(first)) {
        let two = |text: Option<&str>| text.filter(|text| text.len() == 2).and_then(number);
        return noon(year, two(word(1))?, two(word(2))?);
    }
    let number_of_day = day(Some(first))?;
    let month_at = skip(1);
    let month_number = month(word(month_at)?)?;
    noon(year(word(skip(month_at + 1)))?, month_number.into(), number_of_day)
}

fn text_is_short(text: &str) -> bool {
    (1..=2).contains(&text.len())
}

fn number(text: &str) -> Option<u32> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Noon of a day that exists, between 1990 and 2100.
fn noon(year: u32, month: u32, day: u32) -> Option<i64> {
    const BEFORE: [u32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    const LENGTH: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if !(1990..2100).contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    let at = month as usize - 1;
    // Within these years every fourth is a leap year.
    let is_leap = year.is_multiple_of(4);
    if day == 0 || day > LENGTH[at] || (month == 2 && day == 29 && !is_leap) {
        return None;
    }
    let days = (year - 1970) * 365
        + (year - 1969) / 4
        + BEFORE[at]
        + u32::from(is_leap && month > 2)
        + (day - 1);
    Some(i64::from(days) * DAY + DAY / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-12-02T12:00:00Z
    const DECEMBER: i64 = 1_764_676_800_000;

    #[test]
    fn a_url_tells_its_day() {
        for url in [
            "https://example.org/2025/12/02/the-story",
            "https://example.org/news/2025-12-2-the-story?x=2024/01/01",
            "https://example.org/20251202/the-story.html",
            "https://example.org/world/2025/12/2",
        ] {
            assert_eq!(day_of_url(url), Some(DECEMBER), "{url}");
        }
        for url in [
            "https://example.org/the-story-123456",
            "https://example.org/2025/13/02/x",
            "https://2025.12.02.example/",
            "https://example.org/2025/12/the-story",
        ] {
            assert_eq!(day_of_url(url), None, "{url}");
        }
    }

    #[test]
    fn a_text_tells_its_latest_day() {
        for text in [
            "It began on December 2, 2025, he said.",
            "The talks of 26 April 2025 failed.\n\nOn 2nd December 2025 they met again.",
            "Am 2. Dezember 2025 begann der Prozess.",
            "El 2 de diciembre de 2025 comenzó.",
            "Le 2 décembre 2025, à Paris",
            "Stand: 2.12.2025 und 2026-01-05",
            "On 2025-12-02 it was over.",
        ] {
            assert_eq!(day_of_text(text, DECEMBER), Some(DECEMBER), "{text}");
        }
        for text in
            ["In December 2025 it ended", "Day 2 of 2025", "On 31 February 2025", "12.50 euros"]
        {
            assert_eq!(day_of_text(text, i64::MAX), None, "{text}");
        }
    }
}
