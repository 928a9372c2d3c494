//! Protocol and transport errors as the problems that the page reports.

use restante_shared::pop3::session::{MisuseError, PeerError, UpgradeError};
use restante_shared::relay::CloseCode;

use crate::api::problem::{Problem, ProblemKind};
use crate::transport::TransportError;

impl From<ProblemKind> for Problem {
    fn from(kind: ProblemKind) -> Self {
        Self::new(kind)
    }
}

impl From<PeerError> for Problem {
    fn from(error: PeerError) -> Self {
        let kind = match &error {
            PeerError::NotPop3 => ProblemKind::NotPop3,
            PeerError::Unsolicited(_)
            | PeerError::ClosedEarly(_)
            | PeerError::ClosedMidReply(_) => ProblemKind::ConnectionLost,
            PeerError::NoStatus(_) | PeerError::LineTooLong(_) | PeerError::Injected => {
                ProblemKind::ProtocolBroken
            }
            // Variants of a later version. The server caused them all.
            _ => ProblemKind::ProtocolBroken,
        };
        Self::with_detail(kind, error.to_string())
    }
}

impl From<MisuseError> for Problem {
    /// Reports a fault of this client.
    fn from(error: MisuseError) -> Self {
        Self::with_detail(ProblemKind::ProtocolBroken, error.to_string())
    }
}

impl From<UpgradeError> for Problem {
    fn from(error: UpgradeError) -> Self {
        match error {
            UpgradeError::Misuse(error) => error.into(),
            UpgradeError::Peer(error) => error.into(),
        }
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
    fn each_close_code_has_its_own_problem() {
        let kinds: HashSet<_> = CloseCode::ALL
            .into_iter()
            .map(|code| Problem::from(TransportError::Relay(code)).kind)
            .collect();
        // An expired relay is reported as a lost connection, so that the client reconnects.
        assert_eq!(kinds.len(), CloseCode::ALL.len() - 1);
    }
}
