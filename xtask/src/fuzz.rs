//! `cargo xtask fuzz`: fuzzes the code that reads data of peers, a minute for each target.
//!
//! The targets are in `fuzz/targets`, and their seeds in `fuzz/seeds`. A failing input is saved in
//! `fuzz/artifacts`; to run it again, pass its path to `cargo fuzz run TARGET`.

use std::ffi::OsStr;
use std::fs;

use anyhow::{Context, Result};

use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// Runs all targets, or one, and stops at the first failure.
pub(crate) fn run(workspace: &Workspace, only: Option<&str>, seconds: u32) -> Result<()> {
    tools::ensure_cargo_fuzz(workspace)?;
    let folder = workspace.root.join("fuzz");
    for target in targets(workspace)? {
        if only.is_some_and(|only| only != target) {
            continue;
        }
        println!("\n== {target}, {seconds} s");
        let corpus = folder.join("corpus").join(&target);
        fs::create_dir_all(&corpus).with_context(|| corpus.display().to_string())?;
        let mut command = workspace.cargo();
        command
            .env("PATH", tools::path(workspace)?)
            .args(["fuzz", "run", "--fuzz-dir"])
            .arg(&folder)
            // The code is safe Rust, in which a sanitizer finds nothing. Without one, the stable
            // toolchain is enough, and tries several times as many inputs.
            .args(["--sanitizer", "none", "--target-dir"])
            .arg(workspace.target.join("fuzz"))
            .arg(&target)
            .arg(corpus)
            .arg(folder.join("seeds").join(&target))
            .args(["--", "-max_len=4096", "-print_final_stats=1"])
            .arg(format!("-max_total_time={seconds}"));
        process::run(&mut command)?;
    }
    Ok(())
}

/// Lists the targets, which are named after their files.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.root.join("fuzz/targets");
    let mut targets = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        targets.extend(path.file_stem().and_then(OsStr::to_str).map(str::to_owned));
    }
    targets.sort();
    Ok(targets)
}
