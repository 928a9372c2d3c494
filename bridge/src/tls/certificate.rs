//! A certificate chain with its key, and its expiry.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use thiserror::Error;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The time before expiry at which a certificate that another program renews causes a warning.
const SOON: time::Duration = time::Duration::days(14);

/// A chain and its matching key.
#[derive(Clone)]
pub(super) struct Certificate {
    pub(super) key: Arc<CertifiedKey>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

/// Why files do not hold a usable certificate with its key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The chain is not in PEM format.
    #[error("the certificate is not in PEM format: {0}")]
    Chain(pem::Error),
    /// There is no certificate.
    #[error("it contains no certificate")]
    Empty,
    /// There is no usable private key.
    #[error("it contains no usable private key: {0}")]
    Key(pem::Error),
    /// Certificate and key do not match, or are of an unsupported kind.
    #[error("certificate and key cannot be used together: {0}")]
    Unusable(rustls::Error),
    /// The certificate is not a valid X.509 certificate.
    #[error("the certificate is malformed")]
    Unreadable,
}

/// The urgency of a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expiry {
    Far,
    Soon,
    Past,
}

impl Certificate {
    /// Parses a chain, which begins with the server's certificate, and the matching key.
    pub(super) fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, CertificateError> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(CertificateError::Chain)?;
        let first = chain.first().ok_or(CertificateError::Empty)?;
        let (_, parsed) =
            x509_parser::parse_x509_certificate(first).map_err(|_| CertificateError::Unreadable)?;
        let validity = parsed.validity();
        let (not_before, not_after) = (
            validity.not_before.to_datetime(),
            validity.not_after.to_datetime(),
        );
        let key = PrivateKeyDer::from_pem_slice(key).map_err(CertificateError::Key)?;
        let key = CertifiedKey::from_der(chain, key, &ring::default_provider())
            .map_err(CertificateError::Unusable)?;
        Ok(Self {
            key: Arc::new(key),
            not_before,
            not_after,
        })
    }

    /// Returns the expiry, in seconds since 1970.
    pub(super) fn expires_at(&self) -> i64 {
        self.not_after.unix_timestamp()
    }

    /// Returns the expiry as a text: RFC 3339.
    pub(super) fn expires(&self) -> String {
        self.not_after.format(&Rfc3339).unwrap_or_default()
    }

    /// Returns how urgent a renewal is. Of a certificate that is valid for days only, the last third of its
    /// lifetime counts as soon, and not all of it.
    pub(super) fn expiry(&self, now: OffsetDateTime) -> Expiry {
        let left = self.not_after - now;
        if left.is_negative() {
            Expiry::Past
        } else if left < SOON.min(self.third()) {
            Expiry::Soon
        } else {
            Expiry::Far
        }
    }

    /// Returns the time until renewal is due, which is when a third of the lifetime is left.
    pub(super) fn renewal_in(&self, now: OffsetDateTime) -> Duration {
        let due = self.not_after - self.third() - now;
        due.try_into().unwrap_or(Duration::ZERO)
    }

    fn third(&self) -> time::Duration {
        (self.not_after - self.not_before) / 3
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    const DAY: time::Duration = time::Duration::DAY;

    fn pair(life: time::Duration) -> (String, String, OffsetDateTime) {
        let made = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = made;
        params.not_after = made + life;
        let key = KeyPair::generate().unwrap();
        let cert = params.self_signed(&key).unwrap();
        (cert.pem(), key.serialize_pem(), made)
    }

    fn certificate(life: time::Duration) -> (Certificate, OffsetDateTime) {
        let (cert, key, made) = pair(life);
        let read = Certificate::from_pem(cert.as_bytes(), key.as_bytes()).unwrap();
        (read, made)
    }

    #[test]
    fn expiry_is_soon_in_the_last_fortnight() {
        let (read, made) = certificate(90 * DAY);
        assert_eq!(read.expires(), "2027-04-15T08:00:00Z");
        assert_eq!(read.expires_at(), 1_800_000_000 + 90 * 86_400);
        for (days, expiry) in [
            (0, Expiry::Far),
            (75, Expiry::Far),
            (77, Expiry::Soon),
            (91, Expiry::Past),
        ] {
            assert_eq!(read.expiry(made + days * DAY), expiry, "{days}");
        }
    }

    #[test]
    fn a_short_lifetime_is_not_soon_from_the_start() {
        let (read, made) = certificate(6 * DAY);
        assert_eq!(read.expiry(made + 3 * DAY), Expiry::Far);
        assert_eq!(read.expiry(made + 5 * DAY), Expiry::Soon);
    }

    #[test]
    fn renewal_is_due_when_a_third_of_the_lifetime_is_left() {
        let (read, made) = certificate(90 * DAY);
        let after = |days: i32| read.renewal_in(made + days * DAY);
        assert_eq!(after(0), Duration::from_secs(60 * 86_400));
        assert_eq!(after(59), Duration::from_secs(86_400));
        assert_eq!(after(60), Duration::ZERO);
        assert_eq!(after(1000), Duration::ZERO);
    }

    #[test]
    fn a_mismatched_pair_is_refused() {
        let (cert, key, _) = pair(DAY);
        let (_, other, _) = pair(DAY);
        let refusal = |cert: &str, key: &str| {
            let read = Certificate::from_pem(cert.as_bytes(), key.as_bytes());
            read.map(|_| ()).unwrap_err()
        };
        assert!(matches!(refusal("", &key), CertificateError::Empty));
        assert!(matches!(refusal(&cert, ""), CertificateError::Key(_)));
        assert!(matches!(
            refusal(&cert, &other),
            CertificateError::Unusable(_)
        ));
        // Half written.
        let half = &cert[..cert.len() / 2];
        assert!(matches!(
            refusal(half, &key),
            CertificateError::Chain(_) | CertificateError::Empty
        ));
    }
}
