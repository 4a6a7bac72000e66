//! Dates as people and machines write them. Knows no page.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use events::Timestamp;

/// A date read from text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) at: Timestamp,
    /// A time of day was given too.
    pub(crate) has_time: bool,
}

/// How to read 03/04/2025.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    DayFirst,
    MonthFirst,
}

/// Names of months, as prefixes of the lower-case word, and their numbers. Where one name is the
/// prefix of another the longer one comes first.
#[rustfmt::skip]
const MONTHS: &[(&str, u32)] = &[
    // Germanic and Romance languages share most of the stems.
    ("januar", 1), ("january", 1), ("jan", 1), ("jän", 1), ("janvier", 1), ("janv", 1), ("enero", 1), ("ene", 1),
    ("gennaio", 1), ("gen", 1), ("janeiro", 1), ("ianuarie", 1), ("ian", 1),
    ("feb", 2), ("février", 2), ("fevrier", 2), ("févr", 2), ("fev", 2), ("fév", 2),
    ("mars", 3), ("march", 3), ("märz", 3), ("maerz", 3), ("mär", 3), ("marzo", 3), ("março", 3), ("marco", 3), ("maart", 3), ("mrt", 3), ("martie", 3), ("marts", 3), ("mar", 3), ("mrz", 3),
    ("april", 4), ("avril", 4), ("avr", 4), ("abril", 4), ("abr", 4), ("aprile", 4), ("apr", 4),
    ("mai", 5), ("may", 5), ("mayo", 5), ("maggio", 5), ("mag", 5), ("maio", 5), ("mei", 5), ("maj", 5),
    ("juni", 6), ("june", 6), ("juin", 6), ("junio", 6), ("giugno", 6), ("giu", 6), ("junho", 6), ("iunie", 6), ("jun", 6),
    ("juli", 7), ("july", 7), ("juil", 7), ("juillet", 7), ("julio", 7), ("luglio", 7), ("lug", 7), ("julho", 7), ("iulie", 7), ("jul", 7),
    ("august", 8), ("août", 8), ("aout", 8), ("agosto", 8), ("ago", 8), ("augustus", 8), ("aug", 8),
    ("sept", 9), ("sep", 9), ("setembro", 9), ("set", 9), ("settembre", 9),
    ("okt", 10), ("oct", 10), ("ottobre", 10), ("ott", 10), ("outubro", 10), ("out", 10),
    ("nov", 11),
    ("dez", 12), ("dec", 12), ("déc", 12), ("dic", 12),
    // Slavic languages.
    ("stycz", 1), ("luty", 2), ("lutego", 2), ("marzec", 3), ("marca", 3), ("kwie", 4), ("czerw", 6), ("lip", 7), ("sierp", 8), ("wrze", 9), ("październik", 10), ("paź", 10), ("listopad", 11), ("grud", 12),
    ("led", 1), ("únor", 2), ("břez", 3), ("dub", 4), ("květ", 5), ("červenc", 7), ("červen", 6), ("srp", 8), ("září", 9), ("říj", 10), ("prosin", 12),
    ("янв", 1), ("фев", 2), ("мар", 3), ("апр", 4), ("мая", 5), ("май", 5), ("июн", 6), ("июл", 7), ("авг", 8), ("сен", 9), ("окт", 10), ("ноя", 11), ("дек", 12),
    ("січ", 1), ("лют", 2), ("берез", 3), ("квіт", 4), ("трав", 5), ("черв", 6), ("лип", 7), ("серп", 8), ("верес", 9), ("жовт", 10), ("листопад", 11), ("груд", 12),
    // Others.
    ("ocak", 1), ("şubat", 2), ("mart", 3), ("nisan", 4), ("mayıs", 5), ("haziran", 6), ("temmuz", 7), ("ağustos", 8), ("eylül", 9), ("ekim", 10), ("kasım", 11), ("aralık", 12),
    ("ιαν", 1), ("φεβ", 2), ("μαρ", 3), ("απρ", 4), ("μαΐ", 5), ("μαΐου", 5), ("μαι", 5), ("ιουν", 6), ("ιουλ", 7), ("αυγ", 8), ("σεπ", 9), ("οκτ", 10), ("νοε", 11), ("δεκ", 12),
    ("يناير", 1), ("فبراير", 2), ("مارس", 3), ("أبريل", 4), ("ابريل", 4), ("مايو", 5), ("يونيو", 6), ("يوليو", 7), ("أغسطس", 8), ("اغسطس", 8), ("سبتمبر", 9), ("أكتوبر", 10), ("اكتوبر", 10), ("نوفمبر", 11), ("ديسمبر", 12),
    ("tammi", 1), ("helmi", 2), ("maalis", 3), ("huhti", 4), ("touko", 5), ("kesä", 6), ("heinä", 7), ("elo", 8), ("syys", 9), ("loka", 10), ("marras", 11), ("joulu", 12),
    ("január", 1), ("február", 2), ("március", 3), ("április", 4), ("május", 5), ("június", 6), ("július", 7), ("szeptember", 9), ("október", 10),
];

fn month_of(word: &str) -> Option<u32> {
    if word.chars().count() < 3 {
        return None;
    }
    let lower = word.to_lowercase();
    MONTHS
        .iter()
        .find(|(name, _)| {
            lower == *name
                || (lower.starts_with(name) && is_month_ending(name, &lower[name.len()..]))
        })
        .map(|(_, number)| *number)
}

/// Whether a month's stem may go on like this ("sept" + "ember"): short and all letters.
fn is_month_ending(stem: &str, ending: &str) -> bool {
    let letters = ending.chars().count();
    letters <= 7
        && letters + stem.chars().count() >= 4
        && ending.chars().all(char::is_alphabetic)
        && {
            // Three-letter Latin stems begin many words ("mar-ket", "dec-ision"): those need a known ending.
            !stem.is_ascii()
                || stem.len() > 3
                || matches!(
                    ending,
                    "uary"
                        | "ruary"
                        | "ch"
                        | "il"
                        | "e"
                        | "y"
                        | "ust"
                        | "tember"
                        | "ober"
                        | "ember"
                        | "uar"
                        | "ruar"
                        | "i"
                        | "ember."
                        | "rero"
                        | "braio"
                        | "braio."
                        | "eiro"
                        | "ereiro"
                        | "ril"
                        | "osto"
                        | "iembre"
                        | "tiembre"
                        | "ubre"
                        | "tubre"
                        | "viembre"
                        | "ciembre"
                        | "embro"
                        | "zembro"
                        | "embre"
                        | "obre"
                        | "cembre"
                        | "naio"
                        | "ruarie"
                        | "tombrie"
                        | "embrie"
                        | "mber"
                        | "a"
                        | "o"
                        | "iec"
                        | "ca"
                        | "ień"
                        | "nia"
                        | "en"
                        | "na"
                        | "or"
                        | "ora"
                )
        }
}

/// Reads a machine's date: ISO 8601 in its many shapes, RFC 2822, Unix seconds.
pub(crate) fn machine(text: &str) -> Option<Found> {
    let text = text.trim().trim_matches(['"', '\'']);
    if text.len() < 8 || text.len() > 64 {
        return None;
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return plausible(time.naive_utc(), true);
    }
    if let Ok(time) = DateTime::parse_from_rfc2822(text) {
        return plausible(time.naive_utc(), true);
    }
    iso(text).or_else(|| unix(text))
}

fn unix(text: &str) -> Option<Found> {
    if !matches!(text.len(), 10 | 13) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok()?;
    let millis = if text.len() == 10 { number * 1000 } else { number };
    plausible(DateTime::from_timestamp_millis(millis)?.naive_utc(), true)
}

fn iso(text: &str) -> Option<Found> {
    let (date, rest) = leading_date(text)?;
    let rest = rest.trim_start_matches(['T', 't', ' ', ',']);
    let Some((seconds, zone)) = leading_time(rest) else {
        return plausible(date.and_hms_opt(0, 0, 0)?, false);
    };
    let local = date.and_hms_opt(0, 0, 0)? + chrono::Duration::seconds(seconds);
    let offset = zone_offset(zone).unwrap_or(0);
    plausible(local - chrono::Duration::seconds(offset), true)
}

/// `2025-12-02`, `2025/12/02`, `2025.12.02`, `20251202` at the start.
fn leading_date(text: &str) -> Option<(NaiveDate, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 8 {
        let date = NaiveDate::parse_from_str(&text[..8], "%Y%m%d").ok()?;
        return Some((date, &text[8..]));
    }
    if digits != 4 {
        return None;
    }
    let year: i32 = text[..4].parse().ok()?;
    let mark = *text.as_bytes().get(4)?;
    if !matches!(mark, b'-' | b'/' | b'.') {
        return None;
    }
    let (month, rest) = leading_number(&text[5..])?;
    let rest = rest.strip_prefix(char::from(mark))?;
    let (day, rest) = leading_number(rest)?;
    Some((NaiveDate::from_ymd_opt(year, month, day)?, rest))
}

fn leading_number(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 2 {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

/// `16:40`, `16:40:00.000`, `4:40 PM` at the start: seconds of the day, and what follows.
fn leading_time(text: &str) -> Option<(i64, &str)> {
    let (hour, rest) = leading_number(text)?;
    let (minute, rest) = leading_number(rest.strip_prefix(':')?)?;
    let (second, rest) = match rest.strip_prefix(':').and_then(leading_number) {
        Some((second, rest)) => (second, rest),
        None => (0, rest),
    };
    let rest = rest
        .strip_prefix(['.', ','])
        .map_or(rest, |fraction| fraction.trim_start_matches(|c: char| c.is_ascii_digit()));
    let lower = rest.trim_start().to_ascii_lowercase();
    let hour = if lower.starts_with("pm") && hour < 12 {
        hour + 12
    } else if lower.starts_with("am") && hour == 12 {
        0
    } else {
        hour
    };
    (hour < 24 && minute < 60 && second < 61)
        .then(|| (i64::from(hour * 3600 + minute * 60 + second), rest))
}

fn zone_offset(text: &str) -> Option<i64> {
    let text = text.trim_start();
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: Vec<i64> = text[1..]
        .chars()
        .filter(|c| *c != ':')
        .map_while(|c| c.to_digit(10))
        .map(i64::from)
        .take(4)
        .collect();
    match digits[..] {
        [h1, h2, m1, m2] => Some(sign * ((h1 * 10 + h2) * 3600 + (m1 * 10 + m2) * 60)),
        [h1, h2] => Some(sign * (h1 * 10 + h2) * 3600),
        _ => None,
    }
}

fn plausible(time: NaiveDateTime, has_time: bool) -> Option<Found> {
    use chrono::Datelike;
    (1994..=2100).contains(&time.year()).then(|| Found { at: time.and_utc().into(), has_time })
}

fn day(year: i32, month: u32, day: u32) -> Option<Found> {
    let year = if year < 100 { 2000 + year } else { year };
    plausible(NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(0, 0, 0)?, false)
}

/// A part of a text: a number with its count of digits, a word, or a mark.
#[derive(Clone, Copy, Debug)]
enum Part<'t> {
    Number(u32, usize),
    Word(&'t str),
    Mark(char),
}

/// Finds the first date in a text for people.
pub(crate) fn in_text(text: &str, order: Order) -> Option<Found> {
    let parts = parts(text);
    (0..parts.len()).find_map(|start| at_parts(&parts[start..], order))
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if parts.len() > 400 {
            break;
        }
        if first.is_ascii_digit() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            parts.push(Part::Number(rest[..digits.min(8)].parse().unwrap_or(0), digits));
            rest = &rest[digits..];
        } else if matches!(first, '年' | '月' | '日' | '년' | '월' | '일') {
            parts.push(Part::Mark(first));
            rest = &rest[first.len_utf8()..];
        } else if first.is_alphabetic() {
            let end = rest
                .find(|c: char| !c.is_alphabetic() || matches!(c, '年' | '月' | '日'))
                .unwrap_or(rest.len());
            parts.push(Part::Word(&rest[..end]));
            rest = &rest[end..];
        } else {
            if !first.is_whitespace() {
                parts.push(Part::Mark(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    parts
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
        // 2025-12-02
        [
            Number(year, 4),
            Mark(one @ ('-' | '/' | '.')),
            Number(month, 1 | 2),
            Mark(two),
            Number(of_month, 1 | 2),
            ..,
        ] if one == two => day(*year as i32, *month, *of_month),
        // 2.12.2025, 02/12/25
        [
            Number(one, 1 | 2),
            Mark(a @ ('-' | '/' | '.')),
            Number(two, 1 | 2),
            Mark(b),
            Number(year, digits @ (2 | 4)),
            ..,
        ] if a == b => {
            let year = *year as i32;
            if *digits == 2 && (*a == '-' || !(5..=40).contains(&year)) {
                return None;
            }
            let month_first =
                *two > 12 || (*one <= 12 && matches!(a, '/' | '-') && order == Order::MonthFirst);
            if month_first { day(year, *one, *two) } else { day(year, *two, *one) }
        }
        // December 2, 2025; Dec. 2nd 2025
        [Word(name), rest @ ..] => {
            let month = month_of(name)?;
            let rest = without_marks(rest);
            match rest {
                [Number(of_month, 1 | 2), rest @ ..] => {
                    let rest = without_ordinal(without_marks(rest));
                    match without_marks(rest) {
                        [Number(year, 4), ..] => day(*year as i32, month, *of_month),
                        _ => None,
                    }
                }
                _ => None,
            }
        }
        // 2 December 2025; 2. Dezember 2025; 2 de diciembre de 2025; 2nd of December, 2025
        [Number(of_month, 1 | 2), rest @ ..] => {
            let rest = without_links(without_ordinal(without_marks(rest)));
            match rest {
                [Word(name), rest @ ..] => {
                    let month = month_of(name)?;
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
        _ => None,
    }
}

fn without_marks<'s, 't>(parts: &'s [Part<'t>]) -> &'s [Part<'t>] {
    match parts {
        [Part::Mark('.' | ',' | '-' | '/' | '\''), rest @ ..] => without_marks(rest),
        _ => parts,
    }
}

fn without_ordinal<'s, 't>(parts: &'s [Part<'t>]) -> &'s [Part<'t>] {
    match parts {
        [Part::Word("st" | "nd" | "rd" | "th" | "er" | "º"), rest @ ..] => rest,
        _ => parts,
    }
}

fn without_links<'s, 't>(parts: &'s [Part<'t>]) -> &'s [Part<'t>] {
    match parts {
        [Part::Word("de" | "of" | "del" | "di" | "d"), rest @ ..] => rest,
        _ => parts,
    }
}

/// The day in a URL's path: `/2025/12/02/`, `/2025-12-02-`, `/20251202/`.
pub(crate) fn in_url(url: &str) -> Option<Found> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let bytes = path.as_bytes();
    for at in 0..bytes.len().saturating_sub(7) {
        let starts = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        if !starts || !bytes[at..at + 2].eq(b"20") && !bytes[at..at + 2].eq(b"19") {
            continue;
        }
        let rest = &path[at..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits != 4 && digits != 8 {
            continue;
        }
        if let Some((date, after)) = leading_date(rest)
            && !after.starts_with(|c: char| c.is_ascii_digit())
        {
            return date.and_hms_opt(0, 0, 0).and_then(|time| plausible(time, false));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_machines_are_read() {
        for (text, expected) in [
            ("2025-12-02T16:40:00+00:00", "2025-12-02T16:40:00.000Z"),
            ("2025-12-02T16:40:00+0100", "2025-12-02T15:40:00.000Z"),
            ("2025-12-02 16:40", "2025-12-02T16:40:00.000Z"),
            ("2025-12-02", "2025-12-02T00:00:00.000Z"),
            ("20251202", "2025-12-02T00:00:00.000Z"),
            ("Tue, 02 Dec 2025 16:40:00 GMT", "2025-12-02T16:40:00.000Z"),
            ("1764693600", "2025-12-02T16:40:00.000Z"),
            ("2025-12-02T16:40:00.123456Z", "2025-12-02T16:40:00.123Z"),
        ] {
            let found = machine(text).map(|found| found.at.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        assert_eq!(machine("0001-01-01T00:00:00Z"), None);
    }

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
            ("2025년 12월 2일", "2025-12-02"),
            ("02.12.2025", "2025-12-02"),
            ("13/02/2025", "2025-02-13"),
            ("2 grudnia 2025", "2025-12-02"),
            ("12 Mart 2025", "2025-03-12"),
        ] {
            let found = in_text(text, Order::DayFirst).map(|found| found.at.to_string());
            assert_eq!(found.as_deref().map(|time| &time[..10]), Some(expected), "{text}");
        }
        assert!(in_text("The market 3, 2025 decisions", Order::DayFirst).is_none());
    }

    #[test]
    fn the_day_in_a_url_is_read() {
        for (url, expected) in [
            ("https://a.example/2025/12/02/x", Some("2025-12-02")),
            ("https://a.example/x-20251202.html", Some("2025-12-02")),
            ("https://a.example/2025-12-02-title", Some("2025-12-02")),
            ("https://a.example/article/2025123456", None),
            ("https://a.example/2025/", None),
        ] {
            let found = in_url(url).map(|found| found.at.to_string());
            assert_eq!(found.as_deref().map(|time| &time[..10]), expected, "{url}");
        }
    }
}
