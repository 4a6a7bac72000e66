//! The newswire binary: commands over the crates that do the work.
//!
//! What a person or a script meets is decided here: arguments, exit codes (0 done, 1 failed,
//! 2 wrong usage or config), what goes to stdout and what to stderr. Nothing else is.

mod cli;
mod commands;
mod failure;
mod open;
mod printing;
mod stages;
mod websub;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::failure::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has heard enough (`newswire tail | head`).
        Err(Failure::Failed(error)) if failure::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(failure) => {
            let mut stderr = std::io::stderr().lock();
            // There is nobody left to tell if this fails.
            let _ = writeln!(stderr, "{failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
