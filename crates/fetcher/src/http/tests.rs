//! The client against servers on loopback.

use std::io::Write as _;
use std::sync::mpsc::channel;
use std::time::Duration;

use events::{Auth, Timestamp};
use stage::{Answer, Fetch, FetchError, Follow, NoMeter, Performer, Purpose};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

struct Web {
    runtime: tokio::runtime::Runtime,
    client: Client,
}

impl Web {
    fn new(allowed: &[&str], timeout: Duration) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let settings = HttpSettings {
            user_agent: "newswire/0.1".to_owned(),
            timeout,
            read_timeout: timeout,
            allow_networks: allowed.iter().map(|text| text.parse().unwrap()).collect(),
            ..HttpSettings::default()
        };
        let clock = std::sync::Arc::new(|| Timestamp::from_secs(1));
        let handle = runtime.handle().clone();
        let client = Client::new(settings, handle, clock, std::sync::Arc::new(NoMeter)).unwrap();
        Self { runtime, client }
    }

    fn local() -> Self {
        Self::new(&["127.0.0.0/8"], Duration::from_secs(20))
    }

    /// A server that gives each request, by its number and text, these bytes, and closes; where
    /// `hang`, it stays silent afterwards.
    fn serve(
        &self,
        hang: bool,
        answer: impl Fn(&str, u16) -> Vec<u8> + Send + Sync + 'static,
    ) -> u16 {
        let listener = self.runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = std::sync::Arc::new(answer);
        self.runtime.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let answer = std::sync::Arc::clone(&answer);
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        match stream.read_u8().await {
                            Ok(byte) => head.push(byte),
                            Err(_) => return,
                        }
                    }
                    let _ = stream.write_all(&answer(&String::from_utf8_lossy(&head), port)).await;
                    let _ = stream.flush().await;
                    if hang {
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        port
    }

    fn get(&self, fetch: Fetch) -> Result<Answer, FetchError> {
        let (sender, receiver) = channel();
        self.client.perform(fetch, Box::new(move |fetched| sender.send(fetched).unwrap()));
        receiver.recv().unwrap().result
    }
}

fn fetch(url: &str) -> Fetch {
    Fetch {
        key: "k".to_owned(),
        url: url.to_owned(),
        purpose: Purpose::Page,
        headers: vec![("accept".to_owned(), "text/html".to_owned())],
        auth: Auth::default(),
        follow: Follow::All,
        max_body: 1 << 20,
        form: Vec::new(),
    }
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{headers}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn redirect(to: &str) -> Vec<u8> {
    let head = "HTTP/1.1 301 Moved\r\nconnection: close\r\ncontent-length: 0\r\n";
    format!("{head}location: {to}\r\n\r\n").into_bytes()
}

#[test]
fn addresses_that_are_not_public_are_never_connected_to() {
    let web = Web::new(&[], Duration::from_secs(5));
    for host in [
        "127.1",
        "0",
        "2130706433",
        "0x7f.1",
        "017700000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::]",
        "[2002:7f00:1::]",
        "[2001::]",
        "[fe80::1]",
        "[fc00::1]",
        "[ff02::1]",
        "100.64.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "localhost",
        "LOCALHOST",
        "127。0。0。1",
        "ⓛocalhost",
    ] {
        let result = web.get(fetch(&format!("http://{host}:9/")));
        assert!(matches!(result, Err(FetchError::AddressBlocked(_))), "{host}: {result:?}");
    }
    for url in [
        // With the dot some resolvers know the name and some do not.
        "http://localhost.:9/",
        "http://good@127.0.0.1/",
        "gopher://example.org/",
        "file:///etc/passwd",
        "no url",
        "http:///",
        "http://user:pw@example.org/",
    ] {
        let result = web.get(fetch(url));
        let refused = matches!(
            result,
            Err(FetchError::BadUrl(_) | FetchError::AddressBlocked(_) | FetchError::Dns(_))
        );
        assert!(refused, "{url}: {result:?}");
    }
}

#[test]
fn a_redirect_to_a_private_address_is_not_followed() {
    let web = Web::new(&["127.0.0.1"], Duration::from_secs(5));
    for target in ["http://127.0.0.2/", "http://[::1]/", "http://10.0.0.1/", "http://localhost6/"] {
        let port = web.serve(false, move |_, _| redirect(target));
        let result = web.get(fetch(&format!("http://127.0.0.1:{port}/")));
        let refused = matches!(result, Err(FetchError::AddressBlocked(_) | FetchError::Dns(_)));
        assert!(refused, "{target}: {result:?}");
    }
    let port = web.serve(false, |_, _| redirect("file:///etc/passwd"));
    let result = web.get(fetch(&format!("http://127.0.0.1:{port}/")));
    assert!(matches!(result, Err(FetchError::Redirects(_))), "{result:?}");
}

#[test]
fn redirects_are_followed_by_hand_and_loops_end() {
    let web = Web::local();
    let port = web.serve(false, |head, port| {
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        assert!(!head.to_ascii_lowercase().contains("referer"));
        match path.as_str() {
            "/a" => redirect("/b"),
            "/loop" => redirect("/loop2"),
            "/loop2" => redirect("/loop"),
            "/away" => redirect(&format!("http://127.0.0.9:{port}/b")),
            "/b" => ok("content-length: 2\r\nset-cookie: a=b\r\n", b"hi"),
            path => redirect(&format!("{path}x")),
        }
    });
    let base = format!("http://127.0.0.1:{port}");
    let answer = web.get(fetch(&format!("{base}/a"))).unwrap();
    assert_eq!((answer.body.as_slice(), answer.url), (b"hi".as_slice(), format!("{base}/b")));
    assert_eq!((answer.hops.len(), answer.hops[0].status), (1, 301));
    for path in ["/loop", "/endless"] {
        let result = web.get(fetch(&format!("{base}{path}")));
        assert!(matches!(result, Err(FetchError::Redirects(_))), "{path}: {result:?}");
    }
    let away = Fetch { follow: Follow::SameSite, ..fetch(&format!("{base}/away")) };
    let answer = web.get(away).unwrap();
    assert_eq!(answer.status, 301);
    assert_eq!(answer.header("location"), Some(format!("http://127.0.0.9:{port}/b").as_str()));
}

#[test]
fn bodies_are_bounded_whatever_they_claim() {
    let web = Web::local();
    let bomb = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![0; 20 << 20]).unwrap();
        encoder.finish().unwrap()
    };
    let cases: [(&str, Vec<u8>); 3] = [
        ("bomb", ok("content-encoding: gzip\r\n", &bomb)),
        ("declared", ok("content-length: 99999999\r\n", b"x")),
        ("endless", ok("", &vec![b'a'; 2 << 20])),
    ];
    for (name, bytes) in cases {
        let port = web.serve(false, move |_, _| bytes.clone());
        let result = web.get(fetch(&format!("http://127.0.0.1:{port}/")));
        assert_eq!(result, Err(FetchError::TooBig(1 << 20)), "{name}");
    }
    let port = web.serve(false, |_, _| ok("content-length: 100\r\n", b"too short"));
    let result = web.get(fetch(&format!("http://127.0.0.1:{port}/")));
    assert!(matches!(result, Err(FetchError::Broken(_))), "{result:?}");
}

#[test]
fn a_silent_server_costs_a_bounded_time() {
    let web = Web::new(&["127.0.0.0/8"], Duration::from_millis(300));
    for bytes in [Vec::new(), b"HTTP/1.1 200 OK\r\n".to_vec(), ok("content-length: 10\r\n", b"x")] {
        let port = web.serve(true, move |_, _| bytes.clone());
        let result = web.get(fetch(&format!("http://127.0.0.1:{port}/")));
        assert!(matches!(result, Err(FetchError::Timeout(_))), "{result:?}");
    }
}

#[test]
fn many_headers_are_read_and_values_are_kept_as_they_are() {
    let web = Web::local();
    let port = web.serve(false, |head, _| {
        let many: String = (0..900).map(|n| format!("x-{n}: {n}\r\n")).collect();
        let echo = head.lines().find_map(|line| line.strip_prefix("if-none-match: "));
        let etag = echo.unwrap_or("W/\"a  b\"").to_owned();
        ok(&format!("etag: {etag}\r\n{many}content-length: 0\r\n"), b"")
    });
    let mut request = fetch(&format!("http://127.0.0.1:{port}/"));
    request.headers.push(("if-none-match".to_owned(), "W/\"ä,  \"".to_owned()));
    let answer = web.get(request).unwrap();
    assert_eq!(answer.header("etag"), Some("W/\"ä,  \""));
    assert_eq!(answer.header("x-899"), Some("899"));
}

#[test]
fn nothing_that_listens_is_no_connection() {
    let web = Web::local();
    let listener = web.runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let result = web.get(fetch(&format!("http://127.0.0.1:{port}/")));
    assert!(matches!(result, Err(FetchError::Connect(_))), "{result:?}");
}
