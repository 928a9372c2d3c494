//! A real `pop3d` of GNU Mailutils, as a child process of the test, with a configuration, a
//! maildrop and ports of its own.
//!
//! Root starts it for `nobody`, as it does for [Dovecot](crate::dovecot), because a mailbox has an
//! owner. Other users need user namespaces, with `unshare`.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use restante_client::api::settings::{Encryption, MailboxSettings};
use tempfile::TempDir;

use crate::certificates::Certificates;
use crate::daemon::{Daemon, greets};
use crate::dovecot::{PASSWORD, USER};
use crate::visit::unencrypted;

/// The user and group id of `nobody` on Debian and its derivatives.
const NOBODY: u32 = 65_534;

/// The hash of [`PASSWORD`], from `openssl passwd -6 -salt restante`.
const PASSWORD_HASH: &str = "$6$restante$wY6kKO2Vcwss93vypm6MJSNRAaDUTrI2fKvrKWvQUi2Y8fpSzz8FRfqUPqsQ3IPbLKVfid50WO.L7/CR1SAju1";

/// A running server. Dropping it ends the server.
pub(crate) struct Mailutils {
    _daemon: Daemon,
    home: TempDir,
    owner: (u32, u32),
    tls_port: u16,
    stls_port: u16,
    ca_pem: String,
}

impl Mailutils {
    /// Starts a server with an empty maildrop, and appends these lines to its configuration.
    pub(crate) fn start(settings: &str) -> Self {
        let home = tempfile::Builder::new()
            .prefix("restante")
            .tempdir()
            .unwrap();
        let path = home.path();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        let runner = fs::metadata(path).unwrap();
        let owner = match runner.uid() {
            0 => (NOBODY, NOBODY),
            _ => (runner.uid(), runner.gid()),
        };
        let certificates = Certificates::for_names(&["localhost"]);
        fs::write(path.join("server.pem"), &certificates.server_pem).unwrap();
        private(&path.join("server.key"), &certificates.server_key_pem);
        for folder in ["users", "mail"] {
            fs::create_dir(path.join(folder)).unwrap();
        }
        let (name, domain) = USER.split_once('@').unwrap();
        let (user, group) = owner;
        let line = format!(
            "{name}:{PASSWORD_HASH}:{user}:{group}:Reader:{}:/bin/sh\n",
            path.join("mail").display()
        );
        fs::write(path.join("users").join(domain), line).unwrap();
        // A file that `popauth` creates would be readable by its group, and `popauth` then refuses
        // to use it.
        private(&path.join("nothing"), "");
        database(path, "logins", &["--create", "--file", "nothing"]);
        database(path, "apop", &["--create", "--file", "nothing"]);
        let secret = [
            "--add",
            "--user",
            USER,
            "--password",
            PASSWORD,
            "--file",
            "apop",
        ];
        popauth(path, &secret);
        let configured = |[tls_port, stls_port]: [u16; 2]| {
            let text = configuration(path, tls_port, stls_port);
            fs::write(path.join("pop3d.conf"), text + settings).unwrap();
            let mut command = pop3d(runner.uid() != 0);
            command.arg("--config-file").arg(path.join("pop3d.conf"));
            command
        };
        let (daemon, [tls_port, stls_port]) =
            Daemon::start(path, configured, |[_, stls_port]| greets(stls_port));
        chown(path.join("mail"), Some(user), Some(group)).unwrap();
        let server = Self {
            _daemon: daemon,
            owner,
            tls_port,
            stls_port,
            ca_pem: certificates.ca_pem,
            home,
        };
        server.deliver([]);
        server
    }

    /// Returns the settings of a mailbox on this server.
    pub(crate) fn settings(&self, encryption: Encryption) -> MailboxSettings {
        let port = match encryption {
            Encryption::Tls => self.tls_port,
            Encryption::Stls | Encryption::None => self.stls_port,
        };
        MailboxSettings {
            address: USER.to_owned(),
            user: USER.to_owned(),
            encryption,
            ca_pem: Some(self.ca_pem.clone()),
            ..unencrypted(port)
        }
    }

    /// Appends messages, whose lines end in LF, to the maildrop.
    pub(crate) fn deliver<'a>(&self, messages: impl IntoIterator<Item = &'a [u8]>) {
        let path = self.home.path().join("mail/INBOX");
        let mut mbox = fs::File::options()
            .append(true)
            .create(true)
            .open(&path)
            .unwrap();
        for message in messages {
            mbox.write_all(b"From sender@example.org Sat Nov 21 10:00:00 2026\n")
                .unwrap();
            mbox.write_all(message).unwrap();
            mbox.write_all(b"\n").unwrap();
        }
        let (user, group) = self.owner;
        chown(&path, Some(user), Some(group)).unwrap();
    }
}

/// Returns the command of the server, which insists on running in the group `mail`. If that is not
/// permitted, it runs in a user namespace that gives its own group that name.
fn pop3d(in_namespace: bool) -> Command {
    const PROGRAM: &str = "/usr/sbin/pop3d";
    if !in_namespace {
        return Command::new(PROGRAM);
    }
    let groups = fs::read_to_string("/etc/group").unwrap();
    let mail = groups.lines().find_map(|line| line.strip_prefix("mail:x:"));
    let (mail, _) = mail.and_then(|rest| rest.split_once(':')).unwrap();
    let user = fs::metadata("/proc/self").unwrap().uid();
    let mut command = Command::new("unshare");
    command.arg("--user").arg(format!("--map-user={user}"));
    command.arg(format!("--map-group={mail}")).arg(PROGRAM);
    command
}

/// Writes a file that only its owner may read. The server accepts no other files with secrets.
fn private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn popauth(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("popauth");
    let output = command
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "popauth: {said}");
}

/// Creates an empty database.
fn database(folder: &Path, name: &str, arguments: &[&str]) {
    popauth(folder, &[arguments, &["--output", name]].concat());
    fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
}

fn configuration(home: &Path, tls_port: u16, stls_port: u16) -> String {
    let home = home.display();
    format!(
        "mode daemon;\n\
         foreground yes;\n\
         pidfile {home}/pid;\n\
         server 127.0.0.1:{stls_port} {{ tls-mode ondemand; }};\n\
         server 127.0.0.1:{tls_port} {{ tls-mode connection; }};\n\
         tls {{\n ssl-certificate-file {home}/server.pem;\n ssl-key-file {home}/server.key;\n}};\n\
         auth {{\n authentication \"generic:system:virtdomain\";\n\
         authorization \"system:virtdomain\";\n}};\n\
         virtdomain {{ passwd-dir {home}/users; }};\n\
         mailbox {{ mailbox-type mbox; }};\n\
         locking {{ retry-count 1; retry-sleep 1; }};\n\
         apop-database-file {home}/apop;\n\
         stat-file {home}/logins;\n\
         tcp-wrappers {{ enable no; }};\n\
         logging {{ syslog no; }};\n"
    )
}
