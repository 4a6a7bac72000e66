//! Servers that mean harm, or might as well: each costs a bounded time and a bounded memory, and
//! ends in the class that says what was wrong.

use std::io::Write as _;

use super::*;

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A server's conduct once it has read a request.
type Conduct = fn(TcpStream) -> Running;

/// So long may a request take here in all. The classes are asserted, not the times.
const PATIENCE: Duration = Duration::from_secs(3);
const MOST: usize = 1 << 20;

fn class_of(result: &Result<Answer, FetchError>) -> String {
    match result {
        Ok(answer) => answer.status.to_string(),
        Err(error) => error.class().to_owned(),
    }
}

/// Sends a beginning at once, then one piece for ever, with a pause each time.
fn drip(stream: TcpStream, head: &'static [u8], piece: &'static [u8], pause_ms: u64) -> Running {
    Box::pin(async move {
        let mut stream = stream;
        if stream.write_all(head).await.is_err() {
            return;
        }
        while stream.write_all(piece).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        }
    })
}

/// Sends these bytes and closes, or resets.
fn send(stream: TcpStream, bytes: impl Into<Vec<u8>>, reset: bool) -> Running {
    let bytes = bytes.into();
    Box::pin(async move {
        let mut stream = stream;
        let _ = stream.write_all(&bytes).await;
        let _ = stream.flush().await;
        if reset {
            // Closing with no time to linger is a reset.
            let _ = stream.set_zero_linger();
        }
    })
}

const PIECE: &[u8] = &[b'a'; 16 * 1024];

#[test]
fn each_kind_of_hostility_ends_in_its_class() {
    let cases: &[(&str, &str, Conduct)] = &[
        ("nothing is said", "timeout", |s| {
            Box::pin(async move {
                let _stream = s;
                std::future::pending::<()>().await;
            })
        }),
        ("headers drip", "timeout", |s| drip(s, b"HTTP/1.1 200 OK\r\nx-slow: ", b"a", 10)),
        ("header lines drip", "timeout", |s| drip(s, b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n", 10)),
        ("a body drips", "timeout", |s| drip(s, b"HTTP/1.1 200 OK\r\n\r\n", b"a", 10)),
        ("chunks drip", "timeout", |s| {
            drip(s, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\na\r\n", 10)
        }),
        ("a body stops", "timeout", |s| {
            drip(s, b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n", b"", 60_000)
        }),
        ("interim answers for ever", "timeout", |s| {
            drip(s, b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 1)
        }),
        ("a body without end", "too_big", |s| drip(s, b"HTTP/1.1 200 OK\r\n\r\n", PIECE, 0)),
        ("100 MB are announced", "too_big", |s| {
            drip(s, b"HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n", PIECE, 0)
        }),
        ("headers without end", "broken", |s| drip(s, b"HTTP/1.1 200 OK\r\nx-long: ", PIECE, 0)),
        ("10,000 headers", "broken", |s| {
            let many: String = (0..10_000).map(|n| format!("x-{n}: {n}\r\n")).collect();
            send(s, format!("HTTP/1.1 200 OK\r\n{many}content-length: 0\r\n\r\n"), false)
        }),
        ("no HTTP", "broken", |s| send(s, "SSH-2.0-OpenSSH_9.6\r\n", false)),
        ("closed at once", "broken", |s| send(s, "", false)),
        ("reset at once", "broken", |s| send(s, "", true)),
        ("reset in a body", "broken", |s| {
            send(s, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc", true)
        }),
        ("a body too short", "broken", |s| {
            send(s, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc", false)
        }),
        ("two lengths", "broken", |s| {
            send(s, "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc", false)
        }),
        ("a length below zero", "broken", |s| {
            send(s, "HTTP/1.1 200 OK\r\ncontent-length: -3\r\n\r\nabc", false)
        }),
        ("a length of letters", "broken", |s| {
            send(s, "HTTP/1.1 200 OK\r\ncontent-length: abc\r\n\r\nabc", false)
        }),
        ("a chunk of no size", "broken", |s| {
            send(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", false)
        }),
        ("a chunk of every size", "broken", |s| {
            let size = "f".repeat(40);
            send(
                s,
                format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{size}\r\na"),
                false,
            )
        }),
        ("chunks break off", "broken", |s| {
            send(s, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", false)
        }),
        ("an unknown coding", "broken", |s| {
            send(s, "HTTP/1.1 200 OK\r\ncontent-encoding: rot13\r\n\r\nabc", false)
        }),
        ("a redirect to nowhere", "redirects", |s| {
            send(s, "HTTP/1.1 301 Moved\r\nlocation: http://\r\n\r\n", false)
        }),
        ("a redirect to a file", "redirects", |s| {
            send(s, "HTTP/1.1 302 Found\r\nlocation: file:///etc/passwd\r\n\r\n", false)
        }),
        ("a redirect to an endless URL", "redirects", |s| {
            let path = "a".repeat(20_000);
            send(s, format!("HTTP/1.1 302 Found\r\nlocation: /{path}\r\n\r\n"), false)
        }),
        ("a redirect to itself", "redirects", |s| {
            send(s, "HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n", false)
        }),
        ("a redirect inside", "address_blocked", |s| {
            send(s, "HTTP/1.1 302 Found\r\nlocation: http://[::ffff:10.0.0.1]/\r\n\r\n", false)
        }),
        ("an error page without end", "503", |s| drip(s, b"HTTP/1.1 503 Busy\r\n\r\n", PIECE, 0)),
        ("an error page that stops", "429", |s| {
            drip(s, b"HTTP/1.1 429 Slow down\r\ncontent-length: 9\r\n\r\n", b"", 60_000)
        }),
        ("an error page that is a bomb", "404", |s| {
            let mut head = b"HTTP/1.1 404 Gone\r\ncontent-encoding: gzip\r\n\r\n".to_vec();
            head.extend(bomb());
            send(s, head, false)
        }),
        ("a gzip bomb", "too_big", |s| {
            let mut head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n".to_vec();
            head.extend(bomb());
            send(s, head, false)
        }),
        ("a zstd bomb", "too_big", |s| {
            let mut head = b"HTTP/1.1 200 OK\r\ncontent-encoding: zstd\r\n\r\n".to_vec();
            head.extend(zstd::encode_all(vec![0; 64 << 20].as_slice(), 1).unwrap());
            send(s, head, false)
        }),
        ("gzip that breaks off", "broken", |s| {
            let mut head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n".to_vec();
            let bomb = bomb();
            head.extend(&bomb[..bomb.len() / 50]);
            send(s, head, false)
        }),
    ];
    let web = Web::new(&["127.0.0.1"], PATIENCE);
    // All at once, as they would be met, and a good server among them.
    let (sender, receiver) = channel();
    let good = web.serve(false, |_, _| ok("content-length: 4\r\n", b"good"));
    for (name, wanted, conduct) in cases {
        let port = web.serve_by(move |_, _, stream| conduct(stream));
        let (name, wanted, sender) = (*name, *wanted, sender.clone());
        let reply = move |fetched: stage::Fetched| {
            sender.send((name, wanted, fetched.result)).unwrap();
        };
        web.client.perform(bounded(port), Box::new(reply));
    }
    for _ in 0..3 {
        let url = format!("http://127.0.0.1:{good}/");
        // The site of all of them is the same address: it waits for its turn, no longer.
        assert_eq!(web.get(fetch(&url)).map(|answer| answer.body), Ok(b"good".to_vec()));
    }
    for _ in cases {
        let (name, wanted, result) = receiver.recv().unwrap();
        assert_eq!(class_of(&result), wanted, "{name}: {result:?}");
        if let Ok(answer) = result {
            assert!(answer.body.len() <= 64 * 1024, "{name}: {}", answer.body.len());
        }
    }
}

fn bounded(port: u16) -> Fetch {
    Fetch { max_body: MOST, ..fetch(&format!("http://127.0.0.1:{port}/")) }
}

fn bomb() -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![0; 20 << 20]).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn many_slow_redirects_share_one_time() {
    let web = Web::new(&["127.0.0.0/8"], PATIENCE);
    let port = web.serve_by(|number, _, mut stream| {
        Box::pin(async move {
            // Each alone would be in time, eight of them are not.
            tokio::time::sleep(PATIENCE / 3).await;
            let _ = stream.write_all(&redirect(&format!("/{number}"))).await;
        })
    });
    let result = web.get(fetch(&format!("http://127.0.0.1:{port}/start")));
    assert!(matches!(result, Err(FetchError::Timeout(_))), "{result:?}");
}

#[test]
fn a_long_chain_of_redirects_ends() {
    let web = Web::local();
    let port = web.serve(false, |head, port| {
        let path = head.split(' ').nth(1).unwrap_or_default();
        let number: u32 = path.trim_start_matches('/').parse().unwrap_or(0);
        // From address to address, as a chain over hosts would be.
        redirect(&format!("http://127.0.1.{}:{port}/{}", number % 200 + 1, number + 1))
    });
    let result = web.get(fetch(&format!("http://127.0.0.1:{port}/0")));
    assert!(matches!(result, Err(FetchError::Redirects(_))), "{result:?}");
}

#[test]
fn more_bytes_than_announced_are_not_read() {
    let web = Web::local();
    let port =
        web.serve(false, |_, _| ok("content-length: 3\r\n", b"abcHTTP/1.1 200 OK\r\n\r\nno"));
    for _ in 0..3 {
        let answer = web.get(fetch(&format!("http://127.0.0.1:{port}/"))).unwrap();
        assert_eq!(answer.body, b"abc");
    }
}
