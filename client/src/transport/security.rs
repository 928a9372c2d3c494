//! The result of a TLS handshake as plain data, for the login and for the connection report.

use restante_shared::sasl::{BindingKind, ChannelBinding};
use ring::digest;
use rustls::{ClientConnection, ProtocolVersion};
use rustls_pki_types::CertificateDer;

use super::tls::suites;
use super::x509::{CertificateParts, SignatureHash};

/// The parameters of a TLS connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSecurity {
    /// The version of TLS: `TLS 1.3`.
    pub version: String,
    /// The cipher suite, by its name in rustls: `TLS13_CHACHA20_POLY1305_SHA256`.
    pub cipher_suite: String,
    /// The certificates that the server sent, its own first.
    pub certificates: Vec<CertificateFacts>,
    /// The channel binding of the connection, if it has one.
    pub binding: Option<ChannelBinding>,
}

/// The contents of a certificate. Only the handshake verifies its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The common name of the subject, or else its organisation. The host name is verified against
    /// other fields.
    pub subject: Option<String>,
    /// The common name of the issuer, or else its organisation.
    pub issuer: Option<String>,
    /// The beginning of its validity, in seconds since 1970.
    pub not_before: Option<i64>,
    /// The end of its validity, in seconds since 1970.
    pub not_after: Option<i64>,
    /// Its SHA-256 fingerprint.
    pub sha256: [u8; 32],
}

impl TlsSecurity {
    /// Reads the parameters of a connection after its handshake.
    pub(super) fn of(connection: &ClientConnection) -> Self {
        let certificates = connection.peer_certificates().unwrap_or_default();
        let version = connection.protocol_version();
        let agreed = connection.negotiated_cipher_suite();
        let suite = suites()
            .into_iter()
            .find(|(suite, _)| agreed == Some(*suite));
        Self {
            version: match version.and_then(|version| version.as_str()) {
                Some(name) => name.replacen("TLSv", "TLS ", 1).replace('_', "."),
                None => "TLS".to_owned(),
            },
            cipher_suite: suite.map_or("unknown", |(_, name)| name).to_owned(),
            certificates: certificates.iter().map(CertificateFacts::of).collect(),
            binding: match version {
                Some(ProtocolVersion::TLSv1_3) => exporter(connection),
                _ => certificates
                    .first()
                    .and_then(|own| server_end_point(own.as_ref())),
            },
        }
    }
}

impl CertificateFacts {
    fn of(certificate: &CertificateDer<'_>) -> Self {
        let parts = CertificateParts::read(certificate);
        let validity = parts.as_ref().and_then(CertificateParts::validity);
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest::digest(&digest::SHA256, certificate).as_ref());
        Self {
            subject: parts.as_ref().and_then(CertificateParts::subject),
            issuer: parts.as_ref().and_then(CertificateParts::issuer),
            not_before: validity.map(|(not_before, _)| not_before),
            not_after: validity.map(|(_, not_after)| not_after),
            sha256,
        }
    }
}

/// Exports the keying material of [RFC 9266 §2].
fn exporter(connection: &ClientConnection) -> Option<ChannelBinding> {
    let data = vec![0; 32];
    let data = connection
        .export_keying_material(data, b"EXPORTER-Channel-Binding", Some(b""))
        .ok()?;
    Some(ChannelBinding {
        kind: BindingKind::Exporter,
        data,
    })
}

/// Hashes the certificate of the server as [RFC 5929 §4.1] requires: with the hash function of its
/// signature, or with SHA-256 if that function is weaker.
fn server_end_point(certificate: &[u8]) -> Option<ChannelBinding> {
    let algorithm = match CertificateParts::read(certificate)?.signature_hash()? {
        SignatureHash::Weak | SignatureHash::Sha256 => &digest::SHA256,
        SignatureHash::Sha384 => &digest::SHA384,
        SignatureHash::Sha512 => &digest::SHA512,
    };
    Some(ChannelBinding {
        kind: BindingKind::ServerEndPoint,
        data: digest::digest(algorithm, certificate).as_ref().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use rcgen::DnType;

    use super::*;
    use crate::transport::x509::tests::certificate;

    #[test]
    fn a_certificate_is_described() {
        let der = certificate(|name| name.push(DnType::CommonName, "pop.example.org"));
        let facts = CertificateFacts::of(&CertificateDer::from(der.clone()));
        assert_eq!(facts.subject.as_deref(), Some("pop.example.org"));
        assert_eq!(facts.issuer, facts.subject);
        assert_eq!(facts.not_before, Some(1_709_164_800));
        assert_eq!(facts.not_after, Some(2_556_144_000));
        let binding = server_end_point(&der).unwrap();
        assert_eq!(binding.data, facts.sha256);
        let facts = CertificateFacts::of(&CertificateDer::from(Vec::new()));
        assert_eq!((facts.subject, facts.not_after), (None, None));
    }
}
