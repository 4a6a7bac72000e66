//! What happens to an embedded log on a machine in use: the disk is full, somebody reads for
//! hours, somebody takes a copy. Killed processes are in `road.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test says where it failed"
)]

mod support;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use newsroom::Settings;
use rusqlite::Connection;

use support::process::{Daemon, newswire, run};
use support::records::{Topics, rows_of, tail, tail_command};
use support::up::{embedded, settled, settled_by, start_up};
use support::wait_until;
use support::web::Web;

fn web(outlets: usize, articles: usize) -> Web {
    Web::still(Settings {
        endless_interval: Duration::ZERO,
        extra_outlets: outlets,
        articles_per_outlet: articles,
        extra_interval: Duration::ZERO,
        feed_length: articles,
        ..Settings::default()
    })
}

fn bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

#[test]
fn a_reader_that_never_ends_stops_nobody_and_its_wal_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let web = web(3, 20);
    let config = web.config(folder.path(), &embedded(folder.path()));
    let mut daemon = start_up(folder.path(), &config);
    let log = folder.path().join("log.db");
    let reader = Connection::open(&log).unwrap();
    // A read transaction lasts from its first look on.
    reader.execute_batch("BEGIN").unwrap();
    let seen = |reader: &Connection| -> i64 {
        reader.query_row("SELECT count(*) FROM stories", [], |row| row.get(0)).unwrap()
    };
    let before = seen(&reader);
    let topics = settled(&mut daemon, &config, &web.expected());
    assert!(!topics["stories"].is_empty());
    assert_eq!(seen(&reader), before, "a reader sees one moment of the log");
    let wal = folder.path().join("log.db-wal");
    let held = bytes(&wal);
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(seen(&reader), topics["stories"].len() as i64);
    drop(reader);
    // What follows is written over the old pages of the WAL: it no longer grows.
    web.go_to(100);
    settled(&mut daemon, &config, &web.expected());
    eprintln!("WAL: {held} bytes while the reader stayed, {} after", bytes(&wal));
    assert!(bytes(&wal) <= held + 4 * 1024 * 1024);
    daemon.terminate();
    assert_eq!(daemon.complaints(), Vec::<String>::new());
}

#[test]
fn a_copy_taken_while_it_runs_is_whole_and_can_be_gone_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let web = web(3, 20);
    let config = web.config(folder.path(), &embedded(folder.path()));
    let mut daemon = start_up(folder.path(), &config);
    wait_until("it is in the middle of its work", || {
        daemon.must_run();
        let stories = tail(&config, "stories").len();
        if stories < 15 { Err(format!("{stories} stories")) } else { Ok(()) }
    });
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("log.db");
    Connection::open(folder.path().join("log.db"))
        .unwrap()
        .execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
        .unwrap();
    let original = settled(&mut daemon, &config, &web.expected());
    daemon.terminate();

    // The copy goes on from its own moment, and comes to the same stories.
    let config = web.config(elsewhere.path(), &embedded(elsewhere.path()));
    let mut daemon = start_up(elsewhere.path(), &config);
    let copied = settled(&mut daemon, &config, &web.expected());
    daemon.terminate();
    let ids = |topics: &Topics| {
        let mut ids: Vec<String> = topics["stories"]
            .iter()
            .map(|row| format!("{}/{}", row.key(), row.value["version"]))
            .collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids(&copied), ids(&original));
}

#[test]
fn settings_that_do_not_fit_the_log_are_told_with_what_mends_them() {
    let folder = tempfile::tempdir().unwrap();
    let configured = |name: &str, more: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{}\n{more}", embedded(folder.path()))).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = configured("good.toml", "");
    let wrong =
        configured("wrong.toml", "[topics.pages]\npartitions=6\n[topics.stories]\npartitions=3");
    run(&mut newswire(["topics", "--create", "-c", &good])).good();
    let mends = [
        "topic newswire.pages has 12 partitions in the log, the settings say 6: set \
         [topics.pages] partitions = 12 or take it out",
        "topic newswire.stories has 6 partitions in the log, the settings say 3: set \
         [topics.stories] partitions = 6 or take it out",
    ];
    for arguments in [&["up"][..], &["status"], &["tail", "-e"], &["feeds", "list"]] {
        let refused = run(newswire(arguments).args(["-c", &wrong]));
        let complaint = refused.failed(2);
        assert!(mends.iter().all(|mend| complaint.contains(mend)), "{arguments:?}: {complaint}");
        assert!(complaint.contains("start a new file"), "{arguments:?}: {complaint}");
    }
    for arguments in [&["topics"][..], &["topics", "--create"]] {
        let shown = run(newswire(arguments).args(["-c", &wrong]));
        assert!(shown.failed(1).contains("start a new file"), "{arguments:?}: {shown:?}");
        let shown = shown.text();
        assert!(mends.iter().all(|mend| shown.contains(mend)), "{arguments:?}: {shown}");
        assert!(shown.contains("newswire.dead-letters"), "{arguments:?}: {shown}");
    }
    // Nothing was changed by any of them.
    run(&mut newswire(["topics", "-c", &good])).good();
}

/// A command in the mount namespace of a process.
fn inside(pid: u32, command: &Command) -> Command {
    let mut inside = Command::new("nsenter");
    inside.args(["-t", &pid.to_string(), "-m", "--"]);
    wrap(&mut inside, command);
    inside
}

/// Lets `outer` run `inner`, in the environment that `inner` was given.
fn wrap(outer: &mut Command, inner: &Command) {
    outer.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
}

#[test]
fn a_full_disk_pauses_the_work_and_room_lets_it_go_on() {
    let may_mount = Command::new("unshare").args(["-m", "true"]).status();
    if !may_mount.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: a full disk: `unshare -m` wants root here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let web = web(4, 40);
    let config = web.config(folder.path(), &embedded(&disk));
    let disk = disk.to_str().unwrap();
    // A disk of its own, of 3 MiB, that nobody else sees.
    let mut command = Command::new("unshare");
    let mount = format!("mount -t tmpfs -o size=3m none {disk} && exec \"$@\"");
    command.args(["-m", "sh", "-c", &mount, "sh"]);
    wrap(&mut command, &newswire(["up", "-c", config.to_str().unwrap()]));
    let mut daemon = Daemon::start("up", folder.path(), &mut command);
    daemon.address();
    wait_until("it says that the disk is full", || {
        daemon.must_run();
        if daemon.log().contains("full") { Ok(()) } else { Err("not yet") }
    });
    let mut remount = Command::new("mount");
    remount.args(["-o", "remount,size=256m", disk]);
    let pid = daemon.id();
    run(&mut inside(pid, &remount)).good();
    // Its file is on a disk that only it sees.
    let topics = settled_by(&mut daemon, &web.expected(), |topic| {
        rows_of(&mut inside(pid, &tail_command(&config, topic)))
    });
    assert!(topics["stories"].len() >= 160);
    daemon.terminate();
}

#[test]
fn what_only_reads_needs_no_place_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let feed = "https://example.org/feed.xml";
    let here = |arguments: &[&str]| run(newswire(arguments).current_dir(folder.path()));
    here(&["topics", "--create"]).good();
    here(&["feeds", "add", feed]).good();
    // As a disk that is full, or a medium that is read-only: whoever wants to write cannot.
    let writer = Connection::open(folder.path().join("newswire.db")).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    for reads in [
        &["status"][..],
        &["topics"],
        &["feeds", "list"],
        &["feeds", "export"],
        &["feeds", "check", "--offline", feed],
        &["dead-letters", "list"],
        &["tail", "-e", "--from-beginning"],
        &["state", "repair", "--dry-run"],
    ] {
        here(reads).good();
    }
}
