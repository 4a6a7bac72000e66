//! What a WebSub hub sent to the call-back; the record of the topic `pushes`. Key: the feed id.
//!
//! Written by whichever process the hub reached, read by the owner of the feed's site, which alone
//! judges it. The value is one line of JSON (a [`Push`]), a newline, and the body as it came, byte
//! for byte, because its signature is over exactly these bytes.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What the hub wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "push", rename_all = "snake_case")]
pub enum PushKind {
    /// `hub.mode=subscribe` was asked and confirmed by echoing the challenge (WebSub 5.3).
    Verified {
        /// `hub.topic`.
        topic: String,
        /// `hub.lease_seconds`, where the hub names it.
        lease_s: Option<u64>,
    },
    /// `hub.mode=denied`: the hub will not serve this subscription (WebSub 5.2).
    Denied {
        /// `hub.topic`.
        topic: String,
        /// `hub.reason`, where the hub gives it.
        reason: Option<String>,
    },
    /// Content of the topic (WebSub 7). The body follows the JSON line.
    Delivered {
        /// `Content-Type`, as sent.
        content_type: Option<String>,
        /// `X-Hub-Signature`, as sent.
        signature: Option<String>,
        /// The body was too large for a record and is not here: the feed has to be polled.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        cut: bool,
    },
}

/// The record of the topic `pushes`, without the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// The feed that the call-back belongs to.
    pub feed: String,
    /// The last segment of the call-back's path, which says for what it was made.
    pub call_back: String,
    /// When it came; the record's timestamp.
    pub received_at: Timestamp,
    /// What the hub wants.
    #[serde(flatten)]
    pub kind: PushKind,
}

/// Largest body that fits into a record of `pushes` (2 MiB) beside key, headers and JSON line.
pub const MAX_PUSH_BODY: usize = 2 * 1024 * 1024 - 64 * 1024;

/// The bytes are no record of the topic `pushes`.
#[derive(Debug, thiserror::Error)]
pub enum DecodePushError {
    /// The first line is not the JSON of a push.
    #[error("the first line is not a push's JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The value is empty.
    #[error("the value is empty")]
    Empty,
}

impl Push {
    /// The record's value: one line of JSON, a newline, the body. A body of more than
    /// [`MAX_PUSH_BODY`] is left out, and the delivery says so.
    ///
    /// # Errors
    /// Never in practice: the type has no map keys that JSON cannot hold.
    pub fn encode(&self, body: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
        if body.len() > MAX_PUSH_BODY
            && let PushKind::Delivered { content_type, signature, .. } = self.kind.clone()
        {
            let kind = PushKind::Delivered { content_type, signature, cut: true };
            return Self { kind, ..self.clone() }.encode(&[]);
        }
        let mut value = serde_json::to_vec(self)?;
        value.reserve_exact(1 + body.len());
        value.push(b'\n');
        value.extend_from_slice(body);
        Ok(value)
    }

    /// Splits a record's value into the push and the body.
    ///
    /// # Errors
    /// [`DecodePushError`] where the value is not such a record.
    pub fn decode(value: &[u8]) -> Result<(Self, &[u8]), DecodePushError> {
        if value.is_empty() {
            return Err(DecodePushError::Empty);
        }
        let end = value.iter().position(|byte| *byte == b'\n').unwrap_or(value.len());
        let push = serde_json::from_slice(&value[..end])?;
        Ok((push, value.get(end + 1..).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivered() -> Push {
        Push {
            feed: "f".to_owned(),
            call_back: "c".to_owned(),
            received_at: Timestamp::from_secs(1_764_000_000),
            kind: PushKind::Delivered {
                content_type: Some("application/atom+xml".to_owned()),
                signature: Some("sha256=00".to_owned()),
                cut: false,
            },
        }
    }

    #[test]
    fn a_delivery_keeps_its_bytes() {
        let body = b"<feed>\n\xff\n</feed>\n";
        let value = delivered().encode(body).unwrap();
        assert_eq!(Push::decode(&value).unwrap(), (delivered(), &body[..]));
    }

    #[test]
    fn a_body_that_is_too_large_is_left_out_and_that_is_said() {
        let value = delivered().encode(&vec![b'x'; MAX_PUSH_BODY + 1]).unwrap();
        let (push, body) = Push::decode(&value).unwrap();
        assert!(matches!(push.kind, PushKind::Delivered { cut: true, .. }));
        assert!(body.is_empty());
    }

    #[test]
    fn what_is_no_push_is_refused() {
        assert!(matches!(Push::decode(b""), Err(DecodePushError::Empty)));
        assert!(matches!(Push::decode(b"{}\n"), Err(DecodePushError::Json(_))));
    }
}
