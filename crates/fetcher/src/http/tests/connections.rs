//! How many connections there are, and to whom: reuse, bounds for a site and an address, proxies.

use super::*;

/// An answer after which the connection may be used again.
const STAYS_OPEN: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

#[test]
fn a_connection_is_used_again() {
    let web = Web::local();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let port = web.serve_by(move |_, _, mut stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            loop {
                let written = stream.write_all(STAYS_OPEN).await;
                if written.is_err() || read_head(&mut stream).await.is_none() {
                    return;
                }
            }
        })
    });
    for _ in 0..5 {
        assert_eq!(web.get(fetch(&format!("http://127.0.0.1:{port}/"))).unwrap().body, b"hi");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[test]
fn a_kept_connection_that_is_closed_as_we_ask_costs_no_answer() {
    let web = Web::local();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    // Each connection answers once, and is closed when it is asked again; the third not even once.
    let port = web.serve_by(move |number, _, mut stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            if number < 2 {
                stream.write_all(STAYS_OPEN).await.unwrap();
                read_head(&mut stream).await;
            }
        })
    });
    let url = format!("http://127.0.0.1:{port}/");
    assert_eq!(web.get(fetch(&url)).unwrap().body, b"hi");
    assert_eq!(web.get(fetch(&url)).unwrap().body, b"hi");
    assert_eq!(connections.load(Ordering::SeqCst), 2);
    // Once more on a new connection, and no more than that.
    assert_eq!(web.get(fetch(&url)).unwrap_err().class(), "broken");
    assert_eq!(connections.load(Ordering::SeqCst), 3);
    // What changes something at the server is not sent twice.
    let port = web.serve_by(move |_, _, mut stream| {
        Box::pin(async move {
            stream.write_all(STAYS_OPEN).await.unwrap();
            read_head(&mut stream).await;
        })
    });
    let form = vec![("hub.mode".to_owned(), "subscribe".to_owned())];
    let post = Fetch { form, ..fetch(&format!("http://127.0.0.1:{port}/")) };
    assert_eq!(web.get(post.clone()).unwrap().body, b"hi");
    assert_eq!(web.get(post).unwrap_err().class(), "broken");
}

#[test]
fn a_new_connection_that_is_closed_without_an_answer_is_not_asked_again() {
    let web = Web::local();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let port = web.serve_by(move |_, _, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {})
    });
    let failed = web.get(fetch(&format!("http://127.0.0.1:{port}/"))).unwrap_err();
    assert_eq!((failed.class(), connections.load(Ordering::SeqCst)), ("broken", 1));
}

#[test]
fn a_site_has_no_more_connections_than_it_may_whatever_is_asked_of_it() {
    let settings = HttpSettings {
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        connections_per_site: 2,
        connections_per_address: 3,
        ..HttpSettings::within(Duration::from_secs(60))
    };
    let lookup = names(&[
        ("a.example.org", &[&["127.0.0.1"]]),
        ("b.example.org", &[&["127.0.0.1"]]),
        ("c.example.net", &[&["127.0.0.1"]]),
        ("d.example.com", &[&["127.0.0.1"]]),
    ]);
    let web = Web::with(settings, lookup);
    let open = Arc::new(Mutex::new((BTreeMap::<String, usize>::new(), Vec::new(), 0_usize)));
    let shared = Arc::clone(&open);
    let port = web.serve_by(move |_, head, mut stream| {
        let shared = Arc::clone(&shared);
        Box::pin(async move {
            let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
            let site = host.split(':').next().unwrap().split_once('.').unwrap().1.to_owned();
            {
                let mut shared = shared.lock().unwrap();
                let (now, seen, _) = &mut *shared;
                *now.entry(site.clone()).or_default() += 1;
                let most = *now.values().max().unwrap();
                seen.push((most, now.values().sum::<usize>()));
            }
            // Long enough that all that may come has come: others yield to it many times.
            for _ in 0..200 {
                tokio::task::yield_now().await;
            }
            {
                let mut shared = shared.lock().unwrap();
                *shared.0.get_mut(&site).unwrap() -= 1;
                shared.2 += 1;
            }
            let _ = stream.write_all(&ok("content-length: 0\r\n", b"")).await;
        })
    });
    let (sender, receiver) = channel();
    for number in 0..40 {
        let host = ["a.example.org", "b.example.org", "c.example.net", "d.example.com"][number % 4];
        let sender = sender.clone();
        let reply = Box::new(move |fetched: stage::Fetched| sender.send(fetched.result).unwrap());
        web.client.perform(fetch(&format!("http://{host}:{port}/{number}")), reply);
    }
    for _ in 0..40 {
        receiver.recv().unwrap().unwrap();
    }
    let open = open.lock().unwrap();
    assert_eq!(open.2, 40);
    for (of_one_site, of_the_address) in &open.1 {
        assert!(*of_one_site <= 2 && *of_the_address <= 3, "{:?}", open.1);
    }
}

#[test]
fn with_a_proxy_requests_go_there_and_forbidden_addresses_still_do_not() {
    let lookup = names(&[
        ("proxy.internal", &[&["127.0.0.7"]]),
        ("inside.test", &[&["10.0.0.1"]]),
        ("public.test", &[&["203.0.114.1"]]),
    ]);
    let probe = std::net::TcpListener::bind("127.0.0.7:0").unwrap();
    let port = probe.local_addr().unwrap().port();
    drop(probe);
    let proxies =
        Proxies::from_env(|name| (name == "http_proxy").then(|| format!("proxy.internal:{port}")));
    let settings = HttpSettings {
        proxies: proxies.unwrap(),
        allow_networks: vec!["127.0.0.8/32".parse().unwrap()],
        ..HttpSettings::within(Duration::from_secs(5))
    };
    let web = Web::with(settings, lookup);
    let listener = web.runtime.block_on(TcpListener::bind(("127.0.0.7", port))).unwrap();
    web.runtime.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let head = read_head(&mut stream).await.unwrap_or_default();
            let line = head.lines().next().unwrap_or_default().to_owned();
            let answer = ok(&format!("content-length: {}\r\n", line.len()), line.as_bytes());
            let _ = stream.write_all(&answer).await;
        }
    });
    // A name that only the proxy may know is the proxy's to judge.
    for host in ["public.test", "only-the-proxy-knows.test"] {
        let answer = web.get(fetch(&format!("http://{host}/x"))).unwrap();
        assert_eq!(answer.body, format!("GET http://{host}/x HTTP/1.1").as_bytes());
    }
    for url in ["http://inside.test/", "http://10.0.0.1/", "http://proxy.internal/"] {
        let result = web.get(fetch(url));
        assert!(matches!(result, Err(FetchError::AddressBlocked(_))), "{url}: {result:?}");
    }
    // What the operator allowed lies nearer than the proxy.
    let near = web.serve(false, |_, _| ok("content-length: 4\r\n", b"near"));
    let answer = web.get(fetch(&format!("http://127.0.0.8:{near}/"))).unwrap();
    assert_eq!(answer.body, b"near");
}
