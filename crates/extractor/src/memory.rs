//! What is learned of a site by seeing many of its pages: lines and places that come again are
//! furniture, and title, byline and date keep to their places.
//!
//! Order of input decides, nothing else: no clock, no randomness. What is remembered is bounded,
//! and what is not seen again is forgotten, so that a redesign is learned like a new site. A page
//! is judged by what was learned before it, then learned from. The same address is learned from
//! once only: an article that is fetched again would make furniture of itself.

use std::collections::{BTreeMap, BTreeSet};

use events::{ArticleContent, SkipReason};

use crate::draft::Draft;
use crate::render::{Block, Kind};
use crate::seen::{Seen, Stands};
use crate::sketch::{Candidate, Place, Role, Sketch, hash_of, hash_of_address};
use crate::{Extracted, authors, count_words, serialise};

/// Most lines remembered of a site.
pub(crate) const MAX_LINES: usize = 900;
/// Most places of blocks remembered.
pub(crate) const MAX_PLACES: usize = 96;
/// Most places of titles, bylines and dates remembered.
pub(crate) const MAX_SPOTS: usize = 64;
/// How many addresses and titles are remembered.
pub(crate) const MAX_RECENT: usize = 96;
/// After this many pages without it something is forgotten.
const FORGOTTEN_AFTER: u32 = 60;
/// At so many sightings a place's counts are halved, so that the past weighs less and less.
const HALVED_AT: u32 = 48;
/// Longest block that is compared with other articles' titles, in words.
const MAX_TITLE_WORDS: u32 = 30;
/// Longest block that is a line rather than a paragraph, in words.
const MAX_LINE_WORDS: u32 = 12;

/// A line that was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// In how many articles.
    pub(crate) count: u32,
    /// Number of the first article with it, and of the last.
    pub(crate) first: u32,
    pub(crate) last: u32,
}

/// What stood at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PlaceRecord {
    pub(crate) articles: u32,
    pub(crate) blocks: u32,
    /// Blocks that turned out to be furniture by what they say.
    pub(crate) furniture: u32,
    pub(crate) last: u32,
}

/// How often a place held what it may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) hits: u32,
    pub(crate) misses: u32,
    pub(crate) last: u32,
}

/// How often a line must have been seen to be furniture.
struct Least {
    /// In so many articles.
    count: u32,
    /// In so many of ten since it was first seen.
    of_ten: u32,
    /// Up to so many articles of the design from before count as if it had been missing there.
    window: u32,
}

/// What is known of a site. Small (at most some 25 kB encoded), a pure value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteMemory {
    /// Articles learned from.
    pub(crate) articles: u32,
    pub(crate) lines: BTreeMap<u32, Line>,
    pub(crate) places: BTreeMap<Place, PlaceRecord>,
    pub(crate) spots: BTreeMap<(u8, Place), Spot>,
    /// Addresses of the last articles, oldest first.
    pub(crate) addresses: Vec<u32>,
    /// Their titles.
    pub(crate) titles: Vec<u32>,
}

/// What the memory did to an article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Blocks taken out.
    pub blocks: u32,
    /// Words in them.
    pub words: u32,
    /// Title, authors or date filled in from where the site keeps them.
    pub filled: u32,
}

impl SiteMemory {
    /// Number of articles learned from so far.
    pub fn articles(&self) -> u32 {
        self.articles
    }

    /// Finishes a draft: takes out what is known to be furniture of the site, fills in what is
    /// missing from where the site keeps it, and learns from the page. `address` is the article's
    /// canonical address or another name of it that stays the same when it is fetched again.
    pub fn finish(&mut self, draft: Draft, address: &str) -> (Extracted, Applied) {
        let Draft { extracted, sketch, .. } = draft;
        let Extracted::Article(mut content) = extracted else {
            return (extracted, Applied::default());
        };
        let mut applied = Applied::default();
        let seen = Seen::new(&sketch.blocks, content.publisher.name.as_deref());
        let furniture = self.judge(&seen, &content);
        let address = hash_of_address(address);
        let again = self.addresses.contains(&address);
        let filled = self.fill(&sketch, &mut content);
        if !again {
            self.learn(&seen, &furniture, &sketch, &content, address);
        }
        applied.filled = filled;
        if furniture.iter().any(|verdict| verdict.out) {
            let mut kept: Vec<Block> = Vec::with_capacity(sketch.blocks.len());
            for (block, verdict) in sketch.blocks.into_iter().zip(&furniture) {
                if verdict.out {
                    applied.blocks += 1;
                    applied.words += count_words(&block.text);
                } else {
                    kept.push(block);
                }
            }
            while kept.last().is_some_and(|last| matches!(last.kind, Kind::Heading(_))) {
                kept.pop();
            }
            content.text = serialise::text(&kept);
            content.words = count_words(&content.text);
            content.html = Some(serialise::html(&kept));
            if content.words < sketch.least_words {
                let detail = format!(
                    "{} words of running text beside what every page of the site has",
                    content.words
                );
                return (Extracted::Skipped { reason: SkipReason::NotAnArticle, detail }, applied);
            }
        }
        (Extracted::Article(content), applied)
    }

    /// Which blocks are furniture by what is known.
    fn judge(&self, seen: &Seen<'_>, content: &ArticleContent) -> Vec<Verdict> {
        let none = || vec![Verdict::default(); seen.blocks.len()];
        if self.articles < 2 {
            return none();
        }
        let own_title = content.title.as_deref().map(hash_of);
        let mut verdicts: Vec<Verdict> = (0..seen.blocks.len())
            .map(|index| {
                let by_text = self.is_known(seen, index)
                    || self.is_template(seen, index)
                    || self.is_title_of_another(seen, index, own_title);
                Verdict { by_text, out: by_text }
            })
            .collect();
        // What stands below the title of another article belongs to it.
        for index in 1..verdicts.len() {
            let before = &seen.blocks[index - 1];
            let heads = matches!(before.kind, Kind::Heading(_)) && verdicts[index - 1].by_text;
            let block = &seen.blocks[index];
            if heads && block.place != seen.body && !matches!(block.kind, Kind::Heading(_)) {
                verdicts[index] = Verdict { by_text: true, out: true };
            }
        }
        // A copy of another article of the site knows all its paragraphs from there.
        let body: Vec<usize> =
            (0..seen.blocks.len()).filter(|index| seen.blocks[*index].place == seen.body).collect();
        let known = body.iter().filter(|index| self.lines.contains_key(&seen.hashes[**index]));
        if body.len() >= 3 && known.count() * 10 >= body.len() * 6 {
            for index in body {
                verdicts[index] = Verdict::default();
            }
        }
        for (index, verdict) in verdicts.iter_mut().enumerate() {
            verdict.out = verdict.out || self.is_furniture_place(seen, index);
        }
        // Never all of it.
        let left: u32 = (0..seen.blocks.len())
            .filter(|index| !verdicts[*index].out)
            .map(|index| seen.words[index])
            .sum();
        if left * 5 < seen.total { none() } else { verdicts }
    }

    /// The same words in other articles of the site.
    ///
    /// Agencies and editors repeat the background of a story word by word, so that a paragraph in
    /// the flow of the body is reporting until it has come again on a good part of all pages of
    /// this design; sooner where it speaks of the outlet or is mostly links, and at the edges of
    /// the body, where signatures stand.
    fn is_known(&self, seen: &Seen<'_>, index: usize) -> bool {
        let Some(line) = self.lines.get(&seen.hashes[index]) else {
            return false;
        };
        let is_long = seen.words[index] > MAX_LINE_WORDS;
        let least = match (seen.stands(index), is_long, seen.points_away(index)) {
            (Stands::Outside, true, _) => Least { count: 2, of_ten: 1, window: 0 },
            (Stands::Outside, false, _) | (_, false, true) => {
                Least { count: 2, of_ten: 0, window: 0 }
            }
            (Stands::Between, true, _) => Least { count: 3, of_ten: 3, window: 5 },
            (Stands::Between | Stands::Edge, false, false) => {
                Least { count: 2, of_ten: 2, window: 5 }
            }
            (Stands::Edge, true, true) => Least { count: 2, of_ten: 3, window: 5 },
            (Stands::Edge, true, false) => Least { count: 3, of_ten: 5, window: 10 },
            (Stands::Inside, true, true) => Least { count: 3, of_ten: 3, window: 10 },
            (Stands::Inside, true, false) => Least { count: 5, of_ten: 5, window: 20 },
            // Words between paragraphs, answers, and headings like "Background".
            (Stands::Inside, false, false) => Least { count: 4, of_ten: 4, window: 10 },
        };
        self.comes_again(line, seen, &least)
    }

    /// Whether a line has been seen often enough: so many times, and on so great a part of the
    /// articles since it was first seen. Where the design is older than the line, some of the
    /// articles before count as well: two neighbouring articles of one event are no habit.
    fn comes_again(&self, line: &Line, seen: &Seen<'_>, least: &Least) -> bool {
        let since = self.articles - line.first + 1;
        let of_design = self.places.get(&seen.body).map_or(0, |place| place.articles);
        let window = since.max(of_design.min(least.window)).max(least.window.min(5));
        line.count >= least.count
            && u64::from(line.count) * 10 >= u64::from(least.of_ten) * u64::from(window)
    }

    /// Lines that begin or end alike at the edges and outside of the body: "Jane Doe is a reporter
    /// at The Post", "Related: …".
    fn is_template(&self, seen: &Seen<'_>, index: usize) -> bool {
        if !seen.has_templates(index) {
            return false;
        }
        // Leads begin with the same place and agency again and again.
        let may_be_a_lead = seen.stands(index) == Stands::Edge
            && seen.words[index] > MAX_LINE_WORDS
            && !seen.points_away(index);
        let least = if may_be_a_lead {
            Least { count: 5, of_ten: 8, window: 5 }
        } else {
            Least { count: 3, of_ten: 5, window: 0 }
        };
        seen.templates(index).into_iter().flatten().any(|hash| {
            self.lines.get(&hash).is_some_and(|line| self.comes_again(line, seen, &least))
        })
    }

    fn is_title_of_another(&self, seen: &Seen<'_>, index: usize, own: Option<u32>) -> bool {
        let words = seen.words[index];
        if !(3..=MAX_TITLE_WORDS).contains(&words)
            || seen.is_inside(index) && !seen.is_linked(index)
        {
            return false;
        }
        // Alone, behind "Read too:" and the like, or numbered.
        let text = seen.blocks[index].text.as_str();
        let behind = text.split_once(": ").map(|(_, rest)| hash_of(rest));
        let numbered = text.trim_start_matches(|c: char| !c.is_alphabetic());
        [Some(seen.hashes[index]), behind, Some(hash_of(numbered))]
            .into_iter()
            .flatten()
            .any(|hash| own != Some(hash) && self.titles.contains(&hash))
    }

    fn is_furniture_place(&self, seen: &Seen<'_>, index: usize) -> bool {
        let place = seen.blocks[index].place;
        if place == seen.body || seen.words_at(place) * 10 > seen.total * 3 {
            return false;
        }
        self.places
            .get(&place)
            .is_some_and(|known| known.articles >= 3 && known.furniture * 10 >= known.blocks * 6)
    }

    fn learn(
        &mut self,
        seen: &Seen<'_>,
        verdicts: &[Verdict],
        sketch: &Sketch,
        content: &ArticleContent,
        address: u32,
    ) {
        self.articles = self.articles.saturating_add(1);
        let now = self.articles;
        let mut hashes: BTreeSet<u32> = BTreeSet::new();
        for index in 0..seen.blocks.len() {
            hashes.insert(seen.hashes[index]);
            if seen.has_templates(index) {
                hashes.extend(seen.templates(index).into_iter().flatten());
            }
        }
        for hash in hashes {
            let line = self.lines.entry(hash).or_insert(Line { count: 0, first: now, last: now });
            line.count += 1;
            line.last = now;
        }
        let mut places: BTreeMap<Place, (u32, u32)> = BTreeMap::new();
        for (block, verdict) in seen.blocks.iter().zip(verdicts) {
            let (blocks, furniture) = places.entry(block.place).or_default();
            *blocks += 1;
            *furniture += u32::from(verdict.by_text);
        }
        for (place, (blocks, furniture)) in places {
            let known = self.places.entry(place).or_default();
            if known.articles >= HALVED_AT {
                known.articles /= 2;
                known.blocks /= 2;
                known.furniture /= 2;
            }
            known.articles += 1;
            known.blocks += blocks;
            known.furniture += furniture;
            known.last = now;
        }
        self.learn_spots(sketch, content);
        remember(&mut self.addresses, address);
        if let Some(title) = content.title.as_deref().filter(|title| count_words(title) >= 3) {
            remember(&mut self.titles, hash_of(title));
        }
        self.forget();
    }

    fn learn_spots(&mut self, sketch: &Sketch, content: &ArticleContent) {
        let now = self.articles;
        for candidate in &sketch.candidates {
            let certain = match candidate.role {
                Role::Title => sketch.certain.title,
                Role::Byline => sketch.certain.authors,
                Role::Date => sketch.certain.published,
            };
            if !certain {
                continue;
            }
            let holds = match candidate.role {
                Role::Title => content
                    .title
                    .as_deref()
                    .is_some_and(|title| hash_of(title) == hash_of(&candidate.text)),
                Role::Byline => same_people(&people(candidate), &content.authors),
                Role::Date => match (candidate.at, content.published_at) {
                    (Some(one), Some(two)) => one.millis_since(two).abs() < 86_400_000,
                    _ => false,
                },
            };
            let spot = self.spots.entry((candidate.role as u8, candidate.place)).or_default();
            if spot.hits + spot.misses >= HALVED_AT {
                spot.hits /= 2;
                spot.misses /= 2;
            }
            spot.hits += u32::from(holds);
            spot.misses += u32::from(!holds);
            spot.last = now;
        }
    }

    /// What the page left open is read where the site keeps it.
    fn fill(&self, sketch: &Sketch, content: &mut ArticleContent) -> u32 {
        let best = |role: Role| {
            sketch
                .candidates
                .iter()
                .filter(|candidate| candidate.role == role)
                .filter_map(|candidate| {
                    let spot = self.spots.get(&(role as u8, candidate.place))?;
                    (spot.hits >= 3 && spot.hits > spot.misses * 3)
                        .then_some((spot.hits, candidate))
                })
                // The first of the surest.
                .reduce(|best, next| if next.0 > best.0 { next } else { best })
                .map(|(_, candidate)| candidate)
        };
        let mut filled = 0;
        if !sketch.certain.title
            && let Some(candidate) = best(Role::Title)
            && content.title.as_deref() != Some(&candidate.text)
        {
            content.title = Some(candidate.text.clone());
            filled += 1;
        }
        if !sketch.certain.authors
            && let Some(candidate) = best(Role::Byline)
        {
            let people = people(candidate);
            if !people.is_empty() && people != content.authors {
                content.authors = people;
                filled += 1;
            }
        }
        if !sketch.certain.published
            && let Some(at) = best(Role::Date).and_then(|candidate| candidate.at)
            && content.published_at != Some(at)
        {
            content.published_at = Some(at);
            content.published_at_source = events::PublishedAtSource::Page;
            content.modified_at = content.modified_at.filter(|modified| *modified >= at);
            filled += 1;
        }
        filled
    }

    /// Keeps within the bounds: what was seen once and long ago goes first.
    fn forget(&mut self) {
        let oldest = self.articles.saturating_sub(FORGOTTEN_AFTER);
        self.lines.retain(|_, line| line.last > oldest);
        self.places.retain(|_, place| place.last > oldest);
        self.spots.retain(|_, spot| spot.last > oldest);
        trim(&mut self.lines, MAX_LINES, |line| (line.count.min(3), line.last));
        trim(&mut self.places, MAX_PLACES, |place| (place.articles.min(3), place.last));
        trim(&mut self.spots, MAX_SPOTS, |spot| (spot.hits.min(3), spot.last));
    }
}

/// What is thought of a block.
#[derive(Clone, Copy, Debug, Default)]
struct Verdict {
    /// Furniture by what it says: places are learned from this.
    by_text: bool,
    /// Furniture.
    out: bool,
}

fn remember(list: &mut Vec<u32>, hash: u32) {
    list.retain(|known| *known != hash);
    list.push(hash);
    if list.len() > MAX_RECENT {
        list.remove(0);
    }
}

/// Removes the least of a map until it is within its bound; ties go by key.
fn trim<K: Copy + Ord, V>(map: &mut BTreeMap<K, V>, most: usize, worth: impl Fn(&V) -> (u32, u32)) {
    if map.len() <= most {
        return;
    }
    let mut order: Vec<((u32, u32), K)> =
        map.iter().map(|(key, value)| (worth(value), *key)).collect();
    order.sort_unstable();
    // Some room, so that this is not done for every page.
    for (_, key) in order.iter().take(map.len() - most + most / 8) {
        map.remove(key);
    }
}

fn people(candidate: &Candidate) -> Vec<String> {
    authors::people(std::slice::from_ref(&candidate.text))
}

fn same_people(one: &[String], two: &[String]) -> bool {
    !one.is_empty() && one.len() == two.len() && one.iter().all(|name| two.contains(name))
}
