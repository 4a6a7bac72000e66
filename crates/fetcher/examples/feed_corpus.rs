//! Measures feed reading against the corpora: `cargo run --release -p fetcher --example feed_corpus`.
//!
//! Arguments: a set (`real`, `feedparser`; default both), `--list` to print each difference, and
//! `--problems` to print what was repaired or dropped.
#![expect(clippy::print_stdout, reason = "a measuring tool prints")]

#[path = "../tests/feed_score/mod.rs"]
mod feed_score;

use std::time::{Duration, Instant};

use feed_score::{Document, Score, compare, load};
use fetcher::feed::parse_feed;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let list = arguments.iter().any(|argument| argument == "--list");
    let named = arguments.iter().any(|argument| !argument.starts_with("--"));
    for set in ["real", "feedparser"] {
        if !named || arguments.iter().any(|argument| argument == set) {
            measure(set, list)?;
            if arguments.iter().any(|argument| argument == "--problems") {
                problems(set)?;
            }
        }
    }
    Ok(())
}

fn measure(set: &str, list: bool) -> anyhow::Result<()> {
    let documents = load(set)?;
    let bytes: usize = documents.iter().map(|document| document.body.len()).sum();
    println!("{set}: {} documents, {bytes} bytes", documents.len());
    let mut score = Score::default();
    for document in &documents {
        compare(document, &mut score);
    }
    if list {
        for difference in &score.differences {
            println!("  {difference}");
        }
    }
    println!(
        "  all of feedparser's entries: {} of {} documents, {} of the {} that have any ({:.2} %)",
        score.complete.hits,
        score.complete.of,
        score.complete_of_any.hits,
        score.complete_of_any.of,
        score.complete_of_any.percent()
    );
    for (name, share) in &score.fields {
        println!("  {name}: {} of {} agree ({:.2} %)", share.hits, share.of, share.percent());
    }
    // feed-rs alone panics on one of the other set's documents.
    time(&documents, set == "real");
    Ok(())
}

fn problems(set: &str) -> anyhow::Result<()> {
    for document in load(set)? {
        match parse_feed(&document.input()) {
            Ok(feed) if feed.problems.is_empty() => {}
            Ok(feed) => println!("  {}: {}", document.file, feed.problems.join("; ")),
            Err(error) => println!("  {}: {error}", document.file),
        }
    }
    Ok(())
}

/// Ours and bare feed-rs in turn, the best of several rounds: others use the machine too.
fn time(documents: &[Document], with_bare: bool) {
    let mut ours = Duration::MAX;
    let mut bare = Duration::MAX;
    let mut slowest = (Duration::ZERO, "");
    for round in 0..5 {
        let start = Instant::now();
        for document in documents {
            let one = Instant::now();
            let _ = std::hint::black_box(parse_feed(&document.input()));
            if round == 0 && one.elapsed() > slowest.0 {
                slowest = (one.elapsed(), &document.file);
            }
        }
        ours = ours.min(start.elapsed());
        let start = Instant::now();
        for document in documents.iter().filter(|_| with_bare) {
            let _ = std::hint::black_box(feed_rs::parser::parse(document.body.as_slice()));
        }
        bare = bare.min(start.elapsed());
    }
    println!("  slowest: {:?} ({})", slowest.0, slowest.1);
    if with_bare {
        println!(
            "  time: {ours:?}, bare feed-rs {bare:?}, {:.2} times",
            ours.as_secs_f64() / bare.as_secs_f64()
        );
    } else {
        println!("  time: {ours:?}");
    }
}
