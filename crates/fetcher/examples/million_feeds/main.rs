//! A million feeds for a simulated week, on the fetcher's own stage and harness with an injected
//! clock: `cargo run --release -p fetcher --no-default-features --example million_feeds -- \
//! [FEEDS [DAYS [feeds-only]]]`. Prints memory (RSS) as it goes, polls by class of feed, detection
//! delay, and whether any site was asked more than its budget allows.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]
#![expect(unreachable_pub, reason = "modules of an example are a crate of their own")]

mod log;
mod run;
mod world;

use std::time::Instant;

use run::{Outcome, Plan, outcome, run};
use world::{START_MS, Web};

/// Resident memory in MiB, as Linux has it.
fn rss_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    let kib: u64 = line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0);
    kib / 1024
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize, default: u64| {
        arguments.get(index).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let plan = Plan {
        feeds: number(0, 1_000_000),
        days: number(1, 7) as i64,
        pages: arguments.get(2).is_none_or(|word| word != "feeds-only"),
        requests: stage::Settings::default().requests,
        step_ms: 1_000,
    };
    let began = Instant::now();
    let mut told = 0;
    let progress = move |now: i64, web: &Web| {
        let hours = (now - START_MS) / 3_600_000;
        if hours / 6 > told {
            told = hours / 6;
            eprintln!("{hours:>4} h simulated, {:>5.0?}, RSS {} MiB", began.elapsed(), rss_mib());
            if hours % 24 == 0 && hours / 24 < plan.days {
                // A week takes hours: what each day showed is not lost with the rest.
                print(plan, hours / 24, &outcome(hours / 24, web));
            }
        }
    };
    match run(plan, Box::new(progress)) {
        Ok(outcome) => print(plan, plan.days, &outcome),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
    println!(
        "{:.0?}, RSS {} MiB (the simulated web's own books included)",
        began.elapsed(),
        rss_mib()
    );
}

fn print(plan: Plan, days: i64, outcome: &Outcome) {
    println!("{} feeds, {days} days", plan.feeds);
    println!("an item every     feeds      items  polls a day  median delay");
    for class in &outcome.classes {
        println!(
            "{:<14} {:>8} {:>10} {:>12.1} {:>9} s",
            class.name, class.feeds, class.items, class.polls_a_day, class.median_delay_s
        );
    }
    println!("{} polls, of which not modified {}", outcome.polls, outcome.not_modified);
    println!("{} pages asked for, revisits included", outcome.pages);
    println!("requests over a site's budget: {}", outcome.over_budget);
    println!(
        "unconditional polls where a validator was known (long silence doubted): {}",
        outcome.unconditional
    );
}
