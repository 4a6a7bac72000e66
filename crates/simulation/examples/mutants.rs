//! Plants each mutant and runs seeds until it is found: `mutants [MOST_SEEDS [NAME…]]`, all of them
//! or those whose names are given. One that is not found is a hole in the simulation, and the exit
//! code is 1.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use simulation::{mutations, simulate};

#[expect(clippy::print_stdout, reason = "a program that reports")]
#[expect(clippy::expect_used, reason = "a thread that cannot be had ends it all")]
fn main() {
    let most: u64 = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(5_000);
    let names: Vec<String> = std::env::args().skip(2).collect();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|part| name.contains(part));
    let mut all = mutations();
    all.retain(|mutation| wanted(&format!("{mutation:?}")));
    let (next, alive) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let work = || {
                while let Some(mutation) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let began = Instant::now();
                    let found = (0..most).find_map(|seed| simulate(seed, *mutation, false).err());
                    let seconds = began.elapsed().as_secs_f64();
                    match found {
                        Some(failure) => println!(
                            "found  {mutation:?} after {} seeds, {seconds:.1} s: {}",
                            failure.seed + 1,
                            failure.what
                        ),
                        None => {
                            alive.fetch_add(1, Ordering::Relaxed);
                            println!("ALIVE  {mutation:?} after {most} seeds, {seconds:.1} s");
                        }
                    }
                }
            };
            std::thread::Builder::new()
                .stack_size(64 << 20)
                .spawn_scoped(scope, work)
                .expect("a thread");
        }
    });
    let alive = alive.into_inner();
    println!("{} mutants, {alive} of them alive", all.len());
    if alive > 0 {
        std::process::exit(1);
    }
}
