//! Passwords, and their argon2 hashes.

use argon2::password_hash::phc::PasswordHash;
use argon2::{ARGON2ID_IDENT, Argon2, Params, PasswordHasher as _, PasswordVerifier as _};
use thiserror::Error;

/// The most memory of one verification, in KiB; a hash of `hash-password` takes 19 MiB.
const MAX_MEMORY: u32 = 256 * 1024;

/// The most passes over that memory.
const MAX_PASSES: u32 = 16;

/// The argon2id hash of a password.
pub(super) struct StoredHash(PasswordHash);

impl StoredHash {
    /// Parses a hash in the format of argon2's own programs, or returns what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let hash = PasswordHash::new(text)
            .ok()
            .filter(|hash| hash.salt.is_some() && hash.hash.is_some())
            .ok_or(
                "no valid hash after the colon: create one with `restante-bridge hash-password`",
            )?;
        if hash.algorithm != ARGON2ID_IDENT {
            return Err("the hash is not an argon2id hash");
        }
        let cost = Params::try_from(&hash).map_err(|_| "the hash has invalid cost parameters")?;
        if cost.m_cost() > MAX_MEMORY || cost.t_cost() > MAX_PASSES {
            return Err("the hash costs more than 256 MiB or 16 passes for each verification");
        }
        Ok(Self(hash))
    }

    /// Returns true if the hash is of this password. Compares in constant time.
    pub(super) fn verify(&self, password: &str) -> bool {
        let verified = Argon2::default().verify_password(password.as_bytes(), &self.0);
        verified.is_ok()
    }
}

/// Why no line was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// The name cannot be used in the file.
    #[error(
        "a user name must not be empty, begin with #, or contain a colon or control characters"
    )]
    Name,
    /// The password is empty.
    #[error("the password is empty: pass it on standard input")]
    Empty,
    /// The system provided no random salt.
    #[error("the hash could not be created")]
    Failed,
}

/// Returns the line of a users' file with which `name` signs in with `password`.
///
/// # Errors
/// [`PasswordError`] if the name or the password cannot be used.
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
