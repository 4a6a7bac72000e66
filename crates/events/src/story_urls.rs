//! Which URL names a story: what a page states of itself where that can be believed, and the other
//! URLs that nearly always are the same article.

use std::collections::BTreeSet;

use url::{Url, form_urlencoded};

use crate::{canonical_url, site_of};

/// The URL that names the story: the page's rel=canonical where it is believable, else the URL
/// that answered. `None` where the latter is no http(s) URL.
pub fn story_url(final_url: &str, rel_canonical: Option<&str>) -> Option<String> {
    let own = canonical_url(final_url)?;
    let stated = rel_canonical.and_then(canonical_url).filter(|stated| believable(&own, stated));
    Some(stated.unwrap_or(own))
}

/// What a server answers with where a folder is asked for. Scripts only where no parameters follow.
const DEFAULT_DOCUMENTS: &[&str] = &[
    "index.html",
    "index.htm",
    "index.shtml",
    "index.php",
    "index.asp",
    "index.aspx",
    "index.jsp",
    "default.html",
    "default.htm",
    "default.asp",
    "default.aspx",
];

/// Other canonical URLs that nearly always are the same article: with and without `www.`, with
/// and without the last slash, with and without the name of a folder's default document. For
/// looking up, never for naming.
pub fn twin_urls(canonical: &str) -> Vec<String> {
    let Ok(url) = Url::parse(canonical) else {
        return Vec::new();
    };
    let mut hosts = vec![url.host_str().unwrap_or_default().to_owned()];
    if let Some(url::Host::Domain(host)) = url.host() {
        match host.strip_prefix("www.") {
            Some(bare) if bare.contains('.') => hosts.push(bare.to_owned()),
            None if site_of(canonical).as_deref() == Some(host) && host.contains('.') => {
                hosts.push(format!("www.{host}"));
            }
            _ => {}
        }
    }
    let mut paths = vec![url.path().to_owned()];
    let last = last_segment(url.path());
    let is_default = DEFAULT_DOCUMENTS.contains(&last) && url.query().is_none();
    // The folder that the path is or may be.
    let folder = match url.path().strip_suffix('/') {
        Some(bare) => Some(bare),
        None if is_default => Some(&url.path()[..url.path().len() - last.len() - 1]),
        None => Some(url.path()).filter(|_| !last.contains('.')),
    };
    if let Some(folder) = folder {
        if !folder.is_empty() {
            paths.push(folder.to_owned());
        }
        paths.push(format!("{folder}/"));
        if url.query().is_none() {
            paths.push(format!("{folder}/{}", DEFAULT_DOCUMENTS[0]));
        }
    }
    let mut twins = Vec::new();
    for host in &hosts {
        for path in &paths {
            let mut twin = url.clone();
            if twin.set_host(Some(host)).is_ok() {
                twin.set_path(path);
                if twin.as_str() != canonical && !twins.contains(&String::from(twin.as_str())) {
                    twins.push(twin.into());
                }
            }
        }
    }
    twins
}

/// Whether a page at `own` may name `stated` as its address. Both are canonical. Content systems
/// state the front page, the section or the script without its parameters often enough that
/// believing them would fold all articles of a site into one story.
fn believable(own: &str, stated: &str) -> bool {
    if own == stated {
        return true;
    }
    if site_of(own).is_none() || site_of(own) != site_of(stated) {
        return false;
    }
    let (Ok(own), Ok(stated)) = (Url::parse(own), Url::parse(stated)) else {
        return false;
    };
    let own_path = own.path().trim_end_matches('/');
    let stated_path = stated.path().trim_end_matches('/');
    if stated_path.is_empty() || own.port() != stated.port() {
        return false;
    }
    let lower = stated.as_str().to_ascii_lowercase();
    if ["undefined", "%7b", "{{", "null", "/404", "/error", "localhost"]
        .iter()
        .any(|broken| lower.contains(broken))
    {
        return false;
    }
    // On a host that many share, one's page is not another's.
    if let (Some(own), Some(stated)) = (user_of(own_path), user_of(stated_path))
        && own != stated
    {
        return false;
    }
    if own_path == stated_path {
        // Only the query differs. Dropping it is right for /a-long-slug?page=2 and wrong for
        // /article.php?id=7.
        return match stated.query() {
            None => names_an_article(stated_path),
            Some(_) => ids(&own).is_empty() || !ids(&own).is_disjoint(&ids(&stated)),
        };
    }
    if own_path.strip_prefix(stated_path).is_some_and(|rest| rest.starts_with('/')) {
        // A folder above the page: believed only where the page is a mere part of an article.
        let rest = own_path[stated_path.len() + 1..].to_ascii_lowercase();
        let is_part = rest.bytes().all(|byte| byte.is_ascii_digit()) && rest.len() <= 2
            || rest.strip_prefix("page").is_some_and(|number| {
                number.trim_start_matches(['/', '-']).bytes().all(|byte| byte.is_ascii_digit())
            });
        return is_part && names_an_article(stated_path);
    }
    if !names_an_article(stated_path) {
        return stated.query().is_some() && own.query().is_some();
    }
    // Templates state an author, a topic, the log-in, or the article of whoever wrote them: two
    // addresses of one article share what tells it from others.
    !is_year(last_segment(stated_path)) && (!is_slug(own_path) || share_words(&own, &stated))
}

/// The user in whose folder a path lies, as it is marked since the first shared hosts: `/~name/` and
/// `/@name/`.
fn user_of(path: &str) -> Option<&str> {
    path.split('/').nth(1).filter(|folder| folder.starts_with(['~', '@']))
}

/// Whether an address has words by which it could be told from those of other articles.
fn is_slug(path: &str) -> bool {
    words(last_segment(path)).len() >= 2
}

/// Whether two addresses name one article, as far as their words and numbers tell.
fn share_words(own: &Url, stated: &Url) -> bool {
    if !ids(own).is_disjoint(&ids(stated)) {
        return true;
    }
    let (own, stated) = (words(last_segment(own.path())), words(last_segment(stated.path())));
    let fewest = own.len().min(stated.len());
    let shared = own.intersection(&stated).count();
    fewest > 0 && shared * 2 >= fewest && (shared >= 2 || shared == fewest)
}

/// Words of four letters and more; of scripts that write more with a letter, of two.
fn words(segment: &str) -> BTreeSet<String> {
    let decoded = form_urlencoded::parse(segment.as_bytes());
    let text: String = decoded.map(|(name, value)| format!("{name} {value} ")).collect();
    let text = text.to_lowercase();
    let is_word = |word: &&str| {
        word.chars().any(char::is_alphabetic) && (word.len() >= 4 || !word.is_ascii())
    };
    text.split(|c: char| !c.is_alphanumeric()).filter(is_word).map(str::to_owned).collect()
}

/// Numbers of three digits and more in path and query; years, which many articles share, left out.
fn ids(url: &Url) -> BTreeSet<String> {
    let text = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let digits = |c: char| !c.is_ascii_digit();
    let is_id = |number: &&str| number.len() >= 3 && !is_year(number);
    text.split(digits).filter(is_id).map(str::to_owned).collect()
}

fn is_year(text: &str) -> bool {
    text.len() == 4
        && (text.starts_with("19") || text.starts_with("20"))
        && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the last segment of a path looks like the name of one article rather than of a section.
pub fn names_an_article(path: &str) -> bool {
    let last = last_segment(path);
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let hyphens = stem.bytes().filter(|byte| matches!(byte, b'-' | b'_' | b'+')).count();
    let digits = stem.bytes().filter(u8::is_ascii_digit).count();
    hyphens >= 2 || digits >= 3 || stem.len() >= 24 || (hyphens >= 1 && digits >= 1)
}

fn last_segment(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_a_believable_rel_canonical_names_the_story() {
        let cases = [
            // another dress, another section, a cut query
            ("https://example.org/a?page=2", "https://example.org/the-whole-slug-5", true),
            (
                "https://example.org/the-whole-slug?page=2",
                "https://example.org/the-whole-slug",
                true,
            ),
            ("https://m.example.org/x1", "https://www.example.org/news/the-whole-slug", true),
            ("https://example.org/the-whole-slug/2", "https://example.org/the-whole-slug", true),
            ("https://feeds.example.org/x", "https://www.example.org/2025/12/the-whole-slug", true),
            // the front page, a section, the bare script, another site, broken templates
            ("https://example.org/the-whole-slug", "https://example.org/", false),
            ("https://example.org/news/the-whole-slug", "https://example.org/news/", false),
            ("https://example.org/world/the-whole-slug", "https://example.org/politics", false),
            ("https://example.org/article.php?id=7", "https://example.org/article.php", false),
            (
                "https://example.org/the-whole-slug",
                "https://agency.example.com/the-whole-slug",
                false,
            ),
            ("https://example.org/the-whole-slug", "https://example.org/undefined-2-3-4", false),
            (
                "https://example.org/the-whole-slug",
                "https://example.org/%7B%7Burl%7D%7D-a-b-c",
                false,
            ),
            // an author, a topic, a year, the log-in, the article that the template was made with
            (
                "https://example.org/the-whole-slug",
                "https://example.org/authors/jane-van-doe",
                false,
            ),
            (
                "https://example.org/the-whole-slug",
                "https://example.org/log-in-and-subscribe",
                false,
            ),
            ("https://example.org/the-whole-slug", "https://example.org/topics/c1234", false),
            ("https://example.org/x1", "https://example.org/2025", false),
            ("https://example.org/the-whole-slug", "https://example.org/another-story-told", false),
            (
                "https://example.org/index.php?id=703",
                "https://example.org/index.php?option=article",
                false,
            ),
            // another user's page of a host that many share
            ("https://example.org/@eve/x1", "https://example.org/@ann/the-whole-slug", false),
            ("https://example.org/~eve/x1", "https://example.org/~ann/the-whole-slug", false),
            ("https://example.org/@ann/x1", "https://example.org/@ann/the-whole-slug", true),
            ("https://example.org/p/x1", "https://example.org/@ann/the-whole-slug", true),
            // another slug of the same article, by its words or its number
            (
                "https://example.org/council-approves-plan",
                "https://example.org/news/council-passes-plan-after-long-night",
                true,
            ),
            ("https://example.org/council-approves-plan-8412", "https://example.org/a/8412", true),
            ("https://example.org/?p=123", "https://example.org/2025/12/the-whole-slug/", true),
            ("https://example.org/вода-город-1", "https://example.org/news/вода-город", true),
        ];
        for (own, stated, is_believed) in cases {
            let expected = canonical_url(if is_believed { stated } else { own });
            assert_eq!(story_url(own, Some(stated)), expected, "{own} says {stated}");
        }
        assert_eq!(
            story_url("https://example.org/a", Some("no url")).as_deref(),
            Some("https://example.org/a")
        );
    }

    #[test]
    fn twins_differ_by_www_and_the_last_slash() {
        assert_eq!(
            twin_urls("https://www.example.org/a"),
            [
                "https://www.example.org/a/",
                "https://www.example.org/a/index.html",
                "https://example.org/a",
                "https://example.org/a/",
                "https://example.org/a/index.html",
            ]
        );
        for (url, twins) in [
            ("https://a.b.org/x/index.php", ["https://a.b.org/x", "https://a.b.org/x/"].as_slice()),
            ("https://a.b.org/index.html", &["https://a.b.org/"]),
            ("https://a.b.org/x/?id=7", &["https://a.b.org/x?id=7"]),
            ("https://a.b.org/index.php?id=7", &[]),
        ] {
            let found = twin_urls(url);
            assert!(twins.iter().all(|twin| found.contains(&(*twin).to_owned())), "{found:?}");
            assert!(found.iter().all(|twin| twin.contains("id=7") == url.contains("id=7")));
        }
        assert_eq!(twin_urls("https://a.b.org/index.php?id=7"), Vec::<String>::new());
        assert_eq!(twin_urls("https://news.example.org/a.html"), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_rules(own in "\\PC{0,60}", stated in "\\PC{0,60}") {
            let address = |path: &str| format!("https://example.org/{path}");
            let _ = story_url(&address(&own), Some(&address(&stated)));
        }
    }
}
