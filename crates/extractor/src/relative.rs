//! Dates that only the moment of reading completes: "3 hours ago", and days without a year. They
//! are resolved against the moment of the fetch, never against a clock, and read only where a
//! byline stands, on pages that give no other date.
//!
//! A made-up date is worse than none: a piece of a line counts only where such a date fills it.

use chrono::Datelike;
use events::Timestamp;

use crate::date_parts::{Part, parts};
use crate::dates::{Found, day};
use crate::introductions::introduced;
use crate::marks;
use crate::months::month_of;
use crate::page::{Page, Tag};
use crate::people::{Source, is_plain_name};
use crate::printed::{RUNNING_TEXT, says_changed, says_published};
use crate::published::DAY;
use crate::relative_names::{DAYS_AGO, HOURS_AGO, MINUTES_AGO, SHORT_MONTHS, WEEKDAYS};
use crate::scripts::digit;

/// So far below the headline, in nodes, such a date is looked for.
const REACH: usize = 60;
/// Most characters of a line that says nothing but who and when.
const LONGEST_LINE: u32 = 80;
/// A link of so many characters leads to another story: what follows is said of that.
const TEASER_CHARS: u32 = 24;

/// The moment of reading, and the language of the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) at: Timestamp,
    pub(crate) language: &'a str,
}

/// The date in the lines between the headline and the first paragraph.
pub(crate) fn below(page: &Page<'_>, headline: usize, reading: Reading<'_>) -> Option<Found> {
    let foreign = marks::COMMENTS | marks::RELATED | marks::SIDE | marks::TEASER | marks::CAPTION;
    let end = (headline + REACH).min(page.nodes[page.body].end as usize);
    let mut at = page.nodes[headline].end as usize;
    let mut after_change = false;
    while at < end {
        let node = &page.nodes[at];
        if node.tag == Tag::Text {
            if node.chars > 0 {
                after_change =
                    node.chars <= LONGEST_LINE && says_changed(&node.text.to_lowercase());
            }
            at += 1;
            continue;
        }
        let is_other = node.marks & foreign != 0
            || matches!(
                node.tag,
                Tag::Heading(_) | Tag::Figure | Tag::Caption | Tag::Quote | Tag::Aside | Tag::Mute
            );
        if node.linked_headings > 0 || node.tag == Tag::Anchor && node.chars >= TEASER_CHARS {
            return None;
        }
        if is_other {
            at = node.end as usize;
            continue;
        }
        let is_block = !node.tag.is_inline();
        if is_block && node.own_chars >= RUNNING_TEXT {
            return None;
        }
        let is_said = node.tag == Tag::Time || node.marks & marks::DATE != 0;
        if (is_block || is_said) && (3..=LONGEST_LINE).contains(&node.own_chars) {
            let line = page.line_of(at);
            if after_change || is_of_a_change(page, at, &line) {
                // "Updated", and the date in the next element.
                after_change = !after_change && !line.contains(|c| digit(c).is_some());
                at = node.end as usize;
                continue;
            }
            if (is_block || !is_in_a_sentence(page, at))
                && let Some(found) = in_line(&line, reading)
            {
                return Some(found);
            }
        }
        at += 1;
    }
    None
}

/// Whether a line, or the name of an element in it, says that its date is that of a change.
fn is_of_a_change(page: &Page<'_>, of: usize, line: &str) -> bool {
    let says = |name: &str| says_changed(&name.to_lowercase());
    let inside = of..page.nodes[of].end as usize;
    says(line)
        || page.nodes[inside]
            .iter()
            .take(MOST_IN_A_LINE)
            .any(|node| ["class", "itemprop"].iter().any(|name| node.attr(name).is_some_and(says)))
}

/// So many nodes of a line are looked at: thousands of empty elements do not count.
const MOST_IN_A_LINE: usize = 16;

/// Whether the line around an inline element goes on as a sentence does.
fn is_in_a_sentence(page: &Page<'_>, at: usize) -> bool {
    let block = page.ancestors(at).find(|above| !page.nodes[*above].tag.is_inline());
    block.is_some_and(|block| {
        let block_chars = page.nodes[block].own_chars;
        block_chars > LONGEST_LINE
            || block_chars > page.nodes[at].own_chars
                && page.line_of(block).ends_with(['.', '!', '?', '。', '।'])
    })
}

/// The only date of a line that fills one of its pieces.
fn in_line(line: &str, reading: Reading<'_>) -> Option<Found> {
    let mut found = None;
    for piece in line.split(['|', '·', '•', '●', '｜', '\n']) {
        let piece = behind_a_name(piece.trim());
        let lower = piece.to_lowercase();
        if says_changed(&lower) {
            continue;
        }
        let Some(date) = in_piece(&lower, reading) else {
            continue;
        };
        // Of two dates one is another's.
        if found.replace(date).is_some() {
            return None;
        }
    }
    found
}

/// "By Jane Doe, 3 hours ago" without the name.
fn behind_a_name(piece: &str) -> &str {
    let divided = [", ", " - ", " – ", " — "]
        .iter()
        .filter_map(|divider| piece.split_once(divider))
        .min_by_key(|(before, _)| before.len());
    match divided {
        Some((before, behind))
            if is_plain_name(introduced(before, Source::Line, "").0)
                && !before.contains(|c| digit(c).is_some()) =>
        {
            behind.trim()
        }
        _ => piece,
    }
}

/// The date that fills a piece in lower case, but for a label: "Published 3 hours ago".
fn in_piece(piece: &str, reading: Reading<'_>) -> Option<Found> {
    let read = |text: &str| ago(text, reading.at).or_else(|| this_year(text, reading));
    if !says_published(piece) {
        return read(piece);
    }
    let mut rest = piece;
    for _ in 0..LABEL_WORDS {
        rest = rest.split_once([' ', ':']).map(|(_, rest)| rest.trim_start())?;
        let label = &piece[..piece.len() - rest.len()];
        if says_published(label)
            && let Some(found) = read(rest)
        {
            return Some(found);
        }
    }
    None
}

/// Most words of a label: "Published on:".
const LABEL_WORDS: usize = 3;

/// The moment that "3 hours ago" means.
fn ago(text: &str, now: Timestamp) -> Option<Found> {
    let mut pattern = String::new();
    let mut amount: Option<i64> = None;
    let mut in_number = false;
    for c in text.chars() {
        match digit(c) {
            Some(next) if in_number => {
                amount = amount.map(|sum| sum.saturating_mul(10).saturating_add(i64::from(next)));
            }
            Some(next) => {
                if amount.replace(i64::from(next)).is_some() {
                    return None;
                }
                pattern.push('#');
            }
            None if c.is_whitespace() || matches!(c, '.' | '\u{200b}'..='\u{200f}' | '\u{307}') => {
            }
            None => pattern.push(c),
        }
        in_number = digit(c).is_some();
    }
    let amount = amount?;
    let (_, length, most) =
        [(MINUTES_AGO, 60_000, 240), (HOURS_AGO, 3_600_000, 72), (DAYS_AGO, DAY, 31)]
            .into_iter()
            .find(|(names, ..)| names.binary_search(&pattern.as_str()).is_ok())?;
    // More of a unit is no date that anybody counts so.
    if amount > most {
        return None;
    }
    let at = now.plus_millis(-amount * length).as_millis();
    let has_time = length < DAY;
    // Of a day only the day is known.
    let at = if has_time { at } else { at.div_euclid(DAY) * DAY };
    Some(Found { at: Timestamp::from_millis(at), has_time })
}

/// Further back a day without a year may be of another year.
const RECENT: i64 = 60 * DAY;

/// A day and a month without a year, as far as it was lately.
fn this_year(text: &str, reading: Reading<'_>) -> Option<Found> {
    use Part::{Mark, Number, Point, Word};
    let placed = parts(text);
    let parts: Vec<Part<'_>> = placed.iter().map(|(_, part)| *part).collect();
    let (before, rest) = weekday(&parts);
    let named = |word: &str| month_in(word, reading.language);
    let (month, of_month, rest) = match rest {
        [
            Number(of_month, 1 | 2),
            Mark('.') | Word("de" | "of" | "di" | "st" | "nd" | "rd" | "th" | "er"),
            Word(word),
            rest @ ..,
        ]
        | [Number(of_month, 1 | 2), Word(word), rest @ ..] => (named(word)?, *of_month, rest),
        [Word(word), Mark('.'), Number(of_month, 1 | 2), rest @ ..]
        | [Word(word), Number(of_month, 1 | 2), rest @ ..] => {
            let rest = match rest {
                [Word("st" | "nd" | "rd" | "th"), rest @ ..] => rest,
                _ => rest,
            };
            (named(word)?, *of_month, rest)
        }
        [
            Number(month, 1 | 2),
            Mark('月' | '월') | Point('月' | '월'),
            Number(of_month, 1 | 2),
            Mark('日' | '일'),
            rest @ ..,
        ] => (*month, *of_month, rest),
        _ => return None,
    };
    let (after, rest) = weekday(rest);
    if !is_time_or_nothing(rest) {
        return None;
    }
    let latest = reading.at.plus_millis(DAY);
    let year = latest.to_chrono().year();
    let found = [year, year - 1]
        .into_iter()
        .filter_map(|year| day(year, month, of_month))
        .find(|found| found.at <= latest && reading.at.millis_since(found.at) <= RECENT)?;
    let fell_on = found.at.to_chrono().weekday().num_days_from_monday();
    [before, after].into_iter().flatten().all(|said| said == fell_on).then_some(found)
}

/// The month of a name; short ones only in their languages: elsewhere they are "ago", "set", "may".
fn month_in(word: &str, language: &str) -> Option<u32> {
    let month = month_of(word)?;
    let has_cases = word.chars().all(|c| c.is_lowercase() || c.is_uppercase());
    if !has_cases || word.chars().count() > SHORT_LETTERS {
        return Some(month);
    }
    let language = language.split('-').next().unwrap_or_default();
    let is_said = SHORT_MONTHS
        .iter()
        .any(|(known, names)| *known == language && names.split(' ').any(|name| name == word));
    is_said.then_some(month)
}

/// Longer names of months are no words of other languages.
const SHORT_LETTERS: usize = 4;

/// The day of the week that parts begin with, and what follows it.
fn weekday<'s, 't>(parts: &'s [Part<'t>]) -> (Option<u32>, &'s [Part<'t>]) {
    use Part::{Mark, Point, Word};
    let behind = match parts {
        [Mark(',' | '(' | '（'), rest @ ..] => rest,
        _ => parts,
    };
    let [Word(word), rest @ ..] = behind else {
        return (None, parts);
    };
    let Some(day) = day_of_the_week(word) else {
        return (None, parts);
    };
    let rest = match rest {
        [Mark('.'), Mark(',' | ')' | '）'), rest @ ..]
        | [Mark('.' | ',' | ')' | '）') | Point('.' | ','), rest @ ..] => rest,
        _ => rest,
    };
    (Some(day), rest)
}

/// The day of the week that a word in lower case names, Monday 0.
fn day_of_the_week(word: &str) -> Option<u32> {
    let known = WEEKDAYS.binary_search_by(|(name, _)| (*name).cmp(word)).ok()?;
    Some(WEEKDAYS[known].1)
}

/// Whether a word in lower case names a day of the week in any language.
pub(crate) fn is_weekday(word: &str) -> bool {
    day_of_the_week(word).is_some()
}

/// Whether parts are the time of a day, or none are left: ", 9:30 a.m.", "um 15.04 Uhr", "15h04".
fn is_time_or_nothing(parts: &[Part<'_>]) -> bool {
    use Part::{Mark, Number, Point, Word};
    let mut rest = parts;
    while let [
        Mark(',' | '.' | '-' | '–' | '—')
        | Word("at" | "um" | "à" | "às" | "kl" | "om" | "в" | "o"),
        behind @ ..,
    ] = rest
    {
        rest = behind;
    }
    let behind = match rest {
        [] => return true,
        [Number(0..=24, 1 | 2), Point(':' | '.') | Word("h"), Number(0..=59, 2), rest @ ..] => rest,
        [Number(1..=12, 1 | 2), rest @ ..] if matches!(rest, [Word(_), ..]) => rest,
        _ => return false,
    };
    matches!(
        behind,
        [] | [Word("am" | "pm" | "uhr" | "h" | "hs" | "ч")]
            | [Word("a" | "p"), Mark('.'), Word("m")]
            | [Word("a" | "p"), Mark('.'), Word("m"), Mark('.')]
    )
}

#[cfg(test)]
#[path = "relative_tests.rs"]
mod tests;
