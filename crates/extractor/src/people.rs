//! The people named in a byline's text. Knows texts only, no page.
//!
//! A text goes through in one direction: e-mail addresses and leading brackets go, labels cut it
//! ("Text: … Photo: …"), what introduces names goes, the rest is split at commas and words for
//! "and", and each part is cleaned and judged.

use crate::bylines::{
    AT_PLACES, BEFORE_ROLES, BEHIND, NOT_NAMES, OF_TIME, OTHERS_BY, REFUSED, REFUSED_PHRASES,
    ROLES, ROLES_AT_THE_END, SMALL,
};
use crate::houses::{AGENCIES, ARTICLES, DESK_ENDS, DESK_NAMES, DESKS, FIRMS, PLACES};
use crate::introductions::{
    introduced, is_for_want, labelled, strip_folded, without_bracket, without_mail,
};
use crate::people_parts::{Joint, Part, split};
use crate::phrases::DATE_LABELS;
use crate::structured::clean;
use crate::title::fold;
use crate::title::has_words;

/// Most people of an article; whoever names more names everybody he knows.
const MOST_PEOPLE: usize = 12;

/// What is read of a text: enough for so many names, and a bound to the work on a hostile page.
const MOST_CHARS: usize = 1000;

/// Where a text is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Data that hold names: nothing introduces them, particles are part of them.
    Data,
    /// An element or a field of authors.
    Field,
    /// A line that nothing but its own words makes a byline.
    Line,
}

/// Those whom texts name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    pub(crate) persons: Vec<String>,
    /// Logins, or else agencies and firms: they count where no person is named.
    pub(crate) others: Vec<String>,
}

impl Named {
    fn add(&mut self, name: String, is_person: bool) {
        let list = if is_person { &mut self.persons } else { &mut self.others };
        let known = |known: &String| known.to_lowercase() == name.to_lowercase();
        if list.len() < MOST_PEOPLE && !list.iter().any(known) {
            list.push(name);
        }
    }

    /// The persons, or else the others.
    pub(crate) fn into_best(self) -> Vec<String> {
        if self.persons.is_empty() { self.others } else { self.persons }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.persons.is_empty() && self.others.is_empty()
    }
}

/// The people in a list of author texts.
pub(crate) fn people(texts: &[String]) -> Vec<String> {
    read(texts, Source::Field, "").into_best()
}

/// Those whom a list of texts names, in a language (empty: unknown).
pub(crate) fn read(texts: &[String], source: Source, language: &str) -> Named {
    let mut named = Named::default();
    for text in texts {
        if text.contains("://") || text.starts_with('/') || text.contains("www.") {
            continue;
        }
        let start = text.char_indices().nth(MOST_CHARS).map_or(text.len(), |(at, _)| at);
        let text = without_mail(&clean(&text[..start]));
        if is_desk(&text) {
            continue;
        }
        let mut parts: Vec<Part> = Vec::new();
        for line in labelled(without_bracket(&text)) {
            let first = parts.len();
            split(introduced(line, source, language).0, &mut parts);
            // "Published by John Roe | Written by Jane Doe"
            if is_for_want(line)
                && parts[first..].iter().skip(1).any(|part| names_who_wrote(&part.text))
            {
                parts.remove(first);
            }
        }
        let people: Vec<(Part, bool)> = parts
            .iter()
            .enumerate()
            .filter_map(|(index, part)| {
                let text = part.text.trim();
                let is_others = |by: &&str| strip_folded(text, by).is_some();
                let for_want = is_for_want(text);
                if for_want && index > 0 || !for_want && OTHERS_BY.iter().any(is_others) {
                    return None;
                }
                let (text, is_person) = name(introduced(text, Source::Data, language).0)?;
                Some((Part { text, joint: part.joint }, is_person))
            })
            .collect();
        let small = |text: &str| text.chars().next().is_some_and(is_small);
        let has_full = people.iter().any(|(part, person)| *person && is_full(&part.text));
        let starts_small = people.first().is_none_or(|(part, _)| small(&part.text));
        for (index, (part, is_person)) in people.iter().enumerate() {
            // Behind a comma stand places and roles as often as people, before a dash places.
            let before_comma =
                people.get(index + 1).is_some_and(|(next, _)| next.joint == Joint::Comma);
            let is_aside = part.joint == Joint::Comma || index == 0 && before_comma;
            let looks_so = is_full(&part.text) && (starts_small || !begins_small(&part.text));
            if *is_person && is_aside && has_full && !looks_so {
                continue;
            }
            named.add(part.text.clone(), *is_person);
        }
    }
    if named.others.iter().any(|name| is_login(name)) {
        named.others.retain(|name| is_login(name));
    }
    named
}

/// Whether a part of a byline says itself that somebody wrote.
fn names_who_wrote(part: &str) -> bool {
    let part = part.trim();
    introduced(part, Source::Data, "").1
        && !is_for_want(part)
        && !OTHERS_BY.iter().any(|by| strip_folded(part, by).is_some())
}

/// Two words, or a name in a script that writes both as one.
fn is_full(text: &str) -> bool {
    text.contains([' ', '·', '・']) || text.chars().any(is_wide)
}

/// Whether a part begins as no name does: with a small word that is no particle.
pub(crate) fn begins_small(text: &str) -> bool {
    let word = text.split(' ').next().unwrap_or_default();
    word.starts_with(is_small) && !SMALL.contains(&word) && !word.contains('\'')
}

/// Small as opposed to large: Georgian writes names in its small letters.
fn is_small(c: char) -> bool {
    c.is_lowercase() && !matches!(c, '\u{10d0}'..='\u{10ff}')
}

pub(crate) fn is_wide(c: char) -> bool {
    c >= '\u{2e80}'
}

/// Whether a line of text holds a name and hardly anything else.
pub(crate) fn is_plain_name(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let is_part = |word: &&str| {
        word.chars().next().is_some_and(|c| c.is_alphabetic() && !is_small(c))
            && !word.chars().any(|c| c.is_ascii_digit())
            && !word.ends_with(':')
    };
    let parts = words.iter().filter(|word| is_part(word)).count();
    let wide = text.chars().filter(|c| is_wide(*c)).count();
    if wide > 0 {
        return (2..=12).contains(&wide) && words.len() <= 3;
    }
    (2..=5).contains(&words.len())
        && parts >= 2
        && is_part(&words[words.len() - 1])
        && words.iter().all(|word| is_part(word) || SMALL.contains(word) || word.contains('\''))
}

/// What a desk calls itself, by no name of its own: nobody.
fn is_desk(name: &str) -> bool {
    let lower = name.to_lowercase();
    let lower = lower.trim_matches(|c: char| !c.is_alphanumeric() && !is_mark(c));
    let bare = ARTICLES
        .iter()
        .find_map(|article| lower.strip_prefix(article)?.strip_prefix([' ', '-']))
        .unwrap_or(lower);
    DESK_NAMES.contains(&lower)
        || DESKS.contains(&bare)
        || DESK_ENDS.iter().any(|end| lower.ends_with(end))
}

/// A name of an agency or a firm.
pub(crate) fn is_house(name: &str) -> bool {
    let lower = name.to_lowercase();
    AGENCIES.contains(&lower.as_str())
        || lower.split([' ', '/', '-']).any(|word| FIRMS.contains(&word) || DESKS.contains(&word))
}

/// A name that a system gave: `jdoe`, `editor1`, `jane-doe`.
pub(crate) fn is_login(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
}

/// A part cleaned, if it can be a name, and whether it is a person's.
fn name(part: &str) -> Option<(String, bool)> {
    let mut name = part.trim();
    // "Jane Doe (Reuters)", "Jane Doe @jane"
    if let Some(at) = name.find(['(', '[', '<', '@', '（', '【', '［']) {
        name = name[..at].trim();
    }
    // "Jane Doe am Samstag", "Jane Doe Illustration von …"
    for end in BEHIND {
        if let Some(at) = name.to_lowercase().find(end)
            && name.is_char_boundary(at)
            && (*end != " am " && *end != " on " || name[at..].starts_with(end))
        {
            name = without_stop(name[..at].trim());
        }
    }
    // "Jane Doe in Nairobi"
    for word in AT_PLACES {
        if let Some((before, place)) = name.split_once(word)
            && before.contains(' ')
            && place.starts_with(char::is_uppercase)
            && (*word != " en " || !place.contains(' '))
        {
            name = before.trim();
        }
    }
    name = without_agency(without_role_at_end(name)?);
    let name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != '.' && !is_mark(c));
    if NOT_NAMES.contains(&name.to_lowercase().as_str()) {
        return None;
    }
    let name = without_end(name.trim_start_matches(['.', ')']))?;
    if name.is_empty() || name.contains("http") || name.contains("www.") || name.contains("//") {
        return None;
    }
    let cut = without_role(without_role_at_end(without_end(without_day(name))?)?)?;
    let name = cut.as_str();
    let chars = name.chars().count();
    let words: Vec<&str> = name.split_whitespace().collect();
    let wide = name.chars().any(|c| c >= '\u{3000}');
    if !(2..=60).contains(&chars) || words.len() > 6 {
        return None;
    }
    let lower = name.to_lowercase();
    let bare = |word: &&str| word.to_lowercase().trim_matches(['.', ':', ',']).to_owned();
    if NOT_NAMES.contains(&lower.as_str())
        || words.len() == 1 && OF_TIME.contains(&lower.as_str()) && !FIRST_NAMES.contains(&name)
        || PLACES.contains(&lower.as_str())
        || words.iter().any(|word| REFUSED.contains(&bare(word).as_str()))
        || is_refused(&lower)
        || is_desk(name)
        || DATE_LABELS.contains(&fold(name).as_str())
    {
        return None;
    }
    // Dates, times, counts.
    let digits = name.chars().filter(char::is_ascii_digit).count();
    if digits > 2 || digits * 3 > chars || (digits > 0 && words.len() > 1) {
        return None;
    }
    // A sentence is no name: several words of which hardly any is capitalised.
    let capital = words
        .iter()
        .filter(|word| word.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_lowercase()))
        .count();
    if !wide && words.len() > 3 && capital * 2 < words.len() {
        return None;
    }
    let is_person = !is_house(name) && !is_login(name);
    Some((name.to_owned(), is_person))
}

/// Whether a text in lower case has a phrase that no name has; "Head of Content" and
/// "Weekend Edition" are none either.
fn is_refused(lower: &str) -> bool {
    lower.contains(" of ")
        || lower.ends_with(" edition")
        || REFUSED_PHRASES.iter().any(|phrase| has_words(lower, phrase))
}

/// Months that somebody may be called by alone.
const FIRST_NAMES: &[&str] = &["April", "June", "May", "August", "Jan", "Juli"];

/// Signs that belong to the letter before, as vowels of the scripts of India do.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '\u{eb1}'..='\u{ece}' | '\u{102b}'..='\u{109d}' | '\u{17b4}'..='\u{17d3}')
}

/// "Jane Doe le" without the small word; nobody is named before one that introduces a name.
fn without_end(name: &str) -> Option<&str> {
    let mut rest = name;
    while let Some((before, last)) = rest.rsplit_once(' ') {
        if ["von", "by", "par", "por", "from", "oleh"].contains(&last) {
            return None;
        }
        if !["le", "il", "am", "on", "um", "at", "a", "à", "el", "im", "in", "and", "und"]
            .contains(&last)
        {
            break;
        }
        rest = before.trim_end();
    }
    Some(rest)
}

/// "김민수 기자" without the role; none where the word says that a house reports.
fn without_role_at_end(mut name: &str) -> Option<&str> {
    for role in ROLES_AT_THE_END {
        // Within a word only in scripts without blanks.
        if let Some(before) = name.strip_suffix(role)
            && (before.ends_with(' ') || role.chars().any(is_wide))
        {
            if ["報導", "报道", "報道"].contains(role) {
                return None;
            }
            name = before.trim();
        }
        // "編集委員 山田太郎"
        if let Some(behind) = name.strip_prefix(role)
            && behind.starts_with([' ', '　'])
            && role.chars().any(is_wide)
        {
            name = behind.trim();
        }
    }
    Some(name)
}

/// "Jane Doe Associated Press" without the agency.
fn without_agency(name: &str) -> &str {
    let words: Vec<(usize, &str)> = name.match_indices(' ').collect();
    // Two words of a name are left.
    let cut = words.iter().skip(1).map(|(at, _)| *at).find(|at| {
        AGENCIES.contains(&name[at + 1..].to_lowercase().as_str())
            && name[at + 1..].starts_with(char::is_uppercase)
    });
    cut.map_or(name, |at| &name[..at])
}

/// "Jane Doe." without the stop of a sentence; an initial keeps its dot.
fn without_stop(name: &str) -> &str {
    let last = name.rsplit(' ').next().unwrap_or_default();
    if last.chars().count() > 3 { name.trim_end_matches('.') } else { name }
}

/// "Jane Doe December 2" without the day.
fn without_day(name: &str) -> &str {
    let mut words = Vec::new();
    let mut start = 0;
    for word in name.split(' ') {
        words.push((start, word));
        start += word.len() + 1;
    }
    let has_digit = |word: &str| word.chars().any(|c| c.is_ascii_digit());
    let Some(mut at) = words.iter().position(|(_, word)| has_digit(word)) else {
        return name;
    };
    while at > 0 && OF_TIME.contains(&words[at - 1].1.to_lowercase().trim_matches(['.', ','])) {
        at -= 1;
    }
    // A word is a name where both are written as one.
    let is_name = at >= 2 || at == 1 && words[0].1.chars().any(is_wide);
    if is_name { name[..words[at].0].trim_end() } else { name }
}

/// "Jane Doe Political Editor" without the role, "Redakteurin Anna Schmidt" as well; a role alone
/// is nobody.
fn without_role(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let lower: Vec<String> = words
        .iter()
        .map(|word| word.to_lowercase().trim_matches(['.', ':', ',']).to_owned())
        .collect();
    let is_role = |word: &String| ROLES.contains(&word.as_str());
    let Some(at) = lower.iter().position(is_role) else {
        return Some(name.to_owned());
    };
    if at == 0 {
        let rest = words[1..].join(" ");
        return (is_plain_name(&rest) && !lower[1..].iter().any(is_role)).then_some(rest);
    }
    let mut end = at;
    while end > 0 && BEFORE_ROLES.contains(&lower[end - 1].as_str()) {
        end -= 1;
    }
    let end = if end < 2 { at } else { end };
    let left = words[..end].join(" ");
    let is_whole = end >= 2 && !lower[..2].iter().any(|word| BEFORE_ROLES.contains(&word.as_str()));
    (is_whole && (is_plain_name(&left) || left.chars().any(is_wide))).then_some(left)
}

#[cfg(test)]
#[path = "people_tests.rs"]
mod tests;
