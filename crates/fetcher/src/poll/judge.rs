//! What the answer to a poll is, before and after its body is read. Knows no feed's record.

use events::{Timestamp, hash_id};
use stage::{Answer, FetchError};

use super::headers::{is_bot_wall, retry_after, says_bot_wall};
use crate::feed::{FeedError, FeedInput, ParsedFeed, parse_feed};

/// Letters of a body's hash that are kept: 80 bits.
const HASH_LETTERS: usize = 16;

/// Why a poll gave no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// From a closed list: a metric label.
    pub(crate) class: &'static str,
    pub(crate) detail: String,
    /// In halves: 1 for what passes by itself, 2 for what a person must mend.
    pub(crate) weight: u32,
    /// Wait that the server asks for.
    pub(crate) wait_ms: Option<i64>,
    /// The whole site asks us to stay away.
    pub(crate) blocks_site: bool,
    /// It may be our own network.
    pub(crate) is_network: bool,
}

impl Failure {
    pub(crate) fn new(class: &'static str, detail: impl Into<String>, weight: u32) -> Self {
        Self {
            class,
            detail: detail.into(),
            weight,
            wait_ms: None,
            blocks_site: false,
            is_network: false,
        }
    }
}

/// What an answer says before its body is read.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// 304.
    NotModified,
    /// The body is byte for byte the last one.
    Unchanged,
    /// A body to read.
    Read,
    /// 410.
    Gone,
    Failed(Failure),
}

/// Judges the answer to a poll. `is_conditional`: the request could be answered "not modified";
/// `body`: hash of the last body that was read.
pub(crate) fn judge(
    is_conditional: bool,
    body: Option<&str>,
    result: &Result<Answer, FetchError>,
    now: Timestamp,
) -> Verdict {
    let answer = match result {
        Ok(answer) => answer,
        Err(error) => {
            let is_network = matches!(
                error,
                FetchError::Dns(_) | FetchError::Connect(_) | FetchError::Timeout(_)
            );
            let soft = is_network || matches!(error, FetchError::Broken(_));
            let weight = if soft { 1 } else { 2 };
            let failure = Failure::new(error.class(), error.to_string(), weight);
            return Verdict::Failed(Failure { is_network, ..failure });
        }
    };
    let status = answer.status;
    let says = format!("the server answers {status}");
    let wait_ms = retry_after(answer, now);
    match status {
        304 if is_conditional => Verdict::NotModified,
        // Some walls answer 202 and nothing, or a script.
        200..=299 if says_bot_wall(answer) => Verdict::Failed(bot_wall()),
        200..=299 if answer.body.is_empty() => {
            Verdict::Failed(Failure::new("empty", "the answer is empty", 1))
        }
        200..=299 if body.is_some() && body == Some(&hash_of(&answer.body)) => Verdict::Unchanged,
        200..=299 => Verdict::Read,
        410 => Verdict::Gone,
        429 => Verdict::Failed(Failure {
            wait_ms,
            // The registrable domain, not the host: 429 counts clients, not documents (rule 17).
            blocks_site: true,
            ..Failure::new("http_429", says, 1)
        }),
        _ if is_bot_wall(answer) => {
            let detail = format!("{says}: a challenge to programs");
            Verdict::Failed(Failure { wait_ms, ..Failure::new("bot_wall", detail, 2) })
        }
        500.. => Verdict::Failed(Failure { wait_ms, ..Failure::new("http_5xx", says, 1) }),
        // Active feeds do answer 404 and come back.
        404 => Verdict::Failed(Failure { wait_ms, ..Failure::new("http_404", says, 1) }),
        // Late, sent to the wrong machine, too early: these pass by themselves.
        408 | 421 | 425 => {
            Verdict::Failed(Failure { wait_ms, ..Failure::new("http_4xx", says, 1) })
        }
        400.. => Verdict::Failed(Failure { wait_ms, ..Failure::new("http_4xx", says, 2) }),
        _ => Verdict::Failed(Failure::new("http_3xx", says, 2)),
    }
}

/// What tells one body from another.
pub(crate) fn hash_of(body: &[u8]) -> String {
    let mut hash = hash_id(&events::sha256_hex(body));
    hash.truncate(HASH_LETTERS);
    hash
}

/// Reads a document. Costs time: not for the harness's own thread.
pub(crate) fn read(answer: &Answer) -> Result<ParsedFeed, Failure> {
    let input = FeedInput {
        body: &answer.body,
        url: Some(&answer.url),
        content_type: answer.header("content-type"),
    };
    parse_feed(&input).map_err(|error| {
        if is_bot_wall(answer) {
            return bot_wall();
        }
        let class = match error {
            FeedError::NotAFeed(_) => "not_a_feed",
            FeedError::TooBig => "too_big",
            FeedError::Empty => "empty",
            FeedError::Broken(_) => "broken",
        };
        Failure::new(class, error.to_string(), 2)
    })
}

fn bot_wall() -> Failure {
    Failure::new("bot_wall", "a challenge to programs instead of a feed", 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_about_challenges_is_read_and_a_challenge_is_none() {
        let class = |body: &str| {
            let answer = Answer { status: 200, body: body.into(), ..Answer::default() };
            let verdict = judge(false, None, &Ok(answer.clone()), Timestamp::default());
            assert!(matches!(verdict, Verdict::Read), "{verdict:?}");
            read(&answer).map(|feed| feed.entries.len()).map_err(|failure| failure.class)
        };
        let feed = "<rss><channel><title>Just a moment</title><item><title>DDoS-Guard</title>\
                    <link>https://a.org/cdn-cgi/1</link></item></channel></rss>";
        assert_eq!(class(feed), Ok(1));
        let wall = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>\
                    <script src=\"/cdn-cgi/challenge-platform/x.js\"></script></body></html>";
        assert_eq!(class(wall), Err("bot_wall"));
    }
}
