//! Where mark-up ends: tags, raw texts and drawings, as the standard's tokeniser sees them (WHATWG
//! HTML 13.2.5). Writes nothing.

use memchr::{memchr, memchr2, memmem};

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

/// A start tag.
pub(crate) struct Tag {
    /// Where its name ends.
    pub(crate) name_end: usize,
    /// Whether it ends in `/>`, and the slash belongs to no attribute.
    pub(crate) closes_itself: bool,
    /// One past its `>`.
    pub(crate) end: usize,
}

/// The bytes of a page.
#[derive(Clone, Copy)]
pub(crate) struct Source<'p>(pub(crate) &'p [u8]);

impl Source<'_> {
    /// Reads a tag from its name on; each attribute is shown with its name and where it stands.
    pub(crate) fn tag(
        self,
        name: usize,
        mut attribute: impl FnMut(&[u8], (usize, usize)),
    ) -> Option<Tag> {
        let bytes = self.0;
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

    /// Where the end tag of a raw text begins.
    #[inline]
    pub(crate) fn raw_end(self, start: usize, name: &[u8]) -> Option<usize> {
        let mut from = start;
        loop {
            let at = from + memmem::find(&self.0[from..], b"</")?;
            let rest = &self.0[at + 2..];
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
    pub(crate) fn drawing_end(self, start: usize) -> Option<usize> {
        let mut depth = 1_usize;
        let mut at = start;
        loop {
            let open = at + memchr(b'<', &self.0[at..])?;
            let closes = self.0.get(open + 1) == Some(&b'/');
            let name_start = open + 1 + usize::from(closes);
            if !self.0.get(name_start)?.is_ascii_alphabetic() {
                return None;
            }
            let tag = self.tag(name_start, |_, _| {})?;
            let name = &self.0[name_start..tag.name_end];
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
                let next = memchr(b'<', &self.0[tag.end..])?;
                let ends = self.0.get(tag.end + next + 1) == Some(&b'/');
                if !is_text || !closes && !ends {
                    return None;
                }
            }
            at = tag.end;
        }
    }

    /// Where the end tag of a drawing begins that something may have ended early; `None` where that
    /// hangs on the tree. Once it was ended, `<title>` and its like are no longer the drawing's own:
    /// they hold raw text, and an end tag in there is none.
    pub(crate) fn end_tag_of_drawing(self, start: usize) -> Option<usize> {
        let mut at = start;
        loop {
            let open = at + memchr(b'<', &self.0[at..])?;
            let closes = self.0.get(open + 1) == Some(&b'/');
            let name_start = open + 1 + usize::from(closes);
            match self.0.get(name_start)? {
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
            let name = &self.0[name_start..tag.name_end];
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
                if memchr(b'<', &self.0[content..at]).is_some() {
                    return None;
                }
            }
        }
    }
}

/// First place of an ASCII word given in lower case.
#[inline]
pub(crate) fn find_ignoring_case(haystack: &[u8], word: &[u8]) -> Option<usize> {
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
