//! JSON as pages really write it, mended where it is none. Knows no schema.

use serde_json::Value;

/// Parses JSON-LD as pages really write it: with comment marks round it, raw line breaks inside
/// strings, a semicolon at the end, quotation marks inside texts.
pub(crate) fn parse(script: &str) -> Option<Value> {
    let trimmed = script
        .trim()
        .trim_start_matches("<!--")
        .trim_start_matches("//<![CDATA[")
        .trim_start_matches("<![CDATA[")
        .trim_end_matches("-->")
        .trim_end_matches("//]]>")
        .trim_end_matches("]]>")
        .trim()
        .trim_end_matches(';');
    if let Ok(value) = serde_json::from_str(trimmed) {
        return Some(value);
    }
    let mended: String = trimmed.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let first = |text: &str| serde_json::Deserializer::from_str(text).into_iter().next()?.ok();
    first(&mended)
        .or_else(|| first(&without_last_commas(&mended)))
        .or_else(|| first(&without_last_commas(&with_inner_quotes(&mended))))
}

/// With the quotation marks escaped that stand inside texts, and without what escapes nothing. A
/// text ends where JSON goes on behind it.
fn with_inner_quotes(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 16);
    let (mut in_text, mut escaped) = (false, false);
    for (at, c) in json.char_indices() {
        if !in_text {
            in_text = c == '"';
            out.push(c);
        } else if escaped {
            escaped = false;
            if matches!(c, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') {
                out.push('\\');
            }
            out.push(c);
        } else if c == '\\' {
            escaped = true;
        } else if c == '"' && !goes_on(&json[at + 1..]) {
            out.push_str("\\\"");
        } else {
            in_text = c != '"';
            out.push(c);
        }
    }
    out
}

/// Whether what stands behind a text is JSON.
fn goes_on(behind: &str) -> bool {
    let mut behind = behind.trim_start().chars();
    match behind.next() {
        None | Some(':' | '}' | ']') => true,
        Some(',') => behind
            .find(|c| !c.is_whitespace())
            .is_none_or(|c| matches!(c, '"' | '{' | '[' | '}' | ']' | '-') || c.is_ascii_digit()),
        _ => false,
    }
}

/// Without the commas behind the last item of lists and objects.
fn without_last_commas(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut in_text, mut escaped) = (false, false);
    for c in json.chars() {
        if in_text {
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            in_text = c == '"';
            if matches!(c, '}' | ']') && out.trim_end().ends_with(',') {
                out.truncate(out.trim_end().len() - 1);
            }
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_end_in_a_comma_are_read() {
        let json = r#"{"a": [1, 2, ], "b": "x, ]", "c": "\", }", }"#;
        assert_eq!(parse(json), Some(serde_json::json!({"a": [1, 2], "b": "x, ]", "c": "\", }"})));
    }

    #[test]
    fn quotation_marks_inside_texts_are_read() {
        for (json, wanted) in [
            (r#"{"a": "plan to "repair" roads", "b": "c"}"#, r#"plan to "repair" roads"#),
            (r#"{"a": ""We walk", she said", "b": "c"}"#, r#""We walk", she said"#),
            (r#"{"a": "the town\'s plan", "b": "c"}"#, "the town's plan"),
            (r#"{"a": "a \"plan\" of "roads"", "b": "c"}"#, r#"a "plan" of "roads""#),
        ] {
            assert_eq!(parse(json), Some(serde_json::json!({"a": wanted, "b": "c"})), "{json}");
        }
    }
}
