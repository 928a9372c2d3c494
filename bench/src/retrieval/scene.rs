//! The surroundings of all retrievals: the mail server, the lines to it, the bridge, and the programs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::certificates::{self, Certificates};
use super::delay::DelayLine;
use super::dovecot::Dovecot;
use super::mail::Plan;
use super::ours;
use restante_ports::loopback;
use xtask::bridge::{self, Profile, StartedServer};
use xtask::browser;
use xtask::client;
use xtask::process::{self, Process};
use xtask::workspace::Workspace;

/// The longest time that one retrieval may take.
const LIMIT: Duration = Duration::from_secs(600);

/// All servers, which run until this is dropped.
pub(crate) struct RetrievalScene {
    /// The contents of the maildrop.
    pub(crate) plan: Plan,
    /// The bytes of all messages by RETR.
    pub(crate) bytes: u64,
    pub(crate) certificates: Certificates,
    /// The bridge's port.
    pub(crate) bridge_port: u16,
    /// The program of `bench/benches/retrieve`.
    pub(crate) retrieve: PathBuf,
    /// The script of `tests/browser/bench`.
    pub(crate) script: PathBuf,
    /// The browser, or `None` if Playwright has its own.
    pub(crate) chromium: Option<PathBuf>,
    lines: Vec<Distance>,
    _bridge: StartedServer,
    _dovecot: Dovecot,
    folder: TempDir,
}

/// A way to the server.
struct Distance {
    round_trip: Duration,
    port: u16,
    _line: Option<DelayLine>,
}

/// The result of a retrieval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Figures {
    /// The seconds until all messages were stored.
    pub(crate) seconds: f64,
    /// The seconds until all messages could be searched, if the program has a search.
    pub(crate) searchable: Option<f64>,
}

impl RetrievalScene {
    /// Builds the programs, and starts the servers, in a folder of its own in `place`.
    pub(crate) fn set(
        workspace: &Workspace,
        plan: Plan,
        round_trips: &[Duration],
        place: &Path,
    ) -> Result<Self> {
        client::build(workspace)?;
        let program = bridge::build(workspace, Profile::Release)?;
        let retrieve = ours::build(workspace)?;
        browser::install_packages(workspace)?;
        let chromium = browser::chromium(workspace)?;

        println!("filling a maildrop with {} messages", plan.messages);
        let folder = tempfile::Builder::new()
            .prefix("restante-bench-")
            .tempdir_in(place)
            .with_context(|| place.display().to_string())?;
        let certificates = certificates::make(folder.path())?;
        let dovecot = Dovecot::start(folder.path(), &certificates, plan)?;
        let lines = round_trips
            .iter()
            .map(|round_trip| Distance::new(*round_trip, dovecot.port))
            .collect::<Result<Vec<_>>>()?;

        let bridge = StartedServer::start(|port| {
            let mut command = Command::new(&program);
            command
                .args(["--listen", &loopback(port).to_string()])
                .env("RESTANTE_LOG", "warn")
                .stdout(File::create(folder.path().join("bridge.log"))?);
            for Distance { port, .. } in &lines {
                command.args(["--allow", &format!("localhost:{port}=127.0.0.1")]);
            }
            Ok(command)
        })?;
        Ok(Self {
            plan,
            bytes: dovecot.bytes,
            certificates,
            bridge_port: bridge.port,
            retrieve,
            script: workspace.browser_tests().join("bench/retrieve.mjs"),
            chromium,
            lines,
            _bridge: bridge,
            _dovecot: dovecot,
            folder,
        })
    }

    /// Returns the port at this distance from the server.
    pub(crate) fn port(&self, round_trip: Duration) -> Result<u16> {
        let mut lines = self.lines.iter();
        let found = lines.find(|distance| distance.round_trip == round_trip);
        Ok(found.context("no line of this length")?.port)
    }

    /// Calls `retrieve` with an empty folder, which is deleted afterwards.
    pub(crate) fn with_folder<T>(&self, retrieve: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
        let folder = tempfile::tempdir_in(self.folder.path()).context("a folder")?;
        // Unwritten data of an earlier retrieval must not count for this one.
        rustix::fs::sync();
        retrieve(folder.path())
    }

    /// Runs a program that stores mail in `folder`, and times it from outside.
    pub(crate) fn time(&self, command: &mut Command, folder: &Path) -> Result<Figures> {
        let errors = self.folder.path().join("errors");
        command.stderr(File::create(&errors)?);
        let (status, time) = Process::start(command)?.time(LIMIT)?;
        if !status.success() {
            let errors = fs::read_to_string(errors).unwrap_or_default();
            let last = errors.lines().last().unwrap_or_default();
            bail!("`{}` failed ({status}): {last}", process::line(command));
        }
        let kept = size_of(folder)?;
        // Some programs store LF for CRLF.
        if kept < self.bytes / 100 * 95 {
            bail!("`{}` stored {kept} bytes only", process::line(command));
        }
        Ok(Figures {
            seconds: time.as_secs_f64(),
            searchable: None,
        })
    }

    /// Runs a program that times itself: it prints `durable SECONDS`, and may print
    /// `searchable SECONDS`.
    pub(crate) fn ask(&self, command: &mut Command) -> Result<Figures> {
        let file = self.folder.path().join("figures");
        command.stdout(File::create(&file)?);
        let status = Process::start(command)?.wait(LIMIT)?;
        let text = fs::read_to_string(&file)?;
        let figure = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|number| number.trim().parse().ok())
        };
        match figure("durable ") {
            Some(seconds) if status.success() => Ok(Figures {
                seconds,
                searchable: figure("searchable "),
            }),
            _ => bail!("`{}` ({status}): {text}", process::line(command)),
        }
    }
}

impl Distance {
    /// Opens a line, or connects directly if the round trip is zero.
    fn new(round_trip: Duration, server: u16) -> Result<Self> {
        let line = match round_trip.is_zero() {
            true => None,
            false => Some(DelayLine::open(server, round_trip)?),
        };
        Ok(Self {
            round_trip,
            port: line.as_ref().map_or(server, DelayLine::port),
            _line: line,
        })
    }
}

/// Sums the bytes of all files below a folder.
fn size_of(folder: &Path) -> Result<u64> {
    let mut total = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        total += match meta.is_dir() {
            true => size_of(&entry.path())?,
            false => meta.len(),
        };
    }
    Ok(total)
}
