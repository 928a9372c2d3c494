//! The bridge's own TLS: a certificate chain and its key, from PEM files.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;

/// Why there is no TLS; each names the file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The file cannot be read, or is no PEM.
    #[error("{0}: {1}")]
    Pem(String, rustls_pki_types::pem::Error),
    /// The file holds no certificate.
    #[error("{0}: there is no certificate in it")]
    Empty(String),
    /// Certificate and key do not go together, or are of a kind that is not supported.
    #[error("{0}: {1}")]
    Unusable(String, rustls::Error),
}

/// Reads both files, and offers HTTP/2 before HTTP/1.1.
pub(super) fn server_config(cert: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let name = |path: &Path| path.display().to_string();
    let in_cert = |error| TlsError::Pem(name(cert), error);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(cert)
        .map_err(in_cert)?
        .collect::<Result<_, _>>()
        .map_err(in_cert)?;
    if chain.is_empty() {
        return Err(TlsError::Empty(name(cert)));
    }
    let secret =
        PrivateKeyDer::from_pem_file(key).map_err(|error| TlsError::Pem(name(key), error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let unusable = |error| TlsError::Unusable(name(cert), error);
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
