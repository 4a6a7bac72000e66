//! The real binary: commands that end, and daemons that are killed when the test ends.

use std::fs::File;
use std::io::{Read, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{PATIENCE, wait_until};

/// The binary with arguments, deaf to the environment of the test.
pub(crate) fn newswire<I: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = I>,
) -> Command {
    program_with(Path::new(env!("CARGO_BIN_EXE_newswire")), arguments)
}

/// The same of another program: an older release.
pub(crate) fn program_with<I: AsRef<std::ffi::OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = I>,
) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        let known = name.to_string_lossy().to_ascii_lowercase();
        if known.starts_with("newswire_") || known.ends_with("_proxy") {
            command.env_remove(&name);
        }
    }
    command.env_remove("RUST_LOG").env_remove("NO_COLOR");
    command
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Finished {
    /// Standard output of a command that went well.
    pub(crate) fn good(&self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.text()
    }

    /// Standard output.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).expect("output is UTF-8")
    }

    /// Standard output of a command that went well, each line as JSON.
    pub(crate) fn rows(&self) -> Vec<Value> {
        let text = self.good();
        text.lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
            })
            .collect()
    }

    /// Standard error of a command that ended with this exit code.
    pub(crate) fn failed(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(!self.stderr.trim().is_empty(), "a failure without a word");
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        &self.stderr
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Finished {
    run_with(command, b"")
}

/// Runs a command to its end with this on standard input.
pub(crate) fn run_with(command: &mut Command, input: &[u8]) -> Finished {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    // A command that does not read to the end closes the pipe: no fault of the test.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let stdout = collect(child.stdout.take().expect("piped"));
    let stderr = collect(child.stderr.take().expect("piped"));
    let status = wait_for_end(&mut child, PATIENCE).unwrap_or_else(|| {
        let _ = child.kill();
        panic!("{command:?} does not end")
    });
    writer.join().expect("writer");
    Finished {
        code: status.code(),
        stdout: stdout.join().expect("reader"),
        stderr: String::from_utf8_lossy(&stderr.join().expect("reader")).into_owned(),
    }
}

fn collect(mut from: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        bytes
    })
}

fn wait_for_end(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().expect("the child is ours") {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

/// Runs it in a folder.
pub(crate) fn run_in(folder: &Path, arguments: &[&str]) -> Finished {
    run(newswire(arguments).current_dir(folder))
}

/// Writes a file; its path.
pub(crate) fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A process that runs until it is told to end, or the test ends.
pub(crate) struct Daemon {
    name: String,
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Daemon {
    /// Starts it; its output goes to files in `folder`.
    pub(crate) fn start(name: &str, folder: &Path, command: &mut Command) -> Self {
        let number = (0..10_000).find(|n| !folder.join(format!("{name}-{n}.err")).exists());
        let number = number.expect("a free number");
        let stdout = folder.join(format!("{name}-{number}.out"));
        let stderr = folder.join(format!("{name}-{number}.err"));
        let child = command
            .stdin(Stdio::null())
            .stdout(File::create(&stdout).expect("output file"))
            .stderr(File::create(&stderr).expect("output file"))
            .spawn()
            .expect("the daemon starts");
        Self { name: name.to_owned(), child, stdout, stderr }
    }

    /// What it has written to standard error.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.stderr).unwrap_or_default()).into_owned()
    }

    /// What it has written to standard output.
    pub(crate) fn output(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.stdout).unwrap_or_default()).into_owned()
    }

    /// Fails the test where it has ended.
    pub(crate) fn must_run(&mut self) {
        if let Some(status) = self.child.try_wait().expect("the child is ours") {
            panic!("{} has ended: {status}\n{}", self.name, self.log());
        }
    }

    /// Where its server listens, from the line of its log that says so.
    pub(crate) fn address(&mut self) -> SocketAddr {
        wait_until("the daemon says where it listens", || {
            self.must_run();
            self.log()
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok())
                .find_map(|line| line["listening"].as_str()?.parse().ok())
                .ok_or("no such line")
        })
    }

    /// The most memory it ever had, in KiB, by what Linux says.
    pub(crate) fn peak_memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("/proc is there");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
        line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.must_run();
        self.child.kill().expect("the child is ours");
        self.child.wait().expect("the child is ours");
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// CPU seconds used so far, and resident bytes now.
    pub(crate) fn usage(&self) -> (f64, u64) {
        let of = |file: &str| {
            std::fs::read_to_string(format!("/proc/{}/{file}", self.id())).expect("it runs")
        };
        // proc_pid_stat(5): the name may hold spaces; utime and stime are fields 14 and 15, in
        // ticks of which Linux shows a hundred a second.
        let stat = of("stat");
        let fields: Vec<&str> = stat.rsplit(") ").next().expect("fields").split(' ').collect();
        let ticks = |field: usize| fields[field - 3].parse::<f64>().expect("ticks");
        let resident = of("statm");
        let pages: u64 = resident.split(' ').nth(1).expect("resident").parse().expect("pages");
        ((ticks(14) + ticks(15)) / 100.0, pages * 4096)
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([&format!("-{signal}"), &self.child.id().to_string()])
            .status()
            .expect("kill");
        assert!(status.success());
    }

    /// Waits for its end.
    pub(crate) fn end(&mut self, limit: Duration) -> ExitStatus {
        wait_for_end(&mut self.child, limit).unwrap_or_else(|| {
            panic!("{} does not end\n{}\n{}", self.name, self.log(), self.stacks())
        })
    }

    /// Where its threads are, if there is a debugger that can tell.
    fn stacks(&self) -> String {
        let process = self.child.id().to_string();
        let arguments = ["--batch", "-p", &process, "-ex", "thread apply all backtrace 16"];
        let output = Command::new("gdb").args(arguments).stdin(Stdio::null()).output();
        output.map_or_else(
            |error| format!("no stacks: gdb: {error}"),
            |output| String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    }

    /// SIGTERM, and a clean end within the default grace period.
    pub(crate) fn terminate(&mut self) {
        self.must_run();
        self.signal("TERM");
        let status = self.end(Duration::from_secs(25));
        assert_eq!(status.code(), Some(0), "{}", self.log());
    }

    /// Errors and panics in its log: a run without faults has none.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let is_bad =
            |line: &&str| line.contains("\"level\":\"ERROR\"") || line.contains("panicked");
        self.log().lines().filter(is_bad).map(str::to_owned).collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let tail = &lines[lines.len().saturating_sub(25)..];
            eprintln!("--- last lines of {}:\n{}\n---", self.name, tail.join("\n"));
        }
    }
}
