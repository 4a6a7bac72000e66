//! The container as blocks: paragraphs, headings, items, quotes, each with its text and its safe
//! HTML. What is left out is asked of [`crate::left_out`]; [`crate::prune`] then judges by what the
//! blocks say.

use std::cell::Cell;

use url::Url;

use crate::left_out::{is_data_row, is_left_out};
use crate::page::{Page, Tag};
use crate::sketch::{Place, place_of};

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Paragraph,
    Heading(u8),
    /// List item; the number tells lists apart, the flag says whether it is an ordered one.
    Item(u32, bool),
    Quote,
    Pre,
    /// Table row; the number tells tables apart.
    Row(u32),
    Caption,
}

/// A piece of the article.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) html: String,
    /// Characters of the text inside links.
    pub(crate) link_chars: usize,
    /// All of it is bold or emphasised: perhaps a heading.
    pub(crate) all_strong: bool,
    /// Links were left out right behind it.
    pub(crate) leads_off: bool,
    /// Where in the site's design it stands.
    pub(crate) place: Place,
}

impl Block {
    /// A paragraph of plain text.
    pub(crate) fn plain(text: &str) -> Self {
        let mut html = String::with_capacity(text.len());
        escape_into(&mut html, text, false);
        Self {
            kind: Kind::Paragraph,
            text: text.to_owned(),
            html,
            link_chars: 0,
            all_strong: false,
            leads_off: false,
            place: 0,
        }
    }
}

/// Writes the blocks below `container`.
pub(crate) fn blocks(page: &Page<'_>, container: usize, base: Option<&Url>) -> Vec<Block> {
    let mut writer = Writer {
        page,
        base,
        container,
        blocks: Vec::new(),
        text: String::new(),
        html: String::new(),
        open: Vec::new(),
        opened_again: 0,
        link_chars: 0,
        strong_chars: 0,
        in_link: 0,
        in_strong: 0,
        owner: container,
        pre: 0,
        keeps_captions: is_gallery(page, container),
        last_row: Cell::new(None),
    };
    writer.run();
    writer.blocks
}

struct Writer<'p, 'a> {
    page: &'p Page<'a>,
    base: Option<&'p Url>,
    container: usize,
    blocks: Vec<Block>,
    text: String,
    html: String,
    /// Inline elements open at this place, with the tags they are written as.
    open: Vec<(&'static str, String)>,
    /// Bytes of such tags that were written again at the beginning of a block.
    opened_again: usize,
    link_chars: usize,
    strong_chars: usize,
    in_link: usize,
    in_strong: usize,
    owner: usize,
    pre: usize,
    keeps_captions: bool,
    /// The row that was last asked about, and whether it is one of data.
    last_row: Cell<Option<(usize, bool)>>,
}

/// Captions that tell a story, at least.
const GALLERY: usize = 4;

/// Whether the text is told in captions: more than twice as many of them as of other paragraphs.
fn is_gallery(page: &Page<'_>, container: usize) -> bool {
    let (mut captions, mut paragraphs) = (0, 0);
    for node in &page.nodes[container..page.nodes[container].end as usize] {
        if node.own_prose >= 60 && !node.is_furniture {
            if node.tag == Tag::Caption {
                captions += 1;
            } else {
                paragraphs += 1;
            }
        }
    }
    captions >= GALLERY && captions > 2 * paragraphs
}

impl Writer<'_, '_> {
    fn run(&mut self) {
        let end = self.page.nodes[self.container].end as usize;
        let mut stack: Vec<usize> = Vec::new();
        let mut at = self.container;
        while at < end {
            while let Some(&last) = stack.last() {
                if at < self.page.nodes[last].end as usize {
                    break;
                }
                self.leave(last);
                stack.pop();
            }
            let node = &self.page.nodes[at];
            if node.tag == Tag::Text {
                self.write_text(node.text);
                at += 1;
            } else if at != self.container && self.leaves_out(at) {
                if !node.tag.is_inline() && !self.in_row(at) {
                    self.flush();
                    if node.chars > 0
                        && node.link_chars * 10 >= node.chars * 6
                        && let Some(last) = self.blocks.last_mut()
                    {
                        last.leads_off = true;
                    }
                }
                at = node.end as usize;
            } else {
                self.enter(at);
                stack.push(at);
                at += 1;
            }
        }
        while let Some(last) = stack.pop() {
            self.leave(last);
        }
        self.flush();
    }

    /// Whether an element is left out; a gallery's captions are its text.
    fn leaves_out(&self, at: usize) -> bool {
        let of_gallery = self.keeps_captions
            && matches!(self.page.nodes[at].tag, Tag::Figure | Tag::Caption)
            && !self.page.nodes[at].is_furniture
            && self.page.nodes[at].chars > 0;
        !of_gallery && is_left_out(self.page, at)
    }

    fn enter(&mut self, at: usize) {
        let node = &self.page.nodes[at];
        match node.tag {
            Tag::Break => {
                if !self.text.is_empty() {
                    trim_end_spaces(&mut self.text);
                    // Two breaks make a paragraph.
                    if self.text.ends_with('\n') {
                        self.flush();
                    } else {
                        self.text.push('\n');
                        trim_end_spaces(&mut self.html);
                        self.html.push_str("<br>");
                    }
                }
            }
            Tag::Anchor => {
                self.in_link += 1;
                let href = node.attr("href").and_then(|href| absolute(self.base, href));
                if let Some(href) = href {
                    let mut start = String::from("<a href=\"");
                    escape_into(&mut start, &href, true);
                    start.push_str("\" rel=\"noopener noreferrer\">");
                    self.open_inline("a", start);
                } else {
                    self.open_inline("", String::new());
                }
            }
            Tag::Emphasis => self.open_inline("em", "<em>".to_owned()),
            Tag::Strong => {
                self.in_strong += 1;
                self.open_inline("strong", "<strong>".to_owned());
            }
            Tag::Code => self.open_inline("code", "<code>".to_owned()),
            Tag::Sub => self.open_inline("sub", "<sub>".to_owned()),
            Tag::Sup => self.open_inline("sup", "<sup>".to_owned()),
            Tag::Inline | Tag::Time | Tag::Image | Tag::Control | Tag::Text => {}
            Tag::Cell => {
                if self.row_above(at).is_some() {
                    trim_end_spaces(&mut self.text);
                    if !self.text.is_empty() {
                        self.text.push_str(" | ");
                    }
                    self.html.push_str("<td>");
                } else {
                    self.flush();
                }
                self.owner = at;
            }
            tag => {
                if tag == Tag::Pre {
                    self.flush();
                    self.pre += 1;
                }
                if self.in_row(at) {
                    // Blocks inside a cell run on in the row.
                    if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                        self.text.push(' ');
                        self.html.push(' ');
                    }
                } else {
                    self.flush();
                    self.owner = at;
                }
            }
        }
    }

    fn leave(&mut self, at: usize) {
        let node = &self.page.nodes[at];
        match node.tag {
            Tag::Anchor => {
                self.in_link = self.in_link.saturating_sub(1);
                self.close_inline();
            }
            Tag::Strong => {
                self.in_strong = self.in_strong.saturating_sub(1);
                self.close_inline();
            }
            Tag::Emphasis | Tag::Code | Tag::Sub | Tag::Sup => self.close_inline(),
            Tag::Break | Tag::Inline | Tag::Time | Tag::Image | Tag::Control | Tag::Text => {}
            Tag::Cell if self.row_above(at).is_some() => self.html.push_str("</td>"),
            tag => {
                if !self.in_row(at) {
                    self.flush();
                    self.owner = node.parent as usize;
                } else if !self.text.ends_with([' ', '\n']) && !self.text.is_empty() {
                    self.text.push(' ');
                    self.html.push(' ');
                }
                if tag == Tag::Pre {
                    self.pre = self.pre.saturating_sub(1);
                }
            }
        }
    }

    fn is_data_row(&self, row: usize) -> bool {
        match self.last_row.get() {
            Some((last, is_data)) if last == row => is_data,
            _ => {
                let is_data = is_data_row(self.page, row);
                self.last_row.set(Some((row, is_data)));
                is_data
            }
        }
    }

    /// The data-table row a cell is in.
    fn row_above(&self, at: usize) -> Option<usize> {
        let row = self.page.nodes[at].parent as usize;
        (row > self.container && self.page.nodes[row].tag == Tag::Row && self.is_data_row(row))
            .then_some(row)
    }

    fn in_row(&self, at: usize) -> bool {
        self.page
            .ancestors(at)
            .take_while(|above| *above > self.container)
            .take(6)
            .any(|above| self.page.nodes[above].tag == Tag::Row && self.is_data_row(above))
    }

    fn open_inline(&mut self, name: &'static str, start: String) {
        self.html.push_str(&start);
        self.open.push((name, start));
    }

    fn close_inline(&mut self) {
        if let Some((name, start)) = self.open.pop()
            && !name.is_empty()
        {
            // An element that held nothing is not written.
            if self.html.ends_with(&start) {
                self.html.truncate(self.html.len() - start.len());
            } else {
                self.html.push_str("</");
                self.html.push_str(name);
                self.html.push('>');
            }
        }
    }

    fn write_text(&mut self, text: &str) {
        let before = self.text.len();
        if self.pre > 0 {
            self.text.extend(text.chars().filter(|c| *c == '\t' || !is_debris(*c)));
            escape_into(&mut self.html, &self.text[before..], false);
            return;
        }
        let html_ends_blank = self.text.is_empty() || self.text.ends_with([' ', '\n']);
        let mut blank = text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            if blank && !(self.text.len() == before && html_ends_blank) {
                self.text.push(' ');
            }
            push_clean(&mut self.text, word);
            blank = true;
        }
        if text.ends_with(char::is_whitespace)
            && !self.text.is_empty()
            && !self.text.ends_with([' ', '\n'])
        {
            self.text.push(' ');
        }
        escape_into(&mut self.html, &self.text[before..], false);
        let added = self.text.len() - before;
        if self.in_link > 0 {
            self.link_chars += added;
        }
        if self.in_strong > 0 {
            self.strong_chars += added;
        }
    }

    fn flush(&mut self) {
        let text = if self.pre > 0 {
            self.text.trim_matches('\n').trim_end().to_owned()
        } else {
            self.text.trim().to_owned()
        };
        if text.chars().any(char::is_alphanumeric) {
            let mut html = std::mem::take(&mut self.html);
            for (name, start) in self.open.iter().rev() {
                if name.is_empty() {
                    continue;
                }
                if html.ends_with(start.as_str()) {
                    html.truncate(html.len() - start.len());
                } else {
                    html.push_str("</");
                    html.push_str(name);
                    html.push('>');
                }
            }
            let kind = self.kind_of(self.owner);
            self.blocks.push(Block {
                kind,
                place: place_of(self.page, self.owner),
                all_strong: self.strong_chars * 10 >= text.len() * 9,
                link_chars: self.link_chars.min(text.len()),
                leads_off: false,
                text,
                html: html.trim().trim_end_matches("<br>").to_owned(),
            });
        }
        self.text.clear();
        self.html.clear();
        // An element that is open goes on in the next block; not in every one of very many.
        let again: usize = self.open.iter().map(|(_, start)| start.len()).sum();
        self.opened_again += again;
        if self.opened_again > MOST_OPENED_AGAIN {
            for open in &mut self.open {
                *open = ("", String::new());
            }
        }
        for (_, start) in &self.open {
            self.html.push_str(start);
        }
        self.link_chars = 0;
        self.strong_chars = 0;
    }

    fn kind_of(&self, owner: usize) -> Kind {
        let mut kind = Kind::Paragraph;
        let mut at = owner;
        loop {
            let node = &self.page.nodes[at];
            match node.tag {
                Tag::Heading(level) => return Kind::Heading(level),
                Tag::Pre => return Kind::Pre,
                Tag::Caption => return Kind::Caption,
                Tag::Row if self.is_data_row(at) => {
                    return Kind::Row(table_of(self.page, at));
                }
                Tag::Item => {
                    let list = node.parent as usize;
                    let ordered = self.page.nodes[list].tag == Tag::List(true);
                    return Kind::Item(list as u32, ordered);
                }
                Tag::Quote => kind = Kind::Quote,
                _ => {}
            }
            if at <= self.container {
                return kind;
            }
            at = node.parent as usize;
        }
    }
}

fn table_of(page: &Page<'_>, row: usize) -> u32 {
    page.ancestors(row).find(|above| page.nodes[*above].tag == Tag::Table).unwrap_or(row) as u32
}

fn trim_end_spaces(text: &mut String) {
    while text.ends_with(' ') {
        text.pop();
    }
}

/// Appends a word without soft hyphens, zero-width debris and control characters.
fn push_clean(into: &mut String, word: &str) {
    if word.bytes().all(|byte| byte.is_ascii_graphic()) {
        into.push_str(word);
    } else {
        into.extend(word.chars().filter(|c| !is_debris(*c)));
    }
}

/// Characters that carry nothing for a reader: soft hyphen, zero-width space, byte order mark,
/// word joiner, bidi overrides and controls. Joiners (U+200C, U+200D) spell words in Persian and
/// Indic scripts and emoji, and directional marks order text; they stay.
pub(crate) fn is_debris(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
        || (c.is_control() && c != '\n')
}

/// Bytes of start tags that are written again in an article at most: an element that was never
/// closed would grow with each block.
const MOST_OPENED_AGAIN: usize = 64 * 1024;

/// The address of a link, if it is one of the web and not longer than [`LONGEST_ADDRESS`]. An open link is
/// written again in every block that it spans.
fn absolute(base: Option<&Url>, href: &str) -> Option<String> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') || href.len() > LONGEST_ADDRESS {
        return None;
    }
    let url = match base {
        Some(base) => base.join(href).ok()?,
        None => Url::parse(href).ok()?,
    };
    let address = String::from(url);
    let is_safe = ["http:", "https:", "mailto:"].iter().any(|scheme| address.starts_with(scheme));
    (is_safe && address.len() <= LONGEST_ADDRESS).then_some(address)
}

/// Bytes of an address, at most: those that the sitemap protocol allows. Servers take more (RFC 9110,
/// 4.1, asks for 8,000), but each is written as often as its link spans a block.
const LONGEST_ADDRESS: usize = 2_048;

/// Appends text as HTML.
pub(crate) fn escape_into(into: &mut String, text: &str, in_attribute: bool) {
    // The last is the first byte of a space that does not break, and of others.
    let is_special = |byte: u8| matches!(byte, b'&' | b'<' | b'>' | b'"' | 0xc2);
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special) {
        into.push_str(&rest[..at]);
        let mut behind = rest[at..].chars();
        match behind.next() {
            Some('&') => into.push_str("&amp;"),
            Some('<') => into.push_str("&lt;"),
            Some('>') => into.push_str("&gt;"),
            Some('"') if in_attribute => into.push_str("&quot;"),
            Some('\u{a0}') => into.push_str("&nbsp;"),
            other => into.extend(other),
        }
        rest = behind.as_str();
    }
    into.push_str(rest);
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
