//! The bridge's memory and descriptors, read from `/proc`.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use xtask::process::Process;

/// The interval at which the descriptors are counted.
const LOOK: Duration = Duration::from_millis(250);

/// The time without changes after which the bridge counts as being at rest.
const CALM: Duration = Duration::from_secs(5);

/// Reads the figures of one process.
pub(super) struct Gauge {
    folder: PathBuf,
}

/// The figures at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    /// Resident memory in bytes.
    pub(super) resident: u64,
    /// Open descriptors.
    pub(super) descriptors: usize,
}

impl Gauge {
    pub(super) fn of(process: u32) -> Self {
        Self {
            folder: PathBuf::from("/proc").join(process.to_string()),
        }
    }

    /// Reads the current figures.
    ///
    /// # Errors
    /// Fails if the process has ended.
    pub(super) fn read(&self) -> Result<Held> {
        let status =
            fs::read_to_string(self.folder.join("status")).context("the bridge has ended")?;
        Ok(Held {
            resident: resident(&status).context("/proc shows no memory")?,
            descriptors: fs::read_dir(self.folder.join("fd"))?.count(),
        })
    }

    /// Waits until the number of descriptors stays the same for a while, for at most `limit`.
    ///
    /// # Errors
    /// Fails if the bridge ends meanwhile.
    pub(super) fn at_rest(&self, bridge: &mut Process, limit: Duration) -> Result<Held> {
        let start = Instant::now();
        let mut since = (Instant::now(), self.read()?.descriptors);
        loop {
            bridge.run_on(LOOK)?;
            let held = self.read()?;
            if held.descriptors != since.1 {
                since = (Instant::now(), held.descriptors);
            }
            if since.0.elapsed() >= CALM || start.elapsed() > limit {
                return Ok(held);
            }
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (resident, descriptors) = (self.resident / 1024, self.descriptors);
        write!(f, "{resident} KiB resident, {descriptors} descriptors")
    }
}

/// Parses the line `VmRSS:    1234 kB` into bytes.
fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let number = line.trim().strip_suffix("kB")?.trim();
    Some(number.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_can_be_read() {
        let held = Gauge::of(std::process::id()).read().unwrap();
        assert!(
            held.resident > 100 * 1024 && held.descriptors >= 3,
            "{held}"
        );
        assert_eq!(
            resident("VmHWM:\t 9 kB\nVmRSS:\t     12 kB\n"),
            Some(12 * 1024)
        );
        assert_eq!(resident("VmHWM:\t 9 kB\n"), None);
    }
}
