//! The configured ways to authenticate.

use hyper::header::HeaderName;
use restante_shared::page::SignIn;

use super::{Tokens, Users};

/// The configured ways to authenticate. By default there is none, and all clients are admitted.
#[derive(Debug, Clone, Default)]
pub struct AccessMethods {
    /// Admits clients with one of these tokens.
    pub tokens: Option<Tokens>,
    /// Admits clients with the password of one of these users.
    pub users: Option<Users>,
    /// Admits clients that a trusted proxy names in this header.
    pub header: Option<HeaderName>,
}

impl AccessMethods {
    /// Returns true if clients need not authenticate.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tokens.is_none() && self.users.is_none() && self.header.is_none()
    }

    /// Returns the ways in which a page can sign in.
    #[must_use]
    pub fn sign_in(&self) -> SignIn {
        SignIn {
            token: self.tokens.is_some(),
            password: self.users.is_some(),
        }
    }
}
