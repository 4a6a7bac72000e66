//! What the page's JSON-LD says of its article.

use serde_json::Value;

use crate::dates::{self, Found};
use crate::mended_json::parse;
use crate::page::Page;
use crate::structured::clean;

/// Largest JSON-LD script that is read.
const MAX_JSON: usize = 1024 * 1024;

/// What the page's JSON-LD says of its article.
#[derive(Clone, Debug, Default)]
pub(crate) struct Linked {
    pub(crate) headline: Option<String>,
    pub(crate) authors: Vec<String>,
    /// Those of them that are declared as organisations.
    pub(crate) organisations: Vec<String>,
    pub(crate) published: Option<String>,
    pub(crate) modified: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) section: Option<String>,
    pub(crate) keywords: Vec<String>,
    pub(crate) image: Option<String>,
    pub(crate) image_caption: Option<String>,
    pub(crate) publisher: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) free: Option<bool>,
    pub(crate) license: Option<String>,
    pub(crate) copyright: Option<String>,
    /// Types named anywhere, for telling what kind of page it is.
    pub(crate) types: Vec<String>,
    rank: u8,
    /// Whether the object that was taken is of this page, as far as it says.
    fits: Option<bool>,
}

impl Linked {
    pub(crate) fn new(page: &Page<'_>) -> Self {
        let mut linked = Self::default();
        for script in &page.json_ld {
            if script.len() > MAX_JSON {
                continue;
            }
            let Some(value) = parse(script) else {
                continue;
            };
            // References by @id inside one graph: authors are often given so.
            let mut objects = Vec::new();
            collect(&value, 0, &mut objects);
            for object in &objects {
                linked.take(object, &objects, page.url());
            }
        }
        linked
    }

    /// Whether it describes an article.
    pub(crate) fn is_article(&self) -> bool {
        self.rank == 3
    }

    fn take(&mut self, object: &Value, all: &[&Value], page: Option<&str>) {
        let rank = strings(object.get("@type")).iter().map(|kind| rank_of(kind)).max().unwrap_or(0);
        self.types.extend(strings(object.get("@type")));
        let fits = fits(object, page);
        // Among several of a kind the one that is of this page.
        let is_better = self.fits == Some(false) && fits == Some(true) && rank == self.rank;
        if rank == 0
            || rank < self.rank
            || (rank == self.rank && self.headline.is_some() && !is_better)
        {
            return;
        }
        if is_better {
            *self = Self { types: std::mem::take(&mut self.types), ..Self::default() };
        }
        (self.rank, self.fits) = (rank, fits);
        let text = |name: &str| first_text(object.get(name));
        keep(
            &mut self.headline,
            text("headline").or_else(|| if rank >= 2 { text("name") } else { None }),
        );
        let authors: Vec<String> = ["author", "creator"]
            .iter()
            .map(|name| names(object.get(*name), all))
            .find(|names| !names.is_empty())
            .unwrap_or_default();
        if !authors.is_empty() {
            self.authors = authors;
            self.organisations = ["author", "creator"]
                .iter()
                .flat_map(|name| organisations(object.get(*name), all))
                .collect();
        }
        let published =
            text("datePublished").or_else(|| text("dateCreated")).or_else(|| text("uploadDate"));
        let published = published.filter(|new| !self.published_is_finer_than(new));
        keep(&mut self.published, published);
        keep(&mut self.modified, text("dateModified"));
        keep(&mut self.body, object.get("articleBody").and_then(Value::as_str).map(str::to_owned));
        keep(&mut self.section, text("articleSection"));
        keep(&mut self.description, text("description"));
        keep(&mut self.language, text("inLanguage"));
        keep(&mut self.license, text("license"));
        keep(&mut self.copyright, text("copyrightNotice"));
        keep(&mut self.publisher, names(object.get("publisher"), all).into_iter().next());
        keep(&mut self.image, image(object.get("image")).or_else(|| text("thumbnailUrl")));
        keep(&mut self.image_caption, image_caption(object.get("image")));
        let keywords = strings(object.get("keywords"));
        if !keywords.is_empty() {
            self.keywords = keywords;
        }
        let parts = elements(object.get("hasPart"));
        self.free = is_free(object).or_else(|| parts.iter().find_map(is_free)).or(self.free);
    }
}

impl Linked {
    /// Whether the date known so far has a time of day, and the new one is the midnight near it.
    fn published_is_finer_than(&self, new: &str) -> bool {
        let known = self.published.as_deref().and_then(dates::machine);
        let (Some(known), Some(new)) = (known, dates::machine(new)) else {
            return false;
        };
        let is_day = |found: &Found| !found.has_time || found.at.as_millis() % 86_400_000 == 0;
        is_day(&new) && !is_day(&known) && known.at.millis_since(new.at).abs() < 129_600_000
    }
}

/// What an object says of its price, in any spelling of a boolean that pages have.
fn is_free(object: &Value) -> Option<bool> {
    match object.get("isAccessibleForFree")? {
        Value::Bool(free) => Some(*free),
        Value::String(free) => {
            let word = free.rsplit('/').next().unwrap_or(free).trim().to_ascii_lowercase();
            match word.as_str() {
                "true" | "yes" | "1" => Some(true),
                "false" | "no" | "0" => Some(false),
                _ => None,
            }
        }
        _ => None,
    }
}

fn elements(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(all)) => all,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// Whether the address that an object states is that of the page; `None` where it states none.
fn fits(object: &Value, page: Option<&str>) -> Option<bool> {
    let last = |url: &str| {
        let path = url.split(['?', '#']).next().unwrap_or(url);
        let segment = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        segment.to_ascii_lowercase()
    };
    let page = last(page?);
    let whole = object.get("mainEntityOfPage");
    let of_page = whole.and_then(|page| page.get("@id").or(Some(page)));
    let mut stated = [object.get("url"), of_page].into_iter().flatten().filter_map(Value::as_str);
    let first = stated.next()?;
    Some(std::iter::once(first).chain(stated).any(|url| last(url) == page))
}

fn keep(place: &mut Option<String>, found: Option<String>) {
    if let Some(found) = found {
        *place = Some(found);
    }
}

/// How likely an object of this type is the page's article: 3 an article, 2 the like, 1 the page.
fn rank_of(kind: &str) -> u8 {
    match kind.rsplit('/').next().unwrap_or(kind) {
        "NewsArticle"
        | "Article"
        | "BlogPosting"
        | "ReportageNewsArticle"
        | "OpinionNewsArticle"
        | "AnalysisNewsArticle"
        | "BackgroundNewsArticle"
        | "ReviewNewsArticle"
        | "LiveBlogPosting"
        | "TechArticle"
        | "ScholarlyArticle"
        | "Report"
        | "AdvertiserContentArticle"
        | "SatiricalArticle"
        | "MedicalScholarlyArticle"
        | "AskPublicNewsArticle" => 3,
        "Recipe"
        | "Review"
        | "HowTo"
        | "SocialMediaPosting"
        | "DiscussionForumPosting"
        | "CreativeWork"
        | "BlogPost"
        | "Podcast"
        | "PodcastEpisode" => 2,
        "WebPage" | "ItemPage" | "AboutPage" | "FAQPage" | "QAPage" | "MedicalWebPage" => 1,
        _ => 0,
    }
}

fn collect<'v>(value: &'v Value, depth: usize, into: &mut Vec<&'v Value>) {
    if depth > 8 || into.len() > 500 {
        return;
    }
    match value {
        Value::Array(items) => {
            for item in items {
                collect(item, depth + 1, into);
            }
        }
        Value::Object(map) => {
            into.push(value);
            for name in
                ["@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "item"]
            {
                if let Some(inner) = map.get(name) {
                    collect(inner, depth + 1, into);
                }
            }
        }
        _ => {}
    }
}

fn first_text(value: Option<&Value>) -> Option<String> {
    strings(value).into_iter().next()
}

/// The texts of a value: itself, its items, or the name of an object.
fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => {
            let text = clean(text);
            if text.is_empty() { Vec::new() } else { vec![text] }
        }
        Some(Value::Number(number)) => vec![number.to_string()],
        Some(Value::Array(items)) => items.iter().flat_map(|item| strings(Some(item))).collect(),
        Some(Value::Object(map)) => strings(map.get("@value").or_else(|| map.get("name"))),
        _ => Vec::new(),
    }
}

/// Names of persons or organisations, following references.
fn names(value: Option<&Value>, all: &[&Value]) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().flat_map(|item| names(Some(item), all)).collect(),
        Some(Value::Object(_)) => named(value, all).map(name_of).unwrap_or_default(),
        other => strings(other),
    }
}

/// Names of those that are declared as organisations.
fn organisations(value: Option<&Value>, all: &[&Value]) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => {
            items.iter().flat_map(|item| organisations(Some(item), all)).collect()
        }
        Some(Value::Object(_)) => named(value, all)
            .filter(|named| {
                strings(named.get("@type"))
                    .iter()
                    .any(|kind| kind.ends_with("Organization") || kind.ends_with("Corporation"))
            })
            .map(name_of)
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The object itself if it has a name, or the one it refers to.
fn named<'v>(value: Option<&'v Value>, all: &[&'v Value]) -> Option<&'v Value> {
    let value = value?;
    if !name_of(value).is_empty() {
        return Some(value);
    }
    let id = value.get("@id")?;
    all.iter().copied().find(|other| other.get("@id") == Some(id) && !name_of(other).is_empty())
}

/// The name of an object, or its parts in their order.
fn name_of(object: &Value) -> Vec<String> {
    let names = strings(object.get("name"));
    if !names.is_empty() {
        return names;
    }
    let parts: Vec<String> = ["givenName", "additionalName", "familyName"]
        .iter()
        .filter_map(|name| first_text(object.get(*name)))
        .collect();
    if parts.is_empty() { Vec::new() } else { vec![parts.join(" ")] }
}

fn image_caption(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Array(items) => items.iter().find_map(|item| image_caption(Some(item))),
        Value::Object(map) => first_text(map.get("caption")),
        _ => None,
    }
}

fn image(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => items.iter().find_map(|item| image(Some(item))),
        Value::Object(map) => {
            map.get("url").or_else(|| map.get("contentUrl")).and_then(|url| image(Some(url)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_articles_the_one_of_the_page_counts() {
        let page = Some("https://example.org/news/bridge");
        let object = |url: &str, headline: &str| {
            serde_json::json!({"@type": "NewsArticle", "url": url, "headline": headline,
                               "hasPart": {"isAccessibleForFree": "no"}})
        };
        let other = object("https://example.org/news/flood", "Flood");
        let own = object("https://www.example.org/news/bridge/?x=1", "Bridge");
        for objects in [[&other, &own], [&own, &other]] {
            let mut linked = Linked::default();
            for object in &objects {
                linked.take(object, &objects, page);
            }
            assert_eq!(linked.headline.as_deref(), Some("Bridge"));
            assert_eq!(linked.free, Some(false));
        }
    }
}
