//! The configuration that the bridge serves to the page at [`PATH`], and signing in at [`SIGN_IN_PATH`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// The path of the configuration, relative to the address of the page.
pub const PATH: &str = "config.json";

/// The path to which the page posts [`SignInCredentials`] as JSON, relative to the address of the page.
///
/// The bridge answers with status 204 and a cookie; with 401 if the credentials are wrong; or with
/// 429 and `Retry-After` (in seconds) if it ignored them after too many failures. It redirects a
/// `GET` to the page: a proxy's single sign-on has authenticated the user before such a request
/// arrives.
pub const SIGN_IN_PATH: &str = "access";

/// The answer to a `GET` of [`PATH`], as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageConfig {
    /// The demo maildrop, if the bridge has one.
    pub demo: Option<DemoMaildrop>,
    /// The kinds of credentials that the page may sign in with.
    pub sign_in: SignIn,
}

/// The kinds of credentials that a bridge accepts. The default is none: the bridge is open, or a proxy
/// authenticates the users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignIn {
    /// True if the bridge accepts a token.
    pub token: bool,
    /// True if the bridge accepts a user name and a password.
    pub password: bool,
}

/// The credentials of a user of the bridge.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum SignInCredentials {
    /// A token.
    Token {
        /// The token.
        token: String,
    },
    /// A user name and a password.
    Password {
        /// The user name.
        user: String,
        /// The password.
        password: String,
    },
}

impl fmt::Debug for SignInCredentials {
    /// Prints the kind only: even the name may be a password that was typed into the wrong field.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token { .. } => "Token(***)",
            Self::Password { .. } => "Password(***)",
        })
    }
}

/// The address and the login of the demo maildrop. Its password is public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoMaildrop {
    /// The e-mail address of the demo mailbox.
    pub address: String,
    /// The host name, which is dialled and verified in the certificate.
    pub host: String,
    /// The implicit-TLS port.
    pub port: u16,
    /// The user name to log in with.
    pub user: String,
    /// The password to log in with.
    pub password: String,
    /// The temporary certificate authority, as PEM.
    pub ca_pem: String,
}
