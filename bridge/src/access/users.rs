//! The users that may sign in: names, and what argon2 made of their passwords.

use std::collections::HashSet;

use super::entries::{Entries, Entry};
use super::password::Hash;
use super::session::SessionKey;

/// The users of a bridge: `name:hash` lines.
pub type Users = Entries<User>;

/// One user.
pub struct User {
    name: String,
    hash: Hash,
    key: SessionKey,
}

impl Users {
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
        self.all.get(place).map(User::key)
    }
}

impl Entry for User {
    /// The names so far.
    type Reader = HashSet<String>;

    const NAME: &'static str = "Users";

    fn read(names: &mut HashSet<String>, line: &str) -> Result<Self, &'static str> {
        let (name, hash) = line
            .split_once(':')
            .ok_or("a user is written as name:hash, as `restante-bridge hash-password` does")?;
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err("the name before the colon is empty, or has control characters");
        }
        if !names.insert(name.to_owned()) {
            return Err("this name stands above already");
        }
        Ok(Self {
            name: name.to_owned(),
            hash: Hash::parse(hash)?,
            key: SessionKey::derive("user", line.as_bytes()),
        })
    }

    fn key(&self) -> &SessionKey {
        &self.key
    }
}
