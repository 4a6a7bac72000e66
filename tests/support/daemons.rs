//! The three daemons on Kafka, and waiting until their road is empty.

use std::collections::BTreeMap;

use newsroom::Expected;

use super::kcat::Kcat;
use super::process::Daemon;
use super::promise::{all_settled, nothing_twice};
use super::records::{Topics, read_all};
use super::stories::{events_of, waiting_links};
use super::wait_until;

/// Their commands, in the order of the road.
pub(crate) const DAEMONS: [&str; 3] = ["fetcher", "extractor", "publisher"];

/// Waits until all that is expected is published and the road is empty, as kcat sees it.
pub(crate) fn settled(
    daemons: &mut BTreeMap<&str, Daemon>,
    kcat: &Kcat,
    expected: &[Expected],
) -> Topics {
    wait_until("all articles are published, all entries have their fate", || {
        daemons.values_mut().for_each(Daemon::must_run);
        let topics = read_all(|topic| kcat.read(topic));
        nothing_twice(&topics);
        events_of(&topics, expected)?;
        all_settled(&topics, &waiting_links(expected))?;
        Ok::<Topics, String>(topics)
    })
}
