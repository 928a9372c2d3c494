//! Errors of the index, by the remedy that they need.

use rusqlite::{ErrorCode, ffi};

use crate::api::problem::{Problem, ProblemKind};
use crate::engine::store::spool::StorageError;

/// The reason why an index operation failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// The index is damaged: it must be rebuilt from the spool.
    #[error("the index is damaged: {0}")]
    Damaged(String),
    /// Storage failed, either the index's or the spool's.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<rusqlite::Error> for IndexError {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => StorageError::Full.into(),
                ErrorCode::SystemIoFailure if is_short_write(failure.extended_code) => {
                    StorageError::Full.into()
                }
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                    Self::Damaged(error.to_string())
                }
                _ => StorageError::failed(error).into(),
            },
            // Statements and types are fixed. If they do not fit, the schema or a value is not as
            // it was written.
            _ => Self::Damaged(error.to_string()),
        }
    }
}

/// True if the browser wrote less than requested, which happens only when it runs out of room. The
/// pool reports this to SQLite as a write error.
fn is_short_write(code: i32) -> bool {
    cfg!(target_arch = "wasm32")
        && matches!(
            code,
            ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_TRUNCATE | ffi::SQLITE_IOERR_FSYNC
        )
}

impl From<IndexError> for Problem {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Storage(error) => error.into(),
            IndexError::Damaged(_) => {
                Self::with_detail(ProblemKind::StorageFailed, error.to_string())
            }
        }
    }
}
