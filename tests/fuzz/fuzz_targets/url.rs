//! Two lines of any text as a URL and a rel=canonical: no panic, and what comes out is its own canonical
//! form.
#![no_main]

use events::{canonical_url, story_url, twin_urls};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (url, stated) = text.split_once('\n').unwrap_or((text, ""));
    for found in [canonical_url(url), story_url(url, Some(stated))].into_iter().flatten() {
        assert_eq!(canonical_url(&found).as_deref(), Some(found.as_str()), "{url}");
        let _ = twin_urls(&found);
    }
});
