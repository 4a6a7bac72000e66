//! A subscription: the record of the topic `feeds`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, is_http_url};

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

/// Headers that carry a secret: topics are no place for one.
const SECRET_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];
/// Headers that the client sets, or promises never to send.
const OWN_HEADERS: [&str; 6] =
    ["host", "user-agent", "referer", "connection", "content-length", "transfer-encoding"];

/// What a subscription must not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionFault {
    /// The field, as it is called in the configuration: `url`, `min_interval`, `headers`, `auth`.
    pub field: &'static str,
    /// What is wrong with it. Never repeats a value that may be a secret.
    pub says: String,
}

impl Subscription {
    /// What is wrong with it, wherever it came from: a file, a command, a list of somebody else.
    pub fn faults(&self) -> Vec<SubscriptionFault> {
        let mut faults = Vec::new();
        let mut fault = |field, says: String| faults.push(SubscriptionFault { field, says });
        if !is_http_url(&self.url) {
            fault("url", "wants an address that begins with https:// or http://".to_owned());
        } else if has_user_info(&self.url) {
            fault(
                "url",
                "holds a user name or password, and URLs are published: put \"user:password\" \
                 into an environment variable and name it by basic_env"
                    .to_owned(),
            );
        }
        if self.min_interval_s == Some(0) {
            fault("min_interval", "wants at least \"1s\"".to_owned());
        }
        for (name, value) in &self.headers {
            if let Some(says) = header_fault(name, value) {
                fault("headers", says);
            }
        }
        if self.auth.basic_env.is_some() && self.auth.bearer_env.is_some() {
            fault("auth", "wants one of basic_env and bearer_env, not both".to_owned());
        }
        let names = [&self.auth.basic_env, &self.auth.bearer_env];
        if names.into_iter().flatten().any(|name| !is_variable(name)) {
            let says = "wants the name of an environment variable, not the secret itself";
            fault("auth", says.to_owned());
        }
        faults
    }
}

/// Whether there is an `@` in the authority of an absolute URL.
fn has_user_info(url: &str) -> bool {
    url.split_once("://").is_some_and(|(_, rest)| {
        rest.split(['/', '?', '#', '\\']).next().is_some_and(|authority| authority.contains('@'))
    })
}

fn header_fault(name: &str, value: &str) -> Option<String> {
    // RFC 9110, section 5.6.2: a field name is a token.
    let is_token = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    let lower = name.to_ascii_lowercase();
    if !is_token || value.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        Some(format!("hold {name:?}, which is no valid header"))
    } else if SECRET_HEADERS.contains(&lower.as_str()) {
        Some(format!(
            "hold the secret {name}, and headers are published: name an environment variable by \
             basic_env or bearer_env"
        ))
    } else if OWN_HEADERS.contains(&lower.as_str()) {
        Some(format!("hold {name}, which is newswire's own matter"))
    } else {
        None
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_not_be_on_a_topic_is_a_fault_and_is_not_repeated() {
        let good = Subscription {
            url: "https://example.org/feed.xml".to_owned(),
            min_interval_s: Some(1),
            headers: BTreeMap::from([("X-Key".to_owned(), "public".to_owned())]),
            auth: Auth { basic_env: Some("FEED_1".to_owned()), bearer_env: None },
            ..Subscription::default()
        };
        assert_eq!(good.faults(), []);
        type Spoil = fn(&mut Subscription);
        let spoiled: [(&str, Spoil); 13] = [
            ("url", |it| it.url = "ftp://example.org/".to_owned()),
            ("url", |it| it.url = "https://hunter2:x@example.org/f".to_owned()),
            ("min_interval", |it| it.min_interval_s = Some(0)),
            ("headers", |it| drop(it.headers.insert("a b".to_owned(), "hunter2".to_owned()))),
            ("headers", |it| drop(it.headers.insert(String::new(), "hunter2".to_owned()))),
            ("headers", |it| drop(it.headers.insert("x".to_owned(), "a\nhunter2".to_owned()))),
            ("headers", |it| drop(it.headers.insert("Cookie".to_owned(), "hunter2".to_owned()))),
            ("headers", |it| drop(it.headers.insert("authorization".into(), "hunter2".into()))),
            ("headers", |it| drop(it.headers.insert("User-Agent".to_owned(), "x".to_owned()))),
            ("headers", |it| drop(it.headers.insert("Content-Length".to_owned(), "9".to_owned()))),
            ("auth", |it| it.auth.basic_env = Some("user:hunter2".to_owned())),
            ("auth", |it| it.auth.basic_env = Some(String::new())),
            ("auth", |it| it.auth.bearer_env = Some("TOKEN".to_owned())),
        ];
        for (field, spoil) in spoiled {
            let mut bad = good.clone();
            spoil(&mut bad);
            let faults = bad.faults();
            assert_eq!(faults.len(), 1, "{bad:?}");
            assert_eq!(faults[0].field, field, "{bad:?}");
            assert!(!faults[0].says.contains("hunter2"), "{faults:?}");
        }
    }
}
