//! Moments as feeds, HTTP, pages and addresses write them.

use chrono::{DateTime, Datelike, FixedOffset, Timelike};

use crate::article::Language;

/// The months in English.
#[rustfmt::skip]
pub(crate) const ENGLISH: [&str; 12] = [
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
];
/// The months in German.
#[rustfmt::skip]
pub(crate) const GERMAN: [&str; 12] = [
    "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August",
    "September", "Oktober", "November", "Dezember",
];
/// The months in Spanish.
#[rustfmt::skip]
pub(crate) const SPANISH: [&str; 12] = [
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
    "septiembre", "octubre", "noviembre", "diciembre",
];

fn local(millis: i64, offset: i32) -> DateTime<FixedOffset> {
    let utc = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    let zone = FixedOffset::east_opt(offset * 60);
    zone.map_or_else(|| utc.fixed_offset(), |zone| utc.with_timezone(&zone))
}

/// RFC 9110 date of HTTP fields.
pub(crate) fn http(millis: i64) -> String {
    local(millis, 0).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Unix milliseconds of an HTTP date in the only form that clients may still send.
pub(crate) fn read_http(text: &str) -> Option<i64> {
    let parsed = chrono::NaiveDateTime::parse_from_str(text, "%a, %d %b %Y %H:%M:%S GMT").ok()?;
    Some(parsed.and_utc().timestamp_millis())
}

/// RFC 822 date of RSS.
pub(crate) fn rss(millis: i64, offset: i32) -> String {
    local(millis, offset).format("%a, %d %b %Y %H:%M:%S %z").to_string()
}

/// RFC 3339 date of Atom, JSON Feed and JSON-LD.
pub(crate) fn iso(millis: i64, offset: i32) -> String {
    local(millis, offset).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// The day in an address.
pub(crate) fn path(millis: i64, offset: i32) -> String {
    local(millis, offset).format("%Y/%m/%d").to_string()
}

/// Date and time as a reader sees them.
pub(crate) fn visible(language: Language, millis: i64, offset: i32) -> String {
    let moment = local(millis, offset);
    let month = moment.month0() as usize;
    let (day, year) = (moment.day(), moment.year());
    let clock = format!("{:02}:{:02}", moment.hour(), moment.minute());
    match language {
        Language::English => format!("{day} {} {year}, {clock}", ENGLISH[month]),
        Language::German => format!("{day}. {} {year}, {clock} Uhr", GERMAN[month]),
        Language::Spanish => format!("{day} de {} de {year}, {clock}", SPANISH[month]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_each_reader_expects_it() {
        let moment = 1_764_680_705_123;
        assert_eq!(http(moment), "Tue, 02 Dec 2025 13:05:05 GMT");
        assert_eq!(rss(moment, 60), "Tue, 02 Dec 2025 14:05:05 +0100");
        assert_eq!(iso(moment, 60), "2025-12-02T14:05:05+01:00");
        assert_eq!(path(moment, 0), "2025/12/02");
        assert_eq!(visible(Language::German, moment, 60), "2. Dezember 2025, 14:05 Uhr");
        assert_eq!(visible(Language::Spanish, moment, 60), "2 de diciembre de 2025, 14:05");
        assert_eq!(visible(Language::English, moment, 0), "2 December 2025, 13:05");
    }

    #[test]
    fn an_http_date_reads_back_to_its_second() {
        assert_eq!(read_http(&http(1_764_680_705_123)), Some(1_764_680_705_000));
        assert_eq!(read_http("yesterday"), None);
    }
}
