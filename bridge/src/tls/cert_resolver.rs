//! The certificate for handshakes, and the certificates that answer an authority's challenges.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// The protocol of ACME's challenge connections: [RFC 8737 §6.2].
pub(crate) const ACME_PROTOCOL: &[u8] = b"acme-tls/1";

/// Selects the certificate of each handshake. The certificates are replaced as a whole, under a lock
/// that is held only to copy a pointer.
#[derive(Default)]
pub(super) struct CertResolver(RwLock<HeldCertificates>);

#[derive(Default)]
struct HeldCertificates {
    current: Option<Arc<CertifiedKey>>,
    challenges: HashMap<String, Arc<CertifiedKey>>,
}

impl CertResolver {
    /// Uses this certificate from the next handshake on.
    pub(super) fn replace(&self, certificate: Arc<CertifiedKey>) {
        self.change(|held| held.current = Some(certificate));
    }

    /// Returns true if there is a certificate.
    pub(super) fn has_certificate(&self) -> bool {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.current.is_some()
    }

    /// Answers the authority's challenge for `name` with this certificate: [RFC 8737 §3].
    pub(super) fn challenge(&self, name: &str, certificate: Arc<CertifiedKey>) {
        self.change(|held| {
            held.challenges
                .insert(name.to_ascii_lowercase(), certificate)
        });
    }

    /// Stops answering challenges.
    pub(super) fn end_challenges(&self) {
        self.change(|held| held.challenges.clear());
    }

    fn change<T>(&self, change: impl FnOnce(&mut HeldCertificates) -> T) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl ResolvesServerCert for CertResolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let for_challenge = hello
            .alpn()
            .is_some_and(|mut offered| offered.any(|name| name == ACME_PROTOCOL));
        if for_challenge {
            // Never the real certificate: only an authority that validates a challenge asks this way.
            let name = hello.server_name()?.to_ascii_lowercase();
            return held.challenges.get(&name).cloned();
        }
        held.current.clone()
    }
}

impl fmt::Debug for CertResolver {
    /// Leaves the keys out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertResolver").finish_non_exhaustive()
    }
}
