//! What cannot belong to an article: by tag, by name, or by its shape.

use std::collections::BTreeSet;

use crate::marks::{self, Marks};
use crate::page::{Page, Tag};
use crate::prune::ends_sentence;
use crate::stories::{self, PictureCards};

/// Marks that are believed only of elements that hold little running text, or mostly links: they
/// are also names of layout around an article.
const WEAK: Marks = marks::RELATED
    | marks::SHARE
    | marks::NAVIGATION
    | marks::ADVERT
    | marks::CONTENTS_LIST
    | marks::WIDGET
    | marks::ABOUT_AUTHOR
    | marks::SIDE
    | marks::STICKY;

/// Marks what cannot belong to an article.
pub(crate) fn mark_furniture(page: &mut Page<'_>, by_names: bool) {
    let body = page.body;
    let end = page.nodes[body].end as usize;
    let total = u64::from(page.nodes[body].raw_prose);
    let headline =
        (body..end).find(|at| page.nodes[*at].tag == Tag::Heading(1) && page.nodes[*at].chars > 0);
    let others = stories::others(page);
    // Cards of other articles beside a text, met before they are judged.
    let mut cards: BTreeSet<usize> = BTreeSet::new();
    for at in body + 1..end {
        let node = &page.nodes[at];
        let parent = &page.nodes[node.parent as usize];
        if parent.is_furniture
            || !others.is_empty() && others.binary_search(&at).is_ok()
            || cards.remove(&at)
            || is_card_list(page, at, &mut cards)
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
    if named == marks::STICKY {
        return !much && !is_head(page, at);
    }
    if named == marks::HIDDEN && prose >= 80 && (is_panel(page, at) || is_unfolded(page, at)) {
        return false;
    }
    if named & !(marks::PAYWALL | marks::HIDDEN) == 0 && is_walled_text(page, at) {
        return false;
    }
    if named & !WEAK != 0 {
        return !much;
    }
    let dense = node.link_chars * 3 > node.chars;
    if named == marks::NAVIGATION {
        return !much && (dense || prose < 200);
    }
    // `toc` is also said of the sections that such a list leads to.
    if named == marks::CONTENTS_LIST {
        let mut inner = page.nodes[at..node.end as usize].iter();
        return !inner.any(|inner| inner.tag == Tag::Paragraph && inner.own_prose >= 40);
    }
    let aside = named & (marks::RELATED | marks::SIDE | marks::STICKY | marks::ABOUT_AUTHOR) != 0
        && prose * 4 <= total;
    !much && (dense || prose < 600 || aside)
}

/// Whether an element holds the head of the article: its headline, or a byline or time that do not
/// stand among links to others.
fn is_head(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    let dense = node.link_chars * 3 > node.chars;
    page.nodes[at + 1..node.end as usize].iter().any(|inner| {
        inner.chars > 0
            && (inner.tag == Tag::Heading(1)
                || !dense && (inner.tag == Tag::Time || inner.marks & marks::BYLINE != 0))
    })
}

/// Whether a hidden element is what a button just before it opens, or a part of the page that React
/// streams after the rest and sets in by a program (`<div hidden id="S:1">`).
fn is_panel(page: &Page<'_>, at: usize) -> bool {
    let streamed = page.nodes[at].attr("id").is_some_and(|id| id.starts_with("S:"));
    streamed
        || page.nodes[at.saturating_sub(PANEL_DISTANCE)..at]
            .iter()
            .any(|before| before.attr("aria-expanded").is_some())
}

/// Whether an element whose name speaks of a paywall is the text behind it and not the offer: a
/// paragraph, or several without a button, a form, a price or much of a link. Google's own advice
/// is to name the text so (`hasPart.cssSelector` of its JSON-LD).
fn is_walled_text(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    let inner = &page.nodes[at + 1..node.end as usize];
    if node.marks & marks::PAYWALL == 0
        || node.link_chars * 10 > node.chars
        || inner.iter().any(|inner| {
            matches!(inner.tag, Tag::Control | Tag::Form)
                || inner.tag == Tag::Text && inner.text.contains(['€', '$', '£'])
        })
    {
        return false;
    }
    let paragraphs = inner.iter().filter(|inner| inner.own_prose >= 40).count();
    paragraphs >= 2 || node.tag == Tag::Paragraph && node.own_prose >= 80
}

/// Whether a hidden element is the rest of a text: paragraphs without links right behind a short
/// link or button that leads nowhere else ("Read more"), which stands behind paragraphs.
fn is_unfolded(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    let paragraphs = page.nodes[at + 1..node.end as usize]
        .iter()
        .filter(|inner| inner.tag == Tag::Paragraph && inner.own_prose >= 80)
        .count();
    if paragraphs < 2 || node.link_chars * 10 > node.chars {
        return false;
    }
    let (mut before, mut opener) = (0, None);
    for child in page.children(node.parent as usize) {
        let beside = &page.nodes[child];
        if child == at {
            break;
        }
        if beside.own_prose >= 80 {
            before += 1;
            opener = None;
        } else if beside.chars > 0 {
            opener = Some(child);
        }
    }
    // The button may stand behind the text that it opens too.
    let behind = page
        .children(node.parent as usize)
        .find(|child| *child > at && page.nodes[*child].chars > 0);
    before >= 2 && opener.or(behind).is_some_and(|opener| opens(page, opener))
}

/// Whether an element is a short button, or a link that leads nowhere.
fn opens(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    node.chars <= 30
        && page.nodes[at..node.end as usize].iter().any(|inner| {
            let element = inner.element.map(|element| element.name());
            element == Some("button")
                || element == Some("a")
                    && inner
                        .attr("href")
                        .is_none_or(|href| href.starts_with('#') || href.starts_with("javascript"))
        })
}

/// Nodes between a panel's button and the panel: words, a picture, a wrapper or two.
const PANEL_DISTANCE: usize = 12;

/// Whether an element is cards of other articles: every heading in it is a link into the site and
/// hardly any text goes with it, or its items are excerpts that end in an ellipsis.
/// Single cards beside a text are added to `cards`.
fn is_card_list(page: &Page<'_>, at: usize, cards: &mut BTreeSet<usize>) -> bool {
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
    if stories::are_title_cards(page, at) {
        return true;
    }
    match stories::picture_cards(page, at) {
        PictureCards::All => return true,
        PictureCards::Some(single) => cards.extend(single),
        PictureCards::None => {}
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
    let has_button = asks(page, at);
    // Players and galleries have buttons too, and stand around what is read.
    has_button
        && !is_one_of_many(page, at)
        && !inner.iter().any(|inner| {
            matches!(
                inner.tag,
                Tag::Heading(1) | Tag::Figure | Tag::Image | Tag::Table | Tag::Pre | Tag::Quote
            )
        })
        && inner.iter().filter(|inner| inner.own_prose > 0).count() <= 3
}

/// Whether an element has a button of its own, or all that it says itself is a link: "See offers",
/// "Read on", but no mark of a footnote.
fn asks(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    let only_link = node.own_link_chars > 3 && node.own_chars == node.own_link_chars;
    only_link && node.raw_prose > 0 && node.own_link_chars <= 30
        || page.children(at).take(MAX_INNER).any(|child| is_button(page, child))
}

/// Children of one element that are looked at: asked for each of them, so that it is bounded.
const MAX_NEIGHBOURS: usize = 100;
/// Children of each of these.
const MAX_INNER: usize = 20;

/// Whether an element, or the one that holds nothing but it, is one of three and more beside each
/// other that hold running text and a button: each paragraph may have its own ("Share this quote"),
/// and each item of a list ("Get the recipe").
fn is_one_of_many(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    let parent = node.parent as usize;
    let around = &page.nodes[parent];
    let is_wrapped = around.chars <= node.chars + node.chars / 4
        && matches!(around.tag, Tag::Block | Tag::Section | Tag::Item | Tag::Article);
    node.raw_prose > 0
        && (has_neighbours(page, at, |beside| {
            page.children(beside).take(MAX_INNER).any(|inner| is_button(page, inner))
        }) || is_wrapped
            && has_neighbours(page, parent, |beside| {
                page.children(beside).take(MAX_INNER).any(|inner| asks(page, inner))
            }))
}

/// Whether two more elements beside this one are as it is.
fn has_neighbours(page: &Page<'_>, at: usize, is_so: impl Fn(usize) -> bool) -> bool {
    let node = &page.nodes[at];
    let alike = page.children(node.parent as usize).take(MAX_NEIGHBOURS).filter(|child| {
        page.nodes[*child].raw_prose > 0 && stories::is_alike(page, *child, at) && is_so(*child)
    });
    alike.take(3).count() == 3
}

/// Characters beside the sign of copyright that are a sentence of the article.
const BESIDE_A_SIGN: u32 = 40;

/// Whether an element is a small block with a text that begins with the sign of copyright, and
/// hardly another: what stands beside the name of a photographer is none of his.
fn is_legal_line(page: &Page<'_>, at: usize, total: u64) -> bool {
    let node = &page.nodes[at];
    if !matches!(node.tag, Tag::Block | Tag::Section | Tag::Paragraph | Tag::Cell)
        || node.chars == 0
        || node.chars > 600
        || u64::from(node.raw_prose) * 3 > total
    {
        return false;
    }
    let signed = (at + 1..node.end as usize).find(|inner| {
        let inner = &page.nodes[*inner];
        inner.tag == Tag::Text && inner.text.trim_start().starts_with('©')
    });
    let Some(signed) = signed else {
        return false;
    };
    let within = |above: &usize| *above > at;
    let names_photographer = page.ancestors(signed).take_while(within).any(|above| {
        let above = &page.nodes[above];
        matches!(above.tag, Tag::Figure | Tag::Caption) || above.marks & marks::CAPTION != 0
    });
    if names_photographer {
        return false;
    }
    let block = page.ancestors(signed).find(|above| !page.nodes[*above].tag.is_inline());
    let block = block.unwrap_or(at).max(at);
    let beside = node.raw_prose - page.nodes[block].raw_prose;
    // Sentences of the same paragraph before or behind the sign.
    let sentence = |inner: &usize| {
        let inner = &page.nodes[*inner];
        inner.tag == Tag::Text && inner.chars >= BESIDE_A_SIGN && ends_sentence(inner.text)
    };
    let is_told = (block + 1..signed).any(|inner| sentence(&inner))
        || page.nodes[signed].chars < BESIDE_A_SIGN
            && (signed + 1..page.nodes[block].end as usize)
                .take_while(|inner| page.nodes[*inner].tag != Tag::Break)
                .any(|inner| sentence(&inner));
    beside < BESIDE_A_SIGN && !is_told
}

/// Whether an element is a picture and below it a short text that is set as no paragraph.
fn is_captioned_picture(page: &Page<'_>, at: usize, total: u64) -> bool {
    let node = &page.nodes[at];
    if !matches!(node.tag, Tag::Block | Tag::Table | Tag::Inline)
        || node.chars == 0
        || node.chars > 200
        || u64::from(node.raw_prose) * 3 > total
    {
        return false;
    }
    let mut has_picture = false;
    let (mut texts, mut lines) = (0, 0);
    for inner in &page.nodes[at + 1..node.end as usize] {
        match inner.tag {
            Tag::Image => has_picture = true,
            Tag::Text if inner.chars > 0 && !has_picture => return false,
            // Text beside the picture, in no element of its own, is the article's.
            Tag::Text if inner.chars > 0 && inner.parent as usize == at => return false,
            Tag::Paragraph | Tag::Heading(_) | Tag::List(_) | Tag::Quote | Tag::Anchor => {
                return false;
            }
            Tag::Break if node.tag == Tag::Inline => return false,
            Tag::Inline | Tag::Emphasis if inner.parent as usize == at && inner.chars > 0 => {
                lines += 1;
            }
            tag => texts += u32::from(!tag.is_inline() && inner.own_chars > 0),
        }
    }
    has_picture && (texts == 1 && node.tag != Tag::Inline || texts == 0 && lines == 1)
}

fn is_button(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    node.tag == Tag::Control
        && node.chars > 0
        && node.element.is_some_and(|element| element.name() == "button")
        // One that opens a panel asks for nothing.
        && node.attr("aria-expanded").is_none()
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
