//! Python 2.7, which the suite needs, and the suite itself.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use xtask::process;
use xtask::workspace::Workspace;

const NAME: &str = "autobahntestsuite";
const VERSION: &str = "25.10.1";

/// The installed suite, and the Python that runs it.
pub(super) struct Suite {
    python: PathBuf,
    folder: PathBuf,
}

impl Suite {
    /// Installs the suite from PyPI, once, into a folder of its own. Returns `None` without Python 2.7.
    ///
    /// # Errors
    /// Fails if pip cannot install the suite.
    pub(super) fn install(workspace: &Workspace) -> Result<Option<Self>> {
        let Some(python) = candidates().into_iter().find(|python| works(python)) else {
            return Ok(None);
        };
        let folder = workspace.tools.join(format!("{NAME}-{VERSION}"));
        let suite = Self { python, folder };
        let stamp = suite.folder.join(".complete");
        if stamp.exists() {
            return Ok(Some(suite));
        }
        println!("installing {NAME} {VERSION}");
        let mut pip = suite.command();
        pip.args(["-m", "pip", "install", "--quiet", "--upgrade"])
            .arg("--target")
            .arg(&suite.folder)
            .arg(format!("{NAME}=={VERSION}"))
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        process::run(&mut pip)?;
        fs::write(&stamp, "").with_context(|| stamp.display().to_string())?;
        Ok(Some(suite))
    }

    /// Builds a command that runs Python. It needs [`folder`](Self::folder) to find the suite.
    pub(super) fn command(&self) -> Command {
        Command::new(&self.python)
    }

    /// Returns the folder of the suite.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Lists possible places of Python 2.7: in the `PATH`, and pyenv's.
fn candidates() -> Vec<PathBuf> {
    let pyenv = env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".pyenv")));
    let versions = pyenv.and_then(|pyenv| fs::read_dir(pyenv.join("versions")).ok());
    let kept = versions.into_iter().flatten().flatten();
    let kept = kept.filter(|version| version.file_name().to_string_lossy().starts_with("2.7"));
    let mut candidates = vec![PathBuf::from("python2.7")];
    candidates.extend(kept.map(|version| version.path().join("bin/python2.7")));
    candidates
}

/// Returns true if this Python runs and has pip. A shim of pyenv exists even without its Python.
fn works(python: &Path) -> bool {
    Command::new(python)
        .args(["-c", "import pip"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
