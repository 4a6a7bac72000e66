//! JSON Schema 2020-12 of every public record, generated from the types.

use schemars::generate::SchemaSettings;

use crate::{Group, StoryEvent};

/// A public record's schema.
pub struct PublicSchema {
    /// Topic, by its short name.
    pub topic: &'static str,
    /// File name under `crates/events/schemas/`.
    pub file: &'static str,
    /// The schema as pretty JSON, ending in a newline.
    pub json: String,
}

/// The schemas of all public records.
pub fn public_schemas() -> Vec<PublicSchema> {
    vec![
        PublicSchema {
            topic: "stories",
            file: "story.v1.schema.json",
            json: schema_of::<StoryEvent>(),
        },
        PublicSchema { topic: "groups", file: "group.v1.schema.json", json: schema_of::<Group>() },
    ]
}

fn schema_of<T: schemars::JsonSchema>() -> String {
    // "for serialize": every key is required, as every key is always written. A key that came after
    // a release takes itself out, for the events of that release lack it.
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<T>();
    #[expect(clippy::expect_used, reason = "a schema is plain JSON")]
    let mut json = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    json.push('\n');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checked_in_schemas_are_those_of_the_types() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
        for schema in public_schemas() {
            let path = folder.join(schema.file);
            if std::env::var_os("NEWSWIRE_WRITE_SCHEMAS").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, &schema.json).unwrap();
            }
            let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
            // As values: the order of keys in the text depends on a feature of serde_json that
            // other crates of a build may turn on.
            let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
            assert_eq!(
                value(&checked_in),
                value(&schema.json),
                "{} differs: run the tests with NEWSWIRE_WRITE_SCHEMAS=1 and read the change",
                path.display()
            );
        }
    }
}
