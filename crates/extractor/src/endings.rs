//! Where an article ends: signatures, invitations, credits and the author's life below its last
//! sentence. Works on blocks only.

use crate::farewells::{
    APPEARED_FIRST, ARTICLES, CHANNELS, CREDITS, DISCLAIMERS, FOLLOWED, OF_AN_AUTHOR, REQUESTS,
    SIGNATURES, THE_POST,
};
use crate::furniture_lines::invites;
use crate::measure::measure;
use crate::prune::{bare_host, ends_sentence, is_prose, starts_with_any};
use crate::render::{Block, Kind};
use crate::title::fold;

/// Removes what stands below the last sentence.
pub(crate) fn trim(blocks: &mut Vec<Block>, names: &[String]) {
    trim_end(blocks, names);
    if let Some(from) = life_of_author(blocks, names) {
        blocks.truncate(from);
        trim_end(blocks, names);
    }
}

/// Removes signatures from the end.
fn trim_end(blocks: &mut Vec<Block>, names: &[String]) {
    // Below a text, not among lines.
    let has_text = blocks.iter().filter(|block| is_prose(block)).nth(1).is_some();
    while let Some(last) = blocks.last() {
        let folded = if last.text.len() <= 300 { fold(&last.text) } else { String::new() };
        let is_heading = matches!(last.kind, Kind::Heading(_));
        let is_name = names.contains(&folded);
        let leads = last.link_chars > 0 || last.text.contains('@');
        let invites = leads && invites(&folded, last);
        let credits = credits(last, &folded);
        let is_link = last.text.len() <= 150 && last.link_chars * 10 >= last.text.len() * 8;
        // What it led to was left out.
        let leads_on = blocks.len() > 3
            && last.kind == Kind::Paragraph
            && last.text.len() <= 100
            && (last.text.ends_with([':', '：']) || last.all_strong && !ends_sentence(&last.text));
        let follows = blocks.len() > 2 && is_invitation(last);
        let before = &blocks[blocks.len().saturating_sub(2)];
        let signs = blocks.len() > 2 && is_signature(last) && !is_told(last, before);
        let asks = last.kind == Kind::Paragraph && starts_with_any(&folded, REQUESTS);
        let disclaims = blocks.len() > 2 && (asks || disclaims(last, &folded));
        let is_label = is_heading || is_name || leads_on || signs;
        let goes = is_label || invites || credits || is_link || follows || disclaims;
        if goes || has_text && is_stray(blocks) {
            blocks.pop();
        } else {
            return;
        }
    }
}

/// Words of a line that names the owner of a picture or a text, at most.
const CREDIT_WORDS: usize = 12;

/// Whether a line names the owner of a picture or a text: behind a mark, or as no sentence does.
fn credits(block: &Block, folded: &str) -> bool {
    let is_labelled = || {
        let label = block.text.split_once([':', '：', '|', '©']);
        label.is_some_and(|(label, _)| label.split_whitespace().count() <= 3)
    };
    !folded.is_empty()
        && folded.split(' ').count() <= CREDIT_WORDS
        && starts_with_any(folded, CREDITS)
        && (!ends_sentence(&block.text) || is_labelled())
}

/// Of its paragraphs so many in a hundred end a sentence at least, where a text ends sentences by
/// marks: Thai and Lao do not.
const ENDING: usize = 75;

/// Words and characters of a line that is no sentence, at most, and how many of them stand below a
/// text; more are a list, a poem, results.
const STRAY_WORDS: usize = 8;
const STRAY: u32 = 60;
const STRAYS: usize = 2;

/// Whether the last line is one of few short ones below the last sentence that are none themselves:
/// what a button says, who wrote it, where it is from.
fn is_stray(blocks: &[Block]) -> bool {
    let is_line = |block: &Block| {
        block.kind == Kind::Paragraph
            && measure(&block.text).0 <= STRAY
            && block.text.split_whitespace().count() <= STRAY_WORDS
            && !ends_sentence(without_count(&block.text))
            // Half of a sentence, a label with what it says.
            && !block.text.contains([',', ':', '，', '：', '、'])
    };
    let prose = || blocks.iter().filter(|block| is_prose(block));
    let ended = prose().filter(|block| ends_sentence(&block.text)).count();
    if ended * 100 < prose().count() * ENDING {
        return false;
    }
    let lines = blocks.iter().rev().take(STRAYS + 1).take_while(|block| is_line(block)).count();
    let (text, lines) = blocks.split_at(blocks.len() - lines);
    let ends = |before: &Block| {
        ends_sentence(&before.text)
            || before.link_chars > 0
            || is_prose(before)
            || is_signature(before)
    };
    let has_number = |line: &Block| without_count(&line.text).contains(char::is_numeric);
    (1..=STRAYS).contains(&lines.len())
        && text.last().is_some_and(ends)
        && !lines.iter().any(has_number)
}

/// "Comments (5)" without the count.
fn without_count(text: &str) -> &str {
    let count = text.strip_suffix(')').and_then(|text| text.rsplit_once('('));
    match count {
        Some((before, count)) if count.chars().all(char::is_numeric) => before.trim_end(),
        _ => text,
    }
}

/// Whether a last paragraph says for what nobody answers, or where else the text stands.
fn disclaims(block: &Block, folded: &str) -> bool {
    let has = |parts: &[&str]| parts.iter().any(|part| folded.contains(part));
    let says = |words: &[&str]| folded.split(' ').any(|word| words.contains(&word));
    DISCLAIMERS.iter().any(|(parts, words)| has(parts) && says(words))
        || has(APPEARED_FIRST) && (block.link_chars > 0 || starts_with_any(folded, THE_POST))
}

/// Paragraphs of an author's life at most.
const LIFE: usize = 4;

/// Where the last paragraphs begin to tell of the author: a line that begins with the name, or the
/// first name of a person, and what the author is or does. They are a third of the article at most,
/// and nothing before them tells of the author so.
fn life_of_author(blocks: &[Block], names: &[String]) -> Option<usize> {
    let total: usize = blocks.iter().map(|block| block.text.len()).sum();
    let tells = |block: &Block| {
        let folded = fold(block.text.chars().take(80).collect::<String>().as_str());
        names.iter().any(|name| {
            let first = name.split(' ').next().unwrap_or(name);
            let of = |name: &str| {
                folded
                    .strip_prefix(name)
                    .and_then(|rest| rest.strip_prefix(' '))
                    .is_some_and(|rest| starts_with_any(rest, OF_AN_AUTHOR))
            };
            of(name) || first.chars().count() >= 3 && !ARTICLES.contains(&first) && of(first)
        })
    };
    let from = blocks.len().saturating_sub(LIFE);
    let found = from + blocks[from..].iter().position(|b| b.kind == Kind::Paragraph && tells(b))?;
    let named_before = blocks[..found].iter().any(tells);
    let rest: usize = blocks[found..].iter().map(|block| block.text.len()).sum();
    (!named_before && rest * 3 <= total).then_some(found)
}

/// A short paragraph with a link to a channel of the house.
pub(crate) fn is_invitation(block: &Block) -> bool {
    block.kind == Kind::Paragraph
        && block.link_chars > 0
        && block.text.chars().count() <= 200
        && block.html.split("href=\"").skip(1).any(|rest| {
            let address = rest.split('"').next().unwrap_or_default();
            is_channel(address)
        })
}

/// Whether an address is a page where readers follow a house: `t.me/house`, not `t.me/house/123`.
fn is_channel(address: &str) -> bool {
    let Some((host, path)) =
        address.split_once("//").map(|(_, rest)| rest.split_once('/').unwrap_or((rest, "")))
    else {
        return false;
    };
    let host = bare_host(host);
    let host = host.strip_prefix("m.").unwrap_or(host);
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    CHANNELS.contains(&host) || FOLLOWED.contains(&host) && !path.contains('/')
}

/// A last line that says whose the text is: a label, a colon and a name, a name with its address,
/// the initials of who wrote it, agencies.
fn is_signature(block: &Block) -> bool {
    if block.kind != Kind::Paragraph {
        return false;
    }
    let text = block.text.as_str();
    let words = text.split_whitespace().count();
    if words <= 4 && !ends_sentence(text) && has_mail(text) || is_sign_off(text, words) {
        return true;
    }
    let bare = text.trim_start_matches(['(', '（', '[', '【']);
    bare.split_once([':', '：']).is_some_and(|(label, name)| {
        SIGNATURES.contains(&fold(label).as_str())
            && measure(name).0 <= 60
            && (!name.ends_with(['.', '。', '!', '?']) || measure(name).0 <= INITIALS)
    })
}

/// Whether a last line with a number is one of several that the text tells (results, numbers that
/// were drawn, a number to call) and no signature: the line before is neither a sentence nor a
/// signature without a number.
fn is_told(block: &Block, before: &Block) -> bool {
    let has_number = |block: &Block| block.text.chars().any(char::is_numeric);
    has_number(block)
        && !ends_sentence(&before.text)
        && (has_number(before) || !is_signature(before))
}

/// Words and bytes of initials and agencies below a text, at most.
const SIGN_OFF_WORDS: usize = 2;
const SIGN_OFF: usize = 24;
/// Characters of the initials of one who is named by them.
const INITIALS: u32 = 6;

/// Whether a line is initials or agencies ("mg/lp", "(dpa)", "FMW/Bloomberg"), or a number to vote
/// for or count by.
fn is_sign_off(text: &str, words: usize) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if letters == 0 {
        return words == 1 && text.len() <= 8;
    }
    let is_plain = text.chars().all(|c| c.is_alphabetic() || " /().[]-".contains(c));
    let bracketed = text.starts_with(['(', '[']) && text.ends_with([')', ']']);
    is_plain
        && words <= SIGN_OFF_WORDS
        && text.len() <= SIGN_OFF
        && (bracketed || text.contains('/') || letters <= 3 && !text.contains(char::is_uppercase))
}

fn has_mail(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    })
}
