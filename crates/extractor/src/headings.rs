//! The headings of a page, and what of the text of one is the headline: without a kicker, a badge, a
//! subtitle in an element of its own. Judges by names and by what is declared to be the title.

use crate::count_words;
use crate::marks;
use crate::page::{Page, Tag};
use crate::structured::clean;
use crate::title::{LONE_WORDS, fold};
use crate::title_parts::{without_site, without_site_at_end};

/// Words in the names of what stands in a heading beside the headline.
const BESIDE: &[&str] = &["label", "badge", "flag", "count", "hidden", "offscreen", "sr"];

/// Those that stand at the end of such words too: `articleoverline`.
const BESIDE_AT_END: &[&str] = &[
    "kicker",
    "eyebrow",
    "overline",
    "roofline",
    "topline",
    "dachzeile",
    "spitzmarke",
    "pretitle",
    "supertitle",
    "surtitle",
    "antetitulo",
    "volanta",
    "cintillo",
    "subtitle",
    "subheadline",
    "preheadline",
    "overheadline",
    "superheadline",
    "topheadline",
    "secondaryheadline",
    "subhead",
    "subline",
    "titleheader",
];

/// Headings up to the end of the container.
///
/// A heading that is, with all that stands in it, one of the declared titles' `cores` (folded) is
/// left as it is.
pub(crate) fn headings(
    page: &Page<'_>,
    container: usize,
    cores: &[String],
) -> Vec<(usize, u8, String)> {
    let mut found = Vec::new();
    let end = page.nodes[container].end as usize;
    let mut at = page.body;
    while at < end {
        let node = &page.nodes[at];
        if let Tag::Heading(level) = node.tag {
            let text = headline_in(page, at, cores);
            if !text.is_empty() && text.chars().count() <= 300 {
                found.push((at, level, text));
            }
            at = node.end as usize;
            if found.len() > 40 {
                break;
            }
            continue;
        }
        at += 1;
    }
    found
}

/// The text of a heading without elements in it that are named as a kicker, a badge, a subtitle.
fn headline_in(page: &Page<'_>, heading: usize, cores: &[String]) -> String {
    if let Some(named) = named_headline(page, heading) {
        return named;
    }
    let whole = || Some(clean(&page.text_of(heading))).filter(|text| cores.contains(&fold(text)));
    let end = page.nodes[heading].end as usize;
    let mut parts = String::new();
    let mut at = heading + 1;
    let mut left_out = false;
    let (mut named_so, mut labelled, mut torn) = (false, false, false);
    // Whose text was the last.
    let mut before = None;
    while at < end {
        let node = &page.nodes[at];
        // A colon that only screen readers see belongs to it.
        if node.tag != Tag::Text
            && is_beside(page, at)
            && page.text_of(at).contains(char::is_alphanumeric)
        {
            left_out = true;
            named_so |= is_named_beside(page, at);
            labelled |= parts.trim().is_empty();
            at = node.end as usize;
            parts.push(' ');
            continue;
        }
        if node.tag == Tag::Text {
            // A line of its own by its style only.
            let is_of_another = [Some(node.parent), before]
                .iter()
                .flatten()
                .any(|parent| page.nodes[*parent as usize].tag == Tag::Inline)
                && before != Some(node.parent);
            if is_of_another
                && parts.ends_with(char::is_lowercase)
                && node.text.starts_with(char::is_uppercase)
            {
                parts.push(' ');
                torn = true;
            }
            parts.push_str(node.text);
            before = Some(node.parent);
        } else if !node.tag.is_inline() || node.tag == Tag::Break {
            parts.push(' ');
        }
        at += 1;
    }
    // A layout's `overflow-hidden`, a coloured word, a name such as "iPhone"; what begins a heading
    // before a capital is a label all the same.
    let goes_on = !labelled || parts.trim_start().starts_with(char::is_lowercase);
    if (left_out && !named_so && goes_on || torn && !left_out)
        && let Some(whole) = whole()
    {
        return whole;
    }
    let parts = clean(&parts);
    if left_out && count_words(&parts) < LONE_WORDS {
        return clean(&page.text_of(heading));
    }
    if left_out { parts.trim_start_matches(BETWEEN).to_owned() } else { parts }
}

/// The text of the only element in a heading that is itself named as the headline.
fn named_headline(page: &Page<'_>, heading: usize) -> Option<String> {
    let is_named = |at: &usize| {
        let class = page.nodes[*at].attr("class").unwrap_or_default();
        !is_beside(page, *at)
            && class
                // `headline-em` is a part of it.
                .split_ascii_whitespace()
                .any(|name| name.to_ascii_lowercase().ends_with("headline"))
    };
    let mut named = page.children(heading).filter(is_named);
    let at = named.next().filter(|_| named.next().is_none())?;
    let text = clean(&page.text_of(at));
    (count_words(&text) >= LONE_WORDS).then_some(text)
}

/// Whether an element of a heading stands beside the headline.
fn is_beside(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    node.marks & (marks::HIDDEN | marks::COMMENTS) != 0
        || node.element.is_some_and(|element| element.name() == "small")
        || has_name(page, at, |word| BESIDE.contains(&word))
        || is_named_beside(page, at)
}

/// Whether its name says so beyond doubt.
fn is_named_beside(page: &Page<'_>, at: usize) -> bool {
    has_name(page, at, |word| BESIDE_AT_END.iter().any(|known| word.ends_with(known)))
}

/// Whether a word of an element's names (in lower case), or all words of one, are such.
fn has_name(page: &Page<'_>, at: usize, is_such: impl Fn(&str) -> bool) -> bool {
    let names = page.nodes[at].attr("class").unwrap_or_default();
    names.split_ascii_whitespace().any(|name| {
        let mut words = name.split(|c: char| !c.is_ascii_alphabetic());
        let joined: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        // `sub-headline`
        words.any(|word| is_such(&word.to_ascii_lowercase()))
            || is_such(&joined.to_ascii_lowercase())
    })
}

/// The headlines that declared titles hold, without the site's name, folded.
pub(crate) fn cores(declared: &[String], site_names: &[&str], host: Option<&str>) -> Vec<String> {
    let core = |title: &String| {
        fold(without_site_at_end(&without_site(title, site_names), site_names, host))
    };
    declared.iter().map(core).collect()
}

/// The piece of a heading that is one of the declared titles' cores, where the rest is in an element
/// of its own before or behind it: a kicker, a subtitle.
pub(crate) fn declared_part(page: &Page<'_>, heading: usize, cores: &[String]) -> Option<String> {
    let is_core = |text: &str| {
        let folded = fold(text);
        folded.contains(' ') && cores.contains(&folded)
    };
    let mut at = heading;
    loop {
        let children: Vec<usize> = page
            .children(at)
            .filter(|child| page.nodes[*child].chars > 0)
            .take(MOST_PIECES)
            .collect();
        if let [only] = children[..]
            && page.nodes[only].tag != Tag::Text
        {
            at = only;
            continue;
        }
        let text = |nodes: &[usize]| {
            let texts: Vec<String> = nodes.iter().map(|node| page.text_of(*node)).collect();
            clean(&texts.join(" "))
        };
        let whole = text(&children);
        if children.len() < 2 || children.len() == MOST_PIECES || is_core(&whole) {
            return None;
        }
        return [text(&children[1..]), text(&children[..children.len() - 1])]
            .into_iter()
            .find(|text| is_core(text))
            .map(|text| text.trim_matches(BETWEEN).to_owned());
    }
}

/// What divides a headline from a kicker.
const BETWEEN: &[char] = &[':', '|', '–', '—', '-', '•', '·', ' '];

/// Most pieces of a heading that is looked at.
const MOST_PIECES: usize = 8;
