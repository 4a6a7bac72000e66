//! A subscription: the record of the topic `feeds`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Where a subscription came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The configuration file: `feeds sync` removes it when it is gone from there.
    Config,
    /// A command (`feeds add`, `feeds import`).
    #[default]
    Command,
}

/// Whether the article comes from the feed or from the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FullText {
    /// Decided for each feed by evidence.
    #[default]
    Auto,
    /// The feed carries the whole text; pages are not fetched.
    Feed,
    /// Always fetch the page.
    Page,
}

/// Credentials, by the names of environment variables: secrets never reach a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Environment variable that holds `user:password` for HTTP basic authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic_env: Option<String>,
    /// Environment variable that holds a bearer token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer_env: Option<String>,
}

/// A subscription. Key of the record: the feed id; a null value removes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subscription {
    /// The feed id: hash of the URL first subscribed with; it survives a move.
    pub id: String,
    /// The URL to poll.
    pub url: String,
    /// Title given by the operator or an OPML file, else null.
    #[serde(default)]
    pub title: Option<String>,
    /// Operator's tags, carried into events.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Where the subscription came from.
    #[serde(default)]
    pub origin: Origin,
    /// Lower bound of the poll interval in seconds, where it differs from the configured one.
    #[serde(default)]
    pub min_interval_s: Option<u64>,
    /// Whether pages are fetched.
    #[serde(default)]
    pub full_text: FullText,
    /// Extra request headers. Values are not secrets.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Credentials by name of environment variable.
    #[serde(default)]
    pub auth: Auth,
    /// A paused feed is kept but not polled.
    #[serde(default)]
    pub paused: bool,
    /// Its pages are not asked for again after they were downloaded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_revisits: bool,
    /// When it was first subscribed.
    pub added_at: Timestamp,
    /// Set when the feed moved for good: the new URL. The record stays under the old key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
    /// Set on the record of the new URL: the id it had before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
    /// The cursor carried along a move: the poll stage's state record as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<serde_json::Value>,
}
