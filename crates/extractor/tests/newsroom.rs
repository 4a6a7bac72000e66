//! The invented outlets' pages, each in its design: the text is what was written, and no furniture.
#![allow(clippy::print_stderr)]

use std::collections::BTreeMap;
use std::time::Duration;

use events::Timestamp;
use extractor::{Draft, Extracted, PageInput, SiteMemory, extract};
use newsroom::{Answer, Ask, Expected, Newsroom, Reach, Settings};

/// Any morning; nothing on the pages depends on it but dates.
const START: i64 = 1_790_000_000_000;
/// By then all written stories are out.
const EVENING: Duration = Duration::from_secs(100);

/// What became of the pages of one design.
#[derive(Default)]
struct Tally {
    pages: usize,
    equal: usize,
    faults: Vec<String>,
}

fn paragraphs<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    texts.into_iter().map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// An article with a page, as its outlet answers for it in the evening.
struct Seen {
    outlet: usize,
    article: Expected,
    answer: Answer,
}

/// All pages of the written outlets and of so many generated ones.
#[expect(clippy::unwrap_used, reason = "an article without a page of its outlet is no article")]
fn pages(extra_outlets: usize, articles_per_outlet: usize) -> Vec<Seen> {
    let settings = Settings {
        endless_interval: Duration::ZERO,
        extra_outlets,
        articles_per_outlet,
        extra_interval: Duration::ZERO,
        ..Settings::default()
    };
    let origins: Vec<String> = (0..Newsroom::outlet_count(&settings))
        .map(|outlet| format!("http://127.77.0.{}:8080", outlet + 1))
        .collect();
    let room = Newsroom::new(&settings, origins.clone(), START).unwrap();
    let see = |article: Expected| {
        if matches!(article.reach, Reach::Missing | Reach::Gone | Reach::NoLink | Reach::Denied) {
            return None;
        }
        let url = article.final_url.as_deref().unwrap();
        let (outlet, path) = origins
            .iter()
            .enumerate()
            .find_map(|(outlet, origin)| Some((outlet, url.strip_prefix(origin.as_str())?)))
            .unwrap();
        let ask = Ask { path: path.to_owned(), ..Ask::default() };
        let answer = room.answer(outlet, &ask, EVENING);
        Some(Seen { outlet, article, answer })
    };
    room.expected(EVENING).into_iter().filter_map(see).collect()
}

#[test]
fn the_text_of_each_design_is_what_was_written_and_nothing_else() {
    let mut tallies: BTreeMap<usize, Tally> = BTreeMap::new();
    for Seen { outlet, article, answer } in pages(5, 8) {
        let url = article.final_url.as_deref().unwrap();
        let tally = tallies.entry(outlet).or_default();
        tally.pages += 1;
        let extracted = extract(&PageInput {
            body: &answer.body,
            url: Some(url),
            content_type: answer.header("content-type"),
            fetched_at: Some(Timestamp::from_millis(START + 100_000)),
            ..PageInput::default()
        });
        let Extracted::Article(found) = extracted else {
            tally.faults.push(format!("{url}: {extracted:?}"));
            continue;
        };
        let written = paragraphs(article.paragraphs.iter().map(String::as_str));
        let got = paragraphs(found.text.split("\n\n"));
        tally.equal += usize::from(written == got);
        if found.title.as_ref() != Some(&article.title) {
            tally.faults.push(format!("{url}: title {:?}", found.title));
        }
        for one in written.iter().filter(|one| !got.contains(one)) {
            tally.faults.push(format!("{url}: lost {one:?}"));
        }
        for one in got.iter().filter(|one| !written.contains(one)) {
            tally.faults.push(format!("{url}: gained {one:?}"));
        }
        for never in article.never.iter().filter(|never| found.text.contains(never.as_str())) {
            tally.faults.push(format!("{url}: furniture {never:?}"));
        }
    }
    let mut faults = Vec::new();
    for (outlet, tally) in tallies {
        eprintln!("outlet {outlet}: {} of {} pages", tally.equal, tally.pages);
        faults.extend(tally.faults);
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn the_memory_of_a_site_keeps_paragraphs_that_articles_share() {
    let mut memories: BTreeMap<usize, SiteMemory> = BTreeMap::new();
    let (mut written, mut lost) = (0, Vec::new());
    for Seen { outlet, article, answer } in pages(16, 60) {
        let url = article.final_url.as_deref().unwrap();
        let draft = Draft::new(&PageInput {
            body: &answer.body,
            url: Some(url),
            content_type: answer.header("content-type"),
            ..PageInput::default()
        });
        let (extracted, _) = memories.entry(outlet).or_default().finish(draft, url);
        let got = match extracted {
            Extracted::Article(found) => paragraphs(found.text.split("\n\n")),
            Extracted::Skipped { .. } => Vec::new(),
        };
        let wanted = paragraphs(article.paragraphs.iter().map(String::as_str));
        written += wanted.len();
        lost.extend(wanted.into_iter().filter(|one| !got.contains(one)));
    }
    for one in &lost {
        eprintln!("lost {one:?}");
    }
    eprintln!("{} of {written} paragraphs lost", lost.len());
    assert!(written > 5_000);
    assert!(lost.len() * 1_000 <= written, "{} of {written}", lost.len());
}
