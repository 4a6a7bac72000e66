//! The WebSub call-back, as a hub sees it (docs/decisions/030-websub.md): verifications are
//! confirmed, deliveries go to the topic `pushes`, and nothing is answered 2xx before its record
//! is committed. Who may call back is proved by the URL; what a delivery is worth is judged by the
//! owner of the feed.

mod key;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bus::{BusError, Log, NewRecord, Topic, TopicPartition, TopicSettings};
use events::{MAX_PUSH_BODY, Push, PushKind};
use fetcher::websub::{CallBack, Key};
use runtime::server::Router;
use tokio::sync::{Semaphore, mpsc, oneshot};

pub(crate) use key::key;

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
    appender: mpsc::Sender<Waiting>,
    patience: Duration,
}

/// A record on its way to the log.
struct Waiting {
    record: NewRecord,
    written: oneshot::Sender<bool>,
}

/// What is served below `/websub/`. Starts the thread that appends; it ends with the router.
pub(crate) fn router(key: Key, topics: TopicSettings, open: OpenLog) -> std::io::Result<Router> {
    router_with(key, topics, open, PATIENCE)
}

fn router_with(
    key: Key,
    topics: TopicSettings,
    open: OpenLog,
    patience: Duration,
) -> std::io::Result<Router> {
    let (appender, waiting) = mpsc::channel(MOST_AT_ONCE);
    std::thread::Builder::new()
        .name("websub".to_owned())
        .spawn(move || append_all(&open, waiting))?;
    let places = Semaphore::new(MOST_AT_ONCE);
    let endpoint = Arc::new(Endpoint { key, topics, places, appender, patience });
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
    let kind = PushKind::Delivered {
        content_type: text(header::CONTENT_TYPE),
        signature: text(SIGNATURE),
        // Encoding says so where the body is too large.
        cut: false,
    };
    match endpoint.write(&call_back, &segment, kind, &body).await {
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
mod tests {
    use std::sync::Mutex;

    use bus::embedded::{Embedded, EmbeddedSettings};
    use bus::{PollLimit, Record};
    use runtime::metrics::Metrics;
    use runtime::server::{Health, Server};
    use runtime::shutdown::Shutdown;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    use super::*;

    const TOPIC: &str = "https://example.org/feed.xml";

    struct Fixture {
        folder: tempfile::TempDir,
        topics: TopicSettings,
        address: std::net::SocketAddr,
        key: Key,
        fail: Arc<Mutex<bool>>,
    }

    impl Fixture {
        async fn new(patience: Duration) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let topics = TopicSettings::default();
            let settings = EmbeddedSettings { max_size: 1 << 30, topics: topics.clone() };
            let embedded = Embedded::open(&folder.path().join("log.db"), settings).unwrap();
            let fail = Arc::new(Mutex::new(false));
            let failing = Arc::clone(&fail);
            let open: OpenLog = Box::new(move || {
                if *failing.lock().unwrap() {
                    return Err(BusError::Away("as the test wants it".to_owned()));
                }
                Ok(Box::new(embedded.log()?) as Box<dyn Log>)
            });
            let key = Key::new(b"a secret");
            let router = router_with(key.clone(), topics.clone(), open, patience).unwrap();
            let address = ([127, 0, 0, 1], 0).into();
            let server =
                Server::bind(address, Health::new(), Metrics::new(), router).await.unwrap();
            let address = server.address();
            tokio::spawn(server.run(Shutdown::new()));
            Self { folder, topics, address, key, fail }
        }

        fn segment(&self) -> String {
            CallBack::new("feed-1", "example.org", TOPIC).segment(&self.key)
        }

        /// Status, headers and body of an answer.
        async fn ask(&self, request: &[u8]) -> (u16, String) {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(request).await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            let answer = String::from_utf8(answer).unwrap();
            (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
        }

        async fn get(&self, path: &str) -> (u16, String) {
            let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
            self.ask(request.as_bytes()).await
        }

        async fn post(&self, segment: &str, headers: &str, body: &[u8]) -> (u16, String) {
            let mut request = format!(
                "POST /websub/{segment} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
                 content-length: {}\r\n{headers}\r\n",
                body.len()
            )
            .into_bytes();
            request.extend_from_slice(body);
            self.ask(&request).await
        }

        /// All records of the topic, and the partition that each is in.
        fn pushes(&self) -> Vec<(u32, Record)> {
            let settings = EmbeddedSettings { max_size: 1 << 30, topics: self.topics.clone() };
            let embedded = Embedded::open(&self.folder.path().join("log.db"), settings).unwrap();
            let mut log = embedded.log().unwrap();
            let mut found = Vec::new();
            for partition in 0..self.topics.spec(Topic::Pushes).partitions {
                let place = TopicPartition::new(Topic::Pushes, partition);
                let limit = PollLimit { records: 100, bytes: 64 << 20 };
                let records = log.read(place, 0, limit, Duration::ZERO).unwrap();
                found.extend(records.into_iter().map(|record| (partition, record)));
            }
            found
        }
    }

    #[tokio::test]
    async fn a_verification_is_confirmed_once_its_record_is_there() {
        let fixture = Fixture::new(PATIENCE).await;
        let path = format!(
            "/websub/{}?hub.mode=subscribe&hub.topic={TOPIC}&hub.challenge=a%20%3Cb%3E&hub.lease_seconds=864000",
            fixture.segment()
        );
        let (status, answer) = fixture.get(&path).await;
        assert_eq!(status, 200);
        assert!(answer.ends_with("\r\n\r\na <b>"), "{answer}");
        assert!(answer.contains("text/plain") && answer.contains("nosniff"), "{answer}");
        let pushes = fixture.pushes();
        let [(partition, record)] = pushes.as_slice() else { panic!("{pushes:?}") };
        assert_eq!(*partition, fixture.topics.partition_of(Topic::Pushes, b"example.org"));
        assert_eq!(record.key.as_deref(), Some(&b"feed-1"[..]));
        let (push, _) = Push::decode(record.value.as_deref().unwrap()).unwrap();
        assert_eq!(push.call_back, fixture.segment());
        let verified = PushKind::Verified { topic: TOPIC.to_owned(), lease_s: Some(864_000) };
        assert_eq!(push.kind, verified);
    }

    #[tokio::test]
    async fn what_was_never_asked_for_is_not_confirmed() {
        let fixture = Fixture::new(PATIENCE).await;
        let segment = fixture.segment();
        let other = CallBack::new("feed-1", "example.org", TOPIC).segment(&Key::new(b"other"));
        let good = format!("hub.mode=subscribe&hub.topic={TOPIC}&hub.challenge=c");
        for path in [
            format!("/websub/{other}?{good}"),
            format!("/websub/x?{good}"),
            format!("/websub/{segment}"),
            format!("/websub/{segment}?hub.mode=subscribe&hub.topic={TOPIC}"),
            format!("/websub/{segment}?hub.mode=subscribe&hub.topic=https://evil/&hub.challenge=c"),
            format!("/websub/{segment}?hub.mode=unsubscribe&hub.topic={TOPIC}&hub.challenge=c"),
            format!("/websub/{segment}?{good}{}", "c".repeat(5000)),
        ] {
            assert_eq!(fixture.get(&path).await.0, 404, "{path:.120}");
        }
        assert_eq!(fixture.post(&other, "", b"<rss/>").await.0, 404);
        assert_eq!(fixture.pushes().len(), 0);
        let denied = format!("/websub/{segment}?hub.mode=denied&hub.topic={TOPIC}&hub.reason=no");
        assert_eq!(fixture.get(&denied).await.0, 200);
        let pushes = fixture.pushes();
        let (push, _) = Push::decode(pushes[0].1.value.as_deref().unwrap()).unwrap();
        assert!(matches!(push.kind, PushKind::Denied { reason: Some(why), .. } if why == "no"));
    }

    #[tokio::test]
    async fn a_delivery_keeps_its_bytes_and_its_signature() {
        let fixture = Fixture::new(PATIENCE).await;
        let body = b"<rss>\n\xff\r\n</rss>";
        let headers = "content-type: application/rss+xml\r\nX-Hub-Signature: sha256=00ff\r\n";
        assert_eq!(fixture.post(&fixture.segment(), headers, body).await.0, 202);
        let large = vec![b'x'; MAX_PUSH_BODY + 10];
        assert_eq!(fixture.post(&fixture.segment(), "", &large).await.0, 202);
        let pushes = fixture.pushes();
        let decoded: Vec<_> = pushes
            .iter()
            .map(|(_, record)| Push::decode(record.value.as_deref().unwrap()).unwrap())
            .collect();
        assert_eq!(decoded[0].1, body);
        let whole = PushKind::Delivered {
            content_type: Some("application/rss+xml".to_owned()),
            signature: Some("sha256=00ff".to_owned()),
            cut: false,
        };
        assert_eq!(decoded[0].0.kind, whole);
        assert!(matches!(decoded[1].0.kind, PushKind::Delivered { cut: true, .. }));
        assert_eq!(decoded[1].1, b"");
    }

    #[tokio::test]
    async fn nothing_is_accepted_that_is_not_written() {
        let fixture = Fixture::new(PATIENCE).await;
        *fixture.fail.lock().unwrap() = true;
        let (status, answer) = fixture.post(&fixture.segment(), "", b"<rss/>").await;
        assert_eq!(status, 503);
        assert!(answer.contains("retry-after: 30"), "{answer}");
        *fixture.fail.lock().unwrap() = false;
        assert_eq!(fixture.post(&fixture.segment(), "", b"<rss/>").await.0, 202);
        assert_eq!(fixture.pushes().len(), 1);
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let fixture = Fixture::new(Duration::from_millis(200)).await;
        let request = format!(
            "POST /websub/{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 99\r\n\r\nabc",
            fixture.segment()
        );
        assert_eq!(fixture.ask(request.as_bytes()).await.0, 408);
        assert_eq!(fixture.pushes().len(), 0);
    }
}
