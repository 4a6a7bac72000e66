//! What a SQLite error means to a caller, and how headers are written into a column.

use events::Header;
use rusqlite::{Error, ErrorCode};
use serde_json::Value;

use crate::BusError;

/// [`BusError::Away`] where waiting may help (busy, disk full, read or write failed), else what
/// `other` makes of it.
pub(super) fn away_or(error: Error, other: impl FnOnce(Error) -> BusError) -> BusError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            BusError::Away("full: no space is left on the disk".to_owned())
        }
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::SystemIoFailure
            | ErrorCode::OutOfMemory,
        ) => BusError::Away(error.to_string()),
        _ => other(error),
    }
}

/// As [`away_or`]; the rest is [`BusError::Broken`].
pub(super) fn broken(error: Error) -> BusError {
    away_or(error, |error| BusError::Broken(error.to_string()))
}

/// Headers as JSON, so that people can read them: `[["name","value"],…]`, where a value that is
/// no UTF-8 is `{"hex":"…"}`.
pub(super) fn headers_to_column(headers: &[Header]) -> Option<String> {
    if headers.is_empty() {
        return None;
    }
    let list = headers
        .iter()
        .map(|(name, value)| {
            let value = match std::str::from_utf8(value) {
                Ok(text) => Value::from(text),
                Err(_) => serde_json::json!({ "hex": to_hex(value) }),
            };
            Value::Array(vec![Value::from(name.as_str()), value])
        })
        .collect();
    Some(Value::Array(list).to_string())
}

/// The other way; `None` where the column holds something else.
pub(super) fn headers_from_column(column: Option<&str>) -> Option<Vec<Header>> {
    let Some(text) = column else {
        return Some(Vec::new());
    };
    let Value::Array(list) = serde_json::from_str(text).ok()? else {
        return None;
    };
    list.iter()
        .map(|pair| {
            let name = pair.get(0)?.as_str()?.to_owned();
            let value = match pair.get(1)? {
                Value::String(text) => text.clone().into_bytes(),
                other => from_hex(other.get("hex")?.as_str()?)?,
            };
            Some((name, value))
        })
        .collect()
}

fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_survive_the_column_also_when_they_are_no_text() {
        let cases: Vec<Vec<Header>> = vec![
            vec![],
            vec![("a".into(), b"b".to_vec()), ("a".into(), vec![])],
            vec![("\"".into(), vec![0xff, 0x00]), ("ü".into(), b"\n".to_vec())],
        ];
        for headers in cases {
            let column = headers_to_column(&headers);
            assert_eq!(headers_from_column(column.as_deref()), Some(headers));
        }
        assert_eq!(headers_from_column(Some("[[1]]")), None);
    }
}
