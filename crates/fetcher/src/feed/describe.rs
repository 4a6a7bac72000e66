//! The row that `newswire parse-feed` prints for a file.

use serde_json::{Value, json};

use super::{FeedInput, ParsedEntry, parse_feed};

/// One file as `{"file","format","title","entries":[…],"problems":[…]}`; a document that is no
/// feed has the format null, no entries, and the reason in `problems`.
pub fn describe(file: &str, input: &FeedInput<'_>) -> Value {
    match parse_feed(input) {
        Ok(feed) => json!({
            "file": file,
            "format": feed.format.as_str(),
            "title": feed.title,
            "language": feed.language,
            "link": feed.link,
            "entries": feed.entries.iter().map(entry).collect::<Vec<_>>(),
            "sitemaps": feed.sitemaps,
            "problems": feed.problems,
        }),
        Err(error) => json!({
            "file": file,
            "format": null,
            "title": null,
            "entries": [],
            "problems": [error.to_string()],
        }),
    }
}

fn entry(entry: &ParsedEntry) -> Value {
    json!({
        "id": entry.guid.as_ref().or(entry.link.as_ref()),
        "title": entry.title,
        "link": entry.link,
        "published_at": entry.published_at,
        "updated_at": entry.updated_at,
        "summary": entry.summary,
        "content": entry.content,
        "authors": entry.authors,
        "tags": entry.tags,
        "image": entry.image,
        "language": entry.language,
        "copyright": entry.copyright,
    })
}
