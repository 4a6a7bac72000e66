//! Blocks to the article's text and to its HTML.

use crate::render::{Block, Kind, escape_into};

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
        let is_row = matches!(block.kind, Kind::Row(_));
        if is_well_formed(&block.html, is_row) {
            html.push_str(&block.html);
        } else {
            plain(&mut html, &block.text, is_row);
        }
        html.push_str("</");
        html.push_str(name);
        html.push('>');
    }
    if let Some((_, end)) = open {
        html.push_str(end);
    }
    html
}

/// Whether the mark-up of a block nests as it must: everything that begins ends in its order, no
/// link is inside a link, and cells stand in rows, directly. Pages with misnested tables and links
/// give other things, and a reader's program would mend them in its own way.
fn is_well_formed(html: &str, is_row: bool) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if is_row && open.is_empty() && !rest[..at].trim().is_empty() {
            return false;
        }
        rest = &rest[at + 1..];
        let Some(end) = rest.find('>') else {
            return false;
        };
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
            continue;
        }
        let name = tag.split(' ').next().unwrap_or(tag);
        if name == "br" {
            continue;
        }
        if open.contains(&name) || (name == "td") != (is_row && open.is_empty()) {
            return false;
        }
        open.push(name);
    }
    open.is_empty() && (!is_row || rest.trim().is_empty())
}

/// A block's text without mark-up.
fn plain(html: &mut String, text: &str, is_row: bool) {
    if is_row {
        for cell in text.split(" | ") {
            html.push_str("<td>");
            escape_into(html, cell, false);
            html.push_str("</td>");
        }
        return;
    }
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            html.push_str("<br>");
        }
        escape_into(html, line, false);
    }
}
