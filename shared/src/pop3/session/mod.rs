//! The client's half: a state machine that turns commands into octets and octets into events.
//!
//! The caller owns the connection. It [sends](Session::send) commands, writes what
//! [`take_output`](Session::take_output) returns, hands what it reads to
//! [`receive`](Session::receive), and asks for [events](Session::next_event) until there is none:
//!
//! ```
//! use bytes::Bytes;
//! use restante_shared::pop3::command::Command;
//! use restante_shared::pop3::session::{Event, Request, Session};
//!
//! let mut session = Session::new();
//! session.receive(Bytes::from_static(b"+OK POP3 server ready\r\n"));
//! while let Some(event) = session.next_event().unwrap() {
//!     println!("{event:?}");
//! }
//! session.send(Command::Quit).unwrap();
//! assert_eq!(session.take_output(), b"QUIT\r\n");
//! ```
//!
//! Commands that leave the state alone may be sent ahead of earlier replies (`PIPELINING`,
//! [RFC 2449 §6.6]), which are matched in order; whether the server has that capability is the
//! caller's to know. A [`MisuseError`] is the caller's fault and changes nothing; after a
//! [`PeerError`] the connection is of no more use.

mod event;
mod machine;
#[cfg(test)]
mod memory_tests;
mod replies;
mod secrets;
mod state;
mod trace;
mod upgrade;

pub use event::{Event, MisuseError, PeerError, Request};
pub use machine::Session;
pub use secrets::Secrets;
pub use state::SessionState;
pub use upgrade::{StlsUpgrade, UpgradeError};
