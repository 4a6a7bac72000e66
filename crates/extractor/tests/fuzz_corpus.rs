//! What the fuzzers start from, and what they found, runs with every test (tests/fuzz).

#![allow(clippy::unwrap_used, reason = "a test fails where it must")]

use std::path::PathBuf;

use extractor::{Draft, Extracted, PageInput, SiteMemory, extract};

fn each(target: &str, run: impl Fn(&[u8])) {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus").join(target);
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        run(&std::fs::read(entry.unwrap().path()).unwrap());
        seen += 1;
    }
    assert!(seen > 0, "nothing in {}", folder.display());
}

#[test]
fn the_corpus_of_pages_is_extracted_without_a_panic() {
    each("extraction", |data| {
        let mut memory = SiteMemory::default();
        for address in ["https://a.example/1", "https://a.example/2"] {
            let input = PageInput { body: data, url: Some(address), ..PageInput::default() };
            let (extracted, _) = memory.finish(Draft::new(&input), address);
            if let Extracted::Article(article) = extracted {
                assert!(!article.text.contains(['\u{ad}', '\u{200b}', '\u{0}']));
            }
        }
    });
}

#[test]
fn the_corpus_of_dates_is_read_without_a_panic() {
    each("page_dates", |data| {
        let text = String::from_utf8_lossy(data);
        let page = format!(
            "<title>Bridge</title><meta name=date content=\"{text}\"><h1>Bridge</h1><time datetime=\"{text}\">{text}</time><p>The bridge was closed on Monday, the town said, and that it will stay closed until the summer, at least, or longer.</p>"
        );
        let url = format!("https://a.example/{text}");
        extract(&PageInput { body: page.as_bytes(), url: Some(&url), ..PageInput::default() });
    });
}

#[test]
fn the_corpus_of_data_is_read_without_a_panic() {
    each("json_ld", |data| {
        let page = format!(
            "<title>Bridge</title><script type=application/ld+json>{}</script>",
            String::from_utf8_lossy(data)
        );
        extract(&PageInput { body: page.as_bytes(), ..PageInput::default() });
    });
}
