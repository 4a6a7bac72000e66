//! Judges blocks by what they say and where they stand: headings of related lists, signature
//! lines, bylines, share and sign-up lines. Works on blocks only.

use std::collections::HashSet;

use crate::captions::{cut_credit, is_caption};
use crate::count_words;
use crate::details::{is_date_line, is_detail, is_labelled_date};
use crate::endings;
use crate::furniture_lines::is_line_of_furniture;
use crate::measure::measure;
use crate::phrases::{
    BY, CHECKED_BY, FURNITURE_HEADINGS, LISTENING, OF_OTHERS, ORDINARY_HEADINGS, READING_TIMES,
    WRITTEN_BY,
};
use crate::render::{Block, Kind};
use crate::spoken::{self, Order};
use crate::title::fold;

/// What the pruning may know.
pub(crate) struct Known<'a> {
    pub(crate) title: Option<&'a str>,
    /// The title's heading, with all that stands in it.
    pub(crate) printed: Option<&'a str>,
    /// `<title>`.
    pub(crate) document_title: Option<&'a str>,
    pub(crate) authors: &'a [String],
    /// The page's host.
    pub(crate) host: Option<&'a str>,
}

/// Removes blocks that are not the article's.
pub(crate) fn prune(blocks: Vec<Block>, known: &Known<'_>) -> Vec<Block> {
    let title = known.title.map(fold).unwrap_or_default();
    let printed = known.printed.map(fold).unwrap_or_default();
    let document_title = known.document_title.map(fold).unwrap_or_default();
    let names: Vec<String> = known.authors.iter().map(|name| fold(name)).collect();
    let total = blocks.len();
    let below = sections(&blocks);
    let goes_on = goes_on(&blocks);
    let whole = blocks.iter().filter(|block| !is_cut(block));
    let has_cut = blocks.iter().any(|block| block.kind == Kind::Paragraph && is_cut(block));
    let beginnings: HashSet<String> =
        if has_cut { whole.filter_map(beginning).collect() } else { HashSet::new() };
    let kickers = kickers(&blocks, &title);
    let begins = blocks.iter().take(BEGINS + 1).position(is_prose).unwrap_or(0);
    let is_timeline = blocks.iter().filter(|block| is_date_line(block)).count() >= TIMELINE;
    let mut kept: Vec<Block> = Vec::with_capacity(total);
    let mut dropped_from: Option<u8> = None;
    let mut leads_elsewhere = false;
    let mut dropping_links = false;
    let mut seen: HashSet<String> = HashSet::new();
    let mut repeating = false;
    for (index, mut block) in blocks.into_iter().enumerate() {
        if index < kickers {
            continue;
        }
        if index < 3 && kept.is_empty() {
            while cut_byline(&mut block, &names, &title) {}
        }
        let folded = if block.text.len() <= 400 { fold(&block.text) } else { String::new() };
        // A heading that opens a list of other articles takes all with it up to the next heading
        // of its level.
        if let Some(level) = dropped_from {
            match block.kind {
                Kind::Heading(own) if own <= level => dropped_from = None,
                _ if leads_elsewhere && goes_on[index] => dropped_from = None,
                _ => continue,
            }
        }
        if !folded.is_empty() && (folded == title || folded == printed) {
            continue;
        }
        if let Kind::Heading(level) = block.kind
            && opens_furniture(&folded, &block.text)
                .is_some_and(|opens| opens == Opens::Surely || below[index].leads_off)
        {
            if !below[index].holds_much {
                dropped_from = Some(level);
                leads_elsewhere = !OF_OTHERS.iter().any(|part| folded.contains(part));
            }
            continue;
        }
        // A teaser of the article itself, cut where another paragraph goes on.
        let is_teaser =
            is_cut(&block) && beginning(&block).is_some_and(|first| beginnings.contains(&first));
        if below[index].is_empty || is_teaser {
            continue;
        }
        let early = index < 6 || kept.len() < 2;
        if early && (names.contains(&folded) || is_byline(&folded, &names) || says_who(&folded)) {
            continue;
        }
        let told = is_timeline && kept.iter().any(|block| block.text.len() >= PROSE);
        if is_line_of_furniture(&folded, &block)
            || is_date_line(&block) && !told
            || early && is_labelled_date(&folded, &block)
            || early && is_detail(&folded, &block, &names) && !kept.iter().any(is_prose)
            || index < begins && is_scrap(&block)
            || is_label_of_links(&folded, &block)
            || is_pointer(&block, known.host)
            || kept.len() < 2 && is_reading_time(&folded)
            || is_caption(&block)
        {
            continue;
        }
        // The title again, as the document has it, in a heading at the top.
        if kept.len() < 2
            && matches!(block.kind, Kind::Heading(1 | 2))
            && folded.chars().count() >= 12
            && document_title.contains(&folded)
        {
            continue;
        }
        // A line such as "Read also:" takes the links below it along.
        if dropping_links && is_linked(&block) {
            continue;
        }
        dropping_links = false;
        let introduces = block.text.len() <= 80 && (block.text.ends_with(':') || block.all_strong);
        let opens = introduces.then(|| opens_furniture(&folded, &block.text)).flatten();
        if opens.is_some_and(|opens| {
            opens == Opens::Surely || block.leads_off || below[index].links_follow
        }) {
            dropping_links = true;
            continue;
        }
        // Layouts for several screens print the whole text twice.
        let again = if block.text.len() >= 60 {
            !seen.insert(block.text.clone())
        } else {
            repeating && seen.contains(&block.text)
        };
        if block.text.len() < 60 {
            seen.insert(block.text.clone());
        }
        repeating = again;
        if again {
            continue;
        }
        cut_credit(&mut block);
        kept.push(block);
    }
    endings::trim(&mut kept, &names);
    kept
}

/// What stands below a block.
#[derive(Clone, Copy, Default)]
struct Below {
    /// The section of a heading holds much of the article's unlinked text, so that it is no list of
    /// other articles whatever it is called.
    holds_much: bool,
    /// The section of a heading is heavy with links, or has neither running text nor a table or
    /// list of the article's own.
    leads_off: bool,
    /// The next block is mostly a link.
    links_follow: bool,
    /// Nothing is left of the section of a heading but links that were left out.
    is_empty: bool,
}

/// What stands below each block.
fn sections(blocks: &[Block]) -> Vec<Below> {
    let plain = |block: &Block| block.text.len().saturating_sub(block.link_chars);
    let total: usize = blocks.iter().map(plain).sum();
    blocks
        .iter()
        .enumerate()
        .map(|(index, block)| {
            let rest = &blocks[index + 1..];
            let mut below =
                Below { links_follow: rest.first().is_some_and(is_linked), ..Below::default() };
            if let Kind::Heading(level) = block.kind {
                let ends = |next: &Block| matches!(next.kind, Kind::Heading(own) if own <= level);
                let section = &rest[..rest.iter().position(ends).unwrap_or(rest.len())];
                let unlinked: usize = section.iter().map(plain).sum();
                let linked: usize = section.iter().map(|block| block.link_chars).sum();
                below.holds_much = unlinked * 5 > total * 2;
                let is_data = |block: &Block| matches!(block.kind, Kind::Row(_) | Kind::Item(..));
                let is_plain_data = linked == 0 && section.iter().any(is_data);
                below.leads_off =
                    linked * 3 >= unlinked || !is_plain_data && !section.iter().any(is_prose);
                below.is_empty = block.leads_off && section.is_empty();
            }
            below
        })
        .collect()
}

/// Letters and blanks of a folded paragraph's beginning that tell it from others.
const BEGINNING: usize = 40;

/// How a paragraph begins, folded, if it is so long.
fn beginning(block: &Block) -> Option<String> {
    let first: String = block.text.chars().take(2 * BEGINNING).collect();
    let folded: String = fold(&first).chars().take(BEGINNING).collect();
    let is_long = folded.chars().count() == BEGINNING;
    (block.kind == Kind::Paragraph && is_long).then_some(folded)
}

/// Whether a text ends in the sign that the rest of it is left out.
fn is_cut(block: &Block) -> bool {
    block.text.ends_with(['…', ']']) || block.text.ends_with("...")
}

/// Whether a block is mostly a link.
fn is_linked(block: &Block) -> bool {
    block.link_chars * 10 >= block.text.len() * 6
}

/// The first paragraph of running text is one of so many blocks, where short lines before it count.
const BEGINS: usize = 8;
/// Words and characters of a line before the text that is a name, a section, a button, at most.
const SCRAP_WORDS: usize = 3;
const SCRAP: u32 = 36;
/// The same of a single word, or of a line whose words are not spaced.
const SCRAP_OF_A_WORD: u32 = 20;

/// Whether a line before the text is too short to say anything, and no sentence.
fn is_scrap(block: &Block) -> bool {
    let words = block.text.split_whitespace().count();
    let most = if words == 1 { SCRAP_OF_A_WORD } else { SCRAP };
    block.kind == Kind::Paragraph
        && measure(&block.text).0 <= most
        && words <= SCRAP_WORDS
        && !ends_sentence(&block.text)
        && !block.text.ends_with([',', ':', '，', '：'])
        // The time of a live blog's entry; a number alone counts something.
        && (!block.text.contains(char::is_numeric) || block.text.chars().all(char::is_numeric))
}

/// Date lines of a text that tells day by day, at least.
const TIMELINE: usize = 3;
/// Bytes of a paragraph of running text.
const PROSE: usize = 80;

/// Whether a block is running text: a paragraph with hardly a link that ends as a sentence does,
/// and is not cut.
pub(crate) fn is_prose(block: &Block) -> bool {
    block.kind == Kind::Paragraph
        && measure(&block.text).0 >= PROSE as u32
        && block.link_chars * 4 <= block.text.len()
        && !is_cut(block)
}

/// For each block: whether the text goes on with it behind a list of other articles. Two paragraphs
/// of running text in a row do not come in cards, where each stands behind a title.
fn goes_on(blocks: &[Block]) -> Vec<bool> {
    let prose: Vec<bool> = blocks.iter().map(is_prose).collect();
    (0..blocks.len())
        .map(|at| {
            let one_of_two = prose[at] && prose.get(at + 1).copied().unwrap_or_default();
            one_of_two && blocks[at].place == blocks[at + 1].place
        })
        .collect()
}

/// How many blocks stand before the title as kickers do: a word or two over it.
fn kickers(blocks: &[Block], title: &str) -> usize {
    if title.is_empty() {
        return 0;
    }
    let is_title =
        |block: &Block| matches!(block.kind, Kind::Heading(_)) && fold(&block.text) == title;
    let before = blocks.iter().take(4).position(is_title).unwrap_or(0);
    let is_kicker = |block: &Block| {
        block.kind == Kind::Paragraph && block.text.len() <= 60 && !ends_sentence(&block.text)
    };
    if blocks[..before].iter().all(is_kicker) { before } else { 0 }
}

/// Cuts a first line of title, byline or date off a paragraph that it is divided from by a break
/// only. Whether it did.
fn cut_byline(block: &mut Block, names: &[String], title: &str) -> bool {
    if block.kind != Kind::Paragraph {
        return false;
    }
    let (Some((line, rest)), Some((line_html, rest_html))) =
        (block.text.split_once('\n'), block.html.split_once("<br>"))
    else {
        return false;
    };
    let folded = fold(line);
    let says_what = !title.is_empty() && folded == title;
    let says_who = !folded.is_empty()
        && (names.contains(&folded)
            || is_byline(&folded, names)
            || names.iter().any(|name| folded.starts_with(name.as_str())));
    let says_when =
        line.chars().any(char::is_numeric) && spoken::in_text(line, Order::DayFirst).is_some();
    let short = line.chars().count() <= 80 && !line.trim_end().ends_with(['.', '!', '?', '…']);
    // Elements that began in the line must have ended in it.
    let whole = line_html.matches('<').count() == 2 * line_html.matches("</").count();
    let cuts = whole && (says_what || short && (says_who || says_when));
    if cuts {
        let (text, html) = (rest.trim().to_owned(), rest_html.trim().to_owned());
        block.text = text;
        block.html = html;
    }
    cuts
}

/// Ends of sentences in any writing (Unicode's Sentence_Terminal, and marks that stand for one).
const STOPS: &[char] = &[
    '.', '!', '?', '…', '‥', '‼', '⁇', '⁈', '⁉', '。', '｡', '．', '！', '？', '؟', '۔', '।', '॥',
    '։', '።', '፧', '፨', '។', '៕', '။', '၊', '།', '\u{37e}',
];
/// What closes a quotation or a bracket, and ends a line of text so.
const CLOSING: &[char] = &['"', '”', '“', '»', '«', '’', '‘', ')', '）', '」', '』'];
/// These point elsewhere, too: only behind a stop.
const CLOSING_A_SENTENCE: &[char] = &['\'', '›', '‹', ']', '】', '〉', '》'];

/// Whether a text ends as sentences do, in any writing that ends them.
pub(crate) fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end();
    let said = text.trim_end_matches(|c| CLOSING.contains(&c) || CLOSING_A_SENTENCE.contains(&c));
    let is_greek = |c| matches!(c, '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}');
    text.ends_with(CLOSING)
        || said.ends_with(STOPS)
        // The Greek question mark, as it is written with most keyboards.
        || said.strip_suffix(';').is_some_and(|before| before.ends_with(is_greek))
}

/// A line that says that somebody wrote or looked through the text, and perhaps who.
fn says_who(folded: &str) -> bool {
    const NAMED: usize = 12;
    WRITTEN_BY.contains(&folded)
        || folded.split(' ').count() <= NAMED && starts_with_any(folded, CHECKED_BY)
}

/// A short line that begins with "by" and the name of an author.
fn is_byline(folded: &str, names: &[String]) -> bool {
    folded.split(' ').count() <= 20
        && folded.split_once(' ').is_some_and(|(by, rest)| {
            BY.contains(&by) && names.iter().any(|name| rest.starts_with(name.as_str()))
        })
}

/// Most letters of a label before a link or a list of links.
const LABEL: usize = 40;

/// A short line that only led to links, which were left out right behind it.
fn is_label_of_links(folded: &str, block: &Block) -> bool {
    let short = block.text.chars().count() <= LABEL && folded.split(' ').count() <= 6;
    block.leads_off
        && short
        && block.kind == Kind::Paragraph
        && (block.text.ends_with([':', '：']) || block.all_strong)
        && !ends_sentence(&block.text)
}

/// Words of an article's title, at least; the names of things that a text recommends are shorter.
const TITLE_WORDS: u32 = 5;

/// A line that leads to another article of the site in any language: a label of up to four words,
/// and a link as long as a title that ends the line.
fn is_pointer(block: &Block, host: Option<&str>) -> bool {
    if block.kind != Kind::Paragraph || block.link_chars < 20 || block.text.len() > 600 {
        return false;
    }
    let html = block.html.as_str();
    let (Some((before, rest)), 1) = (html.split_once("<a "), html.matches("<a ").count()) else {
        return false;
    };
    let Some((link, behind)) = rest.split_once("</a>") else {
        return false;
    };
    let label = without_tags(before);
    let label = label.trim();
    let ends = without_tags(behind);
    let has_words = label.chars().any(char::is_alphabetic);
    let leads = label.ends_with([':', '：', '|', '-', '–', '—', '>', '»', '→', '►', '▶']);
    let inside = link
        .split_once("href=\"")
        .and_then(|(_, rest)| rest.split_once("//"))
        .and_then(|(_, rest)| rest.split(['/', '"', '?', '#']).next())
        .is_some_and(|to| host.is_some_and(|host| bare_host(to) == bare_host(host)));
    let title = without_tags(link.split_once('>').map_or("", |(_, text)| text));
    has_words
        && leads
        && inside
        && count_words(&title) >= TITLE_WORDS
        && label.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
            <= 4
        && label.chars().count() <= LABEL
        && !ends.chars().any(char::is_alphanumeric)
}

pub(crate) fn bare_host(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, behind)| behind);
    }
    text.push_str(rest);
    text.replace("&nbsp;", " ").replace("&gt;", ">").replace("&amp;", "&")
}

/// How long it takes to read or to hear, before the text.
fn is_reading_time(folded: &str) -> bool {
    folded.split(' ').count() <= 9
        && (folded.bytes().any(|byte| byte.is_ascii_digit())
            && READING_TIMES.iter().any(|part| folded.contains(part))
            || starts_with_any(folded, LISTENING))
}

pub(crate) fn starts_with_any(folded: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        folded.strip_prefix(phrase).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

/// How a heading or line names a list of other articles, a form and the like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opens {
    /// Beyond doubt.
    Surely,
    /// It begins with words that an ordinary heading may begin with too.
    Perhaps,
}

fn opens_furniture(folded: &str, text: &str) -> Option<Opens> {
    if folded.split(' ').count() > 8 {
        return None;
    }
    if starts_with_any(folded, FURNITURE_HEADINGS) {
        return Some(Opens::Surely);
    }
    let rest = ORDINARY_HEADINGS.iter().find_map(|phrase| {
        folded.strip_prefix(phrase).filter(|rest| rest.is_empty() || rest.starts_with(' '))
    })?;
    // "Comments (3)", "Advertisement: a new book"; "Up next: Brazil" may be either.
    let counts = rest.bytes().all(|byte| byte == b' ' || byte.is_ascii_digit());
    let is_label = || {
        text.split_once([':', '：']).is_some_and(|(label, _)| {
            let label = fold(label);
            ORDINARY_HEADINGS.contains(&label.as_str())
                && OF_OTHERS.iter().any(|part| label.contains(part))
        })
    };
    Some(if counts || is_label() { Opens::Surely } else { Opens::Perhaps })
}
