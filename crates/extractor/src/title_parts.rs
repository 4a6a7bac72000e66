//! The parts of a title: the headline, and what stands beside it: the site's name, a section, a
//! kicker, a date. Works on texts; knows no page.

use crate::count_words;
use crate::scripts::is_unspaced;
use crate::title::fold;

/// The characters that divide a headline from the site's name.
const DIVIDERS: &[char] = &[
    '|', '–', '—', '-', '·', '•', '»', '›', '«', '‹', ':', '/', '~', '⋆', '¦', '‖', '_', '｜', '：',
];
/// Fewest words of a headline that something may be cut off from.
const HEADLINE_WORDS: usize = 3;
/// Most words of a kicker or of a site's name.
const KICKER_WORDS: usize = 3;

/// A heading without what stands in it beside the headline that is declared: a kicker or a date
/// before it, a number, a date or a source in brackets behind it.
pub(crate) fn without_debris<'p>(
    printed: &'p str,
    declared: &[String],
    site_names: &[&str],
) -> &'p str {
    let words = |text: &str| text.split_whitespace().count();
    let whole = fold(printed);
    if declared.iter().any(|title| {
        fold(title) == whole || fold(without_site_at_end(title, site_names, None)) == whole
    }) {
        return printed;
    }
    for title in declared {
        let core = without_site(title, site_names);
        if words(&core) <= HEADLINE_WORDS || core.len() >= printed.len() {
            continue;
        }
        let Some(start) = printed.find(core.as_str()) else {
            continue;
        };
        let (before, after) = (&printed[..start], &printed[start + core.len()..]);
        let is_kicker = before.is_empty() || words(before) <= KICKER_WORDS && is_kicker(before);
        let is_note = after.is_empty()
            || words(after) <= KICKER_WORDS
                && after.starts_with(' ')
                && after.contains(|c: char| c.is_ascii_digit() || c == '(');
        if is_kicker && is_note {
            return &printed[start..start + core.len()];
        }
    }
    printed
}

/// Whether what stands before the headline is no part of it. "The best" begins a headline too where
/// only "best" is declared, and so does a quotation.
fn is_kicker(before: &str) -> bool {
    let ends_word = before.ends_with(|c: char| c.is_whitespace() || c == ':');
    let is_sign = |c: char| c.is_ascii_digit() || matches!(c, ':' | '|' | '-' | '–' | '—' | '•');
    let has_word = before.split_whitespace().any(|word| word.chars().count() > ARTICLE_LETTERS);
    let is_quotation = before.contains(['"', '“', '”', '„', '«', '»', '\'', '‘', '’', '「', '『']);
    ends_word && !is_quotation && (has_word || before.contains(is_sign))
}

/// Articles and prepositions have no more letters.
const ARTICLE_LETTERS: usize = 3;

/// A title without the site's name behind it, by the names that are known and by the host's.
pub(crate) fn without_site_at_end<'t>(
    title: &'t str,
    names: &[&str],
    host: Option<&str>,
) -> &'t str {
    let parts = divide(title);
    let Some((_, last)) = parts.last().filter(|_| parts.len() > 1) else {
        return title;
    };
    let folded = fold(last);
    let named = names.iter().any(|name| fold(name) == folded);
    let hosted = host
        .is_some_and(|host| host.chars().count() >= 4 && folded.replace(' ', "").contains(host))
        && last.split_whitespace().count() <= KICKER_WORDS;
    if !named && !hosted {
        return title;
    }
    let (_, before) = parts[parts.len() - 2];
    let end = before.as_ptr() as usize - title.as_ptr() as usize + before.len();
    &title[..end]
}

/// A headline up to its first upright bar: behind it stand sections and names of sites, unless the
/// page declares all of it to be its title. The article's own section (folded) goes all the same.
pub(crate) fn without_section<'t>(
    title: &'t str,
    declared: &[String],
    sections: &[String],
) -> &'t str {
    if let Some((headline, last)) = title.rsplit_once(" | ")
        && headline.split_whitespace().count() >= HEADLINE_WORDS
        && sections.contains(&fold(last))
    {
        return headline.trim_end();
    }
    let whole = fold(title);
    let is_declared = || declared.iter().any(|declared| fold(declared) == whole);
    match title.split_once(" | ") {
        Some((headline, _))
            if headline.split_whitespace().count() >= HEADLINE_WORDS && !is_declared() =>
        {
            headline.trim_end()
        }
        _ => title,
    }
}

/// Cuts the site's name off a declared title.
pub(crate) fn without_site(title: &str, site_names: &[&str]) -> String {
    let parts = divide(title);
    if parts.len() < 2 {
        return title.to_owned();
    }
    let is_site = |part: &str| {
        let folded = fold(part);
        site_names.iter().any(|name| {
            let name = fold(name);
            !name.is_empty()
                && (folded == name
                    || name.contains(&folded) && !folded.is_empty()
                    || folded.contains(&name))
        })
    };
    let (mut from, mut to) = (0, parts.len());
    while to - from > 1 && is_site(parts[to - 1].1) {
        to -= 1;
    }
    while to - from > 1 && is_site(parts[from].1) {
        from += 1;
    }
    if to == parts.len() && from == 0 {
        // No name known: a short last part behind a strong divider is the site's.
        while to > 1 && is_site_unnamed(&parts[..to]) {
            to -= 1;
            // `Headline_News_Site`: the sites that divide so name their sections too.
            if parts[to].0 != '_' {
                break;
            }
        }
    }
    let start = parts[from].1.as_ptr() as usize - title.as_ptr() as usize;
    let last = parts[to - 1].1;
    let end = last.as_ptr() as usize - title.as_ptr() as usize + last.len();
    title[start..end].trim().to_owned()
}

fn is_site_unnamed(parts: &[(char, &str)]) -> bool {
    let Some(((divider, last), rest)) = parts.split_last() else {
        return false;
    };
    let words = count_words(last);
    let rest_words: u32 = rest.iter().map(|(_, part)| count_words(part)).sum();
    let strong = matches!(
        divider,
        '|' | '–' | '—' | '-' | '·' | '•' | '»' | '«' | '‹' | '›' | '⋆' | '~' | '_' | '｜'
    );
    strong && words <= 5 && rest_words >= 3 && rest_words > words
}

/// The parts of a title and the divider before each.
fn divide(title: &str) -> Vec<(char, &str)> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut divider = ' ';
    let mut previous = ' ';
    // « Quoted », or parts » of » a path.
    let is_quote = title.find('«').zip(title.find('»')).is_some_and(|(open, close)| open < close);
    for (at, c) in title.char_indices() {
        if DIVIDERS.contains(&c) && !(is_quote && matches!(c, '«' | '»')) {
            let next = title[at + c.len_utf8()..].chars().next().unwrap_or(' ');
            let free = previous.is_whitespace() && next.is_whitespace();
            let unspaced =
                matches!(c, '-' | '_' | '：') && (is_unspaced(previous) || is_unspaced(next));
            if (free || unspaced || matches!(c, '|' | '»' | '«' | '｜'))
                && !title[start..at].trim().is_empty()
            {
                parts.push((divider, title[start..at].trim()));
                start = at + c.len_utf8();
                divider = c;
            }
        }
        previous = c;
    }
    if !title[start..].trim().is_empty() {
        parts.push((divider, title[start..].trim()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_cut_down_to_the_headline() {
        let declared = ["Bridge reopens after the storm | The Post".to_owned()];
        for (printed, expected) in [
            ("Dec 18 2025 Bridge reopens after the storm", "Bridge reopens after the storm"),
            ("Blog: Bridge reopens after the storm", "Bridge reopens after the storm"),
            ("Bridge reopens after the storm (post.example) 87", "Bridge reopens after the storm"),
            (
                "Bridge reopens after the storm that nobody saw",
                "Bridge reopens after the storm that nobody saw",
            ),
        ] {
            assert_eq!(without_debris(printed, &declared, &["The Post"]), expected);
        }
        // What is declared as a whole is the headline, and so is what is more than a kicker.
        for (printed, declared) in [
            ("“Lost work” – A study of Jane Doe", "“Lost work” – A study of Jane Doe | Jane Doe"),
            ("Puppies for sale – Tips for each breed", "Puppies for sale – Tips for each breed"),
            ("The Best Bridges of the River", "Best Bridges of the River | Post"),
            ("Die besten Brücken der Stadt", "besten Brücken der Stadt | Post"),
            ("“A shame”: Bridge reopens after the storm", "Bridge reopens after the storm"),
            ("»Unfassbar«: Brücke wieder offen nach Sturm", "Brücke wieder offen nach Sturm"),
        ] {
            let names = ["Jane Doe", "Puppies", "Post"];
            assert_eq!(without_debris(printed, &[declared.to_owned()], &names), printed);
        }
        let sections = ["opinion".to_owned(), "wirtschaft und politik".to_owned()];
        for (title, expected) in [
            ("Bridge reopens today | Opinion", "Bridge reopens today"),
            ("Brücke wieder offen | Wirtschaft und Politik", "Brücke wieder offen"),
            ("Bridge reopens today | What it means", "Bridge reopens today | What it means"),
        ] {
            assert_eq!(without_section(title, &[title.to_owned()], &sections), expected);
        }
        let declared = ["Dollar price today in Mexico | Rates of 2 December".to_owned()];
        for (title, expected) in [
            ("Bridge reopens today | Opinion", "Bridge reopens today"),
            ("Live | Bridge reopens today", "Live | Bridge reopens today"),
            (declared[0].as_str(), declared[0].as_str()),
        ] {
            assert_eq!(without_section(title, &declared, &[]), expected);
        }
        for (title, expected) in [
            ("Game changer | Newegg.com", "Game changer"),
            ("Newegg - how it began", "Newegg - how it began"),
        ] {
            assert_eq!(without_site_at_end(title, &[], Some("newegg")), expected);
        }
    }

    #[test]
    fn the_name_of_the_site_is_cut_off() {
        for (title, site, expected) in [
            (
                "Bridge reopens after storm | The Daily Post",
                Some("The Daily Post"),
                "Bridge reopens after storm",
            ),
            ("Bridge reopens after storm - The Daily Post", None, "Bridge reopens after storm"),
            ("The Daily Post: Bridge reopens", Some("Daily"), "The Daily Post: Bridge reopens"),
            (
                "Daily Post – Bridge reopens after storm",
                Some("Daily Post"),
                "Bridge reopens after storm",
            ),
            ("Well-known bridge reopens", None, "Well-known bridge reopens"),
            (
                "Storm - what we know so far about the damage",
                None,
                "Storm - what we know so far about the damage",
            ),
        ] {
            let names: Vec<&str> = site.into_iter().collect();
            assert_eq!(without_site(title, &names), expected);
        }
    }
}
