//! The certificate that handshakes are shown, and those for an authority's challenges.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::ACME_PROTOCOL;

/// What [`ResolvesServerCert`] answers from; replaced as a whole, under a lock that is held for a
/// copy of a pointer.
#[derive(Default)]
pub(super) struct Shown(RwLock<Certificates>);

#[derive(Default)]
struct Certificates {
    current: Option<Arc<CertifiedKey>>,
    challenges: HashMap<String, Arc<CertifiedKey>>,
}

impl Shown {
    /// Shows this certificate from the next handshake on.
    pub(super) fn replace(&self, certificate: Arc<CertifiedKey>) {
        self.change(|held| held.current = Some(certificate));
    }

    /// Whether there is one to show.
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

    /// Answers no challenge any more.
    pub(super) fn end_challenges(&self) {
        self.change(|held| held.challenges.clear());
    }

    fn change<T>(&self, change: impl FnOnce(&mut Certificates) -> T) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let for_challenge = hello
            .alpn()
            .is_some_and(|mut offered| offered.any(|name| name == ACME_PROTOCOL));
        if for_challenge {
            // Never the real certificate: who asks this way wants proof of a challenge.
            let name = hello.server_name()?.to_ascii_lowercase();
            return held.challenges.get(&name).cloned();
        }
        held.current.clone()
    }
}

impl fmt::Debug for Shown {
    /// Leaves the keys out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown").finish_non_exhaustive()
    }
}
