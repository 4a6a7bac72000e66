//! Who asked for what, and when: enough to prove in a test that a client is a welcome guest.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::site::disallowed;

/// Different user agents that are remembered for each outlet.
const USER_AGENTS: usize = 100;

/// One request as an outlet saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestRecord {
    /// When it came, by the injected clock (Unix milliseconds).
    pub at: i64,
    /// Method.
    pub method: String,
    /// Path with query.
    pub path: String,
    /// Status of the answer.
    pub status: u16,
    /// User-Agent.
    pub user_agent: Option<String>,
    /// If-None-Match.
    pub if_none_match: Option<String>,
    /// If-Modified-Since.
    pub if_modified_since: Option<String>,
    /// Cookie. The outlets set some; a feed reader sends none back.
    pub cookie: Option<String>,
    /// Referer.
    pub referer: Option<String>,
    /// Requests under way at this outlet when it came, itself included.
    pub parallel: usize,
    /// Bytes of the answer's body.
    pub body_bytes: usize,
}

/// What an outlet has counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutletRequests {
    /// Name of the outlet.
    pub outlet: String,
    /// Where it stands.
    pub origin: String,
    /// All requests.
    pub total: u64,
    /// Requests by status of the answer.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests with If-None-Match or If-Modified-Since.
    pub conditional: u64,
    /// Requests for paths that robots.txt disallows.
    pub disallowed: u64,
    /// The most requests that were under way at once.
    pub max_parallel_requests: usize,
    /// Connections opened so far.
    pub connections: u64,
    /// Connections open now.
    pub open_connections: usize,
    /// The most connections that were open at once.
    pub max_parallel_connections: usize,
    /// User agents seen (the first hundred different ones).
    pub user_agents: BTreeSet<String>,
    /// The latest requests, oldest first, as many as the settings keep.
    pub records: VecDeque<RequestRecord>,
}

impl OutletRequests {
    /// The least time between two following requests for paths that `counts` accepts, in
    /// milliseconds, as far as the records reach.
    pub fn closest(&self, counts: impl Fn(&RequestRecord) -> bool) -> Option<i64> {
        let times: Vec<i64> =
            self.records.iter().filter(|record| counts(record)).map(|record| record.at).collect();
        times.windows(2).map(|pair| pair[1] - pair[0]).min()
    }
}

/// The log of one outlet, shared by its connections.
#[derive(Debug)]
pub(crate) struct RequestLog {
    kept: usize,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    counted: OutletRequests,
    under_way: usize,
}

impl RequestLog {
    pub(crate) fn new(outlet: &str, origin: &str, kept: usize) -> Self {
        let counted = OutletRequests {
            outlet: outlet.to_owned(),
            origin: origin.to_owned(),
            ..OutletRequests::default()
        };
        Self { kept, inner: Mutex::new(Inner { counted, under_way: 0 }) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Each change below is complete in itself: a panic elsewhere leaves nothing half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request has come: how many are under way with it.
    pub(crate) fn begin(&self) -> usize {
        let mut inner = self.lock();
        inner.under_way += 1;
        let parallel = inner.under_way;
        let most = &mut inner.counted.max_parallel_requests;
        *most = parallel.max(*most);
        parallel
    }

    /// A request is over, answered or given up.
    pub(crate) fn end(&self) {
        let mut inner = self.lock();
        inner.under_way = inner.under_way.saturating_sub(1);
    }

    pub(crate) fn record(&self, record: RequestRecord) {
        let counted = &mut self.lock().counted;
        counted.total += 1;
        *counted.by_status.entry(record.status).or_default() += 1;
        if record.if_none_match.is_some() || record.if_modified_since.is_some() {
            counted.conditional += 1;
        }
        if disallowed(&record.path) {
            counted.disallowed += 1;
        }
        if let Some(agent) = &record.user_agent
            && counted.user_agents.len() < USER_AGENTS
        {
            counted.user_agents.insert(agent.clone());
        }
        if self.kept == 0 {
            return;
        }
        if counted.records.len() >= self.kept {
            counted.records.pop_front();
        }
        counted.records.push_back(record);
    }

    pub(crate) fn connected(&self) {
        let counted = &mut self.lock().counted;
        counted.connections += 1;
        counted.open_connections += 1;
        let most = &mut counted.max_parallel_connections;
        *most = counted.open_connections.max(*most);
    }

    pub(crate) fn disconnected(&self) {
        let counted = &mut self.lock().counted;
        counted.open_connections = counted.open_connections.saturating_sub(1);
    }

    pub(crate) fn snapshot(&self) -> OutletRequests {
        self.lock().counted.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_go_on_when_the_records_are_full() {
        let log = RequestLog::new("a", "http://127.77.0.1:1", 2);
        for at in [10, 20, 25] {
            assert_eq!(log.begin(), 1);
            log.record(RequestRecord {
                at,
                path: "/intern/x".to_owned(),
                status: 200,
                ..RequestRecord::default()
            });
            log.end();
        }
        let counted = log.snapshot();
        assert_eq!((counted.total, counted.disallowed, counted.records.len()), (3, 3, 2));
        assert_eq!(counted.closest(|_| true), Some(5));
        assert_eq!(counted.max_parallel_requests, 1);
    }

    #[test]
    fn the_most_connections_at_once_are_remembered() {
        let log = RequestLog::new("a", "", 0);
        log.connected();
        log.connected();
        log.disconnected();
        log.connected();
        let counted = log.snapshot();
        assert_eq!(counted.connections, 3);
        assert_eq!((counted.open_connections, counted.max_parallel_connections), (2, 2));
    }
}
