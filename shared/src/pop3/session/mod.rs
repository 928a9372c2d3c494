//! The client side: a state machine that turns commands into bytes, and received bytes into events.
//!
//! The caller owns the connection. It [sends](Session::send) commands, writes the result of
//! [`take_output`](Session::take_output) to the connection, passes the bytes that it reads to
//! [`receive`](Session::receive), and calls [`next_event`](Session::next_event) until there is no event:
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
//! Commands that do not change the state may be sent before earlier replies have arrived
//! (`PIPELINING`, [RFC 2449 §6.6]); replies are matched in order. The caller must check that the
//! server has that capability. A [`MisuseError`] is a mistake of the caller and changes nothing.
//! After a [`PeerError`] the connection is unusable.

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
