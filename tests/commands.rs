//! Commands beside the daemons: what they print, how they end, and what they say when they are
//! used wrongly.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use support::process::{Daemon, newswire, run, run_in, write};

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
    let help = |command: &str| run(&mut newswire(["help", command])).good();
    assert!(help("schema").contains("stories-latest"), "what it takes is in its help");
    assert!(help("demo").contains("newswire-demo.db"), "what it writes is in its help");
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
    let articles = topics.lines().find(|line| line.starts_with("newswire.articles")).unwrap();
    assert!(articles.contains(" 7d ") && !articles.contains("168"), "{articles}");
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

#[test]
fn a_probe_is_told_what_a_start_waits_for() {
    let folder = tempfile::tempdir().unwrap();
    let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // Nobody listens where the brokers are said to be.
    let (brokers, address) = (free(), free());
    let config = format!("[kafka]\nbrokers = \"{brokers}\"\n[server]\nlisten = \"{address}\"\n");
    let config = write(folder.path(), "newswire.toml", config);
    let mut command = newswire(["extractor", "-c", &config]);
    let mut daemon = Daemon::start("extractor", folder.path(), &mut command);
    support::wait_until("the probe says what is waited for", || {
        daemon.must_run();
        let ready = runtime::server::probe(address, "/readyz", Duration::from_secs(1));
        match ready {
            Ok((503, why)) if why.contains("waiting for the log") => Ok(()),
            ready => Err(format!("{ready:?}")),
        }
    });
    daemon.terminate();
}
