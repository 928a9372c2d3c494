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
use super::scenarios::{SCENARIOS, SoakScene};

/// The number of clients at a time.
const CLIENTS: usize = 24;

/// The pause of a client between two scenarios. Many of them take seconds, so that all clients together
/// run some 50 a second, which leaves a small machine idle most of the time.
const PAUSE: Duration = Duration::from_millis(50);

/// The interval between two lines of output.
const REPORT: Duration = Duration::from_secs(30);

/// The counts so far.
#[derive(Default)]
pub(super) struct Churn {
    done: AtomicU64,
    scenarios: Mutex<BTreeMap<&'static str, ScenarioTally>>,
}

/// The outcomes of one scenario.
#[derive(Default)]
struct ScenarioTally {
    count: u64,
    failures: Vec<String>,
}

impl Churn {
    /// Runs the clients for `time`.
    pub(super) fn run(
        &self,
        scene: &SoakScene,
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

    fn client(&self, scene: &SoakScene, client: usize, stop: &AtomicBool) {
        // Each client begins at another scenario, so that all of them run at any time.
        let round = SCENARIOS.iter().cycle().skip(client % SCENARIOS.len());
        for (turn, scenario) in round.enumerate() {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let ended = (scenario.go)(scene, turn * CLIENTS + client);
            self.done.fetch_add(1, Ordering::Relaxed);
            let mut scenarios = self
                .scenarios
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let tally = scenarios.entry(scenario.name).or_default();
            tally.count += 1;
            tally
                .failures
                .extend(ended.err().map(|error| format!("{error:#}")));
            drop(scenarios);
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

    /// Fails with the first failure of a scenario, if there is one.
    pub(super) fn failures(&self) -> Result<()> {
        let scenarios = self
            .scenarios
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let failed = scenarios
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
        let scenarios = self
            .scenarios
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (name, tally) in scenarios.iter() {
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
