//! Who may use the relay: everybody whose page is of this origin, or only who shows that they may.
//!
//! There are three ways to show it, and any one that is configured suffices: a token, a user's
//! password, or a header that a trusted proxy adds after its single sign-on. A program sends token or
//! password with each request. A page cannot, so it signs in once and gets a [`session`]: a cookie
//! that any bridge with the same files accepts, and that none has to remember.

mod credentials;
mod denial;
mod entries;
mod error;
mod gate;
mod keep;
mod password;
mod session;
mod slowdown;
mod tokens;
mod users;

use hyper::header::HeaderName;
use restante_shared::page::SignIn;

pub(crate) use credentials::of_header;
pub(crate) use denial::Denial;
pub use error::AccessError;
pub(crate) use gate::Gate;
pub use password::{PasswordError, hash_line};
pub(crate) use session::LIFETIME;
pub use tokens::Tokens;
pub use users::Users;

/// The ways to be let in; by default there is none, and nobody is asked.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Who has one of these tokens is let in.
    pub tokens: Option<Tokens>,
    /// Who has the password of one of these users is let in.
    pub users: Option<Users>,
    /// Whom a trusted proxy names in this header is let in.
    pub header: Option<HeaderName>,
}

impl Access {
    /// Whether nobody is asked.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tokens.is_none() && self.users.is_none() && self.header.is_none()
    }

    /// What a page can sign in with.
    #[must_use]
    pub fn sign_in(&self) -> SignIn {
        SignIn {
            token: self.tokens.is_some(),
            password: self.users.is_some(),
        }
    }
}
