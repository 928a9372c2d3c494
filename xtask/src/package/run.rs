//! The options and the order of what is built.

use std::fs;

use anyhow::{Context, Result};
use clap::Args;

use super::{deb, fixed, manifests};
use crate::client;
use crate::workspace::Workspace;

/// What to build, and whether to try it.
#[derive(Args)]
pub(crate) struct Options {
    /// Installs, upgrades and purges the package in a copy of this system, and tries the rest.
    #[arg(long)]
    test: bool,
    /// Builds the static binary only.
    #[arg(long = "static", conflicts_with = "test")]
    fixed: bool,
}

/// Builds, and tries what was built when asked to.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let folder = workspace.target.join("package");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    client::build(workspace)?;
    let binary = fixed::build(workspace, &folder)?;
    if options.fixed {
        return Ok(());
    }
    let package = deb::build(workspace, &folder)?;
    if options.test {
        deb::test(workspace, &package)?;
        fixed::test(workspace, &binary)?;
        manifests::test(workspace)?;
    }
    Ok(())
}
