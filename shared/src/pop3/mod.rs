//! POP3 without I/O: octets in, typed events out, and the other way round.
//!
//! | file | holds |
//! |---|---|
//! | [`argument`] | what commands carry, checked: nothing that could end a line early can be built |
//! | [`command`] | the commands, and how they are written and read |
//! | [`reply`] | status indicators and response codes |
//! | [`capability`] | the lines that answer `CAPA` |
//! | [`listing`] | what `STAT`, `LIST` and `UIDL` say |
//! | `framing` | cuts what a server sends into lines and bodies |
//! | [`session`] | the client's half: commands in, typed events out |
//! | [`server`] | the server's half: reads command lines, writes replies |
//!
//! Octets from the peer are read leniently, since servers in the wild are odd; what is written
//! follows the grammar to the letter.

pub mod argument;
pub mod capability;
pub mod command;
mod framing;
pub mod listing;
pub mod reply;
pub mod server;
pub mod session;

/// The longest command line in octets, its CRLF included ([RFC 2449 §4]).
pub const MAX_COMMAND_OCTETS: usize = 255;

/// The longest first line of a response in octets, its CRLF included ([RFC 2449 §4]).
pub const MAX_STATUS_OCTETS: usize = 512;
