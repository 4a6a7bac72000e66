//! The headline as printed on the page: without the site's name and without a kicker.

use crate::marks;
use crate::page::{Page, Tag};
use crate::structured::{Linked, Meta, clean};

/// The characters that divide a headline from the site's name.
const DIVIDERS: &[char] =
    &['|', '–', '—', '-', '·', '•', '»', '›', '«', '‹', ':', '/', '~', '⋆', '¦', '‖'];

/// What is known of the title.
#[derive(Clone, Debug, Default)]
pub(crate) struct Title {
    pub(crate) text: Option<String>,
    /// The heading on the page that is the title.
    pub(crate) node: Option<usize>,
}

/// Finds the headline.
pub(crate) fn find(
    page: &Page<'_>,
    container: usize,
    meta: &Meta,
    linked: &Linked,
    hint: Option<&str>,
) -> Title {
    let site_names: Vec<&str> = meta
        .first(&["og:site_name", "application-name"])
        .into_iter()
        .chain(linked.publisher.as_deref())
        .collect();
    let declared: Vec<String> = [
        meta.first(&["og:title"]).map(str::to_owned),
        linked.headline.clone(),
        meta.document_title.clone(),
        meta.first(&[
            "twitter:title",
            "dc.title",
            "dcterms.title",
            "title",
            "parsely-title",
            "sailthru.title",
        ])
        .map(str::to_owned),
        hint.map(clean),
    ]
    .into_iter()
    .flatten()
    .collect();

    // A heading on the page that agrees with what is declared is the headline as printed.
    let headings = headings(page, container);
    let mut best: Option<(f64, usize, String)> = None;
    for (node, level, text) in headings {
        let folded = fold(&text);
        if folded.is_empty() {
            continue;
        }
        let agreement =
            declared.iter().map(|title| agreement(&folded, &fold(title))).fold(0.0, f64::max);
        let mut score = agreement;
        if level == 1 {
            score += 0.35;
        }
        if page.nodes[node].marks & marks::TITLE != 0 {
            score += 0.1;
        }
        if page.nodes[node].is_furniture {
            score -= 0.5;
        }
        if site_names.iter().any(|name| fold(name) == folded) {
            score -= 1.0;
        }
        // Later headings need to be better, not as good.
        if agreement > 0.45 && best.as_ref().is_none_or(|(known, _, _)| score > *known + 0.01) {
            best = Some((score, node, text));
        }
    }
    if let Some((_, node, text)) = best {
        return Title { text: Some(text), node: Some(node) };
    }
    let text = declared
        .first()
        .map(|title| without_site(title, &site_names))
        .or_else(|| first_heading(page, container));
    Title { text, node: None }
}

fn first_heading(page: &Page<'_>, container: usize) -> Option<String> {
    headings(page, container)
        .into_iter()
        .filter(|(node, level, _)| *level <= 2 && !page.nodes[*node].is_furniture)
        .map(|(_, _, text)| text)
        .next()
}

/// Headings up to the end of the container.
fn headings(page: &Page<'_>, container: usize) -> Vec<(usize, u8, String)> {
    let mut found = Vec::new();
    let end = page.nodes[container].end as usize;
    let mut at = page.body;
    while at < end {
        let node = &page.nodes[at];
        if let Tag::Heading(level) = node.tag {
            let text = clean(&page.text_of(at));
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

/// How much two folded titles agree, 0 to 1: equal, one the beginning or the end of the other
/// (site names, kickers), or sharing words.
fn agreement(printed: &str, declared: &str) -> f64 {
    if printed == declared {
        return 1.0;
    }
    if printed.chars().count() >= 8 && declared.contains(printed) {
        let share = printed.chars().count() as f64 / declared.chars().count().max(1) as f64;
        return 0.55 + 0.4 * share;
    }
    let one: Vec<&str> = printed.split(' ').collect();
    let two: Vec<&str> = declared.split(' ').collect();
    let common = one.iter().filter(|word| two.contains(word)).count();
    common as f64 / one.len().max(two.len()).max(1) as f64
}

/// Letters and digits in lower case, words divided by one space.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_alphanumeric() {
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            folded.extend(c.to_lowercase());
        } else if !matches!(c, '\'' | '’' | '\u{ad}' | '\u{200b}') {
            gap = true;
        }
    }
    folded
}

/// Cuts the site's name off a declared title.
fn without_site(title: &str, site_names: &[&str]) -> String {
    let parts = divide(title);
    if parts.len() < 2 {
        return title.to_owned();
    }
    let is_site = |part: &str| {
        let folded = fold(part);
        site_names.iter().any(|name| {
            let name = fold(name);
            !name.is_empty()
                && (folded == name
                    || name.contains(&folded) && !folded.is_empty()
                    || folded.contains(&name))
        })
    };
    let (mut from, mut to) = (0, parts.len());
    while to - from > 1 && is_site(parts[to - 1].1) {
        to -= 1;
    }
    while to - from > 1 && is_site(parts[from].1) {
        from += 1;
    }
    if to == parts.len() && from == 0 {
        // No name known: a short last part behind a strong divider is the site's.
        let (divider, last) = parts[parts.len() - 1];
        let words = last.split_whitespace().count();
        let rest_words: usize =
            parts[..parts.len() - 1].iter().map(|(_, part)| part.split_whitespace().count()).sum();
        let strong = matches!(
            divider,
            '|' | '–' | '—' | '-' | '·' | '•' | '»' | '«' | '‹' | '›' | '⋆' | '~'
        );
        if strong && words <= 5 && rest_words >= 3 && rest_words > words {
            to -= 1;
        }
    }
    let start = parts[from].1.as_ptr() as usize - title.as_ptr() as usize;
    let last = parts[to - 1].1;
    let end = last.as_ptr() as usize - title.as_ptr() as usize + last.len();
    title[start..end].trim().to_owned()
}

/// The parts of a title and the divider before each.
fn divide(title: &str) -> Vec<(char, &str)> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut divider = ' ';
    let mut previous = ' ';
    for (at, c) in title.char_indices() {
        if DIVIDERS.contains(&c) {
            let next = title[at + c.len_utf8()..].chars().next().unwrap_or(' ');
            let free = previous.is_whitespace() && next.is_whitespace();
            if (free || matches!(c, '|' | '»' | '«')) && !title[start..at].trim().is_empty() {
                parts.push((divider, title[start..at].trim()));
                start = at + c.len_utf8();
                divider = c;
            }
        }
        previous = c;
    }
    if !title[start..].trim().is_empty() {
        parts.push((divider, title[start..].trim()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_site_is_cut_off() {
        for (title, site, expected) in [
            (
                "Bridge reopens after storm | The Daily Post",
                Some("The Daily Post"),
                "Bridge reopens after storm",
            ),
            ("Bridge reopens after storm - The Daily Post", None, "Bridge reopens after storm"),
            ("The Daily Post: Bridge reopens", Some("Daily"), "The Daily Post: Bridge reopens"),
            (
                "Daily Post – Bridge reopens after storm",
                Some("Daily Post"),
                "Bridge reopens after storm",
            ),
            ("Well-known bridge reopens", None, "Well-known bridge reopens"),
            (
                "Storm - what we know so far about the damage",
                None,
                "Storm - what we know so far about the damage",
            ),
        ] {
            let names: Vec<&str> = site.into_iter().collect();
            assert_eq!(without_site(title, &names), expected);
        }
    }
}
