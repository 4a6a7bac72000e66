//! Any answer to a first poll (status, headers, a blank line, a body): the next poll lies within
//! the bounds and has a reason.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../first_poll.rs"]
mod first_poll;

fuzz_target!(|data: &[u8]| first_poll::check(data));
