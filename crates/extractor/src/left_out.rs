//! What inside the container is no part of the text, by names, tags and links; and which tables hold
//! data. Works on measures and marks only; texts are judged by [`crate::prune`].

use crate::marks;
use crate::page::{Node, Page, Tag};

/// Most elements and texts of a row of data.
const MAX_ROW_NODES: usize = 1_000;

/// Whether a row is one of data, not of layout: several short cells. Asked for each cell, so that
/// what is too large for a row is not counted through.
pub(crate) fn is_data_row(page: &Page<'_>, row: usize) -> bool {
    if page.nodes[row].chars >= 4_000 || page.nodes[row].end as usize - row > MAX_ROW_NODES {
        return false;
    }
    let cells = page.children(row).filter(|child| page.nodes[*child].tag == Tag::Cell).count();
    // Cells that hold a headline, a form or a table are columns of a page.
    let lays_out = page.nodes[row..page.nodes[row].end as usize]
        .iter()
        .any(|inner| matches!(inner.tag, Tag::Heading(1 | 2) | Tag::Form | Tag::Table));
    !lays_out && cells >= 2 && page.nodes[row].chars < 1_200 * cells as u32
}

/// Whether an element inside the container is furniture by its name, tag or links.
pub(crate) fn is_left_out(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    if node.is_furniture || node.chars == 0 && node.tag != Tag::Break {
        return true;
    }
    match node.tag {
        Tag::Mute | Tag::Control | Tag::Nav | Tag::Caption => return true,
        // Tables, code and quotes are set into figures too; pictures are not text.
        Tag::Figure => {
            return !page.nodes[at..node.end as usize]
                .iter()
                .any(|inner| matches!(inner.tag, Tag::Table | Tag::Pre | Tag::Quote));
        }
        Tag::Break | Tag::Text => return false,
        _ => {}
    }
    if page.ancestors(at).take(4).any(|above| page.nodes[above].tag == Tag::Pre) {
        return false;
    }
    let small = node.prose < 120 && node.chars < 250;
    // The place that a report is sent from stands in its first line, named as if it were a date.
    let is_place = node.tag.is_inline()
        && node.marks & marks::SMALL_FURNITURE == marks::DATE
        && !node.may_have_digits
        && page.nodes[node.parent as usize].own_prose > 0;
    if small
        && !is_place
        && node.marks & (marks::SMALL_FURNITURE | marks::CAPTION) != 0
        && !matches!(node.tag, Tag::Heading(_))
    {
        return true;
    }
    is_link_dense(node) && !speaks_beside_links(page, at)
}

/// Lines of a list or table that say what their links do not, at least.
const TELLING_LINES: usize = 3;

/// Whether a list has words beside its links, or a table numbers: an article's own.
fn speaks_beside_links(page: &Page<'_>, at: usize) -> bool {
    let node = &page.nodes[at];
    let (mut lines, mut telling) = (0, 0);
    match node.tag {
        Tag::List(_) => {
            for item in page.children(at).filter(|item| page.nodes[*item].chars > 0) {
                lines += 1;
                let letters: usize = page
                    .children(item)
                    .filter(|child| page.nodes[*child].tag == Tag::Text)
                    .map(|child| page.nodes[child].text)
                    .map(|text| text.chars().filter(|c| c.is_alphabetic()).count())
                    .sum();
                telling += usize::from(letters >= 6);
            }
        }
        Tag::Table if node.end as usize - at <= MAX_ROW_NODES * 4 => {
            for row in at + 1..node.end as usize {
                if page.nodes[row].tag != Tag::Row || page.nodes[row].chars == 0 {
                    continue;
                }
                lines += 1;
                let is_number = |cell: usize| {
                    let cell = &page.nodes[cell];
                    cell.tag == Tag::Cell
                        && cell.chars > 0
                        && cell.link_chars == 0
                        && page.nodes[cell.end as usize - 1]
                            .text
                            .bytes()
                            .any(|b| b.is_ascii_digit())
                };
                let named = page.children(row).any(|cell| page.nodes[cell].link_chars >= 3);
                telling += usize::from(named && page.children(row).any(is_number));
            }
        }
        _ => {}
    }
    telling >= TELLING_LINES && telling * 10 >= lines * 7
}

/// Lists of links, and lines that are nothing but a link.
fn is_link_dense(node: &Node<'_>) -> bool {
    let (chars, links) = (node.chars, node.link_chars);
    match node.tag {
        Tag::List(_) | Tag::Table | Tag::DefinitionList => links * 10 > chars * 6,
        Tag::Block | Tag::Section | Tag::Header | Tag::Article => {
            links * 10 > chars * 6 && node.prose < 100
        }
        Tag::Paragraph => links * 10 >= chars * 9 && chars < 200,
        _ => false,
    }
}
