//! The headline as printed on the page: without the site's name and without a kicker.

use crate::count_words;
use crate::headings::{cores, declared_part, headings};
use crate::linked::Linked;
use crate::marks;
use crate::page::{Page, Tag};
use crate::scripts::is_unspaced;
use crate::structured::{Meta, clean};
use crate::title_parts::{without_debris, without_section, without_site, without_site_at_end};

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

    let host = page.host_label();
    let cores = cores(&declared, &site_names, host);
    let headings = headings(page, container, &cores);
    let told: Vec<String> = [meta.first(&["og:title"]), linked.headline.as_deref(), hint]
        .into_iter()
        .flatten()
        .map(fold)
        .collect();
    let found = agreed(page, &headings, &declared, &told, &site_names)
        .or_else(|| lone(page, container, &headings, &site_names, host));
    if let Some((node, printed)) = found {
        let text = declared_part(page, node, &cores).unwrap_or_else(|| {
            let text = without_debris(&printed, &declared, &site_names);
            let text = without_site_at_end(text, &site_names, host);
            without_section(text, &declared, &sections(page, meta, linked)).to_owned()
        });
        return Title { text: Some(text), printed: Some(printed), node: Some(node) };
    }
    let text = declared
        .first()
        .map(|title| without_site_at_end(&without_site(title, &site_names), &[], host).to_owned());
    let is_site = |text: &str| is_site(text, &site_names, host);
    let printed = printed_elsewhere(page, container, &declared, &is_site)
        .map(|title| without_site(&title, &site_names));
    let text = printed.or(text).or_else(|| first_heading(&headings, page));
    Title { text, printed: None, node: None }
}

/// Names of the article's section, folded: as declared, and those in its address.
fn sections(page: &Page<'_>, meta: &Meta, linked: &Linked) -> Vec<String> {
    let declared = meta.first(&["article:section", "og:article:section"]);
    let address = page.url().unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
    declared
        .into_iter()
        .chain(linked.section.as_deref())
        .chain(address.split('/').skip(3))
        .map(fold)
        .filter(|section| !section.is_empty())
        .collect()
}

/// Whether a text is the site's name, by the names that are known or by the host's.
fn is_site(text: &str, site_names: &[&str], host: Option<&str>) -> bool {
    let folded = fold(text);
    site_names.iter().any(|name| fold(name) == folded)
        || host.is_some_and(|host| folded.replace(' ', "").contains(host))
}

/// The heading on the page that agrees best with what is declared: the headline as printed.
fn agreed(
    page: &Page<'_>,
    headings: &[(usize, u8, String)],
    declared: &[String],
    told: &[String],
    site_names: &[&str],
) -> Option<(usize, String)> {
    let declared: Vec<String> = declared.iter().map(|title| fold(title)).collect();
    // What nobody sees comes after what agrees well.
    let mut best: Option<(f64, usize, &String)> = None;
    let mut hidden: Option<(f64, usize, &String)> = None;
    let mut seen_agreement = 0.0_f64;
    for (node, level, text) in headings {
        let folded = fold(text);
        let is_name = site_names.iter().any(|name| fold(name) == folded);
        // What is declared of the article itself is no name of the site, wherever it leads.
        let is_told = || !is_name && told.contains(&folded);
        if folded.is_empty() || leads_home(page, *node) && !is_told() {
            continue;
        }
        let agreement = declared.iter().map(|title| agreement(&folded, title)).fold(0.0, f64::max);
        let mut score = agreement;
        if *level == 1 {
            score += 0.35;
        }
        if page.nodes[*node].marks & marks::TITLE != 0 {
            score += 0.1;
        }
        if page.nodes[*node].is_furniture {
            score -= 0.5;
        }
        if is_name {
            score -= 1.0;
        }
        if page.nodes[*node].attr("class").is_some_and(names_a_logo) {
            score -= 0.5;
        }
        let is_hidden = page.nodes[*node].marks & marks::HIDDEN != 0;
        let best = if is_hidden { &mut hidden } else { &mut best };
        // Later headings need to be better, not as good.
        if agreement > 0.45 && best.as_ref().is_none_or(|(known, _, _)| score > *known + 0.01) {
            *best = Some((score, *node, text));
            seen_agreement = if is_hidden { seen_agreement } else { agreement };
        }
    }
    let best = if seen_agreement < AGREES_WELL { hidden.or(best) } else { best };
    best.map(|(_, node, text)| (node, text.clone()))
}

/// So much a heading agrees with what is declared where nothing else says it.
const AGREES_WELL: f64 = 0.7;

/// Whether a name of a class says that an element holds the site's name.
fn names_a_logo(class: &str) -> bool {
    class
        .split(|c: char| !c.is_ascii_alphabetic())
        .any(|word| ["logo", "logotype", "brand", "branding"].contains(&word))
}

/// Whether a heading is a link to the first page of the site: its name.
fn leads_home(page: &Page<'_>, heading: usize) -> bool {
    let inside = heading + 1..page.nodes[heading].end as usize;
    let above = page.ancestors(heading).take(2);
    inside.take(MOST_IN_A_NAME).chain(above).any(|at| {
        let node = &page.nodes[at];
        node.tag == Tag::Anchor
            && node.chars == page.nodes[heading].chars
            && node.attr("href").is_some_and(|href| page.is_home(href))
    })
}

/// Most nodes of a heading that holds the site's name.
const MOST_IN_A_NAME: usize = 8;

/// The only heading of the first level: where it stands before the text it is the headline, though
/// what is declared for search engines says it in other words.
fn lone(
    page: &Page<'_>,
    container: usize,
    headings: &[(usize, u8, String)],
    site_names: &[&str],
    host: Option<&str>,
) -> Option<(usize, String)> {
    let mut first =
        headings.iter().filter(|(node, level, _)| *level == 1 && !page.nodes[*node].is_furniture);
    let (node, _, text) = first.next().filter(|_| first.next().is_none())?;
    let is_linked = page.nodes[*node].link_chars * 2 > page.nodes[*node].chars;
    let prose_before: u32 =
        page.nodes[container..(*node).max(container)].iter().map(|node| node.own_prose).sum();
    let is_headline = count_words(text) >= LONE_WORDS && prose_before == 0;
    let is_hidden = page.nodes[*node].marks & marks::HIDDEN != 0;
    (is_headline && !is_site(text, site_names, host) && !is_linked && !is_hidden)
        .then(|| (*node, text.clone()))
}

/// What is printed before the text and is the longest beginning or end of a declared title, though
/// no element says that it is a heading.
fn printed_elsewhere(
    page: &Page<'_>,
    container: usize,
    declared: &[String],
    is_site: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let declared: Vec<String> = declared.iter().map(|title| fold(title)).collect();
    let mut best: Option<String> = None;
    let mut prose = 0;
    let mut at = page.body;
    while at < page.nodes[container].end as usize && prose < PROSE_BEFORE {
        let node = &page.nodes[at];
        prose += if at > container { node.own_prose } else { 0 };
        if node.own_chars == 0 || node.own_chars > 600 || node.tag == Tag::Text {
            at += 1;
            continue;
        }
        let text = clean(&page.line_of(at));
        let folded = fold(&text);
        let is_part = |title: &String| {
            title.strip_prefix(&folded).is_some_and(|rest| rest.is_empty() || divides(title, rest))
                || title.strip_suffix(&folded).is_some_and(|rest| rest.ends_with(' '))
        };
        if count_words(&text) >= LONE_WORDS
            && declared.iter().any(is_part)
            && (declared.contains(&folded) || !is_site(&text))
            && best.as_ref().is_none_or(|known| text.len() > known.len())
        {
            best = Some(text);
        }
        at += 1;
    }
    best
}

/// Whether a word ends where the rest begins.
fn divides(title: &str, rest: &str) -> bool {
    rest.starts_with(' ') || title.chars().any(is_unspaced)
}

/// So much running text may stand before a headline that no element names: a lead.
const PROSE_BEFORE: u32 = 400;
/// Fewest words of a headline that nothing confirms.
pub(crate) const LONE_WORDS: u32 = 3;

fn first_heading(headings: &[(usize, u8, String)], page: &Page<'_>) -> Option<String> {
    headings
        .iter()
        .find(|(node, level, _)| *level <= 2 && !page.nodes[*node].is_furniture)
        .map(|(_, _, text)| text.clone())
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
    if printed.chars().filter(|c| is_unspaced(*c)).count() * 2 > printed.chars().count() {
        return agreement_of_letters(printed, declared);
    }
    let one: Vec<&str> = printed.split(' ').collect();
    let two: Vec<&str> = declared.split(' ').collect();
    let common = one.iter().filter(|word| two.contains(word)).count();
    common as f64 / one.len().max(two.len()).max(1) as f64
}

/// The same by pairs of letters, where no space divides words.
fn agreement_of_letters(printed: &str, declared: &str) -> f64 {
    let pairs = |text: &str| -> Vec<(char, char)> {
        let letters: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
    };
    let (one, two) = (pairs(printed), pairs(declared));
    let common = one.iter().filter(|pair| two.contains(pair)).count();
    common as f64 / one.len().max(two.len()).max(1) as f64
}

/// Whether a text has a phrase in it, as whole words divided by blanks.
pub(crate) fn has_words(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let behind = &text[at + phrase.len()..];
        (at == 0 || text[..at].ends_with(' ')) && (behind.is_empty() || behind.starts_with(' '))
    })
}

/// Letters and digits in lower case, words divided by one space.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() {
                if gap && !folded.is_empty() {
                    folded.push(' ');
                }
                gap = false;
                folded.push(c.to_ascii_lowercase());
            } else {
                gap |= c != '\'';
            }
            continue;
        }
        // Arabic vowel signs and the stretched line are written or left out as one likes.
        if matches!(c, '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}') {
            continue;
        }
        if c.is_alphanumeric() {
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            // The dot of a Turkish İ stays behind it.
            folded.extend(c.to_lowercase().filter(|c| *c != '\u{307}'));
        } else if !matches!(c, '’' | '\u{ad}' | '\u{200b}') {
            gap = true;
        }
    }
    folded
}
