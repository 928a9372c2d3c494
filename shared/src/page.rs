//! What the bridge tells the page about itself, at [`PATH`].

use serde::{Deserialize, Serialize};

/// Where the page asks, relative to the page's own address.
pub const PATH: &str = "config.json";

/// The answer to a `GET` of [`PATH`], as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageConfig {
    /// The demo maildrop, where this bridge has one.
    pub demo: Option<DemoMaildrop>,
}

/// How to reach the demo maildrop, whose password is no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoMaildrop {
    /// The e-mail address that the demo mailbox shows.
    pub address: String,
    /// The host name to dial and to find in the certificate.
    pub host: String,
    /// The implicit-TLS port.
    pub port: u16,
    /// The user name to log in with.
    pub user: String,
    /// The password to log in with.
    pub password: String,
    /// The throw-away certification authority, as PEM.
    pub ca_pem: String,
}
