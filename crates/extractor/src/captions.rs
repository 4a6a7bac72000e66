//! Captions that are set as paragraphs, told by the credit that they end in. Works on single blocks.

use crate::phrases::{PICTURE_HOUSES, PICTURES};
use crate::render::{Block, Kind};
use crate::title::fold;

/// Bytes of a caption, at most.
const CAPTION: usize = 320;
/// Words of who made or owns a picture, at most.
const OWNER: usize = 7;

/// Whether a paragraph is a caption: short, and its last words say whose picture it is.
pub(crate) fn is_caption(block: &Block) -> bool {
    if block.kind != Kind::Paragraph || block.text.len() > CAPTION {
        return false;
    }
    let owner_of = |(_, owner): (&str, &str)| owner.split_whitespace().count() <= OWNER;
    block.text.rsplit_once('©').is_some_and(owner_of) || ends_in_credit(&block.text)
}

/// Whether a text ends in "Photo: Jane Doe", "(AP Photo/Jane Doe)", "Jane Doe/Getty Images".
fn ends_in_credit(text: &str) -> bool {
    // A sentence that speaks of a picture ends as sentences do.
    if text.trim_end_matches([')', ']']).ends_with(['.', '!', '?', '…', ':']) {
        return false;
    }
    let words: Vec<&str> = text.split_whitespace().rev().take(OWNER + 3).collect();
    let is_labelled = (0..=OWNER.min(words.len().saturating_sub(1))).any(|at| {
        let owner = &words[..at];
        label(words[at], owner).is_some_and(|label| {
            begins_part(words[at], words.get(at + 1).copied())
                && !owner.iter().any(|word| word.len() > 3 && word.ends_with(['.', '!', '?']))
                && is_picture(&fold(label))
        })
    });
    is_labelled || ends_in_house(&words)
}

/// The label that a word is or begins with, where an owner (in reverse) comes behind it.
fn label<'w>(word: &'w str, owner: &[&str]) -> Option<&'w str> {
    match word.split_once([':', '：', '/']) {
        Some((label, rest)) => (!owner.is_empty() || !rest.is_empty()).then_some(label),
        None => (owner.len() > 1 && owner.last() == Some(&":")).then_some(word),
    }
}

/// Whether a word begins a sentence or a part of one, or stands in brackets.
fn begins_part(word: &str, before: Option<&str>) -> bool {
    let ends_part = |word: &str| word.ends_with(|c: char| !c.is_alphanumeric() && c != '&');
    word.contains('/') || word.starts_with(['(', '[', '|']) || before.is_none_or(ends_part)
}

/// Whether the last words (in reverse) are a house that pictures are had from.
fn ends_in_house(words: &[&str]) -> bool {
    let Some(last) = words.first().map(|word| fold(word)) else {
        return false;
    };
    let may_be = !last.is_empty() && PICTURE_HOUSES.iter().any(|house| house.ends_with(&last));
    may_be && {
        let end: Vec<&str> = words.iter().take(3).rev().copied().collect();
        let end = fold(&end.join(" "));
        PICTURE_HOUSES.iter().any(|house| {
            end.strip_suffix(house).is_some_and(|rest| rest.is_empty() || rest.ends_with(' '))
        })
    }
}

/// Whether a folded word is one for a picture, or ends in one (`archivfoto`).
fn is_picture(word: &str) -> bool {
    let compound = |end: &&str| word.len() > end.len() && word.ends_with(*end);
    PICTURES.contains(&word) || ["foto", "fotos", "bild", "photo"].iter().any(compound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_ends_in_a_credit() {
        for (text, wanted) in [
            ("The bridge on Monday. Photo: Jane Doe", true),
            ("The bridge on Monday (Foto: dpa)", true),
            ("Le pont lundi. Photo : Jeanne Dupont", true),
            ("The mayor at the bridge. (AP Photo/Jane Doe)", true),
            ("Die Brücke am Montag. Archivfoto: J. Muster", true),
            ("Jane Doe / Getty Images", true),
            ("Мост в понедельник. Фото: ТАСС", true),
            ("© The Post", true),
            ("She said one thing of the photo: it was taken on Monday.", false),
            ("He posted a photo of the bridge on Monday", false),
            (
                "The photos: what they show of the bridge and the river, and of those who built both",
                false,
            ),
            ("See the photo:", false),
            ("Cost per credit: $472", false),
            ("She works for Getty Images.", false),
        ] {
            assert_eq!(is_caption(&Block::plain(text)), wanted, "{text}");
        }
    }
}
