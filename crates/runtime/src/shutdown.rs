//! SIGTERM and Ctrl-C become one request to stop that synchronous and asynchronous code can see.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// The exit code of a process that a second Ctrl-C ended: 128 + SIGINT, as shells report it.
pub const INTERRUPTED: i32 = 130;

/// A request to stop, shared by everything in the process.
#[derive(Clone, Debug)]
pub struct Shutdown(Arc<watch::Sender<bool>>);

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// Nothing requested; no signal is listened to.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Asks everything to stop. Further calls change nothing.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Whether a stop was requested; for code that looks now and then.
    pub fn requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Ends when a stop was requested.
    pub async fn wait(&self) {
        // The sender lives in `self`: the wait cannot fail before the request.
        let _ = self.0.subscribe().wait_for(|requested| *requested).await;
    }

    /// Runs `work` to its end; after the request it has `grace` left. `None`: it took longer.
    pub async fn within_grace<F: Future>(&self, grace: Duration, work: F) -> Option<F::Output> {
        let over = async {
            self.wait().await;
            tokio::time::sleep(grace).await;
        };
        tokio::select! {
            // What is done counts as done, also in the last moment.
            biased;
            output = work => Some(output),
            () = over => None,
        }
    }

    /// Listens to SIGTERM and Ctrl-C for the rest of the process. The first asks for a stop; a
    /// second Ctrl-C ends the process at once (the log survives that: it is transactional).
    ///
    /// Must be called in a tokio runtime.
    pub fn listen(&self) -> std::io::Result<()> {
        let mut signals = Signals::new()?;
        let shutdown = self.clone();
        tokio::spawn(async move {
            loop {
                let is_interrupt = signals.next().await;
                if is_interrupt && shutdown.requested() {
                    tracing::warn!("ended at once by a second interrupt");
                    std::process::exit(INTERRUPTED);
                }
                if !shutdown.requested() {
                    tracing::info!(
                        signal = if is_interrupt { "SIGINT" } else { "SIGTERM" },
                        "stopping; a second Ctrl-C ends at once"
                    );
                }
                shutdown.request();
            }
        });
        Ok(())
    }
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The next signal; whether it is an interrupt.
    async fn next(&mut self) -> bool {
        tokio::select! {
            _ = self.interrupt.recv() => true,
            _ = self.terminate.recv() => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_reaches_all_clones() {
        let shutdown = Shutdown::new();
        let other = shutdown.clone();
        assert!(!other.requested());
        let waiting = tokio::spawn(async move { other.wait().await });
        shutdown.request();
        shutdown.request();
        waiting.await.unwrap();
        assert!(shutdown.requested());
        shutdown.wait().await;
    }

    #[tokio::test]
    async fn work_that_ends_counts_and_work_that_hangs_is_left_after_the_grace() {
        let shutdown = Shutdown::new();
        let day = Duration::from_hours(24);
        shutdown.request();
        let done = shutdown.within_grace(Duration::ZERO, async { 7 }).await;
        assert_eq!(done, Some(7));
        let hung = shutdown.within_grace(Duration::ZERO, std::future::pending::<()>()).await;
        assert_eq!(hung, None);
        let before = Shutdown::new();
        assert_eq!(before.within_grace(day, async { 1 }).await, Some(1));
    }
}
