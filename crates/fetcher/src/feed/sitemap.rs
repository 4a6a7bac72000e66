//! Sitemaps, with Google News or without, and indexes of them.

use url::Url;

use super::dates::parse_date;
use super::entities::{fold_white_space, plain_line};
use super::problems::Problems;
use super::scan::{Scanner, Token, split_name};
use super::text::{self, Form};
use super::values::{language_tag, lower, resolve_url};
use super::{FeedFormat, MAX_NAMES, MOST_READ, ParsedEntry, ParsedFeed};

/// Sitemaps of one index that are listed; the protocol allows 50,000.
const MOST_SITEMAPS: usize = 50_000;

/// What is described where the scanner stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Page,
    /// `<image:image>`.
    Image,
    /// `<video:video>`.
    Video,
}

/// Reads a sitemap or an index. Entries are the pages; a sitemap without Google News gives pages
/// with the time of their last change only.
pub(super) fn read(
    text: &str,
    at: usize,
    url: Option<&str>,
    problems: &mut Problems,
) -> ParsedFeed {
    let base = url.and_then(|url| Url::parse(url).ok());
    let mut scanner = Scanner::new(text);
    scanner.seek(at);
    let mut feed = ParsedFeed { format: FeedFormat::Sitemap, ..ParsedFeed::default() };
    let mut page: Option<ParsedEntry> = None;
    let mut part = Part::Page;
    let mut in_sitemap = false;
    // The prefix of the root is that of its own elements.
    let mut own_prefix = "";
    let mut left_out = 0_usize;
    while let Some(token) = scanner.next() {
        let tag = match token {
            Token::Start(tag) => tag,
            Token::End(name) => {
                match lower(split_name(name).1).as_ref() {
                    "image" | "video" => part = Part::Page,
                    "sitemap" => in_sitemap = false,
                    "url" => finish(page.take(), &mut feed, &mut left_out),
                    _ => {}
                }
                continue;
            }
            _ => continue,
        };
        let (prefix, local) = split_name(tag.name);
        let local = local.to_ascii_lowercase();
        match local.as_str() {
            "sitemapindex" => feed.format = FeedFormat::SitemapIndex,
            "urlset" => own_prefix = prefix,
            "sitemap" => in_sitemap = true,
            "url" if prefix.is_empty() || prefix == own_prefix => {
                finish(page.take(), &mut feed, &mut left_out);
                page = Some(ParsedEntry::default());
                part = Part::Page;
            }
            "image" if !tag.empty => part = Part::Image,
            "video" if !tag.empty => part = Part::Video,
            "loc" | "lastmod" | "publication_date" | "title" | "name" | "language" | "keywords" => {
                let read = text::read(&mut scanner, &tag, Form::Escaped);
                if read.cut_off {
                    problems.add("the document ends before its elements do");
                    break;
                }
                let text = fold_white_space(&read.text);
                match (&mut page, local.as_str()) {
                    (None, "loc") if in_sitemap => match resolve_url(&text, base.as_ref(), None) {
                        Some(url) if feed.sitemaps.len() < MOST_SITEMAPS => feed.sitemaps.push(url),
                        Some(_) => problems.add("sitemaps beyond the first 50000 were left out"),
                        None => problems.add(format!("no absolute address: {text:.80}")),
                    },
                    (Some(page), _) => {
                        fill(page, &local, &text, part, base.as_ref(), &mut feed.title, problems);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    finish(page.take(), &mut feed, &mut left_out);
    tell_left_out(left_out, problems);
    feed
}

/// Reads a sitemap that is a plain list of addresses, one a line.
pub(super) fn read_list(text: &str, problems: &mut Problems) -> ParsedFeed {
    let mut feed = ParsedFeed { format: FeedFormat::Sitemap, ..ParsedFeed::default() };
    let mut left_out = 0_usize;
    for line in text.lines() {
        let page = ParsedEntry { link: resolve_url(line, None, None), ..ParsedEntry::default() };
        finish(Some(page), &mut feed, &mut left_out);
    }
    tell_left_out(left_out, problems);
    feed
}

fn tell_left_out(left_out: usize, problems: &mut Problems) {
    if left_out > 0 {
        problems.add(format!("{left_out} entries beyond the first {MOST_READ} were left out"));
    }
}

fn fill(
    page: &mut ParsedEntry,
    name: &str,
    text: &str,
    part: Part,
    base: Option<&Url>,
    publication: &mut Option<String>,
    problems: &mut Problems,
) {
    match name {
        // What is said of a film is not said of the page.
        _ if part == Part::Video => {}
        "loc" => match resolve_url(text, base, None) {
            Some(url) if part == Part::Image => {
                page.image.get_or_insert(url);
            }
            Some(url) => page.link = Some(url),
            None => problems.add(format!("no absolute address: {text:.80}")),
        },
        _ if part == Part::Image => {}
        "title" => {
            page.title = Some(plain_line(text)).filter(|title| !title.is_empty());
        }
        "lastmod" | "publication_date" => {
            let date = parse_date(text);
            if date.is_none() && !text.is_empty() {
                problems.add(format!("no date: {text:.60}"));
            }
            if name == "lastmod" {
                page.updated_at = date;
            } else {
                page.published_at = date;
            }
        }
        "name" => {
            publication.get_or_insert_with(|| plain_line(text));
        }
        "language" => page.language = language_tag(text),
        "keywords" => {
            for word in text.split(',').map(plain_line) {
                if page.tags.len() < MAX_NAMES && !word.is_empty() && !page.tags.contains(&word) {
                    page.tags.push(word);
                }
            }
        }
        _ => {}
    }
}

fn finish(page: Option<ParsedEntry>, feed: &mut ParsedFeed, left_out: &mut usize) {
    // A page without an address is nothing.
    if let Some(page) = page.filter(|page| page.link.is_some()) {
        if feed.entries.len() < MOST_READ {
            feed.entries.push(page);
        } else {
            *left_out += 1;
        }
    }
}
