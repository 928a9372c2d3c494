//! Runs the browser tests.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::outcome::{Outcome, TestTime};
use crate::browser;
use crate::process;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// Runs all browser tests with this bridge.
pub(crate) fn run(workspace: &Workspace, bridge: &Path, limit: Duration) -> Result<Outcome> {
    browser::install_packages(workspace)?;
    let [report, times] =
        ["browser.tap", "browser-times.jsonl"].map(|name| workspace.scratch().join(name));
    let mut command = Command::new("node");
    command
        .current_dir(workspace.browser_tests())
        .arg("--test")
        .arg(format!("--test-concurrency={}", files_at_once()))
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .args(["--test-reporter=tap", "--test-reporter-destination"])
        .arg(&report)
        .args([
            "--test-reporter=./support/times.mjs",
            "--test-reporter-destination",
        ])
        .arg(&times)
        .args(test_files(workspace)?)
        .env("RESTANTE_BRIDGE", bridge)
        .env("RESTANTE_ARTIFACTS", workspace.root.join("artifacts"));
    if let Some(chromium) = browser::chromium(workspace)? {
        command.env("RESTANTE_CHROMIUM", chromium);
    }
    let (status, _) = process::run_and_read(&mut command, limit)?;
    let report = fs::read_to_string(&report).context("the browser tests left no report")?;
    let times = fs::read_to_string(&times).context("the browser tests left no times")?;
    Ok(Outcome {
        tally: Tally::of_tap(&report).checked(status.success()),
        times: parse(&times)?,
    })
}

/// Returns the number of files that run at the same time. Node's own choice leaves one processor free,
/// although a test mostly waits for its page.
fn files_at_once() -> usize {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    processors.saturating_sub(1).max(2)
}

fn test_files(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.browser_tests();
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") {
            names.push(name);
        }
    }
    if names.is_empty() {
        bail!("no browser tests in {}", folder.display());
    }
    names.sort();
    Ok(names)
}

/// A line of the reporter `support/times.mjs`.
#[derive(Deserialize)]
struct Line {
    name: String,
    milliseconds: f64,
}

/// Reads the running times of the tests.
fn parse(times: &str) -> Result<Vec<TestTime>> {
    let read = |line: &str| -> Result<TestTime> {
        let Line { name, milliseconds } =
            serde_json::from_str(line).with_context(|| line.to_owned())?;
        let time = Duration::try_from_secs_f64(milliseconds / 1000.0)?;
        let name = format!("browser: {name}");
        Ok(TestTime { name, time })
    };
    times.lines().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_the_reporter_are_read() {
        let report = "{\"name\":\"a window without \\\"storage\\\"\",\"milliseconds\":1992.5}\n\
                      {\"name\":\"b\",\"milliseconds\":1}\n";
        let times = parse(report).unwrap();
        let expected = [
            ("browser: a window without \"storage\"", 1_992_500),
            ("browser: b", 1_000),
        ];
        let expected = expected.map(|(name, micros)| TestTime {
            name: name.to_owned(),
            time: Duration::from_micros(micros),
        });
        assert_eq!(times, expected);
        parse("# tests 2").unwrap_err();
    }
}
