//! Blocks to the article's text and to its HTML.

use crate::render::{Block, Kind};

/// The article's text: blocks divided by blank lines; items of a list and rows of a table follow
/// each other line by line.
pub(crate) fn text(blocks: &[Block]) -> String {
    let mut text = String::with_capacity(blocks.iter().map(|block| block.text.len() + 2).sum());
    let mut previous: Option<Kind> = None;
    for block in blocks {
        if let Some(previous) = previous {
            let together = match (previous, block.kind) {
                (Kind::Item(one, _), Kind::Item(two, _)) | (Kind::Row(one), Kind::Row(two)) => {
                    one == two
                }
                _ => false,
            };
            text.push_str(if together { "\n" } else { "\n\n" });
        }
        text.push_str(&block.text);
        previous = Some(block.kind);
    }
    text
}

/// The article as a small safe subset of HTML.
pub(crate) fn html(blocks: &[Block]) -> String {
    let mut html = String::with_capacity(blocks.iter().map(|block| block.html.len() + 10).sum());
    let mut open: Option<(Kind, &'static str)> = None;
    for block in blocks {
        if let Some((kind, end)) = open {
            let same = match (kind, block.kind) {
                (Kind::Item(one, _), Kind::Item(two, _)) | (Kind::Row(one), Kind::Row(two)) => {
                    one == two
                }
                (Kind::Quote, Kind::Quote) => true,
                _ => false,
            };
            if !same {
                html.push_str(end);
                open = None;
            }
        }
        let (start, end): (&str, &'static str) = match block.kind {
            Kind::Item(_, true) => ("<ol>", "</ol>"),
            Kind::Item(_, false) => ("<ul>", "</ul>"),
            Kind::Row(_) => ("<table><tbody>", "</tbody></table>"),
            Kind::Quote => ("<blockquote>", "</blockquote>"),
            _ => ("", ""),
        };
        if open.is_none() && !end.is_empty() {
            html.push_str(start);
            open = Some((block.kind, end));
        }
        let name = match block.kind {
            Kind::Paragraph | Kind::Quote | Kind::Caption => "p",
            Kind::Heading(level) => {
                ["h2", "h2", "h3", "h4", "h5", "h6"][usize::from(level.clamp(1, 6)) - 1]
            }
            Kind::Item(..) => "li",
            Kind::Pre => "pre",
            Kind::Row(_) => "tr",
        };
        html.push('<');
        html.push_str(name);
        html.push('>');
        html.push_str(&block.html);
        html.push_str("</");
        html.push_str(name);
        html.push('>');
    }
    if let Some((_, end)) = open {
        html.push_str(end);
    }
    html
}
