//! Counts of passed and failed tests, read from the output of the test runners.

use std::ops::AddAssign;

/// The counts of one or several runners.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that ran and passed.
    pub passed: u32,
    /// Tests that failed or were skipped: a test that did not run has proved nothing.
    pub failed: u32,
}

impl Tally {
    /// Counts one step that passed or failed as a whole.
    pub fn of_step(passed: bool) -> Self {
        Self {
            passed: u32::from(passed),
            failed: u32::from(!passed),
        }
    }

    /// Sums the `test result: …` lines of `cargo test`, which has one for each test binary.
    pub fn of_cargo(output: &str) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            let Some((_, result)) = line.split_once("test result: ") else {
                continue;
            };
            for part in result.split([';', '.']) {
                let mut words = part.split_whitespace();
                let count = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
                match words.next() {
                    Some("passed") => tally.passed += count,
                    Some("failed" | "ignored") => tally.failed += count,
                    _ => {}
                }
            }
        }
        tally
    }

    /// Reads the closing lines of `node --test` in its TAP form.
    pub fn of_tap(output: &str) -> Self {
        let count = |name: &str| {
            let prefix = format!("# {name} ");
            let last = output
                .lines()
                .rev()
                .find_map(|line| line.strip_prefix(&prefix));
            last.and_then(|number| number.trim().parse().ok())
                .unwrap_or(0)
        };
        Self {
            passed: count("pass"),
            failed: ["fail", "cancelled", "skipped", "todo"]
                .map(count)
                .iter()
                .sum(),
        }
    }

    /// Adds a failure if the runner failed without naming a failed test, or ran no test at all.
    pub fn checked(mut self, runner_succeeded: bool) -> Self {
        if self.failed == 0 && (!runner_succeeded || self.passed == 0) {
            self.failed = 1;
        }
        self
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_all_binaries_are_added() {
        let output = "running 3 tests\ntest a ... ok\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.11s\n\
            test result: FAILED. 40 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.25s\n";
        let tally = Tally::of_cargo(output);
        assert_eq!((tally.passed, tally.failed), (43, 3));
    }

    #[test]
    fn the_counts_at_the_end_of_tap_are_read() {
        let output = "# pass 99 in a comment of a test\nok 1 - a\n1..4\n# tests 4\n# suites 1\n\
            # pass 2\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n# duration_ms 90.1\n";
        let tally = Tally::of_tap(output);
        assert_eq!((tally.passed, tally.failed), (2, 2));
    }

    #[test]
    fn a_runner_that_crashed_or_ran_nothing_has_failed() {
        let some = Tally {
            passed: 3,
            failed: 0,
        };
        assert_eq!(some.checked(true), some);
        assert_eq!(some.checked(false).failed, 1);
        assert_eq!(Tally::default().checked(true).failed, 1);
        let red = Tally {
            passed: 3,
            failed: 2,
        };
        assert_eq!(red.checked(false), red);
    }
}
