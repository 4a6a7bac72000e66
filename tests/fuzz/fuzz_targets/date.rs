//! Any text as a date: no panic, and a date that was written again is read as the same moment.
#![no_main]

use fetcher::feed::parse_date;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(moment) = parse_date(text) {
        assert_eq!(parse_date(&moment.to_string()), Some(moment), "{text}");
    }
});
