//! The values in commands and listings, checked when they are created.

mod credentials;
mod error;
mod message;
mod names;

pub use credentials::{ApopDigest, ApopTimestamp, Password, UserName};
pub use error::ArgumentError;
pub(crate) use error::check_line;
use error::check_word;
pub use message::{MessageNumber, UniqueId};
pub use names::{BoardName, LanguageRange};
