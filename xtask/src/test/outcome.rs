//! Counts and running times of tests.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::AddAssign;
use std::time::Duration;

use crate::tally::Tally;

/// The number of tests in the list of the slowest.
const SLOWEST: usize = 10;

/// The running time of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TestTime {
    /// The name, with that of its program.
    pub(crate) name: String,
    pub(crate) time: Duration,
}

/// The outcome of one or several runners.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) tally: Tally,
    /// The running times of the tests that ran alone: steps and documentation tests have none.
    pub(crate) times: Vec<TestTime>,
}

impl From<Tally> for Outcome {
    fn from(tally: Tally) -> Self {
        Self {
            tally,
            times: Vec::new(),
        }
    }
}

impl AddAssign for Outcome {
    fn add_assign(&mut self, other: Self) {
        self.tally += other.tally;
        self.times.extend(other.times);
    }
}

impl Outcome {
    /// Formats the slowest tests, one a line, the slowest first. A test that ran several times is listed
    /// with its longest time.
    pub(crate) fn slowest(&self) -> String {
        let mut times: Vec<&TestTime> = self.times.iter().collect();
        times.sort_by_key(|test| std::cmp::Reverse(test.time));
        let mut names = HashSet::new();
        times.retain(|test| names.insert(&test.name));
        let mut text = String::from("the slowest tests:");
        for TestTime { name, time } in times.into_iter().take(SLOWEST) {
            let _ = write!(text, "\n{:8.1} s  {name}", time.as_secs_f64());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_slowest_tests_are_listed_with_the_slowest_first() {
        let test = |number: u64, time| TestTime {
            name: format!("test {number}"),
            time: Duration::from_millis(time),
        };
        let mut times: Vec<TestTime> = (1..=12).map(|number| test(number, 500 * number)).collect();
        times.push(test(12, 5_900));
        let outcome = Outcome {
            times,
            ..Outcome::default()
        };
        let slowest = outcome.slowest();
        let lines: Vec<&str> = slowest.lines().collect();
        assert_eq!(lines.len(), 11);
        assert_eq!(lines.get(1), Some(&"     6.0 s  test 12"));
        assert_eq!(lines.last(), Some(&"     1.5 s  test 3"));
    }
}
