//! The static binary, linked with musl: one file that needs no other, and the image around it.

use std::env::consts::ARCH;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::bridge::StartedServer;
use crate::packages;
use crate::process;
use crate::tools;
use crate::workspace::Workspace;
use restante_ports::loopback;

/// Builds the binary and returns its path in `folder`.
pub(super) fn build(workspace: &Workspace, folder: &Path) -> Result<PathBuf> {
    packages::ensure(packages::FOR_BUILDING)?;
    packages::ensure(packages::FOR_STATIC)?;
    let target = format!("{ARCH}-unknown-linux-musl");
    tools::ensure_target(&target, "the static binary is compiled to it")?;
    println!("building the static bridge");
    let mut cargo = workspace.cargo();
    cargo.args([
        "build",
        "--release",
        "--locked",
        "--package",
        "restante-bridge",
        // The installed bridge has no demo mailbox.
        "--no-default-features",
    ]);
    process::run(cargo.args(["--target", &target]))?;
    let built = workspace
        .target
        .join(target)
        .join("release/restante-bridge");
    let place = folder.join("restante-bridge");
    fs::copy(&built, &place).with_context(|| built.display().to_string())?;
    Ok(place)
}

/// Checks that the binary is static and serves, alone and in the image.
pub(super) fn test(workspace: &Workspace, binary: &Path) -> Result<()> {
    println!("the static binary");
    let output = Command::new("ldd").arg(binary).output().context("ldd")?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    ensure!(
        ["statically linked", "not a dynamic executable"]
            .iter()
            .any(|words| said.contains(words)),
        "the static binary needs libraries: {said}"
    );
    serves(|| Command::new(binary))?;
    image(workspace, binary)
}

/// Builds the last stage of the Dockerfile around `binary`, and runs the bridge in that root.
fn image(workspace: &Workspace, binary: &Path) -> Result<()> {
    packages::ensure(packages::FOR_IMAGES)?;
    println!("the image");
    let store = tempfile::tempdir().context("a folder")?;
    let output = store.path().join("out");
    fs::create_dir(&output)?;
    fs::copy(binary, output.join("restante-bridge"))?;
    let as_root = |program| packages::as_root(program).context("mounting the image needs root");
    let buildah = |arguments: &[&str]| -> Result<Command> {
        let mut command = as_root("buildah")?;
        command.arg("--storage-driver=vfs");
        command.arg("--root").arg(store.path().join("root"));
        command.arg("--runroot").arg(store.path().join("run"));
        command.args(arguments);
        Ok(command)
    };
    let dockerfile = fs::read_to_string(workspace.root.join("packaging/container/Dockerfile"))?;
    let (_, last) = dockerfile
        .split_once("FROM scratch")
        .context("no last stage")?;
    // The first stage starts from an image that not every machine can fetch. The binary that was
    // built here takes the place of its result.
    let last = format!("FROM scratch{}", last.replace("--from=build /out/", ""));
    fs::write(output.join("Dockerfile"), last)?;
    process::run(buildah(&["build", "--quiet", "--tag", "restante-bridge"])?.arg(&output))?;
    let container = read(&mut buildah(&["from", "--quiet", "restante-bridge"])?)?;
    let root = read(&mut buildah(&["mount", &container])?)?;
    let files = read(as_root("ls")?.args(["-A", &root]))?;
    ensure!(files == "restante-bridge", "the image holds {files}");
    let config = |field: &str| {
        let field = format!("{{{{.OCIv1.Config.{field}}}}}");
        read(&mut buildah(&["inspect", "--format", &field, &container])?)
    };
    let user = config("User")?;
    ensure!(user == "65532:65532", "the image runs as {user:?}");
    let entry = config("Entrypoint")?;
    let program = entry.trim_matches(['[', ']']);
    println!("the image holds {files}, and runs {program} as {user}");
    // Entering the image needs root. The bridge runs as the image's user from its first instruction.
    let setpriv = as_root("setpriv")?;
    let served = serves(|| {
        let mut inside = Command::new(setpriv.get_program());
        inside.args(setpriv.get_args());
        inside.args(["--no-new-privs", "chroot", "--groups="]);
        inside.args([&format!("--userspec={user}"), &root, program]);
        inside
    });
    process::run(buildah(&["rm", &container])?.stdout(Stdio::null()))?;
    // Root has written these files, so only root can remove them.
    process::run(
        as_root("rm")?
            .arg("-r")
            .args([store.path().join("root"), store.path().join("run")]),
    )?;
    served
}

fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .context("buildah")?;
    ensure!(
        output.status.success(),
        "`{}` failed",
        process::line(command)
    );
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Starts a bridge and asks it for its page.
fn serves(bridge: impl Fn() -> Command) -> Result<()> {
    let bridge = StartedServer::start(|port| {
        let mut command = bridge();
        command
            .args(["--listen", &loopback(port).to_string()])
            .env("RESTANTE_LOG", "warn")
            .stdout(Stdio::null());
        Ok(command)
    })?;
    let mut stream = TcpStream::connect(loopback(bridge.port))?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let served = answer.starts_with("HTTP/1.1 200") && answer.contains("<title>Restante");
    ensure!(served, "the bridge does not serve its page");
    Ok(())
}
