//! The programs that Cargo builds for the native tests.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process;
use crate::workspace::Workspace;

/// The programs of one build.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TestPrograms {
    pub(crate) tests: Vec<TestProgram>,
    /// The bridge that was built with them, and embeds the client of `dist/`.
    pub(crate) bridge: Option<PathBuf>,
}

/// A program that contains tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TestProgram {
    /// The package and the target, such as `restante-bridge::it`.
    pub(crate) name: String,
    pub(crate) executable: PathBuf,
    /// The folder of the package, in which the tests run.
    pub(crate) folder: PathBuf,
    /// True for the tests in a package's `tests` folder.
    pub(crate) is_integration: bool,
}

/// Builds all native tests.
pub(crate) fn build(workspace: &Workspace, limit: Duration) -> Result<TestPrograms> {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--workspace", "--locked", "--no-run"]);
    cargo.arg("--message-format=json-render-diagnostics");
    let (status, messages) = process::read(&mut cargo, limit)?;
    if !status.success() {
        bail!("the tests cannot be built");
    }
    parse(&messages)
}

/// Reads the messages of a build, one line of JSON each.
fn parse(messages: &str) -> Result<TestPrograms> {
    let mut programs = TestPrograms::default();
    for line in messages.lines() {
        let message: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
        if text(&message, "/reason") != Some("compiler-artifact") {
            continue;
        }
        let Some(executable) = text(&message, "/executable").map(PathBuf::from) else {
            continue;
        };
        let target = text(&message, "/target/name").unwrap_or_default();
        let kind = text(&message, "/target/kind/0").unwrap_or_default();
        let is_test = message.pointer("/profile/test").and_then(Value::as_bool) == Some(true);
        if is_test {
            let folder = text(&message, "/manifest_path").and_then(|path| Path::new(path).parent());
            let folder = folder.with_context(|| format!("{target} belongs to no package"))?;
            let package = package_name(&message).unwrap_or(target);
            let name = match kind {
                "test" | "bin" => format!("{package}::{target}"),
                _ => package.to_owned(),
            };
            programs.tests.push(TestProgram {
                name,
                executable,
                folder: folder.to_owned(),
                is_integration: kind == "test",
            });
        } else if kind == "bin" && target == "restante-bridge" {
            programs.bridge = Some(executable);
        }
    }
    Ok(programs)
}

fn text<'a>(message: &'a Value, pointer: &str) -> Option<&'a str> {
    message.pointer(pointer).and_then(Value::as_str)
}

/// Returns the name in a package id, such as `path+file:///a/bridge#restante-bridge@0.1.0`. The name is
/// left out if it is that of the folder, such as `path+file:///a/xtask#0.1.0`.
fn package_name(message: &Value) -> Option<&str> {
    let (address, fragment) = text(message, "/package_id")?.split_once('#')?;
    match fragment.split_once('@') {
        Some((name, _)) => Some(name),
        None => address.rsplit('/').next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages of a build, shortened.
    const MESSAGES: &str = r#"
{"reason":"compiler-artifact","package_id":"registry+https://example.org/index#bytes@1.11.0","manifest_path":"/r/bytes/Cargo.toml","target":{"kind":["lib"],"name":"bytes"},"profile":{"test":false},"executable":null}
{"reason":"build-script-executed","package_id":"path+file:///a/bridge#restante-bridge@0.1.0"}
{"reason":"compiler-artifact","package_id":"path+file:///a/bridge#restante-bridge@0.1.0","manifest_path":"/a/bridge/Cargo.toml","target":{"kind":["bin"],"name":"restante-bridge"},"profile":{"test":false},"executable":"/t/debug/restante-bridge"}
{"reason":"compiler-artifact","package_id":"path+file:///a/bridge#restante-bridge@0.1.0","manifest_path":"/a/bridge/Cargo.toml","target":{"kind":["test"],"name":"it"},"profile":{"test":true},"executable":"/t/debug/deps/it-1"}
{"reason":"compiler-artifact","package_id":"path+file:///a/xtask#0.1.0","manifest_path":"/a/xtask/Cargo.toml","target":{"kind":["lib"],"name":"xtask"},"profile":{"test":true},"executable":"/t/debug/deps/xtask-2"}
{"reason":"build-finished","success":true}
"#;

    #[test]
    fn the_programs_of_a_build_are_read_from_its_messages() {
        let programs = parse(MESSAGES.trim()).unwrap();
        assert_eq!(
            programs,
            TestPrograms {
                tests: vec![
                    TestProgram {
                        name: "restante-bridge::it".to_owned(),
                        executable: "/t/debug/deps/it-1".into(),
                        folder: "/a/bridge".into(),
                        is_integration: true,
                    },
                    TestProgram {
                        name: "xtask".to_owned(),
                        executable: "/t/debug/deps/xtask-2".into(),
                        folder: "/a/xtask".into(),
                        is_integration: false,
                    },
                ],
                bridge: Some("/t/debug/restante-bridge".into()),
            }
        );
    }

    #[test]
    fn a_message_that_is_no_json_is_an_error() {
        parse("running 3 tests").unwrap_err();
    }
}
