//! The commands that need no log: `parse-feed`, `extract`, `group`. What they print, in which order,
//! and what they say of bad input.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::io::Write as _;

use serde_json::{Value, json};

use support::process::{newswire, run, run_in, run_with, write};

const FEED: &str = r#"<?xml version="1.0"?>
<rss version="2.0"><channel><title>Otter Bay Echo</title><link>https://echo.example/</link>
<item><title>Lighthouse gets a new lamp</title><link>/2025/lamp</link><guid>tag:lamp</guid>
<pubDate>Tue, 02 Dec 2025 14:05:00 +0100</pubDate><description>After 90 years.</description></item>
<item><title>Two &amp; a half boats</title><link>https://echo.example/boats</link></item>
</channel></rss>"#;

const PAGE: &str = r#"<!doctype html><html lang="en"><head><title>Lighthouse gets a new lamp - Otter Bay Echo</title>
<meta property="og:title" content="Lighthouse gets a new lamp"><meta property="og:type" content="article">
<meta property="article:published_time" content="2025-12-02T13:05:00Z">
<meta name="author" content="Ines Calloway"></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a> <a href="/weather">Weather</a></nav>
<article><h1>Lighthouse gets a new lamp</h1>
<p>The lighthouse of Otter Bay has been given a new lamp after ninety years of service, and the
keepers say that ships will see it from four miles further out than they could before.</p>
<p>Engineers lowered the old lens through the gallery on Monday with a crane that had to be brought
across the causeway at low water, while about two hundred people watched from the dunes.</p>
<p>The lens will be shown in the town museum from March. The harbour board paid for the work from
the fees that the ferries leave behind, the board's chair Tobias Venn said on Tuesday.</p>
</article>
<form><h3>Leave a reply</h3><textarea></textarea></form>
<footer>All rights reserved</footer></body></html>"#;

/// The article keys of a story event, and what `extract` adds.
const ARTICLE_KEYS: [&str; 22] = [
    "outcome",
    "detail",
    "url",
    "title",
    "summary",
    "text",
    "html",
    "authors",
    "publisher",
    "language",
    "section",
    "tags",
    "image",
    "access",
    "rights",
    "published_at",
    "published_at_source",
    "modified_at",
    "canonical",
    "complete",
    "confidence",
    "words",
];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn parse_feed_writes_one_line_a_file_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let plain = write(folder.path(), "plain.xml", FEED);
    let packed = write(folder.path(), "packed.xml.gz", gzip(FEED.as_bytes()));
    let broken = write(folder.path(), "broken.txt", "no feed at all");
    let rows = run(&mut newswire([
        "parse-feed",
        "--url",
        "https://echo.example/rss",
        &packed,
        &broken,
        &plain,
    ]))
    .rows();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["file"], packed.as_str());
    assert_eq!(rows[1]["entries"], json!([]));
    assert_ne!(rows[1]["problems"], json!([]), "what is no feed is told");
    assert_eq!(rows[0]["entries"], rows[2]["entries"], "packed or not, it is the same feed");
    let row = &rows[2];
    assert_eq!(row["title"], "Otter Bay Echo");
    assert!(row["format"].is_string());
    assert_eq!(row["problems"], json!([]));
    let entry = &row["entries"][0];
    assert_eq!(entry["id"], "tag:lamp");
    assert_eq!(entry["title"], "Lighthouse gets a new lamp");
    assert_eq!(entry["link"], "https://echo.example/2025/lamp");
    assert_eq!(entry["published_at"], "2025-12-02T13:05:00.000Z");
    assert_eq!(entry["summary"], "After 90 years.");
    assert_eq!(row["entries"][1]["title"], "Two & a half boats");
    for key in ["id", "title", "link", "published_at", "updated_at", "summary", "authors"] {
        assert!(row["entries"][1].get(key).is_some(), "{key} is always there");
    }
}

#[test]
fn parse_feed_believes_the_header_that_came_with_the_document() {
    let folder = tempfile::tempdir().unwrap();
    let latin: Vec<u8> =
        FEED.replace("Otter Bay", "Bah\u{ed}a").chars().map(|c| c as u32 as u8).collect();
    // The declaration says nothing of a charset, so the header decides.
    let file = write(folder.path(), "latin.xml", latin);
    let header = "Content-Type: application/rss+xml; charset=iso-8859-1";
    let rows = run(&mut newswire(["parse-feed", "--header", header, &file])).rows();
    assert_eq!(rows[0]["title"], "Bahía Echo");
    let wrong = run(&mut newswire(["parse-feed", "--header", "nonsense", &file]));
    assert!(wrong.failed(2).contains("Name: value"), "{wrong:?}");
}

#[test]
fn a_feed_file_that_cannot_be_read_is_told_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let good = write(folder.path(), "good.xml", FEED);
    let finished = run(&mut newswire(["parse-feed", "/nowhere/feed.xml", &good]));
    assert!(finished.failed(1).contains("/nowhere/feed.xml"), "{finished:?}");
    let rows: Vec<Value> =
        finished.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1]["title"], "Otter Bay Echo");
}

#[test]
fn extract_writes_the_article_with_all_its_keys() {
    let folder = tempfile::tempdir().unwrap();
    let page = write(folder.path(), "page.html", PAGE);
    let url = "https://echo.example/2025/lamp";
    let rows = run(&mut newswire(["extract", "--url", url, &page])).rows();
    let article = &rows[0];
    let keys: Vec<&str> = article.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ARTICLE_KEYS, "always there, in the order of the story event");
    assert_eq!(article["outcome"], "article");
    assert_eq!(article["title"], "Lighthouse gets a new lamp");
    assert_eq!(article["published_at"], "2025-12-02T13:05:00.000Z");
    assert_eq!(article["authors"], json!(["Ines Calloway"]));
    assert_eq!(article["language"], "en");
    let text = article["text"].as_str().unwrap();
    assert!(
        text.starts_with("The lighthouse of Otter Bay") && text.ends_with("on Tuesday."),
        "{text}"
    );
    assert_eq!(text.split("\n\n").count(), 3);
}

#[test]
fn extract_in_a_batch_answers_in_order_and_each_page_on_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let page = write(folder.path(), "page.html", PAGE);
    let packed = write(folder.path(), "page.html.gz", gzip(PAGE.as_bytes()));
    let empty = write(folder.path(), "empty.html", "");
    let mut input = String::new();
    for number in 0..150 {
        let path = [&page, &packed, &empty][number % 3];
        let line = json!({"id": number, "url": "https://echo.example/2025/lamp", "path": path});
        input.push_str(&line.to_string());
        input.push('\n');
    }
    input.push_str("{\"id\":\"gone\",\"url\":null,\"path\":\"/nowhere/page.html\"}\n");
    let rows = run_with(&mut newswire(["extract", "--batch"]), input.as_bytes()).rows();
    assert_eq!(rows.len(), 151);
    for (number, row) in rows[..150].iter().enumerate() {
        assert_eq!(row["id"], number);
        if number % 3 == 2 {
            assert_ne!(row["outcome"], "article");
            assert_eq!(row["text"], "");
        } else {
            assert_eq!(row["outcome"], "article");
            assert_eq!(row["text"], rows[0]["text"]);
        }
    }
    assert_eq!(rows[150]["id"], "gone");
    assert_eq!(rows[150]["outcome"], "unreadable");
    for key in ARTICLE_KEYS {
        assert!(rows[150].get(key).is_some(), "{key} is always there");
    }

    let alone =
        run(&mut newswire(["extract", "--url", "https://echo.example/2025/lamp", &page])).rows();
    let mut first = rows[0].clone();
    first.as_object_mut().unwrap().remove("id");
    assert_eq!(alone[0], first, "alone or in a batch, it is the same article");

    let bad = run_with(&mut newswire(["extract", "--batch"]), "\u{feff}\n{\"id\":1}\n".as_bytes());
    assert!(bad.failed(1).contains("line 2"), "{bad:?}");
}

#[test]
fn extract_says_why_a_page_is_no_article() {
    let folder = tempfile::tempdir().unwrap();
    let page = write(
        folder.path(),
        "section.html",
        "<html><body><nav><a href=/a>One</a> <a href=/b>Two</a></nav></body></html>",
    );
    let rows = run(&mut newswire(["extract", &page])).rows();
    assert_ne!(rows[0]["outcome"], "article");
    assert!(!rows[0]["detail"].as_str().unwrap().is_empty());
    for key in ARTICLE_KEYS {
        assert!(rows[0].get(key).is_some(), "{key} is always there");
    }
    let missing = run(&mut newswire(["extract", "/nowhere/page.html"]));
    assert!(missing.failed(1).contains("/nowhere/page.html"));
}

fn report(id: &str, outlet: &str, minute: u32, text: &str) -> Value {
    json!({"id": id, "title": "Ferry Aldona runs aground off Cape Sorrel", "text": text,
        "published_at": format!("2025-12-02T13:{minute:02}:00Z"), "language": "en",
        "publisher": outlet})
}

const FERRY: &str = "The ferry Aldona ran aground off Cape Sorrel on Tuesday morning with 212 people \
    on board. The coastguard in Marwick took the passengers off with two lifeboats and brought them \
    to the harbour of Tarrin, where a school was opened for them. Captain Elsbeth Rowan said that \
    the steering had failed in the narrow channel. Divers will look at the hull on Wednesday before \
    a tug from Dunmere tries to pull the ship free at high water.";
const CHEESE: &str = "A dairy in the Upper Linn valley has won the first prize of the national cheese \
    fair with a mountain cheese that ripened for two years in a disused railway tunnel. The jury in \
    Brackwater praised its taste of hay and smoke. Master dairyman Ottokar Fehn said that the next \
    wheels were sold until spring, and that the tunnel had room for no more of them.";

#[test]
fn group_answers_each_line_in_order_with_copies_and_groups() {
    let other = json!({"id": "cheese", "title": "Tunnel cheese wins first prize", "text": CHEESE,
        "published_at": "2025-12-02T13:10:00Z"});
    let input: String = [report("one", "Echo", 1, FERRY), other, report("copy", "Post", 5, FERRY)]
        .iter()
        .map(|line| format!("{line}\n"))
        .collect();
    for arguments in [&["group"][..], &["group", "--as-published"]] {
        let rows = run_with(&mut newswire(arguments), input.as_bytes()).rows();
        assert_eq!(
            rows,
            [
                json!({"id": "one", "group": "one", "duplicate_of": null}),
                json!({"id": "cheese", "group": "cheese", "duplicate_of": null}),
                json!({"id": "copy", "group": "one", "duplicate_of": "one"}),
            ]
        );
    }
    assert_eq!(run_with(&mut newswire(["group"]), b"").rows(), Vec::<Value>::new());
    let bad = run_with(&mut newswire(["group"]), b"{\"id\":\"a\"}\n\nnot json\n");
    // One place is named, not the parser's own, too.
    assert!(bad.failed(1).contains("line 3: not"), "{bad:?}");
    assert!(!bad.stderr.contains("line 1"), "{bad:?}");
    assert_eq!(bad.text(), "", "nothing is said of a part of the input");
}

#[test]
fn group_takes_dates_as_others_write_them_and_texts_without() {
    let row = |id: &str, date: Value| {
        let title = "Bridge over the Kell closed after cracks were found in two pillars";
        json!({"id": id, "title": title, "text": null, "published_at": date}).to_string() + "\n"
    };
    let lines = [
        row("whole", json!("2025-12-02T13:05:00.000Z")),
        row("local", json!("2025-12-02 13:06:00")),
        row("day", json!("2025-12-02")),
        row("empty", json!("")),
        row("null", json!(null)),
        row("number", json!(1_764_680_700)),
        row("words", json!("yesterday")),
    ];
    let rows = run_with(&mut newswire(["group"]), lines.concat().as_bytes()).rows();
    assert_eq!(rows.len(), lines.len());
    assert!(rows.iter().all(|row| row["group"] == "whole"), "{rows:?}");
    // A day is one: half a year later is another event.
    let later = row("first", json!("2025-06-02")) + &row("later", json!("2025-12-02"));
    let rows = run_with(&mut newswire(["group"]), later.as_bytes()).rows();
    assert_eq!(rows[1]["group"], "later");
}

#[test]
fn group_takes_what_editors_make_and_says_where_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let group = |arguments: &[&str], input: &[u8]| {
        let mut all = vec!["group"];
        all.extend(arguments);
        run_with(newswire(all).current_dir(folder.path()), input)
    };
    // A byte order mark; and names that are no web addresses are names all the same.
    let lines = "\u{feff}{\"id\":\"v1\",\"title\":\"One\",\"url\":\"urn:story:1\"}\n\
                 {\"id\":\"v2\",\"title\":\"Two\",\"url\":\"urn:story:1\"}\n";
    let rows = group(&[], lines.as_bytes()).rows();
    assert_eq!((&rows[0]["group"], &rows[1]["group"]), (&json!("v1"), &json!("v1")));
    let broken = group(&[], b"{\"id\":\"1\"}\n{\"id\":\"\xff\"}\n");
    assert!(broken.failed(1).contains("line 2"), "{}", broken.stderr);
    group(&["-c", "none.toml"], b"").failed(2);

    // More than a pipe's buffer, to a reader that leaves.
    let many: String = (0..3000)
        .map(|number| format!("{{\"id\":\"{number}\",\"title\":\"t {number}\"}}\n"))
        .collect();
    let file = folder.path().join("many.jsonl");
    std::fs::write(&file, many).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = newswire(["group"]);
    command.stdin(std::fs::File::open(&file).unwrap()).stdout(writer);
    assert!(command.status().unwrap().success());
}

#[test]
fn a_folder_is_no_page_and_the_error_names_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("pages")).unwrap();
    let done = run_in(folder.path(), &["extract", "pages"]);
    assert!(done.failed(1).contains("pages"), "{}", done.stderr);
}

#[test]
fn one_document_comes_by_standard_input_and_an_address_is_one() {
    let page = "<html><title>A bridge</title><article><p>The council met on Monday.</article>";
    for command in ["extract", "parse-feed"] {
        let rows = run_with(&mut newswire([command, "-"]), page.as_bytes()).rows();
        assert_eq!(rows.len(), 1, "{command}");
        for url in ["notaurl", "ftp://example.org/a"] {
            let wrong = run_with(&mut newswire([command, "--url", url, "-"]), page.as_bytes());
            assert!(wrong.failed(2).contains("no absolute URL"), "{}", wrong.stderr);
        }
    }
}

#[test]
fn a_line_that_is_no_object_is_named() {
    for line in ["[1]", "7", "\"x\""] {
        let input = format!("{{\"id\":\"a\",\"title\":\"t\",\"text\":\"x\"}}\n{line}\n");
        let wrong = run_with(&mut newswire(["group"]), input.as_bytes());
        let says = wrong.failed(1);
        assert!(says.contains("line 2: not") && says.contains("no JSON object"), "{says}");
        assert!(!says.contains("OfflineStory"), "{says}");
    }
    for (line, named) in [
        (r#"{"id":"b","title":7}"#, "line 2: not {\"id\",\"title\",\"text\",…}: key \"title\": "),
        (r#"{"id":1,"language":"en"}"#, "key \"id\": "),
        (r#"{"title":"no name"}"#, "missing field `id`"),
    ] {
        let input = format!("{{\"id\":\"a\",\"title\":\"t\",\"text\":\"x\"}}\n{line}\n");
        let wrong = run_with(&mut newswire(["group"]), input.as_bytes());
        assert!(wrong.failed(1).contains(named), "{}", wrong.stderr);
    }
}
