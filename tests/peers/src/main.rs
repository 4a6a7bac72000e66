//! Time and scores of our extraction, of parsing alone and of two peers, page by page in turn on
//! one thread: `just peers` (folder of the corpora: `NEWSWIRE_CORPORA`, default
//! `../shared/corpora`). The peers get the page as text, decoded by our own rules and not counted;
//! ours gets the bytes. All know the URL and give text and metadata. Arguments name the sets;
//! without any: wcxb and snippets.

#[path = "../../../crates/extractor/examples/evaluate/scores.rs"]
#[allow(dead_code, reason = "the evaluation shows more of it")]
mod scores;

#[path = "../../../crates/extractor/src/charset.rs"]
#[allow(dead_code, reason = "only the decoding is wanted")]
mod charset;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use extractor::{Extracted, PageInput, extract};
use scores::{Case, Got, Scores, load};

/// One that is measured: its name, and what it makes of a page; none for parsing alone.
type Peer = (&'static str, fn(&Case, &str) -> Option<Got>);

const PEERS: [Peer; 4] = [
    ("scraper, parse alone", parse),
    ("ours", ours),
    ("dom_smoothie 0.19", dom_smoothie),
    ("trafilatura 0.6 (Rust)", trafilatura),
];

fn main() {
    let folder = PathBuf::from(
        std::env::var("NEWSWIRE_CORPORA").unwrap_or_else(|_| "../shared/corpora".to_owned()),
    );
    if !folder.is_dir() {
        eprintln!("SKIPPED: no corpora at {}", folder.display());
        return;
    }
    // A peer that panics has no answer for that page; its message is not ours to show.
    std::panic::set_hook(Box::new(|_| {}));
    let named: Vec<String> = std::env::args().skip(1).collect();
    let sets =
        if named.is_empty() { vec!["wcxb".to_owned(), "snippets".to_owned()] } else { named };
    for set in sets {
        measure(&set, &load(&folder, &set));
    }
}

fn measure(set: &str, cases: &[Case]) {
    let mut times = [Duration::ZERO; PEERS.len()];
    let mut empty = [0_usize; PEERS.len()];
    let mut scores: Vec<Scores> = PEERS.iter().map(|_| Scores::default()).collect();
    for case in cases {
        let text = charset::decode(&case.body, None).into_owned();
        for (index, (_, run)) in PEERS.iter().enumerate() {
            let mut best = Duration::MAX;
            let mut got = None;
            // The better of two, in turn, so that a busy machine disturbs all alike.
            for _ in 0..2 {
                let start = Instant::now();
                got = catch_unwind(AssertUnwindSafe(|| run(case, &text))).unwrap_or_default();
                best = best.min(start.elapsed());
            }
            times[index] += best;
            let got = got.unwrap_or_default();
            empty[index] += usize::from(got.text.trim().is_empty());
            scores[index].add(case, &got);
        }
    }
    println!("== {set}: {} pages", cases.len());
    for (index, (name, _)) in PEERS.iter().enumerate() {
        let ratio = times[index].as_secs_f64() / times[0].as_secs_f64();
        println!("-- {name}: {:.2?}, {ratio:.2} × parse", times[index]);
        if index > 0 {
            println!("{}\nwithout text: {}", scores[index], empty[index]);
        }
    }
}

fn parse(_: &Case, text: &str) -> Option<Got> {
    drop(std::hint::black_box(scraper::Html::parse_document(text)));
    None
}

fn ours(case: &Case, _: &str) -> Option<Got> {
    let input = PageInput { body: &case.body, url: case.url.as_deref(), ..PageInput::default() };
    let Extracted::Article(article) = extract(&input) else {
        return None;
    };
    Some(Got {
        text: article.text,
        title: article.title.unwrap_or_default(),
        authors: article.authors,
        day: article.published_at.map(|at| at.to_string()[..10].to_owned()).unwrap_or_default(),
        confidence: Some(article.confidence),
        language: article.language.unwrap_or_default(),
    })
}

fn dom_smoothie(case: &Case, text: &str) -> Option<Got> {
    let config = dom_smoothie::Config {
        text_mode: dom_smoothie::TextMode::Formatted,
        ..dom_smoothie::Config::default()
    };
    let mut reader =
        dom_smoothie::Readability::new(text, case.url.as_deref(), Some(config)).ok()?;
    let article = reader.parse().ok()?;
    Some(Got {
        text: article.text_content.to_string(),
        title: article.title,
        authors: article.byline.iter().flat_map(|line| names(line)).collect(),
        day: article.published_time.as_deref().map(day).unwrap_or_default(),
        ..Got::default()
    })
}

fn trafilatura(case: &Case, text: &str) -> Option<Got> {
    let mut options = trafilatura::Options::default().with_fallback(true);
    if let Some(url) = case.url.as_deref().and_then(|url| url::Url::parse(url).ok()) {
        options = options.with_url(url);
    }
    let result = trafilatura::extract(text, &options).ok()?;
    let metadata = result.metadata;
    Some(Got {
        text: result.content_text,
        title: metadata.title,
        authors: names(&metadata.author),
        day: metadata.date.map(|date| day(&date.to_string())).unwrap_or_default(),
        ..Got::default()
    })
}

/// A byline as a list of people, which the peers give as one text.
fn names(line: &str) -> Vec<String> {
    let line = line.trim().trim_start_matches("By ").trim_start_matches("by ");
    line.split([';', ',', '|'])
        .flat_map(|part| part.split(" and "))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// The day of an instant in UTC, or the day as it is written.
fn day(text: &str) -> String {
    match text.parse::<events::Timestamp>() {
        Ok(at) => at.to_string()[..10].to_owned(),
        Err(_) => text.get(..10).unwrap_or_default().to_owned(),
    }
}
