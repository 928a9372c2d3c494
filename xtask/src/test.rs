//! `cargo xtask test`: runs all tests, with one line of result at the end.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::bridge::{self, Profile};
use crate::browser;
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

/// Installs what is missing and runs all tests. Every part runs, even if others have failed.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let matrix = Matrix::clear(workspace)?;
    let mut total = Tally::default();
    for (name, part) in PARTS {
        println!("\n== {name}");
        let start = Instant::now();
        let tally = match part(workspace) {
            Ok(tally) => tally,
            Err(error) if error.is::<Interrupted>() => return Err(error),
            Err(error) => {
                eprintln!("error: {error:#}");
                Tally::of_step(false)
            }
        };
        println!(
            "== {name}: {} passed, {} failed, {} s",
            tally.passed,
            tally.failed,
            start.elapsed().as_secs()
        );
        total += tally;
    }
    match matrix.read() {
        Ok(table) => println!("\n{table}"),
        Err(error) => {
            eprintln!("error: {error:#}");
            total += Tally::of_step(false);
        }
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 {
        // The tally above is the last line that users should have to read.
        std::process::exit(1);
    }
    Ok(())
}

type Part = (&'static str, fn(&Workspace) -> Result<Tally>);

const PARTS: [Part; 5] = [
    ("what is needed", requirements),
    ("formatting and lints", lints),
    ("native tests", native),
    ("the client in release, within its budgets", client),
    ("browser tests", browser_tests),
];

fn requirements(_: &Workspace) -> Result<Tally> {
    packages::ensure(packages::FOR_BUILDING)?;
    packages::ensure(packages::FOR_TESTING)?;
    tools::ensure_wasm_target()?;
    Ok(Tally::default())
}

fn lints(workspace: &Workspace) -> Result<Tally> {
    let mut tally = Tally::default();
    for (name, mut command) in check::lints(workspace) {
        println!("{name}");
        let status = process::Process::start(&mut command)?.wait(LIMIT)?;
        tally += Tally::of_step(status.success());
    }
    Ok(tally)
}

fn native(workspace: &Workspace) -> Result<Tally> {
    let mut command = workspace.cargo();
    command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    command.env("RESTANTE_MATRIX", Matrix::folder(workspace));
    let (status, output) = process::run_and_read(&mut command, LIMIT)?;
    Ok(Tally::of_cargo(&output).checked(status.success()))
}

fn client(workspace: &Workspace) -> Result<Tally> {
    crate::sizes::run(workspace)?;
    Ok(Tally::of_step(true))
}

fn browser_tests(workspace: &Workspace) -> Result<Tally> {
    client::build(workspace)?;
    let program = bridge::build(workspace, Profile::Debug)?;
    let folder = workspace.browser_tests();
    browser::install_packages(workspace)?;

    let report = workspace.scratch().join("browser.tap");
    let mut command = Command::new("node");
    command
        .current_dir(&folder)
        .arg("--test")
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .args(["--test-reporter=tap", "--test-reporter-destination"])
        .arg(&report)
        .args(test_files(workspace)?)
        .env("RESTANTE_BRIDGE", program)
        .env("RESTANTE_ARTIFACTS", workspace.root.join("artifacts"));
    if let Some(chromium) = browser::chromium(workspace)? {
        command.env("RESTANTE_CHROMIUM", chromium);
    }
    let (status, _) = process::run_and_read(&mut command, LIMIT)?;
    let report = fs::read_to_string(&report).context("the browser tests left no report")?;
    Ok(Tally::of_tap(&report).checked(status.success()))
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
