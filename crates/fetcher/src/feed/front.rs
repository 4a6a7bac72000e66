//! The repairing front: any dialect of RSS, RDF and Atom, however broken, becomes clean Atom 1.0
//! that feed-rs reads without complaint, and notes of what feed-rs' model has no place for.
//!
//! It works on a stream of tags and keeps no tree. It never fails: what cannot be understood is
//! left out and told in `problems`.

use std::borrow::Cow;
use std::ops::Range;

use url::Url;

use super::dates::parse_date;
use super::entities::{fold_white_space, plain_line, push_escaped, unescape};
use super::namespaces::{self, Vocabulary};
use super::problems::Problems;
use super::scan::{Scanner, Tag, Token, split_name};
use super::text::{self, Form, TextRead};
use super::{FeedFormat, MAX_DEPTH, MAX_ENTRIES, ScheduleHints};

/// What opens the document for feed-rs.
pub(super) const HEAD: &str = "<feed xmlns=\"http://www.w3.org/2005/Atom\">";
/// What closes it.
pub(super) const TAIL: &str = "</feed>";
/// Namespace declarations in force at once.
const MOST_BINDINGS: usize = 256;

/// A document made clean, and what was noted on the way.
#[derive(Debug, Default)]
pub(super) struct Cleaned {
    /// The whole document for feed-rs.
    pub(super) atom: String,
    /// Where each entry stands in it.
    pub(super) entries: Vec<Range<usize>>,
    /// One for each entry.
    pub(super) notes: Vec<EntryNotes>,
    /// Of the feed.
    pub(super) feed: FeedNotes,
}

/// What feed-rs has no place for, of the feed.
#[derive(Debug, Default)]
pub(super) struct FeedNotes {
    pub(super) link: Option<String>,
    pub(super) self_url: Option<String>,
    pub(super) hubs: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) schedule: ScheduleHints,
    link_rank: u8,
}

/// What feed-rs has no place for, of an entry.
#[derive(Debug)]
pub(super) struct EntryNotes {
    /// As the feed spells it, made absolute.
    pub(super) link: Option<String>,
    pub(super) image: Option<String>,
    pub(super) language: Option<String>,
    pub(super) license: Option<String>,
    ranks: Ranks,
}

/// How good the value of each single field is so far; smaller is better. feed-rs takes the last
/// value it sees, so only better ones are written.
#[derive(Clone, Copy, Debug)]
struct Ranks([u8; Field::COUNT]);

#[derive(Clone, Copy, Debug)]
enum Field {
    Id,
    Title,
    Link,
    Summary,
    Content,
    Published,
    Updated,
    Author,
    Rights,
    Image,
}

impl Field {
    const COUNT: usize = 10;
}

impl Default for Ranks {
    fn default() -> Self {
        Self([u8::MAX; Field::COUNT])
    }
}

impl Ranks {
    fn is_better(&self, field: Field, rank: u8) -> bool {
        rank < self.0[field as usize]
    }

    fn set(&mut self, field: Field, rank: u8) {
        self.0[field as usize] = rank;
    }
}

impl Default for EntryNotes {
    fn default() -> Self {
        Self { link: None, image: None, language: None, license: None, ranks: Ranks::default() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Context {
    /// The root, a channel: what is said here is said of the feed.
    Feed,
    Entry,
    /// An Atom person.
    Person,
    /// `<media:group>`, `<media:content>`: what is inside belongs to the entry.
    Media,
    /// An image of an entry, with `<url>` inside.
    Image,
    SkipHours,
    SkipDays,
    /// Nothing in here concerns a story.
    Skip,
}

/// An element that is open.
struct Open<'a> {
    name: &'a str,
    context: Context,
    bindings: usize,
    bases: usize,
}

pub(super) struct Front<'a, 'p> {
    scanner: Scanner<'a>,
    problems: &'p mut Problems,
    stack: Vec<Open<'a>>,
    bindings: Vec<(&'a str, Vocabulary)>,
    bases: Vec<Url>,
    out: Cleaned,
    feed_ranks: Ranks,
    entry: Option<(usize, EntryNotes)>,
    atom: bool,
    dropped_entries: usize,
    /// Name of the person whose element is open.
    person: Option<String>,
    /// Words of the syndication module: period and frequency.
    period: (Option<String>, Option<f64>),
}

/// Cleans a document that begins at the root that was found in it.
pub(super) fn clean(
    text: &str,
    root_at: usize,
    url: Option<&str>,
    format: FeedFormat,
    problems: &mut Problems,
) -> Cleaned {
    let mut scanner = Scanner::new(text);
    scanner.seek(root_at);
    let mut front = Front {
        scanner,
        problems,
        stack: Vec::new(),
        bindings: Vec::new(),
        bases: url.and_then(|url| Url::parse(url).ok()).into_iter().collect(),
        out: Cleaned {
            // What comes out is rarely longer than what goes in.
            atom: String::with_capacity(text.len() + text.len() / 8 + 256),
            ..Cleaned::default()
        },
        feed_ranks: Ranks::default(),
        entry: None,
        atom: format == FeedFormat::Atom,
        dropped_entries: 0,
        person: None,
        period: (None, None),
    };
    front.out.feed.link_rank = u8::MAX;
    front.out.atom.push_str(HEAD);
    front.run();
    front.finish()
}

impl<'a> Front<'a, '_> {
    fn run(&mut self) {
        while let Some(token) = self.scanner.next() {
            match token {
                Token::Start(tag) => self.start(tag),
                Token::End(name) => self.end(name),
                Token::Text(_) | Token::CData(_) | Token::Other => {}
            }
        }
    }

    fn finish(mut self) -> Cleaned {
        if !self.stack.is_empty() {
            self.problems.add("the document ends before its elements do");
        }
        while !self.stack.is_empty() {
            self.pop();
        }
        if self.dropped_entries > 0 {
            self.problems.add(format!(
                "{} entries beyond the first {MAX_ENTRIES} were left out",
                self.dropped_entries
            ));
        }
        self.out.atom.push_str(TAIL);
        let (period, frequency) = &self.period;
        self.out.feed.schedule.set_period(period.as_deref(), *frequency);
        self.out
    }

    fn context(&self) -> Context {
        self.stack.last().map_or(Context::Feed, |open| open.context)
    }

    fn start(&mut self, tag: Tag<'a>) {
        let bindings = self.bindings.len();
        let bases = self.bases.len();
        self.bind(&tag);
        let (vocabulary, local) = self.resolve(tag.name);
        let local = lower(local);
        let context = self.place(&tag, vocabulary, &local);
        if let Some(context) = context
            && !tag.empty
        {
            if self.stack.len() < MAX_DEPTH {
                self.stack.push(Open { name: tag.name, context, bindings, bases });
                return;
            }
            self.problems.add(format!("elements nested deeper than {MAX_DEPTH} were left out"));
        }
        if context == Some(Context::Entry) {
            self.end_entry();
        }
        self.bindings.truncate(bindings);
        self.bases.truncate(bases);
    }

    /// Acts on a start tag. Gives the context of its children if it was not read to its end.
    fn place(&mut self, tag: &Tag<'a>, vocabulary: Vocabulary, local: &str) -> Option<Context> {
        if vocabulary == Vocabulary::Core {
            match local {
                "item" | "entry" => return Some(self.begin_entry(tag)),
                "channel" if self.entry.is_none() => return Some(Context::Feed),
                "rss" | "rdf" | "feed" if self.entry.is_none() => {
                    if let Some(language) = self.language_of(tag) {
                        self.out.feed.language.get_or_insert(language);
                    }
                    return Some(Context::Feed);
                }
                _ => {}
            }
        }
        // Void in HTML: such a tag among a feed's is never closed.
        if matches!(local, "br" | "hr" | "img" | "meta" | "input" | "wbr") && tag.name == local {
            return None;
        }
        match self.context() {
            Context::Skip => Some(Context::Skip),
            Context::Feed => self.of_feed(tag, vocabulary, local),
            Context::Entry | Context::Media => self.of_entry(tag, vocabulary, local),
            Context::Person => {
                if matches!(local, "name") || (local == "email" && self.person.is_none()) {
                    let value = fold_white_space(&self.line(tag));
                    if local == "name" && !value.is_empty() {
                        self.person = Some(value);
                    }
                    None
                } else {
                    Some(Context::Skip)
                }
            }
            Context::Image => {
                if local == "url" {
                    let url = self.line(tag);
                    self.image(&url, 2);
                    None
                } else {
                    Some(Context::Skip)
                }
            }
            Context::SkipHours => {
                let hour = self.line(tag);
                self.out.feed.schedule.add_skip_hour(&hour);
                None
            }
            Context::SkipDays => {
                let day = self.line(tag);
                self.out.feed.schedule.add_skip_day(&day);
                None
            }
        }
    }

    fn begin_entry(&mut self, tag: &Tag<'a>) -> Context {
        if self.entry.is_some() {
            self.problems.add("an entry was not closed before the next began");
            self.pop_entry();
        }
        if self.out.entries.len() >= MAX_ENTRIES {
            self.dropped_entries += 1;
            return Context::Skip;
        }
        let start = self.out.atom.len();
        self.out.atom.push_str("<entry>");
        let notes = EntryNotes { language: self.language_of(tag), ..EntryNotes::default() };
        self.entry = Some((start, notes));
        // RDF names its items by their address.
        if let Some(about) = tag.attribute("rdf:about") {
            self.field(Field::Id, 2, |out| element(out, "id", about.trim()));
            self.link(&about, 5);
        }
        Context::Entry
    }

    fn end_entry(&mut self) {
        if let Some((start, notes)) = self.entry.take() {
            self.out.atom.push_str("</entry>");
            self.out.entries.push(start..self.out.atom.len());
            self.out.notes.push(notes);
        }
    }

    fn end(&mut self, name: &str) {
        let found = self.stack.iter().rposition(|open| open.name == name).or_else(|| {
            // `</ITEM>` for `<item>`, `</rss:item>` for `<item>`.
            let local = split_name(name).1;
            self.stack.iter().rposition(|open| split_name(open.name).1.eq_ignore_ascii_case(local))
        });
        let Some(found) = found else {
            self.problems.add("end tags without a beginning were ignored");
            return;
        };
        let entry = self.stack.iter().rposition(|open| open.context == Context::Entry);
        if entry.is_some_and(|entry| found < entry)
            && !matches!(lower(split_name(name).1).as_ref(), "channel" | "rss" | "rdf" | "feed")
        {
            self.problems.add("end tags without a beginning were ignored");
            return;
        }
        if found + 1 < self.stack.len() {
            self.problems.add("elements that were not closed");
        }
        while self.stack.len() > found {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(open) = self.stack.pop() else { return };
        self.bindings.truncate(open.bindings);
        self.bases.truncate(open.bases);
        match open.context {
            Context::Entry => self.end_entry(),
            Context::Person if self.context() != Context::Person => {
                if let Some(name) = self.person.take() {
                    self.author(&name, 1);
                }
            }
            _ => {}
        }
    }

    fn pop_entry(&mut self) {
        while self.entry.is_some() && !self.stack.is_empty() {
            self.pop();
        }
    }

    /// What an element says of the feed.
    fn of_feed(&mut self, tag: &Tag<'a>, vocabulary: Vocabulary, local: &str) -> Option<Context> {
        match (vocabulary, local) {
            (Vocabulary::Core, "title") | (Vocabulary::DublinCore, "title") => self.title(tag, 1),
            (Vocabulary::Core, "link") => self.link_element(tag),
            (Vocabulary::Core, "language") | (Vocabulary::DublinCore, "language") => {
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
    fn of_entry(&mut self, tag: &Tag<'a>, vocabulary: Vocabulary, local: &str) -> Option<Context> {
        use Vocabulary::{Content, Core, DublinCore, FeedBurner, Itunes, License, Media, Xhtml};
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
            (Core, "description" | "summary" | "tagline") => self.body(tag, Field::Summary, 1),
            (DublinCore, "description" | "abstract") => self.body(tag, Field::Summary, 2),
            (Itunes, "summary") | (Media, "description") => self.body(tag, Field::Summary, 3),
            (Itunes, "subtitle") => self.body(tag, Field::Summary, 4),
            (Content, "encoded") => self.body(tag, Field::Content, 1),
            (Core, "content") => self.content(tag),
            (Core | Xhtml, "body") | (Core, "fullitem") => {
                self.body_of_form(tag, Field::Content, 2, Form::Markup);
            }
            (Core, "pubdate" | "published" | "issued") => self.date(tag, Field::Published, 1),
            (DublinCore, "date" | "issued") => self.date(tag, Field::Published, 2),
            (Core | DublinCore, "created") => self.date(tag, Field::Published, 3),
            (Core, "updated" | "modified") => self.date(tag, Field::Updated, 1),
            (DublinCore, "modified") => self.date(tag, Field::Updated, 2),
            (Core, "lastbuilddate") => self.date(tag, Field::Updated, 3),
            (Core, "author") if self.atom || is_container(&self.scanner) => {
                self.person = None;
                return Some(Context::Person);
            }
            (Core, "author") => self.contact(tag, 1),
            (DublinCore, "creator" | "author") => self.contact(tag, 1),
            (Itunes, "author") => self.contact(tag, 2),
            (Core, "category") | (DublinCore, "subject") | (Media | Itunes, "category") => {
                self.category(tag);
            }
            (Media | Itunes, "keywords") => {
                let words = self.line(tag);
                for word in words.split(',') {
                    self.tag(word);
                }
            }
            (Core | DublinCore, "rights" | "copyright") => self.rights(tag),
            (License, "license") | (DublinCore, "license") => {
                let license = match tag.attribute("rdf:resource") {
                    Some(resource) => resource.into_owned(),
                    None => self.line(tag),
                };
                self.license(&license);
                return tag.attribute("rdf:resource").map(|_| Context::Skip);
            }
            (DublinCore, "language") | (Core, "language") => {
                let language = self.line(tag);
                if let Some((_, notes)) = &mut self.entry {
                    notes.language = language_tag(&language).or(notes.language.take());
                }
            }
            (Core, "enclosure") => {
                let is_image = tag.attribute("type").is_some_and(|kind| kind.starts_with("image"));
                if let Some(url) = tag.attribute("url").filter(|_| is_image) {
                    self.image(&url, 4);
                }
                return Some(Context::Skip);
            }
            (Media, "content" | "group") => {
                self.media_content(tag);
                return Some(Context::Media);
            }
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
            (Core, "image") => return Some(Context::Image),
            _ => return Some(Context::Skip),
        }
        None
    }

    /// Reads an element's text, its references resolved.
    fn read(&mut self, tag: &Tag<'a>, form: Form) -> TextRead<'a> {
        let read = text::read(&mut self.scanner, tag, form);
        if read.unclosed {
            self.problems.add(format!("<{}> was not closed", problem_name(tag.name)));
        }
        read
    }

    /// Reads a short text: one that is cut off by the end of the document is worth nothing.
    fn line(&mut self, tag: &Tag<'a>) -> String {
        let read = self.read(tag, Form::Line);
        if read.cut_off {
            return String::new();
        }
        read.text.trim().to_owned()
    }

    /// Writes one of several values of a field, if it is the best so far.
    fn field(&mut self, field: Field, rank: u8, write: impl FnOnce(&mut String)) {
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
        let form = self.text_form(tag);
        let read = self.read(tag, form);
        let plain_type = self.atom && is_plain_type(tag);
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
        let form = self.text_form(tag);
        self.body_of_form(tag, field, rank, form);
    }

    fn body_of_form(&mut self, tag: &Tag<'a>, field: Field, rank: u8, form: Form) {
        let read = self.read(tag, form);
        let text = read.text.trim();
        if text.is_empty() {
            return;
        }
        let name = match field {
            Field::Content => "content",
            _ => "summary",
        };
        self.field(field, rank, |out| {
            out.push('<');
            out.push_str(name);
            out.push_str(" type=\"html\">");
            push_cdata(out, text);
            out.push_str("</");
            out.push_str(name);
            out.push('>');
        });
    }

    /// Atom's content, which may be of any type, or elsewhere.
    fn content(&mut self, tag: &Tag<'a>) {
        let kind = tag.attribute("type").unwrap_or_default();
        let kind = kind.trim().to_ascii_lowercase();
        let readable = kind.is_empty()
            || kind.starts_with("text")
            || kind.contains("html")
            || kind.contains("xml");
        let base64 = tag.attribute("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("base64"))
            || !readable;
        if base64 {
            let read = self.read(tag, Form::Escaped);
            match decode_base64(&read.text) {
                Some(text) => self.field(Field::Content, 1, |out| {
                    out.push_str("<content type=\"html\">");
                    push_cdata(out, &text);
                    out.push_str("</content>");
                }),
                None if !read.text.trim().is_empty() => {
                    self.problems.add(format!("content of type {kind:.40} was left out"))
                }
                None => {}
            }
            return;
        }
        self.body(tag, Field::Content, 1);
    }

    /// How the text of an element is written, by what Atom 0.3 and 1.0 say of types and modes.
    fn text_form(&self, tag: &Tag<'a>) -> Form {
        if !self.atom {
            return Form::Escaped;
        }
        let kind = tag.attribute("type").unwrap_or_default();
        let kind = kind.trim().to_ascii_lowercase();
        let escaped =
            tag.attribute("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("escaped"));
        if !escaped && (kind.contains("xhtml") || kind.ends_with("/xml") || kind.ends_with("+xml"))
        {
            Form::Markup
        } else {
            Form::Escaped
        }
    }

    fn rights(&mut self, tag: &Tag<'a>) {
        let form = self.text_form(tag);
        let read = self.read(tag, form);
        let rights = plain_line(&read.text);
        if !rights.is_empty() {
            self.field(Field::Rights, 1, |out| element(out, "rights", &rights));
        }
    }

    fn guid(&mut self, tag: &Tag<'a>) {
        let not_a_link = tag
            .attribute("isPermaLink")
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("false"));
        let guid = self.line(tag);
        let guid = fold_white_space(&guid);
        if guid.is_empty() {
            return;
        }
        let is_guid = split_name(tag.name).1.eq_ignore_ascii_case("guid");
        self.field(Field::Id, 1, |out| element(out, "id", &guid));
        if !not_a_link && is_guid {
            self.link(&guid, 6);
        }
    }

    fn link_element(&mut self, tag: &Tag<'a>) {
        let Some(href) = tag.attribute("href") else {
            let link = self.line(tag);
            self.link(&link, 1);
            return;
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
        if !tag.empty {
            // `<link href="…">text</link>`, or never closed at all.
            let before = self.scanner.clone();
            let read = text::read(&mut self.scanner, tag, Form::Line);
            if read.unclosed {
                self.scanner = before;
            }
        }
    }

    fn link(&mut self, text: &str, rank: u8) {
        let known = match &self.entry {
            Some((_, notes)) => notes.ranks.0[Field::Link as usize],
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
        match &mut self.entry {
            Some((_, notes)) => {
                notes.link = Some(url);
                notes.ranks.set(Field::Link, rank);
            }
            None => {
                self.out.feed.link = Some(url);
                self.out.feed.link_rank = rank;
            }
        }
    }

    /// An absolute URL, as the feed spells it where it is absolute already.
    fn resolve_url(&self, text: &str) -> Option<String> {
        let feed_link = self.out.feed.link.as_deref();
        resolve_url(text, self.bases.last(), feed_link)
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

    fn contact(&mut self, tag: &Tag<'a>, rank: u8) {
        let form = self.text_form(tag);
        let read = self.read(tag, form);
        if read.cut_off {
            return;
        }
        if let Some(name) = person_name(&plain_line(&read.text)) {
            self.author(&name, rank);
        }
    }

    fn author(&mut self, name: &str, rank: u8) {
        let Some((_, notes)) = &mut self.entry else {
            // feed-rs reads persons of the feed by the same element.
            self.write_author(name);
            return;
        };
        // Several authors are wanted, of the best kind of element only.
        if rank <= notes.ranks.0[Field::Author as usize] {
            notes.ranks.set(Field::Author, rank);
            self.write_author(name);
        }
    }

    fn write_author(&mut self, name: &str) {
        self.out.atom.push_str("<author>");
        element(&mut self.out.atom, "name", name);
        self.out.atom.push_str("</author>");
    }

    fn category(&mut self, tag: &Tag<'a>) {
        let term = tag
            .attribute("label")
            .filter(|_| self.atom)
            .or_else(|| tag.attribute("term"))
            .or_else(|| tag.attribute("text"));
        let text = self.line(tag);
        match term {
            Some(term) => self.tag(&term),
            None => self.tag(&text),
        }
    }

    fn tag(&mut self, text: &str) {
        let term = plain_line(text);
        if term.is_empty() || self.entry.is_none() {
            return;
        }
        let out = &mut self.out.atom;
        out.push_str("<category term=\"");
        push_escaped(out, &term);
        out.push_str("\"/>");
    }

    fn media_content(&mut self, tag: &Tag<'a>) {
        let kind = tag.attribute("type").unwrap_or_default();
        let medium = tag.attribute("medium").unwrap_or_default();
        let Some(url) = tag.attribute("url") else {
            return;
        };
        if kind.starts_with("image") || medium.eq_ignore_ascii_case("image") {
            self.image(&url, 1);
        } else if kind.is_empty() && medium.is_empty() && looks_like_image(&url) {
            self.image(&url, 2);
        }
    }

    fn image(&mut self, url: &str, rank: u8) {
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

    fn language_of(&self, tag: &Tag<'a>) -> Option<String> {
        language_tag(&tag.attribute("xml:lang")?)
    }

    /// Takes in the namespaces and the base that a tag declares.
    fn bind(&mut self, tag: &Tag<'a>) {
        if tag.attributes.contains("xmlns") {
            for (name, value) in tag.attributes() {
                let prefix = match split_name(name) {
                    ("xmlns", prefix) => prefix,
                    ("", "xmlns") => "",
                    _ => continue,
                };
                if self.bindings.len() < MOST_BINDINGS {
                    let vocabulary = match namespaces::of_name(&value) {
                        // A known prefix with a misspelt name still means what it always does.
                        Vocabulary::Unknown if !prefix.is_empty() => namespaces::of_prefix(prefix),
                        vocabulary => vocabulary,
                    };
                    self.bindings.push((prefix, vocabulary));
                }
            }
        }
        if tag.attributes.contains("base")
            && let Some(base) = tag.attribute("xml:base")
        {
            let base = base.trim();
            let url = match self.bases.last() {
                Some(outer) => outer.join(base),
                None => Url::parse(base),
            };
            match url {
                Ok(url) if !url.cannot_be_a_base() => self.bases.push(url),
                _ => self.problems.add(format!("xml:base is no address: {base:.80}")),
            }
        }
    }

    fn resolve(&mut self, name: &'a str) -> (Vocabulary, &'a str) {
        let (prefix, local) = split_name(name);
        let bound = self.bindings.iter().rev().find(|(known, _)| *known == prefix);
        let vocabulary = match bound {
            // The root's own default namespace, however odd, is the feed's language.
            Some((_, Vocabulary::Unknown)) if prefix.is_empty() && self.root_binding() => {
                Vocabulary::Core
            }
            Some((_, vocabulary)) => *vocabulary,
            None => {
                let vocabulary = namespaces::of_prefix(prefix);
                if vocabulary == Vocabulary::Unknown && self.stack.is_empty() {
                    Vocabulary::Core
                } else {
                    vocabulary
                }
            }
        };
        (vocabulary, local)
    }

    /// Whether the innermost default namespace is the one the root declares.
    fn root_binding(&self) -> bool {
        self.bindings.iter().filter(|(prefix, _)| prefix.is_empty()).count() == 1
            && self.stack.get(1).is_none_or(|second| {
                self.bindings[..second.bindings].iter().any(|(prefix, _)| prefix.is_empty())
            })
    }
}

/// Whether the next thing in the text is an element (`<author><name>` in RSS).
fn is_container(scanner: &Scanner<'_>) -> bool {
    let mut ahead = scanner.clone();
    loop {
        match ahead.next() {
            Some(Token::Text(text)) if text.trim().is_empty() => {}
            Some(Token::Other) => {}
            Some(Token::Start(tag)) => {
                return matches!(
                    lower(split_name(tag.name).1).as_ref(),
                    "name" | "email" | "uri" | "url"
                );
            }
            _ => return false,
        }
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

fn problem_name(name: &str) -> &str {
    name.char_indices().nth(40).map_or(name, |(at, _)| &name[..at])
}

fn is_plain_type(tag: &Tag<'_>) -> bool {
    tag.attribute("type").is_none_or(|kind| {
        let kind = kind.trim();
        kind.eq_ignore_ascii_case("text") || kind.eq_ignore_ascii_case("text/plain")
    })
}

fn element(out: &mut String, name: &str, text: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    push_escaped(out, text);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Text as CDATA: copied, not escaped, because feed-rs pays for each reference.
fn push_cdata(out: &mut String, text: &str) {
    out.push_str("<![CDATA[");
    let mut rest = text;
    while let Some(at) = rest.find("]]>") {
        out.push_str(&rest[..at + 2]);
        out.push_str("]]><![CDATA[");
        rest = &rest[at + 2..];
    }
    out.push_str(rest);
    out.push_str("]]>");
}

fn decode_base64(text: &str) -> Option<String> {
    use base64::Engine as _;
    let packed: String = text.split_ascii_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed).ok()?;
    String::from_utf8(bytes).ok().filter(|text| !text.trim().is_empty())
}

fn looks_like_image(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let extension = path.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    matches!(extension.as_str(), "jpg" | "jpeg" | "png" | "gif" | "webp" | "avif")
}

/// The name in `jo@example.org (Jo Doe)`, `Jo Doe <jo@example.org>` and `Jo Doe`; a bare address
/// is no name.
pub(super) fn person_name(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.contains('@') {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    if let Some((_, inner)) = text.split_once('(')
        && let Some((name, _)) = inner.rsplit_once(')')
        && !name.contains('@')
        && !name.trim().is_empty()
    {
        return Some(name.trim().to_owned());
    }
    let words: Vec<&str> = text.split_whitespace().filter(|word| !word.contains('@')).collect();
    let name = words.join(" ");
    let name = name.trim_matches(['"', '(', ')', '<', '>', ',', ' ']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// A language tag that can be one.
pub(super) fn language_tag(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (2..=35).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    fits.then(|| text.replace('_', "-"))
}

/// An absolute URL, as it was spelt where it is absolute already.
pub(super) fn resolve_url(
    text: &str,
    base: Option<&Url>,
    fallback: Option<&str>,
) -> Option<String> {
    let joined: String;
    let mut text = text.trim();
    if text.contains(['\n', '\r', '\t']) {
        joined = text.split(['\n', '\r', '\t']).map(str::trim).collect();
        text = &joined;
    }
    if text.is_empty() || text.len() > 8 * 1024 {
        return None;
    }
    match Url::parse(text) {
        Ok(url) if url.has_host() => {
            if text.contains(char::is_whitespace) {
                Some(url.into())
            } else {
                Some(text.to_owned())
            }
        }
        Ok(_) => None,
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            let own;
            let base = match base {
                Some(base) => base,
                None => {
                    own = Url::parse(fallback?).ok()?;
                    &own
                }
            };
            base.join(text).ok().filter(Url::has_host).map(String::from)
        }
        Err(_) => None,
    }
}
