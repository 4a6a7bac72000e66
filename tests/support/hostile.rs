//! Servers that mean harm, or might as well, each on a loopback address of its own: to newswire
//! each is a site. One good feed is among them.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// What a server does with a connection once it has read the head of a request.
pub(crate) type Conduct = fn(&mut TcpStream, u16) -> std::io::Result<()>;

/// A feed of this kind and the class that its status must show.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) class: &'static str,
    conduct: Conduct,
}

static PIECE: [u8; 64 * 1024] = [b'a'; 64 * 1024];
const OK: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\n";

fn case(name: &'static str, class: &'static str, conduct: Conduct) -> Case {
    Case { name, class, conduct }
}

/// Sends one piece for ever, until the other side has had enough.
fn drip(stream: &mut TcpStream, head: &str, piece: &[u8], pause: Duration) -> std::io::Result<()> {
    stream.write_all(head.as_bytes())?;
    loop {
        stream.write_all(piece)?;
        std::thread::sleep(pause);
    }
}

fn send(stream: &mut TcpStream, head: &str, body: &[u8]) -> std::io::Result<()> {
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

/// A hundred mebibytes of zeros, made before they are asked for.
static GZIP_ZEROS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![0; 100 << 20]).expect("memory");
    encoder.finish().expect("memory")
});

/// Twenty mebibytes of zeros in forty bytes: `brotliCompressSync(Buffer.alloc(20 << 20))` of Node.
const BROTLI_ZEROS: [u8; 40] = [
    203, 255, 255, 63, 248, 39, 0, 226, 177, 64, 32, 247, 254, 143, 255, 255, 127, 240, 79, 0, 196,
    97, 17, 128, 238, 253, 95, 254, 255, 255, 224, 159, 0, 136, 195, 2, 0, 221, 251, 31,
];

/// Every kind.
pub(crate) fn cases() -> Vec<Case> {
    const SLOW: Duration = Duration::from_millis(20);
    const AT_ONCE: Duration = Duration::ZERO;
    vec![
        case("silent", "timeout", |s, _| drip(s, "", b"", Duration::from_secs(5))),
        case("slow headers", "timeout", |s, _| drip(s, "HTTP/1.1 200 OK\r\nx-a: ", b"b", SLOW)),
        case("slow body", "timeout", |s, _| drip(s, &format!("{OK}\r\n<rss>"), b" ", SLOW)),
        case("endless body", "too_big", |s, _| drip(s, &format!("{OK}\r\n"), &PIECE, AT_ONCE)),
        case("100 MB feed", "too_big", |s, _| {
            send(s, &format!("{OK}content-length: 104857600\r\n\r\n<rss><channel>"), b"")?;
            for _ in 0..1600 {
                s.write_all(&PIECE)?;
            }
            Ok(())
        }),
        case("gzip bomb", "too_big", |s, _| {
            send(s, &format!("{OK}content-encoding: gzip\r\n\r\n"), &GZIP_ZEROS)
        }),
        case("br bomb", "too_big", |s, _| {
            send(s, &format!("{OK}content-encoding: br\r\n\r\n"), &BROTLI_ZEROS)
        }),
        // Its own compression, not the transport's.
        case("gzip bomb as a sitemap", "too_big", |s, _| {
            let head = format!("{OK}content-type: application/gzip\r\n\r\n");
            send(s, &head, &GZIP_ZEROS)
        }),
        case("redirects in a circle", "redirects", |s, _| {
            let head = "HTTP/1.1 301 Moved\r\nconnection: close\r\nlocation: ?x\r\n\r\n";
            send(s, head, b"")
        }),
        case("redirects to itself", "redirects", |s, port| {
            let to = s.local_addr()?.ip();
            let head = format!(
                "HTTP/1.1 308 Moved\r\nconnection: close\r\nlocation: http://{to}:{port}/feed\r\n\r\n"
            );
            send(s, &head, b"")
        }),
        case("redirect inside", "address_blocked", |s, port| {
            let head = format!(
                "HTTP/1.1 302 Found\r\nconnection: close\r\nlocation: http://127.0.0.1:{port}/\r\n\r\n"
            );
            send(s, &head, b"")
        }),
        case("redirect to metadata", "address_blocked", |s, _| {
            let to = "http://[::ffff:169.254.169.254]/latest/";
            let head = format!("HTTP/1.1 307 Go\r\nconnection: close\r\nlocation: {to}\r\n\r\n");
            send(s, &head, b"")
        }),
        case("wrong length", "broken", |s, _| {
            send(s, &format!("{OK}content-length: 1000\r\n\r\n"), b"<rss><channel><item>")
        }),
        case("10,000 headers", "broken", |s, _| {
            let many: String = (0..10_000).map(|n| format!("x-{n}: {n}\r\n")).collect();
            send(s, &format!("{OK}{many}\r\n"), b"<rss/>")
        }),
        case("no HTTP", "broken", |s, _| send(s, "220 ftp.example.org\r\n", b"")),
        case("closed at once", "broken", |_, _| Ok(())),
        case("HTML for a feed", "not_a_feed", |s, _| {
            let page = b"<!DOCTYPE html><html><head><title>Our feed</title></head><body><p>x";
            send(s, &format!("{OK}content-type: application/rss+xml\r\n\r\n"), page)
        }),
        case("bot wall", "bot_wall", |s, _| {
            let head =
                "HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncf-mitigated: challenge\r\n\r\n";
            send(s, head, b"<html><title>Just a moment...</title>")
        }),
        case("empty", "empty", |s, _| send(s, &format!("{OK}content-length: 0\r\n\r\n"), b"")),
        case("binary", "not_a_feed", |s, _| send(s, &format!("{OK}\r\n"), &[0x89; 5000])),
        case("an error page without end", "http_5xx", |s, _| {
            let head = "HTTP/1.1 503 Busy\r\nconnection: close\r\n\r\n";
            drip(s, head, &PIECE, AT_ONCE)
        }),
    ]
}

/// The servers at work.
pub(crate) struct Hostile {
    /// Feed URL of each case, in order.
    pub(crate) urls: Vec<String>,
    /// URL of the good feed.
    pub(crate) good: String,
    polls: Arc<AtomicUsize>,
}

impl Hostile {
    /// Starts them all. They end with the process.
    pub(crate) fn start(cases: &[Case]) -> Self {
        LazyLock::force(&GZIP_ZEROS);
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&polls);
        let good = serve("127.66.0.1", move |stream, port| {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            // Each poll finds one more entry, so that none is like the last.
            let items: String = (0..=number)
                .map(|n| {
                    format!(
                        "<item><guid isPermaLink=\"false\">{n}</guid><title>Entry {n}</title>\
                         <link>http://127.66.0.1:{port}/article/{n}</link></item>"
                    )
                })
                .collect();
            let many: String = (0..900).map(|n| format!("x-{n}: {n}\r\n")).collect();
            let body =
                format!("<rss version=\"2.0\"><channel><title>Good</title>{items}</channel></rss>");
            send(stream, &format!("{OK}{many}content-length: {}\r\n\r\n{body}", body.len()), b"")
        });
        let urls = cases
            .iter()
            .enumerate()
            .map(|(index, case)| {
                let conduct = case.conduct;
                serve(&format!("127.66.1.{}", index + 1), conduct)
            })
            .collect();
        Self { urls, good, polls }
    }

    /// How often the good feed was asked for.
    pub(crate) fn good_polls(&self) -> usize {
        self.polls.load(Ordering::SeqCst)
    }
}

/// A server on a loopback address; the URL of its feed.
fn serve(
    address: &str,
    conduct: impl Fn(&mut TcpStream, u16) -> std::io::Result<()> + Send + Sync + 'static,
) -> String {
    let listener = TcpListener::bind((address, 0)).expect("loopback address");
    let port = listener.local_addr().expect("address").port();
    let conduct = Arc::new(conduct);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let conduct = Arc::clone(&conduct);
            std::thread::spawn(move || {
                if read_head(&mut stream).is_some() {
                    // Fails where the client has had enough, which is what it should do.
                    let _ = conduct(&mut stream, port);
                    let _ = stream.shutdown(std::net::Shutdown::Write);
                    // Closing with something unread would be a reset, and lose what was sent.
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
                    let _ = stream.read(&mut [0; 1024]);
                }
            });
        }
    });
    format!("http://{address}:{port}/feed")
}

fn read_head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    Some(head)
}
