//! Which group a story belongs to: candidates by the index, a score for each, and a decision of
//! its own whether the best is good enough.

use std::collections::BTreeMap;

use events::Joined;

use crate::frequencies::Frequencies;
use crate::group_index::GroupIndex;
use crate::groups;
use crate::instance::Instance;
use crate::math::{exp2_negative, log2, norm};
use crate::profile::{Profile, UNIT, Weights};
use crate::state::{Records, StateError};
use crate::tally::Tally;
use crate::terms::{Counts, Terms};

/// The tunables of grouping. One default serves bare headlines and full texts: what a decision
/// asks for depends on how much text there is, from a headline (`short`) to
/// a paragraph and more (`long`).
#[derive(Clone, Debug, PartialEq)]
pub struct GroupRules {
    /// Share of the name channel in the score of a story with much text.
    pub names_long: f32,
    /// The same for a bare headline.
    pub names_short: f32,
    /// Score asked of a story with much text.
    pub accept_long: f32,
    /// Score asked of a bare headline.
    pub accept_short: f32,
    /// How much less is asked for each doubling of the group.
    pub size_relief_long: f32,
    /// The same for a bare headline.
    pub size_relief_short: f32,
    /// What is left of the score where both sides have names and share none.
    pub no_names_shared_long: f32,
    /// The same for a bare headline.
    pub no_names_shared_short: f32,
    /// Likeness of names from which on nothing is taken off.
    pub names_enough: f32,
    /// Likeness at which two groups of long texts are one.
    pub join_long: f32,
    /// Likeness at which two groups of headlines are one.
    pub join_short: f32,
    /// Share of the cohesion of a group that is asked of a story (of a bare headline: none).
    pub accept_cohesion: f32,
    /// Share of their cohesion, the lesser one, that is asked of two groups to be one (of groups of
    /// bare headlines: none).
    pub join_cohesion: f32,
    /// Days at which the time factor falls to 0.61.
    pub sigma_days: f32,
}

impl Default for GroupRules {
    fn default() -> Self {
        Self {
            names_long: 0.2,
            names_short: 0.1,
            accept_long: 0.2,
            accept_short: 0.1,
            size_relief_long: 0.02,
            size_relief_short: 0.0,
            no_names_shared_long: 0.4,
            no_names_shared_short: 0.5,
            names_enough: 0.5,
            join_long: 0.4,
            join_short: 0.24,
            accept_cohesion: 0.3,
            join_cohesion: 0.75,
            sigma_days: 3.0,
        }
    }
}

/// From 0 for the terms of a headline (10) to 1 for those of a paragraph (20).
fn much(terms: f32) -> f32 {
    (log2(terms.max(1.0)) - 3.3).clamp(0.0, 1.0)
}

fn between(short: f32, long: f32, much: f32) -> f32 {
    short + much * (long - short)
}

/// Newest groups looked at for one term.
const LOOK_BACK: usize = 400;
/// Strongest terms of a story that are looked up.
const LOOKED_UP: usize = 24;
/// Groups that are compared in full.
const CANDIDATES: usize = 16;
/// Names a side must have for their absence on the other to mean something.
const ENOUGH_NAMES: usize = 3;
/// Names of a short report; beyond, fewer of them need be shared.
const MANY_NAMES: f32 = 12.0;
/// From so many stories on a group's cohesion says something of the event.
const SEVERAL: u32 = 3;
const DAY: f32 = 86_400_000.0;

/// A story as unit vectors.
pub(crate) struct Vectors {
    pub(crate) words: Vec<(u32, f32)>,
    pub(crate) names: Vec<(u32, f32)>,
    /// Distinct terms: how much there is to go by.
    pub(crate) terms: usize,
    /// When what it reports took place, where that can be known.
    pub(crate) event_time: EventTime,
    pub(crate) instance: Instance,
}

/// When a story took place, as far as that can be known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct EventTime {
    /// In milliseconds.
    pub(crate) at: Option<i64>,
    /// Least time factor: what a text says of days is weaker evidence than a stated date.
    pub(crate) floor: f32,
}

impl Vectors {
    pub(crate) fn of(
        terms: &Terms,
        frequencies: &Frequencies,
        event_time: EventTime,
        instance: Instance,
    ) -> Self {
        let language = &terms.language;
        Self {
            words: unit(&terms.words, |word| frequencies.word_weight(language, word)),
            names: unit(&names_of(terms, frequencies), |name| {
                frequencies.name_weight(language, name)
            }),
            terms: terms.words.len(),
            event_time,
            instance,
        }
    }

    pub(crate) fn weights(&self) -> (Weights, Weights) {
        let whole = |vector: &[(u32, f32)]| {
            vector
                .iter()
                .map(|(term, weight)| (*term, (weight * UNIT) as u32))
                .filter(|(_, weight)| *weight > 0)
                .collect()
        };
        (whole(&self.words), whole(&self.names))
    }
}

/// The names of a story, with those that its own capitals leave in doubt and other stories have.
fn names_of(terms: &Terms, frequencies: &Frequencies) -> Counts {
    let known = terms.doubtful.iter().filter(|one| frequencies.is_name(one.name, one.stem));
    let mut names = terms.names.clone();
    names.extend(known.map(|one| (one.name, one.times)));
    names.sort_unstable();
    names
}

fn unit(counts: &Counts, weight: impl Fn(u32) -> f32) -> Vec<(u32, f32)> {
    let mut vector: Vec<(u32, f32)> = counts
        .iter()
        .map(|(term, count)| (*term, (1.0 + log2(f32::from(*count))) * weight(*term)))
        .collect();
    let length = norm(vector.iter().map(|(_, weight)| weight * weight).sum());
    if length > 0.0 {
        for (_, weight) in &mut vector {
            *weight /= length;
        }
    }
    vector
}

/// A group that a story may belong to.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) number: u32,
    pub(crate) score: f32,
    pub(crate) words: f32,
    pub(crate) names: f32,
    pub(crate) time: f32,
    /// How much less is asked because of the group's size.
    relief: f32,
    /// What is asked at least, since the group's own stories are so alike.
    floor: f32,
}

impl Candidate {
    /// A group chosen without a comparison of terms: the original's.
    pub(crate) fn of_original(number: u32) -> Self {
        Self { number, score: 1.0, words: 1.0, names: 1.0, time: 1.0, relief: 0.0, floor: 0.0 }
    }

    /// Why a story joined, for people.
    pub(crate) fn joined(&self, story: &str) -> Joined {
        let rounded = |value: f32| (f64::from(value) * 1000.0).round() / 1000.0;
        let scores = [
            ("names", self.names),
            ("score", self.score),
            ("time", self.time),
            ("words", self.words),
        ];
        Joined {
            story: Some(story.to_owned()),
            scores: scores
                .into_iter()
                .map(|(name, value)| (name.to_owned(), rounded(value)))
                .collect::<BTreeMap<_, _>>(),
        }
    }
}

/// The groups that a story may belong to, best first.
pub(crate) fn candidates(
    state: &dyn Records,
    index: &GroupIndex,
    tally: &mut Tally,
    vectors: &Vectors,
    rules: &GroupRules,
) -> Result<Vec<Candidate>, StateError> {
    let share = between(rules.names_short, rules.names_long, much(vectors.terms as f32));
    tally.begin();
    for (word, weight) in looked_up(&vectors.words) {
        for number in index.with_word(word).take(LOOK_BACK) {
            tally.add(number, (1.0 - share) * weight * weight);
        }
    }
    for (name, weight) in looked_up(&vectors.names) {
        for number in index.with_name(name).take(LOOK_BACK) {
            tally.add(number, share * weight * weight);
        }
    }
    let rough = tally.largest(CANDIDATES);
    let mut ranked = Vec::with_capacity(rough.len());
    for number in rough {
        if let Some(profile) = groups::profile(state, number)? {
            ranked.push(score(number, vectors, &profile, rules));
        }
    }
    ranked.sort_unstable_by(|one, two| {
        two.score.total_cmp(&one.score).then(one.number.cmp(&two.number))
    });
    Ok(ranked)
}

fn looked_up(vector: &[(u32, f32)]) -> Vec<(u32, f32)> {
    let mut strongest = vector.to_vec();
    let by_weight =
        |one: &(u32, f32), two: &(u32, f32)| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0));
    if strongest.len() > LOOKED_UP {
        strongest.select_nth_unstable_by(LOOKED_UP, by_weight);
        strongest.truncate(LOOKED_UP);
    }
    strongest.sort_unstable_by(by_weight);
    strongest
}

fn score(number: u32, vectors: &Vectors, profile: &Profile, rules: &GroupRules) -> Candidate {
    let much = much(vectors.terms as f32);
    let share = between(rules.names_short, rules.names_long, much);
    let words = cosine(&vectors.words, &profile.words);
    let names = cosine(&vectors.names, &profile.names);
    let time = time_factor(vectors.event_time.at, profile, rules).max(vectors.event_time.floor);
    let content = if vectors.names.is_empty() || profile.names.is_empty() {
        words
    } else {
        (1.0 - share) * words + share * names
    };
    let mut content =
        content * names_factor(vectors.names.len(), profile.names.len(), names, rules, much);
    if profile.is_another_instance(&[vectors.instance]) {
        content = 0.0;
    }
    let relief = between(rules.size_relief_short, rules.size_relief_long, much);
    let relief = relief * log2(profile.size.clamp(1, 64) as f32);
    // A bare headline has too few words for that.
    let says_more = profile.size >= SEVERAL && much > 0.0;
    let floor = if says_more { rules.accept_cohesion * cohesion(profile) } else { 0.0 };
    Candidate { number, score: content * time, words, names, time, relief, floor }
}

/// Two courts, two quakes, two matches: the same words with other names are another event.
fn names_factor(own: usize, others: usize, names: f32, rules: &GroupRules, much: f32) -> f32 {
    if own < ENOUGH_NAMES || others < ENOUGH_NAMES {
        return 1.0;
    }
    // A long text names many people and places that another report of the event does not.
    let enough = rules.names_enough / (own.min(others) as f32 / MANY_NAMES).max(1.0);
    let shared = (names / enough).clamp(0.0, 1.0);
    let none = between(rules.no_names_shared_short, rules.no_names_shared_long, much);
    between(none, 1.0, shared)
}

/// How likely a story of that time still belongs to the group: Gaussian on the distance to the
/// time that the group spans. Where a time is not known it says nothing.
fn time_factor(event_time: Option<i64>, profile: &Profile, rules: &GroupRules) -> f32 {
    let (Some(time), Some((oldest, newest))) = (event_time, profile.span) else {
        return 1.0;
    };
    let distance = (oldest - time).max(time - newest).max(0) as f32 / DAY;
    let ratio = distance / rules.sigma_days;
    // exp(-r²/2) as a power of two.
    exp2_negative(-ratio * ratio * 0.721_35)
}

fn length(weights: &Weights) -> f32 {
    norm(weights.iter().map(|(_, weight)| (*weight as f32) * (*weight as f32)).sum())
}

fn cosine(unit: &[(u32, f32)], weights: &Weights) -> f32 {
    let (mut at, mut product) = (0, 0.0f32);
    for (term, weight) in unit {
        while at < weights.len() && weights[at].0 < *term {
            at += 1;
        }
        if at < weights.len() && weights[at].0 == *term {
            product += weight * weights[at].1 as f32;
        }
    }
    product / length(weights).max(1.0)
}

/// Whether the best candidate is good enough: less text, less can be shared.
pub(crate) fn is_accepted(candidate: &Candidate, vectors: &Vectors, rules: &GroupRules) -> bool {
    let asked = between(rules.accept_short, rules.accept_long, much(vectors.terms as f32));
    candidate.score >= (asked - candidate.relief).max(candidate.floor)
}

/// Groups that are compared with the one a story has just joined.
pub(crate) const JOIN_CANDIDATES: usize = 4;

/// Whether two groups are one.
pub(crate) fn are_one(one: &Profile, other: &Profile, rules: &GroupRules) -> bool {
    let much = much(one.mean_terms().min(other.mean_terms()));
    let asked = between(rules.join_short, rules.join_long, much);
    // Two events of one kind: each group is of one mind, and they are not of one.
    let says_more = one.size.min(other.size) >= 2 && much > 0.0;
    let floor =
        if says_more { rules.join_cohesion * cohesion(one).min(cohesion(other)) } else { 0.0 };
    !one.is_another_instance(&other.instances)
        && likeness(one, other, rules, much) >= asked.max(floor)
}

/// How alike the stories of a group are: the mean likeness of their words to what they have in
/// common, 1 where all say the same. For unit vectors that is the length of their mean. It is said
/// too low rather than too high: only the strongest words are kept, and copies count in the size
/// alone.
fn cohesion(profile: &Profile) -> f32 {
    length(&profile.words) / (UNIT * profile.size.max(1) as f32)
}

/// How alike two groups are.
fn likeness(one: &Profile, other: &Profile, rules: &GroupRules, much: f32) -> f32 {
    let share = between(rules.names_short, rules.names_long, much);
    let as_unit = |weights: &Weights| {
        let length = length(weights).max(1.0);
        weights.iter().map(|(term, weight)| (*term, *weight as f32 / length)).collect::<Vec<_>>()
    };
    let words = cosine(&as_unit(&one.words), &other.words);
    let names = cosine(&as_unit(&one.names), &other.names);
    let content = if one.names.is_empty() || other.names.is_empty() {
        words
    } else {
        (1.0 - share) * words + share * names
    };
    let content = content * names_factor(one.names.len(), other.names.len(), names, rules, much);
    let (oldest, newest) = (one.span.map(|span| span.0), one.span.map(|span| span.1));
    content * time_factor(newest, other, rules).max(time_factor(oldest, other, rules))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frequencies::Counted;
    use crate::lexicon::Lexicon;
    use crate::reading::Reading;

    /// A group of two texts of equal length, as the sum of their words.
    fn pair(words: &[(u32, u32)]) -> Profile {
        Profile { is_open: true, size: 2, terms: 80, words: words.to_vec(), ..Profile::default() }
    }

    #[test]
    fn a_headlines_names_are_those_that_other_stories_have() {
        let of = |title: &str, text: &str| {
            Reading::of(&mut Lexicon::default(), Some(title), text, Some("en")).terms
        };
        let headline = of("Witkoff Visits Velmora Amid Growing Doubts", "");
        let mut frequencies = Frequencies::default();
        let names = |frequencies: &Frequencies| names_of(&headline, frequencies).len();
        assert_eq!((names(&frequencies), headline.doubtful.len()), (0, 6), "capitals say nothing");
        frequencies.add(&Counted::of(
            1,
            &of("", "Then Steve Witkoff left the old city of Velmora by train."),
        ));
        assert_eq!(names(&frequencies), 2);
        // A surname that is nearly always a mere word.
        frequencies
            .add(&Counted::of(1, &of("", "In the evening the judge heard what Jane Doubts said.")));
        for _ in 0..10 {
            frequencies.add(&Counted::of(1, &of("", "There are doubts.")));
        }
        assert_eq!(names(&frequencies), 2);
        // What the story itself has without a capital is none.
        let headline = of("Witkoff Visits Velmora", "No witkoff was seen.");
        assert_eq!(names_of(&headline, &frequencies).len(), 1);
    }

    #[test]
    fn cohesion_is_one_where_all_say_the_same() {
        let unit = UNIT as u32;
        assert!((cohesion(&pair(&[(1, 2 * unit)])) - 1.0).abs() < 0.01);
        // Nothing in common: the mean of two vectors at a right angle.
        assert!((cohesion(&pair(&[(1, unit), (2, unit)])) - 0.707).abs() < 0.01);
    }

    #[test]
    fn two_tight_groups_near_each_other_are_two_events_and_two_loose_ones_are_one() {
        let rules = GroupRules::default();
        // All texts of a group say the same; half of that the other group says, too.
        let tight = [pair(&[(1, 1448), (2, 1448)]), pair(&[(1, 1448), (3, 1448)])];
        assert!(likeness(&tight[0], &tight[1], &rules, 1.0) > rules.join_long);
        assert!(!are_one(&tight[0], &tight[1], &rules));
        // Any two texts have half in common, be they of one group or of both.
        let loose =
            [pair(&[(1, 1448), (2, 724), (3, 724)]), pair(&[(1, 1448), (4, 724), (5, 724)])];
        assert!(are_one(&loose[0], &loose[1], &rules));
    }
}
