//! Reads keys out of a TOML document and the environment, and remembers what it saw: problems
//! with their places, where each value came from, which keys exist. Knows no particular key.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::error::{Problem, nearest};
use super::setting::{Setting, Value, describe};

/// Before the names of all environment variables.
pub(super) const ENV_PREFIX: &str = "NEWSWIRE_";

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueOrigin {
    /// Nothing was said: the built-in value.
    Default,
    /// A place in the file: `newswire.toml:14`.
    File(String),
    /// An environment variable, by name.
    Env(String),
}

impl fmt::Display for ValueOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(place) => f.write_str(place),
            Self::Env(name) => f.write_str(name),
        }
    }
}

/// A key with the value that counts and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveValue {
    /// The key with its section: `fetch.timeout`, `feeds[0].url`.
    pub key: String,
    /// The value as it would stand in the file; `(secret)` for a secret, `(not set)` for nothing.
    pub value: String,
    /// Where it came from.
    pub origin: ValueOrigin,
}

/// A text that TOML was read from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// File name as given, or name of an environment variable.
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    pub(super) is_file: bool,
}

impl Source<'_> {
    /// `newswire.toml:14`; the variable's name where it is no file.
    pub(super) fn place(&self, span: &Range<usize>) -> String {
        if !self.is_file {
            return self.name.to_owned();
        }
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        format!("{}:{line}", self.name)
    }

    pub(super) fn origin(&self, span: &Range<usize>) -> ValueOrigin {
        if self.is_file {
            ValueOrigin::File(self.place(span))
        } else {
            ValueOrigin::Env(self.name.to_owned())
        }
    }
}

/// A key that nobody asked for; told at the end, when all keys are known.
struct Unknown {
    place: String,
    section: String,
    key: String,
}

/// What has been seen so far.
pub(super) struct Reader<'a> {
    env: &'a BTreeMap<String, String>,
    used_env: BTreeSet<String>,
    /// Section and key of all keys that were asked for. List items share `feeds[]`.
    known: BTreeSet<(String, String)>,
    unknown: Vec<Unknown>,
    pub(super) problems: Vec<Problem>,
    pub(super) effective: Vec<EffectiveValue>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(env: &'a BTreeMap<String, String>) -> Self {
        Self {
            env,
            used_env: BTreeSet::new(),
            known: BTreeSet::new(),
            unknown: Vec::new(),
            problems: Vec::new(),
            effective: Vec::new(),
        }
    }

    pub(super) fn problem(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem { place: place.into(), message: message.into() });
    }

    /// A variable of the environment, marked as understood.
    pub(super) fn take_env(&mut self, name: &str) -> Option<&'a str> {
        let value = self.env.get(name)?;
        self.used_env.insert(name.to_owned());
        Some(value)
    }

    /// The variables whose names begin so, in order, marked as understood.
    pub(super) fn take_env_prefix(&mut self, prefix: &str) -> Vec<(&'a str, &'a str)> {
        let env = self.env;
        let found: Vec<_> = env
            .iter()
            .filter(|(name, _)| name.starts_with(prefix))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.used_env.extend(found.iter().map(|(name, _)| (*name).to_owned()));
        found
    }

    /// Whether a variable begins so.
    pub(super) fn has_env_prefix(&self, prefix: &str) -> bool {
        self.env.keys().any(|name| name.starts_with(prefix))
    }

    /// Shows the key that was read last in other words.
    pub(super) fn show_last(&mut self, value: String) {
        if let Some(last) = self.effective.last_mut() {
            last.value = value;
        }
    }

    /// Where the value of a key came from, for problems found later.
    pub(super) fn place_of(&self, key: &str) -> String {
        self.effective
            .iter()
            .find(|value| value.key == key && value.origin != ValueOrigin::Default)
            .map_or_else(|| key.to_owned(), |value| value.origin.to_string())
    }

    /// The table of a section, if the document has it.
    pub(super) fn section<'d, 'i>(
        &mut self,
        name: &str,
        parent: Option<(&'d DeTable<'i>, Source<'d>)>,
        short_name: &str,
    ) -> Section<'d, 'i> {
        let mut table = None;
        if let Some((parent, source)) = parent
            && let Some((_, value)) = find(parent, short_name)
        {
            if let DeValue::Table(found) = value.get_ref() {
                table = Some((found, source));
            } else {
                self.problem(
                    source.place(&value.span()),
                    format!(
                        "{name} wants a table: write [{name}] and its keys below; it is {}",
                        describe(value.get_ref())
                    ),
                );
            }
        }
        Section { path: name.to_owned(), group: name.to_owned(), in_env: true, table }
    }

    /// Reports the keys and variables that nobody asked for. To be called last.
    pub(super) fn report_unknown(&mut self) {
        for unknown in std::mem::take(&mut self.unknown) {
            let message = self.unknown_key(&unknown.section, &unknown.key);
            self.problem(unknown.place, message);
        }
        let names: Vec<&String> = self.env.keys().collect();
        for name in names {
            let Some(rest) = name.strip_prefix(ENV_PREFIX) else {
                continue;
            };
            if self.used_env.contains(name) {
                if self.env[name].contains(char::REPLACEMENT_CHARACTER) {
                    self.problem(name, "is not valid UTF-8".to_owned());
                }
                continue;
            }
            if let Some(message) = self.table_in_env(name) {
                self.problem(name, message);
            } else if rest.contains("__") {
                let names: Vec<String> = self
                    .known
                    .iter()
                    .filter(|(section, _)| !section.ends_with("[]"))
                    .map(|(section, key)| env_name(section, key).to_lowercase())
                    .collect();
                // What all of them begin with makes none of them more likely.
                let tails = names.iter().filter_map(|name| name.get(ENV_PREFIX.len()..));
                let message = match nearest(rest, tails) {
                    Some(meant) => {
                        let meant = meant.to_uppercase();
                        format!("is no key of the config; did you mean {ENV_PREFIX}{meant}?")
                    }
                    None => "is no key of the config (NEWSWIRE_SECTION__KEY)".to_owned(),
                };
                self.problem(name, message);
            } else if let Some(right) = self
                .known
                .iter()
                .map(|(section, key)| env_name(section, key))
                .find(|right| right.replace("__", "_") == *name)
            {
                self.problem(name, format!("needs two underscores after the section: {right}"));
            }
        }
    }

    /// What is wrong with a variable that is named as a whole section, or as a key that is a table.
    fn table_in_env(&self, name: &str) -> Option<String> {
        let (_, key) = self.known.iter().find(|(section, key)| {
            let whole = format!("{ENV_PREFIX}{}", section.to_uppercase());
            !section.is_empty() && (whole == name || env_name(section, key) == name)
        })?;
        let is_key = name.ends_with(&format!("__{}", key.to_uppercase()));
        let example = if is_key { "NAME".to_owned() } else { key.to_uppercase() };
        Some(format!("is a table, whose keys are set one by one: {name}__{example}"))
    }

    fn unknown_key(&self, section: &str, key: &str) -> String {
        if section.is_empty() {
            let mut sections: Vec<&str> = self
                .known
                .iter()
                .map(|(section, _)| section.split(['.', '[']).next().unwrap_or(section))
                .collect();
            sections.dedup();
            return match nearest(key, sections.iter().copied()) {
                Some(meant) => format!("unknown section [{key}]; did you mean [{meant}]?"),
                None => match self.nearest_key(section, key) {
                    Some((section, key)) => {
                        let section = section.trim_end_matches("[]");
                        format!("unknown key {key} outside any section; it belongs in [{section}]")
                    }
                    None => format!("unknown section [{key}]; there are {}", sections.join(", ")),
                },
            };
        }
        let shown = section.trim_end_matches("[]");
        match self.nearest_key(section, key) {
            Some((other, meant)) if other == section => {
                format!("unknown key {shown}.{key}; did you mean {meant}?")
            }
            Some((other, meant)) => format!(
                "unknown key {shown}.{key}; {meant} belongs in [{}]",
                other.trim_end_matches("[]")
            ),
            None => {
                let keys: Vec<&str> = self
                    .known
                    .iter()
                    .filter(|(known, _)| known == section)
                    .map(|(_, key)| key.as_str())
                    .collect();
                format!("unknown key {shown}.{key}; there are {}", keys.join(", "))
            }
        }
    }

    /// The known key that was most likely meant: in its section, else of that very name in
    /// another one.
    fn nearest_key(&self, section: &str, key: &str) -> Option<(String, String)> {
        // A plain section sooner than an item of a list.
        let of_name = || self.known.iter().filter(|(_, known)| known == key);
        let exact = of_name().find(|(section, _)| !section.ends_with("[]")).or(of_name().next());
        let here =
            self.known.iter().filter(|(known, _)| known == section).map(|(_, key)| key.as_str());
        if let Some(meant) = nearest(key, here) {
            return Some((section.to_owned(), meant.to_owned()));
        }
        if let Some(found) = exact {
            return Some(found.clone());
        }
        // The section itself may be misspelt.
        let sections: BTreeSet<&str> = self.known.iter().map(|(known, _)| known.as_str()).collect();
        let meant = nearest(section, sections.into_iter())?;
        let keys =
            self.known.iter().filter(|(known, _)| known == meant).map(|(_, key)| key.as_str());
        Some((meant.to_owned(), nearest(key, keys)?.to_owned()))
    }
}

/// `NEWSWIRE_SECTION__KEY`.
pub(super) fn env_name(section: &str, key: &str) -> String {
    let spell = |part: &str| part.to_uppercase().replace(['-', '.'], "_");
    let section: Vec<String> = section.split('.').map(spell).collect();
    format!("{ENV_PREFIX}{}__{}", section.join("__"), spell(key))
}

/// A key of a table.
pub(super) fn find<'d, 'i>(
    table: &'d DeTable<'i>,
    key: &str,
) -> Option<(Range<usize>, &'d Value<'i>)> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(name, value)| (name.span(), value))
}

/// One table of the document, read key by key.
pub(super) struct Section<'d, 'i> {
    /// `fetch`, `feeds[3]`.
    pub(super) path: String,
    /// `fetch`, `feeds[]`.
    group: String,
    in_env: bool,
    pub(super) table: Option<(&'d DeTable<'i>, Source<'d>)>,
}

impl<'d, 'i> Section<'d, 'i> {
    /// An item of a list of tables; the environment has no names for these.
    pub(super) fn item(
        list: &str,
        index: usize,
        table: &'d DeTable<'i>,
        source: Source<'d>,
    ) -> Self {
        Self {
            path: format!("{list}[{index}]"),
            group: format!("{list}[]"),
            in_env: false,
            table: Some((table, source)),
        }
    }

    /// A key as the document has it.
    pub(super) fn raw(&self, key: &str) -> Option<(&'d Value<'i>, Source<'d>)> {
        let (table, source) = self.table?;
        find(table, key).map(|(_, value)| (value, source))
    }

    /// Marks a key as known without reading it.
    pub(super) fn know(&self, reader: &mut Reader<'_>, key: &str) {
        reader.known.insert((self.group.clone(), key.to_owned()));
    }

    /// The value of a key: environment before file before default.
    pub(super) fn get<T: Setting>(&self, reader: &mut Reader<'_>, key: &str, default: T) -> T {
        self.get_if_set(reader, key).unwrap_or_else(|| {
            reader.effective.push(EffectiveValue {
                key: format!("{}.{key}", self.path),
                value: default.show(),
                origin: ValueOrigin::Default,
            });
            default
        })
    }

    /// The value of a key that has no default.
    pub(super) fn get_optional<T: Setting>(&self, reader: &mut Reader<'_>, key: &str) -> Option<T> {
        let value = self.get_if_set(reader, key);
        if value.is_none() && self.in_env {
            reader.effective.push(EffectiveValue {
                key: format!("{}.{key}", self.path),
                value: "(not set)".to_owned(),
                origin: ValueOrigin::Default,
            });
        }
        value
    }

    fn get_if_set<T: Setting>(&self, reader: &mut Reader<'_>, key: &str) -> Option<T> {
        self.know(reader, key);
        let path = format!("{}.{key}", self.path);
        let mut found = None;
        if let Some((value, source)) = self.raw(key) {
            match T::from_value(value) {
                Ok(setting) => found = Some((setting, source.origin(&value.span()))),
                Err(fault) => {
                    let place = source.place(&fault.span.unwrap_or_else(|| value.span()));
                    reader.problem(place, format!("{path} {}", wants(&fault.message)));
                }
            }
        }
        if self.in_env {
            let name = env_name(&self.path, key);
            if let Some(text) = reader.take_env(&name) {
                match T::from_text(text) {
                    Ok(setting) => found = Some((setting, ValueOrigin::Env(name))),
                    Err(message) => reader.problem(name, format!("{path} {}", wants(&message))),
                }
            }
        }
        let (setting, origin) = found?;
        reader.effective.push(EffectiveValue { key: path, value: setting.show(), origin });
        Some(setting)
    }

    /// Remembers the keys of the table that nobody asked for.
    pub(super) fn finish(self, reader: &mut Reader<'_>) {
        let Some((table, source)) = self.table else {
            return;
        };
        for (name, _) in table {
            let key = name.get_ref().as_ref();
            let known = (self.group.clone(), key.to_owned());
            if !reader.known.contains(&known) {
                reader.unknown.push(Unknown {
                    place: source.place(&name.span()),
                    section: self.group.clone(),
                    key: key.to_owned(),
                });
            }
        }
    }
}

/// Remembers the sections of the document that nobody asked for.
pub(super) fn finish_root(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    source: Source<'_>,
    sections: &[&str],
) {
    for (name, _) in root {
        let key = name.get_ref().as_ref();
        if !sections.contains(&key) {
            reader.unknown.push(Unknown {
                place: source.place(&name.span()),
                section: String::new(),
                key: key.to_owned(),
            });
        }
    }
}

/// A message that already says "wants" stays; a unit's complaint is joined by a colon.
fn wants(message: &str) -> String {
    if message.starts_with("wants ") { message.to_owned() } else { format!("is wrong: {message}") }
}
