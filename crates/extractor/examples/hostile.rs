//! Processor time and memory of each hostile page (tests/hostile/pages.rs), each in a process of its own:
//! `cargo run --release -p extractor --example hostile`. The slowest and the largest stand last.
//! Both as Linux counts them: time of the thread alone, so that a busy machine changes little;
//! peak memory of the process, with the page itself and before any is given back.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, missing_docs)]

#[path = "../tests/hostile/pages.rs"]
mod pages;

use std::process::Command;

use extractor::{Extracted, PageInput, extract};

fn main() {
    if let Some(number) = std::env::args().nth(1) {
        one(&pages::pages()[number.parse::<usize>().unwrap()]);
        return;
    }
    let (mut slowest, mut largest) = ((0.0, String::new()), (0.0, String::new()));
    let mut wrong = 0;
    for (number, page) in pages::pages().iter().enumerate() {
        let output = Command::new(std::env::current_exe().unwrap())
            .arg(number.to_string())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut words = said.split_whitespace();
        let mut number = || words.next().and_then(|word| word.parse::<f64>().ok());
        let (Some(seconds), Some(megabytes)) = (number(), number()) else {
            println!("DIED: {} ({})", page.name, output.status);
            wrong += 1;
            continue;
        };
        let outcome = words.collect::<Vec<_>>().join(" ");
        if outcome != format!("{:?}", page.outcome) {
            wrong += 1;
        }
        println!("{seconds:>7.3} s {megabytes:>6.0} MB  {}: {outcome}", page.name);
        if seconds > slowest.0 {
            slowest = (seconds, page.name.to_owned());
        }
        if megabytes > largest.0 {
            largest = (megabytes, page.name.to_owned());
        }
    }
    println!("slowest {:.3} s: {}", slowest.0, slowest.1);
    println!("largest {:.0} MB: {}; died or with another outcome: {wrong}", largest.0, largest.1);
}

/// Seconds of the extraction, peak megabytes of the process, the outcome.
fn one(page: &pages::Hostile) {
    let body = (page.make)();
    let start = processor_seconds();
    let input = PageInput {
        body: &body,
        url: Some("https://hostile.example/page"),
        content_type: Some("text/html"),
        ..PageInput::default()
    };
    let skipped = match extract(&input) {
        Extracted::Article(_) => None,
        Extracted::Skipped { reason, .. } => Some(reason),
    };
    let seconds = processor_seconds() - start;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok())
        .unwrap_or_default();
    let outcome = pages::Outcome::of(skipped);
    println!("{seconds} {} {outcome:?}", kilobytes / 1024.0);
}

/// Seconds that this thread has had a processor.
fn processor_seconds() -> f64 {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = counted.split_whitespace().next().and_then(|word| word.parse::<f64>().ok());
    nanoseconds.unwrap_or_default() / 1e9
}
