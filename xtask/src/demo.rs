//! `cargo xtask demo`: from a fresh checkout to a mailbox in the browser.

use std::env;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::bridge::{self, Profile};
use crate::client;
use crate::process;
use crate::workspace::Workspace;
use restante_ports::loopback;

/// Builds everything and serves it with a demo maildrop until Ctrl-C.
pub(crate) fn run(workspace: &Workspace, port: u16) -> Result<()> {
    // A taken port is reported before a build of some minutes; the bridge binds the port after it.
    drop(bridge::listen(port, "cargo xtask demo --port")?);
    client::build(workspace)?;
    let program = bridge::build(workspace, Profile::Release)?;
    let mut command = Command::new(program);
    command
        .arg("--demo")
        .arg("--listen")
        .arg(loopback(port).to_string())
        // The line below gives the address once the bridge answers.
        .stdout(Stdio::null());
    if env::var_os("RESTANTE_LOG").is_none() {
        command.env("RESTANTE_LOG", "warn");
    }
    let process = bridge::start_and_await(&mut command, port)?;
    let url = format!("http://{}/", loopback(port));
    println!("Restante is at {url} (Ctrl-C ends it)");
    open(&url);
    process::serve(&mut [process])
}

/// Opens the address in a browser if there is a desktop.
fn open(url: &str) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
    {
        "xdg-open"
    } else {
        return;
    };
    // The browser outlives this program, and its output would only confuse.
    let _ = Command::new(program)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}
