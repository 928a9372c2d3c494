//! What can go wrong between this client and the mail server.

use std::io;

use restante_shared::relay::CloseCode;
use thiserror::Error;

use crate::api::event::{Problem, ProblemKind};

/// Why there is no connection (any more).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransportError {
    /// The WebSocket could not be opened.
    #[error("the bridge cannot be reached")]
    BridgeUnreachable,
    /// The bridge closed the relay and said why.
    #[error("the bridge closed the relay: {0:?}")]
    Relay(CloseCode),
    /// The connection broke without a word.
    #[error("the connection was lost")]
    Lost,
    /// The server's certificate is not trusted.
    #[error("the certificate is not trusted: {0}")]
    CertificateNotTrusted(String),
    /// The two sides do not agree on TLS.
    #[error("no TLS with the server: {0}")]
    Tls(String),
    /// The trusted CA of the mailbox cannot be read.
    #[error("the trusted CA is no certificate: {0}")]
    CaNotReadable(String),
}

impl TransportError {
    /// Finds what an error of a connection of this module means.
    #[must_use]
    pub fn of(error: &io::Error) -> Self {
        let inner = error.get_ref();
        if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<Self>()) {
            return error.clone();
        }
        match inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(error) => Self::Tls(error.to_string()),
            None => Self::Lost,
        }
    }
}

impl From<TransportError> for io::Error {
    fn from(error: TransportError) -> Self {
        Self::other(error)
    }
}

impl From<TransportError> for Problem {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::BridgeUnreachable => Self::new(ProblemKind::BridgeUnreachable),
            TransportError::Relay(code) => Self::new(match code {
                CloseCode::Policy => ProblemKind::BridgeRefusedTarget,
                CloseCode::NameNotFound => ProblemKind::UnknownHost,
                CloseCode::Refused => ProblemKind::ConnectionRefused,
                CloseCode::TimedOut => ProblemKind::TimedOut,
                CloseCode::TooMany => ProblemKind::BridgeBusy,
                CloseCode::ShuttingDown => ProblemKind::BridgeShuttingDown,
                CloseCode::Broken | CloseCode::Expired => ProblemKind::ConnectionLost,
                CloseCode::AccessDenied => ProblemKind::BridgeWantsSignIn,
                CloseCode::ForeignPage => ProblemKind::BridgeRefusedPage,
            }),
            TransportError::Lost => Self::new(ProblemKind::ConnectionLost),
            TransportError::CertificateNotTrusted(reason) => {
                Self::with_detail(ProblemKind::CertificateNotTrusted, reason)
            }
            TransportError::Tls(reason) => Self::with_detail(ProblemKind::TlsFailed, reason),
            TransportError::CaNotReadable(reason) => {
                Self::with_detail(ProblemKind::CaNotReadable, reason)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_error_survives_its_way_through_io() {
        for error in [
            TransportError::Relay(CloseCode::Policy),
            TransportError::CertificateNotTrusted("expired".to_owned()),
        ] {
            assert_eq!(TransportError::of(&io::Error::from(error.clone())), error);
        }
        let other = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(TransportError::of(&other), TransportError::Lost);
    }

    #[test]
    fn each_close_code_is_a_problem_of_its_own() {
        let kinds: HashSet<_> = CloseCode::ALL
            .into_iter()
            .map(|code| Problem::from(TransportError::Relay(code)).kind)
            .collect();
        // An expired relay is a connection that was lost, and is dialled again like one.
        assert_eq!(kinds.len(), CloseCode::ALL.len() - 1);
    }
}
