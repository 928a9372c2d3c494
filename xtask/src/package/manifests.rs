//! Validates the manifests with Kubernetes' own schemas, which refuse unknown fields.

use std::process::Command;

use anyhow::Result;

use crate::packages;
use crate::process;
use crate::workspace::Workspace;

/// The PyPI package of the schemas, and the version of Kubernetes that they describe.
const VALIDATOR: &str = "kubernetes-validate==1.37.0";

/// Validates `packaging/kubernetes`.
///
/// # Errors
/// Fails if Kubernetes would refuse or ignore anything in them.
pub(super) fn test(workspace: &Workspace) -> Result<()> {
    println!("Kubernetes manifests");
    packages::ensure(packages::FOR_PYTHON)?;
    let folder = workspace.tools.join(VALIDATOR.replace("==", "-"));
    let program = folder.join("bin/kubernetes-validate");
    if !program.exists() {
        process::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        let mut pip = Command::new(folder.join("bin/pip"));
        process::run(pip.args(["install", "--quiet", VALIDATOR]))?;
    }
    let manifests = workspace.root.join("packaging/kubernetes/restante.yaml");
    process::run(Command::new(program).arg("--strict").arg(manifests))
}
