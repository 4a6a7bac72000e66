//! State as former releases wrote it: every later one reads it, and notices when it would write
//! another one. `NEWSWIRE_WRITE_GOLDEN=1` writes the newest file anew; a difference is a new file, and
//! the old ones stay.
//!
//! - `state.v1.tsv`: the first; it has an alias for each URL's twin (`www.`), which is looked up anyway.
//! - `state.v1-without-twins.tsv`: the same formats, without those.
//! - `state.v1-copies-without-words.tsv`: a copy adds no words to its group.
//! - `state.v1-places.tsv`: an identity says the story's place, what is withdrawn is taken down.
//! - `state.v1-entries.tsv`: which story an entry became.
//! - `state.v1-addresses.tsv`: where a story is whose address was edited.
//! - `state.v1-former-urls.tsv`: two stories under names that the rules for URLs of its time gave them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use events::{Article, EventKind, SkipReason, Timestamp, Withdraw};
use publisher::{Engine, MemoryState, Output, Records, Settings};

use crate::draft::{Draft, START, draft};

const NEWEST: &str = "state.v1-addresses.tsv";

/// Not the one of the other tests: the golden files have its words.
const FERRY: &str = "The ferry Aurelia ran aground off Skarholm on Tuesday evening with 214 people on \
board, the coast guard said. All passengers were brought to safety by midnight, and two were treated \
for light injuries. Divers will look at the hull once the wind has dropped, a spokesman said.";

fn article(minute: i64, url: &str, title: &str, text: &str) -> Article {
    let mut draft = draft(url, title, text);
    draft.feed_title = Some("Example");
    (draft.minute, draft.revision) = (minute, 1 + minute as u32);
    draft.published = Some(draft.at().as_millis());
    draft.article()
}

const COUNCIL: &str = "The council of Velmora meets on Thursday to vote on the harbour wall.";

/// The entry of a story under an address.
fn council(minute: i64, url: &str) -> Draft {
    let mut draft = draft("https://example.org/council-meets", "Council of Velmora meets", COUNCIL);
    (draft.minute, draft.revision) = (minute, 1 + minute as u32);
    draft.url = Some(url.to_owned());
    draft
}

/// A small past: a story, its copy under another title, another day's column, a withdrawal, an
/// address that was edited.
fn past() -> Vec<Article> {
    let at = Timestamp::from_millis(START + 5 * 60_000);
    vec![
        article(0, "https://example.org/ferry-aground-1", "Ferry aground", FERRY),
        article(1, "https://m.other.example/x-y-z?utm_source=a", "All safe", FERRY),
        article(2, "https://example.org/column-day-2", "The strike, day 2", "Nothing new today."),
        Article::Withdraw(Withdraw {
            id: None,
            url: Some("https://example.org/column-day-2".to_owned()),
            reason: "court order".to_owned(),
            at,
        }),
        council(3, "https://example.org/council-meets").article(),
        council(4, "https://example.org/council-votes").article(),
    ]
}

fn take(engine: &mut Engine, state: &mut MemoryState, article: &Article) -> Output {
    engine.take(article, state).unwrap()
}

fn spelled(state: &MemoryState) -> String {
    let mut text = String::new();
    for (key, value) in state.iter() {
        let hex: String = value.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let _ = writeln!(text, "{key}\t{hex}");
    }
    text
}

fn golden(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    if name == NEWEST && std::env::var_os("NEWSWIRE_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, spelled(&written())).unwrap();
    }
    std::fs::read_to_string(path).unwrap()
}

/// The state that the past comes to today.
fn written() -> MemoryState {
    let (mut engine, mut state) = (Engine::new(Settings::default()), MemoryState::default());
    for article in past() {
        take(&mut engine, &mut state, &article);
    }
    state
}

fn state_of(golden: &str) -> MemoryState {
    let mut state = MemoryState::default();
    for line in golden.lines() {
        let (key, hex) = line.split_once('\t').unwrap();
        let digits = hex.as_bytes().chunks(2);
        let value = digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        state.put(key, Some(value));
    }
    state
}

/// What two states differ in, a line a record: the first byte that differs, with those round it.
fn differences(one: &MemoryState, other: &MemoryState) -> Vec<String> {
    let keys: BTreeSet<&str> = one.iter().chain(other.iter()).map(|(key, _)| key).collect();
    let mut found = Vec::new();
    for key in keys {
        let (one, other) = match (one.get(key), other.get(key)) {
            (Some(one), Some(other)) if one == other => continue,
            (Some(one), Some(other)) => (one, other),
            (Some(_), None) => {
                found.push(format!("{key}: only the first has it"));
                continue;
            }
            _ => {
                found.push(format!("{key}: only the second has it"));
                continue;
            }
        };
        let at = one.iter().zip(other).take_while(|(one, other)| one == other).count();
        let around = |bytes: &[u8]| {
            let range = at.saturating_sub(4)..bytes.len().min(at + 12);
            format!("{:02x?}", bytes.get(range).unwrap_or_default())
        };
        let (lengths, around) = ((one.len(), other.len()), (around(one), around(other)));
        found.push(format!(
            "{key}: byte {at} of {} and {}: {} and {}",
            lengths.0, lengths.1, around.0, around.1
        ));
    }
    found
}

#[test]
fn state_is_written_as_the_newest_golden_file_has_it() {
    let found = differences(&written(), &state_of(&golden(NEWEST)));
    assert!(found.is_empty(), "the format has changed (now and then):\n{}", found.join("\n"));
}

#[test]
fn what_states_differ_in_is_said_by_record_and_byte() {
    let mut one = MemoryState::default();
    one.put("a", Some(vec![1, 2, 3]));
    let mut other = one.clone();
    one.put("b", Some(vec![1]));
    other.put("a", Some(vec![1, 9]));
    assert_eq!(
        differences(&one, &other),
        ["a: byte 1 of 3 and 2: [01, 02, 03] and [01, 09]", "b: only the first has it"]
    );
}

#[test]
fn state_of_every_release_is_read_and_of_use() {
    let releases = [
        ("state.v1.tsv", 3),
        ("state.v1-without-twins.tsv", 3),
        ("state.v1-copies-without-words.tsv", 3),
        ("state.v1-places.tsv", 2),
        ("state.v1-entries.tsv", 2),
        (NEWEST, 3),
    ];
    for (name, stories) in releases {
        let mut state = state_of(&golden(name));
        let mut engine = Engine::restore(Settings::default(), state.iter()).unwrap();
        assert_eq!(engine.stories_in_window(), stories, "{name}");

        // A version, a copy, a twin of a URL, a withdrawal that holds.
        let changed = FERRY.replace("two were", "three were");
        let next = article(9, "https://example.org/ferry-aground-1", "Ferry aground", &changed);
        let event = take(&mut engine, &mut state, &next).stories.remove(0).event;
        assert_eq!((event.event, event.version), (EventKind::Updated, 2), "{name}");
        assert_eq!((event.changes.added.len(), event.changes.removed.len()), (1, 1), "{name}");
        assert_eq!(event.story_group.size, 2, "{name}");
        let copy = article(10, "https://third.example/q", "Ferry accident", FERRY);
        let event = take(&mut engine, &mut state, &copy).stories.remove(0).event;
        assert!(event.duplicate_of.id.is_some(), "{name}");
        let url = "https://www.example.org/column-day-2/";
        let back = article(11, url, "The strike, day 2", "Much is new.");
        assert!(take(&mut engine, &mut state, &back).stories.is_empty(), "{name}");
    }
}

#[test]
fn where_a_story_went_is_known_from_its_state() {
    let mut state = state_of(&golden(NEWEST));
    let mut engine = Engine::restore(Settings::default(), state.iter()).unwrap();
    for (minute, url, versions) in
        [(9, "https://example.org/council-meets", 0), (10, "https://example.org/council-votes", 1)]
    {
        let gone = council(minute, url).skipped(SkipReason::Gone);
        assert_eq!(take(&mut engine, &mut state, &gone).stories.len(), versions, "{url}");
    }
}

#[test]
fn what_a_release_called_by_another_name_is_found_under_that() {
    let touch = ("https://touch.example.org/ferry-aground-1", "Ferry aground");
    let page = ("https://example.org/night-flights-banned?page=1&srsltid=7", "Night flights");
    for (minute, (url, title), other) in [
        (9, touch, "https://www.example.org/ferry-aground-1"),
        (10, page, "https://example.org/night-flights-banned"),
    ] {
        let mut state = state_of(&golden("state.v1-former-urls.tsv"));
        let mut engine = Engine::restore(Settings::default(), state.iter()).unwrap();
        // A feed that it did not come from.
        let of = |minute, url: &str| {
            let mut draft = draft(url, title, &format!("{FERRY} Minute {minute}."));
            (draft.minute, draft.feed) = (minute, "https://example.org/all");
            draft
        };
        let event =
            take(&mut engine, &mut state, &of(minute, url).article()).stories.remove(0).event;
        assert_eq!((event.event, event.version), (EventKind::Updated, 2), "{url}");
        // By its name of today from then on.
        let next = of(minute + 1, other);
        let again = take(&mut engine, &mut state, &next.article()).stories.remove(0).event;
        assert_eq!((again.id, again.version), (event.id.clone(), 3), "{other}");
        let gone = Draft { revision: 77, ..draft(url, title, "") }.skipped(SkipReason::Gone);
        let withdrawn = take(&mut engine, &mut state, &gone).stories.remove(0).event;
        assert_eq!((withdrawn.id, withdrawn.version), (event.id, 4), "{url}");
    }
}
