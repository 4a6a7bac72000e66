//! `newswire topics` and `newswire schema`.

use std::io::Write as _;

use anyhow::anyhow;
use bus::Cleanup;
use runtime::config::TimeSpan;
use serde_json::{Map, Value};

use crate::cli::Place;
use crate::failure::Failure;
use crate::open::{Bus, config, topics};
use crate::printing::{Paint, column};

/// Shows the topics, creating missing ones where asked to.
pub(crate) fn run(place: &Place, create: bool) -> Result<(), Failure> {
    let config = config(place)?;
    let settings = topics(&config)?;
    // As it is: what is wrong is to be shown, and nothing made unless that is asked for.
    let open = if create { Bus::open_to_make } else { Bus::open_to_look };
    let mut log = open(&config, settings.clone())?.log()?;
    let mut stdout = std::io::stdout().lock();
    let paint = Paint::detect();
    if create {
        for topic in log.create_topics()? {
            writeln!(stdout, "created {}", settings.full_name(topic))?;
        }
    }
    let states = log.topics()?;
    writeln!(
        stdout,
        "{}  {:>10}  {}  {:>9}  {:>11}",
        column("TOPIC", 28),
        "PARTITIONS",
        column("CLEANUP", 14),
        "RETENTION",
        "MAX RECORD"
    )?;
    let mut faults = 0;
    for state in states {
        let spec = settings.spec(state.topic);
        let cleanup = match spec.cleanup {
            Cleanup::Delete => "delete",
            Cleanup::Compact => "compact",
            Cleanup::CompactDelete => "compact,delete",
        };
        let retention = spec
            .retention
            .map_or_else(|| "for ever".to_owned(), |age| TimeSpan::from(age).to_string());
        writeln!(
            stdout,
            "{}  {:>10}  {}  {:>9}  {:>11}",
            column(&settings.full_name(state.topic), 28),
            state.partitions,
            column(cleanup, 14),
            retention,
            format!("{} KiB", spec.max_record_bytes / 1024)
        )?;
        for fault in &state.faults {
            faults += 1;
            writeln!(stdout, "  {} {fault}", paint.bad("✗"))?;
        }
    }
    if faults > 0 {
        let anew = match config.kafka {
            Some(_) => "choose another topic_prefix",
            None => "start a new file (path in [embedded])",
        };
        return Err(Failure::Failed(anyhow!(
            "{faults} fault(s): `newswire topics --create` makes what is missing; partition counts \
             cannot be changed on a topic that has data: set [topics.NAME] partitions to what is \
             there, or {anew}"
        )));
    }
    Ok(())
}

/// Shows the JSON Schema of public records.
pub(crate) fn schema(topic: Option<&str>) -> Result<(), Failure> {
    let schemas = events::public_schemas();
    let mut stdout = std::io::stdout().lock();
    let Some(topic) = topic else {
        let mut all = Map::new();
        for schema in schemas {
            all.insert(schema.topic.to_owned(), serde_json::from_str(&schema.json)?);
        }
        writeln!(stdout, "{}", serde_json::to_string_pretty(&Value::Object(all))?)?;
        return Ok(());
    };
    // What the compacted twin holds is the same record.
    let wanted = if topic == "stories-latest" { "stories" } else { topic };
    let Some(schema) = schemas.iter().find(|schema| schema.topic == wanted) else {
        let names: Vec<&str> = schemas.iter().map(|schema| schema.topic).collect();
        let names = names.join(", ");
        return Err(Failure::Usage(format!("no public record {topic:?}; there are {names}")));
    };
    write!(stdout, "{}", schema.json)?;
    Ok(())
}
