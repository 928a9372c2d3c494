//! The client, embedded in the binary as a table of files.
//!
//! A request's path is only looked up in the table, so there is no path traversal and no access to the
//! disk.

mod asset;
mod files;
mod negotiate;

pub use asset::Asset;
pub use files::Site;

/// The modules of the build script, so that their tests run with the others.
#[cfg(test)]
#[path = "../../build"]
mod build {
    pub(crate) mod compress;
    pub(crate) mod files;
    pub(crate) mod scripts;
}
