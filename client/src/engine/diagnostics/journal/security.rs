//! What protected a session, in words.

use std::iter;
use std::time::Duration;

use mail_parser::DateTime;

use crate::api::report::Fact;
use crate::api::settings::Encryption;
use crate::transport::security::{CertificateFacts, TlsSecurity};

/// How many certificates are described; chains have two or three.
const MAX_CERTIFICATES: usize = 8;

/// The facts, in the order in which they are read, and how long it took to get there.
pub(in crate::engine) fn facts(
    encryption: Encryption,
    security: Option<&TlsSecurity>,
    dialled: Option<Duration>,
    handshake: Option<Duration>,
) -> Vec<Fact> {
    let time = |name, time: Option<Duration>| {
        time.map(|time| fact(name, &format!("{} ms", time.as_millis()), ""))
    };
    let mut facts: Vec<_> = time("Connecting", dialled)
        .into_iter()
        .chain(time("TLS handshake", handshake))
        .collect();
    let Some(security) = security else {
        let note = match encryption {
            Encryption::None => "The bridge and every machine after it can read everything.",
            Encryption::Tls | Encryption::Stls => "It had not begun when the session ended.",
        };
        facts.push(fact("Encryption", "None", note));
        return facts;
    };
    let how = match encryption {
        Encryption::Stls => " after STLS",
        Encryption::Tls | Encryption::None => "",
    };
    let version = format!("{}{how}", security.version);
    facts.push(fact("Encryption", &version, ""));
    facts.push(fact("Cipher suite", &security.cipher_suite, ""));
    if let Some(binding) = &security.binding {
        facts.push(fact(
            "Channel binding",
            binding.kind.name(),
            "A login that uses it cannot be relayed by an attacker.",
        ));
    }
    let names = ["Certificate"].into_iter().chain(iter::repeat("Issued by"));
    let certificates = security.certificates.iter().take(MAX_CERTIFICATES);
    facts.extend(names.zip(certificates).map(|(name, c)| describe(name, c)));
    facts
}

fn describe(name: &str, certificate: &CertificateFacts) -> Fact {
    let known = |part: &Option<String>| match part {
        Some(text) => text.clone(),
        None => "no name".to_owned(),
    };
    let day = |seconds: Option<i64>| match seconds {
        Some(seconds) => utc(seconds).chars().take("2026-11-22".len()).collect(),
        None => "an unknown day".to_owned(),
    };
    let digest: Vec<_> = certificate
        .sha256
        .iter()
        .map(|octet| format!("{octet:02X}"))
        .collect();
    let note = format!(
        "Issued by {}, valid from {} to {}. SHA-256 {}",
        known(&certificate.issuer),
        day(certificate.not_before),
        day(certificate.not_after),
        digest.join(":")
    );
    fact(name, &known(&certificate.subject), &note)
}

fn fact(name: &str, value: &str, note: &str) -> Fact {
    Fact {
        name: name.to_owned(),
        value: value.to_owned(),
        note: note.to_owned(),
    }
}

/// A time in seconds since 1970, as `2026-11-22T03:40:12Z`.
pub(in crate::engine) fn utc(seconds: i64) -> String {
    DateTime::from_timestamp(seconds).to_rfc3339()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_told_with_its_issuer_and_its_days() {
        let security = TlsSecurity {
            version: "TLS 1.3".to_owned(),
            cipher_suite: "TLS13_AES_128_GCM_SHA256".to_owned(),
            certificates: vec![CertificateFacts {
                subject: Some("pop.example.org".to_owned()),
                issuer: None,
                not_before: Some(1_709_164_800),
                not_after: Some(1_740_787_200),
                sha256: [0xab; 32],
            }],
            binding: None,
        };
        let facts = facts(Encryption::Stls, Some(&security), None, None);
        assert_eq!(facts[0].value, "TLS 1.3 after STLS");
        assert_eq!(facts[2].value, "pop.example.org");
        assert!(
            facts[2].note.starts_with(
                "Issued by no name, valid from 2024-02-29 to 2025-03-01. SHA-256 AB:AB:"
            )
        );
    }

    #[test]
    fn a_session_without_encryption_says_who_can_read_it() {
        let facts = facts(
            Encryption::None,
            None,
            Some(Duration::from_millis(12)),
            None,
        );
        assert_eq!(facts[0].value, "12 ms");
        assert!(facts[1].note.contains("can read"));
    }
}
