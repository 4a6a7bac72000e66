//! Other stories on the page of one, and what readers wrote below it, told by shape: an infinite
//! scroll sets the next article behind the first, and a wall of cards or of comments needs no name
//! to be one. Works on measures, marks and headings; the rest of the text is not read here.

use crate::marks;
use crate::page::{Page, Tag};

/// Running text that a story has at least.
const STORY_PROSE: u32 = 200;
/// Headings that are looked at for the page's own.
const MAX_HEADINGS: usize = 30;
/// Levels below an element beside the story that are looked through for what readers wrote.
const REMARK_LEVELS: usize = 3;

/// The elements behind the page's story that are stories of their own, or what readers wrote.
pub(crate) fn others(page: &Page<'_>) -> Vec<usize> {
    let mut found = Vec::new();
    let Some(headline) = headline(page) else {
        return found;
    };
    let own = page.text_of(headline);
    let mut branch = headline;
    for above in page.ancestors(headline) {
        if above < page.body {
            break;
        }
        let mut before = page.nodes[branch].raw_prose;
        let of_branch = before;
        for child in page.children(above).filter(|child| *child > branch) {
            if begins_story(page, child, branch, of_branch, before, &own) {
                found.push(child);
            } else if before >= STORY_PROSE
                && let Some(remarks) = remarks(page, child, 0)
            {
                found.push(remarks);
            } else {
                before = before.saturating_add(page.nodes[child].raw_prose);
            }
        }
        branch = above;
    }
    found.sort_unstable();
    found
}

/// The first heading of the first order that `<title>` holds, or the first at all.
fn headline(page: &Page<'_>) -> Option<usize> {
    let body = page.body;
    let end = page.nodes[body].end as usize;
    let mut first = (body..end)
        .filter(|at| page.nodes[*at].tag == Tag::Heading(1) && page.nodes[*at].chars > 0)
        .take(MAX_HEADINGS);
    let one = first.next()?;
    let title = page
        .head
        .iter()
        .find(|(element, _)| &*element.name.local == "title")
        .and_then(|(_, text)| text.as_deref())
        .unwrap_or_default();
    std::iter::once(one).chain(first).find(|at| title.contains(&page.text_of(*at))).or(Some(one))
}

/// Whether an element behind the branch that holds the headline is another story: it begins with a
/// headline of its own, and is of the branch's shape or stands behind a whole story.
fn begins_story(
    page: &Page<'_>,
    at: usize,
    branch: usize,
    of_branch: u32,
    before: u32,
    own: &str,
) -> bool {
    let node = &page.nodes[at];
    if !matches!(node.tag, Tag::Block | Tag::Article | Tag::Section)
        || node.headings == 0
        || node.raw_prose == 0
    {
        return false;
    }
    let mut dated = false;
    for inner in at + 1..node.end as usize {
        let inside = &page.nodes[inner];
        dated |= inside.tag == Tag::Time || inside.marks & (marks::DATE | marks::BYLINE) != 0;
        if inside.own_prose >= 40 {
            return false;
        }
        let Tag::Heading(level) = inside.tag else {
            continue;
        };
        if inside.chars == 0 {
            continue;
        }
        let alike = of_branch >= STORY_PROSE && is_alike(page, at, branch);
        if level == 1 {
            let follows = before >= 2 * STORY_PROSE
                && (node.tag == Tag::Article || dated || is_dated(page, inner, node.end as usize));
            return (alike || follows) && page.text_of(inner) != own;
        }
        let whole = of_branch >= 2 * STORY_PROSE;
        return level <= 3 && inside.linked_headings > 0 && (alike || whole);
    }
    false
}

/// Whether a byline or a date stands between a heading and the text below it.
fn is_dated(page: &Page<'_>, heading: usize, end: usize) -> bool {
    page.nodes[heading..end]
        .iter()
        .take_while(|node| node.own_prose < 40)
        .any(|node| node.tag == Tag::Time || node.marks & (marks::DATE | marks::BYLINE) != 0)
}

/// Whether two elements have the same tag and the same first class.
pub(crate) fn is_alike(page: &Page<'_>, one: usize, other: usize) -> bool {
    let first_class = |at: usize| {
        page.nodes[at].attr("class").and_then(|names| names.split_ascii_whitespace().next())
    };
    page.nodes[one].tag == page.nodes[other].tag
        && first_class(one) == first_class(other)
        && (page.nodes[one].tag == Tag::Article || first_class(one).is_some())
}

/// The element at or below this one whose children are what readers wrote: each the name of
/// somebody, with a time or as only readers are called, and a text.
fn remarks(page: &Page<'_>, at: usize, level: usize) -> Option<usize> {
    let node = &page.nodes[at];
    if node.tag.is_inline() || node.chars == 0 || node.headings > 2 || level > REMARK_LEVELS {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    let mut first: Option<usize> = None;
    let mut others = 0;
    for child in page.children(at).filter(|child| page.nodes[*child].chars > 0) {
        let alike = first.is_none_or(|first| is_alike(page, child, first));
        match remark(page, child) {
            Some(name) if alike && !names.contains(&name) => {
                first = first.or(Some(child));
                names.push(name);
            }
            _ => others += usize::from(!matches!(page.nodes[child].tag, Tag::Heading(_))),
        }
    }
    if names.len() >= 2 && others <= names.len() / 2 {
        return Some(at);
    }
    page.children(at).find_map(|child| remarks(page, child, level + 1))
}

/// Longest line with a reader's name and the time.
const MAX_NAME: usize = 60;

/// Who wrote a remark, if the element is one.
fn remark(page: &Page<'_>, at: usize) -> Option<String> {
    let node = &page.nodes[at];
    if !matches!(node.tag, Tag::Block | Tag::Item | Tag::Article) || node.headings > 0 {
        return None;
    }
    let mut line = String::new();
    let mut texts = 0;
    let mut inside = at + 1;
    while inside < node.end as usize {
        let inner = &page.nodes[inside];
        match inner.tag {
            Tag::Figure | Tag::Table | Tag::Quote | Tag::Pre => return None,
            Tag::Paragraph | Tag::Block if inner.own_chars >= 15 && !line.is_empty() => {
                texts += 1;
                if texts > 4 {
                    return None;
                }
                inside = inner.end as usize;
                continue;
            }
            Tag::Text if texts == 0 && inner.chars > 0 => {
                line.push_str(inner.text.trim());
                line.push(' ');
                if line.len() > MAX_NAME {
                    return None;
                }
            }
            _ => {}
        }
        inside += 1;
    }
    let line = line.trim();
    let name = line.split(' ').next()?;
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let is_handle = letters >= 2
        && (name.starts_with(['~', '@']) || name.ends_with(|c: char| c.is_ascii_digit()));
    let timed = letters >= 2
        && name.starts_with(char::is_alphabetic)
        && line.len() > name.len()
        && line.chars().filter(char::is_ascii_digit).count() >= 4;
    (texts > 0 && (is_handle || timed) && !line.ends_with([':', '?', '.', '!']))
        .then(|| line.to_owned())
}

/// Letters of a card with a title and the beginning of its text, at most.
const TITLE_CARD: u32 = 800;

/// Whether an element is nothing but cards of other articles: each begins with a title that is a
/// link into the site, perhaps with a heading over it, and goes on with a few lines.
pub(crate) fn are_title_cards(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    if node.linked_headings < 2 || node.chars > TITLE_CARD * u32::from(node.linked_headings) {
        return false;
    }
    let is_card = |at: usize| {
        let card = &page.nodes[at];
        let before = page.nodes[at..card.end as usize].iter().take_while(|inner| {
            !matches!(inner.tag, Tag::Heading(_)) || inner.linked_headings == 0
        });
        matches!(card.tag, Tag::Block | Tag::Item | Tag::Article | Tag::Section)
            && card.linked_headings > 0
            && card.headings <= 2
            && card.chars <= TITLE_CARD
            && before.map(|inner| inner.own_prose).sum::<u32>() == 0
    };
    let mut cards = page.children(at).filter(|child| page.nodes[*child].chars > 0);
    let Some(first) = cards.next() else {
        return false;
    };
    is_card(first) && cards.all(|card| is_alike(page, card, first) && is_card(card))
}

/// Running text beside cards that is an article's.
const TEXT_BESIDE: u32 = 200;

/// What an element's children are of cards of other articles by their shape: each a picture that is
/// a link into the site, a title with the same link, and perhaps a few lines.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PictureCards {
    /// All or most.
    All,
    /// These; beside them stands a text.
    Some(Vec<usize>),
    None,
}

pub(crate) fn picture_cards(page: &Page<'_>, at: usize) -> PictureCards {
    let node = &page.nodes[at];
    if node.link_chars < 30 || node.link_chars * 20 < node.chars {
        return PictureCards::None;
    }
    let (mut items, mut cards, mut beside) = (0_usize, Vec::new(), 0);
    for child in page.children(at).filter(|child| page.nodes[*child].chars > 0) {
        if matches!(page.nodes[child].tag, Tag::Heading(_)) {
            continue;
        }
        items += 1;
        if is_picture_card(page, child) {
            cards.push(child);
        } else {
            beside += page.nodes[child].raw_prose;
        }
    }
    if cards.len() < 2 {
        PictureCards::None
    } else if beside >= TEXT_BESIDE {
        PictureCards::Some(cards)
    } else if cards.len() == items || cards.len() >= 3 && cards.len() * 10 >= items * 7 {
        PictureCards::All
    } else {
        PictureCards::None
    }
}

fn is_picture_card(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    if !matches!(node.tag, Tag::Block | Tag::Item | Tag::Article | Tag::Section)
        || node.chars > 600
        || node.link_chars < 10
    {
        return false;
    }
    let inner = at + 1..node.end as usize;
    let Some(first) = inner.clone().find(|inner| page.nodes[*inner].tag == Tag::Anchor) else {
        return false;
    };
    let said_before = inner
        .clone()
        .take_while(|inner| *inner < first)
        .any(|inner| page.nodes[inner].tag == Tag::Text && page.nodes[inner].chars > 0);
    let end = page.nodes[first].end as usize;
    let has_picture = page.nodes[first..end].iter().any(|inner| inner.tag == Tag::Image);
    let leads_to = page.nodes[first].attr("href");
    let titled = inner.clone().any(|inner| {
        let inner = &page.nodes[inner];
        inner.tag == Tag::Anchor && inner.chars >= 10 && inner.attr("href") == leads_to
    });
    !said_before && has_picture && titled && page.leads_inside(first)
}
