//! Scores grouping on the labelled sets under `$NEWSWIRE_CORPORA/stories`, as first said on
//! arrival and after joining. `cargo run --release -p publisher --example group_corpus [SET…] [RULE=VALUE…]`
//!
//! `shuffles=N` adds the mean over N other orders of arrival (the order alone moves F1 by a point).
//! `part=0` and `part=1` keep half of the topics (of the groups, where there are no topics), so that a
//! setting can be chosen on one half and judged on the other.
//! `name=value` sets one of the [`publisher::GroupRules`], for trials.
//!
//! B-Cubed, pairwise and adjusted Rand figures; `merged` is the share of pairs of different events
//! of one topic that ended in one group.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program for developers")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use publisher::{GroupRules, OfflineStory, Settings, group};
use serde::Deserialize;

#[derive(Clone, Deserialize)]
struct Gold {
    group: String,
    topic: Option<String>,
    #[serde(flatten)]
    story: OfflineStory,
}

/// The figures of one clustering.
#[derive(Debug, Default)]
struct Score {
    precision: f64,
    recall: f64,
    f1: f64,
    pair_f1: f64,
    rand: f64,
    merged: f64,
    groups: usize,
}

fn score(gold: &[Gold], found: &[String]) -> Score {
    let mut of_gold: BTreeMap<&str, f64> = BTreeMap::new();
    let mut of_found: BTreeMap<&str, f64> = BTreeMap::new();
    let mut of_both: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for (gold, found) in gold.iter().zip(found) {
        *of_gold.entry(&gold.group).or_default() += 1.0;
        *of_found.entry(found).or_default() += 1.0;
        *of_both.entry((&gold.group, found)).or_default() += 1.0;
    }
    let all = gold.len() as f64;
    let mut precision = 0.0;
    let mut recall = 0.0;
    for ((gold, found), both) in &of_both {
        precision += both * both / of_found[found];
        recall += both * both / of_gold[gold];
    }
    (precision, recall) = (precision / all, recall / all);
    let pairs = |count: &f64| count * (count - 1.0) / 2.0;
    let together: f64 = of_both.values().map(pairs).sum();
    let in_gold: f64 = of_gold.values().map(pairs).sum();
    let in_found: f64 = of_found.values().map(pairs).sum();
    let expected = in_gold * in_found / pairs(&all);
    let (mut same_topic, mut merged) = (0u32, 0u32);
    for (index, one) in gold.iter().enumerate() {
        for (other_index, other) in gold.iter().enumerate().skip(index + 1) {
            if one.topic.is_some() && one.topic == other.topic && one.group != other.group {
                same_topic += 1;
                merged += u32::from(found[index] == found[other_index]);
            }
        }
    }
    Score {
        precision,
        recall,
        f1: 2.0 * precision * recall / (precision + recall),
        pair_f1: 2.0 * together / (in_gold + in_found),
        rand: (together - expected) / (f64::midpoint(in_gold, in_found) - expected),
        merged: f64::from(merged) / f64::from(same_topic.max(1)),
        groups: of_found.len(),
    }
}

fn print(name: &str, score: &Score) {
    println!(
        "{name:40} B3 P {:.3} R {:.3} F1 {:.3}  pair F1 {:.3}  ARI {:.3}  merged {:.3}  groups {}",
        score.precision,
        score.recall,
        score.f1,
        score.pair_f1,
        score.rand,
        score.merged,
        score.groups
    );
}

fn found(settings: &Settings, gold: &[Gold], as_published: bool) -> Vec<String> {
    let stories = gold.iter().map(|gold| gold.story.clone());
    group(settings, stories, as_published).unwrap().into_iter().map(|result| result.group).collect()
}

/// The mean of the figures after joining over a number of other orders.
fn mean(settings: &Settings, gold: &[Gold], shuffles: u64) -> Score {
    let mut sum = Score::default();
    for seed in 1..=shuffles {
        let mut gold = gold.to_vec();
        gold.sort_by_key(|gold| events::hash_id(&format!("{seed} {}", gold.story.id)));
        let one = score(&gold, &found(settings, &gold, false));
        let share = 1.0 / shuffles as f64;
        sum.precision += one.precision * share;
        sum.recall += one.recall * share;
        sum.f1 += one.f1 * share;
        sum.pair_f1 += one.pair_f1 * share;
        sum.rand += one.rand * share;
        sum.merged += one.merged * share;
        sum.groups += one.groups / shuffles as usize;
    }
    sum
}

fn set_rule(rules: &mut GroupRules, trial: &str) {
    let (name, value) = trial.split_once('=').unwrap();
    let rule = match name {
        "names_long" => &mut rules.names_long,
        "names_short" => &mut rules.names_short,
        "accept_long" => &mut rules.accept_long,
        "accept_short" => &mut rules.accept_short,
        "size_relief_long" => &mut rules.size_relief_long,
        "size_relief_short" => &mut rules.size_relief_short,
        "join_long" => &mut rules.join_long,
        "join_short" => &mut rules.join_short,
        "no_names_shared_long" => &mut rules.no_names_shared_long,
        "no_names_shared_short" => &mut rules.no_names_shared_short,
        "names_enough" => &mut rules.names_enough,
        "accept_cohesion" => &mut rules.accept_cohesion,
        "join_cohesion" => &mut rules.join_cohesion,
        "sigma_days" => &mut rules.sigma_days,
        _ => panic!("no rule is called {name}"),
    };
    *rule = value.parse().unwrap();
}

fn main() {
    let folder = std::env::var_os("NEWSWIRE_CORPORA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
        PathBuf::from,
    );
    let (trials, mut sets): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word.contains('='));
    let mut settings = Settings::default();
    let mut shuffles = 0;
    let mut part: Option<String> = None;
    for trial in &trials {
        match trial.split_once('=').unwrap() {
            ("shuffles", count) => shuffles = count.parse().unwrap(),
            ("part", which) => part = Some(which.to_owned()),
            _ => set_rule(&mut settings.groups, trial),
        }
    }
    if sets.is_empty() {
        sets = vec!["similar_events".to_owned(), "headlines".to_owned()];
    }
    for set in sets {
        let path = folder.join("stories").join(format!("{set}.jsonl"));
        let Ok(lines) = std::fs::read_to_string(&path) else {
            println!("SKIPPED: no {}; set NEWSWIRE_CORPORA", path.display());
            continue;
        };
        let gold: Vec<Gold> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut gold = gold;
        if let Some(part) = &part {
            gold.retain(|gold| {
                let side = events::hash_id(gold.topic.as_ref().unwrap_or(&gold.group));
                (side.as_bytes()[0] % 2).to_string() == *part
            });
        }
        for (name, as_published) in [("as first said", true), ("after joining", false)] {
            print(&format!("{set}, {name}"), &score(&gold, &found(&settings, &gold, as_published)));
        }
        let stories = gold.iter().map(|gold| gold.story.clone());
        let results = group(&settings, stories, false).unwrap();
        let group_of: BTreeMap<&str, &str> =
            gold.iter().map(|gold| (gold.story.id.as_str(), gold.group.as_str())).collect();
        let copies = results.iter().filter_map(|result| {
            let original = result.duplicate_of.as_deref()?;
            Some(group_of[result.id.as_str()] == group_of[original])
        });
        let (same, other): (Vec<bool>, Vec<bool>) = copies.partition(|is_same| *is_same);
        println!("{set}, copies: {} of the same group, {} of another", same.len(), other.len());
        if shuffles > 0 {
            print(
                &format!("{set}, joined, mean of {shuffles} orders"),
                &mean(&settings, &gold, shuffles),
            );
        }
    }
}
