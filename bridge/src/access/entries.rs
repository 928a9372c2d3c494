//! A file with an entry a line, each of which lets somebody in: what tokens and users have in common.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::error::{AccessError, read_lines, read_text};
use super::keep::Source;
use super::session::SessionKey;

/// What stands in one line.
pub trait Entry: Sized {
    /// What reads the lines of one file, one after the other.
    type Reader: Default;

    /// What they are called together.
    const NAME: &'static str;

    /// Reads a line, or says what is wrong with it.
    ///
    /// # Errors
    /// What is wrong with the line, and what would be right.
    fn read(reader: &mut Self::Reader, line: &str) -> Result<Self, &'static str>;

    /// What authenticates the cookies of whoever this entry lets in.
    fn key(&self) -> &SessionKey;
}

/// The entries of one file; there is at least one.
pub struct Entries<E> {
    pub(super) source: Source,
    pub(super) all: Arc<[E]>,
}

impl<E: Entry> Entries<E> {
    /// Reads a file of entries.
    ///
    /// # Errors
    /// [`AccessError`] names the file and the line to mend.
    pub fn read(path: &Path) -> Result<Self, AccessError> {
        Self::of(path, &read_text(path)?)
    }

    /// Reads what the file at `path` holds.
    pub(super) fn of(path: &Path, text: &str) -> Result<Self, AccessError> {
        let mut reader = E::Reader::default();
        let all = read_lines(path, text, |line| E::read(&mut reader, line))?;
        Ok(Self {
            source: Source::new(path, text),
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

impl<E: Entry> fmt::Debug for Entries<E> {
    /// Tells how many there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", E::NAME, self.all.len())
    }
}
