//! Articles without end, put together from sentence material by a seed. Each is about places and
//! people of its own, so that no two of them are copies of each other or belong to one event.

mod english;
mod german;
mod names;
mod spanish;

use crate::article::{Article, Language, Paragraph, Reach, Version};
use crate::random::{Dice, mix};

pub(crate) use names::town;

/// Sentence material of one language. `{…}` is filled in: `town`, `other` (a second place),
/// `one` and `two` (full names), `one_last`, `two_last`, `thing`, `act`, `cause`, `cause2`,
/// `office`, `office2`, `group`, `group2`, `mood`, `mood2`, `day`, `month`, `year`, and numbers
/// by size: `n`, `k`, `m`, `l`.
struct Material {
    things: &'static [&'static str],
    acts: &'static [&'static str],
    causes: &'static [&'static str],
    offices: &'static [&'static str],
    groups: &'static [&'static str],
    moods: &'static [&'static str],
    days: &'static [&'static str],
    months: &'static [&'static str],
    sections: &'static [&'static str],
    titles: &'static [&'static str],
    leads: &'static [&'static str],
    facts: &'static [&'static str],
    quotes: &'static [&'static str],
    figures: &'static [&'static str],
    doubts: &'static [&'static str],
    outlooks: &'static [&'static str],
    /// Objects, for sentences that list some: they make two articles differ most.
    objects: &'static [&'static str],
    /// What people do, for sentences that name some.
    callings: &'static [&'static str],
    /// Sentences with `{a}` to `{e}`: objects, and with `{p}` to `{r}`: people with a calling.
    lists: &'static [&'static str],
    captions: &'static [&'static str],
}

fn material(language: Language) -> &'static Material {
    match language {
        Language::English => &english::MATERIAL,
        Language::German => &german::MATERIAL,
        Language::Spanish => &spanish::MATERIAL,
    }
}

/// Number of the first generated article of each outlet; written ones have smaller numbers.
pub(crate) const FIRST_NUMBER: u64 = 900_000;

/// Where and when a generated article appears.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) outlet: usize,
    /// Number among the generated articles of this outlet.
    pub(crate) serial: u64,
    /// Number among all generated articles of the newsroom; decides its names.
    pub(crate) global: u64,
    /// Newsroom time in milliseconds.
    pub(crate) at: i64,
}

/// Writes the article of a slot. The same arguments always give the same article.
pub(crate) fn write(language: Language, seed: u64, slot: Slot) -> Article {
    let material = material(language);
    let mut dice = Dice::new(mix(seed) ^ mix(slot.global));
    let draft = Draft::new(language, material, seed, slot.global, &mut dice);

    let mut take = |sentences: &[&str], count: usize| -> Vec<String> {
        let chosen = dice.sample(sentences, count);
        chosen.into_iter().map(|line| draft.fill(line)).collect()
    };
    let title = take(material.titles, 1).concat();
    let lead = take(material.leads, 1).concat();
    let facts = take(material.facts, 3);
    let quotes = take(material.quotes, 2);
    let figures = take(material.figures, 2);
    let doubts = take(material.doubts, 2);
    let outlooks = take(material.outlooks, 1);
    let lists = take(material.lists, 2);
    let caption = take(material.captions, 1).concat();
    let paragraphs = [
        lead.clone(),
        facts[..2].join(" "),
        format!("{} {}", quotes[0], lists[0]),
        format!("{} {} {}", figures[0], facts[2], figures[1]),
        format!("{} {} {}", lists[1], doubts[0], quotes[1]),
        format!("{} {}", doubts[1], outlooks[0]),
    ];
    let with_picture = dice.below(3) == 0;
    Article {
        outlet: slot.outlet,
        // The serial at the end finds the article again without a list of all of them.
        slug: format!("{}-{}", slug(&title), slot.serial),
        number: FIRST_NUMBER + slot.serial,
        author: draft.author.clone(),
        section: dice.word(material.sections).to_owned(),
        tags: vec![draft.town.clone()],
        caption: with_picture.then_some(caption),
        event: None,
        copy_of: None,
        reach: Reach::Page,
        versions: vec![Version {
            at: slot.at,
            title,
            summary: lead,
            paragraphs: paragraphs.iter().map(|text| Paragraph::read(text)).collect(),
        }],
    }
}

/// What is drawn once for an article.
struct Draft {
    town: String,
    author: String,
    values: Vec<(String, String)>,
    n: Vec<usize>,
}

impl Draft {
    fn new(
        language: Language,
        material: &Material,
        seed: u64,
        global: u64,
        dice: &mut Dice,
    ) -> Self {
        let town = names::town(language, seed, global * 2);
        let other = names::town(language, seed, global * 2 + 1);
        let (one, one_last) = names::person(language, seed, global * 3, dice);
        let (two, two_last) = names::person(language, seed, global * 3 + 1, dice);
        let (author, _) = names::person(language, seed, global * 3 + 2, dice);
        let mut values = Vec::new();
        let mut set =
            |key: &str, value: &str| values.push((format!("{{{key}}}"), value.to_owned()));
        set("town", &town);
        set("other", &other);
        set("one", &one);
        set("one_last", &one_last);
        set("two", &two);
        set("two_last", &two_last);
        // Counted through like the names: the same headline comes again after all others only.
        let pairs = (material.things.len() * material.acts.len()) as u64;
        let pair = ((global % pairs * 7919 + mix(seed) % pairs) % pairs) as usize;
        set("thing", material.things[pair % material.things.len()]);
        set("act", material.acts[pair / material.things.len()]);
        let causes = dice.sample(material.causes, 2);
        set("cause", causes[0]);
        set("cause2", causes[1]);
        let offices = dice.sample(material.offices, 2);
        set("office", offices[0]);
        set("office2", offices[1]);
        let groups = dice.sample(material.groups, 2);
        set("group", groups[0]);
        set("group2", groups[1]);
        let moods = dice.sample(material.moods, 2);
        set("mood", moods[0]);
        set("mood2", moods[1]);
        let objects = dice.sample(material.objects, 5);
        for (key, object) in ["a", "b", "c", "d", "e"].into_iter().zip(objects) {
            set(key, object);
        }
        let callings = dice.sample(material.callings, 3);
        for (index, (key, calling)) in ["p", "q", "r"].into_iter().zip(callings).enumerate() {
            // Numbers far from those of the named people and the author.
            let number = 7_000_000 + global * 3 + index as u64;
            let (name, _) = names::person(language, seed, number, dice);
            set(key, &format!("{name} ({calling})"));
        }
        set("day", dice.word(material.days));
        set("month", dice.word(material.months));
        set("year", &dice.between(1788, 2009).to_string());
        set("n", &dice.between(4, 19).to_string());
        set("k", &dice.between(21, 98).to_string());
        let n = vec![dice.between(110, 990), dice.between(1100, 9900)];
        Self { town, author, values, n }
    }

    fn fill(&self, line: &str) -> String {
        let mut text = line.to_owned();
        // A value may hold further slots (an act that names the other place): two rounds.
        for _ in 0..2 {
            for (slot, value) in &self.values {
                if text.contains(slot.as_str()) {
                    text = text.replace(slot.as_str(), value);
                }
            }
        }
        text = text.replace("{m}", &self.n[0].to_string());
        text = text.replace("{l}", &self.n[1].to_string());
        capitalised(&text)
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// The words of a title as they stand in an address.
pub(crate) fn slug(title: &str) -> String {
    let mut out = String::new();
    for character in title.to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' => out.push(character),
            'ä' | 'á' => out.push('a'),
            'ö' | 'ó' => out.push('o'),
            'ü' | 'ú' => out.push('u'),
            'é' => out.push('e'),
            'í' => out.push('i'),
            'ñ' => out.push('n'),
            'ß' => out.push_str("ss"),
            _ if !out.ends_with('-') && !out.is_empty() => out.push('-'),
            _ => {}
        }
    }
    let cut = out.char_indices().nth(60).map_or(out.len(), |(at, _)| at);
    let short = out[..cut].trim_end_matches('-');
    short.to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const LANGUAGES: [Language; 3] = [Language::English, Language::German, Language::Spanish];

    fn article(language: Language, global: u64) -> Article {
        let slot = Slot { outlet: 0, serial: global, global, at: 0 };
        write(language, 1, slot)
    }

    fn text(article: &Article) -> String {
        let paragraphs = &article.versions[0].paragraphs;
        let plain: Vec<String> = paragraphs.iter().map(Paragraph::plain).collect();
        plain.join(" ")
    }

    fn shingles(text: &str, length: usize) -> BTreeSet<Vec<String>> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        words.windows(length).map(<[String]>::to_vec).collect()
    }

    #[test]
    fn no_slot_is_left_open_and_the_length_is_that_of_a_short_report() {
        for language in LANGUAGES {
            for global in 0..300 {
                let article = article(language, global);
                let text = text(&article);
                let everything =
                    format!("{} {text} {:?}", article.versions[0].title, article.caption);
                assert!(!everything.contains(['{', '}']), "{everything}");
                let words = text.split_whitespace().count();
                assert!((110..=400).contains(&words), "{words} words: {text}");
            }
        }
    }

    #[test]
    fn the_same_slot_gives_the_same_article_and_another_seed_another_one() {
        let slot = Slot { outlet: 0, serial: 5, global: 5, at: 0 };
        let first = write(Language::German, 1, slot);
        assert_eq!(first, write(Language::German, 1, slot));
        assert_ne!(first, write(Language::German, 2, slot));
    }

    #[test]
    fn two_generated_articles_share_few_phrases_and_no_title() {
        for language in LANGUAGES {
            let texts: Vec<_> =
                (0..100).map(|n| shingles(&text(&article(language, n)), 3)).collect();
            let titles: BTreeSet<String> =
                (0..2000).map(|n| article(language, n).versions[0].title.clone()).collect();
            assert_eq!(titles.len(), 2000);
            let mut worst = 0.0_f64;
            for (index, one) in texts.iter().enumerate() {
                for two in &texts[..index] {
                    let common = one.intersection(two).count() as f64;
                    worst = worst.max(common / (one.len() + two.len()) as f64 * 2.0);
                }
            }
            // Near copies share far more than half of their three-word phrases.
            assert!(worst < 0.35, "{language:?}: {worst}");
        }
    }

    #[test]
    fn towns_do_not_come_twice_among_twenty_thousand() {
        for language in LANGUAGES {
            let towns: BTreeSet<String> = (0..20_000).map(|n| town(language, 3, n)).collect();
            assert_eq!(towns.len(), 20_000, "{language:?}");
        }
    }

    #[test]
    fn addresses_hold_letters_digits_and_hyphens_only() {
        assert_eq!(slug("Größe, ¿sí? – «Ñandú»!"), "grosse-si-nandu");
    }
}
