//! A WebSub hub and the feed that names it, on a loopback address.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;

/// What a subscriber asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) mode: String,
    pub(crate) topic: String,
    pub(crate) call_back: String,
    pub(crate) secret: String,
}

/// The hub at work. Ends with the process.
pub(crate) struct Hub {
    /// URL of the feed.
    pub(crate) feed: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    polls: Arc<AtomicUsize>,
}

/// An item of the feed.
pub(crate) fn item(number: u32) -> String {
    format!(
        "<item><guid isPermaLink=\"false\">{number}</guid><title>Entry {number}</title>\
         <link>http://127.67.0.1:9/article/{number}</link></item>"
    )
}

fn document(items: &[String]) -> Vec<u8> {
    let items = items.concat();
    format!("<rss version=\"2.0\"><channel><title>Pushed</title>{items}</channel></rss>")
        .into_bytes()
}

impl Hub {
    /// A feed with these items at first, and its hub.
    pub(crate) fn start(address: &str, items: &[String]) -> Self {
        let listener = TcpListener::bind((address, 0)).expect("loopback address");
        let base = format!("http://{}", listener.local_addr().expect("address"));
        let hub =
            Self { feed: format!("{base}/feed"), asked: Arc::default(), polls: Arc::default() };
        let (asked, polls) = (Arc::clone(&hub.asked), Arc::clone(&hub.polls));
        let body = document(items);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some((head, form)) = read_request(&stream) else { continue };
                let answer = if head.starts_with("POST /hub ") {
                    asked.lock().expect("hub").push(asked_of(&form));
                    b"HTTP/1.1 202 Accepted\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
                        .to_vec()
                } else {
                    polls.fetch_add(1, Ordering::SeqCst);
                    let mut answer = format!(
                        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\
                         link: <{base}/hub>; rel=\"hub\", <{base}/feed>; rel=\"self\"\r\n\r\n",
                        body.len()
                    )
                    .into_bytes();
                    answer.extend_from_slice(&body);
                    answer
                };
                let mut stream = stream;
                let _ = stream.write_all(&answer);
            }
        });
        hub
    }

    /// The latest subscription that was asked for.
    pub(crate) fn subscription(&self) -> Option<Asked> {
        self.asked.lock().expect("hub").last().cloned()
    }

    /// How often the feed was asked for.
    pub(crate) fn polls(&self) -> usize {
        self.polls.load(Ordering::SeqCst)
    }

    /// Asks the subscriber whether it asked; status and body of its answer.
    pub(crate) fn verify(&self, asked: &Asked, topic: &str, mode: &str) -> (u16, String) {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("hub.mode", mode)
            .append_pair("hub.topic", topic)
            .append_pair("hub.challenge", "ch<a>llenge")
            .append_pair("hub.lease_seconds", "864000")
            .finish();
        let (host, path) = host_and_path(&asked.call_back);
        let request =
            format!("GET {path}?{query} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        ask(&host, request.as_bytes())
    }

    /// Delivers items, rightly signed.
    pub(crate) fn deliver(&self, asked: &Asked, items: &[String]) -> u16 {
        self.deliver_signed(asked, items, Some(&self.sign(&asked.secret, items)))
    }

    /// Delivers items with this signature.
    pub(crate) fn deliver_signed(
        &self,
        asked: &Asked,
        items: &[String],
        signature: Option<&str>,
    ) -> u16 {
        let body = document(items);
        let (host, path) = host_and_path(&asked.call_back);
        let signature = signature
            .map_or_else(String::new, |signature| format!("x-hub-signature: {signature}\r\n"));
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             content-type: application/rss+xml\r\ncontent-length: {}\r\n{signature}\r\n",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(&body);
        ask(&host, &request).0
    }

    /// The signature of items by a secret.
    #[expect(clippy::unused_self, reason = "it is the hub that signs")]
    pub(crate) fn sign(&self, secret: &str, items: &[String]) -> String {
        let key = PKey::hmac(secret.as_bytes()).expect("key");
        let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("signer");
        let tag = signer.sign_oneshot_to_vec(&document(items)).expect("signature");
        let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256={hex}")
    }
}

fn asked_of(form: &[u8]) -> Asked {
    let fields: BTreeMap<String, String> = url::form_urlencoded::parse(form).into_owned().collect();
    let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
    Asked {
        mode: field("hub.mode"),
        topic: field("hub.topic"),
        call_back: field("hub.callback"),
        secret: field("hub.secret"),
    }
}

fn host_and_path(url: &str) -> (String, String) {
    let rest = url.strip_prefix("http://").expect("http");
    let (host, path) = rest.split_once('/').expect("path");
    (host.to_owned(), format!("/{path}"))
}

fn ask(host: &str, request: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(host).expect("connection");
    stream.write_all(request).expect("request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answer");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("status");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, body.to_owned())
}

/// Head and body of a request.
fn read_request(mut stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}
