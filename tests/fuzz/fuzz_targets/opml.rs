//! Any bytes as OPML: no panic, and what was read and written again is read as the same.
#![no_main]

use fetcher::feed::{parse_opml, write_opml};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(feeds) = parse_opml(data) else { return };
    let written = write_opml("fuzz", &feeds);
    assert_eq!(parse_opml(written.as_bytes()).as_ref(), Ok(&feeds), "{written}");
    assert_eq!(write_opml("fuzz", &parse_opml(written.as_bytes()).unwrap()), written);
});
