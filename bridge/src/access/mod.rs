//! Authentication of the clients that may use the relay. By default it is open to all pages of the
//! bridge's own origin.
//!
//! There are three ways to authenticate, and any configured one suffices: a token, a user's password,
//! or a header that a trusted proxy adds after its single sign-on. A program sends token or password
//! with each request. A page cannot do that, so it signs in once and gets a [`session`]: a cookie that
//! any bridge with the same files accepts without storing it.

mod authenticator;
mod credentials;
mod denial;
mod entries;
mod error;
mod methods;
mod password;
mod session;
mod throttle;
mod tokens;
mod users;
mod watch;

pub(crate) use authenticator::Authenticator;
pub(crate) use credentials::of_header;
pub(crate) use denial::Denial;
pub use error::AccessError;
pub use methods::AccessMethods;
pub use password::{PasswordError, hash_line};
pub(crate) use session::LIFETIME;
pub use tokens::Tokens;
pub use users::Users;
