//! Scores the extractor on the corpora, and its time beside `scraper::Html::parse_document` alone
//! on the same pages in the same run: `cargo run --release -p extractor --example evaluate`.
//!
//! Folder: `NEWSWIRE_CORPORA`, default `../shared/corpora`. `--worst N` lists the worst pages,
//! `--show SET ID` prints wanted and got of one page, `--no-time` leaves the timing out,
//! `--languages` adds a table by detected language, `--report FILE` writes the worst pages as
//! HTML, wanted and got side by side.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, missing_docs)]
#![allow(clippy::format_push_string)]

mod report;
mod scores;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use extractor::{Extracted, PageInput, extract};
use scores::{Case, Got, Scores, load};

const SETS: [&str; 4] = ["wcxb", "snippets", "readability", "seeds"];

fn main() {
    let folder = PathBuf::from(
        std::env::var("NEWSWIRE_CORPORA").unwrap_or_else(|_| "../shared/corpora".to_owned()),
    );
    if !folder.is_dir() {
        eprintln!("SKIPPED: no corpora at {}", folder.display());
        return;
    }
    let arguments: Vec<String> = std::env::args().collect();
    let option = |name: &str| arguments.iter().position(|a| a == name).map(|at| at + 1);
    let worst: usize = option("--worst").map_or(0, |at| arguments[at].parse().unwrap());
    if let Some(at) = option("--show") {
        show(&folder, &arguments[at], &arguments[at + 1]);
        return;
    }
    if let Some(at) = option("--report") {
        let page = report::report(&folder, "wcxb", |case| got(&run(case)));
        std::fs::write(&arguments[at], page).unwrap();
        println!("written: {}", arguments[at]);
        return;
    }
    for set in SETS {
        let cases = load(&folder, set);
        score(set, &cases, worst);
        if option("--no-time").is_none() {
            time(set, &cases);
        }
    }
    if option("--languages").is_some() {
        languages(&folder);
    }
}

fn run(case: &Case) -> Extracted {
    extract(&PageInput { body: &case.body, url: case.url.as_deref(), ..PageInput::default() })
}

fn got(extracted: &Extracted) -> Got {
    match extracted {
        Extracted::Article(article) => Got {
            text: article.text.clone(),
            title: article.title.clone().unwrap_or_default(),
            authors: article.authors.clone(),
            day: article.published_at.map(|at| at.to_string()[..10].to_owned()).unwrap_or_default(),
            confidence: Some(article.confidence),
            language: article
                .language
                .as_deref()
                .map(|tag| tag.split('-').next().unwrap_or(tag).to_owned())
                .unwrap_or_default(),
            skipped: String::new(),
        },
        Extracted::Skipped { reason, .. } => {
            Got { skipped: reason.as_str().to_owned(), ..Got::default() }
        }
    }
}

fn score(set: &str, cases: &[Case], worst: usize) {
    let mut scores = Scores::default();
    let mut skipped: BTreeMap<&str, usize> = BTreeMap::new();
    let mut listing: Vec<(f64, String)> = Vec::new();
    for case in cases {
        let extracted = run(case);
        if let Extracted::Skipped { reason, .. } = &extracted {
            *skipped.entry(reason.as_str()).or_insert(0) += 1;
        }
        let grade = scores.add(case, &got(&extracted));
        let url = case.url.as_deref().unwrap_or("");
        listing.push((
            grade.grade,
            format!("{set} {} {:.3} {url} {}", case.id, grade.grade, grade.note),
        ));
    }
    println!("== {set}: {} pages\n{scores}\nskipped {skipped:?}", cases.len());
    listing.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (_, line) in listing.iter().take(worst) {
        println!("  {line}");
    }
}

/// Scores by the language of the article, of sets with text and of snippets.
fn languages(folder: &Path) {
    for set in ["wcxb", "snippets"] {
        let mut tables: BTreeMap<String, (usize, Scores)> = BTreeMap::new();
        for case in load(folder, set) {
            let got = got(&run(&case));
            let entry = tables.entry(got.language.clone()).or_default();
            entry.0 += 1;
            entry.1.add(&case, &got);
        }
        for (language, (pages, scores)) in tables {
            let figure = scores.shingle_f1().or(scores.snippet_f1()).unwrap_or_default();
            println!("{set} `{language}` {pages} pages: {figure:.3}");
        }
    }
}

fn time(set: &str, cases: &[Case]) {
    let texts: Vec<String> =
        cases.iter().map(|case| String::from_utf8_lossy(&case.body).into_owned()).collect();
    // Interleaved, best of three of each page, so that a busy machine disturbs both alike.
    let mut parse = Duration::ZERO;
    let mut whole = Duration::ZERO;
    for (case, text) in cases.iter().zip(&texts) {
        let mut best = [Duration::MAX; 2];
        for _ in 0..3 {
            let start = Instant::now();
            drop(std::hint::black_box(scraper::Html::parse_document(text)));
            best[0] = best[0].min(start.elapsed());
            let start = Instant::now();
            drop(std::hint::black_box(run(case)));
            best[1] = best[1].min(start.elapsed());
        }
        parse += best[0];
        whole += best[1];
    }
    println!(
        "time {set}: parse {parse:.2?}, extract {whole:.2?}, ratio {:.2}",
        whole.as_secs_f64() / parse.as_secs_f64()
    );
}

fn show(folder: &Path, set: &str, id: &str) {
    for case in load(folder, set).iter().filter(|case| case.id == id) {
        println!("{}", case.url.as_deref().unwrap_or(""));
        println!("=== WANTED\n{}", case.row["text"].as_str().unwrap_or(""));
        match run(case) {
            Extracted::Article(article) => println!(
                "=== GOT {:?} {:?} {:?} {:?}\n{}",
                article.title,
                article.authors,
                article.published_at,
                article.language,
                article.text
            ),
            other @ Extracted::Skipped { .. } => println!("=== {other:?}"),
        }
    }
}
