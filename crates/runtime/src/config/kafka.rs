//! `[kafka]` and `[kafka.properties]`: properties for librdkafka, and the secrets among them.

use std::collections::BTreeMap;
use std::fmt;

use toml::de::{DeTable, DeValue};

use super::reader::{EffectiveValue, Reader, Section, Source, ValueOrigin, env_name};
use super::setting::describe;

/// `[kafka]`: the cluster. Absent: the embedded log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kafka {
    /// Comma-separated `host:port` of some brokers. Default `localhost:9092`.
    pub brokers: String,
    /// Put before the name of every topic and consumer group. Default `newswire.`.
    pub topic_prefix: String,
    /// `[kafka.properties]`: passed to librdkafka, names with dots. Default: none.
    pub properties: BTreeMap<String, Property>,
}

impl Default for Kafka {
    fn default() -> Self {
        Self {
            brokers: "localhost:9092".to_owned(),
            topic_prefix: "newswire.".to_owned(),
            properties: BTreeMap::new(),
        }
    }
}

/// The value of a librdkafka property. `Debug` hides secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Property {
    /// The value, secrets in clear: for librdkafka only.
    pub value: String,
    /// Whether it must not be shown.
    pub secret: bool,
}

impl fmt::Debug for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Property {
    fn new(name: &str, value: String, from_file: bool) -> Self {
        Self { value, secret: from_file || is_secret(name) }
    }

    fn shown(&self) -> String {
        if self.secret { "(secret)".to_owned() } else { super::setting::quote(&self.value) }
    }
}

/// Properties of librdkafka whose own names end in `.file`: in the environment these are not
/// "read a secret from a file" (librdkafka 2.12, CONFIGURATION.md).
const ENDS_IN_FILE: [&str; 3] = [
    "sasl.oauthbearer.assertion.file",
    "sasl.oauthbearer.assertion.jwt.template.file",
    "sasl.oauthbearer.assertion.private.key.file",
];

/// Properties that newswire sets itself: another value would break "nothing lost, nothing
/// twice", or another key says the same.
const REFUSED: [(&str, &str); 20] = [
    ("bootstrap.servers", "use kafka.brokers"),
    ("metadata.broker.list", "use kafka.brokers"),
    ("group.id", "it is made from kafka.topic_prefix and the daemon's name"),
    ("group.instance.id", "static members would keep the partitions of a dead process"),
    ("group.protocol", "only the classic protocol is proved"),
    ("transactional.id", "it is made from the group and run.instance"),
    ("transaction.timeout.ms", "fencing and hand-over rest on it"),
    ("enable.idempotence", "transactions need it"),
    ("enable.gapless.guarantee", "transactions need it as it is"),
    ("acks", "committed records must be on all replicas"),
    ("request.required.acks", "committed records must be on all replicas"),
    ("isolation.level", "readers must not see aborted records"),
    ("enable.auto.commit", "offsets belong to the transactions"),
    ("enable.auto.offset.store", "offsets belong to the transactions"),
    ("auto.commit.enable", "offsets belong to the transactions"),
    ("auto.offset.reset", "lost input is reported, never skipped in silence"),
    ("partition.assignment.strategy", "state and input must have one owner"),
    ("partitioner", "newswire chooses the partition so that a site has one owner"),
    ("message.max.bytes", "it follows from the sizes of the topics"),
    ("enable.partition.eof", "lag is measured by it"),
];

fn is_secret(name: &str) -> bool {
    name == "sasl.oauthbearer.config"
        || name.starts_with("ssl_")
        || name
            .split('.')
            .any(|part| matches!(part, "password" | "passphrase" | "secret" | "pem" | "jaas"))
}

/// A property as it was found, before files are read.
struct Found {
    value: String,
    is_file: bool,
    origin: ValueOrigin,
}

/// Reads `[kafka]`; `None` if neither the file nor the environment has it.
pub(super) fn read(
    reader: &mut Reader<'_>,
    root: Option<(&DeTable<'_>, Source<'_>)>,
) -> Option<Kafka> {
    let section = reader.section("kafka", root, "kafka");
    let present = section.table.is_some() || reader.has_env_prefix("NEWSWIRE_KAFKA__");
    if !present {
        // The keys are known all the same, so that a misspelt section can name them.
        for key in ["brokers", "topic_prefix", "properties"] {
            section.know(reader, key);
        }
        return None;
    }
    let default = Kafka::default();
    let mut kafka = Kafka {
        brokers: section.get(reader, "brokers", default.brokers),
        topic_prefix: section.get(reader, "topic_prefix", default.topic_prefix),
        properties: BTreeMap::new(),
    };
    section.know(reader, "properties");
    kafka.properties = read_properties(reader, &section);
    check(reader, &kafka);
    section.finish(reader);
    Some(kafka)
}

fn read_properties(reader: &mut Reader<'_>, kafka: &Section<'_, '_>) -> BTreeMap<String, Property> {
    let mut found = BTreeMap::new();
    if let Some((value, source)) = kafka.raw("properties") {
        if let DeValue::Table(table) = value.get_ref() {
            flatten(reader, table, source, "", &mut found);
        } else {
            reader.problem(
                source.place(&value.span()),
                "kafka.properties wants a table: write [kafka.properties] and its keys below",
            );
        }
    }
    let prefix = "NEWSWIRE_KAFKA__PROPERTIES__";
    for (variable, value) in reader.take_env_prefix(prefix) {
        let spelling = variable[prefix.len()..].to_lowercase();
        let dotted = spelling.replace('_', ".");
        let of_file =
            spelling.strip_suffix("_file").filter(|_| !ENDS_IN_FILE.contains(&dotted.as_str()));
        let name = match of_file {
            Some(name) => name.replace('_', "."),
            // The one property of librdkafka with an underscore that is not a call-back.
            None if spelling == "log_level" => spelling.clone(),
            None => dotted,
        };
        found.insert(
            name,
            Found {
                value: value.to_owned(),
                is_file: of_file.is_some(),
                origin: ValueOrigin::Env(variable.to_owned()),
            },
        );
    }
    let mut properties = BTreeMap::new();
    for (name, found) in found {
        let place = found.origin.to_string();
        if let Some((_, reason)) = REFUSED.iter().find(|(refused, _)| *refused == name) {
            reader.problem(
                place,
                format!("kafka.properties: {name} is set by newswire itself: {reason}; remove it"),
            );
            continue;
        }
        let value = if found.is_file {
            match std::fs::read_to_string(&found.value) {
                // An editor's last line end is not part of a password.
                Ok(text) => text.trim_end_matches(['\n', '\r']).to_owned(),
                Err(error) => {
                    reader.problem(
                        place,
                        format!(
                            "kafka.properties: cannot read the file of {name}, {}: {error}",
                            found.value
                        ),
                    );
                    continue;
                }
            }
        } else {
            found.value
        };
        let property = Property::new(&name, value, found.is_file);
        reader.effective.push(EffectiveValue {
            key: format!("kafka.properties.{name}"),
            value: property.shown(),
            origin: found.origin,
        });
        properties.insert(name, property);
    }
    properties
}

/// Joins the names of nested tables with dots.
fn flatten(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    source: Source<'_>,
    prefix: &str,
    found: &mut BTreeMap<String, Found>,
) {
    for (key, value) in table {
        let path = format!("{prefix}{}", key.get_ref());
        let place = source.place(&key.span());
        let text = match value.get_ref() {
            DeValue::Table(inner) => {
                flatten(reader, inner, source, &format!("{path}."), found);
                continue;
            }
            DeValue::String(text) => text.to_string(),
            DeValue::Boolean(truth) => truth.to_string(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            other => {
                reader.problem(
                    place,
                    format!(
                        "kafka.properties.{path} wants a string, a number or true/false, not {}",
                        describe(other)
                    ),
                );
                continue;
            }
        };
        let of_file = path.strip_suffix("_file").map(str::to_owned);
        let is_file = of_file.is_some();
        let name = of_file.unwrap_or(path);
        let new = Found { value: text, is_file, origin: source.origin(&key.span()) };
        if found.insert(name.clone(), new).is_some() {
            reader.problem(
                place,
                format!("kafka.properties.{name} is given twice (also as a nested table or _file)"),
            );
        }
    }
}

fn check(reader: &mut Reader<'_>, kafka: &Kafka) {
    let all_valid = kafka.brokers.split(',').all(|broker| {
        let broker = broker.trim();
        let address = broker.rsplit_once("://").map_or(broker, |(_, rest)| rest);
        let port_valid = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
        match address.rsplit_once(':') {
            Some((host, port)) => !host.is_empty() && port_valid(port),
            None => !address.is_empty(),
        }
    });
    if !all_valid {
        reader.problem(
            reader.place_of("kafka.brokers"),
            "kafka.brokers wants host:port, several divided by commas, such as \
             \"kafka1:9092,kafka2:9092\"",
        );
    }
    let prefix_valid = kafka
        .topic_prefix
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    // Kafka allows 249 characters; the longest names are `publisher-state` and `download-state`.
    if !prefix_valid || kafka.topic_prefix.len() > 200 {
        reader.problem(
            reader.place_of("kafka.topic_prefix"),
            format!(
                "kafka.topic_prefix wants at most 200 letters, digits, '.', '_' or '-' \
                 ({} in the environment)",
                env_name("kafka", "topic_prefix")
            ),
        );
    }
}
