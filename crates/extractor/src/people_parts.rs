//! A byline's text divided into the parts that may each name somebody: at commas, bars and words for
//! "and". Knows texts only.

use crate::bylines::{AND, WITH_WAW};
use crate::people::{begins_small, is_house};

/// What joins a part to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    /// A word for "and", or nothing before.
    And,
    /// A comma, a dash, a bar.
    Comma,
}

#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) text: String,
    pub(crate) joint: Joint,
}

/// What divides people and what else stands beside them.
const DIVIDERS: &[&str] = &[
    ";", " / ", "/", "／", " | ", "|", "•", "·", " – ", " — ", " - ", "\n", "，", "、", "،", "؛",
    "=", "＝", " -", "- ", "—",
];

/// Splits "Jane Doe and John Roe, Berlin" into its parts.
pub(crate) fn split(text: &str, into: &mut Vec<Part>) {
    let mut parts = vec![Part { text: text.to_owned(), joint: Joint::And }];
    for divider in DIVIDERS {
        parts =
            divide(&parts, Joint::Comma, |text| text.split(divider).map(str::to_owned).collect());
    }
    parts = divide(&parts, Joint::Comma, at_dots);
    parts = divide(&parts, Joint::Comma, at_commas);
    for (word, needs_full) in AND {
        parts = divide(&parts, Joint::And, |text| at_word(text, word, *needs_full));
    }
    parts = divide(&parts, Joint::And, at_waw);
    parts = divide(&parts, Joint::And, at_blanks);
    into.extend(parts.into_iter().filter(|part| !part.text.trim().is_empty()));
}

/// Divides each part; what comes first keeps its joint.
fn divide(parts: &[Part], joint: Joint, cut: impl Fn(&str) -> Vec<String>) -> Vec<Part> {
    parts
        .iter()
        .flat_map(|part| {
            cut(&part.text).into_iter().enumerate().map(|(index, text)| Part {
                text,
                joint: if index == 0 { part.joint } else { joint },
            })
        })
        .collect()
}

/// The Japanese dot divides people, and the words of foreign names in katakana.
fn at_dots(text: &str) -> Vec<String> {
    let is_foreign = text.chars().any(|c| matches!(c, '\u{30a1}'..='\u{30fa}'));
    if is_foreign { vec![text.to_owned()] } else { text.split('・').map(str::to_owned).collect() }
}

fn at_commas(text: &str) -> Vec<String> {
    let pieces: Vec<&str> = text.split(',').map(str::trim).collect();
    // "Doe, Jane" is one name.
    let is_word = |piece: &&str| {
        !piece.is_empty() && !piece.contains(' ') && !is_house(piece) && !is_generation(piece)
    };
    if pieces.len() == 2 && pieces.iter().all(is_word) {
        return vec![format!("{} {}", pieces[1], pieces[0])];
    }
    let mut names: Vec<String> = Vec::new();
    for piece in pieces {
        match names.last_mut() {
            Some(last) if is_generation(&piece) => *last = format!("{last}, {piece}"),
            _ => names.push(piece.to_owned()),
        }
    }
    names
}

fn is_generation(piece: &&str) -> bool {
    ["jr", "jr.", "sr", "sr.", "ii", "iii", "iv"].contains(&piece.to_lowercase().as_str())
}

/// Splits at a word for "and".
fn at_word(text: &str, word: &str, needs_full: bool) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(at) = rest[from..].find(word).map(|at| at + from) {
        let (one, two) = (rest[..at].trim(), rest[at + word.len()..].trim());
        let two_first = two.split(word).next().unwrap_or(two);
        let is_side = |side: &str| side.contains(' ') && !begins_small(side) || is_house(side);
        if needs_full && !(is_side(one) && is_side(two_first)) {
            from = at + word.len() - 1;
            continue;
        }
        parts.push(one.to_owned());
        rest = &rest[at + word.len()..];
        from = 0;
    }
    parts.push(rest.to_owned());
    parts
}

/// Splits Arabic at the letter that means "and" before the next name.
fn at_waw(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let cut = (2..words.len().saturating_sub(1)).find(|at| {
        words[*at].strip_prefix('و').is_some_and(|rest| rest.chars().count() >= 3)
            && !WITH_WAW.contains(&words[*at])
    });
    match cut {
        Some(at) => {
            let second = words[at..].join(" ");
            vec![words[..at].join(" "), second['و'.len_utf8()..].to_owned()]
        }
        None => vec![text.to_owned()],
    }
}

/// Splits Chinese names, of three letters or four; a shorter word may be a part of a Japanese one.
fn at_blanks(text: &str) -> Vec<String> {
    let is_name = |word: &str| {
        (3..=4).contains(&word.chars().count())
            && word.chars().all(|c| matches!(c, '\u{4e00}'..='\u{9fff}'))
    };
    if text.split_whitespace().all(is_name) {
        return text.split_whitespace().map(str::to_owned).collect();
    }
    vec![text.to_owned()]
}
