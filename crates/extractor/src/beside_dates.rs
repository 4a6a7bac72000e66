//! Names below a headline that no word introduces, told by the date beside them: "Ion Popescu | 10
//! martie 2025", or "Jane Doe", "Reporter" and "10 March 2025" in elements of their own.

use crate::authors::{REACH, is_link_of_author};
use crate::bylines::{AND, SMALL};
use crate::details::has_date;
use crate::houses::AGENCIES;
use crate::months::month_of;
use crate::page::{Page, Tag};
use crate::people::{Source, is_plain_name, read};
use crate::prune::ends_sentence;
use crate::relative::is_weekday;
use crate::structured::clean;
use crate::title::{fold, has_words};

/// Texts below a headline that are looked at, and the characters of the longest.
const PIECES: usize = 8;
const PIECE: usize = 100;
/// Characters of what may stand between a name and the date: a role, an address of mail.
const ROLE: usize = 40;

/// What divides a name from what stands beside it.
const BETWEEN: &[char] = &['|', '•', '·', '—', '–', '/', '／', ',', '('];
/// Words between a name and the agency whose report was used.
const WITH: &[&str] = &[" avec ", " with ", " mit ", " con ", " com ", " med ", " s ", " z "];

/// The bare names, unlinked, with which a text close below the headline begins, where a date stands
/// in the same text or right before or behind it; else the agency that stands there so.
pub(crate) fn beside_a_day(
    page: &Page<'_>,
    title: usize,
    language: &str,
) -> Option<(usize, String)> {
    let from = page.nodes[title].end as usize;
    let end = (from + REACH).min(page.nodes[page.body].end as usize);
    let pieces: Vec<(usize, String)> = (from..end)
        .filter(|at| page.nodes[*at].tag == Tag::Text && page.nodes[*at].chars > 0)
        .map(|at| (at, clean(page.nodes[at].text)))
        .take_while(|(_, text)| text.chars().count() <= PIECE)
        .take(PIECES)
        .collect();
    let is_day = |at: usize| pieces.get(at).is_some_and(|(_, text)| has_date(text));
    let is_role = |at: usize| {
        pieces.get(at).is_some_and(|(_, text)| text.chars().count() <= ROLE && !ends_sentence(text))
    };
    let beside = pieces.iter().enumerate().filter_map(|(index, (at, text))| {
        let head = head_of(text)?;
        let is_beside = is_day(index)
            || is_day(index + 1)
            || index > 0 && is_day(index - 1)
            || is_role(index + 1) && is_day(index + 2);
        let is_linked =
            || page.ancestors(*at).take(3).any(|above| page.nodes[above].tag == Tag::Anchor);
        (is_beside && !is_linked()).then_some((*at, head))
    });
    let beside: Vec<(usize, &str)> = beside.collect();
    let named = beside.iter().find_map(|(at, head)| Some((*at, names_in(head, language)?)));
    let named = named.filter(|(at, names)| {
        !is_of_the_page(page, title, *at, names) && !names.split(" | ").any(|n| is_phrase(page, n))
    });
    let agency = || {
        let is_agency = |head: &str| AGENCIES.contains(&head.to_lowercase().as_str());
        beside.iter().find(|(_, head)| is_agency(head)).map(|(at, head)| (*at, (*head).to_owned()))
    };
    named.or_else(agency)
}

/// Characters of a paragraph, at least, and how many paragraphs tell whom a text is about.
const PARAGRAPH: u32 = 80;
const FIRST_PARAGRAPHS: usize = 6;

/// Whether names are the page's own words rather than somebody's: a section or topic that it links
/// elsewhere, or whom and what the headline or the beginning of the text is about.
fn is_of_the_page(page: &Page<'_>, title: usize, at: usize, names: &str) -> bool {
    let names: Vec<String> = names.split(" | ").map(fold).collect();
    let headline = title..page.nodes[title].end as usize;
    let mut paragraphs = 0;
    page.nodes.iter().enumerate().any(|(index, node)| {
        if node.tag != Tag::Text || node.chars == 0 || index == at {
            return false;
        }
        let is_paragraph = index > at && node.chars >= PARAGRAPH;
        paragraphs += usize::from(is_paragraph);
        if headline.contains(&index) || is_paragraph && paragraphs <= FIRST_PARAGRAPHS {
            let text = fold(node.text);
            return names.iter().any(|name| has_words(&text, name));
        }
        node.text.len() <= PIECE
            && names.contains(&fold(node.text))
            && page.ancestors(index).take(3).any(|above| {
                page.nodes[above].tag == Tag::Anchor && !is_link_of_author(page, above, at)
            })
    })
}

/// Whether the page has all words of a name in small letters, too: "Real Estate", of which an article
/// says what real costs an estate has.
fn is_phrase(page: &Page<'_>, name: &str) -> bool {
    let texts = || page.nodes.iter().filter(|node| node.tag == Tag::Text && node.chars > 0);
    name.split(' ').all(|word| {
        let small = word.to_lowercase();
        small != word && texts().any(|node| has_word(node.text, &small))
    })
}

/// Whether a word stands in a text, as it is written.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let ends = [text[..at].chars().next_back(), text[at + word.len()..].chars().next()];
        ends.into_iter().flatten().all(|c| !c.is_alphanumeric())
    })
}

/// What a line begins with, up to what divides or a date. "New York, March 10" begins with a place.
fn head_of(text: &str) -> Option<&str> {
    let ends = [
        text.find(|c: char| BETWEEN.contains(&c) || c.is_numeric()),
        text.find(" - "),
        WITH.iter().filter_map(|word| text.find(word)).min(),
    ];
    let end = ends.into_iter().flatten().min().unwrap_or(text.len());
    let behind = &text[end..];
    let is_of_a_date = |word: &str| month_of(word).is_some() || is_weekday(word);
    if let Some(behind) = behind.strip_prefix(',') {
        let next = behind.split_whitespace().next().unwrap_or_default().to_lowercase();
        if !next.contains(char::is_alphabetic) || is_of_a_date(&next) {
            return None;
        }
    }
    let mut head = text[..end].trim();
    while let Some((before, last)) = head.rsplit_once(' ') {
        // Names of two words may end as those of days do in some language.
        let is_day = is_of_a_date(last.to_lowercase().trim_matches(['.', ',']));
        if !is_day || !before.contains(' ') {
            break;
        }
        head = before.trim_end();
    }
    Some(head).filter(|head| !head.is_empty())
}

/// The names of which a text consists, and of nothing else.
fn names_in(head: &str, language: &str) -> Option<String> {
    let is_letter = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '.' | '\'' | '’' | '&');
    if !head.chars().all(is_letter) {
        return None;
    }
    let names = read(&[head.to_owned()], Source::Line, language).persons;
    let is_of_a_name = |word: &str| names.iter().any(|name| name.split(' ').any(|it| it == word));
    let joins = |word: &str| AND.iter().any(|(and, _)| and.trim() == word);
    let is_all = head.split(' ').all(|word| is_of_a_name(word) || joins(word));
    (!names.is_empty() && is_all && names.iter().all(|name| is_full_name(name)))
        .then(|| names.join(" | "))
}

/// A name of two words. Three may be a phrase, or tags.
fn is_full_name(name: &str) -> bool {
    let words: Vec<&str> = name.split(' ').collect();
    let is_full = match words[..] {
        [first, _] => first.chars().count() > 2,
        [_, middle, _] => middle.ends_with('.') || SMALL.contains(&middle),
        _ => false,
    };
    is_full && is_plain_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_begins_with_may_be_names() {
        for (text, expected) in [
            ("Jane Doe", Some("Jane Doe")),
            ("Ion Popescu | 10 martie 2025, 14:20", Some("Ion Popescu")),
            ("Nagy Péter 2025.03.10. 14:20 Módosítva: 2025.03.11.", Some("Nagy Péter")),
            ("Jane Doe March 10, 2025", Some("Jane Doe")),
            ("Jane Doe and John Roe, The Ledger", Some("Jane Doe | John Roe")),
            ("Claire Martin avec AFP", Some("Claire Martin")),
            ("Ana Horvat/Hina", Some("Ana Horvat")),
            ("Jan de Vries", Some("Jan de Vries")),
            ("Nguyễn An - Thứ Hai, 10/03/2025", Some("Nguyễn An")),
            ("Jonas Jonaitis, 15min.lt", Some("Jonas Jonaitis")),
            ("New York, March 10, 2025", None),
            ("Harbour Storm River", None),
            ("In brief", None),
            ("10 March 2025", None),
            ("The bridge is closed", None),
        ] {
            let names = head_of(text).and_then(|head| names_in(head, "en"));
            assert_eq!(names.as_deref(), expected, "{text}");
        }
    }
}
