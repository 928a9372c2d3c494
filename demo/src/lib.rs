//! The demo mailbox: a POP3 server on loopback with messages written for this project.
//!
//! [`start`] opens one port with implicit TLS and one that offers `STLS`, and creates a
//! certification authority for this run. The page reaches the server through the relay, like that
//! of any other account. Other POP3 clients can be tested against it too.
//!
//! It differs from a real server in three ways, on purpose:
//! - The password is public ([`PASSWORD`]), so the server accepts it before TLS.
//! - `DELE` lasts until the end of its session. The next session sees all messages again, so that
//!   no visitor finds an empty mailbox.
//! - The dates of the messages are relative to the start, so that the mailbox looks used. A
//!   unique-id is computed from the committed text, and stays the same from start to start.
//!
//! | file | holds |
//! |---|---|
//! | `account` | the address, name and password to log in with |
//! | `start` | the options, and the start of the server |
//! | `templates` | the messages as they are committed |
//! | `placeholder` | the values filled in at the start: dates, and the large attachment |
//! | `picture` | that attachment, which is generated instead of committed |
//! | `maildrop` | the messages as they are served |
//! | `session`, `transaction` | the answer to each command, without I/O |
//! | `connection`, `server` | the sockets, and their limits |
//! | `authority` | the certificates |

mod account;
mod authority;
mod connection;
mod maildrop;
mod picture;
mod placeholder;
mod server;
mod session;
mod start;
mod templates;
mod transaction;

pub use account::{ADDRESS, PASSWORD, USER};
pub use start::{DEFAULT_STLS_PORT, DEFAULT_TLS_PORT, Demo, DemoOptions, IDLE, start};
