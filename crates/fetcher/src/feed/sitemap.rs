//! Sitemaps, with Google News or without, and indexes of them.

use url::Url;

use super::dates::parse_date;
use super::entities::{fold_white_space, plain_line};
use super::problems::Problems;
use super::scan::{Scanner, Token, split_name};
use super::text::{self, Form};
use super::values::{language_tag, resolve_url};
use super::{FeedFormat, MAX_ENTRIES, MAX_NAMES, ParsedEntry, ParsedFeed};

/// Sitemaps of one index that are listed; the protocol allows 50,000.
const MOST_SITEMAPS: usize = 50_000;

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
    let mut in_image = false;
    let mut in_sitemap = false;
    let mut left_out = 0_usize;
    while let Some(token) = scanner.next() {
        let tag = match token {
            Token::Start(tag) => tag,
            Token::End(name) => {
                match split_name(name).1 {
                    "image" => in_image = false,
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
            "sitemap" => in_sitemap = true,
            "url" if prefix.is_empty() || prefix.eq_ignore_ascii_case("sm") => {
                finish(page.take(), &mut feed, &mut left_out);
                page = Some(ParsedEntry::default());
            }
            "image" => in_image = !tag.empty,
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
                        fill(
                            page,
                            &local,
                            &text,
                            in_image,
                            base.as_ref(),
                            &mut feed.title,
                            problems,
                        );
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    finish(page.take(), &mut feed, &mut left_out);
    if left_out > 0 {
        problems.add(format!("{left_out} entries beyond the first {MAX_ENTRIES} were left out"));
    }
    feed
}

fn fill(
    page: &mut ParsedEntry,
    name: &str,
    text: &str,
    in_image: bool,
    base: Option<&Url>,
    publication: &mut Option<String>,
    problems: &mut Problems,
) {
    match name {
        "loc" => match resolve_url(text, base, None) {
            Some(url) if in_image => {
                page.image.get_or_insert(url);
            }
            Some(url) => page.link = Some(url),
            None => problems.add(format!("no absolute address: {text:.80}")),
        },
        "title" if !in_image => {
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
        if feed.entries.len() < MAX_ENTRIES {
            feed.entries.push(page);
        } else {
            *left_out += 1;
        }
    }
}
