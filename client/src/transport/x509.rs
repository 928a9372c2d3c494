//! A parser for the fields of a certificate that rustls does not expose: names, validity and
//! signature algorithm.

use rustls_pki_types::UnixTime;

use super::certificate::Distrust;

/// The fields of a certificate that this client uses ([RFC 5280 §4.1]), as DER.
pub(super) struct CertificateParts<'a> {
    issuer: &'a [u8],
    validity: &'a [u8],
    subject: &'a [u8],
    signature_algorithm: &'a [u8],
}

/// The hash function of a certificate's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SignatureHash {
    /// MD5 or SHA-1.
    Weak,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl<'a> CertificateParts<'a> {
    /// Parses a certificate. webpki decides whether to trust it.
    pub(super) fn read(certificate: &'a [u8]) -> Option<Self> {
        let (certificate, _) = element(certificate, SEQUENCE)?;
        let (rest, outer) = element(certificate, SEQUENCE)?;
        let (signature_algorithm, _) = element(outer, SEQUENCE)?;
        let rest = element(rest, VERSION).map_or(rest, |(_, rest)| rest);
        let (_serial, rest) = element(rest, INTEGER)?;
        let (_algorithm, rest) = element(rest, SEQUENCE)?;
        let (issuer, rest) = element(rest, SEQUENCE)?;
        let (validity, rest) = element(rest, SEQUENCE)?;
        let (subject, _) = element(rest, SEQUENCE)?;
        Some(Self {
            issuer,
            validity,
            subject,
            signature_algorithm,
        })
    }

    /// Returns the common name of the issuer, or else its organisation.
    pub(super) fn issuer(&self) -> Option<String> {
        common_name(self.issuer)
    }

    /// Returns the common name of the subject, or else its organisation. The host name is verified
    /// against other fields.
    pub(super) fn subject(&self) -> Option<String> {
        common_name(self.subject)
    }

    /// Returns the beginning and the end of the validity, in seconds since 1970.
    pub(super) fn validity(&self) -> Option<(i64, i64)> {
        let (not_before, rest) = time(self.validity)?;
        let (not_after, _) = time(rest)?;
        Some((not_before, not_after))
    }

    /// Checks that a time is within the validity.
    pub(super) fn check_validity(&self, now: UnixTime) -> Option<Result<(), Distrust>> {
        let now = i64::try_from(now.as_secs()).ok()?;
        let (not_before, not_after) = self.validity()?;
        Some(if now < not_before {
            Err(Distrust::NotYetValid)
        } else if now > not_after {
            Err(Distrust::Expired)
        } else {
            Ok(())
        })
    }

    /// Returns the hash function of the signature; `None` if the algorithm has none of its own
    /// (Ed25519) or is unknown.
    pub(super) fn signature_hash(&self) -> Option<SignatureHash> {
        const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
        const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4];
        let (algorithm, parameters) = element(self.signature_algorithm, OBJECT_IDENTIFIER)?;
        if let Some(kind) = algorithm.strip_prefix(RSA) {
            return match kind {
                [4 | 5] => Some(SignatureHash::Weak),
                [10] => pss_hash(parameters),
                [11] => Some(SignatureHash::Sha256),
                [12] => Some(SignatureHash::Sha384),
                [13] => Some(SignatureHash::Sha512),
                _ => None,
            };
        }
        match algorithm.strip_prefix(ECDSA)? {
            [1] => Some(SignatureHash::Weak),
            [3, 2] => Some(SignatureHash::Sha256),
            [3, 3] => Some(SignatureHash::Sha384),
            [3, 4] => Some(SignatureHash::Sha512),
            _ => None,
        }
    }
}

/// Returns the hash function in the parameters of RSASSA-PSS, which is SHA-1 by default
/// ([RFC 4055 §3.1]).
fn pss_hash(parameters: &[u8]) -> Option<SignatureHash> {
    const SHA2: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2];
    let (parameters, _) = element(parameters, SEQUENCE)?;
    let Some((named, _)) = element(parameters, PSS_HASH) else {
        return Some(SignatureHash::Weak);
    };
    let (algorithm, _) = element(named, SEQUENCE)?;
    let (algorithm, _) = element(algorithm, OBJECT_IDENTIFIER)?;
    match algorithm.strip_prefix(SHA2)? {
        [1] => Some(SignatureHash::Sha256),
        [2] => Some(SignatureHash::Sha384),
        [3] => Some(SignatureHash::Sha512),
        _ => None,
    }
}

const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const PSS_HASH: u8 = 0xa0;

/// Splits off one DER element with a tag, and returns its content and the bytes after it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = any_element(bytes)?;
    (found == tag).then_some((content, rest))
}

fn any_element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            let value = length
                .iter()
                .fold(0, |value, byte| value << 8 | usize::from(*byte));
            (value, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// Returns the common name of a distinguished name, or else its organisation.
fn common_name(mut name: &[u8]) -> Option<String> {
    const COMMON_NAME: &[u8] = &[0x55, 4, 3];
    const ORGANISATION: &[u8] = &[0x55, 4, 10];
    let mut organisation = None;
    while let Some((mut set, rest)) = element(name, SET) {
        while let Some((attribute, others)) = element(set, SEQUENCE) {
            let (kind, value) = element(attribute, OBJECT_IDENTIFIER)?;
            let (_, text, _) = any_element(value)?;
            let text = || one_line(&String::from_utf8_lossy(text));
            match kind {
                COMMON_NAME => return Some(text()),
                ORGANISATION => organisation = Some(text()),
                _ => {}
            }
            set = others;
        }
        name = rest;
    }
    organisation
}

/// Removes control characters from a name, and limits it to 200 characters.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Parses a time ([RFC 5280 §4.1.2.5]) as seconds since 1970, and returns the bytes after it.
fn time(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (tag, text, rest) = any_element(bytes)?;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest_of_time) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i64 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let number = |at: usize| rest_of_time.get(at..at + 2)?.parse::<i64>().ok();
    let (month, day) = (number(0)?, number(2)?);
    let seconds = (number(4)? * 60 + number(6)?) * 60 + number(8)?;
    Some((days_since_1970(year, month, day) * 86_400 + seconds, rest))
}

/// Returns the days since 1970 in the proleptic Gregorian calendar. Years are counted from March,
/// so that leap days come last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era_year = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = era_year * 365 + era_year / 4 - era_year / 100 + day_of_year;
    year.div_euclid(400) * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
pub(super) mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, date_time_ymd};

    use super::*;

    /// Creates a self-signed certificate with this subject.
    pub(in crate::transport) fn certificate(name: impl FnOnce(&mut DistinguishedName)) -> Vec<u8> {
        let mut params = CertificateParams::new(["a.example".to_owned()]).unwrap();
        let mut distinguished = DistinguishedName::new();
        name(&mut distinguished);
        params.distinguished_name = distinguished;
        params.not_before = date_time_ymd(2024, 2, 29);
        params.not_after = date_time_ymd(2051, 1, 1);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn a_truncated_certificate_is_refused_without_panic() {
        let whole = certificate(|name| name.push(DnType::CommonName, "Post"));
        for end in 0..whole.len() {
            assert!(CertificateParts::read(&whole[..end]).is_none());
        }
    }

    #[test]
    fn validity_includes_both_ends_in_both_encodings() {
        let der = certificate(|_| {});
        let parts = CertificateParts::read(&der).unwrap();
        let at = |seconds| {
            let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
            parts.check_validity(time).unwrap()
        };
        let (from, to) = (1_709_164_800, 2_556_144_000);
        assert_eq!(at(from - 1), Err(Distrust::NotYetValid));
        assert_eq!(at(from), Ok(()));
        assert_eq!(at(to), Ok(()));
        assert_eq!(at(to + 1), Err(Distrust::Expired));
    }

    #[test]
    fn the_hash_function_of_a_signature_is_found() {
        let signed_with = |algorithm: &[u8]| {
            let parts = CertificateParts {
                issuer: &[],
                validity: &[],
                subject: &[],
                signature_algorithm: algorithm,
            };
            parts.signature_hash()
        };
        let der = certificate(|_| {});
        let ecdsa = CertificateParts::read(&der).unwrap().signature_hash();
        assert_eq!(ecdsa, Some(SignatureHash::Sha256));
        let rsa = |kind: u8| [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, kind, 5, 0];
        for (kind, hash) in [
            (4, Some(SignatureHash::Weak)),
            (5, Some(SignatureHash::Weak)),
            (11, Some(SignatureHash::Sha256)),
            (12, Some(SignatureHash::Sha384)),
            (13, Some(SignatureHash::Sha512)),
            (14, None),
        ] {
            assert_eq!(signed_with(&rsa(kind)), hash, "{kind}");
        }
        let mut pss = vec![6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
        pss.extend([0x30, 0]);
        assert_eq!(signed_with(&pss), Some(SignatureHash::Weak));
        pss.truncate(11);
        pss.extend([0x30, 0x11, 0xa0, 0x0f, 0x30, 0x0d]);
        pss.extend([6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3, 5, 0]);
        assert_eq!(signed_with(&pss), Some(SignatureHash::Sha512));
        assert_eq!(signed_with(&[6, 3, 0x2b, 0x65, 0x70]), None);
        assert_eq!(signed_with(&[]), None);
    }
}
