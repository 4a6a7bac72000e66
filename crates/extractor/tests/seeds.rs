//! The pages of the seeds come out exactly: the wanted paragraphs, nothing else.
#![allow(clippy::print_stderr)]

use std::path::PathBuf;

use extractor::{Extracted, PageInput, extract};
use serde_json::Value;

#[test]
fn the_seeds_come_out_exactly() {
    let corpora = std::env::var("NEWSWIRE_CORPORA").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
        PathBuf::from,
    );
    let folder = corpora.join("../samples/seeds");
    let Ok(index) = std::fs::read_to_string(folder.join("index.jsonl")) else {
        eprintln!("SKIPPED: no seeds at {}; set NEWSWIRE_CORPORA", folder.display());
        return;
    };
    for line in index.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let body = std::fs::read(folder.join(row["html"].as_str().unwrap())).unwrap();
        let extracted =
            extract(&PageInput { body: &body, url: row["url"].as_str(), ..PageInput::default() });
        let Extracted::Article(article) = extracted else {
            panic!("{}: {extracted:?}", row["id"]);
        };
        let wanted: Vec<&str> = row["text"].as_str().unwrap().lines().collect();
        let got: Vec<&str> = article.text.split("\n\n").collect();
        assert_eq!(got, wanted, "{}", row["id"]);
        for never in row["never"].as_array().unwrap() {
            assert!(!article.text.contains(never.as_str().unwrap()), "{never}");
        }
        assert_eq!(article.title.as_deref(), row["title"].as_str());
        let authors: Vec<&str> =
            row["authors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert_eq!(article.authors, authors);
        let published: events::Timestamp = row["published"].as_str().unwrap().parse().unwrap();
        assert_eq!(article.published_at, Some(published));
    }
}
