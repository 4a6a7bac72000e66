//! How many polls a second one core carries: the real daemon, its real client and stage, against
//! a web on loopback that is a process of its own.
//!
//! `cargo build --release -p newswire --bins --example poll_bench`, then
//! `target/release/examples/poll_bench [feeds] [seconds] [304|200]`.
//!
//! Every feed is a site of its own and is due every second. Counted are the polls of the daemon's
//! own metrics and the processor time that Linux charged it for, so that what else the machine
//! does matters little: the figure is polls by processor second.
#![expect(clippy::print_stdout, reason = "a measuring tool prints")]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

/// Entries of a feed.
const ENTRIES: usize = 20;
/// Ticks of processor time in a second: what Linux shows to programs, on every machine.
const TICKS: f64 = 100.0;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, port, mode] = arguments.as_slice()
        && first == "serve"
    {
        return serve(port.parse()?, mode == "304");
    }
    let number = |at: usize, usual: usize| match arguments.get(at) {
        Some(text) => text.parse().with_context(|| text.clone()),
        None => Ok(usual),
    };
    let (feeds, seconds) = (number(0, 2_000)?, number(1, 20)?);
    let mode = arguments.get(2).map_or("304", String::as_str);
    ensure!(feeds <= 60_000 && matches!(mode, "304" | "200"), "[feeds] [seconds] [304|200]");
    measure(feeds, seconds, mode)
}

struct KilledAtEnd(Child);

impl Drop for KilledAtEnd {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn measure(feeds: usize, seconds: usize, mode: &str) -> anyhow::Result<()> {
    let own = std::env::current_exe()?;
    let newswire = own
        .parent()
        .and_then(Path::parent)
        .map(|folder| folder.join("newswire"))
        .filter(|newswire| newswire.exists())
        .context("build the binary too: cargo build --release -p newswire --bins")?;
    let folder = tempfile::tempdir()?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let health = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let server = Command::new(&own).args(["serve", &port.to_string(), mode]).spawn()?;
    let _server = KilledAtEnd(server);

    let mut config = format!(
        "[embedded]\npath = \"{}\"\n[fetch]\nallow_networks = [\"127.0.0.0/8\"]\n\
         min_interval = \"1s\"\nmax_interval = \"1s\"\nsite_spacing = \"1ms\"\nrobots = false\n\
         [server]\nlisten = \"{health}\"\n",
        folder.path().join("log.db").display()
    );
    for feed in 0..feeds {
        let host = format!("127.70.{}.{}", feed / 250, feed % 250 + 1);
        writeln!(config, "[[feeds]]\nurl = \"http://{host}:{port}/feed\"\nfull_text = \"feed\"")?;
    }
    let file = folder.path().join("newswire.toml");
    std::fs::write(&file, config)?;
    let daemon = Command::new(newswire)
        .args(["up", "-c"])
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let daemon = KilledAtEnd(daemon);

    // Warm once every feed was polled several times and the first entries have gone their way.
    let began = Instant::now();
    let patience = Duration::from_secs(600);
    while polls(health, mode) < 3 * feeds as u64 {
        ensure!(began.elapsed() < patience, "{} polls only", polls(health, mode));
        std::thread::sleep(Duration::from_millis(500));
    }
    let (before, used_before, at) = (polls(health, mode), used(&daemon.0)?, Instant::now());
    std::thread::sleep(Duration::from_secs(seconds as u64));
    let (after, used_after, took) = (polls(health, mode), used(&daemon.0)?, at.elapsed());
    let (polls, used) = ((after - before) as f64, used_after - used_before);
    println!(
        "{feeds} feeds, answers {mode}: {polls} polls in {:.1} s ({:.0}/s), {used:.1} processor \
         seconds: {:.0} polls a second of one core",
        took.as_secs_f64(),
        polls / took.as_secs_f64(),
        polls / used
    );
    Ok(())
}

/// Polls that ended as this mode's steady state wants.
fn polls(health: SocketAddr, mode: &str) -> u64 {
    let outcome = if mode == "304" { "\"not_modified\"" } else { "\"unchanged\"" };
    let Ok((_, metrics)) = runtime::server::probe(health, "/metrics", Duration::from_secs(10))
    else {
        return 0;
    };
    metrics
        .lines()
        .filter(|line| line.starts_with("newswire_polls_total{") && line.contains(outcome))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum::<f64>() as u64
}

/// Processor seconds of a process, its own and the system's for it.
fn used(process: &Child) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.id()))?;
    // The name, in parentheses, may have blanks in it.
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    Ok((ticks(11).context("utime")? + ticks(12).context("stime")?) / TICKS)
}

/// The web: on every loopback address the same feed, 304 to whoever knows its tag. In the other
/// mode each answer has no tag and differs in a comment, so that it has to be read.
fn serve(port: u16, not_modified: bool) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("0.0.0.0", port))?;
    let items: String = (0..ENTRIES)
        .map(|n| {
            format!(
                "<item><title>Entry {n}</title><guid isPermaLink=\"false\">{n}</guid>\
                 <description>A few words of entry {n}, as feeds have them.</description></item>"
            )
        })
        .collect();
    for stream in listener.incoming().flatten() {
        let items = items.clone();
        let thread = std::thread::Builder::new().stack_size(128 * 1024);
        thread.spawn(move || answer(&stream, &items, not_modified))?;
    }
    Ok(())
}

/// Answers one connection's requests until it is closed.
fn answer(stream: &TcpStream, items: &str, not_modified: bool) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    for number in 0_u64.. {
        let mut knows = false;
        loop {
            let mut line = String::new();
            if reader.by_ref().take(8192).read_line(&mut line).ok()? == 0 {
                return None;
            }
            knows |= line.to_ascii_lowercase().starts_with("if-none-match:");
            if line == "\r\n" {
                break;
            }
        }
        let answer = if knows && not_modified {
            "HTTP/1.1 304 Not Modified\r\netag: \"1\"\r\n\r\n".to_owned()
        } else {
            let tag = if not_modified { "etag: \"1\"\r\n" } else { "" };
            let comment = if not_modified { String::new() } else { format!("<!-- {number} -->") };
            let body = format!(
                "<rss version=\"2.0\"><channel><title>T</title>{items}</channel></rss>{comment}"
            );
            format!("HTTP/1.1 200 OK\r\n{tag}content-length: {}\r\n\r\n{body}", body.len())
        };
        writer.write_all(answer.as_bytes()).ok()?;
    }
    None
}
