//! A consumer that is not ours: reads in Python, all the while.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// The consumer in Python; ended with the test.
pub(crate) struct Collector {
    child: Child,
    output: PathBuf,
}

impl Collector {
    /// Reads the topics of the road under a prefix.
    pub(crate) fn start(folder: &Path, brokers: &str, prefix: &str) -> Self {
        let topics = ["entries", "pages", "articles", "stories"];
        let topics = topics.map(|topic| format!("{prefix}{topic}"));
        let python = std::env::var("NEWSWIRE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/kafka/collect.py");
        let output = folder.join("collected");
        let child = Command::new(python)
            .arg(script)
            .arg(brokers)
            .arg(&output)
            .args(topics)
            .stdin(Stdio::null())
            .spawn()
            .expect("Python starts");
        Self { child, output }
    }

    /// How many records of a topic it has read.
    pub(crate) fn count(&self, topic: &str) -> usize {
        let text = std::fs::read_to_string(&self.output).unwrap_or_default();
        text.lines().filter(|line| line.contains(&format!(".{topic}\""))).count()
    }

    /// (topic, partition, offset) → (key, what tells records of one key apart: the version of a
    /// story, else revision and hop).
    pub(crate) fn rows(&mut self) -> BTreeMap<(String, u64, i64), (String, Value)> {
        assert!(self.child.try_wait().unwrap().is_none(), "the Python client has ended");
        let text = std::fs::read_to_string(&self.output).unwrap_or_default();
        let mut rows = BTreeMap::new();
        for line in text.lines() {
            // The last line may be under way.
            let Ok(Value::Array(row)) = serde_json::from_str(line) else { continue };
            let place = (
                row[0].as_str().unwrap().to_owned(),
                row[1].as_u64().unwrap(),
                row[2].as_i64().unwrap(),
            );
            let what = (row[3].as_str().unwrap().to_owned(), row[4].clone());
            rows.insert(place, what);
        }
        rows
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
