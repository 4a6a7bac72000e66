//! Authors and tags of feeds and entries: who wrote, and what about.

use super::MAX_NAMES;
use super::entities::{plain_line, push_escaped};
use super::front::{Field, Front};
use super::scan::{Scanner, Tag, Token, split_name};
use super::text;
use super::values::{element, lower, person_name};

impl<'a> Front<'a, '_> {
    pub(super) fn contact(&mut self, tag: &Tag<'a>, rank: u8) {
        let form = text::form_of(tag, self.atom);
        let read = self.read(tag, form);
        if read.cut_off {
            return;
        }
        if let Some(name) = person_name(&plain_line(&read.text)) {
            self.author(&name, rank);
        }
    }

    pub(super) fn author(&mut self, name: &str, rank: u8) {
        let Some((_, notes)) = &mut self.entry else {
            // feed-rs reads persons of the feed by the same element.
            self.write_author(name);
            return;
        };
        // Several authors are wanted, of the best kind of element only.
        if rank <= notes.ranks.of(Field::Author) {
            notes.ranks.set(Field::Author, rank);
            self.write_author(name);
        }
    }

    fn write_author(&mut self, name: &str) {
        if !self.has_room_for_name() {
            return;
        }
        self.out.atom.push_str("<author>");
        element(&mut self.out.atom, "name", name);
        self.out.atom.push_str("</author>");
    }

    /// Counts an author or a tag.
    fn has_room_for_name(&mut self) -> bool {
        let names = match &mut self.entry {
            Some((_, notes)) => &mut notes.names,
            None => &mut self.names,
        };
        *names += 1;
        if *names > MAX_NAMES {
            self.problems.add(format!("authors and tags beyond {MAX_NAMES} were left out"));
        }
        *names <= MAX_NAMES
    }

    pub(super) fn category(&mut self, tag: &Tag<'a>) {
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

    pub(super) fn tag(&mut self, text: &str) {
        let term = plain_line(text);
        if term.is_empty() || !self.has_room_for_name() {
            return;
        }
        let out = &mut self.out.atom;
        out.push_str("<category term=\"");
        push_escaped(out, &term);
        out.push_str("\"/>");
    }
}

/// Whether the next thing in the text is an element (`<author><name>` in RSS).
pub(super) fn is_container(scanner: &Scanner<'_>) -> bool {
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

/// Whether the next thing in the text is text.
pub(super) fn begins_with_text(scanner: &Scanner<'_>) -> bool {
    let mut ahead = scanner.clone();
    loop {
        match ahead.next() {
            Some(Token::Text(text)) if text.trim().is_empty() => {}
            Some(Token::Other) => {}
            Some(Token::Text(_) | Token::CData(_)) => return true,
            _ => return false,
        }
    }
}
