//! The article from the feed's own text, where the page is not to be had or not needed.

use events::{ArticleContent, Entry, Image, PublishedAtSource, Publisher, Rights, SkipReason};

use crate::article::skipped;
use crate::page::Page;
use crate::{Extracted, authors, count_words, dom, language, prune, render, serialise, structured};

/// Fewest words of a text that becomes a story.
const MIN_WORDS: u32 = 25;
/// From how many words on a feed's content counts as the whole article, if nothing speaks against.
const FULL_WORDS: u32 = 150;

/// The article from the feed's own text: `content`, else `summary`.
pub fn extract_feed(entry: &Entry) -> Extracted {
    let title = entry.title.as_deref().map(structured::clean).filter(|title| !title.is_empty());
    let bodies = [entry.content.as_deref(), entry.summary.as_deref()];
    let reason = if entry.link.is_some() { SkipReason::Empty } else { SkipReason::NoLink };
    let Some(title) = title else {
        return skipped(reason, "the feed gives no title");
    };
    let mut blocks = Vec::new();
    let mut text = String::new();
    let mut words = 0;
    for body in bodies.into_iter().flatten() {
        let found = blocks_of(body, entry, &title);
        let found_text = serialise::text(&found);
        let found_words = count_words(&found_text);
        if found_words > words {
            (blocks, text, words) = (found, found_text, found_words);
        }
        if words >= MIN_WORDS {
            break;
        }
    }
    if words < MIN_WORDS {
        return skipped(reason, &format!("the feed gives {words} words"));
    }
    let declared = [entry.language.as_deref(), entry.feed.language.as_deref()];
    let complete = carries_full_text(entry);
    Extracted::Article(Box::new(ArticleContent {
        title: Some(title),
        summary: entry
            .summary
            .as_deref()
            .map(plain)
            .filter(|summary| !summary.is_empty() && *summary != text),
        language: language::find(&text, &declared),
        html: Some(serialise::html(&blocks)),
        text,
        authors: authors::people(&entry.authors),
        publisher: Publisher {
            name: entry.feed.title.clone(),
            domain: entry.link.as_deref().or(Some(&entry.feed.url)).and_then(events::site_of),
        },
        section: None,
        tags: entry.tags.clone(),
        image: Image { url: entry.image.clone(), caption: None },
        access: events::Access::Unknown,
        rights: Rights { copyright: entry.copyright.clone(), license: None, tdm_reserved: None },
        published_at: entry.published_at,
        published_at_source: if entry.published_at.is_some() {
            PublishedAtSource::Feed
        } else {
            PublishedAtSource::None
        },
        modified_at: entry
            .updated_at
            .filter(|at| entry.published_at.is_none_or(|published| *at > published)),
        canonical: None,
        complete,
        confidence: if complete { 0.9 } else { 0.6 },
        words,
    }))
}

/// Whether the entry's content is the whole article, as far as the entry itself shows: it is long,
/// clearly longer than the summary, and does not end in "read more" or an ellipsis.
pub fn carries_full_text(entry: &Entry) -> bool {
    let Some(content) = entry.content.as_deref() else {
        return false;
    };
    let text = plain(content);
    let words = count_words(&text);
    if words < FULL_WORDS {
        return false;
    }
    let tail: String = text.chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
    let tail = tail.trim_end();
    if tail.ends_with('…')
        || tail.ends_with("...")
        || tail.ends_with("[…]")
        || tail.ends_with("[...]")
        || tail.ends_with("[&hellip;]")
    {
        return false;
    }
    let folded = crate::title::fold(tail);
    if CUT_ENDINGS.iter().any(|ending| folded.ends_with(ending)) {
        return false;
    }
    match entry.summary.as_deref().map(plain) {
        Some(summary) if summary != text => words * 2 >= count_words(&summary) * 3,
        _ => true,
    }
}

/// How a cut text ends (folded).
const CUT_ENDINGS: &[&str] = &[
    "read more",
    "continue reading",
    "keep reading",
    "read the full article",
    "read full article",
    "read full story",
    "read the rest",
    "full story",
    "weiterlesen",
    "mehr lesen",
    "lire la suite",
    "leer más",
    "seguir leyendo",
    "continua a leggere",
    "leggi tutto",
    "leia mais",
    "lees meer",
    "lees verder",
    "czytaj więcej",
    "czytaj dalej",
    "читать далее",
    "читать полностью",
    "läs mer",
    "les mer",
    "læs mere",
    "devamını oku",
];

/// A feed's text without its mark-up.
pub(crate) fn plain(body: &str) -> String {
    if !body.contains(['<', '&']) {
        return structured::clean(body);
    }
    let Ok(html) = dom::parse(body) else {
        return String::new();
    };
    let page = Page::new(&html, None);
    structured::clean(&page.text_of(page.body))
}

fn blocks_of(body: &str, entry: &Entry, title: &str) -> Vec<render::Block> {
    let Ok(html) = dom::parse(body) else {
        return Vec::new();
    };
    let page = Page::new(&html, None);
    let base = entry.link.as_deref().and_then(|link| url::Url::parse(link).ok());
    let blocks = render::blocks(&page, page.body, base.as_ref());
    let known = prune::Known {
        title: Some(title),
        printed: None,
        document_title: None,
        authors: &[],
        host: None,
    };
    prune::prune(blocks, &known)
}
