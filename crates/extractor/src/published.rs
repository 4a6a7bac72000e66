//! When the article was published and changed: a search from the surest statement to the weakest,
//! and what to believe where two statements differ.

use events::{PublishedAtSource, Timestamp};
use memchr::memmem;

use crate::date_names::{DATED, MODIFIED, PUBLISHED, STATE_KEYS};
use crate::dates::{self, Found};
use crate::linked::Linked;
use crate::page::{Page, Tag};
use crate::printed::{CLOSE, NEAR, is_midnight_of, printed};
use crate::relative::{self, Reading};
use crate::spoken::{self, Order};
use crate::structured::Meta;

/// Milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;

/// Two statements of publication that are further apart are of two publications.
const BROUGHT_OUT_AGAIN: i64 = 30 * DAY;

/// When, and who says so.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct When {
    pub(crate) published: Option<Timestamp>,
    pub(crate) source: PublishedAtSource,
    pub(crate) modified: Option<Timestamp>,
    /// The page's data or the feed say so; it was not only found printed.
    pub(crate) certain: bool,
}

/// What the search may use besides the page.
pub(crate) struct Around<'a> {
    pub(crate) url: Option<&'a str>,
    /// The page's source, for dates in a client's state.
    pub(crate) source: &'a str,
    pub(crate) fetched_at: Option<Timestamp>,
    pub(crate) hint: Option<Timestamp>,
    pub(crate) hint_modified: Option<Timestamp>,
    pub(crate) order: Order,
    pub(crate) language: &'a str,
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
        .map(|found| found.at);

    let order = order_of(page).unwrap_or(around.order);
    let read = |text: &str| dates::machine(text).or_else(|| spoken::in_text(text, order));
    let of_meta = |names: &[&str]| {
        names.iter().flat_map(|name| meta.all(name)).filter_map(read).find(believable)
    };
    let declared = linked
        .published
        .as_deref()
        .and_then(read)
        .filter(believable)
        .or_else(|| of_meta(PUBLISHED))
        .or_else(|| meta.dates_of_publication().filter_map(read).find(believable));
    let (printed, change) = printed(page, container, title, order, &believable);
    let modified = modified.or(match (change, around.hint_modified) {
        (Some(found), Some(hint)) if !found.has_time && same_day(found.at, hint) => Some(hint),
        (Some(found), _) => Some(found.at),
        (None, hint) => hint,
    });
    let near = printed.filter(|printed| printed.rank <= NEAR).map(|printed| printed.found);
    let said_published = printed.is_some_and(|printed| printed.rank == 0);
    let close = printed
        .filter(|printed| printed.rank <= NEAR + 1 && printed.distance <= CLOSE)
        .map(|printed| printed.found);
    let url_says = around
        .url
        .or_else(|| meta.link("canonical"))
        .and_then(dates::in_url)
        .filter(|found| believable(found));
    let page_says = match (declared, near) {
        // Printed as the day of publication, long after the declared one: brought out again.
        (Some(declared), Some(near))
            if said_published && near.at.millis_since(declared.at) > BROUGHT_OUT_AGAIN =>
        {
            Some(near)
        }
        (Some(declared), Some(near)) => Some(agree(declared, near)),
        (Some(found), None) | (None, Some(found)) => Some(found),
        (None, None) => close,
    };
    // Weaker statements: a `date` that may be any date, a date somewhere on the page, a client's
    // state. The day in the address is surer than all of them.
    let page_says = page_says.or_else(|| {
        if url_says.is_some() {
            return None;
        }
        of_meta(DATED)
            .or(printed.map(|printed| printed.found))
            .or_else(|| in_state(around.source).filter(believable))
    });
    // 03/10/2023 at an address of 2023/october/03.
    let page_says = page_says.map(|found| match url_says {
        Some(said)
            if !found.has_time
                && dates::month_and_day_swapped(&found)
                    .is_some_and(|swapped| same_day(swapped, said.at)) =>
        {
            said
        }
        _ => found,
    });
    let beside_the_fetch = || {
        let (title, at) = title.zip(around.fetched_at)?;
        relative::below(page, title, Reading { at, language: around.language }).map(|it| it.at)
    };
    let (published, source) = match (page_says, url_says, around.hint) {
        (Some(found), _, Some(hint)) if !found.has_time && same_day(found.at, hint) => {
            (Some(hint), PublishedAtSource::Feed)
        }
        (Some(found), _, _) => (Some(found.at), PublishedAtSource::Page),
        (None, _, Some(hint)) => (Some(hint), PublishedAtSource::Feed),
        (None, Some(found), None) => (Some(found.at), PublishedAtSource::Url),
        // Last of all what only the moment of the fetch completes: "3 hours ago", "2 December".
        (None, None, None) => match modified.or_else(beside_the_fetch) {
            Some(at) => (Some(at), PublishedAtSource::Page),
            None => (None, PublishedAtSource::None),
        },
    };
    When {
        published,
        source,
        certain: declared.is_some() || around.hint.is_some(),
        modified: modified.filter(|at| published.is_none_or(|published| *at >= published)),
    }
}

/// How the page's own numeric dates are ordered, where they say so and agree.
fn order_of(page: &Page<'_>) -> Option<Order> {
    let mut told = None;
    for node in &page.nodes[page.body..] {
        let may_tell = node.tag == Tag::Text
            && node.may_have_digits
            && (8..=80).contains(&node.text.len())
            && node.text.bytes().any(|byte| matches!(byte, b'/' | b'-' | b'|'))
            && node.text.bytes().any(|byte| byte.is_ascii_digit());
        if !may_tell {
            continue;
        }
        match (told, spoken::order_told(node.text)) {
            (_, None) => {}
            (None, order) => told = order,
            (Some(known), Some(order)) if known == order => {}
            _ => return None,
        }
    }
    told
}

/// Where what is declared and what is printed by the headline differ.
fn agree(declared: Found, printed: Found) -> Found {
    let later = declared.at.millis_since(printed.at);
    // Builders of sites declare the day of the last upload; nothing is published after the day
    // that is printed on it. That day ends 36 hours after it began in Greenwich, far in the west.
    let after_the_day =
        if declared.has_time { later > DAY + DAY / 2 } else { later >= DAY && !printed.has_time };
    if after_the_day {
        let misread = dates::month_and_day_swapped(&printed)
            .is_some_and(|swapped| same_day(swapped, declared.at));
        return if misread { declared } else { printed };
    }
    if is_midnight_of(&declared, &printed) { printed } else { declared }
}

fn same_day(one: Timestamp, two: Timestamp) -> bool {
    one.millis_since(two).abs() < 86_400_000
}

/// The first date under one of these keys in the page's source: data that is in no element.
fn in_state(source: &str) -> Option<Found> {
    // The start of a very large page is enough.
    let mut limit = source.len().min(2 * 1024 * 1024);
    while !source.is_char_boundary(limit) {
        limit -= 1;
    }
    let source = &source[..limit];
    STATE_KEYS.iter().find_map(|key| {
        memmem::find_iter(source.as_bytes(), key).take(4).find_map(|at| {
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
