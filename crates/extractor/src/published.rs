//! When the article was published and changed: a search from the surest statement to the weakest.

use events::{PublishedAtSource, Timestamp};

use crate::dates::{self, Found, Order};
use crate::marks;
use crate::page::{Page, Tag};
use crate::structured::{Linked, Meta};

/// When, and who says so.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct When {
    pub(crate) published: Option<Timestamp>,
    pub(crate) source: PublishedAtSource,
    pub(crate) modified: Option<Timestamp>,
}

/// Names of meta elements that hold the time of publication, the surest first.
const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "datepublished",
    "og:published_time",
    "publish-date",
    "publish_date",
    "publishdate",
    "published_time",
    "pubdate",
    "dc.date.issued",
    "dcterms.issued",
    "dc.issued",
    "dcterms.created",
    "dc.date.created",
    "dc.created",
    "sailthru.date",
    "parsely-pub-date",
    "cxenseparse:recs:publishtime",
    "article_date_original",
    "article.published",
    "publication_date",
    "originalpublicationdate",
    "pdate",
    "date",
    "dc.date",
    "dcterms.date",
    "og:pubdate",
    "article:post_date",
    "citation_publication_date",
    "citation_date",
    "datecreated",
    "created",
    "rnews:datepublished",
    "analyticsattributes.articledate",
    "pub_date",
    "date_published",
    "bt:pubdate",
    "iso-8601-publish-date",
    "published",
    "publishing_date",
    "w-published-date",
    "article-published",
    "posted_on",
    "shareaholic:article_published_time",
    "release_date",
    "displaydate",
    "cre_date",
];
/// Names of meta elements that hold the time of the last change.
const MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
    "last-modified",
    "modified",
    "updated_time",
    "article:updated_time",
    "revised",
    "dc.modified",
    "lastmodified",
    "shareaholic:article_modified_time",
    "update_date",
];

/// What the search may use besides the page.
pub(crate) struct Around<'a> {
    pub(crate) url: Option<&'a str>,
    /// The page's source, for dates in a client's state.
    pub(crate) source: &'a str,
    pub(crate) fetched_at: Option<Timestamp>,
    pub(crate) hint: Option<Timestamp>,
    pub(crate) hint_modified: Option<Timestamp>,
    pub(crate) order: Order,
}

/// Searches.
pub(crate) fn find(
    page: &Page<'_>,
    container: usize,
    title: Option<usize>,
    meta: &Meta,
    linked: &Linked,
    around: &Around<'_>,
) -> When {
    // A day of grace: zones, and clocks of publishers.
    let latest = around.fetched_at.map(|at| at.plus_millis(86_400_000));
    let believable = |found: &Found| latest.is_none_or(|latest| found.at <= latest);
    let modified = linked
        .modified
        .as_deref()
        .into_iter()
        .chain(MODIFIED.iter().flat_map(|name| meta.all(name)))
        .filter_map(dates::machine)
        .find(believable)
        .map(|found| found.at)
        .or(around.hint_modified);

    let declared = linked
        .published
        .as_deref()
        .into_iter()
        .filter_map(|text| dates::machine(text).or_else(|| dates::in_text(text, around.order)))
        .find(believable)
        .or_else(|| {
            PUBLISHED
                .iter()
                .flat_map(|name| meta.all(name))
                .filter_map(|text| {
                    dates::machine(text).or_else(|| dates::in_text(text, around.order))
                })
                .find(believable)
        });
    let page_says = declared
        .or_else(|| printed(page, container, title, around.order, &believable))
        .or_else(|| in_state(around.source).filter(|found| believable(found)));
    let url_says = around
        .url
        .or_else(|| meta.link("canonical"))
        .and_then(dates::in_url)
        .filter(|found| believable(found));
    let (published, source) = match (page_says, url_says, around.hint) {
        (Some(found), _, Some(hint)) if !found.has_time && same_day(found.at, hint) => {
            (Some(hint), PublishedAtSource::Feed)
        }
        (Some(found), _, _) => (Some(found.at), PublishedAtSource::Page),
        (None, _, Some(hint)) => (Some(hint), PublishedAtSource::Feed),
        (None, Some(found), None) => (Some(found.at), PublishedAtSource::Url),
        (None, None, None) => match modified {
            Some(at) => (Some(at), PublishedAtSource::Page),
            None => (None, PublishedAtSource::None),
        },
    };
    When {
        published,
        source,
        modified: modified.filter(|at| published.is_none_or(|published| *at >= published)),
    }
}

fn same_day(one: Timestamp, two: Timestamp) -> bool {
    one.millis_since(two).abs() < 86_400_000
}

/// Dates printed on the page.
fn printed(
    page: &Page<'_>,
    container: usize,
    title: Option<usize>,
    order: Order,
    believable: &impl Fn(&Found) -> bool,
) -> Option<Found> {
    let near = title.unwrap_or(container);
    let end = page.nodes[page.body].end as usize;
    // (rank, distance to the headline, found)
    let mut best: Option<(u32, usize, Found)> = None;
    let mut offer = |rank: u32, at: usize, found: Option<Found>| {
        if let Some(found) = found.filter(|found| believable(found)) {
            let distance = if at >= near { at - near } else { (near - at) * 2 };
            if best.as_ref().is_none_or(|(r, d, _)| (rank, distance) < (*r, *d)) {
                best = Some((rank, distance, found));
            }
        }
    };
    let mut at = page.body;
    let mut far_until = 0;
    while at < end {
        let node = &page.nodes[at];
        // Dates of comments and of other articles.
        let foreign = marks::COMMENTS | marks::RELATED | marks::SIDE | marks::TEASER;
        if node.is_furniture && node.marks & marks::COMMENTS != 0 {
            at = node.end as usize;
            continue;
        }
        let far = node.is_furniture && (node.marks & foreign != 0 || node.linked_headings > 0);
        if far {
            far_until = far_until.max(node.end as usize);
        }
        let lower = match (node.is_furniture, at < far_until) {
            (_, true) => 6,
            (true, false) => 2,
            (false, false) => 0,
        };
        let size = node.chars.max(node.own_chars);
        let property = node.attr("itemprop").unwrap_or_default();
        if property.contains("datePublished") || property.contains("dateCreated") {
            let value = node.attr("content").or_else(|| node.attr("datetime"));
            let found =
                value.and_then(dates::machine).or_else(|| dates::in_text(&page.text_of(at), order));
            offer(lower, at, found);
        } else if node.tag == Tag::Time {
            let updated = node.marks & marks::DATE == 0
                && node
                    .attr("class")
                    .is_some_and(|class| class.contains("updated") && !class.contains("published"));
            let found = node.attr("datetime").and_then(dates::machine).or_else(|| {
                if size <= 80 { dates::in_text(&page.text_of(at), order) } else { None }
            });
            let rank = if node.attr("pubdate").is_some() {
                0
            } else if updated || property.contains("dateModified") {
                4
            } else {
                1
            };
            offer(rank + lower, at, found);
        } else if node.marks & marks::DATE != 0 && (1..=120).contains(&size) {
            let titled = node
                .attr("title")
                .and_then(dates::machine)
                .or_else(|| node.attr("content").and_then(dates::machine));
            offer(2 + lower, at, titled.or_else(|| dates::in_text(&page.text_of(at), order)));
        } else if node.marks & (marks::INFO | marks::BYLINE) != 0 && (1..=250).contains(&size) {
            offer(3 + lower, at, dates::in_text(&page.text_of(at), order));
        } else if node.tag == Tag::Text
            && (6..=120).contains(&node.text.len())
            && !page.nodes[node.parent as usize].is_furniture
            && node.text.bytes().any(|byte| byte.is_ascii_digit())
        {
            let short = node.chars <= 60;
            offer(if short { 3 } else { 5 }, at, dates::in_text(node.text, order));
        }
        at += 1;
    }
    best.map(|(_, _, found)| found)
}

/// Keys under which clients keep the time of publication.
const STATE_KEYS: &[&str] = &[
    "datePublished",
    "publishedAt",
    "published_at",
    "publishedDate",
    "publishDate",
    "publish_date",
    "publicationDate",
    "published_date",
    "firstPublished",
    "datePosted",
    "postedAt",
    "pubDate",
    "w-published-date",
];

/// The first date under one of these keys in the page's source: data that is in no element.
fn in_state(source: &str) -> Option<Found> {
    // The start of a very large page is enough.
    let mut limit = source.len().min(2 * 1024 * 1024);
    while !source.is_char_boundary(limit) {
        limit -= 1;
    }
    let source = &source[..limit];
    STATE_KEYS.iter().find_map(|key| {
        source.match_indices(key).take(4).find_map(|(at, _)| {
            let rest = &source[at + key.len()..];
            let start = rest.find(|c: char| c.is_ascii_digit()).filter(|start| *start <= 24)?;
            let value = &rest[start..];
            let end = value
                .find(|c: char| {
                    !(c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.' | '+' | ' '))
                })
                .unwrap_or(value.len());
            dates::machine(&value[..end.min(64)])
        })
    })
}
