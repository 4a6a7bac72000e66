//! The brokers of a test, in the hand of `tests/kafka/run.sh`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::run;

/// Brokers that `run.sh start DIR` has started.
pub(crate) struct Brokers {
    dir: PathBuf,
    /// How many there are; they are numbered from 1.
    pub(crate) nodes: u32,
}

impl Brokers {
    /// Those of the folder that NEWSWIRE_KAFKA_DIR names; says loudly where there are none.
    pub(crate) fn from_environment(test: &str) -> Option<Self> {
        let Some(dir) = std::env::var_os("NEWSWIRE_KAFKA_DIR").map(PathBuf::from) else {
            eprintln!(
                "SKIPPED: {test}: NEWSWIRE_KAFKA_DIR names no brokers; \
                 `KAFKA_NODES=3 tests/kafka/run.sh start DIR` starts them"
            );
            return None;
        };
        let is_there = |node: &u32| dir.join(node.to_string()).exists();
        let nodes = (1..100).take_while(is_there).count() as u32;
        Some(Self { dir, nodes })
    }

    fn script(&self, arguments: &[&str]) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/kafka/run.sh");
        let mut command = Command::new(script);
        command.arg(arguments[0]).arg(&self.dir).args(&arguments[1..]);
        run(&mut command).good()
    }

    /// `bootstrap.servers`.
    pub(crate) fn addresses(&self) -> String {
        self.script(&["env"]).trim().replace("NEWSWIRE_KAFKA=", "")
    }

    /// For each broker the port of a proxy, which is for the test to start, and the port that the
    /// proxy is to lead to. Clients that begin at a proxy's port are sent to proxies only.
    pub(crate) fn proxied(&self) -> Vec<(u16, u16)> {
        let ports = |node: u32| {
            let text = std::fs::read_to_string(self.dir.join(node.to_string()).join("proxied"));
            let text = text.expect("run.sh wrote the ports");
            let mut ports = text.split_whitespace().map(|port| port.parse().expect("a port"));
            (ports.next().expect("the proxy's"), ports.next().expect("the broker's"))
        };
        (1..=self.nodes).map(ports).collect()
    }

    /// `kill -9`.
    pub(crate) fn kill(&self, node: u32) {
        self.script(&["kill", &node.to_string()]);
    }

    /// Starts a killed broker on its data, and waits until it serves.
    pub(crate) fn again(&self, node: u32) {
        self.script(&["again", &node.to_string()]);
    }

    /// Starts killed brokers on their data: one alone waits for a quorum.
    pub(crate) fn all_again(&self) {
        std::thread::scope(|scope| {
            for node in 1..=self.nodes {
                scope.spawn(move || self.again(node));
            }
        });
    }

    /// STOP and CONT: a broker that holds its connections and answers nothing.
    pub(crate) fn signal(&self, node: u32, signal: &str) {
        self.script(&["signal", &node.to_string(), signal]);
    }
}
