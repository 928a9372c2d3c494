//! Servers that say what a test makes them say.
//!
//! | file | holds |
//! |---|---|
//! | `script` | a server that plays transcripts to the letter, one a connection |
//! | `answers` | a server that answers each command alike whenever it comes |
//! | `scram` | a server with which a login is a real exchange |
//! | `wire` | octets under a script: in the clear, then under TLS |
//!
//! A script shows a whole conversation and proves what the client said; answers are for tests in
//! which the order of commands is no matter.

mod answers;
mod scram;
mod script;
mod wire;

pub(crate) use answers::{Answer, list, say, start, usual};
pub(crate) use scram::{Scram, Seen};
pub(crate) use script::Script;
