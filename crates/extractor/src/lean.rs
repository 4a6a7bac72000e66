//! The page without what no rule reads: programs, styles, comments, pictures drawn in text, and
//! most attributes. What is left gives the same tree, with blanks for the ends of lines where they
//! mean no more than that, in half the time: html5ever's tokeniser costs more than all our rules
//! together.
//!
//! This follows the states of the standard's tokeniser (WHATWG HTML 13.2.5) as far as they bear on
//! where a tag, a comment or a raw text ends. Where their outcome hangs on the tree (foreign
//! content, `<plaintext>`, a script inside a comment inside a script) the rest of the page is
//! handed on as it is: slower, never different. Knows no rule of the extraction.

use memchr::{memchr, memmem};

use crate::lean_source::{Source, find_ignoring_case};

/// The attributes that are read somewhere.
const READ: &[&[u8]] = &[
    b"aria-expanded",
    b"aria-hidden",
    b"class",
    b"content",
    b"data-component",
    b"data-ga-module",
    b"data-module",
    b"data-testid",
    b"data-timestamp",
    b"datetime",
    b"hidden",
    b"href",
    b"http-equiv",
    b"id",
    b"itemprop",
    b"lang",
    b"name",
    b"property",
    b"pubdate",
    b"rel",
    b"role",
    b"style",
    b"title",
    b"type",
    b"x-cloak",
    b"xml:lang",
];

/// Elements whose content is no mark-up and is never looked at.
const UNREAD: &[&[u8]] = &[b"style", b"noscript", b"iframe", b"noembed", b"noframes"];

/// Writes the page without what is not read.
pub(crate) fn lean(page: &str) -> String {
    let mut lean = Lean {
        source: Source(page.as_bytes()),
        page,
        out: String::with_capacity(page.len()),
        keeps_lines: false,
    };
    lean.run();
    lean.out
}

struct Lean<'p> {
    source: Source<'p>,
    page: &'p str,
    out: String,
    /// An element has begun that keeps its lines; from there on all of them are left.
    keeps_lines: bool,
}

/// What comes after a piece of mark-up.
enum Next {
    /// The place to go on from.
    At(usize),
    /// The rest is handed on as it is, from here.
    AsItIs(usize),
    /// Nothing: the page ends inside a comment.
    End,
}

impl Lean<'_> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(found) = memchr(b'<', &self.source.0[at..]) {
            let open = at + found;
            self.text(at, open);
            match self.markup(open) {
                Next::At(next) => at = next,
                Next::AsItIs(from) => {
                    self.out.push_str(&self.page[from..]);
                    return;
                }
                Next::End => return,
            }
        }
        self.text(at, self.source.0.len());
    }

    /// Writes text with a blank for the end of each line: html5ever makes a token of its own of
    /// those, and pages have more of them than tags.
    fn text(&mut self, start: usize, end: usize) {
        let mut rest = &self.page[start..end];
        if !self.keeps_lines {
            while let Some(at) = memchr(b'\n', rest.as_bytes()) {
                self.out.push_str(rest[..at].strip_suffix('\r').unwrap_or(&rest[..at]));
                self.out.push(' ');
                rest = &rest[at + 1..];
            }
        }
        self.out.push_str(rest);
    }

    fn markup(&mut self, open: usize) -> Next {
        match self.source.0.get(open + 1) {
            Some(b'!') => self.declaration(open),
            Some(b'?') => self.past_bogus_comment(open),
            Some(b'/') => match self.source.0.get(open + 2) {
                Some(byte) if byte.is_ascii_alphabetic() => self.end_tag(open),
                Some(_) => self.past_bogus_comment(open),
                None => Next::AsItIs(open),
            },
            Some(byte) if byte.is_ascii_alphabetic() => self.start_tag(open),
            _ => {
                self.out.push('<');
                Next::At(open + 1)
            }
        }
    }

    fn declaration(&mut self, open: usize) -> Next {
        let rest = &self.source.0[open + 2..];
        if !rest.starts_with(b"--") {
            if rest.len() >= 7 && rest[..7].eq_ignore_ascii_case(b"doctype") {
                return match memchr(b'>', rest) {
                    Some(end) => {
                        let end = open + 2 + end + 1;
                        self.out.push_str(&self.page[open..end]);
                        Next::At(end)
                    }
                    None => Next::AsItIs(open),
                };
            }
            return self.past_bogus_comment(open);
        }
        let text = open + 4;
        let rest = &self.source.0[text..];
        if rest.starts_with(b">") {
            return self.past_comment(text + 1);
        }
        if rest.starts_with(b"->") {
            return self.past_comment(text + 2);
        }
        let mut from = 0;
        while let Some(found) = memmem::find(&rest[from..], b"--") {
            let dashes = from + found;
            match rest.get(dashes + 2) {
                Some(b'>') => return self.past_comment(text + dashes + 3),
                Some(b'!') if rest.get(dashes + 3) == Some(&b'>') => {
                    return self.past_comment(text + dashes + 4);
                }
                _ => from = dashes + 1,
            }
        }
        Next::End
    }

    fn past_bogus_comment(&mut self, open: usize) -> Next {
        match memchr(b'>', &self.source.0[open + 2..]) {
            Some(end) => self.past_comment(open + 2 + end + 1),
            None => Next::End,
        }
    }

    /// Goes on behind a comment. Where it divides what would be mark-up, a character reference or
    /// one end of a line without it, or hides a line's end from the element that ignores its first,
    /// an empty one stays.
    fn past_comment(&mut self, end: usize) -> Next {
        let divides_lines = self.keeps_lines && self.out.ends_with(['>', '\r']);
        if self.out.ends_with('<') || may_end_in_reference(self.out.as_bytes()) || divides_lines {
            self.out.push_str("<!---->");
        }
        Next::At(end)
    }

    fn end_tag(&mut self, open: usize) -> Next {
        match self.source.tag(open + 2, |_, _| {}) {
            Some(tag) => {
                self.out.push_str(&self.page[open..tag.name_end]);
                self.out.push('>');
                Next::At(tag.end)
            }
            None => Next::AsItIs(open),
        }
    }

    fn start_tag(&mut self, open: usize) -> Next {
        let before = self.out.len();
        let mut is_data = false;
        let mut has_type = false;
        let page = self.page;
        // The name is written once the tag is known to end; attributes are gathered meanwhile.
        let mut kept: [(usize, usize); 24] = [(0, 0); 24];
        let mut count = 0;
        let Some(tag) = self.source.tag(open + 1, |name, (start, end)| {
            if !READ.iter().any(|read| name.eq_ignore_ascii_case(read)) {
                return;
            }
            if name.eq_ignore_ascii_case(b"style") && !hides(&page.as_bytes()[start..end]) {
                return;
            }
            if name.eq_ignore_ascii_case(b"type") {
                has_type |= end > start + 5;
                is_data |= is_data_type(&page.as_bytes()[start..end]);
            }
            if count < kept.len() {
                kept[count] = (start, end);
                count += 1;
            }
        }) else {
            return Next::AsItIs(open);
        };
        let name = &self.source.0[open + 1..tag.name_end];
        self.out.push_str(&self.page[open..tag.name_end]);
        for (start, end) in &kept[..count] {
            self.out.push(' ');
            self.out.push_str(&self.page[*start..*end]);
        }
        self.out.push('>');
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        if is(b"script") {
            return self.script(tag.end, is_data, has_type, before, open);
        }
        if UNREAD.iter().any(|unread| is(unread)) {
            return match self.source.raw_end(tag.end, name) {
                Some(end) => Next::At(end),
                None => self.undo(before, open),
            };
        }
        if is(b"title") || is(b"textarea") || is(b"xmp") {
            return match self.source.raw_end(tag.end, name) {
                Some(end) => {
                    self.out.push_str(&self.page[tag.end..end]);
                    Next::At(end)
                }
                None => self.undo(before, open),
            };
        }
        if is(b"svg") {
            let end =
                if tag.closes_itself { Some(tag.end) } else { self.source.drawing_end(tag.end) };
            if let Some(end) = end {
                self.out.push_str("</svg>");
                return Next::At(end);
            }
            return self.past_drawing(tag.end, before, open);
        }
        self.keeps_lines |= is(b"pre") || is(b"listing");
        if is(b"math") || is(b"plaintext") || is(b"frameset") {
            return self.undo(before, open);
        }
        Next::At(tag.end)
    }

    /// A drawing that holds other things goes on as it is; the page behind it is made lean again
    /// where its end is beyond doubt.
    fn past_drawing(&mut self, start: usize, before: usize, open: usize) -> Next {
        let Some(end) = self.source.end_tag_of_drawing(start) else {
            return self.undo(before, open);
        };
        // What ended it early may keep its lines.
        self.keeps_lines = true;
        self.out.truncate(before);
        self.out.push_str(&self.page[open..end]);
        Next::At(end)
    }

    /// Takes back what was written of a tag and hands on the page from there as it is.
    fn undo(&mut self, before: usize, open: usize) -> Next {
        self.out.truncate(before);
        Next::AsItIs(open)
    }

    fn script(
        &mut self,
        start: usize,
        is_data: bool,
        has_type: bool,
        before: usize,
        open: usize,
    ) -> Next {
        let Some(end) = self.source.raw_end(start, b"script") else {
            return self.undo(before, open);
        };
        let content = &self.source.0[start..end];
        if let Some(comment) = memmem::find(content, b"<!--")
            && find_ignoring_case(&content[comment..], b"<script").is_some()
        {
            // "Script data double escaped": the first end tag may not be the end.
            return self.undo(before, open);
        }
        // Some pages forget the type of their data.
        let is_data = is_data
            || !has_type && content.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{');
        if is_data {
            self.out.push_str(&self.page[start..end]);
        }
        Next::At(end)
    }
}

/// Bytes of a character reference that is looked back for: the longest name has 33 (WHATWG HTML
/// 13.5).
const REFERENCE: usize = 64;

/// Whether what was written may end in a character reference without its end. Where letters and
/// digits go back further than is looked, it may: a number can have any length.
fn may_end_in_reference(out: &[u8]) -> bool {
    let tail = &out[out.len().saturating_sub(REFERENCE)..];
    match tail.iter().rposition(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#') {
        Some(at) => tail[at] == b'&',
        None => tail.len() == REFERENCE,
    }
}

/// Whether an inline style may hide its element.
fn hides(style: &[u8]) -> bool {
    find_ignoring_case(style, b"none").is_some() || find_ignoring_case(style, b"hidden").is_some()
}

/// Whether a script of this type is data or mark-up, not a program.
fn is_data_type(kind: &[u8]) -> bool {
    [&b"json"[..], b"template", b"html"].iter().any(|word| find_ignoring_case(kind, word).is_some())
}

#[cfg(test)]
#[path = "lean_tests.rs"]
mod tests;
