//! The browser of the browser tests, and the packages that drive it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::packages;
use crate::process;
use crate::workspace::Workspace;

/// Returns the browser to drive, or `None` if Playwright has installed one of its own.
pub fn chromium(workspace: &Workspace) -> Result<Option<PathBuf>> {
    let find = || {
        ["chromium", "google-chrome"]
            .into_iter()
            .find_map(packages::find)
    };
    if let Some(program) = find() {
        return Ok(Some(program));
    }
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    if system.lines().any(|line| line == "ID=debian") {
        packages::ensure(&[packages::BROWSER])?;
        return Ok(find());
    }
    // Ubuntu has Chromium as a snap only, which cannot use a profile under /tmp.
    println!("installing Chromium by Playwright (the browser of the browser tests)");
    let mut npx = Command::new("npx");
    npx.current_dir(workspace.browser_tests());
    process::run(npx.args(["playwright-core", "install", "--with-deps", "chromium"]))?;
    Ok(None)
}

/// Installs the packages of the browser tests if their lock file has changed.
pub fn install_packages(workspace: &Workspace) -> Result<()> {
    let folder = workspace.browser_tests();
    let lock = fs::read_to_string(folder.join("package-lock.json")).context("package-lock.json")?;
    let stamp = folder.join("node_modules").join(".restante-lock");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == lock) {
        return Ok(());
    }
    println!("installing the packages of the browser tests");
    let mut npm = Command::new("npm");
    npm.current_dir(&folder)
        .args(["ci", "--no-audit", "--no-fund"]);
    // The tests use the system's browser.
    process::run(npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
    fs::write(&stamp, lock).with_context(|| stamp.display().to_string())
}
