//! Runs native tests, each in a process of its own and several at a time.
//!
//! The stable test harness prints no running times. A process for each test has one, a time limit of
//! its own, and no state that another test has left. Tests of different programs run side by side.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use super::binaries::TestProgram;
use super::outcome::{Outcome, TestTime};
use crate::process::{Interrupted, Process};
use crate::tally::Tally;
use crate::workspace;

/// The time that a test may take, which a busy machine multiplies.
const TEST_LIMIT: Duration = Duration::from_secs(300);

/// The tests that run at the same time for each processor: many of them wait for a timer.
const TESTS_PER_PROCESSOR: usize = 2;

/// A test of a program.
#[derive(Debug, Clone)]
pub(crate) struct NativeTest {
    program: TestProgram,
    /// The path within the program, such as `drain::a_relay_continues`.
    path: String,
}

impl NativeTest {
    /// The name for people, which no other test has.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.program.name, self.path)
    }
}

/// The result of a test.
pub(crate) struct NativeResult {
    pub(crate) name: String,
    pub(crate) tally: Tally,
    pub(crate) time: Duration,
}

/// Asks all programs for their tests. The slower ones, which start servers, come first.
pub(crate) fn list(programs: &[TestProgram]) -> Result<Vec<NativeTest>> {
    let mut programs: Vec<&TestProgram> = programs.iter().collect();
    programs.sort_by_key(|program| !program.is_integration);
    let mut tests = Vec::new();
    for program in programs {
        let mut command = command(program);
        command.args(["--list", "--format", "terse"]);
        let output = command.output().context("the list of tests")?;
        if !output.status.success() {
            bail!("{} does not list its tests", program.name);
        }
        let names = String::from_utf8(output.stdout).context("the list of tests")?;
        tests.extend(names_in(&names).map(|path| NativeTest {
            program: program.clone(),
            path: path.to_owned(),
        }));
    }
    Ok(tests)
}

/// Returns the tests in a terse list, which has a line `path: test` for each.
fn names_in(list: &str) -> impl Iterator<Item = &str> {
    list.lines().filter_map(|line| line.strip_suffix(": test"))
}

/// Runs tests with variables in their environment, and prints each result, with the output of the tests
/// that failed.
///
/// # Errors
/// Fails if a test cannot be started, and with [`Interrupted`] after Ctrl-C.
pub(crate) fn run(
    tests: &[NativeTest],
    environment: &[(&str, PathBuf)],
) -> Result<Vec<NativeResult>> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let work = || -> Result<()> {
        while let Some(test) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = match run_one(test, environment) {
                Ok(result) => result,
                Err(error) => {
                    // The other threads stop after their current test.
                    next.store(tests.len(), Ordering::Relaxed);
                    return Err(error);
                }
            };
            results
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(result);
        }
        Ok(())
    };
    thread::scope(|scope| -> Result<()> {
        let threads: Vec<_> = (0..processors * TESTS_PER_PROCESSOR)
            .map(|_| scope.spawn(work))
            .collect();
        let ended = threads.into_iter().map(|thread| {
            let ended = thread.join();
            ended.map_err(|_| anyhow!("a thread that runs tests has panicked"))?
        });
        ended.collect::<Vec<Result<()>>>().into_iter().collect()
    })?;
    Ok(results.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn run_one(test: &NativeTest, environment: &[(&str, PathBuf)]) -> Result<NativeResult> {
    let mut output = tempfile::tempfile().context("the output of a test")?;
    let mut command = command(&test.program);
    command
        .args(["--exact", &test.path])
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdout(output.try_clone()?)
        .stderr(output.try_clone()?);
    let start = Instant::now();
    let mut process = Process::start(&mut command)?;
    let waited = process.time(TEST_LIMIT);
    // A test that failed may have left servers running.
    process.end_group();
    let name = test.name();
    let (succeeded, remark) = match waited {
        Ok((status, _)) => (status.success(), String::new()),
        Err(error) if error.is::<Interrupted>() => return Err(error),
        Err(error) => (false, format!("{error}\n")),
    };
    let time = start.elapsed();
    let printed = read(&mut output)?;
    let tally = Tally::of_cargo(&printed).checked(succeeded);
    let seconds = time.as_secs_f64();
    match tally.failed {
        0 => println!("ok      {seconds:8.3} s  {name}"),
        _ => println!("FAILED  {seconds:8.3} s  {name}\n{printed}{remark}"),
    }
    Ok(NativeResult { name, tally, time })
}

fn read(output: &mut File) -> Result<String> {
    let mut bytes = Vec::new();
    output.rewind()?;
    output.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn command(program: &TestProgram) -> Command {
    let mut command = Command::new(&program.executable);
    workspace::forget_our_package(&mut command);
    command
        .current_dir(&program.folder)
        .env("CARGO_MANIFEST_DIR", &program.folder);
    command
}

impl From<Vec<NativeResult>> for Outcome {
    fn from(results: Vec<NativeResult>) -> Self {
        let mut outcome = Self::default();
        for NativeResult { name, tally, time } in results {
            outcome.tally += tally;
            outcome.times.push(TestTime { name, time });
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn harness() -> Vec<NativeTest> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let program = TestProgram {
            name: "a::it".to_owned(),
            executable: folder.join("harness.sh"),
            folder,
            is_integration: true,
        };
        list(&[program]).unwrap()
    }

    #[test]
    fn a_program_lists_its_tests_and_no_benchmarks() {
        let names: Vec<String> = harness().iter().map(NativeTest::name).collect();
        let expected = ["passes", "fails", "crashes", "is_ignored"];
        assert_eq!(names, expected.map(|path| format!("a::it {path}")));
    }

    #[test]
    fn a_test_that_fails_crashes_or_is_ignored_has_failed() {
        let mut results = run(&harness(), &[("MARK", "mark".into())]).unwrap();
        results.sort_by(|one, other| one.name.cmp(&other.name));
        let results = results.iter().map(|result| {
            let NativeResult { name, tally, .. } = result;
            (name.as_str(), tally.passed, tally.failed)
        });
        let expected = [
            ("a::it crashes", 0, 1),
            ("a::it fails", 0, 1),
            ("a::it is_ignored", 0, 1),
            ("a::it passes", 1, 0),
        ];
        assert_eq!(results.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_test_runs_in_its_package_with_the_environment_it_is_given() {
        let harness = harness();
        let failed = |environment: &[(&str, PathBuf)]| {
            let results = run(harness.get(..1).unwrap(), environment).unwrap();
            results
                .iter()
                .map(|result| result.tally.failed)
                .sum::<u32>()
        };
        assert_eq!(failed(&[("MARK", "mark".into())]), 0);
        assert_eq!(failed(&[("MARK", "other".into())]), 1);
    }
}
