//! Text that was meant to be JSON becomes JSON: what hand-written and hand-made documents add or
//! leave out. Knows nothing of feeds.

/// The text with what JSON does not allow taken out or replaced: comments, commas before an end,
/// `NaN` and its like, line breaks inside strings, halves of surrogate pairs, strings in single
/// quotes. Costs one pass.
pub(super) fn repair(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '"' => string(&rest[1..], first, &mut out),
            // Only where a value or a key may begin: elsewhere it is an apostrophe gone astray.
            '\'' if out.trim_end().is_empty() || out.trim_end().ends_with(['{', '[', ',', ':']) => {
                string(&rest[1..], first, &mut out)
            }
            '/' if rest.starts_with("//") => rest.find(['\n', '\r']).map_or("", |end| &rest[end..]),
            '/' if rest.starts_with("/*") => {
                rest[2..].find("*/").map_or("", |end| &rest[2 + end + 2..])
            }
            '}' | ']' => {
                let kept = out.trim_end().len();
                if out[..kept].ends_with(',') {
                    out.truncate(kept - 1);
                }
                out.push(first);
                &rest[1..]
            }
            _ if first.is_alphabetic() => word(rest, &mut out),
            _ => {
                out.push(first);
                &rest[first.len_utf8()..]
            }
        };
    }
    out
}

/// Writes a string and gives what follows it.
fn string<'a>(text: &'a str, quote: char, out: &mut String) -> &'a str {
    out.push('"');
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first == quote {
            out.push('"');
            return &rest[1..];
        }
        let length = match first {
            '\\' => escape(rest, out),
            '"' => {
                out.push_str("\\\"");
                1
            }
            _ => {
                out.push(if first.is_control() { ' ' } else { first });
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    // Never closed; so it stays, for what came before it can still be read.
    rest
}

/// Writes the escape that begins the text and gives its length.
fn escape(text: &str, out: &mut String) -> usize {
    let pair = (surrogate(text), text.get(6..).and_then(surrogate));
    let (length, written) = match pair {
        (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => (12, &text[..12]),
        (Some(_), _) => (6, "\\ufffd"),
        (None, _) if text.starts_with("\\'") => (2, "'"),
        // An escaped backslash begins no escape.
        (None, _) => {
            let length = text.chars().take(2).map(char::len_utf8).sum();
            (length, &text[..length])
        }
    };
    out.push_str(written);
    length
}

/// The half of a surrogate pair, where the text begins with its escape (`\u` and four digits).
fn surrogate(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok().filter(|value| (0xd800..0xe000).contains(value))
}

/// Writes a word outside strings and gives what follows it: `true`, `false` and `null` stay, numbers
/// that are none become null.
fn word<'a>(text: &'a str, out: &mut String) -> &'a str {
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    // The exponent of a number is no word.
    let in_number = out.ends_with(|c: char| c.is_ascii_digit() || c == '.');
    match &text[..end] {
        "NaN" | "Infinity" | "undefined" | "None" => {
            if out.ends_with('-') {
                out.pop();
            }
            out.push_str("null");
        }
        "True" if !in_number => out.push_str("true"),
        "False" if !in_number => out.push_str("false"),
        other => out.push_str(other),
    }
    &text[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_json_does_not_allow_is_taken_out() {
        for (text, wanted) in [
            (r#"{"a":1,}"#, r#"{"a":1}"#),
            ("[1, 2 , ]", "[1, 2 ]"),
            ("{/* c */\"a\": \"// no\" // c\n}", "{\"a\": \"// no\" \n}"),
            (
                r#"{"a":NaN,"b":-Infinity,"c":1e5,"d":undefined}"#,
                r#"{"a":null,"b":null,"c":1e5,"d":null}"#,
            ),
            ("{\"a\":\"x\ny\tz\"}", r#"{"a":"x y z"}"#),
            (r#"{"a":"\ud83d x \ud83d\ude00 \\n"}"#, r#"{"a":"\ufffd x \ud83d\ude00 \\n"}"#),
            (r#"{'a':'it\'s "b"','c':True}"#, r#"{"a":"it's \"b\"","c":true}"#),
            (r#"{"a":"never closed"#, r#"{"a":"never closed"#),
            (r#"{"a":"x,]"}"#, r#"{"a":"x,]"}"#),
        ] {
            let repaired = repair(text);
            assert_eq!(repaired, wanted, "{text}");
            assert!(
                text.contains("never")
                    || serde_json::from_str::<serde_json::Value>(&repaired).is_ok()
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_json_stays_the_same(text in "[a-z \\\\\"'é/*,\\]}]*", number: f64) {
            let written = serde_json::json!({"a": [text, number, null, true], "b": {}}).to_string();
            proptest::prop_assert_eq!(repair(&written), written);
        }

        #[test]
        fn any_text_is_repaired(text in "\\PC*", junk in "[{}\\[\\]\"'/*,:\\\\udNa1 \n-]{0,60}") {
            let _ = (repair(&text), repair(&junk));
        }
    }
}
