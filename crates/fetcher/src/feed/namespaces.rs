//! Which vocabulary an element belongs to, for namespaces as people write them.

/// The vocabularies that say something of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vocabulary {
    /// RSS of any version, RDF, Atom of any version, and elements of no namespace at all.
    Core,
    /// `content:encoded`.
    Content,
    /// Dublin Core elements and terms.
    DublinCore,
    /// Media RSS.
    Media,
    /// iTunes.
    Itunes,
    /// RSS 1.0 syndication hints.
    Syndication,
    /// XHTML inside a feed.
    Xhtml,
    /// Google News sitemaps.
    News,
    /// Sitemaps.
    Sitemap,
    /// FeedBurner's original links.
    FeedBurner,
    /// Licences (Creative Commons in both RSS modules).
    License,
    /// Yandex News, in which Russian houses give whole texts.
    Yandex,
    /// Anything else.
    Unknown,
}

use Vocabulary::{
    Content, Core, DublinCore, FeedBurner, Itunes, License, Media, News, Sitemap, Syndication,
    Unknown, Xhtml, Yandex,
};

/// Names without scheme, `www.`, case and a slash or `#` at the end: the spellings differ in just these.
const BY_NAME: &[(&str, Vocabulary)] = &[
    ("", Core),
    ("backend.userland.com", Core),
    ("blogs.law.harvard.edu/tech/rss", Core),
    ("purl.org/rss", Core),
    ("purl.org/rss/1.0/modules", Unknown),
    ("my.netscape.com/rdf/simple/0.9", Core),
    ("channel.netscape.com/rdf/simple/0.9", Core),
    ("my.netscape.com/publish/formats/rss", Core),
    ("w3.org/2005/atom", Core),
    ("w3.org/1999/02/22-rdf-syntax-ns", Core),
    ("purl.org/atom/ns", Core),
    ("purl.org/echo", Core),
    ("purl.org/pie", Core),
    ("purl.org/net/rss1.1", Core),
    ("rssboard.org/rss-specification", Core),
    ("cyber.law.harvard.edu/rss/rss.html", Core),
    ("purl.org/rss/1.0/modules/content", Content),
    ("purl.org/dc/elements", DublinCore),
    ("purl.org/dc/terms", DublinCore),
    ("search.yahoo.com/mrss", Media),
    ("video.search.yahoo.com/mrss", Media),
    ("rssboard.org/media-rss", Media),
    ("itunes.com/dtds/podcast-1.0.dtd", Itunes),
    ("purl.org/rss/1.0/modules/syndication", Syndication),
    ("w3.org/1999/xhtml", Xhtml),
    ("google.com/schemas/sitemap-news", News),
    ("sitemaps.org/schemas/sitemap", Sitemap),
    ("google.com/schemas/sitemap", Sitemap),
    ("rssnamespace.org/feedburner/ext", FeedBurner),
    ("backend.userland.com/creativecommonsrssmodule", License),
    ("news.yandex.ru", Yandex),
    ("creativecommons.org/ns", License),
    ("web.resource.org/cc", License),
];

/// Prefixes that people use without declaring them.
const BY_PREFIX: &[(&str, Vocabulary)] = &[
    ("", Core),
    ("atom", Core),
    ("atom10", Core),
    ("rss", Core),
    ("rdf", Core),
    ("content", Content),
    ("dc", DublinCore),
    ("dcterms", DublinCore),
    ("media", Media),
    ("itunes", Itunes),
    ("sy", Syndication),
    ("xhtml", Xhtml),
    ("news", News),
    ("feedburner", FeedBurner),
    ("yandex", Yandex),
    ("creativecommons", License),
    ("cc", License),
];

/// The vocabulary of a namespace name.
pub(super) fn of_name(name: &str) -> Vocabulary {
    let lower = name.trim().to_ascii_lowercase();
    let bare =
        lower.strip_prefix("http://").or_else(|| lower.strip_prefix("https://")).unwrap_or(&lower);
    let bare = bare.strip_prefix("www.").unwrap_or(bare);
    let bare = bare.trim_end_matches(['/', '#']);
    BY_NAME
        .iter()
        .filter(|(known, _)| {
            // Versions and dates follow: `sitemap/0.9`, `elements/1.1`, `rss2`.
            bare.strip_prefix(known).is_some_and(|rest| {
                rest.is_empty() || (!known.is_empty() && rest.starts_with(['/', '#', '-']))
            })
        })
        .max_by_key(|(known, _)| known.len())
        .map_or(Unknown, |(_, vocabulary)| *vocabulary)
}

/// The vocabulary of a prefix that nobody declared.
pub(super) fn of_prefix(prefix: &str) -> Vocabulary {
    BY_PREFIX
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(prefix))
        .map_or(Unknown, |(_, vocabulary)| *vocabulary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_namespace_is_known() {
        for (name, wanted) in [
            ("http://www.w3.org/2005/Atom", Core),
            ("https://www.w3.org/2005/Atom", Core),
            ("http://www.w3.org/2005/Atom/", Core),
            ("http://purl.org/atom/ns#", Core),
            ("http://backend.userland.com/rss2", Core),
            ("http://backend.userland.com/RSS2/", Core),
            ("http://purl.org/rss/1.0/", Core),
            ("http://purl.org/rss/1.0/modules/content/", Content),
            ("http://purl.org/rss/1.0/modules/slash/", Unknown),
            ("http://search.yahoo.com/mrss", Media),
            ("HTTP://WWW.ITUNES.COM/DTDS/PODCAST-1.0.DTD", Itunes),
            ("http://purl.org/dc/elements/1.1/", DublinCore),
            ("http://www.sitemaps.org/schemas/sitemap/0.9", Sitemap),
            ("http://www.google.com/schemas/sitemap-news/0.9", News),
            ("urn:example:other", Unknown),
        ] {
            assert_eq!(of_name(name), wanted, "{name}");
        }
    }
}
