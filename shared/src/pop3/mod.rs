//! POP3 without I/O: octets in, typed events out, and the other way round.
//!
//! | file | holds |
//! |---|---|
//! | [`argument`] | what commands carry, checked: nothing that could end a line early can be built |
//! | [`command`] | the commands, and how they are written and read |
//! | [`raw`] | lines that a person types |
//! | [`reply`] | status indicators and response codes |
//! | [`capability`] | the lines that answer `CAPA` |
//! | [`limits`] | how much is read and kept, and why |
//! | [`listing`] | what `STAT`, `LIST` and `UIDL` say |
//! | `framing` | cuts what a server sends into lines and bodies |
//! | [`login`] | the ways to log in, and how they rank |
//! | [`quirk`] | what servers do that the standards do not say |
//! | [`transcript`] | conversations as text, to read and to replay |
//! | [`session`] | the client's half: commands in, typed events out |
//! | [`server`] | the server's half: reads command lines, writes replies |
//!
//! Octets from the peer are read leniently, since servers in the wild are odd; what is written
//! follows the grammar to the letter.

pub mod argument;
pub mod capability;
pub mod command;
mod framing;
pub mod limits;
pub mod listing;
pub mod login;
pub mod quirk;
pub mod raw;
pub mod reply;
pub mod server;
pub mod session;
pub mod transcript;
