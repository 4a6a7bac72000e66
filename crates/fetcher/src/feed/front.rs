//! The repairing front: any dialect of RSS, RDF and Atom, however broken, becomes clean Atom 1.0
//! that feed-rs reads without complaint, and notes of what feed-rs' model has no place for.
//!
//! This file follows the structure: which elements are open and where entries begin and end. What
//! an element says is read in `elements`. It works on a stream of tags and keeps no tree. It never fails: what cannot be understood is
//! left out and told in `problems`.

use std::ops::Range;

use super::entities::{fold_white_space, reference};
use super::namespaces::Vocabulary;
use super::problems::Problems;
use super::scan::{Scanner, Tag, Token, split_name};
use super::scope::{Mark, Scope};
use super::values::{element, language_tag, lower};
use super::{FeedFormat, MAX_DEPTH, MOST_READ, ScheduleHints};

/// What opens the document for feed-rs.
pub(super) const HEAD: &str = "<feed xmlns=\"http://www.w3.org/2005/Atom\">";
/// What closes it.
pub(super) const TAIL: &str = "</feed>";

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
    pub(super) cloud: Option<super::Cloud>,
    pub(super) hubs: Vec<String>,
    pub(super) language: Option<String>,
    pub(super) schedule: ScheduleHints,
    pub(super) link_rank: u8,
}

/// What feed-rs has no place for, of an entry.
#[derive(Debug, Default)]
pub(super) struct EntryNotes {
    /// As the feed spells it, made absolute.
    pub(super) link: Option<String>,
    pub(super) image: Option<String>,
    pub(super) language: Option<String>,
    pub(super) license: Option<String>,
    /// Authors and tags written so far.
    pub(super) names: usize,
    pub(super) ranks: Ranks,
}

/// How good the value of each single field is so far; smaller is better. feed-rs takes the last
/// value it sees, so only better ones are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranks([u8; Field::COUNT]);

#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
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
    pub(super) fn is_better(&self, field: Field, rank: u8) -> bool {
        rank < self.0[field as usize]
    }

    pub(super) fn set(&mut self, field: Field, rank: u8) {
        self.0[field as usize] = rank;
    }

    pub(super) fn of(&self, field: Field) -> u8 {
        self.0[field as usize]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
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
    mark: Mark,
}

pub(super) struct Front<'a, 'p> {
    pub(super) scanner: Scanner<'a>,
    pub(super) problems: &'p mut Problems,
    stack: Vec<Open<'a>>,
    pub(super) scope: Scope<'a>,
    pub(super) out: Cleaned,
    pub(super) feed_ranks: Ranks,
    pub(super) entry: Option<(usize, EntryNotes)>,
    pub(super) atom: bool,
    dropped_entries: usize,
    /// Authors of the feed written so far.
    pub(super) names: usize,
    /// Name of the person whose element is open.
    pub(super) person: Option<String>,
    /// Words of the syndication module: period and frequency.
    pub(super) period: (Option<String>, Option<f64>),
}

/// Declared entities that are looked for in the document.
const MOST_ENTITIES: usize = 20;

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
    tell_entities(&text[..root_at], &text[root_at..], problems);
    let mut front = Front {
        scanner,
        problems,
        stack: Vec::new(),
        scope: Scope::new(url),
        out: Cleaned {
            // What comes out is rarely longer than what goes in.
            atom: String::with_capacity(text.len() + text.len() / 8 + 256),
            ..Cleaned::default()
        },
        feed_ranks: Ranks::default(),
        entry: None,
        atom: format == FeedFormat::Atom,
        dropped_entries: 0,
        names: 0,
        person: None,
        period: (None, None),
    };
    front.out.feed.link_rank = u8::MAX;
    front.out.atom.push_str(HEAD);
    front.run();
    front.finish()
}

/// Tells of entities that the document type declares and the document uses: they are never expanded,
/// since they can grow without bound and name files.
fn tell_entities(before: &str, document: &str, problems: &mut Problems) {
    for declared in before.split("<!ENTITY").skip(1).take(MOST_ENTITIES) {
        let Some(name) = declared.split_ascii_whitespace().next() else { continue };
        let used = format!("&{name};");
        if reference(&used).is_none() && document.contains(&used) {
            problems.add(format!("an entity of the document type stays as written: {used:.40}"));
        }
    }
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
                "{} entries beyond the first {MOST_READ} were left out",
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
        if self.scanner.is_cut_off() && !tag.attributes.is_empty() {
            self.problems.add("the document ends before its elements do");
            return;
        }
        let mark = self.scope.mark();
        self.scope.declare(&tag, self.stack.is_empty(), self.problems);
        let (prefix, local) = split_name(tag.name);
        let vocabulary = self.scope.vocabulary(prefix);
        let local = lower(local);
        let context = self.place(&tag, vocabulary, &local);
        if let Some(context) = context
            && !tag.empty
        {
            if self.stack.len() < MAX_DEPTH {
                self.stack.push(Open { name: tag.name, context, mark });
                return;
            }
            self.problems.add(format!("elements nested deeper than {MAX_DEPTH} were left out"));
        }
        if context == Some(Context::Entry) {
            self.end_entry();
        }
        self.scope.release(mark);
    }

    /// Acts on a start tag. Gives the context of its children if it was not read to its end.
    fn place(&mut self, tag: &Tag<'a>, vocabulary: Vocabulary, local: &str) -> Option<Context> {
        if vocabulary == Vocabulary::Core {
            match local {
                "item" | "entry" => return Some(self.begin_entry(tag)),
                "channel" if self.entry.is_none() => return Some(Context::Feed),
                "rss" | "rdf" | "feed" if self.entry.is_none() => {
                    if let Some(language) = language_of(tag) {
                        self.out.feed.language.get_or_insert(language);
                    }
                    return Some(Context::Feed);
                }
                _ => {}
            }
        }
        // The inside of a script is no markup, whatever it writes.
        let raw = ["script", "style"].into_iter().find(|raw| *raw == local);
        if let Some(raw) = raw.filter(|_| tag.name.len() == local.len()) {
            if !tag.empty {
                self.scanner.skip_raw(raw);
            }
            return None;
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
        if self.out.entries.len() >= MOST_READ {
            self.dropped_entries += 1;
            return Context::Skip;
        }
        let start = self.out.atom.len();
        self.out.atom.push_str("<entry>");
        let notes = EntryNotes { language: language_of(tag), ..EntryNotes::default() };
        self.entry = Some((start, notes));
        // RDF names its items by their address.
        if let Some(about) = tag.attribute("rdf:about") {
            self.field(Field::Id, 2, |out| element(out, "id", about.trim()));
            self.link(&about, 5);
        }
        // The Channel Definition Format has the address on the item.
        if let Some(href) = tag.attribute("href") {
            self.link(&href, 4);
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
        self.scope.release(open.mark);
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
}

/// The language that a tag declares.
fn language_of(tag: &Tag<'_>) -> Option<String> {
    language_tag(&tag.attribute("xml:lang")?)
}
