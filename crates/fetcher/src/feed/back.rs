//! The salvaging back: feed-rs reads what the front cleaned; where it refuses the whole, each
//! entry is tried alone, so that one bad entry costs only itself.

use std::panic::{AssertUnwindSafe, catch_unwind};

use events::Timestamp;
use feed_rs::model::{Entry, Feed, Text};
use feed_rs::parser::Builder;

use super::dates::parse_date;
use super::front::{Cleaned, EntryNotes, HEAD, TAIL};
use super::problems::Problems;
use super::{FeedError, FeedFormat, ParsedEntry, ParsedFeed};

/// Turns a cleaned document into a feed.
pub(super) fn read(
    cleaned: Cleaned,
    format: FeedFormat,
    problems: &mut Problems,
) -> Result<ParsedFeed, FeedError> {
    let (feed, entries) = match parse(&cleaned.atom) {
        Ok(mut feed) if feed.entries.len() == cleaned.entries.len() => {
            let entries = std::mem::take(&mut feed.entries);
            (feed, entries.into_iter().map(Some).collect())
        }
        Ok(_) => salvage(&cleaned, "entries were lost", problems)?,
        Err(error) => salvage(&cleaned, &error, problems)?,
    };
    let Cleaned { notes, feed: feed_notes, .. } = cleaned;
    let feed_authors = names(&feed.authors);
    let entries = entries
        .into_iter()
        .zip(notes)
        .filter_map(|(entry, notes)| Some(parsed_entry(entry?, notes, &feed_authors)))
        .collect();
    Ok(ParsedFeed {
        format,
        title: text(feed.title),
        language: feed_notes.language,
        link: feed_notes.link,
        hubs: feed_notes.hubs,
        self_url: feed_notes.self_url,
        cloud: feed_notes.cloud,
        copyright: text(feed.rights),
        schedule: feed_notes.schedule,
        entries,
        sitemaps: Vec::new(),
        problems: Vec::new(),
    })
}

fn parse(atom: &str) -> Result<Feed, String> {
    // A parser that failed keeps state, so each document gets its own.
    let parser = Builder::new()
        .sanitize_content(false)
        // feed-rs invents random ids where there is none; identity is decided elsewhere.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(|text| parse_date(text).map(Timestamp::to_chrono))
        .build();
    catch_unwind(AssertUnwindSafe(|| parser.parse(atom.as_bytes())))
        .map_err(|_| "feed-rs panicked".to_owned())?
        .map_err(|error| error.to_string())
}

/// The feed without its entries, and each entry on its own; `None` for one that cannot be read.
fn salvage(
    cleaned: &Cleaned,
    reason: &str,
    problems: &mut Problems,
) -> Result<(Feed, Vec<Option<Entry>>), FeedError> {
    problems.add(format!("read entry by entry: {reason}"));
    let mut shell = String::new();
    let mut end = 0;
    for range in &cleaned.entries {
        shell.push_str(&cleaned.atom[end..range.start]);
        end = range.end;
    }
    shell.push_str(&cleaned.atom[end..]);
    let feed = parse(&shell).or_else(|_| parse(&format!("{HEAD}{TAIL}")));
    let feed = feed.map_err(FeedError::Broken)?;
    let mut dropped = 0;
    let entries = cleaned
        .entries
        .iter()
        .map(|range| {
            let entry = &cleaned.atom[range.clone()];
            let read = parse(&format!("{HEAD}{entry}{TAIL}")).ok();
            let entry = read.and_then(|mut feed| feed.entries.pop());
            dropped += usize::from(entry.is_none());
            entry
        })
        .collect();
    if dropped > 0 {
        problems.add(format!("{dropped} entries could not be read"));
    }
    Ok((feed, entries))
}

fn parsed_entry(entry: Entry, notes: EntryNotes, feed_authors: &[String]) -> ParsedEntry {
    let mut authors = names(&entry.authors);
    if authors.is_empty() {
        // RFC 4287, 4.2.1: the feed's authors are those of entries that name none.
        authors = feed_authors.to_vec();
    }
    let mut tags: Vec<String> = Vec::new();
    for category in entry.categories {
        if !tags.contains(&category.term) {
            tags.push(category.term);
        }
    }
    ParsedEntry {
        guid: Some(entry.id).filter(|id| !id.is_empty()),
        title: text(entry.title),
        link: notes.link,
        summary: text(entry.summary),
        content: entry.content.and_then(|content| content.body).filter(|body| !body.is_empty()),
        authors,
        tags,
        image: notes.image,
        language: notes.language,
        copyright: text(entry.rights).or(notes.license),
        published_at: entry.published.map(Timestamp::from),
        updated_at: entry.updated.map(Timestamp::from),
        guid_is_shared: false,
        link_is_shared: false,
        has_own_text: false,
    }
}

fn text(text: Option<Text>) -> Option<String> {
    text.map(|text| text.content).filter(|text| !text.is_empty())
}

fn names(persons: &[feed_rs::model::Person]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for person in persons {
        if let Some(name) = &person.name
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    }
    names
}
