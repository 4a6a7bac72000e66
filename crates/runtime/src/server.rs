//! The small HTTP server of a daemon: `/healthz`, `/readyz`, `/metrics`, and what others add
//! (the WebSub call-back). Knows what is ready only by asking [`Health`].

mod patience;

use std::fmt;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What is served beside the own routes; re-exported so that a caller needs no axum of its own.
pub use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::metrics::{CONTENT_TYPE, Metrics};
use crate::shutdown::Shutdown;

use patience::Patient;

/// Whether the process as a whole is starting, at work or stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Starting,
    Started,
    Stopping,
}

/// How long a connection may go on without an answer: more than what the WebSub call-back waits
/// for a body and its record together.
const PATIENCE: Duration = Duration::from_secs(60);
/// Connections that are open at one time.
const MOST_CONNECTIONS: usize = 512;
/// Of a probed answer; a page of metrics is far smaller.
const LARGEST_ANSWER: u64 = 4 << 20;

type Check = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

struct Inner {
    phase: Phase,
    parts: Vec<(String, Check)>,
}

/// What readiness is made of: the phase of the process and the parts that are watched. Clones
/// share it.
#[derive(Clone)]
pub struct Health(Arc<Mutex<Inner>>);

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Health").field(&self.ready()).finish()
    }
}

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}

impl Health {
    /// Not ready: starting.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Inner { phase: Phase::Starting, parts: Vec::new() })))
    }

    /// From now on the process is ready when `check` (a stage's status, say) is also content;
    /// its error says why not. It is called at each request and must not block.
    pub fn watch(
        &self,
        part: impl Into<String>,
        check: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) {
        self.lock().parts.push((part.into(), Box::new(check)));
    }

    /// Everything is set up; ready when all parts are.
    pub fn started(&self) {
        self.lock().phase = Phase::Started;
    }

    /// Not ready any more: the process is about to end.
    pub fn stopping(&self) {
        self.lock().phase = Phase::Stopping;
    }

    /// Whether all is ready.
    ///
    /// # Errors
    /// Why not, a line for each part.
    pub fn ready(&self) -> Result<(), String> {
        let inner = self.lock();
        match inner.phase {
            Phase::Starting => return Err("starting".to_owned()),
            Phase::Stopping => return Err("stopping".to_owned()),
            Phase::Started => {}
        }
        let faults: Vec<String> = inner
            .parts
            .iter()
            .filter_map(|(part, check)| Some(format!("{part}: {}", check().err()?)))
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server cannot listen or has failed.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Another process has the port.
    #[error(
        "cannot listen on {address}: the port is taken; stop the other process or set another \
         `listen` in [server] (NEWSWIRE_SERVER__LISTEN)"
    )]
    PortTaken {
        /// What was asked for.
        address: SocketAddr,
    },
    /// Something else is in the way: a foreign address, a reserved port.
    #[error(
        "cannot listen on {address}: {reason}; set `listen` in [server] (NEWSWIRE_SERVER__LISTEN)"
    )]
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// What the system says; part of the message, so no source of it.
        reason: std::io::Error,
    },
    /// The server ended by itself.
    #[error("the server for /healthz, /readyz and /metrics failed: {0}")]
    Serve(#[source] std::io::Error),
}

/// A server that has its port and answers nobody yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
}

#[derive(Clone)]
struct Shared {
    health: Health,
    metrics: Metrics,
}

impl Server {
    /// Takes the port. `extra` is served beside the own routes (empty: `Router::new()`).
    pub async fn bind(
        address: SocketAddr,
        health: Health,
        metrics: Metrics,
        extra: Router,
    ) -> Result<Self, ServerError> {
        let listener = TcpListener::bind(address).await.map_err(|source| {
            if source.kind() == std::io::ErrorKind::AddrInUse {
                ServerError::PortTaken { address }
            } else {
                ServerError::Bind { address, reason: source }
            }
        })?;
        let address =
            listener.local_addr().map_err(|reason| ServerError::Bind { address, reason })?;
        let router = Router::new()
            // The process answers: that is all. Kafka away must not restart it.
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/readyz", get(ready))
            .route("/metrics", get(metrics_page))
            .with_state(Shared { health, metrics })
            .merge(extra);
        Ok(Self { listener, address, router })
    }

    /// Where it listens; tells the port where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` is requested, then finishes the requests that are open. To be
    /// given a request of its own late in the shut-down, so that probes see the draining.
    pub async fn run(self, shutdown: Shutdown) -> Result<(), ServerError> {
        let listener = Patient::new(self.listener, PATIENCE, MOST_CONNECTIONS);
        axum::serve(listener, self.router)
            .with_graceful_shutdown(async move { shutdown.wait().await })
            .await
            .map_err(ServerError::Serve)
    }
}

/// Asks a daemon on this machine: the status and the text of its answer. For health checks where
/// there is no curl; blocks at most for a few times `timeout`.
pub fn probe(address: SocketAddr, path: &str, timeout: Duration) -> std::io::Result<(u16, String)> {
    // What listens on all addresses answers on loopback.
    let reachable: SocketAddr = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, address.port()).into(),
        IpAddr::V6(ip) if ip.is_unspecified() => (Ipv6Addr::LOCALHOST, address.port()).into(),
        _ => address,
    };
    let mut stream = std::net::TcpStream::connect_timeout(&reachable, timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    stream.set_write_timeout(Some(timeout))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {reachable}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(LARGEST_ANSWER).read_to_string(&mut answer)?;
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| std::io::Error::other("the answer is not HTTP"))?;
    let text = answer.split_once("\r\n\r\n").map_or("", |(_, text)| text);
    Ok((status, text.to_owned()))
}

async fn ready(State(shared): State<Shared>) -> Response {
    match shared.health.ready() {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

async fn metrics_page(State(shared): State<Shared>) -> Response {
    let headers = [(header::CONTENT_TYPE, CONTENT_TYPE)];
    (headers, shared.metrics.render()).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    async fn get(address: SocketAddr, path: &'static str) -> (u16, String) {
        let minute = Duration::from_mins(1);
        tokio::task::spawn_blocking(move || probe(address, path, minute)).await.unwrap().unwrap()
    }

    fn loopback() -> SocketAddr {
        ([127, 0, 0, 1], 0).into()
    }

    #[tokio::test]
    async fn probes_and_metrics_are_answered() {
        let health = Health::new();
        let metrics = Metrics::new();
        let extra = Router::new().route("/websub/x", axum::routing::get(|| async { "hub" }));
        let server = Server::bind(loopback(), health.clone(), metrics, extra).await.unwrap();
        let address = server.address();
        let shutdown = Shutdown::new();
        let running = tokio::spawn(server.run(shutdown.clone()));

        assert_eq!(get(address, "/healthz").await, (200, "ok\n".to_owned()));
        assert_eq!(get(address, "/readyz").await, (503, "starting\n".to_owned()));

        let restored = Arc::new(AtomicBool::new(false));
        let seen = restored.clone();
        health.watch("poll", move || {
            if seen.load(Ordering::SeqCst) { Ok(()) } else { Err("restoring state".to_owned()) }
        });
        health.started();
        let restoring = (503, "poll: restoring state\n".to_owned());
        assert_eq!(get(address, "/readyz").await, restoring);
        restored.store(true, Ordering::SeqCst);
        assert_eq!(get(address, "/readyz").await, (200, "ready\n".to_owned()));
        health.stopping();
        assert_eq!(get(address, "/readyz").await, (503, "stopping\n".to_owned()));
        assert_eq!(get(address, "/healthz").await.0, 200);

        let (status, page) = get(address, "/metrics").await;
        assert_eq!(status, 200);
        assert!(page.contains("newswire_build_info{version="), "{page}");
        assert_eq!(get(address, "/websub/x").await, (200, "hub".to_owned()));
        assert_eq!(get(address, "/nothing").await.0, 404);

        shutdown.request();
        running.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_taken_port_names_the_key() {
        let first =
            Server::bind(loopback(), Health::new(), Metrics::new(), Router::new()).await.unwrap();
        let error = Server::bind(first.address(), Health::new(), Metrics::new(), Router::new())
            .await
            .unwrap_err();
        assert!(matches!(error, ServerError::PortTaken { .. }), "{error}");
        assert!(error.to_string().contains("`listen` in [server]"), "{error}");
    }
}
