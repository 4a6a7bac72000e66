//! One page to one article: the order of the steps, and when the outcome is no article.

use events::{ArticleContent, Image, Publisher, Rights, SkipReason};
use url::Url;

use crate::dates::Order;
use crate::page::Page;
use crate::structured::{Linked, Meta, clean};
use crate::{
    Extracted, PageInput, authors, body, charset, count_words, dom, language, prune, published,
    render, serialise, structured, title, verdict,
};

/// With fewer words than this on the page itself the page's data is looked through for the text.
const THIN_WORDS: u32 = 60;

pub(crate) fn extract(input: &PageInput<'_>) -> Extracted {
    let source = charset::decode(input.body, input.content_type);
    if source.trim().is_empty() {
        return skipped(SkipReason::Empty, "the body is empty");
    }
    let html = match dom::parse(&source) {
        Ok(html) => html,
        Err(bound) => return skipped(SkipReason::TooComplex, &bound.describe()),
    };
    let mut page = Page::new(&html, input.url);
    let meta = Meta::new(&page);
    let linked = Linked::new(&page);
    let base = base_of(input, &meta);
    let container = body::choose(&mut page);
    let title = title::find(&page, container, &meta, &linked, input.hints.title);
    let people = authors::find(&page, container, title.node, &meta, &linked, input.hints.authors);
    let mut blocks = Vec::new();
    for part in body::lead(&page, title.node, container).into_iter().chain([container]) {
        blocks.extend(render::blocks(&page, part, base.as_ref()));
    }
    let mut blocks = prune::prune(
        blocks,
        &prune::Known {
            title: title.text.as_deref(),
            document_title: meta.document_title.as_deref(),
            authors: &people,
        },
    );
    let mut text = serialise::text(&blocks);
    let mut words = count_words(&text);
    if let Some(better) = elsewhere(&page, &linked, words) {
        blocks = better;
        text = serialise::text(&blocks);
        words = count_words(&text);
    }
    let found = verdict::Found {
        title: title.text.as_deref(),
        headline: title.node,
        container,
        text: &text,
        words,
    };
    if let Some((reason, detail)) = verdict::refuse(input, &meta, &linked, &found) {
        return skipped(reason, &detail);
    }
    let confidence = verdict::confidence(&page, &meta, &linked, &input.hints, &found);
    let access = verdict::access(&meta, &linked);
    let complete = verdict::is_complete(&page, access, &found);
    let declared_language = [
        meta.language.as_deref(),
        meta.first(&[
            "content-language",
            "language",
            "dc.language",
            "dcterms.language",
            "inlanguage",
        ]),
        linked.language.as_deref(),
        input.content_language,
        meta.first(&["og:locale"]),
        input.hints.language,
    ];
    let found_language = language::find(&text, &declared_language);
    let month_first = found_language.as_deref() == Some("en")
        || declared_language
            .iter()
            .flatten()
            .any(|tag| matches!(language::normalise(tag).as_deref(), Some("en-US" | "en-PH")));
    let when = published::find(
        &page,
        container,
        title.node,
        &meta,
        &linked,
        &published::Around {
            url: input.url,
            source: &source,
            fetched_at: input.fetched_at,
            hint: input.hints.published_at,
            hint_modified: input.hints.updated_at,
            order: if month_first { Order::MonthFirst } else { Order::DayFirst },
        },
    );
    let absolute = |href: &str| join(base.as_ref(), href);
    let domain = input.url.and_then(events::site_of);
    let summary = meta
        .first(&["og:description", "description", "twitter:description", "dc.description"])
        .map(str::to_owned)
        .or_else(|| linked.description.clone())
        .or_else(|| input.hints.summary.map(crate::feed::plain).filter(|text| !text.is_empty()));
    let image = meta
        .first(&[
            "og:image",
            "og:image:url",
            "og:image:secure_url",
            "twitter:image",
            "twitter:image:src",
        ])
        .and_then(absolute)
        .or_else(|| linked.image.as_deref().and_then(absolute))
        .or_else(|| input.hints.image.map(str::to_owned));
    let mut tags = linked.keywords.clone();
    if tags.is_empty() {
        tags = meta.all("article:tag").map(str::to_owned).collect();
    }
    if tags.is_empty() {
        tags = meta.first(&["news_keywords", "keywords"]).map(str::to_owned).into_iter().collect();
    }
    let html = serialise::html(&blocks);
    Extracted::Article(Box::new(ArticleContent {
        title: title.text.or_else(|| input.hints.title.map(clean)),
        summary,
        text,
        html: Some(html),
        authors: people,
        publisher: Publisher {
            name: meta
                .first(&["og:site_name"])
                .map(str::to_owned)
                .or_else(|| linked.publisher.clone())
                .or_else(|| {
                    meta.first(&["application-name", "publisher", "dc.publisher"])
                        .map(str::to_owned)
                }),
            domain,
        },
        language: found_language,
        section: meta
            .first(&["article:section", "og:article:section"])
            .map(str::to_owned)
            .or_else(|| linked.section.clone()),
        tags: split_tags(&tags, input.hints.tags),
        image: Image { url: image, caption: None },
        access,
        rights: rights(input, &meta, &linked),
        published_at: when.published,
        published_at_source: when.source,
        modified_at: when.modified,
        canonical: canonical(input, &meta, base.as_ref()),
        complete,
        confidence,
        words,
    }))
}

/// The article from the page's data, where the page itself has next to none: JSON-LD
/// `articleBody`, or the longest piece of marked-up text in a client's state.
fn elsewhere(page: &Page<'_>, linked: &Linked, words: u32) -> Option<Vec<render::Block>> {
    if words >= THIN_WORDS {
        return None;
    }
    let enough = |blocks: &Vec<render::Block>| {
        count_words(&serialise::text(blocks)) >= (2 * words).max(THIN_WORDS)
    };
    linked.body.as_deref().map(from_text).filter(&enough).or_else(|| {
        let longest = page
            .state
            .iter()
            .filter_map(|state| structured::longest_markup(state))
            .max_by_key(String::len)?;
        let html = dom::parse(&longest).ok()?;
        let inner = Page::new(&html, None);
        Some(render::blocks(&inner, inner.body, None)).filter(&enough)
    })
}

/// Blocks of a plain text, or of one that holds mark-up.
fn from_text(text: &str) -> Vec<render::Block> {
    if text.contains("</p>")
        && let Ok(html) = dom::parse(text)
    {
        let page = Page::new(&html, None);
        return render::blocks(&page, page.body, None);
    }
    text.split('\n')
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(render::Block::plain)
        .collect()
}

pub(crate) fn skipped(reason: SkipReason, detail: &str) -> Extracted {
    Extracted::Skipped { reason, detail: detail.to_owned() }
}

fn base_of(input: &PageInput<'_>, meta: &Meta) -> Option<Url> {
    let url = input.url.and_then(|url| Url::parse(url).ok());
    match meta.base.as_deref() {
        Some(base) => match &url {
            Some(url) => url.join(base).ok().or_else(|| Some(url.clone())),
            None => Url::parse(base).ok(),
        },
        None => url,
    }
}

fn join(base: Option<&Url>, href: &str) -> Option<String> {
    let url = match base {
        Some(base) => base.join(href.trim()).ok()?,
        None => Url::parse(href.trim()).ok()?,
    };
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

fn canonical(input: &PageInput<'_>, meta: &Meta, base: Option<&Url>) -> Option<String> {
    let of_header = input.link.iter().find_map(|value| {
        value.split(',').find_map(|link| {
            let (target, parameters) = link.split_once('>')?;
            let relation = parameters.to_ascii_lowercase().replace(['"', ' '], "");
            relation
                .split(';')
                .any(|part| part == "rel=canonical")
                .then(|| target.trim().trim_start_matches('<').to_owned())
        })
    });
    meta.link("canonical")
        .map(str::to_owned)
        .or(of_header)
        .or_else(|| meta.first(&["og:url"]).map(str::to_owned))
        .and_then(|href| join(base, &href))
}

fn rights(input: &PageInput<'_>, meta: &Meta, linked: &Linked) -> Rights {
    let reservation = input.tdm_reservation.or_else(|| meta.first(&["tdm-reservation"]));
    let no_ai =
        input.x_robots_tag.iter().map(String::as_str).chain(meta.all("robots")).any(|value| {
            value
                .split([',', ' ', ':'])
                .any(|word| matches!(word.to_ascii_lowercase().as_str(), "noai" | "notdm"))
        });
    Rights {
        copyright: meta
            .first(&["copyright", "dc.rights", "dcterms.rights", "rights"])
            .map(str::to_owned)
            .or_else(|| linked.copyright.clone()),
        license: meta.link("license").map(str::to_owned).or_else(|| linked.license.clone()),
        tdm_reserved: match reservation.map(str::trim) {
            Some("1") => Some(true),
            Some("0") if !no_ai => Some(false),
            _ if no_ai => Some(true),
            _ => None,
        },
    }
}

/// Keywords one by one, without duplicates.
fn split_tags(declared: &[String], hints: &[String]) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in declared
        .iter()
        .flat_map(|list| list.split([',', ';']))
        .chain(hints.iter().map(String::as_str))
    {
        let tag = clean(tag);
        if !tag.is_empty()
            && tag.chars().count() <= 80
            && !tags.iter().any(|known| known.to_lowercase() == tag.to_lowercase())
        {
            tags.push(tag);
        }
    }
    tags.truncate(30);
    tags
}
