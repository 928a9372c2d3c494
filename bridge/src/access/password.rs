//! Passwords, and what argon2 makes of them.

use argon2::password_hash::phc::PasswordHash;
use argon2::{ARGON2ID_IDENT, Argon2, Params, PasswordHasher as _, PasswordVerifier as _};
use thiserror::Error;

/// The most memory that one verification may take, in KiB; what `hash-password` makes takes 19 MiB.
const MOST_MEMORY: u32 = 256 * 1024;

/// The most passes over that memory.
const MOST_PASSES: u32 = 16;

/// What argon2id made of a password.
pub(super) struct Hash(PasswordHash);

impl Hash {
    /// Reads a hash as argon2's own programs write it; returns what is wrong with it otherwise.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let hash = PasswordHash::new(text)
            .ok()
            .filter(|hash| hash.salt.is_some() && hash.hash.is_some())
            .ok_or("the hash after the colon is none: `restante-bridge hash-password` makes one")?;
        if hash.algorithm != ARGON2ID_IDENT {
            return Err("the hash is not of argon2id");
        }
        let cost = Params::try_from(&hash).map_err(|_| "the hash has costs that argon2 has not")?;
        if cost.m_cost() > MOST_MEMORY || cost.t_cost() > MOST_PASSES {
            return Err("the hash costs more than 256 MiB or 16 passes: each try would take that");
        }
        Ok(Self(hash))
    }

    /// Whether it was made of this password; compared in constant time.
    pub(super) fn verify(&self, password: &str) -> bool {
        let verified = Argon2::default().verify_password(password.as_bytes(), &self.0);
        verified.is_ok()
    }
}

/// Why no line was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// The name cannot stand in the file.
    #[error(
        "a user's name has no colon and no control characters, is not empty, and does not begin with #"
    )]
    Name,
    /// There is no password.
    #[error("the password is empty: write it to standard input")]
    Empty,
    /// The system gave no randomness.
    #[error("no hash could be made")]
    Failed,
}

/// The line of a users' file by which `name` signs in with `password`.
///
/// # Errors
/// [`PasswordError`] says which of them cannot be used.
pub fn hash_line(name: &str, password: &str) -> Result<String, PasswordError> {
    let sound = !name.contains(':') && !name.chars().any(char::is_control);
    if !sound || name.trim() != name || name.is_empty() || name.starts_with('#') {
        return Err(PasswordError::Name);
    }
    if password.is_empty() {
        return Err(PasswordError::Empty);
    }
    let hash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|_| PasswordError::Failed)?;
    Ok(format!("{name}:{hash}"))
}
