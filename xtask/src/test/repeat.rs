//! Repeats native tests beside busy programs, to find the ones that fail by chance.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::native::{self, NativeTest};
use super::outcome::Outcome;
use crate::process::Process;

/// Runs the tests `times` times beside `busy` programs that each keep a processor busy.
///
/// # Errors
/// Fails with the names of the tests that failed, and how often each did.
pub(crate) fn run(
    tests: &[NativeTest],
    environment: &[(&str, PathBuf)],
    times: u32,
    busy: u32,
) -> Result<()> {
    if tests.is_empty() {
        bail!("no test has such a name");
    }
    let _busy: Vec<Process> = (0..busy)
        .map(|_| Process::start(Command::new("sh").args(["-c", "while :; do :; done"])))
        .collect::<Result<_>>()?;
    let mut total = Outcome::default();
    let mut failures: BTreeMap<String, u32> = BTreeMap::new();
    for round in 1..=times {
        let results = native::run(tests, environment)?;
        for result in results.iter().filter(|result| result.tally.failed > 0) {
            *failures.entry(result.name.clone()).or_default() += 1;
        }
        let outcome = Outcome::from(results);
        println!(
            "== round {round} of {times}: {} passed, {} failed",
            outcome.tally.passed, outcome.tally.failed
        );
        total += outcome;
    }
    println!("\n{}", total.slowest());
    println!(
        "\n{} tests, {times} times beside {busy} busy programs: {} passed, {} failed",
        tests.len(),
        total.tally.passed,
        total.tally.failed
    );
    if failures.is_empty() {
        return Ok(());
    }
    let failures: Vec<String> = failures
        .iter()
        .map(|(name, count)| format!("{name} ({count} of {times})"))
        .collect();
    bail!("some tests failed:\n{}", failures.join("\n"))
}
