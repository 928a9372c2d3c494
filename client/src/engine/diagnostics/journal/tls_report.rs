//! The parameters of TLS as values of a report.

use crate::api::report::{CertificateReport, TlsReport};
use crate::transport::security::{CertificateFacts, TlsSecurity};

/// The most certificates that are reported; chains have two or three.
const MAX_CERTIFICATES: usize = 8;

/// Returns the parameters of a TLS connection.
pub(super) fn tls_report(security: &TlsSecurity) -> TlsReport {
    let certificates = security.certificates.iter().take(MAX_CERTIFICATES);
    TlsReport {
        version: security.version.clone(),
        cipher_suite: security.cipher_suite.clone(),
        binding: security.binding.as_ref().map(|binding| binding.kind),
        certificates: certificates.map(certificate_report).collect(),
    }
}

fn certificate_report(certificate: &CertificateFacts) -> CertificateReport {
    CertificateReport {
        subject: certificate.subject.clone(),
        issuer: certificate.issuer.clone(),
        not_before: certificate.not_before,
        not_after: certificate.not_after,
        sha256: certificate.sha256.to_vec(),
    }
}
