//! The words for the encryption of a session.

use std::iter;

use super::report::{Fact, fact};
use super::time::utc_day;
use crate::api::report::{CertificateReport, SessionSecurity};
use crate::api::settings::Encryption;

/// Returns the facts about the encryption of a session, in the order in which they are read, and the
/// time that it took.
#[must_use]
pub fn session_security(security: &SessionSecurity) -> Vec<Fact> {
    let time = |name, millis: Option<u64>| millis.map(|time| fact(name, format!("{time} ms"), ""));
    let mut facts: Vec<_> = time("Connecting", security.connect_millis)
        .into_iter()
        .chain(time("TLS handshake", security.handshake_millis))
        .collect();
    let Some(tls) = &security.tls else {
        let note = match security.encryption {
            Encryption::None => "The bridge and every machine after it can read everything.",
            Encryption::Tls | Encryption::Stls => "It had not begun when the session ended.",
        };
        facts.push(fact("Encryption", "None", note));
        return facts;
    };
    let after = match security.encryption {
        Encryption::Stls => " after STLS",
        Encryption::Tls | Encryption::None => "",
    };
    facts.push(fact("Encryption", format!("{}{after}", tls.version), ""));
    facts.push(fact("Cipher suite", &tls.cipher_suite, ""));
    if let Some(binding) = tls.binding {
        facts.push(fact(
            "Channel binding",
            binding.name(),
            "A login that uses it cannot be relayed by an attacker.",
        ));
    }
    let names = iter::once("Certificate").chain(iter::repeat("Issued by"));
    let certificates = names.zip(&tls.certificates);
    facts.extend(certificates.map(|(name, c)| certificate_fact(name, c)));
    facts
}

fn certificate_fact(name: &str, certificate: &CertificateReport) -> Fact {
    let known = |part: &Option<String>| part.clone().unwrap_or_else(|| "no name".to_owned());
    let day = |seconds: Option<i64>| seconds.map_or_else(|| "an unknown day".to_owned(), utc_day);
    let digest: Vec<_> = certificate
        .sha256
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let note = format!(
        "Issued by {}, valid from {} to {}. SHA-256 {}",
        known(&certificate.issuer),
        day(certificate.not_before),
        day(certificate.not_after),
        digest.join(":")
    );
    fact(name, known(&certificate.subject), note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::report::TlsReport;

    #[test]
    fn a_certificate_is_shown_with_its_issuer_and_its_validity() {
        let facts = session_security(&SessionSecurity {
            encryption: Encryption::Stls,
            connect_millis: None,
            handshake_millis: None,
            tls: Some(TlsReport {
                version: "TLS 1.3".to_owned(),
                cipher_suite: "TLS13_AES_128_GCM_SHA256".to_owned(),
                binding: None,
                certificates: vec![CertificateReport {
                    subject: Some("pop.example.org".to_owned()),
                    issuer: None,
                    not_before: Some(1_709_164_800),
                    not_after: Some(1_740_787_200),
                    sha256: vec![0xab; 32],
                }],
            }),
        });
        assert_eq!(facts[0].value, "TLS 1.3 after STLS");
        assert_eq!(facts[2].value, "pop.example.org");
        assert!(
            facts[2].note.starts_with(
                "Issued by no name, valid from 2024-02-29 to 2025-03-01. SHA-256 AB:AB:"
            )
        );
    }

    #[test]
    fn a_session_without_encryption_shows_who_can_read_it() {
        let facts = session_security(&SessionSecurity {
            encryption: Encryption::None,
            connect_millis: Some(12),
            handshake_millis: None,
            tls: None,
        });
        assert_eq!(facts[0].value, "12 ms");
        assert!(facts[1].note.contains("can read"));
    }
}
