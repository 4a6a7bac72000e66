//! Authors as a list of people: found in what the page declares and prints. What a text says of
//! people is read by [`crate::people`].

use crate::beside_dates::beside_a_day;
use crate::byline_lines::spoken;
use crate::bylines::{BY, CLASS_WORDS, PAGES_OF_PEOPLE};
use crate::introductions::{introduced, is_for_want};
use crate::linked::Linked;
use crate::marks;
use crate::page::{Page, Tag, push_collapsed};
pub(crate) use crate::people::people;
use crate::people::{Named, Source, is_login, is_plain_name, read};
use crate::structured::Meta;
use crate::title::fold;

/// The authors, and whether the page's data or the feed name them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) names: Vec<String>,
    pub(crate) certain: bool,
}

/// Names of meta elements with authors, the surest first.
const DECLARED: &[&str] = &[
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
    "twitter:data2",
    "og:article:author",
    "creator",
];

/// Finds the authors.
pub(crate) fn find(
    page: &Page<'_>,
    container: usize,
    title: Option<usize>,
    meta: &Meta,
    linked: &Linked,
    hints: &[String],
) -> Found {
    let language = meta.language.as_deref().unwrap_or_default().to_lowercase();
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
    // Those named, and the house among them.
    let read = |texts: &[String], source| {
        // "Wood & Water" is one house, not two people.
        let (mut house, texts): (Vec<String>, Vec<String>) =
            texts.iter().cloned().partition(|text| houses.contains(&fold(text)));
        let mut named = read(&texts, source, &language);
        house.retain(|text| !people(std::slice::from_ref(text)).is_empty());
        let (more, persons) = named.persons.into_iter().partition(is_house);
        add_new(&mut house, more);
        let (more, others) = named.others.into_iter().partition(is_house);
        named.persons = persons;
        named.others = others;
        add_new(&mut house, more);
        (named, house)
    };
    let (mut in_data, house_in_data) = read(&linked.authors, Source::Data);
    let organisations = people(&linked.organisations);
    let (declared_so, persons): (Vec<String>, Vec<String>) =
        in_data.persons.into_iter().partition(|name| organisations.contains(name));
    // The whole page is read for bylines only where the data leave something open.
    let printed_near = || {
        let (texts, is_near) = printed(page, container, title, &language);
        (read(&texts, Source::Field), is_near)
    };
    let in_full = |names: Vec<String>| {
        if names.len() == 1 && is_given_name(&names[0]) {
            let ((printed, _), is_near) = printed_near();
            let full = |name: &&String| is_plain_name(name) && begins_with(name, &names[0]);
            if let Some(full) = printed.persons.iter().find(full).filter(|_| is_near) {
                return vec![full.clone()];
            }
        }
        names
    };
    if !persons.is_empty() {
        return Found { names: in_full(persons), certain: true };
    }
    add_new(&mut in_data.others, declared_so);
    let mut declared = Named::default();
    let mut house_declared = Vec::new();
    for name in DECLARED {
        let label = match *name {
            "twitter:data1" => Some("twitter:label1"),
            "twitter:data2" => Some("twitter:label2"),
            _ => None,
        };
        if label.is_some_and(|label| !is_label_of_author(meta, label)) {
            continue;
        }
        let texts: Vec<String> = meta.all(name).map(str::to_owned).collect();
        let (found, house) = read(&texts, Source::Field);
        if !found.persons.is_empty() {
            return Found { names: in_full(found.persons), certain: true };
        }
        if declared.others.is_empty() && house_declared.is_empty() {
            declared.others = found.others;
            house_declared = house;
        }
    }
    let ((mut printed, house_printed), is_near) = printed_near();
    let (hinted, house_hinted) = read(hints, Source::Field);
    // Over an agency in the data counts who is named in full beside the headline.
    let is_sure = is_near && printed.persons.iter().any(|name| is_plain_name(name));
    let is_contested = !in_data.others.is_empty() || !declared.others.is_empty();
    if is_contested && !is_sure {
        printed.persons.clear();
    }
    // Where page and feed name the same people the page's spelling stands.
    let certain = !hinted.persons.is_empty()
        && (printed.persons.is_empty()
            || printed.persons.iter().any(|name| hinted.persons.contains(name)));
    let names = [
        printed.persons,
        hinted.persons,
        in_data.others,
        declared.others,
        printed.others,
        hinted.others,
        house_hinted,
        house_in_data,
        house_declared,
        house_printed,
    ]
    .into_iter()
    .find(|names| !names.is_empty())
    .unwrap_or_default();
    Found { names, certain }
}

fn add_new(names: &mut Vec<String>, more: Vec<String>) {
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

/// One word of a person's name: `Jane`.
fn is_given_name(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && name.chars().all(|c| c.is_alphabetic() || c == '-')
}

fn begins_with(name: &str, given: &str) -> bool {
    name.split_once(' ').is_some_and(|(first, _)| first == given)
}

fn is_label_of_author(meta: &Meta, label: &str) -> bool {
    meta.first(&[label]).is_some_and(|label| {
        let label = label.to_lowercase();
        BY.contains(&label.as_str()) || ["écrit par", "author"].contains(&label.as_str())
    })
}

/// So far from the headline, in nodes, bylines stand.
pub(crate) const REACH: usize = 160;

/// Bylines on the page, from the surest sign to the weakest, and whether they stand near the
/// headline.
fn printed(
    page: &Page<'_>,
    container: usize,
    title: Option<usize>,
    language: &str,
) -> (Vec<String>, bool) {
    let end = page.nodes[page.body].end as usize;
    let near = title.unwrap_or(container);
    let mut found: Vec<(Sign, usize)> = Vec::new();
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
                found.push((Sign::Property, at));
                at = node.end as usize;
                continue;
            }
            if is_link_of_author(page, at, near) {
                found.push((Sign::Relation, at));
            } else if node.marks & marks::BYLINE_NAME != 0 {
                found.push((Sign::Name, at));
            } else if at.abs_diff(near) <= REACH && node.attr("class").is_some_and(names_an_author)
            {
                found.push((Sign::Class, at));
            }
        }
        if size <= MOST_OF_BOX && at > container && node.marks & marks::ABOUT_AUTHOR != 0 {
            found.push((Sign::Box, at));
        }
        at += 1;
    }
    let mut lines = spoken(page, near, language);
    let mut day = title.and_then(|title| beside_a_day(page, title, language));
    found.extend(day.iter().map(|(at, _)| (Sign::Day, *at)));
    found.extend(lines.keys().map(|at| (Sign::Line, *at)));
    // The one nearest to the headline counts; more of them only side by side.
    found.sort_by_key(|(sign, at)| (*sign, at.abs_diff(near), *at));
    let mut first: Option<(Sign, usize)> = None;
    let mut texts: Vec<String> = Vec::new();
    let mut for_want: Option<(Sign, usize, String)> = None;
    let mut tried = 0;
    for (sign, at) in found {
        let is_beside =
            first.is_none_or(|(known, first)| known == sign && are_side_by_side(page, first, at));
        if !is_beside {
            continue;
        }
        let text = match sign {
            Sign::Property => property_of(page, at),
            Sign::Relation | Sign::Class => text_of(page, at),
            Sign::Name => name_of(page, at),
            Sign::Line => lines.remove(&at).unwrap_or_default(),
            Sign::Day => day.take().map(|(_, name)| name).unwrap_or_default(),
            Sign::Box => head_of_box(page, at).unwrap_or_default(),
        };
        if !read(std::slice::from_ref(&text), Source::Field, language).is_empty() {
            if is_for_want(&text) {
                for_want.get_or_insert((sign, at, text));
            } else {
                first.get_or_insert((sign, at));
                texts.push(text);
            }
        }
        tried += 1;
        if tried == MOST_TRIED {
            break;
        }
    }
    if let Some((sign, at, text)) = for_want.filter(|_| texts.is_empty()) {
        first = Some((sign, at));
        texts.push(text);
    }
    let is_near = first.is_some_and(|(_, at)| {
        at.abs_diff(near) <= REACH || (container..page.nodes[container].end as usize).contains(&at)
    });
    (texts, is_near)
}

/// What says that an element holds authors, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Property,
    Relation,
    Name,
    Class,
    Line,
    Box,
    Day,
}

/// So many elements are read in search of authors: a bound for hostile pages.
const MOST_TRIED: usize = 500;
/// Most characters of a box about an author.
const MOST_OF_BOX: u32 = 1500;
/// Most characters of an element that holds one of several authors.
pub(crate) const MOST_OF_CARD: u32 = 90;

pub(crate) fn is_link_of_author(page: &Page<'_>, at: usize, near: usize) -> bool {
    let node = &page.nodes[at];
    node.tag == Tag::Anchor
        && (node
            .attr("rel")
            .is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word == "author"))
            || node.attr("href").is_some_and(|href| {
                href.contains("/author/")
                    || href.contains("/autor/")
                    || at.abs_diff(near) <= REACH
                        && PAGES_OF_PEOPLE.iter().any(|part| href.contains(part))
            }))
}

/// Whether a name of a class has a word for authors that [`marks`] does not know.
fn names_an_author(class: &str) -> bool {
    class.len() <= 120
        && class
            .split(|c: char| !c.is_ascii_alphabetic())
            .any(|word| word.len() > 4 && CLASS_WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

/// Same parent, or small parents of the same kind in one list.
fn are_side_by_side(page: &Page<'_>, one: usize, two: usize) -> bool {
    let parent = |of: usize| page.nodes[of].parent as usize;
    let (mut one, mut two) = (one, two);
    for _ in 0..3 {
        let (above, beside) = (parent(one), parent(two));
        if above == beside {
            return true;
        }
        let (card, other) = (&page.nodes[above], &page.nodes[beside]);
        let is_card = |card: &crate::page::Node<'_>| {
            card.headings == 0 && card.chars.max(card.own_chars) <= MOST_OF_CARD
        };
        if card.tag != other.tag
            || card.attr("class") != other.attr("class")
            || !is_card(card)
            || !is_card(other)
        {
            return false;
        }
        (one, two) = (above, beside);
    }
    false
}

/// The text of a byline: borders of elements divide where no blank does; times and links to mail
/// are left out.
pub(crate) fn text_of(page: &Page<'_>, of: usize) -> String {
    let mut text = String::new();
    let end = page.nodes[of].end as usize;
    let mut at = of;
    let mut depth_end = 0_usize;
    while at < end {
        let node = &page.nodes[at];
        let is_mail = node.tag == Tag::Anchor
            && node.attr("href").is_some_and(|href| href.starts_with("mailto:"));
        if at > of && (node.tag == Tag::Time || is_mail && text.len() > 2) {
            at = node.end as usize;
            text.push('\n');
            continue;
        }
        if node.tag == Tag::Text {
            // Glued to the text of the element before.
            let glued = at >= depth_end
                && text.ends_with(|c: char| c.is_alphanumeric())
                && node.text.starts_with(|c: char| c.is_alphanumeric());
            if glued {
                text.push('\n');
            }
            push_collapsed(&mut text, node.text);
            depth_end = at + 1;
        } else if at > of && (!node.tag.is_inline() || node.tag == Tag::Break) {
            text.push('\n');
        }
        at += 1;
    }
    joined(&text)
}

/// The lines of a byline that name people with bars between them, or else all of it as one line.
fn joined(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n').map(str::trim).filter(|line| !line.is_empty()) {
        match lines.last_mut() {
            // What introduces a name stays with it.
            Some(last) if introduced(&format!("{last} X"), Source::Field, "").0 == "X" => {
                last.push(' ');
                last.push_str(line);
            }
            _ => lines.push(line.to_owned()),
        }
    }
    let names_somebody = |line: &&String| {
        let found = read(std::slice::from_ref(*line), Source::Field, "").persons;
        let is_introduced = introduced(line, Source::Field, "").1;
        found.first().is_some_and(|name| is_introduced || is_plain_name(name))
    };
    let naming: Vec<&str> = lines.iter().filter(names_somebody).map(String::as_str).collect();
    match lines.first() {
        Some(first) if naming.is_empty() && first.len() > 3 && is_login(first) => first.clone(),
        _ if naming.is_empty() => lines.join(" "),
        _ => naming.join(" | "),
    }
}

/// The names in an element marked as the author: those marked as names, or the link's, or all.
fn property_of(page: &Page<'_>, of: usize) -> String {
    let inside = of + 1..page.nodes[of].end as usize;
    let named = |at: &usize| page.nodes[*at].attr("itemprop") == Some("name");
    let linked = |at: &usize| is_link_of_author(page, *at, of);
    for is_name in [&named as &dyn Fn(&usize) -> bool, &linked] {
        let names: Vec<String> =
            inside.clone().filter(is_name).map(|at| text_of(page, at)).collect();
        if names.iter().any(|name| !name.is_empty()) {
            return names.join(" | ");
        }
    }
    text_of(page, of)
}

/// The names in an element of a byline: of those elements whose class says so, or all.
fn name_of(page: &Page<'_>, of: usize) -> String {
    let is_name = |at: &usize| {
        let node = &page.nodes[*at];
        node.marks & marks::BYLINE_NAME != 0
            && node.attr("class").is_some_and(|class| {
                class
                    .split(|c: char| !c.is_ascii_alphabetic())
                    .any(|word| ["name", "nombre", "nom", "nome"].contains(&word))
            })
            && node.chars.max(node.own_chars) > 3
    };
    let names: Vec<String> = (of + 1..page.nodes[of].end as usize)
        .filter(is_name)
        .map(|at| text_of(page, at))
        .filter(|name| is_plain_name(name))
        .collect();
    if names.is_empty() { text_of(page, of) } else { names.join(" | ") }
}

/// The name at the head of a box about an author.
fn head_of_box(page: &Page<'_>, of: usize) -> Option<String> {
    let at = (of + 1..page.nodes[of].end as usize).find(|at| {
        let node = &page.nodes[*at];
        node.chars.max(node.own_chars) > 3
            && (matches!(node.tag, Tag::Heading(_))
                || node.marks & marks::BYLINE_NAME != 0
                || node.attr("itemprop") == Some("name"))
    })?;
    let text = text_of(page, at);
    let name = introduced(&text, Source::Field, "").0;
    is_plain_name(name).then(|| name.to_owned())
}
