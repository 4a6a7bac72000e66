//! What can be wrong with a config, worded for the person who has to mend it.

use std::fmt;
use std::path::PathBuf;

/// Why there is no config.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read the config file {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What it says cannot be used; all that was found, not only the first.
    #[error("{0}")]
    Invalid(Problems),
}

/// Everything wrong with a config: the file in its order, then the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

/// One thing wrong with a config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: `newswire.toml:14`, or the name of an environment variable.
    pub place: String,
    /// What is wrong and what is wanted.
    pub message: String,
}

impl Problems {
    /// By line; what has none (the environment) comes last.
    pub(super) fn in_order(mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| {
            let line = problem.place.rsplit_once(':').map(|(_, line)| line.parse::<usize>());
            line.and_then(Result::ok).unwrap_or(usize::MAX)
        });
        Self(problems)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// The candidate nearest to `name`, if one is near enough to be what was meant.
pub(super) fn nearest<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = name.to_lowercase();
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&lower, candidate), candidate))
        // Half of the letters wrong is another word.
        .filter(|(distance, candidate)| *distance * 2 <= candidate.chars().count().max(2))
        .min()
        .map(|(_, candidate)| candidate)
}
