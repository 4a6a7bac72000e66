//! Any bytes as a page, seen twice by a site memory.
#![no_main]

use extractor::{Draft, Extracted, PageInput, SiteMemory};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut memory = SiteMemory::default();
    for address in ["https://a.example/1", "https://a.example/2", "https://a.example/3"] {
        let input = PageInput { body: data, url: Some(address), ..PageInput::default() };
        let (extracted, _) = memory.finish(Draft::new(&input), address);
        if let Extracted::Article(article) = extracted {
            assert!(!article.text.contains(['\u{ad}', '\u{200b}', '\u{0}']));
            assert!((0.0..=1.0).contains(&article.confidence));
        }
        assert_eq!(SiteMemory::decode(&memory.encode()), Ok(memory.clone()));
    }
});
