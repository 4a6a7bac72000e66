//! What single elements say of a feed or an entry: the vocabulary of all dialects in one table, and
//! the readers of their values.

use super::dates::parse_date;
use super::{Cloud, MAX_NAMES};
use std::borrow::Cow;

use super::entities::{fold_white_space, plain_line, unescape};
use super::front::{Context, Field, Front};
use super::names::{begins_with_text, is_container};
use super::namespaces::Vocabulary;
use super::scan::{Tag, Token};
use super::text::{self, Form, TextRead};
use super::values::{
    decode_base64, element, is_on_front_page, language_tag, looks_like_image, push_cdata,
    resolve_url,
};

impl<'a> Front<'a, '_> {
    /// What an element says of the feed.
    pub(super) fn of_feed(
        &mut self,
        tag: &Tag<'a>,
        vocabulary: Vocabulary,
        local: &str,
    ) -> Option<Context> {
        match (vocabulary, local) {
            (Vocabulary::Core | Vocabulary::DublinCore, "title") => self.title(tag, 1),
            (Vocabulary::Core, "link") => self.link_element(tag),
            (Vocabulary::Core | Vocabulary::DublinCore, "language") => {
                let language = self.line(tag);
                if self.out.feed.language.is_none() {
                    self.out.feed.language = language_tag(&language);
                }
            }
            (Vocabulary::Core, "copyright" | "rights") | (Vocabulary::DublinCore, "rights") => {
                self.rights(tag);
            }
            (Vocabulary::Core, "ttl") => {
                let minutes = self.line(tag);
                if let Ok(minutes) = minutes.trim().parse::<u64>() {
                    self.out.feed.schedule.ttl_s = Some(minutes.saturating_mul(60));
                }
            }
            (Vocabulary::Core, "cloud") => {
                self.cloud(tag);
                return Some(Context::Skip);
            }
            (Vocabulary::Core, "skiphours") => return Some(Context::SkipHours),
            (Vocabulary::Core, "skipdays") => return Some(Context::SkipDays),
            (Vocabulary::Syndication, "updateperiod") => {
                let period = self.line(tag);
                self.period.0 = Some(period);
            }
            (Vocabulary::Syndication, "updatefrequency") => {
                let frequency = self.line(tag);
                self.period.1 = frequency.trim().parse::<f64>().ok();
            }
            (Vocabulary::Core, "author") if self.atom => return Some(Context::Person),
            _ => return Some(Context::Skip),
        }
        None
    }

    /// What an element says of the entry that is open.
    pub(super) fn of_entry(
        &mut self,
        tag: &Tag<'a>,
        vocabulary: Vocabulary,
        local: &str,
    ) -> Option<Context> {
        use Vocabulary::{
            Content, Core, DublinCore, FeedBurner, Itunes, License, Media, Xhtml, Yandex,
        };
        match (vocabulary, local) {
            (Core, "title") => self.title(tag, 1),
            (DublinCore, "title") => self.title(tag, 2),
            (Media | Itunes, "title") => self.title(tag, 3),
            (Core, "link") => self.link_element(tag),
            (FeedBurner, "origlink") => {
                let link = self.line(tag);
                self.link(&link, 4);
            }
            (Core, "guid" | "id") => self.guid(tag),
            (Core, "description" | "summary" | "abstract") => self.body(tag, Field::Summary, 1),
            (DublinCore, "description" | "abstract") => self.body(tag, Field::Summary, 2),
            (Itunes, "summary") | (Media, "description") => self.body(tag, Field::Summary, 3),
            (Itunes, "subtitle") => self.body(tag, Field::Summary, 4),
            (Content, "encoded") => self.body(tag, Field::Content, 1),
            (Yandex, "full-text") => self.body(tag, Field::Content, 2),
            (Core, "content") => self.content(tag),
            (Core | Xhtml, "body") | (Core, "fullitem") => {
                self.body_of_form(tag, Field::Content, 2, Form::Markup);
            }
            (Core, "pubdate" | "published") => self.date(tag, Field::Published, 1),
            (Core, "issued") | (DublinCore, "date" | "issued") => {
                self.date(tag, Field::Published, 2);
            }
            (Core | DublinCore, "created") => self.date(tag, Field::Published, 3),
            (Core, "updated" | "modified") => self.date(tag, Field::Updated, 1),
            (DublinCore, "modified") => self.date(tag, Field::Updated, 2),
            (Core, "lastbuilddate") => self.date(tag, Field::Updated, 3),
            (Core, "author") if self.atom || is_container(&self.scanner) => {
                self.person = None;
                return Some(Context::Person);
            }
            (Core, "author") | (DublinCore, "creator" | "author") => self.contact(tag, 1),
            (Itunes, "author") => self.contact(tag, 2),
            (Core | Media | Itunes, "category") | (DublinCore, "subject") => {
                self.category(tag);
            }
            (Media | Itunes, "keywords") => {
                let words = self.line(tag);
                for word in words.split(',') {
                    self.tag(word);
                }
            }
            (Core | DublinCore, "rights" | "copyright") => self.rights(tag),
            (License | DublinCore, "license") => {
                let license = match tag.attribute("rdf:resource") {
                    Some(resource) => resource.into_owned(),
                    None => self.line(tag),
                };
                self.license(&license);
                return tag.attribute("rdf:resource").map(|_| Context::Skip);
            }
            (DublinCore | Core, "language") => {
                let language = self.line(tag);
                if let Some((_, notes)) = &mut self.entry {
                    notes.language = language_tag(&language).or(notes.language.take());
                }
            }
            (Core, "enclosure") => {
                let kind = tag.attribute("type").map(|kind| kind.trim().to_ascii_lowercase());
                if let Some(url) = tag.attribute("url") {
                    let is_image = match &kind {
                        Some(kind) => kind.starts_with("image"),
                        None => looks_like_image(&url),
                    };
                    if is_image {
                        self.image(&url, 4);
                    }
                }
                return Some(Context::Skip);
            }
            (Media, "content" | "group") => return Some(self.media_content(tag)),
            (Media, "thumbnail") => {
                if let Some(url) = tag.attribute("url") {
                    self.image(&url, 3);
                }
                return Some(Context::Skip);
            }
            (Itunes, "image") => {
                if let Some(url) = tag.attribute("href") {
                    self.image(&url, 5);
                }
                return Some(Context::Skip);
            }
            (Core, "image") => return self.image_element(tag),
            _ => return Some(Context::Skip),
        }
        None
    }

    /// Reads an element's text, its references resolved.
    pub(super) fn read(&mut self, tag: &Tag<'a>, form: Form) -> TextRead<'a> {
        let read = text::read(&mut self.scanner, tag, form);
        if read.unclosed {
            self.problems.add(format!("<{}> was not closed", problem_name(tag.name)));
        }
        read
    }

    /// Reads a short text: one that is cut off by the end of the document is worth nothing.
    pub(super) fn line(&mut self, tag: &Tag<'a>) -> String {
        let read = self.read(tag, Form::Line);
        if read.cut_off {
            return String::new();
        }
        read.text.trim().to_owned()
    }

    /// Writes one of several values of a field, if it is the best so far.
    pub(super) fn field(&mut self, field: Field, rank: u8, write: impl FnOnce(&mut String)) {
        let ranks = match &mut self.entry {
            Some((_, notes)) => &mut notes.ranks,
            None => &mut self.feed_ranks,
        };
        if ranks.is_better(field, rank) {
            ranks.set(field, rank);
            write(&mut self.out.atom);
        }
    }

    fn title(&mut self, tag: &Tag<'a>, rank: u8) {
        let form = text::form_of(tag, self.atom);
        let mut read = self.read(tag, form);
        let plain_type = self.atom && text::is_plain_type(tag) && !text::is_base64(tag);
        if self.atom
            && text::is_base64(tag)
            && let Some(text) = decode_base64(&read.text)
        {
            read.text = Cow::Owned(text);
        }
        let title = if plain_type && !read.has_markup {
            fold_white_space(&unescape(&read.text))
        } else {
            plain_line(&read.text)
        };
        if title.is_empty() {
            return;
        }
        self.field(Field::Title, rank, |out| element(out, "title", &title));
    }

    fn body(&mut self, tag: &Tag<'a>, field: Field, rank: u8) {
        let form = text::form_of(tag, self.atom);
        self.body_of_form(tag, field, rank, form);
    }

    fn body_of_form(&mut self, tag: &Tag<'a>, field: Field, rank: u8, form: Form) {
        let read = self.read(tag, form);
        let mut text = Cow::Borrowed(read.text.trim());
        if text.is_empty() {
            return;
        }
        if self.atom && text::is_plain_type(tag) && !read.has_markup {
            text = text::html_of_plain(text);
        }
        let name = match field {
            Field::Content => "content",
            _ => "summary",
        };
        self.field(field, rank, |out| {
            out.push('<');
            out.push_str(name);
            out.push_str(" type=\"html\">");
            push_cdata(out, &text);
            out.push_str("</");
            out.push_str(name);
            out.push('>');
        });
    }

    /// Atom's content, which may be of any type, or elsewhere.
    fn content(&mut self, tag: &Tag<'a>) {
        if text::is_base64(tag) {
            let read = self.read(tag, Form::Escaped);
            match decode_base64(&read.text) {
                Some(text) => self.field(Field::Content, 1, |out| {
                    out.push_str("<content type=\"html\">");
                    push_cdata(out, &text);
                    out.push_str("</content>");
                }),
                None if !read.text.trim().is_empty() => {
                    self.problems.add("content of a type that cannot be read was left out");
                }
                None => {}
            }
            return;
        }
        self.body(tag, Field::Content, 1);
    }

    fn rights(&mut self, tag: &Tag<'a>) {
        let form = text::form_of(tag, self.atom);
        let read = self.read(tag, form);
        let rights = plain_line(&read.text);
        if !rights.is_empty() {
            self.field(Field::Rights, 1, |out| element(out, "rights", &rights));
        }
    }

    fn guid(&mut self, tag: &Tag<'a>) {
        let says = tag.attribute("isPermaLink").map(|value| value.trim().to_ascii_lowercase());
        let not_a_link = says.as_deref() == Some("false");
        let is_link = says.as_deref() == Some("true");
        let guid = self.line(tag);
        let guid = fold_white_space(&guid);
        if guid.is_empty() {
            return;
        }
        self.field(Field::Id, 1, |out| element(out, "id", &guid));
        // Any other relative guid ("7", "news-1") is a name.
        let is_path = guid.contains('/') && !guid.contains([':', ' ']);
        let looks_like_link = guid.contains("://") || guid.starts_with('/') || (is_link && is_path);
        if !not_a_link && looks_like_link && (is_link || !is_on_front_page(&guid)) {
            self.link(&guid, 6);
        }
    }

    fn link_element(&mut self, tag: &Tag<'a>) {
        let href = match tag.attribute("href") {
            Some(href) => {
                self.skip_text(tag);
                href
            }
            None => Cow::Owned(self.link_text(tag)),
        };
        let rel = tag
            .attribute("rel")
            .map_or_else(|| "alternate".to_owned(), |rel| rel.trim().to_ascii_lowercase());
        let rel = rel.strip_prefix("http://www.iana.org/assignments/relation/").unwrap_or(&rel);
        let kind = tag.attribute("type").map(|kind| kind.trim().to_ascii_lowercase());
        match rel {
            "alternate" => {
                let is_page = kind
                    .as_deref()
                    .is_none_or(|kind| kind.contains("html") || kind == "text/plain");
                self.link(&href, if is_page { 1 } else { 3 });
            }
            "self" if self.entry.is_none() => {
                if let Some(url) = self.resolve_url(&href) {
                    self.out.feed.self_url.get_or_insert(url);
                }
            }
            "hub" if self.entry.is_none() => {
                if let Some(url) = self.resolve_url(&href)
                    && self.out.feed.hubs.len() < MAX_NAMES
                    && !self.out.feed.hubs.contains(&url)
                {
                    self.out.feed.hubs.push(url);
                }
            }
            "license" => self.license(&href),
            "enclosure" if kind.is_some_and(|kind| kind.starts_with("image")) => {
                self.image(&href, 4);
            }
            _ => {}
        }
    }

    /// The address in a `<link>`: as its text, as the text of a tag in it, or behind a `<link/>`,
    /// which is void in HTML, where an HTML writer had the feed in its hands.
    fn link_text(&mut self, tag: &Tag<'a>) -> String {
        if tag.empty {
            let before = self.scanner.clone();
            if let Some(Token::Text(text)) = self.scanner.next()
                && let Some(url) = text.split_ascii_whitespace().next()
                && (url.starts_with("http://") || url.starts_with("https://"))
            {
                return unescape(url).into_owned();
            }
            self.scanner = before;
        }
        let text = self.line(tag);
        if text.contains('<') { plain_line(&text) } else { text }
    }

    /// RSS 2.0 `cloud`: where to ask for notifications.
    fn cloud(&mut self, tag: &Tag<'a>) {
        let value = |name| tag.attribute(name).map(|value| value.trim().to_owned());
        let protocol = value("protocol").unwrap_or_default();
        let Some(domain) = value("domain").filter(|domain| !domain.contains('/')) else { return };
        let scheme = if protocol.contains("https") { "https" } else { "http" };
        let port = value("port").map(|port| format!(":{port}")).unwrap_or_default();
        let path = value("path").unwrap_or_default();
        let url = format!("{scheme}://{domain}{port}/{}", path.trim_start_matches('/'));
        if let Some(url) = self.resolve_url(&url) {
            self.out.feed.cloud = Some(Cloud { url, protocol });
        }
    }

    /// `<link href="…">text</link>`, or a `<link href="…">` that is never closed.
    fn skip_text(&mut self, tag: &Tag<'a>) {
        let before = self.scanner.clone();
        if text::read(&mut self.scanner, tag, Form::Line).unclosed {
            self.scanner = before;
        }
    }

    pub(super) fn link(&mut self, text: &str, rank: u8) {
        let known = match &self.entry {
            Some((_, notes)) => notes.ranks.of(Field::Link),
            None => self.out.feed.link_rank,
        };
        if rank >= known || text.trim().is_empty() {
            return;
        }
        let Some(url) = self.resolve_url(text) else {
            // A guid that is no address is no fault.
            if rank < 5 {
                self.problems.add(format!("no absolute address: {:.80}", fold_white_space(text)));
            }
            return;
        };
        if let Some((_, notes)) = &mut self.entry {
            notes.link = Some(url);
            notes.ranks.set(Field::Link, rank);
        } else {
            self.out.feed.link = Some(url);
            self.out.feed.link_rank = rank;
        }
    }

    /// An absolute URL, as the feed spells it where it is absolute already.
    fn resolve_url(&self, text: &str) -> Option<String> {
        let feed_link = self.out.feed.link.as_deref();
        resolve_url(text, self.scope.base(), feed_link)
    }

    fn date(&mut self, tag: &Tag<'a>, field: Field, rank: u8) {
        let text = self.line(tag);
        if text.is_empty() {
            return;
        }
        match parse_date(&text) {
            Some(date) => {
                let name = match field {
                    Field::Published => "published",
                    _ => "updated",
                };
                self.field(field, rank, |out| element(out, name, &date.to_string()));
            }
            None => self.problems.add(format!("no date: {:.60}", fold_white_space(&text))),
        }
    }

    /// `<media:content>`. What stands in that of an image (caption, credit) is said of the image.
    fn media_content(&mut self, tag: &Tag<'a>) -> Context {
        let kind = tag.attribute("type").unwrap_or_default();
        let medium = tag.attribute("medium").unwrap_or_default();
        let Some(url) = tag.attribute("url") else {
            return Context::Media;
        };
        if kind.starts_with("image") || medium.eq_ignore_ascii_case("image") {
            self.image(&url, 1);
        } else if kind.is_empty() && medium.is_empty() && looks_like_image(&url) {
            self.image(&url, 2);
        } else {
            return Context::Media;
        }
        Context::Skip
    }

    /// An entry's `<image>`: the address stands in an attribute, in its text, or in a `<url>`.
    fn image_element(&mut self, tag: &Tag<'a>) -> Option<Context> {
        let named = ["url", "href", "src"].iter().find_map(|name| tag.attribute(name));
        if let Some(url) = named {
            self.image(&url, 2);
            return Some(Context::Skip);
        }
        if begins_with_text(&self.scanner) {
            let url = self.line(tag);
            self.image(&url, 2);
            return None;
        }
        Some(Context::Image)
    }

    pub(super) fn image(&mut self, url: &str, rank: u8) {
        let Some(url) = self.resolve_url(url) else {
            return;
        };
        if let Some((_, notes)) = &mut self.entry
            && notes.ranks.is_better(Field::Image, rank)
        {
            notes.ranks.set(Field::Image, rank);
            notes.image = Some(url);
        }
    }

    fn license(&mut self, text: &str) {
        let text = text.trim();
        if let Some((_, notes)) = &mut self.entry
            && !text.is_empty()
        {
            notes.license.get_or_insert_with(|| text.to_owned());
        }
    }
}

fn problem_name(name: &str) -> &str {
    name.char_indices().nth(40).map_or(name, |(at, _)| &name[..at])
}
