//! Building the bridge, starting it, and knowing that it serves.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{self, Process};
use crate::workspace::Workspace;

/// How the bridge is compiled.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// Optimised, with the demo mailbox.
    Release,
    /// As it is installed: optimised, without the demo mailbox.
    Packaged,
    /// As the native tests have it already.
    Debug,
}

/// Builds the bridge with whatever client is in `dist/` inside, and returns its path.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
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

/// An address on this machine only.
pub(crate) fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Says early and clearly that a port is taken.
pub(crate) fn ensure_free(port: u16, option: &str) -> Result<()> {
    match TcpListener::bind(loopback(port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {port} is taken by another program (perhaps an earlier run): \
             stop that, or choose another one with `{option}`"
        ),
        Err(error) => Err(error).with_context(|| format!("port {port} cannot be used")),
    }
}

/// A port that nothing uses at this moment.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(loopback(0))?.local_addr()?.port())
}

/// Starts a server and returns when its port answers.
pub(crate) fn start_and_await(command: &mut Command, port: u16) -> Result<Process> {
    const LIMIT: Duration = Duration::from_secs(30);
    const POLL: Duration = Duration::from_millis(50);
    let mut process = Process::start(command)?;
    let start = Instant::now();
    while TcpStream::connect_timeout(&loopback(port), POLL).is_err() {
        if let Some(status) = process.ended()? {
            bail!("`{}` ended ({status})", process::line(command));
        }
        if start.elapsed() > LIMIT {
            bail!("nothing answers on port {port}");
        }
        thread::sleep(POLL);
    }
    Ok(process)
}
