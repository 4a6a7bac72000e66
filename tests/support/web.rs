//! A newsroom whose time is in the test's hand, and a configuration for those who read it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use newsroom::{Clock, Expected, OutletRequests, Running, Settings};

/// Newsroom time stands still until the test moves it: what was expected before a correction is
/// seen before the correction, however slow the machine is.
pub(crate) struct Web {
    runtime: tokio::runtime::Runtime,
    room: Option<Running>,
    elapsed: Arc<AtomicI64>,
}

impl Web {
    /// A newsroom at the beginning of its day.
    pub(crate) fn still(settings: Settings) -> Self {
        let elapsed = Arc::new(AtomicI64::new(0));
        let shared = Arc::clone(&elapsed);
        // So long ago that nothing it publishes lies in the future.
        let start = runtime::clock::now().as_millis() - 600_000;
        let clock: Clock = Arc::new(move || start + shared.load(Ordering::SeqCst));
        Self::start(settings, clock, elapsed)
    }

    /// A newsroom by the real clock.
    pub(crate) fn live(settings: Settings) -> Self {
        let clock: Clock = Arc::new(|| runtime::clock::now().as_millis());
        Self::start(settings, clock, Arc::default())
    }

    fn start(settings: Settings, clock: Clock, elapsed: Arc<AtomicI64>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("runtime");
        let room = runtime.block_on(newsroom::start(settings, clock)).expect("newsroom");
        Self { runtime, room: Some(room), elapsed }
    }

    /// Moves a still newsroom to this second of its day.
    pub(crate) fn go_to(&self, second: i64) {
        self.elapsed.store(second * 1000, Ordering::SeqCst);
    }

    fn room(&self) -> &Running {
        self.room.as_ref().expect("open until dropped")
    }

    /// The ground truth now.
    pub(crate) fn expected(&self) -> Vec<Expected> {
        self.room().expected()
    }

    /// What was asked of each outlet.
    pub(crate) fn requests(&self) -> Vec<OutletRequests> {
        self.room().requests()
    }

    /// Feed URLs.
    pub(crate) fn feeds(&self) -> Vec<String> {
        self.room().feeds.iter().map(|feed| feed.url.clone()).collect()
    }

    /// Paths of the feeds, by outlet.
    pub(crate) fn feed_paths(&self) -> Vec<String> {
        let feeds = self.room().feeds.iter();
        feeds.map(|feed| format!("/{}", feed.url.splitn(4, '/').last().expect("path"))).collect()
    }

    /// Writes a configuration that reads all feeds quickly. `log` is `[embedded]` or `[kafka]`.
    pub(crate) fn config(&self, folder: &Path, log: &str) -> PathBuf {
        config(folder, log, &self.feeds())
    }
}

/// Writes a configuration that reads these feeds quickly.
pub(crate) fn config(folder: &Path, log: &str, feeds: &[String]) -> PathBuf {
    let mut text = format!(
        "{log}\n[fetch]\nuser_agent = \"{AGENT}\"\nallow_networks = [\"{}\"]\n\
         min_interval = \"1s\"\nmax_interval = \"1s\"\nsite_spacing = \"{SPACING_MS}ms\"\n\
         site_burst = {BURST}\nrevisit = []\n[run]\nbatch_wait = \"10ms\"\ninstance = \"one\"\n\
         [server]\nlisten = \"127.0.0.1:0\"\n",
        newsroom::NETWORK
    );
    for (index, url) in feeds.iter().enumerate() {
        let _ = write!(text, "[[feeds]]\nurl = \"{url}\"\ntags = [\"feed-{index}\"]\n");
    }
    let path = folder.join("newswire.toml");
    std::fs::write(&path, text).expect("config");
    path
}

/// Who asks.
pub(crate) const AGENT: &str = "newswire-test/1 (+https://example.org/bot; ops@example.org)";
/// Time between two requests to an outlet.
pub(crate) const SPACING_MS: i64 = 100;
/// Requests that may follow each other at once.
pub(crate) const BURST: usize = 3;

impl Drop for Web {
    fn drop(&mut self) {
        if let Some(room) = self.room.take() {
            self.runtime.block_on(room.shutdown());
        }
    }
}
