//! Marks: what an element's class, id and role names say it is. Knows names, not the tree.
//!
//! Names are cut into words ("sharedButtons-2" is `shared`, `buttons`), and words are looked up
//! whole: looking for parts, as the Readability family does, finds `ad` in `head` and `share` in
//! `shareholders`.

use std::collections::HashMap;

use crate::compound_names::{BODY_AS, BODY_OF, HIDES_A_PART, MODIFIERS, PAIRS};
use crate::names::WORDS;

/// A set of marks.
pub(crate) type Marks = u32;

pub(crate) const CONTENT: Marks = 1;
pub(crate) const TEXTY: Marks = 1 << 1;
pub(crate) const COMMENTS: Marks = 1 << 2;
pub(crate) const RELATED: Marks = 1 << 3;
pub(crate) const SHARE: Marks = 1 << 4;
pub(crate) const SIGN_UP: Marks = 1 << 5;
pub(crate) const NAVIGATION: Marks = 1 << 6;
pub(crate) const SIDE: Marks = 1 << 7;
pub(crate) const FOOT: Marks = 1 << 8;
pub(crate) const ADVERT: Marks = 1 << 9;
pub(crate) const CONSENT: Marks = 1 << 10;
pub(crate) const PAYWALL: Marks = 1 << 11;
pub(crate) const POPUP: Marks = 1 << 12;
pub(crate) const TAGS: Marks = 1 << 13;
pub(crate) const BYLINE: Marks = 1 << 14;
pub(crate) const DATE: Marks = 1 << 15;
pub(crate) const ABOUT_AUTHOR: Marks = 1 << 16;
pub(crate) const INFO: Marks = 1 << 17;
pub(crate) const CAPTION: Marks = 1 << 18;
pub(crate) const HIDDEN: Marks = 1 << 19;
pub(crate) const WIDGET: Marks = 1 << 20;
pub(crate) const TEASER: Marks = 1 << 21;
pub(crate) const TITLE: Marks = 1 << 22;
pub(crate) const LEAD: Marks = 1 << 23;
pub(crate) const CONTENTS_LIST: Marks = 1 << 24;
pub(crate) const TOOLS: Marks = 1 << 25;
pub(crate) const ARTICLE_BODY: Marks = 1 << 26;
pub(crate) const CALL: Marks = 1 << 27;
pub(crate) const BYLINE_NAME: Marks = 1 << 28;
/// A part that a reader can open.
pub(crate) const PANEL: Marks = 1 << 29;
/// A column that stays in sight beside the article, or the head of the article in one.
pub(crate) const STICKY: Marks = 1 << 30;

/// Marks that make an element furniture, unless it holds most of the page's prose.
pub(crate) const FURNITURE: Marks = COMMENTS
    | RELATED
    | SHARE
    | SIGN_UP
    | NAVIGATION
    | SIDE
    | FOOT
    | ADVERT
    | CONSENT
    | PAYWALL
    | POPUP
    | ABOUT_AUTHOR
    | HIDDEN
    | CONTENTS_LIST
    | STICKY;

/// Marks that make an element furniture where it is small.
pub(crate) const SMALL_FURNITURE: Marks = TAGS | BYLINE | DATE | INFO | TOOLS | CALL | WIDGET;

/// What was read of the class attributes of a page: most stand there again and again.
#[derive(Debug, Default)]
pub(crate) struct NamesRead<'a>(HashMap<&'a str, Marks>);

impl<'a> NamesRead<'a> {
    /// [`of_names`], read once.
    pub(crate) fn marks(&mut self, names: &'a str) -> Marks {
        *self.0.entry(names).or_insert_with(|| of_names(names))
    }
}

/// The marks of the names in a class attribute.
pub(crate) fn of_names(names: &str) -> Marks {
    // WordPress prints categories and tags into the class of a post's element.
    let is_post = || names.contains("hentry") || names.contains("type-post");
    let is_topic = |name: &str| name.starts_with("category-") || name.starts_with("tag-");
    // Where names are made by a machine, two letters are chance.
    let short = |name: &&str| name.len() <= 3;
    let is_made = names.len() >= 2 * MADE_NAMES - 1
        && names.split_ascii_whitespace().filter(short).count() >= MADE_NAMES;
    names
        .split_ascii_whitespace()
        .filter(|name| !(is_topic(name) && is_post() || is_made && short(name)))
        .map(of_name)
        .fold(0, |all, one| all | one)
}

/// So many names of up to three letters on one element are made by a machine.
const MADE_NAMES: usize = 6;
/// An id of so many words is a heading's words.
const SLUG_WORDS: usize = 6;

/// The marks of an id attribute.
pub(crate) fn of_id(id: &str) -> Marks {
    let words = id.split(['-', '_']).filter(|word| !word.is_empty()).count();
    if words >= SLUG_WORDS { 0 } else { of_names(id) }
}

fn of_name(name: &str) -> Marks {
    // A column that stays in sight on wide screens stands beside the article; what does so on small
    // ones (`max-md:sticky`) is a bar.
    if let Some(when) = name.strip_suffix(":sticky") {
        return if when.split(':').any(|one| one.starts_with("max-")) { 0 } else { STICKY };
    }
    // Utility classes (`md:hidden`, `w-[20px]`, `w-1/2`) speak of looks.
    if name.len() > 80 || name.contains([':', '[', '/', '(']) {
        return 0;
    }
    let mut buffer = [0_u8; 96];
    let mut bounds = [(0_usize, 0_usize); 12];
    let count = cut(name.as_bytes(), &mut buffer, &mut bounds);
    let word = |index: usize| -> &[u8] {
        let (start, end) = bounds[index];
        &buffer[start..end]
    };
    let is_one_of = |words: &[&str], word: &[u8]| words.iter().any(|one| one.as_bytes() == word);
    // `has-sidebar`, `sidebar-enabled--false`: states.
    let is_state = count > 1
        && (is_one_of(MODIFIERS, word(0)) || matches!(word(count - 1), b"false" | b"true"));
    if count == 0 || is_state {
        return 0;
    }
    let mut marks = 0;
    let mut index = 0;
    while index < count {
        if index + 1 < count {
            let (one, two) = (word(index), word(index + 1));
            if let Some(found) = of_pair(one, two) {
                marks |= found;
                index += 2;
                continue;
            }
            if is_one_of(BODY_OF, one) && is_one_of(BODY_AS, two) {
                marks |= CONTENT;
                index += 2;
                continue;
            }
        }
        marks |= of_word(word(index));
        index += 1;
    }
    if marks & (FURNITURE | SMALL_FURNITURE) != 0 {
        marks &= !CONTENT;
    }
    if marks == 0
        && (0..count).any(|at| {
            matches!(
                word(at),
                b"content"
                    | b"body"
                    | b"article"
                    | b"text"
                    | b"story"
                    | b"entry"
                    | b"post"
                    | b"inhalt"
            )
        })
    {
        marks |= TEXTY;
    }
    // `overflow-hidden` hides what is beyond the edge, `field-label-hidden` the label of a field.
    // So does `field--label-visually_hidden`.
    let before = |index: usize| count > index && is_one_of(HIDES_A_PART, word(count - index - 1));
    if marks & HIDDEN != 0
        && (before(1) || count > 2 && word(count - 2) == b"visually" && before(2))
    {
        marks &= !HIDDEN;
    }
    // `hidden-xs` hides on small screens only; `hidden-12t0irv` is a generated name.
    if marks & HIDDEN != 0 && word(count - 1) == b"hidden" && count <= 2 {
        return marks;
    }
    if marks & HIDDEN != 0
        && (0..count).any(|at| word(at) == b"hidden")
        && word(count - 1) != b"hidden"
    {
        marks &= !HIDDEN;
    }
    // Page builders call every element a widget.
    if marks & WIDGET != 0
        && (0..count).any(|at| matches!(word(at), b"elementor" | b"so" | b"text" | b"theme"))
    {
        marks &= !WIDGET;
    }
    marks
}

/// Where the entries of [`WORDS`] with each first letter begin: few are left to compare.
const WORD_STARTS: [usize; 27] = {
    let (mut starts, mut at, mut letter) = ([0; 27], 0, 0);
    while letter < starts.len() {
        while at < WORDS.len() && ((WORDS[at].0.as_bytes()[0] - b'a') as usize) < letter {
            at += 1;
        }
        starts[letter] = at;
        letter += 1;
    }
    starts
};

/// What a word says alone.
fn of_word(word: &[u8]) -> Marks {
    let Some(first) = word.first().filter(|byte| byte.is_ascii_lowercase()) else {
        return 0;
    };
    let letter = usize::from(first - b'a');
    let words = &WORDS[WORD_STARTS[letter]..WORD_STARTS[letter + 1]];
    words
        .binary_search_by(|(known, _)| known.as_bytes().cmp(word))
        .map_or(0, |found| words[found].1)
}

/// What two words say together.
fn of_pair(one: &[u8], two: &[u8]) -> Option<Marks> {
    PAIRS
        .binary_search_by(|(a, b, _)| (a.as_bytes(), b.as_bytes()).cmp(&(one, two)))
        .ok()
        .map(|found| PAIRS[found].2)
}

/// Cuts a name into lower-case words at everything that is no letter and at humps. A few letters
/// behind a digit are of a number (`container-bb80b6ad2d`), no word.
fn cut(name: &[u8], buffer: &mut [u8; 96], bounds: &mut [(usize, usize); 12]) -> usize {
    let mut count = 0;
    let mut start = 0;
    let mut length = 0;
    let mut previous = 0_u8;
    let mut after_digit = false;
    let is_word =
        |start: usize, end: usize, after_digit: bool| end > start + 3 * usize::from(after_digit);
    for &byte in name {
        let is_letter = byte.is_ascii_alphabetic() || byte >= 0x80;
        let hump = byte.is_ascii_uppercase() && previous.is_ascii_lowercase();
        if (!is_letter || hump) && length > start {
            if count < bounds.len() && is_word(start, length, after_digit) {
                bounds[count] = (start, length);
                count += 1;
            }
            start = length;
            after_digit = false;
        }
        if is_letter && length == start {
            after_digit = previous.is_ascii_digit();
        }
        if is_letter && length < buffer.len() {
            buffer[length] = byte.to_ascii_lowercase();
            length += 1;
        }
        previous = byte;
    }
    if is_word(start, length, after_digit) && count < bounds.len() {
        bounds[count] = (start, length);
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        for pair in WORDS.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} before {}", pair[0].0, pair[1].0);
        }
        assert!(PAIRS.is_sorted_by_key(|(one, two, _)| (*one, *two)));
    }

    #[test]
    fn names_say_what_an_element_is() {
        for (names, marks) in [
            ("entry-content", CONTENT),
            ("td-post-content tagdiv-type", CONTENT),
            ("articleBody", CONTENT),
            ("sharedaddy sd-sharing-enabled", SHARE),
            ("shareholders heading", 0),
            ("has-sidebar", 0),
            ("md:hidden", 0),
            ("post-content-related", RELATED),
            ("comment-content", COMMENTS),
            ("elementor-widget-text", 0),
            ("newsletter-signup", SIGN_UP),
            ("c-article__body", CONTENT),
            ("author-box", ABOUT_AUTHOR),
            ("w-full lg:sticky lg:top-[100px]", STICKY),
            ("max-md:sticky md:max-lg:sticky", 0),
            ("republication-tracker-tool-modal", POPUP),
        ] {
            assert_eq!(of_names(names) & !TEXTY, marks, "{names}");
        }
    }
}
