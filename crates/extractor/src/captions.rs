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
    owned(&block.text).is_some_and(|before| !is_running(before)) || ends_in_credit(&block.text)
}

/// Cuts who owns the words off a paragraph of several sentences.
pub(crate) fn cut_credit(block: &mut Block) {
    if block.kind != Kind::Paragraph {
        return;
    }
    let ends = |text: &str| {
        let text = text.trim_end_matches(['(', '[', ' ', '\n']);
        text.strip_suffix("<br>").unwrap_or(text).trim_end().len()
    };
    if let (Some(before), Some((html, rest))) = (owned(&block.text), block.html.rsplit_once('©'))
        && is_running(before)
        && !rest.contains('<')
    {
        let (text, html) = (ends(before), ends(html));
        block.text.truncate(text);
        block.html.truncate(html);
    }
}

/// What stands before a last "© The Post".
fn owned(text: &str) -> Option<&str> {
    let (before, owner) = text.rsplit_once('©')?;
    let is_named = |c: &char| !c.is_lowercase();
    let first = owner.chars().find(|c| c.is_alphanumeric());
    (owner.split_whitespace().count() <= OWNER && first.as_ref().is_none_or(is_named))
        .then_some(before)
}

/// Whether a text is no caption's: more than one sentence, and no word for a picture at its end.
fn is_running(text: &str) -> bool {
    let ends = |word: &&str| {
        let before = word.trim_end_matches(['.', '!', '?', '…', '。', '।']);
        before.len() > 2 && before.len() < word.len() && !before.contains('.')
    };
    let last = text.split_whitespace().last().unwrap_or_default();
    // Where words are not divided, neither are sentences.
    let wide = text.matches(['。', '！', '？']).count();
    !is_picture(&fold(last)) && text.split_whitespace().filter(ends).count().max(wide) > 1
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
                && is_owner(words[at], owner)
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

/// Whether somebody may be named by what stands behind a label (the words in reverse) or right
/// behind its colon or stroke: not "9/10", "30 points", "credit/debit card".
fn is_owner(word: &str, owner: &[&str]) -> bool {
    let behind = word.split_once([':', '：', '/']).map_or("", |(_, rest)| rest);
    let mut names = [behind].into_iter().chain(owner.iter().rev().copied());
    let first = names.find(|name| name.chars().any(char::is_alphanumeric)).unwrap_or_default();
    let is_stroke = word.contains('/') && !word.contains([':', '：']);
    first.chars().any(char::is_alphabetic) && !(is_stroke && first.starts_with(char::is_lowercase))
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
            ("The bridge on Monday. © The Post", true),
            ("The council voted on Monday. The mayor was away. © The Post", false),
            ("Die Brücke steht. Sie hält u.a. Züge aus. Foto © J. Muster", true),
            ("She said one thing of the photo: it was taken on Monday.", false),
            ("He posted a photo of the bridge on Monday", false),
            (
                "The photos: what they show of the bridge and the river, and of those who built both",
                false,
            ),
            ("See the photo:", false),
            ("Cost per credit: $472", false),
            ("She works for Getty Images.", false),
            ("Foto: 123RF", true),
            ("Picture: 9/10", false),
            ("Photos: 50 megapixels", false),
            ("Credit: 30 points", false),
            ("Payment: cash, credit/debit card", false),
        ] {
            assert_eq!(is_caption(&Block::plain(text)), wanted, "{text}");
        }
    }

    #[test]
    fn a_credit_is_cut_off_a_text() {
        let told = "The council voted on Monday. The mayor was away.";
        for text in [format!("{told} © The Post"), format!("{told} (© The Post)"), told.to_owned()]
        {
            let mut block = Block::plain(&text);
            cut_credit(&mut block);
            assert_eq!((block.text.as_str(), block.html.as_str()), (told, told));
        }
    }
}
