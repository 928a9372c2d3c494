//! The release build of the client, into `dist/`, only when its inputs have changed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::fingerprint;
use crate::packages;
use crate::process;
use crate::tools;
use crate::workspace::{self, Workspace};

/// All inputs of the client's build, and a few files that do not matter to it.
const INPUTS: &[&str] = &[
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "client/Cargo.toml",
    "client/icons",
    "client/socket",
    "client/src",
    "client/styles",
    "client/sw",
    "index.html",
    "rust-toolchain.toml",
    "shared/Cargo.toml",
    "shared/src",
    "xtask/src/service_worker.rs",
];

/// Builds the client in release into `dist/`. Files there are written only if their content changes,
/// so that the bridge, which embeds them, is not rebuilt without need.
pub fn build(workspace: &Workspace) -> Result<()> {
    let stamp = workspace.scratch().join("client.stamp");
    let inputs: Vec<_> = INPUTS
        .iter()
        .map(|path| workspace.root.join(path))
        .collect();
    let inputs = fingerprint::of_all(inputs.iter().map(PathBuf::as_path))?;
    let current = || -> Result<String> {
        let dist = fingerprint::of_all([workspace.dist().as_path()])?;
        Ok(format!("{inputs}\n{dist}\n"))
    };
    if fs::read_to_string(&stamp).is_ok_and(|text| current().is_ok_and(|now| now == text)) {
        println!("the client is up to date");
        return Ok(());
    }

    packages::ensure(packages::FOR_BUILDING)?;
    tools::ensure_for_client(workspace)?;
    println!("building the client in release");
    let fresh = workspace.scratch().join("dist");
    // An interrupted build leaves files there that belong to no build.
    if fresh.exists() {
        fs::remove_dir_all(&fresh).with_context(|| fresh.display().to_string())?;
    }
    let mut trunk = trunk(workspace)?;
    trunk.args([
        "build",
        "--release",
        "--cargo-profile",
        "client",
        "--locked",
    ]);
    process::run(trunk.arg("--dist").arg(&fresh))?;
    check_linked(&fresh)?;
    mirror(&fresh, &workspace.dist())?;
    fs::write(&stamp, current()?).with_context(|| stamp.display().to_string())
}

/// Refuses programs that import a missing C function. The WebAssembly linker turns it into an import
/// of the module `env`, which no browser provides, so that the program would not start.
fn check_linked(built: &Path) -> Result<()> {
    for (name, file) in fingerprint::files_below(built)? {
        let is_script = file.extension().is_some_and(|extension| extension == "js");
        if is_script && fs::read_to_string(&file)?.contains("\"env\":") {
            bail!(
                "{name} imports a C function that does not exist: see the flags in .cargo/config.toml"
            );
        }
    }
    Ok(())
}

/// Builds a command that runs Trunk, with the tools that it calls in its `PATH`.
pub fn trunk(workspace: &Workspace) -> Result<std::process::Command> {
    // The `PATH` that is set for a command does not apply to the search for the command itself.
    let cached = workspace.tools.join("bin").join("trunk");
    let program = if cached.is_file() {
        cached
    } else {
        packages::find("trunk").context("trunk is not installed")?
    };
    let mut command = std::process::Command::new(program);
    command
        .current_dir(&workspace.root)
        .env("PATH", tools::path(workspace)?)
        .env("TRUNK_SKIP_VERSION_CHECK", "true")
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            without_paths(workspace),
        )
        // Trunk rejects any value but "true" and "false", but people set "1".
        .env_remove("NO_COLOR");
    workspace::forget_our_package(&mut command);
    Ok(command)
}

/// Returns flags that keep this machine's folders out of panic messages, which everyone who downloads
/// the client could read. Cargo adds the flags of `.cargo/config.toml`.
fn without_paths(workspace: &Workspace) -> String {
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    let registry = cargo_home
        .or(home)
        .map(|home| home.join("registry").join("src"));
    let folders = [registry.as_deref(), Some(workspace.root.as_path())];
    let mut flags = String::new();
    for folder in folders.into_iter().flatten() {
        let folder = folder.to_string_lossy();
        // Cargo splits the flags at blanks.
        if !folder.contains(' ') {
            flags.push_str(&format!("--remap-path-prefix={folder}= "));
        }
    }
    flags
}

/// Makes `to` hold the same files as `from`, writing only what differs.
fn mirror(from: &Path, to: &Path) -> Result<()> {
    let fresh = fingerprint::files_below(from)?;
    if !fresh.contains_key("index.html") {
        bail!("Trunk left no index.html in {}", from.display());
    }
    fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for (name, old) in fingerprint::files_below(to)? {
        if !fresh.contains_key(&name) {
            fs::remove_file(&old).with_context(|| old.display().to_string())?;
        }
    }
    for (name, file) in fresh {
        let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
        let place = to.join(name);
        if fs::read(&place).is_ok_and(|old| old == bytes) {
            continue;
        }
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        fs::write(&place, bytes).with_context(|| place.display().to_string())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirroring_writes_what_differs_and_leaves_the_rest_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("icons")).unwrap();
        fs::create_dir(&to).unwrap();
        for (name, text) in [("index.html", "same"), ("icons/a.svg", "new")] {
            fs::write(from.join(name), text).unwrap();
        }
        fs::write(to.join("index.html"), "same").unwrap();
        fs::write(to.join("old.js"), "gone").unwrap();
        let modified = || {
            to.join("index.html")
                .metadata()
                .unwrap()
                .modified()
                .unwrap()
        };
        let before = modified();
        mirror(&from, &to).unwrap();
        assert_eq!(modified(), before);
        let names: Vec<_> = fingerprint::files_below(&to).unwrap().into_keys().collect();
        assert_eq!(names, ["icons/a.svg", "index.html"]);
    }

    #[test]
    fn a_program_that_lacks_a_function_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("engine.js");
        fs::write(&script, "return {\"./engine_bg.js\":a}").unwrap();
        check_linked(folder.path()).unwrap();
        fs::write(&script, "return {\"./engine_bg.js\":a,\"env\":c}").unwrap();
        check_linked(folder.path()).unwrap_err();
    }

    #[test]
    fn an_empty_build_does_not_wipe_the_last_one() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir(&from).unwrap();
        fs::create_dir(&to).unwrap();
        fs::write(to.join("index.html"), "old").unwrap();
        assert!(mirror(&from, &to).is_err());
        assert!(to.join("index.html").exists());
    }
}
