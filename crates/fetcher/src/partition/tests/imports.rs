//! A long list of feeds is imported: its first polls are spread, and what they find of old entries
//! keeps nobody waiting.

use std::collections::BTreeMap;

use super::*;

#[test]
fn the_first_polls_of_a_long_list_are_no_burst() {
    let world = World::new(|_, _| Ok(rss(&[("a", "One")])));
    for number in 0..600 {
        world.subscribe(&format!("https://site{number}.org/feed.xml"));
    }
    world.run(Duration::from_secs(50));
    assert!(world.times("poll/").len() < 550, "{}", world.times("poll/").len());
    world.run(Duration::from_secs(100));
    let mut by_second: BTreeMap<i64, usize> = BTreeMap::new();
    for at in world.times("poll/") {
        *by_second.entry(at).or_default() += 1;
    }
    assert_eq!(by_second.values().sum::<usize>(), 600);
    // One in 100 ms, by default; of one partition of twelve.
    assert!(by_second.values().all(|count| *count <= 11), "{by_second:?}");
}

/// Seconds that live entries waited until their page was asked for, one a minute, beside so many
/// pages of back-fill on the same site.
fn waits_beside(backfill: usize) -> Vec<i64> {
    let world = World::new(|fetch, _| {
        Ok(match fetch.key.split('/').next() {
            Some("robots") => status(404, &[]),
            _ => body("text/html", "<html>"),
        })
    });
    for number in 0..backfill {
        let old = entry(&format!("old{number}"), &format!("https://example.org/old/{number}"));
        world.put_entry(&Entry { backfill: true, ..old });
    }
    world.run(Duration::from_secs(61));
    let mut put_at = Vec::new();
    for number in 0..20 {
        put_at.push(world.now().millis_since(START) / 1000);
        world.put_entry(&entry(&format!("new{number}"), &format!("https://example.org/{number}")));
        // Now and then in another part of the spacing.
        world.run(Duration::from_secs(57 + number % 7));
    }
    put_at
        .iter()
        .enumerate()
        .map(|(number, at)| {
            let asked = world.times(&format!("page/new{number}/"));
            asked.first().map_or(i64::MAX, |asked| asked - at)
        })
        .collect()
}

#[test]
fn a_live_entry_waits_no_longer_because_of_back_fill() {
    let alone = waits_beside(0);
    let beside = waits_beside(2_000);
    assert_eq!(alone, [0; 20], "a free token is taken at once");
    // Back-fill goes only where the site's bucket is full, so that a token is left.
    assert_eq!(beside, [0; 20]);
}
