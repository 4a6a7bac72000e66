//! The text of one element, whatever was put into it.

use std::borrow::Cow;

use super::entities::{push_escaped, reference, unescape};
use super::scan::{Scanner, Tag, Token, split_name};

/// How the text of an element is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One line: a link, a date, an id. Any tag of the feed's own ends it.
    Line,
    /// References are resolved once; tags inside stay as they are.
    Escaped,
    /// XML markup (Atom's xhtml): tags stay, and so do the references between them.
    Markup,
}

/// How the text of an element is written, by what Atom 0.3 and 1.0 say of types and modes.
pub(super) fn form_of(tag: &Tag<'_>, atom: bool) -> Form {
    if !atom {
        return Form::Escaped;
    }
    let kind = tag.attribute("type").unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    let escaped = tag.attribute("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("escaped"));
    if !escaped && (kind.contains("xhtml") || kind.ends_with("/xml") || kind.ends_with("+xml")) {
        Form::Markup
    } else {
        Form::Escaped
    }
}

/// Whether the text is packed: Atom 0.3 says so by the mode, Atom 1.0 by a type that is no text
/// (RFC 4287, 4.1.3.3).
pub(super) fn is_base64(tag: &Tag<'_>) -> bool {
    let is_packed = tag.attribute("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("base64"));
    is_packed
        || tag.attribute("type").is_some_and(|kind| {
            let kind = kind.to_ascii_lowercase();
            ["application/", "image/", "audio/", "video/"]
                .iter()
                .any(|family| kind.starts_with(family))
                && !kind.contains("html")
                && !kind.contains("xml")
        })
}

/// Whether Atom says that the text is no markup.
pub(super) fn is_plain_type(tag: &Tag<'_>) -> bool {
    tag.attribute("type").is_none_or(|kind| {
        let kind = kind.trim();
        kind.eq_ignore_ascii_case("text") || kind.eq_ignore_ascii_case("text/plain")
    })
}

/// Plain text as HTML, which bodies are: what would be read as a tag is escaped. Many writers say
/// "text", or nothing, of what is HTML; it shows by an end tag or a reference.
pub(super) fn html_of_plain(text: Cow<'_, str>) -> Cow<'_, str> {
    let begins_tag = |rest: &str| {
        rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
    };
    if !text.match_indices('<').any(|(at, _)| begins_tag(&text[at + 1..])) || is_html(&text) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        out.push_str(if begins_tag(rest) { "&lt;" } else { "<" });
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn is_html(text: &str) -> bool {
    let ends_tag = |(at, _)| {
        text[at + 2..].starts_with(|c: char| c.is_ascii_alphabetic()) && text[at..].contains('>')
    };
    text.match_indices("</").next().is_some_and(ends_tag)
        || text.match_indices('&').any(|(at, _)| reference(&text[at..]).is_some())
        || ["<br", "<p>", "<p ", "<img ", "<BR", "<P>", "<IMG "]
            .iter()
            .any(|tag| text.contains(tag))
}

/// What was read.
#[derive(Debug)]
pub(super) struct TextRead<'a> {
    /// The text.
    pub(super) text: Cow<'a, str>,
    /// Tags stood in it.
    pub(super) has_markup: bool,
    /// Its end tag was missing.
    pub(super) unclosed: bool,
    /// The document ended before it did: the text may be half.
    pub(super) cut_off: bool,
}

/// Reads from behind the start tag to behind the end tag, or to where the element must end.
pub(super) fn read<'a>(scanner: &mut Scanner<'a>, tag: &Tag<'a>, form: Form) -> TextRead<'a> {
    let mut read =
        TextRead { text: Cow::Borrowed(""), has_markup: false, unclosed: false, cut_off: false };
    if tag.empty {
        return read;
    }
    // Elements of the same name that are open inside, and all that are.
    let mut depth = 0_usize;
    let mut inside = 0_usize;
    let mut wrapper = Wrapper::default();
    loop {
        let before = scanner.position();
        let Some(token) = scanner.next() else {
            read.unclosed = true;
            read.cut_off = true;
            break;
        };
        match token {
            Token::Text(text) if form == Form::Markup => {
                append(&mut read.text, Cow::Borrowed(text));
            }
            Token::Text(text) => append(&mut read.text, unescape(text)),
            Token::CData(text) if form == Form::Markup && read.has_markup => {
                let mut escaped = String::with_capacity(text.len());
                push_escaped(&mut escaped, text);
                append(&mut read.text, Cow::Owned(escaped));
            }
            // Markup in a CDATA section that is all there is: somebody took xhtml for html.
            Token::CData(text) => append(&mut read.text, Cow::Borrowed(text)),
            Token::Other => {}
            Token::Start(inner) => {
                if ends_text(inner.name, tag.name, form) {
                    scanner.seek(before);
                    read.unclosed = true;
                    break;
                }
                read.has_markup = true;
                if !inner.empty {
                    inside += 1;
                    depth += usize::from(inner.name == tag.name);
                }
                wrapper.see(&inner, &read.text);
                push_tag(&mut read.text, &inner);
            }
            Token::End(name) => {
                if name == tag.name || name.eq_ignore_ascii_case(tag.name) {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                }
                if closes_entry(name) {
                    scanner.seek(before);
                    read.unclosed = true;
                    break;
                }
                let is_line = form == Form::Line || split_name(tag.name).1 == "title";
                if is_line && inside == 0 {
                    // `<title>…</titel>`: whatever was meant, it ends here.
                    read.unclosed = true;
                    break;
                }
                inside = inside.saturating_sub(1);
                let text = read.text.to_mut();
                text.push_str("</");
                text.push_str(split_name(name).1);
                text.push('>');
            }
        }
    }
    if form == Form::Markup {
        wrapper.unwrap(&mut read.text);
    }
    read
}

/// Atom wraps xhtml into one `div` that is no part of the text (RFC 4287, 3.1.1.3).
#[derive(Default)]
struct Wrapper {
    seen_first: bool,
    length: Option<usize>,
}

impl Wrapper {
    fn see(&mut self, tag: &Tag<'_>, before: &str) {
        if self.seen_first {
            return;
        }
        self.seen_first = true;
        if split_name(tag.name).1 == "div" && before.trim().is_empty() && !tag.empty {
            self.length = Some(before.len());
        }
    }

    fn unwrap(&self, text: &mut Cow<'_, str>) {
        let Some(start) = self.length else { return };
        let Some(open_end) = text[start..].find('>').map(|end| start + end + 1) else {
            return;
        };
        let Some(inner) = text.trim_end().strip_suffix("</div>") else {
            return;
        };
        // Only a wrapper if it closes at the end and not before.
        let mut depth = 1_i32;
        let mut scanner = Scanner::new(inner);
        scanner.seek(open_end.min(inner.len()));
        while let Some(token) = scanner.next() {
            match token {
                Token::Start(tag) if tag.name == "div" && !tag.empty => depth += 1,
                Token::End("div") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
        if open_end <= inner.len() {
            *text = Cow::Owned(inner[open_end..].to_owned());
        }
    }
}

fn append<'a>(text: &mut Cow<'a, str>, more: Cow<'a, str>) {
    if text.is_empty() {
        *text = more;
    } else if !more.is_empty() {
        text.to_mut().push_str(&more);
    }
}

/// Writes a tag of the markup without its prefix: it becomes HTML.
fn push_tag(text: &mut Cow<'_, str>, tag: &Tag<'_>) {
    let text = text.to_mut();
    text.push('<');
    text.push_str(split_name(tag.name).1);
    text.push_str(tag.attributes.trim_end());
    text.push_str(if tag.empty { " />" } else { ">" });
}

/// Whether a start tag shows that the element was never closed.
fn ends_text(name: &str, of: &str, form: Form) -> bool {
    let (prefix, local) = split_name(name);
    if !prefix.is_empty() && prefix != "atom" && prefix != "rss" {
        // `<dc:date>` in a title, `<content:encoded>` in a description.
        return form == Form::Line || matches!(name, "content:encoded" | "dc:date" | "dc:creator");
    }
    match local {
        "item" | "entry" | "channel" | "pubDate" | "guid" | "pubdate" => true,
        "link" | "description" | "title" | "published" | "updated" | "summary" | "author"
        | "category" | "enclosure" | "comments" | "id" | "content" => {
            form == Form::Line || (split_name(of).1 == "title" && local != "title")
        }
        _ => false,
    }
}

/// Whether an end tag ends everything that is open in an entry.
fn closes_entry(name: &str) -> bool {
    let local = split_name(name).1;
    ["item", "entry", "channel", "rss", "feed", "RDF"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(local))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(document: &str, form: Form) -> (String, bool) {
        let mut scanner = Scanner::new(document);
        let Some(Token::Start(tag)) = scanner.next() else {
            panic!("no start tag");
        };
        let read = read(&mut scanner, &tag, form);
        (read.text.into_owned(), read.unclosed)
    }

    #[test]
    fn text_is_read_in_each_form() {
        for (document, form, wanted) in [
            ("<t>a &amp; b</t>", Form::Escaped, "a & b"),
            ("<t>a <![CDATA[& <b>]]> c</t>", Form::Escaped, "a & <b> c"),
            ("<t>&lt;p&gt;x</t>", Form::Escaped, "<p>x"),
            ("<t>a <b>c</b></t>", Form::Escaped, "a <b>c</b>"),
            ("<t><div xmlns='x'>a &lt; <b>c</b></div></t>", Form::Markup, "a &lt; <b>c</b>"),
            ("<t> <x:div><x:p>a</x:p></x:div> </t>", Form::Markup, "<p>a</p>"),
            ("<t><div>a</div><div>b</div></t>", Form::Markup, "<div>a</div><div>b</div>"),
            ("<t/>x", Form::Escaped, ""),
        ] {
            assert_eq!(text_of(document, form), (wanted.to_owned(), false), "{document}");
        }
    }

    #[test]
    fn plain_text_is_not_taken_for_markup_unless_it_is_some() {
        for (text, wanted) in [
            ("1 < 2 and the <b> tag", "1 < 2 and the &lt;b> tag"),
            ("Vec<String> & co", "Vec&lt;String> & co"),
            ("AT&T <3 you", "AT&T <3 you"),
            ("<p>Rain</p>", "<p>Rain</p>"),
            ("one<br>two", "one<br>two"),
            ("<em> it&#8217;s", "<em> it&#8217;s"),
        ] {
            assert_eq!(html_of_plain(Cow::Borrowed(text)), wanted, "{text}");
        }
    }

    #[test]
    fn text_that_was_never_closed_ends_where_it_must() {
        for (document, form, wanted) in [
            ("<link>http://a/ <guid>b</guid>", Form::Line, "http://a/ "),
            ("<title>x</item>", Form::Escaped, "x"),
            ("<title>x<link>y</link></title>", Form::Escaped, "x"),
            ("<description><p>x<pubDate>", Form::Escaped, "<p>x"),
            ("<title><![CDATA[x</title></item>", Form::Escaped, "x"),
        ] {
            let (text, _) = text_of(document, form);
            assert_eq!(text, wanted, "{document}");
        }
    }
}
