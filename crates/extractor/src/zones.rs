//! Names of time zones. A table only.

/// Abbreviations and seconds east of Greenwich, sorted. Names of several zones are those of the
/// most readers (IST is India's, BST Britain's); CST, of America and of China, is left out.
#[rustfmt::skip]
const ZONES: &[(&str, i64)] = &[
    ("ACDT", 37800), ("ACST", 34200), ("ADT", -10800), ("AEDT", 39600), ("AEST", 36000),
    ("AKDT", -28800), ("AKST", -32400), ("ART", -10800), ("AST", -14400), ("AWST", 28800),
    ("BRT", -10800), ("BST", 3600), ("CAT", 7200), ("CDT", -18000), ("CEST", 7200), ("CET", 3600),
    ("CLT", -14400), ("COT", -18000), ("EAT", 10800), ("EDT", -14400), ("EEST", 10800),
    ("EET", 7200), ("EST", -18000), ("GMT", 0), ("GST", 14400), ("HKT", 28800), ("HST", -36000),
    ("ICT", 25200), ("IDT", 10800), ("IRST", 12600), ("IST", 19800), ("JST", 32400),
    ("KST", 32400), ("MDT", -21600), ("MMT", 23400), ("MSK", 10800), ("MST", -25200),
    ("MYT", 28800), ("NDT", -9000), ("NPT", 20700), ("NST", -12600), ("NZDT", 46800),
    ("NZST", 43200), ("PDT", -25200), ("PET", -18000), ("PHT", 28800), ("PKT", 18000),
    ("PST", -28800), ("SAST", 7200), ("SGT", 28800), ("TRT", 10800), ("UT", 0), ("UTC", 0),
    ("WAT", 3600), ("WEST", 3600), ("WET", 0), ("WIB", 25200), ("WIT", 32400), ("WITA", 28800),
    ("Z", 0),
];

/// The zone that a text begins with, as seconds east of Greenwich: `+0900`, `-05:00`, `KST`,
/// `(IST)`, `GMT+7`.
pub(crate) fn offset(text: &str) -> Option<i64> {
    let text = text.trim_start().trim_start_matches('(');
    let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    if length == 0 {
        return in_digits(text);
    }
    let name = text[..length].to_ascii_uppercase();
    let known = ZONES.binary_search_by(|(zone, _)| (*zone).cmp(&name)).ok().map(|at| ZONES[at].1);
    // GMT+7 is not Greenwich.
    if known == Some(0) { in_digits(&text[length..]).or(known) } else { known }
}

fn in_digits(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, behind) = digits(&text[1..]);
    let hours_and_minutes = match (hours.len(), behind.strip_prefix(':').map(digits)) {
        (1 | 2, Some((minutes, _))) if minutes.len() == 2 => {
            Some((hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?))
        }
        (1 | 2, _) => Some((hours.parse().ok()?, 0)),
        (4, _) => Some((hours[..2].parse().ok()?, hours[2..].parse().ok()?)),
        _ => None,
    };
    let (hours, minutes) = hours_and_minutes?;
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// The digits that a text begins with, and what follows.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_name_and_by_number() {
        assert!(ZONES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (text, expected) in [
            ("+0900", Some(32400)),
            ("-05:00", Some(-18000)),
            (" +05:30", Some(19800)),
            ("+7", Some(25200)),
            ("KST", Some(32400)),
            ("(IST)", Some(19800)),
            ("GMT+7", Some(25200)),
            ("GMT+0900 (Korean Standard Time)", Some(32400)),
            ("utc", Some(0)),
            ("Z", Some(0)),
            ("CST", None),
            ("Uhr", None),
            ("+99:00", None),
            ("", None),
        ] {
            assert_eq!(offset(text), expected, "{text}");
        }
    }
}
