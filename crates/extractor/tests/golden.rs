//! Invented pages of many designs, languages and defects beside what becomes of them. Each
//! `golden/NAME.txt` was read before it was accepted; `GOLDEN=write` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

use std::fmt::Write as _;
use std::path::PathBuf;

use extractor::{Extracted, PageInput, extract};

/// What became of a page, for people to read.
fn told(body: &[u8]) -> String {
    let input = PageInput {
        body,
        url: Some("https://post.example/news/local/bridge-closed"),
        fetched_at: Some("2025-12-05T00:00:00Z".parse().unwrap()),
        ..PageInput::default()
    };
    let article = match extract(&input) {
        Extracted::Article(article) => article,
        Extracted::Skipped { reason, detail } => return format!("{reason}: {detail}\n"),
    };
    let mut told = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            writeln!(told, "{name}: {value}").unwrap();
        }
    };
    line("title", article.title.as_deref().unwrap_or_default());
    line("authors", &article.authors.join(" + "));
    line("published", &article.published_at.map(|at| at.to_string()).unwrap_or_default());
    line("modified", &article.modified_at.map(|at| at.to_string()).unwrap_or_default());
    line("language", article.language.as_deref().unwrap_or_default());
    line("publisher", article.publisher.name.as_deref().unwrap_or_default());
    line("section", article.section.as_deref().unwrap_or_default());
    line("tags", &article.tags.join(", "));
    line("image", article.image.url.as_deref().unwrap_or_default());
    line("caption", article.image.caption.as_deref().unwrap_or_default());
    if article.access != events::Access::Unknown {
        line("access", &format!("{:?}", article.access));
    }
    line("confidence", &article.confidence.to_string());
    format!("{told}\n{}\n\n{}\n", article.text, article.html.unwrap())
}

#[test]
fn the_golden_pages_come_out_as_they_were_accepted() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let write = std::env::var("GOLDEN").is_ok_and(|value| value == "write");
    let mut pages: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "html"))
        .collect();
    pages.sort();
    assert!(pages.len() >= 40, "{}", pages.len());
    let mut faults = Vec::new();
    for page in pages {
        let got = told(&std::fs::read(&page).unwrap());
        let path = page.with_extension("txt");
        if write {
            std::fs::write(&path, &got).unwrap();
        }
        let wanted = std::fs::read_to_string(&path).unwrap_or_default();
        if wanted != got {
            faults.push(format!("{}\n--- accepted\n{wanted}--- got\n{got}", page.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
