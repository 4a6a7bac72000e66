//! Any text as a stream of articles, into a publisher and into one that restarts before each.
#![no_main]

// The publisher's test that replays the corpus has the same module.
#[path = "../stream.rs"]
#[expect(dead_code, reason = "the other target's half of it")]
mod stream;

libfuzzer_sys::fuzz_target!(|text: &str| stream::articles(text));
