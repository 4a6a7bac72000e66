//! Lines that are the page's wherever they stand: offers, rights, pointers, rows of buttons. News
//! says much of what they say; so what is quoted does not count, nor a word that sentences begin
//! with too, unless something else of the line tells. Works on blocks only.

use std::sync::LazyLock;

use crate::any_of::AnyOf;
use crate::endings::is_invitation;
use crate::farewells::{INVITATIONS, NO_INVITATIONS, ORDINARY_INVITATIONS};
use crate::measure::measure;
use crate::phrases::{
    CONTINUED, FURNITURE_LINES, FURNITURE_PARTS, OFFERS, ORDINARY_PARTS, OWN_VOICE, POINTERS,
    QUESTIONS, RIGHTS, SAID, SHARE_WORDS,
};
use crate::prune::{ends_sentence, starts_with_any};
use crate::render::{Block, Kind};
use crate::title::fold;

/// [`FURNITURE_PARTS`], to be looked for.
static PARTS: LazyLock<AnyOf> = LazyLock::new(|| AnyOf::new(FURNITURE_PARTS));

/// [`ORDINARY_PARTS`], to be looked for.
static ORDINARY: LazyLock<AnyOf> = LazyLock::new(|| AnyOf::new(ORDINARY_PARTS));

/// Lines that no reader counts as the article wherever they stand.
pub(crate) fn is_line_of_furniture(folded: &str, block: &Block) -> bool {
    if folded.is_empty() {
        return false;
    }
    let words = folded.split(' ').count();
    if words <= 6 && FURNITURE_LINES.contains(&folded) {
        return true;
    }
    // "SMS Facebook Twitter Email", "Share on X".
    let is_text = matches!(block.kind, Kind::Paragraph | Kind::Item(..) | Kind::Heading(_));
    if is_text
        && (2..=12).contains(&words)
        && folded.split(' ').all(|word| SHARE_WORDS.contains(&word))
        && folded.split(' ').any(|word| word.len() > 2)
    {
        return true;
    }
    if words <= 8 && starts_with_any(folded, CONTINUED) && !block.text.ends_with(['.', '!', '?']) {
        return true;
    }
    if words <= 12 && starts_with_any(folded, QUESTIONS) && is_label(&block.text) {
        return true;
    }
    if words <= 60 && (says(folded) && says(&fold(&unquoted(&block.text))) || reserves(&block.text))
    {
        return true;
    }
    if words <= 30 && is_invitation(block) && invites(folded, block) {
        return true;
    }
    words <= 30 && is_linked(block) && starts_with_any(folded, POINTERS)
}

/// Whether a line has words that only furniture has, or words of news in the page's own voice.
fn says(folded: &str) -> bool {
    let speaks = || {
        let has = |words: &[&str]| folded.split(' ').any(|word| words.contains(&word));
        starts_with_any(folded, OFFERS) || has(OWN_VOICE) && !has(SAID)
    };
    PARTS.is_in(folded) || ORDINARY.is_in(folded) && speaks()
}

/// Whether a line begins as one does that sends the reader off. Where sentences begin so too, it is
/// mostly a link, or speaks for the page.
pub(crate) fn invites(folded: &str, block: &Block) -> bool {
    let length = |phrases: &[&str]| {
        let begins = phrases.iter().filter(|phrase| starts_with_any(folded, &[phrase]));
        begins.map(|phrase| phrase.len()).max().unwrap_or_default()
    };
    let longest = length(INVITATIONS);
    if longest == 0 || starts_with_any(folded, NO_INVITATIONS) {
        return false;
    }
    let is_ordinary = length(ORDINARY_INVITATIONS) == longest;
    let speaks = || folded.split(' ').any(|word| OWN_VOICE.contains(&word));
    !is_ordinary || is_linked(block) || speaks() || !ends_sentence(&block.text)
}

/// Whether two fifths of a line and more lead elsewhere.
fn is_linked(block: &Block) -> bool {
    block.link_chars * 10 >= block.text.len() * 4
}

/// Letters of what a line asks or names first.
const LABEL: usize = 40;

/// Whether a line begins with a short question or label: "Already a subscriber? Log in".
fn is_label(text: &str) -> bool {
    text.chars().take(LABEL).any(|c| matches!(c, '?' | '!' | ':' | '？' | '！' | '：'))
}

/// Length of what may follow words that reserve rights, by [`measure`].
const REST_OF_RIGHTS: u32 = 24;

/// Whether a line ends with words that reserve rights; in the middle of a sentence they are news.
fn reserves(text: &str) -> bool {
    RIGHTS
        .iter()
        .filter_map(|right| text.rsplit_once(right))
        .any(|(_, rest)| measure(rest).0 <= REST_OF_RIGHTS)
}

/// A text without what stands between quotation marks.
fn unquoted(text: &str) -> String {
    let mut rest = text;
    let mut bare = String::with_capacity(text.len());
    while let Some((at, opening)) = rest.char_indices().find(|(_, c)| !closing(*c).is_empty()) {
        let (before, quoted) = rest.split_at(at);
        let quoted = &quoted[opening.len_utf8()..];
        bare.push_str(before);
        bare.push(' ');
        rest = quoted.split_once(closing(opening)).map_or(quoted, |(_, behind)| behind);
    }
    bare.push_str(rest);
    bare
}

/// The marks that close what a quotation mark opens.
fn closing(opening: char) -> &'static [char] {
    match opening {
        '"' => &['"'],
        '“' => &['”', '“'],
        '„' => &['“', '”', '„'],
        '«' => &['»'],
        '»' => &['«', '»'],
        '「' => &['」'],
        '『' => &['』'],
        _ => &[],
    }
}
