//! `cargo xtask check`: formatting, lints, the rules of the source tree, and the dependencies.

use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::rules;
use crate::tools::{self, WASM};
use crate::workspace::Workspace;

/// Runs every check, and stops at the first failure.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    tools::ensure_wasm_target()?;
    for (name, mut command) in lints(workspace) {
        println!("{name}");
        process::run(&mut command)?;
    }
    println!("rules of the source tree");
    rules::check(&workspace.root)?;
    tools::ensure_cargo_deny(workspace)?;
    println!("licences, sources and versions of the dependencies");
    process::run(deny(workspace)?.args(["bans", "licenses", "sources"]))?;
    println!("known vulnerabilities");
    if advisories_can_be_fetched(workspace)? {
        process::run(deny(workspace)?.arg("advisories"))?;
    } else {
        println!("not checked: cannot fetch the advisory database");
    }
    println!("all checks passed");
    Ok(())
}

/// Returns the checks that need only the toolchain, with the client's compilation target.
pub(crate) fn lints(workspace: &Workspace) -> [(&'static str, Command); 3] {
    let cargo = |arguments: &[&str]| {
        let mut command = workspace.cargo();
        command.args(arguments);
        command
    };
    let deny_warnings = ["--", "-D", "warnings"];
    let mut native = cargo(&["clippy", "--workspace", "--all-targets", "--locked"]);
    let mut wasm = cargo(&[
        "clippy",
        "--package",
        "restante-client",
        "--locked",
        "--target",
        WASM,
    ]);
    native.args(deny_warnings);
    wasm.args(deny_warnings);
    [
        ("formatting", cargo(&["fmt", "--all", "--check"])),
        ("lints, native", native),
        ("lints, browser", wasm),
    ]
}

fn deny(workspace: &Workspace) -> Result<Command> {
    let mut command = workspace.cargo();
    command
        .env("PATH", tools::path(workspace)?)
        .args(["deny", "check"]);
    Ok(command)
}

fn advisories_can_be_fetched(workspace: &Workspace) -> Result<bool> {
    let mut command = workspace.cargo();
    command
        .env("PATH", tools::path(workspace)?)
        .args(["deny", "fetch", "db"]);
    match process::run(&mut command) {
        Ok(()) => Ok(true),
        Err(error) if error.is::<process::Interrupted>() => Err(error),
        Err(_) => Ok(false),
    }
}
