//! The client itself: natively and in Chromium, and programs with fixed windows beside it.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::mail::LAST_WORD;
use super::scene::{Figures, RetrievalScene};
use crate::PACKAGE;
use xtask::workspace::Workspace;

/// Builds `bench/benches/retrieve` and returns its path.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    println!("building the native client (release)");
    let mut cargo = workspace.cargo();
    cargo
        .args(["bench", "--package", PACKAGE, "--locked"])
        .args(["--bench", "retrieve", "--no-run"])
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit());
    let output = cargo.output().context("cargo bench")?;
    if !output.status.success() {
        bail!("cargo bench failed ({})", output.status);
    }
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| {
            message.pointer("/target/name").and_then(Value::as_str) == Some("retrieve")
        })
        .find_map(|message| Some(message.get("executable")?.as_str()?.into()))
        .context("cargo bench named no program")
}

/// Runs a method of that program.
pub(crate) fn native(
    scene: &RetrievalScene,
    round_trip: Duration,
    method: &str,
) -> Result<Figures> {
    let port = scene.port(round_trip)?;
    scene.with_folder(|folder| {
        let mut command = Command::new(&scene.retrieve);
        command
            .arg(method)
            .arg(format!("ws://127.0.0.1:{}/relay", scene.bridge_port))
            .arg(port.to_string())
            .arg(&scene.certificates.authority)
            .arg(folder)
            .arg(LAST_WORD);
        scene.ask(&mut command)
    })
}

/// Runs the shipped client in a browser with a profile of its own.
pub(crate) fn chromium(scene: &RetrievalScene, round_trip: Duration) -> Result<Figures> {
    let port = scene.port(round_trip)?;
    scene.with_folder(|folder| {
        let mut command = Command::new("node");
        command
            .arg(&scene.script)
            .arg(format!("http://127.0.0.1:{}/", scene.bridge_port))
            .arg(port.to_string())
            .arg(&scene.certificates.authority)
            .arg(scene.plan.messages.to_string())
            // Where the profile is made.
            .env("TMPDIR", folder);
        if let Some(chromium) = &scene.chromium {
            command.env("RESTANTE_CHROMIUM", chromium);
        }
        scene.ask(&mut command)
    })
}
