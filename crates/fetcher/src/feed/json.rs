//! JSON Feed with whatever types people put in: numbers for ids, nulls for titles, one string
//! where a list belongs.
//!
//! Read by hand: feed-rs refuses the whole document at the first value of another type.

use serde_json::Value;
use url::Url;

use super::dates::parse_date;
use super::entities::{plain_line, push_escaped};
use super::json_repair::repair;
use super::problems::Problems;
use super::values::{is_on_front_page, language_tag, resolve_url};
use super::{FeedError, FeedFormat, MAX_NAMES, MOST_READ, ParsedEntry, ParsedFeed};

/// How often a broken document may be read over while its whole items are looked for.
const MOST_READINGS: usize = 16;
/// What makes an object an item, and not a part of a broken one.
const ITEM_KEYS: [&str; 5] = ["id", "url", "title", "content_html", "content_text"];

/// Reads a JSON Feed.
pub(super) fn read(
    text: &str,
    url: Option<&str>,
    problems: &mut Problems,
) -> Result<ParsedFeed, FeedError> {
    let value = document(text, problems)?;
    let items = value.get("items").or_else(|| value.get("entries"));
    let Some(items) = items.and_then(Value::as_array) else {
        return Err(FeedError::NotAFeed("JSON without items".to_owned()));
    };
    if value
        .get("version")
        .and_then(Value::as_str)
        .is_none_or(|version| !version.contains("jsonfeed.org"))
    {
        problems.add("no JSON Feed version");
    }
    if items.len() > MOST_READ {
        problems.add(format!(
            "{} entries beyond the first {MOST_READ} were left out",
            items.len() - MOST_READ
        ));
    }
    let base = url.and_then(|url| Url::parse(url).ok());
    let link = string(&value, "home_page_url");
    let link = link.and_then(|link| resolve_url(&link, base.as_ref(), None));
    let reader = Reader { base: base.as_ref(), link: link.as_deref() };
    let feed_authors = authors(&value);
    let entries: Vec<ParsedEntry> = items
        .iter()
        .take(MOST_READ)
        .filter_map(|item| {
            if !item.is_object() {
                problems.add("an item that is no object was dropped");
                return None;
            }
            let mut entry = reader.entry(item, problems);
            if entry.authors.is_empty() {
                entry.authors.clone_from(&feed_authors);
            }
            Some(entry)
        })
        .collect();
    let hubs = value
        .get("hubs")
        .and_then(Value::as_array)
        .map(|hubs| hubs.iter().filter(|hub| is_websub(hub)).filter_map(|hub| string(hub, "url")))
        .map(Iterator::collect)
        .unwrap_or_default();
    Ok(ParsedFeed {
        format: FeedFormat::Json,
        title: line(&value, "title"),
        language: string(&value, "language").and_then(|language| language_tag(&language)),
        self_url: string(&value, "feed_url")
            .and_then(|link| resolve_url(&link, reader.base, reader.link)),
        link,
        hubs,
        entries,
        ..ParsedFeed::default()
    })
}

/// Whether a hub speaks WebSub; JSON Feed also lists those of rssCloud.
fn is_websub(hub: &Value) -> bool {
    string(hub, "type").is_none_or(|kind| {
        let kind = kind.to_ascii_lowercase();
        kind.contains("websub") || kind.contains("pubsubhubbub")
    })
}

/// The document, repaired where it is no JSON.
fn document(text: &str, problems: &mut Problems) -> Result<Value, FeedError> {
    let error = match first_value(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let repaired = repair(text);
    if let Ok(value) = first_value(&repaired) {
        problems.add(format!("repaired JSON: {error}"));
        return Ok(value);
    }
    if let Some(value) = salvage(&repaired) {
        problems.add(format!("read item by item: {error}"));
        return Ok(value);
    }
    Err(FeedError::Broken(format!("JSON: {error}")))
}

/// What stands before the items, and each item that can be read on its own.
fn salvage(text: &str) -> Option<Value> {
    let key = text.find("\"items\"")?;
    let start = key + text[key..].find('[')? + 1;
    let mut value = first_value(&format!("{}]}}", &text[..start])).ok()?;
    let mut items = Vec::new();
    let mut rest = &text[start..];
    let mut effort = 0;
    while let Some(at) = rest.find('{').filter(|_| effort <= MOST_READINGS * text.len()) {
        rest = &rest[at..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        if let Some(Ok(item)) = values.next() {
            rest = &rest[values.byte_offset()..];
            if ITEM_KEYS.iter().any(|key| item.get(key).is_some()) {
                items.push(item);
            }
            // Behind the list there may be other objects.
            if rest.trim_start().starts_with(']') {
                break;
            }
        } else {
            // On to where the next item seems to begin. A failure may have read to the end.
            effort += rest.len();
            rest = rest.find("},").map_or("", |end| &rest[end + 2..]);
        }
    }
    *value.get_mut("items")? = Value::Array(items);
    Some(value)
}

/// The first value counts; what follows it is junk. serde_json bounds the depth at 128.
fn first_value(text: &str) -> Result<Value, serde_json::Error> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    values.next().unwrap_or(Ok(Value::Null))
}

struct Reader<'a> {
    base: Option<&'a Url>,
    link: Option<&'a str>,
}

impl Reader<'_> {
    fn entry(&self, item: &Value, problems: &mut Problems) -> ParsedEntry {
        let date = |key: &str, problems: &mut Problems| {
            let text = string(item, key)?;
            let date = parse_date(&text);
            if date.is_none() {
                problems.add(format!("no date: {text:.60}"));
            }
            date
        };
        let content = string(item, "content_html").or_else(|| {
            string(item, "content_text").map(|text| {
                // Content is HTML everywhere.
                let mut html = String::new();
                for paragraph in text.split("\n\n").filter(|text| !text.trim().is_empty()) {
                    html.push_str("<p>");
                    push_escaped(&mut html, paragraph.trim());
                    html.push_str("</p>");
                }
                html
            })
        });
        let mut tags = Vec::new();
        for key in ["tags", "categories"] {
            for tag in strings(item.get(key)) {
                let tag = plain_line(&tag);
                if tags.len() < MAX_NAMES && !tag.is_empty() && !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
        }
        let guid = string(item, "id");
        let link = ["url", "external_url"]
            .iter()
            .filter_map(|key| string(item, key))
            .chain(guid.clone().filter(|guid| !is_on_front_page(guid)))
            .find_map(|link| {
                let is_guid = Some(&link) == guid.as_ref();
                // Relative ids are ids, not links.
                let base = self.base.filter(|_| !is_guid);
                let resolved = resolve_url(&link, base, self.link.filter(|_| !is_guid));
                // A guid that is no address is no fault.
                if resolved.is_none() && !is_guid {
                    problems.add(format!("no absolute address: {link:.80}"));
                }
                resolved
            });
        ParsedEntry {
            guid,
            title: line(item, "title"),
            link,
            summary: string(item, "summary"),
            content,
            authors: authors(item),
            tags,
            image: ["image", "banner_image"]
                .iter()
                .find_map(|key| resolve_url(&string(item, key)?, self.base, self.link)),
            language: string(item, "language").and_then(|language| language_tag(&language)),
            copyright: None,
            published_at: date("date_published", problems),
            updated_at: date("date_modified", problems),
            ..ParsedEntry::default()
        }
    }
}

/// A string, or what can be written as one.
fn string(value: &Value, key: &str) -> Option<String> {
    text(value.get(key)?)
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn line(value: &Value, key: &str) -> Option<String> {
    string(value, key).map(|text| plain_line(&text)).filter(|text| !text.is_empty())
}

/// The strings of a list, or the one string that stands in its place.
fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(values)) => values.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

fn authors(value: &Value) -> Vec<String> {
    let mut names = Vec::new();
    for key in ["authors", "author"] {
        let persons = match value.get(key) {
            Some(Value::Array(persons)) => persons.as_slice(),
            Some(person) => std::slice::from_ref(person),
            None => continue,
        };
        for person in persons {
            let name = line(person, "name").or_else(|| text(person).map(|text| plain_line(&text)));
            if let Some(name) = name
                && names.len() < MAX_NAMES
                && !names.contains(&name)
            {
                names.push(name);
            }
        }
    }
    names
}
