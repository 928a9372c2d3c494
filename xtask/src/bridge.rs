//! Builds the bridge, and starts it and other servers.

use std::fmt;
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{self, Process};
use crate::workspace::Workspace;
use restante_ports::{ReservedPort, loopback};

/// A way to compile the bridge.
#[derive(Clone, Copy)]
pub enum Profile {
    /// Optimised, with the demo mailbox.
    Release,
    /// Optimised, without the demo mailbox, as it is installed.
    Packaged,
    /// Unoptimised, as the native tests have built it already.
    Debug,
}

/// Builds the bridge with the client that is in `dist/`, and returns its path.
pub fn build(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "restante-bridge", "--locked"]);
    let folder = match profile {
        Profile::Release => {
            cargo.arg("--release");
            "release"
        }
        Profile::Packaged => {
            cargo.args(["--release", "--no-default-features"]);
            "release"
        }
        Profile::Debug => "debug",
    };
    println!("building the bridge ({folder})");
    process::run(&mut cargo)?;
    Ok(workspace.target.join(folder).join("restante-bridge"))
}

/// Listens on the port that the user chose with `option`.
///
/// # Errors
/// Fails with advice if another program has the port.
pub fn listen(port: u16, option: &str) -> Result<TcpListener> {
    match TcpListener::bind(loopback(port)) {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {port} is taken by another program (perhaps an earlier run): \
             stop that, or choose another one with `{option}`"
        ),
        Err(error) => Err(error).with_context(|| format!("port {port} cannot be used")),
    }
}

/// A server that answers, and its port.
pub struct StartedServer {
    /// The running program.
    pub process: Process,
    /// The port on 127.0.0.1 at which it serves.
    pub port: u16,
    _reserved: ReservedPort,
}

impl StartedServer {
    /// Starts a server on a reserved port, and returns it when it answers. `command` gets the port.
    ///
    /// A server that ends before it answers is started again on another port: it may have lost the port
    /// to a program that asked for that very number.
    ///
    /// # Errors
    /// Fails if the last try failed, and if the command is interrupted.
    pub fn start(mut command: impl FnMut(u16) -> Result<Command>) -> Result<Self> {
        const TRIES: usize = 3;
        let mut tries = 0;
        loop {
            tries += 1;
            let reserved = ReservedPort::new()?;
            let port = reserved.number();
            match start_and_await(&mut command(port)?, port) {
                Ok(process) => {
                    return Ok(Self {
                        process,
                        port,
                        _reserved: reserved,
                    });
                }
                Err(error) if tries == TRIES || !error.is::<Ended>() => return Err(error),
                Err(_) => {}
            }
        }
    }
}

/// The error of a server that ended before it answered.
#[derive(Debug)]
struct Ended(String);

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Ended {}

/// Starts a server and returns when its port answers.
pub fn start_and_await(command: &mut Command, port: u16) -> Result<Process> {
    const LIMIT: Duration = Duration::from_secs(60);
    const POLL: Duration = Duration::from_millis(50);
    let mut process = Process::start(command)?;
    let start = Instant::now();
    while TcpStream::connect_timeout(&loopback(port), POLL).is_err() {
        if let Some(status) = process.ended()? {
            return Err(Ended(format!("`{}` ended ({status})", process::line(command))).into());
        }
        if start.elapsed() > LIMIT {
            bail!("nothing answers on port {port}");
        }
        thread::sleep(POLL);
    }
    Ok(process)
}
