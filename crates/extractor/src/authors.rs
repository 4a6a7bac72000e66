//! Authors as a list of people: found in what the page declares and prints, cleaned of everything
//! that is no name.

use crate::bylines::{BEHIND, BETWEEN, BY, INTRODUCTIONS, NOT_NAMES, PAGES_OF_PEOPLE, ROLE_WORDS};
use crate::marks;
use crate::page::{Page, Tag};
use crate::structured::{Linked, Meta, clean};
use crate::title::fold;

/// The authors, and whether the page's data or the feed name them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) names: Vec<String>,
    pub(crate) certain: bool,
}

/// Finds the authors.
pub(crate) fn find(
    page: &Page<'_>,
    container: usize,
    title: Option<usize>,
    meta: &Meta,
    linked: &Linked,
    hints: &[String],
) -> Found {
    // Pages that name the house as the author in their data often print the person.
    let houses: Vec<String> = meta
        .first(&["og:site_name", "application-name"])
        .into_iter()
        .chain(linked.publisher.as_deref())
        .map(fold)
        .collect();
    let is_house = |name: &String| {
        let folded = fold(name);
        houses.iter().any(|house| {
            *house == folded
                || house.contains(&folded) && folded.len() > 4
                || folded.contains(house.as_str()) && house.len() > 4
        })
    };
    let linked_people = people(&linked.authors);
    let (of_house, persons): (Vec<String>, Vec<String>) =
        linked_people.into_iter().partition(is_house);
    if !persons.is_empty() {
        return Found { names: persons, certain: true };
    }
    let mut declared: Vec<String> = Vec::new();
    for name in [
        "author",
        "article:author",
        "byl",
        "parsely-author",
        "sailthru.author",
        "dc.creator",
        "dcterms.creator",
        "dc.contributor",
        "citation_author",
        "article:author_name",
        "cxenseparse:author",
        "twitter:data1",
        "og:article:author",
        "creator",
    ] {
        if name == "twitter:data1"
            && !meta.first(&["twitter:label1"]).is_some_and(|label| {
                let label = label.to_lowercase();
                [
                    "written by",
                    "verfasst von",
                    "geschrieben von",
                    "écrit par",
                    "escrito por",
                    "author",
                    "by",
                ]
                .contains(&label.as_str())
            })
        {
            continue;
        }
        declared = meta.all(name).map(str::to_owned).collect();
        declared = self::people(&declared);
        if !declared.is_empty() {
            break;
        }
    }
    let (declared_house, declared): (Vec<String>, Vec<String>) =
        declared.into_iter().partition(is_house);
    if !declared.is_empty() {
        return Found { names: declared, certain: true };
    }
    let (printed_house, printed): (Vec<String>, Vec<String>) =
        self::people(&printed(page, container, title)).into_iter().partition(is_house);
    let hinted = self::people(hints);
    // Where page and feed name the same people the page's spelling stands.
    let certain = !hinted.is_empty()
        && (printed.is_empty() || printed.iter().any(|name| hinted.contains(name)));
    let names = [printed, hinted, of_house, declared_house, printed_house]
        .into_iter()
        .find(|names| !names.is_empty())
        .unwrap_or_default();
    Found { names, certain }
}

/// So far from the headline, in nodes, bylines stand.
const REACH: usize = 160;

/// Bylines on the page, from the surest sign to the weakest.
fn printed(page: &Page<'_>, container: usize, title: Option<usize>) -> Vec<String> {
    let end = page.nodes[page.body].end as usize;
    let near = title.unwrap_or(container);
    let mut by_property: Vec<(usize, String)> = Vec::new();
    let mut by_relation: Vec<(usize, String)> = Vec::new();
    let mut by_name: Vec<(usize, String)> = Vec::new();
    let mut at = page.body;
    while at < end {
        let node = &page.nodes[at];
        if node.tag == Tag::Text || node.chars == 0 && node.own_chars == 0 {
            at += 1;
            continue;
        }
        if node.is_furniture
            && node.marks & (marks::COMMENTS | marks::RELATED | marks::SIDE | marks::TEASER) != 0
        {
            at = node.end as usize;
            continue;
        }
        let size = node.chars.max(node.own_chars);
        if size <= 150 {
            let is_author_property = node
                .attr("itemprop")
                .is_some_and(|prop| prop.split_ascii_whitespace().any(|word| word == "author"));
            if is_author_property {
                by_property.push((at, page.text_of(at)));
                at = node.end as usize;
                continue;
            }
            if node.tag == Tag::Anchor
                && (node
                    .attr("rel")
                    .is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word == "author"))
                    || at.abs_diff(near) <= REACH
                        && node.attr("href").is_some_and(|href| {
                            PAGES_OF_PEOPLE.iter().any(|part| href.contains(part))
                        })
                    || node
                        .attr("href")
                        .is_some_and(|href| href.contains("/author/") || href.contains("/autor/")))
            {
                by_relation.push((at, page.text_of(at)));
            } else if node.marks & marks::BYLINE_NAME != 0 {
                by_name.push((at, page.text_of(at)));
            }
        }
        at += 1;
    }
    for list in [by_property, by_relation, by_name, spoken(page, near)] {
        let mut list: Vec<(usize, String)> = list
            .into_iter()
            .filter(|(_, text)| !people(std::slice::from_ref(text)).is_empty())
            .collect();
        // The one nearest to the headline counts; more of them only side by side.
        list.sort_by_key(|(at, _)| (at.abs_diff(near), *at));
        if let Some((first, text)) = list.first().cloned() {
            let parent = page.nodes[first].parent;
            let mut texts = vec![text];
            for (at, text) in list.iter().skip(1) {
                if page.nodes[*at].parent == parent {
                    texts.push(text.clone());
                }
            }
            return texts;
        }
    }
    Vec::new()
}

/// Lines that begin with "By" near the headline.
fn spoken(page: &Page<'_>, near: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let end = (near + REACH).min(page.nodes[page.body].end as usize);
    let mut at = near;
    while at < end {
        let node = &page.nodes[at];
        let size = node.chars.max(node.own_chars);
        // A line of its own, or a piece of a long block before a break.
        let is_line = !node.tag.is_inline() || node.tag == Tag::Inline;
        if is_line && (4..=90).contains(&size) && node.own_chars > 0 {
            let text = page.text_of(at);
            let lower = text.to_lowercase();
            let introduced = INTRODUCTIONS.iter().any(|word| lower.starts_with(word));
            if introduced && !text.ends_with(['.', '!', '?', ':']) {
                found.push((at, text));
            } else if let Some(name) = behind_a_day(&text) {
                found.push((at, name.to_owned()));
            }
            at = node.end as usize;
            continue;
        }
        at += 1;
    }
    found
}

/// Most people of an article; whoever names more names everybody he knows.
const MOST_PEOPLE: usize = 12;

/// Who is named in a line such as "Posted on September 21, 2020 by Jane Doe".
fn behind_a_day(text: &str) -> Option<&str> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if !(5..=14).contains(&digits) || text.ends_with(['.', '!', '?', ':']) {
        return None;
    }
    let (before, name) = BETWEEN.iter().find_map(|word| text.split_once(word))?;
    let is_day = before.bytes().filter(u8::is_ascii_digit).count() >= 5;
    let is_name = name.split_whitespace().count() <= 6 && name.starts_with(char::is_uppercase);
    (is_day && is_name).then_some(name)
}

/// The people in a list of author texts, at most [`MOST_PEOPLE`].
pub(crate) fn people(texts: &[String]) -> Vec<String> {
    let mut people: Vec<String> = Vec::new();
    for text in texts {
        if text.contains("://") || text.starts_with('/') || text.contains("www.") {
            continue;
        }
        for part in split(&clean(text)) {
            if let Some(name) = name(&part)
                && !people.iter().any(|known| known.to_lowercase() == name.to_lowercase())
            {
                people.push(name);
                if people.len() == MOST_PEOPLE {
                    return people;
                }
            }
        }
    }
    people
}

/// Splits "By Jane Doe and John Roe" into its names.
fn split(text: &str) -> Vec<String> {
    let text = text.trim().trim_start_matches(['|', '–', '-', '•', '·', '©', ' ']);
    let mut rest = text;
    // What introduces the names goes first, so that "von" inside a name stays.
    loop {
        let lower = rest.to_lowercase();
        let Some(word) = BY
            .iter()
            .filter(|word| {
                lower.len() >= word.len()
                    && lower.starts_with(**word)
                    && rest.is_char_boundary(word.len())
                    && rest[word.len()..].starts_with([' ', ':', '：', '\u{a0}', '\n'])
            })
            .max_by_key(|word| word.len())
        else {
            break;
        };
        rest = rest[word.len()..].trim_start_matches([':', '：', ' ', '\u{a0}', '\n']);
    }
    let mut parts = vec![rest.to_owned()];
    for divider in [
        " and ", " und ", " et ", " y ", " e ", " & ", " og ", " och ", " en ", ";", " / ", "/",
        " | ", "|", "•", "·", " – ", " — ", " - ", "\n", "，", "、",
    ] {
        parts = parts
            .iter()
            .flat_map(|part| part.split(divider).map(str::to_owned).collect::<Vec<_>>())
            .collect();
    }
    let parts: Vec<String> = parts
        .iter()
        .flat_map(|part| {
            let pieces: Vec<&str> = part.split(',').map(str::trim).collect();
            // "Doe, Jane" is one name.
            if pieces.len() == 2
                && pieces.iter().all(|piece| !piece.is_empty() && !piece.contains(' '))
            {
                vec![format!("{} {}", pieces[1], pieces[0])]
            } else {
                pieces.into_iter().map(str::to_owned).collect()
            }
        })
        .collect();
    parts
}

/// A part cleaned, if it can be a name.
fn name(part: &str) -> Option<String> {
    let mut name = part.trim();
    // "Jane Doe (Reuters)", "Jane Doe @jane"
    if let Some(at) = name.find(['(', '[', '<', '@']) {
        name = name[..at].trim();
    }
    // "Jane Doe am Samstag", "Jane Doe Illustration von …"
    for end in BEHIND {
        if let Some(at) = name.to_lowercase().find(end)
            && name.is_char_boundary(at)
            && (*end != " am " && *end != " on " || name[at..].starts_with(end))
        {
            name = name[..at].trim();
        }
    }
    // 김민수 기자, 山田太郎記者: "reporter" behind the name.
    for role in ["기자", "특파원", "記者", "记者"] {
        name = name.strip_suffix(role).unwrap_or(name).trim();
    }
    let name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != '.');
    let name = name.trim_start_matches(['.', ')']);
    if name.is_empty() || name.contains("http") || name.contains("www.") || name.contains("//") {
        return None;
    }
    let chars = name.chars().count();
    let words: Vec<&str> = name.split_whitespace().collect();
    let wide = name.chars().any(|c| c >= '\u{3000}');
    if !(2..=60).contains(&chars) || words.len() > 6 {
        return None;
    }
    let lower = name.to_lowercase();
    if NOT_NAMES.contains(&lower.as_str())
        || words
            .iter()
            .any(|word| ROLE_WORDS.contains(&word.to_lowercase().trim_matches(['.', ':', ','])))
    {
        return None;
    }
    // Dates, times, counts.
    let digits = name.chars().filter(char::is_ascii_digit).count();
    if digits > 2 || digits * 3 > chars || (digits > 0 && words.len() > 1) {
        return None;
    }
    // A sentence is no name: several words of which hardly any is capitalised.
    let capital = words
        .iter()
        .filter(|word| word.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_lowercase()))
        .count();
    if !wide && words.len() > 3 && capital * 2 < words.len() {
        return None;
    }
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_behind_the_day_is_read() {
        for (text, expected) in [
            ("Posted on September 21, 2020 by Jane Doe", Some("Jane Doe")),
            ("06.11.2023 13:30 von Jane Doe", Some("Jane Doe")),
            ("A book of 1984 by Orwell is on show until 2025", None),
            ("Updated September 21, 2020", None),
        ] {
            assert_eq!(behind_a_day(text), expected, "{text}");
        }
    }

    #[test]
    fn a_byline_becomes_a_list_of_people() {
        for (text, expected) in [
            ("By Jane Doe", vec!["Jane Doe"]),
            ("By Jane Doe and John Roe", vec!["Jane Doe", "John Roe"]),
            ("Von Max von der Heide", vec!["Max von der Heide"]),
            ("Jane Doe, John Roe & Ann Poe", vec!["Jane Doe", "John Roe", "Ann Poe"]),
            ("Doe, Jane", vec!["Jane Doe"]),
            ("Jane Doe, Senior Reporter", vec!["Jane Doe"]),
            ("Jane Doe (Reuters)", vec!["Jane Doe"]),
            ("Jane Doe, PhD", vec!["Jane Doe"]),
            ("Jane Doe (with John Roe and Ann Poe)", vec!["Jane Doe", "Ann Poe"]),
            ("Jane Doe am Samstag", vec!["Jane Doe"]),
            ("Jane Doe Illustration von John Roe", vec!["Jane Doe"]),
            ("Alle Artikel von Jane Doe", vec!["Jane Doe"]),
            ("Interview: Jane Doe", vec!["Jane Doe"]),
            ("Sign in", vec![]),
            ("admin", vec![]),
            ("jane@example.org", vec!["jane"]),
            ("https://example.org/author/jane", vec![]),
            ("December 2, 2025", vec![]),
            ("山田太郎", vec!["山田太郎"]),
            ("作者：王小明", vec!["王小明"]),
            ("김민수 기자", vec!["김민수"]),
            ("מאת דנה לוי", vec!["דנה לוי"]),
            ("Szerző: Kovács Péter", vec!["Kovács Péter"]),
            ("Oleh Budi Santoso · 2 Desember 2025", vec!["Budi Santoso"]),
        ] {
            assert_eq!(people(&[text.to_owned()]), expected, "{text}");
        }
    }
}
