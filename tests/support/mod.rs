//! What the end-to-end tests share: real processes, a newsroom in the test's hand, records as an
//! outsider reads them, and the promises that must hold.

#![allow(dead_code, reason = "each test binary uses a part of this")]
#![allow(clippy::print_stderr, reason = "a test says where it failed, and what it skips")]

pub(crate) mod brokers;
pub(crate) mod collector;
pub(crate) mod daemons;
pub(crate) mod hostile;
pub(crate) mod hub;
pub(crate) mod kcat;
pub(crate) mod library;
pub(crate) mod process;
pub(crate) mod promise;
pub(crate) mod proxy;
pub(crate) mod records;
pub(crate) mod scene;
pub(crate) mod stories;
pub(crate) mod up;
pub(crate) mod web;

use std::fmt::Display;
use std::time::{Duration, Instant};

/// How long anything may take here. Far more than it takes: a loaded machine is no fault.
pub(crate) const PATIENCE: Duration = Duration::from_mins(4);

/// Asks again and again until the answer is good. A test never sleeps for a time that is right on
/// a quick machine only: this is its one way to wait.
pub(crate) fn wait_until<T, E: Display>(what: &str, mut ask: impl FnMut() -> Result<T, E>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(why) if Instant::now() > deadline => panic!("in vain: {what}\n{why}"),
            Err(_) => std::thread::sleep(Duration::from_millis(150)),
        }
    }
}
