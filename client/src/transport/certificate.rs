//! What a reader is told of a certificate that is not trusted: who issued it, and what is wrong.

use std::fmt;

use rustls::CertificateError;
use rustls_pki_types::UnixTime;
use thiserror::Error;

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
        let issuer = Parts::read(certificate).and_then(|parts| common_name(parts.issuer));
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

/// The parts of a certificate that matter here ([RFC 5280 §4.1]), as DER.
pub(super) struct Parts<'a> {
    issuer: &'a [u8],
    validity: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Walks to the issuer and the validity; everything else is webpki's work.
    pub(super) fn read(certificate: &'a [u8]) -> Option<Self> {
        let (certificate, _) = element(certificate, SEQUENCE)?;
        let (rest, _) = element(certificate, SEQUENCE)?;
        let rest = element(rest, VERSION).map_or(rest, |(_, rest)| rest);
        let (_serial, rest) = element(rest, INTEGER)?;
        let (_algorithm, rest) = element(rest, SEQUENCE)?;
        let (issuer, rest) = element(rest, SEQUENCE)?;
        let (validity, _) = element(rest, SEQUENCE)?;
        Some(Self { issuer, validity })
    }

    /// Compares a time with the two of the validity.
    pub(super) fn check_validity(&self, now: UnixTime) -> Option<Result<(), Distrust>> {
        let now = i64::try_from(now.as_secs()).ok()?;
        let (not_before, rest) = time(self.validity)?;
        let (not_after, _) = time(rest)?;
        Some(if now < not_before {
            Err(Distrust::NotYetValid)
        } else if now > not_after {
            Err(Distrust::Expired)
        } else {
            Ok(())
        })
    }
}

const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;

/// Takes one DER element with this tag: its content, and what follows it.
fn element(octets: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = any_element(octets)?;
    (found == tag).then_some((content, rest))
}

fn any_element(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = octets.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            let value = length
                .iter()
                .fold(0, |value, octet| value << 8 | usize::from(*octet));
            (value, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// The common name of a distinguished name; else its organisation, else nothing.
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

/// Keeps a name from the wire from breaking lines, or from being longer than a name is.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Takes a time ([RFC 5280 §4.1.2.5]) as seconds since 1970.
fn time(octets: &[u8]) -> Option<(i64, &[u8])> {
    let (tag, text, rest) = any_element(octets)?;
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|octet| octet.is_ascii_digit()) {
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

/// Days of the proleptic Gregorian calendar, counted from March so that leap days come last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era_year = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = era_year * 365 + era_year / 4 - era_year / 100 + day_of_year;
    year.div_euclid(400) * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, date_time_ymd};

    use super::*;

    fn certificate(name: impl FnOnce(&mut DistinguishedName)) -> Vec<u8> {
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
    fn a_certificate_cut_anywhere_is_read_without_panic() {
        let whole = certificate(|name| name.push(DnType::CommonName, "Post"));
        for end in 0..whole.len() {
            assert!(Parts::read(&whole[..end]).is_none());
        }
    }

    #[test]
    fn validity_has_both_ends_in_both_spellings() {
        let der = certificate(|_| {});
        let parts = Parts::read(&der).unwrap();
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
    fn the_names_of_a_certificate_are_told_plainly() {
        assert_eq!(plain_name("DnsName(\"a.example\")"), "a.example");
        assert_eq!(plain_name("IpAddress(192.0.2.1)"), "192.0.2.1");
        assert_eq!(plain_name("a.example"), "a.example");
    }
}
