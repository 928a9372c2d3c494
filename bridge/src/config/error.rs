//! Errors of the configuration.

use std::io;

use thiserror::Error;

use crate::access::AccessError;
use crate::tls::TlsError;

/// Why the configuration cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: String,
        /// The error of the system.
        error: io::Error,
    },
    /// The file is not valid TOML, or has an unknown key.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// The error with its position.
        error: Box<toml::de::Error>,
    },
    /// A setting is invalid, contradicts another one, or requires one that is missing.
    #[error("{0}")]
    Conflict(String),
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A file of tokens or users cannot be used.
    #[error(transparent)]
    Access(#[from] AccessError),
}

/// Returns a [`ConfigError::Conflict`] with this text.
pub(super) fn conflict<T>(text: &str) -> Result<T, ConfigError> {
    Err(ConfigError::Conflict(text.to_owned()))
}
