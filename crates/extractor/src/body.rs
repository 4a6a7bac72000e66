//! Where the article is: marks furniture and chooses the container. Works on measures and marks
//! only; texts are not read here.

use crate::marks::{self, Marks};
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

/// Marks that are believed only of elements that hold little running text, or mostly links: they
/// are also names of layout around an article.
const WEAK: Marks = marks::RELATED
    | marks::SHARE
    | marks::NAVIGATION
    | marks::ADVERT
    | marks::CONTENTS_LIST
    | marks::WIDGET
    | marks::ABOUT_AUTHOR
    | marks::SIDE;

fn mark_furniture(page: &mut Page<'_>, by_names: bool) {
    let body = page.body;
    let end = page.nodes[body].end as usize;
    let total = u64::from(page.nodes[body].raw_prose);
    let headline =
        (body..end).find(|at| page.nodes[*at].tag == Tag::Heading(1) && page.nodes[*at].chars > 0);
    for at in body + 1..end {
        let node = &page.nodes[at];
        let parent = &page.nodes[node.parent as usize];
        if parent.is_furniture
            || is_card_list(page, at)
            || is_appeal(page, at, total)
            || is_legal_line(page, at, total)
            || is_captioned_picture(page, at, total)
        {
            page.nodes[at].is_furniture = true;
            continue;
        }
        let prose = u64::from(node.raw_prose);
        let much = total > 0 && prose * 10 > total * 4;
        // A wrapper of the page holds its headline; a huge pop-up or footer does not.
        let wraps = match headline {
            Some(headline) => {
                at < headline && headline < node.end as usize || prose * 10 > total * 9 && total > 0
            }
            None => much,
        };
        let by_tag = match node.tag {
            Tag::Mute => true,
            Tag::Nav | Tag::Footer => !wraps,
            Tag::Aside | Tag::Form | Tag::Control => !much,
            _ => false,
        };
        let named = node.marks & marks::FURNITURE;
        let by_name = named != 0
            && node.marks & marks::ARTICLE_BODY == 0
            && (by_names || named & (marks::COMMENTS | marks::FOOT | marks::CONSENT) != 0)
            // Colouring of code calls its remarks comments.
            && !page.ancestors(at).take(4).any(|above| page.nodes[above].tag == Tag::Pre)
            && is_believed(page, at, much, wraps, total);
        page.nodes[at].is_furniture = by_tag || by_name;
    }
}

/// Names of boxes laid over the page or below it: they may hold much text and still be no article.
const OVERLAID: Marks = marks::POPUP | marks::CONSENT | marks::FOOT;

/// Whether a name that says furniture is believed, given what the element holds.
fn is_believed(page: &Page<'_>, at: usize, much: bool, wraps: bool, total: u64) -> bool {
    let node = &page.nodes[at];
    let named = node.marks & marks::FURNITURE;
    let prose = u64::from(node.raw_prose);
    if named & marks::COMMENTS != 0 {
        return !wraps || prose * 10 <= total;
    }
    if named & OVERLAID != 0 {
        return !wraps;
    }
    if named & !WEAK != 0 {
        return !much;
    }
    let dense = node.link_chars * 3 > node.chars;
    let aside =
        named & (marks::RELATED | marks::SIDE | marks::ABOUT_AUTHOR) != 0 && prose * 4 <= total;
    !much && (dense || prose < 600 || aside)
}

/// Whether an element is cards of other articles: every heading in it is a link into the site and
/// hardly any text goes with it, or its items are excerpts that end in an ellipsis.
fn is_card_list(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    if !matches!(
        node.tag,
        Tag::Block
            | Tag::Section
            | Tag::Article
            | Tag::Item
            | Tag::List(_)
            | Tag::Cell
            | Tag::Table
    ) || node.chars == 0
    {
        return false;
    }
    let linked = u32::from(node.linked_headings);
    if linked > 0
        && node.headings == node.linked_headings
        && node.chars <= 420 * linked
        && node.raw_prose <= 320 * linked
    {
        // Text before the first card is an article's, with cards below it.
        let before: u32 = page.nodes[at..node.end as usize]
            .iter()
            .take_while(|inner| !matches!(inner.tag, Tag::Heading(_)))
            .map(|inner| inner.own_prose)
            .sum();
        return before < 120;
    }
    if node.raw_prose == 0 || node.link_chars == 0 && node.chars > 6_000 {
        return false;
    }
    let mut items = 0;
    let mut cut = 0;
    for child in page.children(at).filter(|child| page.nodes[*child].tag != Tag::Text) {
        items += 1;
        if page.nodes[child].chars < 600 && ends_cut(page, child) && has_link(page, child) {
            cut += 1;
        }
    }
    cut >= 3 && cut * 10 >= items * 7
}

/// Most running text of a box that asks for something.
const APPEAL_PROSE: u32 = 320;

/// Whether an element is a small box with a button of its own: a banner that asks for consent, a
/// newsletter to sign up for, an offer, a bar to share with. No class name is needed to see it.
fn is_appeal(page: &Page<'_>, at: usize, total: u64) -> bool {
    let node = &page.nodes[at];
    if !matches!(node.tag, Tag::Block | Tag::Section)
        || node.marks & marks::ARTICLE_BODY != 0
        || node.chars == 0
        || node.raw_prose > APPEAL_PROSE
        || u64::from(node.raw_prose) * 3 > total
    {
        return false;
    }
    let inner = &page.nodes[at + 1..node.end as usize];
    // All that it says itself is a link: "See offers", "Read on".
    let only_link = node.own_link_chars > 0 && node.own_chars == node.own_link_chars;
    let leads_off = only_link && node.raw_prose > 0 && node.own_link_chars <= 30;
    let has_button = leads_off || page.children(at).any(|child| is_button(page, child));
    // Players and galleries have buttons too, and stand around what is read.
    has_button
        && !inner.iter().any(|inner| {
            matches!(
                inner.tag,
                Tag::Heading(1) | Tag::Figure | Tag::Image | Tag::Table | Tag::Pre | Tag::Quote
            )
        })
        && inner.iter().filter(|inner| inner.own_prose > 0).count() <= 3
}

/// Whether an element is a small block with a text that begins with the sign of copyright.
fn is_legal_line(page: &Page<'_>, at: usize, total: u64) -> bool {
    let node = &page.nodes[at];
    matches!(node.tag, Tag::Block | Tag::Section | Tag::Paragraph | Tag::Cell)
        && node.chars > 0
        && node.chars <= 600
        && u64::from(node.raw_prose) * 3 <= total
        && page.nodes[at + 1..node.end as usize]
            .iter()
            .any(|inner| inner.tag == Tag::Text && inner.text.trim_start().starts_with('©'))
}

/// Whether an element is a picture and below it a short text that is set as no paragraph.
fn is_captioned_picture(page: &Page<'_>, at: usize, total: u64) -> bool {
    let node = &page.nodes[at];
    if !matches!(node.tag, Tag::Block | Tag::Table)
        || node.chars == 0
        || node.chars > 200
        || u64::from(node.raw_prose) * 3 > total
    {
        return false;
    }
    let mut has_picture = false;
    let mut texts = 0;
    for inner in &page.nodes[at + 1..node.end as usize] {
        match inner.tag {
            Tag::Image => has_picture = true,
            Tag::Text if inner.chars > 0 && !has_picture => return false,
            Tag::Paragraph | Tag::Heading(_) | Tag::List(_) | Tag::Quote | Tag::Anchor => {
                return false;
            }
            tag => texts += u32::from(!tag.is_inline() && inner.own_chars > 0),
        }
    }
    has_picture && texts == 1
}

fn is_button(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    node.tag == Tag::Control
        && node.chars > 0
        && node.element.is_some_and(|element| element.name() == "button")
}

fn ends_cut(page: &Page<'_>, of: usize) -> bool {
    let end = page.nodes[of].end as usize;
    page.nodes[of..end]
        .iter()
        .rev()
        .filter(|node| node.tag == Tag::Text)
        .map(|node| node.text.trim_end())
        .find(|text| !text.is_empty())
        .is_some_and(|text| {
            text.ends_with('…')
                || text.ends_with("...")
                || text.ends_with("[…]")
                || text.ends_with("[...]")
        })
}

fn has_link(page: &Page<'_>, of: usize) -> bool {
    let end = page.nodes[of].end as usize;
    page.nodes[of..end].iter().any(|node| node.tag == Tag::Anchor)
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

/// Paragraphs between the headline and the container: the lead, which many designs print apart
/// from the body.
pub(crate) fn lead(page: &Page<'_>, headline: Option<usize>, container: usize) -> Vec<usize> {
    let Some(headline) = headline else {
        return Vec::new();
    };
    let from = page.nodes[headline].end as usize;
    if from >= container {
        return Vec::new();
    }
    let mut lead = Vec::new();
    let mut at = from;
    while at < container {
        let node = &page.nodes[at];
        let holds_container = (node.end as usize) > container;
        let left_out = node.is_furniture
            || node.marks & (marks::SMALL_FURNITURE | marks::CAPTION | marks::TEASER) != 0
                && !holds_container
            || matches!(node.tag, Tag::Figure | Tag::Caption | Tag::List(_) | Tag::Table)
                && !holds_container;
        if left_out {
            at = node.end as usize;
            continue;
        }
        if node.own_prose >= 40 && !holds_container {
            lead.push(at);
            at = node.end as usize;
            continue;
        }
        at += 1;
    }
    // More than a few paragraphs are another column.
    if lead.len() > 4 { Vec::new() } else { lead }
}
