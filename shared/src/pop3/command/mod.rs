//! The commands of POP3, encoded for a server and parsed from a client.

mod kinds;
mod login;
mod read;
mod write;
mod xtnd;

pub use kinds::{Command, CommandError};
pub use login::{Apop, Auth};
pub use xtnd::Xtnd;
