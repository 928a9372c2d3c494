//! What the bridge tells the page about itself, at [`PATH`]; and how the page signs in to it, at
//! [`SIGN_IN_PATH`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where the page asks, relative to the page's own address.
pub const PATH: &str = "config.json";

/// Where the page posts [`Credentials`] as JSON, relative to the page's own address.
///
/// The bridge answers with status 204 and a cookie, or with 401 where they are wrong, and with 429 and
/// `Retry-After` (in seconds) where there were too many failures to look at them. It leads whoever
/// comes with `GET` back to the page: by then a proxy's single sign-on has asked who it is.
pub const SIGN_IN_PATH: &str = "access";

/// The answer to a `GET` of [`PATH`], as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageConfig {
    /// The demo maildrop, where this bridge has one.
    pub demo: Option<DemoMaildrop>,
    /// What the page can sign in with.
    pub sign_in: SignIn,
}

/// What a page can sign in with; by default nothing, since nobody is asked, or somebody else asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignIn {
    /// A token.
    pub token: bool,
    /// A user's name and password.
    pub password: bool,
}

/// What somebody signs in with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Credentials {
    /// A token.
    Token {
        /// The token.
        token: String,
    },
    /// A user's name and password.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
}

impl fmt::Debug for Credentials {
    /// Tells the kind alone: even a name may be a password in the wrong field.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token { .. } => "Token(***)",
            Self::Password { .. } => "Password(***)",
        })
    }
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
