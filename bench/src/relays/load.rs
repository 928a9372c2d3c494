//! Calls of the load program, `bench/load`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::relay::{Relay, RelayKind, RunningRelay};
use super::report::RelayRow;
use crate::PACKAGE;
use xtask::process::{self, Interrupted, Process};
use xtask::workspace::Workspace;

/// The longest time that one call of the program may take.
const LIMIT: Duration = Duration::from_secs(300);

/// The number of stalled connections, whose memory is divided by this.
const STALLED: u64 = 8;

/// The extent of the measurements.
pub(crate) struct LoadSize {
    /// The bytes of a transfer.
    bytes: u64,
    /// The number of round trips of 64 bytes.
    ping_pongs: u64,
    /// The number of connections that are opened one after the other.
    opens: u64,
    /// The bytes that each idle connection carries before it is measured again.
    traffic: u64,
    /// The groups of idle connections.
    idle: &'static [IdleGroup],
}

/// A group of idle connections.
struct IdleGroup {
    connections: u64,
    /// The prefix of the names of its figures.
    name: &'static str,
    /// True if a relay that would not survive this number is measured with fewer.
    or_fewer: bool,
    /// True if a transfer runs beside the group.
    with_transfer: bool,
}

const THOUSAND: IdleGroup = IdleGroup {
    connections: 1_000,
    name: "1k_",
    or_fewer: true,
    with_transfer: false,
};
const TEN_THOUSAND: IdleGroup = IdleGroup {
    connections: 10_000,
    name: "10k_",
    or_fewer: false,
    with_transfer: true,
};

impl LoadSize {
    pub(crate) const WHOLE: Self = Self {
        bytes: 2_000_000_000,
        ping_pongs: 20_000,
        opens: 2_000,
        traffic: 1 << 19,
        idle: &[THOUSAND, TEN_THOUSAND],
    };
    pub(crate) const QUICK: Self = Self {
        bytes: 500_000_000,
        ping_pongs: 5_000,
        opens: 500,
        traffic: 1 << 19,
        idle: &[THOUSAND],
    };

    /// Returns the largest number of connections that are open at the same time.
    pub(crate) fn most_connections(&self) -> u64 {
        self.idle
            .iter()
            .map(|idle| idle.connections)
            .max()
            .unwrap_or(0)
    }
}

/// The load program.
pub(crate) struct Load {
    program: PathBuf,
    size: LoadSize,
    /// The most connections that the limit of descriptors permits.
    most: u64,
}

/// A relay and its target.
struct RelayScene<'a> {
    load: &'a Load,
    relay: RunningRelay,
    folder: tempfile::TempDir,
    _target: Process,
}

impl Load {
    pub(crate) fn build(workspace: &Workspace, size: LoadSize, most: u64) -> Result<Self> {
        println!("building the load (release)");
        let mut cargo = workspace.cargo();
        cargo.args(["build", "--package", PACKAGE, "--bin", "relay-load"]);
        process::run(cargo.args(["--release", "--locked"]))?;
        Ok(Self {
            program: workspace.target.join("release/relay-load"),
            size,
            most,
        })
    }

    /// Measures rates and times, and adds the figures to the row.
    pub(crate) fn measure_speed(&self, relay: &Relay, row: &mut RelayRow) -> Result<()> {
        let LoadSize {
            bytes, ping_pongs, ..
        } = &self.size;
        let opens = self.size.opens.min(relay.most);
        let scene = RelayScene::set(self, relay)?;
        row.add("", scene.ask("verify", &[])?);
        row.add("", scene.ask("flow", &[("--bytes", *bytes)])?);
        let latency = [("--rounds", *ping_pongs), ("--opens", opens)];
        row.add("", scene.ask("latency", &latency)?);
        Ok(())
    }

    /// Measures memory in fresh processes, and adds the figures to the row.
    pub(crate) fn measure_memory(&self, relay: &Relay, row: &mut RelayRow) -> Result<()> {
        if relay.kind == RelayKind::Direct {
            return Ok(());
        }
        let LoadSize { bytes, traffic, .. } = &self.size;
        for command in ["stalled-client", "stalled-target"] {
            let scene = RelayScene::set(self, relay)?;
            match scene.ask(command, &[("--connections", STALLED)]) {
                Ok(figures) => row.add("", figures),
                Err(error) if error.is::<Interrupted>() => return Err(error),
                // Some relays give up, which bounds their memory too.
                Err(error) => println!("{}: {error:#}", relay.name),
            }
        }
        for idle in self.size.idle {
            let connections = match relay.most {
                most if most >= idle.connections => idle.connections.min(self.most),
                most if idle.or_fewer => most,
                _ => continue,
            };
            let bulk = if idle.with_transfer { *bytes } else { 0 };
            let scene = RelayScene::set(self, relay)?;
            let figures = scene.ask(
                "idle",
                &[
                    ("--connections", connections),
                    ("--traffic", *traffic),
                    ("--bulk", bulk),
                ],
            )?;
            row.add(idle.name, figures);
        }
        Ok(())
    }
}

impl<'a> RelayScene<'a> {
    /// Starts a target, and the relay in front of it.
    fn set(load: &'a Load, relay: &Relay) -> Result<Self> {
        let folder = tempfile::tempdir().context("a folder")?;
        let file = folder.path().join("target");
        let mut command = Command::new(&load.program);
        let mut target = Process::start(command.arg("target").stdout(File::create(&file)?))?;
        let begun = Instant::now();
        let port = loop {
            if let Some(port) = figures(&file)?.get("port") {
                break *port;
            }
            if target.ended()?.is_some() || begun.elapsed() > LIMIT {
                bail!("the target did not start");
            }
            thread::sleep(Duration::from_millis(10));
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the program printed a port"
        )]
        let relay = relay.start(port as u16, folder.path())?;
        Ok(Self {
            load,
            relay,
            folder,
            _target: target,
        })
    }

    /// Runs one command of the program, and returns the figures that it prints.
    fn ask(&self, command: &str, numbers: &[(&str, u64)]) -> Result<BTreeMap<String, f64>> {
        let file = self.folder.path().join("figures");
        let errors = self.folder.path().join("errors");
        let mut program = Command::new(&self.load.program);
        program
            .arg(command)
            .args(["--address", &self.relay.address.to_string()])
            // A backtrace would hide the error message.
            .env("RUST_BACKTRACE", "0")
            .stdout(File::create(&file)?)
            .stderr(File::create(&errors)?);
        let request = &self.relay.request;
        for (name, value) in [
            ("--path", request.path.clone()),
            ("--subprotocol", request.subprotocol.clone()),
            ("--group", self.relay.group().map(|group| group.to_string())),
        ] {
            program.args(value.iter().flat_map(|value| [name, value]));
        }
        for (name, number) in numbers {
            program.args([*name, &number.to_string()]);
        }
        let status = Process::start(&mut program)?.wait(LIMIT)?;
        if !status.success() {
            let errors = fs::read_to_string(&errors).unwrap_or_default();
            bail!(
                "`relay-load {command}` failed ({status}): {}",
                errors.trim()
            );
        }
        figures(&file)
    }
}

/// Parses lines of a name and a number.
fn figures(file: &Path) -> Result<BTreeMap<String, f64>> {
    let text = fs::read_to_string(file).context("figures")?;
    let line = |line: &str| {
        let (name, number) = line.split_once(' ')?;
        Some((name.to_owned(), number.parse().ok()?))
    };
    Ok(text.lines().filter_map(line).collect())
}
