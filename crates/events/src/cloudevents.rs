//! CloudEvents 1.0, Kafka protocol binding, binary mode: attributes as record headers.

use crate::{StoryEvent, TraceContext, host_of};

/// A record header: name and UTF-8 value.
pub type Header = (String, Vec<u8>);

/// The headers of a story event.
pub fn story_headers(event: &StoryEvent, trace: &TraceContext) -> Vec<Header> {
    let source = event
        .url
        .as_deref()
        .and_then(origin_of)
        .or_else(|| event.feeds.first().and_then(|feed| origin_of(&feed.url)))
        .unwrap_or_else(|| "urn:newswire".to_owned());
    [
        ("ce_specversion", "1.0".to_owned()),
        ("ce_id", format!("{}/{}", event.id, event.version)),
        ("ce_source", source),
        ("ce_subject", event.id.clone()),
        ("ce_type", event.event.ce_type().to_owned()),
        ("ce_time", event.fetched_at.to_string()),
        ("content-type", "application/json".to_owned()),
        ("traceparent", trace.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.into_bytes()))
    .collect()
}

fn origin_of(url: &str) -> Option<String> {
    host_of(url)?;
    let origin = url::Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}
