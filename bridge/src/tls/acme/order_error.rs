//! Why an order has failed, and what the operator can do about it.

use std::io;

use instant_acme::{Error, Problem};
use thiserror::Error as ThisError;

use crate::tls::CertificateError;

/// Why an order has failed.
#[derive(Debug, ThisError)]
pub(super) enum OrderError {
    /// The authority refused the request, or could not be reached.
    #[error(transparent)]
    Acme(#[from] Error),
    /// The authority could not validate that the bridge serves this name.
    #[error("{name}: {}", .problem.as_ref().map_or("validation failed".to_owned(), ToString::to_string))]
    Unproven {
        name: String,
        problem: Option<Problem>,
    },
    /// The authority does not offer a validation on port 443.
    #[error("{0}: the authority does not offer tls-alpn-01")]
    NoChallenge(String),
    /// The issued certificate is invalid.
    #[error(transparent)]
    Certificate(CertificateError),
    /// A key or a certificate request could not be created.
    #[error(transparent)]
    Key(#[from] rcgen::Error),
    /// The folder for the account and the certificate is not writable.
    #[error("cannot write to the folder of acme_cache: {0}")]
    Cache(io::Error),
    /// The order timed out.
    #[error("the order timed out")]
    Slow,
}

impl OrderError {
    /// Returns the operator's next step, for the log.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::Unproven { .. } => NOT_FOUND,
            Self::NoChallenge(_) => {
                "choose another authority, or obtain the certificate with another program and name it \
                 in tls_cert and tls_key"
            }
            Self::Cache(_) => "make the folder of acme_cache writable for the bridge",
            Self::Acme(Error::Api(problem)) => advice_on(problem),
            Self::Acme(Error::Other(_) | Error::Json(_) | Error::Http(_)) => {
                "check whether this machine can connect to the authority, and check \
                 acme_directory and acme_ca"
            }
            Self::Acme(_) | Self::Certificate(_) | Self::Key(_) | Self::Slow => {
                "usually temporary: the bridge retries by itself"
            }
        }
    }

    /// Returns true if the authority does not know the stored account.
    pub(super) fn is_unknown_account(&self) -> bool {
        match self {
            Self::Acme(Error::Api(problem)) => kind(problem) == "accountDoesNotExist",
            _ => false,
        }
    }
}

const NOT_FOUND: &str = "the name must resolve to this machine everywhere, and port 443 of that \
                         address must reach this bridge: check DNS, firewall and port forwarding";

/// Returns the last part of a problem's type: [RFC 8555 §6.7].
fn kind(problem: &Problem) -> &str {
    let name = problem.r#type.as_deref().unwrap_or_default();
    name.rsplit(':').next().unwrap_or_default()
}

fn advice_on(problem: &Problem) -> &'static str {
    match kind(problem) {
        "connection" | "dns" | "tls" | "unauthorized" | "incorrectResponse" => NOT_FOUND,
        "caa" => "a CAA record in the domain's DNS forbids this authority: change it",
        "rateLimited" => "a rate limit of the authority is reached: wait, and avoid restarts",
        "rejectedIdentifier" | "unsupportedIdentifier" | "malformed" => {
            "the authority does not issue certificates for these names: check acme_domains"
        }
        "invalidContact" | "unsupportedContact" => "check acme_contact",
        "externalAccountRequired" | "userActionRequired" => {
            "the authority requires a registration: obtain the certificate with another program \
             and name it in tls_cert and tls_key, or choose another authority"
        }
        "accountDoesNotExist" => {
            "the authority does not know the account: a new one will be created"
        }
        _ => "usually temporary: the bridge retries by itself",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(kind: &str) -> OrderError {
        let text = format!(r#"{{"type":"urn:ietf:params:acme:error:{kind}","detail":"because"}}"#);
        OrderError::Acme(Error::Api(serde_json::from_str(&text).unwrap()))
    }

    #[test]
    fn every_failure_has_advice() {
        for (kind, part) in [
            ("dns", "port 443"),
            ("caa", "CAA"),
            ("rateLimited", "wait"),
            ("rejectedIdentifier", "acme_domains"),
            ("invalidContact", "acme_contact"),
            ("externalAccountRequired", "tls_cert"),
            ("serverInternal", "retries"),
        ] {
            assert!(problem(kind).advice().contains(part), "{kind}");
        }
        let unreachable = OrderError::Acme(Error::Other("no route".into()));
        assert!(unreachable.advice().contains("acme_directory"));
    }

    #[test]
    fn only_an_unknown_account_is_removed() {
        assert!(problem("accountDoesNotExist").is_unknown_account());
        assert!(!problem("unauthorized").is_unknown_account());
    }
}
