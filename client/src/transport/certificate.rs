//! What a reader is told of a certificate that is not trusted: who issued it, and what is wrong.

use std::fmt;

use rustls::CertificateError;
use thiserror::Error;

use super::x509::Parts;

/// A certificate that is not to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("issued by {issuer}; {reason}")]
pub(super) struct CertificateFailure {
    /// The issuer's name as the certificate has it, proven by nothing.
    issuer: String,
    /// What is wrong.
    reason: Distrust,
}

/// Why a certificate is not to be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Distrust {
    /// No trust anchor leads to it.
    UnknownIssuer,
    /// It is for other names.
    OtherName {
        /// The names that it is for.
        names: Vec<String>,
    },
    /// It has expired.
    Expired,
    /// It is not valid yet; perhaps this device's clock is wrong.
    NotYetValid,
    /// Anything else.
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

/// Takes webpki's `DnsName("a.example")` or `IpAddress(192.0.2.1)` out of its wrapping.
fn plain_name(name: &str) -> String {
    let inner = name
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"').to_owned()
}

impl CertificateFailure {
    pub(super) fn new(certificate: &[u8], reason: Distrust) -> Self {
        let issuer = Parts::read(certificate).and_then(|parts| parts.issuer());
        Self {
            issuer: issuer.unwrap_or_else(|| "an unnamed issuer".to_owned()),
            reason,
        }
    }

    /// Finds the failure that [`super::tls`]'s verifier put into rustls's error.
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
    fn the_names_of_a_certificate_are_told_plainly() {
        assert_eq!(plain_name("DnsName(\"a.example\")"), "a.example");
        assert_eq!(plain_name("IpAddress(192.0.2.1)"), "192.0.2.1");
        assert_eq!(plain_name("a.example"), "a.example");
    }
}
