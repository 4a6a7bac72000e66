//! Dates as machines write them, and in addresses. Knows no page.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use events::Timestamp;

use crate::calendars::{self, Calendar};
use crate::months::month_of;
use crate::zones;

/// A date read from text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) at: Timestamp,
    /// A time of day was given too.
    pub(crate) has_time: bool,
}

/// Reads a machine's date: ISO 8601 in its many shapes, RFC 2822, Unix seconds.
pub(crate) fn machine(text: &str) -> Option<Found> {
    let text = text.trim().trim_matches(['"', '\'']);
    if text.len() < 8 || text.len() > 64 {
        return None;
    }
    if let Ok(time) =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text))
    {
        let offset = i64::from(time.offset().local_minus_utc());
        if let Some(found) = at_offset(time.naive_local(), offset) {
            return Some(found);
        }
    }
    iso(text).or_else(|| unix(text)).or_else(|| of_a_program(text))
}

/// A time of day in the zone that a text begins with; Greenwich's where it names none. Of a zone that
/// is not known, or is several ("CST"), the day is known and no more.
fn in_zone(date: NaiveDate, seconds: i64, zone: &str) -> Option<Found> {
    let midnight = date.and_hms_opt(0, 0, 0)?;
    let name = zone.trim_start().trim_start_matches('(');
    let name = name.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let is_named = (2..=5).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_uppercase());
    match zones::offset(zone) {
        None if is_named => plausible(midnight, false),
        offset => at_offset(midnight + chrono::Duration::seconds(seconds), offset.unwrap_or(0)),
    }
}

/// A local time, so many seconds east of Greenwich. Midnight there is a day without a time: the
/// instant would be of the day before or have a time that nobody gave.
fn at_offset(local: NaiveDateTime, offset: i64) -> Option<Found> {
    if offset != 0 && local.time() == NaiveTime::MIN {
        return plausible(local, false);
    }
    plausible(local - chrono::Duration::seconds(offset), true)
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
    // 12345678 and more digits are a date with its time, or a number.
    let time_runs_on = rest.starts_with(|c: char| c.is_ascii_digit());
    if time_runs_on && digits_of_time(rest).is_none() {
        return None;
    }
    let rest = rest.trim_start_matches(['T', 't', ' ', ',']);
    let time = digits_of_time(rest).or_else(|| leading_time(rest));
    let Some((seconds, zone)) = time else {
        return plausible(date.and_hms_opt(0, 0, 0)?, false);
    };
    in_zone(date, seconds, zone)
}

/// `Tue Dec 02 15:04:00 KST 2025` of Java and C, `Tue Dec 02 2025 15:04:00 GMT+0900 (…)` of
/// JavaScript.
fn of_a_program(text: &str) -> Option<Found> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let (month, of_month, time, zone, year) = match words[..] {
        [_, month, of_month, time, zone, year] if time.contains(':') => {
            (month, of_month, time, zone, year)
        }
        [_, month, of_month, year, time, zone, ..] if time.contains(':') => {
            (month, of_month, time, zone, year)
        }
        _ => return None,
    };
    if year.len() != 4 {
        return None;
    }
    let date =
        NaiveDate::from_ymd_opt(year.parse().ok()?, month_of(month)?, of_month.parse().ok()?)?;
    let (seconds, _) = leading_time(time)?;
    in_zone(date, seconds, zone)
}

/// `2025-12-02`, `2025/12/02`, `2025.12.02`, `20251202` at the start.
fn leading_date(text: &str) -> Option<(NaiveDate, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if matches!(digits, 8 | 12 | 14) {
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
    Some((calendars::date_in_numbers(year, month, day)?, rest))
}

fn leading_number(text: &str) -> Option<(u32, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 2 {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

/// `164000`, `1640` at the start of `20251202164000` and `20251202T164000Z`.
fn digits_of_time(text: &str) -> Option<(i64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !matches!(digits, 4 | 6) {
        return None;
    }
    let number = |from: usize| text.get(from..from + 2)?.parse::<i64>().ok();
    let (hour, minute) = (number(0)?, number(2)?);
    let second = if digits == 6 { number(4)? } else { 0 };
    (hour < 24 && minute < 60 && second < 61)
        .then(|| (hour * 3600 + minute * 60 + second, &text[digits..]))
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
    let of_half = lower.starts_with("pm") || lower.starts_with("am");
    let rest = if of_half { &rest.trim_start()[2..] } else { rest };
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

pub(crate) fn plausible(time: NaiveDateTime, has_time: bool) -> Option<Found> {
    use chrono::Datelike;
    (1994..=2100).contains(&time.year()).then(|| Found { at: time.and_utc().into(), has_time })
}

/// A day of the Gregorian calendar, or with a year of Thailand.
pub(crate) fn day(year: i32, month: u32, day: u32) -> Option<Found> {
    day_in(Calendar::Gregorian, year, month, day)
}

/// A day whose month has a name of this calendar.
pub(crate) fn day_in(calendar: Calendar, year: i32, month: u32, day: u32) -> Option<Found> {
    plausible(calendars::date_in(calendar, year, month, day)?.and_hms_opt(0, 0, 0)?, false)
}

/// A day in numbers, of the calendar that its year is of.
pub(crate) fn day_in_numbers(year: i32, month: u32, day: u32) -> Option<Found> {
    plausible(calendars::date_in_numbers(year, month, day)?.and_hms_opt(0, 0, 0)?, false)
}

/// The other reading of 03/04/2025, where there is one.
pub(crate) fn month_and_day_swapped(found: &Found) -> Option<Timestamp> {
    use chrono::Datelike;
    let date = found.at.to_chrono().date_naive();
    day(date.year(), date.day(), date.month()).map(|found| found.at)
}

/// The day in a URL's path: `/2025/12/02/`, `/2025-12-02-`, `/20251202/`, `/02-12-2025`,
/// `/2025/dec/02/`.
pub(crate) fn in_url(url: &str) -> Option<Found> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    year_first(path).or_else(|| with_name_of_month(path)).or_else(|| {
        path.split(['/', '.', '_']).find_map(|part| {
            let numbers: Vec<&str> = part.splitn(4, '-').collect();
            let [of_month, month, year, ..] = numbers[..] else {
                return None;
            };
            let shaped = of_month.len() == 2 && month.len() == 2 && year.len() == 4;
            if !shaped {
                return None;
            }
            day(year.parse().ok()?, month.parse().ok()?, of_month.parse().ok()?)
        })
    })
}

/// `2025/december/02` among the parts of a path.
fn with_name_of_month(path: &str) -> Option<Found> {
    let parts: Vec<&str> = path.split('/').collect();
    parts.windows(3).find_map(|three| {
        let [year, name, of_month] = three else {
            return None;
        };
        if year.len() != 4 || of_month.is_empty() || of_month.len() > 2 || name.len() < 3 {
            return None;
        }
        day(year.parse().ok()?, month_of(name)?, of_month.parse().ok()?)
    })
}

fn year_first(path: &str) -> Option<Found> {
    let bytes = path.as_bytes();
    for at in 0..bytes.len().saturating_sub(7) {
        let starts = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        let century = &bytes[at..at + 2];
        let is_solar = matches!(century, b"13" | b"14");
        if !starts || !matches!(century, b"20" | b"19") && !is_solar {
            continue;
        }
        let rest = &path[at..];
        // 1404/09/11 of Iran; other numbers look too much like it.
        if is_solar && !(bytes.get(at + 4) == Some(&b'/') && bytes.get(at + 7) == Some(&b'/')) {
            continue;
        }
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
            // Midnight somewhere is a day, not an instant.
            ("2025-12-02T00:00:00+01:00", "2025-12-02T00:00:00.000Z"),
            ("2025-12-02 00:00:00 -0800", "2025-12-02T00:00:00.000Z"),
            ("Tue, 02 Dec 2025 00:00:00 +0530", "2025-12-02T00:00:00.000Z"),
            ("2025-12-02", "2025-12-02T00:00:00.000Z"),
            ("20251202", "2025-12-02T00:00:00.000Z"),
            ("Tue, 02 Dec 2025 16:40:00 GMT", "2025-12-02T16:40:00.000Z"),
            ("1764693600", "2025-12-02T16:40:00.000Z"),
            ("2025-12-02T16:40:00.123456Z", "2025-12-02T16:40:00.123Z"),
            ("20251202164005", "2025-12-02T16:40:05.000Z"),
            ("202512021640", "2025-12-02T16:40:00.000Z"),
            ("20251202T164005Z", "2025-12-02T16:40:05.000Z"),
            ("1764693600000", "2025-12-02T16:40:00.000Z"),
            ("2025-12-02 05:00:00 KST", "2025-12-01T20:00:00.000Z"),
            ("2025-12-02 05:00:00 +09:00", "2025-12-01T20:00:00.000Z"),
            // China's or America's: the day is known.
            ("2025-12-02 23:30:00 CST", "2025-12-02T00:00:00.000Z"),
            ("Tue Dec 02 23:30:00 XYZ 2025", "2025-12-02T00:00:00.000Z"),
            ("2025-12-02 15:04 Uhr", "2025-12-02T15:04:00.000Z"),
            ("2025-12-02 15:04 WIB", "2025-12-02T08:04:00.000Z"),
            ("2025-12-02 03:04 PM IST", "2025-12-02T09:34:00.000Z"),
            ("2025-12-02 15:04 GMT+7", "2025-12-02T08:04:00.000Z"),
            ("Tue Dec 02 15:04:00 KST 2025", "2025-12-02T06:04:00.000Z"),
            (
                "Tue Dec 02 2025 15:04:00 GMT+0900 (Korean Standard Time)",
                "2025-12-02T06:04:00.000Z",
            ),
            ("1404-09-11T15:04:00+03:30", "2025-12-02T11:34:00.000Z"),
            ("1404/09/11", "2025-12-02T00:00:00.000Z"),
            ("2568-12-02T15:04:00+07:00", "2025-12-02T08:04:00.000Z"),
        ] {
            let found = machine(text).map(|found| found.at.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        for text in [
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00",
            "1970-01-01T00:00:00",
            "0000-00-00 00:00:00",
            "-0001-11-30T00:00:00+00:00",
            "1900-01-01",
            "0",
            "20251299150405",
            "202512021",
        ] {
            assert_eq!(machine(text), None, "{text}");
        }
    }

    #[test]
    fn the_day_in_a_url_is_read() {
        for (url, expected) in [
            ("https://a.example/2025/12/02/x", Some("2025-12-02")),
            ("https://a.example/x-20251202.html", Some("2025-12-02")),
            ("https://a.example/2025-12-02-title", Some("2025-12-02")),
            ("https://a.example/news/02-12-2025-title", Some("2025-12-02")),
            ("https://a.example/world/2025/dec/02/title", Some("2025-12-02")),
            ("https://a.example/blog/2025/october/3/title", Some("2025-10-03")),
            ("https://a.example/fa/news/1404/09/11/3411111/title", Some("2025-12-02")),
            ("https://a.example/fa/news/1404/9/1", None),
            ("https://a.example/article/20251202150405", None),
            ("https://a.example/article/2025123456", None),
            ("https://a.example/2025/", None),
        ] {
            let found = in_url(url).map(|found| found.at.to_string());
            assert_eq!(found.as_deref().map(|time| &time[..10]), expected, "{url}");
        }
    }
}
