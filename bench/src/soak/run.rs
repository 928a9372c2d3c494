//! The run from warm-up to verdict.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::churn::Churn;
use super::gauge::Gauge;
use super::scenarios::SoakScene;
use super::targets::Targets;
use restante_ports::loopback;
use xtask::bridge::{self, Profile, StartedServer};
use xtask::client;
use xtask::fingerprint;
use xtask::workspace::Workspace;

/// The length of the first churn. After it, pools, the allocator's arenas and the tables of clients have
/// reached their full size, and memory is measured for the first time.
const WARM_UP: Duration = Duration::from_secs(60);

/// The time that the bridge has to come to rest: longer than any of its configured timeouts.
const REST: Duration = Duration::from_secs(60);

/// The permitted growth of resident memory. An allocator does not return all free pages: without a leak,
/// differences of up to 2 MiB were seen. Half an hour has some 90,000 relays and requests, so that a leak
/// of 50 bytes for each exceeds this.
const TOLERANCE: u64 = 4 * 1024 * 1024;

/// Runs the churn for `minutes` after the warm-up.
///
/// # Errors
/// Fails if memory or descriptors did not return, or with the first failure of a scenario.
pub(crate) fn run(workspace: &Workspace, minutes: u64) -> Result<()> {
    client::build(workspace)?;
    let program = bridge::build(workspace, Profile::Release)?;
    let targets = Targets::start()?;
    let log = workspace.scratch().join("soak.log");
    let mut server = StartedServer::start(|port| {
        let mut command = command(&program, port, &targets);
        command.stderr(File::create(&log).with_context(|| log.display().to_string())?);
        Ok(command)
    })?;
    let files = fingerprint::files_below(&workspace.dist())?;
    let files = files.into_keys().map(|name| format!("/{name}")).collect();
    let scene = SoakScene::new(server.port, targets, files);
    let bridge = &mut server.process;
    let gauge = Gauge::of(bridge.id());

    println!("warming up for {} s", WARM_UP.as_secs());
    let churn = Churn::default();
    churn.run(&scene, &gauge, bridge, WARM_UP)?;
    let begin = gauge.at_rest(bridge, REST)?;
    println!("at rest: {begin}");

    let time = Duration::from_secs(minutes * 60);
    churn.run(&scene, &gauge, bridge, time)?;
    let end = gauge.at_rest(bridge, REST)?;
    println!("at rest: {end}\n\n{churn}");
    churn.failures()?;
    if end.descriptors != begin.descriptors {
        bail!(
            "the bridge had {} descriptors and kept {}; its log is {}",
            begin.descriptors,
            end.descriptors,
            log.display()
        );
    }
    if end.resident > begin.resident + TOLERANCE {
        bail!(
            "memory did not return: {begin}, and then {end}; its log is {}",
            log.display()
        );
    }
    println!("memory and descriptors returned to where they began");
    Ok(())
}

/// Builds the command of a bridge that trusts this program as its proxy, so that every client can have
/// another address. Its timeouts are short, so that abandoned connections end during the run.
fn command(program: &Path, port: u16, targets: &Targets) -> Command {
    let mut command = Command::new(program);
    command
        .args(["--listen", &loopback(port).to_string()])
        .args(["--behind-proxy", "--trusted-proxies", "127.0.0.1"])
        .args(["--max-connections", "2000", "--max-relays", "1000"])
        .args(["--handshake-seconds", "2", "--idle-seconds", "4"])
        .env("RESTANTE_LOG", "warn")
        .stdout(Stdio::null());
    for port in targets.ports() {
        command.args(["--allow", &format!("localhost:{port}=127.0.0.1")]);
    }
    command
}
