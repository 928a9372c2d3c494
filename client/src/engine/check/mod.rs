//! One check of a mailbox: connects, logs in, lists, fetches new messages, and quits.
//!
//! | file | holds |
//! |---|---|
//! | `run` | a check from outside: its outcome, cancelling, testing settings |
//! | `sessions` | one session of a check, and the loop over sessions |
//! | `recovery` | the one decision about what follows a session |
//! | `error` | the two ways in which a phase of a session fails |
//! | `find` | the messages on the server, and the new ones among them |
//! | `fetch` | RETR, and the messages that arrive |
//! | `meter` | progress, at most ten reports per second |
//!
//! A check changes nothing on the server. Dropping it loses only messages that were not committed yet.
//! The next check continues from the stored unique-ids.

mod error;
pub(in crate::engine) mod fetch;
pub(in crate::engine) mod find;
pub(in crate::engine) mod meter;
mod recovery;
mod run;
mod sessions;

pub use run::{check, prove, resume};
