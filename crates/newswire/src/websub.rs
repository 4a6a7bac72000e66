//! The WebSub call-back, as a hub sees it (docs/decisions/030-websub.md): verifications are
//! confirmed, deliveries that are signed go to the topic `pushes`, and nothing is answered 2xx before its
//! record is committed, if it has any. Who may call back is proved by the URL; what a delivery is worth
//! is judged by the owner of the feed.

mod key;
mod pace;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, HttpBody as _};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bus::{BusError, Log, NewRecord, Topic, TopicPartition, TopicSettings};
use events::{MAX_PUSH_BODY, Push, PushKind};
use fetcher::websub::{CallBack, Key};
use runtime::metrics::Metrics;
use runtime::server::Router;
use tokio::sync::{Semaphore, mpsc, oneshot};

pub(crate) use key::key;
use pace::Pace;

/// Longer challenges than any hub sends.
const LONGEST_CHALLENGE: usize = 4 * 1024;
/// Deliveries that are received at one time: each may hold a body of 2 MiB.
const MOST_AT_ONCE: usize = 32;
/// How long a body may take to come, and a record to be committed.
const PATIENCE: Duration = Duration::from_secs(20);
/// Records that one append takes at most.
const MOST_TOGETHER: usize = 64;
/// Where a delivery was not taken, the hub tries again after this.
const RETRY_AFTER: &str = "30";
const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature");

/// Opens the log to append to; called again after a failure.
pub(crate) type OpenLog = Box<dyn Fn() -> Result<Box<dyn Log>, BusError> + Send>;

struct Endpoint {
    key: Key,
    topics: TopicSettings,
    places: Semaphore,
    pace: Pace,
    metrics: Metrics,
    appender: mpsc::Sender<Waiting>,
    patience: Duration,
}

/// A record on its way to the log.
struct Waiting {
    record: NewRecord,
    written: oneshot::Sender<bool>,
}

/// What is served below `/websub/`. Starts the thread that appends; it ends with the router.
pub(crate) fn router(
    key: Key,
    topics: TopicSettings,
    open: OpenLog,
    metrics: Metrics,
) -> std::io::Result<Router> {
    router_with(key, topics, open, metrics, PATIENCE)
}

fn router_with(
    key: Key,
    topics: TopicSettings,
    open: OpenLog,
    metrics: Metrics,
    patience: Duration,
) -> std::io::Result<Router> {
    let (appender, waiting) = mpsc::channel(MOST_AT_ONCE);
    std::thread::Builder::new()
        .name("websub".to_owned())
        .spawn(move || append_all(&open, waiting))?;
    let places = Semaphore::new(MOST_AT_ONCE);
    let pace = Pace::default();
    let endpoint = Endpoint { key, topics, places, pace, metrics, appender, patience };
    let endpoint = Arc::new(endpoint);
    Ok(Router::new().route("/websub/{segment}", get(verify).post(deliver)).with_state(endpoint))
}

/// Appends what has come, together, until nobody can send any more.
fn append_all(open: &OpenLog, mut waiting: mpsc::Receiver<Waiting>) {
    let mut log: Option<Box<dyn Log>> = None;
    while let Some(first) = waiting.blocking_recv() {
        let mut batch = vec![first];
        while batch.len() < MOST_TOGETHER
            && let Ok(more) = waiting.try_recv()
        {
            batch.push(more);
        }
        // Whoever has gone gets no record: the hub was told to try again.
        batch.retain(|waiting| !waiting.written.is_closed());
        let (records, replies): (Vec<NewRecord>, Vec<oneshot::Sender<bool>>) =
            batch.into_iter().map(|waiting| (waiting.record, waiting.written)).unzip();
        let opened = match log.take() {
            Some(log) => Ok(log),
            None => open(),
        };
        let appended = opened.and_then(|mut opened| {
            opened.append(records)?;
            log = Some(opened);
            Ok(())
        });
        if let Err(error) = &appended {
            tracing::warn!(%error, "WebSub deliveries could not be written; hubs will try again");
        }
        for reply in replies {
            // Fails only where the hub has gone away.
            let _ = reply.send(appended.is_ok());
        }
    }
}

/// A hub asks whether we asked (WebSub 5.3), or says no (5.2).
async fn verify(
    State(endpoint): State<Arc<Endpoint>>,
    Path(segment): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(call_back) = CallBack::open(&segment, &endpoint.key) else { return not_found() };
    let query = query.unwrap_or_default();
    let value = |name: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let Some(topic) = value("hub.topic").filter(|topic| call_back.is_for(topic)) else {
        return not_found();
    };
    match value("hub.mode").as_deref() {
        Some("subscribe") => {
            let challenge = value("hub.challenge")
                .filter(|challenge| (1..=LONGEST_CHALLENGE).contains(&challenge.len()));
            let Some(challenge) = challenge else { return not_found() };
            let lease_s = value("hub.lease_seconds").and_then(|lease| lease.trim().parse().ok());
            let kind = PushKind::Verified { topic, lease_s };
            let echo = [
                (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
                // Somebody else's words, on our name.
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            ];
            match endpoint.write(&call_back, &segment, kind, &[]).await {
                Ok(()) => (echo, challenge).into_response(),
                Err(busy) => busy,
            }
        }
        Some("denied") => {
            let reason = value("hub.reason").map(|reason| reason.chars().take(500).collect());
            let kind = PushKind::Denied { topic, reason };
            match endpoint.write(&call_back, &segment, kind, &[]).await {
                Ok(()) => StatusCode::OK.into_response(),
                Err(busy) => busy,
            }
        }
        // We never unsubscribe.
        _ => not_found(),
    }
}

/// A hub delivers (WebSub 7).
async fn deliver(
    State(endpoint): State<Arc<Endpoint>>,
    Path(segment): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(call_back) = CallBack::open(&segment, &endpoint.key) else { return not_found() };
    let Ok(_place) = endpoint.places.try_acquire() else { return busy() };
    let Ok(body) = tokio::time::timeout(endpoint.patience, read(body)).await else {
        return StatusCode::REQUEST_TIMEOUT.into_response();
    };
    let Some(body) = body else { return StatusCode::BAD_REQUEST.into_response() };
    let text = |name: HeaderName| {
        let value = headers.get(name)?.as_bytes();
        Some(String::from_utf8_lossy(&value[..value.len().min(500)]).into_owned())
    };
    let signature = text(SIGNATURE);
    let is_whole = body.len() <= MAX_PUSH_BODY;
    let is_signed = || call_back.is_signed(&endpoint.key, signature.as_deref(), &body);
    if call_back.has_secret() && is_whole && !is_signed() {
        // Answered as if it had been taken, so that nobody can probe (WebSub 8).
        let outcome = [("outcome", "bad_signature")];
        endpoint.metrics.count("newswire_websub_pushes_total", &outcome, 1);
        return StatusCode::ACCEPTED.into_response();
    }
    // What cannot be judged is a reason to poll, and nothing of it is kept.
    let is_believed = call_back.has_secret() && is_whole;
    let content = if is_believed { body.as_slice() } else { &[] };
    let content_type = text(header::CONTENT_TYPE);
    let kind = PushKind::Delivered { content_type, signature, cut: !is_believed };
    match endpoint.write(&call_back, &segment, kind, content).await {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(busy) => busy,
    }
}

/// The body, and of a larger one a byte more than a record takes; `None` where it broke off.
async fn read(mut body: Body) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let frame =
            std::future::poll_fn(|context| std::pin::Pin::new(&mut body).poll_frame(context));
        let Some(frame) = frame.await else { return Some(bytes) };
        // Trailers are no content.
        let Ok(data) = frame.ok()?.into_data() else { continue };
        let room = MAX_PUSH_BODY + 1 - bytes.len();
        bytes.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            return Some(bytes);
        }
    }
}

impl Endpoint {
    /// Comes back once the record is committed.
    async fn write(
        &self,
        call_back: &CallBack,
        segment: &str,
        kind: PushKind,
        body: &[u8],
    ) -> Result<(), Response> {
        if !self.pace.take(&call_back.feed, body.len(), Instant::now()) {
            return Err(busy());
        }
        let now = runtime::clock::now();
        let push = Push {
            feed: call_back.feed.clone(),
            call_back: segment.to_owned(),
            received_at: now,
            kind,
        };
        let Ok(value) = push.encode(body) else { return Err(busy()) };
        let partition = self.topics.partition_of(Topic::Pushes, call_back.site.as_bytes());
        let record = NewRecord {
            place: TopicPartition::new(Topic::Pushes, partition),
            timestamp: now,
            key: Some(call_back.feed.clone().into_bytes()),
            value: Some(value),
            headers: Vec::new(),
        };
        let (written, reply) = oneshot::channel();
        let sent = async {
            self.appender.send(Waiting { record, written }).await.ok()?;
            reply.await.ok().filter(|written| *written)
        };
        match tokio::time::timeout(self.patience, sent).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) | Err(_) => Err(busy()),
        }
    }
}

fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

fn busy() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER)]).into_response()
}

#[cfg(test)]
mod tests;
