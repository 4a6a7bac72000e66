//! Texts in the state of a client that renders the page itself.

use std::borrow::Cow;

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

/// Keys of the first piece that may be the one of the paragraphs, at most.
const MAX_KEYS: usize = 16;

/// A text that a client's state holds in pieces: objects with a paragraph each, under one key.
fn paragraphs_of(items: &[Value]) -> Option<String> {
    let pieces = || {
        items.iter().filter_map(Value::as_object).filter(|map| {
            !OF_A_PAGE.iter().any(|key| map.get(*key).is_some_and(|value| !value.is_null()))
        })
    };
    let is_long = |value: &Value| value.as_str().is_some_and(|text| text.len() >= PIECE);
    if items.len() < MIN_PIECES {
        return None;
    }
    let first = pieces().find(|map| map.values().any(is_long))?;
    let keys = first.iter().filter(|(_, value)| is_long(value)).map(|(key, _)| key);
    keys.take(MAX_KEYS)
        .map(|key| {
            let texts = pieces().filter_map(|map| map.get(key)?.as_str());
            let texts: Vec<&str> = texts.filter(|text| text.contains(' ')).collect();
            (texts.iter().filter(|text| text.len() >= PIECE).count(), texts)
        })
        .filter(|(long, _)| *long >= MIN_PIECES)
        .max_by_key(|(_, texts)| texts.iter().map(|text| text.len()).sum::<usize>())
        .map(|(_, texts)| texts.into_iter().map(as_paragraph).collect())
}

fn as_paragraph(text: &str) -> Cow<'_, str> {
    if text.contains("</p>") { text.into() } else { format!("<p>{text}</p>").into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counted, not timed: a key that is not among the first sixteen is not looked at.
    #[test]
    fn a_piece_of_many_keys_is_not_read_for_each_of_them() {
        let long =
            "A sentence of a paragraph that is as long as those of an article are, at least.";
        let of = |keys: std::ops::Range<usize>| {
            let map = keys.map(|key| (format!("k{key:03}"), Value::from(format!("{long} {key}"))));
            Value::Object(map.collect())
        };
        let text = |first: Value| paragraphs_of(&[first, of(99..100), of(99..100), of(99..100)]);
        assert_eq!(text(of(0..100)), None);
        assert_eq!(text(of(90..100)).unwrap().matches("<p>").count(), 4);
    }
}
