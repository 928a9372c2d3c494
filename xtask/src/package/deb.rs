//! The Debian package: built by cargo-deb, looked at by lintian, and installed, upgraded, removed
//! and purged in a copy of this system that is thrown away.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::bridge::{self, Profile};
use crate::packages;
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// A version lower than every other, to upgrade from.
const OLDER: &str = "0.0.1-1";

/// The highest permitted exposure of the unit by `systemd-analyze security`, of 100. Most of it is
/// network access, which a relay needs.
const EXPOSURE: u32 = 15;

/// Builds the package into `folder` and returns its path.
pub(super) fn build(workspace: &Workspace, folder: &Path) -> Result<PathBuf> {
    packages::ensure(packages::FOR_PACKAGING)?;
    tools::ensure_cargo_deb(workspace)?;
    let program = bridge::build(workspace, Profile::Packaged)?;
    let manual = program.with_file_name("manual");
    fs::create_dir_all(&manual).with_context(|| manual.display().to_string())?;
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--quiet", "--locked", "--package", "restante-bridge"]);
    cargo.args(["--no-default-features", "--example", "manual"]);
    process::run(cargo.arg(&manual))?;
    compress_pages(&manual)?;
    pack(workspace, folder, None)
}

/// Checks the package with lintian and installs it in a trial.
///
/// # Errors
/// Fails on an error of lintian, on a unit that is less confined than before, and on the failures of
/// the trial, which is in `packaging/deb/trial`.
pub(super) fn test(workspace: &Workspace, package: &Path) -> Result<()> {
    println!("lintian");
    process::run(
        Command::new("lintian")
            .args(["--fail-on", "error"])
            .arg(package),
    )?;
    println!("systemd-analyze security");
    let unit = workspace
        .root
        .join("packaging/systemd/restante-bridge.service");
    let threshold = format!("--threshold={EXPOSURE}");
    process::run(
        Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--no-pager", &threshold])
            .arg(unit),
    )?;
    println!("installing, upgrading and purging in a copy of this system");
    let folder = workspace.scratch().join("older");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let older = pack(workspace, &folder, Some(OLDER))?;
    let script = workspace.root.join("packaging/deb/trial");
    let mut trial =
        packages::as_root("unshare").context("mounting a copy of this system needs root")?;
    trial.args(["--mount", "sh"]).arg(script);
    process::run(trial.arg(older).arg(package))
}

/// Compresses the manual pages, as Debian's policy requires.
fn compress_pages(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let page = entry?.path();
        if page.extension().is_some_and(|extension| extension == "1") {
            let place = fs::File::create(page.with_extension("1.gz"))?;
            let mut gzip = GzEncoder::new(place, Compression::best());
            gzip.write_all(&fs::read(&page)?)?;
            gzip.finish()?;
        }
    }
    Ok(())
}

fn pack(workspace: &Workspace, folder: &Path, version: Option<&str>) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.env("PATH", tools::path(workspace)?);
    cargo.args(["deb", "--package", "restante-bridge", "--no-build"]);
    if let Some(version) = version {
        cargo.args(["--deb-version", version]);
    }
    if let (Ok(name), Ok(address)) = (env::var("DEBFULLNAME"), env::var("DEBEMAIL")) {
        cargo.arg("--maintainer").arg(format!("{name} <{address}>"));
    }
    for old in packages_in(folder)? {
        fs::remove_file(&old).with_context(|| old.display().to_string())?;
    }
    process::run(cargo.arg("--output").arg(folder))?;
    packages_in(folder)?
        .pop()
        .context("cargo-deb left no package")
}

fn packages_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut packages = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            packages.push(path);
        }
    }
    Ok(packages)
}
