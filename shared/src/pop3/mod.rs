//! POP3 without I/O: a client's session, a server's codec, and the types that both use.
//!
//! | file | holds |
//! |---|---|
//! | [`argument`] | the arguments of commands, checked: no value can end its line early |
//! | [`command`] | the commands, encoded and parsed |
//! | [`raw`] | command lines that the user types |
//! | [`reply`] | status indicators and response codes |
//! | [`capability`] | the capabilities that `CAPA` lists |
//! | [`limits`] | the limits of what is read and kept, with their reasons |
//! | [`listing`] | the listings of `STAT`, `LIST` and `UIDL` |
//! | `framing` | splits the bytes of a server into lines and bodies |
//! | [`login`] | the login methods and the order in which to try them |
//! | [`quirk`] | deviations of servers from the standards |
//! | [`transcript`] | recorded sessions as text, to read and to replay |
//! | [`session`] | the client side: commands in, typed events out |
//! | [`server`] | the server side: parses command lines, writes replies |
//!
//! Parsers accept more than the standards allow, because real servers deviate from them. Writers follow
//! the grammar exactly.

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
