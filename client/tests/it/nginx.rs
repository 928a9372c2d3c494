//! A real nginx as a mail proxy in front of a Dovecot, a common setup at mail hosts. It sends the
//! greeting and the capabilities, terminates TLS, takes the login, and forwards the rest.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use restante_client::api::settings::{Encryption, MailboxSettings};
use tempfile::TempDir;

use crate::certificates::Certificates;
use crate::daemon::{Daemon, greets};
use crate::dovecot::Dovecot;

/// A running proxy. Dropping it ends the proxy.
pub(crate) struct Nginx {
    _daemon: Daemon,
    _home: TempDir,
    /// The server that it forwards to.
    pub(crate) dovecot: Dovecot,
    tls_port: u16,
    stls_port: u16,
    ca_pem: String,
}

impl Nginx {
    /// Starts a proxy in front of this server.
    pub(crate) fn before(dovecot: Dovecot) -> Self {
        let home = tempfile::Builder::new()
            .prefix("restante")
            .tempdir()
            .unwrap();
        let path = home.path();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        let certificates = Certificates::for_names(&["localhost"]);
        fs::write(path.join("server.pem"), &certificates.server_pem).unwrap();
        fs::write(path.join("server.key"), &certificates.server_key_pem).unwrap();
        let configured = |[tls, stls, auth]: [u16; 3]| {
            let ports = [tls, stls, auth, dovecot.stls_port];
            fs::write(path.join("nginx.conf"), configuration(path, ports)).unwrap();
            let mut command = Command::new("/usr/sbin/nginx");
            command.arg("-e").arg(path.join("log"));
            command.arg("-c").arg(path.join("nginx.conf"));
            command
        };
        let (daemon, [tls_port, stls_port, _]) =
            Daemon::start(path, configured, |[_, stls, _]| greets(stls));
        Self {
            _daemon: daemon,
            _home: home,
            dovecot,
            tls_port,
            stls_port,
            ca_pem: certificates.ca_pem,
        }
    }

    /// Returns the settings of a mailbox behind this proxy.
    pub(crate) fn settings(&self, encryption: Encryption) -> MailboxSettings {
        MailboxSettings {
            port: match encryption {
                Encryption::Tls => self.tls_port,
                Encryption::Stls | Encryption::None => self.stls_port,
            },
            ca_pem: Some(self.ca_pem.clone()),
            ..self.dovecot.settings(encryption)
        }
    }
}

/// Returns the configuration. nginx asks an HTTP service for the server of a login. Here, it
/// answers itself, and leaves the check of the password to the server.
fn configuration(home: &Path, [tls, stls, auth, server]: [u16; 4]) -> String {
    let home = home.display();
    let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {home}/{what};\n"))
        .concat();
    format!(
        "load_module /usr/lib/nginx/modules/ngx_mail_module.so;\n\
         daemon off;\n\
         worker_processes 1;\n\
         pid {home}/pid;\n\
         error_log {home}/log;\n\
         events {{\n}}\n\
         http {{\n access_log off;\n {folders}\
         server {{\n listen 127.0.0.1:{auth};\n location / {{\n\
         add_header Auth-Status OK;\n add_header Auth-Server 127.0.0.1;\n\
         add_header Auth-Port {server};\n return 204;\n}}\n}}\n}}\n\
         mail {{\n server_name localhost;\n auth_http 127.0.0.1:{auth}/;\n\
         proxy_pass_error_message on;\n\
         ssl_certificate {home}/server.pem;\n ssl_certificate_key {home}/server.key;\n\
         pop3_capabilities TOP UIDL USER PIPELINING RESP-CODES AUTH-RESP-CODE;\n\
         server {{\n listen 127.0.0.1:{stls};\n protocol pop3;\n starttls on;\n}}\n\
         server {{\n listen 127.0.0.1:{tls} ssl;\n protocol pop3;\n}}\n}}\n"
    )
}
