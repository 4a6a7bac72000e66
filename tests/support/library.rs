//! Real pages of the extraction corpora, served by outlets on loopback, each with a feed that
//! links them: pages as heavy and as odd as those that newswire is for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

/// Corpora that say where a page came from.
const SETS: [&str; 2] = ["wcxb", "snippets"];

/// The outlets, until dropped.
pub(crate) struct Library {
    pub(crate) feeds: Vec<String>,
    /// The pages, under the addresses at which they are served.
    pub(crate) pages: Vec<(String, Bytes)>,
    _runtime: tokio::runtime::Runtime,
}

impl Library {
    /// `None` where there is no corpus.
    pub(crate) fn open(outlets: usize) -> Option<Self> {
        let folder = PathBuf::from(std::env::var_os("NEWSWIRE_CORPORA")?).join("extraction");
        let mut bodies = Vec::new();
        for set in SETS {
            let folder = folder.join(set);
            let index = std::fs::read_to_string(folder.join("index.jsonl")).ok()?;
            for line in index.lines() {
                let row: Value = serde_json::from_str(line).expect("a row of JSON");
                let file = folder.join(row["html"].as_str().expect("a file"));
                let file = std::fs::File::open(file).expect("the page of a row");
                let mut body = Vec::new();
                flate2::read::GzDecoder::new(file).read_to_end(&mut body).expect("gzip");
                bodies.push(Bytes::from(body));
            }
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("runtime");
        let (mut feeds, mut pages) = (Vec::new(), Vec::new());
        let share = bodies.len().div_ceil(outlets);
        for (outlet, bodies) in bodies.chunks(share).enumerate() {
            let address = format!("127.78.0.{}:0", outlet + 1);
            let listener =
                runtime.block_on(tokio::net::TcpListener::bind(address)).expect("loopback");
            let origin = format!("http://{}", listener.local_addr().expect("bound"));
            let mut feed = "<rss version=\"2.0\"><channel><title>Outlet</title>".to_owned();
            let mut shelf = BTreeMap::new();
            for (number, body) in bodies.iter().enumerate() {
                let path = format!("/news/story-number-{number}.html");
                let _ = write!(feed, "<item><link>{origin}{path}</link></item>");
                pages.push((format!("{origin}{path}"), body.clone()));
                shelf.insert(path, ("text/html", body.clone()));
            }
            feed.push_str("</channel></rss>");
            shelf.insert("/feed.xml".to_owned(), ("application/rss+xml", feed.into()));
            feeds.push(format!("{origin}/feed.xml"));
            let shelf = Arc::new(shelf);
            let router = Router::new().fallback(move |uri: Uri| {
                let answer = answer(shelf.get(uri.path()));
                async { answer }
            });
            runtime.spawn(async move { axum::serve(listener, router).await });
        }
        Some(Self { feeds, pages, _runtime: runtime })
    }
}

fn answer(found: Option<&(&'static str, Bytes)>) -> Response {
    match found {
        Some((kind, body)) => ([(header::CONTENT_TYPE, *kind)], body.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
