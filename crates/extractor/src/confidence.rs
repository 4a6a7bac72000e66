//! How sure it is that the text is the article: signs for and against, weighed by what they turned
//! out to be worth on pages with known text (docs/extraction.md says how). Knows no page's content,
//! only what was measured of it.

use crate::measure::measure;
use crate::page::Page;
use crate::render::{Block, Kind};
use crate::verdict::Found;
use crate::{Hints, count_words, hints};

/// What most pages are worth whose text was all of its container.
const BEST: f64 = 0.98;
/// What each statement of the feed costs that the page contradicts.
const CONTRADICTION: f64 = 0.15;
/// A block of fewer words that does not end like a sentence looks like furniture.
const SHORT_WORDS: u32 = 12;

/// How sure it is that the text is the article, 0 to 1.
pub(crate) fn confidence(
    page: &Page<'_>,
    hints: &Hints<'_>,
    found: &Found<'_>,
    blocks: &[Block],
    contradictions: usize,
) -> f64 {
    let container = &page.nodes[found.container];
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
    // Where much of the container had to be left out, more may have to be, or less.
    let kept = share(measure(found.text).0, container.chars);
    // Running text elsewhere on the page.
    let around = share(container.prose, page.nodes[page.body].raw_prose);
    let mut confidence = BEST - 0.45 * (0.95 - kept).max(0.0);
    confidence -= 0.06 * (0.95 - around).max(0.0) + 0.08 * (0.6 - around).max(0.0);
    confidence -= 0.2 * share(short_words(blocks), found.words);
    confidence -= match found.words {
        ..60 => 0.3,
        60..150 => 0.07,
        _ => 0.0,
    };
    // The text came from the page's data, not from what the page shows.
    if kept > 1.3 {
        confidence -= 0.1;
    }
    if hints::lead_is_proved(hints, found.text) {
        confidence += 0.02;
    }
    confidence -= CONTRADICTION * contradictions as f64;
    (confidence.clamp(0.05, 0.99) * 100.0).round() / 100.0
}

/// Words in blocks that look like lines of furniture: short, and without the end of a sentence.
fn short_words(blocks: &[Block]) -> u32 {
    blocks
        .iter()
        .filter(|block| !matches!(block.kind, Kind::Heading(_)))
        .filter(|block| {
            !block.text.trim_end().ends_with([
                '.', '!', '?', '…', '"', '”', '“', ':', ')', '»', '’', '。', '！', '？', '」', '۔',
                '।', '؟',
            ])
        })
        .map(|block| count_words(&block.text))
        .filter(|words| *words < SHORT_WORDS)
        .sum()
}
