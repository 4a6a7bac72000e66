//! The web client over TLS: faults have a class of their own, and HTTP/2 is spoken where the
//! server can.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says where it failed")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use events::{Auth, Timestamp};
use fetcher::http::{Client, HttpSettings};
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{AlpnError, SslAcceptor, SslMethod, SslStream, select_next_proto};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};
use stage::{Answer, Fetch, FetchError, Follow, NoMeter, Performer as _, Purpose};

/// Where the child process of the HTTP/2 test finds its server.
const CHILD_PORT: &str = "NEWSWIRE_TEST_TLS_PORT";

struct Web {
    _runtime: tokio::runtime::Runtime,
    client: Client,
}

impl Web {
    fn within(timeout: Duration) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let settings = HttpSettings {
            allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
            ..HttpSettings::within(timeout)
        };
        let clock = Arc::new(|| Timestamp::from_secs(1));
        let handle = runtime.handle().clone();
        let client = Client::new(settings, handle, clock, Arc::new(NoMeter)).unwrap();
        Self { _runtime: runtime, client }
    }

    fn get(&self, port: u16) -> Result<Answer, FetchError> {
        let (sender, receiver) = channel();
        let fetch = Fetch {
            key: "k".to_owned(),
            url: format!("https://127.0.0.1:{port}/"),
            purpose: Purpose::Page,
            headers: Vec::new(),
            validators_of: None,
            auth: Auth::default(),
            follow: Follow::All,
            max_body: 1 << 20,
            form: Vec::new(),
        };
        self.client.perform(fetch, Box::new(move |fetched| sender.send(fetched).unwrap()));
        receiver.recv().unwrap().result
    }
}

struct Identity {
    certificate: X509,
    key: PKey<Private>,
}

/// A certificate that signs itself, for an address, valid from and until so many days from now.
fn identity(address: &str, from_days: i64, until_days: i64) -> Identity {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let now = runtime::clock::now().as_secs();
    let at = |days: i64| Asn1Time::from_unix(now + days * 86_400).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "newswire test").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = BigNum::from_u32(7).unwrap();
    builder.set_serial_number(&Asn1Integer::from_bn(&serial).unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&at(from_days)).unwrap();
    builder.set_not_after(&at(until_days)).unwrap();
    builder.append_extension(BasicConstraints::new().ca().build().unwrap()).unwrap();
    let context = builder.x509v3_context(None, None);
    let alternative = SubjectAlternativeName::new().ip(address).build(&context).unwrap();
    builder.append_extension(alternative).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    Identity { certificate: builder.build(), key }
}

fn acceptor(identity: &Identity) -> SslAcceptor {
    let mut builder = SslAcceptor::mozilla_intermediate(SslMethod::tls()).unwrap();
    builder.set_private_key(&identity.key).unwrap();
    builder.set_certificate(&identity.certificate).unwrap();
    builder.set_alpn_select_callback(|_, offered| {
        select_next_proto(b"\x02h2\x08http/1.1", offered).ok_or(AlpnError::NOACK)
    });
    builder.build()
}

/// A server whose every connection is dealt with on a thread of its own.
fn listen(handle: impl Fn(std::net::TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let handle = Arc::new(handle);
        for stream in listener.incoming().flatten() {
            let handle = Arc::clone(&handle);
            std::thread::spawn(move || handle(stream));
        }
    });
    port
}

#[test]
fn faults_of_tls_are_told_as_such() {
    let web = Web::within(Duration::from_secs(20));
    let unknown = acceptor(&identity("127.0.0.1", -1, 10));
    let expired = acceptor(&identity("127.0.0.1", -10, -1));
    let plain = listen(|mut stream| {
        let _ = stream.read(&mut [0; 64]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    });
    let breaks_off = listen(|mut stream| {
        let mut hello = [0; 64];
        let _ = stream.read(&mut hello);
        // The beginning of a server hello.
        let _ = stream.write_all(&[0x16, 3, 3, 0, 80, 2, 0, 0]);
    });
    for (name, port) in [
        ("signed by itself", listen(move |stream| drop(unknown.accept(stream)))),
        ("expired", listen(move |stream| drop(expired.accept(stream)))),
        ("plain HTTP", plain),
        ("breaks off", breaks_off),
    ] {
        let result = web.get(port);
        assert!(matches!(result, Err(FetchError::Tls(_))), "{name}: {result:?}");
    }
}

#[test]
fn a_handshake_that_never_ends_is_a_timeout() {
    let web = Web::within(Duration::from_millis(400));
    let port = listen(|mut stream| {
        let _ = stream.read(&mut [0; 64]);
        std::thread::sleep(Duration::from_secs(60));
    });
    let result = web.get(port);
    assert!(matches!(result, Err(FetchError::Timeout(_))), "{result:?}");
}

#[test]
fn http_2_is_spoken_where_the_server_offers_it() {
    let identity = identity("127.0.0.1", -1, 10);
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, identity.certificate.to_pem().unwrap()).unwrap();
    let acceptor = acceptor(&identity);
    let port = listen(move |stream| {
        if let Ok(mut stream) = acceptor.accept(stream) {
            assert_eq!(stream.ssl().selected_alpn_protocol(), Some(&b"h2"[..]));
            serve_http_2(&mut stream);
        }
    });
    // Trusted roots come from the environment of a process, and this one's is not to be changed.
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_of_the_http_2_test", "--ignored"])
        .env("SSL_CERT_FILE", &roots)
        .env(CHILD_PORT, port.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "run by http_2_is_spoken_where_the_server_offers_it"]
fn child_of_the_http_2_test() {
    let port = std::env::var(CHILD_PORT).unwrap().parse().unwrap();
    let web = Web::within(Duration::from_secs(20));
    for _ in 0..3 {
        let answer = web.get(port).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, b"two".as_slice()));
    }
}

/// Just enough of RFC 9113 to answer every request with "two".
fn serve_http_2(stream: &mut SslStream<std::net::TcpStream>) {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).unwrap();
    assert!(preface.starts_with(b"PRI * HTTP/2.0"));
    frame(stream, 4, 0, 0, &[]);
    loop {
        let mut head = [0; 9];
        if stream.read_exact(&mut head).is_err() {
            return;
        }
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).unwrap();
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        match (head[3], head[4] & 1) {
            // SETTINGS that are not an acknowledgement.
            (4, 0) => frame(stream, 4, 1, 0, &[]),
            // HEADERS: `:status 200` is entry 8 of the static table (RFC 7541, appendix A).
            (1, _) => {
                frame(stream, 1, 4, id, &[0x88]);
                frame(stream, 0, 1, id, b"two");
            }
            _ => {}
        }
    }
}

fn frame(stream: &mut SslStream<std::net::TcpStream>, kind: u8, flags: u8, id: u32, body: &[u8]) {
    let length = (body.len() as u32).to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(id.to_be_bytes());
    bytes.extend(body);
    stream.write_all(&bytes).unwrap();
    stream.flush().unwrap();
}
