//! What can go wrong with the index, by what helps against it.

use rusqlite::ErrorCode;

use crate::engine::event::{Problem, ProblemKind};
use crate::engine::spool::StorageError;

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

impl From<IndexError> for Problem {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Storage(error) => error.into(),
            IndexError::Damaged(_) => Self {
                kind: ProblemKind::StorageFailed,
                detail: Some(error.to_string()),
            },
        }
    }
}
