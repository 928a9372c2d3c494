//! The processor time and the memory of a relay's process group.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// The unit of times in `/proc/PID/stat`: a hundredth of a second on every Linux.
const TICKS: f64 = 100.0;

/// The time without change after which memory counts as settled, and the longest wait for that.
const CALM: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(8);

/// A process and all processes that it has started.
#[derive(Clone, Copy)]
pub(crate) struct Group(u32);

/// The parsed fields of `/proc/PID/stat`.
struct Stat {
    group: u32,
    ticks: u64,
}

impl Group {
    pub(crate) fn new(leader: u32) -> Self {
        Self(leader)
    }

    /// Returns the seconds of processor time of its processes, including those that have ended.
    pub(crate) fn processor_seconds(self) -> Result<f64> {
        let members = self.members()?;
        let ticks: u64 = members.iter().map(|(_, stat)| stat.ticks).sum();
        Ok(ticks as f64 / TICKS)
    }

    /// Returns resident kilobytes. Memory that processes share counts once (`Pss`).
    pub(crate) fn resident_kilobytes(self) -> Result<f64> {
        let mut total = 0.0;
        for (process, _) in self.members()? {
            // The process may have ended just now.
            let Ok(text) = fs::read_to_string(format!("/proc/{process}/smaps_rollup")) else {
                continue;
            };
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
            let number = line.and_then(|line| line.split_whitespace().next());
            total += number.and_then(|n| n.parse::<f64>().ok()).context("Pss")?;
        }
        Ok(total)
    }

    /// Waits until the memory hardly changes, and returns it.
    pub(crate) fn settled_kilobytes(self) -> Result<f64> {
        let begun = Instant::now();
        let mut before = self.resident_kilobytes()?;
        loop {
            thread::sleep(CALM);
            let now = self.resident_kilobytes()?;
            if (now - before).abs() <= before * 0.005 || begun.elapsed() > PATIENCE {
                return Ok(now);
            }
            before = now;
        }
    }

    fn members(self) -> Result<Vec<(u32, Stat)>> {
        let members: Vec<_> = fs::read_dir("/proc")
            .context("/proc")?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
            .filter_map(|process| {
                let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
                let stat = Stat::parse(&text)?;
                (stat.group == self.0).then_some((process, stat))
            })
            .collect();
        match members.is_empty() {
            true => bail!("the relay has ended"),
            false => Ok(members),
        }
    }
}

impl Stat {
    /// Parses the line. The name, in parentheses, may contain any character; words follow it.
    fn parse(text: &str) -> Option<Self> {
        let (_, rest) = text.rsplit_once(") ")?;
        let words: Vec<&str> = rest.split(' ').collect();
        let number = |place: usize| words.get(place)?.parse::<u64>().ok();
        // After the state: parent, group; then utime, stime, cutime and cstime.
        let ticks = [11, 12, 13, 14]
            .into_iter()
            .map(number)
            .sum::<Option<u64>>()?;
        Some(Self {
            group: u32::try_from(number(2)?).ok()?,
            ticks,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_after_any_name() {
        let text = "7 (a) b (c) S 1 42 7 0 -1 4194560 1 2 3 4 100 20 3 1 20 0 1 0\n";
        let stat = Stat::parse(text).unwrap();
        assert_eq!((stat.group, stat.ticks), (42, 124));
        assert!(Stat::parse("7 (a)").is_none());
    }

    #[test]
    fn a_group_is_as_large_as_its_processes() {
        let stat = Stat::parse(&fs::read_to_string("/proc/self/stat").unwrap()).unwrap();
        let group = Group::new(stat.group);
        assert!(group.resident_kilobytes().unwrap() > 100.0);
        assert!(group.processor_seconds().unwrap() >= 0.0);
    }
}
