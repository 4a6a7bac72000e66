//! Any text where a page says when it was published: in data, in attributes, in print, in its
//! address.
#![no_main]

use extractor::{Extracted, PageInput, extract};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let attribute = text.replace(['"', '<'], "");
    let lines = "<p>The bridge was closed on Monday, the town said, and will stay closed for long.</p>".repeat(3);
    let page = format!(
        "<title>Bridge</title><meta name=date content=\"{attribute}\"><h1>Bridge</h1><time datetime=\"{attribute}\">{text}</time><p class=date>{text}</p>{lines}"
    );
    let url = format!("https://a.example/{attribute}");
    let input = PageInput { body: page.as_bytes(), url: Some(&url), ..PageInput::default() };
    if let Extracted::Article(article) = extract(&input)
        && let Some(at) = article.published_at
    {
        let year = at.to_string()[..4].parse::<u32>().unwrap_or(0);
        assert!((1994..=2100).contains(&year), "{at}");
    }
});
