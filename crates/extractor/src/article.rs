//! One page to one article: the order of the steps, and when the outcome is no article.

use events::{ArticleContent, Publisher, SkipReason};
use url::Url;

use crate::draft::Draft;
use crate::linked::Linked;
use crate::page::Page;
use crate::sketch::{Certain, Sketch};
use crate::spoken::Order;
use crate::structured::{Meta, clean};
use crate::{
    Extracted, PageInput, about, authors, body, charset, client_state, confidence, count_words,
    dom, hints, language, places, prune, published, render, serialise, title, verdict,
};

/// With fewer words than this on the page itself the page's data is looked through for the text.
const THIN_WORDS: u32 = 60;

/// Whether what a site memory needs is gathered too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    ThisPageOnly,
    Memory,
}

pub(crate) fn draft(input: &PageInput<'_>, purpose: For) -> Draft {
    let source = charset::decode(input.body, input.content_type);
    if source.trim().is_empty() {
        return Draft::of(skipped(SkipReason::Empty, "the body is empty"));
    }
    if charset::is_binary(&source) {
        return Draft::of(skipped(SkipReason::NotHtml, "the body is no text"));
    }
    let html = match dom::parse(&source) {
        Ok(html) => html,
        Err(bound) => return Draft::of(skipped(SkipReason::TooComplex, &bound.describe())),
    };
    let mut page = Page::new(&html, input.url);
    let meta = Meta::new(&page);
    let linked = Linked::new(&page);
    let base = about::base_of(input, &meta);
    let container = body::choose(&mut page);
    let title = title::find(&page, container, &meta, &linked, input.hints.title);
    let people = authors::find(&page, container, title.node, &meta, &linked, input.hints.authors);
    let Body { blocks, text, words } =
        body_of(&page, container, &title, &people.names, &meta, &linked, base.as_ref());
    let found = verdict::Found {
        title: title.text.as_deref(),
        headline: title.node,
        container,
        text: &text,
        words,
        link_chars: blocks.iter().map(|block| block.link_chars).sum(),
    };
    if let Some((reason, detail)) = verdict::refuse(&page, input, &meta, &linked, &found) {
        return Draft::of(skipped(reason, &detail));
    }
    let language = language_of(input, &text, &meta, &linked);
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
            order: language.order,
            language: language.tag.as_deref().unwrap_or_default(),
        },
    );
    let contradictions = hints::contradictions(&input.hints, &title, &text, &people.names, &when);
    let confidence =
        confidence::confidence(&page, &input.hints, &found, &blocks, contradictions.len());
    let access = verdict::access(&page, &meta, &linked);
    let complete = verdict::is_complete(&page, access, &found);
    let sketch = (purpose == For::Memory).then(|| Sketch {
        candidates: places::candidates(&page, container, title.node, language.order),
        certain: Certain {
            title: title.node.is_some(),
            authors: people.certain,
            published: when.certain,
        },
        least_words: verdict::least_words(&meta, &linked),
        blocks: blocks.clone(),
    });
    let image = about::image(
        &page,
        title.node,
        container,
        &meta,
        &linked,
        base.as_ref(),
        input.hints.image,
    );
    let content = ArticleContent {
        title: title.text.or_else(|| input.hints.title.map(clean)),
        summary: summary(input, &meta, &linked),
        html: Some(serialise::html(&blocks)),
        text,
        authors: people.names,
        publisher: publisher(input, &meta, &linked),
        language: language.tag,
        section: meta
            .first(&["article:section", "og:article:section"])
            .map(str::to_owned)
            .or_else(|| linked.section.clone()),
        tags: about::split_tags(&declared_tags(&meta, &linked), input.hints.tags),
        image,
        access,
        rights: about::rights(input, &meta, &linked),
        published_at: when.published,
        published_at_source: when.source,
        modified_at: when.modified,
        canonical: about::canonical(input, &meta, base.as_ref()),
        complete,
        confidence,
        words,
    };
    Draft {
        extracted: Extracted::Article(Box::new(content)),
        sketch: sketch.unwrap_or_default(),
        contradictions,
    }
}

/// The article's blocks, their text, and how many words it has.
struct Body {
    blocks: Vec<render::Block>,
    text: String,
    words: u32,
}

impl Body {
    fn of(blocks: Vec<render::Block>) -> Self {
        let text = serialise::text(&blocks);
        let words = count_words(&text);
        Self { blocks, text, words }
    }
}

/// The article: from the page, or from its data where the page shows next to nothing.
fn body_of(
    page: &Page<'_>,
    container: usize,
    title: &title::Title,
    people: &[String],
    meta: &Meta,
    linked: &Linked,
    base: Option<&Url>,
) -> Body {
    let mut blocks = Vec::new();
    for part in body::written(page, title.node, container) {
        blocks.extend(render::blocks(page, part, base));
    }
    let known = prune::Known {
        title: title.text.as_deref(),
        printed: title.printed.as_deref(),
        document_title: meta.document_title.as_deref(),
        authors: people,
        host: base.and_then(Url::host_str),
    };
    let body = Body::of(prune::prune(blocks, &known));
    elsewhere(page, linked, body.words)
        .or_else(|| whole(linked, &body.blocks, body.words))
        .map_or(body, Body::of)
}

/// The article of JSON-LD where it begins with the page's text and is twice as long: the page shows
/// the beginning only.
fn whole(linked: &Linked, blocks: &[render::Block], words: u32) -> Option<Vec<render::Block>> {
    let body = linked.body.as_deref()?;
    let first = blocks.first()?;
    // Most bodies are the page's own or shorter, and are not folded.
    if body.len() < first.text.len() * 2 || count_words(body) < 2 * words {
        return None;
    }
    let whole = from_text(body);
    let folded = title::fold(&serialise::text(&whole));
    let shown = title::fold(&first.text);
    let begins = shown.len() >= 80 && folded.starts_with(&shown);
    (begins && count_words(&folded) >= 2 * words).then_some(whole)
}

/// The article from the page's data, where the page itself has next to none: JSON-LD
/// `articleBody`, or the longest piece of marked-up text in a client's state or template.
fn elsewhere(page: &Page<'_>, linked: &Linked, words: u32) -> Option<Vec<render::Block>> {
    if words >= THIN_WORDS {
        return None;
    }
    let enough = |blocks: &Vec<render::Block>| {
        count_words(&serialise::text(blocks)) >= (2 * words).max(THIN_WORDS)
    };
    linked.body.as_deref().map(from_text).filter(&enough).or_else(|| {
        let of_state = page.state.iter().filter_map(|state| client_state::longest_markup(state));
        // Templates hold mostly forms and boxes: they count only where there is nothing at all.
        let templates = page.templates.iter().filter(|_| words < THIN_WORDS / 4).cloned();
        let longest = of_state.chain(templates).max_by_key(String::len)?;
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
        .map(clean)
        .filter(|line| !line.is_empty())
        .map(|line| render::Block::plain(&line))
        .collect()
}

pub(crate) fn skipped(reason: SkipReason, detail: &str) -> Extracted {
    Extracted::Skipped { reason, detail: detail.to_owned() }
}

/// The article's language, and how dates are written in it.
struct Language {
    tag: Option<String>,
    order: Order,
}

fn language_of(input: &PageInput<'_>, text: &str, meta: &Meta, linked: &Linked) -> Language {
    let declared = [
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
    let tag = language::find(text, &declared);
    let american = declared
        .iter()
        .flatten()
        .any(|tag| matches!(language::normalise(tag).as_deref(), Some("en-US" | "en-PH")));
    // `en` alone is American on `.com`, not on `.co.uk`.
    let national = input
        .url
        .and_then(|url| Url::parse(url).ok())
        .and_then(|url| url.host_str().and_then(|host| host.rsplit('.').next()).map(str::to_owned))
        .is_some_and(|top| {
            top.len() == 2
                && !matches!(top.as_str(), "us" | "ph" | "io" | "co" | "ai" | "tv" | "me")
        });
    let short = tag.as_deref().and_then(|tag| tag.split('-').next());
    let month_first = american
        || tag.as_deref() == Some("en") && !national
        || matches!(short, Some("fil" | "tl"));
    Language { tag, order: if month_first { Order::MonthFirst } else { Order::DayFirst } }
}

fn summary(input: &PageInput<'_>, meta: &Meta, linked: &Linked) -> Option<String> {
    meta.first(&["og:description", "description", "twitter:description", "dc.description"])
        .map(str::to_owned)
        .or_else(|| linked.description.clone())
        .or_else(|| input.hints.summary.map(crate::feed::plain).filter(|text| !text.is_empty()))
}

fn publisher(input: &PageInput<'_>, meta: &Meta, linked: &Linked) -> Publisher {
    Publisher {
        name: meta
            .first(&["og:site_name"])
            .map(str::to_owned)
            .or_else(|| linked.publisher.clone())
            .or_else(|| {
                meta.first(&["application-name", "publisher", "dc.publisher"]).map(str::to_owned)
            }),
        domain: input.url.and_then(events::site_of),
    }
}

fn declared_tags(meta: &Meta, linked: &Linked) -> Vec<String> {
    if !linked.keywords.is_empty() {
        return linked.keywords.clone();
    }
    let tags: Vec<String> = meta.all("article:tag").map(str::to_owned).collect();
    if !tags.is_empty() {
        return tags;
    }
    meta.first(&["news_keywords", "keywords"]).map(str::to_owned).into_iter().collect()
}
