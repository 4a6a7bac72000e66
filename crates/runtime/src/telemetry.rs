//! Logs: text on a terminal, JSON otherwise, always on stderr (stdout belongs to commands).

use std::collections::BTreeMap;
use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What is logged where nothing else is asked for: our own work, and of the libraries what an
/// operator must know.
const DEFAULT_LEVEL: &str = "info";

/// The log cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `NEWSWIRE_LOG` or `RUST_LOG` is no filter.
    #[error(
        "{variable} is not a log filter: {reason} (write for example info, debug or \
         fetcher=debug,warn)"
    )]
    Filter {
        /// Name of the variable.
        variable: &'static str,
        /// What the parser says.
        reason: String,
    },
    /// A log is already set up in this process.
    #[error("the log is already set up in this process")]
    AlreadySet,
}

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people, in colour or not.
    Text {
        /// Whether escape codes are written.
        colour: bool,
    },
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// Text if stderr is a terminal, else JSON; colour unless `NO_COLOR` is set and not empty
    /// (no-color.org) or the terminal is dumb.
    pub fn detect(stderr_is_terminal: bool, env: &BTreeMap<String, String>) -> Self {
        if !stderr_is_terminal {
            return Self::Json;
        }
        let no_color = env.get("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env.get("TERM").is_some_and(|value| value == "dumb");
        Self::Text { colour: !no_color && !dumb }
    }
}

/// Sets up the log of this process, for the rest of its life. The level comes from
/// `NEWSWIRE_LOG`, else `RUST_LOG`, else `info`.
pub fn start(env: &BTreeMap<String, String>) -> Result<(), TelemetryError> {
    start_with(LogFormat::detect(std::io::stderr().is_terminal(), env), DEFAULT_LEVEL, env)
}

/// As [`start`], with the look and the level that counts where the environment has none: for
/// commands whose own output fills the terminal.
pub fn start_with(
    format: LogFormat,
    default_level: &str,
    env: &BTreeMap<String, String>,
) -> Result<(), TelemetryError> {
    let filter = filter(default_level, env)?;
    let registry = tracing_subscriber::registry().with(filter);
    let result = match format {
        LogFormat::Text { colour } => registry
            .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colour))
            .try_init(),
        LogFormat::Json => registry
            .with(
                tracing_subscriber::fmt::layer()
                    .json()
                    .flatten_event(true)
                    .with_current_span(false)
                    .with_writer(std::io::stderr),
            )
            .try_init(),
    };
    result.map_err(|_| TelemetryError::AlreadySet)
}

fn filter(
    default_level: &str,
    env: &BTreeMap<String, String>,
) -> Result<EnvFilter, TelemetryError> {
    for variable in ["NEWSWIRE_LOG", "RUST_LOG"] {
        let Some(text) = env.get(variable).filter(|text| !text.trim().is_empty()) else {
            continue;
        };
        return EnvFilter::try_new(text)
            .map_err(|error| TelemetryError::Filter { variable, reason: error.to_string() });
    }
    EnvFilter::try_new(default_level).map_err(|error| TelemetryError::Filter {
        variable: "the default level",
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn lines_are_text_on_a_terminal_and_json_elsewhere() {
        for (terminal, variables, format) in [
            (false, vec![], LogFormat::Json),
            (true, vec![], LogFormat::Text { colour: true }),
            (true, vec![("NO_COLOR", "1")], LogFormat::Text { colour: false }),
            (true, vec![("NO_COLOR", "")], LogFormat::Text { colour: true }),
            (true, vec![("TERM", "dumb")], LogFormat::Text { colour: false }),
        ] {
            assert_eq!(LogFormat::detect(terminal, &env(&variables)), format);
        }
    }

    #[test]
    fn our_own_variable_comes_before_the_common_one() {
        let both = env(&[("NEWSWIRE_LOG", "debug"), ("RUST_LOG", "error")]);
        assert_eq!(filter("info", &both).unwrap().to_string(), "debug");
        let common = env(&[("RUST_LOG", "error"), ("NEWSWIRE_LOG", " ")]);
        assert_eq!(filter("info", &common).unwrap().to_string(), "error");
        assert_eq!(filter("info", &env(&[])).unwrap().to_string(), "info");
    }

    #[test]
    fn a_wrong_filter_names_its_variable() {
        let error = filter("info", &env(&[("RUST_LOG", "a=b=c")])).unwrap_err();
        assert!(error.to_string().contains("RUST_LOG"), "{error}");
    }
}
