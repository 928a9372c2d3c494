//! The users that may sign in, with their names and password hashes.

use std::collections::HashSet;

use super::entries::{AccessEntry, Entries};
use super::password::StoredHash;
use super::session::SessionKey;

/// The users of a bridge: `name:hash` lines.
pub type Users = Entries<User>;

/// One user.
pub struct User {
    name: String,
    hash: StoredHash,
    key: SessionKey,
}

impl Users {
    /// Verifies a password, and returns the user's index. It takes a processor and much memory for tens of
    /// milliseconds.
    ///
    /// An unknown name takes as long as a wrong password of the first user, so the time does not reveal
    /// which names exist.
    pub(super) fn verify(&self, name: &str, password: &str) -> Option<usize> {
        let place = self.all.iter().position(|user| user.name == name);
        let user = self.all.get(place.unwrap_or(0))?;
        let right = user.hash.verify(password);
        place.filter(|_| right)
    }

    pub(super) fn key(&self, place: usize) -> Option<&SessionKey> {
        self.all.get(place).map(User::key)
    }
}

impl AccessEntry for User {
    /// The names so far.
    type Reader = HashSet<String>;

    const NAME: &'static str = "Users";

    fn read(names: &mut HashSet<String>, line: &str) -> Result<Self, &'static str> {
        let (name, hash) = line
            .split_once(':')
            .ok_or("expected name:hash, as `restante-bridge hash-password` prints it")?;
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err("the name before the colon is empty, or contains control characters");
        }
        if !names.insert(name.to_owned()) {
            return Err("duplicate user name");
        }
        Ok(Self {
            name: name.to_owned(),
            hash: StoredHash::parse(hash)?,
            key: SessionKey::derive("user", line.as_bytes()),
        })
    }

    fn key(&self) -> &SessionKey {
        &self.key
    }
}
