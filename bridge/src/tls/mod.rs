//! The bridge's own TLS: certificates that are replaced while connections stay.
//!
//! [`Tls`] is one configuration of rustls for the life of the bridge. Which certificate it shows is
//! asked anew at every handshake, so a new one needs no new listener, and a relay that was opened
//! under the old one never notices. The certificate comes from two files that somebody else renews
//! ([`Tls::of_files`]), or from an authority that speaks ACME ([`Tls::of_acme`], [RFC 8555]).

mod acme;
mod certificate;
mod files;
mod shown;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

use crate::metrics::Metrics;
use crate::reload::Wishes;
use acme::Acme;
pub use acme::AcmeSettings;
pub(crate) use acme::{FIRST_RETRY, LETS_ENCRYPT};
pub use certificate::CertificateError;
use files::Files;
use shown::Shown;

/// The protocol of ACME's challenge connections: [RFC 8737 §6.2].
pub(crate) const ACME_PROTOCOL: &[u8] = b"acme-tls/1";

/// TLS for one bridge, and where its certificates come from.
pub struct Tls {
    config: Arc<ServerConfig>,
    shown: Arc<Shown>,
    source: Source,
}

enum Source {
    Files(Files),
    Acme(Box<Acme>),
}

/// Why there is no TLS; each names the file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file or folder cannot be read or made.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// What the files hold is no certificate with its key.
    #[error("{path}: {error}")]
    Certificate {
        /// The files.
        path: String,
        /// What is wrong with them.
        error: CertificateError,
    },
    /// rustls refuses the configuration.
    #[error("TLS cannot be set up: {0}")]
    Unusable(#[from] rustls::Error),
}

impl TlsError {
    fn io(path: &Path, error: std::io::Error) -> Self {
        let path = path.display().to_string();
        Self::Io { path, error }
    }
}

impl Tls {
    /// Takes a certificate chain and its key from two PEM files, which are looked at again every
    /// `interval` while the bridge runs.
    ///
    /// # Errors
    /// [`TlsError`] where the files hold no certificate with its key now.
    pub fn of_files(cert: &Path, key: &Path, interval: Duration) -> Result<Self, TlsError> {
        let shown = Arc::new(Shown::default());
        let files = Files::open(cert, key, interval, &shown)?;
        Ok(Self {
            config: server_config(&shown, &[])?,
            shown,
            source: Source::Files(files),
        })
    }

    /// Gets certificates from an authority that speaks ACME while the bridge runs, and until then
    /// shows the one that an earlier run kept. Without one, handshakes fail.
    ///
    /// # Errors
    /// [`TlsError`] where the folder cannot be used, or the authority's CA cannot be read.
    pub fn of_acme(settings: AcmeSettings) -> Result<Self, TlsError> {
        let shown = Arc::new(Shown::default());
        let acme = Acme::open(settings, &shown)?;
        Ok(Self {
            config: server_config(&shown, &[ACME_PROTOCOL])?,
            shown,
            source: Source::Acme(Box::new(acme)),
        })
    }

    /// The server's side of handshakes.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// Whether there is a certificate to show.
    pub(crate) fn has_certificate(&self) -> bool {
        self.shown.has_certificate()
    }

    /// Keeps the certificate fresh, and never returns.
    pub(crate) async fn keep(&self, metrics: &Metrics, wishes: Wishes) {
        match &self.source {
            Source::Files(files) => files.keep(&self.shown, metrics, wishes).await,
            Source::Acme(acme) => acme.keep(&self.shown, metrics, wishes).await,
        }
    }
}

impl fmt::Debug for Tls {
    /// Leaves everything out: keys are near.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// TLS 1.2 and 1.3 without client certificates; HTTP/2 before HTTP/1.1, then `more`.
fn server_config(shown: &Arc<Shown>, more: &[&[u8]]) -> Result<Arc<ServerConfig>, TlsError> {
    let resolver = Arc::clone(shown);
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    // Tickets are sealed by a key that changes every six hours, and cost no memory for a client.
    config.ticketer = ring::Ticketer::new()?;
    let http: [&[u8]; 2] = [b"h2", b"http/1.1"];
    config.alpn_protocols = http.iter().chain(more).map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}
