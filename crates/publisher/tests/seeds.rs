//! The five seed texts: four report one meeting in December, one another meeting in April.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use std::path::PathBuf;

use publisher::{OfflineStory, Settings, group};

/// Files and their dates; the third is the April text.
const SEEDS: [(&str, &str); 5] = [
    ("000_ad198729c337eedf", "2025-12-02T16:40:00Z"),
    ("001_d394662c7e3f1849", "2025-12-02T12:00:00Z"),
    ("002_7bedc7d4400a312a", "2025-04-26T09:12:00Z"),
    ("003_44e599e6bb9009ec", "2025-12-02T10:20:00Z"),
    ("004_977f9cb43faa37fc", "2025-12-02T08:00:00Z"),
];

fn seeds(is_dated: bool) -> Option<Vec<OfflineStory>> {
    let corpora = std::env::var_os("NEWSWIRE_CORPORA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
        PathBuf::from,
    );
    let folder = corpora.join("../samples/seeds");
    let mut stories = Vec::new();
    for (name, date) in SEEDS {
        let Ok(text) = std::fs::read_to_string(folder.join(format!("{name}.txt"))) else {
            eprintln!("SKIPPED: no {name}.txt under {}; set NEWSWIRE_CORPORA", folder.display());
            return None;
        };
        stories.push(OfflineStory {
            id: name.to_owned(),
            text: Some(text),
            published_at: is_dated.then(|| date.parse().unwrap()),
            language: Some("en".to_owned()),
            ..OfflineStory::default()
        });
    }
    Some(stories)
}

fn orders() -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for _ in 0..5 {
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..5)
                    .filter(|next| !order.contains(next))
                    .map(|next| [order.clone(), vec![next]].concat())
                    .collect::<Vec<_>>()
            })
            .collect();
    }
    orders
}

#[test]
fn the_december_texts_are_one_group_and_the_april_text_another_in_any_order() {
    let Some(stories) = seeds(true) else { return };
    for order in orders() {
        let arrived = order.iter().map(|index| stories[*index].clone());
        let results = group(&Settings::default(), arrived, false).unwrap();
        let mut groups = [""; 5];
        order.iter().zip(&results).for_each(|(index, result)| groups[*index] = &result.group);
        let december = [groups[0], groups[1], groups[3], groups[4]];
        assert!(december.iter().all(|group| *group == december[0]), "{order:?}: {groups:?}");
        assert_ne!(groups[2], december[0], "{order:?}");
        assert!(results.iter().all(|result| result.duplicate_of.is_none()));
    }
}

#[test]
fn without_dates_the_december_texts_are_still_one_group() {
    let Some(stories) = seeds(false) else { return };
    for order in orders() {
        let arrived = order.iter().map(|index| stories[*index].clone());
        let results = group(&Settings::default(), arrived, false).unwrap();
        let mut groups = [""; 5];
        order.iter().zip(&results).for_each(|(index, result)| groups[*index] = &result.group);
        let december = [groups[0], groups[1], groups[3], groups[4]];
        assert!(december.iter().all(|group| *group == december[0]), "{order:?}: {groups:?}");
    }
}
