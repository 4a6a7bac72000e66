//! Time and memory of each hostile page (tests/hostile/pages.rs), each in a process of its own:
//! `cargo run --release -p extractor --example hostile`. The slowest and the largest stand last.
//! Memory is the process's peak as Linux counts it; elsewhere it is given as 0.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, missing_docs)]
#![allow(unreachable_pub)]

#[path = "../tests/hostile/pages.rs"]
mod pages;

use std::process::Command;
use std::time::Instant;

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
        println!("{seconds:>7.3} s {megabytes:>6.0} MB  {}: {}", page.name, words.collect::<Vec<_>>().join(" "));
        if seconds > slowest.0 {
            slowest = (seconds, page.name.to_owned());
        }
        if megabytes > largest.0 {
            largest = (megabytes, page.name.to_owned());
        }
    }
    println!("slowest {:.3} s: {}", slowest.0, slowest.1);
    println!("largest {:.0} MB: {}; died: {wrong}", largest.0, largest.1);
}

/// Seconds of the extraction, peak megabytes of the process, the outcome.
fn one(page: &pages::Hostile) {
    let body = (page.make)();
    let start = Instant::now();
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
    let seconds = start.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok())
        .unwrap_or_default();
    let outcome = pages::Outcome::of(skipped);
    println!("{seconds} {} {outcome:?}", kilobytes / 1024.0);
}
