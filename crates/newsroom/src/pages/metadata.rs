//! What a page's head says for machines, in the mix that the outlet has.

use serde_json::json;

use super::{ArticlePage, picture_path};
use crate::article::escape;
use crate::dates;
use crate::outlets::Metadata;

pub(super) fn head(page: &ArticlePage<'_>) -> String {
    match page.outlet.metadata {
        Metadata::JsonLdAndOpenGraph => {
            format!("{}{}{}", canonical(page), open_graph(page), json_ld(page, false))
        }
        Metadata::OpenGraph => format!("{}{}", canonical(page), open_graph(page)),
        Metadata::Microdata => canonical(page),
        Metadata::JsonLdGraph => format!("{}{}", canonical(page), json_ld(page, true)),
        Metadata::Nothing => String::new(),
    }
}

fn canonical(page: &ArticlePage<'_>) -> String {
    format!(
        "<link rel=\"canonical\" href=\"{}\">\n<meta name=\"description\" content=\"{}\">\n",
        escape(&page.url()),
        escape(&page.view.version().summary)
    )
}

fn open_graph(page: &ArticlePage<'_>) -> String {
    let mut tags = vec![
        ("og:type", "article".to_owned()),
        ("og:site_name", page.outlet.name.clone()),
        ("og:title", page.view.version().title.clone()),
        ("og:description", page.view.version().summary.clone()),
        ("og:url", page.url()),
        ("article:published_time", dates::iso(page.published, page.outlet.offset)),
        ("article:section", page.view.article.section.clone()),
    ];
    if let Some(modified) = page.modified {
        tags.push(("article:modified_time", dates::iso(modified, page.outlet.offset)));
    }
    if page.view.article.caption.is_some() {
        let path = picture_path(&page.view.article.slug);
        tags.push(("og:image", format!("{}{path}", page.origin)));
    }
    for tag in &page.view.article.tags {
        tags.push(("article:tag", tag.clone()));
    }
    tags.iter()
        .map(|(name, value)| format!("<meta property=\"{name}\" content=\"{}\">\n", escape(value)))
        .collect()
}

fn json_ld(page: &ArticlePage<'_>, graph: bool) -> String {
    let offset = page.outlet.offset;
    let mut article = json!({
        "@type": "NewsArticle",
        "headline": page.view.version().title,
        "description": page.view.version().summary,
        "mainEntityOfPage": page.url(),
        "datePublished": dates::iso(page.published, offset),
        "dateModified": dates::iso(page.modified.unwrap_or(page.published), offset),
        "author": [{"@type": "Person", "name": page.view.article.author}],
        "articleSection": page.view.article.section,
        "keywords": page.view.article.tags,
        "inLanguage": page.outlet.language.code(),
        "isAccessibleForFree": true,
    });
    let publisher = json!({
        "@type": "NewsMediaOrganization",
        "@id": format!("{}/#publisher", page.origin),
        "name": page.outlet.name,
        "url": format!("{}/", page.origin),
    });
    if page.view.article.caption.is_some() {
        let path = picture_path(&page.view.article.slug);
        article["image"] = json!([format!("{}{path}", page.origin)]);
    }
    let document = if graph {
        article["publisher"] = json!({"@id": format!("{}/#publisher", page.origin)});
        let site = json!({"@type": "WebSite", "url": format!("{}/", page.origin)});
        json!({"@context": "https://schema.org", "@graph": [site, publisher, article]})
    } else {
        article["@context"] = json!("https://schema.org");
        article["publisher"] = publisher;
        article
    };
    // `</` would end the script element early.
    let text = document.to_string().replace("</", "<\\/");
    format!("<script type=\"application/ld+json\">{text}</script>\n")
}
