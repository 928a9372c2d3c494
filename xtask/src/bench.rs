//! `cargo xtask bench`, `soak` and `autobahn`: the crate `bench`, which no other command builds.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;

/// Replaces this process with the program of that crate.
///
/// # Errors
/// Fails if Cargo cannot be started; otherwise this does not return.
pub(crate) fn run(
    workspace: &Workspace,
    command: Option<&str>,
    arguments: &[OsString],
) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--quiet", "--locked", "--package", "restante-bench"]);
    cargo.args(["--bin", "restante-bench", "--"]);
    let error = cargo.args(command).args(arguments).exec();
    Err(error).context("cargo run")
}
