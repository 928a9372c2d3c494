//! The installation of the other relays, each in a folder that names its version.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use xtask::packages;
use xtask::process;
use xtask::workspace::Workspace;

/// Installs an optimised program from crates.io, and returns its path. `locked` uses the program's own
/// lock file.
pub(crate) fn from_crates(
    workspace: &Workspace,
    name: &str,
    version: &str,
    locked: bool,
) -> Result<PathBuf> {
    let folder = folder(workspace, name, version);
    let program = folder.join("bin").join(name);
    if program.exists() {
        return Ok(program);
    }
    println!("installing {name} {version}; this takes a few minutes, once");
    let mut cargo = workspace.cargo();
    cargo.args(["install", "--version", version, "--root"]);
    cargo.arg(&folder).arg(name);
    if locked {
        cargo.arg("--locked");
    }
    process::run(&mut cargo)?;
    existing(program)
}

/// Installs a program from PyPI, with a package that makes it faster, and returns its path.
pub(crate) fn from_pypi(
    workspace: &Workspace,
    name: &str,
    version: &str,
    faster_with: &str,
) -> Result<PathBuf> {
    let folder = folder(workspace, name, version);
    let program = folder.join("bin").join(name);
    if program.exists() {
        return Ok(program);
    }
    println!("installing {name} {version}");
    packages::ensure(packages::FOR_PYTHON)?;
    process::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    // The program comes last, so that its presence proves a complete installation.
    for package in [faster_with, &format!("{name}=={version}")] {
        let mut pip = Command::new(folder.join("bin/pip"));
        process::run(pip.args(["install", "--quiet", package]))?;
    }
    existing(program)
}

fn folder(workspace: &Workspace, name: &str, version: &str) -> PathBuf {
    let name = format!("{name}-{version}");
    workspace.tools.join("relays").join(name)
}

fn existing(program: PathBuf) -> Result<PathBuf> {
    match program.exists() {
        true => Ok(program),
        false => bail!("{} was installed, but does not exist", program.display()),
    }
}
