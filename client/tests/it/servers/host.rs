//! The servers of the matrix.

use std::future::pending;

use restante_client::api::settings::{Encryption, Login, MailboxSettings, Secret};
use restante_client::clock::SystemClock;
use restante_demo::{Demo, DemoOptions};

use super::telnet::Telnet;
use crate::dovecot::{Dovecot, PASSWORD, Setup};
use crate::mailutils::Mailutils;
use crate::nginx::Nginx;
use crate::visit::Visitor;

/// A running server.
pub(super) enum Host {
    Dovecot(Dovecot),
    Mailutils(Mailutils),
    /// A mail proxy in front of a Dovecot.
    Nginx(Nginx),
    /// The demo server.
    Demo(Box<Demo>),
}

impl Host {
    /// Starts each server in its usual configuration.
    pub(super) async fn all() -> [Self; 4] {
        let setup = Setup {
            mechanisms: crate::dovecot::MECHANISMS,
            tokens: true,
            ..Setup::default()
        };
        [
            Self::Dovecot(Dovecot::start_with(&setup)),
            Self::Mailutils(Mailutils::start("")),
            Self::Nginx(Nginx::before(Dovecot::start())),
            Self::demo().await,
        ]
    }

    /// Starts the demo server, which ends with the test's runtime.
    pub(super) async fn demo() -> Self {
        let options = DemoOptions {
            tls_port: Some(0),
            stls_port: Some(0),
            ..DemoOptions::default()
        };
        Self::Demo(Box::new(
            restante_demo::start(options, pending()).await.unwrap(),
        ))
    }

    /// Returns the column in the matrix.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Dovecot(_) => "Dovecot",
            Self::Mailutils(_) => "GNU Mailutils",
            Self::Nginx(_) => "nginx + Dovecot",
            Self::Demo(_) => "demo maildrop",
        }
    }

    /// Returns the settings of a mailbox on this server.
    pub(super) fn settings(&self, encryption: Encryption) -> MailboxSettings {
        match self {
            Self::Dovecot(dovecot) => dovecot.settings(encryption),
            Self::Mailutils(mailutils) => mailutils.settings(encryption),
            Self::Nginx(nginx) => nginx.settings(encryption),
            Self::Demo(demo) => MailboxSettings {
                address: demo.page.address.clone(),
                user: demo.page.user.clone(),
                host: demo.page.host.parse().unwrap(),
                port: match encryption {
                    Encryption::Tls => demo.tls.port(),
                    Encryption::Stls | Encryption::None => demo.stls.port(),
                },
                encryption,
                ca_pem: Some(demo.page.ca_pem.clone()),
                demo: true,
                login: Login::default(),
            },
        }
    }

    pub(super) fn password(&self) -> &'static str {
        match self {
            Self::Dovecot(_) | Self::Mailutils(_) | Self::Nginx(_) => PASSWORD,
            Self::Demo(_) => restante_demo::PASSWORD,
        }
    }

    /// Delivers a message, whose lines end in LF, if the server accepts mail.
    pub(super) fn deliver_one(&self, message: &[u8]) {
        match self {
            Self::Dovecot(dovecot) | Self::Nginx(Nginx { dovecot, .. }) => {
                dovecot.deliver([("1700000001.M1P1.restante", message)]);
            }
            Self::Mailutils(mailutils) => mailutils.deliver([message]),
            Self::Demo(_) => {}
        }
    }

    /// Returns a visitor with the right password.
    pub(super) fn visitor(&self, encryption: Encryption) -> Visitor<SystemClock> {
        let mut visitor = Visitor::new(self.settings(encryption), SystemClock);
        visitor.secret = Secret::new(self.password().to_owned());
        visitor
    }

    /// Opens a dialogue by hand, in clear text, before the login.
    pub(super) async fn telnet(&self) -> Telnet {
        Telnet::open(self.settings(Encryption::None).port).await
    }

    /// Opens a dialogue by hand, in clear text, after the login.
    pub(super) async fn telnet_logged_in(&self) -> Telnet {
        let mut telnet = self.telnet().await;
        let settings = self.settings(Encryption::None);
        telnet.accepted(&format!("USER {}", settings.user)).await;
        telnet.accepted(&format!("PASS {}", self.password())).await;
        telnet
    }
}
