//! Writes the log of a road that ran in peace: what a release keeps for the tests of later ones.
//! `cargo run --release -p simulation --example golden > crates/simulation/tests/golden/vN.tsv`

#[expect(clippy::print_stdout, reason = "a program that prints")]
fn main() -> Result<(), String> {
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    let thread = thread.spawn(simulation::golden::write).map_err(|error| error.to_string())?;
    let text = thread.join().map_err(|_| "the road panicked".to_owned())??;
    print!("{text}");
    Ok(())
}
