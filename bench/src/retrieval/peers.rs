//! Other programs that retrieve mail, each set up to be as fast as it can be while keeping the mail
//! and checking the server's certificate.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::dovecot::{NOBODY, PASSWORD, USER};

/// What a peer is told.
pub(crate) struct Errand<'a> {
    /// The port on `localhost`.
    pub(crate) port: u16,
    /// The authority to trust.
    pub(crate) authority: &'a Path,
    /// An empty folder for the mail and for what else it writes.
    pub(crate) folder: &'a Path,
    /// How many messages there are.
    pub(crate) messages: u32,
}

/// A program and how it is called.
pub(crate) struct Peer {
    /// The name in the table.
    pub(crate) name: &'static str,
    /// Prepares its folder and returns the command to time.
    pub(crate) command: fn(&Errand<'_>) -> Result<Command>,
}

/// All of them.
pub(crate) const PEERS: &[Peer] = &[
    Peer {
        name: "mpop (mbox)",
        command: |errand| mpop(errand, &format!("mbox {}", path(errand, "mbox"))),
    },
    Peer {
        name: "mpop (maildir)",
        command: |errand| {
            make_maildir(errand)?;
            mpop(errand, &format!("maildir {}", path(errand, "maildir")))
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

/// Its own pipelining is on, since Dovecot announces it.
fn mpop(errand: &Errand<'_>, delivery: &str) -> Result<Command> {
    let Errand { port, .. } = errand;
    let settings = format!(
        "account default\nhost localhost\nport {port}\n\
         tls on\ntls_starttls off\ntls_trust_file {authority}\n\
         auth plain\nuser {USER}\npassword {PASSWORD}\n\
         keep on\nuidls_file {ids}\npipelining auto\nreceived_header off\n\
         delivery {delivery}\n",
        authority = errand.authority.display(),
        ids = path(errand, "uidls"),
    );
    let file = write_private(errand, "mpoprc", &settings)?;
    let mut command = quiet("mpop");
    command.arg(format!("--file={file}")).arg("--quiet");
    Ok(command)
}

/// A BSMTP file is the one delivery of fetchmail's that starts no program and asks no server.
fn fetchmail(errand: &Errand<'_>) -> Result<Command> {
    let Errand { port, .. } = errand;
    let settings = format!(
        "poll localhost protocol pop3 service {port}\n\
         user \"{USER}\" password \"{PASSWORD}\"\n\
         ssl sslcertck sslcertfile \"{authority}\"\n\
         keep fetchall no rewrite bsmtp \"{mail}\"\n",
        authority = errand.authority.display(),
        mail = path(errand, "bsmtp"),
    );
    let file = write_private(errand, "fetchmailrc", &settings)?;
    let mut command = quiet("fetchmail");
    command
        .args(["--silent", "--nosyslog", "--fetchmailrc", &file])
        .env("FETCHMAILHOME", errand.folder);
    Ok(command)
}

fn getmail(errand: &Errand<'_>) -> Result<Command> {
    let Errand { port, .. } = errand;
    make_maildir(errand)?;
    let settings = format!(
        "[retriever]\ntype = SimplePOP3SSLRetriever\nserver = localhost\nport = {port}\n\
         username = {USER}\npassword = {PASSWORD}\nca_certs = {authority}\n\
         [destination]\ntype = Maildir\npath = {mail}/\n\
         [options]\nverbose = 0\nread_all = true\ndelete = false\n\
         delivered_to = false\nreceived = false\n",
        authority = errand.authority.display(),
        mail = path(errand, "maildir"),
    );
    write_private(errand, "getmailrc", &settings)?;
    let mut command = quiet("getmail");
    command.arg("--getmaildir").arg(errand.folder);
    if rustix::process::geteuid().is_root() {
        // It delivers nothing as root.
        give_to_nobody(errand.folder)?;
        command.uid(NOBODY).gid(NOBODY);
    }
    Ok(command)
}

/// One process and one connection for all messages.
fn curl(errand: &Errand<'_>) -> Result<Command> {
    let Errand { port, messages, .. } = errand;
    let mut command = quiet("curl");
    command
        .args(["--silent", "--show-error", "--cacert"])
        .arg(errand.authority)
        .args(["--user", &format!("{USER}:{PASSWORD}")])
        .arg(format!("pop3s://localhost:{port}/[1-{messages}]"))
        .args(["--output", &path(errand, "#1.eml")]);
    Ok(command)
}

fn poplib(errand: &Errand<'_>) -> Result<Command> {
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
        .args(["-c", PROGRAM, &errand.port.to_string()])
        .arg(errand.authority)
        .args([&path(errand, "mail"), USER, PASSWORD]);
    Ok(command)
}

fn quiet(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdout(Stdio::null());
    command
}

fn path(errand: &Errand<'_>, name: &str) -> String {
    errand.folder.join(name).display().to_string()
}

fn make_maildir(errand: &Errand<'_>) -> Result<()> {
    for folder in ["cur", "new", "tmp"] {
        fs::create_dir_all(errand.folder.join("maildir").join(folder)).context("maildir")?;
    }
    Ok(())
}

fn give_to_nobody(path: &Path) -> Result<()> {
    chown(path, Some(NOBODY), Some(NOBODY)).context("chown")?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            give_to_nobody(&entry?.path())?;
        }
    }
    Ok(())
}

/// Writes a file with a password, which most of these programs want no one else to read.
fn write_private(errand: &Errand<'_>, name: &str, text: &str) -> Result<String> {
    let file = errand.folder.join(name);
    fs::write(&file, text).context("settings")?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).context("settings")?;
    Ok(file.display().to_string())
}
