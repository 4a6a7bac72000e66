//! Any text as the JSON-LD of a page.
#![no_main]

use extractor::{PageInput, extract};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut page = b"<title>Bridge</title><script type=application/ld+json>".to_vec();
    page.extend(data);
    page.extend(b"</script><h1>Bridge</h1><p>The bridge was closed on Monday, the town said.</p>");
    let input = PageInput { body: &page, url: Some("https://a.example/1"), ..PageInput::default() };
    let _ = extract(&input);
});
