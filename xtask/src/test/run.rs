//! The parts of a run, and its options.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::binaries::{self, TestPrograms};
use super::native::{self, NativeTest};
use super::outcome::Outcome;
use super::{browser, repeat};
use crate::check;
use crate::client;
use crate::matrix::Matrix;
use crate::packages;
use crate::process::{self, Interrupted};
use crate::tally::Tally;
use crate::tools;
use crate::workspace::Workspace;

/// The longest time that one runner may take, including compilation.
const LIMIT: Duration = Duration::from_secs(40 * 60);

/// The options of `cargo xtask test`.
#[derive(Args)]
pub(crate) struct TestOptions {
    /// Runs only the native tests whose names contain one of these texts.
    filters: Vec<String>,
    /// The number of times that these tests run.
    #[arg(long, default_value_t = 1, requires = "filters")]
    repeat: u32,
    /// The number of programs that keep processors busy meanwhile.
    #[arg(long, default_value_t = 0, requires = "filters")]
    busy: u32,
}

/// Installs what is missing and runs all tests, or the native tests that the options name.
pub(crate) fn run(workspace: &Workspace, options: &TestOptions) -> Result<()> {
    if options.filters.is_empty() {
        return run_all(workspace);
    }
    let run = Run::new(workspace);
    run.requirements()?;
    Matrix::clear(workspace)?;
    let is_named = |test: &NativeTest| {
        let name = test.name();
        options.filters.iter().any(|filter| name.contains(filter))
    };
    let mut tests = native::list(&run.programs()?.tests)?;
    tests.retain(is_named);
    repeat::run(&tests, &run.environment()?, options.repeat, options.busy)
}

/// Runs every part, even if others have failed.
fn run_all(workspace: &Workspace) -> Result<()> {
    let matrix = Matrix::clear(workspace)?;
    let run = Run::new(workspace);
    let mut total = Outcome::default();
    for (name, part) in PARTS {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = match part(&run) {
            Ok(outcome) => outcome,
            Err(error) if error.is::<Interrupted>() => return Err(error),
            Err(error) => {
                eprintln!("error: {error:#}");
                Tally::of_step(false).into()
            }
        };
        println!(
            "== {name}: {} passed, {} failed, {} s",
            outcome.tally.passed,
            outcome.tally.failed,
            start.elapsed().as_secs()
        );
        total += outcome;
    }
    match matrix.read() {
        Ok(table) => println!("\n{table}"),
        Err(error) => {
            eprintln!("error: {error:#}");
            total += Tally::of_step(false).into();
        }
    }
    println!("\n{}", total.slowest());
    println!(
        "\n{} passed, {} failed",
        total.tally.passed, total.tally.failed
    );
    if total.tally.failed > 0 {
        // The tally above is the last line that users should have to read.
        std::process::exit(1);
    }
    Ok(())
}

type Part = (&'static str, fn(&Run<'_>) -> Result<Outcome>);

/// The client comes before the tests, because the bridge embeds it: another order builds the bridge
/// and its tests twice.
const PARTS: [Part; 6] = [
    ("what is needed", |run| run.requirements()),
    ("formatting and lints", |run| run.lints()),
    ("the client in release, within its budgets", |run| {
        run.client()
    }),
    ("native tests", |run| run.native()),
    ("examples in the documentation", |run| run.documentation()),
    ("browser tests", |run| run.browser()),
];

/// A run of the tests.
struct Run<'a> {
    workspace: &'a Workspace,
    programs: OnceCell<TestPrograms>,
}

impl<'a> Run<'a> {
    fn new(workspace: &'a Workspace) -> Self {
        Self {
            workspace,
            programs: OnceCell::new(),
        }
    }

    fn requirements(&self) -> Result<Outcome> {
        packages::ensure(packages::FOR_BUILDING)?;
        packages::ensure(packages::FOR_TESTING)?;
        tools::ensure_wasm_target()?;
        Ok(Outcome::default())
    }

    fn lints(&self) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        for (name, mut command) in check::lints(self.workspace) {
            println!("{name}");
            let status = process::Process::start(&mut command)?.wait(LIMIT)?;
            outcome += Tally::of_step(status.success()).into();
        }
        Ok(outcome)
    }

    fn client(&self) -> Result<Outcome> {
        crate::sizes::run(self.workspace)?;
        Ok(Tally::of_step(true).into())
    }

    fn native(&self) -> Result<Outcome> {
        let tests = native::list(&self.programs()?.tests)?;
        if tests.is_empty() {
            bail!("there are no native tests");
        }
        Ok(native::run(&tests, &self.environment()?)?.into())
    }

    fn documentation(&self) -> Result<Outcome> {
        let mut command = self.workspace.cargo();
        command.args(["test", "--workspace", "--locked", "--no-fail-fast", "--doc"]);
        let (status, output) = process::run_and_read(&mut command, LIMIT)?;
        Ok(Tally::of_cargo(&output).checked(status.success()).into())
    }

    fn browser(&self) -> Result<Outcome> {
        client::build(self.workspace)?;
        browser::run(self.workspace, &self.bridge()?, LIMIT)
    }

    /// Builds the programs of the tests, unless this run has done so.
    fn programs(&self) -> Result<&TestPrograms> {
        if let Some(programs) = self.programs.get() {
            return Ok(programs);
        }
        println!("building the tests");
        let programs = binaries::build(self.workspace, LIMIT)?;
        Ok(self.programs.get_or_init(|| programs))
    }

    fn bridge(&self) -> Result<PathBuf> {
        let bridge = self.programs()?.bridge.clone();
        bridge.context("the build of the tests has no bridge")
    }

    fn environment(&self) -> Result<Vec<(&'static str, PathBuf)>> {
        Ok(vec![
            ("RESTANTE_MATRIX", Matrix::folder(self.workspace)),
            ("RESTANTE_BRIDGE", self.bridge()?),
        ])
    }
}
