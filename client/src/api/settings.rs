//! The settings of a mailbox.

use std::fmt;

pub use restante_shared::pop3::login::Login;
use restante_shared::relay::Host;
use serde::{Deserialize, Serialize};

/// The settings for connecting to a maildrop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MailboxSettings {
    /// The e-mail address, by which the mailbox is shown.
    pub address: String,
    /// The name to log in with.
    pub user: String,
    /// The POP3 server.
    pub host: Host,
    /// Its port.
    pub port: u16,
    /// The encryption of the connection.
    pub encryption: Encryption,
    /// A certification authority trusted beside the built-in ones, for this mailbox only, as PEM.
    pub ca_pem: Option<String>,
    /// True if this is the bridge's demo maildrop.
    pub demo: bool,
    /// The login method.
    #[serde(default)]
    pub login: Login,
}

impl MailboxSettings {
    /// Returns placeholder settings, without an address, if the real ones were lost, so that the messages
    /// can be read.
    #[must_use]
    pub fn lost() -> Self {
        Self {
            address: String::new(),
            user: String::new(),
            host: Host::nowhere(),
            port: 995,
            encryption: Encryption::Tls,
            ca_pem: None,
            demo: false,
            login: Login::default(),
        }
    }
}

/// The encryption of the connection to the POP3 server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Encryption {
    /// TLS from the first byte ([RFC 8314 §3.3]), usually on port 995.
    Tls,
    /// TLS after the `STLS` command ([RFC 2595 §4]), usually on port 110.
    Stls,
    /// None: the bridge and every machine after it can read the mail and the password.
    None,
}

/// A password. Its `Debug` output is redacted, so that it never shows in a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a password.
    #[must_use]
    pub fn new(password: String) -> Self {
        Self(password)
    }

    /// Returns the password itself, only for logging in and for the store of remembered passwords.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
