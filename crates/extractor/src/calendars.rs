//! Days of other calendars as days of the Gregorian: the eras of Thailand, Taiwan and Japan, the
//! Iranian solar and the Ethiopian year. Knows numbers and names of months, no texts.

use chrono::NaiveDate;

/// A calendar with months of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calendar {
    Gregorian,
    /// Iran and Afghanistan: the year begins at the equinox of March.
    SolarHijri,
    /// Thirteen months, the year begins on the 11th or 12th of September.
    Ethiopian,
}

/// Years of the Buddhist era as Thailand counts: 543 more.
const BUDDHIST: std::ops::Range<i32> = 2450..2700;
/// Solar years of 1994 to 2033. The lunar years with these numbers ended before 1991, so that a
/// number tells the two apart.
const SOLAR: std::ops::RangeInclusive<i32> = 1373..=1412;

/// The day of a date whose month has a name of this calendar.
pub(crate) fn date_in(calendar: Calendar, year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    match calendar {
        Calendar::Gregorian if BUDDHIST.contains(&year) => {
            NaiveDate::from_ymd_opt(year - 543, month, day)
        }
        Calendar::Gregorian => NaiveDate::from_ymd_opt(year, month, day),
        Calendar::SolarHijri => solar_hijri(year, month, day),
        Calendar::Ethiopian => ethiopian(year, month, day),
    }
}

/// The day of a date in numbers, by its year.
pub(crate) fn date_in_numbers(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    let calendar = if SOLAR.contains(&year) { Calendar::SolarHijri } else { Calendar::Gregorian };
    date_in(calendar, year, month, day)
}

/// The year before the first year of an era of East Asia.
pub(crate) fn before_era(name: &str) -> Option<i32> {
    match name {
        "令和" => Some(2018),
        "平成" => Some(1988),
        "民國" | "民国" | "中華民國" => Some(1911),
        _ => None,
    }
}

/// The official calendar agrees with the cycle of 33 years, eight of them leap years, from 1178 to
/// 1633 (Borkowski, "The Persian calendar for 3000 years", 1996).
fn solar_hijri(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    let is_leap = |year: i32| (25 * year + 11) % 33 < 8;
    if !(1300..1500).contains(&year) {
        return None;
    }
    let length = match month {
        1..=6 => 31,
        7..=11 => 30,
        12 if is_leap(year) => 30,
        12 => 29,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    let years: u64 = (1300..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let months = if month <= 7 { (month - 1) * 31 } else { 186 + (month - 7) * 30 };
    // 1 Farvardin 1300.
    NaiveDate::from_ymd_opt(1921, 3, 21)?
        .checked_add_days(chrono::Days::new(years + u64::from(months + day - 1)))
}

/// Twelve months of 30 days and one of five, of six in every fourth year.
fn ethiopian(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    let length = match month {
        1..=12 => 30,
        13 if year % 4 == 3 => 6,
        13 => 5,
        _ => return None,
    };
    if !(1900..2100).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    // 1 Meskerem of the year 1 was the 2796th day of the Gregorian calendar carried backwards.
    let days = 2796 + 365 * (year - 1) + year / 4;
    NaiveDate::from_num_days_from_ce_opt(days)?
        .checked_add_days(chrono::Days::new(u64::from(30 * (month - 1) + day - 1)))
}

/// Months of the Iranian solar year: Iran's names, then Afghanistan's in Dari and Pashto. Yeh and
/// kaf are written as in Persian.
const SOLAR_MONTHS: [&[&str]; 12] = [
    &["فروردین", "حمل", "وری"],
    &["اردیبهشت", "ثور", "غویی"],
    &["خرداد", "جوزا", "غبرګولی"],
    &["تیر", "سرطان", "چنګاښ"],
    &["مرداد", "امرداد", "اسد", "زمری"],
    &["شهریور", "سنبله", "وږی"],
    &["مهر", "میزان", "تله"],
    &["آبان", "ابان", "عقرب", "لړم"],
    &["آذر", "اذر", "قوس", "لیندۍ"],
    &["دی", "جدی", "مرغومی"],
    &["بهمن", "دلو", "سلواغه"],
    &["اسفند", "حوت", "کب"],
];

/// Months of the Ethiopian year in Amharic and its other spellings.
const ETHIOPIAN_MONTHS: [&[&str]; 13] = [
    &["መስከረም"],
    &["ጥቅምት"],
    &["ኅዳር", "ህዳር", "ሕዳር", "ኀዳር"],
    &["ታኅሣሥ", "ታህሳስ", "ታኅሳስ", "ታሕሳስ", "ታህሣሥ"],
    &["ጥር"],
    &["የካቲት"],
    &["መጋቢት"],
    &["ሚያዝያ", "ሚያዚያ"],
    &["ግንቦት"],
    &["ሰኔ"],
    &["ሐምሌ", "ሀምሌ"],
    &["ነሐሴ", "ነሀሴ"],
    &["ጳጉሜን", "ጳጉሜ"],
];

/// The month of another calendar with this name.
pub(crate) fn month_elsewhere(name: &str) -> Option<(Calendar, u32)> {
    let number = |months: &[&[&str]], name: &str| {
        (1..).zip(months).find(|(_, names)| names.contains(&name)).map(|(number, _)| number)
    };
    match name.chars().next()? {
        '\u{620}'..='\u{6ff}' => {
            let name = name.replace('ي', "ی").replace('ك', "ک");
            number(&SOLAR_MONTHS, &name).map(|month| (Calendar::SolarHijri, month))
        }
        '\u{1200}'..='\u{137f}' => {
            number(&ETHIOPIAN_MONTHS, name).map(|month| (Calendar::Ethiopian, month))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_iranian_year_are_exact() {
        for (year, month, day, expected) in [
            (1300, 1, 1, "1921-03-21"),
            // The day of the revolution.
            (1357, 11, 22, "1979-02-11"),
            (1373, 1, 1, "1994-03-21"),
            (1375, 1, 1, "1996-03-20"),
            (1375, 12, 30, "1997-03-20"),
            (1376, 1, 1, "1997-03-21"),
            (1399, 12, 30, "2021-03-20"),
            (1400, 1, 1, "2021-03-21"),
            (1403, 1, 1, "2024-03-20"),
            (1403, 12, 30, "2025-03-20"),
            (1404, 1, 1, "2025-03-21"),
            (1404, 6, 31, "2025-09-22"),
            (1404, 7, 1, "2025-09-23"),
            (1404, 9, 11, "2025-12-02"),
            (1404, 12, 29, "2026-03-20"),
            (1408, 12, 30, "2030-03-20"),
        ] {
            let date = date_in(Calendar::SolarHijri, year, month, day).map(|day| day.to_string());
            assert_eq!(date.as_deref(), Some(expected), "{year}-{month}-{day}");
        }
        for (year, month, day) in [(1404, 12, 30), (1404, 7, 31), (1404, 13, 1), (2025, 9, 11)] {
            assert_eq!(date_in(Calendar::SolarHijri, year, month, day), None);
        }
    }

    #[test]
    fn days_of_the_ethiopian_year_are_exact() {
        for (year, month, day, expected) in [
            (2000, 1, 1, "2007-09-12"),
            (2012, 1, 1, "2019-09-12"),
            (2011, 13, 6, "2019-09-11"),
            (2015, 5, 11, "2023-01-19"),
            (2016, 1, 1, "2023-09-12"),
            (2018, 1, 1, "2025-09-11"),
            (2018, 3, 23, "2025-12-02"),
        ] {
            let date = date_in(Calendar::Ethiopian, year, month, day).map(|day| day.to_string());
            assert_eq!(date.as_deref(), Some(expected), "{year}-{month}-{day}");
        }
        assert_eq!(date_in(Calendar::Ethiopian, 2018, 13, 6), None);
    }

    #[test]
    fn a_year_in_numbers_tells_its_calendar() {
        for (year, month, day, expected) in [
            (2025, 12, 2, "2025-12-02"),
            (2568, 12, 2, "2025-12-02"),
            (1404, 9, 11, "2025-12-02"),
            // A lunar year is left as it is, and is of no day of our time.
            (1447, 6, 11, "1447-06-11"),
        ] {
            let date = date_in_numbers(year, month, day).map(|day| day.to_string());
            assert_eq!(date.as_deref(), Some(expected), "{year}");
        }
    }

    #[test]
    fn months_of_other_calendars_have_names() {
        for (name, expected) in [
            ("آذر", Some((Calendar::SolarHijri, 9))),
            ("فروردين", Some((Calendar::SolarHijri, 1))),
            ("قوس", Some((Calendar::SolarHijri, 9))),
            ("ኅዳር", Some((Calendar::Ethiopian, 3))),
            ("December", None),
        ] {
            assert_eq!(month_elsewhere(name), expected, "{name}");
        }
    }
}
