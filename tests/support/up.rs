//! `newswire up` on an embedded log, and waiting until its road is empty.

use std::path::Path;

use newsroom::Expected;

use super::process::{Daemon, newswire};
use super::promise::{all_settled, nothing_twice};
use super::records::{Row, Topics, read_all, tail};
use super::stories::{events_of, waiting_links};
use super::wait_until;

/// The embedded log in a folder, as `[embedded]` says it.
pub(crate) fn embedded(folder: &Path) -> String {
    format!("[embedded]\npath = \"{}\"", folder.join("log.db").display())
}

/// `newswire up`, once it has opened its log: other commands have something to read then.
pub(crate) fn start_up(folder: &Path, config: &Path) -> Daemon {
    let mut command = newswire(["up", "-c", config.to_str().expect("UTF-8")]);
    let mut daemon = Daemon::start("up", folder, &mut command);
    daemon.address();
    daemon
}

/// Waits until all that is expected is published and the road is empty.
pub(crate) fn settled(daemon: &mut Daemon, config: &Path, expected: &[Expected]) -> Topics {
    settled_by(daemon, expected, |topic| tail(config, topic))
}

/// The same, with a reader of topics.
pub(crate) fn settled_by(
    daemon: &mut Daemon,
    expected: &[Expected],
    mut read: impl FnMut(&str) -> Vec<Row>,
) -> Topics {
    let waiting = waiting_links(expected);
    wait_until("all articles are published, all entries have their fate", || {
        daemon.must_run();
        let topics = read_all(&mut read);
        nothing_twice(&topics);
        events_of(&topics, expected)?;
        all_settled(&topics, &waiting)?;
        Ok::<Topics, String>(topics)
    })
}
