//! The spool: raw mail in append-only segment files, the one thing that must never be lost.
//!
//! A segment is a header (twice, for safety) and records. A record is a header of 32 octets and a
//! payload; both carry a checksum, so that a torn length is told apart from a torn payload. Every
//! header begins with a marker that was drawn at random when the spool was made: by it the reader
//! finds the next record after a damaged one, and no mail can contain a forged record, since its
//! sender cannot know the marker.
//!
//! Records are numbered without gaps; the number of a message's record is its
//! [`MessageId`](crate::api::event::MessageId). A record counts once [`Spool::flush`] has returned. What
//! a crash left half-written at the end is cut by [`Scan`] at the next start; a record that was
//! damaged in the middle is left out and reported, and the ones after it are found again.
//!
//! Whoever reads a kind of record that it does not know passes over it, so a newer version may add
//! kinds without a new format.

mod append;
mod disk;
pub mod faults;
pub mod files;
mod format;
mod memory;
mod opfs;
mod record;
mod scan;
mod window;

#[cfg(not(target_arch = "wasm32"))]
pub use disk::DiskFiles;
pub use memory::{MemoryFile, MemoryFiles};
#[cfg(target_arch = "wasm32")]
pub use opfs::{OpfsFile, OpfsFiles};

pub use append::Spool;
pub use files::{File, Files, StorageError};
pub use format::{Checkpoint, Location};
pub use record::{MessageHead, Record};
pub use scan::{Found, Scan, Scanned};

#[cfg(test)]
mod tests;
