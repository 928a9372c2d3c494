//! The file system operations that the spool needs, few enough for OPFS, a disk and memory.

use std::fmt;

use crate::api::problem::{Problem, ProblemKind};

/// The reason why a storage operation failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// There is no room left for this site.
    #[error("the storage is full")]
    Full,
    /// The browser gives this window no storage at all, as in many private windows.
    #[error("this window has no storage")]
    Absent,
    /// Any other error, as the system describes it.
    #[error("{0}")]
    Failed(String),
}

impl StorageError {
    /// Creates an error from a description.
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

    /// Returns the names of all files, in any order.
    async fn names(&self) -> Result<Vec<String>, StorageError>;

    /// Opens a file for reading and writing, and creates it if necessary. A file may be open only
    /// once at a time.
    async fn open(&self, name: &str) -> Result<Self::File, StorageError>;

    /// Removes a file, which must not be open.
    async fn remove(&self, name: &str) -> Result<(), StorageError>;
}

/// A file that is read and written at given offsets, without a cursor.
pub trait File {
    /// Returns the size in bytes.
    fn size(&self) -> Result<u64, StorageError>;

    /// Reads from `offset` until `buffer` is full or the file ends. Returns the number of bytes
    /// read.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, StorageError>;

    /// Writes all of `octets` at `offset`. After an error, any part of them may have been written.
    fn write_at(&mut self, offset: u64, octets: &[u8]) -> Result<(), StorageError>;

    /// Truncates the file to `size` bytes.
    fn truncate(&mut self, size: u64) -> Result<(), StorageError>;

    /// Makes all written data durable.
    fn flush(&mut self) -> Result<(), StorageError>;
}
