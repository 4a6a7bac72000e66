//! Lists of feeds and what is known of one: `feeds import`, `export`, `sync` and `check`, by the
//! real binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use newsroom::Settings;
use serde_json::Value;

use support::process::{Daemon, Finished, newswire, run};
use support::wait_until;
use support::web::Web;

fn config(folder: &Path, name: &str, feeds: &[&str]) -> PathBuf {
    let mut text = format!(
        "[embedded]\npath = \"{}\"\n[fetch]\nallow_networks = [\"{}\"]\nsite_spacing = \"10ms\"\n",
        folder.join(format!("{name}.db")).display(),
        newsroom::NETWORK
    );
    for url in feeds {
        writeln!(text, "[[feeds]]\nurl = \"{url}\"").unwrap();
    }
    let path = folder.join(format!("{name}.toml"));
    std::fs::write(&path, text).unwrap();
    path
}

fn feeds(config: &Path, arguments: &[&str]) -> Finished {
    let mut all = vec!["feeds"];
    all.extend(arguments);
    all.extend(["-c", config.to_str().unwrap()]);
    run(&mut newswire(all))
}

/// What is subscribed, by URL, without what differs from log to log.
fn subscribed(config: &Path) -> Vec<Value> {
    let mut rows = feeds(config, &["list", "--json"]).rows();
    for row in &mut rows {
        row.as_object_mut().unwrap().remove("added_at");
    }
    rows
}

#[test]
fn a_list_is_imported_once_and_exported_to_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = config(folder.path(), "first", &[]);
    let second = config(folder.path(), "second", &[]);
    let list = folder.path().join("list.opml");
    std::fs::write(
        &list,
        r#"<?xml version="1.0"?><opml version="1.0"><body><outline text="World &amp; more">
        <outline text="A" xmlUrl="https://a.example/feed"/><outline text="Deep, deeper">
        <outline text="B" xmlUrl="https://b.example/rss" category="/x/y,z"/></outline></outline>
        <outline text="https://c.example/" xmlUrl="https://c.example/"/></body></opml>"#,
    )
    .unwrap();
    let list = list.to_str().unwrap();
    let said = feeds(&first, &["import", list, "--tag", "all"]).good();
    assert!(said.contains("3 added, 0 changed, 0 removed, 0 unchanged"), "{said}");
    let said = feeds(&first, &["import", list]).good();
    assert!(said.contains("0 added, 0 changed, 0 removed, 3 unchanged"), "{said}");
    let odd = [
        "--min-interval",
        "15m",
        "--paused",
        "--no-revisits",
        "--header",
        "X-A: \"b\"",
        "--basic-env",
        "V",
    ];
    feeds(&first, &[&["add", "https://d.example/"], &odd[..]].concat()).good();
    for header in ["no header", "Cookie: a=b", "Authorization: Basic eA=="] {
        feeds(&first, &["add", "https://e.example/", "--header", header]).failed(2);
    }
    let rows = subscribed(&first);
    assert_eq!(rows[0]["tags"], serde_json::json!(["World & more", "all"]));
    assert_eq!(rows[1]["tags"][1], "Deep, deeper");
    assert_eq!(rows[2]["title"], Value::Null);

    let exported = folder.path().join("exported.opml");
    feeds(&first, &["export", exported.to_str().unwrap()]).good();
    feeds(&second, &["import", "--with-auth", exported.to_str().unwrap()]).good();
    assert_eq!(subscribed(&second), rows);
    let again = feeds(&second, &["export"]).good();
    assert_eq!(again, std::fs::read_to_string(&exported).unwrap());

    let page = folder.path().join("page.html");
    std::fs::write(&page, "<html><p>no list").unwrap();
    let finished = feeds(&first, &["import", page.to_str().unwrap()]);
    assert!(finished.failed(1).contains("page.html"), "{finished:?}");
}

/// A stranger's list could have any environment variable sent to a server of its own.
#[test]
fn a_list_gets_no_credentials_unless_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), "strange", &[]);
    let list = folder.path().join("strange.opml");
    let outline = |host: &str| {
        format!("<outline xmlUrl=\"https://{host}.example/f\" newswire:bearerEnv=\"PATH\"/>")
    };
    let write = |hosts: &[&str]| {
        let outlines: String = hosts.iter().map(|host| outline(host)).collect();
        let opml = format!(
            "<opml version=\"2.0\" xmlns:newswire=\"urn:newswire:opml:1\"><body>{outlines}</body></opml>"
        );
        std::fs::write(&list, opml).unwrap();
    };
    write(&["a", "b"]);
    let list = list.to_str().unwrap();
    let finished = feeds(&config, &["import", list]);
    assert!(finished.good().contains("2 added"), "{finished:?}");
    assert!(finished.stderr.contains("2 feed(s) name an environment variable"), "{finished:?}");
    assert!(finished.stderr.contains("--with-auth"), "{finished:?}");
    assert!(!feeds(&config, &["export"]).good().contains("PATH"));
    // Those that are there stay as they are.
    write(&["a", "b", "c"]);
    let finished = feeds(&config, &["import", list, "--with-auth"]);
    assert!(finished.good().contains("1 added"), "{finished:?}");
    assert_eq!(feeds(&config, &["export"]).good().matches("bearerEnv=\"PATH\"").count(), 1);
}

#[test]
fn a_feed_is_one_feed_however_its_address_is_spelt() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), "spelt", &[]);
    let added = ["add", "HTTPS://A.Example/Feed#latest", "https://a.example/Feed"];
    assert_eq!(feeds(&config, &added).good(), "added      https://a.example/Feed\n");
    let list = folder.path().join("list.opml");
    feeds(&config, &["export", list.to_str().unwrap()]).good();
    let again = feeds(&config, &["import", list.to_str().unwrap()]).good();
    assert!(again.contains("0 added"), "{again}");
    feeds(&config, &["remove", "https://A.example/Feed"]).good();
    assert!(subscribed(&config).is_empty());
}

#[test]
fn ten_thousand_feeds_are_imported_and_progress_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), "many", &[]);
    let outlines: String = (0..10_000)
        .map(|n| format!("<outline text=\"Feed {n}\" xmlUrl=\"https://site-{n}.example/feed\"/>"))
        .collect();
    let list = folder.path().join("many.opml");
    std::fs::write(&list, format!("<opml version=\"2.0\"><body>{outlines}</body></opml>")).unwrap();
    let finished = feeds(&config, &["import", list.to_str().unwrap()]);
    assert!(finished.good().contains("10000 added"), "{finished:?}");
    assert!(finished.stderr.contains("5000 of 10000 written"), "{}", finished.stderr);
    let exported = feeds(&config, &["export"]).good();
    assert_eq!(exported.matches("xmlUrl=").count(), 10_000);
}

#[test]
fn the_starter_list_is_a_list_of_feeds() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path(), "starter", &[]);
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/feeds.opml");
    feeds(&config, &["import", list.to_str().unwrap()]).good();
    let rows = subscribed(&config);
    assert!(rows.len() >= 30, "{}", rows.len());
    for row in rows {
        assert!(row["url"].as_str().unwrap().starts_with("https://"), "{row}");
        assert!(row["title"].is_string() && row["tags"][0].is_string(), "{row}");
    }
}

#[test]
fn sync_removes_what_left_the_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let with_two = config(folder.path(), "log", &["https://a.example/", "https://b.example/"]);
    feeds(&with_two, &["add", "https://by-hand.example/"]).good();
    let said = feeds(&with_two, &["sync"]).good();
    assert!(said.contains("2 added"), "{said}");
    // The same log, another list.
    let changed = config(folder.path(), "log", &["https://b.example/", "https://c.example/"]);
    let said = feeds(&changed, &["sync", "--dry-run"]).good();
    assert!(said.contains("removed    https://a.example/"), "{said}");
    assert_eq!(subscribed(&changed).len(), 3);
    let said = feeds(&changed, &["sync"]).good();
    assert!(said.contains("1 added, 0 changed, 1 removed, 1 unchanged"), "{said}");
    let urls: Vec<Value> = subscribed(&changed).iter().map(|row| row["url"].clone()).collect();
    assert_eq!(urls, ["https://b.example/", "https://by-hand.example/", "https://c.example/"]);
}

#[test]
fn check_finds_the_feeds_of_a_page_and_tells_all_of_a_feed() {
    let folder = tempfile::tempdir().unwrap();
    let web = Web::still(Settings::default());
    let config_file = web.config(
        folder.path(),
        &format!("[embedded]\npath = \"{}\"", folder.path().join("log.db").display()),
    );
    // Before anything ran: a feed can be looked at all the same.
    let url = &web.feeds()[0];
    let report = &feeds(&config_file, &["check", url, "--json"]).rows()[0];
    assert_eq!(report["subscription"], Value::Null);
    assert_eq!(report["now"]["is_feed"], true);
    assert_eq!(report["now"]["status"], 200);
    assert!(report["now"]["feed"]["entries"].as_u64() > Some(0), "{report}");
    assert!(!report["now"]["why"].as_str().unwrap().is_empty(), "{report}");

    let mut daemon = Daemon::start(
        "up",
        folder.path(),
        &mut newswire(["up", "-c", config_file.to_str().unwrap()]),
    );
    daemon.address();
    let known = wait_until("the feed's entries have their fates", || {
        daemon.must_run();
        let report = feeds(&config_file, &["check", url, "--offline", "--json"]).rows().remove(0);
        let entries = report["entries"].as_array().unwrap();
        let all = !entries.is_empty() && entries.iter().all(|entry| entry["fate"].is_object());
        if all { Ok(report.clone()) } else { Err(report.to_string()) }
    });
    assert_eq!(known["subscription"]["url"].as_str(), Some(url.as_str()));
    assert!(known["state"]["next_at"].is_string(), "{known}");
    assert!(known["state"]["why"].is_string(), "{known}");
    assert_eq!(known["now"], Value::Null);
    let shown = feeds(&config_file, &["check", url]).good();
    for word in ["next poll", "story (page)", "asked just now", "schedule"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }

    // The same, in short, for all feeds.
    for command in [vec!["status"], vec!["feeds", "list"]] {
        let told =
            run(&mut newswire([&command[..], &["-c", config_file.to_str().unwrap()]].concat()));
        let told = told.good();
        assert!(told.contains("next poll ") && told.contains(" new"), "{command:?}: {told}");
    }

    // From an article to the feed of its outlet.
    let article = known["entries"][0]["link"].as_str().unwrap().to_owned();
    let report = &feeds(&config_file, &["check", &article, "--json"]).rows()[0];
    assert_eq!(report["now"]["is_feed"], false);
    let found = report["found"].as_array().unwrap();
    assert!(found.iter().any(|found| found["is_feed"] == true), "{report}");

    let nowhere = feeds(&config_file, &["check", "http://127.0.0.1:9/", "--json"]);
    assert!(nowhere.failed(1).contains("no feed at"), "{nowhere:?}");
    assert!(feeds(&config_file, &["check", "nofeed"]).failed(2).contains("neither"));
    daemon.terminate();
}

#[test]
fn what_must_not_be_on_a_topic_is_refused_wherever_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), "refused", &[]);
    let url = "https://a.example/f.xml";
    let refused: [&[&str]; 8] = [
        &["https://hunter2:x@a.example/f.xml"],
        &["ftp://a.example/f.xml"],
        &[url, "--basic-env", "user:hunter2"],
        &[url, "--bearer-env", "hunter2-"],
        &[url, "--header", "Cookie: hunter2"],
        &[url, "--header", "bad name: hunter2"],
        &[url, "--min-interval", "0s"],
        &[url, "--min-interval", "9000d"],
    ];
    for arguments in refused {
        let done = feeds(&path, &[&["add"], arguments].concat());
        assert!(!done.failed(2).contains("hunter2"), "{arguments:?}: {}", done.stderr);
    }
    let list = folder.path().join("list.opml");
    std::fs::write(
        &list,
        "<opml version='2.0' xmlns:newswire='urn:x'><body>\
         <outline type='rss' xmlUrl='https://hunter2:x@a.example/f.xml'/>\
         <outline type='rss' xmlUrl='https://b.example/f.xml' \
         newswire:headers='{&quot;Authorization&quot;:&quot;hunter2&quot;}'/>\
         <outline type='rss' xmlUrl='https://c.example/f.xml'/></body></opml>",
    )
    .unwrap();
    let done = feeds(&path, &["import", list.to_str().unwrap()]);
    let told = done.failed(1);
    assert!(told.contains("2 feed(s) were not imported") && !told.contains("hunter2"), "{told}");
    let there: Vec<Value> = subscribed(&path);
    assert_eq!(there.len(), 1, "{there:?}");
    assert_eq!(there[0]["url"], "https://c.example/f.xml");
    feeds(&path, &["add", " https://d.example/f.xml "]).good();
    assert_eq!(subscribed(&path)[1]["url"], "https://d.example/f.xml");
}

#[test]
fn what_was_asked_for_is_done_though_nobody_listens() {
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), "deaf", &["https://configured.example/f.xml"]);
    let list = folder.path().join("list.opml");
    let outlines: String = (0..60)
        .map(|number| format!("<outline type='rss' xmlUrl='https://n{number}.example/f'/>"))
        .collect();
    std::fs::write(&list, format!("<opml version='2.0'><body>{outlines}</body></opml>")).unwrap();
    let url = "https://one.example/f.xml";
    for (arguments, there) in [
        (vec!["add", url], 1),
        (vec!["import", list.to_str().unwrap()], 61),
        (vec!["sync"], 62),
        (vec!["remove", url], 61),
    ] {
        let mut all = vec!["feeds"];
        all.extend(&arguments);
        all.extend(["-c", path.to_str().unwrap()]);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = newswire(all).stdout(writer).status().unwrap();
        assert!(status.success(), "{arguments:?}");
        assert_eq!(subscribed(&path).len(), there, "{arguments:?}");
    }
}

#[test]
fn a_feed_that_moved_is_removed_under_both_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), "moved", &[]);
    let (old, new) = ("https://old.example/f.xml", "https://new.example/f.xml");
    for name in [old, new] {
        feeds(&path, &["add", old, new]).good();
        move_feed(&folder.path().join("moved.db"), old, new);
        let gone = feeds(&path, &["remove", name]).good();
        assert!(gone.contains(old) && gone.contains(new), "{gone}");
        assert_eq!(subscribed(&path), Vec::<Value>::new(), "{name}");
    }
}

/// Marks two subscriptions of an embedded log as one feed that moved.
fn move_feed(log: &Path, old: &str, new: &str) {
    let database = rusqlite::Connection::open(log).unwrap();
    let mark = |id: String, field: &str, to: &str| {
        let sql = "UPDATE record SET value = CAST(json_set(CAST(value AS TEXT), ?2, ?3) AS BLOB)
                   WHERE key = CAST(?1 AS BLOB) AND value IS NOT NULL";
        database.execute(sql, (id.as_bytes(), field, to)).unwrap();
    };
    mark(events::feed_id(old), "$.moved_to", new);
    mark(events::feed_id(new), "$.moved_from", &events::feed_id(old));
}
