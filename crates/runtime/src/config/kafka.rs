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

/// The value of a librdkafka property; which there may be, the transport says. `Debug` hides what
/// may be a secret.
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
        let secret = from_file || !is_harmless(name, &value);
        Self { value, secret }
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

/// Properties whose values may be shown. Not the other way round: a misspelt `sasl.pasword` is on no
/// list of secrets.
const HARMLESS: [&str; 30] = [
    "client.id",
    "client.rack",
    "client.dns.lookup",
    "broker.address.family",
    "compression.codec",
    "compression.type",
    "debug",
    "security.protocol",
    "enable.ssl.certificate.verification",
    "ssl.ca.location",
    "ssl.certificate.location",
    "ssl.cipher.suites",
    "ssl.crl.location",
    "ssl.curves.list",
    "ssl.endpoint.identification.algorithm",
    "ssl.key.location",
    "ssl.keystore.location",
    "ssl.sigalgs.list",
    "https.ca.location",
    "sasl.mechanism",
    "sasl.mechanisms",
    "sasl.username",
    "sasl.kerberos.keytab",
    "sasl.kerberos.principal",
    "sasl.kerberos.service.name",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.method",
    "sasl.oauthbearer.scope",
    "sasl.oauthbearer.assertion.file",
    "sasl.oauthbearer.assertion.private.key.file",
];

/// Whether a value may be shown: by name, or since it is a switch, a time or a size.
fn is_harmless(name: &str, value: &str) -> bool {
    let ends = [".ms", ".bytes", ".kbytes", ".messages", ".level"];
    let measure = ends.iter().any(|end| name.ends_with(end));
    HARMLESS.contains(&name)
        || matches!(value, "true" | "false")
        || (measure && value.parse::<f64>().is_ok())
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
        let value = if found.is_file {
            match std::fs::read_to_string(&found.value) {
                // An editor's last line end is not part of a password.
                Ok(text) => text.trim_end_matches(['\n', '\r']).to_owned(),
                Err(error) => {
                    reader.problem(
                        found.origin.to_string(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_to_be_harmless_is_shown() {
        for (name, value, is_shown) in [
            ("security.protocol", "SASL_SSL", true),
            ("sasl.username", "alice", true),
            ("ssl.ca.location", "/etc/ssl/ca.pem", true),
            ("session.timeout.ms", "30000", true),
            ("socket.keepalive.enable", "true", true),
            ("session.timeout.ms", "hunter2", false),
            ("sasl.password", "hunter2", false),
            ("sasl.password", "123456", false),
            ("sasl.pasword", "hunter2", false),
            ("sasl.oauthbearer.client.secret", "hunter2", false),
            ("sasl.oauthbearer.config", "hunter2", false),
            ("sasl.jaas.config", "hunter2", false),
            ("ssl.key.pem", "hunter2", false),
            ("ssl_key", "hunter2", false),
            ("no.such.thing", "hunter2", false),
        ] {
            let shown = Property::new(name, value.to_owned(), false).shown();
            assert_eq!(shown.contains(value), is_shown, "{name} = {shown}");
        }
        let from_file = Property::new("sasl.username", "alice".to_owned(), true);
        assert!(!from_file.shown().contains("alice"));
    }
}
