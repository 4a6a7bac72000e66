//! What output to a person shares: colour where it is wanted, columns that fit.

use std::io::IsTerminal;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Colour on standard output, where it is a terminal and `NO_COLOR` is not set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint(bool);

impl Paint {
    pub(crate) fn detect() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self(wanted && std::io::stdout().is_terminal())
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    pub(crate) fn notice(self, text: &str) -> String {
        self.with("36", text)
    }

    pub(crate) fn warn(self, text: &str) -> String {
        self.with("33", text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.with("31", text)
    }
}

/// Cuts or fills a text to a width in columns of the terminal, of which most East Asian characters
/// take two. Control characters, which a hostile title may hold, become spaces, and marks that turn
/// the direction of the rest of the line are dropped.
pub(crate) fn column(text: &str, width: usize) -> String {
    let clean: String = text
        .chars()
        .filter(|c| !turns_the_line(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let taken = clean.width();
    if taken <= width {
        return clean + &" ".repeat(width - taken);
    }
    let mut cut = String::new();
    let mut left = width.saturating_sub(1);
    for c in clean.chars() {
        let Some(rest) = left.checked_sub(c.width().unwrap_or(0)) else { break };
        left = rest;
        cut.push(c);
    }
    cut.push('…');
    cut + &" ".repeat(left)
}

/// Embeddings, overrides and isolates of the bidirectional algorithm (UAX #9).
fn turns_the_line(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Bytes as JSON: the JSON they are, or their base64.
pub(crate) fn value_or_base64(bytes: Option<&[u8]>) -> Value {
    match bytes {
        None => Value::Null,
        Some(bytes) => serde_json::from_slice(bytes).unwrap_or_else(|_| base64_of(bytes)),
    }
}

/// Bytes as a JSON string where they are UTF-8, else their base64.
pub(crate) fn text_or_base64(bytes: Option<&[u8]>) -> Value {
    match bytes {
        None => Value::Null,
        Some(bytes) => {
            std::str::from_utf8(bytes).map_or_else(|_| base64_of(bytes), |text| json!(text))
        }
    }
}

fn base64_of(bytes: &[u8]) -> Value {
    json!({ "base64": STANDARD.encode(bytes) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_wide_as_asked_and_holds_no_control_characters() {
        assert_eq!(column("abc", 5), "abc  ");
        assert_eq!(column("abcdef", 5), "abcd…");
        assert_eq!(column("a\x1b[2Jb", 7), "a [2Jb ");
        assert_eq!(column("überraschend", 5), "über…");
        assert_eq!(column("a\u{202e}b", 3), "ab ");
        // Two columns each: half of one cannot be shown.
        assert_eq!(column("東京", 5), "東京 ");
        assert_eq!(column("東京都知事選", 6), "東京… ");
        assert_eq!(column("東京都知事選", 7), "東京都…");
    }

    #[test]
    fn bytes_that_are_not_json_are_shown_as_base64() {
        assert_eq!(value_or_base64(Some(b"{\"a\":1}")), json!({"a": 1}));
        assert_eq!(value_or_base64(Some(b"\xff")), json!({"base64": "/w=="}));
        assert_eq!(value_or_base64(None), Value::Null);
        assert_eq!(text_or_base64(Some(b"\xff")), json!({"base64": "/w=="}));
    }
}
