//! Dates that only the moment of reading completes: "3 hours ago", and days without a year. They
//! are resolved against the moment of the fetch, never against a clock, and read only where a
//! byline stands, on pages that give no other date.

use chrono::Datelike;
use events::Timestamp;

use crate::date_parts::{Part, parts};
use crate::dates::{Found, day};
use crate::marks;
use crate::months::month_of;
use crate::page::{Page, Tag};
use crate::printed::{RUNNING_TEXT, says_changed};
use crate::published::DAY;
use crate::scripts::digit;

/// So far below the headline, in nodes, such a date is looked for.
const REACH: usize = 60;
/// Most characters of a line that says nothing but who and when.
const LONGEST_LINE: u32 = 80;
/// Most characters of a line that holds a day without a year.
const LONGEST_DAY: usize = 40;

/// The date in the lines between the headline and the first paragraph.
pub(crate) fn below(page: &Page<'_>, headline: usize, fetched_at: Timestamp) -> Option<Found> {
    let foreign = marks::COMMENTS | marks::RELATED | marks::SIDE | marks::TEASER;
    let end = (headline + REACH).min(page.nodes[page.body].end as usize);
    let mut at = page.nodes[headline].end as usize;
    while at < end {
        let node = &page.nodes[at];
        if node.is_furniture && node.marks & foreign != 0 {
            at = node.end as usize;
            continue;
        }
        let is_block = node.tag != Tag::Text && !node.tag.is_inline();
        if is_block && node.own_chars >= RUNNING_TEXT {
            return None;
        }
        let is_said = node.tag == Tag::Time || node.marks & marks::DATE != 0;
        if (is_block || is_said) && (3..=LONGEST_LINE).contains(&node.own_chars) {
            let line = page.text_of(at);
            if line.chars().count() <= LONGEST_LINE as usize
                && !says_changed(&line.to_lowercase())
                && let Some(found) = ago(&line, fetched_at).or_else(|| this_year(&line, fetched_at))
            {
                return Some(found);
            }
        }
        at += 1;
    }
    None
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Minute,
    Hour,
    Day,
}

/// How words for stretches of time begin; those of one or two Latin letters are whole words.
#[rustfmt::skip]
const UNITS: &[(Unit, &[&str])] = &[
    (Unit::Minute, &[
        "m", "min", "minut", "мин", "хвил", "хв", "λεπτ", "perc", "dakika", "dəqiqə", "menit", "phút",
        "mínút", "минут", "минути", "դակ", "րոպե", "წუთ", "دقيق", "دقائق", "دقیقه", "منٹ", "דקות", "דקה",
        "मिनट", "मिनिट", "মিনিট", "நிமிட", "నిమిష", "นาที", "分钟", "分鐘", "分", "분", "dakik", "daqiqa",
        "мінут", "minúto", "minuuti",
    ]),
    (Unit::Hour, &[
        "h", "hr", "hrs", "hour", "stunde", "std", "heure", "hora", "hore", "ora", "ore", "oră", "uur",
        "uren", "time", "timm", "timer", "tunti", "tuntia", "tund", "godzin", "godz", "hodin", "sat",
        "ur", "ure", "óra", "órá", "час", "годин", "гадзін", "сат", "ώρ", "ωρ", "saat", "jam",
        "giờ", "valand", "stund", "klukku", "ժամ", "საათ", "ساعة", "ساعات", "ساعت", "گھنٹ", "שעות", "שעה",
        "घंट", "तास", "ঘণ্টা", "ঘন্টা", "மணி", "గంట", "ชั่วโมง", "小时", "小時", "個小時", "个小时", "時間",
        "시간", "soat", "masaa", "ordu",
    ]),
    (Unit::Day, &[
        "d", "day", "tag", "jour", "día", "dia", "dies", "giorn", "dag", "päivä", "päev", "dni", "dzie",
        "dny", "dní", "den", "dan", "dana", "zile", "zi", "nap", "дн", "дня", "день", "дні", "дана", "ημέρ",
        "μέρ", "gün", "hari", "ngày", "dien", "օր", "დღ", "يوم", "أيام", "ايام", "روز", "دن", "ימים", "יום",
        "दिन", "दिवस", "দিন", "நாட்", "రోజు", "วัน", "天", "日", "일", "kun", "siku", "egun",
    ]),
];

/// Words before the number.
#[rustfmt::skip]
const BEFORE: &[&str] = &[
    "vor", "hace", "il y a", "há", "fa", "acum", "πριν", "πριν από", "před", "pred", "prije", "pre",
    "преди", "пред", "пре", "prieš", "pirms", "منذ", "قبل", "לפני", "cách đây", "faz", "fyrir", "duela",
];

/// Words behind the unit.
#[rustfmt::skip]
const BEHIND: &[&str] = &[
    "ago", "geleden", "fa", "siden", "sedan", "sitten", "назад", "тому", "temu", "önce", "əvvəl", "lalu",
    "trước", "atrás", "nazaj", "tagasi", "ezelőtt", "ezelott", "më parë", "полежда", "таму", "oldin",
    "iliyopita", "zilizopita", "առաջ", "წინ", "پیش", "پہلے", "पहले", "पूर्वी", "আগে", "முன்பு", "క్రితం",
];

/// The same in scripts that write no blanks.
const BEHIND_UNDIVIDED: &[&str] = &["前", "전", "ที่แล้ว", "ที่ผ่านมา", "之前", "以前"];

/// So many characters behind the unit may its word for "ago" stand.
const TAIL: usize = 24;

/// The moment that a line such as "Jane Doe, 3 hours ago" means.
fn ago(line: &str, now: Timestamp) -> Option<Found> {
    let lower = line.to_lowercase();
    let mut rest = lower.as_str();
    while let Some(start) = rest.find(|c| digit(c).is_some()) {
        let number = &rest[start..];
        let end = number.find(|c| digit(c).is_none()).unwrap_or(number.len());
        let before = &lower[..lower.len() - number.len()];
        let behind = number[end..].trim_start();
        rest = &number[end..];
        let amount = number[..end]
            .chars()
            .filter_map(digit)
            .fold(0, |sum: i64, next| sum.saturating_mul(10).saturating_add(i64::from(next)));
        let Some((unit, tail)) = unit_of(behind) else {
            continue;
        };
        // The tail of 3.5 or 15:30.
        if amount > most(unit) || before.ends_with(['.', ',', ':', '/', '-']) {
            continue;
        }
        let before = before.trim_end();
        if !(BEFORE.iter().any(|word| ends_with_word(before, word)) || says_ago(tail)) {
            continue;
        }
        let (length, has_time) = match unit {
            Unit::Minute => (60_000, true),
            Unit::Hour => (3_600_000, true),
            Unit::Day => (DAY, false),
        };
        let at = now.plus_millis(-amount * length).as_millis();
        // Of a day only the day is known.
        let at = if has_time { at } else { at.div_euclid(DAY) * DAY };
        return Some(Found { at: Timestamp::from_millis(at), has_time });
    }
    None
}

/// More of a unit is no date that anybody counts so.
fn most(unit: Unit) -> i64 {
    match unit {
        Unit::Minute => 240,
        Unit::Hour => 72,
        Unit::Day => 31,
    }
}

/// The unit with which a text begins, and what follows its word.
fn unit_of(text: &str) -> Option<(Unit, &str)> {
    let is_end = |c: char| c.is_whitespace() || c.is_numeric() || c.is_ascii_punctuation();
    let word = &text[..text.find(is_end).unwrap_or(text.len())];
    let (unit, stem) = UNITS
        .iter()
        .flat_map(|(unit, stems)| stems.iter().map(move |stem| (*unit, *stem)))
        .filter(|(_, stem)| word.starts_with(stem) && (stem.len() > 2 || word == *stem))
        .max_by_key(|(_, stem)| stem.len())?;
    let tail = &text[stem.len()..];
    // Hours in Ukrainian are years in Bulgarian and Macedonian, weeks in Malay begin as minutes.
    let is_other = stem == "годин" && !tail.contains("тому") || word.starts_with("minggu");
    (!is_other).then_some((unit, tail))
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|before| !before.ends_with(char::is_alphanumeric))
}

fn says_ago(tail: &str) -> bool {
    let end = tail.char_indices().nth(TAIL).map_or(tail.len(), |(at, _)| at);
    let tail = &tail[..end];
    BEHIND_UNDIVIDED.iter().any(|word| tail.contains(word))
        || BEHIND.iter().any(|word| {
            tail.match_indices(word).any(|(at, _)| {
                tail[..at].ends_with(char::is_whitespace)
                    && !tail[at + word.len()..].starts_with(char::is_alphabetic)
            })
        })
}

/// Further back nobody leaves the year out.
const A_YEAR: i64 = 367 * DAY;

/// A day and a month without a year: the last such day before the fetch.
fn this_year(line: &str, now: Timestamp) -> Option<Found> {
    use Part::{Mark, Number, Point, Word};
    if line.chars().count() > LONGEST_DAY {
        return None;
    }
    let placed = parts(line);
    // A year, or another long number: not this kind of date.
    if placed.iter().any(|(_, part)| matches!(part, Number(_, digits) if *digits > 2)) {
        return None;
    }
    let parts: Vec<Part<'_>> = placed.iter().map(|(_, part)| *part).collect();
    let (month, of_month) = (0..parts.len()).find_map(|at| match &parts[at..] {
        [Number(of_month, 1 | 2), Mark('.') | Word("de" | "of" | "di"), Word(word), ..]
        | [Number(of_month, 1 | 2), Word(word), ..]
        | [Word(word), Number(of_month, 1 | 2), ..]
        | [Word(word), Mark('.'), Number(of_month, 1 | 2), ..] => {
            Some((month_of(word)?, *of_month))
        }
        [
            Number(month, 1 | 2),
            Mark('月' | '월') | Point('月' | '월'),
            Number(of_month, 1 | 2),
            Mark('日' | '일'),
            ..,
        ] => Some((*month, *of_month)),
        _ => None,
    })?;
    let latest = now.plus_millis(DAY);
    let year = latest.to_chrono().year();
    [year, year - 1]
        .into_iter()
        .filter_map(|year| day(year, month, of_month))
        .find(|found| found.at <= latest && latest.millis_since(found.at) <= A_YEAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2025-12-02T15:30:00Z".parse().unwrap()
    }

    #[test]
    fn stretches_of_time_count_back_from_the_fetch() {
        for (line, expected) in [
            ("Jane Doe, 3 hours ago", "2025-12-02T12:30:00.000Z"),
            ("5 mins ago | 2 min read", "2025-12-02T15:25:00.000Z"),
            ("3h ago", "2025-12-02T12:30:00.000Z"),
            ("vor 2 Stunden", "2025-12-02T13:30:00.000Z"),
            ("Publicado hace 3 horas", "2025-12-02T12:30:00.000Z"),
            ("Il y a 20 minutes", "2025-12-02T15:10:00.000Z"),
            ("há 4 horas", "2025-12-02T11:30:00.000Z"),
            ("2 ore fa", "2025-12-02T13:30:00.000Z"),
            ("for 2 timer siden", "2025-12-02T13:30:00.000Z"),
            ("för 2 timmar sedan", "2025-12-02T13:30:00.000Z"),
            ("2 uur geleden", "2025-12-02T13:30:00.000Z"),
            ("2 часа назад", "2025-12-02T13:30:00.000Z"),
            ("3 години тому", "2025-12-02T12:30:00.000Z"),
            ("2 saat önce", "2025-12-02T13:30:00.000Z"),
            ("3 jam yang lalu", "2025-12-02T12:30:00.000Z"),
            ("2 小时前", "2025-12-02T13:30:00.000Z"),
            ("3時間前", "2025-12-02T12:30:00.000Z"),
            ("10분 전", "2025-12-02T15:20:00.000Z"),
            ("3 ชั่วโมงที่แล้ว", "2025-12-02T12:30:00.000Z"),
            ("منذ 3 ساعات", "2025-12-02T12:30:00.000Z"),
            ("לפני 3 שעות", "2025-12-02T12:30:00.000Z"),
            ("2 घंटे पहले", "2025-12-02T13:30:00.000Z"),
            ("vor 3 Tagen", "2025-11-29T00:00:00.000Z"),
            ("4 days ago", "2025-11-28T00:00:00.000Z"),
            ("2日前", "2025-11-30T00:00:00.000Z"),
        ] {
            let found = ago(line, now()).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(found.at.to_string(), expected, "{line}");
        }
    }

    #[test]
    fn other_numbers_are_no_stretch_of_time() {
        for line in [
            "5 min read",
            "3 hours of music",
            "for 3 hours",
            "Lesezeit: 4 Minuten",
            "seit 3 Tagen",
            "400 days ago",
            "2 years ago",
            "2 года назад",
            "преди 2 години",
            "2 minggu lalu",
            "12 comments",
            "24 Stunden Rennen",
        ] {
            assert_eq!(ago(line, now()), None, "{line}");
        }
    }

    #[test]
    fn a_day_without_a_year_is_the_last_such_day() {
        for (line, expected) in [
            ("Mon, 3 Nov", Some("2025-11-03T00:00:00.000Z")),
            ("12. Dezember", Some("2024-12-12T00:00:00.000Z")),
            ("December 2", Some("2025-12-02T00:00:00.000Z")),
            ("2 de diciembre", Some("2025-12-02T00:00:00.000Z")),
            ("12月1日", Some("2025-12-01T00:00:00.000Z")),
            ("Dec. 1, 9:30 a.m.", Some("2025-12-01T00:00:00.000Z")),
            ("2 December 2023", None),
            ("Room 12", None),
            ("29. Februar", None),
            ("3.5 Stunden", None),
        ] {
            let found = this_year(line, now()).map(|found| found.at.to_string());
            assert_eq!(found.as_deref(), expected, "{line}");
        }
    }
}
