//! Where title, byline and date may be on a page, for the site memory to learn from.

use crate::dates;
use crate::marks;
use crate::page::{Page, Tag};
use crate::sketch::{Candidate, Role, place_of};
use crate::spoken::{self, Order};
use crate::structured::clean;

/// Most candidates of a role.
const MOST: usize = 10;

/// Collects candidates from the start of the page to the end of the container.
pub(crate) fn candidates(
    page: &Page<'_>,
    container: usize,
    headline: Option<usize>,
    order: Order,
) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut counts = [0_usize; 3];
    let end = page.nodes[container].end as usize;
    let mut offer = |role: Role, at: usize, text: String, time| {
        if counts[role as usize] < MOST && !text.is_empty() {
            counts[role as usize] += 1;
            found.push(Candidate { role, place: place_of(page, at), text, at: time });
        }
    };
    let mut at = page.body;
    while at < end {
        let node = &page.nodes[at];
        let size = node.chars.max(node.own_chars);
        let is_heading = matches!(node.tag, Tag::Heading(_)) || headline == Some(at);
        let may_be_title = is_heading || node.marks & marks::TITLE != 0 && !node.tag.is_inline();
        if may_be_title && (8..=300).contains(&size) {
            offer(Role::Title, at, clean(&page.text_of(at)), None);
        } else if node.tag == Tag::Time || node.marks & marks::DATE != 0 && size <= 120 {
            let text = page.text_of(at);
            let time = node
                .attr("datetime")
                .and_then(dates::machine)
                .or_else(|| spoken::in_text(&text, order));
            if let Some(time) = time {
                offer(Role::Date, at, text, Some(time.at));
            }
        } else if (2..=120).contains(&size) && node.tag != Tag::Text {
            let named = node.marks & (marks::BYLINE | marks::BYLINE_NAME) != 0
                || node.attr("rel").is_some_and(|rel| rel.contains("author"));
            let short_line = !node.tag.is_inline() && node.own_chars > 0;
            if named {
                offer(Role::Byline, at, page.text_of(at), None);
            } else if short_line && headline.is_some_and(|head| at > head && at - head <= 24) {
                let text = page.line_of(at);
                if let Some(time) = spoken::in_text(&text, order) {
                    offer(Role::Date, at, text.clone(), Some(time.at));
                }
                offer(Role::Byline, at, text, None);
            }
        }
        at += 1;
    }
    found
}
