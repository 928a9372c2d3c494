//! Why TLS cannot be set up.

use std::path::Path;

use thiserror::Error;

use super::certificate::CertificateError;

/// Why TLS cannot be set up. Each error names the file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file or folder cannot be read or created.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder.
        path: String,
        /// The error of the system.
        error: std::io::Error,
    },
    /// The files do not hold a usable certificate with its key.
    #[error("{path}: {error}")]
    Certificate {
        /// The files.
        path: String,
        /// The error in their content.
        error: CertificateError,
    },
    /// rustls rejects the configuration.
    #[error("TLS cannot be set up: {0}")]
    Unusable(#[from] rustls::Error),
}

impl TlsError {
    pub(super) fn io(path: &Path, error: std::io::Error) -> Self {
        let path = path.display().to_string();
        Self::Io { path, error }
    }
}
