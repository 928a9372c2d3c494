//! Files with one entry on each line: the common part of tokens and users.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::error::{AccessError, read_lines, read_text};
use super::session::SessionKey;
use super::watch::EntriesSource;

/// The content of one line.
pub trait AccessEntry: Sized {
    /// The state that is passed from line to line of one file.
    type Reader: Default;

    /// The plural name, for debug output.
    const NAME: &'static str;

    /// Parses a line.
    ///
    /// # Errors
    /// A text that names the fault of the line and the expected form.
    fn read(reader: &mut Self::Reader, line: &str) -> Result<Self, &'static str>;

    /// Returns the key that authenticates the session cookies of this entry.
    fn key(&self) -> &SessionKey;
}

/// The entries of one file; at least one.
pub struct Entries<E> {
    pub(super) source: EntriesSource,
    pub(super) all: Arc<[E]>,
}

impl<E: AccessEntry> Entries<E> {
    /// Reads a file of entries.
    ///
    /// # Errors
    /// [`AccessError`] names the file and the line to correct.
    pub fn read(path: &Path) -> Result<Self, AccessError> {
        Self::of(path, &read_text(path)?)
    }

    /// Parses the text of the file at `path`.
    pub(super) fn of(path: &Path, text: &str) -> Result<Self, AccessError> {
        let mut reader = E::Reader::default();
        let all = read_lines(path, text, |line| E::read(&mut reader, line))?;
        Ok(Self {
            source: EntriesSource::new(path, text),
            all: all.into(),
        })
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &SessionKey> {
        self.all.iter().map(E::key)
    }
}

impl<E> Clone for Entries<E> {
    fn clone(&self) -> Self {
        Self {
            source: self.source.clone(),
            all: Arc::clone(&self.all),
        }
    }
}

impl<E: AccessEntry> fmt::Debug for Entries<E> {
    /// Shows only the number of entries.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", E::NAME, self.all.len())
    }
}
