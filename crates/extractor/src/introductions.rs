//! What stands before the names in a byline's text: addresses, places in brackets, labels and words
//! for "by". Knows no names.

use crate::bylines::{BY, BY_FOR_WANT, COLON_ONLY, EDITED, LABELS, OTHERS, PARTICLES};
use crate::people::{Source, is_wide};

/// The text without the addresses of mail in it; one that is nothing else stays.
pub(crate) fn without_mail(text: &str) -> String {
    let is_mail = |word: &&str| {
        word.trim_matches(['(', ')', '<', '>', '[', ']'])
            .split_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
    };
    let rest: Vec<&str> = text.split(' ').filter(|word| !is_mail(word)).collect();
    if rest.iter().any(|word| word.chars().any(char::is_alphabetic)) {
        rest.join(" ")
    } else {
        text.to_owned()
    }
}

const BRACKETS: &[(char, char)] =
    &[('[', ']'), ('【', '】'), ('［', '］'), ('(', ')'), ('（', '）')];

/// `[Seoul] Jane Doe` without the place, `[Jane Doe]` without the brackets.
pub(crate) fn without_bracket(text: &str) -> &str {
    for (open, close) in BRACKETS {
        if let Some((inner, behind)) =
            text.strip_prefix(*open).and_then(|rest| rest.split_once(*close))
        {
            let behind = behind.trim();
            return if behind.chars().any(char::is_alphabetic) { behind } else { inner };
        }
    }
    text
}

/// What a label says of the names behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Author,
    Edited,
    Other,
}

const COLONS: &[char] = &[':', '：', '=', '＝', '／', '՝', '∶', '|'];

/// Cuts "Text: Jane Doe Photo: John Roe" at its labels and keeps those who wrote.
pub(crate) fn labelled(text: &str) -> Vec<&str> {
    // What ends every label; most bylines have none.
    if !text.contains(COLONS) && !text.contains(['・', '/']) {
        return vec![text];
    }
    let last = text.rfind(|c: char| COLONS.contains(&c) || matches!(c, '・' | '/')).unwrap_or(0);
    // Where each label begins.
    let mut labels: Vec<(usize, Label)> = Vec::new();
    let mut at_start = true;
    let mut past = 0;
    for (at, c) in text.char_indices() {
        if at_start && at >= past && at < last && c.is_alphabetic() {
            let rest = &text[at..];
            let found = [(LABELS, Label::Author), (EDITED, Label::Edited), (OTHERS, Label::Other)]
                .into_iter()
                .flat_map(|(words, label)| words.iter().map(move |word| (*word, label)))
                .chain(BY.iter().map(|word| (*word, Label::Author)))
                .chain(BY_FOR_WANT.iter().map(|word| (*word, Label::Edited)))
                .filter(|(word, _)| {
                    strip_folded(rest, word).is_some_and(|behind| {
                        let trimmed = behind.trim_start();
                        trimmed.starts_with(COLONS)
                            || word.chars().any(is_wide) && trimmed.starts_with(['・', '/'])
                    })
                })
                .max_by_key(|(word, label)| (word.len(), *label));
            if let Some((word, label)) = found {
                past = at + word.len();
                labels.push((at, label));
            }
        }
        at_start = !c.is_alphanumeric() && c != '_';
    }
    let Some(&(first, _)) = labels.first() else {
        return vec![text];
    };
    let end = |index: usize| labels.get(index + 1).map_or(text.len(), |(at, _)| *at);
    let before = text[..first].trim_matches(|c: char| !c.is_alphanumeric() && c != ')');
    for wanted in [Label::Author, Label::Edited] {
        if wanted == Label::Edited && !before.is_empty() {
            break;
        }
        let kept: Vec<&str> = labels
            .iter()
            .enumerate()
            .filter(|(_, (_, label))| *label == wanted)
            .map(|(index, (at, _))| &text[*at..end(index)])
            .collect();
        if !kept.is_empty() {
            return kept;
        }
    }
    if before.is_empty() { Vec::new() } else { vec![before] }
}

/// The rest of a text behind a word, letters compared without case.
pub(crate) fn strip_folded<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    // Most words differ in their first letter. (No word begins with the sign for kelvin, which is
    // the only letter beyond ASCII with a small one within.)
    if let (Some(one), Some(other)) = (text.as_bytes().first(), word.as_bytes().first())
        && one.is_ascii()
        && !one.eq_ignore_ascii_case(other)
    {
        return None;
    }
    let mut rest = text.chars();
    for wanted in word.chars() {
        let found = rest.next()?;
        let is_same = if found.is_ascii() && wanted.is_ascii() {
            found.eq_ignore_ascii_case(&wanted)
        } else {
            found == wanted || found.to_lowercase().eq(wanted.to_lowercase())
        };
        if !is_same {
            return None;
        }
    }
    Some(rest.as_str())
}

/// Whether a text names an editor or a publisher, and nobody before.
pub(crate) fn is_for_want(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let behind = |word: &&str| strip_folded(text, word);
    BY_FOR_WANT.iter().filter_map(behind).any(|behind| !behind.starts_with(char::is_alphanumeric))
        || EDITED.iter().filter_map(behind).any(|behind| behind.trim_start().starts_with(COLONS))
            && labelled(text).iter().all(|line| line.as_ptr() == text.as_ptr())
}

/// The text without what introduces names, and whether anything did.
pub(crate) fn introduced<'t>(text: &'t str, source: Source, language: &str) -> (&'t str, bool) {
    let divides = |c: char| c.is_whitespace() || "|–—-•·©:：=/／՝,".contains(c);
    let mut rest = text.trim_start_matches(divides);
    let mut was_introduced = false;
    // What introduces the names goes first, so that "von" inside a name stays.
    while let Some(behind) = behind_a_word(rest, source, language) {
        let next = behind.trim_start_matches(divides);
        if next.is_empty() {
            break;
        }
        rest = next;
        was_introduced = true;
    }
    (rest, was_introduced)
}

fn behind_a_word<'t>(text: &'t str, source: Source, language: &str) -> Option<&'t str> {
    let short = language.split('-').next().unwrap_or_default();
    let colon = |behind: &str| {
        let behind = behind.trim_start();
        behind.starts_with(COLONS) || behind.starts_with(['/', '・'])
    };
    let is_free = |behind: &str, word: &str| {
        let starts_wide = word.chars().next_back().is_some_and(is_wide)
            && behind.chars().next().is_some_and(char::is_alphabetic);
        starts_wide
            || behind.starts_with(|c: char| c.is_whitespace() || ":：=／՝|/・\n".contains(c))
            || [" -", " –", "- ", "– "].iter().any(|dash| behind.starts_with(dash))
    };
    let words = BY
        .iter()
        .chain(BY_FOR_WANT)
        .map(|word| (*word, false))
        .chain(LABELS.iter().chain(EDITED).map(|word| (*word, true)));
    let found = words
        .filter_map(|(word, is_label)| {
            let behind = strip_folded(text, word)?;
            let needs_colon =
                || source != Source::Field || COLON_ONLY.contains(&word) || EDITED.contains(&word);
            let stands = colon(behind) || !(is_label && needs_colon()) && is_free(behind, word);
            stands.then_some((word.len(), behind))
        })
        .max_by_key(|(length, _)| *length);
    if let Some((_, behind)) = found {
        return Some(behind);
    }
    if source == Source::Data {
        return None;
    }
    PARTICLES.iter().find_map(|(word, languages)| {
        let behind = strip_folded(text, word)?;
        let speaks = languages.is_empty() || languages.contains(&short);
        let full = behind.trim_start().contains(' ')
            || colon(behind)
            || source == Source::Line
            || text.starts_with(char::is_lowercase);
        (speaks && full && is_free(behind, word)).then_some(behind)
    })
}
