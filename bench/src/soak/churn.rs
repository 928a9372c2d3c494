//! The clients, and a count of their turns.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use xtask::process::Process;

use super::gauge::Gauge;
use super::ways::{Scene, WAYS};

/// How many clients there are at a time.
const CLIENTS: usize = 24;

/// What a client waits between two things that it does. Many of these take seconds by themselves, so
/// that some 50 a second come of it, which leaves a small machine idle most of the time.
const PAUSE: Duration = Duration::from_millis(50);

/// How often a line is printed.
const REPORT: Duration = Duration::from_secs(30);

/// What was done so far.
#[derive(Default)]
pub(super) struct Churn {
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
    pub(super) fn run(
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
    pub(super) fn failures(&self) -> Result<()> {
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
