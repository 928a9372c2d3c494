//! The explanation of an untrusted certificate: its issuer, and the reason.

use std::fmt;

use rustls::CertificateError;
use thiserror::Error;

use super::x509::CertificateParts;

/// An untrusted certificate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("issued by {issuer}; {reason}")]
pub(super) struct CertificateFailure {
    /// The name of the issuer according to the certificate, which is not verified.
    issuer: String,
    /// The reason.
    reason: Distrust,
}

/// The reason why a certificate is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Distrust {
    /// No trust anchor leads to the certificate.
    UnknownIssuer,
    /// The certificate is for other names.
    OtherName {
        /// The names in the certificate.
        names: Vec<String>,
    },
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet, or the clock of this device is wrong.
    NotYetValid,
    /// Any other reason.
    Other(String),
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownIssuer => f.write_str("unknown issuer"),
            Self::OtherName { names } if names.is_empty() => f.write_str("the name does not match"),
            Self::OtherName { names } => {
                write!(f, "the name does not match: it is for {}", names.join(", "))
            }
            Self::Expired => f.write_str("expired"),
            Self::NotYetValid => f.write_str("not valid yet"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl Distrust {
    pub(super) fn from_rustls(error: &CertificateError) -> Self {
        match error {
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            CertificateError::NotValidForName => Self::OtherName { names: Vec::new() },
            CertificateError::NotValidForNameContext { presented, .. } => Self::OtherName {
                names: presented.iter().map(|name| plain_name(name)).collect(),
            },
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Self::NotYetValid
            }
            other => Self::Other(other.to_string()),
        }
    }
}

/// Returns the name inside webpki's `DnsName("a.example")` or `IpAddress(192.0.2.1)`.
fn plain_name(name: &str) -> String {
    let inner = name
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"').to_owned()
}

impl CertificateFailure {
    pub(super) fn new(certificate: &[u8], reason: Distrust) -> Self {
        let issuer = CertificateParts::read(certificate).and_then(|parts| parts.issuer());
        Self {
            issuer: issuer.unwrap_or_else(|| "an unnamed issuer".to_owned()),
            reason,
        }
    }

    /// Returns the failure that the verifier of [`super::tls`] put into the error of rustls.
    pub(super) fn of(error: &CertificateError) -> Option<&Self> {
        match error {
            CertificateError::Other(other) => other.0.downcast_ref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use rcgen::DnType;

    use super::*;
    use crate::transport::x509::tests::certificate;

    #[test]
    fn the_issuer_is_named_by_common_name_or_organisation() {
        let issuer = |der: &[u8]| CertificateFailure::new(der, Distrust::Expired).to_string();
        let both = certificate(|name| {
            name.push(DnType::OrganizationName, "Post");
            name.push(DnType::CommonName, "Post CA\u{e9}\r\n2");
        });
        assert_eq!(issuer(&both), "issued by Post CA\u{e9}2; expired");
        let organisation = certificate(|name| name.push(DnType::OrganizationName, "Post"));
        assert_eq!(issuer(&organisation), "issued by Post; expired");
        for nameless in [certificate(|_| {}), Vec::new()] {
            assert_eq!(issuer(&nameless), "issued by an unnamed issuer; expired");
        }
    }

    #[test]
    fn the_names_of_a_certificate_are_shown_without_their_type() {
        assert_eq!(plain_name("DnsName(\"a.example\")"), "a.example");
        assert_eq!(plain_name("IpAddress(192.0.2.1)"), "192.0.2.1");
        assert_eq!(plain_name("a.example"), "a.example");
    }
}
