//! Dates as feeds write them: RFC 822, ISO 8601, epochs, and the words of some fifty languages.
//!
//! A date is read from what it consists of (a time of day, numbers, a month's name, a zone) and
//! not by a list of formats: the next odd spelling is then read as well. A missing zone is UTC.

use chrono::{Days, NaiveDate};
use events::Timestamp;

use super::date_words::Piece::{
    self, Afternoon, Blank, DayMark, HourMark, MinuteMark, Month, MonthMark, Morning, Number,
    Symbol, T, YearMark, Zone,
};
use super::date_words::pieces;

/// Longer texts are no dates.
const LONGEST: usize = 120;

/// The moment a text names, however it spells it; `None` where it names none.
pub fn parse_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    if let Some(moment) = epoch(text) {
        return Some(moment);
    }
    let pieces = with_colons(pieces(text));
    let (time, rest) = day_with_zone(&pieces).unwrap_or_else(|| split_time(&pieces));
    // Who writes letters that English has not writes the day first.
    let day_first = text.chars().any(|c| !c.is_ascii() && c.is_alphabetic());
    let (date, compact_time) = date(&rest, day_first)?;
    let clock = compact_time.or(time).unwrap_or_default();
    moment(date, clock)
}

/// Seconds, milliseconds or microseconds since 1970 in digits only, also as `@…` and `/Date(…)/`.
fn epoch(text: &str) -> Option<Timestamp> {
    let text = text.strip_prefix('@').unwrap_or(text);
    let text = text.strip_prefix("/Date(").and_then(|t| t.strip_suffix(")/")).unwrap_or(text);
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: i64 = whole.parse().ok()?;
    match whole.len() {
        9..=10 => Some(Timestamp::from_secs(value)),
        13 => Some(Timestamp::from_millis(value)),
        16 => Some(Timestamp::from_millis(value / 1000)),
        _ => None,
    }
}

/// A time of day and its zone.
#[derive(Clone, Copy, Debug, Default)]
struct Clock {
    hour: i64,
    minute: i64,
    second: i64,
    millis: i64,
    /// Minutes east of Greenwich.
    zone: i32,
}

/// `2025-12-02+01:00`: a day with a zone (XML Schema), not with a time.
fn day_with_zone(pieces: &[Piece]) -> Option<(Option<Clock>, Vec<Piece>)> {
    let at = pieces.windows(5).position(|window| {
        let is_zone = [Symbol('+'), Symbol(':')] == [window[1], window[3]];
        is_zone
            && matches!([window[0], window[2], window[4]], [Number(..), Number(2, _), Number(2, _)])
    })?;
    if pieces[..at].iter().any(|piece| matches!(piece, Symbol(':') | HourMark | T)) {
        return None;
    }
    let (zone, _) = zone(&pieces[at + 1..]);
    Some((Some(Clock { zone, ..Clock::default() }), pieces[..=at].to_vec()))
}

/// A time with dots behind a date in words (`2. december 2025 kl. 14.05`), with colons.
fn with_colons(mut pieces: Vec<Piece>) -> Vec<Piece> {
    if pieces.iter().any(|piece| matches!(piece, Symbol(':') | HourMark)) {
        return pieces;
    }
    let Some(year) = pieces.iter().position(|piece| matches!(piece, Number(4, _))) else {
        return pieces;
    };
    if !pieces[..year].iter().any(|piece| matches!(piece, Month(_))) {
        return pieces;
    }
    let time = pieces[year..]
        .windows(3)
        .position(|window| matches!(window, [Number(1..=2, _), Symbol('.'), Number(2, _)]));
    if let Some(at) = time.map(|at| at + year) {
        pieces[at + 1] = Symbol(':');
        if let (Some(Symbol('.')), Some(Number(2, _))) = (pieces.get(at + 3), pieces.get(at + 4)) {
            pieces[at + 3] = Symbol(':');
        }
    }
    pieces
}

/// The time of day with its zone, and the pieces that are left for the date.
fn split_time(pieces: &[Piece]) -> (Option<Clock>, Vec<Piece>) {
    let mut clock = Clock::default();
    let start = pieces.windows(3).position(|window| {
        matches!(window, [Number(1..=2, _), Symbol(':') | HourMark, Number(1..=2, _)])
    });
    let Some(start) = start else {
        return compact_time(pieces);
    };
    let mut at = start;
    let number = |at: usize| match pieces.get(at) {
        Some(Number(_, value)) => Some(*value),
        _ => None,
    };
    clock.hour = number(at).unwrap_or_default();
    clock.minute = number(at + 2).unwrap_or_default();
    at += 3;
    if matches!(pieces.get(at), Some(Symbol(':') | MinuteMark)) {
        if let Some(second) = number(at + 1) {
            clock.second = second;
            at += 1;
        }
        at += 1;
        if let (Some(Symbol('.' | ',')), Some(Number(digits, value))) =
            (pieces.get(at), pieces.get(at + 1))
        {
            clock.millis = thousandths(*digits, *value);
            at += 2;
        }
    }
    // What follows is the zone, except a year: `Thu Jan  1 12:00:00 2004`.
    let mut rest: Vec<Piece> = pieces[..start].to_vec();
    let (zone, after) = zone(&pieces[at..]);
    clock.zone = zone;
    rest.push(Blank);
    rest.extend(after);
    apply_half_day(pieces, &mut clock);
    (Some(clock), rest)
}

/// `T101455Z` and `T10Z` without colons.
fn compact_time(pieces: &[Piece]) -> (Option<Clock>, Vec<Piece>) {
    let Some(at) = pieces.windows(2).position(|window| matches!(window, [T, Number(2 | 4 | 6, _)]))
    else {
        return (None, pieces.to_vec());
    };
    let Number(digits, value) = pieces[at + 1] else {
        return (None, pieces.to_vec());
    };
    let value = match digits {
        2 => value * 10_000,
        4 => value * 100,
        _ => value,
    };
    let (zone, _) = zone(&pieces[at + 2..]);
    let clock = Clock {
        hour: value / 10_000,
        minute: value / 100 % 100,
        second: value % 100,
        millis: 0,
        zone,
    };
    (Some(clock), pieces[..at].to_vec())
}

fn thousandths(digits: u8, value: i64) -> i64 {
    match digits {
        1 => value * 100,
        2 => value * 10,
        3 => value,
        4..=18 => value / 10_i64.pow(u32::from(digits) - 3),
        _ => 0,
    }
}

fn apply_half_day(pieces: &[Piece], clock: &mut Clock) {
    if pieces.contains(&Afternoon) && clock.hour < 12 {
        clock.hour += 12;
    } else if pieces.contains(&Morning) && clock.hour == 12 {
        clock.hour = 0;
    }
}

/// Minutes east of Greenwich, and the pieces that are not the zone.
fn zone(pieces: &[Piece]) -> (i32, Vec<Piece>) {
    let mut rest = Vec::new();
    let mut named = None;
    let mut offset = None;
    let mut at = 0;
    while at < pieces.len() {
        match pieces[at] {
            Zone(minutes) if named.is_none() => named = Some(minutes),
            Symbol(sign @ ('+' | '-')) if offset.is_none() => {
                if let Some(Number(digits, value)) = pieces.get(at + 1) {
                    let minutes = match (digits, pieces.get(at + 2), pieces.get(at + 3)) {
                        (1..=2, Some(Symbol(':')), Some(Number(2, minutes))) => {
                            at += 2;
                            Some(value * 60 + minutes)
                        }
                        (1..=2, _, _) => Some(value * 60),
                        (3..=4, _, _) => Some(value / 100 * 60 + value % 100),
                        _ => None,
                    };
                    let minutes = minutes.filter(|minutes| *minutes <= 15 * 60);
                    if let Some(minutes) = minutes {
                        offset = Some(if sign == '-' { -minutes } else { minutes } as i32);
                        at += 1;
                    }
                }
            }
            piece => rest.push(piece),
        }
        at += 1;
    }
    // `GMT+01:00` is an hour east; a bare name counts only without numbers.
    let minutes = match (named, offset) {
        (Some(0) | None, Some(offset)) => offset,
        (Some(named), _) => named,
        (None, None) => 0,
    };
    (minutes, rest)
}

/// Year, month and day, and a time of day where it was written in one number with the date.
fn date(pieces: &[Piece], day_first: bool) -> Option<(NaiveDate, Option<Clock>)> {
    let marked = |mark: Piece| {
        pieces.windows(2).find_map(|window| match window {
            [Number(_, value), found] if *found == mark => Some(*value),
            _ => None,
        })
    };
    if let (Some(year), Some(month)) = (marked(YearMark), marked(MonthMark)) {
        let day = marked(DayMark).unwrap_or(1);
        return calendar(year, month, day).map(|date| (date, None));
    }
    if let Some(date) = with_month_name(pieces) {
        return Some((date, None));
    }
    let tight: Vec<Piece> = pieces.iter().copied().filter(|piece| *piece != Blank).collect();
    numeric(&tight, day_first)
}

/// `5 January 2009`, `Jan 5, 2009`, `5-Jan-09`, `2009 Jan 5`.
fn with_month_name(pieces: &[Piece]) -> Option<NaiveDate> {
    // The last: weekdays that look like months ("mar." for mardi) come before it.
    let at = pieces.iter().rposition(|piece| matches!(piece, Month(_)))?;
    let Month(month) = pieces[at] else {
        return None;
    };
    let numbers = |pieces: &[Piece]| -> Vec<(u8, i64)> {
        pieces
            .iter()
            .filter_map(|piece| match piece {
                Number(digits, value) => Some((*digits, *value)),
                _ => None,
            })
            .collect()
    };
    let before = numbers(&pieces[..at]);
    let after = numbers(&pieces[at + 1..]);
    let (day, year) = match (before.as_slice(), after.as_slice()) {
        // 2009 Jan 5, and 2009. gada 5. janvāris
        ([.., (4, year)], [(1..=2, day), ..]) | ([(4, year), .., (1..=2, day)], []) => {
            (*day, (4, *year))
        }
        // 5 Jan 2009, and Jan 5 2009
        ([.., (1..=2, day)], [year, ..]) | ([], [(1..=2, day), year, ..]) => (*day, *year),
        // January 2009
        ([], [(4, year)]) => (1, (4, *year)),
        _ => return None,
    };
    calendar(full_year(year.0, year.1)?, i64::from(month), day)
}

fn full_year(digits: u8, value: i64) -> Option<i64> {
    match digits {
        // Feeds did not exist before.
        2 if value >= 90 => Some(1900 + value),
        2 => Some(2000 + value),
        4 => Some(value),
        _ => None,
    }
}

fn numeric(pieces: &[Piece], day_first: bool) -> Option<(NaiveDate, Option<Clock>)> {
    let triple = pieces.windows(5).find_map(|window| match window {
        [
            Number(a_digits, a),
            Symbol(first @ ('-' | '/' | '.')),
            Number(1..=2, b),
            Symbol(second),
            Number(c_digits, c),
        ] if first == second => Some((*a_digits, *a, *first, *b, *c_digits, *c)),
        _ => None,
    });
    if let Some((a_digits, a, separator, b, c_digits, c)) = triple {
        if a_digits == 4 {
            return calendar(a, b, c).map(|date| (date, None));
        }
        let year = full_year(c_digits, c)?;
        // 12/25/2009 is American, 25/12/2009 and 25.12.2009 are not; where both fit, the slash
        // is taken for American and everything else for the rest of the world.
        let is_american = separator == '/' && a <= 12 && !day_first;
        let (day, month) = if b > 12 || is_american { (b, a) } else { (a, b) };
        return calendar(year, month, day).map(|date| (date, None));
    }
    match pieces {
        [Number(14, value), ..] => {
            let clock = Clock {
                hour: value / 10_000 % 100,
                minute: value / 100 % 100,
                second: value % 100,
                ..Clock::default()
            };
            Some((packed(value / 1_000_000)?, Some(clock)))
        }
        [Number(12, value), ..] => {
            let clock = Clock { hour: value / 100 % 100, minute: value % 100, ..Clock::default() };
            Some((packed(value / 10_000)?, Some(clock)))
        }
        [Number(8, value), ..] => Some((packed(*value)?, None)),
        [Number(4, year), Symbol('-'), Number(3, day), ..] if is_year(*year) => {
            NaiveDate::from_yo_opt(i32::try_from(*year).ok()?, u32::try_from(*day).ok()?)
                .map(|date| (date, None))
        }
        [Number(4, year), Symbol('-' | '/'), Number(2, month)] => {
            calendar(*year, *month, 1).map(|date| (date, None))
        }
        [Number(4, year)] => calendar(*year, 1, 1).map(|date| (date, None)),
        _ => None,
    }
}

fn packed(value: i64) -> Option<NaiveDate> {
    calendar(value / 10_000, value / 100 % 100, value % 100)
}

/// Year 1 and its like are the zero values of programs, not dates.
fn is_year(year: i64) -> bool {
    (1900..=9999).contains(&year)
}

fn calendar(year: i64, month: i64, day: i64) -> Option<NaiveDate> {
    if !is_year(year) {
        return None;
    }
    NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        u32::try_from(month).ok()?,
        u32::try_from(day).ok()?,
    )
}

fn moment(date: NaiveDate, clock: Clock) -> Option<Timestamp> {
    let date = match clock.hour {
        24 if clock.minute == 0 && clock.second == 0 => date.checked_add_days(Days::new(1))?,
        0..=24 => date,
        _ => return None,
    };
    if clock.minute > 59 || clock.second > 60 {
        return None;
    }
    let midnight = date.and_hms_opt(0, 0, 0)?.and_utc().timestamp();
    let seconds = midnight + clock.hour % 24 * 3600 + clock.minute * 60 + clock.second.min(59)
        - i64::from(clock.zone) * 60;
    Some(Timestamp::from_millis(seconds * 1000 + clock.millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_and_more_spellings_are_understood() {
        for (text, wanted) in [
            ("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21.000Z"),
            ("Thu, 01 Jan 2004 19:48:21 +0200", "2004-01-01T17:48:21.000Z"),
            ("Thu, 1 Jan 04 19:48 EST", "2004-01-02T00:48:00.000Z"),
            ("01 Jan 2004 19:48:21 Z", "2004-01-01T19:48:21.000Z"),
            ("Thu, 01 Jan 2004 19:48:21", "2004-01-01T19:48:21.000Z"),
            ("Thurs, 1 January 2004 7:48:21 PM PDT", "2004-01-02T02:48:21.000Z"),
            ("Thu, 01 Jan 2004 19:48:21 GMT+01:00", "2004-01-01T18:48:21.000Z"),
            ("Thu, 01 Jan 2004 19:48:21 CEST", "2004-01-01T17:48:21.000Z"),
            ("Thu, 01 Jan 2004 24:00:00 GMT", "2004-01-02T00:00:00.000Z"),
            ("Thu Jan  1 19:48:21 2004", "2004-01-01T19:48:21.000Z"),
            ("Thu Jan 1 19:48:21 EST 2004", "2004-01-02T00:48:21.000Z"),
            ("January 5, 2009 3:00 p.m.", "2009-01-05T15:00:00.000Z"),
            ("Jan 5, 2009", "2009-01-05T00:00:00.000Z"),
            ("5-Jan-2009 10:00:00", "2009-01-05T10:00:00.000Z"),
            ("2004-01-01T19:48:21Z", "2004-01-01T19:48:21.000Z"),
            ("2004-01-01T19:48:21.5-08:00", "2004-01-02T03:48:21.500Z"),
            ("2004-01-01T19:48:21+0100", "2004-01-01T18:48:21.000Z"),
            ("2004-01-01T19:48Z", "2004-01-01T19:48:00.000Z"),
            ("2004-01-01 19:48:21", "2004-01-01T19:48:21.000Z"),
            ("2004-01-01 19:48:21 UTC", "2004-01-01T19:48:21.000Z"),
            ("2004-01-01 19:48:21 +02", "2004-01-01T17:48:21.000Z"),
            ("2004-01-01", "2004-01-01T00:00:00.000Z"),
            ("2004-02", "2004-02-01T00:00:00.000Z"),
            ("2004", "2004-01-01T00:00:00.000Z"),
            ("2004/01/05 10:00", "2004-01-05T10:00:00.000Z"),
            ("20040105", "2004-01-05T00:00:00.000Z"),
            ("20040105T101455Z", "2004-01-05T10:14:55.000Z"),
            ("20040105101455", "2004-01-05T10:14:55.000Z"),
            ("2004-335", "2004-11-30T00:00:00.000Z"),
            ("1764680700", "2025-12-02T13:05:00.000Z"),
            ("1764680700000", "2025-12-02T13:05:00.000Z"),
            ("25.12.2009 14:30", "2009-12-25T14:30:00.000Z"),
            ("25/12/2009 14:30", "2009-12-25T14:30:00.000Z"),
            ("12/25/2009 2:30 PM", "2009-12-25T14:30:00.000Z"),
            ("Do, 05 Mär 2009 14:30:00 +0100", "2009-03-05T13:30:00.000Z"),
            ("5. Dezember 2009, 14:30 Uhr", "2009-12-05T14:30:00.000Z"),
            ("mar., 05 août 2014 14:30:00 +0200", "2014-08-05T12:30:00.000Z"),
            ("mié, 05 ene 2011 10:00:00 GMT", "2011-01-05T10:00:00.000Z"),
            ("Qua, 05 Fev 2014 10:00:00 -0300", "2014-02-05T13:00:00.000Z"),
            ("Вт, 05 мая 2015 10:00:00 +0300", "2015-05-05T07:00:00.000Z"),
            ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00.000Z"),
            ("2004-május-11 10:00", "2004-05-11T10:00:00.000Z"),
            ("2004-05-25 오후 11:23:17", "2004-05-25T23:23:17.000Z"),
            ("2004년 05월 28일 01:31:15", "2004-05-28T01:31:15.000Z"),
            ("2009年1月5日 10時30分", "2009-01-05T10:30:00.000Z"),
            ("śr., 5 paź 2011 10:00:00 +0200", "2011-10-05T08:00:00.000Z"),
            ("5 červenec 2011", "2011-07-05T00:00:00.000Z"),
            ("Sal, 5 Şub 2013 10:00", "2013-02-05T10:00:00.000Z"),
            ("Tue, 02 Dec 2025 13:05:00 \u{2212}0500", "2025-12-02T18:05:00.000Z"),
            ("@1764680700", "2025-12-02T13:05:00.000Z"),
            ("/Date(1764680700000)/", "2025-12-02T13:05:00.000Z"),
            ("2025-12-02+01:00", "2025-12-01T23:00:00.000Z"),
            ("2. december 2025 kl. 14.05", "2025-12-02T14:05:00.000Z"),
            ("Tue, 02 Dec 2025 13.05.00 GMT", "2025-12-02T13:05:00.000Z"),
            ("2. června 2025", "2025-06-02T00:00:00.000Z"),
            ("2. lipnja 2025", "2025-06-02T00:00:00.000Z"),
            ("2 lipca 2025", "2025-07-02T00:00:00.000Z"),
            ("2. avgust 2025", "2025-08-02T00:00:00.000Z"),
            ("02 снежня 2025", "2025-12-02T00:00:00.000Z"),
            ("2 ноември 2025 г.", "2025-11-02T00:00:00.000Z"),
            ("2. децембар 2025", "2025-12-02T00:00:00.000Z"),
            ("2. detsember 2025", "2025-12-02T00:00:00.000Z"),
            ("2025. gada 2. jūnijs", "2025-06-02T00:00:00.000Z"),
            ("2025 m. gegužės 2 d.", "2025-05-02T00:00:00.000Z"),
            ("٢ ديسمبر ٢٠٢٥", "2025-12-02T00:00:00.000Z"),
            ("2 كانون الأول 2025", "2025-12-02T00:00:00.000Z"),
            ("2 בדצמבר 2025", "2025-12-02T00:00:00.000Z"),
            ("2 दिसंबर 2025", "2025-12-02T00:00:00.000Z"),
            ("২ ডিসেম্বর ২০২৫", "2025-12-02T00:00:00.000Z"),
            ("2 ธันวาคม 2568", "2025-12-02T00:00:00.000Z"),
            ("02 tháng 12, 2025 13:05", "2025-12-02T13:05:00.000Z"),
            ("Thứ ba, 02/12/2025, 13:05 (GMT+7)", "2025-12-02T06:05:00.000Z"),
        ] {
            assert_eq!(
                parse_date(text).map(|date| date.to_string()).as_deref(),
                Some(wanted),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_date_stays_none() {
        for text in [
            "",
            "yesterday",
            "0001-01-01T00:00:00Z",
            "0240-002",
            "2004-13-01",
            "2004-02-30",
            "99/99/2004",
            "25:61",
            "123",
            "Jan",
            "20041399",
            "2004-01-01T25:00:00Z",
            "99999999999999999999999",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_a_date_panic(text in "\\PC*", digits in "[0-9:TZ+. /a-j-]{0,40}") {
            let _ = parse_date(&text);
            let _ = parse_date(&digits);
        }
    }
}
