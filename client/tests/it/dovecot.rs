//! A real Dovecot, as a child of the test with a configuration, a maildrop and ports of its own.
//!
//! It runs as whoever runs the test. Root is turned into `nobody` for the mail itself, since Dovecot
//! opens no mail as root.

use std::fs;
use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use restante_client::engine::command::{Encryption, MailboxSettings};
use tempfile::TempDir;

use crate::certificates::Certificates;

/// The one user, whose name and password are no secrets.
pub(crate) const USER: &str = "reader@example.org";
/// The user's password.
pub(crate) const PASSWORD: &str = "correct horse";

/// How long a start may take on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(30);

/// The user and group `nobody` of Debian and its kin.
const NOBODY: u32 = 65_534;

/// A running Dovecot. It ends when this is dropped.
pub(crate) struct Dovecot {
    child: Child,
    home: TempDir,
    owner: (u32, u32),
    /// The port with TLS from the first octet.
    pub(crate) tls_port: u16,
    /// The port with `STLS`.
    pub(crate) stls_port: u16,
    /// The authority that vouches for it.
    pub(crate) ca_pem: String,
}

impl Dovecot {
    /// Starts a Dovecot whose certificate has the name `localhost`, with an empty maildrop.
    pub(crate) fn start() -> Self {
        Self::start_with(&Certificates::for_names(&["localhost"]))
    }

    /// Starts a Dovecot with these certificates.
    pub(crate) fn start_with(certificates: &Certificates) -> Self {
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
        let [tls_port, stls_port] = free_ports();
        let configuration = configuration(path, owner, is_root, tls_port, stls_port);
        let configuration_path = path.join("dovecot.conf");
        fs::write(&configuration_path, configuration).unwrap();
        let child = Command::new(executable())
            .arg("-F")
            .arg("-c")
            .arg(&configuration_path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(path.join("stderr")).unwrap())
            .spawn()
            .unwrap();
        let mut dovecot = Self {
            child,
            owner,
            tls_port,
            stls_port,
            ca_pem: certificates.ca_pem.clone(),
            home,
        };
        for folder in ["mail", "mail/cur", "mail/new", "mail/tmp"] {
            fs::create_dir_all(dovecot.home.path().join(folder)).unwrap();
            dovecot.own(&dovecot.home.path().join(folder));
        }
        dovecot.wait_for_greeting();
        dovecot
    }

    /// How a mailbox reaches it.
    pub(crate) fn settings(&self, encryption: Encryption) -> MailboxSettings {
        MailboxSettings {
            address: USER.to_owned(),
            user: USER.to_owned(),
            host: "localhost".parse().unwrap(),
            port: match encryption {
                Encryption::Tls => self.tls_port,
                Encryption::Stls | Encryption::None => self.stls_port,
            },
            encryption,
            ca_pem: Some(self.ca_pem.clone()),
            demo: false,
        }
    }

    /// Puts messages into the maildrop under these names, which become their unique-ids.
    pub(crate) fn deliver<'a>(&self, messages: impl IntoIterator<Item = (&'a str, &'a [u8])>) {
        for (name, octets) in messages {
            let path = self.home.path().join("mail/cur").join(format!("{name}:2,"));
            fs::write(&path, octets).unwrap();
            self.own(&path);
        }
    }

    fn own(&self, path: &Path) {
        let (user, group) = self.owner;
        chown(path, Some(user), Some(group)).unwrap();
    }

    fn wait_for_greeting(&mut self) {
        let begun = Instant::now();
        loop {
            let greeted = TcpStream::connect((Ipv4Addr::LOCALHOST, self.stls_port))
                .and_then(|mut stream| stream.read_exact(&mut [0; 3]));
            if greeted.is_ok() {
                return;
            }
            let ended = self.child.try_wait().unwrap();
            if ended.is_some() || begun.elapsed() > START_LIMIT {
                panic!("dovecot does not start: {}", self.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        ["stderr", "log"]
            .map(|name| fs::read_to_string(self.home.path().join(name)).unwrap_or_default())
            .join("")
    }
}

impl Drop for Dovecot {
    /// Asks the master process to end, which ends its own children.
    fn drop(&mut self) {
        let asked = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
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

/// Finds ports that are free now. Both are held until both are found.
fn free_ports() -> [u16; 2] {
    [(); 2]
        .map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap())
        .map(|listener| listener.local_addr().unwrap().port())
}

fn configuration(
    home: &Path,
    (user, group): (u32, u32),
    is_root: bool,
    tls_port: u16,
    stls_port: u16,
) -> String {
    let home = home.display();
    let processes = match is_root {
        // Debian's own users, in Dovecot's own jails.
        true => String::new(),
        false => {
            let name = |flag: &str| {
                let output = Command::new("id").arg(flag).output().unwrap();
                String::from_utf8(output.stdout).unwrap().trim().to_owned()
            };
            format!(
                "default_internal_user = {user}\ndefault_login_user = {user}\n\
                 default_internal_group = {group}\n\
                 service anvil {{\n chroot =\n}}\nservice stats {{\n chroot =\n}}\n",
                user = name("-un"),
                group = name("-gn"),
            )
        }
    };
    let login_jail = if is_root { "" } else { "chroot =\n" };
    format!(
        "protocols = pop3\n\
         listen = 127.0.0.1\n\
         base_dir = {home}/run\n\
         state_dir = {home}/state\n\
         log_path = {home}/log\n\
         {processes}\
         ssl = yes\n\
         ssl_cert = <{home}/server.pem\n\
         ssl_key = <{home}/server.key\n\
         auth_mechanisms = plain\n\
         auth_failure_delay = 0\n\
         service anvil {{\n unix_listener anvil-auth-penalty {{\n mode = 0\n}}\n}}\n\
         passdb {{\n driver = passwd-file\n args = {home}/users\n}}\n\
         userdb {{\n driver = static\n args = uid={user} gid={group} home={home}/mail\n}}\n\
         first_valid_uid = 1\n\
         mail_location = maildir:{home}/mail\n\
         pop3_uidl_format = %f\n\
         service pop3-login {{\n{login_jail}\
         inet_listener pop3 {{\n port = {stls_port}\n}}\n\
         inet_listener pop3s {{\n port = {tls_port}\n ssl = yes\n}}\n}}\n"
    )
}
