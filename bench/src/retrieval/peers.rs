//! Other programs that retrieve mail, each configured to be as fast as possible while it stores the mail
//! and verifies the server's certificate.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::dovecot::{PASSWORD, UNPRIVILEGED, USER};

/// The parameters of a peer's command.
pub(crate) struct PeerParameters<'a> {
    /// The port on `localhost`.
    pub(crate) port: u16,
    /// The authority to trust.
    pub(crate) authority: &'a Path,
    /// An empty folder for the mail and other files.
    pub(crate) folder: &'a Path,
    /// The number of messages.
    pub(crate) messages: u32,
}

/// A program and its command.
pub(crate) struct Peer {
    /// The name in the table.
    pub(crate) name: &'static str,
    /// Prepares its folder and returns the command to time.
    pub(crate) command: fn(&PeerParameters<'_>) -> Result<Command>,
}

/// All peers.
pub(crate) const PEERS: &[Peer] = &[
    Peer {
        name: "mpop (mbox)",
        command: |parameters| mpop(parameters, &format!("mbox {}", path(parameters, "mbox"))),
    },
    Peer {
        name: "mpop (maildir)",
        command: |parameters| {
            make_maildir(parameters)?;
            mpop(
                parameters,
                &format!("maildir {}", path(parameters, "maildir")),
            )
        },
    },
    Peer {
        name: "poplib",
        command: poplib,
    },
    Peer {
        name: "curl",
        command: curl,
    },
    Peer {
        name: "getmail6",
        command: getmail,
    },
    Peer {
        name: "fetchmail",
        command: fetchmail,
    },
];

/// Builds the command of mpop, which pipelines, since Dovecot announces it.
fn mpop(parameters: &PeerParameters<'_>, delivery: &str) -> Result<Command> {
    let PeerParameters { port, .. } = parameters;
    let settings = format!(
        "account default\nhost localhost\nport {port}\n\
         tls on\ntls_starttls off\ntls_trust_file {authority}\n\
         auth plain\nuser {USER}\npassword {PASSWORD}\n\
         keep on\nuidls_file {ids}\npipelining auto\nreceived_header off\n\
         delivery {delivery}\n",
        authority = parameters.authority.display(),
        ids = path(parameters, "uidls"),
    );
    let file = write_private(parameters, "mpoprc", &settings)?;
    let mut command = quiet("mpop");
    command.arg(format!("--file={file}")).arg("--quiet");
    Ok(command)
}

/// Builds the command of fetchmail. A BSMTP file is its only delivery without another program or server.
fn fetchmail(parameters: &PeerParameters<'_>) -> Result<Command> {
    let PeerParameters { port, .. } = parameters;
    let settings = format!(
        "poll localhost protocol pop3 service {port}\n\
         user \"{USER}\" password \"{PASSWORD}\"\n\
         ssl sslcertck sslcertfile \"{authority}\"\n\
         keep fetchall no rewrite bsmtp \"{mail}\"\n",
        authority = parameters.authority.display(),
        mail = path(parameters, "bsmtp"),
    );
    let file = write_private(parameters, "fetchmailrc", &settings)?;
    let mut command = quiet("fetchmail");
    command
        .args(["--silent", "--nosyslog", "--fetchmailrc", &file])
        .env("FETCHMAILHOME", parameters.folder);
    Ok(command)
}

fn getmail(parameters: &PeerParameters<'_>) -> Result<Command> {
    let PeerParameters { port, .. } = parameters;
    make_maildir(parameters)?;
    let settings = format!(
        "[retriever]\ntype = SimplePOP3SSLRetriever\nserver = localhost\nport = {port}\n\
         username = {USER}\npassword = {PASSWORD}\nca_certs = {authority}\n\
         [destination]\ntype = Maildir\npath = {mail}/\n\
         [options]\nverbose = 0\nread_all = true\ndelete = false\n\
         delivered_to = false\nreceived = false\n",
        authority = parameters.authority.display(),
        mail = path(parameters, "maildir"),
    );
    write_private(parameters, "getmailrc", &settings)?;
    let mut command = quiet("getmail");
    command.arg("--getmaildir").arg(parameters.folder);
    if rustix::process::geteuid().is_root() {
        // It delivers no mail as root.
        give_to_unprivileged(parameters.folder)?;
        command.uid(UNPRIVILEGED).gid(UNPRIVILEGED);
    }
    Ok(command)
}

/// Builds the command of curl: one process and one connection for all messages.
fn curl(parameters: &PeerParameters<'_>) -> Result<Command> {
    let PeerParameters { port, messages, .. } = parameters;
    let mut command = quiet("curl");
    command
        .args(["--silent", "--show-error", "--cacert"])
        .arg(parameters.authority)
        .args(["--user", &format!("{USER}:{PASSWORD}")])
        .arg(format!("pop3s://localhost:{port}/[1-{messages}]"))
        .args(["--output", &path(parameters, "#1.eml")]);
    Ok(command)
}

fn poplib(parameters: &PeerParameters<'_>) -> Result<Command> {
    const PROGRAM: &str = "\
import poplib, ssl, sys
port, authority, mail, user, password = sys.argv[1:]
trusted = ssl.create_default_context(cafile=authority)
session = poplib.POP3_SSL('localhost', int(port), context=trusted)
session.user(user)
session.pass_(password)
with open(mail, 'wb') as file:
    for number in range(1, session.stat()[0] + 1):
        file.write(b'\\r\\n'.join(session.retr(number)[1]))
session.quit()
";
    let mut command = quiet("python3");
    command
        .args(["-c", PROGRAM, &parameters.port.to_string()])
        .arg(parameters.authority)
        .args([&path(parameters, "mail"), USER, PASSWORD]);
    Ok(command)
}

fn quiet(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdout(Stdio::null());
    command
}

fn path(parameters: &PeerParameters<'_>, name: &str) -> String {
    parameters.folder.join(name).display().to_string()
}

fn make_maildir(parameters: &PeerParameters<'_>) -> Result<()> {
    for folder in ["cur", "new", "tmp"] {
        fs::create_dir_all(parameters.folder.join("maildir").join(folder)).context("maildir")?;
    }
    Ok(())
}

fn give_to_unprivileged(path: &Path) -> Result<()> {
    chown(path, Some(UNPRIVILEGED), Some(UNPRIVILEGED)).context("chown")?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            give_to_unprivileged(&entry?.path())?;
        }
    }
    Ok(())
}

/// Writes a file with a password. Most of these programs require that only its owner can read it.
fn write_private(parameters: &PeerParameters<'_>, name: &str, text: &str) -> Result<String> {
    let file = parameters.folder.join(name);
    fs::write(&file, text).context("settings")?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).context("settings")?;
    Ok(file.display().to_string())
}
