//! Errors of files of tokens or users. Their lines are secret, so errors name only the line numbers.

use std::io;
use std::path::Path;

use thiserror::Error;

use crate::files;

/// Why a file of tokens or users cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: String,
        /// The error of the system.
        error: io::Error,
    },
    /// A line is invalid.
    #[error("{path}, line {line}: {what}")]
    Line {
        /// The file.
        path: String,
        /// The line, counted from 1.
        line: usize,
        /// The fault of the line, and the expected form.
        what: &'static str,
    },
    /// The file has no entry, so no client could authenticate.
    #[error("{0}: the file has no entries, and would refuse every client")]
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

/// Parses each line of a text, except blank lines and comments, which begin with `#`.
///
/// # Errors
/// [`AccessError`] names the file, and the line that `read_line` rejects.
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
