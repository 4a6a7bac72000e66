//! Commands that need no daemon: what they print, how they end, and what they say when they are
//! used wrongly.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use support::process::{Daemon, Finished, newswire, run, run_with};

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

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn run_in(folder: &Path, arguments: &[&str]) -> Finished {
    run(newswire(arguments).current_dir(folder))
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
fn a_value_of_the_environment_that_is_no_text_is_told() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut command = newswire(["check-config"]);
    command.env("NEWSWIRE_FETCH__USER_AGENT", std::ffi::OsStr::from_bytes(b"a\xff"));
    let told = run(&mut command);
    assert!(told.failed(2).contains("NEWSWIRE_FETCH__USER_AGENT"), "{}", told.stderr);
    let mut command = newswire(["check-config"]);
    let told = run(command.env("NEWSWIRE_FOO__BAR", "1"));
    assert!(!told.failed(2).contains("GRACE"), "{}", told.stderr);
}

#[test]
fn schema_shows_what_consumers_can_rely_on() {
    let all = run(&mut newswire(["schema"])).good();
    let all: Value = serde_json::from_str(&all).unwrap();
    for topic in ["stories", "groups"] {
        let one = run(&mut newswire(["schema", topic])).good();
        let one: Value = serde_json::from_str(&one).unwrap();
        assert_eq!(all[topic], one);
        assert_eq!(one["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
    assert!(run(&mut newswire(["schema", "pages"])).failed(2).contains("stories"));
}

#[test]
fn check_config_says_what_counts_and_where_from() {
    let folder = tempfile::tempdir().unwrap();
    let good = write(folder.path(), "good.toml", "[fetch]\nmin_interval = \"7m\"\n");
    let mut command = newswire(["check-config", "-c", &good]);
    let shown = run(command.env("NEWSWIRE_PUBLISH__COPIES", "drop")).good();
    assert!(shown.contains("7m") && shown.contains("good.toml"), "{shown}");
    assert!(shown.contains("drop") && shown.contains("NEWSWIRE_PUBLISH__COPIES"), "{shown}");

    let bad = write(folder.path(), "bad.toml", "[fetch]\nmin_intervall = \"7m\"\ntimeout = 3\n");
    let finished = run(&mut newswire(["check-config", "-c", &bad]));
    let complaint = finished.failed(2);
    assert!(complaint.contains("bad.toml:2") && complaint.contains("min_interval"), "{complaint}");
    assert!(complaint.contains("bad.toml:3"), "all that is wrong is told at once: {complaint}");
    let secret = write(
        folder.path(),
        "secret.toml",
        "[kafka]\nbrokers = \"a:1\"\n[kafka.properties]\nsasl.password = \"hunter2\"\n",
    );
    let shown = run(&mut newswire(["check-config", "-c", &secret]));
    assert!(!shown.text().contains("hunter2") && !shown.stderr.contains("hunter2"), "{shown:?}");
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let bad_config = write(folder.path(), "bad.toml", "[nonsense]\n");
    for (arguments, named) in [
        (vec!["fetch"], "fetch"),
        (vec!["tail", "--topic", "storys"], "stories"),
        (vec!["tail", "--max", "many"], "many"),
        (vec!["fetcher"], "newswire up"),
        (vec!["extractor"], "newswire up"),
        (vec!["publisher"], "newswire up"),
        (vec!["up", "-c", &bad_config], "nonsense"),
        (vec!["up", "-c", "/nowhere/newswire.toml"], "/nowhere/newswire.toml"),
        (vec!["feeds", "add", "ftp://echo.example/rss"], "http"),
        (vec!["extract"], "FILE"),
        (vec!["extract", "--batch", "page.html"], "--batch"),
        (vec!["demo", "--pace", "0"], "--pace"),
        (vec!["parse-feed"], "FILE"),
    ] {
        let finished = run_in(folder.path(), &arguments);
        let complaint = finished.failed(2);
        assert!(complaint.contains(named), "{arguments:?}: {complaint}");
    }
    assert!(!folder.path().join("newswire.db").exists(), "wrong usage makes no log");
    assert_eq!(run_in(folder.path(), &[]).code, Some(2));
    assert!(run_in(folder.path(), &["--help"]).good().contains("newswire demo"));
    assert!(run_in(folder.path(), &["--version"]).good().starts_with("newswire "));
}

#[test]
fn a_log_that_is_not_there_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["tail"][..],
        &["status"],
        &["dead-letters", "list"],
        &["feeds", "list"],
        &["feeds", "remove", "x"],
        &["topics"],
    ] {
        let finished = run_in(folder.path(), arguments);
        let complaint = finished.failed(1);
        assert!(complaint.contains("newswire.db"), "{arguments:?}: {complaint}");
        assert!(complaint.contains("newswire up"), "{arguments:?}: {complaint}");
        assert!(!folder.path().join("newswire.db").exists(), "{arguments:?} makes no log");
    }
}

#[test]
fn feeds_are_added_listed_and_removed_without_a_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = ("https://echo.example/rss", "https://post.example/atom.xml");
    let run = |arguments: &[&str]| run_in(folder.path(), arguments);
    let list = || run(&["feeds", "list", "--json"]).rows();

    assert!(
        run(&["feeds", "add", one, two, "--tag", "bay", "--min-interval", "15m"])
            .good()
            .contains(one)
    );
    let rows = list();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["url"], one);
    assert_eq!(rows[0]["tags"], json!(["bay"]));
    assert_eq!(rows[0]["origin"], "command");
    assert!(
        run(&["feeds", "add", one, "--tag", "bay", "--min-interval", "15m"])
            .good()
            .contains("unchanged")
    );
    assert!(run(&["feeds", "add", one, "--paused"]).good().contains("changed"));
    assert_eq!(list()[0]["paused"], true);
    assert_eq!(list()[0]["added_at"], rows[0]["added_at"], "a change is no new subscription");
    assert!(run(&["feeds", "list"]).good().contains("paused"));

    let unknown = run(&["feeds", "remove", one, "https://nobody.example/"]);
    assert!(unknown.failed(1).contains("https://nobody.example/"));
    assert_eq!(list().len(), 2, "all or nothing");
    let id = rows[1]["id"].as_str().unwrap();
    run(&["feeds", "remove", one, id]).good();
    assert_eq!(list(), Vec::<Value>::new());

    let topics = run(&["topics"]).good();
    assert!(topics.contains("newswire.stories-latest"), "{topics}");
    let status = &run(&["status", "--json"]).rows()[0];
    assert_eq!(status["feeds"]["subscribed"], 0);
    // A compacted topic: what is left of each feed is that it was removed.
    let shown = run(&["tail", "--topic", "feeds", "--json", "--from-beginning", "-e"]).rows();
    assert_eq!(shown.len(), 2);
    let keys: Vec<&str> = shown[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["topic", "partition", "offset", "key", "timestamp", "headers", "value"]);
    assert_eq!(shown[0]["topic"], "newswire.feeds");
    assert!(shown.iter().all(|row| row["value"].is_null()));
    let one_of_them = ["tail", "--topic", "feeds", "--json", "--from-beginning", "--max", "1"];
    assert_eq!(run(&one_of_them).rows().len(), 1);
}

#[test]
fn a_reader_that_has_heard_enough_ends_tail_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let urls: Vec<String> =
        (0..400).map(|n| format!("https://echo.example/{n}/{}", "x".repeat(400))).collect();
    let mut arguments = vec!["feeds", "add"];
    arguments.extend(urls.iter().map(String::as_str));
    run_in(folder.path(), &arguments).good();
    let arguments = ["tail", "--topic", "feeds", "--json", "--from-beginning", "-e"];
    let mut child = newswire(arguments)
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    // The pipe is closed now, with most of 300 kB unread.
    let finished = child.wait_with_output().unwrap();
    assert_eq!(finished.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&finished.stderr), "");
}

#[test]
fn a_second_up_on_the_same_file_is_told_off_and_the_first_runs_on() {
    let folder = tempfile::tempdir().unwrap();
    let config = "[server]\nlisten = \"127.0.0.1:0\"\n[embedded]\npath = \"log.db\"\n";
    write(folder.path(), "newswire.toml", config);
    let mut first = Daemon::start("up", folder.path(), newswire(["up"]).current_dir(folder.path()));
    first.address();
    let finished = run_in(folder.path(), &["up"]);
    let complaint = finished.failed(2);
    assert!(complaint.contains("newswire up") && complaint.contains("log.db"), "{complaint}");
    // Subscriptions may be made while it runs.
    run_in(folder.path(), &["feeds", "add", "https://echo.example/rss", "--paused"]).good();
    first.terminate();
}

/// A configuration on a Kafka that is not there, with these `[kafka.properties]`.
fn kafka_config(folder: &Path, properties: &str) -> String {
    let text = format!(
        "[kafka]\nbrokers = \"127.0.0.1:1\"\n[server]\nlisten = \"127.0.0.1:0\"\n\
         [kafka.properties]\n{properties}\n"
    );
    write(folder, "kafka.toml", text)
}

#[test]
fn kafka_properties_that_cannot_be_used_end_every_command_alike() {
    let folder = tempfile::tempdir().unwrap();
    for (properties, named) in [
        ("acks = 1", "acks"),
        ("linger.ms = 5", "linger.ms"),
        ("batch.size = 5", "batch.size"),
        ("log_level = 7", "log_level"),
        ("statistics.interval.ms = 5", "statistics.interval.ms"),
        ("retries = 5", "retries"),
        ("message.timeout.ms = 5", "message.timeout.ms"),
        ("plugin.library.paths = \"x\"", "plugin.library.paths"),
        ("topic.acks = 1", "topic.acks"),
        ("nonsense.key = \"x\"", "nonsense.key"),
        ("socket.timeout.ms = \"abc\"", "socket.timeout.ms"),
        // What librdkafka finds only when it makes a client.
        ("security.protocol = \"SASL_SSL\"\nsasl.mechanism = \"SCRAM-SHA-512\"", "sasl.username"),
        ("security.protocol = \"SSL\"\nssl.ca.location = \"/no/such.pem\"", "ssl.ca.location"),
    ] {
        let config = kafka_config(folder.path(), properties);
        let checked = run(&mut newswire(["check-config", "-c", &config]));
        let complaint = checked.failed(2);
        assert!(
            complaint.contains("[kafka.properties]") && complaint.contains(named),
            "{complaint}"
        );
        assert!(checked.text().contains("# ") && !checked.text().contains("good"), "{checked:?}");
        for command in ["status", "up", "publisher"] {
            let finished = run(&mut newswire([command, "-c", &config]));
            // A daemon may have logged a line before.
            assert!(finished.failed(2).ends_with(complaint), "{command}: {finished:?}");
        }
    }
    let from_env = run(newswire(["check-config"])
        .current_dir(folder.path())
        .env("NEWSWIRE_KAFKA__PROPERTIES__GROUP_ID", "x"));
    assert!(from_env.failed(2).contains("group.id"), "{from_env:?}");
    assert!(from_env.text().contains("NEWSWIRE_KAFKA__PROPERTIES__GROUP_ID"), "{from_env:?}");
    let good = kafka_config(folder.path(), "session.timeout.ms = 30000");
    let shown = run(&mut newswire(["check-config", "-c", &good])).good();
    assert!(shown.contains("30000") && shown.contains("good, over Kafka"), "{shown}");
}

#[test]
fn the_value_of_a_kafka_property_that_may_be_a_secret_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "sasl.oauthbearer.client.secret",
        "sasl.pasword",
        "sals.password",
        "sasl.jaas.config",
        "ssl_key",
        "socket.timeout.ms",
        "compression.level",
    ] {
        let config = kafka_config(folder.path(), &format!("{name} = \"hunter2\""));
        for command in ["check-config", "status", "up"] {
            let finished = run(&mut newswire([command, "-c", &config]));
            assert!(finished.failed(2).contains(name), "{command}: {finished:?}");
            let all = format!("{}{}", finished.text(), finished.stderr);
            assert!(!all.contains("hunter2"), "{command} {name}: {all}");
        }
    }
}
