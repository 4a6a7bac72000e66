//! What a page says about the article besides its text: address, rights, keywords, image. Knows
//! the page's data, not its body.

use events::{Image, Rights};
use url::Url;

use crate::PageInput;
use crate::linked::Linked;
use crate::page::{Page, Tag};
use crate::structured::{Meta, clean};

pub(crate) fn base_of(input: &PageInput<'_>, meta: &Meta) -> Option<Url> {
    let url = input.url.and_then(|url| Url::parse(url).ok());
    match meta.base.as_deref() {
        Some(base) => match &url {
            Some(url) => url.join(base).ok().or_else(|| Some(url.clone())),
            None => Url::parse(base).ok(),
        },
        None => url,
    }
}

pub(crate) fn join(base: Option<&Url>, href: &str) -> Option<String> {
    let url = match base {
        Some(base) => base.join(href.trim()).ok()?,
        None => Url::parse(href.trim()).ok()?,
    };
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

pub(crate) fn canonical(input: &PageInput<'_>, meta: &Meta, base: Option<&Url>) -> Option<String> {
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

pub(crate) fn rights(input: &PageInput<'_>, meta: &Meta, linked: &Linked) -> Rights {
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

/// Most keywords of an article.
const MOST_TAGS: usize = 30;

/// Keywords one by one, without duplicates, at most [`MOST_TAGS`].
pub(crate) fn split_tags(declared: &[String], hints: &[String]) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in declared
        .iter()
        .flat_map(|list| list.split([',', ';', '、', '，', '،', '；']))
        .chain(hints.iter().map(String::as_str))
    {
        let tag = clean(tag);
        if !tag.is_empty()
            && tag.chars().count() <= 80
            && !tags.iter().any(|known| known.to_lowercase() == tag.to_lowercase())
        {
            tags.push(tag);
            if tags.len() == MOST_TAGS {
                break;
            }
        }
    }
    tags
}

/// The main image and what is printed below it.
pub(crate) fn image(
    page: &Page<'_>,
    headline: Option<usize>,
    container: usize,
    meta: &Meta,
    linked: &Linked,
    base: Option<&Url>,
    hint: Option<&str>,
) -> Image {
    let absolute = |href: &str| join(base, href);
    let url = meta
        .first(&[
            "og:image",
            "og:image:url",
            "og:image:secure_url",
            "twitter:image",
            "twitter:image:src",
        ])
        .and_then(absolute)
        .or_else(|| linked.image.as_deref().and_then(absolute))
        .or_else(|| hint.map(str::to_owned));
    let caption = url.is_some().then(|| {
        linked
            .image_caption
            .clone()
            .or_else(|| printed_caption(page, headline, container))
            .or_else(|| meta.first(&["og:image:alt", "twitter:image:alt"]).map(str::to_owned))
    });
    Image { url, caption: caption.flatten() }
}

/// The caption of the first figure from the headline on: that figure is the main image nearly
/// always.
fn printed_caption(page: &Page<'_>, headline: Option<usize>, container: usize) -> Option<String> {
    let from = headline.map_or(container, |headline| headline.min(container));
    let end = page.nodes[container].end as usize;
    let figure = (from..end).find(|at| page.nodes[*at].tag == Tag::Figure)?;
    let caption = (figure..page.nodes[figure].end as usize)
        .find(|at| page.nodes[*at].tag == Tag::Caption && page.nodes[*at].chars > 0)?;
    let text = clean(&page.text_of(caption));
    (5..=500).contains(&text.chars().count()).then_some(text)
}
