//! Lists of feeds: OPML 1 and 2, folders as tags, written so that reading gives the same again.
//!
//! What OPML has no words for (a pause, an interval, headers) stands in attributes of a namespace
//! of our own, as OPML 2.0 provides; other programs ignore them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use events::{Auth, FullText};

use super::entities::{fold_white_space, push_escaped};
use super::scan::{Scanner, Tag, Token, split_name};
use super::{FeedInput, MAX_BYTES, MAX_DEPTH, MAX_NAMES, charset};

/// Feeds of one list that are read.
const MOST_FEEDS: usize = 200_000;
/// Namespace of the attributes that are ours.
const OWN: &str = "urn:newswire:opml:1";

/// A feed of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpmlFeed {
    /// The title the list gives it.
    pub title: Option<String>,
    /// Its address.
    pub url: String,
    /// The folders it lies in and its categories.
    pub tags: Vec<String>,
    /// Shortest time between two polls in seconds, where the list says it.
    pub min_interval_s: Option<u64>,
    /// Where the text comes from.
    pub full_text: FullText,
    /// Kept but not polled.
    pub paused: bool,
    /// Its pages are not asked for again after they were downloaded.
    pub no_revisits: bool,
    /// Extra request headers; no secrets.
    pub headers: BTreeMap<String, String>,
    /// Credentials by name of environment variable.
    pub auth: Auth,
}

/// Why a document gave no list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpmlError {
    /// No `<opml>` element and no outline with a feed.
    #[error("no OPML: there is no <outline xmlUrl=\"…\"> in it")]
    NotOpml,
    /// More than can be read.
    #[error("the list is larger than {MAX_BYTES} bytes or {MOST_FEEDS} feeds")]
    TooBig,
}

/// Reads a list of feeds. A feed that stands in several folders is one feed with several tags.
pub fn parse_opml(body: &[u8]) -> Result<Vec<OpmlFeed>, OpmlError> {
    let input = FeedInput { body, url: None, content_type: None };
    if body.len() > MAX_BYTES {
        return Err(OpmlError::TooBig);
    }
    let mut problems = super::Problems::default();
    let text = charset::decode(input.body, input.content_type, &mut problems);
    let mut scanner = Scanner::new(&text);
    let mut feeds: Vec<OpmlFeed> = Vec::new();
    let mut by_url = std::collections::HashMap::new();
    // One for each open outline: the folder's name, none for a feed.
    let mut folders: Vec<Option<String>> = Vec::new();
    let mut too_deep = 0_usize;
    let mut is_opml = false;
    while let Some(token) = scanner.next() {
        let tag = match token {
            Token::End(name) if split_name(name).1.eq_ignore_ascii_case("outline") => {
                if too_deep > 0 {
                    too_deep -= 1;
                } else {
                    folders.pop();
                }
                continue;
            }
            Token::Start(tag) => tag,
            _ => continue,
        };
        let local = split_name(tag.name).1;
        if local.eq_ignore_ascii_case("opml") {
            is_opml = true;
        }
        if !local.eq_ignore_ascii_case("outline") || scanner.is_cut_off() {
            continue;
        }
        let name = tag
            .attribute("title")
            .or_else(|| tag.attribute("text"))
            .map(|name| fold_white_space(&name))
            .filter(|name| !name.is_empty());
        // The `url` of a link is a page's, that of an inclusion another list's.
        let is_other = tag.attribute("type").is_some_and(|kind| {
            matches!(kind.trim().to_ascii_lowercase().as_str(), "link" | "include")
        });
        let keys: &[&str] = if is_other { &["xmlUrl"] } else { &["xmlUrl", "url"] };
        let url = keys.iter().filter_map(|key| tag.attribute(key)).find_map(|url| feed_url(&url));
        match url {
            Some(url) => {
                let mut tags: Vec<String> = folders.iter().flatten().cloned().collect();
                tags.extend(categories(tag.attribute("category").as_deref()));
                let at = *by_url.entry(url.clone()).or_insert(feeds.len());
                if at == feeds.len() {
                    if at >= MOST_FEEDS {
                        return Err(OpmlError::TooBig);
                    }
                    // A title that is only the address says nothing.
                    feeds.push(own_attributes(
                        &tag,
                        OpmlFeed {
                            title: name.filter(|name| *name != fold_white_space(&url)),
                            url,
                            ..OpmlFeed::default()
                        },
                    ));
                }
                for tag in tags {
                    if feeds[at].tags.len() < MAX_NAMES && !feeds[at].tags.contains(&tag) {
                        feeds[at].tags.push(tag);
                    }
                }
                if !tag.empty {
                    open(&mut folders, None, &mut too_deep);
                }
            }
            None if !tag.empty => open(&mut folders, name, &mut too_deep),
            None => {}
        }
    }
    if feeds.is_empty() && !is_opml {
        return Err(OpmlError::NotOpml);
    }
    Ok(feeds)
}

/// Adds what stands in attributes of our own.
fn own_attributes(tag: &Tag<'_>, feed: OpmlFeed) -> OpmlFeed {
    let value = |name: &str| tag.attribute(&format!("newswire:{name}"));
    OpmlFeed {
        min_interval_s: value("minInterval").and_then(|seconds| seconds.trim().parse().ok()),
        full_text: match value("fullText").as_deref() {
            Some("feed") => FullText::Feed,
            Some("page") => FullText::Page,
            _ => FullText::Auto,
        },
        paused: value("paused").is_some_and(|value| value.trim() == "true"),
        no_revisits: value("noRevisits").is_some_and(|value| value.trim() == "true"),
        headers: value("headers")
            .and_then(|headers| serde_json::from_str(&headers).ok())
            .unwrap_or_default(),
        auth: Auth {
            basic_env: value("basicEnv").map(Cow::into_owned),
            bearer_env: value("bearerEnv").map(Cow::into_owned),
        },
        ..feed
    }
}

/// Opens an outline; those nested too deep are only counted.
fn open(folders: &mut Vec<Option<String>>, name: Option<String>, too_deep: &mut usize) {
    if folders.len() < MAX_DEPTH && *too_deep == 0 {
        folders.push(name);
    } else {
        *too_deep += 1;
    }
}

fn feed_url(text: &str) -> Option<String> {
    let text = text.trim();
    let url = match text.strip_prefix("feed:") {
        // `feed://host/path` and `feed:https://host/path`.
        Some(rest) if rest.starts_with("//") => format!("https:{rest}"),
        Some(rest) => rest.to_owned(),
        None if is_host_and_path(text) => format!("https://{text}"),
        None => text.to_owned(),
    };
    let url = one_spelling(url);
    events::is_http_url(&url).then_some(url)
}

/// The URL of a feed without a fragment, scheme and host in lower case: other spellings would be
/// other feeds, and polled as such.
pub fn one_spelling(mut url: String) -> String {
    url.truncate(url.find('#').unwrap_or(url.len()));
    let Some(scheme) = url.find("://") else { return url };
    let end = url[scheme + 3..].find(['/', '?']).map_or(url.len(), |end| scheme + 3 + end);
    // A name and password are told by their `@`; their case matters.
    if !url[..end].contains('@') {
        let lower = url[..end].to_ascii_lowercase();
        url.replace_range(..end, &lower);
    }
    url
}

/// `www.example.org/rss`, by hand.
fn is_host_and_path(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or_default();
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
    text.contains('/') && host.contains('.') && !host.starts_with('.') && host.chars().all(is_name)
}

/// The categories of OPML 2: comma-separated, each a path.
fn categories(text: Option<&str>) -> impl Iterator<Item = String> {
    text.unwrap_or("")
        .split(',')
        .flat_map(|path| path.split('/'))
        .map(fold_white_space)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
}

/// Writes a list as OPML 2.0. Tags are categories, so that a feed with several stays one outline;
/// where one of them has a comma or slash in it, which would divide a category, all are folders
/// round the feed.
pub fn write_opml(title: &str, feeds: &[OpmlFeed]) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\" \
         xmlns:newswire=\"{OWN}\">\n<head><title>"
    );
    push_escaped(&mut out, title);
    out.push_str("</title></head>\n<body>\n");
    for feed in feeds {
        let is_folded = feed.tags.iter().any(|tag| tag.contains([',', '/']));
        let folders = if is_folded { feed.tags.as_slice() } else { &[] };
        for folder in folders {
            out.push_str("<outline");
            attribute(&mut out, "text", folder);
            out.push_str(">\n");
        }
        out.push_str("<outline type=\"rss\"");
        attribute(&mut out, "text", feed.title.as_deref().unwrap_or(&feed.url));
        attribute(&mut out, "xmlUrl", &feed.url);
        if !is_folded && !feed.tags.is_empty() {
            attribute(&mut out, "category", &feed.tags.join(","));
        }
        write_own(&mut out, feed);
        out.push_str("/>\n");
        for _ in folders {
            out.push_str("</outline>\n");
        }
    }
    out.push_str("</body>\n</opml>\n");
    out
}

fn write_own(out: &mut String, feed: &OpmlFeed) {
    if let Some(seconds) = feed.min_interval_s {
        attribute(out, "newswire:minInterval", &seconds.to_string());
    }
    match feed.full_text {
        FullText::Auto => {}
        FullText::Feed => attribute(out, "newswire:fullText", "feed"),
        FullText::Page => attribute(out, "newswire:fullText", "page"),
    }
    if feed.paused {
        attribute(out, "newswire:paused", "true");
    }
    if feed.no_revisits {
        attribute(out, "newswire:noRevisits", "true");
    }
    if !feed.headers.is_empty() {
        let headers = serde_json::to_string(&feed.headers).unwrap_or_default();
        attribute(out, "newswire:headers", &headers);
    }
    for (name, variable) in
        [("newswire:basicEnv", &feed.auth.basic_env), ("newswire:bearerEnv", &feed.auth.bearer_env)]
    {
        if let Some(variable) = variable {
            attribute(out, name, variable);
        }
    }
}

fn attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push_escaped(out, value);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_categories_become_tags() {
        let feeds = parse_opml(
            br#"<opml version="1.1"><body>
            <outline text="World &amp; more"><outline title="A" xmlUrl="http://a.org/feed"/>
              <outline text="Deep"><outline text="B" xmlUrl='feed://b.org/rss' category="/x/y,z"></outline></outline>
            </outline>
            <outline text="Again"><outline text="A" xmlurl="http://a.org/feed"/></outline>
            <outline text="no feed"/><outline xmlUrl="not a url"/><outline type="rss" xmlUrl="www.c.org/rss"/>
            <outline xmlUrl="HTTPS://WWW.C.org/rss#top"/><outline type="link" url="http://d.org/page"/><outline type="include" url="http://d.org/x.opml"/>
            </body></opml>"#,
        )
        .unwrap();
        assert_eq!(
            feeds,
            [
                OpmlFeed {
                    title: Some("A".into()),
                    url: "http://a.org/feed".into(),
                    tags: vec!["World & more".into(), "Again".into()],
                    ..OpmlFeed::default()
                },
                OpmlFeed {
                    title: Some("B".into()),
                    url: "https://b.org/rss".into(),
                    tags: ["World & more", "Deep", "x", "y", "z"].map(String::from).into(),
                    ..OpmlFeed::default()
                },
                OpmlFeed { url: "https://www.c.org/rss".into(), ..OpmlFeed::default() },
            ]
        );
        assert_eq!(parse_opml(b"<html>"), Err(OpmlError::NotOpml));
        let cut =
            parse_opml(b"<opml><outline xmlUrl='https://a.org/1'/><outline xmlUrl='https://b.o");
        assert_eq!(cut.unwrap().len(), 1, "half an address is none");
    }

    proptest::proptest! {
        #[test]
        fn a_written_list_is_read_back_the_same(
            titles in proptest::collection::vec(proptest::option::of("[a-z<>&\"' éß]{1,12}"), 0..5),
            tags in proptest::collection::vec("[a-z&<,/é-]{1,8}", 0..4),
        ) {
            let mut distinct: Vec<String> = Vec::new();
            for tag in tags {
                if !distinct.contains(&tag) {
                    distinct.push(tag);
                }
            }
            distinct.retain(|tag| *tag == fold_white_space(tag));
            let feeds: Vec<OpmlFeed> = titles
                .into_iter()
                .enumerate()
                .map(|(number, title)| OpmlFeed {
                    title: title.map(|title| fold_white_space(&title)).filter(|title| !title.is_empty()),
                    url: format!("https://example.org/{number}?a=1&b=2"),
                    tags: distinct.clone(),
                    min_interval_s: (number % 2 == 0).then_some(900),
                    full_text: [FullText::Auto, FullText::Feed, FullText::Page][number % 3],
                    paused: number % 4 == 1,
                    no_revisits: number % 3 == 1,
                    headers: [("x-a".to_owned(), "\"b\" & <c>".to_owned())].into(),
                    auth: Auth { basic_env: Some("SECRET".to_owned()), bearer_env: None },
                })
                .collect();
            let written = write_opml("List & more", &feeds);
            proptest::prop_assert_eq!(parse_opml(written.as_bytes()).unwrap(), feeds);
        }
    }
}
