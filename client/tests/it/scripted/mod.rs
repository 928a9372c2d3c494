//! Servers whose answers the test defines.
//!
//! | file | holds |
//! |---|---|
//! | `script` | a server that replays transcripts exactly, one for each connection |
//! | `answers` | a server that gives the same answer to a command whenever it comes |
//! | `scram` | a server with a real SCRAM exchange |
//! | `wire` | the connection of a script: in clear text, then with TLS |
//!
//! A script shows a whole dialogue, and verifies the client's commands. `answers` is for tests in
//! which the order of commands does not matter.

mod answers;
mod scram;
mod script;
mod wire;

pub(crate) use answers::{Answer, list, say, start, usual};
pub(crate) use scram::{Scram, Seen};
pub(crate) use script::Script;
