//! The mail server: a Dovecot with a configuration, a maildrop and ports of its own.
//!
//! It runs as the user who runs the benchmark. If that is root, the mail belongs to the user of
//! [`UNPRIVILEGED`], since Dovecot opens no mail as root.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::certificates::Certificates;
use super::mail::{self, Plan};
use xtask::bridge::StartedServer;
use xtask::packages;

/// The one user, whose name and password are no secrets.
pub(crate) const USER: &str = "reader";
pub(crate) const PASSWORD: &str = "correct-horse";

/// The id of Debian's unprivileged user and group.
pub(crate) const UNPRIVILEGED: u32 = 65_534;

/// A running Dovecot.
pub(crate) struct Dovecot {
    _server: StartedServer,
    /// The port with TLS from the first byte.
    pub(crate) port: u16,
    /// The bytes of all messages by RETR, without byte-stuffing.
    pub(crate) bytes: u64,
}

impl Dovecot {
    /// Fills a maildrop in `folder`, and serves it. The folder is empty, and Dovecot's users can read it.
    pub(crate) fn start(folder: &Path, certificates: &Certificates, plan: Plan) -> Result<Self> {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
        let owner = match rustix::process::geteuid() {
            user if user.is_root() => (UNPRIVILEGED, UNPRIVILEGED),
            user => (user.as_raw(), rustix::process::getegid().as_raw()),
        };
        let bytes = deliver(&folder.join("mail"), owner, plan)?;
        let users = format!("{USER}:{{PLAIN}}{PASSWORD}\n");
        fs::write(folder.join("users"), users).context("users")?;
        let file = folder.join("dovecot.conf");
        let program = packages::find("dovecot").context("dovecot")?;
        let server = StartedServer::start(|port| {
            fs::write(&file, configuration(folder, certificates, owner, port)?)?;
            let mut command = Command::new(&program);
            command.arg("-F").arg("-c").arg(&file);
            command.stdout(Stdio::null());
            Ok(command)
        })?;
        Ok(Self {
            port: server.port,
            _server: server,
            bytes,
        })
    }
}

/// Writes the messages under names like those of Dovecot's own delivery, which have the sizes on disk
/// and on the wire.
fn deliver(maildir: &Path, (user, group): (u32, u32), plan: Plan) -> Result<u64> {
    let own = |path: &Path| chown(path, Some(user), Some(group)).context("chown");
    for folder in ["", "cur", "new", "tmp"] {
        let folder = maildir.join(folder);
        fs::create_dir_all(&folder)?;
        own(&folder)?;
    }
    let mut total = 0;
    for number in 1..=plan.messages {
        let bytes = mail::message(plan, number);
        let size = bytes.len();
        let sent = size + bytes.iter().filter(|byte| **byte == b'\n').count();
        total += sent as u64;
        let time = 1_700_000_000 + number;
        let name = format!("{time}.M{number}P1.restante,S={size},W={sent}:2,");
        let file = maildir.join("cur").join(name);
        fs::write(&file, bytes).context("maildrop")?;
        own(&file)?;
    }
    Ok(total)
}

fn configuration(
    home: &Path,
    certificates: &Certificates,
    (user, group): (u32, u32),
    port: u16,
) -> Result<String> {
    // As root, Dovecot switches to Debian's users. Otherwise it has no privileges to drop.
    let (processes, jail) = match rustix::process::geteuid().is_root() {
        true => (String::new(), ""),
        false => {
            let name = |flag: &str| -> Result<String> {
                let output = Command::new("id").arg(flag).output().context("id")?;
                Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
            };
            let (user, group) = (name("-un")?, name("-gn")?);
            let processes = format!(
                "default_internal_user = {user}\ndefault_login_user = {user}\n\
                 default_internal_group = {group}\n\
                 service anvil {{\n chroot =\n}}\nservice stats {{\n chroot =\n}}\n"
            );
            (processes, "chroot =\n")
        }
    };
    let home = home.display();
    Ok(format!(
        "protocols = pop3\n\
         listen = 127.0.0.1\n\
         base_dir = {home}/run\n\
         state_dir = {home}/state\n\
         log_path = {home}/log\n\
         {processes}\
         ssl = required\n\
         ssl_cert = <{certificate}\n\
         ssl_key = <{key}\n\
         auth_mechanisms = plain\n\
         auth_failure_delay = 0\n\
         service anvil {{\n unix_listener anvil-auth-penalty {{\n mode = 0\n}}\n}}\n\
         passdb {{\n driver = passwd-file\n args = {home}/users\n}}\n\
         userdb {{\n driver = static\n args = uid={user} gid={group} home={home}/mail\n}}\n\
         first_valid_uid = 1\n\
         mail_location = maildir:{home}/mail\n\
         # A retrieval must not change anything for the next one.\n\
         pop3_no_flag_updates = yes\n\
         service pop3-login {{\n{jail}\
         inet_listener pop3 {{\n port = 0\n}}\n\
         inet_listener pop3s {{\n port = {port}\n ssl = yes\n}}\n}}\n",
        certificate = certificates.server.display(),
        key = certificates.key.display(),
    ))
}
