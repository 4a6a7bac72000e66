//! Tests over loopback: a plain TCP client against a newsroom with a clock in the test's hand.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{Clock, Running, Settings, start};

const START: i64 = 1_764_680_700_000;

/// A newsroom and the hand on its clock.
async fn newsroom(settings: Settings) -> (Running, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(START));
    let shared = Arc::clone(&now);
    let clock: Clock = Arc::new(move || shared.load(Ordering::SeqCst));
    (start(settings, clock).await.unwrap(), now)
}

/// One request on a connection of its own; head and body of the answer.
async fn get(url: &str, fields: &str) -> io::Result<(String, Vec<u8>)> {
    let (address, path) = url["http://".len()..].split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).await?;
    let request =
        format!("GET /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{fields}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let body = answer.split_off(end + 4);
    Ok((String::from_utf8(answer).unwrap(), body))
}

fn field(head: &str, name: &str) -> String {
    let prefix = format!("{name}: ");
    let line = head.lines().find_map(|line| line.strip_prefix(&prefix));
    line.unwrap_or_else(|| panic!("{name} is missing in {head}")).to_owned()
}

#[tokio::test]
async fn outlets_answer_at_addresses_of_their_own_and_know_who_asked() {
    let (newsroom, now) = newsroom(Settings::default()).await;
    assert_eq!(newsroom.feeds.len(), 12);
    let mut hosts: Vec<&str> = newsroom
        .feeds
        .iter()
        .map(|feed| feed.url["http://".len()..].split(':').next().unwrap())
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    assert_eq!(hosts.len() == 12, newsroom.one_site_each);

    let feed = newsroom.feeds[0].url.clone();
    let (head, body) = get(&feed, "user-agent: guest/1\r\n").await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(String::from_utf8(body).unwrap().contains("Hollow Bridge"));
    let tag = field(&head, "etag");
    now.fetch_add(250, Ordering::SeqCst);
    let (head, body) =
        get(&feed, &format!("if-none-match: {tag}\r\ncookie: a=b\r\n")).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 304"), "{head}");
    assert!(body.is_empty());
    now.fetch_add(20_000, Ordering::SeqCst);
    let (head, _) = get(&feed, &format!("if-none-match: {tag}\r\n")).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");

    let requests = &newsroom.requests()[0];
    assert_eq!((requests.total, requests.conditional, requests.connections), (3, 2, 3));
    assert_eq!(requests.by_status[&304], 1);
    assert!(requests.user_agents.contains("guest/1"));
    assert_eq!(requests.records[1].cookie.as_deref(), Some("a=b"));
    assert_eq!(requests.records[1].if_none_match.as_deref(), Some(tag.as_str()));
    let times: Vec<i64> = requests.records.iter().map(|record| record.at - START).collect();
    assert_eq!(times, [0, 250, 20_250]);
    assert_eq!(requests.closest(|record| record.path.contains("feeds")), Some(250));
    assert_eq!(newsroom.requests()[1].total, 0);
    newsroom.shutdown().await;
    assert!(get(&feed, "").await.is_err());
}

#[tokio::test]
async fn requests_that_overlap_are_counted_as_parallel() {
    let settings = Settings {
        story: false,
        extra_outlets: 1,
        extra_interval: Duration::ZERO,
        latency: Duration::from_millis(300),
        ..Settings::default()
    };
    let (newsroom, _now) = newsroom(settings).await;
    let feed = newsroom.feeds[0].url.clone();
    let (one, two) = tokio::join!(get(&feed, ""), get(&feed, ""));
    assert!(one.unwrap().0.starts_with("HTTP/1.1 200"));
    assert!(two.unwrap().0.starts_with("HTTP/1.1 200"));
    let requests = newsroom.requests().remove(0);
    assert_eq!(requests.total, 2);
    // Both connections were open before the first answer, whatever the machine's mood.
    assert_eq!(requests.max_parallel_requests, 2);
    assert_eq!(requests.max_parallel_connections, 2);
    newsroom.shutdown().await;
}

#[tokio::test]
async fn what_is_served_is_what_the_ground_truth_says() {
    let (newsroom, now) = newsroom(Settings::default()).await;
    now.fetch_add(20_000, Ordering::SeqCst);
    let expected = newsroom.expected();
    assert!(expected.len() >= 20);
    for article in expected.iter().filter(|article| article.outlet == 2) {
        let (head, body) = get(article.url.as_ref().unwrap(), "").await.unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let page = String::from_utf8(body).unwrap();
        assert!(page.contains(&article.title));
    }
    newsroom.shutdown().await;
}
