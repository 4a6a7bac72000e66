//! What is new, and what is remembered of what was.

use super::*;
use crate::poll::children::MOST_OF_A_CHILD;

const NOW: Timestamp = Timestamp::from_secs(1_764_000_000);

fn entry(guid: &str, title: &str, link: &str) -> ParsedEntry {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    ParsedEntry { guid: some(guid), title: some(title), link: some(link), ..ParsedEntry::default() }
}

fn kinds(sightings: &[Sighting]) -> String {
    let letter = |sighting: &Sighting| match sighting {
        Sighting::New { .. } => "n".to_owned(),
        Sighting::Changed { revision, .. } => revision.to_string(),
        Sighting::Same => "=".to_owned(),
        Sighting::Nothing => "-".to_owned(),
    };
    sightings.iter().map(letter).collect()
}

/// Takes in a document that was never cut.
fn whole(seen: &mut SeenEntries, entries: &[ParsedEntry], now: Timestamp) -> String {
    kinds(&seen.take_in("feed", entries, Extent::Whole { cut_at: &mut None }, now))
}

#[test]
fn an_entry_is_new_once_then_the_same_then_changed() {
    let mut seen = SeenEntries::default();
    let first = [entry("1", "One", "https://a.org/1"), entry("2", "Two", "https://a.org/2")];
    assert_eq!(whole(&mut seen, &first, NOW), "nn");
    assert_eq!(whole(&mut seen, &first, NOW), "==");
    let edited = [entry("1", "One!", "https://a.org/1"), first[1].clone()];
    assert_eq!(whole(&mut seen, &edited, NOW), "2=");
    assert_eq!(whole(&mut seen, &first, NOW), "3=");
}

#[test]
fn an_entry_with_a_new_guid_is_known_by_its_address() {
    let mut seen = SeenEntries::default();
    whole(&mut seen, &[entry("http://a.org/?p=1", "One", "https://a.org/one")], NOW);
    let moved = [entry("urn:uuid:7", "One", "https://a.org/one")];
    assert_eq!(whole(&mut seen, &moved, NOW), "=");
    assert_eq!(whole(&mut seen, &moved, NOW), "=");
    assert_eq!(seen.len(), 1);
}

#[test]
fn an_alias_never_takes_what_another_entry_is_by_right() {
    let mut seen = SeenEntries::default();
    let dated = |guid: &str, link: &str| {
        let mut entry = entry(guid, "Weather", link);
        entry.published_at = Some(NOW);
        entry
    };
    let first = [dated("1", "https://a.org/1")];
    assert_eq!(whole(&mut seen, &first, NOW), "n");
    let both = [dated("2", "https://a.org/2"), first[0].clone()];
    assert_eq!(whole(&mut seen, &both, NOW), "n=");
    assert_eq!(whole(&mut seen, &both, NOW), "==");
}

#[test]
fn an_entry_said_twice_is_one_and_an_empty_one_is_none() {
    let mut seen = SeenEntries::default();
    let one = entry("1", "One", "https://a.org/1");
    let document = [one.clone(), one, ParsedEntry::default()];
    assert_eq!(whole(&mut seen, &document, NOW), "n--");
    assert_eq!(whole(&mut seen, &document, NOW), "=--");
}

#[test]
fn memory_is_bounded_and_what_is_in_the_document_stays() {
    let mut seen = SeenEntries::default();
    for day in 0..40 {
        let now = NOW.plus_millis(day * DAY_S * 1000);
        let document: Vec<ParsedEntry> =
            (0..20).map(|n| entry(&format!("{day}/{n}"), "t", "")).collect();
        whole(&mut seen, &document, now);
        assert_eq!(whole(&mut seen, &document, now), "=".repeat(20));
    }
    assert_eq!(seen.len(), KEPT + 20);
}

#[test]
fn a_document_that_is_empty_for_once_makes_no_entry_new_again() {
    let (mut seen, mut cut_at) = (SeenEntries::default(), None);
    let document: Vec<ParsedEntry> =
        (0..300).map(|n| entry(&n.to_string(), "t", &format!("https://a.org/{n}"))).collect();
    seen.take_in("feed", &document, Extent::Whole { cut_at: &mut cut_at }, NOW);
    for glitches in [vec![&document[..0]; 3], vec![&document[..7]]] {
        for (hours, glitch) in (1..).zip(glitches) {
            seen.take_in(
                "feed",
                glitch,
                Extent::Whole { cut_at: &mut cut_at },
                NOW.plus_millis(hours * 3600 * 1000),
            );
        }
        let later = NOW.plus_millis(DAY_S * 1000);
        assert_eq!(
            kinds(&seen.take_in("feed", &document, Extent::Whole { cut_at: &mut cut_at }, later)),
            "=".repeat(300)
        );
    }
}

#[test]
fn a_document_that_stays_short_for_days_makes_no_entry_new_again() {
    let document: Vec<ParsedEntry> =
        (0..300).map(|n| entry(&n.to_string(), "t", &format!("https://a.org/{n}"))).collect();
    let hour = |hours: i64| NOW.plus_millis(hours * 3600 * 1000);
    let (mut seen, mut cut_at) = (SeenEntries::default(), None);
    let mut read = |entries: &[ParsedEntry], now| {
        let extent = Extent::Whole { cut_at: &mut cut_at };
        let sightings = kinds(&seen.take_in("feed", entries, extent, now));
        (sightings, seen.len())
    };
    read(&document, hour(0));
    // The end of it is missing for five days, while news goes on, more than the rest is long.
    for turn in 1..60_i64 {
        let news = entry(&format!("news {turn}"), "t", "");
        let rest = [std::slice::from_ref(&news), &document[..6]].concat();
        read(&rest, hour(turn * 2));
    }
    assert_eq!(read(&document, hour(120)).0, "=".repeat(300));
    // One that is short for good is as small as others after a week.
    let mut most = 0;
    for day in 6..16 {
        most = read(&document[..6], hour(day * 24)).1;
    }
    assert_eq!(most, 6);
    assert_eq!(cut_at, None);
}

#[test]
fn what_any_sitemap_of_an_index_lists_is_known_however_much_comes_and_goes() {
    let mut seen = SeenEntries::default();
    let urls: Vec<String> = (0..8).map(|n| format!("https://a.org/{n}.xml")).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let list = |name: &str| -> Vec<ParsedEntry> {
        (0..MOST_OF_A_CHILD).map(|n| entry("", "", &format!("https://a.org/{name}/{n}"))).collect()
    };
    let mut read = |index: usize, name: &str, hours: i64| {
        let extent = Extent::Sitemap { url: urls[index], others: &urls };
        let now = NOW.plus_millis(hours * 3600 * 1000);
        let sightings = kinds(&seen.take_in("feed", &list(name), extent, now));
        assert!(seen.len() <= MOST);
        sightings.matches('n').count()
    };
    for (index, name) in ["a", "b", "c", "d", "e", "f", "g", "x0"].iter().enumerate() {
        assert_eq!(read(index, name, 0), MOST_OF_A_CHILD);
    }
    // The last one is all news every day; the others change later, for once.
    for day in 1..4 {
        assert_eq!(read(7, &format!("x{day}"), day * 24), MOST_OF_A_CHILD);
    }
    for (index, name) in ["a", "b", "c", "d", "e", "f", "g", "x3"].iter().enumerate() {
        assert_eq!(read(index, name, 100), 0, "{name}");
    }
    // What goes from one sitemap to another is in one of them all the time.
    assert_eq!(read(0, "b", 101), 0);
    assert_eq!(read(1, "c", 102), 0);
    assert_eq!(read(7, "x4", 103), MOST_OF_A_CHILD);
    assert_eq!(read(2, "b", 104), 0);
}

#[test]
fn a_record_that_names_no_sitemaps_is_read_and_learns_them() {
    // Two entries of an index, as they were written before: one is listed, one left on a day.
    let names = |entry: &ParsedEntry| Named::of("feed", entry).unwrap();
    let page = [entry("", "", "https://a.org/1"), entry("", "", "https://a.org/2")];
    let mut bytes = vec![1];
    for (page, left) in page.iter().zip([None, Some(20_416_u16)]) {
        bytes.extend(names(page).packed);
        bytes.push(1);
        bytes.extend(print_of(page));
        bytes.extend(1_764_000_000_u32.to_le_bytes());
        bytes.push(2 | u8::from(left.is_none()));
        bytes.extend(left.map(u16::to_le_bytes).into_iter().flatten());
        bytes.extend(names(page).names[0]);
    }
    let mut seen = SeenEntries::decode(&bytes).unwrap();
    assert_eq!(seen.encode(), bytes);
    let url = "https://a.org/one.xml";
    let extent = Extent::Sitemap { url, others: &[url] };
    assert_eq!(kinds(&seen.take_in("feed", &page, extent, NOW)), "==");
    seen.leave_sitemap(url, &[], NOW);
    assert!(seen.entries.iter().all(|known| known.left != 0));
}

#[test]
fn what_a_sitemap_listed_leaves_with_it() {
    let mut seen = SeenEntries::default();
    let page = [entry("", "", "https://a.org/1"), entry("", "", "https://a.org/2")];
    let (one, two) = ("https://a.org/one.xml", "https://a.org/two.xml");
    for (url, entries) in [(one, &page[..]), (two, &page[1..])] {
        let extent = Extent::Sitemap { url, others: &[one, two] };
        seen.take_in("feed", entries, extent, NOW);
    }
    seen.leave_sitemap(one, &[two], NOW);
    let left: Vec<bool> = seen.entries.iter().map(|known| known.left != 0).collect();
    assert_eq!(left, [true, false]);
    assert_eq!(SeenEntries::decode(&seen.encode()), Some(seen));
}

#[test]
fn what_no_sitemap_lists_any_more_is_remembered_for_a_week_and_what_one_lists_for_as_long() {
    let mut seen = SeenEntries::default();
    let (busy, rare) = ("https://a.org/busy.xml", "https://a.org/rare.xml");
    let list = |name: &str| -> Vec<ParsedEntry> {
        (0..100).map(|n| entry("", "", &format!("https://a.org/{name}/{n}"))).collect()
    };
    let mut read = |url: &str, name: &str, day: i64| {
        let extent = Extent::Sitemap { url, others: &[busy, rare] };
        let now = NOW.plus_millis(day * DAY_S * 1000);
        let sightings = kinds(&seen.take_in("feed", &list(name), extent, now));
        (sightings.matches('n').count(), seen.len())
    };
    assert_eq!(read(rare, "old", 0), (100, 100));
    let most = (0..60).map(|day| read(busy, &format!("day {day}"), day).1).max();
    // A day of it, the days that left within the week, and the other sitemap's.
    assert_eq!(most, Some((1 + 8 + 1) * 100));
    assert_eq!(read(busy, "day 55", 60).0, 0, "it left five days before");
    assert_eq!(read(rare, "old", 60).0, 0, "it is listed all the time");
}

#[test]
fn deliveries_push_out_the_oldest_and_never_themselves() {
    let mut seen = SeenEntries::default();
    let part = |number: usize| -> Vec<ParsedEntry> {
        (0..MOST / 2).map(|n| entry(&format!("{number}/{n}"), "t", "")).collect()
    };
    for number in 0..3 {
        let now = NOW.plus_millis(number as i64 * 1000);
        seen.take_in("feed", &part(number), Extent::Part, now);
        assert_eq!(seen.len(), MOST.min((number + 1) * MOST / 2));
        assert!(!kinds(&seen.take_in("feed", &part(number), Extent::Part, now)).contains('n'));
    }
    assert!(!kinds(&seen.take_in("feed", &part(1), Extent::Part, NOW)).contains('n'));
}

#[test]
fn a_poll_without_news_on_the_same_day_changes_nothing() {
    let mut seen = SeenEntries::default();
    let document = [entry("1", "One", "https://a.org/1")];
    whole(&mut seen, &document, NOW);
    let before = seen.clone();
    whole(&mut seen, &document, NOW.plus_millis(60_000));
    assert_eq!(seen, before);
}

proptest::proptest! {
    #[test]
    fn whatever_documents_come_the_record_survives_its_bytes_and_repeats_nothing(
        documents in proptest::collection::vec(
            proptest::collection::vec(("[a-e]{0,2}", "[a-e]{0,2}", "[a-e]{0,1}"), 0..8), 1..6)
    ) {
        let mut seen = SeenEntries::default();
        let mut emitted = BTreeSet::new();
        for (day, document) in documents.iter().enumerate() {
            let now = NOW.plus_millis(day as i64 * DAY_S * 1000);
            let entries: Vec<ParsedEntry> = document
                .iter()
                .map(|(guid, title, path)| {
                    let link = format!("https://a.org/{path}");
                    entry(guid, title, if path.is_empty() { "" } else { &link })
                })
                .collect();
            for sighting in seen.take_in("feed", &entries, Extent::Whole { cut_at: &mut None }, now) {
                let once = match sighting {
                    Sighting::New { id } => emitted.insert((id, 1)),
                    Sighting::Changed { id, revision, .. } => emitted.insert((id, revision)),
                    Sighting::Same | Sighting::Nothing => true,
                };
                proptest::prop_assert!(once, "an (entry, revision) came twice");
            }
            let bytes = seen.encode();
            let read = SeenEntries::decode(&bytes);
            proptest::prop_assert_eq!(read.as_ref(), Some(&seen));
            let cut = SeenEntries::decode(&bytes[..bytes.len() - 1]);
            proptest::prop_assert!(cut != read);
        }
    }
}
