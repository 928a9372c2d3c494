//! Why there is no certificate, and what its operator can do about it.

use std::io;

use instant_acme::{Error, Problem};
use thiserror::Error as ThisError;

use crate::tls::CertificateError;

/// What ended an order.
#[derive(Debug, ThisError)]
pub(super) enum Failure {
    /// The authority refused, or could not be spoken to.
    #[error(transparent)]
    Acme(#[from] Error),
    /// The authority looked, and did not find the bridge at this name.
    #[error("{name}: {}", .problem.as_ref().map_or("not proven".to_owned(), ToString::to_string))]
    Unproven {
        name: String,
        problem: Option<Problem>,
    },
    /// The authority does not offer to look for the bridge on port 443.
    #[error("{0}: the authority offers no tls-alpn-01")]
    NoChallenge(String),
    /// The certificate that came is none.
    #[error(transparent)]
    Certificate(CertificateError),
    /// A key or a request for a certificate cannot be made.
    #[error(transparent)]
    Key(#[from] rcgen::Error),
    /// What is obtained could not be kept.
    #[error("cannot write to the folder of acme_cache: {0}")]
    Cache(io::Error),
    /// It took too long.
    #[error("the order took too long")]
    Slow,
}

impl Failure {
    /// The next step, for the log.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::Unproven { .. } => NOT_FOUND,
            Self::NoChallenge(_) => {
                "choose another authority, or get the certificate by another program and name it \
                 in tls_cert and tls_key"
            }
            Self::Cache(_) => "let the bridge write to the folder of acme_cache",
            Self::Acme(Error::Api(problem)) => advice_on(problem),
            Self::Acme(Error::Other(_) | Error::Json(_) | Error::Http(_)) => {
                "look whether this machine may open connections to the authority, and at \
                 acme_directory and acme_ca"
            }
            Self::Acme(_) | Self::Certificate(_) | Self::Key(_) | Self::Slow => {
                "it may pass: the bridge tries again by itself"
            }
        }
    }

    /// Whether the authority has forgotten the account that is kept.
    pub(super) fn is_unknown_account(&self) -> bool {
        match self {
            Self::Acme(Error::Api(problem)) => kind(problem) == "accountDoesNotExist",
            _ => false,
        }
    }
}

const NOT_FOUND: &str = "the name must lead to this machine for the whole world, and port 443 \
                         there to this bridge: look at DNS, firewall and port forwarding";

/// The last word of a problem's type: [RFC 8555 §6.7].
fn kind(problem: &Problem) -> &str {
    let name = problem.r#type.as_deref().unwrap_or_default();
    name.rsplit(':').next().unwrap_or_default()
}

fn advice_on(problem: &Problem) -> &'static str {
    match kind(problem) {
        "connection" | "dns" | "tls" | "unauthorized" | "incorrectResponse" => NOT_FOUND,
        "caa" => "a CAA record of the name's DNS forbids this authority: change it",
        "rateLimited" => "the authority counts: wait, and do not start again and again",
        "rejectedIdentifier" | "unsupportedIdentifier" | "malformed" => {
            "the authority gives no certificate for these names: look at acme_domains"
        }
        "invalidContact" | "unsupportedContact" => "look at acme_contact",
        "externalAccountRequired" | "userActionRequired" => {
            "the authority wants something from you beforehand: get the certificate by another \
             program and name it in tls_cert and tls_key, or choose another authority"
        }
        "accountDoesNotExist" => "the authority has forgotten the account: a new one is made",
        _ => "it may pass: the bridge tries again by itself",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(kind: &str) -> Failure {
        let text = format!(r#"{{"type":"urn:ietf:params:acme:error:{kind}","detail":"because"}}"#);
        Failure::Acme(Error::Api(serde_json::from_str(&text).unwrap()))
    }

    #[test]
    fn every_failure_says_what_to_do() {
        for (kind, part) in [
            ("dns", "port 443"),
            ("caa", "CAA"),
            ("rateLimited", "wait"),
            ("rejectedIdentifier", "acme_domains"),
            ("invalidContact", "acme_contact"),
            ("externalAccountRequired", "tls_cert"),
            ("serverInternal", "tries again"),
        ] {
            assert!(problem(kind).advice().contains(part), "{kind}");
        }
        let unreachable = Failure::Acme(Error::Other("no route".into()));
        assert!(unreachable.advice().contains("acme_directory"));
    }

    #[test]
    fn only_an_account_that_is_unknown_is_forgotten() {
        assert!(problem("accountDoesNotExist").is_unknown_account());
        assert!(!problem("unauthorized").is_unknown_account());
    }
}
