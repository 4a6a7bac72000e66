//! Texts in the state of a client that renders the page itself.

use serde_json::Value;

/// The longest text with paragraphs in a script's JSON.
pub(crate) fn longest_markup(script: &str) -> Option<String> {
    const MAX_STATE: usize = 4 * 1024 * 1024;
    if script.len() > MAX_STATE {
        return None;
    }
    let value: Value = serde_json::from_str(script.trim()).ok()?;
    let mut open = vec![&value];
    let mut longest: Option<&str> = None;
    let mut parts: Option<String> = None;
    while let Some(value) = open.pop() {
        match value {
            Value::String(text)
                if text.contains("<p") && longest.is_none_or(|known| text.len() > known.len()) =>
            {
                longest = Some(text);
            }
            Value::Array(items) => {
                if let Some(text) = paragraphs_of(items)
                    && parts.as_ref().is_none_or(|known| text.len() > known.len())
                {
                    parts = Some(text);
                }
                open.extend(items);
            }
            Value::Object(map) => open.extend(map.values()),
            _ => {}
        }
    }
    match (longest, parts) {
        (Some(longest), Some(parts)) if longest.len() < parts.len() => Some(parts),
        (Some(longest), _) => Some(longest.to_owned()),
        (None, parts) => parts,
    }
}

/// Keys of an object that is another page, not a piece of a text.
const OF_A_PAGE: &[&str] =
    &["url", "href", "link", "slug", "path", "permalink", "title", "headline", "canonical_url"];
/// Paragraphs of a text in pieces, at least, and letters of each.
const MIN_PIECES: usize = 3;
const PIECE: usize = 80;

/// A text that a client's state holds in pieces: objects with a paragraph each, under one key.
fn paragraphs_of(items: &[Value]) -> Option<String> {
    let pieces = || {
        items.iter().filter_map(Value::as_object).filter(|map| {
            !OF_A_PAGE.iter().any(|key| map.get(*key).is_some_and(|value| !value.is_null()))
        })
    };
    let of = |key: &str| {
        pieces().filter_map(|map| map.get(key)?.as_str()).filter(|text| text.contains(' ')).fold(
            (0, String::new()),
            |(long, mut all), text| {
                if text.contains("</p>") {
                    all.push_str(text);
                } else {
                    all.push_str("<p>");
                    all.push_str(text);
                    all.push_str("</p>");
                }
                (long + usize::from(text.len() >= PIECE), all)
            },
        )
    };
    if items.len() < MIN_PIECES {
        return None;
    }
    let first = pieces().find(|map| {
        map.values().any(|value| value.as_str().is_some_and(|text| text.len() >= PIECE))
    })?;
    let keys =
        first.iter().filter(|(_, value)| value.as_str().is_some_and(|text| text.len() >= PIECE));
    keys.map(|(key, _)| of(key))
        .filter(|(long, _)| *long >= MIN_PIECES)
        .map(|(_, text)| text)
        .max_by_key(String::len)
}
