//! The dates that are printed on a page: which of them is the article's, and which that of its last
//! change. Judges by place and words; knows nothing of what the page's data declare.

use std::sync::LazyLock;

use events::Timestamp;

use crate::any_of::AnyOf;
use crate::date_names::{CHANGE, PUBLICATION};
use crate::dates::{self, Found};
use crate::marks;
use crate::page::{Page, Tag};
use crate::published::DAY;
use crate::spoken::{self, Order};

/// A date printed on the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printed {
    /// How sure it is that this is the article's, 0 the surest.
    pub(crate) rank: u32,
    /// From the headline, in nodes.
    pub(crate) distance: usize,
    /// Number of the node.
    at: usize,
    pub(crate) found: Found,
}

/// Up to this rank a printed date stands where dates of articles stand.
pub(crate) const NEAR: u32 = 2;
/// Further than this from the headline, in nodes, it counts less.
pub(crate) const CLOSE: usize = 60;

/// A block of so many characters is running text.
pub(crate) const RUNNING_TEXT: u32 = 150;
/// Behind so many blocks of running text a date is no longer at the head of the article.
const HEAD: usize = 3;

/// The surest of the dates of publication that are printed on the page, and of those of a change.
pub(crate) fn printed(
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
            && node.may_have_digits
        {
            let line = page.line_of(at);
            // A block around the headline has its own line where that goes on behind it.
            let at = own_text_behind(page, at, near).unwrap_or(at);
            let meta = node.marks & (marks::INFO | marks::BYLINE) != 0;
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

/// The first text behind the headline that stands directly in a block around it.
fn own_text_behind(page: &Page<'_>, block: usize, headline: usize) -> Option<usize> {
    let end = page.nodes[block].end as usize;
    let mut at = page.nodes[headline].end as usize;
    if !(block..end).contains(&headline) {
        return None;
    }
    while at < end {
        let node = &page.nodes[at];
        match node.tag {
            Tag::Text if node.chars > 0 => return Some(at),
            tag if tag == Tag::Text || tag.is_inline() => at += 1,
            _ => at = node.end as usize,
        }
    }
    None
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
        } else if says_published(&before) {
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
        && !CHANGES.is_in(class)
}

/// [`CHANGE`] and [`PUBLICATION`], to be looked for.
static CHANGES: LazyLock<AnyOf> = LazyLock::new(|| AnyOf::new(CHANGE));
static PUBLICATIONS: LazyLock<AnyOf> = LazyLock::new(|| AnyOf::new(PUBLICATION));

/// Whether words say that something was changed, not published.
pub(crate) fn says_changed(words: &str) -> bool {
    CHANGES.is_in(words) && !says_published(words)
}

/// Whether words in lower case say that something was published.
pub(crate) fn says_published(words: &str) -> bool {
    PUBLICATIONS.is_in(words)
}

/// Midnight in a zone east of Greenwich, written in UTC, is the day before: the printed day is
/// what was meant.
pub(crate) fn is_midnight_of(declared: &Found, printed: &Found) -> bool {
    let earlier = printed.at.millis_since(declared.at);
    let of_day = declared.at.as_millis().rem_euclid(DAY);
    declared.has_time
        && !printed.has_time
        && of_day % 1_800_000 == 0
        && of_day >= 18 * 3_600_000
        && (0..=6 * 3_600_000).contains(&earlier)
}
