//! The spool: raw mail in append-only segment files, the only data that must never be lost.
//!
//! A segment is a header (stored twice, for safety) and records. A record is a header of 32 bytes
//! and a payload. Both carry a checksum, which distinguishes a torn length from a torn payload.
//! Every header begins with a marker that was drawn at random when the spool was created. It
//! locates the next record after a damaged one. Mail cannot contain a forged record, because its
//! sender cannot know the marker.
//!
//! Records are numbered without gaps; the number of a message's record is its
//! [`MessageId`](crate::api::ids::MessageId). A record is durable once [`Spool::flush`] has
//! returned. [`Scan`] truncates a half-written end at the next start. A damaged record in the
//! middle is left out and reported, and the records after it are found again.
//!
//! Unknown kinds of records are skipped, so a newer version may add kinds without a new format.

mod append;
mod change;
mod disk;
#[cfg(test)]
pub(crate) mod faults;
pub mod files;
mod format;
mod incoming;
mod memory;
mod opfs;
mod record;
mod scan;
mod scratch;
mod segments;
mod window;

#[cfg(not(target_arch = "wasm32"))]
pub use disk::DiskFiles;
pub use memory::{MemoryFile, MemoryFiles};
#[cfg(target_arch = "wasm32")]
pub use opfs::{OpfsFile, OpfsFiles};

pub use change::{Change, Mark};
pub use files::{File, Files, StorageError};
pub use format::{Checkpoint, Location};
pub use incoming::IncomingMessage;
pub use record::{MessageHead, Record};
pub use scan::{Found, Scan, Scanned};
pub use segments::Spool;

#[cfg(test)]
mod tests;
