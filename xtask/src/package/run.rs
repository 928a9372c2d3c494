//! The options, and the order of the builds.

use std::fs;

use anyhow::{Context, Result};
use clap::Args;

use super::{deb, fixed, manifests};
use crate::client;
use crate::workspace::Workspace;

/// The options of `cargo xtask package`.
#[derive(Args)]
pub(crate) struct PackageOptions {
    /// Installs, upgrades and purges the package in a copy of this system, and tries the rest.
    #[arg(long)]
    test: bool,
    /// Builds the static binary only.
    #[arg(long = "static", conflicts_with = "test")]
    fixed: bool,
}

/// Builds the packages, and tests them if asked to.
pub(crate) fn run(workspace: &Workspace, options: &PackageOptions) -> Result<()> {
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
