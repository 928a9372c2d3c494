//! Other parsers of mail, each used as its documentation recommends.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use mail_parser::{Address, Message, MessageParser, MimeHeaders as _};
use restante_reading::{ReadFile, Reading, Sample, sha256};
use xtask::packages;
use xtask::process;
use xtask::workspace::Workspace;

/// The packages from npm, in the versions that are compared.
const NPM: [&str; 2] = ["mailparser@3.14.2", "postal-mime@4.0.0"];

/// The time for all messages.
const LIMIT: Duration = Duration::from_secs(120);

/// A parser of mail.
pub(super) struct ParserPeer {
    /// The name in the table.
    pub(super) name: &'static str,
    /// Reads all messages.
    pub(super) read: fn(&Workspace, &[Sample]) -> Result<Vec<Reading>>,
}

/// All peers.
pub(super) const PEERS: [ParserPeer; 4] = [
    ParserPeer {
        name: "mailparser",
        read: |workspace, samples| javascript(workspace, "mailparser", samples),
    },
    ParserPeer {
        name: "postal-mime",
        read: |workspace, samples| javascript(workspace, "postal-mime", samples),
    },
    ParserPeer {
        name: "email (Py)",
        read: python,
    },
    ParserPeer {
        name: "mail-parser",
        read: |_, samples| Ok(samples.iter().map(mail_parser).collect()),
    },
];

/// Installs the packages.
///
/// # Errors
/// If a package manager fails.
pub(super) fn install(workspace: &Workspace) -> Result<()> {
    packages::ensure(packages::FOR_READING)?;
    let folder = folder(workspace);
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let stamp = folder.join("installed");
    let versions = NPM.join(" ");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == versions) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.current_dir(&folder)
        .args([
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--prefix",
        ])
        .arg(&folder)
        .args(NPM);
    process::run(&mut npm)?;
    fs::write(&stamp, versions).with_context(|| stamp.display().to_string())
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("reading")
}

fn javascript(workspace: &Workspace, package: &str, samples: &[Sample]) -> Result<Vec<Reading>> {
    // Node looks for packages beside the program.
    let program = folder(workspace).join("peers.mjs");
    fs::write(&program, include_str!("peers.mjs")).context("peers.mjs")?;
    let mut command = Command::new("node");
    command.arg(program).arg(package);
    run(command, samples)
}

fn python(_: &Workspace, samples: &[Sample]) -> Result<Vec<Reading>> {
    let mut command = Command::new("python3");
    command.args(["-c", include_str!("peers.py")]);
    run(command, samples)
}

/// Runs a program that prints a reading for each file.
fn run(mut command: Command, samples: &[Sample]) -> Result<Vec<Reading>> {
    command.args(samples.iter().map(|sample| &sample.path));
    let (status, output) = process::read(&mut command, LIMIT)?;
    if !status.success() {
        bail!("{}: {status}", process::line(&command));
    }
    let readings: Vec<Reading> = serde_json::from_str(&output).context("readings")?;
    if readings.len() != samples.len() {
        bail!("{} readings of {} messages", readings.len(), samples.len());
    }
    Ok(readings)
}

/// Reads a message with the crate `mail-parser`.
fn mail_parser(sample: &Sample) -> Reading {
    let Some(message) = MessageParser::default().parse(&sample.octets) else {
        return Reading::default();
    };
    let parts = |parts: &[u32]| {
        let texts = parts.iter().filter_map(|part| message.part(*part));
        texts
            .filter_map(|part| part.text_contents())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let attachments = message.attachments().map(|part| ReadFile {
        name: part.attachment_name().unwrap_or_default().to_owned(),
        sha: sha256(part.contents()),
    });
    Reading {
        subject: message.subject().unwrap_or_default().to_owned(),
        from: addresses(message.from()),
        to: addresses(message.to()),
        texts: vec![parts(&message.text_body).replace("\r\n", "\n")],
        html: vec![html(&message)],
        files: attachments.collect(),
        date: message.date().map(mail_parser::DateTime::to_timestamp),
        ..Reading::default()
    }
}

/// Returns the HTML of a message, or its text as HTML.
fn html(message: &Message<'_>) -> String {
    let parts = 0..message.html_body.len();
    let bodies = parts.filter_map(|part| message.body_html(part));
    bodies.collect::<Vec<_>>().join("\n")
}

fn addresses(field: Option<&Address<'_>>) -> Vec<String> {
    let each = field.into_iter().flat_map(Address::iter).map(|address| {
        match (address.name(), address.address()) {
            (Some(name), Some(address)) => format!("{name} <{address}>"),
            (None, Some(address)) => format!("<{address}>"),
            (name, None) => name.unwrap_or_default().to_owned(),
        }
    });
    each.collect()
}
