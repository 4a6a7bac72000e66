//! The client against servers on loopback.

mod connections;
mod hostile;

use std::collections::BTreeMap;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use events::{Auth, Timestamp};
use stage::{Answer, Fetch, FetchError, Follow, NoMeter, Performer, Purpose};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

struct Web {
    runtime: tokio::runtime::Runtime,
    client: Client,
}

/// What a server does with a request, by its number, its head and its connection.
type Handler =
    dyn Fn(usize, String, TcpStream) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

impl Web {
    fn new(allowed: &[&str], timeout: Duration) -> Self {
        let settings = HttpSettings {
            user_agent: "newswire/0.1".to_owned(),
            allow_networks: allowed.iter().map(|text| text.parse().unwrap()).collect(),
            ..HttpSettings::within(timeout)
        };
        Self::with(settings, resolve::system())
    }

    fn with(settings: HttpSettings, lookup: resolve::Lookup) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let clock = Arc::new(|| Timestamp::from_secs(1));
        let handle = runtime.handle().clone();
        let client =
            Client::with_lookup(settings, handle, clock, Arc::new(NoMeter), lookup).unwrap();
        Self { runtime, client }
    }

    fn local() -> Self {
        Self::new(&["127.0.0.0/8"], Duration::from_secs(20))
    }

    /// A server that gives each request, by its text and port, these bytes, and closes; where
    /// `hang`, it stays silent afterwards.
    fn serve(
        &self,
        hang: bool,
        answer: impl Fn(&str, u16) -> Vec<u8> + Send + Sync + 'static,
    ) -> u16 {
        let answer = Arc::new(answer);
        self.serve_by(move |_, head, mut stream| {
            let answer = Arc::clone(&answer);
            Box::pin(async move {
                let port = stream.local_addr().unwrap().port();
                let _ = stream.write_all(&answer(&head, port)).await;
                let _ = stream.flush().await;
                if hang {
                    std::future::pending::<()>().await;
                }
            })
        })
    }

    /// A server that does anything at all.
    fn serve_by(
        &self,
        handle: impl Fn(usize, String, TcpStream) -> Pin<Box<dyn Future<Output = ()> + Send>>
        + Send
        + Sync
        + 'static,
    ) -> u16 {
        let listener = self.runtime.block_on(TcpListener::bind("0.0.0.0:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let handle: Arc<Handler> = Arc::new(handle);
        self.runtime.spawn(async move {
            let mut number = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                let handle = Arc::clone(&handle);
                tokio::spawn(async move {
                    let Some(head) = read_head(&mut stream).await else { return };
                    handle(number, head, stream).await;
                });
                number += 1;
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

async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    // A character is a byte.
    Some(head.into_iter().map(char::from).collect())
}

/// A resolver that knows these names, each lookup the next of its answers, the last for ever.
fn names(table: &[(&str, &[&[&str]])]) -> resolve::Lookup {
    let table: BTreeMap<String, Vec<Vec<IpAddr>>> = table
        .iter()
        .map(|(name, answers)| {
            let answers = answers.iter();
            let parsed = answers.map(|ips| ips.iter().map(|ip| ip.parse().unwrap()).collect());
            ((*name).to_owned(), parsed.collect())
        })
        .collect();
    let asked: Mutex<BTreeMap<String, usize>> = Mutex::default();
    Arc::new(move |name| {
        let count = {
            let mut asked = asked.lock().unwrap();
            let count = asked.entry(name.clone()).or_default();
            *count += 1;
            *count - 1
        };
        let answers = table.get(&name).cloned();
        Box::pin(async move {
            let answers = answers.ok_or_else(|| std::io::Error::other("no such name"))?;
            Ok(answers[count.min(answers.len() - 1)].clone())
        })
    })
}

fn fetch(url: &str) -> Fetch {
    Fetch {
        key: "k".to_owned(),
        url: url.to_owned(),
        purpose: Purpose::Page,
        headers: vec![("accept".to_owned(), "text/html".to_owned())],
        validators_of: None,
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
    for follow in [Follow::SameSite, Follow::SameHost] {
        let away = Fetch { follow, ..fetch(&format!("{base}/away")) };
        let answer = web.get(away).unwrap();
        assert_eq!(answer.status, 301);
        assert_eq!(answer.header("location"), Some(format!("http://127.0.0.9:{port}/b").as_str()));
        let here = Fetch { follow, ..fetch(&format!("{base}/a")) };
        assert_eq!(web.get(here).unwrap().status, 200);
    }
}

#[test]
fn another_host_of_the_site_is_followed_to_only_where_that_is_asked_for() {
    let settings = HttpSettings {
        allow_networks: vec!["127.0.0.1/32".parse().unwrap()],
        ..HttpSettings::within(Duration::from_secs(5))
    };
    let lookup =
        names(&[("a.example.org", &[&["127.0.0.1"]]), ("b.example.org", &[&["127.0.0.1"]])]);
    let web = Web::with(settings, lookup);
    let port = web.serve(false, |head, port| {
        if head.contains("host: a.") {
            return format!(
                "HTTP/1.1 302 Found\r\nconnection: close\r\n\
                 location: http://b.example.org:{port}/\r\ncontent-length: 0\r\n\r\n"
            )
            .into_bytes();
        }
        ok("content-length: 0\r\n", b"")
    });
    for (follow, status) in [(Follow::SameHost, 302), (Follow::SameSite, 200)] {
        let fetch = Fetch { follow, ..fetch(&format!("http://a.example.org:{port}/")) };
        assert_eq!(web.get(fetch).unwrap().status, status, "{follow:?}");
    }
}

#[test]
fn many_headers_are_read_and_validators_come_back_byte_for_byte() {
    // UTF-8, Latin-1 and two blanks in one tag.
    const TAG: &[u8] = b"W/\"\xc3\xa4 \xe4,  \"";
    let web = Web::local();
    let port = web.serve(false, |head, _| {
        let many: String = (0..900).map(|n| format!("x-{n}: {n}\r\n")).collect();
        let echo = head.lines().find_map(|line| line.strip_prefix("if-none-match: "));
        let same = echo
            .is_some_and(|echo| echo.chars().map(u32::from).eq(TAG.iter().map(|b| u32::from(*b))));
        let status = if same { "304 Not Modified" } else { "200 OK" };
        let mut bytes =
            format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\netag: ")
                .into_bytes();
        bytes.extend_from_slice(TAG);
        bytes.extend_from_slice(format!("\r\n{many}\r\n").as_bytes());
        bytes
    });
    let mut request = fetch(&format!("http://127.0.0.1:{port}/"));
    let answer = web.get(request.clone()).unwrap();
    assert_eq!((answer.status, answer.header("x-899")), (200, Some("899")));
    let tag = answer.header("etag").unwrap().to_owned();
    request.headers.push(("if-none-match".to_owned(), tag));
    assert_eq!(web.get(request).unwrap().status, 304);
}

#[test]
fn validators_go_only_to_the_url_that_gave_them() {
    let web = Web::local();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let port = web.serve(false, move |head, _| {
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let is_conditional = head.contains("if-none-match: \"1\"");
        log.lock().unwrap().push((path.clone(), is_conditional));
        match path.as_str() {
            "/feed" => b"HTTP/1.1 302 Found\r\nconnection: close\r\nlocation: /now\r\n\
                  content-length: 0\r\n\r\n"
                .to_vec(),
            _ => ok("etag: \"1\"\r\ncontent-length: 0\r\n", b""),
        }
    });
    let base = format!("http://127.0.0.1:{port}");
    let mut request = fetch(&format!("{base}/feed"));
    request.headers.push(("if-none-match".to_owned(), "\"1\"".to_owned()));
    for (path, conditional) in [("/now", [false, true]), ("/feed", [true, false])] {
        request.validators_of = Some(format!("{base}{path}"));
        web.get(request.clone()).unwrap();
        let seen: Vec<bool> = asked.lock().unwrap().drain(..).map(|(_, is)| is).collect();
        assert_eq!(seen, conditional, "validators of {path}");
    }
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

#[test]
fn a_name_is_resolved_once_and_what_it_says_later_does_not_count() {
    let settings = HttpSettings {
        allow_networks: vec!["127.0.0.5/32".parse().unwrap()],
        ..HttpSettings::within(Duration::from_secs(5))
    };
    // The second answer is what a rebinding attack would lead to.
    let lookup = names(&[
        ("rebind.test", &[&["127.0.0.5"], &["127.0.0.1"]]),
        ("mixed.test", &[&["10.0.0.1", "127.0.0.5", "::1"]]),
        ("inside.test", &[&["10.0.0.1", "fd00::1"]]),
        ("empty.test", &[&[]]),
    ]);
    let web = Web::with(settings, lookup);
    let port = web.serve_by(|_, _, mut stream| {
        Box::pin(async move {
            let at = stream.local_addr().unwrap().ip().to_string();
            let body = ok(&format!("content-length: {}\r\n", at.len()), at.as_bytes());
            let _ = stream.write_all(&body).await;
        })
    });
    for _ in 0..3 {
        let answer = web.get(fetch(&format!("http://rebind.test:{port}/"))).unwrap();
        assert_eq!(answer.body, b"127.0.0.5");
    }
    let answer = web.get(fetch(&format!("http://mixed.test:{port}/"))).unwrap();
    assert_eq!(answer.body, b"127.0.0.5");
    let blocked = web.get(fetch(&format!("http://inside.test:{port}/")));
    assert!(matches!(blocked, Err(FetchError::AddressBlocked(_))), "{blocked:?}");
    for name in ["empty.test", "unknown.test"] {
        let unknown = web.get(fetch(&format!("http://{name}:{port}/")));
        assert!(matches!(unknown, Err(FetchError::Dns(_))), "{name}: {unknown:?}");
    }
}

#[test]
fn a_name_that_turns_private_in_the_middle_of_a_chain_is_refused() {
    let settings = HttpSettings {
        allow_networks: vec!["127.0.0.5/32".parse().unwrap()],
        ..HttpSettings::within(Duration::from_secs(5))
    };
    let lookup = names(&[("a.test", &[&["127.0.0.5"]]), ("b.test", &[&["169.254.169.254"]])]);
    let web = Web::with(settings, lookup);
    let port = web.serve(false, |_, port| redirect(&format!("http://b.test:{port}/latest")));
    let result = web.get(fetch(&format!("http://a.test:{port}/")));
    assert!(matches!(result, Err(FetchError::AddressBlocked(_))), "{result:?}");
}

#[test]
fn secrets_go_to_the_origin_that_was_asked_and_to_no_other() {
    let web = Web::local();
    let port = web.serve(false, |head, port| {
        if head.starts_with("GET /a ") {
            return redirect(&format!("http://127.0.0.9:{port}/b"));
        }
        let echo = head.to_ascii_lowercase();
        ok(&format!("content-length: {}\r\n", echo.len()), echo.as_bytes())
    });
    let request = Fetch {
        headers: vec![("x-key".to_owned(), "secret".to_owned()), ("accept".into(), "a/b".into())],
        // Cargo sets it for every test.
        auth: Auth { bearer_env: Some("CARGO_PKG_NAME".to_owned()), ..Auth::default() },
        ..fetch(&format!("http://127.0.0.1:{port}/b"))
    };
    let seen = |request: &Fetch| String::from_utf8(web.get(request.clone()).unwrap().body).unwrap();
    let own = seen(&request);
    assert!(
        own.contains("authorization: bearer fetcher") && own.contains("x-key: secret"),
        "{own}"
    );
    let away = seen(&Fetch { url: format!("http://127.0.0.1:{port}/a"), ..request.clone() });
    assert!(!away.contains("authorization") && !away.contains("x-key"), "{away}");
    assert!(away.contains("accept: a/b"), "{away}");
    for unwanted in ["referer", "cookie"] {
        assert!(!own.contains(unwanted) && !away.contains(unwanted), "{own}{away}");
    }
    let basic = Auth { basic_env: Some("CARGO_PKG_NAME".to_owned()), ..Auth::default() };
    assert!(seen(&Fetch { auth: basic, ..request.clone() }).contains("authorization: basic zmv0"));
    let missing = Auth { basic_env: Some("NO_SUCH_VARIABLE".to_owned()), ..Auth::default() };
    let result = web.get(Fetch { auth: missing, ..request });
    assert!(matches!(result, Err(FetchError::Broken(_))), "{result:?}");
}

#[test]
fn a_form_is_posted_and_only_sent_on_where_the_method_stays() {
    let web = Web::local();
    let port = web.serve_by(|_, head, mut stream| {
        Box::pin(async move {
            let mut body = [0; 7];
            if head.starts_with("POST") {
                stream.read_exact(&mut body).await.unwrap();
            }
            let status = match head.split(' ').nth(1).unwrap() {
                "/see-other" => "303 See Other\r\nlocation: /end",
                "/permanent" => "308 Permanent\r\nlocation: /end",
                _ => "200 OK",
            };
            let method = head.split(' ').next().unwrap().to_owned();
            let said = format!("{method} {}", String::from_utf8_lossy(&body));
            let close = "connection: close";
            let length = said.len();
            let answer =
                format!("HTTP/1.1 {status}\r\n{close}\r\ncontent-length: {length}\r\n\r\n{said}");
            let _ = stream.write_all(answer.as_bytes()).await;
        })
    });
    for (path, status) in [("/end", 200), ("/permanent", 200), ("/see-other", 303)] {
        let form = vec![("a b".to_owned(), "ä".to_owned())];
        let request = Fetch { form, ..fetch(&format!("http://127.0.0.1:{port}{path}")) };
        let answer = web.get(request).unwrap();
        assert_eq!(answer.status, status, "{path}");
        assert!(status == 303 || answer.body.starts_with(b"POST a+b=%C3"), "{path} {answer:?}");
    }
}
