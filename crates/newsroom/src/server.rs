//! The newsroom on loopback: one listener for each outlet, all pages from [`Newsroom::answer`].

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::requests::{OutletRequests, RequestLog, RequestRecord};
use crate::room::{Expected, FeedInfo, Newsroom};
use crate::settings::Settings;
use crate::site::Ask;

/// Tells the time in Unix milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The network that all outlets are in, for `fetch.allow_networks`.
pub const NETWORK: &str = "127.0.0.0/8";

/// Attempts to find a port that is free on all addresses.
const ATTEMPTS: usize = 20;
/// Time that open connections get at shutdown.
const GRACE: Duration = Duration::from_secs(2);

/// A newsroom that is being served.
#[derive(Debug)]
pub struct Running {
    /// The feeds to subscribe to.
    pub feeds: Vec<FeedInfo>,
    /// Whether each outlet has an address, and so a site, of its own. False where the system
    /// knows no other loopback address than 127.0.0.1 (macOS): the outlets differ in their ports
    /// only and share one site.
    pub one_site_each: bool,
    room: Arc<Newsroom>,
    logs: Vec<Arc<RequestLog>>,
    clock: ClockHandle,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
}

/// A clock and the moment at which the newsroom's day began.
#[derive(Clone)]
struct ClockHandle {
    now: Clock,
    start: i64,
}

impl std::fmt::Debug for ClockHandle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ClockHandle").field("start", &self.start).finish_non_exhaustive()
    }
}

impl ClockHandle {
    fn elapsed(&self) -> Duration {
        Duration::from_millis((self.now)().saturating_sub(self.start).max(0) as u64)
    }
}

/// Opens the newsroom: its day begins now, by `clock`.
pub async fn start(settings: Settings, clock: Clock) -> io::Result<Running> {
    let listeners = bind(Newsroom::outlet_count(&settings), settings.port).await?;
    let mut origins = Vec::new();
    let mut one_site_each = true;
    for listener in &listeners {
        let address = listener.local_addr()?;
        one_site_each &= address.ip() != Ipv4Addr::LOCALHOST;
        origins.push(format!("http://{address}"));
    }
    let start = clock();
    let room = Newsroom::new(&settings, origins, start)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let room = Arc::new(room);
    let clock = ClockHandle { now: clock, start };
    let (stop, stopped) = watch::channel(false);
    let mut logs = Vec::new();
    let mut servers = Vec::new();
    for (outlet, listener) in listeners.into_iter().enumerate() {
        let (name, origin) = (&room.outlets[outlet].name, room.origin(outlet));
        let log = Arc::new(RequestLog::new(name, origin, settings.request_log));
        logs.push(Arc::clone(&log));
        let served = Served {
            room: Arc::clone(&room),
            outlet,
            log: Arc::clone(&log),
            clock: clock.clone(),
            latency: settings.latency,
        };
        let router = Router::new().fallback(handle).with_state(Arc::new(served));
        let mut stopped = stopped.clone();
        let server = axum::serve(Counted { listener, log }, router)
            // A sender that is gone (the newsroom was dropped) ends it like a signal.
            .with_graceful_shutdown(async move {
                let _ = stopped.wait_for(|stop| *stop).await;
            });
        servers.push(tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, outlet, "an outlet of the newsroom stopped");
            }
        }));
    }
    Ok(Running { feeds: room.feeds(), one_site_each, room, logs, clock, stop, servers })
}

impl Running {
    /// What was asked of each outlet so far.
    pub fn requests(&self) -> Vec<OutletRequests> {
        self.logs.iter().map(|log| log.snapshot()).collect()
    }

    /// The ground truth at this moment.
    pub fn expected(&self) -> Vec<Expected> {
        self.room.expected(self.elapsed())
    }

    /// The newsroom itself, to look at other moments.
    pub fn room(&self) -> &Newsroom {
        &self.room
    }

    /// Time since the start, by the injected clock.
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Ends it: no new connections; open ones may finish their answer.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        let deadline = tokio::time::Instant::now() + GRACE;
        for mut server in self.servers {
            if tokio::time::timeout_at(deadline, &mut server).await.is_err() {
                server.abort();
            }
        }
    }
}

/// Loopback address of outlet `number`: 127.77.0.1 and so on.
fn address(number: usize) -> Ipv4Addr {
    let (high, low) = (number / 250, number % 250);
    Ipv4Addr::new(127, 77, high as u8, low as u8 + 1)
}

/// Binds all outlets at one port, each at an address of its own.
async fn bind(count: usize, port: u16) -> io::Result<Vec<TcpListener>> {
    if count > 250 * 256 {
        let message = format!("{count} outlets are more than the 64000 addresses of 127.77.0.0/16");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let mut attempt = 1;
    loop {
        match bind_at(count, port).await {
            Err(error)
                if error.kind() == io::ErrorKind::AddrInUse && port == 0 && attempt < ATTEMPTS =>
            {
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn bind_at(count: usize, port: u16) -> io::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    let mut port = port;
    for number in 0..count {
        let wanted = SocketAddr::from((address(number), port));
        let listener = match TcpListener::bind(wanted).await {
            Ok(listener) => {
                port = listener.local_addr()?.port();
                listener
            }
            // Not Linux: only 127.0.0.1 is there, so each outlet takes a port of its own.
            Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
                TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?
            }
            Err(error) => {
                return Err(io::Error::new(
                    error.kind(),
                    format!("cannot listen on {wanted}: {error}"),
                ));
            }
        };
        listeners.push(listener);
    }
    Ok(listeners)
}

/// What one outlet's connections share.
struct Served {
    room: Arc<Newsroom>,
    outlet: usize,
    log: Arc<RequestLog>,
    clock: ClockHandle,
    latency: Duration,
}

/// Counts a request as under way until it is dropped: a client that hangs up is counted out too.
struct UnderWay(Arc<RequestLog>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.end();
    }
}

async fn handle(State(served): State<Arc<Served>>, request: Request) -> Response {
    let parallel = served.log.begin();
    let _under_way = UnderWay(Arc::clone(&served.log));
    let headers = request.headers();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let mut record = RequestRecord {
        at: (served.clock.now)(),
        method: request.method().to_string(),
        path: path.to_owned(),
        status: 0,
        user_agent: text(headers, header::USER_AGENT),
        if_none_match: text(headers, header::IF_NONE_MATCH),
        if_modified_since: text(headers, header::IF_MODIFIED_SINCE),
        cookie: text(headers, header::COOKIE),
        referer: text(headers, header::REFERER),
        parallel,
        body_bytes: 0,
    };
    let response = if matches!(*request.method(), Method::GET | Method::HEAD) {
        let ask = Ask {
            path: record.path.clone(),
            if_none_match: record.if_none_match.clone(),
            if_modified_since: record.if_modified_since.clone(),
        };
        let answer = served.room.answer(served.outlet, &ask, served.clock.elapsed());
        record.body_bytes = answer.body.len();
        let mut response = Response::builder().status(answer.status);
        for (name, value) in answer.headers {
            response = response.header(name, value);
        }
        response.body(Body::from(answer.body))
    } else {
        Response::builder().status(StatusCode::METHOD_NOT_ALLOWED).body(Body::empty())
    };
    let response = response.unwrap_or_else(|error| {
        tracing::error!(%error, path = record.path, "an answer of the newsroom is no valid response");
        let mut failed = Response::new(Body::empty());
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failed
    });
    record.status = response.status().as_u16();
    served.log.record(record);
    if !served.latency.is_zero() {
        tokio::time::sleep(served.latency).await;
    }
    response
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// A listener whose connections are counted.
struct Counted {
    listener: TcpListener,
    log: Arc<RequestLog>,
}

impl Listener for Counted {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        self.log.connected();
        let log = Arc::clone(&self.log);
        (Connection { stream, log }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// A connection that says when it is closed.
struct Connection {
    stream: TcpStream,
    log: Arc<RequestLog>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.log.disconnected();
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
