//! The feeds of the outlets in their formats.

use std::fmt::Write as _;

use serde_json::json;

use crate::article::{Paragraph, Reach, Role, escape};
use crate::dates;
use crate::outlets::{FeedFormat, Outlet};
use crate::pages::picture_path;
use crate::room::{Newsroom, View};

/// How a feed is ill-formed at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// An ampersand that is not escaped.
    Ampersand,
    /// The document ends in the middle.
    CutOff,
}

/// When the RDF feed is broken: twice in 24 seconds of newsroom time.
pub(crate) fn trouble(format: FeedFormat, time: i64) -> Option<Trouble> {
    if format != FeedFormat::Rdf || time < 0 {
        return None;
    }
    match time / 1000 % 24 {
        10..14 => Some(Trouble::Ampersand),
        18..22 => Some(Trouble::CutOff),
        _ => None,
    }
}

/// The media type of a format.
pub(crate) fn content_type(format: FeedFormat) -> &'static str {
    match format {
        FeedFormat::Rss | FeedFormat::RssFullText => "application/rss+xml",
        FeedFormat::Atom => "application/atom+xml",
        FeedFormat::Rdf => "application/rdf+xml",
        FeedFormat::Json => "application/feed+json",
        FeedFormat::Sitemap => "application/xml",
    }
}

/// An outlet's feed with these entries, newest first.
pub(crate) fn document(room: &Newsroom, number: usize, views: &[View], time: i64) -> String {
    let feed = Feed { room, outlet: &room.outlets[number], origin: room.origin(number), views };
    let text = match feed.outlet.format {
        FeedFormat::Rss => feed.rss(false),
        FeedFormat::RssFullText => feed.rss(true),
        FeedFormat::Atom => feed.atom(),
        FeedFormat::Rdf => feed.rdf(),
        FeedFormat::Json => feed.json(),
        FeedFormat::Sitemap => feed.sitemap(),
    };
    match trouble(feed.outlet.format, time) {
        None => text,
        Some(Trouble::Ampersand) => text.replacen("</title>", " & mehr</title>", 1),
        Some(Trouble::CutOff) => {
            let half = text.len() * 2 / 3;
            text.char_indices()
                .take_while(|(at, _)| *at < half)
                .map(|(_, character)| character)
                .collect()
        }
    }
}

/// When the newest change in a feed happened (Unix milliseconds).
pub(crate) fn last_change(room: &Newsroom, views: &[View]) -> i64 {
    let changes = views.iter().map(|view| room.wall(view.version().at));
    changes.max().unwrap_or(room.start())
}

struct Feed<'a> {
    room: &'a Newsroom,
    outlet: &'a Outlet,
    origin: &'a str,
    views: &'a [View],
}

impl Feed<'_> {
    fn own_url(&self) -> String {
        format!("{}{}", self.origin, self.outlet.feed_path())
    }

    /// Stays the same for an article whatever its address or version.
    fn id(&self, view: &View) -> String {
        match self.room.feed_url(&view.article) {
            Some(url) => url,
            None => format!("{}/#{}", self.origin, view.article.number),
        }
    }

    fn picture(&self, view: &View) -> Option<String> {
        view.article.caption.as_ref()?;
        Some(format!("{}{}", self.origin, picture_path(&view.article.slug)))
    }

    fn rss(&self, full_text: bool) -> String {
        let offset = self.outlet.offset;
        let mut out = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" \
             xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:atom=\"http://www.w3.org/2005/Atom\" \
             xmlns:media=\"http://search.yahoo.com/mrss/\">\n<channel>\n<title>{}</title>\n\
             <link>{}/</link>\n<description>{}</description>\n<language>{}</language>\n\
             <atom:link href=\"{}\" rel=\"self\" type=\"application/rss+xml\"/>\n\
             <lastBuildDate>{}</lastBuildDate>\n",
            escape(&self.outlet.name),
            self.origin,
            escape(&self.outlet.slogan),
            self.outlet.language.code(),
            escape(&self.own_url()),
            dates::rss(last_change(self.room, self.views), offset),
        );
        for view in self.views {
            let article = &view.article;
            let link = self.room.feed_url(article);
            let link =
                link.map_or_else(String::new, |url| format!("<link>{}</link>\n", escape(&url)));
            let _ = write!(
                out,
                "<item>\n<title>{}</title>\n{link}<guid isPermaLink=\"false\">{}</guid>\n\
                 <pubDate>{}</pubDate>\n<dc:creator>{}</dc:creator>\n<category>{}</category>\n\
                 <description><![CDATA[<p>{}</p>]]></description>\n",
                escape(&view.version().title),
                escape(&self.id(view)),
                dates::rss(self.room.published(article), offset),
                escape(&article.author),
                escape(&article.section),
                escape(&view.version().summary),
            );
            if let Some(modified) = self.room.modified(view) {
                let _ =
                    writeln!(out, "<atom:updated>{}</atom:updated>", dates::iso(modified, offset));
            }
            if let Some(url) = self.picture(view) {
                let _ = writeln!(
                    out,
                    "<media:content url=\"{}\" medium=\"image\" type=\"image/svg+xml\"/>",
                    escape(&url)
                );
            }
            if full_text {
                let _ = writeln!(
                    out,
                    "<content:encoded><![CDATA[{}]]></content:encoded>",
                    body_html(&view.version().paragraphs)
                );
            }
            out.push_str("</item>\n");
        }
        out.push_str("</channel>\n</rss>\n");
        out
    }

    fn atom(&self) -> String {
        let offset = self.outlet.offset;
        let mut out = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" \
             xml:lang=\"{}\">\n<id>{}/</id>\n<title>{}</title>\n<subtitle>{}</subtitle>\n\
             <link rel=\"self\" href=\"{}\"/>\n<link rel=\"alternate\" type=\"text/html\" href=\"{}/\"/>\n\
             <updated>{}</updated>\n",
            self.outlet.language.code(),
            self.origin,
            escape(&self.outlet.name),
            escape(&self.outlet.slogan),
            escape(&self.own_url()),
            self.origin,
            dates::iso(last_change(self.room, self.views), offset),
        );
        for view in self.views {
            let article = &view.article;
            let published = self.room.published(article);
            let link = self.room.feed_url(article).map_or_else(String::new, |url| {
                format!("<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n", escape(&url))
            });
            let _ = write!(
                out,
                "<entry>\n<id>{}</id>\n<title type=\"text\">{}</title>\n{link}\
                 <published>{}</published>\n<updated>{}</updated>\n<author><name>{}</name></author>\n\
                 <category term=\"{}\"/>\n<summary type=\"html\">{}</summary>\n</entry>\n",
                escape(&self.id(view)),
                escape(&view.version().title),
                dates::iso(published, offset),
                dates::iso(self.room.modified(view).unwrap_or(published), offset),
                escape(&article.author),
                escape(&article.section),
                // Markup inside a text construct of type html is escaped once more (RFC 4287).
                escape(&format!("<p>{}</p>", escape(&view.version().summary))),
            );
        }
        out.push_str("</feed>\n");
        out
    }

    fn rdf(&self) -> String {
        let mut items = String::new();
        let mut order = String::new();
        for view in self.views {
            let id = escape(&self.id(view));
            let _ = writeln!(order, "<rdf:li rdf:resource=\"{id}\"/>");
            let _ = write!(
                items,
                "<item rdf:about=\"{id}\">\n<title>{}</title>\n<link>{id}</link>\n\
                 <description>{}</description>\n<dc:date>{}</dc:date>\n<dc:creator>{}</dc:creator>\n\
                 <dc:subject>{}</dc:subject>\n</item>\n",
                escape(&view.version().title),
                escape(&view.version().summary),
                dates::iso(self.room.published(&view.article), self.outlet.offset),
                escape(&view.article.author),
                escape(&view.article.section),
            );
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
             xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
             <channel rdf:about=\"{own}\">\n<title>{name}</title>\n<link>{origin}/</link>\n\
             <description>{slogan}</description>\n<dc:language>{language}</dc:language>\n\
             <items><rdf:Seq>\n{order}</rdf:Seq></items>\n</channel>\n{items}</rdf:RDF>\n",
            own = escape(&self.own_url()),
            name = escape(&self.outlet.name),
            origin = self.origin,
            slogan = escape(&self.outlet.slogan),
            language = self.outlet.language.code(),
        )
    }

    fn json(&self) -> String {
        let offset = self.outlet.offset;
        let items: Vec<serde_json::Value> = self
            .views
            .iter()
            .map(|view| {
                let article = &view.article;
                let version = view.version();
                let mut item = json!({
                    "id": self.id(view),
                    "title": version.title,
                    "summary": version.summary,
                    "date_published": dates::iso(self.room.published(article), offset),
                    "authors": [{"name": article.author}],
                    "tags": article.tags,
                });
                if let Some(url) = self.room.feed_url(article) {
                    item["url"] = json!(url);
                }
                if article.reach == Reach::NoLink {
                    item["content_html"] = json!(body_html(&version.paragraphs));
                } else {
                    item["content_text"] = json!(version.summary);
                }
                if let Some(modified) = self.room.modified(view) {
                    item["date_modified"] = json!(dates::iso(modified, offset));
                }
                if let Some(url) = self.picture(view) {
                    item["image"] = json!(url);
                }
                item
            })
            .collect();
        let feed = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.outlet.name,
            "description": self.outlet.slogan,
            "home_page_url": format!("{}/", self.origin),
            "feed_url": self.own_url(),
            "language": self.outlet.language.code(),
            "items": items,
        });
        feed.to_string()
    }

    fn sitemap(&self) -> String {
        let offset = self.outlet.offset;
        let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
             xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n"
            .to_owned();
        for view in self.views {
            let Some(url) = self.room.feed_url(&view.article) else {
                continue;
            };
            let published = self.room.published(&view.article);
            let modified = self.room.modified(view).unwrap_or(published);
            let _ = write!(
                out,
                "<url>\n<loc>{}</loc>\n<lastmod>{}</lastmod>\n<news:news>\n<news:publication>\
                 <news:name>{}</news:name><news:language>{}</news:language></news:publication>\n\
                 <news:publication_date>{}</news:publication_date>\n<news:title>{}</news:title>\n\
                 </news:news>\n</url>\n",
                escape(&url),
                dates::iso(modified, offset),
                escape(&self.outlet.name),
                self.outlet.language.code(),
                dates::iso(published, offset),
                escape(&view.version().title),
            );
        }
        out.push_str("</urlset>\n");
        out
    }
}

fn body_html(paragraphs: &[Paragraph]) -> String {
    paragraphs
        .iter()
        .map(|paragraph| match paragraph.role {
            Role::Text => format!("<p>{}</p>\n", paragraph.html()),
            Role::Heading => format!("<h2>{}</h2>\n", paragraph.html()),
            Role::Quote => format!("<blockquote><p>{}</p></blockquote>\n", paragraph.html()),
        })
        .collect()
}
