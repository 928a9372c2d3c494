//! The client, embedded in the binary as a table of files.
//!
//! A request's path is only looked up in the table, so there is no path traversal and no access to the
//! disk.

mod asset;
#[cfg(test)]
#[path = "../../build/mod.rs"]
mod build;
mod files;
mod negotiate;

pub use asset::Asset;
pub use files::Site;
