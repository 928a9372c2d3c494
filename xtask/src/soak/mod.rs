//! `cargo xtask soak`: a release bridge under churn, whose memory and descriptors have to return to
//! where they began.
//!
//! | file | holds |
//! |---|---|
//! | `ways` | what clients do: every way that a relay or a request begins, goes on and dies |
//! | `targets` | the servers behind the bridge, each with a temper of its own |
//! | `gauge` | what the bridge holds, read from `/proc` |

mod gauge;
mod targets;
mod ways;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::bridge::{self, Profile, Server};
use crate::client;
use crate::fingerprint;
use crate::ports::loopback;
use crate::process::Process;
use crate::workspace::Workspace;
use gauge::Gauge;
use targets::Targets;
use ways::{Scene, WAYS};

/// How many clients there are at a time.
const CLIENTS: usize = 24;

/// What a client waits between two things that it does. Many of these take seconds by themselves, so
/// that some 50 a second come of it, which leaves a small machine idle most of the time.
const PAUSE: Duration = Duration::from_millis(50);

/// How long the first churn lasts, after which memory is looked at for the first time: pools, the
/// allocator's arenas and the tables of clients are as large then as they get.
const WARM_UP: Duration = Duration::from_secs(60);

/// How long the bridge gets to come to rest: longer than any of the limits that it is started with.
const REST: Duration = Duration::from_secs(60);

/// How much more memory may be resident in the end. An allocator gives pages back by whim: up to 2 MiB
/// of difference were seen where nothing was kept. Half an hour has some 90,000 relays and requests, so
/// that whatever keeps 50 octets of each is over it.
const TOLERANCE: u64 = 4 * 1024 * 1024;

/// How often a line is printed.
const REPORT: Duration = Duration::from_secs(30);

/// Runs the churn for `minutes` after the warm-up.
///
/// # Errors
/// What did not return, or the first thing that went otherwise than it should.
pub(crate) fn run(workspace: &Workspace, minutes: u64) -> Result<()> {
    client::build(workspace)?;
    let program = bridge::build(workspace, Profile::Release)?;
    let targets = Targets::start()?;
    let log = workspace.scratch().join("soak.log");
    let mut server = Server::start(|port| {
        let mut command = command(&program, port, &targets);
        command.stderr(File::create(&log).with_context(|| log.display().to_string())?);
        Ok(command)
    })?;
    let files = fingerprint::files_below(&workspace.dist())?;
    let files = files.into_keys().map(|name| format!("/{name}")).collect();
    let scene = Scene::new(server.port, targets, files);
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

/// A bridge behind a proxy, which is us, so that every client can have another address; with short
/// times, so that what is left to die does so while we look.
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

/// What was done so far.
#[derive(Default)]
struct Churn {
    done: AtomicU64,
    ways: Mutex<BTreeMap<&'static str, Tally>>,
}

/// What came of one way.
#[derive(Default)]
struct Tally {
    count: u64,
    failures: Vec<String>,
}

impl Churn {
    /// Lets the clients do what they do for `time`.
    fn run(
        &self,
        scene: &Scene,
        gauge: &Gauge,
        bridge: &mut Process,
        time: Duration,
    ) -> Result<()> {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                let stop = &stop;
                scope.spawn(move || self.client(scene, client, stop));
            }
            let watched = self.watch(gauge, bridge, time);
            stop.store(true, Ordering::Relaxed);
            watched
        })
    }

    fn client(&self, scene: &Scene, client: usize, stop: &AtomicBool) {
        // Each client begins elsewhere in the round, so that all ways are gone at any time.
        let round = WAYS.iter().cycle().skip(client % WAYS.len());
        for (turn, way) in round.enumerate() {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let ended = (way.go)(scene, turn * CLIENTS + client);
            self.done.fetch_add(1, Ordering::Relaxed);
            let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
            let tally = ways.entry(way.name).or_default();
            tally.count += 1;
            tally
                .failures
                .extend(ended.err().map(|error| format!("{error:#}")));
            drop(ways);
            thread::sleep(PAUSE);
        }
    }

    fn watch(&self, gauge: &Gauge, bridge: &mut Process, time: Duration) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < time {
            bridge.run_on(REPORT.min(time.saturating_sub(start.elapsed())))?;
            let (seconds, done) = (start.elapsed().as_secs(), self.done.load(Ordering::Relaxed));
            println!("{seconds:>5} s {done:>8} done, {}", gauge.read()?);
        }
        Ok(())
    }

    /// The first thing that went otherwise than it should.
    fn failures(&self) -> Result<()> {
        let ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = ways
            .iter()
            .find_map(|(name, tally)| Some((name, tally.failures.first()?)));
        match failed {
            Some((name, error)) => bail!("{name}: {error}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Churn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, tally) in ways.iter() {
            let failed = tally.failures.len();
            write!(f, "{:>8} times, {failed} failed: {name}", tally.count)?;
            match tally.failures.first() {
                Some(error) => writeln!(f, " ({error})")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}
