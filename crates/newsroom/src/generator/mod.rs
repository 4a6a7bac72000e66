//! Articles without end, put together from sentence material by a seed. Each is about places and
//! people of its own, so that no two of them are copies of each other or belong to one event.

mod english;
mod german;
mod names;
mod spanish;

use crate::article::{Article, Language, Paragraph, Reach, Version};
use crate::random::{Dice, mix, permuted};

pub(crate) use names::town;

/// The months that sentences name: the first ten, as the figures in docs/benchmarks.md are of texts
/// with these.
const fn named(months: &'static [&'static str; 12]) -> &'static [&'static str] {
    months.split_at(10).0
}

/// Sentence material of one language. `{…}` is filled in. The same all through an article: `town`,
/// `other` (a second place), `one` and `two` (full names), `one_last`, `two_last`, `thing`,
/// `Thing` (with a capital), `act`, `cause`, `cause2`, `office`, `office2`. Another one each time:
/// `object`, `person` (with a calling; three in an article), `group`, `mood`, `day`, `month`,
/// `year`, and numbers by size: `n`, `k`, `m`, `l`.
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
    /// Sentences that list objects; an article has one.
    inventories: &'static [&'static str],
    /// Sentences that list people; an article has one.
    rolls: &'static [&'static str],
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
    let mut draft = Draft::new(language, seed, slot.global);
    let title = draft.take(material.titles, 1).concat();
    let lead = draft.take(material.leads, 1).concat();
    let facts = draft.take(material.facts, 3);
    let quotes = draft.take(material.quotes, 2);
    let figures = draft.take(material.figures, 2);
    let doubts = draft.take(material.doubts, 2);
    let outlooks = draft.take(material.outlooks, 1);
    let inventory = draft.take(material.inventories, 1).concat();
    let roll = draft.take(material.rolls, 1).concat();
    let caption = draft.take(material.captions, 1).concat();
    let paragraphs = [
        lead.clone(),
        facts[..2].join(" "),
        format!("{} {}", quotes[0], inventory),
        format!("{} {} {}", figures[0], facts[2], figures[1]),
        format!("{} {} {}", roll, doubts[0], quotes[1]),
        format!("{} {}", doubts[1], outlooks[0]),
    ];
    let with_picture = draft.dice.below(3) == 0;
    Article {
        outlet: slot.outlet,
        // The serial at the end finds the article again without a list of all of them.
        slug: format!("{}-{}", slug(&title), slot.serial),
        number: FIRST_NUMBER + slot.serial,
        author: draft.author.clone(),
        section: draft.dice.word(material.sections).to_owned(),
        tags: vec![draft.town.clone()],
        caption: with_picture.then_some(caption),
        event: None,
        copy_of: None,
        reach: Reach::Page,
        withdrawn_at: None,
        versions: vec![Version {
            at: slot.at,
            title,
            summary: lead,
            paragraphs: paragraphs.iter().map(|text| Paragraph::read(text)).collect(),
        }],
    }
}

/// What is drawn for an article: once for the names and the matter, anew for each number, object
/// and passer-by.
struct Draft {
    town: String,
    author: String,
    fixed: Vec<(&'static str, String)>,
    material: &'static Material,
    /// Shuffled; taken from the end, so that nothing is named twice.
    objects: Vec<&'static str>,
    groups: Vec<&'static str>,
    moods: Vec<&'static str>,
    people: Vec<String>,
    dice: Dice,
}

/// People of one article: two who speak, the author, three for the lists.
const PEOPLE: u64 = 6;

impl Draft {
    fn new(language: Language, seed: u64, global: u64) -> Self {
        let material = material(language);
        let mut dice = Dice::new(mix(seed) ^ mix(global));
        let town = names::town(language, seed, global * 2);
        let other = names::town(language, seed, global * 2 + 1);
        let mut people: Vec<(String, String)> = (0..PEOPLE)
            .map(|index| names::person(language, seed, global * PEOPLE + index, &mut dice))
            .collect();
        let (author, _) = people.swap_remove(2);
        let (one, two) = (people.remove(0), people.remove(0));
        let callings = dice.sample(material.callings, people.len());
        let people = people.iter().zip(callings);
        // Shuffled over all pairs like the names: a headline comes again after all others only.
        let pairs = (material.things.len() * material.acts.len()) as u64;
        let pair = permuted(global % pairs, pairs, seed) as usize;
        let thing = material.things[pair % material.things.len()];
        let causes = dice.sample(material.causes, 2);
        let offices = dice.sample(material.offices, 2);
        let fixed = vec![
            ("town", town.clone()),
            ("other", other),
            ("one", one.0),
            ("one_last", one.1),
            ("two", two.0),
            ("two_last", two.1),
            ("thing", thing.to_owned()),
            ("Thing", capitalised(thing)),
            ("act", material.acts[pair / material.things.len()].to_owned()),
            ("cause", causes[0].to_string()),
            ("cause2", causes[1].to_string()),
            ("office", offices[0].to_string()),
            ("office2", offices[1].to_string()),
        ];
        let mut shuffled = |words: &'static [&'static str]| -> Vec<&'static str> {
            dice.sample(words, words.len()).into_iter().copied().collect()
        };
        Self {
            town,
            author,
            fixed,
            material,
            objects: shuffled(material.objects),
            groups: shuffled(material.groups),
            moods: shuffled(material.moods),
            people: people.map(|((name, _), calling)| format!("{name} ({calling})")).collect(),
            dice,
        }
    }

    /// `count` sentences of a kind, filled in.
    fn take(&mut self, sentences: &[&'static str], count: usize) -> Vec<String> {
        let chosen: Vec<&str> = self.dice.sample(sentences, count).into_iter().copied().collect();
        chosen.into_iter().map(|line| capitalised(&self.fill(line))).collect()
    }

    fn fill(&mut self, line: &str) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some((before, (slot, after))) =
            rest.split_once('{').and_then(|(before, from)| Some((before, from.split_once('}')?)))
        {
            out.push_str(before);
            match self.value(slot) {
                // A value may hold slots of its own (an act that names the other place).
                Some(value) => out.push_str(&self.fill(&value)),
                None => out.push_str(&format!("{{{slot}}}")),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn value(&mut self, slot: &str) -> Option<String> {
        let number = |dice: &mut Dice, low, high| Some(dice.between(low, high).to_string());
        match slot {
            "n" => number(&mut self.dice, 4, 19),
            "k" => number(&mut self.dice, 21, 98),
            "m" => number(&mut self.dice, 110, 990),
            "l" => number(&mut self.dice, 1100, 9900),
            "year" => number(&mut self.dice, 1788, 2009),
            "day" => Some(self.dice.word(self.material.days).to_owned()),
            "month" => Some(self.dice.word(self.material.months).to_owned()),
            "object" => self.objects.pop().map(str::to_owned),
            "group" => self.groups.pop().map(str::to_owned),
            "mood" => self.moods.pop().map(str::to_owned),
            "person" => self.people.pop(),
            _ => {
                let found = self.fixed.iter().find(|(name, _)| *name == slot);
                found.map(|(_, value)| value.clone())
            }
        }
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
