//! The two servers under test, and the verdict.

use std::fs;
use std::io;
use std::net::{Shutdown, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::python::Suite;
use super::report::SuiteReport;
use restante_ports::loopback;
use xtask::bridge::{self, Profile, StartedServer};
use xtask::process::{self, Process};
use xtask::tally::Tally;
use xtask::workspace::Workspace;

const DRIVE: &str = include_str!("drive.py");

/// The sections of the suite that apply to a relay without messages.
const RELAY_CASES: [&str; 4] = ["2.*", "3.*", "4.*", "7.*"];

/// The longest time of a run, far longer than the suite takes.
const LIMIT: Duration = Duration::from_secs(600);

/// Prints the reports, with one line of result at the end.
///
/// # Errors
/// Fails if the suite cannot be installed or run.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let tally = part(workspace)?;
    println!("\n{} passed, {} failed", tally.passed, tally.failed);
    if tally.passed == 0 || tally.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

/// Runs the suite against both servers. Without Python 2.7, prints that it was not run.
fn part(workspace: &Workspace) -> Result<Tally> {
    let Some(suite) = Suite::install(workspace)? else {
        println!(
            "not run: the suite needs Python 2.7 with pip; \
             install it with `pyenv install 2.7.18`, or put python2.7 into the PATH"
        );
        return Ok(Tally::default());
    };
    let program = bridge::build(workspace, Profile::Debug)?;
    let mut tally = echo(workspace, &suite)?;
    tally += relay(workspace, &suite, &program)?;
    Ok(tally)
}

/// Runs all cases against the WebSocket layer.
fn echo(workspace: &Workspace, suite: &Suite) -> Result<Tally> {
    const NAME: &str = "websocket_echo";
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", "restante-bridge", "--locked"]);
    process::run(cargo.args(["--example", NAME]))?;
    let program = workspace.target.join("debug/examples").join(NAME);
    let server = StartedServer::start(|port| {
        let mut command = Command::new(&program);
        command.arg(port.to_string());
        Ok(command)
    })?;
    let url = format!("ws://{}", loopback(server.port));
    let layer = json!({ "agent": "layer", "url": url });
    judge(workspace, suite, "layer", &layer, &["*"])
}

/// Runs the cases that the relay can pass.
fn relay(workspace: &Workspace, suite: &Suite, program: &Path) -> Result<Tally> {
    let target = echo_bytes()?;
    let bridge = StartedServer::start(|port| {
        let mut command = Command::new(program);
        command
            .args(["--listen", &loopback(port).to_string()])
            .args(["--allow", &format!("localhost:{target}=127.0.0.1")])
            .args(["--max-relays-per-minute", "10000"])
            .env("RESTANTE_LOG", "warn")
            .stdout(Stdio::null());
        Ok(command)
    })?;
    let address = loopback(bridge.port);
    let relay = json!({
        "agent": "relay",
        "url": format!("ws://{address}/relay?host=localhost&port={target}"),
        "origin": format!("http://{address}"),
        "protocols": ["restante.relay.v1"],
    });
    judge(workspace, suite, "relay", &relay, &RELAY_CASES)
}

/// Runs `cases` against `server`, and prints the report and its place.
fn judge(
    workspace: &Workspace,
    suite: &Suite,
    name: &str,
    server: &Value,
    cases: &[&str],
) -> Result<Tally> {
    println!("\n{name}: {}", cases.join(" "));
    let folder = workspace.scratch().join("autobahn").join(name);
    if folder.exists() {
        // An old report could be mistaken for the report of a failed run.
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let specification = json!({
        "outdir": folder,
        "servers": [server],
        "cases": cases,
        "stream": name == "relay",
    });
    let (drive, file) = (folder.join("drive.py"), folder.join("specification.json"));
    fs::write(&drive, DRIVE).with_context(|| drive.display().to_string())?;
    fs::write(&file, specification.to_string()).with_context(|| file.display().to_string())?;
    let log = folder.join("log");
    let mut command = suite.command();
    command.arg(drive).arg(suite.folder()).arg(file);
    command.stdout(fs::File::create(&log).with_context(|| log.display().to_string())?);
    let status = Process::start(&mut command)?.wait(LIMIT)?;
    if !status.success() {
        bail!("the suite failed ({status}); see {}", log.display());
    }
    let index = folder.join("index.json");
    let index = fs::read_to_string(&index).with_context(|| index.display().to_string())?;
    let report = SuiteReport::read(&index)?;
    println!("{report}");
    println!("details: {}", folder.join("index.html").display());
    Ok(report.tally())
}

/// Starts a server that echoes until the program ends, and returns its port.
fn echo_bytes() -> Result<u16> {
    let listener = TcpListener::bind(loopback(0)).context("a port for a target")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                // In many cases the other side is meant to break the connection.
                let _ = io::copy(&mut &stream, &mut &stream);
                let _ = stream.shutdown(Shutdown::Write);
            });
        }
    });
    Ok(port)
}
