//! A real Dovecot, as a child process of the test, with a configuration, a maildrop and ports of
//! its own.
//!
//! It runs as the user who runs the test. If that is root, the mail belongs to `nobody`, because
//! Dovecot opens no mail as root.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use restante_client::api::settings::{Encryption, MailboxSettings};
use tempfile::TempDir;

use crate::certificates::Certificates;
use crate::daemon::{Daemon, greets};
use crate::tokens::Tokens;
use crate::visit::unencrypted;

mod configuration;

use configuration::Place;

/// The only user. Name and password are no secrets.
pub(crate) const USER: &str = "reader@example.org";
/// The user's password.
pub(crate) const PASSWORD: &str = "correct horse";

/// The user and group id of `nobody` on Debian and its derivatives.
const NOBODY: u32 = 65_534;

/// The password mechanisms of Dovecot. All but the first two need the password in plain text.
pub(crate) const MECHANISMS: &str = "plain login apop cram-md5 scram-sha-1 scram-sha-256";

/// The differences of a Dovecot from the default.
pub(crate) struct Setup {
    /// The certificate, and its authority.
    pub(crate) certificates: Certificates,
    /// The password mechanisms that are enabled.
    pub(crate) mechanisms: &'static str,
    /// True if access tokens are accepted, too.
    pub(crate) tokens: bool,
    /// Lines to append to its configuration.
    pub(crate) settings: &'static str,
}

impl Default for Setup {
    /// A certificate for `localhost`, and only `PLAIN`.
    fn default() -> Self {
        Self {
            certificates: Certificates::for_names(&["localhost"]),
            mechanisms: "plain",
            tokens: false,
            settings: "",
        }
    }
}

/// A running Dovecot. Dropping it ends the server.
pub(crate) struct Dovecot {
    _daemon: Daemon,
    /// The endpoint that checks access tokens.
    _tokens: Option<Tokens>,
    home: TempDir,
    owner: (u32, u32),
    /// The port with TLS from the first byte.
    pub(crate) tls_port: u16,
    /// The port with `STLS`.
    pub(crate) stls_port: u16,
    /// The authority of its certificate.
    pub(crate) ca_pem: String,
}

impl Dovecot {
    /// Starts a Dovecot with an empty maildrop.
    pub(crate) fn start() -> Self {
        Self::start_with(&Setup::default())
    }

    /// Starts a Dovecot that differs from the default.
    pub(crate) fn start_with(setup: &Setup) -> Self {
        let certificates = &setup.certificates;
        let home = tempfile::Builder::new()
            .prefix("restante")
            .tempdir()
            .unwrap();
        let path = home.path();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        let runner = fs::metadata(path).unwrap();
        let is_root = runner.uid() == 0;
        let owner = match is_root {
            true => (NOBODY, NOBODY),
            false => (runner.uid(), runner.gid()),
        };
        fs::write(path.join("server.pem"), &certificates.server_pem).unwrap();
        fs::write(path.join("server.key"), &certificates.server_key_pem).unwrap();
        fs::write(path.join("users"), format!("{USER}:{{PLAIN}}{PASSWORD}\n")).unwrap();
        let tokens = setup.tokens.then(Tokens::start);
        for folder in ["mail", "mail/cur", "mail/new", "mail/tmp"] {
            let folder = path.join(folder);
            fs::create_dir_all(&folder).unwrap();
            own(&folder, owner);
        }
        let configured = |ports| {
            let place = Place {
                home: path,
                owner,
                is_root,
                ports,
            };
            let configuration = configuration::text(&place, setup, tokens.as_ref());
            let file = path.join("dovecot.conf");
            fs::write(&file, configuration).unwrap();
            let mut command = Command::new(executable());
            command.arg("-F").arg("-c").arg(&file);
            command
        };
        let (daemon, [tls_port, stls_port]) =
            Daemon::start(path, configured, |[_, stls_port]| greets(stls_port));
        Self {
            _daemon: daemon,
            _tokens: tokens,
            owner,
            tls_port,
            stls_port,
            ca_pem: certificates.ca_pem.clone(),
            home,
        }
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

    /// Delivers messages under these file names, which become their unique-ids.
    pub(crate) fn deliver<'a>(&self, messages: impl IntoIterator<Item = (&'a str, &'a [u8])>) {
        for (name, octets) in messages {
            let path = self.home.path().join("mail/cur").join(format!("{name}:2,"));
            fs::write(&path, octets).unwrap();
            own(&path, self.owner);
        }
    }
}

fn own(path: &Path, (user, group): (u32, u32)) {
    chown(path, Some(user), Some(group)).unwrap();
}

fn executable() -> PathBuf {
    let places = [
        "/usr/sbin/dovecot",
        "/usr/local/sbin/dovecot",
        "/sbin/dovecot",
    ];
    match places
        .into_iter()
        .map(PathBuf::from)
        .find(|place| place.exists())
    {
        Some(place) => place,
        None => {
            panic!("dovecot is not installed: `cargo xtask test` installs it and runs this test")
        }
    }
}
