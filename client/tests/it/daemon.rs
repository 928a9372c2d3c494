//! A mail server of the system, as a process that ends with the test.

use std::io::{self, Read as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// How long a start may take on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A running server. It ends when this is dropped.
pub(crate) struct Daemon(Child);

impl Daemon {
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        command.spawn().map(Self)
    }

    /// Waits until it greets on this port, or panics with its log.
    pub(crate) fn wait_for_greeting(&mut self, port: u16, log: impl Fn() -> String) {
        let begun = Instant::now();
        loop {
            let greeted = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
                .and_then(|mut stream| stream.read_exact(&mut [0; 3]));
            if greeted.is_ok() {
                return;
            }
            let ended = self.0.try_wait().unwrap();
            if ended.is_some() || begun.elapsed() > START_LIMIT {
                panic!("the server does not start: {}", log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Daemon {
    /// Asks the master process to end, which ends its own children.
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}
