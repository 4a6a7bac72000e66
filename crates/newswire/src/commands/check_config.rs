//! `newswire check-config`: is the configuration right, and what does it come to?

use std::io::Write as _;

use runtime::config::{Config, process_env};

use crate::cli::Place;
use crate::failure::Failure;
use crate::open::{Bus, config_path, topics};
use crate::printing::{Paint, column};

/// Checks and explains the configuration.
pub(crate) fn run(place: &Place) -> Result<(), Failure> {
    let path = config_path(place);
    let loaded = Config::load_explained(path.as_deref(), &process_env())?;
    topics(&loaded.config)?;
    let is_kafka = loaded.config.kafka.is_some();
    let mut stdout = std::io::stdout().lock();
    let paint = Paint::detect();
    let from = path.map_or_else(
        || "defaults and environment (there is no newswire.toml here)".to_owned(),
        |path| path.display().to_string(),
    );
    let width = loaded.effective.iter().map(|value| value.key.len()).max().unwrap_or(0).min(48);
    for value in &loaded.effective {
        let origin = value.origin.to_string();
        let key = column(&value.key, width);
        writeln!(stdout, "{key} = {}  {}", value.value, paint.dim(&format!("# {origin}")))?;
    }
    if is_kafka {
        // As every other command begins; it connects to nothing. The table above says where a
        // property comes from that is refused here.
        Bus::open(&loaded.config, true)?;
    }
    for warning in &loaded.warnings {
        writeln!(stdout, "{} {}: {}", paint.warn("~"), warning.place, warning.message)?;
    }
    let log = if is_kafka { "Kafka" } else { "the embedded log" };
    writeln!(stdout, "{} {from}: good, over {log}", paint.good("✓"))?;
    Ok(())
}
