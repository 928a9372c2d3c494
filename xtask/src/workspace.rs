//! The folders of the checkout, of the build and of the tools, and the pinned versions.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The folders that the commands work in.
pub struct Workspace {
    /// The checkout.
    pub root: PathBuf,
    /// Cargo's target folder, which the user's configuration may move.
    pub target: PathBuf,
    /// The folder of the build tools, shared by all checkouts of this user.
    pub tools: PathBuf,
}

impl Workspace {
    /// Finds the checkout that this program was built from.
    pub fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().context("xtask has no parent folder")?;
        let output = Command::new(cargo())
            .args(["metadata", "--no-deps", "--format-version=1"])
            .current_dir(root)
            .output()
            .context("cargo metadata")?;
        if !output.status.success() {
            bail!(
                "cargo metadata: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        let metadata: serde_json::Value =
            serde_json::from_slice(&output.stdout).context("cargo metadata")?;
        let target = metadata
            .get("target_directory")
            .and_then(serde_json::Value::as_str)
            .context("cargo metadata names no target folder")?;
        Ok(Self {
            root: root.to_owned(),
            target: PathBuf::from(target),
            tools: cache_folder()?.join("restante").join("tools"),
        })
    }

    /// Returns the folder of the built client, which the bridge's build embeds.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Returns the folder that the commands keep files in between two calls.
    pub fn scratch(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// Returns the folder of the browser tests.
    pub fn browser_tests(&self) -> PathBuf {
        self.root.join("tests").join("browser")
    }

    /// Builds a cargo command in this checkout.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(cargo());
        command.current_dir(&self.root);
        forget_our_package(&mut command);
        command
    }

    /// Returns the version of a package that `Cargo.lock` pins.
    pub fn locked_version(&self, package: &str) -> Result<String> {
        let lock = fs::read_to_string(self.root.join("Cargo.lock")).context("Cargo.lock")?;
        version_in_lock(&lock, package)
            .with_context(|| format!("Cargo.lock does not mention {package}"))
    }
}

/// Removes the variables from a command's environment that `cargo run` sets for this package. Some
/// build scripts (ring's) run again when these change, so that a `cargo build` by hand and one by this
/// program would each discard the other's work.
pub fn forget_our_package(command: &mut Command) {
    let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(ours) {
            command.env_remove(name);
        }
    }
}

/// Returns the cargo that runs this program, so that one toolchain does everything.
fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

fn cache_folder() -> Result<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty());
    match (set("XDG_CACHE_HOME"), set("HOME")) {
        (Some(cache), _) => Ok(cache.into()),
        (None, Some(home)) => Ok(Path::new(&home).join(".cache")),
        (None, None) => bail!("cannot find a folder for tools: set XDG_CACHE_HOME or HOME"),
    }
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::version_in_lock;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";

    #[test]
    fn the_version_is_that_of_the_package_with_exactly_this_name() {
        assert_eq!(
            version_in_lock(LOCK, "wasm-bindgen").as_deref(),
            Some("0.2.130")
        );
        assert_eq!(version_in_lock(LOCK, "bindgen"), None);
    }
}
