//! Why a file of tokens or users cannot be used; its lines are secret, so only their numbers are told.

use std::io;
use std::path::Path;

use thiserror::Error;

use crate::files;

/// What is wrong with a file of tokens or users.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// A line is wrong.
    #[error("{path}, line {line}: {what}")]
    Line {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what would be right.
        what: &'static str,
    },
    /// The file would let nobody in.
    #[error("{0}: nobody is in it, so nobody would be let in")]
    Empty(String),
}

/// Reads a file as text.
///
/// # Errors
/// [`AccessError::Read`] names the file.
pub(super) fn read_text(path: &Path) -> Result<String, AccessError> {
    files::read_text(path).map_err(|error| AccessError::Read {
        path: path.display().to_string(),
        error,
    })
}

/// Reads text in which each line stands for itself; those that are blank or begin with `#` do not
/// count.
///
/// # Errors
/// [`AccessError`] names the file, and the line that `read_line` has something against.
pub(super) fn read_lines<T>(
    path: &Path,
    text: &str,
    mut read_line: impl FnMut(&str) -> Result<T, &'static str>,
) -> Result<Vec<T>, AccessError> {
    let name = || path.display().to_string();
    let lines = text.lines().map(str::trim).zip(1..);
    let found: Vec<T> = lines
        .filter(|(text, _)| !text.is_empty() && !text.starts_with('#'))
        .map(|(text, line)| {
            read_line(text).map_err(|what| AccessError::Line {
                path: name(),
                line,
                what,
            })
        })
        .collect::<Result<_, _>>()?;
    if found.is_empty() {
        return Err(AccessError::Empty(name()));
    }
    Ok(found)
}
