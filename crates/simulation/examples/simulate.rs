//! Runs seeds: `simulate [COUNT]`, or one seed by NEWSWIRE_SEED with a log of what it does.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use simulation::{Mutation, simulate};

#[expect(clippy::print_stdout, reason = "a program that reports")]
#[expect(clippy::expect_used, reason = "a thread that cannot be had ends it all")]
fn main() {
    if let Some(seed) = std::env::var("NEWSWIRE_SEED").ok().and_then(|seed| seed.parse().ok()) {
        match simulate(seed, Mutation::None, true) {
            Ok(report) => println!("seed {seed} holds: {report:#?}"),
            Err(failure) => {
                println!("FAILED {failure}");
                std::process::exit(1);
            }
        }
        return;
    }
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<u64>().ok());
    let count = numbers.next().unwrap_or(1_000);
    let first = numbers.next().unwrap_or(0);
    let next = AtomicU64::new(first);
    let (simulated, turns, stories) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let failed = AtomicU64::new(0);
    let began = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let work = || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        break;
                    }
                    match simulate(seed, Mutation::None, false) {
                        Ok(report) => {
                            simulated.fetch_add(
                                report.simulated_ms.cast_unsigned() / 1000,
                                Ordering::Relaxed,
                            );
                            turns.fetch_add(report.turns, Ordering::Relaxed);
                            stories.fetch_add(report.stories as u64, Ordering::Relaxed);
                        }
                        Err(failure) => {
                            failed.fetch_add(1, Ordering::Relaxed);
                            println!("FAILED {failure}");
                        }
                    }
                    if (seed + 1).is_multiple_of(10_000) {
                        println!("{seed}: {:?}", began.elapsed());
                    }
                }
            };
            std::thread::Builder::new()
                .stack_size(64 << 20)
                .spawn_scoped(scope, work)
                .expect("a thread");
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    let simulated = simulated.into_inner();
    let failed = failed.into_inner();
    println!(
        "{count} seeds from {first} in {seconds:.0} s on {threads} threads: {failed} failed; \
         {simulated} simulated seconds ({:.0} a second of one thread), {} turns, {} stories",
        simulated as f64 / seconds / threads as f64,
        turns.into_inner(),
        stories.into_inner(),
    );
    if failed > 0 {
        std::process::exit(1);
    }
}
