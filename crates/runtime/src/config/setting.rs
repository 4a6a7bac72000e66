//! How a value of each type is read from TOML or from an environment variable, and shown.

use std::fmt::Write;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reader::find;
use super::units::{ByteSize, Network, TimeSpan};

/// A value that cannot be used: where in the source (if known), and what is wanted.
pub(super) struct Fault {
    pub(super) span: Option<Range<usize>>,
    pub(super) message: String,
}

/// A value of TOML with its place.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// A type that a key can have.
pub(super) trait Setting: Sized {
    /// What a person should write, completing "wants …".
    const WANTED: &'static str;

    /// From TOML; by default from a string, as in the environment.
    fn from_value(value: &Value<'_>) -> Result<Self, Fault> {
        match value.get_ref() {
            DeValue::String(text) => {
                Self::from_text(text).map_err(|message| Fault { span: Some(value.span()), message })
            }
            _ => Err(wrong_type::<Self>(value)),
        }
    }

    /// From the text of an environment variable.
    fn from_text(text: &str) -> Result<Self, String>;

    /// As it would stand in the file.
    fn show(&self) -> String;
}

fn wrong_type<T: Setting>(value: &Value<'_>) -> Fault {
    Fault {
        span: Some(value.span()),
        message: format!("wants {}, not {}", T::WANTED, describe(value.get_ref())),
    }
}

/// Names a value in an error. Strings are not repeated: they may be secrets.
pub(super) fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(_) => "a string".to_owned(),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(truth) => format!("{truth}"),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// Text as a TOML string.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            other if other.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

impl Setting for String {
    const WANTED: &'static str = "a string in quotes";

    fn from_text(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }

    fn show(&self) -> String {
        quote(self)
    }
}

impl Setting for PathBuf {
    const WANTED: &'static str = "a path in quotes";

    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("wants a path, not an empty string".to_owned());
        }
        Ok(Self::from(text))
    }

    fn show(&self) -> String {
        quote(&self.to_string_lossy())
    }
}

impl Setting for bool {
    const WANTED: &'static str = "true or false (without quotes)";

    fn from_value(value: &Value<'_>) -> Result<Self, Fault> {
        value.get_ref().as_bool().ok_or_else(|| wrong_type::<Self>(value))
    }

    fn from_text(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err(format!("wants true or false, not `{text}`")),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for u32 {
    const WANTED: &'static str = "a whole number from 0 to 4294967295";

    fn from_value(value: &Value<'_>) -> Result<Self, Fault> {
        value
            .get_ref()
            .as_integer()
            .and_then(|number| Self::from_str_radix(number.as_str(), number.radix()).ok())
            .ok_or_else(|| wrong_type::<Self>(value))
    }

    fn from_text(text: &str) -> Result<Self, String> {
        text.trim()
            .replace('_', "")
            .parse()
            .map_err(|_| format!("wants {}, not `{text}`", Self::WANTED))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

macro_rules! parsed_setting {
    ($($type:ty, $wanted:literal;)*) => {$(
        impl Setting for $type {
            const WANTED: &'static str = $wanted;

            fn from_text(text: &str) -> Result<Self, String> {
                text.parse()
                    .map_err(|error| format!("wants {}: {error}", Self::WANTED))
            }

            fn show(&self) -> String {
                quote(&self.to_string())
            }
        }
    )*};
}

parsed_setting! {
    TimeSpan, "a duration in quotes, such as \"30s\", \"5m\", \"24h\" or \"7d\"";
    ByteSize, "a size in quotes, such as \"5MiB\" or \"20GiB\"";
    Network, "a network in quotes, such as \"10.1.0.0/16\"";
    SocketAddr, "an address and port in quotes, such as \"127.0.0.1:9640\" or \"[::]:9640\"";
}

/// A list; in the environment as in the file, or its items with commas between them, or nothing.
impl<T: Setting> Setting for Vec<T> {
    const WANTED: &'static str = "a list in [ ]";

    fn from_value(value: &Value<'_>) -> Result<Self, Fault> {
        let DeValue::Array(items) = value.get_ref() else {
            return Err(wrong_type::<Self>(value));
        };
        items.iter().map(T::from_value).collect()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with('[') {
            let document = format!("list = {text}");
            let table = DeTable::parse(&document).map_err(|error| {
                format!("wants a list such as `a, b` or [\"a\", \"b\"]: {}", error.message())
            })?;
            let list = find(table.get_ref(), "list").map(|(_, list)| Self::from_value(list));
            return list.unwrap_or_else(|| Ok(Self::new())).map_err(|fault| fault.message);
        }
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(T::from_text).collect()
    }

    fn show(&self) -> String {
        let items: Vec<String> = self.iter().map(Setting::show).collect();
        format!("[{}]", items.join(", "))
    }
}

/// A word out of a closed list.
pub(super) trait Choice: Copy + 'static {
    const WANTED: &'static str;
    const CHOICES: &'static [(&'static str, Self)];

    fn is(self, other: Self) -> bool;
}

impl<T: Choice> Setting for T {
    const WANTED: &'static str = <T as Choice>::WANTED;

    fn from_text(text: &str) -> Result<Self, String> {
        T::CHOICES
            .iter()
            .find(|(name, _)| *name == text)
            .map(|(_, choice)| *choice)
            .ok_or_else(|| format!("wants {}, not `{text}`", <T as Choice>::WANTED))
    }

    fn show(&self) -> String {
        T::CHOICES
            .iter()
            .find(|(_, choice)| choice.is(*self))
            .map_or_else(String::new, |(name, _)| quote(name))
    }
}
