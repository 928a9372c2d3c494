//! What the spool needs of a file system, small enough for OPFS, a disk and plain memory alike.

use std::fmt;

use crate::api::event::{Problem, ProblemKind};

/// Why storage did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// There is no room left for this site.
    #[error("the storage is full")]
    Full,
    /// The browser gives this window no storage at all, as in many private windows.
    #[error("this window has no storage")]
    Absent,
    /// Anything else, in the words of the system.
    #[error("{0}")]
    Failed(String),
}

impl StorageError {
    /// An error of which only the description matters.
    pub fn failed(what: impl fmt::Display) -> Self {
        Self::Failed(what.to_string())
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Full => Self::new(ProblemKind::StorageFull),
            StorageError::Absent => {
                Self::with_detail(ProblemKind::StorageFailed, error.to_string())
            }
            StorageError::Failed(detail) => Self::with_detail(ProblemKind::StorageFailed, detail),
        }
    }
}

/// A flat folder of files.
#[allow(async_fn_in_trait)] // One thread: no caller needs the futures to be `Send`.
pub trait Files {
    /// An open file.
    type File: File;

    /// The names of all files, in any order.
    async fn names(&self) -> Result<Vec<String>, StorageError>;

    /// Opens a file for reading and writing, making it if there is none. A file is open once at a
    /// time.
    async fn open(&self, name: &str) -> Result<Self::File, StorageError>;
}

/// A file that is read and written at positions, without a cursor.
pub trait File {
    /// Its size in octets.
    fn size(&self) -> Result<u64, StorageError>;

    /// Reads from `offset` until `buffer` is full or the file ends; returns the octets read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StorageError>;

    /// Writes all of `octets` at `offset`. After an error, any part of them may have been written.
    fn write_at(&mut self, offset: u64, octets: &[u8]) -> Result<(), StorageError>;

    /// Cuts the file to `size` octets.
    fn truncate(&mut self, size: u64) -> Result<(), StorageError>;

    /// Makes all that was written durable.
    fn flush(&mut self) -> Result<(), StorageError>;
}
