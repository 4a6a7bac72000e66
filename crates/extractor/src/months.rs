//! Which month a name means, in the languages of news.

use crate::calendars::{Calendar, month_elsewhere};
use crate::month_names::MONTHS;

/// The number of a Gregorian month by its name, with or without capitals.
pub(crate) fn month_of(word: &str) -> Option<u32> {
    // The longest name has 33 bytes.
    if word.len() < 3 || word.len() > 60 {
        return None;
    }
    let lower = word.to_lowercase();
    if lower.is_ascii() {
        return named(&lower);
    }
    // Dotted capital I of Turkish and Azeri leaves a combining dot behind; joiners say how letters
    // are drawn.
    let lower = lower.replace(['\u{307}', '\u{200c}', '\u{200d}'], "");
    named(&lower).or_else(|| {
        // Khmer and Lao write "month" before the name in one word, Burmese behind it.
        let name = lower
            .strip_prefix("ខែ")
            .or_else(|| lower.strip_prefix("ເດືອນ"))
            .or_else(|| lower.strip_suffix('လ'))?;
        named(name)
    })
}

fn named(lower: &str) -> Option<u32> {
    MONTHS.binary_search_by(|(name, _)| (*name).cmp(lower)).ok().map(|found| MONTHS[found].1)
}

/// Names of Croatian that mean other months in the languages of its neighbours.
pub(crate) fn croatian_month(word: &str) -> Option<u32> {
    match word.to_lowercase().as_str() {
        "lip" => Some(6),
        "srp" => Some(7),
        "lis" | "listopad" | "listopada" => Some(10),
        "pro" => Some(12),
        _ => None,
    }
}

/// The month of any calendar.
pub(crate) fn month_of_any(word: &str) -> Option<(Calendar, u32)> {
    month_of(word).map(|month| (Calendar::Gregorian, month)).or_else(|| month_elsewhere(word))
}

/// The month whose name is of several words, and how many they are. A word is given with its
/// place; behind the last there is none.
pub(crate) fn month_of_words<'t>(word: impl Fn(usize) -> Option<&'t str>) -> Option<(u32, usize)> {
    let first = word(0)?;
    // The only first word without a letter of its own language.
    if first.is_ascii() && !first.eq_ignore_ascii_case("deireadh") {
        return None;
    }
    let first = first.to_lowercase();
    let second = || word(1).map(str::to_lowercase);
    match first.as_str() {
        // Levant and Iraq, and in Kurdish: the first and the second of two months.
        "كانون" | "کانونی" | "کانوونی" => {
            Some((if is_first(&second()?)? { 12 } else { 1 }, 2))
        }
        "تشرين" | "تشرینی" => Some((if is_first(&second()?)? { 10 } else { 11 }, 2)),
        "deireadh" if second()? == "fómhair" => Some((10, 2)),
        "meán" if second()? == "fómhair" => Some((9, 2)),
        "tháng" => {
            let number = match second()?.as_str() {
                "một" | "giêng" => 1,
                "hai" => 2,
                "ba" => 3,
                "tư" | "bốn" => 4,
                "năm" => 5,
                "sáu" => 6,
                "bảy" => 7,
                "tám" => 8,
                "chín" => 9,
                "chạp" => 12,
                "mười" => {
                    return match word(2).map(str::to_lowercase).as_deref() {
                        Some("một") => Some((11, 3)),
                        Some("hai") => Some((12, 3)),
                        _ => Some((10, 2)),
                    };
                }
                _ => return None,
            };
            Some((number, 2))
        }
        _ => None,
    }
}

/// Whether an ordinal of Arabic or Kurdish is "the first" or "the second".
fn is_first(ordinal: &str) -> Option<bool> {
    // Vowel signs and the hamza are written or not.
    let bare: String = ordinal
        .chars()
        .filter(|c| !matches!(c, '\u{64b}'..='\u{655}'))
        .map(|c| if matches!(c, 'أ' | 'إ' | 'آ') { 'ا' } else { c })
        .collect();
    match bare.as_str() {
        "الاول" | "اول" | "یەکەم" => Some(true),
        "الثاني" | "الثانى" | "ثاني" | "دووەم" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_found_in() {
        for pair in MONTHS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} before {}", pair[0].0, pair[1].0);
        }
        for (name, number) in [
            ("December", 12),
            ("ДЕКАБРЯ", 12),
            ("MAYIS", 5),
            ("Ağustos", 8),
            ("ธันวาคม", 12),
            ("ខែធ្នូ", 12),
            ("ဒီဇင်ဘာလ", 12),
            ("ජනවාරි", 1),
            ("අප්‍රේල්", 4),
            ("Դեկտեմբեր", 12),
        ] {
            assert_eq!(month_of(name), Some(number), "{name}");
        }
        for word in ["market", "pro", "now", "here", "sun"] {
            assert_eq!(month_of(word), None, "{word}");
        }
    }

    #[test]
    fn names_of_several_words_are_months() {
        for (name, expected) in [
            ("كانون الأول", Some((12, 2))),
            ("كانون الثاني", Some((1, 2))),
            ("تشرين الاول", Some((10, 2))),
            ("تشرين الثاني", Some((11, 2))),
            ("کانونی یەکەم", Some((12, 2))),
            ("Tháng Mười Hai", Some((12, 3))),
            ("tháng mười", Some((10, 2))),
            ("Tháng Tư", Some((4, 2))),
            ("Deireadh Fómhair", Some((10, 2))),
            ("كانون آخر", None),
            ("in the", None),
        ] {
            let words: Vec<&str> = name.split(' ').collect();
            assert_eq!(month_of_words(|at| words.get(at).copied()), expected, "{name}");
        }
    }
}
