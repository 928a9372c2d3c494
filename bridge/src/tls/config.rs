//! The TLS configuration of one bridge, and the source of its certificates.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use tokio_rustls::TlsAcceptor;

use super::acme::{Acme, AcmeSettings};
use super::cert_resolver::{ACME_PROTOCOL, CertResolver};
use super::error::TlsError;
use super::files::CertificateFiles;
use crate::metrics::Metrics;
use crate::reload::ReloadRequests;

/// TLS of one bridge, and the source of its certificates.
pub struct Tls {
    config: Arc<ServerConfig>,
    resolver: Arc<CertResolver>,
    source: CertificateSource,
}

enum CertificateSource {
    CertificateFiles(CertificateFiles),
    Acme(Box<Acme>),
}

impl Tls {
    /// Reads a certificate chain and its key from two PEM files. While the bridge runs, it checks them
    /// every `interval` for changes.
    ///
    /// # Errors
    /// [`TlsError`] if the files hold no certificate with its key now.
    pub fn of_files(cert: &Path, key: &Path, interval: Duration) -> Result<Self, TlsError> {
        let resolver = Arc::new(CertResolver::default());
        let files = CertificateFiles::open(cert, key, interval, &resolver)?;
        Ok(Self {
            config: server_config(&resolver, &[])?,
            resolver,
            source: CertificateSource::CertificateFiles(files),
        })
    }

    /// Obtains certificates from an authority that speaks ACME while the bridge runs. Until then it uses
    /// the certificate that an earlier run has stored. Without one, handshakes fail.
    ///
    /// # Errors
    /// [`TlsError`] if the folder cannot be used, or the authority's CA cannot be read.
    pub fn of_acme(settings: AcmeSettings) -> Result<Self, TlsError> {
        let resolver = Arc::new(CertResolver::default());
        let acme = Acme::open(settings, &resolver)?;
        Ok(Self {
            config: server_config(&resolver, &[ACME_PROTOCOL])?,
            resolver,
            source: CertificateSource::Acme(Box::new(acme)),
        })
    }

    /// Returns the server side of handshakes.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// Returns true if there is a certificate.
    pub(crate) fn has_certificate(&self) -> bool {
        self.resolver.has_certificate()
    }

    /// Keeps the certificate up to date, and never returns.
    pub(crate) async fn watch(&self, metrics: &Metrics, requests: ReloadRequests) {
        match &self.source {
            CertificateSource::CertificateFiles(files) => {
                files.watch(&self.resolver, metrics, requests).await;
            }
            CertificateSource::Acme(acme) => {
                acme.watch(&self.resolver, metrics, requests).await;
            }
        }
    }
}

impl fmt::Debug for Tls {
    /// Shows no fields, because they hold keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// Configures TLS 1.2 and 1.3 without client certificates; HTTP/2 before HTTP/1.1, then `more`.
fn server_config(
    resolver: &Arc<CertResolver>,
    more: &[&[u8]],
) -> Result<Arc<ServerConfig>, TlsError> {
    let resolver = Arc::clone(resolver);
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    // Tickets are encrypted with a key that changes every six hours, and cost no memory per client.
    config.ticketer = ring::Ticketer::new()?;
    let http: [&[u8]; 2] = [b"h2", b"http/1.1"];
    config.alpn_protocols = http.iter().chain(more).map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}
