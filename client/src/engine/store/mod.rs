//! The store: spool and index combined in one interface, the only one that the rest of the engine
//! uses.
//!
//! New data is written to the spool and flushed; from then on it is durable. The index catches up
//! before it is queried, in one transaction for all new records. The words of messages are indexed
//! when there is time. After a crash in between, the index catches up at the next start. Incoming
//! mail therefore never waits for the index.
//!
//! | file | holds |
//! |---|---|
//! | `facade` | the store itself, and its mailboxes |
//! | `opening` | catching up at the start |
//! | `keeping` | messages and other records on their way to the spool |
//! | `changing` | changes of messages by the user |
//! | `following` | bringing the index up to date with the spool, and rebuilding it |
//! | `reading` | lists, searches, messages |

mod changing;
mod facade;
mod following;
pub mod index;
mod keeping;
mod opening;
mod reading;
pub mod spool;
#[cfg(test)]
mod tests;

pub use facade::Store;
