//! Lines near the headline whose own words make them bylines: "By Jane Doe", "Author" with the name
//! in the next element, "September 21, 2020 by Jane Doe".

use std::collections::BTreeMap;

use crate::authors::{MOST_OF_CARD, REACH, text_of};
use crate::bylines::{BETWEEN, BY, BY_FOR_WANT, LABELS, PEOPLE_WHO_WRITE, ROLES, ROLES_AT_THE_END};
use crate::introductions::{introduced, is_for_want, labelled};
use crate::page::{Page, Tag};
use crate::people::{Source, is_house, is_plain_name, read};
use crate::structured::clean;

/// Lines near the headline that say whose they are.
pub(crate) fn spoken(page: &Page<'_>, near: usize, language: &str) -> BTreeMap<usize, String> {
    let mut found: BTreeMap<usize, String> =
        below_labels(page, near, language).into_iter().collect();
    let end = (near + REACH).min(page.nodes[page.body].end as usize);
    let mut at = near;
    while at < end {
        let node = &page.nodes[at];
        let size = node.chars.max(node.own_chars);
        // A line of its own, or a piece of a long block before a break.
        let is_line = !node.tag.is_inline() || node.tag == Tag::Inline;
        if is_line && (4..=90).contains(&size) && node.own_chars > 0 && at != near {
            let text = unglued(page, at);
            if is_byline(&text, language) {
                found.insert(at, text);
            } else if let Some(signed) =
                before_a_day(&text).filter(|signed| is_byline(signed, language))
            {
                found.insert(at, signed.to_owned());
            } else if let Some(signed) = signed_piece(page, at, language) {
                found.insert(at, signed);
            } else if let Some(name) = behind_a_reporter(&text).or_else(|| behind_a_day(&text)) {
                found.insert(at, name.to_owned());
            } else if page.nodes[at..node.end as usize].iter().any(|node| node.tag == Tag::Time) {
                // The name beside the time may be in an element of its own.
                at += 1;
                continue;
            }
            at = node.end as usize;
            continue;
        }
        at += 1;
    }
    found
}

/// The text of an element, with a blank where elements divide words and no blank does:
/// `<span>By Jane Doe</span><time>Mar 10</time>`.
fn unglued(page: &Page<'_>, of: usize) -> String {
    let text = page.text_of(of);
    let texts = page.nodes[of..page.nodes[of].end as usize].iter();
    let pieces: Vec<&str> =
        texts.filter(|node| node.tag == Tag::Text).map(|node| node.text).collect();
    let is_glued = |pair: &[&str]| {
        pair[0].ends_with(char::is_alphanumeric) && pair[1].starts_with(char::is_alphanumeric)
    };
    if !pieces.windows(2).any(is_glued) {
        return text;
    }
    let joined = clean(&pieces.join(" "));
    let is_same = joined.replace(' ', "") == text.replace(' ', "");
    if is_same { joined } else { text }
}

/// Names in elements of their own behind an element that only introduces them:
/// `<dt>Author</dt><dd>Jane Doe</dd>`, `<span>By</span><span>Jane Doe</span>`.
fn below_labels(page: &Page<'_>, near: usize, language: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let end = (near + REACH).min(page.nodes[page.body].end as usize);
    for at in near + 1..end {
        let node = &page.nodes[at];
        if node.tag != Tag::Text || node.chars == 0 || node.text.len() > LONGEST_LABEL {
            continue;
        }
        // "… by <a>Jane Doe</a>" in running text introduces others.
        let block = page.ancestors(at).find(|above| !page.nodes[*above].tag.is_inline());
        let is_line = block.is_some_and(|block| page.nodes[block].own_chars <= MOST_OF_CARD);
        if !is_line || !is_label(node.text) {
            continue;
        }
        // The next element with a text, as far as it begins behind the label.
        let is_said = |at: &usize| page.nodes[*at].tag == Tag::Text && page.nodes[*at].chars > 0;
        let Some(mut behind) = (at + 1..end.min(at + BEHIND_A_LABEL)).find(is_said) else {
            continue;
        };
        while let Some(above) = page.ancestors(behind).next().filter(|above| {
            let node = &page.nodes[*above];
            *above > at && node.chars.max(node.own_chars) <= MOST_OF_CARD
        }) {
            behind = above;
        }
        let text = text_of(page, behind);
        let named = read(std::slice::from_ref(&text), Source::Field, language).persons;
        if named.first().is_some_and(|name| is_plain_name(name)) {
            // Who is named for want of an author stays known as such.
            let label = node.text.trim();
            let text = if is_for_want(label) { format!("{label} {text}") } else { text };
            found.push((behind, text));
        }
    }
    found
}

/// Most bytes of what introduces a name in the element behind it.
const LONGEST_LABEL: usize = 48;
/// Within so many nodes behind a label stands what it introduces.
const BEHIND_A_LABEL: usize = 8;

/// Whether a text only introduces a name. What may be a kicker needs its colon.
fn is_label(text: &str) -> bool {
    let text = text.trim().trim_start_matches(['|', '•', '·', '–', '—', '-', ' ']);
    let word = text.trim_end_matches([':', '：']).trim_end();
    let lower = word.to_lowercase();
    let is_of = |words: &[&str]| words.contains(&lower.as_str());
    is_of(BY)
        || is_of(BY_FOR_WANT)
        || is_of(LABELS) && (word.len() < text.len() || PEOPLE_WHO_WRITE.contains(&lower.as_str()))
}

/// Whether a line's own words make it a byline.
fn is_byline(text: &str, language: &str) -> bool {
    if text.ends_with(['.', '!', '?', ':', '。', '？', '！', '।']) {
        return false;
    }
    let named = || read(&[text.to_owned()], Source::Line, language).persons;
    // "Source: … Author: …"
    let line = labelled(text).first().copied().unwrap_or(text);
    let (rest, is_introduced) = introduced(line, Source::Line, language);
    if is_introduced {
        // A blank behind a small word proves less than a colon.
        let word = line[..line.len() - rest.len()].trim().to_lowercase();
        let is_sure = SURE.contains(&word.as_str());
        return is_sure || named().first().is_some_and(|name| is_plain_name(name));
    }
    let bare = text.split_once([',', '|', '–', '—']).map_or(text, |(name, _)| name).trim();
    let behind = text[bare.len().min(text.len())..].to_lowercase();
    let has_role = is_house(behind.trim_matches([',', ' ', '|', '–', '—']))
        || behind.split(|c: char| !c.is_alphabetic() && c != '-').any(|word| ROLES.contains(&word));
    let short = text.chars().count() <= 40;
    let is_signed = short
        && text
            .split([' ', '／', '/', '，'])
            .any(|word| ROLES_AT_THE_END.iter().any(|role| word.ends_with(role)))
        || text.chars().count() <= 70 && has_role && is_plain_name(bare);
    // "Toimittaja Matti Virtanen"
    let is_titled = text.split_once(' ').is_some_and(|(role, name)| {
        let role = role.to_lowercase();
        let is_of_writers = |words: &[&str]| words.contains(&role.as_str());
        is_of_writers(LABELS) && is_of_writers(ROLES) && is_plain_name(name)
    });
    (is_signed || is_titled) && named().first().is_some_and(|name| is_plain_name(name))
}

/// What introduces a byline for certain.
const SURE: &[&str] = &[
    "by",
    "von",
    "par",
    "por",
    "di",
    "door",
    "av",
    "af",
    "written by",
    "words by",
    "posted by",
    "submitted by",
    "reported by",
    "| by",
    "oleh",
    "מאת",
    "بقلم",
    "bởi",
    "автор",
    "автор:",
];

/// A text of its own within a line that is a name and its role:
/// `<span>2025.03.10.</span> <em>김민수 기자</em>`.
fn signed_piece(page: &Page<'_>, of: usize, language: &str) -> Option<String> {
    let texts = page.nodes[of..page.nodes[of].end as usize].iter();
    texts
        .filter(|node| node.tag == Tag::Text && node.text.len() <= LONGEST_LABEL)
        .map(|node| node.text.trim())
        // "[한빛일보 = 김민수 기자]"
        .map(|text| text.rsplit('=').next().unwrap_or(text).trim_matches([' ', '[', ']', '(', ')']))
        .find(|text| {
            ROLES_AT_THE_END.iter().any(|role| text.ends_with(role)) && is_byline(text, language)
        })
        .map(str::to_owned)
}

/// A Chinese name behind the word for a reporter: "記者王小明／台北報導".
fn behind_a_reporter(text: &str) -> Option<&str> {
    let at = ["记者", "記者"].iter().find_map(|word| Some(text.find(word)? + word.len()))?;
    let behind = text[at..].trim_start_matches([' ', '　', '：', ':']);
    let end = behind.find([' ', '　', '／', '/', '，', '、', '|']).unwrap_or(behind.len());
    let name = &behind[..end];
    let is_name = (2..=4).contains(&name.chars().count())
        && name.chars().all(|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
    (is_name && !text.ends_with('。')).then_some(name)
}

/// A name and its role in a line that goes on with a day, as in "김민수 기자 입력 2025.03.10 14:20".
fn before_a_day(text: &str) -> Option<&str> {
    let day = text.find(|c: char| c.is_ascii_digit())?;
    let ends = ROLES_AT_THE_END.iter().filter_map(|role| {
        let end = text[..day].rfind(role)? + role.len();
        text[end..].starts_with([' ', '|', '·', ',']).then_some(end)
    });
    ends.max().map(|end| &text[..end])
}

/// Who is named in a line such as "Posted on September 21, 2020 by Jane Doe".
fn behind_a_day(text: &str) -> Option<&str> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if !(5..=14).contains(&digits) || text.ends_with(['.', '!', '?', ':']) {
        return None;
    }
    let (before, name) = BETWEEN.iter().find_map(|word| text.split_once(word))?;
    let is_day = before.bytes().filter(u8::is_ascii_digit).count() >= 5;
    let is_name = name.split_whitespace().count() <= 6 && name.starts_with(char::is_uppercase);
    (is_day && is_name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_its_role_before_the_day_is_read() {
        for (text, expected) in [
            ("김민수 기자 입력 2025.03.10 14:20 수정 2025.03.11 09:00", Some("김민수 기자")),
            ("山田太郎記者 2025年3月10日", Some("山田太郎記者")),
            ("입력 2025.03.10 14:20 김민수 기자", None),
            ("기자들 입력 2025.03.10", None),
        ] {
            let signed = before_a_day(text).filter(|signed| is_byline(signed, "ko"));
            assert_eq!(signed, expected, "{text}");
        }
    }

    #[test]
    fn a_name_behind_the_word_for_a_reporter_is_read() {
        for (text, expected) in [
            ("2025/03/10 14:20　記者王小明／台北報導", Some("王小明")),
            ("记者 王小明 河州报道", Some("王小明")),
            ("记者王小明从市政府获悉", None),
            ("他对记者说。", None),
        ] {
            assert_eq!(behind_a_reporter(text), expected, "{text}");
        }
    }

    #[test]
    fn a_name_behind_the_day_is_read() {
        for (text, expected) in [
            ("Posted on September 21, 2020 by Jane Doe", Some("Jane Doe")),
            ("06.11.2023 13:30 von Jane Doe", Some("Jane Doe")),
            ("A book of 1984 by Orwell is on show until 2025", None),
            ("Updated September 21, 2020", None),
        ] {
            assert_eq!(behind_a_day(text), expected, "{text}");
        }
    }
}
