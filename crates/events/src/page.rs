//! A page: the outcome of getting an entry's link; the record of the topic `pages`.
//!
//! The value is one line of JSON (a [`Page`]), a newline, and then the body as it came from the
//! server, byte for byte, so that a page costs its own size and no more.

use serde::{Deserialize, Serialize};

use crate::{Entry, SkipReason, Timestamp};

/// What the server answered, as far as later stages need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpAnswer {
    /// URL that answered, after redirects inside the site.
    pub final_url: String,
    /// Status code of the final answer.
    pub status: u16,
    /// `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// `Content-Language`, as sent.
    pub content_language: Option<String>,
    /// `Last-Modified`, as sent.
    pub last_modified: Option<String>,
    /// `ETag`, as sent.
    pub etag: Option<String>,
    /// `X-Robots-Tag` values, as sent.
    #[serde(default)]
    pub x_robots_tag: Vec<String>,
    /// `Link` header values, as sent.
    #[serde(default)]
    pub link: Vec<String>,
    /// `TDM-Reservation`, as sent (W3C TDM Reservation Protocol).
    #[serde(default)]
    pub tdm_reservation: Option<String>,
}

/// Why there is a page, or why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum PageOutcome {
    /// The page was downloaded; the body follows the JSON line.
    Html(HttpAnswer),
    /// The feed carries the full text; the page was not asked for.
    FeedText,
    /// No page is to be had. The extractor falls back on the feed's text if there is enough.
    Failed {
        /// Why.
        reason: SkipReason,
        /// What exactly happened, for people.
        detail: String,
    },
    /// The redirect left the site; the entry went on under the new one.
    Moved {
        /// Where to.
        to: String,
    },
    /// A page of this URL is already known and did not change.
    Unchanged,
}

/// The record of the topic `pages`, without the body. Key of the record: the entry id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The entry, whole: the extractor uses what the feed said.
    pub entry: Entry,
    /// When the answer came, or when it was given up; the record's timestamp.
    pub fetched_at: Timestamp,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: PageOutcome,
}

/// The bytes are no page record.
#[derive(Debug, thiserror::Error)]
pub enum DecodePageError {
    /// The first line is not the JSON of a page.
    #[error("the first line is not a page's JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The value is empty.
    #[error("the value is empty")]
    Empty,
}

impl Page {
    /// The record's value: one line of JSON, a newline, the body.
    ///
    /// # Errors
    /// Never in practice: the type has no map keys that JSON cannot hold.
    pub fn encode(&self, body: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
        let mut value = serde_json::to_vec(self)?;
        value.reserve_exact(1 + body.len());
        value.push(b'\n');
        value.extend_from_slice(body);
        Ok(value)
    }

    /// Splits a record's value into the page and the body.
    ///
    /// # Errors
    /// [`DecodePageError`] where the value is not such a record.
    pub fn decode(value: &[u8]) -> Result<(Self, &[u8]), DecodePageError> {
        if value.is_empty() {
            return Err(DecodePageError::Empty);
        }
        let end = value.iter().position(|byte| *byte == b'\n').unwrap_or(value.len());
        let page = serde_json::from_slice(&value[..end])?;
        Ok((page, value.get(end + 1..).unwrap_or_default()))
    }
}
