//! The schemas of public records against those last released: keys may come, none may go or change,
//! and records of the release before are records of this one: a key that came is not required.
//!
//! `schemas/released/` holds the released ones. A release copies `schemas/*.json` there; nothing else
//! ever writes it.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

/// Why a reader of `old` could stumble over `new`; empty where it cannot.
fn breaks(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", (old, old), (new, new), &mut found);
    found
}

fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => root.pointer(pointer).unwrap(),
        None => schema,
    }
}

/// JSON types that a schema allows, `null` among them.
fn types(root: &Value, schema: &Value) -> BTreeSet<String> {
    let schema = resolve(root, schema);
    let mut types: BTreeSet<String> = match &schema["type"] {
        Value::String(one) => [one.clone()].into(),
        Value::Array(all) => all.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        _ => BTreeSet::new(),
    };
    for choice in ["anyOf", "oneOf"] {
        for schema in schema[choice].as_array().into_iter().flatten() {
            types.extend(self::types(root, schema));
        }
    }
    types
}

/// The part of a schema that is not `null`.
fn thing<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let schema = resolve(root, schema);
    let mut choices = schema["anyOf"].as_array().into_iter().flatten();
    match choices.find(|choice| choice["type"] != "null") {
        Some(choice) => resolve(root, choice),
        None => schema,
    }
}

/// Words that a field may be, where the schema lists them.
fn words(schema: &Value) -> BTreeSet<String> {
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let constants = choices.filter_map(|choice| choice["const"].as_str());
    let listed = schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
    constants.chain(listed).map(str::to_owned).collect()
}

fn compare(
    at: &str,
    (old_root, old): (&Value, &Value),
    (new_root, new): (&Value, &Value),
    found: &mut Vec<String>,
) {
    let (old_types, new_types) = (types(old_root, old), types(new_root, new));
    if old_types != new_types {
        found.push(format!("{at}: was {old_types:?}, is {new_types:?}"));
    }
    let (old, new) = (thing(old_root, old), thing(new_root, new));
    if old["format"] != new["format"] || old["pattern"] != new["pattern"] {
        found.push(format!("{at}: its form changed"));
    }
    for word in words(old).difference(&words(new)) {
        found.push(format!("{at}: can no longer be {word}"));
    }
    let required = |schema: &Value| -> BTreeSet<String> {
        let names = schema["required"].as_array().into_iter().flatten();
        names.map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    for name in required(old).difference(&required(new)) {
        found.push(format!("{at}/{name}: was always there"));
    }
    for name in required(new).difference(&required(old)) {
        found.push(format!("{at}/{name}: is required, and released records lack it"));
    }
    for (name, old_property) in old["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        match new["properties"].get(name) {
            Some(property) => {
                compare(&at, (old_root, old_property), (new_root, property), found);
            }
            None => found.push(format!("{at}: is gone")),
        }
    }
    if old.get("items").is_some() {
        let items = (&old["items"], &new["items"]);
        compare(&format!("{at}[]"), (old_root, items.0), (new_root, items.1), found);
    }
}

#[test]
fn no_released_key_goes_or_changes() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schemas/released");
    for schema in events::public_schemas() {
        let released = std::fs::read_to_string(folder.join(schema.file)).unwrap();
        let released: Value = serde_json::from_str(&released).unwrap();
        let current: Value = serde_json::from_str(&schema.json).unwrap();
        assert_eq!(breaks(&released, &current), Vec::<String>::new(), "{}", schema.file);
    }
}

#[test]
fn each_kind_of_break_is_seen() {
    let schema = |property: Value, required: Value| {
        json!({"type": "object", "properties": {"a": property}, "required": required,
            "$defs": {"T": {"type": "string", "format": "date-time"}}})
    };
    let text = json!({"type": "string"});
    let old = schema(text.clone(), json!(["a"]));
    let both = |required: Value| json!({"type": "object", "properties": {"a": text, "b": text}, "required": required});
    let none = json!({"type": "object", "properties": {}, "required": []});
    for (name, new, is_break) in [
        ("the same", old.clone(), false),
        ("a new key", both(json!(["a"])), false),
        ("a new key that is required", both(json!(["a", "b"])), true),
        ("gone", none, true),
        ("another type", schema(json!({"type": "integer"}), json!(["a"])), true),
        ("may be null", schema(json!({"type": ["string", "null"]}), json!(["a"])), true),
        ("not always there", schema(text.clone(), json!([])), true),
        ("another form", schema(json!({"$ref": "#/$defs/T"}), json!(["a"])), true),
        ("a list", schema(json!({"type": "array", "items": text}), json!(["a"])), true),
    ] {
        assert_eq!(!breaks(&old, &new).is_empty(), is_break, "{name}");
    }
    let kinds = |words: &[&str]| schema(json!({"type": "string", "enum": words}), json!(["a"]));
    assert!(!breaks(&kinds(&["x", "y"]), &kinds(&["x"])).is_empty());
    assert!(breaks(&kinds(&["x"]), &kinds(&["x", "y"])).is_empty());
}
