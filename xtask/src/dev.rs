//! `cargo xtask dev`: the client with live reload, in front of a bridge with a demo maildrop.
//!
//! Trunk's own WebSocket proxy answers without a subprotocol, which browsers refuse. So this program
//! listens in front of both: it forwards relays to the bridge, and everything else to Trunk.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::Result;

use crate::bridge::{self, Profile, StartedServer};
use crate::client;
use crate::packages;
use crate::process::{self, Process};
use crate::tools;
use crate::workspace::Workspace;
use restante_ports::{ReservedPort, loopback};

/// The beginning of a request for a relay. Browsers open a new connection for each WebSocket.
const RELAY: &[u8] = b"GET /relay?";

/// Serves until Ctrl-C.
pub(crate) fn run(workspace: &Workspace, port: u16) -> Result<()> {
    let listener = bridge::listen(port, "cargo xtask dev --port")?;
    packages::ensure(packages::FOR_BUILDING)?;
    tools::ensure_for_client(workspace)?;
    let program = bridge::build(workspace, Profile::Debug)?;
    let relay = StartedServer::start(|port| {
        let mut command = Command::new(&program);
        command
            .arg("--demo")
            .arg("--listen")
            .arg(loopback(port).to_string())
            // The bridge prints its own port, which is not the one to open.
            .stdout(Stdio::null());
        Ok(command)
    })?;
    let reserved = ReservedPort::new()?;
    let (relay_port, trunk_port) = (relay.port, reserved.number());
    let mut trunk = client::trunk(workspace)?;
    trunk
        .args(["serve", "--port", &trunk_port.to_string()])
        // Not into `dist/`, which the bridge embeds.
        .arg("--dist")
        .arg(workspace.scratch().join("dev"))
        .args(["--proxy-rewrite", "/config.json", "--proxy-backend"])
        .arg(format!("http://{}/config.json", loopback(relay_port)));
    let trunk = Process::start(&mut trunk)?;

    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // The browser reopens a broken connection.
            thread::spawn(move || pass_on(connection, relay_port, trunk_port));
        }
    });
    println!(
        "Restante is at http://{}/ once Trunk has built it (Ctrl-C ends it)",
        loopback(port)
    );
    process::serve(&mut [trunk, relay.process])
}

fn pass_on(mut browser: TcpStream, relay_port: u16, trunk_port: u16) -> io::Result<()> {
    let mut head = [0; RELAY.len()];
    browser.read_exact(&mut head)?;
    let port = if head == RELAY {
        relay_port
    } else {
        trunk_port
    };
    let mut server = TcpStream::connect(loopback(port))?;
    server.write_all(&head)?;
    let (mut from_browser, mut to_server) = (browser.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from_browser, &mut to_server);
        to_server.shutdown(Shutdown::Write)
    });
    io::copy(&mut server, &mut browser)?;
    browser.shutdown(Shutdown::Write)
}
