//! Build tools from crates.io and rustup, in the exact versions that this project needs.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::packages;
use crate::process;
use crate::workspace::Workspace;

/// The compilation target of the client.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The version of Trunk that `Trunk.toml` and `index.html` are written for.
const TRUNK_VERSION: &str = "0.21.14";

/// A program from crates.io.
struct Tool {
    program: &'static str,
    crate_name: &'static str,
    version: String,
    /// True if the tool builds with its own lock file.
    locked: bool,
    reason: &'static str,
}

/// Installs the tools for building the client.
pub(crate) fn ensure_for_client(workspace: &Workspace) -> Result<()> {
    ensure_wasm_target()?;
    ensure(
        workspace,
        &Tool {
            program: "trunk",
            crate_name: "trunk",
            version: TRUNK_VERSION.to_owned(),
            locked: true,
            reason: "builds the client",
        },
    )?;
    ensure(
        workspace,
        &Tool {
            program: "wasm-bindgen",
            crate_name: "wasm-bindgen-cli",
            version: workspace.locked_version("wasm-bindgen")?,
            locked: false,
            reason: "Trunk needs the exact version of Cargo.lock",
        },
    )
}

/// Installs cargo-deny, unless some version of it is installed.
pub(crate) fn ensure_cargo_deny(workspace: &Workspace) -> Result<()> {
    if packages::find("cargo-deny").is_some() {
        return Ok(());
    }
    ensure(
        workspace,
        &Tool {
            program: "cargo-deny",
            crate_name: "cargo-deny",
            version: "0.20.2".to_owned(),
            locked: true,
            reason: "checks licences, sources and known vulnerabilities",
        },
    )
}

/// Installs cargo-fuzz.
pub(crate) fn ensure_cargo_fuzz(workspace: &Workspace) -> Result<()> {
    ensure(
        workspace,
        &Tool {
            program: "cargo-fuzz",
            crate_name: "cargo-fuzz",
            version: "0.13.2".to_owned(),
            locked: true,
            reason: "builds and runs the fuzz targets",
        },
    )
}

/// Installs cargo-deb.
pub(crate) fn ensure_cargo_deb(workspace: &Workspace) -> Result<()> {
    ensure(
        workspace,
        &Tool {
            program: "cargo-deb",
            crate_name: "cargo-deb",
            version: "3.8.0".to_owned(),
            locked: true,
            reason: "builds the Debian package",
        },
    )
}

/// Returns `PATH` with the installed tools first.
pub(crate) fn path(workspace: &Workspace) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [workspace.tools.join("bin")]
        .into_iter()
        .chain(env::split_paths(&path));
    env::join_paths(folders).context("PATH")
}

/// Installs the compilation target of the client, which its lints need too.
pub(crate) fn ensure_wasm_target() -> Result<()> {
    ensure_target(WASM, "the client is compiled to it")
}

/// Installs a target of the compiler.
pub(crate) fn ensure_target(target: &str, reason: &str) -> Result<()> {
    if packages::find("rustup").is_none() {
        let sysroot = Command::new("rustc")
            .args(["--print", "sysroot"])
            .output()
            .context("rustc")?;
        let sysroot = String::from_utf8_lossy(&sysroot.stdout).trim().to_owned();
        let library = Path::new(&sysroot).join("lib/rustlib").join(target);
        if !library.is_dir() {
            bail!("this Rust has no {target} target and there is no rustup: see https://rustup.rs");
        }
        return Ok(());
    }
    let installed = Command::new("rustup")
        .args(["target", "list", "--installed"])
        .output()
        .context("rustup")?;
    if String::from_utf8_lossy(&installed.stdout)
        .lines()
        .any(|line| line == target)
    {
        return Ok(());
    }
    println!("installing the {target} target by rustup ({reason})");
    process::run(Command::new("rustup").args(["target", "add", target]))
}

fn ensure(workspace: &Workspace, tool: &Tool) -> Result<()> {
    let cached = workspace.tools.join("bin").join(tool.program);
    let there = packages::find(tool.program)
        .into_iter()
        .chain([cached])
        .any(|program| version_of(&program).as_deref() == Some(&tool.version));
    if there {
        return Ok(());
    }
    println!(
        "installing {} {} into {} ({}); this takes a few minutes, once",
        tool.crate_name,
        tool.version,
        workspace.tools.display(),
        tool.reason
    );
    let start = Instant::now();
    let mut command = workspace.cargo();
    // An unoptimised build takes a fraction of the time, and is fast enough for these tools.
    command.args(["install", "--debug", "--force", "--root"]);
    command.arg(&workspace.tools);
    command.args(["--version", &tool.version, tool.crate_name]);
    if tool.locked {
        command.arg("--locked");
    }
    process::run(&mut command)?;
    println!(
        "installed {} in {} s",
        tool.crate_name,
        start.elapsed().as_secs()
    );
    Ok(())
}

/// Returns the second word of the output of `program --version`, if there is such a program.
fn version_of(program: &Path) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Some(text.split_whitespace().nth(1)?.to_owned())
}
