//! Where a site's feeds are: what its pages link to, where feeds usually are, which sitemaps its
//! robots.txt names. Only reads what others have fetched; whether a link is a feed is seen by
//! fetching it.

use url::Url;

use super::charset;
use super::entities::{fold_white_space, unescape};
use super::problems::Problems;
use super::scan::{Scanner, Tag, Token, split_name};
use super::text::{self, Form};

/// Links of one page that are told; sites with a feed for each tag list hundreds.
const MOST_LINKS: usize = 50;
/// Bytes of a link's words that are read; more than that is a link that was never closed.
const LONGEST_WORDS: usize = 500;
/// Sitemaps of one robots.txt that are told.
const MOST_SITEMAPS: usize = 20;

/// Where feeds usually are, the likeliest first (what content management systems and news sites
/// use).
const WELL_KNOWN: [&str; 12] = [
    "/feed",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feed/",
    "/feeds",
    "/rss/",
    "/index.rss",
    "/feed.json",
    "/?feed=rss2",
];

/// A link that may be a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedLink {
    /// Absolute URL.
    pub url: String,
    /// What the page calls it.
    pub title: Option<String>,
    /// The page declares it a feed (`rel="alternate"` with a feed's type); otherwise it is only a
    /// link whose address looks like one.
    pub declared: bool,
}

impl FeedLink {
    /// Whether it is a feed of what readers say: pages declare it beside that of their articles.
    pub fn is_of_comments(&self) -> bool {
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        path.split('/').skip(3).any(|part| part.eq_ignore_ascii_case("comments"))
    }
}

/// The feeds that a page links to: those it declares first, then links that look like feeds, each
/// URL once, in the page's order; of both kinds those of comments last.
pub fn feed_links(body: &[u8], content_type: Option<&str>, url: &str) -> Vec<FeedLink> {
    let Ok(mut base) = Url::parse(url) else { return Vec::new() };
    let text = charset::decode(body, content_type, &mut Problems::default());
    let mut scanner = Scanner::new(&text);
    let mut links: Vec<FeedLink> = Vec::new();
    // A link that looks like a feed's, with its words so far.
    let mut open: Option<(String, String)> = None;
    while let Some(token) = scanner.next() {
        let tag = match token {
            Token::Start(tag) => tag,
            Token::Text(text) => {
                if let Some((_, words)) = &mut open
                    && words.len() < LONGEST_WORDS
                {
                    words.push_str(&unescape(text));
                }
                continue;
            }
            Token::End(name) if name.eq_ignore_ascii_case("a") => {
                add(&mut links, &base, open.take().map(linked));
                continue;
            }
            _ => continue,
        };
        match split_name(tag.name).1.to_ascii_lowercase().as_str() {
            "base" => {
                if let Some(href) = value(&tag, "href").and_then(|href| base.join(&href).ok()) {
                    base = href;
                }
            }
            "link" => add(&mut links, &base, declared(&tag)),
            "a" => {
                // One that is never closed ends where the next one begins.
                add(&mut links, &base, open.take().map(linked));
                open = looks_like_feed(&tag).map(|href| (href, String::new()));
            }
            // Their insides are no markup.
            "script" | "style" => {
                let _ = text::read(&mut scanner, &tag, Form::Escaped);
            }
            _ => {}
        }
    }
    add(&mut links, &base, open.take().map(linked));
    // Stable: the page's order stays within both kinds.
    links.sort_by_key(|link| (!link.declared, link.is_of_comments()));
    links.truncate(MOST_LINKS);
    links
}

fn linked((href, words): (String, String)) -> (String, Option<String>, bool) {
    (href, Some(fold_white_space(&words)), false)
}

fn add(links: &mut Vec<FeedLink>, base: &Url, found: Option<(String, Option<String>, bool)>) {
    let Some((href, title, declared)) = found else { return };
    let Ok(mut url) = base.join(href.trim()) else { return };
    url.set_fragment(None);
    if !matches!(url.scheme(), "http" | "https") {
        return;
    }
    let url = String::from(url);
    let title = title.filter(|title| !title.is_empty());
    if let Some(link) = links.iter_mut().find(|link| link.url == url) {
        link.declared |= declared;
        link.title = link.title.take().or(title);
    } else if links.len() < 4 * MOST_LINKS {
        // Enough to sort the declared ones out of; a page of links is no reason to go on for ever.
        links.push(FeedLink { url, title, declared });
    }
}

/// `<link rel="alternate" type="application/rss+xml" href="…">`.
fn declared(tag: &Tag<'_>) -> Option<(String, Option<String>, bool)> {
    let rel = value(tag, "rel")?.to_ascii_lowercase();
    let mut words = rel.split_ascii_whitespace();
    if !words.any(|word| matches!(word, "alternate" | "feed")) {
        return None;
    }
    let kind = value(tag, "type").unwrap_or_default().to_ascii_lowercase();
    // `application/json` is what WordPress declares its interface for programs as.
    let is_feed = ["rss", "atom", "rdf", "feed+json"].iter().any(|name| kind.contains(name))
        || matches!(kind.as_str(), "text/xml" | "application/xml")
        || kind == "application/json"
            && value(tag, "href").is_some_and(|href| href.contains("feed"));
    // `rel="feed"` says so itself.
    if !is_feed && !rel.split_ascii_whitespace().any(|word| word == "feed") {
        return None;
    }
    let href = value(tag, "href").filter(|href| !href.contains("oembed"))?;
    Some((href, value(tag, "title").map(|title| fold_white_space(&title)), true))
}

/// A link whose address looks like a feed's.
fn looks_like_feed(tag: &Tag<'_>) -> Option<String> {
    let href = value(tag, "href")?;
    let path = href.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let by_name = matches!(last, "feed" | "feeds" | "rss" | "atom" | "rdf" | "rss2" | "feed.json");
    let by_ending = match last.rsplit_once('.') {
        Some((_, "rss" | "rdf" | "atom")) => true,
        Some((name, "xml")) => !name.contains("sitemap"),
        _ => false,
    };
    (by_name || by_ending).then_some(href)
}

fn value(tag: &Tag<'_>, name: &str) -> Option<String> {
    tag.attribute(name).map(|value| value.trim().to_owned())
}

/// Where a site's feeds usually are.
pub fn well_known_feeds(url: &str) -> Vec<String> {
    let Ok(base) = Url::parse(url) else { return Vec::new() };
    WELL_KNOWN.iter().filter_map(|path| base.join(path).ok()).map(String::from).collect()
}

/// The sitemaps that a robots.txt names; those that look like news first.
pub fn sitemaps_of_robots(body: &[u8], url: &str) -> Vec<String> {
    let Ok(base) = Url::parse(url) else { return Vec::new() };
    let text = String::from_utf8_lossy(body);
    let mut sitemaps: Vec<String> = Vec::new();
    for line in text.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.split('#').next().unwrap_or_default().trim();
        if !name.trim().eq_ignore_ascii_case("sitemap") || value.is_empty() {
            continue;
        }
        let Ok(url) = base.join(value) else { continue };
        let url = String::from(url);
        if events::is_http_url(&url) && !sitemaps.contains(&url) {
            sitemaps.push(url);
        }
    }
    sitemaps.sort_by_key(|url| !url.to_ascii_lowercase().contains("news"));
    sitemaps.truncate(MOST_SITEMAPS);
    sitemaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(html: &str) -> Vec<(String, Option<String>, bool)> {
        feed_links(html.as_bytes(), None, "https://example.org/news/")
            .into_iter()
            .map(|link| (link.url, link.title, link.declared))
            .collect()
    }

    #[test]
    fn feeds_of_comments_come_after_those_of_articles() {
        let link = |href| format!("<link rel=alternate type=application/rss+xml href=\"{href}\">");
        let page = ["/comments/feed/", "/feed/", "/a-story/comments"].map(link).concat();
        let urls: Vec<String> = links(&page).into_iter().map(|(url, ..)| url).collect();
        let wanted = ["/feed/", "/comments/feed/", "/a-story/comments"];
        assert_eq!(urls, wanted.map(|path| format!("https://example.org{path}")));
    }

    #[test]
    fn declared_feeds_come_before_links_that_look_like_feeds() {
        let found = links(
            r#"<html><head><script>document.write('<link rel="alternate" type="application/rss+xml" href="/no">')</script>
            <LINK REL='Alternate' TYPE='application/atom+xml' TITLE="A &amp; B" HREF='/atom?x=1&amp;y=2'>
            <link rel="alternate" type="application/json+oembed" href="/oembed?format=json">
            <link rel="alternate" type="application/json" title="JSON" href="/wp-json/wp/v2/pages/2">
            <link rel="alternate" hreflang="de" href="/de/"><link rel="stylesheet" type="text/css" href="/x.css">
            <link rel="feed" href="feed.json"></head><body>
            <a href="/about">About</a> <a href="https://feeds.example.net/all.rss"> All the
            news </a><a href="/sitemap.xml">map</a><a href="javascript:alert(1)/feed">x</a><a href="/atom?x=1&amp;y=2#top">again</a>"#,
        );
        assert_eq!(
            found,
            [
                ("https://example.org/atom?x=1&y=2".into(), Some("A & B".into()), true),
                ("https://example.org/news/feed.json".into(), None, true),
                ("https://feeds.example.net/all.rss".into(), Some("All the news".into()), false),
            ]
        );
    }

    #[test]
    fn a_link_that_is_never_closed_hides_no_other() {
        let found = links("<a href=/one.rss>One<p><a href=/two.rss><b>Two</b> words");
        assert_eq!(
            found,
            [
                ("https://example.org/one.rss".into(), Some("One".into()), false),
                ("https://example.org/two.rss".into(), Some("Two words".into()), false),
            ]
        );
    }

    #[test]
    fn a_base_counts_from_where_it_stands() {
        let found =
            links(r#"<base href="/x/"><link rel=alternate type=application/rss+xml href=rss.xml>"#);
        assert_eq!(found, [("https://example.org/x/rss.xml".into(), None, true)]);
        assert_eq!(links("<base href='http://['><a>no href</a>"), []);
    }

    #[test]
    fn robots_txt_names_sitemaps() {
        let robots = b"User-agent: *\nDisallow: /x\nsitemap: https://example.org/map.xml # all\nSITEMAP:/news-sitemap.xml.gz\nSitemap: ftp://x/\nSitemap:\n";
        assert_eq!(
            sitemaps_of_robots(robots, "https://example.org/robots.txt"),
            ["https://example.org/news-sitemap.xml.gz", "https://example.org/map.xml"]
        );
    }

    #[test]
    fn usual_places_are_those_of_the_site() {
        let places = well_known_feeds("https://example.org/news/page.html?x=1");
        assert_eq!(places[0], "https://example.org/feed");
        assert!(places.contains(&"https://example.org/?feed=rss2".to_owned()));
        assert_eq!(well_known_feeds("no url"), Vec::<String>::new());
    }
}
