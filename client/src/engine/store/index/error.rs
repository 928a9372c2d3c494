//! What can go wrong with the index, by what helps against it.

use rusqlite::{ErrorCode, ffi};

use crate::api::event::{Problem, ProblemKind};
use crate::engine::store::spool::StorageError;

/// Why the index did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// It is damaged: it has to be derived from the spool again.
    #[error("the index is damaged: {0}")]
    Damaged(String),
    /// Storage failed, its own or the spool's.
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
            // Statements and types are fixed: if they do not fit, the schema or a value is not what
            // was written.
            _ => Self::Damaged(error.to_string()),
        }
    }
}

/// Whether the browser has written less than it was asked to, which it does only when it runs out
/// of room: the pool tells SQLite of an error in writing.
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
