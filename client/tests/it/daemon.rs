//! Mail servers and proxies of the system, as child processes that end with the test.

use std::fs::{self, File};
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use restante_ports::ReservedPort;

/// The time limit for a start on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The number of attempts to start a server that cannot listen, each on other ports.
const TRIES: usize = 3;

/// The C library's text for `EADDRINUSE`, which servers write to their logs.
const IN_USE: &str = "Address already in use";

/// A running server. Dropping it ends the server.
pub(crate) struct Daemon {
    child: Child,
    _ports: Vec<ReservedPort>,
}

impl Daemon {
    /// Starts a server on ports of its own. Returns it with their numbers when `ready` returns
    /// true.
    ///
    /// `configured` writes the configuration for the ports, and returns the command. The server's
    /// standard error goes to the file `stderr` in the folder `home`; its own log, if it has one,
    /// is the file `log` there.
    ///
    /// The ports are reserved, so only a program that asks for the same number can take one. In
    /// that case, the server is started again on other ports.
    pub(crate) fn start<const COUNT: usize>(
        home: &Path,
        mut configured: impl FnMut([u16; COUNT]) -> Command,
        ready: impl Fn([u16; COUNT]) -> bool,
    ) -> (Self, [u16; COUNT]) {
        for _ in 0..TRIES {
            let ports = [(); COUNT].map(|()| ReservedPort::new().unwrap());
            let numbers = ports.each_ref().map(ReservedPort::number);
            let _ = fs::remove_file(home.join("log"));
            let mut command = configured(numbers);
            command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(File::create(home.join("stderr")).unwrap());
            let child = command.spawn().unwrap_or_else(|error| {
                let program = command.get_program().display();
                panic!("{program}: {error}: `cargo xtask test` installs it and runs this test")
            });
            let mut daemon = Self {
                child,
                _ports: ports.into(),
            };
            let is_ready = daemon.wait_until(|| ready(numbers));
            let log = log(home);
            // If only one of several ports is in use, some servers keep running.
            if log.contains(IN_USE) {
                continue;
            }
            assert!(is_ready, "the server does not start: {log}");
            return (daemon, numbers);
        }
        panic!("no ports for the server: {}", log(home));
    }

    /// Waits until `ready` returns true. Returns false if the server ends first, or takes too long.
    fn wait_until(&mut self, ready: impl Fn() -> bool) -> bool {
        let begun = Instant::now();
        while !ready() {
            let ended = self.child.try_wait().unwrap().is_some();
            if ended || begun.elapsed() > START_LIMIT {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }
}

impl Drop for Daemon {
    /// Stops the master process, which stops its own children.
    fn drop(&mut self) {
        let asked = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Returns true if a server greets on this port.
pub(crate) fn greets(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .and_then(|mut stream| stream.read_exact(&mut [0; 3]))
        .is_ok()
}

/// Reads the logs of a server.
fn log(home: &Path) -> String {
    ["stderr", "log"]
        .map(|name| fs::read_to_string(home.join(name)).unwrap_or_default())
        .concat()
}

mod tests {
    use std::cell::{Cell, RefCell};
    use std::net::TcpListener;

    use super::*;

    /// A program that runs until it is ended.
    fn idle() -> Command {
        let mut command = Command::new("sleep");
        command.arg("600");
        command
    }

    /// A program that fails like a server that cannot listen, and then runs `and_then`.
    fn refused(and_then: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("echo 'bind: {IN_USE}' >&2; {and_then}")]);
        command
    }

    #[test]
    fn a_server_that_cannot_listen_is_started_again_on_other_ports() {
        for and_then in ["exit 1", "exec sleep 600"] {
            let home = tempfile::tempdir().unwrap();
            let stderr = home.path().join("stderr");
            let tries = RefCell::new(Vec::new());
            let (_daemon, [port]) = Daemon::start(
                home.path(),
                |[port]| {
                    tries.borrow_mut().push(port);
                    match tries.borrow().len() {
                        1 => refused(and_then),
                        _ => idle(),
                    }
                },
                |_| tries.borrow().len() == 2 || fs::read(&stderr).is_ok_and(|log| !log.is_empty()),
            );
            let tries = tries.into_inner();
            assert_eq!(tries.len(), 2);
            assert_eq!(tries.last(), Some(&port));
        }
    }

    #[test]
    #[should_panic(expected = "no ports for the server: bind: Address already in use")]
    fn a_server_that_can_never_listen_fails_the_test() {
        let home = tempfile::tempdir().unwrap();
        Daemon::start(home.path(), |[_]: [u16; 1]| refused("exit 1"), |_| false);
    }

    #[test]
    #[should_panic(expected = "the server does not start: wrong option")]
    fn a_server_that_ends_for_another_reason_fails_the_test_at_once() {
        let home = tempfile::tempdir().unwrap();
        let tries = Cell::new(0);
        let configured = |[_]: [u16; 1]| {
            tries.set(tries.get() + 1);
            assert_eq!(tries.get(), 1);
            let mut command = Command::new("sh");
            command.args(["-c", "echo 'wrong option' >&2; exit 1"]);
            command
        };
        Daemon::start(home.path(), configured, |_| false);
    }

    #[test]
    fn a_server_is_ready_when_it_greets_on_its_reserved_port() {
        let home = tempfile::tempdir().unwrap();
        let server = RefCell::new(None);
        let configured = |[port]: [u16; 1]| {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
            *server.borrow_mut() = Some(std::thread::spawn(move || {
                use std::io::Write as _;
                listener.accept().unwrap().0.write_all(b"+OK").unwrap();
            }));
            idle()
        };
        let (_daemon, _) = Daemon::start(home.path(), configured, |[port]| greets(port));
        server.into_inner().unwrap().join().unwrap();
    }
}
