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
    /// The same with all that stands in its heading: a kicker, a date, the site's name.
    pub(crate) printed: Option<String>,
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
    let host = page.host_label();
    if let Some((_, node, printed)) = best {
        let text = without_debris(&printed, &declared, &site_names);
        let text = without_section(without_site_at_end(text, &site_names, host)).to_owned();
        return Title { text: Some(text), printed: Some(printed), node: Some(node) };
    }
    let text = declared
        .first()
        .map(|title| without_site_at_end(&without_site(title, &site_names), &[], host).to_owned())
        .or_else(|| first_heading(page, container));
    Title { text, printed: None, node: None }
}

/// Fewest words of a headline that something may be cut off from.
const HEADLINE_WORDS: usize = 3;
/// Most words of a kicker or of a site's name.
const KICKER_WORDS: usize = 3;

/// A heading without what stands in it beside the headline that is declared: a kicker or a date
/// before it, a number, a date or a source in brackets behind it.
fn without_debris<'p>(printed: &'p str, declared: &[String], site_names: &[&str]) -> &'p str {
    let words = |text: &str| text.split_whitespace().count();
    for title in declared {
        let core = without_site(title, site_names);
        if words(&core) <= HEADLINE_WORDS || core.len() >= printed.len() {
            continue;
        }
        let Some(start) = printed.find(core.as_str()) else {
            continue;
        };
        let (before, after) = (&printed[..start], &printed[start + core.len()..]);
        // "the best" begins a headline too where only "best" is declared.
        let is_kicker = before.is_empty() || words(before) <= KICKER_WORDS && ends_word(before);
        let is_note = after.is_empty()
            || words(after) <= KICKER_WORDS
                && after.starts_with(' ')
                && after.contains(|c: char| c.is_ascii_digit() || c == '(');
        if is_kicker && is_note {
            return &printed[start..start + core.len()];
        }
    }
    printed
}

/// Whether a kicker ends where the headline may begin.
fn ends_word(before: &str) -> bool {
    before.ends_with(|c: char| c.is_whitespace() || c == ':')
}

/// A title without the site's name behind it, by the names that are known and by the host's.
fn without_site_at_end<'t>(title: &'t str, names: &[&str], host: Option<&str>) -> &'t str {
    let parts = divide(title);
    let Some((_, last)) = parts.last().filter(|_| parts.len() > 1) else {
        return title;
    };
    let folded = fold(last);
    let named = names.iter().any(|name| fold(name) == folded);
    let hosted = host
        .is_some_and(|host| host.chars().count() >= 4 && folded.replace(' ', "").contains(host))
        && last.split_whitespace().count() <= KICKER_WORDS;
    if !named && !hosted {
        return title;
    }
    let (_, before) = parts[parts.len() - 2];
    let end = before.as_ptr() as usize - title.as_ptr() as usize + before.len();
    &title[..end]
}

/// A headline up to its first upright bar: behind it stand sections and names of sites.
fn without_section(title: &str) -> &str {
    match title.split_once(" | ") {
        Some((headline, _)) if headline.split_whitespace().count() >= HEADLINE_WORDS => {
            headline.trim_end()
        }
        _ => title,
    }
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
        // Arabic vowel signs and the stretched line are written or left out as one likes.
        if matches!(c, '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}') {
            continue;
        }
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
    fn a_heading_is_cut_down_to_the_headline() {
        let declared = ["Bridge reopens after the storm | The Post".to_owned()];
        for (printed, expected) in [
            ("Dec 18 2025 Bridge reopens after the storm", "Bridge reopens after the storm"),
            ("Blog: Bridge reopens after the storm", "Bridge reopens after the storm"),
            ("Bridge reopens after the storm (post.example) 87", "Bridge reopens after the storm"),
            (
                "Bridge reopens after the storm that nobody saw",
                "Bridge reopens after the storm that nobody saw",
            ),
        ] {
            assert_eq!(without_debris(printed, &declared, &["The Post"]), expected);
        }
        assert_eq!(without_section("Bridge reopens today | Opinion"), "Bridge reopens today");
        assert_eq!(without_section("Live | Bridge reopens today"), "Live | Bridge reopens today");
        for (title, expected) in [
            ("Game changer | Newegg.com", "Game changer"),
            ("Newegg - how it began", "Newegg - how it began"),
        ] {
            assert_eq!(without_site_at_end(title, &[], Some("newegg")), expected);
        }
    }

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
