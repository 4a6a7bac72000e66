//! The pages of the outlets: an article, a front page, an error, each in the outlet's design.

mod blog;
mod broadsheet;
mod cards;
mod furniture;
mod metadata;
mod portal;
mod tabloid;

use furniture::Furniture;

use crate::article::{Paragraph, Role, escape};
use crate::dates;
use crate::outlets::{Design, Outlet};
use crate::random::fingerprint;
use crate::room::View;

/// Another article as a page points to it.
#[derive(Debug, Clone)]
pub(crate) struct Teaser {
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) url: String,
}

/// Everything that an article's page is made of.
pub(crate) struct ArticlePage<'a> {
    pub(crate) outlet: &'a Outlet,
    pub(crate) origin: &'a str,
    pub(crate) view: &'a View,
    /// Path with query.
    pub(crate) path: String,
    /// Unix milliseconds.
    pub(crate) published: i64,
    pub(crate) modified: Option<i64>,
    /// Other articles of the outlet, newest first.
    pub(crate) teasers: Vec<Teaser>,
}

impl ArticlePage<'_> {
    fn furniture(&self) -> &'static Furniture {
        furniture::of(self.outlet.language)
    }

    fn title(&self) -> String {
        escape(&self.view.version().title)
    }

    fn author(&self) -> String {
        escape(&self.view.article.author)
    }

    fn section(&self) -> String {
        escape(&self.view.article.section)
    }

    fn url(&self) -> String {
        format!("{}{}", self.origin, self.path)
    }

    fn published(&self) -> String {
        dates::visible(self.outlet.language, self.published, self.outlet.offset)
    }

    /// "Updated …" from the second version on.
    fn updated(&self) -> Option<String> {
        let at = self.modified?;
        let moment = dates::visible(self.outlet.language, at, self.outlet.offset);
        Some(format!("{} {moment}", self.furniture().updated))
    }

    fn paragraphs(&self) -> &[Paragraph] {
        &self.view.version().paragraphs
    }

    fn picture(&self) -> Option<Picture> {
        let caption = self.view.article.caption.as_ref()?;
        Some(Picture {
            url: picture_path(&self.view.article.slug),
            caption: escape(caption),
            alt: format!("{} “{}”", self.furniture().photo_of, self.title()),
        })
    }

    fn teaser_list(&self, from: usize, count: usize) -> String {
        let chosen = self.teasers.iter().skip(from).take(count);
        chosen
            .map(|teaser| {
                format!(
                    "<li><a href=\"{}\">{}</a></li>\n",
                    escape(&teaser.url),
                    escape(&teaser.title)
                )
            })
            .collect()
    }
}

/// Path of an article's picture.
pub(crate) fn picture_path(slug: &str) -> String {
    format!("/img/{slug}.svg")
}

struct Picture {
    url: String,
    caption: String,
    alt: String,
}

/// The parts that a design puts round any page.
struct Shell<'a> {
    outlet: &'a Outlet,
    origin: &'a str,
    /// Content of `<title>`, escaped.
    title: String,
    /// Metadata for the head.
    head: String,
    /// The main column.
    main: String,
}

/// The page of an article.
pub(crate) fn article(page: &ArticlePage<'_>) -> String {
    let main = match page.outlet.design {
        Design::Broadsheet => broadsheet::article(page),
        Design::Tabloid => tabloid::article(page),
        Design::Blog => blog::article(page),
        Design::Portal => portal::article(page),
        Design::Cards => cards::article(page),
    };
    shell(&Shell {
        outlet: page.outlet,
        origin: page.origin,
        title: format!("{} | {}", page.title(), escape(&page.outlet.name)),
        head: metadata::head(page),
        main,
    })
}

/// The front page: the newest articles with their summaries.
pub(crate) fn front(outlet: &Outlet, origin: &str, teasers: &[Teaser]) -> String {
    let list: String = teasers
        .iter()
        .map(|teaser| {
            format!(
                "<div class=\"entry\"><h2><a href=\"{}\">{}</a></h2><p>{}</p></div>\n",
                escape(&teaser.url),
                escape(&teaser.title),
                escape(&teaser.summary)
            )
        })
        .collect();
    shell(&Shell {
        outlet,
        origin,
        title: format!("{}: {}", escape(&outlet.name), escape(&outlet.slogan)),
        head: format!("<meta name=\"description\" content=\"{}\">\n", escape(&outlet.slogan)),
        main: format!("<div class=\"front\">\n{list}</div>\n"),
    })
}

/// The page of an error.
pub(crate) fn error(outlet: &Outlet, origin: &str, status: u16) -> String {
    let words = furniture::of(outlet.language);
    shell(&Shell {
        outlet,
        origin,
        title: format!("{status} | {}", escape(&outlet.name)),
        head: "<meta name=\"robots\" content=\"noindex\">\n".to_owned(),
        main: format!("<h1>{status}</h1>\n<p>{}</p>\n", escape(words.not_found)),
    })
}

fn shell(shell: &Shell<'_>) -> String {
    match shell.outlet.design {
        Design::Broadsheet => broadsheet::shell(shell),
        Design::Tabloid => tabloid::shell(shell),
        Design::Blog => blog::shell(shell),
        Design::Portal => portal::shell(shell),
        Design::Cards => cards::shell(shell),
    }
}

/// Opening of the document that all designs share.
fn document_head(shell: &Shell<'_>, style: &str) -> String {
    let outlet = shell.outlet;
    let charset = if outlet.latin1 { "iso-8859-1" } else { "utf-8" };
    format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"{charset}\">\n\
         <title>{title}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         {head}<link rel=\"alternate\" type=\"{kind}\" title=\"{name}\" href=\"{origin}{feed}\">\n\
         <style>{style}</style>\n</head>\n",
        lang = outlet.language.code(),
        title = shell.title,
        head = shell.head,
        kind = crate::feeds::content_type(outlet.format),
        name = escape(&outlet.name),
        origin = shell.origin,
        feed = escape(outlet.feed_path()),
        style = style.replace("ACCENT", outlet.accent),
    )
}

/// Links to the sections, each put into `open` and `close`.
fn section_links(words: &Furniture, open: &str, close: &str) -> String {
    words
        .sections
        .iter()
        .map(|name| {
            let slug = crate::generator::slug(name);
            format!("{open}<a href=\"/s/{slug}\">{}</a>{close}", escape(name))
        })
        .collect()
}

fn footer_links(words: &Furniture, open: &str, close: &str) -> String {
    words
        .footer_links
        .iter()
        .map(|name| format!("{open}<a href=\"/service\">{}</a>{close}", escape(name)))
        .collect()
}

fn evergreens(words: &Furniture, open: &str, close: &str) -> String {
    words
        .evergreens
        .iter()
        .map(|title| format!("{open}<a href=\"/s/service\">{}</a>{close}", escape(title)))
        .collect()
}

fn comment_form(words: &Furniture, heading: &str) -> String {
    let [comment, name, email] = words.comment_fields;
    format!(
        "<div id=\"respond\" class=\"comment-respond\"><{heading} class=\"comment-reply-title\">{}\
         </{heading}>\n<form action=\"/comments\" method=\"post\"><p class=\"comment-notes\">{}</p>\n\
         <p><label>{comment} <textarea name=\"c\"></textarea></label></p>\n\
         <p><label>{name} <input name=\"n\"></label></p>\n\
         <p><label>{email} <input name=\"e\"></label></p>\n\
         <p><button>{}</button></p></form></div>\n",
        escape(words.comments_heading),
        escape(words.comment_rules),
        escape(words.comment_button),
    )
}

fn reader_comments(words: &Furniture) -> String {
    words
        .readers
        .iter()
        .map(|(name, text)| {
            format!(
                "<li class=\"comment\"><b class=\"fn\">{}</b><div class=\"comment-content\">\
                 <p>{}</p></div></li>\n",
                escape(name),
                escape(text)
            )
        })
        .collect()
}

/// A paragraph in the element of its role; running text gets `attributes`.
fn paragraph(paragraph: &Paragraph, attributes: &str) -> String {
    let html = paragraph.html();
    match paragraph.role {
        Role::Text => format!("<p{attributes}>{html}</p>\n"),
        Role::Heading => format!("<h2>{html}</h2>\n"),
        Role::Quote => format!("<blockquote><p>{html}</p></blockquote>\n"),
    }
}

/// Phrases that are on an outlet's article pages and never in an article.
pub(crate) fn never(outlet: &Outlet, author: &str) -> Vec<String> {
    let words = furniture::of(outlet.language);
    let mut phrases: Vec<String> = words.phrases().into_iter().map(str::to_owned).collect();
    phrases.push(format!("{} {author}", words.by));
    phrases
}

/// A picture: a landscape whose colours and hills depend on the article.
pub(crate) fn picture(slug: &str) -> String {
    let hash = fingerprint(slug.as_bytes());
    let part = |shift: u32, limit: u64| (hash >> shift) % limit;
    let hue = part(0, 360);
    let (left, middle, right) = (60 + part(9, 120), 90 + part(17, 140), 60 + part(25, 120));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"400\" \
         viewBox=\"0 0 800 400\"><rect width=\"800\" height=\"400\" fill=\"hsl({hue},45%,82%)\"/>\
         <circle cx=\"{}\" cy=\"{}\" r=\"46\" fill=\"hsl({},80%,90%)\"/>\
         <path d=\"M0 400V{left}Q200 {middle} 400 {right}T800 {left}V400Z\" transform=\"translate(0 120)\" \
         fill=\"hsl({hue},30%,45%)\"/><path d=\"M0 400V{right}Q300 {left} 520 {middle}T800 {right}V400Z\" \
         transform=\"translate(0 190)\" fill=\"hsl({hue},35%,28%)\"/></svg>",
        120 + part(33, 560),
        70 + part(41, 60),
        (hue + 180) % 360,
    )
}
