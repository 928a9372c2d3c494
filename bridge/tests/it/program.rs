//! The binary as a child process whose log is read line by line.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use crate::world::PATIENCE;

/// A started bridge, which is killed when dropped.
pub(crate) struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    log: Receiver<String>,
}

impl Program {
    /// Starts the bridge on a free port of this machine.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_restante-bridge"))
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, log) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { child, stdout, log }
    }

    /// Returns its address.
    pub(crate) fn address(&mut self) -> SocketAddr {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        let (_, address) = line.trim_end().split_once("://").unwrap();
        address.strip_suffix('/').unwrap().parse().unwrap()
    }

    /// Waits for a line of the log that contains `part`, and returns it.
    pub(crate) fn logged(&self, part: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut before = String::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.log.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("{part:?} is not in the log:\n{before}"));
            if line.contains(part) {
                return line;
            }
            before += &line;
            before.push('\n');
        }
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
