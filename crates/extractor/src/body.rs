//! Where the article is: marks furniture and chooses the container. Works on measures and marks
//! only; texts are not read here.

use crate::marks::{self, Marks};
use crate::page::{Page, Tag};

/// Marks what cannot belong to an article, weighs the rest anew and returns the container.
pub(crate) fn choose(page: &mut Page<'_>) -> usize {
    mark_furniture(page);
    weigh(page);
    let start = best_scored(page);
    widen(page, start)
}

/// What of the page's prose an element must hold to be more than the furniture its name says.
fn is_protected(prose: u32, total: u32, marks: Marks) -> bool {
    if marks & marks::COMMENTS != 0 {
        return u64::from(prose) * 10 > u64::from(total) * 9;
    }
    u64::from(prose) * 2 > u64::from(total)
}

fn mark_furniture(page: &mut Page<'_>) {
    let body = page.body;
    let total = page.nodes[body].prose;
    for at in body + 1..page.nodes[body].end as usize {
        let node = &page.nodes[at];
        if page.nodes[node.parent as usize].is_furniture {
            page.nodes[at].is_furniture = true;
            continue;
        }
        let by_tag = matches!(
            node.tag,
            Tag::Nav | Tag::Aside | Tag::Footer | Tag::Form | Tag::Control | Tag::Mute
        );
        let by_name = node.marks & marks::FURNITURE != 0 && node.marks & marks::ARTICLE_BODY == 0;
        if (by_tag || by_name) && !is_protected(node.prose, total, node.marks) {
            page.nodes[at].is_furniture = true;
        }
    }
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
    for at in body..end {
        if scores[at] == 0 {
            continue;
        }
        let node = &page.nodes[at];
        let links = f64::from(node.link_chars) / f64::from(node.chars.max(1));
        let mut score = f64::from(scores[at]) * (1.0 - links);
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

/// Climbs while the parent says it is the body, or holds more of the same.
fn widen(page: &Page<'_>, start: usize) -> usize {
    let mut chosen = start;
    loop {
        let node = &page.nodes[chosen];
        let parent = node.parent as usize;
        if chosen <= page.body || parent < page.body {
            return chosen;
        }
        if node.marks & marks::ARTICLE_BODY != 0 {
            return chosen;
        }
        // A named body above within reach.
        let named = page
            .ancestors(chosen)
            .take(5)
            .take_while(|above| *above > page.body)
            .find(|above| {
                let above = &page.nodes[*above];
                above.marks & (marks::ARTICLE_BODY | marks::CONTENT) != 0
                    || above.tag == Tag::Article
            });
        if let Some(named) = named
            && node.marks & marks::CONTENT == 0
        {
            chosen = named;
            continue;
        }
        let above = &page.nodes[parent];
        let more = above.prose.saturating_sub(node.prose);
        if more * 6 > node.prose && more_of_the_same(page, parent, chosen) {
            chosen = parent;
            continue;
        }
        if above.prose == node.prose && parent > page.body && !matches!(node.tag, Tag::Article) {
            // The parent adds no prose, perhaps headings and lists; look further up from there.
            let grand = above.parent as usize;
            let wider = &page.nodes[grand];
            let more = wider.prose.saturating_sub(node.prose);
            if grand > page.body && more * 6 > node.prose && more_of_the_same(page, grand, parent) {
                chosen = grand;
                continue;
            }
        }
        return chosen;
    }
}

/// Whether the prose beside the chosen branch looks like a continuation of it.
fn more_of_the_same(page: &Page<'_>, parent: usize, chosen: usize) -> bool {
    let own = &page.nodes[chosen];
    let class = own.attr("class");
    let mut alike = 0_u32;
    let mut other = 0_u32;
    for child in page.children(parent) {
        let node = &page.nodes[child];
        if child == chosen || node.prose == 0 {
            continue;
        }
        let same = node.tag == own.tag && node.attr("class") == class;
        let plain = matches!(node.tag, Tag::Paragraph | Tag::List(_) | Tag::Quote);
        let dense = node.link_chars * 5 > node.chars;
        if (same || plain) && !dense && node.tag != Tag::Article {
            alike += node.prose;
        } else {
            other += node.prose;
        }
    }
    alike > other
}
