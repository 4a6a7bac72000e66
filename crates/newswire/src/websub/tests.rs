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
        let metrics = Metrics::new();
        let router =
            router_with(key.clone(), topics.clone(), open, metrics.clone(), patience).unwrap();
        let address = ([127, 0, 0, 1], 0).into();
        let server = Server::bind(address, Health::new(), metrics, router).await.unwrap();
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

    fn sign(&self, body: &[u8]) -> String {
        let secret = self.key.secret(&CallBack::new("feed-1", "example.org", TOPIC));
        let key = openssl::pkey::PKey::hmac(secret.as_bytes()).unwrap();
        let digest = openssl::hash::MessageDigest::sha256();
        let mut signer = openssl::sign::Signer::new(digest, &key).unwrap();
        let tag = signer.sign_oneshot_to_vec(body).unwrap();
        let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256={hex}")
    }

    /// What was delivered, in the order of the log.
    fn decoded(&self) -> Vec<(PushKind, Vec<u8>)> {
        let decode = |(_, record): (u32, Record)| {
            let (push, body) = Push::decode(record.value.as_deref().unwrap()).unwrap();
            (push.kind, body.to_vec())
        };
        self.pushes().into_iter().map(decode).collect()
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
async fn a_signed_delivery_keeps_its_bytes_and_a_forged_one_leaves_nothing() {
    let fixture = Fixture::new(PATIENCE).await;
    let body = b"<rss>\n\xff\r\n</rss>";
    let (segment, signature) = (fixture.segment(), fixture.sign(body));
    let headers = format!("content-type: application/rss+xml\r\nX-Hub-Signature: {signature}\r\n");
    for (headers, body) in [
        ("X-Hub-Signature: sha256=00ff\r\n", &body[..]),
        (&headers, b"<rss>something else</rss>"),
        ("", body),
    ] {
        assert_eq!(fixture.post(&segment, headers, body).await.0, 202);
    }
    assert_eq!(fixture.pushes().len(), 0);
    let refused = "newswire_websub_pushes_total{outcome=\"bad_signature\"} 3";
    assert!(fixture.get("/metrics").await.1.contains(refused));
    assert_eq!(fixture.post(&segment, &headers, body).await.0, 202);
    let whole = PushKind::Delivered {
        content_type: Some("application/rss+xml".to_owned()),
        signature: Some(signature),
        cut: false,
    };
    assert_eq!(fixture.decoded(), [(whole, body.to_vec())]);
}

#[tokio::test]
async fn of_what_cannot_be_judged_nothing_is_kept() {
    let fixture = Fixture::new(PATIENCE).await;
    let large = vec![b'x'; MAX_PUSH_BODY + 10];
    assert_eq!(fixture.post(&fixture.segment(), "", &large).await.0, 202);
    // Its hub was told no secret.
    let unsigned = CallBack::new("feed-1", "example.org", TOPIC).at_hub("http://hub.net/");
    let unsigned = unsigned.segment(&fixture.key);
    assert_eq!(fixture.post(&unsigned, "", b"<rss>forged</rss>").await.0, 202);
    let cut = PushKind::Delivered { content_type: None, signature: None, cut: true };
    assert_eq!(fixture.decoded(), [(cut.clone(), vec![]), (cut, vec![])]);
}

#[tokio::test]
async fn a_hub_that_delivers_without_end_is_told_to_wait() {
    let fixture = Fixture::new(PATIENCE).await;
    let (segment, large) = (fixture.segment(), vec![b'x'; MAX_PUSH_BODY]);
    let headers = format!("X-Hub-Signature: {}\r\n", fixture.sign(&large));
    let mut taken = 0;
    while fixture.post(&segment, &headers, &large).await.0 == 202 {
        taken += 1;
    }
    assert!((1..20).contains(&taken), "{taken}");
    assert_eq!(fixture.post(&segment, &headers, &large).await.0, 503);
}

#[tokio::test]
async fn nothing_is_accepted_that_is_not_written() {
    let fixture = Fixture::new(PATIENCE).await;
    *fixture.fail.lock().unwrap() = true;
    let headers = format!("X-Hub-Signature: {}\r\n", fixture.sign(b"<rss/>"));
    let (status, answer) = fixture.post(&fixture.segment(), &headers, b"<rss/>").await;
    assert_eq!(status, 503);
    assert!(answer.contains("retry-after: 30"), "{answer}");
    *fixture.fail.lock().unwrap() = false;
    assert_eq!(fixture.post(&fixture.segment(), &headers, b"<rss/>").await.0, 202);
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
