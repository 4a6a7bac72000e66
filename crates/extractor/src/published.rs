//! When the article was published and changed: a search from the surest statement to the weakest,
//! and what to believe where two statements differ.

use events::{PublishedAtSource, Timestamp};

use crate::date_names::{CHANGE, DATED, MODIFIED, PUBLICATION, PUBLISHED, STATE_KEYS};
use crate::dates::{self, Found};
use crate::marks;
use crate::page::{Page, Tag};
use crate::scripts;
use crate::spoken::{self, Order};
use crate::structured::{Linked, Meta};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

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
        certain: declared.is_some() || around.hint.is_some(),
        modified: modified.filter(|at| published.is_none_or(|published| *at >= published)),
    }
}

/// How the page's own numeric dates are ordered, where they say so and agree.
fn order_of(page: &Page<'_>) -> Option<Order> {
    let mut told = None;
    for node in &page.nodes[page.body..] {
        let may_tell = node.tag == Tag::Text
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

/// Midnight in a zone east of Greenwich, written in UTC, is the day before: the printed day is
/// what was meant.
fn is_midnight_of(declared: &Found, printed: &Found) -> bool {
    let earlier = printed.at.millis_since(declared.at);
    let of_day = declared.at.as_millis().rem_euclid(DAY);
    declared.has_time
        && !printed.has_time
        && of_day % 1_800_000 == 0
        && of_day >= 18 * 3_600_000
        && (0..=6 * 3_600_000).contains(&earlier)
}

fn same_day(one: Timestamp, two: Timestamp) -> bool {
    one.millis_since(two).abs() < 86_400_000
}

/// A date printed on the page.
#[derive(Clone, Copy, Debug)]
struct Printed {
    /// How sure it is that this is the article's, 0 the surest.
    rank: u32,
    /// From the headline, in nodes.
    distance: usize,
    /// Number of the node.
    at: usize,
    found: Found,
}

/// Up to this rank a printed date stands where dates of articles stand.
const NEAR: u32 = 2;
/// Further than this from the headline, in nodes, it counts less.
const CLOSE: usize = 60;

/// A block of so many characters is running text.
const RUNNING_TEXT: u32 = 150;
/// Behind so many blocks of running text a date is no longer at the head of the article.
const HEAD: usize = 3;

/// The surest of the dates of publication that are printed on the page, and of those of a change.
fn printed(
    page: &Page<'_>,
    container: usize,
    title: Option<usize>,
    order: Order,
    believable: &impl Fn(&Found) -> bool,
) -> (Option<Printed>, Option<Found>) {
    let near = title.unwrap_or(container);
    let end = page.nodes[page.body].end as usize;
    let mut best: Option<Printed> = None;
    // Days that the page gives to machines.
    let mut given_days: Vec<i64> = Vec::new();
    let mut offer = |rank: u32, at: usize, found: Option<Found>| {
        if let Some(found) = found.filter(|found| believable(found)) {
            let distance = if at >= near { at - near } else { (near - at) * 2 };
            // Who says "published" means it wherever it stands.
            let rank = match (distance > CLOSE, rank) {
                (true, 0) => NEAR,
                (true, _) => rank + 3,
                (false, _) => rank,
            };
            let better = best.is_none_or(|best| (rank, distance) < (best.rank, best.distance));
            if better {
                best = Some(Printed { rank, distance, at, found });
            }
        }
    };
    // The nearest date of a change; furniture counts less.
    let mut change: Option<(u32, usize, Found)> = None;
    let mut offer_change = |lower: u32, at: usize, found: Option<Found>| {
        let Some(found) = found.filter(|found| lower <= 2 && at > near && believable(found)) else {
            return;
        };
        if change.is_none_or(|(known, place, _)| (lower, at) < (known, place)) {
            change = Some((lower, at, found));
        }
    };
    let mut at = page.body;
    let mut far_until = 0;
    let mut head_until = 0;
    // Blocks of running text since the headline.
    let mut blocks = 0;
    while at < end {
        let node = &page.nodes[at];
        if node.tag == Tag::Text {
            // Pieces of long blocks: a dateline before the first sentence.
            let block = page.ancestors(at).find(|above| !page.nodes[*above].tag.is_inline());
            let above = &page.nodes[block.unwrap_or(0)];
            if above.own_chars > LONGEST_LINE && !above.is_furniture && at >= far_until {
                if (6..=120).contains(&node.text.len()) {
                    let short = node.chars <= 60;
                    offer(if short { 4 } else { 6 }, at, spoken::in_text(node.text, order));
                } else if at.abs_diff(near) <= CLOSE {
                    offer(5, at, dateline(node.text, order));
                }
            }
            at += 1;
            continue;
        }
        // Dates of comments and of other articles.
        let foreign = marks::COMMENTS | marks::RELATED | marks::SIDE | marks::TEASER;
        if node.is_furniture && node.marks & marks::COMMENTS != 0 {
            at = node.end as usize;
            continue;
        }
        let far = node.is_furniture && (node.marks & foreign != 0 || node.linked_headings > 0)
            || matches!(node.tag, Tag::Quote | Tag::Aside)
            || node.tag == Tag::Anchor && node.chars > 40;
        if far {
            far_until = far_until.max(node.end as usize);
        }
        let lower = match (node.is_furniture, at < far_until) {
            (_, true) => 6,
            // Lines below the headline are left out of the text, but not of this.
            (true, false) if !(at > near && at - near <= 24) => 2,
            (_, false) => 0,
        };
        // "Today" in the header or the menu of the site; what says "published" is not that.
        let is_head =
            matches!(node.tag, Tag::Header | Tag::Nav) || node.marks & marks::NAVIGATION != 0;
        if is_head && title.is_some_and(|title| title > node.end as usize) {
            head_until = head_until.max(node.end as usize);
        }
        let in_site_head = at < head_until || lower > 0 && title.is_some_and(|title| at < title);
        if at > near && lower == 0 && !node.tag.is_inline() && node.own_chars >= RUNNING_TEXT {
            blocks += 1;
        }
        let at_head = blocks < HEAD;
        let size = node.chars.max(node.own_chars);
        let property = node.attr("itemprop").unwrap_or_default();
        if property.contains("datePublished") || property.contains("dateCreated") {
            let value = node.attr("content").or_else(|| node.attr("datetime"));
            let found = value
                .and_then(dates::machine)
                .or_else(|| spoken::in_text(&page.text_of(at), order));
            offer(lower, at, found);
        } else if node.tag == Tag::Time {
            let class = node.attr("class").unwrap_or_default();
            let around = page.nodes[node.parent as usize].attr("class").unwrap_or_default();
            let changed = says_changed(class)
                || property.contains("dateModified")
                || size <= 80 && says_changed(&page.text_of(at).to_lowercase())
                || is_introduced_as_change(page, at);
            let published = says_release(class) || says_release(around);
            let shown = if (1..=80).contains(&size) {
                spoken::in_text(&page.text_of(at), order)
            } else {
                None
            };
            let given = node.attr("datetime").and_then(dates::machine);
            if let Some(given) = given.filter(|_| given_days.len() < MOST_GIVEN_DAYS) {
                given_days.push(given.at.as_millis().div_euclid(DAY));
            }
            let found = match (given, shown) {
                (Some(given), Some(shown)) if is_midnight_of(&given, &shown) => Some(shown),
                (given, shown) => given.or(shown),
            };
            if changed {
                offer_change(lower, at, found);
            }
            let rank = match (node.attr("pubdate").is_some() || published, changed) {
                (_, true) => 4,
                (true, false) => 0,
                (false, false) if is_in_a_sentence(page, at, size) => 3,
                // Behind the body stand the times of comments and of other articles.
                (false, false) if !at_head && at - near <= CLOSE => 2,
                (false, false) => 1,
            };
            offer(rank + lower, at, found);
        } else if property.contains("dateModified") {
            let value = node.attr("content").or_else(|| node.attr("datetime"));
            let found = value
                .and_then(dates::machine)
                .or_else(|| spoken::in_text(&page.text_of(at), order));
            offer_change(lower, at, found);
            offer(4 + lower, at, found);
        } else if let Some(found) = node.attr("data-timestamp").and_then(dates::machine) {
            let changed = says_changed(node.attr("class").unwrap_or_default());
            offer(if changed { 4 } else { 2 } + lower, at, Some(found));
        } else if node.marks & marks::DATE != 0 && (1..=120).contains(&size) {
            let titled = node
                .attr("title")
                .and_then(dates::machine)
                .or_else(|| node.attr("content").and_then(dates::machine));
            match titled {
                Some(found) => offer(2 + lower, at, Some(found)),
                None => {
                    let (printed, changed) = labelled(&page.text_of(at), order);
                    let says_publi =
                        node.attr("class").is_some_and(|class| class.contains("publi"));
                    offer_change(lower, at, changed);
                    let printed = printed.filter(|it| it.rank == 0 || !in_site_head || says_publi);
                    if let Some(Labelled { rank, found, .. }) = printed {
                        offer(rank.min(2) + rank / 4 * 4 + lower, at, Some(found));
                    }
                }
            }
        } else if !node.tag.is_inline()
            && (6..=LONGEST_LINE).contains(&node.own_chars)
            && has_digit(page, at)
        {
            let meta = node.marks & (marks::INFO | marks::BYLINE) != 0;
            let line = page.line_of(at);
            let (printed, changed) = labelled(&line, order);
            if node.own_chars <= LONGEST_CHANGE {
                offer_change(lower, at, changed);
            }
            let printed = printed.filter(|printed| printed.rank == 0 || !in_site_head);
            if let Some(Labelled { rank, found, piece }) = printed {
                let is_piece = at > near && at_head && piece <= 60;
                let is_short = meta || node.own_chars <= 60 || is_piece;
                // Sentences speak of other publications too.
                let rank = if is_short { rank } else { rank.max(3) };
                // A short line right below the headline.
                // … or a date and nothing else a little further down.
                let alone = node.own_chars <= DATE_CHARS && node.tag != Tag::Cell;
                let reach = if alone { CLOSE } else { 24 };
                let close = at > near && at - near <= reach && at_head && is_short && rank <= 3;
                let rank = if close { rank.min(2) } else { rank };
                // At the head even a long line is likelier the article's than a date behind it.
                let longer = at > near && at_head && !line.trim_end().ends_with(['.', '!', '?']);
                let lowered = if is_short || longer { 0 } else { 2 };
                offer(rank + lowered + lower, at, Some(found));
            }
        }
        at += 1;
    }
    // 02-12-2025, in numbers, on a page that also knows a 2025-12-02 and no 2025-02-12.
    let is_given = |at: Timestamp| given_days.contains(&at.as_millis().div_euclid(DAY));
    let best = best.map(|best| match dates::month_and_day_swapped(&best.found) {
        Some(swapped)
            if !best.found.has_time
                && !is_given(best.found.at)
                && is_given(swapped)
                && !page.text_of(best.at).contains(char::is_alphabetic) =>
        {
            Printed { found: Found { at: swapped, has_time: false }, ..best }
        }
        _ => best,
    });
    (best, change.map(|(_, _, found)| found))
}

/// So many of the days that a page gives to machines are looked at.
const MOST_GIVEN_DAYS: usize = 64;

/// The date with which a text begins: "Berlin, 27.1.2022 – The minister …".
fn dateline(text: &str, order: Order) -> Option<Found> {
    let text = text.trim_start();
    let start: String = text.chars().take(48).collect();
    spoken::all_in_text(&start, order).next().filter(|spoken| spoken.start <= 24).map(|it| it.found)
}

/// Most characters of a block that is a line of its own rather than running text.
const LONGEST_LINE: u32 = 250;

/// A line of so few characters holds a date and nothing else.
const DATE_CHARS: u32 = 20;

/// Whether an element stands inside a sentence or a longer line.
fn is_in_a_sentence(page: &Page<'_>, at: usize, size: u32) -> bool {
    let block = page.ancestors(at).find(|above| !page.nodes[*above].tag.is_inline());
    block.is_some_and(|block| page.nodes[block].own_chars > size + SENTENCE_CHARS)
}

/// With so many characters beside it a date is one that the line speaks of.
const SENTENCE_CHARS: u32 = 90;

/// Whether a text directly in a block has a digit.
fn has_digit(page: &Page<'_>, at: usize) -> bool {
    page.nodes[at..page.nodes[at].end as usize]
        .iter()
        .any(|node| node.tag == Tag::Text && scripts::may_have_digits(node.text))
}

/// A date of a line.
#[derive(Clone, Copy, Debug)]
struct Labelled {
    /// By what stands before it: 0 where it is said to be of the publication, 3 where nothing is
    /// said, 7 where it is said to be of a change.
    rank: u32,
    found: Found,
    /// Characters of the piece of the line that it is in.
    piece: usize,
}

/// The surest date of publication in a short text, and the first that is said to be of a change.
fn labelled(text: &str, order: Order) -> (Option<Labelled>, Option<Found>) {
    let mut best: Option<Labelled> = None;
    let mut changed = None;
    let mut from = 0;
    for spoken in spoken::all_in_text(text, order) {
        let before = &text[from..spoken.start];
        from = spoken.start;
        let before = before.to_lowercase();
        let rank = if says_changed(&before) {
            changed = changed.or(Some(spoken.found));
            7
        } else if PUBLICATION.iter().any(|word| before.contains(word)) {
            0
        } else {
            3
        };
        if best.is_none_or(|known| rank < known.rank) {
            let piece = piece_around(text, spoken.start).chars().count();
            best = Some(Labelled { rank, found: spoken.found, piece });
        }
    }
    (best, changed)
}

/// The piece of a line around a place: "Jane Doe | 2 December 2025 | 3 minutes".
fn piece_around(line: &str, at: usize) -> &str {
    const BETWEEN: [char; 6] = ['|', '•', '·', '●', '｜', '\n'];
    let start = line[..at].rfind(BETWEEN).unwrap_or(0);
    let end = line[at..].find(BETWEEN).map_or(line.len(), |length| at + length);
    line[start..end].trim()
}

/// Most characters of a line that gives the day of a change and is no sentence.
const LONGEST_CHANGE: u32 = 120;

/// Whether the words right before an element say that a change follows.
fn is_introduced_as_change(page: &Page<'_>, at: usize) -> bool {
    let parent = page.nodes[at].parent as usize;
    if page.nodes[parent].own_chars > 120 {
        return false;
    }
    let before = page.nodes[parent + 1..at]
        .iter()
        .rev()
        // What introduces stands right before; thousands of empty elements do not count.
        .take(16)
        .find(|node| node.tag == Tag::Text && node.chars > 0)
        .map(|node| node.text.to_lowercase());
    before.is_some_and(|before| says_changed(&before))
}

/// Whether a class name says of a date that it is the day of publication and no other.
fn says_release(class: &str) -> bool {
    ["publish", "release-date", "releasedate", "release_date"]
        .iter()
        .any(|word| class.contains(word))
        && !CHANGE.iter().any(|word| class.contains(word))
}

/// Whether words say that something was changed, not published.
fn says_changed(words: &str) -> bool {
    CHANGE.iter().any(|word| words.contains(word))
        && !PUBLICATION.iter().any(|word| words.contains(word))
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
