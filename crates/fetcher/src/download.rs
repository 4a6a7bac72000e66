//! What the answer to a page means for its entry. Knows no queues and no context.

use events::{Entry, HttpAnswer, SkipReason, Timestamp, TraceContext, site_of};
use serde::{Deserialize, Serialize};
use stage::{Answer, Fetch, FetchError, Fetched, Follow, Purpose};
use url::Url;

use crate::memory::PageMemory;
use crate::poll::headers::{is_bot_wall, retry_after};
use crate::poll::{VERSION, is_default};
use crate::settings::{Settings, millis};

/// Redirects from site to site that an entry goes along with.
pub(crate) const MAX_HOPS: u32 = 5;
/// Longer links than any real one; they would be refused by servers anyway.
const MAX_LINK: usize = 8192;

/// A page that waits for its turn, under `wait/<site>/<number>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WaitRecord {
    pub(crate) v: u32,
    pub(crate) entry: Entry,
    /// Requests that failed so far.
    #[serde(default)]
    pub(crate) attempts: u32,
    pub(crate) ready_at: Timestamp,
    /// Where redirects to other hosts of the site have led, which have a robots.txt of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<String>,
    /// How many those were.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) hosts: u32,
}

impl WaitRecord {
    /// An entry whose page is to be asked for.
    pub(crate) fn new(entry: Entry, now: Timestamp) -> Self {
        Self { v: VERSION, entry, attempts: 0, ready_at: now, at: None, hosts: 0 }
    }

    /// What is asked for.
    pub(crate) fn url(&self) -> &str {
        self.at.as_deref().or(self.entry.link.as_deref()).unwrap_or_default()
    }
}

/// What an answer comes to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A page; the body is the answer's.
    Html(HttpAnswer),
    /// 304: it is as it was.
    NotModified,
    /// No page.
    Failed { reason: SkipReason, detail: String },
    /// No page yet.
    Retry { reason: SkipReason, detail: String, wait_ms: Option<i64>, blocks_site: bool },
    /// The redirect left the site.
    Moved(String),
    /// It left the host, and stays on the site.
    Onward(String),
}

/// `<id>/<revision>/<hop>`: what has exactly one fate.
pub(crate) fn name_of(entry: &Entry) -> String {
    format!("{}/{}/{}", entry.id, entry.revision, entry.hop)
}

/// Why a link cannot be asked for.
pub(crate) fn refuse_link(link: &str) -> Option<String> {
    if link.len() > MAX_LINK {
        return Some(format!("the link has {} bytes", link.len()));
    }
    match Url::parse(link) {
        Err(error) => Some(format!("{error}: {link:.200}")),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            Some(format!("neither http nor https: {link:.200}"))
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            Some("the link has a user name in it".to_owned())
        }
        Ok(url) if url.host_str().is_none_or(str::is_empty) => {
            Some(format!("no host: {link:.200}"))
        }
        Ok(_) => None,
    }
}

/// The request for the page of `link`, at the `url` to which it has led so far; only for what has
/// changed, where `known` says how to ask so.
pub(crate) fn request(
    key: String,
    link: &str,
    url: &str,
    known: Option<&PageMemory>,
    settings: &Settings,
) -> Fetch {
    let accept = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1".to_owned();
    let mut headers = vec![("accept".to_owned(), accept)];
    headers.extend(known.map(PageMemory::conditions).unwrap_or_default());
    Fetch {
        key,
        url: url.to_owned(),
        purpose: Purpose::Page,
        headers,
        validators_of: known.map(|known| known.validators_of(link)),
        auth: events::Auth::default(),
        // Each host has a robots.txt of its own.
        follow: Follow::SameHost,
        max_body: settings.max_body,
        form: Vec::new(),
    }
}

/// The trace of an entry's revision, the same in all stages and on all machines.
pub(crate) fn trace_of(entry: &Entry) -> TraceContext {
    TraceContext::root(&format!("{}/{}", entry.id, entry.revision))
}

/// Judges the answer to a page. `is_known`: there is a page that it can be the same as.
pub(crate) fn judge(entry: &Entry, is_known: bool, fetched: &Fetched) -> Verdict {
    match &fetched.result {
        // To a request that did not ask so it says nothing.
        Ok(answer) if answer.status == 304 && !is_known => {
            let detail = "the server answers 304, although no page is known".to_owned();
            Verdict::Failed { reason: SkipReason::Refused, detail }
        }
        Ok(answer) => judge_answer(entry, answer, fetched.at),
        Err(error) => judge_error(error),
    }
}

fn judge_error(error: &FetchError) -> Verdict {
    let detail = error.to_string();
    let reason = match error {
        FetchError::BadUrl(_) => SkipReason::BadLink,
        FetchError::AddressBlocked(_) => SkipReason::AddressBlocked,
        FetchError::TooBig(_) => SkipReason::TooBig,
        FetchError::Redirects(_) => SkipReason::Redirects,
        FetchError::Dns(_)
        | FetchError::Connect(_)
        | FetchError::Tls(_)
        | FetchError::Timeout(_)
        | FetchError::Broken(_) => {
            let reason = SkipReason::Network;
            return Verdict::Retry { reason, detail, wait_ms: None, blocks_site: false };
        }
    };
    Verdict::Failed { reason, detail }
}

fn judge_answer(entry: &Entry, answer: &Answer, at: Timestamp) -> Verdict {
    let status = answer.status;
    let detail = format!("the server answers {status}");
    let retry = |reason, wait_ms, blocks_site| Verdict::Retry {
        reason,
        detail: detail.clone(),
        wait_ms,
        blocks_site,
    };
    let failed = |reason| Verdict::Failed { reason, detail: detail.clone() };
    if status == 429 {
        return retry(SkipReason::ServerError, retry_after(answer, at), true);
    }
    if is_bot_wall(answer) {
        let detail = format!("{detail}: a challenge to programs");
        return Verdict::Failed { reason: SkipReason::BotWall, detail };
    }
    match status {
        304 => Verdict::NotModified,
        200..=299 if is_html(answer) => Verdict::Html(http_answer(answer)),
        200..=299 => {
            let content_type = answer.header("content-type").unwrap_or("no Content-Type");
            let detail = format!("not HTML: {content_type:.100}");
            Verdict::Failed { reason: SkipReason::NotHtml, detail }
        }
        300..=399 if answer.header("location").is_some() => judge_redirect(entry, answer),
        300..=399 => failed(SkipReason::Redirects),
        402 => failed(SkipReason::Paywall),
        404 => retry(SkipReason::NotFound, None, false),
        410 => failed(SkipReason::Gone),
        408 | 425 | 500.. => retry(SkipReason::ServerError, retry_after(answer, at), false),
        _ => failed(SkipReason::Refused),
    }
}

/// A redirect that was not followed: it leaves the site.
fn judge_redirect(entry: &Entry, answer: &Answer) -> Verdict {
    let failed = |detail: String| Verdict::Failed { reason: SkipReason::Redirects, detail };
    let location = answer.header("location").unwrap_or_default();
    let target = Url::parse(&answer.url).and_then(|base| base.join(location));
    let Ok(mut target) = target else {
        return failed(format!("the server redirects to no URL: {location:.200}"));
    };
    target.set_fragment(None);
    let target = String::from(target);
    if let Some(why) = refuse_link(&target) {
        return failed(format!("the server redirects: {why}"));
    }
    let is_circle = entry.via.contains(&target) || entry.link.as_deref() == Some(&target);
    if is_circle {
        return failed(format!("redirects in a circle: {target:.200}"));
    }
    if site_of(&target) == site_of(&answer.url) {
        return Verdict::Onward(target);
    }
    if entry.hop >= MAX_HOPS {
        return failed(format!("more than {MAX_HOPS} redirects from site to site"));
    }
    Verdict::Moved(target)
}

/// The entry as it goes on under another site.
pub(crate) fn moved(entry: &Entry, target: &str) -> Entry {
    let mut next = entry.clone();
    next.hop += 1;
    next.via.extend(next.link.replace(target.to_owned()));
    next
}

/// Beginnings of what servers also send as `text/html`: documents, pictures, archives.
const OTHER_FORMATS: [&[u8]; 9] = [
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"wOF",
    b"\0\0\0",
];
/// Bytes in which a document of an unknown type must show that it is HTML.
const HEAD: usize = 4096;

/// By Content-Type; where that says nothing, by the first bytes. Types that browsers take for none
/// are those of the MIME Sniffing Standard, 7, and what servers send for files they do not know.
fn is_html(answer: &Answer) -> bool {
    let content_type = answer.header("content-type").unwrap_or_default().trim();
    // `text/html charset=utf-8` and `text/html, text/html` are seen, too.
    let essence = content_type.split([';', ',', ' ', '\t']).next().unwrap_or_default();
    match essence.to_ascii_lowercase().as_str() {
        "text/html" | "application/xhtml+xml" | "text/xhtml" | "html" => {
            !OTHER_FORMATS.iter().any(|format| answer.body.starts_with(format))
        }
        ""
        | "*/*"
        | "unknown/unknown"
        | "application/unknown"
        | "application/octet-stream"
        | "binary/octet-stream"
        | "text/plain"
        | "text/xml"
        | "application/xml" => looks_like_html(&answer.body),
        _ => false,
    }
}

fn looks_like_html(body: &[u8]) -> bool {
    let head = &body[..body.len().min(HEAD)];
    // Of UTF-16 every other byte is left; the signs are ASCII.
    let head: Vec<u8> = if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        head.iter().copied().filter(|byte| *byte != 0).collect()
    } else {
        head.to_vec()
    };
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    ["<!doctype html", "<html", "<head", "<body"].iter().any(|sign| head.contains(sign))
}

fn http_answer(answer: &Answer) -> HttpAnswer {
    let header = |name| answer.header(name).map(str::to_owned);
    HttpAnswer {
        final_url: answer.url.clone(),
        status: answer.status,
        content_type: header("content-type"),
        content_language: header("content-language"),
        last_modified: header("last-modified"),
        etag: header("etag"),
        x_robots_tag: answer.header_all("x-robots-tag"),
        link: answer.header_all("link"),
        tdm_reservation: header("tdm-reservation"),
    }
}

/// The wait before the next request, or `None` where there is to be none.
pub(crate) fn retry_wait(attempts: u32, asked_ms: Option<i64>, settings: &Settings) -> Option<i64> {
    let scheduled = millis(*settings.retries.get(attempts as usize)?);
    Some(asked_ms.map_or(scheduled, |asked| asked.max(scheduled)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_was_written_before_hosts_were_told_apart_is_read() {
        let entry = Entry { link: Some("https://a.org/1".to_owned()), ..Entry::default() };
        let entry = serde_json::to_string(&entry).unwrap();
        let value = format!(
            r#"{{"v":1,"entry":{entry},"attempts":2,"ready_at":"2025-11-24T16:01:00.000Z"}}"#
        );
        let record: WaitRecord = serde_json::from_str(&value).unwrap();
        assert_eq!((record.attempts, record.hosts, record.url()), (2, 0, "https://a.org/1"));
        let written = serde_json::to_string(&record).unwrap();
        assert!(!written.contains("hosts") && !written.contains("\"at\""), "{written}");
    }

    #[test]
    fn pages_are_told_from_other_documents_by_type_and_by_bytes() {
        let page = b"<!DOCTYPE html><title>x</title>".as_slice();
        let late = [b"<!--".as_slice(), &[b' '; 2000], b"--><HTML lang=en>"].concat();
        let wide: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(page.iter().flat_map(|byte| [*byte, 0])).collect();
        let cases: [(Option<&str>, &[u8], bool); 19] = [
            (Some("text/html; charset=utf-8"), b"anything", true),
            (Some("TEXT/HTML"), page, true),
            (Some("text/html charset=utf-8"), page, true),
            (Some("text/html, text/html"), page, true),
            (Some("text/html"), b"", true),
            (Some("application/xhtml+xml;charset=UTF-8"), page, true),
            (Some("text/html"), b"%PDF-1.7 ...", false),
            (Some("text/html"), b"\x89PNG\r\n", false),
            (Some("text/html"), b"PK\x03\x04zip", false),
            (None, page, true),
            (None, &late, true),
            (Some("application/octet-stream"), &wide, true),
            (Some("*/*"), page, true),
            (Some("unknown/unknown"), b"plain words", false),
            (Some("text/plain"), b"plain words", false),
            (Some("text/xml"), b"<?xml version='1.0'?><html xmlns='x'>", true),
            (Some("text/xml"), b"<?xml version='1.0'?><rss>", false),
            (Some("application/pdf"), page, false),
            (Some("application/json"), b"{}", false),
        ];
        for (content_type, body, wanted) in cases {
            let headers = content_type.map(|kind| ("content-type".to_owned(), kind.to_owned()));
            let answer = Answer {
                status: 200,
                headers: headers.into_iter().collect(),
                body: body.to_vec(),
                ..Answer::default()
            };
            let verdict = judge_answer(&Entry::default(), &answer, Timestamp::default());
            assert_eq!(matches!(verdict, Verdict::Html(_)), wanted, "{content_type:?} {body:?}");
        }
    }
}
