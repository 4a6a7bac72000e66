//! The page without what no rule reads: programs, styles, comments, pictures drawn in text, and
//! most attributes. What is left gives the same tree, with blanks for the ends of lines where they
//! mean no more than that, in half the time: html5ever's tokeniser costs more than all our rules
//! together.
//!
//! This follows the states of the standard's tokeniser (WHATWG HTML 13.2.5) as far as they bear on
//! where a tag, a comment or a raw text ends. Where their outcome hangs on the tree (foreign
//! content, `<plaintext>`, a script inside a comment inside a script) the rest of the page is
//! handed on as it is: slower, never different. Knows no rule of the extraction.

use memchr::{memchr, memchr2, memmem};

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
    b"xml:lang",
];

/// Elements whose content is no mark-up and is never looked at.
const UNREAD: &[&[u8]] = &[b"style", b"noscript", b"iframe", b"noembed", b"noframes"];

/// Elements that hold raw text (WHATWG HTML 13.2.6.4: what switches the tokeniser).
const RAW: &[&[u8]] =
    &[b"iframe", b"noembed", b"noframes", b"noscript", b"style", b"textarea", b"title", b"xmp"];

/// What may stand inside a drawing that is left out; anything else may end it early (the standard's
/// break-out from foreign content), and then the page goes on as it is.
const DRAWN: &[&[u8]] = &[
    b"animate",
    b"animatetransform",
    b"circle",
    b"clippath",
    b"defs",
    b"ellipse",
    b"feblend",
    b"fecolormatrix",
    b"fecomposite",
    b"feflood",
    b"fegaussianblur",
    b"feoffset",
    b"filter",
    b"g",
    b"image",
    b"line",
    b"lineargradient",
    b"mask",
    b"path",
    b"pattern",
    b"polygon",
    b"polyline",
    b"radialgradient",
    b"rect",
    b"stop",
    b"symbol",
    b"text",
    b"tspan",
    b"use",
];

/// Writes the page without what is not read.
pub(crate) fn lean(page: &str) -> String {
    let mut lean = Lean {
        bytes: page.as_bytes(),
        page,
        out: String::with_capacity(page.len()),
        keeps_lines: false,
    };
    lean.run();
    lean.out
}

struct Lean<'p> {
    bytes: &'p [u8],
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

/// A start tag.
struct Tag {
    /// Where its name ends.
    name_end: usize,
    /// Whether it ends in `/>`, and the slash belongs to no attribute.
    closes_itself: bool,
    /// One past its `>`.
    end: usize,
}

impl Lean<'_> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(found) = memchr(b'<', &self.bytes[at..]) {
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
        self.text(at, self.bytes.len());
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
        match self.bytes.get(open + 1) {
            Some(b'!') => self.declaration(open),
            Some(b'?') => self.past_bogus_comment(open),
            Some(b'/') => match self.bytes.get(open + 2) {
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
        let rest = &self.bytes[open + 2..];
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
        let rest = &self.bytes[text..];
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
        match memchr(b'>', &self.bytes[open + 2..]) {
            Some(end) => self.past_comment(open + 2 + end + 1),
            None => Next::End,
        }
    }

    /// Goes on behind a comment. Where it divides what would be mark-up, a character reference or
    /// one end of a line without it, or hides a line's end from the element that ignores its first,
    /// an empty one stays.
    fn past_comment(&mut self, end: usize) -> Next {
        let before = self.out.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '#');
        let divides_lines = self.keeps_lines && self.out.ends_with(['>', '\r']);
        if self.out.ends_with('<') || before.ends_with('&') || divides_lines {
            self.out.push_str("<!---->");
        }
        Next::At(end)
    }

    fn end_tag(&mut self, open: usize) -> Next {
        match self.tag(open + 2, |_, _| {}) {
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
        let Some(tag) = self.tag(open + 1, |name, (start, end)| {
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
        let name = &self.bytes[open + 1..tag.name_end];
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
            return match self.raw_end(tag.end, name) {
                Some(end) => Next::At(end),
                None => self.undo(before, open),
            };
        }
        if is(b"title") || is(b"textarea") || is(b"xmp") {
            return match self.raw_end(tag.end, name) {
                Some(end) => {
                    self.out.push_str(&self.page[tag.end..end]);
                    Next::At(end)
                }
                None => self.undo(before, open),
            };
        }
        if is(b"svg") {
            let end = if tag.closes_itself { Some(tag.end) } else { self.drawing_end(tag.end) };
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
        let Some(end) = self.end_tag_of_drawing(start) else {
            return self.undo(before, open);
        };
        // What ended it early may keep its lines.
        self.keeps_lines = true;
        self.out.truncate(before);
        self.out.push_str(&self.page[open..end]);
        Next::At(end)
    }

    /// Where the end tag of a drawing begins that something may have ended early; `None` where that
    /// hangs on the tree. Once it was ended, `<title>` and its like are no longer the drawing's own:
    /// they hold raw text, and an end tag in there is none.
    fn end_tag_of_drawing(&self, start: usize) -> Option<usize> {
        let mut at = start;
        loop {
            let open = at + memchr(b'<', &self.bytes[at..])?;
            let closes = self.bytes.get(open + 1) == Some(&b'/');
            let name_start = open + 1 + usize::from(closes);
            match self.bytes.get(name_start)? {
                b'!' | b'?' => return None,
                byte if !byte.is_ascii_alphabetic() => {
                    if closes {
                        return None;
                    }
                    at = open + 1;
                    continue;
                }
                _ => {}
            }
            let tag = self.tag(name_start, |_, _| {})?;
            let name = &self.bytes[name_start..tag.name_end];
            let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
            at = tag.end;
            if closes {
                if is(b"svg") {
                    return Some(open);
                }
            } else if is(b"svg") || is(b"script") || is(b"plaintext") {
                return None;
            } else if RAW.iter().any(|raw| is(raw)) {
                let content = tag.end;
                at = self.raw_end(content, name)?;
                // As the drawing's own it would hold mark-up.
                if memchr(b'<', &self.bytes[content..at]).is_some() {
                    return None;
                }
            }
        }
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
        let Some(end) = self.raw_end(start, b"script") else {
            return self.undo(before, open);
        };
        let content = &self.bytes[start..end];
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

    /// Where the end tag of a raw text begins.
    fn raw_end(&self, start: usize, name: &[u8]) -> Option<usize> {
        let mut from = start;
        loop {
            let at = from + memmem::find(&self.bytes[from..], b"</")?;
            let rest = &self.bytes[at + 2..];
            if rest.len() > name.len()
                && rest[..name.len()].eq_ignore_ascii_case(name)
                && matches!(rest[name.len()], b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' | b'>')
            {
                return Some(at);
            }
            from = at + 2;
        }
    }

    /// One past the end tag of a drawing that holds nothing but drawing.
    fn drawing_end(&self, start: usize) -> Option<usize> {
        let mut depth = 1_usize;
        let mut at = start;
        loop {
            let open = at + memchr(b'<', &self.bytes[at..])?;
            let closes = self.bytes.get(open + 1) == Some(&b'/');
            let name_start = open + 1 + usize::from(closes);
            if !self.bytes.get(name_start)?.is_ascii_alphabetic() {
                return None;
            }
            let tag = self.tag(name_start, |_, _| {})?;
            let name = &self.bytes[name_start..tag.name_end];
            if name.eq_ignore_ascii_case(b"svg") {
                if closes {
                    depth -= 1;
                } else if !tag.closes_itself {
                    depth += 1;
                }
                if depth == 0 {
                    return Some(tag.end);
                }
            } else if !DRAWN.iter().any(|drawn| name.eq_ignore_ascii_case(drawn)) {
                // These hold text; with mark-up in it the drawing may end here.
                let is_text = [&b"title"[..], b"desc", b"style"]
                    .iter()
                    .any(|it| name.eq_ignore_ascii_case(it));
                let next = memchr(b'<', &self.bytes[tag.end..])?;
                let ends = self.bytes.get(tag.end + next + 1) == Some(&b'/');
                if !is_text || !closes && !ends {
                    return None;
                }
            }
            at = tag.end;
        }
    }

    /// Reads a tag from its name on; each attribute is shown with its name and where it stands.
    fn tag(&self, name: usize, mut attribute: impl FnMut(&[u8], (usize, usize))) -> Option<Tag> {
        let bytes = self.bytes;
        let is_blank = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c');
        let mut at = name;
        while !matches!(*bytes.get(at)?, b'/' | b'>') && !is_blank(bytes[at]) {
            at += 1;
        }
        let name_end = at;
        loop {
            let mut closes_itself = false;
            while is_blank(*bytes.get(at)?) || bytes[at] == b'/' {
                closes_itself = bytes[at] == b'/';
                at += 1;
            }
            if bytes[at] == b'>' {
                return Some(Tag { name_end, closes_itself, end: at + 1 });
            }
            // A name may begin with an equals sign.
            let start = at;
            at += 1;
            while !matches!(*bytes.get(at)?, b'/' | b'>' | b'=') && !is_blank(bytes[at]) {
                at += 1;
            }
            let attribute_name = &bytes[start..at];
            let mut end = at;
            let mut value = at;
            while is_blank(*bytes.get(value)?) {
                value += 1;
            }
            if bytes[value] == b'=' {
                value += 1;
                while is_blank(*bytes.get(value)?) {
                    value += 1;
                }
                end = match bytes[value] {
                    quote @ (b'"' | b'\'') => value + 1 + memchr(quote, &bytes[value + 1..])? + 1,
                    _ => {
                        let mut until = value;
                        while *bytes.get(until)? != b'>' && !is_blank(bytes[until]) {
                            until += 1;
                        }
                        until
                    }
                };
                at = end;
            }
            attribute(attribute_name, (start, end));
        }
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

/// First place of an ASCII word given in lower case.
fn find_ignoring_case(haystack: &[u8], word: &[u8]) -> Option<usize> {
    let first = *word.first()?;
    let mut from = 0;
    loop {
        let at = from
            + if first.is_ascii_alphabetic() {
                memchr2(first, first.to_ascii_uppercase(), haystack.get(from..)?)?
            } else {
                memchr(first, haystack.get(from..)?)?
            };
        if haystack.len() >= at + word.len()
            && haystack[at..at + word.len()].eq_ignore_ascii_case(word)
        {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
#[path = "lean_tests.rs"]
mod tests;
