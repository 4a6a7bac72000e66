//! Where the article is: chooses the container, and the lead before it. Works on measures and marks
//! only; texts are not read here.

use crate::furniture::mark_furniture;
use crate::marks;
use crate::page::{Page, Tag};

/// Marks what cannot belong to an article, weighs the rest anew and returns the container.
pub(crate) fn choose(page: &mut Page<'_>) -> usize {
    let all = page.nodes[page.body].prose;
    mark_furniture(page, true);
    weigh(page);
    if u64::from(page.nodes[page.body].prose) * 5 < u64::from(all) {
        // The names lie: trust tags only, as the Readability family does in its second try.
        mark_furniture(page, false);
        weigh(page);
    }
    let start = best_scored(page);
    widen(page, start)
}

/// Sums the prose again, without furniture.
fn weigh(page: &mut Page<'_>) {
    let body = page.body;
    let end = page.nodes[body].end as usize;
    for node in &mut page.nodes[body..end] {
        node.prose = if node.is_furniture { 0 } else { node.own_prose };
    }
    for at in (body + 1..end).rev() {
        let weight = page.nodes[at].prose;
        let parent = page.nodes[at].parent as usize;
        page.nodes[parent].prose += weight;
    }
}

fn can_contain(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::Block
            | Tag::Article
            | Tag::Main
            | Tag::Section
            | Tag::Cell
            | Tag::Body
            | Tag::Form
            | Tag::Header
            | Tag::Item
            | Tag::Aside
            | Tag::Details
            | Tag::Quote
            | Tag::Inline
            | Tag::Footer
            | Tag::Nav
    )
}

/// Readability's idea: every paragraph votes for its parent, less for those above.
fn best_scored(page: &Page<'_>) -> usize {
    let body = page.body;
    let end = page.nodes[body].end as usize;
    let mut scores = vec![0_u32; page.nodes.len()];
    for at in body..end {
        let node = &page.nodes[at];
        if node.own_prose == 0 || node.is_furniture {
            continue;
        }
        // One long paragraph is not worth more than three of ordinary length.
        let vote = node.own_prose.min(1_000) + 30;
        let mut level = 0;
        if can_contain(node.tag) {
            scores[at] += vote;
            level = 1;
        }
        for above in page.ancestors(at) {
            if above < body {
                break;
            }
            if !can_contain(page.nodes[above].tag) {
                continue;
            }
            scores[above] += match level {
                0 => vote,
                1 => vote / 2,
                _ => vote / (level * 3),
            };
            level += 1;
            if level > 5 {
                break;
            }
        }
    }
    let mut best = body;
    let mut best_score = 0.0;
    for (at, votes) in scores.iter().enumerate() {
        if *votes == 0 {
            continue;
        }
        let node = &page.nodes[at];
        let links = f64::from(node.link_chars) / f64::from(node.chars.max(1));
        let mut score = f64::from(*votes) * (1.0 - links);
        if node.marks & marks::ARTICLE_BODY != 0 {
            score *= 1.6;
        }
        if node.marks & marks::CONTENT != 0 {
            score *= 1.3;
        }
        if node.marks & marks::TEASER != 0 {
            score *= 0.5;
        }
        if score > best_score {
            best = at;
            best_score = score;
        }
    }
    best
}

/// How many levels without further prose are looked through for more of the article.
const BARREN_LEVELS: usize = 14;

/// Climbs from the best-scored element to the one that holds the whole article: bodies are split
/// over sibling sections more often than not.
fn widen(page: &Page<'_>, start: usize) -> usize {
    let mut chosen = start;
    let mut below = start;
    let mut barren = 0;
    let whole = page.nodes[page.body].prose;
    for above in page.ancestors(start) {
        if above < page.body || barren > BARREN_LEVELS {
            break;
        }
        let own = page.nodes[chosen].prose;
        let named = page.nodes[chosen].marks & marks::ARTICLE_BODY != 0
            || page.nodes[chosen].tag == Tag::Article;
        let (good, bad) = beside(page, above, below, own);
        let enough = if named && u64::from(own) * 10 >= u64::from(whole) * 4 {
            // A named body that holds much of the page is left only for as much again.
            good >= own
        } else if u64::from(own) * 10 >= u64::from(whole) * 7 {
            // What is beside most of the page's prose is more often boxes than more of it.
            good * 5 >= own && good >= 100
        } else {
            good * 12 >= own && good >= 100
        };
        if enough && good > bad {
            chosen = above;
            barren = 0;
        } else {
            barren += 1;
        }
        if bad > own {
            break;
        }
        below = above;
    }
    // Up to the named body close above, for the headings and short lines beside the prose.
    let named = page
        .ancestors(chosen)
        .take(4)
        .take_while(|above| *above > page.body)
        .filter(|above| {
            let node = &page.nodes[*above];
            node.marks & (marks::ARTICLE_BODY | marks::CONTENT) != 0 || node.tag == Tag::Article
        })
        .find(|above| page.nodes[*above].prose <= page.nodes[chosen].prose * 5 / 4);
    let is_named = page.nodes[chosen].marks & (marks::ARTICLE_BODY | marks::CONTENT) != 0
        || page.nodes[chosen].tag == Tag::Article;
    match named {
        Some(named) if !is_named => named,
        _ => chosen,
    }
}

/// Prose of the branches beside one branch: what may be more of the article, and what may not.
fn beside(page: &Page<'_>, above: usize, branch: usize, own: u32) -> (u32, u32) {
    // A little loose text around the branch is crumbs, dates and links to share.
    let loose = page.nodes[above].own_prose;
    let mut good = if loose * 4 >= own { loose } else { 0 };
    let mut bad = 0;
    for child in page.children(above) {
        let node = &page.nodes[child];
        if child == branch || node.prose == 0 {
            continue;
        }
        let dense = node.link_chars * 3 > node.chars;
        let teaser = node.marks & marks::TEASER != 0
            || (node.tag == Tag::Article && page.nodes[branch].tag != Tag::Article)
            || node.tag == Tag::Aside
            || node.tag == Tag::Footer
            // Beside an article in a cell stand the other columns of a layout.
            || node.tag == Tag::Cell && page.nodes[branch].tag == Tag::Cell;
        if dense || teaser {
            bad += node.prose;
        } else {
            good += node.prose;
        }
    }
    (good, bad)
}

/// What is written of the page: the lead, the container, and the other parts of a body that is
/// divided over siblings of one name.
pub(crate) fn written(page: &Page<'_>, headline: Option<usize>, container: usize) -> Vec<usize> {
    let mut parts = parts(page, headline, container);
    let mut lead = lead(page, headline, container, &parts);
    parts.append(&mut lead);
    parts.push(container);
    parts.sort_unstable();
    parts
}

/// Running text of a part, at least.
const PART_PROSE: u32 = 100;

/// The siblings of the container that are named as it is: as the text of an article, or just so.
fn parts(page: &Page<'_>, headline: Option<usize>, container: usize) -> Vec<usize> {
    const NAMED: marks::Marks = marks::CONTENT | marks::ARTICLE_BODY;
    if container == page.body || page.nodes[container].tag == Tag::Article {
        return Vec::new();
    }
    let from = headline.map_or(page.body, |headline| page.nodes[headline].end as usize);
    let whole = &page.nodes[container];
    let is_part = |at: usize| {
        let node = &page.nodes[at];
        let alike = whole.marks & node.marks & NAMED != 0
            || node.attr("class").is_some_and(|names| whole.attr("class") == Some(names));
        alike
            && at != container
            && at >= from
            && matches!(node.tag, Tag::Block | Tag::Section)
            && node.marks & (marks::TEASER | marks::FURNITURE | marks::SMALL_FURNITURE) == 0
            && !node.is_furniture
            && node.prose >= PART_PROSE
            && node.linked_headings == 0
            && node.link_chars * 2 <= node.chars
    };
    page.children(whole.parent as usize).filter(|child| is_part(*child)).collect()
}

/// Paragraphs between the headline and the container: the lead, which many designs print apart
/// from the body, as a paragraph, as a heading or in a box that they call a teaser or excerpt.
fn lead(page: &Page<'_>, headline: Option<usize>, container: usize, parts: &[usize]) -> Vec<usize> {
    let Some(headline) = headline else {
        return Vec::new();
    };
    let from = page.nodes[headline].end as usize;
    if from >= container {
        return Vec::new();
    }
    let (mut paragraphs, mut decks) = (Vec::new(), Vec::new());
    let mut at = from;
    while at < container {
        let node = &page.nodes[at];
        if parts.contains(&at) {
            at = node.end as usize;
            continue;
        }
        if (node.end as usize) > container {
            at += 1;
            continue;
        }
        let is_deck = is_deck(page, at);
        let left_out = node.is_furniture
            || node.marks & (marks::SMALL_FURNITURE | marks::CAPTION) != 0
            || node.marks & marks::TEASER != 0 && !is_deck
            || matches!(node.tag, Tag::Figure | Tag::Caption | Tag::List(_) | Tag::Table);
        if is_deck && !left_out {
            decks.push(at);
        } else if node.own_prose >= 40 && !left_out {
            paragraphs.push(at);
        } else if !left_out {
            at += 1;
            continue;
        }
        at = node.end as usize;
    }
    // More than a few are another column, or the cards of one.
    if paragraphs.len() > 4 {
        paragraphs.clear();
    }
    if decks.len() <= 2 {
        paragraphs.append(&mut decks);
        paragraphs.sort_unstable();
    }
    paragraphs
}

/// Characters of a lead that is a heading or a named box: at least, at most.
const DECK_CHARS: std::ops::RangeInclusive<u32> = 60..=1_200;

/// Whether an element before the body is a heading as long as a sentence, or a box that calls
/// itself a teaser and holds nothing but text: cards of other articles have headings and links.
fn is_deck(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    if !DECK_CHARS.contains(&node.chars) || node.link_chars * 4 > node.chars {
        return false;
    }
    match node.tag {
        Tag::Heading(level) => level > 1,
        _ if node.marks & marks::TEASER == 0 => false,
        _ => !page.nodes[at + 1..node.end as usize]
            .iter()
            .any(|inner| matches!(inner.tag, Tag::Heading(_) | Tag::Image | Tag::Figure)),
    }
}
