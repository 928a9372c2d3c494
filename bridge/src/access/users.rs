//! The users that may sign in: names, and what argon2 made of their passwords.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::error::{AccessError, read_lines, read_text};
use super::keep::{List, Source};
use super::password::Hash;
use super::session::SessionKey;

/// The users of a bridge; there is at least one.
#[derive(Clone)]
pub struct Users {
    source: Source,
    all: Arc<[User]>,
}

struct User {
    name: String,
    hash: Hash,
    key: SessionKey,
}

impl Users {
    /// Reads a file of `name:hash` lines.
    ///
    /// # Errors
    /// [`AccessError`] names the file and the line to mend.
    pub fn read(path: &Path) -> Result<Self, AccessError> {
        Self::of(path, &read_text(path)?)
    }

    /// Verifies a password, which takes a processor and much memory for tens of milliseconds; returns
    /// the user's place.
    ///
    /// A name that there is not takes as long as a wrong password of the first user: no shorter answer
    /// tells which names there are.
    pub(super) fn verify(&self, name: &str, password: &str) -> Option<usize> {
        let place = self.all.iter().position(|user| user.name == name);
        let user = self.all.get(place.unwrap_or(0))?;
        let right = user.hash.verify(password);
        place.filter(|_| right)
    }

    pub(super) fn key(&self, place: usize) -> Option<&SessionKey> {
        self.all.get(place).map(|user| &user.key)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &SessionKey> {
        self.all.iter().map(|user| &user.key)
    }
}

impl List for Users {
    fn of(path: &Path, text: &str) -> Result<Self, AccessError> {
        let mut names = HashSet::new();
        let users = read_lines(path, text, |line| {
            let (name, hash) = line
                .split_once(':')
                .ok_or("a user is written as name:hash, as `restante-bridge hash-password` does")?;
            if name.is_empty() || name.chars().any(char::is_control) {
                return Err("the name before the colon is empty, or has control characters");
            }
            if !names.insert(name.to_owned()) {
                return Err("this name stands above already");
            }
            Ok(User {
                name: name.to_owned(),
                hash: Hash::parse(hash)?,
                key: SessionKey::derive("user", line.as_bytes()),
            })
        })?;
        Ok(Self {
            source: Source::new(path, text),
            all: users.into(),
        })
    }

    fn source(&self) -> &Source {
        &self.source
    }

    fn count(&self) -> usize {
        self.all.len()
    }
}

impl fmt::Debug for Users {
    /// Tells how many there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Users({})", self.all.len())
    }
}
